//! Hosts that bring primitives later.

/// How a host has operations run. One whose primitives are not all there from the beginning runs an operation again, once it has brought
/// what was missing: what it came to before says nothing then, and has to leave nothing behind.
pub trait Runs: Send + Sync {
    /// Whether this run has asked for a primitive that is not there yet.
    fn lacks(&self) -> bool;

    /// Whether what is to be counted now is counted for the first time, and not in an earlier run of the same operation already.
    fn counts(&self) -> bool;
}

/// All is there: an operation is run once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Once;

impl Runs for Once {
    fn lacks(&self) -> bool {
        false
    }

    fn counts(&self) -> bool {
        true
    }
}
