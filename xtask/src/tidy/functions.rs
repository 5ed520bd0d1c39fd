//! The functions of a source, with what the rules ask of each.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::source::{self, Source};

/// One function, method or trait method, nested ones included.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) line: usize,
    /// From the signature to the closing brace.
    pub(super) line_count: usize,
    /// Arguments without `self`.
    pub(super) argument_count: usize,
    /// Names of the arguments that are booleans.
    pub(super) boolean_arguments: Vec<String>,
    pub(super) is_public: bool,
    /// Name and arguments were chosen by the trait it implements.
    pub(super) is_dictated: bool,
    /// Its name is a claim that a test proves.
    pub(super) is_test: bool,
}

/// Every function of the source, in the order of its lines.
pub(super) fn of(source: &Source) -> Vec<Function> {
    let mut reader = Reader::default();
    reader.visit_file(&source.syntax);
    reader.functions
}

#[derive(Default)]
struct Reader {
    functions: Vec<Function>,
    is_in_trait_impl: bool,
    is_in_public_trait: bool,
}

impl Reader {
    fn keep(
        &mut self,
        attributes: &[syn::Attribute],
        signature: &syn::Signature,
        end: proc_macro2::Span,
        is_public: bool,
    ) {
        let line = signature.span().start().line;
        let typed = || {
            signature
                .inputs
                .iter()
                .filter_map(|argument| match argument {
                    syn::FnArg::Typed(typed) => Some(typed),
                    syn::FnArg::Receiver(_) => None,
                })
        };
        self.functions.push(Function {
            name: signature.ident.to_string(),
            line,
            line_count: end.end().line + 1 - line,
            argument_count: typed().count(),
            boolean_arguments: typed()
                .filter(|a| is_boolean(&a.ty))
                .map(argument_name)
                .collect(),
            is_public,
            is_dictated: self.is_in_trait_impl,
            is_test: source::is_for_tests(attributes),
        });
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let is_in_trait_impl = std::mem::take(&mut self.is_in_trait_impl);
        self.keep(
            &item.attrs,
            &item.sig,
            item.block.span(),
            is_public(&item.vis),
        );
        visit::visit_item_fn(self, item);
        self.is_in_trait_impl = is_in_trait_impl;
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let outer = std::mem::replace(&mut self.is_in_trait_impl, item.trait_.is_some());
        visit::visit_item_impl(self, item);
        self.is_in_trait_impl = outer;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.keep(
            &item.attrs,
            &item.sig,
            item.block.span(),
            is_public(&item.vis),
        );
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        let outer = std::mem::replace(&mut self.is_in_public_trait, is_public(&item.vis));
        visit::visit_item_trait(self, item);
        self.is_in_public_trait = outer;
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.keep(&item.attrs, &item.sig, item.span(), self.is_in_public_trait);
        visit::visit_trait_item_fn(self, item);
    }
}

/// Public to the world or to a part of the crate: somebody else reads the call.
fn is_public(visibility: &syn::Visibility) -> bool {
    !matches!(visibility, syn::Visibility::Inherited)
}

fn is_boolean(kind: &syn::Type) -> bool {
    match kind {
        syn::Type::Path(path) => path.path.is_ident("bool"),
        syn::Type::Reference(reference) => is_boolean(&reference.elem),
        syn::Type::Paren(inner) => is_boolean(&inner.elem),
        syn::Type::Group(inner) => is_boolean(&inner.elem),
        _ => false,
    }
}

fn argument_name(argument: &syn::PatType) -> String {
    match &*argument.pat {
        syn::Pat::Ident(name) => name.ident.to_string(),
        _ => "_".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_arguments_are_counted_as_a_reader_would() {
        let text = "//! A.\n/// Doc.\n#[inline]\npub fn a(\n    b: u8,\n) {\n    fn c() {}\n}\n\
                    trait D {\n    fn e(&self, f: u8, g: u8);\n}\n\
                    impl D for E {\n    fn e(&self, f: u8, g: u8) {}\n}\n";
        let source = Source::read("crates/a/src/lib.rs", text).expect("the fixture parses");
        let read: Vec<_> = of(&source)
            .into_iter()
            .map(|f| {
                (
                    f.name,
                    f.line,
                    f.line_count,
                    f.argument_count,
                    f.is_dictated,
                )
            })
            .collect();
        let expected = [
            ("a".to_owned(), 4, 5, 1, false),
            ("c".to_owned(), 7, 1, 0, false),
            ("e".to_owned(), 10, 1, 2, false),
            ("e".to_owned(), 13, 1, 2, true),
        ];
        assert_eq!(read, expected);
    }
}
