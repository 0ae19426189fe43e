//! From the certificate of a document to its root: what is out of date, in the wrong order, of someone else or for another use is refused.

use super::{Scene, is_refused, random, recipient, vault};
use pocketkms::Timestamp;
use pocketkms_tests::{
    attestation::{Cbor, Issuer, Pki, Template, VALID_MILLIS},
    vault::START,
};

const NOT_A_CHAIN: &str = "its certificates do not form a chain";
const NOT_FOR_THIS: &str = "it has a certificate that is not for this use";
const UNREADABLE: &str = "it has a certificate that cannot be read";
const TWICE: &str = "it has a certificate twice";
const TOO_MANY: &str = "more than 8 certificates vouch for it";
const EXPIRED: &str = "it has a certificate that has expired";

#[test]
fn a_document_is_good_as_long_as_its_certificate() {
    let Scene { pki, kms, clock } = Scene::new();
    let at = |millis: i64| clock.set(Timestamp::from_millis(START.as_millis() + millis));
    let document = pki.signed_document();
    for good in [-60_000, 0, VALID_MILLIS] {
        at(good);
        assert!(random(&kms, recipient(document.clone())).is_ok(), "{good}");
    }
    at(VALID_MILLIS + 1000);
    let refused = is_refused(&kms, document.clone(), EXPIRED);
    assert!(refused.explanation().unwrap().contains("ask for a new document"));
    at(-61_000);
    is_refused(&kms, document, "it has a certificate that is not valid yet");
}

/// Those of all who issued it count, also the root's.
#[test]
fn an_expired_authority_makes_no_good_document() {
    let now = Timestamp::from_millis(START.as_millis() + 1000);
    let authority = |millis| Template::authority("authority", START, millis);
    for (root, below) in [(500, 9000), (9000, 500)] {
        let root = Issuer::root(&authority(root));
        let below = root.issues(&Template { subject: "below".into(), ..authority(below) });
        let signer = below.issues(&Template::signer("signer", START, 9000));
        let pki = Pki { authorities: vec![root, below], signer, ..Pki::new(START) };
        let (kms, clock) = vault(pki.root());
        assert!(random(&kms, recipient(pki.signed_document())).is_ok());
        clock.set(now);
        is_refused(&kms, pki.signed_document(), EXPIRED);
    }
}

/// Years in four digits.
#[test]
fn a_root_may_outlive_2049() {
    let root = Issuer::root(&Template::authority("root", START, 40 * 366 * 86_400_000));
    let signer = root.issues(&Template::signer("signer", START, 9000));
    let pki = Pki { authorities: vec![root], signer, ..Pki::new(START) };
    let (kms, _) = vault(pki.root());
    assert!(random(&kms, recipient(pki.signed_document())).is_ok());
}

#[test]
fn certificates_must_follow_from_each_other() {
    let Scene { pki, kms, .. } = Scene::new();
    let certificates = |order: &[usize]| {
        Cbor::Array(order.iter().map(|number| Cbor::Bytes(pki.authorities[*number].der.clone())).collect())
    };
    for (order, why) in [
        (&[0, 1][..], NOT_A_CHAIN),
        (&[0, 2], NOT_A_CHAIN),
        (&[0, 1, 1, 2], TWICE),
        (&[0, 1, 2, 0], TWICE),
        (&[0, 1, 2, 1, 2, 1, 2, 1], TWICE),
        (&[0, 1, 2, 1, 2, 1, 2, 1, 2], TOO_MANY),
        // It lets no authority follow.
        (&[0, 2, 1], NOT_FOR_THIS),
        (&[1, 2], "its root certificate is not trusted"),
        (&[2, 1, 0], "its root certificate is not trusted"),
    ] {
        let document = pki.document().with("cabundle", certificates(order));
        is_refused(&kms, document.sign(&pki.signer), why);
    }
    // The signer vouches for itself.
    let own = Cbor::Array(pki.authorities.iter().chain([&pki.signer]).map(|of| Cbor::Bytes(of.der.clone())).collect());
    is_refused(&kms, pki.document().with("cabundle", own).sign(&pki.signer), TWICE);
    // Somebody else's, under the same name: only the signature tells.
    let other = Pki::new(START);
    let document = pki.document().with("certificate", Cbor::Bytes(other.signer.der.clone()));
    is_refused(&kms, document.sign(&other.signer), NOT_A_CHAIN);
    // The right signature under another name.
    let renamed = Template { issuer: Some("zone".into()), ..Template::signer("signer", START, 9000) };
    let signer = pki.authorities[2].issues(&renamed);
    let document = pki.document().with("certificate", Cbor::Bytes(signer.der.clone()));
    is_refused(&kms, document.sign(&signer), NOT_A_CHAIN);
}

/// A certificate with which the last authority, the signer, or the one in the middle is replaced.
#[test]
fn a_certificate_is_for_its_use_alone() {
    let authority = || Template { path_length: Some(0), ..Template::authority("zone", START, 90_000) };
    let signer = || Template::signer("signer", START, 90_000);
    for (last, signer, why) in [
        (Template { authority: Some(false), ..authority() }, signer(), Some(NOT_FOR_THIS)),
        (Template { authority: None, ..authority() }, signer(), Some(NOT_FOR_THIS)),
        (Template { usage: Some(0x80), ..authority() }, signer(), Some(NOT_FOR_THIS)),
        (Template { usage: None, ..authority() }, signer(), Some(NOT_FOR_THIS)),
        (authority(), Template { authority: Some(true), usage: Some(0x86), ..signer() }, Some(NOT_FOR_THIS)),
        (authority(), Template { usage: Some(0x40), ..signer() }, Some(NOT_FOR_THIS)),
        (authority(), Template { usage: None, ..signer() }, Some(NOT_FOR_THIS)),
        // What is critical and not known is refused, and what is known to be of no concern is not.
        (Template { unknown: Some(true), ..authority() }, signer(), Some(UNREADABLE)),
        (authority(), Template { unknown: Some(true), ..signer() }, Some(UNREADABLE)),
        (authority(), Template { unknown: Some(false), ..signer() }, None),
        (Template { version: 0, ..authority() }, signer(), Some(UNREADABLE)),
        // Two of one kind: a reader may go by the first, and another one by the last.
        (Template { repeats: true, ..authority() }, signer(), Some(UNREADABLE)),
        (Template { repeats: true, unknown: None, ..authority() }, signer(), Some(UNREADABLE)),
        (authority(), Template { repeats: true, ..signer() }, Some(UNREADABLE)),
        // ecdsa-with-SHA256
        (
            Template { algorithm: vec![0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02], ..authority() },
            signer(),
            Some(UNREADABLE),
        ),
        (authority(), Template { authority: None, ..signer() }, None),
        (authority(), signer(), None),
    ] {
        let mut pki = Pki::new(START);
        let said = format!("{last:?}, {signer:?}");
        let last = pki.authorities[1].issues(&last);
        pki.signer = last.issues(&signer);
        pki.authorities[2] = last;
        let (kms, _) = vault(pki.root());
        match why {
            Some(why) => drop(is_refused(&kms, pki.signed_document(), why)),
            None => assert!(random(&kms, recipient(pki.signed_document())).is_ok(), "{said}"),
        }
    }
}

#[test]
fn no_more_authorities_follow_than_may() {
    let authority = |name: &str, path_length| Template { path_length, ..Template::authority(name, START, 90_000) };
    for (most, good) in [(Some(0), false), (Some(1), false), (Some(2), true), (None, true)] {
        let root = Issuer::root(&authority("root", most));
        let first = root.issues(&authority("first", None));
        let second = first.issues(&authority("second", None));
        let signer = second.issues(&Template::signer("signer", START, 90_000));
        let pki = Pki { authorities: vec![root, first, second], signer, ..Pki::new(START) };
        let (kms, _) = vault(pki.root());
        if good {
            assert!(random(&kms, recipient(pki.signed_document())).is_ok(), "{most:?}");
        } else {
            is_refused(&kms, pki.signed_document(), NOT_FOR_THIS);
        }
    }
}

/// Each certificate is read to its last byte, and any other bit of it is another certificate.
#[test]
fn no_bit_of_a_certificate_can_be_another() {
    let Scene { pki, kms, .. } = Scene::new();
    let length = pki.signer.der.len();
    for position in (0..length).step_by(7) {
        let mut altered = pki.signer.der.clone();
        altered[position] ^= 1 << (position % 8);
        let document = pki.document().with("certificate", Cbor::Bytes(altered));
        assert!(random(&kms, recipient(document.sign(&pki.signer))).is_err(), "{position}");
    }
    for cut in [0, 1, length / 2, length - 1] {
        let document = pki.document().with("certificate", Cbor::Bytes(pki.signer.der[..cut].to_vec()));
        assert!(random(&kms, recipient(document.sign(&pki.signer))).is_err(), "{cut}");
    }
}
