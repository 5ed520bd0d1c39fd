//! Every dependency of the workspace says why it is there.

use super::{Repository, Violation};

pub(super) fn check(repository: &Repository) -> Vec<Violation> {
    let root = repository
        .manifests
        .iter()
        .filter(|manifest| manifest.path == "Cargo.toml");
    let silent = root.flat_map(|manifest| {
        let declared = manifest.dependencies.iter().filter(|d| d.is_declaration);
        declared
            .filter(|d| !d.is_path() && d.comment.is_empty())
            .map(|d| {
                let advice = format!("say behind `{}` with `# …` what it is for", d.package());
                Violation::new(&manifest.path, d.line, "dependency-reason", advice)
            })
    });
    silent.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::said;

    #[test]
    fn a_dependency_without_a_reason_is_refused() {
        let text = "[workspace.dependencies]\na = \"1\" # counts\nb = \"1\"\n# c\nc = \"1\" #\n\
                    d = { version = \"1\", features = [\"#e\"] }\n";
        let expected = [3, 5, 6].map(|line| format!("Cargo.toml:{line}: dependency-reason"));
        assert_eq!(said(check, &[("Cargo.toml", text)]), expected);
    }

    #[test]
    fn own_crates_and_uses_of_a_declared_dependency_need_no_reason() {
        let text = "[workspace.dependencies]\na = { path = \"crates/a\" }\nb = \"1\" # counts\n\
                    [profile.dev]\ndebug = true\n";
        let member = "[dependencies]\nb.workspace = true\n";
        let files = [("Cargo.toml", text), ("crates/a/Cargo.toml", member)];
        assert!(said(check, &files).is_empty());
    }
}
