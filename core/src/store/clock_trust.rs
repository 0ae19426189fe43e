//! How far a vault relies on its clock, described for every language. What it does about it is in `watch`.

use crate::shape::enumerations;

enumerations! {
    /// How far a vault relies on its clock.
    pub enum ClockTrust {
        /// The clock is right by definition, and years may pass in a moment: for tests, fixtures, a vault in memory.
        Trusted = "TRUSTED",
        /// The clock may be wrong for a while, as that of a machine without a battery before it has found the network. The
        /// vault keeps the latest time that it was used at. While the clock is more than three days ahead of that, no key is
        /// deleted, until the clock is back or the host confirms the time.
        System = "SYSTEM",
    }
}
