//! Clearing dead stack frames.
//!
//! The crates of the primitives wipe what they drop, but the compiler copies values when it moves them, and no one wipes
//! the place that a value was moved from: key schedules and HMAC states would stay on the stack until other frames
//! happen to cover them. So code that worked with a key covers them on purpose.

use core::hint::black_box;

/// How deep symmetric primitives go, with room to spare. Code that is not
/// optimised moves more, and has larger frames.
const SYMMETRIC: usize = if cfg!(debug_assertions) { 32 * 1024 } else { 4 * 1024 };
/// How deep curves, RSA and Argon2id go, which take so long that the time to clear it does not count.
const LONG: usize = if cfg!(debug_assertions) { 64 * 1024 } else { 16 * 1024 };

/// How deep lattices go, whose vectors of polynomials have tens of kilobytes.
const LATTICES: usize = if cfg!(debug_assertions) { 192 * 1024 } else { 64 * 1024 };

/// Runs `work`, then covers the stack frames that it used.
pub fn clear_after<T>(work: impl FnOnce() -> T) -> T {
    clear_below::<SYMMETRIC, T>(work)
}

/// The same for work with curves, RSA or Argon2id.
pub fn clear_after_long<T>(work: impl FnOnce() -> T) -> T {
    clear_below::<LONG, T>(work)
}

/// The same for work with lattices.
pub fn clear_after_lattices<T>(work: impl FnOnce() -> T) -> T {
    clear_below::<LATTICES, T>(work)
}

fn clear_below<const DEPTH: usize, T>(work: impl FnOnce() -> T) -> T {
    let result = below(work);
    clear::<DEPTH>();
    result
}

/// Not inlined, so that all of `work` lies below the caller's frame, where [`clear`] lies then.
#[inline(never)]
fn below<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
fn clear<const DEPTH: usize>() {
    let mut dead = [0_u8; DEPTH];
    // The zeros must be written, since for all that the compiler knows someone looks at them.
    black_box(&mut dead);
}
