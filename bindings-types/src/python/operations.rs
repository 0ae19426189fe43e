//! The methods of the operations.

use super::{
    annotation::{self, Direction},
    docstring,
};
use crate::{
    model::{Model, errors_of, request_of, structure_of},
    prose::{Prose, fill},
};
use pocketkms::{
    api::{OperationModel, OwnOperationModel},
    shape::{Structure, Type},
};

const HEAD: &str = r#"
class KmsOperations:
    """The operations of AWS KMS, above one native function."""

    __slots__ = ()

    # Performs an operation: its name, and the members of its request in the order of the service model, `None` for one
    # that is left out. An attribute, so that a native function can be it, with no Python in between.
    _call: Callable[[str, tuple[object, ...]], Any]
"#;

const BRANCH_KEYS: &str = r#"

class BranchKeyOperations:
    """Branch keys, for hierarchical keyrings: keys between KMS keys and data keys, kept in the vault."""

    __slots__ = ()

    # As that of `KmsOperations`.
    _call: Callable[[str, tuple[object, ...]], Any]
"#;

const PARCELS: &str = r#"

class ParcelOperations:
    """Parcels: multi-Region keys on their way into another vault, which makes replicas of them."""

    __slots__ = ()

    # As that of `KmsOperations`.
    _call: Callable[[str, tuple[object, ...]], Any]
"#;

pub(super) fn generate(model: &Model, prose: &Prose) -> String {
    let operations = model.operations.iter().map(|operation| {
        let (name, request) = (operation.operation.name(), request_of(operation));
        let documentation = documentation(operation, request, prose);
        method(name, operation.method_name, request, operation.response, &documentation)
    });
    let own = |operation: &OwnOperationModel| {
        let request = structure_of(operation.request);
        let documentation = summary(operation.doc, prose) + &arguments(request, prose) + "        \"\"\"\n";
        method(operation.name, operation.method_name, request, operation.response, &documentation)
    };
    let [branch_keys, parcels] =
        [model.branch_keys, model.parcels].map(|list| list.iter().map(own).collect::<String>());
    HEAD.to_owned() + &operations.collect::<String>() + BRANCH_KEYS + &branch_keys + PARCELS + &parcels
}

fn method(name: &str, method_name: &str, request: &Structure, response: Type, documentation: &str) -> String {
    let parameters = request.members.iter().map(|member| {
        let default = if member.required { "" } else { " = None" };
        format!("        {}: {}{default},\n", member.name, annotation::of_member(member, Direction::In))
    });
    format!(
        "\n    def {}(\n        self,\n        *,\n{}    ) -> {}:\n{}{}",
        method_name,
        parameters.collect::<String>(),
        annotation::of(response, Direction::Out),
        documentation,
        body(name, request, response),
    )
}

/// The beginning of a docstring, without its end.
fn summary(doc: &str, prose: &Prose) -> String {
    let summary = docstring(doc, "        ", prose);
    let Some(summary) = summary.strip_suffix("\"\"\"\n") else { unreachable!("a docstring ends with its quotes") };
    summary.to_owned() + "\n"
}

fn arguments(request: &Structure, prose: &Prose) -> String {
    let arguments = request.members.iter().map(|member| {
        let text = format!("{}: {}", member.name, prose.paragraph(member.doc));
        fill(&text, "            ", "                ") + "\n"
    });
    "\n        Args:\n".to_owned() + &arguments.collect::<String>()
}

fn documentation(operation: &OperationModel, request: &Structure, prose: &Prose) -> String {
    let docs = operation.operation.docs();
    let raises = errors_of(operation).map(|kind| {
        fill(&format!("{}: {}", kind.name(), prose.paragraph(kind.description())), "            ", "                ")
            + "\n"
    });
    format!(
        "{}\n        {} AWS's page: {}\n{}\n        Raises:\n{}        \"\"\"\n",
        summary(operation.doc, prose),
        docs.permission,
        docs.reference,
        arguments(request, prose),
        raises.collect::<String>(),
    )
}

fn body(name: &str, request: &Structure, response: Type) -> String {
    // A tuple of one needs its comma, and a trailing one does no harm.
    let members = request.members.iter().map(|member| format!("{}, ", member.name)).collect::<Vec<_>>().concat();
    let call = format!("self._call(\"{}\", ({}))", name, members.trim_end());
    match response {
        Type::Unit => format!("        {call}\n"),
        response => {
            let response = annotation::of(response, Direction::Out);
            format!("        response: {response} = {call}\n        return response\n")
        }
    }
}
