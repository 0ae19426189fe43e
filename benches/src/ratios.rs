//! Reads what Criterion measured and prints each operation's time beside the bare primitive's.

use std::{env, fs, path::PathBuf, time::Instant};

/// An operation to compare with the bare call of the same size, by the same provider and in pure Rust.
pub struct Row {
    operation: String,
    bare: [String; 2],
    title: String,
}

impl Row {
    /// The operation `name` of a Criterion group, beside the bare `seal` or `open`.
    pub fn new(group: &str, name: &str, bare: &str, size: usize) -> Self {
        Self {
            operation: format!("{group}/{name}/{size}"),
            bare: ["default", "RustCrypto"].map(|provider| format!("bare_{provider}/{bare}/{size}")),
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
    println!("\n{:>41}  {:>10}  {:>19}  {:>19}", "", "operation", "bare AEAD, ratio", "pure Rust, ratio");
    for Row { operation, bare: [bare, pure], title } in rows {
        if let (Some(operation), Some(bare), Some(pure)) = (median(operation), median(bare), median(pure)) {
            let [ratio, pure_ratio] = [bare, pure].map(|bare| operation / bare);
            println!("{title}  {operation:>7.0} ns  {bare:>7.0} ns {ratio:>8.2}  {pure:>7.0} ns {pure_ratio:>8.2}");
        }
    }
}

/// The median of how much longer the first takes than the second, where both take turns: a busy moment of the machine meets both.
pub fn in_turns(mut first: impl FnMut(), mut second: impl FnMut()) -> f64 {
    const ROUNDS: usize = 301;
    const CALLS: u32 = 100;
    let time = |call: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..CALLS).for_each(|_| call());
        start.elapsed().as_secs_f64()
    };
    let mut ratios: Vec<_> = (0..ROUNDS).map(|_| time(&mut first) / time(&mut second)).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ROUNDS / 2]
}

/// Prints each first benchmark beside the second; pairs that a filter left out are passed over.
pub fn print_pairs(first: &str, second: &str, pairs: &[[String; 2]]) {
    println!("\n{:>34}  {first:>10}  {second:>10}  ratio", "");
    for [one, other] in pairs {
        if let (Some(time), Some(beside)) = (median(one), median(other)) {
            println!("{other:>34}  {time:>7.0} ns  {beside:>7.0} ns  {:>5.2}", time / beside);
        }
    }
}
