//! Placeholder while the core is being written.
