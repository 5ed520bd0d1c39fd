//! Right bodies of calls about holders, their files, and what forms are filled in with.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::World;
use crate::{fincard::support, harness::callers};

/// The fields of a body as the parts of a form.
pub fn form(fields: &Value) -> Vec<u8> {
    let mut form = String::new();
    for (name, value) in fields.as_object().unwrap() {
        let value = value.as_str().unwrap_or_default();
        let head = "--part\r\nContent-Disposition: form-data; name=";
        let _ = write!(form, "{head}\"{name}\"\r\n\r\n{value}\r\n");
    }
    form += "--part--\r\n";
    form.into_bytes()
}

/// A body that the route takes, if it is one of those.
pub fn body(world: &World<'_>, path: &str, number: u32) -> Option<Value> {
    let path = path.strip_prefix("/api/v2.1/fincard/virtual/")?;
    Some(match path {
        "common/region" | "common/mobileAreaCode" | "card/holder/occupations" => json!({}),
        "common/city" | "common/v2/city" => json!({"regionCode": "LT"}),
        "common/file/upload" => {
            json!({"file": "%PDF-1.7 x", "fileName": "x.pdf", "category": "card"})
        }
        "card/holder/v2/create" | "card/holder/create" if number.is_multiple_of(2) => {
            support::business(&format!("random-{number}@example.com"))
        }
        "card/holder/v2/create" | "card/holder/create" => {
            callers::holder(&format!("random-{number}@example.com"))
        }
        "card/holder/v2/update" | "card/holder/update" => json!({
            "holderId": world.reviewed, "firstName": "Eva", "town": "PT_14", "riskLevel": "LOW",
            "mailingAddress": {"city": "Porto", "isPrimary": true},
        }),
        "card/holder/updateEmail" => {
            let email = format!("new-{number}@example.com");
            json!({"holderId": world.holder, "email": email})
        }
        "card/holder/list" => {
            json!({"searchTerm": "a", "pageNum": 1, "pageSize": 5, "status": "pass_audit"})
        }
        _ => return None,
    })
}
