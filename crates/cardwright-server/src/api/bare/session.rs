//! An endpoint that checks the token of a session: a route, the signature and the times of the token,
//! the body as JSON, an answer as JSON.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use serde::{Deserialize, Serialize};

use super::Bound;

/// Nothing is kept from anybody here.
const KEY: &[u8] = b"a key of the benchmark, 32 bytes";

struct Checks {
    key: DecodingKey,
    validation: Validation,
    filler: String,
}

#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(rename = "cardNo")]
    card: &'a str,
}

#[derive(Deserialize)]
struct Claims {
    #[serde(rename = "userId")]
    user: String,
}

#[derive(Serialize)]
struct Told<'a> {
    success: bool,
    code: u16,
    data: Card<'a>,
}

#[derive(Serialize)]
struct Card<'a> {
    #[serde(rename = "cardNo")]
    number: &'a str,
    #[serde(rename = "userId")]
    user: &'a str,
    filler: &'a str,
}

/// Listens for the path, on a port of its own. Gives, too, the token that it accepts: `like`,
/// signed by its own key. Answers are as long as `answer_bytes`, where that is long enough.
pub async fn start(path: &str, like: &str, answer_bytes: usize) -> io::Result<(Bound, String)> {
    let (message, _) = like.rsplit_once('.').unwrap_or((like, ""));
    let signer = EncodingKey::from_secret(KEY);
    let signed = jsonwebtoken::crypto::sign(message.as_bytes(), &signer, Algorithm::HS256);
    let token = format!("{message}.{}", signed.map_err(io::Error::other)?);
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&["bff-clients"]);
    validation.validate_nbf = true;
    let mut checks = Checks {
        key: DecodingKey::from_secret(KEY),
        validation,
        filler: String::new(),
    };
    // As long as an id of a card and of a user are.
    let (card, user) = ("115081385361428", "00000000-0000-0000-0000-000000000000");
    let empty = told(&checks, card, user)?.len();
    checks.filler = "x".repeat(answer_bytes.saturating_sub(empty));
    let router = Router::new().route(path, post(answer));
    let bound = Bound::to(router.with_state(Arc::new(checks))).await?;
    Ok((bound, token))
}

async fn answer(State(checks): State<Arc<Checks>>, headers: HeaderMap, body: Bytes) -> Response {
    let token = headers.get(header::AUTHORIZATION);
    let token = token.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let claims = token.and_then(|token| {
        jsonwebtoken::decode::<Claims>(token, &checks.key, &checks.validation).ok()
    });
    let Some(claims) = claims else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let Ok(asked) = serde_json::from_slice::<Asked>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match told(&checks, asked.card, &claims.claims.user) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn told(checks: &Checks, card: &str, user: &str) -> io::Result<Vec<u8>> {
    let told = Told {
        success: true,
        code: 200,
        data: Card {
            number: card,
            user,
            filler: &checks.filler,
        },
    };
    serde_json::to_vec(&told).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    fn request(token: &str, body: &'static str) -> Request<Body> {
        let request = Request::post("/a").header("authorization", format!("Bearer {token}"));
        request.body(Body::from(body)).unwrap()
    }

    #[tokio::test]
    async fn only_its_own_token_and_json_are_answered_and_at_the_length_that_was_asked_for() {
        let claims = serde_json::json!({
            "userId": "00000000-0000-0000-0000-00000000000a",
            "aud": "bff-clients",
            "exp": 9_999_999_999_u64,
        });
        let other = jsonwebtoken::encode(
            &jsonwebtoken::Header::default(),
            &claims,
            &EncodingKey::from_secret(b"another"),
        )
        .unwrap();
        let (bound, token) = start("/a", &other, 777).await.unwrap();
        let card = r#"{"cardNo":"115081385361429"}"#;
        for (token, body, status) in [
            (&token, card, 200),
            (&other, card, 401),
            (&token, "{}", 400),
        ] {
            let answer = bound
                .router
                .clone()
                .oneshot(request(token, body))
                .await
                .unwrap();
            assert_eq!(answer.status(), status, "{body}");
            if status == 200 {
                let body = to_bytes(answer.into_body(), 4_096).await.unwrap();
                assert_eq!(body.len(), 777);
                let begin = br#"{"success":true,"code":200,"data":{"cardNo":"115081385361429""#;
                assert!(body.starts_with(begin), "{body:?}");
            }
        }
    }
}
