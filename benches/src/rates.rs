//! Reads what Criterion measured and prints the rates of several implementations side by side.

use crate::ratios::median;

/// Prints the rates of `group/size/seal/name` and `group/size/open/name`; what a filter left out stays empty.
#[expect(clippy::cast_precision_loss, reason = "a rate is read to two digits")]
pub fn print(title: &str, group: &str, names: &[&str], sizes: &[usize]) {
    println!("\n{title}, GB/s");
    print!("{:>14}", "");
    for name in names {
        print!("  {name:>10}");
    }
    println!();
    for direction in ["seal", "open"] {
        for size in sizes {
            print!("{direction:>5} {:>5} KiB", size >> 10);
            for name in names {
                match median(&format!("{group}_{size}/{direction}/{name}")) {
                    Some(nanoseconds) => print!("  {:>10.2}", *size as f64 / nanoseconds),
                    None => print!("  {:>10}", ""),
                }
            }
            println!();
        }
    }
}
