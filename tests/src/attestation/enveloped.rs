//! Reading `CiphertextForRecipient` as AWS's parser in aws-nitro-enclaves-sdk-c does: it takes for given which lengths are indefinite, where what
//! stands, and that nothing else does.

use aes::Aes256;
use cbc::{
    Decryptor,
    cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7},
};

const ENVELOPED_DATA: &str = "2a864886f70d010703";
const DATA: &str = "2a864886f70d010701";
/// RSAES-OAEP with SHA-256, and MGF1 with SHA-256.
const RSAES_OAEP_SHA256: &str = "06092a864886f70d010107302fa00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d\
                                 06096086480165030402010500";
const AES256_CBC: &str = "60864801650304012a";

/// What it has.
#[derive(Debug)]
pub struct Enveloped {
    /// By what the recipient is named.
    pub key_id: Vec<u8>,
    /// The content's key, encrypted.
    pub encrypted_key: Vec<u8>,
    /// The initialization vector.
    pub iv: [u8; 16],
    /// The content in its pieces, encrypted.
    pub pieces: Vec<Vec<u8>>,
}

impl Enveloped {
    /// `None` for anything else.
    pub fn parse(ber: &[u8]) -> Option<Self> {
        let mut reader = Reader(ber);
        reader.indefinite(0x30)?;
        (hex::encode(reader.value(0x06)?) == ENVELOPED_DATA).then_some(())?;
        reader.indefinite(0xa0)?;
        reader.indefinite(0x30)?;
        (reader.value(0x02)? == [2]).then_some(())?;

        let mut recipients = Reader(reader.value(0x31)?);
        let mut recipient = Reader(recipients.value(0x30)?);
        recipients.finish()?;
        (recipient.value(0x02)? == [2]).then_some(())?;
        let key_id = recipient.value(0x80)?.to_vec();
        (hex::encode(recipient.value(0x30)?) == RSAES_OAEP_SHA256).then_some(())?;
        let encrypted_key = recipient.value(0x04)?.to_vec();
        recipient.finish()?;

        reader.indefinite(0x30)?;
        (hex::encode(reader.value(0x06)?) == DATA).then_some(())?;
        let mut algorithm = Reader(reader.value(0x30)?);
        (hex::encode(algorithm.value(0x06)?) == AES256_CBC).then_some(())?;
        let iv = algorithm.value(0x04)?.try_into().ok()?;
        algorithm.finish()?;
        reader.indefinite(0xa0)?;
        let mut pieces = Vec::new();
        while reader.0.first() == Some(&0x04) {
            pieces.push(reader.value(0x04)?.to_vec());
        }
        // The ends of the five that were begun.
        (reader.0 == [0; 10]).then_some(Self { key_id, encrypted_key, iv, pieces })
    }

    /// The content, in the clear.
    pub fn decrypt(&self, key: &[u8]) -> Option<Vec<u8>> {
        let decryptor = Decryptor::<Aes256>::new_from_slices(key, &self.iv).ok()?;
        decryptor.decrypt_padded_vec::<Pkcs7>(&self.pieces.concat()).ok()
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn value(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (length, rest) = match self.0 {
            [found, length @ 0..=0x7f, rest @ ..] if *found == tag => (usize::from(*length), rest),
            [found, 0x81, length @ 0x80..=0xff, rest @ ..] if *found == tag => (usize::from(*length), rest),
            [found, 0x82, high @ 1..=0xff, low, rest @ ..] if *found == tag => {
                (usize::from(u16::from_be_bytes([*high, *low])), rest)
            }
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(value)
    }

    fn indefinite(&mut self, tag: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[tag, 0x80])?;
        Some(())
    }

    fn finish(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer of AWS KMS to Decrypt, and the content's key, as the author of a demonstration printed both ("Nitro Enclave demo", `ned`,
    /// January 2025).
    const OF_AWS: &str = "308006092a864886f70d010703a08030800201023182016b308201670201028020a5281703e7f074991fdabdc30b83edc8c3a131eecafb\
                          5ed21c15f9c7fc1a23f9303c06092a864886f70d010107302fa00f300d06096086480165030402010500a11c301a06092a864886f70d01\
                          0108300d06096086480165030402010500048201009f974f1e780788b9d30ca9cad9c1d8ec580c1eb13447bd26cd35654102d48a36dbea\
                          92e22a611920b391a0706b0e2dfe7250d4a304301398bff3531b5a49bb0164e8aec196a7aac3ac0ae7d9bed042b632f33bc4e1718abdcf\
                          5df7a73da6003fb6e14ae35169a444138977b3ec9b138d9bf22d834c0f37d5e63aa3fafbb88f11ffde750859dbf7cd973fb91df384fa81\
                          ea14f188f76f52b235b960a8bb749e0d3bfec0d43c6c0334937509e8e5183d4523bbb30f0c098578a3204fffc5d3c9830ab9409dc7aa4f\
                          675596290401c652953522326c7a07004e83c534be4154f7095342a445901289ecbeef8ff1b695fb0b800a2a03e5331eac38d0c4a5b284\
                          f604308006092a864886f70d010701301d060960864801650304012a04105aab36bcfa098ce7cde7ea47f3f51957a0800420469d82fa4b\
                          12cf68a18be23bd1ef737f1e2d15f0c8f171477afb6c4e4000e41b00000000000000000000";
    const KEY: &str = "834e35d717af37b075357beb42da2d20679c19857209b0d33130ace8cc85647b";

    #[test]
    fn what_aws_kms_itself_answered_has_this_form() {
        let enveloped = Enveloped::parse(&hex::decode(OF_AWS).unwrap()).unwrap();
        assert_eq!((enveloped.key_id.len(), enveloped.encrypted_key.len()), (32, 256));
        assert_eq!(enveloped.pieces.iter().map(Vec::len).collect::<Vec<_>>(), [32]);
        let content = enveloped.decrypt(&hex::decode(KEY).unwrap()).unwrap();
        assert_eq!(content, b"hello world - goodbye world!");
    }
}
