//! What carries requests to external key store proxies: HTTPS, or a function of the host's.

use crate::{
    convert::{Bytes, length_of, type_error},
    error::raise,
    gate, memory,
    pending::carry,
};
use pocketkms::{VaultBuilder, XksResponse, XksTransport, XksTransportError, XksTransportErrorKind};
use pyo3::{
    exceptions::{PyTimeoutError, PyTypeError},
    prelude::*,
    types::{PyBytes, PyDict},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Requests over HTTPS.
#[pyclass(frozen, module = "pocketkms")]
pub(crate) struct XksHttpsTransport(Arc<pocketkms_xks::HttpsTransport>);

#[pymethods]
impl XksHttpsTransport {
    #[new]
    #[pyo3(signature = (*, roots = None, timeout = None, routes = None, hosts = None))]
    fn new(
        py: Python<'_>,
        roots: Option<&Bound<'_, PyAny>>,
        timeout: Option<Duration>,
        routes: Option<BTreeMap<String, String>>,
        hosts: Option<Vec<String>>,
    ) -> PyResult<Self> {
        let mut transport = pocketkms_xks::HttpsTransport::new();
        if let Some(roots) = roots {
            let pem = Bytes::of("roots", roots)?;
            transport = transport.with_roots(&pem).map_err(|error| raise(py, &error))?;
        }
        if let Some(timeout) = timeout {
            transport = transport.with_timeout(timeout);
        }
        for (endpoint, place) in routes.into_iter().flatten() {
            transport = transport.with_route(&endpoint, &place).map_err(|error| raise(py, &error))?;
        }
        if let Some(hosts) = hosts {
            transport = transport.with_hosts(hosts);
        }
        Ok(Self(Arc::new(transport)))
    }
}

/// A request, for a function that carries it.
#[pyclass(frozen, module = "pocketkms")]
pub(crate) struct XksRequest(pocketkms::XksRequest);

#[pymethods]
impl XksRequest {
    #[getter]
    fn url(&self) -> String {
        self.0.url()
    }

    #[getter]
    fn endpoint(&self) -> &str {
        self.0.endpoint()
    }

    #[getter]
    fn path(&self) -> &str {
        self.0.path()
    }

    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let headers = PyDict::new(py);
        self.0.headers().try_for_each(|(name, value)| headers.set_item(name, value))?;
        Ok(headers)
    }

    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        memory::bytes(py, self.0.body())
    }
}

/// The builder with that transport.
pub(crate) fn with_transport(builder: VaultBuilder, transport: &Bound<'_, PyAny>) -> PyResult<VaultBuilder> {
    if let Ok(https) = transport.cast::<XksHttpsTransport>() {
        return Ok(builder.xks_transport(Arc::clone(&https.get().0)));
    }
    if !transport.is_callable() {
        return Err(type_error("xks_transport", "XksHttpsTransport or a function that takes an XksRequest", transport));
    }
    Ok(builder.xks_transport(Function(transport.clone().unbind())))
}

/// A function of the host.
struct Function(Py<PyAny>);

impl XksTransport for Function {
    fn send(&self, request: &pocketkms::XksRequest) -> Result<XksResponse, XksTransportError> {
        gate::attach(|py| {
            let answer = self.0.bind(py).call1((XksRequest(request.clone()),));
            answer.and_then(|answer| response(&answer)).map_err(|exception| {
                let kind = kind_of(py, &exception);
                XksTransportError::new(kind, carry(py, exception))
            })
        })
    }
}

fn response(answer: &Bound<'_, PyAny>) -> PyResult<XksResponse> {
    let wrong = || PyTypeError::new_err("'xks_transport' must return the status, an int, and the body, bytes");
    let (status, body): (u16, Bound<'_, PyAny>) = answer.extract().map_err(|_| wrong())?;
    let length = length_of(&body).ok_or_else(wrong)?;
    // What is longer is none, and is not copied.
    if length > pocketkms::XksRequest::MAX_RESPONSE {
        return Ok(XksResponse { status: 0, body: Vec::new() });
    }
    Ok(XksResponse { status, body: memory::copy(&Bytes::of("xks_transport()", &body)?)? })
}

fn kind_of(py: Python<'_>, exception: &PyErr) -> XksTransportErrorKind {
    if exception.is_instance_of::<PyTimeoutError>(py) {
        return XksTransportErrorKind::TimedOut;
    }
    // A Python without OpenSSL has no such module, and no such exception.
    let of_tls = py.import("ssl").and_then(|ssl| ssl.getattr("SSLError"));
    let is_of_tls = of_tls.and_then(|class| exception.value(py).is_instance(&class)).unwrap_or(false);
    if is_of_tls { XksTransportErrorKind::Tls } else { XksTransportErrorKind::Unreachable }
}
