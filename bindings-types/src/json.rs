//! A neutral dump of the model, for tools and for the test that holds it against the service model of AWS.

use crate::model::{Model, request_of};
use pocketkms::api::{Action, Operation, OwnOperationModel};
use pocketkms::keys::{KeySpec, KeyUsageType};
use pocketkms::shape::{Enumeration, Limits, Member, Pattern, Structure, Type};
use serde_json::{Map, Value, json};

fn own_operations(operations: &[OwnOperationModel]) -> Vec<Value> {
    let described = operations.iter().map(|operation| {
        json!({
            "name": operation.name,
            "snakeName": operation.method_name,
            "camelName": operation.camel_name,
            "doc": operation.doc,
        })
    });
    described.collect()
}

pub(crate) fn generate(model: &Model) -> String {
    let dump = json!({
        "operations": model.operations.iter().map(|operation| json!({
            "name": operation.operation.name(),
            "snakeName": operation.method_name,
            "camelName": operation.camel_name,
            "doc": operation.doc,
            "errors": operation.operation.errors().iter().map(|kind| kind.name()).collect::<Vec<_>>(),
            "facts": facts(operation.operation),
            "request": request_of(operation).name,
            "response": match operation.response {
                Type::Structure(response) => Some(response.name),
                _ => None,
            },
        })).collect::<Vec<_>>(),
        "branchKeyOperations": own_operations(model.branch_keys),
        "parcelOperations": own_operations(model.parcels),
        "actions": Action::ALL.iter().map(|action| json!({
            "name": action.name(),
            "resource": format!("{:?}", action.resource()),
            "crossesAccounts": action.crosses_accounts(),
            "grantable": action.is_grantable(),
        })).collect::<Vec<_>>(),
        "keySpecs": KeySpec::ALL.iter().map(|spec| json!({
            "name": spec.as_str(),
            "usages": spec.usages().iter().map(|usage| (usage.as_str().to_string(), algorithms(*spec, *usage))).collect::<Map<_, _>>(),
        })).collect::<Vec<_>>(),
        "structures": model.all_structures().map(structure).collect::<Map<_, _>>(),
        // What is not AWS's: of the registry, bills, messages.
        "ownStructures": model.message_structures.iter().copied().map(structure).collect::<Map<_, _>>(),
        "enumerations": model.enumerations.iter().copied().map(enumeration).collect::<Map<_, _>>(),
        "errors": model.errors.iter().map(|kind| json!({
            "name": kind.name(),
            "code": kind.code(),
            "httpStatus": kind.http_status(),
            "category": kind.category().as_str(),
            "doc": kind.description(),
        })).collect::<Vec<_>>(),
    });
    format!("{dump:#}\n")
}

/// The algorithms of a key of that spec and usage.
fn algorithms(spec: KeySpec, usage: KeyUsageType) -> Value {
    let encryption = spec.encryption_algorithms(usage).iter().map(|algorithm| algorithm.as_str());
    let signing = spec.signing_algorithms(usage).iter().map(|algorithm| algorithm.as_str());
    let mac = spec.mac_algorithms(usage).iter().map(|algorithm| algorithm.as_str());
    let agreement = spec.key_agreement_algorithms(usage).iter().map(|algorithm| algorithm.as_str());
    let encapsulation = spec.encapsulation_algorithms(usage).iter().map(|algorithm| algorithm.as_str());
    encryption.chain(signing).chain(mac).chain(agreement).chain(encapsulation).collect()
}

/// What is true of an operation beside its shape.
fn facts(operation: Operation) -> Value {
    json!({
        "permissions": operation.actions().iter().map(|action| action.full_name()).collect::<Vec<_>>(),
        "permission": operation.docs().permission,
        "reference": operation.reference(),
        "resource": format!("{:?}", operation.resource()),
        "keyIdForm": format!("{:?}", operation.key_id_form()),
        "crossesAccounts": operation.crosses_accounts(),
        "grantable": operation.is_grantable(),
        "readOnly": operation.is_read_only(),
        "quotaClass": format!("{:?}", operation.quota_class()),
        "dryRun": operation.takes_dry_run(),
    })
}

fn structure(structure: &Structure) -> (String, Value) {
    let members = structure.members.iter().map(member).collect::<Vec<_>>();
    (structure.name.to_owned(), json!({ "doc": one_line(structure.doc), "members": members }))
}

fn member(member: &Member) -> Value {
    json!({
        "wireName": member.wire,
        "snakeName": member.name,
        "camelName": member.camel_name(),
        "doc": one_line(member.doc),
        "required": member.required,
        "preset": member.preset,
        "type": shape(member.shape),
        "limits": limits(&member.limits),
    })
}

/// With the names of AWS's model.
fn limits(limits: &Limits) -> Value {
    let Limits { length, range, pattern, items } = limits;
    let bounds = length.map(|(min, max)| json!([min, max])).or(range.map(|(min, max)| json!([min, max])));
    json!({ "bounds": bounds, "pattern": pattern.map(Pattern::as_str), "items": items.map(self::limits) })
}

fn enumeration(enumeration: &Enumeration) -> (String, Value) {
    let values = enumeration.values.iter().map(|(value, doc)| json!({ "value": value, "doc": one_line(doc) }));
    (enumeration.name.to_owned(), json!({ "doc": one_line(enumeration.doc), "values": values.collect::<Vec<_>>() }))
}

/// `"string"`, or an object for what refers to another type.
fn shape(shape: Type) -> Value {
    match shape {
        Type::Unit => json!("unit"),
        Type::Boolean => json!("boolean"),
        Type::Integer => json!("integer"),
        Type::Unsigned(greatest) => json!({ "unsigned": greatest }),
        Type::String => json!("string"),
        Type::Seconds => json!("seconds"),
        Type::Timestamp => json!("timestamp"),
        Type::Bytes => json!("bytes"),
        Type::Secret => json!("secret"),
        Type::SecretText => json!("secretText"),
        Type::Map => json!("map"),
        Type::List(&item) => json!({ "list": self::shape(item) }),
        Type::Enumeration(enumeration) => json!({ "enumeration": enumeration.name }),
        Type::Structure(structure) => json!({ "structure": structure.name }),
    }
}

fn one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}
