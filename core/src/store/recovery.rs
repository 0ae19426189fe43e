//! A recovery key as a person writes it down: Crockford's Base32 in groups, with a checksum.
//!
//! 160 random bits and 20 bits of checksum make 36 characters, six groups of six. No one guesses 160 bits, and a text of
//! 256 would be half as long again to type.

use crate::{
    crypto::Digest,
    error::{Error, ErrorKind, Result},
    secret::{Secret, SecretArray},
};
use alloc::format;
use pocketkms_rust_crypto::RustCrypto;

/// The bytes of a recovery key.
pub(super) const LENGTH: usize = 20;
const CHARACTERS: usize = 36;
const KEY_CHARACTERS: usize = 32;
const GROUP: usize = 6;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECKSUM_LABEL: &[u8] = b"PocketKMS Recovery Key 1";

/// The text of a recovery key: `XXXXXX-XXXXXX-XXXXXX-XXXXXX-XXXXXX-XXXXXX`.
pub(super) fn write(key: &SecretArray<LENGTH>) -> Secret {
    let checksum = checksum(key);
    let mut text = Secret::zeroed(CHARACTERS + CHARACTERS / GROUP - 1);
    let mut places = text.expose_mut().iter_mut();
    for at in 0..CHARACTERS {
        if at > 0 && at % GROUP == 0 {
            places.next().into_iter().for_each(|place| *place = b'-');
        }
        let value =
            if at < KEY_CHARACTERS { five_bits(key.expose(), at) } else { five_bits(&checksum, at - KEY_CHARACTERS) };
        let character = ALPHABET.get(usize::from(value)).copied().unwrap_or_default();
        places.next().into_iter().for_each(|place| *place = character);
    }
    text
}

/// The recovery key in a text that a person typed.
pub(super) fn read(text: &str) -> Result<SecretArray<LENGTH>> {
    let mut values = Secret::zeroed(CHARACTERS);
    let mut count = 0_usize;
    for (at, character) in text.chars().enumerate() {
        if character.is_whitespace() || is_hyphen(character) {
            continue;
        }
        // The character itself stays out of the error: it is a part of a secret.
        let value = value(character).ok_or_else(|| {
            invalid(&format!("character {} is neither a letter nor a digit of a recovery key", at + 1))
        })?;
        if let Some(place) = values.expose_mut().get_mut(count) {
            *place = value;
        }
        count += 1;
    }
    if count != CHARACTERS {
        return Err(invalid(&format!("it has {CHARACTERS} letters and digits, not {count}")));
    }
    let (of_key, of_checksum) = values.expose().split_at(KEY_CHARACTERS);
    let mut key = SecretArray::<LENGTH>::zeroed();
    for (at, value) in of_key.iter().enumerate() {
        put_five_bits(key.expose_mut(), at, *value);
    }
    let expected = checksum(&key);
    if of_checksum.iter().enumerate().all(|(at, value)| five_bits(&expected, at) == *value) {
        Ok(key)
    } else {
        Err(invalid("a character is wrong: the checksum at its end does not fit"))
    }
}

/// As a key of 32 bytes: zero bytes follow it.
pub(super) fn padded(key: &SecretArray<LENGTH>) -> SecretArray<32> {
    let mut padded = SecretArray::zeroed();
    padded.expose_mut().iter_mut().zip(key.expose()).for_each(|(place, byte)| *place = *byte);
    padded
}

/// Twenty bits, and four that are not used.
fn checksum(key: &SecretArray<LENGTH>) -> [u8; 3] {
    let [first, second, third, ..] = RustCrypto.sha256(&[CHECKSUM_LABEL, key.expose()]);
    [first, second, third]
}

fn five_bits(bytes: &[u8], at: usize) -> u8 {
    (at * 5..at * 5 + 5).fold(0, |value, bit| {
        let byte = bytes.get(bit / 8).copied().unwrap_or_default();
        (value << 1) | (byte >> (7 - bit % 8)) & 1
    })
}

fn put_five_bits(bytes: &mut [u8], at: usize, value: u8) {
    for (number, bit) in (at * 5..at * 5 + 5).enumerate() {
        if let Some(byte) = bytes.get_mut(bit / 8) {
            *byte |= ((value >> (4 - number)) & 1) << (7 - bit % 8);
        }
    }
}

/// What a character stands for; look-alikes as the one that they look like.
fn value(character: char) -> Option<u8> {
    let upper = character.to_ascii_uppercase();
    let meant = match upper {
        'O' => '0',
        'I' | 'L' => '1',
        'U' => 'V',
        other => other,
    };
    let at = ALPHABET.iter().position(|letter| char::from(*letter) == meant)?;
    u8::try_from(at).ok()
}

/// Hyphens and dashes: word processors make one of another.
fn is_hyphen(character: char) -> bool {
    matches!(character, '-' | '_' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn invalid(why: &str) -> Error {
    Error::new(ErrorKind::Validation, format!("this is no recovery key: {why}"))
}
