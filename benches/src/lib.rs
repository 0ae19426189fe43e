//! Benchmarks of the core: `cargo bench -p pocketkms-benches`.

pub mod candidates;
pub mod rates;
pub mod ratios;
