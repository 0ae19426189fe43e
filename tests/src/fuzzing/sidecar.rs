//! Any bytes as the sidecar of a message, behind MACs that are always zero.

use super::{is_of_the_message, transparent};
use crate::esdk::{
    fixed::{self, Fixed},
    writer::{Draft, encrypted_data_key},
};
use pocketkms::envelope::{AlgorithmSuite, DecryptOptions, EncryptionClient};

const SUITES: [AlgorithmSuite; 2] =
    [AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey, AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha256];

/// The first byte chooses the message. What is taken is the sidecar of that message: what was read of it, written
/// again, gives the same bytes.
pub fn sidecar(data: &[u8]) -> bool {
    let [choice, sidecar @ ..] = data else { return false };
    let suite = SUITES[usize::from(*choice & 1)];
    let message = Draft::new(suite, 16).write(b"beside");
    let client = EncryptionClient::new(transparent::provider()).commitment_policy(fixed::policy(suite));
    let options = DecryptOptions { sidecar: Some(sidecar.to_vec()), ..Default::default() };
    let request = client.decryption_materials_request(&options, &message);
    match client.decrypt(&Fixed::new(suite), options, &message) {
        Ok(_) => {
            let request = request.expect("a request");
            let keys = request.encrypted_data_keys.iter();
            let keys: Vec<u8> = keys
                .flat_map(|key| encrypted_data_key(key.provider_id.as_bytes(), &key.provider_info, &key.ciphertext))
                .collect();
            let count = u16::try_from(request.encrypted_data_keys.len()).expect("two bytes").to_be_bytes();
            // Suite, message id and binding are checked against the message; the MAC is zero.
            let (front, _) = sidecar.split_at(4 + if suite.is_committing() { 32 } else { 16 } + 32);
            assert_eq!(front[..4], [b'S', 1, suite.id().to_be_bytes()[0], suite.id().to_be_bytes()[1]]);
            assert_eq!([front, &count, &keys, &[0; 32]].concat(), sidecar, "written again, it is another sidecar");
            true
        }
        Err(error) => {
            is_of_the_message(&error);
            false
        }
    }
}
