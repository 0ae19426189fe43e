//! What can be seen of a vault from outside, and what the model says should be seen.

use crate::{
    reference::{Model, State},
    world::alias,
};
use pocketkms::{Kms, Timestamp, api::*};
use std::collections::BTreeMap;

/// What can be seen of a vault.
#[derive(Debug, PartialEq)]
pub(crate) struct Sight {
    keys: BTreeMap<String, KeySight>,
    /// Alias, and the key that it names.
    aliases: BTreeMap<String, String>,
}

#[derive(Debug, PartialEq)]
struct KeySight {
    state: &'static str,
    deletion: Option<i64>,
    description: String,
    tags: BTreeMap<String, String>,
    rotation: Option<(i32, i64)>,
    rotations: Vec<(i64, bool)>,
}

/// Looks at everything, a few at a time.
pub(crate) fn see(kms: &Kms) -> Sight {
    let mut keys = BTreeMap::new();
    let mut marker = None;
    loop {
        let page = kms.list_keys(ListKeysRequest { limit: Some(3), marker, ..Default::default() }).expect("a page");
        keys.extend(page.keys.into_iter().map(|key| (key.key_id.clone(), see_key(kms, key.key_id))));
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    let aliases = kms.list_aliases(ListAliasesRequest::default()).expect("a list").aliases;
    let aliases = aliases.into_iter().map(|alias| (alias.alias_name, alias.target_key_id.expect("a key"))).collect();
    Sight { keys, aliases }
}

fn see_key(kms: &Kms, id: String) -> KeySight {
    let request = DescribeKeyRequest { key_id: id.clone(), ..Default::default() };
    let metadata = kms.describe_key(request).expect("a listed key").key_metadata;
    let tags = ListResourceTagsRequest { key_id: id.clone(), ..Default::default() };
    let tags = kms.list_resource_tags(tags).expect("its tags").tags;
    let status = GetKeyRotationStatusRequest { key_id: id.clone() };
    let status = kms.get_key_rotation_status(status).expect("its rotation");
    let rotations = ListKeyRotationsRequest { key_id: id, limit: Some(1000), ..Default::default() };
    let rotations = kms.list_key_rotations(rotations).expect("its rotations").rotations;
    let rotation = |rotation: RotationsListEntry| {
        let on_demand = rotation.rotation_type == Some(pocketkms::keys::RotationType::OnDemand);
        (rotation.rotation_date.map_or(0, Timestamp::as_millis), on_demand)
    };
    KeySight {
        state: metadata.key_state.as_str(),
        deletion: metadata.deletion_date.map(Timestamp::as_millis),
        description: metadata.description,
        tags: tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect(),
        rotation: status.rotation_period_in_days.zip(status.next_rotation_date.map(Timestamp::as_millis)),
        rotations: rotations.into_iter().map(rotation).collect(),
    }
}

/// What should be seen.
pub(crate) fn expected(model: &Model) -> Sight {
    let text = |(tag, value): (&u8, &u8)| (tag.to_string(), value.to_string());
    let keys = model.keys.iter().filter(|key| key.state != State::Gone).map(|key| {
        let (state, deletion) = match key.state {
            State::Enabled => ("Enabled", None),
            State::Disabled => ("Disabled", None),
            State::Pending(date) => ("PendingDeletion", Some(date)),
            State::Gone => unreachable!("filtered out"),
        };
        let sight = KeySight {
            state,
            deletion,
            description: key.description.clone(),
            tags: key.tags.iter().map(text).collect(),
            // "While a KMS key is pending deletion, its key rotation status is false."
            rotation: key.rotation.filter(|_| deletion.is_none()),
            rotations: key.rotations.clone(),
        };
        (key.id.clone(), sight)
    });
    let keys = keys.collect();
    let named = |(number, key): (&u8, &usize)| (alias(*number), model.keys[*key].id.clone());
    Sight { keys, aliases: model.aliases.iter().map(named).collect() }
}
