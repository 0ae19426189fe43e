//! AWS's attestation PKI in small, for tests: a root, what it vouches for, documents of enclaves, and what such an enclave does with the
//! answers. It is made from the standards, and shares nothing with the core.

mod certificate;
mod document;
mod enveloped;

pub use certificate::{Issuer, Template};
pub use document::{Cbor, Document};
pub use enveloped::Enveloped;

use pocketkms::{Curve, Hash, OaepHash, Provider, RsaPadding, Secret, Timestamp};

/// The authorities of a document and the certificate that signs it, and the enclave's own key.
pub struct Pki {
    /// The root first.
    pub authorities: Vec<Issuer>,
    /// Who signs documents.
    pub signer: Issuer,
    /// The enclave's private key, PKCS #8.
    pub enclave_key: Secret,
}

/// Three hours, as AWS's are valid.
pub const VALID_MILLIS: i64 = 3 * 3_600_000;

impl Pki {
    /// A root for thirty years, two authorities for weeks, and a certificate for three hours from now.
    pub fn new(now: Timestamp) -> Self {
        let day = 86_400_000;
        let root = Issuer::root(&Template::authority("aws.nitro-enclaves", now, 10_950 * day));
        let regional = root.issues(&Template::authority("us-east-1.aws.nitro-enclaves", now, 20 * day));
        let zonal =
            Template { path_length: Some(0), ..Template::authority("zone.us-east-1.aws.nitro-enclaves", now, day) };
        let zonal = regional.issues(&zonal);
        let signer = zonal.issues(&Template::signer("i-0123-enc4567.us-east-1.aws", now, VALID_MILLIS));
        let enclave_key = Provider::default().generate_rsa_key(2048).expect("a key");
        Self { authorities: vec![root, regional, zonal], signer, enclave_key }
    }

    /// The root certificate, DER.
    pub fn root(&self) -> &[u8] {
        &self.authorities[0].der
    }

    /// The public key of the enclave, a DER `SubjectPublicKeyInfo`.
    pub fn enclave_public_key(&self) -> Vec<u8> {
        let key = Provider::default().rsa.private_key(self.enclave_key.expose()).expect("a key");
        key.public_key().expect("a public key")
    }

    /// A document as an enclave gets it.
    pub fn document(&self) -> Document {
        Document::new(
            self.signer.der.clone(),
            self.authorities.iter().map(|authority| authority.der.clone()).collect(),
            self.enclave_public_key(),
        )
    }

    /// The same, signed.
    pub fn signed_document(&self) -> Vec<u8> {
        self.document().sign(&self.signer)
    }

    /// What the enclave reads in an answer.
    pub fn open(&self, ciphertext_for_recipient: &[u8]) -> Option<Vec<u8>> {
        let enveloped = Enveloped::parse(ciphertext_for_recipient)?;
        let provider = Provider::default();
        let key = provider.rsa.private_key(self.enclave_key.expose()).ok()?;
        let padding = RsaPadding::Oaep(OaepHash::Sha256);
        let content_key = provider.rsa_decrypt(&*key, padding, &enveloped.encrypted_key).ok()?;
        enveloped.decrypt(content_key.expose())
    }
}

/// SHA-384 of the parts in a row.
fn sha384(parts: &[&[u8]]) -> Vec<u8> {
    let mut hasher = Provider::default().digest.start(Hash::Sha384);
    for part in parts {
        hasher.update(part);
    }
    hasher.finish()
}

/// A DER signature by a private key on P-384.
fn sign(private_key: &Secret, digest: &[u8]) -> Vec<u8> {
    let provider = Provider::default();
    provider.curves.sign(Curve::P384, private_key.expose(), digest, &*provider.random).expect("a signature")
}
