//! Whatever holds a secret must not show it when it is printed. In Kotlin polish.awk goes by the type and finds each; in
//! Swift each has an extension by hand, and this test finds the one that is forgotten.

use pocketkms::{
    api::model,
    shape::{Structure, Type},
};
use std::collections::BTreeMap;

/// All structures that can be reached from a type.
fn structures(of: Type, found: &mut BTreeMap<&'static str, &'static Structure>) {
    match of {
        Type::List(item) => structures(*item, found),
        Type::Structure(structure) if found.insert(structure.name, structure).is_none() => {
            structure.members.iter().for_each(|member| structures(member.shape, found));
        }
        _ => {}
    }
}

#[test]
fn swift_hides_every_secret() {
    let source = include_str!("../Sources/PocketKMS/Secrets.swift");
    let mut all = BTreeMap::new();
    for operation in model() {
        structures(operation.request, &mut all);
        structures(operation.response, &mut all);
    }
    let mut secret = 0;
    for structure in all.values() {
        if structure.members.iter().any(|member| member.shape == Type::Secret) {
            secret += 1;
            let head = format!("extension {}: CustomReflectable {{", structure.name);
            let (_, extension) = source.split_once(&head).unwrap_or_else(|| panic!("Secrets.swift has no `{head}`"));
            let (extension, _) = extension.split_once("\n}\n").expect("the extension ends");
            for member in structure.members {
                let name = member.camel_name();
                let shown = match member.shape {
                    Type::Secret => format!("\"{name}\": hidden({name})"),
                    _ => format!("\"{name}\": {name}"),
                };
                assert!(extension.contains(&shown), "{}: no `{shown}`", structure.name);
            }
        }
    }
    assert!(secret > 0);
}
