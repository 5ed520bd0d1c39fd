//! Which `Content-Type` a JSON call may carry. One charset only: what is signed and what is read
//! must be the same bytes in the same meaning.

/// Whether this is `application/json`, in any case, with nothing but an optional UTF-8 charset.
///
/// ```
/// use cardwright_wire::media_type::is_json;
///
/// assert!(is_json(b"Application/JSON; charset=\"UTF-8\""));
/// assert!(!is_json(b"application/json; charset=iso-8859-1"));
/// assert!(!is_json(b"text/json"));
/// ```
pub fn is_json(value: &[u8]) -> bool {
    let Ok(value) = std::str::from_utf8(value) else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let is_application_json = parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    is_application_json && parts.all(|parameter| parameter.is_empty() || is_utf8(parameter))
}

fn is_utf8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return false;
    };
    let value = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value);
    name.eq_ignore_ascii_case("charset") && value.eq_ignore_ascii_case("utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_utf8_and_nothing_else() {
        for good in [
            "application/json",
            "APPLICATION/JSON;charset=utf-8",
            "application/json ; Charset=UTF-8",
            "application/json;",
        ] {
            assert!(is_json(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "json",
            "text/plain",
            "application/jsonp",
            "application/problem+json",
            "application/json; charset=utf-16",
            "application/json; charset",
            "application/json; version=1",
            "multipart/form-data; boundary=x",
            "application/json, text/plain",
        ] {
            assert!(!is_json(bad.as_bytes()), "{bad}");
        }
        assert!(!is_json(b"application/json\xff"));
    }
}
