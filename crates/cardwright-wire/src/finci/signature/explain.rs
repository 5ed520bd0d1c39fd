//! Why a signature does not match: what was expected, and which common mistake explains the other.
//!
//! A caller who signs wrongly learns nothing from the wire, on purpose. Whoever holds the secret
//! can do better: sign the request again with each mistake that people make, alone or two at a
//! time, and see which of them gives the signature that was presented. The work is bounded, so that
//! a long body costs no more than [`BYTES_MAX`] bytes of hashing.

mod respell;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::Mac;

use super::{CanonicalForm, FormSetting, Parts, SigningKey, canonical_bytes};
use respell::respelled;

/// Most bytes that are hashed while mistakes are looked for.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// What people do wrong when they sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mistake {
    /// Another spelling of the same JSON was signed than was sent.
    BodyReserialized,
    /// The path was signed without what stands before it on the wire.
    PathPrefixMissing,
    /// The query was sent and not signed.
    QueryDropped,
    /// The time is in milliseconds.
    TimestampMilliseconds,
    /// The digest is in base64.
    SignatureBase64,
    /// Token and secret stand in each other's place.
    SecretTokenSwapped,
    /// A line's end was signed that was not sent, or sent and not signed, or stands behind the hex.
    TrailingNewline,
}

impl Mistake {
    /// Every mistake that is looked for.
    pub const ALL: [Mistake; 7] = [
        Mistake::BodyReserialized,
        Mistake::PathPrefixMissing,
        Mistake::QueryDropped,
        Mistake::TimestampMilliseconds,
        Mistake::SignatureBase64,
        Mistake::SecretTokenSwapped,
        Mistake::TrailingNewline,
    ];

    /// The stable word for it.
    pub fn code(self) -> &'static str {
        match self {
            Mistake::BodyReserialized => "body_reserialized",
            Mistake::PathPrefixMissing => "path_prefix_missing",
            Mistake::QueryDropped => "query_dropped",
            Mistake::TimestampMilliseconds => "timestamp_milliseconds",
            Mistake::SignatureBase64 => "signature_base64",
            Mistake::SecretTokenSwapped => "secret_token_swapped",
            Mistake::TrailingNewline => "trailing_newline",
        }
    }

    /// What to do about it, for people.
    pub fn advice(self) -> &'static str {
        match self {
            Mistake::BodyReserialized => "sign the very bytes that are sent, not the JSON anew",
            Mistake::PathPrefixMissing => "sign the whole path as it stands on the request line",
            Mistake::QueryDropped => "sign the query, too, with its question mark",
            Mistake::TimestampMilliseconds => "the timestamp is in whole seconds: ten digits",
            Mistake::SignatureBase64 => "write the digest in hex, not in base64",
            Mistake::SecretTokenSwapped => {
                "the secret is the key of the HMAC, the token goes into the header"
            }
            Mistake::TrailingNewline => "sign no line's end that is not sent",
        }
    }
}

/// The credential that a request should have been signed with.
#[derive(Clone, Copy)]
pub struct Issued<'a> {
    /// The public half.
    pub token: &'a str,
    /// The secret half.
    pub secret: &'a str,
    /// The form it is set to.
    pub form: &'a FormSetting,
}

/// A request as its caller sent it; nothing of it needs to be well shaped.
#[derive(Clone, Copy, Debug)]
pub struct Presentation<'a> {
    /// What was sent as `X-Auth-Token`.
    pub token: &'a str,
    /// The method, upper case.
    pub method: &'a str,
    /// The target, query included.
    pub target: &'a str,
    /// What was sent as `X-Auth-Timestamp`.
    pub timestamp: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// What was sent as `X-Auth-Signature`.
    pub signature: &'a str,
}

/// One form, worked out for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worked {
    /// The form.
    pub form: CanonicalForm,
    /// What is signed in it.
    pub canonical: Vec<u8>,
    /// The digest of that.
    pub digest: [u8; 32],
}

/// What was expected, and what explains the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The form in which the signature is right as it was presented.
    pub matched_form: Option<CanonicalForm>,
    /// The digest in the credential's own form; in `default` where it is to be detected.
    pub expected: [u8; 32],
    /// The credential's own form, then the named ones.
    pub forms: Vec<Worked>,
    /// The fewest mistakes that explain the signature; none where it matches, or nothing does.
    pub mistakes: Vec<Mistake>,
}

/// Explains a signature.
///
/// ```
/// use cardwright_wire::finci::signature::{
///     CanonicalForm, FormSetting, Parts, SigningKey,
///     explain::{Issued, Mistake, Presentation, explain},
/// };
///
/// let signed = Parts {
///     token: "demo-token-0123456789",
///     timestamp: "1767225600",
///     method: "GET",
///     target: "/v1/get-card/42",
///     body: b"",
/// };
/// let signature = hex::encode(SigningKey::new("s3cret").sign(&CanonicalForm::Lines, &signed));
/// let issued = Issued {
///     token: signed.token,
///     secret: "s3cret",
///     form: &FormSetting::Fixed(CanonicalForm::Lines),
/// };
/// let sent = Presentation {
///     token: signed.token,
///     method: "GET",
///     target: "/v1/get-card/42?fields=limits",
///     timestamp: signed.timestamp,
///     body: b"",
///     signature: &signature,
/// };
/// assert_eq!(explain(issued, &sent).mistakes, [Mistake::QueryDropped]);
/// ```
pub fn explain(issued: Issued<'_>, sent: &Presentation<'_>) -> Explanation {
    let forms = forms(issued.form);
    let key = SigningKey::new(issued.secret);
    let as_sent = Parts {
        token: issued.token,
        timestamp: sent.timestamp,
        method: sent.method,
        target: sent.target,
        body: sent.body,
    };
    let worked: Vec<Worked> = forms
        .iter()
        .map(|form| Worked {
            form: form.clone(),
            canonical: canonical_bytes(form, &as_sent),
            digest: key.sign(form, &as_sent),
        })
        .collect();
    let (signature, mut mistakes) = read_signature(sent.signature);
    if sent.token == issued.secret {
        mistakes.push(Mistake::SecretTokenSwapped);
    }
    let found = signature.and_then(|signature| Search::new(issued, sent, &forms).find(&signature));
    let matched = found.as_ref().filter(|found| found.mistakes.is_empty());
    let matched_form = matched
        .filter(|_| mistakes.is_empty())
        .map(|found| found.form.clone());
    match found {
        Some(found) => mistakes.extend(found.mistakes),
        // Whatever else is wrong: no server takes a time of this length.
        None if is_milliseconds(sent.timestamp) => mistakes.push(Mistake::TimestampMilliseconds),
        None => {}
    }
    mistakes.sort_unstable();
    mistakes.dedup();
    Explanation {
        matched_form,
        expected: worked.first().map_or([0; 32], |first| first.digest),
        forms: worked,
        mistakes,
    }
}

/// The credential's own form first, then every named one.
fn forms(setting: &FormSetting) -> Vec<CanonicalForm> {
    let mut forms: Vec<CanonicalForm> = match setting {
        FormSetting::Fixed(form) => vec![form.clone()],
        FormSetting::Detect => Vec::new(),
    };
    for named in CanonicalForm::NAMED {
        if !forms.contains(&named) {
            forms.push(named);
        }
    }
    forms
}

/// The digest that a text stands for, and what is wrong with how it is written.
fn read_signature(text: &str) -> (Option<[u8; 32]>, Vec<Mistake>) {
    let mut mistakes = Vec::new();
    let line = text.trim_end_matches(['\r', '\n']);
    if line.len() != text.len() {
        mistakes.push(Mistake::TrailingNewline);
    }
    if let Some(digest) = hex_digest(line.as_bytes()) {
        return (Some(digest), mistakes);
    }
    let decoded = from_base64(line);
    let digest = decoded.as_deref().and_then(|bytes| {
        let whole: Option<[u8; 32]> = bytes.try_into().ok();
        // Some encode the hex.
        whole.or_else(|| hex_digest(bytes.trim_ascii_end()))
    });
    if digest.is_some() {
        mistakes.push(Mistake::SignatureBase64);
    }
    (digest, mistakes)
}

fn hex_digest(text: &[u8]) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest)
        .ok()
        .map(|()| digest)
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let lenient =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabets = [base64::alphabet::STANDARD, base64::alphabet::URL_SAFE];
    alphabets
        .iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, lenient).decode(text).ok())
}

fn is_milliseconds(timestamp: &str) -> bool {
    timestamp.len() == 13 && timestamp.bytes().all(|byte| byte.is_ascii_digit())
}

/// One way to get a part of the request wrong; the first of each list is to get it right.
struct Variant<T> {
    mistakes: Vec<Mistake>,
    value: T,
}

impl<T> Variant<T> {
    fn right(value: T) -> Variant<T> {
        Variant {
            mistakes: Vec::new(),
            value,
        }
    }

    fn wrong(mistakes: impl Into<Vec<Mistake>>, value: T) -> Variant<T> {
        Variant {
            mistakes: mistakes.into(),
            value,
        }
    }
}

/// Which text is the key, and which stands for the token.
struct Halves {
    key: SigningKey,
    token: String,
}

/// What was found.
struct Found {
    form: CanonicalForm,
    mistakes: Vec<Mistake>,
}

/// Everything that may have been signed.
struct Search<'a> {
    method: &'a str,
    forms: &'a [CanonicalForm],
    halves: Vec<Variant<Halves>>,
    timestamps: Vec<Variant<String>>,
    targets: Vec<Variant<String>>,
    bodies: Vec<Variant<Vec<u8>>>,
    ends: Vec<Variant<&'static [u8]>>,
}

impl<'a> Search<'a> {
    fn new(issued: Issued<'_>, sent: &Presentation<'a>, forms: &'a [CanonicalForm]) -> Search<'a> {
        Search {
            method: sent.method,
            forms,
            halves: halves(issued),
            timestamps: timestamps(sent.timestamp),
            targets: targets(sent.target),
            bodies: bodies(sent.body),
            ends: vec![
                Variant::right(&b""[..]),
                Variant::wrong([Mistake::TrailingNewline], &b"\n"[..]),
            ],
        }
    }

    /// The fewest wrong parts that explain the signature: none, one or two of them.
    fn find(&self, signature: &[u8; 32]) -> Option<Found> {
        let mut left = BYTES_MAX;
        for wrong_parts in 0..=2 {
            for choice in self.choices(wrong_parts) {
                for form in self.forms {
                    let cost = self.bodies[choice[3]].value.len() + self.targets[0].value.len();
                    left = left.checked_sub(cost)?;
                    if self.signs(form, choice, signature) {
                        return Some(Found {
                            form: form.clone(),
                            mistakes: self.mistakes(choice),
                        });
                    }
                }
            }
        }
        None
    }

    /// Every choice of variants in which so many parts are wrong.
    fn choices(&self, wrong_parts: usize) -> Vec<[usize; 5]> {
        let counts = [
            self.halves.len(),
            self.timestamps.len(),
            self.targets.len(),
            self.bodies.len(),
            self.ends.len(),
        ];
        let mut choices = vec![[0; 5]];
        for (part, count) in counts.into_iter().enumerate() {
            let so_far = choices.clone();
            for choice in so_far {
                let wrong = choice.iter().filter(|variant| **variant > 0).count();
                if wrong < wrong_parts {
                    choices.extend((1..count).map(|variant| {
                        let mut other = choice;
                        other[part] = variant;
                        other
                    }));
                }
            }
        }
        choices
            .retain(|choice| choice.iter().filter(|variant| **variant > 0).count() == wrong_parts);
        choices
    }

    fn signs(&self, form: &CanonicalForm, choice: [usize; 5], signature: &[u8; 32]) -> bool {
        let [halves, timestamp, target, body, end] = choice;
        let halves = &self.halves[halves].value;
        let parts = Parts {
            token: &halves.token,
            timestamp: &self.timestamps[timestamp].value,
            method: self.method,
            target: &self.targets[target].value,
            body: &self.bodies[body].value,
        };
        let mut state = halves.key.state(form, &parts);
        state.update(self.ends[end].value);
        state.verify_slice(signature).is_ok()
    }

    fn mistakes(&self, [halves, timestamp, target, body, end]: [usize; 5]) -> Vec<Mistake> {
        [
            &self.halves[halves].mistakes,
            &self.timestamps[timestamp].mistakes,
            &self.targets[target].mistakes,
            &self.bodies[body].mistakes,
            &self.ends[end].mistakes,
        ]
        .into_iter()
        .flatten()
        .copied()
        .collect()
    }
}

fn halves(issued: Issued<'_>) -> Vec<Variant<Halves>> {
    let of = |key: &str, token: &str| Halves {
        key: SigningKey::new(key),
        token: token.to_owned(),
    };
    let swapped = [Mistake::SecretTokenSwapped];
    vec![
        Variant::right(of(issued.secret, issued.token)),
        Variant::wrong(swapped, of(issued.token, issued.token)),
        Variant::wrong(swapped, of(issued.token, issued.secret)),
        // The halves are right in the HMAC, and wrong where the token is signed.
        Variant::wrong(swapped, of(issued.secret, issued.secret)),
    ]
}

fn timestamps(sent: &str) -> Vec<Variant<String>> {
    let milliseconds = [Mistake::TimestampMilliseconds];
    let mut variants = Vec::new();
    if is_milliseconds(sent) {
        // Sent in milliseconds, and signed so or in seconds: neither is taken.
        variants.push(Variant::wrong(milliseconds, sent.to_owned()));
        variants.push(Variant::wrong(milliseconds, sent[..10].to_owned()));
    } else {
        variants.push(Variant::right(sent.to_owned()));
        variants.push(Variant::wrong(milliseconds, format!("{sent}000")));
    }
    variants
}

fn targets(sent: &str) -> Vec<Variant<String>> {
    let (path, query) = match sent.find('?') {
        Some(at) => sent.split_at(at),
        None => (sent, ""),
    };
    let mut variants = vec![Variant::right(sent.to_owned())];
    if !query.is_empty() {
        variants.push(Variant::wrong([Mistake::QueryDropped], path.to_owned()));
    }
    for (at, _) in path.match_indices('/') {
        // Each end of the path, with its first slash and without it.
        for begin in [at, at + 1] {
            let rest = &path[begin..];
            if begin == 0 || rest.is_empty() {
                continue;
            }
            let whole = format!("{rest}{query}");
            variants.push(Variant::wrong([Mistake::PathPrefixMissing], whole));
            if !query.is_empty() {
                let both = [Mistake::PathPrefixMissing, Mistake::QueryDropped];
                variants.push(Variant::wrong(both, rest.to_owned()));
            }
        }
    }
    variants
}

fn bodies(sent: &[u8]) -> Vec<Variant<Vec<u8>>> {
    let mut variants = vec![Variant::right(sent.to_vec())];
    let line = sent.trim_ascii_end();
    if line.len() != sent.len() {
        variants.push(Variant::wrong([Mistake::TrailingNewline], line.to_vec()));
    }
    for spelling in respelled(sent) {
        variants.push(Variant::wrong([Mistake::BodyReserialized], spelling));
    }
    variants
}
