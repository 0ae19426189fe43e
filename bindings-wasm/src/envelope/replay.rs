//! The calls that a keyring makes to a KMS, or to a store of branch keys, that answers later; and what they returned.

use super::options::{BranchKeyAnswer, KmsAnswer, required};
use crate::{
    convert::{
        host::{list, object},
        read, write,
    },
    fault::{Fault, Thrown},
};
use pocketkms::{
    Error, ErrorKind, Secret, Untrusted,
    api::{Blob, DecryptRequest, EncryptRequest, GenerateDataKeyRequest},
    keys::BranchKeyVersion,
};
use wasm_bindgen::prelude::*;

/// A call that a keyring makes.
pub(super) enum RemoteCall {
    GenerateDataKey(GenerateDataKeyRequest),
    Encrypt(EncryptRequest),
    Decrypt(DecryptRequest),
    /// A branch key, by its id and version; the active one where none is named.
    BranchKey(String, Option<BranchKeyVersion>),
    /// What state it is in.
    BranchKeyState(String, Option<BranchKeyVersion>),
}

impl RemoteCall {
    /// Whether it is the same. Encrypting, a key is asked only once.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::GenerateDataKey(_), Self::GenerateDataKey(_)) | (Self::Encrypt(_), Self::Encrypt(_)) => true,
            (Self::Decrypt(one), Self::Decrypt(other)) => one == other,
            (Self::BranchKey(id, version), Self::BranchKey(other, of))
            | (Self::BranchKeyState(id, version), Self::BranchKeyState(other, of)) => (id, version) == (other, of),
            _ => false,
        }
    }

    /// The method to be called, and with what.
    fn describe(&self) -> Result<JsValue, Fault> {
        let (method, arguments) = match self {
            Self::GenerateDataKey(request) => ("generateDataKey", vec![write(request)?]),
            Self::Encrypt(request) => ("encrypt", vec![write(request)?]),
            Self::Decrypt(request) => ("decrypt", vec![write(request)?]),
            Self::BranchKey(id, None) => ("activeBranchKey", vec![id.into()]),
            Self::BranchKey(id, Some(version)) => ("branchKeyVersion", vec![id.into(), version.to_string().into()]),
            Self::BranchKeyState(id, version) => {
                let version = version.map(|version| version.to_string().into()).unwrap_or_default();
                ("branchKeyState", vec![id.into(), version])
            }
        };
        Ok(object([("method", method.into()), ("arguments", list(arguments))]))
    }

    /// Reads what the method returned.
    fn read(&self, returned: &JsValue) -> Result<RemoteResult, Fault> {
        if let Self::BranchKey(..) = self {
            let BranchKeyAnswer { branch_key_version, branch_key } = read(returned, "the answer")?;
            let version = required("branchKeyVersion", branch_key_version)?.parse()?;
            let branch_key = required("branchKey", branch_key)?;
            if branch_key.len() != 32 {
                return Err(Fault::misuse(format!("branchKey must have 32 bytes, not {}", branch_key.len())));
            }
            return Ok(RemoteResult::BranchKey(version, branch_key));
        }
        if let Self::BranchKeyState(..) = self {
            return Ok(RemoteResult::BranchKeyState(read(returned, "the state of the branch key")?));
        }
        let KmsAnswer { key_id, plaintext, ciphertext_blob } = read(returned, "the answer")?;
        let key_id = required("keyId", key_id)?;
        let secret = |plaintext| required("plaintext", plaintext);
        let blob = |blob| required("ciphertextBlob", blob);
        Ok(match self {
            Self::Encrypt(_) => RemoteResult::Encrypted(key_id, blob(ciphertext_blob)?),
            Self::Decrypt(_) => RemoteResult::Decrypted(key_id, secret(plaintext)?),
            _ => RemoteResult::DataKey(key_id, secret(plaintext)?, blob(ciphertext_blob)?),
        })
    }
}

/// What a call returned. Secrets are wiped on drop.
pub(super) enum RemoteResult {
    Failed(Failure),
    DataKey(String, Secret, Blob),
    Encrypted(String, Blob),
    Decrypted(String, Secret),
    BranchKey(BranchKeyVersion, Secret),
    BranchKeyState(String),
}

/// Why a call failed, and what it threw.
pub(super) struct Failure {
    kind: ErrorKind,
    message: String,
    explanation: Option<String>,
    thrown: Thrown,
}

impl Failure {
    fn error(&self) -> Error {
        let error = Error::new(self.kind, self.message.clone()).with_origin(self.thrown.to_origin());
        self.explanation.iter().fold(error, Error::explain)
    }
}

/// The calls of a keyring for one message with their results, so that it can be run again with what has come.
#[wasm_bindgen]
#[derive(Default)]
pub struct Replay {
    results: Vec<(RemoteCall, RemoteResult)>,
    pending: Option<RemoteCall>,
    keys_done: usize,
}

#[wasm_bindgen]
impl Replay {
    /// No calls yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what the pending call returned.
    #[wasm_bindgen(js_name = setResult)]
    pub fn set_result(&mut self, returned: &JsValue) -> Result<(), JsValue> {
        if let Some(call) = &self.pending {
            let result = call.read(returned)?;
            self.results.extend(self.pending.take().map(|call| (call, result)));
        }
        Ok(())
    }

    /// Takes what the pending call threw, and what is known of it.
    #[wasm_bindgen(js_name = setFailure)]
    pub fn set_failure(&mut self, thrown: &JsValue, name: &str, message: &str, explanation: Option<String>) {
        let thrown = Thrown::new(thrown);
        let failure = match ErrorKind::ALL.iter().find(|kind| kind.name() == name) {
            Some(kind) => Failure { kind: *kind, message: message.to_owned(), explanation, thrown },
            // Of any other error all that is known here is that the key could not be used. Its text is the app's own.
            None => Failure {
                kind: ErrorKind::KeyUnavailable,
                message: String::new(),
                explanation: Some(format!("{}: {}", Untrusted(name), Untrusted(message))),
                thrown,
            },
        };
        self.results.extend(self.pending.take().map(|call| (call, RemoteResult::Failed(failure))));
    }
}

impl Replay {
    /// The result of a call, as `take` finds it. An error if it has not come yet; which one does not matter, since the
    /// keyring is run again.
    pub(super) fn result<T>(
        &mut self,
        call: RemoteCall,
        take: impl FnOnce(&RemoteResult) -> Option<T>,
    ) -> Result<T, Error> {
        let pending = || Error::new(ErrorKind::KeyUnavailable, "the result has not come yet");
        let Some((_, result)) = self.results.iter().find(|(made, _)| made.is(&call)) else {
            // Only one at a time, for its result may make the next call superfluous.
            self.pending.get_or_insert(call);
            return Err(pending());
        };
        match result {
            RemoteResult::Failed(failure) => Err(failure.error()),
            result => take(result).ok_or_else(pending),
        }
    }

    /// How many keys of a KMS keyring are done.
    pub(super) fn keys_done(&self) -> usize {
        self.keys_done
    }

    /// Goes on to the next key, with no calls yet.
    pub(super) fn key_done(&mut self) {
        self.keys_done += 1;
        self.results.clear();
    }

    /// What running the keyring came to: the pending call, or `undefined` if there is none and all is well.
    pub(super) fn outcome(&self, result: Result<(), JsValue>) -> Result<JsValue, JsValue> {
        match &self.pending {
            Some(call) => Ok(call.describe()?),
            None => result.map(|()| JsValue::UNDEFINED),
        }
    }

    pub(super) fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Forgets the pending call, whose result is not needed any more.
    pub(super) fn cancel_pending(&mut self) {
        self.pending = None;
    }
}
