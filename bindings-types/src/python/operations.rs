//! The methods of the operations.

use super::{
    annotation::{self, Direction},
    docstring,
};
use crate::{
    model::{Model, request_of},
    prose::{Prose, fill},
};
use pocketkms::{
    api::OperationModel,
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

pub(super) fn generate(model: &Model, prose: &Prose) -> String {
    HEAD.to_owned() + &model.operations.iter().map(|operation| method(operation, prose)).collect::<String>()
}

fn method(operation: &OperationModel, prose: &Prose) -> String {
    let request = request_of(operation);
    let parameters = request.members.iter().map(|member| {
        let default = if member.required { "" } else { " = None" };
        format!("        {}: {}{default},\n", member.name, annotation::of_member(member, Direction::In))
    });
    format!(
        "\n    def {}(\n        self,\n        *,\n{}    ) -> {}:\n{}{}",
        operation.method_name,
        parameters.collect::<String>(),
        annotation::of(operation.response, Direction::Out),
        documentation(operation, request, prose),
        body(operation, request),
    )
}

fn documentation(operation: &OperationModel, request: &Structure, prose: &Prose) -> String {
    let summary = docstring(operation.doc, "        ", prose);
    let Some(summary) = summary.strip_suffix("\"\"\"\n") else { unreachable!("a docstring ends with its quotes") };
    let arguments = request.members.iter().map(|member| {
        let text = format!("{}: {}", member.name, prose.paragraph(member.doc));
        fill(&text, "            ", "                ") + "\n"
    });
    format!("{summary}\n\n        Args:\n{}        \"\"\"\n", arguments.collect::<String>())
}

fn body(operation: &OperationModel, request: &Structure) -> String {
    // A tuple of one needs its comma, and a trailing one does no harm.
    let members = request.members.iter().map(|member| format!("{}, ", member.name)).collect::<Vec<_>>().concat();
    let call = format!("self._call(\"{}\", ({}))", operation.operation.name(), members.trim_end());
    match operation.response {
        Type::Unit => format!("        {call}\n"),
        response => {
            let response = annotation::of(response, Direction::Out);
            format!("        response: {response} = {call}\n        return response\n")
        }
    }
}
