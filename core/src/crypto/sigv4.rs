//! AWS Signature Version 4 (AWS Identity and Access Management User Guide, "AWS Signature Version 4 for API requests"), as
//! an `Authorization` header.

use super::{Hash, Provider, clear_after};
use crate::{
    clock::{Civil, Timestamp},
    secret::{Secret, SecretArray},
};
use alloc::{format, string::String, vec::Vec};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// With what every scope ends.
const TERMINATOR: &str = "aws4_request";

/// When, where and for which service a signature is good.
pub(crate) struct Scope<'a> {
    pub(crate) time: Timestamp,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

/// What is signed.
pub(crate) struct Signable<'a> {
    pub(crate) method: &'a str,
    /// Begins with a slash, has no query, and no character that would have to be escaped.
    pub(crate) path: &'a str,
    /// The headers that are signed, in the order of their names, which are in lower case; the values without spaces at their
    /// ends or in a row. One of them is `x-amz-date`.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

/// The value of the header `X-Amz-Date`: `20150830T123600Z`.
pub(crate) fn amz_date(time: Timestamp) -> String {
    let Civil { second, .. } = Civil::of(time);
    format!("{}T{:02}{:02}{:02}Z", date(time), second / 3600, second / 60 % 60, second % 60)
}

/// The value of the header `Authorization`.
pub(crate) fn authorization(
    provider: &Provider,
    access_key_id: &str,
    secret_access_key: &Secret,
    scope: &Scope<'_>,
    request: &Signable<'_>,
) -> String {
    let date = date(scope.time);
    let credential_scope = format!("{date}/{}/{}/{TERMINATOR}", scope.region, scope.service);
    let names: Vec<_> = request.headers.iter().map(|(name, _)| *name).collect();
    let signed_headers = names.join(";");

    // 1. The canonical request, and its hash.
    let canonical = canonical_request(provider, request, &signed_headers);
    let hashed = provider.digest.sha256(&[canonical.as_bytes()]);

    // 2. The string to sign.
    let to_sign = format!("{ALGORITHM}\n{}\n{credential_scope}\n{}", amz_date(scope.time), hex::encode(hashed));

    // 3. The signing key, and 4. the signature.
    let signature = clear_after(|| {
        let mut secret = Secret::zeroed(4 + secret_access_key.len());
        for (to, from) in secret.expose_mut().iter_mut().zip(b"AWS4".iter().chain(secret_access_key.expose())) {
            *to = *from;
        }
        let of_date = mac(provider, secret.expose(), &date);
        let of_region = mac(provider, of_date.expose(), scope.region);
        let of_service = mac(provider, of_region.expose(), scope.service);
        let signing_key = mac(provider, of_service.expose(), TERMINATOR);
        mac(provider, signing_key.expose(), &to_sign)
    });

    // 5. The header.
    format!(
        "{ALGORITHM} Credential={access_key_id}/{credential_scope}, SignedHeaders={signed_headers}, Signature={}",
        hex::encode(signature.expose())
    )
}

fn canonical_request(provider: &Provider, request: &Signable<'_>, signed_headers: &str) -> String {
    let headers: String = request.headers.iter().flat_map(|(name, value)| [name, ":", value, "\n"]).collect();
    let body = hex::encode(provider.digest.sha256(&[request.body]));
    // The empty line after the path is the query; the one after the headers ends them.
    format!("{}\n{}\n\n{headers}\n{signed_headers}\n{body}", request.method, canonical_path(request.path))
}

/// Slashes in a row count as one ("normalize URI paths according to RFC 3986", for all services but Amazon S3).
fn canonical_path(path: &str) -> String {
    let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let end = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    format!("/{}{end}", segments.join("/"))
}

fn mac(provider: &Provider, key: &[u8], text: &str) -> SecretArray<32> {
    let mut out = SecretArray::zeroed();
    provider.mac.key(Hash::Sha256, key).mac(&[text.as_bytes()], out.expose_mut());
    out
}

/// `20150830`.
fn date(time: Timestamp) -> String {
    let Civil { year, month, day, .. } = Civil::of(time);
    format!("{year:04}{month:02}{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Vector {
        method: &'static str,
        host: &'static str,
        path: &'static str,
        body: &'static [u8],
        credential: (&'static str, &'static str),
        region: &'static str,
        service: &'static str,
        millis: i64,
        date: &'static str,
        signature: &'static str,
    }

    /// Of AWS's test suite for Signature Version 4, which its SDKs ship.
    const OF_THE_SUITE: Vector = Vector {
        method: "GET",
        host: "example.amazonaws.com",
        path: "/",
        body: b"",
        credential: ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        region: "us-east-1",
        service: "service",
        millis: 1_440_938_160_999,
        date: "20150830T123600Z",
        // `get-vanilla`.
        signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    };
    /// Made with botocore 1.44.5.
    const OF_BOTOCORE: Vector = Vector {
        method: "POST",
        host: "xks.acme.com",
        path: "/path/kms/xks/v1/health",
        body: br#"{"requestMetadata":{"kmsRequestId":"1124f4d6-db54-4af4-ae30-c55a22a8abcd","kmsOperation":"KmsHealthCheck"}}"#,
        credential: ("HGIE2BUAFNDMBCMSQVWLGCEXAMPLE", "VU6W2byoiBrhDqNGbx703oL0syCAmhlQgwNUT123456"),
        region: "eu-west-1",
        service: "kms-xks-proxy",
        millis: 1_796_083_509_000,
        date: "20261201T000509Z",
        signature: "1b6a0de5697ac43678386230e1f65be92359b58cde4c2ea42979da8635c1fc95",
    };

    fn signed(vector: &Vector) -> String {
        let time = Timestamp::from_millis(vector.millis);
        assert_eq!(amz_date(time), vector.date);
        let headers = [("host", vector.host), ("x-amz-date", vector.date)];
        let request = Signable { method: vector.method, path: vector.path, headers: &headers, body: vector.body };
        let scope = Scope { time, region: vector.region, service: vector.service };
        let (id, secret) = vector.credential;
        authorization(&Provider::default(), id, &Secret::copy_of(secret.as_bytes()), &scope, &request)
    }

    fn expected(vector: &Vector) -> String {
        let (id, date) = (vector.credential.0, &vector.date[..8]);
        format!(
            "AWS4-HMAC-SHA256 Credential={id}/{date}/{}/{}/aws4_request, SignedHeaders=host;x-amz-date, Signature={}",
            vector.region, vector.service, vector.signature
        )
    }

    #[test]
    fn requests_are_signed_as_aws_signs_them() {
        let post = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";
        let slashes = "6c51749b451d464d8cf96cb6557435e1a153db86024709336b0168d9c88b6292";
        for vector in [
            OF_THE_SUITE,
            // `post-vanilla`.
            Vector { method: "POST", signature: post, ..OF_THE_SUITE },
            OF_BOTOCORE,
            Vector { path: "/path//of/kms/xks/v1/health", signature: slashes, ..OF_BOTOCORE },
        ] {
            assert_eq!(signed(&vector), expected(&vector), "{} {}", vector.method, vector.path);
        }
    }

    #[test]
    fn all_that_is_signed_makes_another_signature() {
        let original = signed(&OF_BOTOCORE);
        let (id, secret) = OF_BOTOCORE.credential;
        for other in [
            Vector { method: "PUT", ..OF_BOTOCORE },
            Vector { host: "xks.acme.org", ..OF_BOTOCORE },
            Vector { path: "/path/kms/xks/v2/health", ..OF_BOTOCORE },
            Vector { body: b"{}", ..OF_BOTOCORE },
            Vector { credential: (id, &secret[..42]), ..OF_BOTOCORE },
            Vector { region: "eu-west-2", ..OF_BOTOCORE },
            Vector { service: "kms", ..OF_BOTOCORE },
            Vector { millis: OF_BOTOCORE.millis + 1000, date: "20261201T000510Z", ..OF_BOTOCORE },
        ] {
            let signature = signed(&other);
            assert_ne!(signature.rsplit_once('=').unwrap().1, original.rsplit_once('=').unwrap().1);
        }
    }

    #[test]
    fn paths_are_canonical() {
        for (path, canonical) in
            [("/", "/"), ("", "/"), ("//", "/"), ("/a", "/a"), ("/a/", "/a/"), ("//a///b//", "/a/b/")]
        {
            assert_eq!(canonical_path(path), canonical, "{path}");
        }
    }
}
