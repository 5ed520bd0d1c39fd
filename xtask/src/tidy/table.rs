//! A manifest as a list of dependency entries, each with its line and the comment behind it.
//!
//! Cargo has already checked that the file is TOML, so this reads lines and keeps what a TOML
//! parser would throw away: where an entry stands and which comment follows it.

/// One `Cargo.toml`.
pub(super) struct Manifest {
    pub(super) path: String,
    pub(super) dependencies: Vec<Dependency>,
}

/// One entry of any dependency table, for building, for tests or for one platform alike.
pub(super) struct Dependency {
    name: String,
    /// The line of its name.
    pub(super) line: usize,
    /// The entry without its comments.
    value: String,
    /// What the last comment of the entry says.
    pub(super) comment: String,
    /// Whether it stands in `[workspace.dependencies]`, which declares and uses nothing yet.
    pub(super) is_declaration: bool,
}

impl Dependency {
    /// The package it names, also where the entry calls it something else.
    pub(super) fn package(&self) -> &str {
        self.text_of("package").unwrap_or(&self.name)
    }

    /// Whether it is a crate of this repository.
    pub(super) fn is_path(&self) -> bool {
        self.text_of("path").is_some()
    }

    /// The text a key of the entry holds: `path = "crates/a"`.
    fn text_of(&self, key: &str) -> Option<&str> {
        self.value.match_indices(key).find_map(|(at, _)| {
            let before = self.value[..at].chars().next_back();
            let starts_word = before.is_none_or(|c| !c.is_alphanumeric() && c != '"');
            let behind = self.value[at + key.len()..]
                .trim_start()
                .strip_prefix('=')?;
            let text = behind.trim_start().strip_prefix('"')?;
            starts_word.then_some(text.split('"').next()?)
        })
    }
}

/// What the lines below a header are.
#[derive(Clone, Copy)]
enum Section {
    Other,
    /// One entry a line: `[dependencies]`.
    Entries {
        is_declaration: bool,
    },
    /// All lines are one entry: `[dependencies.name]`.
    Entry,
}

impl Manifest {
    pub(super) fn read(path: &str, text: &str) -> Self {
        let mut manifest = Self {
            path: path.to_owned(),
            dependencies: Vec::new(),
        };
        let mut section = Section::Other;
        let mut depth = 0;
        for (raw, line) in text.lines().zip(1..) {
            let (code, comment) = split_comment(raw);
            if depth == 0 && code.starts_with('[') {
                section = manifest.open(code, line);
                manifest.extend(section, code, comment);
                continue;
            }
            match section {
                Section::Entries { is_declaration } if depth == 0 && !code.is_empty() => {
                    let name = code.split(['.', '=']).next().unwrap_or(code);
                    manifest.push(name, line, is_declaration);
                    manifest.extend(Section::Entry, code, comment);
                }
                Section::Entries { .. } if depth > 0 => {
                    manifest.extend(Section::Entry, code, comment);
                }
                other => manifest.extend(other, code, comment),
            }
            depth += depth_change(code);
        }
        manifest
    }

    fn open(&mut self, header: &str, line: usize) -> Section {
        let header = header.trim_matches(['[', ']']);
        let (above, last) = header.rsplit_once('.').unwrap_or(("", header));
        if last.ends_with("dependencies") {
            return Section::Entries {
                is_declaration: above == "workspace",
            };
        }
        let (root, table) = above.rsplit_once('.').unwrap_or(("", above));
        if !table.ends_with("dependencies") {
            return Section::Other;
        }
        self.push(last, line, root == "workspace");
        Section::Entry
    }

    fn push(&mut self, name: &str, line: usize, is_declaration: bool) {
        let name = name.trim().trim_matches('"').to_owned();
        let (value, comment) = (String::new(), String::new());
        self.dependencies.push(Dependency {
            name,
            line,
            value,
            comment,
            is_declaration,
        });
    }

    fn extend(&mut self, section: Section, code: &str, comment: &str) {
        let Some(last) = self.dependencies.last_mut() else {
            return;
        };
        if matches!(section, Section::Entry) {
            last.value.push_str(code);
            last.value.push('\n');
            // A comment on a line of its own heads what follows it.
            if !comment.is_empty() && !code.is_empty() {
                comment.clone_into(&mut last.comment);
            }
        }
    }
}

/// A line without its comment, and the comment; a `#` inside a text is no comment.
fn split_comment(line: &str) -> (&str, &str) {
    let mut in_text = false;
    for (at, letter) in line.char_indices() {
        match letter {
            '"' => in_text = !in_text,
            '#' if !in_text => return (line[..at].trim(), line[at + 1..].trim()),
            _ => {}
        }
    }
    (line.trim(), "")
}

/// How many brackets a line leaves open.
fn depth_change(code: &str) -> i32 {
    let mut in_text = false;
    code.chars().fold(0, |depth, letter| {
        in_text ^= letter == '"';
        match letter {
            '[' | '{' if !in_text => depth + 1,
            ']' | '}' if !in_text => depth - 1,
            _ => depth,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_dependency_is_read() {
        let text = "[package]\nname = \"a\"\n\n[dependencies]\nb.workspace = true # b's reason\n\
                    c = { package = \"d\", features = [\n  \"#e\",\n] } # c's reason\n# a heading\n\
                    [target.'cfg(unix)'.dev-dependencies]\n\"f\" = \"1\"\n\
                    [build-dependencies.g] # g's reason\nversion = \"1\"\npath = \"../g\"\n\
                    [workspace.dependencies]\nh = \"1\"\n[features]\ni = []\n";
        let manifest = Manifest::read("Cargo.toml", text);
        let read: Vec<String> = manifest
            .dependencies
            .iter()
            .map(|d| {
                let place = if d.is_declaration { "declared" } else { "used" };
                let origin = if d.is_path() { "path" } else { "registry" };
                format!("{} {} {place} {origin} {}", d.line, d.package(), d.comment)
            })
            .collect();
        let expected = [
            "5 b used registry b's reason",
            "6 d used registry c's reason",
            "11 f used registry ",
            "12 g used path g's reason",
            "16 h declared registry ",
        ];
        assert_eq!(read, expected);
    }
}
