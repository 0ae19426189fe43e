//! The provider for machines with an operating system: the primitives of `pocketkms-native` where they are faster or safer,
//! those of RustCrypto for the rest.

mod aead;
mod curves;
mod rsa;

use super::{Executor, Provider, Random, Work};
use alloc::{sync::Arc, vec::Vec};
use pocketkms_native::threads;

impl Provider {
    /// The primitives that are fastest on this machine: AES-GCM by AWS-LC or *ring*, as the processor has it, elliptic
    /// curves and RSA by AWS-LC, and all processors for long messages. Hash functions and what is made of them stay
    /// in pure Rust, which is as fast.
    ///
    /// Keys are made with `random`. For the nonces of signatures, the seeds of OAEP and the blinding of RSA, AWS-LC has
    /// a generator of its own, which the operating system seeds and which notices a fork.
    pub fn native(random: Arc<dyn Random>) -> Self {
        Self { aead: &Native, curves: &Native, rsa: &Native, executor: &Native, ..Self::rust_crypto(random) }
    }
}

/// The implementation of the traits. It has no state.
struct Native;

impl Executor for Native {
    fn width(&self) -> usize {
        threads::width()
    }

    fn run(&self, work: Vec<Work<'_>>) {
        threads::run(work);
    }
}
