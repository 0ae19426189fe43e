//! The calls of the XKS proxy API, version 1.

use super::{
    failure::Failure,
    request::{self, RequestMetadata},
    response::{self, Encrypted},
    transport::{XksRequest, XksTransport},
    wrapped::Wrapped,
};
use crate::{
    clock::Timestamp,
    crypto::{
        Provider,
        sigv4::{self, Scope, Signable},
    },
    key::Region,
    secret::Secret,
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

/// The service of the signatures.
const SERVICE: &str = "kms-xks-proxy";
/// What comes before the name of the host.
const SCHEME: &str = "https://";

/// Where a proxy is, and how AWS KMS proves to it who it is.
pub(crate) struct XksProxy<'a> {
    /// `https://` and the name of a host.
    pub(crate) uri_endpoint: &'a str,
    /// Ends with `/kms/xks/v1`.
    pub(crate) uri_path: &'a str,
    pub(crate) access_key_id: &'a str,
    pub(crate) secret_access_key: &'a Secret,
}

/// A proxy, and what it takes to call it.
pub(crate) struct ProxyClient<'a> {
    pub(crate) transport: &'a dyn XksTransport,
    pub(crate) provider: &'a Provider,
    pub(crate) proxy: XksProxy<'a>,
    pub(crate) region: &'a Region,
    pub(crate) now: Timestamp,
    pub(crate) metadata: RequestMetadata,
}

impl ProxyClient<'_> {
    /// `GetHealthStatus`: whether the proxy is there, takes the credential, and has an external key manager.
    pub(crate) fn check_health(&self) -> Result<(), Failure> {
        let body = request::plain(&self.metadata.of_health_check());
        response::health(&self.send("health", body)?)
    }

    /// `GetKeyMetadata`: whether the external key can be that of a KMS key.
    pub(crate) fn check_key(&self, external_key: &str) -> Result<(), Failure> {
        let body = request::plain(&self.metadata);
        response::usable_key(&self.send(&format!("keys/{external_key}/metadata"), body)?)
    }

    /// `Encrypt`.
    pub(crate) fn encrypt(
        &self,
        external_key: &str,
        plaintext: &[u8],
        associated_data: &[u8],
    ) -> Result<Encrypted, Failure> {
        let body = request::encrypt(&self.metadata, plaintext, associated_data);
        let body = self.send(&format!("keys/{external_key}/encrypt"), body)?;
        response::encrypted(&body, self.provider, plaintext.len(), associated_data)
    }

    /// `Decrypt`.
    pub(crate) fn decrypt(
        &self,
        external_key: &str,
        encrypted: &Wrapped<'_>,
        associated_data: &[u8],
    ) -> Result<Vec<u8>, Failure> {
        let body = request::decrypt(&self.metadata, encrypted, associated_data);
        let body = self.send(&format!("keys/{external_key}/decrypt"), body)?;
        response::decrypted(&body, encrypted.ciphertext.len())
    }

    /// Signs a request, has it carried, and gives the body of a response that reports success.
    fn send(&self, resource: &str, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let request = self.signed(resource, body);
        let response = self.transport.send(&request)?;
        response::accept(&response)?;
        Ok(response.body)
    }

    fn signed(&self, resource: &str, body: Vec<u8>) -> XksRequest {
        let XksProxy { uri_endpoint, uri_path, access_key_id, secret_access_key } = self.proxy;
        let path = format!("{uri_path}/{resource}");
        let date = sigv4::amz_date(self.now);
        let host = uri_endpoint.strip_prefix(SCHEME).unwrap_or(uri_endpoint);
        // "SignedHeaders=host;x-amz-date" (Appendix A).
        let headers = [("host", host), ("x-amz-date", date.as_str())];
        let signable = Signable { method: "POST", path: &path, headers: &headers, body: &body };
        let scope = Scope { time: self.now, region: self.region.as_str(), service: SERVICE };
        let authorization = sigv4::authorization(self.provider, access_key_id, secret_access_key, &scope, &signable);
        let headers = Vec::from([
            ("Content-Type", String::from("application/json")),
            ("X-Amz-Date", date),
            ("Authorization", authorization),
        ]);
        XksRequest { endpoint: uri_endpoint.to_string(), path, headers, body }
    }
}
