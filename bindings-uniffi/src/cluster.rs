//! AWS CloudHSM clusters that objects of the app's are.

use crate::KmsError;
use pocketkms::{
    ClusterCiphertext, ClusterDescription, ClusterError, ClusterErrorKind, Error, ErrorKind, Secret, SecretText,
};
use std::sync::Arc;

/// The cluster of hardware security modules behind a custom key store: what makes, keeps and uses its keys, which never leave it.
///
/// Its methods are called while an operation is carried out, on the thread of its caller and by several at once, and must not call the vault.
/// Each gets the password of the crypto user `kmsuser` as the custom key store has it. Keys are AES keys of 256 bits that encrypt by GCM, with
/// an IV of 12 bytes and a tag of 16.
///
/// What is wrong a method says by the error that `clusterError` makes; anything else that it throws comes out of the operation as it is.
#[uniffi::export(with_foreign)]
pub trait CloudHsmCluster: Send + Sync {
    /// The trust anchor certificate that custom key stores have to name; none where they may name any. Without logging in.
    fn describe(&self) -> Result<Option<String>, KmsError>;

    /// Logs in, to find out whether the keys can be used.
    fn connect(&self, password: SecretText) -> Result<(), KmsError>;

    /// The custom key store was disconnected. What it throws concerns no one.
    fn disconnect(&self) -> Result<(), KmsError>;

    /// Makes a key, and returns its id in the cluster: 1 to 128 letters, digits, `-`, `_` and `.`. The label is the id of the KMS key.
    fn create_key(&self, password: SecretText, label: String) -> Result<String, KmsError>;

    /// Deletes a key, when its KMS key was deleted after the waiting period, or could not be stored.
    fn delete_key(&self, password: SecretText, key: String) -> Result<(), KmsError>;

    /// Encrypts up to 4,096 bytes, and returns IV, ciphertext and tag in one. `aad` is authenticated.
    fn encrypt(&self, password: SecretText, key: String, plaintext: Secret, aad: Vec<u8>) -> Result<Vec<u8>, KmsError>;

    /// Decrypts what `encrypt` returned. A tag that does not match is the `clusterError` of an invalid ciphertext.
    fn decrypt(&self, password: SecretText, key: String, ciphertext: Vec<u8>, aad: Vec<u8>)
    -> Result<Secret, KmsError>;

    /// Random bytes, 1 to 1024.
    fn random(&self, password: SecretText, length: u32) -> Result<Secret, KmsError>;
}

/// What a method of a `CloudHsmCluster` throws: operations answer with the exception of AWS KMS that the kind stands for, and the text is its
/// explanation, which stays in the process.
#[uniffi::export]
pub fn cluster_error(kind: ClusterErrorKind, text: String) -> KmsError {
    let error = KmsError::from(Error::new(ErrorKind::KmsInvalidState, text));
    // No exception of AWS KMS is called so.
    error.named(kind.as_str())
}

/// The core's view of it.
pub(crate) struct ForeignCluster(pub(crate) Arc<dyn CloudHsmCluster>);

type Answer<T> = Result<T, ClusterError>;

fn failed(error: KmsError) -> ClusterError {
    let details = error.details();
    if let Some(kind) = ClusterErrorKind::ALL.iter().find(|kind| kind.as_str() == details.name) {
        return ClusterError::new(*kind, details.message);
    }
    let error = Error::from(error);
    let failed = ClusterError::new(ClusterErrorKind::Internal, error.report());
    match error.origin() {
        Some(origin) => failed.with_origin(origin.clone()),
        None => failed,
    }
}

/// A password is text: what is none was never one.
fn text(password: &Secret) -> Answer<SecretText> {
    str::from_utf8(password.expose())
        .map(SecretText::copy_of)
        .map_err(|_| ClusterError::new(ClusterErrorKind::Internal, "the password is no text"))
}

impl pocketkms::CloudHsmCluster for ForeignCluster {
    fn describe(&self) -> Answer<ClusterDescription> {
        Ok(ClusterDescription { trust_anchor_certificate: self.0.describe().map_err(failed)? })
    }

    fn connect(&self, password: &Secret) -> Answer<()> {
        self.0.connect(text(password)?).map_err(failed)
    }

    fn disconnect(&self) {
        let _ = self.0.disconnect();
    }

    fn create_key(&self, password: &Secret, label: &str) -> Answer<String> {
        self.0.create_key(text(password)?, label.into()).map_err(failed)
    }

    fn delete_key(&self, password: &Secret, key: &str) -> Answer<()> {
        self.0.delete_key(text(password)?, key.into()).map_err(failed)
    }

    fn encrypt(&self, password: &Secret, key: &str, plaintext: &Secret, aad: &[u8]) -> Answer<ClusterCiphertext> {
        let plaintext = Secret::copy_of(plaintext.expose());
        let sealed = self.0.encrypt(text(password)?, key.into(), plaintext, aad.to_vec()).map_err(failed)?;
        let parts = sealed.split_first_chunk().and_then(|(iv, rest)| Some((iv, rest.split_last_chunk()?)));
        let short = || ClusterError::new(ClusterErrorKind::Internal, "encrypt returned less than an IV and a tag");
        let (iv, (ciphertext, tag)) = parts.ok_or_else(short)?;
        Ok(ClusterCiphertext { iv: *iv, ciphertext: ciphertext.to_vec(), tag: *tag })
    }

    fn decrypt(&self, password: &Secret, key: &str, ciphertext: &ClusterCiphertext, aad: &[u8]) -> Answer<Secret> {
        let sealed = [&ciphertext.iv[..], &ciphertext.ciphertext, &ciphertext.tag].concat();
        self.0.decrypt(text(password)?, key.into(), sealed, aad.to_vec()).map_err(failed)
    }

    fn random(&self, password: &Secret, length: usize) -> Answer<Secret> {
        self.0.random(text(password)?, length.try_into().unwrap_or(u32::MAX)).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_comes_back_with_its_text() {
        for kind in ClusterErrorKind::ALL.iter().copied() {
            let error = failed(cluster_error(kind, "the cable is out".into()));
            assert_eq!((error.kind(), error.to_string()), (kind, "the cable is out".into()));
        }
        let other = failed(KmsError::from(Error::new(ErrorKind::NotFound, "no key")));
        assert_eq!(other.kind(), ClusterErrorKind::Internal);
        assert!(other.to_string().contains("no key"));
    }
}
