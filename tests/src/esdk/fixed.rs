//! Messages whose data key is known, and so everything that can be done to them.

use pocketkms::{
    Provider, Result, Secret,
    envelope::{
        AlgorithmSuite, Attempts, CommitmentPolicy, DecryptionMaterials, EncryptOptions, EncryptedDataKey,
        EncryptionClient, EncryptionMaterials, Keyring, Purpose,
    },
};

/// Gives the same data key and the same encrypted ones every time.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The data key.
    pub data_key: Vec<u8>,
    /// In its encrypted forms.
    pub encrypted: Vec<EncryptedDataKey>,
}

impl Fixed {
    /// A data key as long as the suite wants it, in one "encrypted" form.
    pub fn new(suite: AlgorithmSuite) -> Self {
        let encrypted = EncryptedDataKey {
            provider_id: "test".into(),
            provider_info: b"key".to_vec(),
            ciphertext: b"not encrypted at all".to_vec(),
        };
        Self { data_key: vec![0xd5; suite.data_key_length()], encrypted: vec![encrypted] }
    }
}

impl Keyring for Fixed {
    fn on_encrypt(&self, _: &Provider, materials: &mut EncryptionMaterials) -> Result<()> {
        self.encrypted.iter().for_each(|key| materials.add_encrypted_data_key(key.clone()));
        materials.set_data_key(Secret::copy_of(&self.data_key))
    }

    fn on_decrypt(&self, _: &Provider, materials: &mut DecryptionMaterials, attempts: &mut Attempts<'_>) -> Result<()> {
        attempts.try_each(materials, |_, _| Some(Ok(Secret::copy_of(&self.data_key))));
        Ok(())
    }

    fn fingerprint(&self, _: &Provider, _: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }
}

/// A suite of each way to derive keys.
pub const WITHOUT_SIGNATURE: [AlgorithmSuite; 3] = [
    AlgorithmSuite::AlgAes256GcmIv12Tag16NoKdf,
    AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha256,
    AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey,
];

/// The policy that allows to encrypt with the suite, and to decrypt with any.
pub fn policy(suite: AlgorithmSuite) -> CommitmentPolicy {
    if suite.is_committing() {
        CommitmentPolicy::RequireEncryptAllowDecrypt
    } else {
        CommitmentPolicy::ForbidEncryptAllowDecrypt
    }
}

/// A client with that policy.
pub fn client(suite: AlgorithmSuite) -> EncryptionClient {
    EncryptionClient::default().commitment_policy(policy(suite))
}

/// A message under the suite's [`Fixed`] data key.
pub fn encrypt(suite: AlgorithmSuite, context: &[(&str, &str)], frame_length: u32, plaintext: &[u8]) -> Vec<u8> {
    let options = EncryptOptions {
        encryption_context: context.iter().copied().collect(),
        algorithm_suite: Some(suite),
        frame_length: Some(frame_length),
        ..Default::default()
    };
    client(suite).encrypt(&Fixed::new(suite), options, plaintext).expect("a message").message
}

/// Bytes to be encrypted, no two alike in the same place of a block.
pub fn plaintext(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 7 + at / 256) % 251).expect("a byte")).collect()
}
