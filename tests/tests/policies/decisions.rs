//! Worked cases: tests/policies/decisions.json.

use pocketkms::policies::Simulation;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Case {
    #[serde(rename = "Case")]
    pub(crate) name: String,
    pub(crate) simulate: Value,
    pub(crate) allowed: bool,
    #[serde(default)]
    pub(crate) because: Option<String>,
    #[serde(default)]
    told: Option<String>,
}

/// All that the file has.
pub(crate) fn cases() -> Vec<Case> {
    let file: File = serde_json::from_str(include_str!("../../policies/decisions.json")).expect("the file");
    file.cases
}

/// What a case asks.
pub(crate) fn simulation(mut simulate: Value, case: &str) -> Simulation {
    documents_as_text(&mut simulate);
    serde_json::from_value(simulate).expect(case)
}

/// Policies stand in the file as what they are; the evaluator takes documents as text.
fn documents_as_text(simulation: &mut Value) {
    fn text(value: &mut Value) {
        match value {
            Value::Array(values) => values.iter_mut().for_each(text),
            document => *document = Value::String(document.to_string()),
        }
    }
    let members = simulation.as_object_mut().expect("an object").iter_mut();
    for (_, value) in
        members.filter(|(name, _)| ["Polic", "PermissionsBoundary"].iter().any(|part| name.contains(part)))
    {
        text(value);
    }
}

#[test]
fn every_case_is_decided_as_expected() {
    let mut wrong = Vec::new();
    for Case { name: case, simulate, allowed, because, told } in cases() {
        let simulation = simulation(simulate, &case);
        let simulated = simulation.run().unwrap_or_else(|error| panic!("{case}: {}", error.report()));
        let message = simulated.message.as_deref().unwrap_or_default();
        let as_expected = simulated.allowed == allowed
            && because.as_deref().is_none_or(|because| message.ends_with(because))
            && told.as_deref().is_none_or(|told| simulated.explanation.iter().any(|sentence| sentence.contains(told)))
            && !simulated.explanation.is_empty()
            && simulated.message.is_some() != allowed;
        if !as_expected {
            wrong.push(format!("{case}: {simulated:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
