//! The Rust participant of the interop matrix; the protocol is in `tests/interop/README.md`.

mod check;
mod make;
mod messages;
mod plan;

use std::{error::Error, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", directory] => make::make(Path::new(directory)),
        ["check", directory, out] => check::check(Path::new(directory), Path::new(out)),
        _ => Err("usage: make DIR | check DIR OUT".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whatever keeps this program from reporting.
type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;
