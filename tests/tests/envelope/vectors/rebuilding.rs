//! Written again with the same message id and data keys, a message comes out byte by byte, up to its signature.
//!
//! Two kinds of messages are read, but never written, and so not rebuilt: unframed ones, and those with an empty final
//! frame after full ones; of these all frames before the last two are compared.

use super::{check_header, client, equal, run};
use base64::{Engine, prelude::BASE64_STANDARD};
use pocketkms::{
    AuthenticationFailed, Curve, EllipticCurves, PrimitiveError, Provider, Random, Result, Secret,
    envelope::{
        DecryptOptions, EncryptionClient, EncryptionMaterialsRequest, MaterialsManager, MessageHeader, Transform,
    },
};
use pocketkms_tests::{
    esdk::{
        fixed::{self, Fixed},
        layout::Layout,
        manifest::{Case, Expect, Hex, Rebuild},
        vectors::Vector,
    },
    random::Scripted,
};

const PUBLIC_KEY: &str = "aws-crypto-public-key";

/// How much of a message this library would write just so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// All, up to the signature.
    Whole,
    /// All but the last two frames: a full one, and an empty final one.
    AllButTheEnd,
    /// Nothing: it is unframed.
    Unframed,
    /// Nothing: the writer used other IVs or another order of the pairs.
    Otherwise,
}

fn extent(case: &Case) -> Extent {
    let header = case.header.as_ref().expect("a header");
    match case.rebuild {
        None => Extent::Otherwise,
        Some(_) if header.content == "unframed" => Extent::Unframed,
        Some(Rebuild::Full) if case.plaintext_len.is_multiple_of(header.frame_length as usize) => Extent::AllButTheEnd,
        Some(Rebuild::Min | Rebuild::Full) => Extent::Whole,
    }
}

fn with_extent(extent: Extent) -> impl Fn(&Vector) -> bool {
    move |vector| vector.case.expect == Expect::Ok && self::extent(vector.case) == extent
}

#[test]
fn whole() {
    run("rebuilt", with_extent(Extent::Whole), |vector| {
        let (message, layout) = (vector.message(), Layout::of(&vector.message()));
        for length in [7, usize::MAX] {
            let rebuilt = rebuild(vector, &message, length)?;
            let again = Layout::of(&rebuilt);
            if rebuilt[..again.body_end()] != message[..layout.body_end()] {
                let at = message.iter().zip(&rebuilt).take_while(|(one, other)| one == other).count();
                return Err(format!("differs from byte {at} on: {layout:?}"));
            }
            equal("whether there is a footer", &again.footer.is_empty(), &layout.footer.is_empty())?;
        }
        Ok(())
    });
}

#[test]
fn all_but_the_empty_final_frame() {
    run("rebuilt but for the end", with_extent(Extent::AllButTheEnd), |vector| {
        let (message, layout) = (vector.message(), Layout::of(&vector.message()));
        let rebuilt = rebuild(vector, &message, usize::MAX)?;
        let again = Layout::of(&rebuilt);
        equal("number of frames", &again.frames.len(), &(layout.frames.len() - 1).max(1))?;
        let same = again.frames.last().expect("a frame").start;
        equal("rest", &&rebuilt[..same], &&message[..same])
    });
}

/// Nothing falls through: what is not rebuilt is reported and counted.
#[test]
fn the_others() {
    for extent in [Extent::Unframed, Extent::Otherwise] {
        run(&format!("not rebuilt, {extent:?}"), with_extent(extent), |vector| {
            // The message opens all the same, with nothing but its data key.
            decrypt(vector, &vector.message()).map(drop)
        });
    }
}

fn data_key(vector: &Vector) -> Vec<u8> {
    let Some(Hex(data_key)) = &vector.case.data_key_hex else { panic!("{} has no data key", vector.case.id) };
    data_key.clone()
}

/// Opens a message by its data key, whatever keyring it was made with.
fn decrypt(vector: &Vector, message: &[u8]) -> Result<(MessageHeader, Secret), String> {
    let options = DecryptOptions {
        encryption_context: vector.case.options.reproduced_encryption_context.clone().into_iter().collect(),
        ..Default::default()
    };
    let keyring = Fixed { data_key: data_key(vector), encrypted: Vec::new() };
    let decrypted =
        client(vector, Provider::default()).decrypt(&keyring, options, message).map_err(|error| error.to_string())?;
    Ok((decrypted.header, decrypted.plaintext))
}

fn rebuild(vector: &Vector, message: &[u8], length: usize) -> Result<Vec<u8>, String> {
    let (header, plaintext) = decrypt(vector, message)?;
    check_header(&header, vector.case.header.as_ref().expect("a header"))?;
    write(vector, header, plaintext.expose(), length).map_err(|error| error.to_string())
}

fn write(vector: &Vector, header: MessageHeader, plaintext: &[u8], length: usize) -> Result<Vec<u8>> {
    let suite = header.algorithm_suite;
    let mut context = header.encryption_context;
    let public_key = context.remove(PUBLIC_KEY);
    let unstored = vector.case.options.reproduced_encryption_context.clone();
    let unstored: Vec<_> = unstored.into_iter().filter(|(name, _)| !context.contains_key(name)).collect();
    let required = unstored.iter().map(|(name, _)| name.clone()).collect();
    context.extend(unstored);

    let mut provider = Provider::default();
    if let Some(public_key) = public_key {
        let public_key = BASE64_STANDARD.decode(public_key).expect("base64");
        provider.curves = Box::leak(Box::new(Published { curves: provider.curves, public_key }));
    }
    let keyring = Fixed { data_key: data_key(vector), encrypted: header.encrypted_data_keys };
    let request = EncryptionMaterialsRequest {
        algorithm_suite: suite,
        encryption_context: context,
        required_encryption_context_keys: required,
        plaintext_length: None,
    };
    let materials = keyring.encryption_materials(&provider, request)?;
    let random = Scripted::new([header.message_id]);
    let client = EncryptionClient::new(random.provider()).commitment_policy(fixed::policy(suite));
    let mut encryptor = client.encryptor_with(materials, Some(header.frame_length), None)?;
    let mut message = Vec::new();
    for piece in plaintext.chunks(length) {
        message.append(&mut encryptor.update_vec(piece)?);
    }
    message.append(&mut encryptor.finish()?);
    Ok(message)
}

/// Curves on which every private key has the public key that the message states: it has to be written again, and its
/// private key is not known.
struct Published {
    curves: &'static dyn EllipticCurves,
    public_key: Vec<u8>,
}

impl EllipticCurves for Published {
    fn generate(&self, curve: Curve, random: &dyn Random, private_key: &mut [u8]) -> Outcome<()> {
        self.curves.generate(curve, random, private_key)
    }

    fn public_key(&self, _: Curve, _: &[u8]) -> Outcome<Vec<u8>> {
        Ok(self.public_key.clone())
    }

    fn compress(&self, curve: Curve, public_key: &[u8]) -> Outcome<Vec<u8>> {
        self.curves.compress(curve, public_key)
    }

    fn decompress(&self, curve: Curve, public_key: &[u8]) -> Outcome<Vec<u8>> {
        self.curves.decompress(curve, public_key)
    }

    fn agree(&self, curve: Curve, private_key: &[u8], public_key: &[u8], secret: &mut [u8]) -> Outcome<()> {
        self.curves.agree(curve, private_key, public_key, secret)
    }

    fn sign(&self, curve: Curve, private_key: &[u8], digest: &[u8], random: &dyn Random) -> Outcome<Vec<u8>> {
        self.curves.sign(curve, private_key, digest, random)
    }

    fn verify(
        &self,
        curve: Curve,
        public_key: &[u8],
        digest: &[u8],
        signature: &[u8],
    ) -> Outcome<(), AuthenticationFailed> {
        self.curves.verify(curve, public_key, digest, signature)
    }
}

/// What primitives return.
type Outcome<T, E = PrimitiveError> = std::result::Result<T, E>;
