//! Which crate may depend on which: core knows nobody, wire knows core, server and client know
//! wire but not each other, and only the binary joins them.
//!
//! Dependencies for tests count too: a test that needs a forbidden crate stands in the wrong one.

use super::table::Manifest;
use super::{Repository, Violation};

/// What one crate must not depend on, and what to do instead.
struct Arrow {
    krate: &'static str,
    forbidden: &'static [&'static str],
    instead: &'static str,
}

const ARROWS: [Arrow; 5] = [
    Arrow {
        krate: "cardwright-core",
        forbidden: &[
            "cardwright",
            "cardwright-wire",
            "cardwright-server",
            "cardwright-client",
            "tokio",
            "hyper",
            "axum",
            "rusqlite",
            "serde",
            "serde_json",
        ],
        instead: "core holds rules only: move what needs this to wire or server",
    },
    Arrow {
        krate: "cardwright-wire",
        forbidden: &["cardwright", "cardwright-server", "cardwright-client"],
        instead: "wire builds on core alone: move what needs this to its caller",
    },
    Arrow {
        krate: "cardwright-server",
        forbidden: &["cardwright", "cardwright-client"],
        instead: "share through wire, or join the two in the binary",
    },
    Arrow {
        krate: "cardwright-client",
        forbidden: &["cardwright", "cardwright-server"],
        instead: "share through wire, or join the two in the binary",
    },
    Arrow {
        krate: "xtask",
        forbidden: &[
            "cardwright",
            "cardwright-core",
            "cardwright-wire",
            "cardwright-server",
            "cardwright-client",
        ],
        instead: "chores must build while the product does not: read its files instead",
    },
];

pub(super) fn check(repository: &Repository) -> Vec<Violation> {
    repository
        .manifests
        .iter()
        .flat_map(check_manifest)
        .collect()
}

fn check_manifest(manifest: &Manifest) -> Vec<Violation> {
    let folder = manifest.path.rsplit('/').nth(1).unwrap_or_default();
    let Some(arrow) = ARROWS.iter().find(|arrow| arrow.krate == folder) else {
        return Vec::new();
    };
    let forbidden = manifest
        .dependencies
        .iter()
        .filter(|d| arrow.forbidden.contains(&d.package()))
        .map(|d| {
            let advice = format!(
                "{} must not depend on {}; {}",
                folder,
                d.package(),
                arrow.instead
            );
            Violation::new(&manifest.path, d.line, "crate-arrow", advice)
        });
    forbidden.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::said;

    #[test]
    fn each_crate_refuses_what_stands_beside_or_above_it() {
        let cases = [
            ("cardwright-core", "serde.workspace = true"),
            (
                "cardwright-core",
                "runtime = { package = \"tokio\", version = \"1\" }",
            ),
            ("cardwright-wire", "cardwright-server.workspace = true"),
            ("cardwright-server", "cardwright-client.workspace = true"),
            (
                "cardwright-client",
                "cardwright-server = { path = \"../cardwright-server\" }",
            ),
        ];
        for (name, line) in cases {
            let path = format!("crates/{name}/Cargo.toml");
            let text = format!("[package]\nname = \"{name}\"\n[dev-dependencies]\n{line}\n");
            assert_eq!(
                said(check, &[(&path, &text)]),
                [format!("{path}:4: crate-arrow")],
                "{line}"
            );
        }
    }

    #[test]
    fn the_drawn_arrows_are_free() {
        let text = "[dependencies]\ncardwright-client.workspace = true\n\
                    cardwright-server.workspace = true\n";
        assert!(said(check, &[("crates/cardwright/Cargo.toml", text)]).is_empty());
        let text = "[dependencies]\ncardwright-core.workspace = true\nserde.workspace = true\n";
        assert!(said(check, &[("crates/cardwright-wire/Cargo.toml", text)]).is_empty());
        let text = "[dependencies]\njiff.workspace = true\n";
        assert!(said(check, &[("crates/cardwright-core/Cargo.toml", text)]).is_empty());
    }
}
