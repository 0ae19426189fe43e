//! From an attestation document's certificate to a root that the host trusts (RFC 5280, section 6, as far as AWS's attestation PKI
//! needs it).

use super::{
    certificate::Certificate,
    document::Document,
    refusal::{Refused, refused},
    roots::{AttestationRoots, HOW_TO_TRUST},
};
use crate::{clock::Timestamp, crypto::Provider};
use alloc::{format, vec::Vec};

/// Of AWS's PKI four vouch for a document: the root, a Region, a zone and an instance. Each is a signature to verify for whoever sends one, before
/// it is known whether the caller may do anything.
const MOST_ISSUERS: usize = 8;

/// The certificate that signed a document, once it is known whose it is.
pub(super) fn signer<'a>(
    provider: &Provider,
    roots: &AttestationRoots,
    now: Timestamp,
    document: &Document<'a>,
) -> Result<Certificate<'a>, Refused> {
    // The root comes first, as it is. Before anything else is looked at: who has no certificate of the PKI has no work done.
    let root = document.issuers.first().copied().unwrap_or_default();
    roots.check(provider, root)?;
    if document.issuers.len() > MOST_ISSUERS {
        return Err(refused(format!("more than {MOST_ISSUERS} certificates vouch for it")));
    }
    let chain: Vec<&[u8]> = document.issuers.iter().copied().chain([document.certificate]).collect();
    // "A certificate MUST NOT appear more than once in a prospective certification path" (RFC 5280, section 6.1).
    if chain.iter().enumerate().any(|(at, der)| chain.iter().take(at).any(|before| before == der)) {
        return Err(refused("it has a certificate twice"));
    }
    let parse = |der| Certificate::parse(der).ok_or_else(|| refused("it has a certificate that cannot be read"));
    let authorities = document.issuers.iter().copied().map(parse).collect::<Result<Vec<_>, _>>()?;
    let signer = parse(document.certificate)?;
    for certificate in authorities.iter().chain([&signer]) {
        check_time(certificate, now)?;
    }
    let follow = (0..authorities.len()).rev();
    let may_issue = authorities.iter().zip(follow).all(|(authority, follow)| authority.may_issue(follow));
    if !may_issue || !signer.may_sign() {
        return Err(refused("it has a certificate that is not for this use"));
    }
    let issued = authorities.iter().skip(1).chain([&signer]);
    for (issuer, certificate) in authorities.iter().zip(issued) {
        if !certificate.is_issued_by(provider, issuer) {
            return Err(refused("its certificates do not form a chain"));
        }
    }
    Ok(signer)
}

/// A certificate of an enclave is valid for a few hours, and so are the documents that it signed.
fn check_time(certificate: &Certificate<'_>, now: Timestamp) -> Result<(), Refused> {
    let millis = now.as_millis();
    let why = if now < certificate.not_before {
        "it has a certificate that is not valid yet"
    } else if now > certificate.not_after {
        "it has a certificate that has expired"
    } else {
        return Ok(());
    };
    let (from, to) = (certificate.not_before.as_millis(), certificate.not_after.as_millis());
    Err(refused(why).advise(format!(
        "the certificate is valid from {from} to {to}, and by the vault's clock it is {millis} (milliseconds since 1970-01-01T00:00:00Z): ask for a \
         new document, or set the clock"
    )))
}

impl AttestationRoots {
    /// Refuses a root certificate that the host does not trust.
    fn check(&self, provider: &Provider, root: &[u8]) -> Result<(), Refused> {
        if self.has(root) {
            return Ok(());
        }
        let fingerprint = hex::encode(provider.digest.sha256(&[root]));
        let advice = format!("the SHA-256 fingerprint of its root certificate is {fingerprint}; {HOW_TO_TRUST}");
        Err(refused("its root certificate is not trusted").advise(advice))
    }
}
