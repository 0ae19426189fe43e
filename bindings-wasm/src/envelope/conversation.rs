//! What a keyring asks of a KMS, or of a store of branch keys, that answers later.

use super::options::{BranchKeyAnswer, KmsAnswer, required};
use crate::{
    convert::{
        host::{list, object},
        read, write,
    },
    fault::Fault,
};
use pocketkms::{
    Error, ErrorKind, Secret, Untrusted,
    api::{Blob, DecryptRequest, EncryptRequest, GenerateDataKeyRequest},
    keys::BranchKeyVersion,
};
use wasm_bindgen::prelude::*;

/// What a keyring wants to know.
pub(super) enum Question {
    GenerateDataKey(GenerateDataKeyRequest),
    Encrypt(EncryptRequest),
    Decrypt(DecryptRequest),
    /// A branch key, by its id and version; the active one where none is named.
    BranchKey(String, Option<BranchKeyVersion>),
}

impl Question {
    /// Whether it is the same. Encrypting, a key is asked only once.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::GenerateDataKey(_), Self::GenerateDataKey(_)) | (Self::Encrypt(_), Self::Encrypt(_)) => true,
            (Self::Decrypt(one), Self::Decrypt(other)) => one == other,
            (Self::BranchKey(id, version), Self::BranchKey(other, of)) => (id, version) == (other, of),
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
        };
        Ok(object([("method", method.into()), ("arguments", list(arguments))]))
    }

    /// Reads the answer.
    fn read(&self, answer: &JsValue) -> Result<Answer, Fault> {
        if let Self::BranchKey(..) = self {
            let BranchKeyAnswer { branch_key_version, branch_key } = read(answer, "the answer")?;
            let version = required("branchKeyVersion", branch_key_version)?.parse()?;
            let branch_key = required("branchKey", branch_key)?;
            if branch_key.len() != 32 {
                return Err(Fault::misuse(format!("branchKey must have 32 bytes, not {}", branch_key.len())));
            }
            return Ok(Answer::BranchKey(version, branch_key));
        }
        let KmsAnswer { key_id, plaintext, ciphertext_blob } = read(answer, "the answer")?;
        let key_id = required("keyId", key_id)?;
        let secret = |plaintext| required("plaintext", plaintext);
        let blob = |blob| required("ciphertextBlob", blob);
        Ok(match self {
            Self::Encrypt(_) => Answer::Encrypted(key_id, blob(ciphertext_blob)?),
            Self::Decrypt(_) => Answer::Decrypted(key_id, secret(plaintext)?),
            _ => Answer::DataKey(key_id, secret(plaintext)?, blob(ciphertext_blob)?),
        })
    }
}

/// What came back. Secrets are wiped with the conversation.
pub(super) enum Answer {
    Refusal(ErrorKind, String, Option<String>),
    DataKey(String, Secret, Blob),
    Encrypted(String, Blob),
    Decrypted(String, Secret),
    BranchKey(BranchKeyVersion, Secret),
}

/// What a keyring asked for one message, and what it was answered.
#[wasm_bindgen]
#[derive(Default)]
pub struct Conversation {
    answers: Vec<(Question, Answer)>,
    question: Option<Question>,
    keys_done: usize,
}

#[wasm_bindgen]
impl Conversation {
    /// Nothing asked yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers the question that is open.
    pub fn answer(&mut self, answer: &JsValue) -> Result<(), JsValue> {
        if let Some(question) = &self.question {
            let answer = question.read(answer)?;
            self.answers.extend(self.question.take().map(|question| (question, answer)));
        }
        Ok(())
    }

    /// Says why it is not answered, by what was thrown.
    pub fn refuse(&mut self, name: &str, message: &str, explanation: Option<String>) {
        let known = ErrorKind::ALL.iter().find(|kind| kind.name() == name);
        let refusal = match known {
            Some(kind) => Answer::Refusal(*kind, message.to_owned(), explanation),
            // Of any other error all that is known here is that the key could not be used. Its text is the app's own.
            None => Answer::Refusal(
                ErrorKind::KeyUnavailable,
                String::new(),
                Some(format!("{}: {}", Untrusted(name), Untrusted(message))),
            ),
        };
        self.answers.extend(self.question.take().map(|question| (question, refusal)));
    }
}

impl Conversation {
    /// The answer, as `take` finds it; an error if it has not come yet, which is as good as any.
    pub(super) fn ask<T>(&mut self, question: Question, take: impl FnOnce(&Answer) -> Option<T>) -> Result<T, Error> {
        let unanswered = || Error::new(ErrorKind::KeyUnavailable, "the answer has not come yet");
        let Some((_, answer)) = self.answers.iter().find(|(asked, _)| asked.is(&question)) else {
            // Only one at a time, for its answer may make the next superfluous.
            self.question.get_or_insert(question);
            return Err(unanswered());
        };
        match answer {
            Answer::Refusal(kind, message, explanation) => {
                let error = Error::new(*kind, message.clone());
                Err(explanation.iter().fold(error, Error::explain))
            }
            answer => take(answer).ok_or_else(unanswered),
        }
    }

    /// How many keys of a KMS keyring have been asked.
    pub(super) fn keys_done(&self) -> usize {
        self.keys_done
    }

    /// Goes on to the next key, which is asked from its beginning.
    pub(super) fn key_done(&mut self) {
        self.keys_done += 1;
        self.answers.clear();
    }

    /// What came of running the keyring: the question that is open, or `undefined` if there is none and all is well.
    pub(super) fn outcome(&self, result: Result<(), JsValue>) -> Result<JsValue, JsValue> {
        match &self.question {
            Some(question) => Ok(question.describe()?),
            None => result.map(|()| JsValue::UNDEFINED),
        }
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.question.is_some()
    }

    /// Leaves a question open that needs no answer any more.
    pub(super) fn drop_question(&mut self) {
        self.question = None;
    }
}
