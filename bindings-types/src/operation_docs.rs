//! What the documentation of each operation says beyond what it does, for languages whose methods another generator makes: a line
//! each, behind the method's name and a tabulator.

use crate::model::Model;
use pocketkms::{ErrorKind, api::OperationDocs};

/// Kotlin: a tag for each exception.
pub(crate) fn kotlin(model: &Model) -> String {
    generate(model, |docs| {
        kinds(docs).map(|kind| format!("@throws KmsException.{kind:?} {}", kind.description())).collect()
    })
}

/// Swift's documentation comments: one `Throws`, with a list of the errors.
pub(crate) fn swift(model: &Model) -> String {
    generate(model, |docs| {
        let head = "- Throws: A `KmsError`:".to_owned();
        let errors = kinds(docs).map(|kind| format!("  - `{kind:?}`: {}", kind.description()));
        std::iter::once(head).chain(errors).collect()
    })
}

fn generate(model: &Model, errors: impl Fn(&OperationDocs) -> Vec<String>) -> String {
    let mut all = String::new();
    for model in model.operations {
        let docs = model.operation.docs();
        let page = format!("See [{}]({}) in AWS's reference.", model.operation.name(), docs.reference);
        for line in [&*docs.permission, &page, ""].into_iter().chain(errors(&docs).iter().map(String::as_str)) {
            all.extend([model.camel_name, "\t", line, "\n"]);
        }
    }
    all
}

fn kinds(docs: &OperationDocs) -> impl Iterator<Item = ErrorKind> {
    docs.errors.iter().chain(docs.common_errors).copied()
}
