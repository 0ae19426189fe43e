//! What carries requests to a proxy where the answers come later, as in a browser.

use crate::elsewhere::{lack, run_bringing};
use pocketkms::{XksRequest, XksResponse, XksTransport, XksTransportError, XksTransportErrorKind};
use std::sync::{Arc, Mutex};

/// Answers a request that it was brought the answer to; any other, the run lacks. Clones are the same.
#[derive(Clone)]
pub struct Later<T> {
    proxy: T,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    asked: Option<XksRequest>,
    answers: Vec<(XksRequest, XksResponse)>,
}

impl<T: XksTransport> Later<T> {
    /// To a proxy, which is asked between the runs.
    pub fn new(proxy: T) -> Self {
        Self { proxy, state: Arc::default() }
    }

    /// Runs an operation as its host does: the answer, and how many runs it took. `meanwhile` is what others do before each answer comes.
    pub fn run<R>(&self, mut meanwhile: impl FnMut(), operation: impl FnMut() -> R) -> (R, usize) {
        let ran = run_bringing(
            || {
                meanwhile();
                let asked = self.state.lock().expect("no test panics with it").asked.take();
                let request = asked.expect("a run that lacks an answer has asked for one");
                let response = self.proxy.send(&request).expect("an answer");
                self.state.lock().expect("no test panics with it").answers.push((request, response));
            },
            operation,
        );
        // What was brought for an operation is no other's.
        self.state.lock().expect("no test panics with it").answers.clear();
        ran
    }
}

impl<T: XksTransport> XksTransport for Later<T> {
    fn send(&self, request: &XksRequest) -> Result<XksResponse, XksTransportError> {
        let mut state = self.state.lock().expect("no test panics with it");
        if let Some((_, answer)) = state.answers.iter().find(|(asked, _)| asked == request) {
            return Ok(answer.clone());
        }
        lack();
        state.asked = Some(request.clone());
        Err(XksTransportError::new(XksTransportErrorKind::Unreachable, "the answer has yet to come"))
    }
}
