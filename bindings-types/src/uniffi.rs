//! What the Swift and Kotlin packages need of each operation and UniFFI does not make.

use crate::model::{Model, request_of};
use pocketkms::{
    api::OperationModel,
    shape::{Member, Structure, Type},
};

/// Operations that answer page by page: what takes a marker and returns the next one.
fn lists(model: &Model) -> impl Iterator<Item = (&'static OperationModel, &'static Structure)> {
    model.operations.iter().filter_map(|operation| {
        let Type::Structure(response) = operation.response else { return None };
        let has = |structure: &Structure, name| structure.members.iter().any(|member| member.name == name);
        (has(request_of(operation), "marker") && has(response, "next_marker")).then_some((operation, response))
    })
}

/// The pages of each list as a `Sequence` (Pages.kt).
pub(crate) fn kotlin_pages(model: &Model) -> String {
    let pages = lists(model).map(|(operation, response)| {
        let (name, method, request, response) =
            (operation.operation.name(), operation.camel_name, request_of(operation).name, response.name);
        format!(
            "\n/** All pages of `{name}`. The iteration throws what [Kms.{method}] throws. */\n\
             fun KmsInterface.paginate(request: {request}): Sequence<{response}> =\n    \
             pages(request.marker, {response}::nextMarker) {{ {method}(request.copy(marker = it)) }}\n"
        )
    });
    "package pocketkms\n\nimport pocketkms.api.*\n".to_owned() + &pages.collect::<String>()
}

/// The pages of each list as an `AsyncSequence` (Pages.swift).
pub(crate) fn swift_pages(model: &Model) -> String {
    let pages = lists(model).map(|(operation, response)| {
        let (name, method, request, response) =
            (operation.operation.name(), operation.camel_name, request_of(operation).name, response.name);
        format!(
            "\nextension Kms {{\n    /// All pages of `{name}`.\n    \
             public func paginate(_ request: {request}) -> Pages<{response}> {{\n        \
             Pages(marker: request.marker, next: {{ $0.nextMarker }}) {{ marker in\n            \
             try self.{method}(request: request.from(marker))\n        }}\n    }}\n}}\n\n\
             extension {request}: Paged {{}}\n"
        )
    });
    "// Made by build.sh of the list of operations.\n".to_owned() + &pages.collect::<String>()
}

/// What shows the length of each secret in place of it, however a structure is printed (Secrets.swift). In Kotlin polish.awk does
/// that, by the types.
pub(crate) fn swift_secrets(model: &Model) -> String {
    let secret = |structure: &&'static Structure| structure.members.iter().any(Member::is_secret);
    let structures = model.all_structures().chain(model.message_structures.iter().copied());
    let mirrors = structures.filter(secret).map(|structure| {
        let members = structure.members.iter().map(|member| {
            let name = member.camel_name();
            let shown = match (member.shape, member.required) {
                (Type::Secret | Type::SecretText, true) => format!("hidden({name})"),
                (Type::Secret | Type::SecretText, false) => format!("{name}.map(hidden) as Any"),
                (_, true) => name.clone(),
                (_, false) => format!("{name} as Any"),
            };
            format!("            \"{name}\": {shown},\n")
        });
        format!(
            "\nextension {}: CustomReflectable {{\n    public var customMirror: Mirror {{\n        mirror(of: self, [\n{}        ])\n    }}\n}}\n",
            structure.name,
            members.collect::<String>()
        )
    });
    "// Made by build.sh of the core's types.\n".to_owned() + &mirrors.collect::<String>()
}

/// A test that calls each operation once, with the least that it takes: Swift cannot list a class's methods at run time.
pub(crate) fn swift_calls(model: &Model) -> String {
    let calls = model.operations.iter().map(|operation| {
        let request = request_of(operation);
        let members = request.members.iter().filter(|member| member.required);
        let arguments = members.map(|member| format!("{}: {}", member.camel_name(), value(member.shape)));
        let arguments = arguments.collect::<Vec<_>>().join(", ");
        let method = operation.camel_name;
        format!("        (\"{method}\", {{ try kms.{method}(request: {}({arguments})) }}),\n", request.name)
    });
    "import Foundation\nimport PocketKMS\n\n/// Each operation with the least that it takes.\n\
     func calls(of kms: Kms) -> [(String, () throws -> Any)] {\n    [\n"
        .to_owned()
        + &calls.collect::<String>()
        + "    ]\n}\n"
}

fn value(shape: Type) -> String {
    match shape {
        Type::Boolean => "false".into(),
        Type::Integer | Type::Unsigned(_) | Type::Seconds => "1".into(),
        Type::String | Type::SecretText => "\"x\"".into(),
        Type::Timestamp => "Date()".into(),
        Type::Bytes | Type::Secret => "Data(count: 1)".into(),
        Type::Map => "[:]".into(),
        Type::List(_) => "[]".into(),
        Type::Enumeration(enumeration) => {
            let first = enumeration.values.first().map_or("", |(name, _)| *name);
            let mut words = first.split('_').map(str::to_lowercase);
            let head = words.next().unwrap_or_default();
            format!(".{}", words.fold(head, |name, word| name + &capitalised(&word)))
        }
        Type::Structure(structure) => {
            let members = structure.members.iter().filter(|member| member.required);
            let arguments = members.map(|member| format!("{}: {}", member.camel_name(), value(member.shape)));
            format!("{}({})", structure.name, arguments.collect::<Vec<_>>().join(", "))
        }
        Type::Unit => "()".into(),
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
