//! Requests by HTTP/1.1 over TLS.

use crate::failure::failure;
use pocketkms::{
    Error, ErrorKind, Result, Untrusted, XksRequest, XksResponse, XksTransport, XksTransportError,
    XksTransportErrorKind,
};
use std::{
    collections::BTreeMap,
    net::IpAddr,
    process,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use ureq::{
    Agent,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

/// Carries requests to external key store proxies over HTTPS, on connections that it keeps.
///
/// The whole exchange has 250 ms, as with AWS KMS. No proxy of HTTP's own is used, whatever the environment says.
pub struct HttpsTransport {
    roots: RootCerts,
    timeout: Duration,
    /// Where requests for an endpoint go instead.
    routes: BTreeMap<String, String>,
    /// The hosts that may be called; without a list, any.
    hosts: Option<Vec<String>>,
    /// The process that made the connections, and they themselves. A forked process makes its own: two that share a connection of
    /// TLS read each other's answers.
    agent: Mutex<Option<(u32, Agent)>>,
}

impl Default for HttpsTransport {
    fn default() -> Self {
        Self {
            roots: RootCerts::WebPki,
            timeout: XksRequest::TIMEOUT,
            routes: BTreeMap::new(),
            hosts: None,
            agent: Mutex::new(None),
        }
    }
}

impl HttpsTransport {
    /// A proxy's certificate is checked against the roots that Mozilla trusts, which come with this crate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks certificates against these roots and no others: one or more certificates as PEM.
    ///
    /// # Errors
    /// [`Validation`](ErrorKind::Validation) if the text is no PEM, or has no certificate in it.
    pub fn with_roots(self, pem: &[u8]) -> Result<Self> {
        let mut roots: Vec<Certificate<'static>> = Vec::new();
        for item in parse_pem(pem) {
            match item {
                Ok(PemItem::Certificate(certificate)) => roots.push(certificate),
                Ok(_) => {}
                Err(error) => return Err(invalid("the roots are no PEM").explain(error.to_string())),
            }
        }
        if roots.is_empty() {
            return Err(invalid("there is no certificate among the roots"));
        }
        Ok(Self { roots: RootCerts::new_with_certs(&roots), agent: Mutex::new(None), ..self })
    }

    /// Waits longer than AWS KMS, or not as long.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, agent: Mutex::new(None), ..self }
    }

    /// Calls no other hosts than these: `xks.example.com`, or `*.example.com` for all names that end so. Whoever may make a custom key store
    /// names its proxy, and so has this machine call port 443 of a host that is of its choice, also within a network that is closed to it.
    /// A request to any other host fails as one to a host that cannot be reached.
    #[must_use]
    pub fn with_hosts<H: AsRef<str>>(self, hosts: impl IntoIterator<Item = H>) -> Self {
        let hosts = hosts.into_iter().map(|host| same_host(host.as_ref())).collect();
        Self { hosts: Some(hosts), ..self }
    }

    fn may_call(&self, host: &str) -> bool {
        let host = same_host(host);
        let is_named = |named: &String| match named.strip_prefix('*') {
            Some(end) if end.starts_with('.') => host.len() > end.len() && host.ends_with(end),
            _ => *named == host,
        };
        self.hosts.as_ref().is_none_or(|hosts| hosts.iter().any(is_named))
    }

    /// Sends what is for an endpoint (`https://xks.example.com`) to another place: `https://` or `http://`, a host, and a port if it
    /// is another than usual. For a proxy on this machine or behind a tunnel, since the endpoint of a custom key store has no port. The header
    /// `Host` stays the endpoint's, for which the request is signed; the certificate is that of the other place. Without TLS only
    /// addresses of this machine are taken.
    ///
    /// # Errors
    /// [`Validation`](ErrorKind::Validation) if it is no such place.
    pub fn with_route(mut self, endpoint: &str, place: &str) -> Result<Self> {
        let refused = |why: &str| Err(invalid(format!("'{}' is no place for requests: {why}", Untrusted(place))));
        let (is_secure, authority) = match (place.strip_prefix("https://"), place.strip_prefix("http://")) {
            (Some(authority), _) => (true, authority),
            (_, Some(authority)) => (false, authority),
            _ => return refused("it does not begin with https:// or http://"),
        };
        if authority.is_empty() || authority.contains(['/', '?', '#', '@', '\\', ' ']) {
            return refused("it is more than a host and a port");
        }
        if !is_secure && !is_of_this_machine(authority) {
            return refused("without TLS it can only be an address of this machine");
        }
        self.routes.insert(endpoint.to_string(), place.to_string());
        Ok(self)
    }

    fn agent(&self) -> Agent {
        let mut kept = self.agent.lock().unwrap_or_else(PoisonError::into_inner);
        let process = process::id();
        match &*kept {
            Some((maker, agent)) if *maker == process => agent.clone(),
            _ => kept.insert((process, self.connect())).1.clone(),
        }
    }

    fn connect(&self) -> Agent {
        let tls = TlsConfig::builder().root_certs(self.roots.clone()).build();
        Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(self.timeout))
            // The signature is for one address.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .user_agent(concat!("pocketkms/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent()
    }
}

impl XksTransport for HttpsTransport {
    fn send(&self, request: &XksRequest) -> Result<XksResponse, XksTransportError> {
        let endpoint = request.endpoint();
        let place = self.routes.get(endpoint).map_or(endpoint, String::as_str);
        let host = endpoint.split_once("://").map_or(endpoint, |(_, host)| host);
        if !self.may_call(host) {
            let text = format!("the host allows no external key store proxy at '{}'", Untrusted(host));
            return Err(XksTransportError::new(XksTransportErrorKind::Unreachable, text));
        }
        let mut sent = self.agent().post(format!("{place}{}", request.path())).header("Host", host);
        for (name, value) in request.headers() {
            sent = sent.header(name, value);
        }
        let mut response = sent.send(request.body()).map_err(failure)?;
        let status = response.status().as_u16();
        let limit = u64::try_from(XksRequest::MAX_RESPONSE).unwrap_or(u64::MAX);
        let body = response.body_mut().with_config().limit(limit).read_to_vec().map_err(failure)?;
        Ok(XksResponse { status, body })
    }
}

/// The name of a host in the form that all of its spellings have.
fn same_host(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// Whether a host and a port are of this machine by their address, whatever names mean here.
fn is_of_this_machine(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Validation, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_are_routes() {
        for place in [
            "https://127.0.0.1:8443",
            "https://proxy.internal",
            "http://127.0.0.1:1",
            "http://[::1]:80",
            "http://localhost",
        ] {
            assert!(HttpsTransport::new().with_route("https://xks.example.com", place).is_ok(), "{place}");
        }
        for place in [
            "",
            "xks.example.com",
            "ftp://127.0.0.1",
            "http://xks.example.com",
            "http://10.0.0.1",
            "http://127.0.0.1@xks.example.com",
            "http://localhost.example.com",
            "https://xks.example.com/path",
            "https://",
            "https://a b",
        ] {
            let refused = HttpsTransport::new().with_route("https://xks.example.com", place);
            assert_eq!(refused.err().map(|error| error.kind()), Some(ErrorKind::Validation), "{place}");
        }
    }

    #[test]
    fn only_hosts_that_are_named_are_called() {
        let any = HttpsTransport::new();
        let named = HttpsTransport::new().with_hosts(["xks.example.com", "*.corp.example"]);
        for (host, may) in [
            ("xks.example.com", true),
            ("XKS.Example.COM.", true),
            ("a.corp.example", true),
            ("a.b.corp.example", true),
            ("corp.example", false),
            (".corp.example", false),
            ("evilcorp.example", false),
            ("xks.example.com.evil.example", false),
            ("127.0.0.1", false),
            ("169.254.169.254", false),
            ("", false),
        ] {
            assert_eq!((any.may_call(host), named.may_call(host)), (true, may), "{host}");
        }
        assert!(!HttpsTransport::new().with_hosts::<&str>([]).may_call("xks.example.com"));
        assert!(!HttpsTransport::new().with_hosts(["*", "*xks.example.com"]).may_call("a.xks.example.com"));
    }

    #[test]
    fn roots_are_certificates() {
        for roots in ["", "no PEM", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
            let refused = HttpsTransport::new().with_roots(roots.as_bytes());
            assert_eq!(refused.err().map(|error| error.kind()), Some(ErrorKind::Validation), "{roots}");
        }
    }
}
