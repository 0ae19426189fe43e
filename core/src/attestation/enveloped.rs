//! `CiphertextForRecipient`: CMS `EnvelopedData` (RFC 5652, section 6), as AWS KMS writes it: a random key for AES-256-CBC, encrypted by
//! RSAES-OAEP with SHA-256 for the recipient, whose public key is named by an identifier of 32 bytes.
//!
//! What holds the content has indefinite lengths (BER), as AWS's has: AWS's own parser in aws-nitro-enclaves-sdk-c takes them for given.

use crate::{
    crypto::{
        OaepHash, Provider, RsaPublicKey,
        der::{Der, NULL, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE},
    },
    error::Result,
    secret::{Secret, SecretArray},
};
use alloc::vec::Vec;
use pkcs8::ObjectIdentifier;

/// RFC 5652, sections 4 and 6.1.
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ENVELOPED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.3");
/// RFC 8017, appendix A.2.1.
const RSAES_OAEP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.7");
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
/// RFC 3565, section 4.1.
const AES256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");

const SET: u8 = 0x31;
/// Version 2: recipients are named by the identifiers of their keys.
const VERSION_2: &[u8] = &[0x02, 0x01, 0x02];
/// [0] IMPLICIT OCTET STRING.
const IMPLICIT_ZERO: u8 = 0x80;
const EXPLICIT_ZERO: u8 = 0xa0;
const EXPLICIT_ONE: u8 = 0xa1;
/// In place of a length: the end is marked.
const INDEFINITE: u8 = 0x80;
/// What marks it.
const END: [u8; 2] = [0, 0];
/// Longer contents come in pieces. As long as those that Bouncy Castle makes.
const PIECE: usize = 1000;

/// Encrypts for the owner of a public key.
pub(super) fn seal(
    provider: &Provider,
    public_key: &dyn RsaPublicKey,
    key_id: &[u8; 32],
    plaintext: &Secret,
) -> Result<Vec<u8>> {
    let mut key = SecretArray::<32>::zeroed();
    provider.fill_random(key.expose_mut())?;
    let mut iv = [0; 16];
    provider.fill_random(&mut iv)?;
    let encrypted_key = public_key.encrypt(OaepHash::Sha256, key.expose(), &*provider.random)?;
    let content = provider.cbc.encrypt(key.expose(), &iv, plaintext.expose());

    let mut out = Vec::with_capacity(content.len() + encrypted_key.len() + 256);
    // ContentInfo, its content, and EnvelopedData.
    out.extend([SEQUENCE, INDEFINITE]);
    out.extend_from_slice(oid(ENVELOPED_DATA).bytes());
    out.extend([EXPLICIT_ZERO, INDEFINITE, SEQUENCE, INDEFINITE]);
    out.extend_from_slice(VERSION_2);
    out.extend_from_slice(Der::of(SET, &[recipient(key_id, &encrypted_key).bytes()]).bytes());
    // EncryptedContentInfo.
    out.extend([SEQUENCE, INDEFINITE]);
    out.extend_from_slice(oid(DATA).bytes());
    out.extend_from_slice(Der::of(SEQUENCE, &[oid(AES256_CBC).bytes(), Der::of(OCTET_STRING, &[&iv]).bytes()]).bytes());
    out.extend([EXPLICIT_ZERO, INDEFINITE]);
    for piece in content.chunks(PIECE) {
        out.extend_from_slice(Der::of(OCTET_STRING, &[piece]).bytes());
    }
    // Of all five that were begun.
    out.extend([END; 5].as_flattened());
    Ok(out)
}

/// `KeyTransRecipientInfo` (section 6.2.1).
fn recipient(key_id: &[u8], encrypted_key: &[u8]) -> Der {
    let sha256 = algorithm(SHA256, NULL);
    let mgf = algorithm(MGF1, sha256.bytes());
    let (hash, mgf) = (Der::of(EXPLICIT_ZERO, &[sha256.bytes()]), Der::of(EXPLICIT_ONE, &[mgf.bytes()]));
    let parameters = Der::of(SEQUENCE, &[hash.bytes(), mgf.bytes()]);
    let parts = [
        VERSION_2,
        Der::of(IMPLICIT_ZERO, &[key_id]).bytes(),
        algorithm(RSAES_OAEP, parameters.bytes()).bytes(),
        Der::of(OCTET_STRING, &[encrypted_key]).bytes(),
    ]
    .concat();
    Der::of(SEQUENCE, &[&parts])
}

fn algorithm(id: ObjectIdentifier, parameters: &[u8]) -> Der {
    Der::of(SEQUENCE, &[oid(id).bytes(), parameters])
}

fn oid(id: ObjectIdentifier) -> Der {
    Der::of(OBJECT_IDENTIFIER, &[id.as_bytes()])
}
