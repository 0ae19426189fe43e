//! What an app's own code threw, which comes out of the call that led there as the very same object.

use std::{fmt, sync::Arc};
use uniffi::{FfiConverterArc, Handle};

/// An exception of the app, held on its side of the border while it crosses the core.
#[uniffi::export(with_foreign)]
pub trait ThrownHolder: Send + Sync {
    /// What it says.
    fn text(&self) -> String;

    /// Whether it ends the whole work: a cancellation, an interruption, or what the process cannot go on after.
    fn is_cancellation(&self) -> bool;
}

/// An exception of the app: in Kotlin a `Throwable`, in Swift an `Error`.
#[derive(Clone)]
pub struct Thrown(Arc<dyn ThrownHolder>);

// Described as a number, a handle of UniFFI's, which owns the holder as that of any object does. Described as an object it would
// make one of each error, which had to be destroyed in Kotlin and could not be compared in Swift.
uniffi::custom_type!(Thrown, u64, {
    lower: |thrown| <dyn ThrownHolder as FfiConverterArc<crate::UniFfiTag>>::lower(thrown.0).as_raw(),
    try_lift: |raw| {
        let handle = Handle::from_raw_unchecked(raw);
        uniffi::deps::anyhow::ensure!(handle.is_foreign(), "an exception is held by the app");
        Ok(Thrown(<dyn ThrownHolder as FfiConverterArc<crate::UniFfiTag>>::try_lift(handle)?))
    },
});

impl Thrown {
    /// The error of the core that carries it.
    pub(crate) fn carried_by(self, error: pocketkms::Error) -> pocketkms::Error {
        let error = if self.0.is_cancellation() { error.cancelling() } else { error };
        error.with_origin(Arc::new(self))
    }

    /// What the core kept.
    pub(crate) fn of(error: &pocketkms::Error) -> Option<Self> {
        error.origin()?.downcast_ref::<Self>().cloned()
    }
}

/// Only itself.
impl PartialEq for Thrown {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thrown({})", self.0.text())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    struct Holder;
    impl ThrownHolder for Holder {
        fn text(&self) -> String {
            "no network".into()
        }

        fn is_cancellation(&self) -> bool {
            false
        }
    }

    pub(crate) fn thrown() -> Thrown {
        Thrown(Arc::new(Holder))
    }
}
