//! The proxy.

use super::{
    manager::{Encrypted, ExternalKey, KeyManager},
    signature::{self, Credential},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use pocketkms::{Clock, ManualClock, XksRequest, XksResponse, XksTransport, XksTransportError, XksTransportErrorKind};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

/// Where the proxy is.
pub const ENDPOINT: &str = "https://xks.example.com";
/// The path to its API.
pub const PATH: &str = "/tenant/kms/xks/v1";
/// Of the credential that it takes.
pub const ACCESS_KEY_ID: &str = "HGIE2BUAFNDMBCMSQVWLGCEXAMPLE";
/// Of the credential that it takes.
pub const SECRET_ACCESS_KEY: &str = "VU6W2byoiBrhDqNGbx703oL0syCAmhlQgwNUT123456";

/// What a proxy does that it should not.
#[derive(Clone)]
pub enum Fault {
    /// It answers with this status and body, whatever it is asked.
    Answers(u16, Vec<u8>),
    /// It names this error.
    Refuses(u16, &'static str),
    /// It alters a member of what it would answer; without a value, leaves it out.
    Alters(&'static str, Option<Value>),
    /// It alters the first byte of a member that is base64.
    Flips(&'static str),
    /// Nothing comes back.
    Fails(XksTransportErrorKind),
}

/// A request that the proxy was sent.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The last part of the path.
    pub operation: String,
    /// All of it.
    pub path: String,
    /// The body.
    pub body: Value,
}

/// What a proxy answers: a status, and a body that is JSON unless there is a fault.
pub type Answer = (u16, Vec<u8>);

/// A proxy. Clones are the same.
#[derive(Clone)]
pub struct Proxy(Arc<Mutex<State>>);

struct State {
    credential: Credential,
    clock: ManualClock,
    manager: KeyManager,
    health: Vec<&'static str>,
    fault: Option<Fault>,
    seen: Vec<Seen>,
    /// What happens at each request, before it is answered.
    watcher: Option<Watcher>,
}

type Watcher = Arc<dyn Fn() + Send + Sync>;

impl Proxy {
    /// One with the credential above, whose time is by that clock, and which has no keys yet.
    pub fn new(clock: &ManualClock) -> Self {
        let credential =
            Credential { access_key_id: ACCESS_KEY_ID.into(), secret_access_key: SECRET_ACCESS_KEY.into() };
        Self(Arc::new(Mutex::new(State {
            credential,
            clock: clock.clone(),
            manager: KeyManager::default(),
            health: vec!["UNAVAILABLE", "ACTIVE"],
            fault: None,
            seen: Vec::new(),
            watcher: None,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics with it")
    }

    /// Works with the external keys.
    pub fn keys<T>(&self, work: impl FnOnce(&mut KeyManager) -> T) -> T {
        work(&mut self.state().manager)
    }

    /// Takes another credential from now on.
    pub fn take_credential(&self, access_key_id: &str, secret_access_key: &str) {
        self.state().credential =
            Credential { access_key_id: access_key_id.into(), secret_access_key: secret_access_key.into() };
    }

    /// What the external key managers are said to be.
    pub fn set_health(&self, health: &[&'static str]) {
        self.state().health = health.to_vec();
    }

    /// Does something wrong from now on, or nothing.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.state().fault = fault;
    }

    /// Something happens at each request, before it is answered.
    pub fn watch(&self, watcher: impl Fn() + Send + Sync + 'static) {
        self.state().watcher = Some(Arc::new(watcher));
    }

    /// What it was sent since the last call.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.state().seen)
    }

    /// What it answers to a request. The names of the headers are in lower case.
    pub fn answer(&self, method: &str, path: &str, headers: &BTreeMap<String, String>, body: &[u8]) -> Answer {
        let watcher = self.state().watcher.clone();
        if let Some(watcher) = watcher {
            watcher();
        }
        let mut state = self.state();
        let (status, body) = match state.accept(method, path, headers, body) {
            Ok(body) => (200, body),
            Err((status, name)) => (status, json!({ "errorName": name, "errorMessage": "in the tests" })),
        };
        match state.fault.clone() {
            Some(Fault::Answers(status, body)) => (status, body),
            Some(Fault::Refuses(status, name)) => (status, json!({ "errorName": name }).to_string().into_bytes()),
            fault => (status, altered(body, fault).to_string().into_bytes()),
        }
    }
}

fn altered(mut body: Value, fault: Option<Fault>) -> Value {
    match fault {
        Some(Fault::Alters(member, Some(value))) => body[member] = value,
        Some(Fault::Alters(member, None)) => {
            body.as_object_mut().expect("an object").remove(member);
        }
        Some(Fault::Flips(member)) => {
            let mut bytes = BASE64_STANDARD.decode(body[member].as_str().expect("base64")).expect("base64");
            bytes[0] ^= 1;
            body[member] = BASE64_STANDARD.encode(bytes).into();
        }
        _ => {}
    }
    body
}

/// In this process.
impl XksTransport for Proxy {
    fn send(&self, request: &XksRequest) -> Result<XksResponse, XksTransportError> {
        if let Some(Fault::Fails(kind)) = self.state().fault {
            return Err(XksTransportError::new(kind, "the test's proxy does not answer"));
        }
        let host = request.endpoint().strip_prefix("https://").expect("an endpoint of HTTPS");
        if request.endpoint() != ENDPOINT {
            return Err(XksTransportError::new(XksTransportErrorKind::Unreachable, "no proxy is there"));
        }
        let mut headers: BTreeMap<_, _> =
            request.headers().map(|(name, value)| (name.to_lowercase(), value.to_string())).collect();
        headers.insert("host".into(), host.into());
        let (status, body) = self.answer("POST", request.path(), &headers, request.body());
        Ok(XksResponse { status, body })
    }
}

type Refusal = (u16, &'static str);

const INVALID: Refusal = (400, "ValidationException");
const CORRUPTED: Refusal = (400, "InvalidCiphertextException");

impl State {
    fn accept(
        &mut self,
        method: &str,
        path: &str,
        headers: &BTreeMap<String, String>,
        body: &[u8],
    ) -> Result<Value, Refusal> {
        if method != "POST" {
            return Err((405, "InvalidMethod"));
        }
        let resource = path.strip_prefix(PATH).and_then(|rest| rest.strip_prefix('/'));
        let parts: Vec<_> = resource.ok_or((404, "InvalidUriPathException"))?.split('/').collect();
        let now = self.clock.now().as_millis() / 1000;
        if signature::check(&self.credential, path, headers, body, now).is_err() {
            return Err((401, "AuthenticationFailedException"));
        }
        if headers.get("content-type").is_none_or(|kind| kind != "application/json") {
            return Err(INVALID);
        }
        let body: Value = serde_json::from_slice(body).map_err(|_| INVALID)?;
        let operation = (*parts.last().expect("a part")).to_string();
        self.seen.push(Seen { operation, path: path.into(), body: body.clone() });
        match parts[..] {
            ["health"] => self.health(&body),
            ["keys", id, operation] => {
                require(&body, &["awsPrincipalArn"])?;
                let key = self.manager.get(id).cloned().ok_or((404, "KeyNotFoundException"))?;
                match operation {
                    "metadata" => Ok(json!({ "keySpec": key.spec, "keyUsage": key.usage, "keyStatus": key.status })),
                    "encrypt" => self.encrypt(&usable(key, "ENCRYPT")?, &body),
                    "decrypt" => decrypt(&usable(key, "DECRYPT")?, &body),
                    _ => Err((404, "InvalidUriPathException")),
                }
            }
            _ => Err((404, "InvalidUriPathException")),
        }
    }

    fn health(&self, body: &Value) -> Result<Value, Refusal> {
        require(body, &[])?;
        let manager = |(index, health): (usize, &&str)| json!({ "id": format!("hsm-{index}"), "model": "Test 1.0", "healthStatus": health });
        Ok(json!({
            "xksProxyFleetSize": 2,
            "xksProxyVendor": "Acme Corp",
            "xksProxyModel": "Acme XKS Proxy 1.0",
            "ekmVendor": "Thales Group",
            "ekmFleetDetails": self.health.iter().enumerate().map(manager).collect::<Vec<_>>(),
        }))
    }

    fn encrypt(&mut self, key: &ExternalKey, body: &Value) -> Result<Value, Refusal> {
        require(body, &["awsPrincipalArn", "kmsKeyArn"])?;
        let (plaintext, aad) = (bytes(body, "plaintext", 4300)?, bytes(body, "additionalAuthenticatedData", 8192)?);
        let Encrypted { vector, ciphertext, tag } = self.manager.encrypt(key, &plaintext, &aad);
        let integrity = Sha256::digest([&aad, &key.metadata, &vector, &ciphertext, &tag].map(Vec::as_slice).concat());
        if body["ciphertextDataIntegrityValueAlgorithm"] != "SHA_256" {
            return Err(INVALID);
        }
        let mut answer = json!({
            "ciphertext": BASE64_STANDARD.encode(ciphertext),
            "initializationVector": BASE64_STANDARD.encode(vector),
            "authenticationTag": BASE64_STANDARD.encode(tag),
            "ciphertextDataIntegrityValue": BASE64_STANDARD.encode(integrity),
        });
        if !key.metadata.is_empty() {
            answer["ciphertextMetadata"] = BASE64_STANDARD.encode(&key.metadata).into();
        }
        Ok(answer)
    }
}

fn decrypt(key: &ExternalKey, body: &Value) -> Result<Value, Refusal> {
    require(body, &["awsPrincipalArn", "kmsKeyArn"])?;
    let metadata = match body.get("ciphertextMetadata") {
        Some(_) => bytes(body, "ciphertextMetadata", 20)?,
        None => Vec::new(),
    };
    let encrypted = Encrypted {
        vector: bytes(body, "initializationVector", 16)?,
        ciphertext: bytes(body, "ciphertext", 4300)?,
        tag: bytes(body, "authenticationTag", 16)?,
    };
    let aad = bytes(body, "additionalAuthenticatedData", 8192)?;
    let plaintext = KeyManager::decrypt(key, &encrypted, &metadata, &aad).ok_or(CORRUPTED)?;
    Ok(json!({ "plaintext": BASE64_STANDARD.encode(plaintext) }))
}

/// A key that is enabled, and for that.
fn usable(key: ExternalKey, usage: &str) -> Result<ExternalKey, Refusal> {
    match key {
        key if key.status != "ENABLED" => Err((400, "InvalidStateException")),
        key if !key.usage.contains(&usage) => Err((400, "InvalidKeyUsageException")),
        key => Ok(key),
    }
}

/// The members of `requestMetadata` that are required: of all requests, and of this one.
fn require(body: &Value, more: &[&str]) -> Result<(), Refusal> {
    let has = |member: &&str| body["requestMetadata"][member].as_str().is_some_and(|text| !text.is_empty());
    if ["kmsOperation", "kmsRequestId"].iter().chain(more).all(has) { Ok(()) } else { Err(INVALID) }
}

fn bytes(body: &Value, member: &str, longest: usize) -> Result<Vec<u8>, Refusal> {
    let decoded = body[member].as_str().and_then(|text| BASE64_STANDARD.decode(text).ok());
    decoded.filter(|bytes| bytes.len() <= longest).ok_or(INVALID)
}
