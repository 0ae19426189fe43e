//! Documents that are no such, say too much or too little, or are not signed by their certificate.

use super::{Scene, is_refused, random, recipient};
use pocketkms::{Curve, Provider};
use pocketkms_tests::attestation::{Cbor, Document};

const NO_SIGNED_STRUCTURE: &str = "it is not a COSE_Sign1 structure";
const NOT_ES384: &str = "it is not signed with ES384";
const NO_DOCUMENT: &str = "its content is not an attestation document";
const LACKS: &str = "its content lacks a member";
const BAD_SIGNATURE: &str = "its signature is not that of its certificate's key";
const NO_RSA_KEY: &str = "its public key is not one of RSA with 2,048 bits or more";

#[test]
fn a_document_may_have_the_tag_of_its_structure() {
    let Scene { pki, kms, .. } = Scene::new();
    let tagged = Document { tagged: true, ..pki.document() };
    assert!(random(&kms, recipient(tagged.sign(&pki.signer))).is_ok());
    let signed = pki.signed_document();
    for wrong in [[&[0xd3], &*signed].concat(), [&[0xd2, 0xd2], &*signed].concat(), [&*signed, &[0]].concat()] {
        is_refused(&kms, wrong, NO_SIGNED_STRUCTURE);
    }
}

#[test]
fn whatever_is_cut_off_or_altered_is_refused() {
    let Scene { pki, kms, .. } = Scene::new();
    let signed = pki.signed_document();
    for length in (0..signed.len()).step_by(5).skip(1) {
        is_refused(&kms, signed[..length].to_vec(), NO_SIGNED_STRUCTURE);
    }
    for position in (0..signed.len()).step_by(11) {
        let mut altered = signed.clone();
        altered[position] ^= 1 << (position % 8);
        let refused =
            random(&kms, recipient(altered)).err().unwrap_or_else(|| panic!("byte {position} does not count"));
        assert!(refused.message().starts_with("The attestation document is not valid: "), "{}", refused.report());
    }
}

#[test]
fn what_is_around_the_content_must_be_as_aws_has_it() {
    let Scene { pki, kms, .. } = Scene::new();
    let of = |protected: Vec<(u64, Cbor)>| {
        let protected = protected.into_iter().map(|(label, value)| (Cbor::Unsigned(label), value)).collect();
        Document { protected: Cbor::Map(protected), ..pki.document() }.sign(&pki.signer)
    };
    for protected in [
        vec![],
        // ES256
        vec![(1, Cbor::Negative(6))],
        vec![(1, Cbor::Unsigned(34))],
        vec![(2, Cbor::Negative(34))],
        // What must be understood, and something beside the algorithm.
        vec![(1, Cbor::Negative(34)), (2, Cbor::Array(vec![Cbor::Unsigned(4)]))],
        vec![(1, Cbor::Negative(34)), (1, Cbor::Negative(34))],
    ] {
        is_refused(&kms, of(protected), NOT_ES384);
    }
    // The algorithm counts only where it is signed.
    let unprotected = Cbor::Map(vec![(Cbor::Unsigned(1), Cbor::Negative(34))]);
    let document = Document { protected: Cbor::Map(vec![]), unprotected: unprotected.clone(), ..pki.document() };
    is_refused(&kms, document.sign(&pki.signer), NOT_ES384);
    let document = Document { unprotected, ..pki.document() };
    assert!(random(&kms, recipient(document.sign(&pki.signer))).is_ok());
    let document = Document { unprotected: Cbor::Null, ..pki.document() };
    is_refused(&kms, document.sign(&pki.signer), NO_SIGNED_STRUCTURE);
    // Too long for a document of the hypervisor's.
    let long = pki.document().with("nonce", Cbor::Bytes(vec![0; 16_384]));
    is_refused(&kms, long.sign(&pki.signer), "its content must have 1 to 16,384 bytes");
}

#[test]
fn the_signature_is_that_of_the_certificate() {
    let Scene { pki, kms, .. } = Scene::new();
    is_refused(&kms, pki.document().sign(&pki.authorities[2]), BAD_SIGNATURE);
    // Of the same bytes as DER, of another length, and of other numbers.
    for signature in [vec![], vec![0; 95], vec![0; 96], vec![0xff; 96], vec![1; 97], vec![0; 48]] {
        is_refused(&kms, pki.document().with_signature(signature), BAD_SIGNATURE);
    }
    // A right one over another document.
    let signature = pki.signed_document().split_off(pki.signed_document().len() - 96);
    let other = pki.document().with("user_data", Cbor::Bytes(vec![1]));
    is_refused(&kms, other.with_signature(signature), BAD_SIGNATURE);
}

#[test]
fn members_are_there_once_and_are_what_they_should_be() {
    let Scene { pki, kms, .. } = Scene::new();
    for (member, why) in [
        ("module_id", LACKS),
        ("timestamp", LACKS),
        ("pcrs", LACKS),
        ("certificate", LACKS),
        ("cabundle", LACKS),
        ("digest", "its digest is not SHA384"),
        ("public_key", "it has no public key"),
    ] {
        is_refused(&kms, pki.document().without(member).sign(&pki.signer), why);
        let null = if member == "public_key" { why } else { NO_DOCUMENT };
        is_refused(&kms, pki.document().with(member, Cbor::Null).sign(&pki.signer), null);
        is_refused(&kms, pki.document().with(member, Cbor::Negative(1)).sign(&pki.signer), NO_DOCUMENT);
    }
    for (member, value, why) in [
        ("module_id", Cbor::Text(String::new()), LACKS),
        ("timestamp", Cbor::Unsigned(0), LACKS),
        ("digest", Cbor::Text("SHA512".into()), "its digest is not SHA384"),
        ("cabundle", Cbor::Array(vec![]), LACKS),
        ("cabundle", Cbor::Array(vec![Cbor::Bytes(vec![])]), NO_DOCUMENT),
        ("cabundle", Cbor::Array(vec![Cbor::Bytes(vec![0x30; 1025])]), NO_DOCUMENT),
        ("certificate", Cbor::Bytes(vec![0x30; 1025]), LACKS),
        ("public_key", Cbor::Bytes(vec![]), NO_DOCUMENT),
        ("public_key", Cbor::Bytes(vec![0x30; 1025]), NO_DOCUMENT),
        ("pcrs", Cbor::Map(vec![]), NO_DOCUMENT),
        ("pcrs", Document::registers(&[0], 20), NO_DOCUMENT),
        ("pcrs", Document::registers(&[32], 48), NO_DOCUMENT),
        ("pcrs", Document::registers(&[3, 3], 48), NO_DOCUMENT),
        ("pcrs", Cbor::Map(vec![(Cbor::Text("0".into()), Cbor::Bytes(vec![0; 48]))]), NO_DOCUMENT),
        // Registers of both kinds: nobody has them.
        ("nitrotpm_pcrs", Document::registers(&[4], 48), NO_DOCUMENT),
    ] {
        is_refused(&kms, pki.document().with(member, value).sign(&pki.signer), why);
    }
    // What this version does not know is passed over.
    let new = Cbor::Map(vec![(
        Cbor::Text("a".into()),
        Cbor::Array(vec![Cbor::Null, Cbor::Tag(1, Box::new(Cbor::Unsigned(2)))]),
    )]);
    assert!(random(&kms, recipient(pki.document().with("a_new_member", new).sign(&pki.signer))).is_ok());
    for length in [32, 48, 64] {
        let document = pki.document().with("pcrs", Document::registers(&[0, 31], length));
        assert!(random(&kms, recipient(document.sign(&pki.signer))).is_ok());
    }
}

#[test]
fn there_must_be_a_public_key_of_rsa_that_is_long_enough() {
    let Scene { pki, kms, .. } = Scene::new();
    let provider = Provider::default();
    let on_a_curve = provider.curves.public_key(Curve::P256, &[1; 32]).unwrap();
    let with = |key: Vec<u8>| pki.document().with("public_key", Cbor::Bytes(key)).sign(&pki.signer);
    let whole = pki.enclave_public_key();
    for key in [on_a_curve, vec![1], whole[1..].to_vec(), short_rsa_key()] {
        is_refused(&kms, with(key), NO_RSA_KEY);
    }
    let long = provider.generate_rsa_key(3072).unwrap();
    let long = provider.rsa.private_key(long.expose()).unwrap().public_key().unwrap();
    let answer = random(&kms, recipient(with(long))).unwrap();
    assert_eq!(pki.open(&answer.ciphertext_for_recipient.unwrap()), None);
}

/// Of 1,024 bits.
fn short_rsa_key() -> Vec<u8> {
    let modulus = [&[0x02, 0x81, 0x81, 0x00, 0xc1][..], &[0x55; 127]].concat();
    let numbers = [&[0x30, 0x81, 0x89][..], &modulus, &[0x02, 0x03, 0x01, 0x00, 0x01]].concat();
    let bits = [&[0x03, 0x81, 0x8d, 0x00][..], &numbers].concat();
    let algorithm = hex::decode("300d06092a864886f70d0101010500").unwrap();
    [&[0x30, 0x81, 0x9f][..], &algorithm, &bits].concat()
}
