//! Benchmarks of the core: `cargo bench -p pocketkms-benches`.

pub mod ratios;
