//! AWS CloudHSM clusters that objects of the app's are.

use super::{Failure, Place, words};
use crate::convert::{bytes, read};
use pocketkms::{CloudHsmCluster, ClusterCiphertext, ClusterDescription, ClusterError, ClusterErrorKind, Secret};
use wasm_bindgen::JsValue;

/// An object of the app's.
pub(crate) struct Cluster(Place);

type Answer<T> = Result<T, ClusterError>;

impl Cluster {
    pub(crate) fn at(place: u32) -> Self {
        Self(Place(place))
    }

    fn call<const N: usize>(&self, method: &str, given: [JsValue; N]) -> Answer<JsValue> {
        self.0.call(method, given).ok_or_else(|| internal("the answer has yet to come"))?.map_err(failed)
    }

    fn call_for_bytes<const N: usize>(&self, method: &str, given: [JsValue; N]) -> Answer<Secret> {
        read(&self.call(method, given)?, "the answer").map_err(|fault| internal(&fault.to_string()))
    }
}

impl CloudHsmCluster for Cluster {
    fn describe(&self) -> Answer<ClusterDescription> {
        Ok(ClusterDescription { trust_anchor_certificate: self.call("describe", [])?.as_string() })
    }

    fn connect(&self, password: &Secret) -> Answer<()> {
        self.call("connect", [text(password)?]).map(drop)
    }

    fn disconnect(&self) {
        self.0.tell("disconnect", []);
    }

    fn create_key(&self, password: &Secret, label: &str) -> Answer<String> {
        let id = self.call("createKey", [text(password)?, label.into()])?;
        id.as_string().ok_or_else(|| internal("the answer is no text"))
    }

    fn delete_key(&self, password: &Secret, key: &str) -> Answer<()> {
        self.0.tell("deleteKey", [text(password)?, key.into()]);
        Ok(())
    }

    fn encrypt(&self, password: &Secret, key: &str, plaintext: &Secret, aad: &[u8]) -> Answer<ClusterCiphertext> {
        let given = [text(password)?, key.into(), copy(plaintext.expose())?, copy(aad)?];
        let sealed = self.call_for_bytes("encrypt", given)?;
        let parts = sealed.expose().split_first_chunk().and_then(|(iv, rest)| Some((iv, rest.split_last_chunk()?)));
        let (iv, (ciphertext, tag)) = parts.ok_or_else(|| internal("encrypt() answered less than an IV and a tag"))?;
        Ok(ClusterCiphertext { iv: *iv, ciphertext: ciphertext.to_vec(), tag: *tag })
    }

    fn decrypt(&self, password: &Secret, key: &str, ciphertext: &ClusterCiphertext, aad: &[u8]) -> Answer<Secret> {
        let sealed = [&ciphertext.iv[..], &ciphertext.ciphertext, &ciphertext.tag].concat();
        self.call_for_bytes("decrypt", [text(password)?, key.into(), copy(&sealed)?, copy(aad)?])
    }

    fn random(&self, password: &Secret, length: usize) -> Answer<Secret> {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        self.call_for_bytes("random", [text(password)?, length.into()])
    }
}

/// What the app threw: a `ClusterError` of its kind; what is none comes back to the caller with what it came from.
fn failed(failure: Failure) -> ClusterError {
    let Failure { name, kind, message, explanation: _, thrown } = failure;
    let known = kind.and_then(|name| ClusterErrorKind::ALL.iter().find(|kind| kind.as_str() == name));
    match known {
        Some(kind) => ClusterError::new(*kind, message),
        None => ClusterError::new(ClusterErrorKind::Internal, words(&name, &message)).with_origin(thrown.to_origin()),
    }
}

fn internal(text: &str) -> ClusterError {
    ClusterError::new(ClusterErrorKind::Internal, text)
}

/// A password is text: what is none was never one.
fn text(password: &Secret) -> Answer<JsValue> {
    str::from_utf8(password.expose()).map(JsValue::from).map_err(|_| internal("the password is no text"))
}

fn copy(given: &[u8]) -> Answer<JsValue> {
    bytes(given).map_err(|fault| internal(&fault.to_string()))
}
