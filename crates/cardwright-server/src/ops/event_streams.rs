//! A tenant's events as one reader follows them: where it begins, and what comes next.
//!
//! Law: a stream sends nothing twice and leaves nothing out. It goes by the ids of events, which are
//! those of their commits; an event that is still to be handed out to endpoints is waited for, so
//! that it has one number towards everybody.

use cardwright_core::{TenantId, WebhookDialect};

use super::webhook_endpoints;
use crate::{
    app::App,
    error::{Error, Result},
    secrets::webhook_keys::WebhookKey,
    store::{
        Scope, SystemTx,
        event_streams::{self, Passing, Stage},
        webhook_keys,
    },
    webhooks::payloads::{self, Message, Told, event_name},
};

/// How many events one look takes at most.
const PAGE: i64 = 50;

/// Where a stream is: behind so many messages of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The event.
    pub event: i64,
    /// How many of its messages are through; all where nothing is said.
    pub messages: Option<usize>,
}

impl Place {
    /// Behind an event and all of its messages.
    pub fn behind(event: i64) -> Place {
        Place {
            event,
            messages: None,
        }
    }

    /// Reads the id of the message behind which it is. Whoever writes an event's id alone means all
    /// of its messages.
    pub fn of_message(id: &str) -> Option<Place> {
        if let Some(event) = payloads::event_id(id) {
            // A message that is the first of its event has the event's name.
            let is_name = id.starts_with("evt_");
            return Some(Place {
                event,
                messages: is_name.then_some(1),
            });
        }
        let (event, index) = id.rsplit_once('_')?;
        let plain = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
        let index: usize = index.parse().ok().filter(|_| plain)?;
        Some(Place {
            event: payloads::event_id(event).filter(|_| event.starts_with("evt_"))?,
            messages: Some(index.checked_add(1)?),
        })
    }

    /// The id that leads here again.
    pub fn id(self) -> String {
        match self.messages {
            None => self.event.to_string(),
            Some(0 | 1) => event_name(self.event),
            Some(more) => format!("{}_{}", event_name(self.event), more - 1),
        }
    }

    /// The event behind which to look: its own one once more while not all of it is through.
    fn looks_behind(self) -> i64 {
        match self.messages {
            None => self.event,
            Some(_) => self.event - 1,
        }
    }

    /// How many messages of an event are through here.
    fn through(self, event: i64) -> usize {
        match self.messages {
            Some(messages) if event == self.event => messages,
            _ => 0,
        }
    }
}

/// What somebody follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Following {
    /// Whose events.
    pub tenant: TenantId,
    /// In whose words.
    pub dialect: WebhookDialect,
    /// Which ones; none means all.
    pub words: Vec<String>,
}

impl Following {
    fn wants(&self, message: &Message) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| message.words.contains(word))
    }
}

/// Something to send, and where the stream is once it is sent.
#[derive(Debug)]
pub struct Item {
    /// Where the stream is then.
    pub place: Place,
    /// What is sent.
    pub content: Content,
}

/// What is sent.
#[derive(Debug)]
pub enum Content {
    /// A message, with its number among the events of its subject.
    Message(Message, i64),
    /// No message could be made of an event of this kind, for this reason.
    Unsent(String, String),
}

/// What a look found.
#[derive(Debug)]
pub struct Page {
    /// What is to be sent, in order.
    pub items: Vec<Item>,
    /// Where the stream is once all of it is.
    pub place: Place,
    /// What is behind that.
    pub rest: Rest,
}

/// What is behind a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rest {
    /// There may be more at once.
    More,
    /// An event that is being handed out.
    Waiting,
    /// Nothing yet.
    Nothing,
}

/// Begins to follow: where, and what it says in the audit log. Without a place it begins with what
/// happens from now on.
pub async fn begin(
    app: &App,
    scope: &Scope,
    (dialect, place): (WebhookDialect, Option<Place>),
) -> Result<Place> {
    let key = match dialect {
        WebhookDialect::Fincard => webhook_endpoints::first_key(app, scope).await?,
        WebhookDialect::Finci | WebhookDialect::Standard => None,
    };
    app.write(scope, async move |tx| {
        webhook_endpoints::keep_first_key(tx, key).await?;
        tx.audit("event_stream.begin", ("dialect", dialect.word()))
            .await?;
        let newest = event_streams::newest(tx).await?;
        Ok(place.unwrap_or(Place::behind(newest)))
    })
    .await
}

/// The words of a filter, apart by commas: only such as the dialect has.
pub fn filter(dialect: WebhookDialect, words: Option<&str>) -> Result<Vec<String>> {
    let words = words.map_or_else(Vec::new, |words| {
        words
            .split(',')
            .map(|word| word.trim().to_owned())
            .collect()
    });
    webhook_endpoints::filter(dialect, words)
}

/// What comes behind a place.
pub async fn next(app: &App, following: &Following, place: Place) -> Result<Page> {
    let tenant = following.tenant;
    let look = async |place: Place| {
        let behind = place.looks_behind();
        app.read(tenant, async move |tx| {
            let newest_numbered = event_streams::newest_numbered(tx).await?;
            Ok((
                event_streams::behind(tx, behind, PAGE).await?,
                newest_numbered,
            ))
        })
        .await
    };
    let (mut found, mut newest_numbered) = look(place).await?;
    // What happened meanwhile is without a number again; a full page ends that.
    while numbered(app, tenant, (&found, newest_numbered)).await? {
        (found, newest_numbered) = look(place).await?;
    }
    let is_full = i64::try_from(found.len()) == Ok(PAGE);
    let waiting = found
        .iter()
        .position(|passing| passing.stage == Stage::Waiting);
    if let Some(waiting) = waiting {
        found.truncate(waiting);
    }
    let last = found.last().map(|passing| passing.id);
    let items = rendered(app, following, (found, place)).await?;
    Ok(Page {
        items,
        place: last.map_or(place, Place::behind),
        rest: match (waiting, is_full) {
            (Some(_), _) => Rest::Waiting,
            (None, true) => Rest::More,
            (None, false) => Rest::Nothing,
        },
    })
}

/// Numbers what nobody had listened to up to now; what lies before a number keeps none. Whether
/// there was any.
async fn numbered(
    app: &App,
    tenant: TenantId,
    (found, newest_numbered): (&[Passing], i64),
) -> Result<bool> {
    let unheard: Vec<_> = found
        .iter()
        .take_while(|passing| passing.stage != Stage::Waiting)
        .filter(|passing| passing.stage == Stage::Unheard && passing.id > newest_numbered)
        // What cannot be read is told without a number.
        .filter_map(|passing| passing.event.clone().ok())
        .collect();
    if unheard.is_empty() {
        return Ok(false);
    }
    let work = async move |tx: &mut SystemTx| {
        for event in &unheard {
            event_streams::number(tx, tenant, event).await?;
        }
        Ok(())
    };
    app.store().system(work).await?;
    Ok(true)
}

async fn rendered(
    app: &App,
    following: &Following,
    (found, place): (Vec<Passing>, Place),
) -> Result<Vec<Item>> {
    let wanted = following.clone();
    app.read(following.tenant, async move |tx| {
        let mut items = Vec::new();
        for passing in &found {
            let event = match &passing.event {
                Ok(event) => event,
                Err(unreadable) => {
                    items.push(Item {
                        place: Place::behind(unreadable.id),
                        content: Content::Unsent(
                            unreadable.kind.clone(),
                            unreadable.reason.clone(),
                        ),
                    });
                    continue;
                }
            };
            let sequence = match passing.stage {
                Stage::Numbered(number) => number,
                Stage::Waiting | Stage::Unheard => 0,
            };
            let told = Told { event, sequence };
            let messages = match payloads::render(tx, wanted.dialect, told).await {
                Ok(messages) => messages,
                Err(error) if error.is_of_the_store() => return Err(error),
                Err(error) => {
                    items.push(Item {
                        place: Place::behind(event.id),
                        content: Content::Unsent(event.kind.clone(), error.log_text()),
                    });
                    continue;
                }
            };
            let through = place.through(event.id);
            for (index, message) in messages.into_iter().enumerate().skip(through) {
                if wanted.wants(&message) {
                    items.push(Item {
                        place: Place {
                            event: event.id,
                            messages: Some(index + 1),
                        },
                        content: Content::Message(message, sequence),
                    });
                }
            }
        }
        Ok(items)
    })
    .await
}

/// What signs bodies for FinCard now; nothing in other dialects.
pub async fn signing_key(app: &App, following: &Following) -> Result<Option<WebhookKey>> {
    match following.dialect {
        WebhookDialect::Fincard => {
            let key = app.read(following.tenant, async |tx| webhook_keys::signing(tx).await);
            key.await?
                .map(Some)
                .ok_or_else(|| Error::Corrupt("a tenant without a webhook key".to_owned()))
        }
        WebhookDialect::Finci | WebhookDialect::Standard => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_the_message_behind_which_it_is_and_read_back() {
        for (id, event, messages) in [
            ("evt_0000000000000042", 42, Some(1)),
            ("evt_0000000000000042_1", 42, Some(2)),
            ("42", 42, None),
        ] {
            let place = Place { event, messages };
            assert_eq!(Place::of_message(id), Some(place), "{id}");
            assert_eq!(place.id(), id);
        }
        assert_eq!(Place::of_message("evt_0").map(|place| place.event), Some(0));
        for wrong in [
            "", "evt_", "evt_1_", "evt_1_x", "1_1", "-1", "evt_1_-1", "evt_x_1",
        ] {
            assert_eq!(Place::of_message(wrong), None, "{wrong}");
        }
    }
}
