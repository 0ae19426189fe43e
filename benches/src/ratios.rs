//! Reads what Criterion measured and prints each operation's time beside the bare primitive's.

use std::{env, fs, path::PathBuf};

/// An operation to compare with the bare call of the same size.
pub struct Row {
    operation: String,
    bare: String,
    title: String,
}

impl Row {
    /// The operation `name` of a Criterion group, beside the bare `seal` or `open`.
    pub fn new(group: &str, name: &str, bare: &str, size: usize) -> Self {
        Self {
            operation: format!("{group}/{name}/{size}"),
            bare: format!("bare/{bare}/{size}"),
            title: format!("{:>16} {:>5} B  {:>16}", name, size, group.replace('_', " ")),
        }
    }
}

/// The median in nanoseconds that Criterion stored for a benchmark, if it ran.
pub(crate) fn median(id: &str) -> Option<f64> {
    let target = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target")), PathBuf::from);
    let estimates = fs::read(target.join("criterion").join(id).join("new/estimates.json")).ok()?;
    let estimates: serde_json::Value = serde_json::from_slice(&estimates).ok()?;
    estimates.get("median")?.get("point_estimate")?.as_f64()
}

/// Prints the table; rows that a filter left out are passed over.
pub fn print(rows: &[Row]) {
    println!("\n{:>41}  {:>10}  {:>10}  {:>6}", "", "operation", "bare AEAD", "ratio");
    for Row { operation, bare, title } in rows {
        if let (Some(operation), Some(bare)) = (median(operation), median(bare)) {
            println!("{title}  {operation:>7.0} ns  {bare:>7.0} ns  {:>6.2}", operation / bare);
        }
    }
}
