//! How calls are audited: for the host to decide.

use core::time::Duration;

/// Whether calls are recorded in the vault's audit trail, and when an event is stored.
///
/// The event of a call that changes something is always in the same commit as the change: both are there, or neither. For the
/// others, which change nothing, this says how long they may wait in memory, so that a disk is waited for once for many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audit(Mode);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Off,
    Window(Duration),
    Strict,
}

impl Audit {
    /// No call is recorded. A vault that has a trail goes on to note which records each commit wrote, so that
    /// [`Vault::verify`](crate::Vault::verify) keeps finding what was put back or taken away.
    pub const fn off() -> Self {
        Self(Mode::Off)
    }

    /// Events wait until the first of them is as old as this by the vault's clock, or 1,000 of them or 512 KiB have come together;
    /// the call that finds it so stores all. The default is a second. They are stored, too, by
    /// [`Vault::flush_audit`](crate::Vault::flush_audit), a snapshot, a query, and when the vault is closed or dropped. A process
    /// that ends otherwise loses those that wait.
    ///
    /// Zero stores each event before its call returns; over a store that has to be waited for, such as a browser's database, it is as
    /// [`strict`](Self::strict). With any window a call that changes nothing is answered even where the store takes no events: an event
    /// that says how many were lost follows when it takes them again.
    pub const fn window(time: Duration) -> Self {
        Self(Mode::Window(time))
    }

    /// The event is stored before anything of the answer is given out, and a call whose event cannot be stored fails.
    pub const fn strict() -> Self {
        Self(Mode::Strict)
    }

    pub(crate) const fn is_off(self) -> bool {
        matches!(self.0, Mode::Off)
    }

    pub(crate) const fn is_strict(self) -> bool {
        matches!(self.0, Mode::Strict)
    }

    /// Whether no event waits although a call would not fail for it.
    pub(crate) fn waits_for_nothing(self) -> bool {
        self.0 == Mode::Window(Duration::ZERO)
    }

    /// How long an event may wait, in milliseconds.
    pub(crate) fn window_millis(self) -> i64 {
        match self.0 {
            Mode::Window(time) => i64::try_from(time.as_millis()).unwrap_or(i64::MAX),
            Mode::Off | Mode::Strict => 0,
        }
    }
}

impl Default for Audit {
    fn default() -> Self {
        Self::window(Duration::from_secs(1))
    }
}
