//! The documents that tests/scenario/recipients.json and fuzz/corpus/attestation have. They were made once, by this.

use super::{Scene, random, recipient};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use pocketkms_tests::attestation::{Cbor, Document, Pki};
use pocketkms_tests::vault::START;

/// `cargo test --test attestation fixed -- --ignored --nocapture`, a name and a value in base64 in each line.
#[test]
#[ignore = "prints documents that are made anew each time"]
fn print() {
    let Scene { pki, kms, .. } = Scene::new();
    let good = [
        ("enclave", pki.signed_document()),
        ("tagged", Document { tagged: true, ..pki.document() }.sign(&pki.signer)),
        ("instance", pki.document().of_nitro_tpm().sign(&pki.signer)),
        ("few-registers", pki.document().with("pcrs", Document::registers(&[0], 32)).sign(&pki.signer)),
    ];
    for (name, document) in &good {
        assert!(random(&kms, recipient(document.clone())).is_ok(), "{name}");
        println!("{name} {}", BASE64_STANDARD.encode(document));
    }
    for (name, document) in [
        ("root", pki.root().to_vec()),
        ("other", Pki::new(START).signed_document()),
        ("no-key", pki.document().without("public_key").sign(&pki.signer)),
        ("no-registers", pki.document().without("pcrs").sign(&pki.signer)),
        ("word-as-key", pki.document().with("public_key", Cbor::Bytes(b"dummy".to_vec())).sign(&pki.signer)),
        ("signed-by-authority", pki.document().sign(&pki.authorities[2])),
    ] {
        println!("{name} {}", BASE64_STANDARD.encode(document));
    }
}
