//! Nothing but the request that was signed is accepted: seeded mutations, and every other reading
//! of the same signed bytes.

use super::super::*;

const NOW: i64 = 1_767_225_600;
const TOKEN: &str = "demo-token-0123456789";
const METHODS: [&str; 3] = ["GET", "POST", "PATCH"];

/// A request as it arrives: every value a header came with, the target and body as sent.
#[derive(Clone, Debug, PartialEq)]
struct Request {
    tokens: Vec<Vec<u8>>,
    timestamps: Vec<Vec<u8>>,
    signatures: Vec<Vec<u8>>,
    method: String,
    target: Vec<u8>,
    body: Vec<u8>,
    form: CanonicalForm,
}

impl Request {
    fn signed(form: CanonicalForm, method: &str, target: &str, body: &[u8]) -> Request {
        let timestamp = NOW.to_string();
        let parts = Parts {
            token: TOKEN,
            timestamp: &timestamp,
            method,
            target,
            body,
        };
        let signature = hex::encode(key_of(TOKEN).sign(&form, &parts));
        Request {
            tokens: vec![TOKEN.into()],
            timestamps: vec![timestamp.clone().into()],
            signatures: vec![signature.into()],
            method: method.to_owned(),
            target: target.into(),
            body: body.to_vec(),
            form,
        }
    }

    /// What a server does before it routes: shape, time, rules, key of the token, signature.
    fn is_accepted(&self) -> bool {
        let Ok(presented) = Presented::from_headers(
            &slices(&self.tokens),
            &slices(&self.timestamps),
            &slices(&self.signatures),
        ) else {
            return false;
        };
        let Ok(timestamp) = parse_timestamp(&presented.timestamp_text) else {
            return false;
        };
        if !Window::default().contains(NOW, timestamp) {
            return false;
        }
        let Ok(target) = std::str::from_utf8(&self.target) else {
            return false;
        };
        if check_target(target).is_err() || check_body(&self.method, &self.body).is_err() {
            return false;
        }
        let parts = Parts {
            token: &presented.token,
            timestamp: &presented.timestamp_text,
            method: &self.method,
            target,
            body: &self.body,
        };
        key_of(&presented.token).verify(&self.form, &parts, &presented.signature)
    }
}

fn slices(values: &[Vec<u8>]) -> Vec<&[u8]> {
    values.iter().map(Vec::as_slice).collect()
}

/// Every token has a secret of its own, as in a server's store.
fn key_of(token: &str) -> SigningKey {
    SigningKey::new(&format!("the secret issued with {token}"))
}

fn forms() -> Vec<CanonicalForm> {
    let custom = [
        "custom:body+path+timestamp+method",
        "custom:path+timestamp+token+body",
    ];
    let custom = custom.iter().map(|text| text.parse().unwrap());
    CanonicalForm::NAMED.into_iter().chain(custom).collect()
}

fn requests(form: &CanonicalForm) -> Vec<Request> {
    let card = br#"{"person_id":"10011000000000000001","limit":1767225600}"#;
    let path_in_body = r#"{"path":"/v1/x","method":"POST","name":"Zoë 1767225600"}"#.as_bytes();
    [
        ("GET", "/v1/get-card/0000000000000042", &b""[..]),
        ("GET", "/v1/get-cards?limit=5&at=1767225600", b""),
        ("POST", "/v1/get-cards", card),
        ("POST", "/v1/1767225600/POST/17672256001767225600", b"{}"),
        ("POST", "/v1/get-cards", b""),
        ("PATCH", "/api/v1/update-card-status/42", path_in_body),
    ]
    .map(|(method, target, body)| Request::signed(form.clone(), method, target, body))
    .to_vec()
}

/// `SplitMix64`: small, seeded, the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    /// Replaces, inserts or removes one byte.
    fn bend(&mut self, bytes: &mut Vec<u8>) {
        let at = self.roll(bytes.len() + 1);
        let byte = u8::try_from(self.roll(256)).unwrap();
        match self.roll(3) {
            0 if at < bytes.len() => bytes[at] = byte,
            1 if at < bytes.len() => drop(bytes.remove(at)),
            _ => bytes.insert(at, byte),
        }
    }

    /// Drops the header, sends it twice, empties it, or changes its value.
    fn bend_header(&mut self, values: &mut Vec<Vec<u8>>) {
        match self.roll(6) {
            0 => values.clear(),
            1 => values.push(values[0].clone()),
            2 => values[0].clear(),
            _ => self.bend(&mut values[0]),
        }
    }

    /// One change to a valid request; may by chance change nothing.
    fn mutate(&mut self, request: &mut Request) {
        match self.roll(9) {
            0 => self.bend_header(&mut request.tokens),
            1 => self.bend_header(&mut request.timestamps),
            2 => self.bend_header(&mut request.signatures),
            3 => self.bend(&mut request.target),
            4 => self.bend(&mut request.body),
            5 => METHODS[self.roll(3)].clone_into(&mut request.method),
            6 => request.form = forms()[self.roll(forms().len())].clone(),
            7 => {
                // A border moves: the end of the target becomes the start of the body.
                let at = self.roll(request.target.len());
                let moved = request.target.split_off(at);
                request.body.splice(0..0, moved);
            }
            _ => {
                // The other way round.
                let moved: Vec<u8> = request
                    .body
                    .drain(..self.roll(request.body.len() + 1))
                    .collect();
                request.target.extend(moved);
            }
        }
    }
}

#[test]
fn none_of_ten_thousand_mutations_of_valid_requests_is_accepted() {
    let mut dice = Dice(20_260_101);
    let valid: Vec<Request> = forms().iter().flat_map(requests).collect();
    assert!(
        valid.iter().all(Request::is_accepted),
        "the unchanged requests are all accepted"
    );

    let mut tried = 0;
    let mut other_method = 0;
    while tried < 10_000 {
        let original = &valid[dice.roll(valid.len())];
        let mut mutated = original.clone();
        dice.mutate(&mut mutated);
        if says_the_same(original, &mutated) {
            continue;
        }
        tried += 1;
        if mutated.is_accepted() {
            assert!(
                only_an_unsigned_method_differs(original, &mutated),
                "{mutated:?}"
            );
            other_method += 1;
        }
    }
    assert!(
        other_method > 0,
        "the exception below did not come up, so it was not tested"
    );
}

/// Equal, or with the signature's hex in another case, which is the same signature.
fn says_the_same(one: &Request, other: &Request) -> bool {
    let folded = |request: &Request| {
        let mut request = request.clone();
        for signature in &mut request.signatures {
            signature.make_ascii_lowercase();
        }
        request
    };
    folded(one) == folded(other)
}

/// `no-method` and `token-first` leave the method out, so the signed bytes are equal; the router
/// closes this by answering each path for one method only.
fn only_an_unsigned_method_differs(original: &Request, mutated: &Request) -> bool {
    let restored = Request {
        method: original.method.clone(),
        ..mutated.clone()
    };
    !original.form.parts().contains(&Part::Method) && says_the_same(original, &restored)
}

/// One reading of signed bytes: the parts a form names, found again.
#[derive(Clone, Default, Debug, PartialEq)]
struct Reading {
    timestamp: String,
    method: String,
    target: String,
    body: Vec<u8>,
}

/// Every way to cut the bytes into the parts of a form that passes the rules of a server.
fn readings(form: &CanonicalForm, bytes: &[u8]) -> Vec<Reading> {
    let mut found = Vec::new();
    cut(
        form.parts(),
        form.separator().as_bytes(),
        bytes,
        &Reading::default(),
        &mut found,
    );
    if form.parts().last() != Some(&Part::Body) {
        let is_object = |body: &[u8]| serde_json::from_slice::<serde_json::Map<_, _>>(body).is_ok();
        found.retain(|reading| reading.body.is_empty() || is_object(&reading.body));
    }
    found
}

fn cut(parts: &[Part], separator: &[u8], bytes: &[u8], so_far: &Reading, found: &mut Vec<Reading>) {
    let Some((part, rest_of_parts)) = parts.split_first() else {
        if bytes.is_empty() {
            found.push(so_far.clone());
        }
        return;
    };
    for end in 0..=bytes.len() {
        let (piece, rest) = bytes.split_at(end);
        let rest = if rest_of_parts.is_empty() {
            Some(rest)
        } else {
            rest.strip_prefix(separator)
        };
        if let (Some(rest), Some(reading)) = (rest, with(so_far, *part, piece)) {
            cut(rest_of_parts, separator, rest, &reading, found);
        }
    }
}

/// The reading with one more part, if the piece can be that part.
fn with(so_far: &Reading, part: Part, piece: &[u8]) -> Option<Reading> {
    let text = std::str::from_utf8(piece).ok().map(str::to_owned);
    let mut reading = so_far.clone();
    match part {
        Part::Timestamp => reading.timestamp = text.filter(|text| parse_timestamp(text).is_ok())?,
        Part::Method => reading.method = text.filter(|text| METHODS.contains(&text.as_str()))?,
        Part::Path => reading.target = text.filter(|text| check_target(text).is_ok())?,
        // Another token has another key, so its reading of the bytes would not verify.
        Part::Token => drop(text.filter(|text| text == TOKEN)?),
        Part::Body => {
            check_body("POST", piece).ok()?;
            reading.body = piece.to_vec();
        }
    }
    Some(reading)
}

#[test]
fn signed_bytes_have_one_reading_under_the_rules() {
    for form in forms() {
        for request in requests(&form) {
            let target = String::from_utf8(request.target.clone()).unwrap();
            let timestamp = NOW.to_string();
            let parts = Parts {
                token: TOKEN,
                timestamp: &timestamp,
                method: &request.method,
                target: &target,
                body: &request.body,
            };
            let found = readings(&form, &canonical_bytes(&form, &parts));
            assert_eq!(found.len(), 1, "{form}: {found:?}");
            assert_eq!(found[0].target, target);
            assert_eq!(found[0].timestamp, timestamp);
            assert_eq!(found[0].body, request.body);
        }
    }
}

#[test]
fn without_the_rules_a_body_could_be_moved_into_the_path() {
    for form in CanonicalForm::NAMED {
        let moves_unseen =
            form.separator().is_empty() && form.parts().ends_with(&[Part::Path, Part::Body]);
        let honest = Request::signed(form.clone(), "POST", "/v1/get-cards", br#"{"limit":5}"#);
        let forged = Request {
            target: br#"/v1/get-cards{"limit":5}"#.to_vec(),
            body: Vec::new(),
            ..honest.clone()
        };
        let parts = Parts {
            token: TOKEN,
            timestamp: &NOW.to_string(),
            method: "POST",
            target: r#"/v1/get-cards{"limit":5}"#,
            body: b"",
        };
        let signature: [u8; 32] = hex::decode(&honest.signatures[0])
            .unwrap()
            .try_into()
            .unwrap();
        let verified = key_of(TOKEN).verify(&form, &parts, &signature);

        assert_eq!(verified, moves_unseen, "{form}: the signature alone");
        assert!(check_target(&forged.target).is_err());
        assert!(
            !forged.is_accepted(),
            "{form}: the signature with the rules"
        );
    }
}

#[test]
fn without_the_rules_a_path_could_be_moved_into_the_body() {
    let honest = Request::signed(CanonicalForm::Default, "POST", "/v1/get-cards", b"");
    let forged = Request {
        target: b"/v1/get".to_vec(),
        body: b"-cards".to_vec(),
        ..honest.clone()
    };
    let parts = Parts {
        token: TOKEN,
        timestamp: &NOW.to_string(),
        method: "POST",
        target: "/v1/get",
        body: b"-cards",
    };
    let signature: [u8; 32] = hex::decode(&honest.signatures[0])
        .unwrap()
        .try_into()
        .unwrap();

    assert!(key_of(TOKEN).verify(&CanonicalForm::Default, &parts, &signature));
    assert_eq!(
        check_body("POST", &forged.body),
        Err(BodyFault::NotAnObject)
    );
    assert!(!forged.is_accepted());
}
