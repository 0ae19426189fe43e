//! Prints what the bindings need to know of the core's requests, responses and errors, from the core's own
//! definitions: `pocketkms-bindings-types json|typescript|javascript|python`.

mod javascript;
mod json;
mod model;
mod prose;
mod python;
mod typescript;

use model::Model;
use std::{env, io::Write, process::ExitCode};

const USAGE: &str = "usage: pocketkms-bindings-types FORMAT

FORMAT is one of
  json        all operations, structures, enumerations and errors, for tools
  typescript  the declarations of the npm package (.d.ts)
  javascript  the error classes that those declare (an ES module)
  python      the module of the Python package: types, exceptions and the methods of the operations
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let generate = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["json"] => json::generate,
        ["typescript"] => typescript::generate,
        ["javascript"] => javascript::generate,
        ["python"] => python::generate,
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    // Not `print!`, which panics when the reader has gone.
    match std::io::stdout().write_all(generate(&Model::of_the_core()).as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write: {error}");
            ExitCode::FAILURE
        }
    }
}
