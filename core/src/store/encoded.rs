//! A root key of 32 bytes as machines keep it: raw, in hexadecimal digits or in base64.

use super::RootKey;
use crate::{
    error::{Error, ErrorKind, Result},
    secret::SecretArray,
};
use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

const DIGITS: usize = 64;
/// Without and with `=` at the end.
const BASE64: [usize; 2] = [43, 44];

impl RootKey {
    /// 32 random bytes as they stand in an environment variable or a file: 64 hexadecimal digits, base64 (of either alphabet, with or
    /// without `=` at the end), or the 32 bytes themselves. White space around the digits does not count, such as the end of a line.
    ///
    /// 32 characters of text are refused: they are a passphrase, or a key of 16 bytes in hexadecimal digits.
    pub fn from_encoded(key: &[u8]) -> Result<Self> {
        if key.len() == 32 && !key.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            return Self::from_bytes(key);
        }
        let text = key.trim_ascii();
        let mut bytes = SecretArray::<32>::zeroed();
        let is_read = match text.len() {
            DIGITS => hex::decode_to_slice(text, bytes.expose_mut()).is_ok(),
            length if BASE64.contains(&length) => read_base64(text, &mut bytes),
            _ => false,
        };
        if is_read {
            return Self::from_bytes(bytes.expose());
        }
        // The text itself stays out of the error: it may be all of the secret but a character.
        let words = "a root key is 64 hexadecimal digits, 44 characters of base64, or 32 raw bytes";
        let found = match text.len() {
            32 => "there are 32 characters: a root key of so many digits has 16 bytes only, and a text is a passphrase",
            DIGITS | 43 | 44 => "the length is right, and a character is not",
            _ => "the length is another one",
        };
        Err(Error::new(ErrorKind::Validation, words).explain(found))
    }
}

fn read_base64(text: &[u8], bytes: &mut SecretArray<32>) -> bool {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    // A decoder wants room for the longest text of that length.
    let mut decoded = SecretArray::<33>::zeroed();
    [STANDARD, URL_SAFE].iter().any(|alphabet| {
        let length = GeneralPurpose::new(alphabet, config).decode_slice(text, decoded.expose_mut());
        let read = decoded.expose().first_chunk::<32>().filter(|_| length == Ok(32));
        read.map(|read| bytes.expose_mut().copy_from_slice(read)).is_some()
    })
}
