//! What can be seen of a message without its keys: the header, the shape of the body, the signature.

use super::{check_header, client, equal, run};
use base64::{Engine, prelude::BASE64_STANDARD};
use pocketkms::{
    Curve, Hash, Provider,
    envelope::{AlgorithmSuite, DecryptOptions, Inspection, MessageHeader, Transform},
};
use pocketkms_tests::esdk::{layout::Layout, vectors::Vector};

/// Whatever states what its header must be: messages of AWS's KMS, to which no one has the key, and all that opens.
#[test]
fn headers() {
    run("headers", has_header, |vector| {
        let expected = vector.case.header.as_ref().expect("a header");
        let message = vector.message();
        for length in [1, 7, 4096, usize::MAX] {
            check_header(&parse(vector, &message, length)?, expected)?;
        }
        Ok(())
    });
}

/// The same without a stream, from just as many bytes as the header has.
#[test]
fn inspections() {
    run("inspections", has_header, |vector| {
        let expected = vector.case.header.as_ref().expect("a header");
        let (message, client) = (vector.message(), client(vector, Provider::default()));
        let inspect = |length| client.inspect(&message[..length]).map_err(|error| error.to_string());
        match inspect(expected.header_len)? {
            Inspection::Complete(info) => {
                equal("length of the header", &info.header_length, &expected.header_len)?;
                check_header(&info.header, expected)?;
            }
            Inspection::Incomplete { needed } => return Err(format!("it needs {needed} bytes")),
        }
        match inspect(expected.header_len - 1)? {
            Inspection::Incomplete { needed } => equal("need", &needed, &expected.header_len),
            Inspection::Complete(_) => Err("it was complete too early".into()),
        }
    });
}

/// Holds the second reader of the format against the cases, on which other tests rely.
#[test]
fn layouts() {
    run("layouts", has_header, |vector| {
        let expected = vector.case.header.as_ref().expect("a header");
        let message = vector.message();
        let layout = Layout::of(&message);
        equal("version", &layout.version, &expected.version)?;
        equal("suite", &layout.suite, &expected.suite)?;
        equal("message id", &&message[layout.message_id.clone()], &&expected.message_id_hex.0[..])?;
        equal("frame length", &layout.frame_length, &(expected.frame_length as usize))?;
        equal("end of the header", &layout.header_end(), &expected.header_len)?;
        let framed = expected.content == "framed";
        equal("number of frames", &framed.then_some(layout.frames.len()), &expected.frames)?;
        equal("end of the body", &layout.body_end(), &expected.body_end)?;
        let signature = layout.signature(&message);
        equal("length of the signature", &signature.as_ref().map(ExactSizeIterator::len), &expected.signature_len)?;
        equal("length", &signature.map_or(layout.body_end(), |signature| signature.end), &message.len())
    });
}

/// The signature is checked here by itself: a message that decrypts was seen to, but those of AWS's KMS cannot be.
#[test]
fn signatures() {
    let is_signed = |vector: &Vector| vector.case.header.as_ref().is_some_and(|header| header.signature_len.is_some());
    run("signatures", is_signed, |vector| {
        let message = vector.message();
        let layout = Layout::of(&message);
        let signature = layout.signature(&message).ok_or("no signature")?;
        let (curve, hash) = match AlgorithmSuite::from_id(layout.suite) {
            Some(AlgorithmSuite::AlgAes128GcmIv12Tag16HkdfSha256EcdsaP256) => (Curve::P256, Hash::Sha256),
            _ => (Curve::P384, Hash::Sha384),
        };
        let header = parse(vector, &message, usize::MAX)?;
        let key = header.encryption_context.get("aws-crypto-public-key").ok_or("no public key")?;
        let key = BASE64_STANDARD.decode(key).map_err(|error| error.to_string())?;
        let verifies = |end: usize| {
            let provider = Provider::default();
            let mut hasher = provider.digest.start(hash);
            hasher.update(&message[..end]);
            provider.curves.verify(curve, &key, &hasher.finish(), &message[signature.clone()]).is_ok()
        };
        equal("signature over the whole body", &verifies(layout.body_end()), &true)?;
        equal("signature over all but a byte", &verifies(layout.body_end() - 1), &false)
    });
}

fn has_header(vector: &Vector) -> bool {
    vector.case.header.is_some()
}

/// The header, of as much of the message as that takes.
fn parse(vector: &Vector, message: &[u8], length: usize) -> Result<MessageHeader, String> {
    let mut decryptor = client(vector, Provider::default()).decryptor_without_materials(DecryptOptions::default());
    for piece in message.chunks(length) {
        let plaintext = decryptor.update_vec(piece).map_err(|error| error.to_string())?;
        assert!(plaintext.is_empty(), "plaintext without a key");
        if let Some(header) = decryptor.header() {
            return Ok(header.clone());
        }
    }
    Err("the header did not end".into())
}
