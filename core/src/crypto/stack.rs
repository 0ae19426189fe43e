//! Clearing dead stack frames.
//!
//! The crates of the primitives wipe what they drop, but the compiler copies values when it moves them, and nobody wipes
//! the place that a value was moved from: key schedules and HMAC states would stay on the stack until other frames
//! happen to cover them. So whoever worked with a key covers them on purpose.

use core::hint::black_box;

/// How deep the primitives go, with room to spare; tests/tests/secrecy.rs searches for what is left. Code that is not
/// optimised moves more, and has larger frames.
const DEPTH: usize = if cfg!(debug_assertions) { 32 * 1024 } else { 4 * 1024 };

/// Runs `work`, then covers the stack frames that it used.
pub(crate) fn clear_after<T>(work: impl FnOnce() -> T) -> T {
    let result = below(work);
    clear();
    result
}

/// Not inlined, so that all of `work` lies below the caller's frame, where [`clear`] lies then.
#[inline(never)]
fn below<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
fn clear() {
    #[cfg_attr(debug_assertions, expect(clippy::large_stack_arrays, reason = "it is the stack that has to be covered"))]
    let mut dead = [0_u8; DEPTH];
    // The zeros must be written, since for all that the compiler knows someone looks at them.
    black_box(&mut dead);
}
