//! What a sandbox tells a person when it is ready: calls to paste, and no secret.

use std::path::Path;

use super::Running;

/// A person to create; any values would do.
const PERSON: &str = r#"{"external_id":"person-1","first_name":"Ada","last_name":"Berg","birth_date":"1990-05-17","email":"ada@example.com","phone":"+37060000000","address":{"line1":"Gedimino pr. 1","city":"Vilnius","postal_code":"LT-01103","country":"LT"}}"#;

/// The first person that every sandbox is seeded with.
const DEMO_PERSON: &str = r#"{"person_id":"10011000000000000001"}"#;

/// The text. `program` is how this program is called.
pub fn text(running: &Running, program: &Path) -> String {
    let url = &running.file.base_url;
    let directory = running.directory();
    let file = directory.join("sandbox.json");
    let trust = match &running.file.tls_certificate_path {
        Some(path) => format!(" --cacert {}", quoted(path)),
        None => String::new(),
    };
    let card = quoted(&program.to_string_lossy());
    let from = format!("--data {}", quoted(&directory.to_string_lossy()));
    format!(
        "Cardwright sandbox is ready at {url}\n\
         Credentials: {}\n\
         Documents:   {url}/docs\n\
         \n\
         # FINCI: create a person with a signed request\n\
         {card} call finci POST /v1/create-person '{PERSON}' {from}\n\
         \n\
         # FinCard: log in and list the accounts\n\
         {card} call fincard account/info {from}\n\
         \n\
         # FINCI with curl, listing the cards of a demo person\n\
         BODY='{DEMO_PERSON}'\n\
         {card} sign POST /v1/get-cards \"$BODY\" --headers {from} | \
         curl{trust} -H @- --json \"$BODY\" {url}/v1/get-cards\n\
         \n",
        file.display()
    )
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@+,=".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_a_quoted_word_as_it_is() {
        assert_eq!(quoted("/srv/card-data_1"), "/srv/card-data_1");
        assert_eq!(quoted("my data"), "'my data'");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }
}
