//! The prose of a document that comes from tables.

use std::fmt::Write as _;

use crate::api::route::{Effect, ErrorDoc, Route, Surface};

/// What stands at the head of a surface's document: its contract and the table of its errors.
pub(super) fn head(surface: &Surface) -> String {
    let mut text = surface.contract.about.to_owned();
    if let [first, others @ ..] = surface.prefixes
        && !others.is_empty()
    {
        let others = listed(others);
        let _ = write!(
            text,
            "\n\n## Prefixes\n\nEvery operation is under `{first}` and, without any difference, under \
             {others}."
        );
    }
    text.push_str("\n\n## Errors\n\n| HTTP | Code | Meaning |\n|---|---|---|\n");
    for error in (surface.contract.errors)() {
        let _ = writeln!(
            text,
            "| {} | `{}` | {} |",
            error.http, error.text, error.meaning
        );
    }
    text
}

/// What an operation does to the records, its number in the published list, who may call it, and what
/// else is to be said about it.
pub(super) fn description(surface: &Surface, route: &Route) -> String {
    let effect = match route.effect {
        Effect::Reads => "Only reads: asking again changes nothing.",
        Effect::Changes => "Changes something.",
    };
    let number = route
        .number
        .map(|number| format!(" Number {number} of the published list."));
    let role = route
        .role
        .map(|role| format!(" For the role `{}` and above.", role.word()));
    let note = (surface.contract.note)(route);
    let newer = note
        .superseded_by
        .map(|newer| format!(" Deprecated: call `{newer}` in its place."));
    let about = note.about.map(|about| format!("\n\n{about}"));
    [Some(effect.to_owned()), number, role, newer, about]
        .into_iter()
        .flatten()
        .collect()
}

/// Codes with their meanings, as a list.
pub(super) fn codes(errors: &[&ErrorDoc]) -> String {
    let lines = errors
        .iter()
        .map(|error| format!("- `{}`: {}", error.text, error.meaning));
    lines.collect::<Vec<_>>().join("\n")
}

/// Names as a sentence has them: `a`, `b` and `c`.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{}`", n.as_ref())).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
