//! Prints what the bindings need to know of the core's requests, responses and errors, from the core's own
//! definitions: `pocketkms-bindings-types json|typescript|javascript|python`, or a format for UniFFI's languages.

mod javascript;
mod json;
mod model;
mod operation_docs;
mod prose;
mod python;
mod typescript;
mod uniffi;

use model::Model;
use std::{env, io::Write, process::ExitCode};

const USAGE: &str = "usage: pocketkms-bindings-types FORMAT

FORMAT is one of
  json        all operations, structures, enumerations and errors, for tools
  typescript  the declarations of the npm package (.d.ts)
  javascript  the error classes that those declare (an ES module)
  python      the module of the Python package: types, exceptions and the methods of the operations
  kotlin-docs, swift-docs    lines for the documentation of the operations: errors, permission, AWS's page
  kotlin-pages, swift-pages  the pages of each list as a sequence
  swift-secrets              what hides secrets when a structure is printed
  swift-calls                a call of each operation, for a test
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let generate = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["json"] => json::generate,
        ["typescript"] => typescript::generate,
        ["javascript"] => javascript::generate,
        ["python"] => python::generate,
        ["kotlin-docs"] => operation_docs::kotlin,
        ["swift-docs"] => operation_docs::swift,
        ["kotlin-pages"] => uniffi::kotlin_pages,
        ["swift-pages"] => uniffi::swift_pages,
        ["swift-secrets"] => uniffi::swift_secrets,
        ["swift-calls"] => uniffi::swift_calls,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::structure_of;
    use pocketkms::{
        envelope::DecryptOptions,
        shape::{Member, Shape, Structure, Type},
    };

    /// Swift and Kotlin have the core's own structures, which UniFFI makes of the same lines (tests/parity looks).
    #[test]
    fn one_line_in_the_core_is_an_option_of_every_call_that_decrypts() {
        let mut model = Model::of_the_core();
        let before = [python::generate(&model), typescript::generate(&model)];
        assert!(before.iter().all(|text| !text.contains("most_trusting") && !text.contains("mostTrusting")));

        let decrypt = structure_of(DecryptOptions::TYPE);
        let added = Member::optional("most_trusting", Type::Boolean);
        let longer: &'static Structure =
            leaked(Structure { members: leaked([decrypt.members, &[added]].concat()), ..*decrypt });
        for options in &mut model.options {
            let with = |member: &Member| match member.shape {
                Type::Structure(inner) if inner == decrypt => Member { shape: Type::Structure(longer), ..*member },
                _ => *member,
            };
            options.structure = match options.structure {
                structure if structure == decrypt => longer,
                structure => leaked(Structure {
                    members: leaked(structure.members.iter().map(with).collect::<Vec<_>>()),
                    ..*structure
                }),
            };
        }
        let count = |text: &str, line: &str| text.lines().filter(|found| found.trim() == line).count();
        // To decrypt at once and as a stream, to re-encrypt, to rewrap one, to read parts. A batch lists what it can use for many.
        assert_eq!(count(&python::generate(&model), "most_trusting: bool | None"), 5);
        assert_eq!(count(&typescript::generate(&model), "mostTrusting?: boolean | undefined;"), 5);
    }

    fn leaked<T>(value: T) -> &'static T {
        Box::leak(Box::new(value))
    }
}
