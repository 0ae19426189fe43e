//! Messages whose bodies a cipher outside of this library encrypts: WebCrypto, or an engine in hardware.
//!
//! Such a cipher may answer later, and may work on several frames at once. What needs no such speed stays here: header,
//! key derivation, commitment, the order and layout of the frames, the signature. An [`EncryptionPlanner`] or a
//! [`DecryptionPlanner`] gives the cipher its key once, and for each piece of the body a
//! [`FramePlan`](super::FramePlan): what one call of AES-GCM needs. The caller moves bytes, and decides nothing about them.
//!
//! ```
//! use pocketkms::{Provider, Secret, envelope::*};
//!
//! # fn main() -> pocketkms::Result<()> {
//! let (provider, client) = (Provider::default(), EncryptionClient::default());
//! let keyring = RawAesKeyring::new(&provider, "app", "key", &Secret::from(vec![7; 32]))?;
//! let request = EncryptionMaterialsRequest {
//!     algorithm_suite: AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey,
//!     encryption_context: [("order", "4711")].into(),
//!     required_encryption_context_keys: vec![],
//!     plaintext_length: None,
//! };
//! let materials = keyring.encryption_materials(&provider, request)?;
//!
//! // The cipher outside; here, one of this library.
//! let mut planner = client.encryption_planner(materials, None, None)?;
//! let cipher = provider.aead.key(planner.take_key().expose())?;
//! let mut message = planner.take_header_bytes();
//! let plaintext = b"card 4242";
//! while let Some(plan) = planner.next(plaintext.len(), true)? {
//!     let mut data = plaintext[..plan.length].to_vec();
//!     let tag = cipher.seal(&plan.nonce, &plan.associated_data, &mut data)?;
//!     message.extend([plan.prefix, data, tag.to_vec()].concat());
//! }
//! message.extend(planner.finish()?);
//! assert_eq!(client.decrypt(&keyring, DecryptOptions::default(), &message)?.plaintext.expose(), plaintext);
//! # Ok(())
//! # }
//! ```

mod decrypt;
mod encrypt;

pub use decrypt::{DecryptionPlanner, DecryptionStep};
pub use encrypt::EncryptionPlanner;
