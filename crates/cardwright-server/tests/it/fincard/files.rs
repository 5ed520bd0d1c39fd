//! Files: sent as a form, known by their content, kept sealed.

use axum::{body::Body, http::Request};
use cardwright_core::FILE_BYTES_MAX;
use cardwright_server::store::db::Value as Stored;

use super::support::{failure, form, headed, refusal};
use crate::harness::{FincardCaller, TestApp, assert_golden};

const PDF: &[u8] = b"%PDF-1.7 a passport";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a passport";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0 a passport";

type Part<'p> = (&'p str, Option<&'p str>, &'p [u8]);

/// A form with one file and nothing else.
fn file(acme: &FincardCaller<'_>, content: &[u8]) -> Request<Body> {
    form(acme, &[("file", Some("passport.pdf"), content)])
}

fn whole<'p>(changes: &[Part<'p>]) -> Vec<Part<'p>> {
    [&[("file", Some("passport.pdf"), PDF)], changes].concat()
}

#[tokio::test]
async fn an_upload_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let large = vec![b' '; FILE_BYTES_MAX];
    let large = [b"%PDF-", large.as_slice()].concat();
    let of = |parts: &[Part<'_>]| form(&acme, parts);
    let all = whole(&[("fileName", None, b"id.pdf"), ("category", None, b"card")]);
    let conversation = vec![
        ("a file", of(&whole(&[]))),
        ("the same again, with all that may be said", of(&all)),
        ("no file", of(&[("category", None, b"card")])),
        ("an empty file", of(&[("file", Some("a.pdf"), b"")])),
        ("two files", of(&whole(&[("file", Some("b.pdf"), PDF)]))),
        ("another category", of(&whole(&[("category", None, b"x")]))),
        (
            "a picture by its name only",
            of(&[("file", Some("a.png"), b"GIF89a")]),
        ),
        ("a large file", file(&acme, &large)),
        (
            "no parts",
            headed(
                acme.request("common/file/upload", "no parts"),
                "content-type",
                &["multipart/form-data; boundary=x"],
            ),
        ),
        (
            "no boundary",
            headed(of(&whole(&[])), "content-type", &["multipart/form-data"]),
        ),
        ("JSON", acme.request("common/file/upload", "{}")),
    ];
    assert_golden(&app, "fincard_file_upload", conversation).await;
    app.finish().await;
}

#[tokio::test]
async fn pictures_and_documents_are_known_by_their_content() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for (content, kind) in [(PDF, "pdf"), (PNG, "png"), (JPEG, "jpeg")] {
        let reply = app.send(file(&acme, content)).await.ok();
        let id = reply["data"]["fileId"].as_str().unwrap().to_owned();
        assert_eq!(id.len(), 36, "{id}");
        let sql = "SELECT kind, name, size_bytes FROM holder_file WHERE uuid = $1";
        let rows = app.rows(sql, vec![Stored::from(&id)]).await;
        assert_eq!(rows[0].get::<String>(0).unwrap(), kind);
        assert_eq!(rows[0].get::<String>(1).unwrap(), "passport.pdf");
        let size = usize::try_from(rows[0].get::<i64>(2).unwrap());
        assert_eq!(size, Ok(content.len()));
    }
    for content in [
        b"MZ\x90\x00".as_slice(),
        b"<svg/>",
        b"PK\x03\x04",
        b"%PDF",
        b" %PDF-1.7",
    ] {
        let reply = app.send(file(&acme, content)).await;
        assert_eq!(refusal(&reply), "unsupported_file_type");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_file_has_its_bound_and_so_has_the_form() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let sized = |bytes: usize| {
        let mut content = PDF.to_vec();
        content.resize(bytes, b' ');
        content
    };
    app.send(file(&acme, &sized(FILE_BYTES_MAX))).await.ok();
    let reply = app.send(file(&acme, &sized(FILE_BYTES_MAX + 1))).await;
    assert_eq!(refusal(&reply), "file_too_large");
    let reply = app.send(file(&acme, &sized(3 * 1024 * 1024 + 1))).await;
    assert_eq!(failure(&reply), (413, "body_too_large".to_owned()));
    let count = app.number("SELECT COUNT(*) FROM holder_file", &[]).await;
    assert_eq!(count, 1);
    app.finish().await;
}

#[tokio::test]
async fn every_upload_is_a_file_of_its_own_and_none_is_stored_in_the_clear() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let first = app.send(file(&acme, PDF)).await.ok();
    let again = app.send(file(&acme, PDF)).await.ok();
    assert_ne!(first["data"]["fileId"], again["data"]["fileId"]);
    let sql = "SELECT COUNT(DISTINCT digest), COUNT(*), \
               SUM(INSTR(CAST(content_sealed AS TEXT), 'passport') > 0) FROM holder_file";
    let rows = app.rows(sql, vec![]).await;
    let counts: Vec<i64> = (0..3).map(|index| rows[0].get(index).unwrap()).collect();
    assert_eq!(counts, [1, 2, 0]);
    let sql = "SELECT COUNT(*) FROM audit WHERE action = 'file.keep' AND outcome = 'done'";
    assert_eq!(app.number(sql, &[]).await, 2);
    app.finish().await;
}

#[tokio::test]
async fn the_checks_of_an_upload_come_in_the_order_of_every_call() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let right = || file(&acme, PDF);
    let reply = app.send(headed(right(), "content-type", &[])).await;
    assert_eq!(failure(&reply), (400, "missing_header".to_owned()));
    let json = headed(right(), "content-type", &["application/json"]);
    let reply = app.send(headed(json, "authorization", &[])).await;
    assert_eq!(failure(&reply), (415, "unsupported_media_type".to_owned()));
    let reply = app.send(headed(right(), "authorization", &[])).await;
    assert_eq!(failure(&reply), (401, "unauthorized".to_owned()));
    let other = app.tenant("Other").await;
    let stranger = headed(right(), "x-tenant-id", &[&other.tenant_uuid]);
    assert_eq!(
        failure(&app.send(stranger).await),
        (401, "unauthorized".to_owned())
    );
    let whole = whole(&[]);
    let cut = form(&acme, &whole);
    let body = axum::body::to_bytes(cut.into_body(), 1 << 20)
        .await
        .unwrap();
    for length in [0, 10, body.len() / 2, body.len() - 6] {
        let mut request = right();
        *request.body_mut() = Body::from(body.slice(..length));
        let reply = app.send(headed(request, "content-length", &[])).await;
        assert_eq!(
            failure(&reply),
            (400, "malformed_json".to_owned()),
            "{length}"
        );
    }
    assert_eq!(app.number("SELECT COUNT(*) FROM holder_file", &[]).await, 0);
    app.finish().await;
}
