//! Data keys encrypted under a key that two parties agree on over an elliptic curve.
//!
//! The format (AWS Encryption SDK specification, "Raw ECDH keyring", "Key agreement schemas"):
//!
//! ```text
//! provider id           "raw-ecdh"
//! provider information  01 || [length, 4] || recipient's public key || [length, 4] || sender's public key
//! ciphertext            salt (32) || commitment (32) || encrypted data key || tag (16)
//!
//! fixed info            "ecdh-key-derivation" || 00 || curve || 00 || "HMAC_SHA384" || 00 ||
//!                       sender's public key || recipient's public key || 00 || 01 || 00 || encryption context
//! commitment || key     KDF(shared secret, label = fixed info, context = salt, 64 bytes)
//! encrypted data key    AES-256-GCM(key, IV = 12 zero bytes, aad = fixed info)
//! ```
//!
//! Public keys are compressed points (SEC 1, section 2.3.3), the curve is `p256`, `p384` or `p521`, the encryption context
//! is serialised as in a message's header, and the KDF is that of NIST SP 800-108 in counter mode with HMAC-SHA-384. The
//! specification writes the first text in capitals; AWS's libraries write it as here. The IV may be zero because the
//! salt gives each data key a wrapping key of its own.

use super::{Attempts, Keyring, Purpose, encoded};
use crate::{
    context::EncryptionContext,
    crypto::{Curve, Hash, NONCE_LENGTH, Provider, TAG_LENGTH, clear_after, kdf},
    envelope::{
        context::serialize,
        failure::invalid_message,
        header::EncryptedDataKey,
        materials::{DecryptionMaterials, EncryptionMaterials},
    },
    error::{Error, ErrorKind, Result},
    secret::{Secret, SecretArray},
    shape::enumerations,
};
use alloc::{format, string::ToString, vec::Vec};
use subtle::ConstantTimeEq;

/// What this keyring writes.
const PROVIDER_ID: &str = "raw-ecdh";
/// What it reads, too: AWS's keyring with one private key in KMS writes the same.
const KMS_ECDH_PROVIDER_ID: &str = "aws-kms-ecdh";
const VERSION: u8 = 1;
const SALT_LENGTH: usize = 32;
const COMMITMENT_LENGTH: usize = 32;
/// A wrapping key is used once.
const IV: [u8; NONCE_LENGTH] = [0; NONCE_LENGTH];

enumerations! {
    /// The curve of an ECDH keyring (NIST SP 800-186).
    pub enum EcdhCurveSpec {
        /// P-256, also known as secp256r1.
        EccNistP256 = "ECC_NIST_P256",
        /// P-384, also known as secp384r1.
        EccNistP384 = "ECC_NIST_P384",
        /// P-521, also known as secp521r1.
        EccNistP521 = "ECC_NIST_P521",
    }
}

impl EcdhCurveSpec {
    fn curve(self) -> Curve {
        match self {
            Self::EccNistP256 => Curve::P256,
            Self::EccNistP384 => Curve::P384,
            Self::EccNistP521 => Curve::P521,
        }
    }
}

/// Whose keys agree. A private key is a PKCS #8 `PrivateKeyInfo`, a public key a `SubjectPublicKeyInfo`, each as PEM or
/// DER.
#[derive(Clone, Copy)]
pub enum RawEcdhSchema<'a> {
    /// The keys of both parties are static: both can encrypt, and both can decrypt. Anyone who has either private key can read all
    /// messages between the two, past ones, too.
    RawPrivateKeyToStaticPublicKey {
        /// One's own private key.
        sender_private_key: &'a Secret,
        /// The other party's public key.
        recipient_public_key: &'a [u8],
    },
    /// A new key pair for each message, of which no one keeps the private key: only the recipient can decrypt. No one
    /// is authenticated as the sender.
    EphemeralPrivateKeyToStaticPublicKey {
        /// The recipient's public key.
        recipient_public_key: &'a [u8],
    },
    /// Decrypts what any sender encrypted for one's own public key. Cannot encrypt.
    PublicKeyDiscovery {
        /// One's own private key.
        recipient_private_key: &'a Secret,
    },
}

/// AWS's raw ECDH keyring: encrypts data keys under a key that two parties agree on.
pub struct RawEcdhKeyring {
    curve: Curve,
    schema: Schema,
}

/// A [`RawEcdhSchema`] with its keys read; the public ones are compressed.
enum Schema {
    Static { private_key: Secret, own: Vec<u8>, other: Vec<u8> },
    Ephemeral { recipient: Vec<u8> },
    Discovery { private_key: Secret, own: Vec<u8> },
}

/// The two parties to one data key, by their compressed public keys.
struct Parties<'a> {
    sender: &'a [u8],
    recipient: &'a [u8],
}

impl RawEcdhKeyring {
    /// With the keys of a schema, which must all be of that curve.
    pub fn new(provider: &Provider, schema: RawEcdhSchema<'_>, curve_spec: EcdhCurveSpec) -> Result<Self> {
        let curve = curve_spec.curve();
        // This is where it shows that a point is on the curve and a scalar in the group.
        let public = |key| Ok::<_, Error>(provider.curves.compress(curve, &encoded::point(curve, key)?)?);
        let pair = |key: &Secret| {
            let private_key = encoded::scalar(curve, key)?;
            let own = provider.curves.public_key(curve, private_key.expose())?;
            Ok::<_, Error>((private_key, own))
        };
        let schema = match schema {
            RawEcdhSchema::RawPrivateKeyToStaticPublicKey { sender_private_key, recipient_public_key } => {
                let (private_key, own) = pair(sender_private_key)?;
                Schema::Static { private_key, own, other: public(recipient_public_key)? }
            }
            RawEcdhSchema::EphemeralPrivateKeyToStaticPublicKey { recipient_public_key } => {
                Schema::Ephemeral { recipient: public(recipient_public_key)? }
            }
            RawEcdhSchema::PublicKeyDiscovery { recipient_private_key } => {
                let (private_key, own) = pair(recipient_private_key)?;
                Schema::Discovery { private_key, own }
            }
        };
        Ok(Self { curve, schema })
    }

    /// The key to decrypt with and the public key to agree with; `None` if the data key is for somebody else.
    fn keys_for<'a>(&'a self, parties: &Parties<'a>) -> Option<Result<(&'a Secret, &'a [u8])>> {
        let Parties { sender, recipient } = *parties;
        match &self.schema {
            Schema::Static { private_key, own, other } => {
                let between_us = (sender == own && recipient == other) || (sender == other && recipient == own);
                between_us.then_some(Ok((private_key, other)))
            }
            Schema::Discovery { private_key, own } => (recipient == own).then_some(Ok((private_key, sender))),
            Schema::Ephemeral { recipient: configured } => (recipient == configured)
                .then(|| Err(invalid("the keyring has no private key: with an ephemeral one it only encrypts"))),
        }
    }

    /// The commitment and the wrapping key.
    fn derive(
        &self,
        provider: &Provider,
        (private_key, public_key): (&Secret, &[u8]),
        salt: &[u8],
        fixed_info: &[u8],
    ) -> Result<SecretArray<64>> {
        let shared = provider.agree(self.curve, private_key, public_key)?;
        Ok(clear_after(|| {
            let mut derived = SecretArray::zeroed();
            let key = provider.mac.key(Hash::Sha384, shared.expose());
            kdf::derive(&*key, Hash::Sha384, fixed_info, &[salt, &[]], derived.expose_mut());
            derived
        }))
    }

    fn wrap(
        &self,
        provider: &Provider,
        (private_key, public_key): (&Secret, &[u8]),
        parties: &Parties<'_>,
        materials: &mut EncryptionMaterials,
    ) -> Result<()> {
        let fixed_info = self.fixed_info(parties, materials.encryption_context())?;
        let mut salt = [0; SALT_LENGTH];
        provider.fill_random(&mut salt)?;
        let derived = self.derive(provider, (private_key, public_key), &salt, &fixed_info)?;
        let (commitment, wrapping_key) = derived.expose().split_at(COMMITMENT_LENGTH);
        let data_key = materials.data_key_or_random(provider)?;
        let mut encrypted = Secret::copy_of(data_key.expose());
        let tag = clear_after(|| provider.aead.seal(wrapping_key, &IV, &fixed_info, encrypted.expose_mut()))?;
        materials.add_encrypted_data_key(EncryptedDataKey {
            provider_id: PROVIDER_ID.into(),
            provider_info: parties.provider_info(),
            ciphertext: [&salt[..], commitment, encrypted.expose(), &tag].concat(),
        });
        Ok(())
    }

    fn unwrap(
        &self,
        provider: &Provider,
        keys: (&Secret, &[u8]),
        parties: &Parties<'_>,
        ciphertext: &[u8],
        context: &EncryptionContext,
    ) -> Result<Secret> {
        let split = || {
            let (salt, rest) = ciphertext.split_first_chunk::<SALT_LENGTH>()?;
            let (commitment, rest) = rest.split_first_chunk::<COMMITMENT_LENGTH>()?;
            let (encrypted, tag) = rest.split_last_chunk::<TAG_LENGTH>()?;
            Some((salt, commitment, encrypted, tag))
        };
        let (salt, commitment, encrypted, tag) =
            split().ok_or_else(|| invalid_message("the encrypted data key is truncated"))?;
        let fixed_info = self.fixed_info(parties, context)?;
        let derived = self.derive(provider, keys, salt, &fixed_info)?;
        let (expected, wrapping_key) = derived.expose().split_at(COMMITMENT_LENGTH);
        if !bool::from(expected.ct_eq(commitment)) {
            return Err(invalid_message(
                "the keys do not agree on the key that the encrypted data key commits to: another encryption context, or \
                 it was altered",
            ));
        }
        let mut data_key = Secret::copy_of(encrypted);
        clear_after(|| provider.aead.open(wrapping_key, &IV, &fixed_info, data_key.expose_mut(), tag))
            .map_err(|_| invalid_message("the encrypted data key was altered"))?;
        Ok(data_key)
    }

    fn fixed_info(&self, parties: &Parties<'_>, context: &EncryptionContext) -> Result<Vec<u8>> {
        let curve: &[u8] = match self.curve {
            Curve::P256 => b"p256",
            Curve::P384 => b"p384",
            Curve::P521 => b"p521",
            // None of `EcdhCurveSpec`.
            Curve::K256 => b"secp256k1",
        };
        let keys = [parties.sender, parties.recipient].concat();
        let context = serialize(context)?;
        Ok([&b"ecdh-key-derivation"[..], curve, b"HMAC_SHA384", &keys, &[VERSION], &context].join(&0))
    }
}

impl<'a> Parties<'a> {
    fn provider_info(&self) -> Vec<u8> {
        let mut info = Vec::from([VERSION]);
        for key in [self.recipient, self.sender] {
            // A compressed point has 67 bytes at the most.
            info.extend_from_slice(&u32::try_from(key.len()).unwrap_or(u32::MAX).to_be_bytes());
            info.extend_from_slice(key);
        }
        info
    }

    fn read(info: &'a [u8]) -> Result<Self> {
        let (version, mut rest) = info.split_first().ok_or_else(malformed)?;
        if *version != VERSION {
            return Err(invalid_message(format!("version {version} of the ECDH keyring's format is not known")));
        }
        let mut key = || {
            let (length, left) = rest.split_first_chunk()?;
            let (key, left) = left.split_at_checked(u32::from_be_bytes(*length).try_into().ok()?)?;
            rest = left;
            Some(key)
        };
        let parties = key().zip(key()).filter(|_| rest.is_empty());
        parties.map(|(recipient, sender)| Self { sender, recipient }).ok_or_else(malformed)
    }
}

impl Keyring for RawEcdhKeyring {
    fn on_encrypt(&self, provider: &Provider, materials: &mut EncryptionMaterials) -> Result<()> {
        match &self.schema {
            Schema::Static { private_key, own, other } => {
                let parties = Parties { sender: own, recipient: other };
                self.wrap(provider, (private_key, other), &parties, materials)
            }
            Schema::Ephemeral { recipient } => {
                let private_key = provider.generate_private_key(self.curve)?;
                let sender = provider.curves.public_key(self.curve, private_key.expose())?;
                self.wrap(provider, (&private_key, recipient), &Parties { sender: &sender, recipient }, materials)
            }
            Schema::Discovery { .. } => Err(invalid(
                "a raw ECDH keyring with PublicKeyDiscovery only decrypts: to encrypt, name the recipient's public key",
            )),
        }
    }

    fn on_decrypt(
        &self,
        provider: &Provider,
        materials: &mut DecryptionMaterials,
        attempts: &mut Attempts<'_>,
    ) -> Result<()> {
        attempts.try_each(materials, |key, materials| {
            if ![PROVIDER_ID, KMS_ECDH_PROVIDER_ID].contains(&&*key.provider_id) {
                return None;
            }
            let parties = match Parties::read(&key.provider_info) {
                Ok(parties) => parties,
                Err(error) => return Some(Err(error)),
            };
            let keys = self.keys_for(&parties)?;
            let context = materials.encryption_context();
            Some(keys.and_then(|keys| self.unwrap(provider, keys, &parties, &key.ciphertext, context)))
        });
        Ok(())
    }

    fn fingerprint(&self, _: &Provider, _: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        // As with the other raw keyrings: the keys never change in the lifetime of the keyring.
        Ok(Some(PROVIDER_ID.to_string().into_bytes()))
    }
}

fn malformed() -> Error {
    invalid_message("the provider information is not that of an ECDH keyring")
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::Validation, message)
}
