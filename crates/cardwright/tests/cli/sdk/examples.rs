//! What the client's documentation shows as an example runs against the real server.

use super::wait_for;
use crate::desk::Desk;
use crate::server::Server;

#[path = "../../../../cardwright-client/examples/first_card.rs"]
#[allow(
    dead_code,
    reason = "its `main` is for those who run it; here its tour is called"
)]
mod first_card;

#[path = "../../../../cardwright-client/examples/card_details.rs"]
#[allow(
    dead_code,
    reason = "its `main` is for those who run it; here its parts are called"
)]
pub(crate) mod card_details;

#[test]
fn the_example_of_the_client_opens_a_card_and_follows_what_happens_to_it() {
    let desk = Desk::new();
    let (server, file) = Server::ready(&desk, &["--ephemeral", "--seed", "7"]);
    let file = file.to_string();
    for run in ["first-run", "second-run"] {
        let told = wait_for(first_card::tour(&file, run)).unwrap();
        assert_eq!(
            told,
            [
                "opening: success",
                "payment of 30.00 USD: authorized",
                "payment while frozen: failed (Declined: card not active)",
                "2 payments on record",
                "left: 70.00 USD",
                "somebody else's card: card_not_found",
            ]
        );
    }
    drop(server);
}
