//! What has nothing to do with any route.

use rand::{Rng, RngExt};
use rand_chacha::ChaCha20Rng;
use serde_json::{Map, Value, json};

/// Some JSON.
pub fn value(random: &mut ChaCha20Rng, depth: usize) -> Value {
    match random.random_range(0..14) {
        0 => Value::Null,
        1 => random.random::<bool>().into(),
        2 => random.random::<i64>().into(),
        3 => random.random::<f64>().into(),
        4 => [
            json!(0),
            json!(-1),
            json!(i64::MAX),
            json!(u64::MAX),
            json!(1e300),
            json!(-0.0),
        ][random.random_range(0..6)]
        .clone(),
        5..11 => text(random).into(),
        11 if depth > 0 => (0..random.random_range(0..4))
            .map(|_| value(random, depth - 1))
            .collect(),
        12 if depth > 0 => (0..random.random_range(0..4))
            .map(|_| (text(random), value(random, depth - 1)))
            .collect::<Map<_, _>>()
            .into(),
        _ => json!({}),
    }
}

fn text(random: &mut ChaCha20Rng) -> String {
    let known = [
        "",
        " ",
        "0",
        "-1",
        "00000000000000000000",
        "9007199254740993",
        "1e9",
        "0x10",
        "NaN",
        "null",
        "%",
        "_",
        "%%",
        "!",
        "\\",
        "'",
        "\"",
        "'; DROP TABLE card; --",
        "\u{0}",
        "a\u{0}b",
        "\u{202e}",
        "💳",
        "é",
        "e\u{301}",
        "\u{feff}",
        "ﷺ",
        "١٢٣",
        "2026-02-30",
        "9999-12",
        "0000-00",
        "1990-05-17",
        "-9999-01-01",
        "LT",
        "IR",
        "USD",
        "JPY",
        "XAU",
        "active",
        "new",
        "10.00",
        "10.001",
        "99999999999999999999.99",
        "+37060000000",
        "a@b",
        "\r\nX-Evil: 1",
        "../../etc",
    ];
    match random.random_range(0..8) {
        0 => "x".repeat(random.random_range(1..2_000)),
        1 => "9".repeat(random.random_range(1..60)),
        2 => "%_".repeat(random.random_range(1..50)),
        3 => (0..random.random_range(0..30))
            .map(|_| random.random::<char>())
            .collect(),
        _ => known[random.random_range(0..known.len())].to_owned(),
    }
}

/// A body that has nothing to do with the route.
pub fn body(random: &mut ChaCha20Rng) -> Vec<u8> {
    match random.random_range(0..6) {
        0 => Vec::new(),
        1 => {
            let mut bytes = vec![0; random.random_range(1..2_000)];
            random.fill_bytes(&mut bytes);
            bytes
        }
        2 => value(random, 4).to_string().into_bytes(),
        3 => {
            let depth = random.random_range(1..200);
            format!("{}{}", "{\"a\":".repeat(depth), "}".repeat(depth)).into_bytes()
        }
        4 => format!("{{\"a\":{}}}", "[".repeat(random.random_range(1..5_000))).into_bytes(),
        _ => format!(
            "{{\"a\":\"{}\"}}",
            "x".repeat(random.random_range(1..300_000))
        )
        .into_bytes(),
    }
}
