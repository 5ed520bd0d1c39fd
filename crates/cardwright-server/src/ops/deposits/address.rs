//! How addresses are written on each chain.

use cardwright_core::Chain;
use sha2::{Digest, Sha256};

/// An address over these twenty bytes, which stand for the digest of a public key.
pub(super) fn text(chain: Chain, bytes: [u8; 20]) -> String {
    match chain {
        // Base58Check with the prefix 0x41, which makes every address begin with T.
        Chain::Trc20 => {
            let mut whole = vec![0x41];
            whole.extend_from_slice(&bytes);
            let check = Sha256::digest(Sha256::digest(&whole));
            whole.extend_from_slice(&check[..4]);
            base58(&whole)
        }
        Chain::Bep20 => format!("0x{}", hex::encode(bytes)),
    }
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
        for byte in 0..=255 {
            let tron = text(Chain::Trc20, [byte; 20]);
            assert!(tron.starts_with('T') && tron.len() == 34, "{tron}");
            assert_eq!(text(Chain::Bep20, [byte; 20]).len(), 42);
        }
    }
}
