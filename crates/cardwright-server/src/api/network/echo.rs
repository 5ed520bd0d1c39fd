//! Echo tests, by which a network learns that the other side is there (ISO 8583, network
//! management messages).

use axum::{extract::State, response::Response};
use cardwright_wire::{
    instant::Rfc3339,
    native::network::{Echo, EchoTest},
};

use super::message::Message;
use crate::app::App;

/// `POST echo-test`
///
/// Goes the way of every other message, through a write, so that it also fails where they would.
pub(super) async fn test(State(app): State<App>, message: Message<EchoTest>) -> Response {
    message
        .carry_out(&app, async |tx, asked| {
            Ok(Echo {
                reference: asked.value.reference.clone(),
                now: Rfc3339(tx.now()),
            })
        })
        .await
}
