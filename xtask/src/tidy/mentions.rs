//! Which paths a source names, made absolute, whether it imports them, calls them in full or hides
//! them inside a macro.
//!
//! This works on tokens, not on syntax, because the arguments of a macro are tokens only and a
//! rule that a macro can hide from is no rule. Names that `use` brought in are followed back;
//! scopes of imports are not told apart, so a file is taken as one scope.

use std::collections::HashMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::Source;

/// One path a source names. Paths into the own crate begin with `crate`, others with their crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
}

impl Mention {
    /// Whether the path begins with these segments.
    pub(super) fn starts_with(&self, prefix: &[&str]) -> bool {
        self.segments.len() >= prefix.len() && self.segments.iter().zip(prefix).all(|(a, b)| a == b)
    }
}

/// Every path the source names, imports first.
pub(super) fn of(source: &Source) -> Vec<Mention> {
    let mut reader = Reader::default();
    reader.walk(source.tokens.clone(), &source.module());
    let mut mentions: Vec<Mention> = reader.imports.iter().map(|i| i.mention.clone()).collect();
    let names: HashMap<&str, &[String]> = reader
        .imports
        .iter()
        .map(|import| (import.name.as_str(), import.mention.segments.as_slice()))
        .collect();
    for mention in &reader.paths {
        if let Some(origin) = names.get(mention.segments[0].as_str()) {
            mentions.push(below(origin, mention, 1));
            continue;
        }
        mentions.extend(reader.globs.iter().map(|glob| below(glob, mention, 0)));
        mentions.push(mention.clone());
    }
    mentions
}

fn below(origin: &[String], mention: &Mention, skipped: usize) -> Mention {
    let rest = &mention.segments[skipped..];
    Mention {
        segments: [origin, rest].concat(),
        line: mention.line,
    }
}

struct Import {
    name: String,
    mention: Mention,
}

#[derive(Default)]
struct Reader {
    imports: Vec<Import>,
    /// Modules of the own crate imported with `*`.
    globs: Vec<Vec<String>>,
    paths: Vec<Mention>,
}

impl Reader {
    fn walk(&mut self, stream: TokenStream, module: &[String]) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = match &tokens[at] {
                TokenTree::Ident(name) if name == "mod" => self.step_into(&tokens, at, module),
                // `use<'a>` in a bound captures lifetimes and imports nothing.
                TokenTree::Ident(name) if name == "use" && !is_before(&tokens, at, '<') => {
                    self.import(&tokens, at + 1, module)
                }
                TokenTree::Ident(_) if is_after_dot(&tokens, at) => at + 1,
                TokenTree::Ident(_) => self.path(&tokens, at, module),
                TokenTree::Group(group) => {
                    self.walk(group.stream(), module);
                    at + 1
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => at + 1,
            };
        }
    }

    /// `mod name { … }`: the same walk, one module deeper.
    fn step_into(&mut self, tokens: &[TokenTree], at: usize, module: &[String]) -> usize {
        if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) =
            (tokens.get(at + 1), tokens.get(at + 2))
        {
            self.walk(body.stream(), &[module, &[name.to_string()]].concat());
            return at + 3;
        }
        at + 1
    }

    /// `use …;`, given the token after `use`.
    fn import(&mut self, tokens: &[TokenTree], start: usize, module: &[String]) -> usize {
        let is_end = |token: &TokenTree| is_mark(token, ';');
        let end = tokens[start..]
            .iter()
            .position(is_end)
            .map_or(tokens.len(), |n| start + n);
        self.branch(&tokens[start..end], &[], module);
        end
    }

    /// One branch of an import tree below a prefix.
    fn branch(&mut self, tokens: &[TokenTree], prefix: &[String], module: &[String]) {
        let mut segments = prefix.to_vec();
        let mut name = None;
        let mut line = 0;
        let mut renamed = false;
        for token in tokens {
            match token {
                TokenTree::Ident(word) if word == "as" => renamed = true,
                TokenTree::Ident(word) if renamed => name = Some(word.to_string()),
                TokenTree::Ident(word) => {
                    line = word.span().start().line;
                    segments.push(word.to_string());
                }
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for branch in inner.split(|token| is_mark(token, ',')) {
                        self.branch(branch, &segments, module);
                    }
                    return;
                }
                _ if is_mark(token, '*') => {
                    line = token.span().start().line;
                    self.globs.push(absolute(&segments, module));
                }
                _ => {}
            }
        }
        if line > 0 {
            self.keep_import(segments, name, line, module);
        }
    }

    fn keep_import(
        &mut self,
        mut segments: Vec<String>,
        name: Option<String>,
        line: usize,
        module: &[String],
    ) {
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
        }
        let segments = absolute(&segments, module);
        if let Some(name) = name.or_else(|| segments.last().cloned()) {
            self.imports.push(Import {
                name,
                mention: Mention { segments, line },
            });
        }
    }

    /// A path outside `use`. A single name is a variable as likely as a crate, so it counts only
    /// with something behind it.
    fn path(&mut self, tokens: &[TokenTree], start: usize, module: &[String]) -> usize {
        let mut segments = vec![tokens[start].to_string()];
        let mut at = start + 1;
        while let Some(TokenTree::Ident(word)) = tokens.get(at + 2) {
            if !is_double_colon(tokens, at) {
                break;
            }
            segments.push(word.to_string());
            at += 3;
        }
        if segments.len() > 1 {
            let line = tokens[start].span().start().line;
            self.paths.push(Mention {
                segments: absolute(&segments, module),
                line,
            });
        }
        at
    }
}

/// Resolves `self` and `super` against the module that names the path.
fn absolute(segments: &[String], module: &[String]) -> Vec<String> {
    let mut base = module.to_vec();
    let mut rest = segments;
    let mut is_own = false;
    while let Some((first, tail)) = rest.split_first() {
        match first.as_str() {
            "crate" => base.clear(),
            "super" => drop(base.pop()),
            "self" => {}
            _ => break,
        }
        is_own = true;
        rest = tail;
    }
    if is_own {
        [&["crate".to_owned()], base.as_slice(), rest].concat()
    } else {
        rest.to_vec()
    }
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == mark)
}

fn is_double_colon(tokens: &[TokenTree], at: usize) -> bool {
    [at, at + 1]
        .iter()
        .all(|n| tokens.get(*n).is_some_and(|token| is_mark(token, ':')))
}

fn is_before(tokens: &[TokenTree], at: usize, mark: char) -> bool {
    tokens.get(at + 1).is_some_and(|token| is_mark(token, mark))
}

/// A field or method, not a path; `..` before a path is a range.
fn is_after_dot(tokens: &[TokenTree], at: usize) -> bool {
    let is_dot = |back: usize| at >= back && is_mark(&tokens[at - back], '.');
    is_dot(1) && !is_dot(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str, text: &str) -> Vec<String> {
        let source = Source::read(path, text).expect("the fixture parses");
        let mentions = of(&source);
        mentions
            .iter()
            .map(|m| format!("{} {}", m.line, m.segments.join("::")))
            .collect()
    }

    #[test]
    fn an_import_tree_is_taken_apart() {
        let text = "use crate::{api::{finci, fincard::Reply as R}, ops::{self, *}};\nuse axum;\n";
        let expected = [
            "1 crate::api::finci",
            "1 crate::api::fincard::Reply",
            "1 crate::ops",
            "1 crate::ops",
            "2 axum",
        ];
        assert_eq!(named("crates/a/src/lib.rs", text), expected);
    }

    #[test]
    fn self_and_super_are_resolved_where_they_stand() {
        let text = "type A = super::fincard::B;\nmod tests {\n    type C = super::super::D;\n}\n\
                    type E = self::F;\n";
        let expected = [
            "1 crate::api::fincard::B",
            "3 crate::api::D",
            "5 crate::api::finci::F",
        ];
        assert_eq!(named("crates/a/src/api/finci.rs", text), expected);
    }

    #[test]
    fn a_renamed_import_is_followed_back() {
        let text = "use crate::api as a;\nfn f() { a::fincard::g(); }\n";
        let expected = ["1 crate::api", "2 crate::api::fincard::g"];
        assert_eq!(named("crates/a/src/lib.rs", text), expected);
    }

    #[test]
    fn a_glob_import_may_bring_any_name() {
        let text = "use super::*;\nfn f() { fincard::g(); }\n";
        let expected = ["1 crate::api", "2 crate::api::fincard::g", "2 fincard::g"];
        assert_eq!(named("crates/a/src/api/finci.rs", text), expected);
    }

    #[test]
    fn a_macro_hides_nothing_and_a_variable_is_no_path() {
        let text = "fn f() {\n    let http = 1;\n    assert!(::http::G.http == http);\n}\n";
        assert_eq!(named("crates/a/src/lib.rs", text), ["3 http::G"]);
    }

    #[test]
    fn a_bound_that_captures_lifetimes_imports_nothing() {
        let text = "fn f<'a>(a: &'a u8) -> impl Sized + use<'a> { a }\nfn g() -> ops::A { 1; }\n";
        assert_eq!(named("crates/a/src/lib.rs", text), ["2 ops::A"]);
    }
}
