//! A key policy.

use pocketkms::policies::{SimulatedKey, Simulation};
use serde_json::Value;

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// Whether a document allows a call, as far as it is a policy.
fn allows(document: &str) -> Option<bool> {
    let simulation = Simulation {
        principal: "arn:aws:sts::111122223333:assumed-role/app/s1".into(),
        action: "kms:Decrypt".into(),
        key: Some(SimulatedKey::new(KEY)),
        key_policy: Some(document.into()),
        encryption_context: Some([("AppName", "invoices"), ("tenant", "t-1")].into()),
        context: [("kms:ViaService".to_string(), vec!["s3.us-east-1.amazonaws.com".to_string()])].into(),
        ..Simulation::default()
    };
    let simulated = simulation.run().ok()?;
    assert!(!simulated.explanation.is_empty(), "every decision has a reason");
    assert_eq!(simulated.message.is_none(), simulated.allowed);
    Some(simulated.allowed)
}

/// A document, as text.
pub fn policy(data: &[u8]) -> bool {
    let Ok(document) = str::from_utf8(data) else { return false };
    let Some(allowed) = allows(document) else { return false };
    // Another reader takes it, too; and the order of members decides nothing.
    let tree: Value = serde_json::from_str(document).expect("a policy is JSON");
    let written = tree.to_string();
    if written.len() <= 32_768 {
        assert_eq!(allows(&written), Some(allowed), "{written}");
    }
    true
}
