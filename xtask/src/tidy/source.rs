//! One Rust file, parsed: its tokens, its syntax, which lines are tests and which hold code.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::Violation;

/// One Rust file of the repository.
pub(super) struct Source {
    /// Path relative to the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    pub(super) tokens: TokenStream,
    pub(super) syntax: syn::File,
    /// The whole file is test code: by its name, its folder or its declaration.
    pub(super) is_test: bool,
    test_lines: Vec<RangeInclusive<usize>>,
}

impl Source {
    pub(super) fn read(path: &str, text: &str) -> Result<Self, Violation> {
        let refused = |span: Span, error: String| {
            let advice = format!("make it parse as Rust ({error})");
            Violation::new(path, span.start().line, "parse", advice)
        };
        let tokens: TokenStream = text
            .parse()
            .map_err(|e: proc_macro2::LexError| refused(e.span(), e.to_string()))?;
        let syntax: syn::File =
            syn::parse2(tokens.clone()).map_err(|e| refused(e.span(), e.to_string()))?;
        let mut tests = TestLines(Vec::new());
        tests.visit_file(&syntax);
        Ok(Self {
            path: path.to_owned(),
            text: text.to_owned(),
            tokens,
            syntax,
            is_test: is_test_path(path),
            test_lines: tests.0,
        })
    }

    /// The crate's folder name: `cardwright-core`, `xtask`.
    pub(super) fn crate_name(&self) -> &str {
        let below = self.path.strip_prefix("crates/").unwrap_or(&self.path);
        below.split('/').next().unwrap_or_default()
    }

    /// Where the file stands in its crate: `api`, `finci`, `cards`. The crate root is empty, and
    /// so are files outside `src/`, which are crates of their own.
    pub(super) fn module(&self) -> Vec<String> {
        let Some((_, inside)) = self.path.split_once("/src/") else {
            return Vec::new();
        };
        let mut module: Vec<String> = inside
            .trim_end_matches(".rs")
            .split('/')
            .map(str::to_owned)
            .collect();
        if module
            .last()
            .is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str()))
        {
            module.pop();
        }
        module
    }

    /// Whether a line belongs to a test.
    pub(super) fn is_test_line(&self, line: usize) -> bool {
        self.is_test || self.test_lines.iter().any(|range| range.contains(&line))
    }

    /// Lines that hold code: not blank, not comment, not documentation.
    pub(super) fn code_lines(&self) -> BTreeSet<usize> {
        let lines: Vec<&str> = self.text.lines().collect();
        let mut code = BTreeSet::new();
        mark_code(&self.tokens, &lines, &mut code);
        code.retain(|line| {
            lines
                .get(line - 1)
                .is_some_and(|text| !text.trim().is_empty())
        });
        code
    }

    /// Files of the modules this file declares for tests only, without their ending.
    pub(super) fn declared_test_modules(&self) -> Vec<String> {
        let stem = self.path.trim_end_matches(".rs");
        let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
        let base = if ["mod", "lib", "main"].contains(&name) {
            folder
        } else {
            stem
        };
        let declared = self.syntax.items.iter().filter_map(|item| match item {
            syn::Item::Mod(module) if module.content.is_none() && is_for_tests(&module.attrs) => {
                Some(format!("{base}/{}", module.ident))
            }
            _ => None,
        });
        declared.collect()
    }
}

/// Whether attributes say that an item exists in tests only: `#[cfg(test)]`, `#[test]` and its
/// kin such as `#[tokio::test]`.
pub(super) fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        let is_test = path
            .segments
            .last()
            .is_some_and(|last| last.ident == "test");
        is_test || (path.is_ident("cfg") && is_cfg_test(&attribute.meta))
    })
}

fn is_cfg_test(meta: &syn::Meta) -> bool {
    matches!(meta, syn::Meta::List(list) if names_test(list.tokens.clone()))
}

/// Whether a condition asks for tests, alone or among others; `not(test)` asks for the opposite.
fn names_test(condition: TokenStream) -> bool {
    let mut is_negated = false;
    condition.into_iter().any(|token| match token {
        TokenTree::Ident(name) => {
            is_negated = name == "not";
            name == "test"
        }
        TokenTree::Group(group) => !is_negated && names_test(group.stream()),
        _ => false,
    })
}

fn is_test_path(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').any(|part| part == "tests")
}

struct TestLines(Vec<RangeInclusive<usize>>);

impl TestLines {
    fn keep(&mut self, attributes: &[syn::Attribute], item: &impl Spanned) {
        if is_for_tests(attributes) {
            // The joined span of an item begins at its first attribute.
            self.0
                .push(item.span().start().line..=item.span().end().line);
        }
    }
}

impl<'ast> Visit<'ast> for TestLines {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        self.keep(attributes_of(item), item);
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.keep(&function.attrs, function);
        visit::visit_impl_item_fn(self, function);
    }
}

fn attributes_of(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Marks the lines of every token except documentation, which the lexer turns into attributes.
fn mark_code(tokens: &TokenStream, lines: &[&str], code: &mut BTreeSet<usize>) {
    let mut in_documentation = false;
    for token in tokens.clone() {
        if in_documentation {
            in_documentation = !matches!(token, TokenTree::Group(_));
            continue;
        }
        match &token {
            TokenTree::Punct(mark) if mark.as_char() == '#' && is_comment(token.span(), lines) => {
                in_documentation = true;
            }
            TokenTree::Group(group) => {
                code.insert(group.span_open().start().line);
                mark_code(&group.stream(), lines, code);
                code.insert(group.span_close().end().line);
            }
            _ => code.extend(token.span().start().line..=token.span().end().line),
        }
    }
}

fn is_comment(span: Span, lines: &[&str]) -> bool {
    let start = span.start();
    let line = lines
        .get(start.line.wrapping_sub(1))
        .copied()
        .unwrap_or_default();
    let rest: String = line.chars().skip(start.column).take(2).collect();
    rest == "//" || rest == "/*"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, text: &str) -> Source {
        Source::read(path, text).expect("the fixture parses")
    }

    #[test]
    fn comments_documentation_and_blank_lines_are_not_code() {
        let text = "//! Head.\n\n/// Doc.\n#[derive(Debug)]\npub struct A {\n    // why\n    \
                    /** b */\n    b: u8,\n}\nconst C: &str = \"x\n\ny\";\n";
        let code = read("crates/a/src/lib.rs", text).code_lines();
        assert_eq!(code.into_iter().collect::<Vec<_>>(), [4, 5, 8, 9, 10, 12]);
    }

    #[test]
    fn a_test_block_is_test_from_its_attribute_to_its_brace() {
        let text = "//! A.\nfn code() {}\n#[cfg(test)]\nmod tests {\n    fn a() {}\n}\nfn b() {}\n";
        let source = read("crates/a/src/lib.rs", text);
        let tests: Vec<usize> = (1..=7).filter(|line| source.is_test_line(*line)).collect();
        assert_eq!(tests, [3, 4, 5, 6]);
    }

    #[test]
    fn a_file_is_test_code_by_its_name_or_folder() {
        for path in ["crates/a/src/cards/tests.rs", "crates/a/tests/api.rs"] {
            assert!(read(path, "//! T.\n").is_test, "{path}");
        }
        assert!(!read("crates/a/src/contests.rs", "//! T.\n").is_test);
    }

    #[test]
    fn a_cfg_without_test_is_not_for_tests() {
        let attributes = |text: &str| syn::parse_str::<syn::ItemFn>(text).expect("parses").attrs;
        assert!(is_for_tests(&attributes(
            "#[cfg(any(test, unix))] fn a() {}"
        )));
        assert!(is_for_tests(&attributes("#[tokio::test] fn a() {}")));
        assert!(!is_for_tests(&attributes("#[cfg(not(test))] fn a() {}")));
        assert!(!is_for_tests(&attributes("#[cfg(unix)] fn a() {}")));
    }

    #[test]
    fn a_file_knows_its_module() {
        let module = |path: &str| read(path, "//! M.\n").module().join("::");
        assert_eq!(module("crates/a/src/api/finci/mod.rs"), "api::finci");
        assert_eq!(
            module("crates/a/src/api/finci/cards.rs"),
            "api::finci::cards"
        );
        assert_eq!(module("crates/a/src/lib.rs"), "");
        assert_eq!(module("crates/a/tests/api.rs"), "");
    }
}
