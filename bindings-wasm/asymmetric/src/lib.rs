//! The module that a page loads when it first needs a public key. The first module asks it, by way of `js/primitives.js`, which copies
//! requests and answers from one memory to the other.
//!
//! A request is written to the place that [`room`] gives, and [`call`] says where its answer is. Both are wiped: the request by `call`,
//! the answer by [`done`].

#![forbid(unsafe_code)]

use pocketkms_elsewhere::Service;
use pocketkms_primitives::{EntropyError, Random};
use pocketkms_rust_crypto::RustCrypto;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

/// The engine's randomness: `crypto.getRandomValues`.
struct Entropy;

impl Random for Entropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(bytes).map_err(|_| EntropyError)
    }
}

thread_local! {
    static SERVICE: RefCell<Service<RustCrypto, Entropy>> = RefCell::new(Service::new(RustCrypto, Entropy));
    /// The request, and then its answer.
    static BYTES: RefCell<Zeroizing<Vec<u8>>> = RefCell::default();
}

/// What the first module must have, too: else they are of different builds.
#[wasm_bindgen]
pub fn build() -> u32 {
    pocketkms_elsewhere::BUILD
}

/// Where a request of that length is to be written.
#[wasm_bindgen]
pub fn room(length: usize) -> *mut u8 {
    BYTES.with_borrow_mut(|bytes| {
        *bytes = Zeroizing::new(vec![0; length]);
        bytes.as_mut_ptr()
    })
}

/// Does what the request asks for; the length of the answer, which [`answer`] has.
#[wasm_bindgen]
pub fn call() -> usize {
    BYTES.with_borrow_mut(|bytes| {
        *bytes = SERVICE.with_borrow_mut(|service| service.call(bytes)).unwrap_or_default();
        bytes.len()
    })
}

/// Where the answer is.
#[wasm_bindgen]
pub fn answer() -> *const u8 {
    BYTES.with_borrow(|bytes| bytes.as_ptr())
}

/// The answer was taken.
#[wasm_bindgen]
pub fn done() {
    BYTES.take();
}
