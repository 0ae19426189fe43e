//! Which roots are trusted: AWS's by default, and else those that the host names.

use super::{Scene, is_refused, random, recipient, vault};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use pocketkms::{ErrorKind, Timestamp, Vault};
use pocketkms_tests::{
    attestation::{Issuer, Pki, Template},
    vault::{START, builder, error, root},
};

const UNTRUSTED: &str = "its root certificate is not trusted";
/// tests/vectors/attestation/README.md.
const OF_AWS: &[u8] = include_bytes!("../../vectors/attestation/aws-nitro-enclave.cbor");
/// 2024-09-17T01:00:00Z.
const WHEN_IT_WAS_VALID: Timestamp = Timestamp::from_millis(1_726_534_800_000);

/// All of it holds, from AWS's root to the signature, but for the public key, which is a word.
#[test]
fn a_document_of_aws_is_trusted_by_default() {
    let (builder, clock) = builder();
    let kms = builder.create_in_memory(&root()).unwrap().into();
    clock.set(WHEN_IT_WAS_VALID);
    let no_key = "its public key is not one of RSA with 2,048 bits or more";
    is_refused(&kms, OF_AWS.to_vec(), no_key);
    // What makes the difference are those bits alone.
    let mut altered = OF_AWS.to_vec();
    *altered.last_mut().unwrap() ^= 1;
    is_refused(&kms, altered, "its signature is not that of its certificate's key");
    clock.advance_days(1);
    is_refused(&kms, OF_AWS.to_vec(), "it has a certificate that has expired");
}

#[test]
fn another_root_is_not_trusted_unless_the_host_names_it() {
    let pki = Pki::new(START);
    let (builder, _) = builder();
    let by_default = builder.clone().create_in_memory(&root()).unwrap().into();
    let refused = is_refused(&by_default, pki.signed_document(), UNTRUSTED);
    let fingerprint = pocketkms::Provider::default().digest.sha256(&[pki.root()]);
    let explanation = refused.explanation().unwrap();
    assert!(
        explanation.contains(&hex::encode(fingerprint)) && explanation.contains("attestation roots"),
        "{explanation}"
    );

    let none: &[&[u8]] = &[];
    let trusts_no_one = builder.clone().attestation_roots(none).unwrap().create_in_memory(&root()).unwrap().into();
    is_refused(&trusts_no_one, pki.signed_document(), UNTRUSTED);

    // Those named are in place of AWS's, which is not among them then.
    let other = Pki::new(START);
    let two = builder.attestation_roots(&[other.root(), pki.root()]).unwrap().create_in_memory(&root()).unwrap().into();
    assert!(random(&two, recipient(pki.signed_document())).is_ok());
    assert!(random(&two, recipient(other.signed_document())).is_ok());
    is_refused(&two, OF_AWS.to_vec(), UNTRUSTED);
}

/// The same name and the same key do not make the same root.
#[test]
fn a_root_is_the_certificate_itself() {
    let Scene { mut pki, kms, .. } = Scene::new();
    let template = Template::authority("aws.nitro-enclaves", START, 10_950 * 86_400_000);
    pki.authorities[0].der = Issuer::root(&template).der;
    is_refused(&kms, pki.signed_document(), UNTRUSTED);
}

#[test]
fn a_root_comes_in_pem_or_der() {
    let pki = Pki::new(START);
    let lines: Vec<_> = BASE64_STANDARD.encode(pki.root()).into_bytes().chunks(64).map(<[u8]>::to_vec).collect();
    let body = String::from_utf8(lines.join(&b'\n')).unwrap();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    let (kms, _) = vault(pem.as_bytes());
    assert!(random(&kms, recipient(pki.signed_document())).is_ok());
    for wrong in [
        &b""[..],
        b"0",
        b"-----BEGIN CERTIFICATE-----\n",
        pem.replace("CERTIFICATE", "PUBLIC KEY").as_bytes(),
        &pki.root()[1..],
        &[pki.root(), &[0]].concat(),
        // What signs documents issues no one.
        &pki.signer.der,
    ] {
        let refused = error(Vault::builder().attestation_roots(&[wrong]).map(|_| ()));
        assert_eq!((refused.kind(), refused.message()), (ErrorKind::Validation, "An attestation root is not valid."));
        assert!(refused.explanation().is_some());
    }
}
