//! The cost of a passphrase, described for every language. The primitives have a type of their own, without a dependency.

use crate::shape::settings;
use pocketkms_primitives::Argon2Cost as PrimitiveArgon2Cost;

settings! {
    /// The cost of a passphrase hash (Argon2id, RFC 9106): what an attacker pays for each guess, and an honest user once.
    pub struct Argon2Cost {
        /// Memory in KiB, from 8 times `lanes` to 1 GiB.
        pub memory_kib: u32 = 65536,
        /// Passes over the memory, 1 to 32.
        pub passes: u32 = 3,
        /// Lanes, 1 to 16.
        pub lanes: u32 = 4,
    }
}

impl Argon2Cost {
    /// 1 GiB. The cost stands in a file's header, so a forged one must not make a reader allocate without bound.
    pub const MAX_MEMORY_KIB: u32 = PrimitiveArgon2Cost::MAX_MEMORY_KIB;
    /// See [`Argon2Cost::MAX_MEMORY_KIB`].
    pub const MAX_PASSES: u32 = PrimitiveArgon2Cost::MAX_PASSES;
    /// See [`Argon2Cost::MAX_MEMORY_KIB`].
    pub const MAX_LANES: u32 = PrimitiveArgon2Cost::MAX_LANES;

    /// Whether the cost is within the limits.
    pub fn is_within_limits(self) -> bool {
        PrimitiveArgon2Cost::from(self).is_within_limits()
    }
}

impl From<Argon2Cost> for PrimitiveArgon2Cost {
    fn from(Argon2Cost { memory_kib, passes, lanes }: Argon2Cost) -> Self {
        Self { memory_kib, passes, lanes }
    }
}
