//! Branch keys have events of their own: AWS KMS does not know them, and so they have another source.

use super::Scene;
use pocketkms::{
    Error,
    api::{
        CreateBranchKeyRequest, DescribeBranchKeyRequest, ListBranchKeysRequest, RewrapBranchKeysRequest,
        RotateBranchKeyRequest,
    },
    envelope::BranchKeySource,
};

#[test]
fn what_is_done_with_branch_keys_is_recorded() -> Result<(), Error> {
    let scene = Scene::new();
    let kms = &scene.kms;
    let id = || "tenant-7".to_string();
    kms.create_branch_key(CreateBranchKeyRequest {
        kms_key_id: scene.read("K_ID"),
        branch_key_identifier: Some(id()),
        encryption_context: Some([("tenant", "7")].into()),
    })?;
    kms.rotate_branch_key(RotateBranchKeyRequest { branch_key_identifier: id() })?;
    kms.describe_branch_key(DescribeBranchKeyRequest { branch_key_identifier: id() })?;
    kms.list_branch_keys(ListBranchKeysRequest::default())?;
    kms.active_branch_key("tenant-7")?;
    // What a cache asks at each message is no call.
    kms.branch_key_state("tenant-7", None)?;
    kms.rewrap_branch_keys(RewrapBranchKeysRequest {
        destination_kms_key_id: Some(scene.read("L_ID")),
        ..Default::default()
    })?;

    let records = scene.newest(6);
    let mut names: Vec<_> = records.iter().map(|record| record["eventName"].as_str().unwrap()).collect();
    // Those that changed something were stored with their commits, before the others.
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "CreateBranchKey",
            "DescribeBranchKey",
            "ListBranchKeys",
            "OpenBranchKey",
            "RewrapBranchKeys",
            "RotateBranchKey"
        ]
    );
    for record in &records {
        assert_eq!(record["eventSource"], "pocketkms");
        let changes = ["CreateBranchKey", "RotateBranchKey", "RewrapBranchKeys"];
        assert_eq!(record["readOnly"], !changes.contains(&record["eventName"].as_str().unwrap()));
        if record["eventName"] != "ListBranchKeys" {
            let parameters = &record["requestParameters"];
            let identifiers = [&parameters["branchKeyIdentifier"], &parameters["branchKeyIdentifiers"][0]];
            assert!(identifiers.iter().any(|name| **name == "tenant-7"), "{record}");
            let resources = record["resources"].as_array().unwrap();
            assert!(resources.iter().any(|resource| resource["ARN"] == scene.read("K_ARN")), "{record}");
        }
    }
    Ok(())
}

#[test]
fn a_branch_key_that_may_not_be_used_is_recorded_also_for_a_cache() {
    let scene = Scene::new();
    let mallory = scene.client("arn:aws:iam::444455556666:user/Mallory");
    assert!(mallory.active_branch_key("none").is_err());
    assert_eq!(scene.last()["eventName"], "OpenBranchKey");
    assert!(scene.last()["errorCode"].is_string());
    let before = scene.newest(1000).len();
    assert!(mallory.branch_key_state("none", None).is_err());
    assert_eq!(scene.newest(1000).len(), before + 1);
}
