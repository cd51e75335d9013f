//! Recovery codes: the way back for somebody who has lost their password.
//!
//! Each has 140 random bits, more than anybody can try, so that a digest without salt keeps it. It is
//! used once.

use protocol::Secret;
use sha2::{Digest, Sha256};

/// How many are made at a time.
pub const CODES: usize = 10;

/// Without letters and digits that are taken for each other (Crockford's Base32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of a code, 5 bits each.
const LENGTH: usize = 28;

/// New codes, as a person reads them: seven groups of four.
pub fn generate() -> Vec<Secret> {
    (0..CODES)
        .map(|_| Secret::new(code(rand::random())))
        .collect()
}

fn code(bytes: [u8; LENGTH]) -> String {
    let mut code = String::with_capacity(LENGTH + LENGTH / 4);
    for (place, byte) in bytes.into_iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            code.push('-');
        }
        // Of each byte five bits.
        code.push(char::from(ALPHABET[usize::from(byte) % 32]));
    }
    code
}

/// What is kept of a code, however it was typed: capitals, spaces and dashes do not matter, nor do
/// letters that look like a digit.
pub fn digest(code: &str) -> String {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        // Longer than any code, so that what is typed costs no more than it has to.
        .take(LENGTH + 1)
        .map(|character| match character.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect();
    Sha256::digest(plain.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_ten_and_no_two_are_the_same() {
        let codes = generate();
        let mut digests: Vec<_> = codes.iter().map(|code| digest(code.reveal())).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), CODES);
        assert_eq!(codes[0].reveal().len(), 34);
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(
            digest("01ab-cdef-ghjk-mnpq"),
            digest(" O1AB CDEF ghjkmnpq ")
        );
        assert_ne!(digest("01ab-cdef-ghjk-mnpq"), digest("01ab-cdef-ghjk-mnpr"));
    }
}
