//! What stands behind the `?` of a read: names and texts, read by a shape like any body.

use axum::http::Uri;
use cardwright_wire::{
    json::{Json, JsonFault},
    shape::{self, BodyFault, Fault, FaultKind, Read, Shape},
};

/// Reads a query.
pub(super) fn read<T: Shape>(uri: &Uri) -> Result<Read<T>, BodyFault> {
    let query = uri.query().unwrap_or_default();
    let mut members: Vec<(String, Json)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name).ok_or_else(|| unreadable("query"))?;
        let value = decoded(value).ok_or_else(|| unreadable(&name))?;
        if members.iter().any(|(known, _)| *known == name) {
            return Err(JsonFault::DuplicateKey(name).into());
        }
        members.push((name, Json::Text(value)));
    }
    shape::from_members(&members).map_err(BodyFault::Fields)
}

fn unreadable(field: &str) -> BodyFault {
    BodyFault::Fields(vec![Fault::new(field, FaultKind::Invalid)])
}

/// The text behind percent signs and pluses, as forms write it (URL Standard, section 5.1); nothing
/// where that is no UTF-8 or a percent sign stands alone.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use cardwright_wire::native::List;

    use super::*;

    fn list(target: &'static str) -> Result<(i64, Option<String>), BodyFault> {
        let paging = read::<List>(&Uri::from_static(target))?.value.paging;
        Ok((paging.limit, paging.cursor))
    }

    #[test]
    fn a_query_is_read_as_strictly_as_a_body() {
        assert_eq!(list("/x"), Ok((50, None)));
        assert_eq!(list("/x?"), Ok((50, None)));
        assert_eq!(
            list("/x?limit=3&cursor=a%2Db"),
            Ok((3, Some("a-b".to_owned())))
        );
        let unknown = Fault::new("offset", FaultKind::Unknown);
        assert_eq!(list("/x?offset=3"), Err(BodyFault::Fields(vec![unknown])));
        let cursor = Ok((50, Some("\u{e9} b".to_owned())));
        assert_eq!(list("/x?cursor=%C3%a9+b&"), cursor);
        for wrong in [
            "/x?cursor=%",
            "/x?cursor=%4",
            "/x?cursor=%zz",
            "/x?cursor=%ff",
        ] {
            assert_eq!(list(wrong), Err(unreadable("cursor")), "{wrong}");
        }
        let doubled = JsonFault::DuplicateKey("limit".to_owned());
        assert_eq!(list("/x?limit=3&limit=4"), Err(BodyFault::Json(doubled)));
    }
}
