//! Answers that wait for the integrator: the message is carried out in two writes, with the question
//! between them.

use cardwright_wire::native::messages::AuthorizationAnswer;
use serde::Serialize;

use super::answers;
use crate::{
    api::native::reply::success,
    app::App,
    error::{Error, Result},
    ops::{
        authorizations::{Authorized, Increment, Ruled},
        decisions,
        once::Answer,
    },
    store::{Scope, decisions::DecisionId},
};

/// An answer, or the sign that the integrator is to be asked first.
#[derive(Serialize)]
#[serde(untagged)]
pub(in crate::api) enum Decided {
    /// What the network is told.
    Now(Box<AuthorizationAnswer>),
    /// Never leaves the server: [`settled`] puts the answer in its place.
    Asked {
        /// The question.
        pending_decision: String,
    },
}

/// What every text of [`Decided::Asked`] begins with, and no answer does.
const SIGN: &str = "{\"pending_decision\":\"";

pub(super) fn authorized(of: Ruled<Authorized>) -> Decided {
    match of {
        Ruled::Asked { question, .. } => asked(question),
        Ruled::Decided(of) => Decided::Now(Box::new(answers::authorized(of))),
    }
}

pub(super) fn incremented(of: Ruled<Increment>) -> Decided {
    match of {
        Ruled::Asked { question, .. } => asked(question),
        Ruled::Decided(of) => Decided::Now(Box::new(answers::incremented(of))),
    }
}

fn asked(id: DecisionId) -> Decided {
    Decided::Asked {
        pending_decision: id.to_string(),
    }
}

/// The answer to a message: as it is, or, where the integrator is to be asked, once it was.
pub(in crate::api) async fn settled(
    app: &App,
    scope: &Scope,
    outcome: Result<Answer>,
) -> Result<Answer> {
    let (status, text) = outcome?;
    let Some(id) = text.strip_prefix(SIGN) else {
        return Ok((status, text));
    };
    let digits = id.trim_end_matches(['"', '}']);
    let id = digits
        .parse()
        .map_err(|_| Error::Corrupt("the number of a question".to_owned()))?;
    let answer = decisions::settle(app, scope, id, worded).await?;
    Ok((status, answer))
}

fn worded(of: Increment) -> Result<String> {
    success(answers::decided(of)).map(|(_, answer)| answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::json;

    #[test]
    fn the_sign_is_written_as_it_is_looked_for() {
        let written = json::written(&asked(42)).expect("a text");
        assert_eq!(written, format!("{SIGN}42\"}}"));
    }
}
