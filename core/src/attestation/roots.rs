//! Whom the host trusts to say what an enclave is.

use super::certificate::Certificate;
use crate::error::{Error, ErrorKind, Result};
use alloc::{borrow::Cow, vec::Vec};
use pem_rfc7468::Decoder;

/// The root certificate of the AWS Nitro Attestation PKI for the commercial partition, G1: "CN=aws.nitro-enclaves, C=US, O=Amazon,
/// OU=AWS" (AWS Nitro Enclaves User Guide, "Verifying the root of trust", which has its fingerprint, too).
const AWS_NITRO_ENCLAVES_G1: &[u8] = include_bytes!("aws-nitro-enclaves-root-g1.der");
/// What a certificate in DER begins with: a SEQUENCE.
const SEQUENCE: u8 = 0x30;
const LABEL: &str = "CERTIFICATE";

/// What the host is told where a document is of another root.
pub(super) const HOW_TO_TRUST: &str = "a host that trusts another root than AWS's, as a test with documents of its own does, names it when \
     it makes or opens the vault: attestation roots";

/// Root certificates, DER.
#[derive(Clone, Debug)]
pub(crate) struct AttestationRoots(Vec<Cow<'static, [u8]>>);

/// AWS's.
impl Default for AttestationRoots {
    fn default() -> Self {
        Self(Vec::from([Cow::Borrowed(AWS_NITRO_ENCLAVES_G1)]))
    }
}

impl AttestationRoots {
    /// Those in place of AWS's, each PEM or DER.
    pub(crate) fn of(certificates: &[impl AsRef<[u8]>]) -> Result<Self> {
        let der = certificates.iter().map(|certificate| der(certificate.as_ref()).map(Cow::Owned));
        der.collect::<Result<_>>().map(Self)
    }

    pub(super) fn has(&self, root: &[u8]) -> bool {
        self.0.iter().any(|known| **known == *root)
    }
}

/// The bytes of a certificate that may be a root.
fn der(pem_or_der: &[u8]) -> Result<Vec<u8>> {
    let invalid = |why| Error::new(ErrorKind::Validation, "An attestation root is not valid.").explain(why);
    let der = if pem_or_der.first() == Some(&SEQUENCE) {
        pem_or_der.to_vec()
    } else {
        let unreadable = |_| invalid("it is neither DER nor PEM with the label 'CERTIFICATE'");
        let mut decoder = Decoder::new_detect_wrap(pem_or_der).map_err(unreadable)?;
        if decoder.type_label() != LABEL {
            return Err(unreadable(pem_rfc7468::Error::Label));
        }
        let mut der = alloc::vec![0; decoder.remaining_len()];
        decoder.decode(&mut der).map_err(unreadable)?;
        der
    };
    let root = Certificate::parse(&der);
    let root =
        root.ok_or_else(|| invalid("it is not an X.509 certificate of a key on P-384, signed with ECDSA and SHA-384"))?;
    if !root.may_issue(0) {
        return Err(invalid("it is not a certificate that may issue others"));
    }
    Ok(der)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{OsRandom, Provider};
    use alloc::sync::Arc;

    #[test]
    fn the_root_by_default_is_the_one_whose_fingerprint_aws_publishes() {
        let provider = Provider::rust_crypto(Arc::new(OsRandom));
        let fingerprint = hex::encode(provider.digest.sha256(&[AWS_NITRO_ENCLAVES_G1]));
        assert_eq!(fingerprint, "641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b");
        let root = Certificate::parse(AWS_NITRO_ENCLAVES_G1).unwrap();
        assert!(root.may_issue(10) && root.is_issued_by(&provider, &root));
        assert!(!root.may_sign());
        assert!(AttestationRoots::default().has(AWS_NITRO_ENCLAVES_G1));
        assert!(!AttestationRoots::default().has(&[]));
    }
}
