//! How addresses are written on each chain.

use cardwright_core::Chain;
use sha2::{Digest, Sha256};
use sha3::Keccak256;

/// What every address of Tron begins with, before it is written to the base 58: it makes the first
/// letter a T.
const TRON_PREFIX: u8 = 0x41;

/// An address over these twenty bytes, which stand for the digest of a public key.
pub(super) fn text(chain: Chain, bytes: [u8; 20]) -> String {
    match chain {
        // Base58Check.
        Chain::Trc20 => {
            let mut whole = vec![TRON_PREFIX];
            whole.extend_from_slice(&bytes);
            let check = checksum(&whole);
            whole.extend_from_slice(&check);
            base58(&whole)
        }
        Chain::Bep20 => format!("0x{}", hex::encode(bytes)),
    }
}

/// An address as we keep it; nothing where the text is none of this chain, was mistyped, or stands
/// for nobody.
///
/// Addresses of an EVM chain may be written in capitals, in small letters, or in both as EIP-55 has
/// it; they are kept in small letters, so that one address has one form.
pub(in crate::ops) fn parse(chain: Chain, given: &str) -> Option<String> {
    let bytes = match chain {
        Chain::Trc20 => tron_bytes(given)?,
        Chain::Bep20 => evm_bytes(given)?,
    };
    (bytes != [0; 20]).then(|| text(chain, bytes))
}

fn tron_bytes(given: &str) -> Option<[u8; 20]> {
    let whole = from_base58(given)?;
    let (body, check) = whole.split_at_checked(21)?;
    if check != checksum(body) {
        return None;
    }
    let (prefix, bytes) = body.split_first()?;
    let bytes = bytes.try_into().ok()?;
    (*prefix == TRON_PREFIX).then_some(bytes)
}

fn evm_bytes(given: &str) -> Option<[u8; 20]> {
    let digits = given.strip_prefix("0x")?;
    let bytes: [u8; 20] = hex::decode(digits).ok()?.try_into().ok()?;
    let has = |of: fn(&u8) -> bool| digits.bytes().any(|digit| of(&digit));
    let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    (!is_mixed || digits == with_checksum(bytes)).then_some(bytes)
}

/// The digits of an address as EIP-55 writes them: a letter is great where the digest of all digits
/// has a one in its place.
fn with_checksum(bytes: [u8; 20]) -> String {
    let small = hex::encode(bytes);
    let digest = hex::encode(Keccak256::digest(small.as_bytes()));
    let digits = small.chars().zip(digest.chars());
    let digits = digits.map(|(digit, place)| match place {
        '8'..='9' | 'a'..='f' => digit.to_ascii_uppercase(),
        _ => digit,
    });
    digits.collect()
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let digest = Sha256::digest(Sha256::digest(bytes));
    [digest[0], digest[1], digest[2], digest[3]]
}

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// The bytes as one large number, written to the base 58; none of ours begins with a zero byte,
/// which would need a sign of its own.
fn base58(bytes: &[u8]) -> String {
    let mut digits: Vec<u8> = Vec::new();
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = u8::try_from(carry % 58).unwrap_or_default();
            carry /= 58;
        }
        while carry > 0 {
            digits.push(u8::try_from(carry % 58).unwrap_or_default());
            carry /= 58;
        }
    }
    let letter = |digit: &u8| char::from(BASE58[usize::from(*digit)]);
    digits.iter().rev().map(letter).collect()
}

/// The most letters that are looked at: an address of Tron has 34.
const BASE58_LETTERS_MAX: usize = 40;

/// The bytes of a number that is written to the base 58.
fn from_base58(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || text.len() > BASE58_LETTERS_MAX {
        return None;
    }
    // The lowest first.
    let mut bytes: Vec<u8> = Vec::new();
    for letter in text.bytes() {
        let digit = BASE58.iter().position(|known| *known == letter)?;
        let mut carry = u32::try_from(digit).ok()?;
        for byte in &mut bytes {
            carry += u32::from(*byte) * 58;
            *byte = u8::try_from(carry % 256).unwrap_or_default();
            carry /= 256;
        }
        while carry > 0 {
            bytes.push(u8::try_from(carry % 256).unwrap_or_default());
            carry /= 256;
        }
    }
    bytes.reverse();
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_address_comes_out_of_its_bytes() {
        // The contract of USDT, whose hexadecimal and Base58Check forms are both public.
        let bytes = hex::decode("a614f803b6fd780986a42c78ec9c7f77e6ded13c").unwrap();
        let bytes: [u8; 20] = bytes.try_into().unwrap();
        assert_eq!(
            text(Chain::Trc20, bytes),
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
        );
        assert_eq!(
            text(Chain::Bep20, bytes),
            "0xa614f803b6fd780986a42c78ec9c7f77e6ded13c"
        );
    }

    #[test]
    fn every_address_has_the_form_of_its_chain() {
        for byte in 1..=255 {
            let tron = text(Chain::Trc20, [byte; 20]);
            assert!(tron.starts_with('T') && tron.len() == 34, "{tron}");
            assert_eq!(parse(Chain::Trc20, &tron), Some(tron));
            let evm = text(Chain::Bep20, [byte; 20]);
            assert_eq!(evm.len(), 42);
            assert_eq!(parse(Chain::Bep20, &evm), Some(evm));
        }
    }

    #[test]
    fn the_published_examples_of_eip_55_are_addresses_and_one_letter_changed_is_none() {
        for address in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "0xde709f2102306220921060314715629080e2fb77",
        ] {
            let kept = address.to_ascii_lowercase();
            assert_eq!(
                parse(Chain::Bep20, address),
                Some(kept.clone()),
                "{address}"
            );
            assert_eq!(parse(Chain::Bep20, &kept), Some(kept), "{address}");
        }
        let wrong = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD";
        assert_eq!(parse(Chain::Bep20, wrong), None);
    }

    #[test]
    fn what_is_no_address_of_the_chain_is_refused() {
        let zero = format!("0x{}", "0".repeat(40));
        for wrong in [
            "",
            "0x",
            "a614f803b6fd780986a42c78ec9c7f77e6ded13c",
            "0xa614f803b6fd780986a42c78ec9c7f77e6ded13",
            "0xg614f803b6fd780986a42c78ec9c7f77e6ded13c",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
            &zero,
        ] {
            assert_eq!(parse(Chain::Bep20, wrong), None, "{wrong}");
        }
        let nobody = text(Chain::Trc20, [0; 20]);
        let long = "T".repeat(400);
        for wrong in [
            "",
            "T",
            // The last letter, two letters in each other's place, a letter that is none, and the
            // address of a person on Bitcoin's chain.
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjL6jt",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj60",
            "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
            "0xa614f803b6fd780986a42c78ec9c7f77e6ded13c",
            &nobody,
            &long,
        ] {
            assert_eq!(parse(Chain::Trc20, wrong), None, "{wrong}");
        }
    }
}
