//! What an operation was about: found on its way, whatever becomes of it.

use super::{attested, json::put_text, put_pair};
use crate::{
    attestation::Attested,
    key::{AccountId, KeyRecord, KeySpec},
};
use alloc::{format, string::String, sync::Arc, vec::Vec};

/// The keys that an operation came upon, in the order in which it did, the grant that it ended, and what somebody else was told.
#[derive(Default)]
pub(crate) struct Touched {
    /// Most operations have one, `ReEncrypt` and `UpdateAlias` two.
    keys: [Option<Arc<KeyRecord>>; 2],
    grant: Option<String>,
    /// What is recorded of the recipient, as JSON.
    recipient: Option<String>,
    /// The id of the event, where an external key store proxy was told that of the request.
    pub(crate) told: Option<[u8; 16]>,
}

impl Touched {
    /// Notes a key, as it is now.
    pub(crate) fn key(&mut self, key: &Arc<KeyRecord>) {
        // Those of several Regions may have one id.
        let is_same = |known: &Arc<KeyRecord>| known.id == key.id && known.region == key.region;
        let same = |known: &Option<Arc<KeyRecord>>| known.as_ref().is_none_or(is_same);
        if let Some(place) = self.keys.iter_mut().find(|known| same(known)) {
            *place = Some(Arc::clone(key));
        }
    }

    /// Forgets the keys of other accounts.
    pub(super) fn keep_of(&mut self, account: &AccountId) {
        for key in &mut self.keys {
            *key = key.take().filter(|key| key.account == *account);
        }
    }

    /// Notes the grant that is ended.
    pub(crate) fn grant(&mut self, id: &str) {
        self.grant = Some(id.into());
    }

    /// Notes whom the answer is encrypted for.
    pub(crate) fn recipient(&mut self, attested: &Attested) {
        self.recipient = Some(attested::json(attested));
    }

    /// Appends it to an event.
    pub(super) fn write(&self, into: &mut Vec<u8>) {
        let mut begin: &[u8] = b",\"keys\":[";
        for key in self.keys.iter().flatten() {
            into.extend_from_slice(begin);
            put_text(into, &key.arn());
            begin = b",";
        }
        if begin == b"," {
            into.push(b']');
        }
        if let Some(material) = self.keys.iter().flatten().next().and_then(|key| key.current_material) {
            put_pair(into, "material", &format!("{material}"));
        }
        if let Some(spec) = self.asymmetric_spec() {
            put_pair(into, "spec", spec.as_str());
        }
        if let Some(grant) = &self.grant {
            put_pair(into, "grant", grant);
        }
        if let Some(recipient) = &self.recipient {
            into.extend_from_slice(b",\"recipient\":");
            into.extend_from_slice(recipient.as_bytes());
        }
    }

    /// How long that of the recipient is.
    pub(super) fn recipient_length(&self) -> usize {
        self.recipient.as_ref().map_or(0, String::len)
    }

    /// The spec by which a request with these keys is charged: that of an asymmetric one, and `RSA_2048` only where there is no other.
    fn asymmetric_spec(&self) -> Option<KeySpec> {
        let specs = || self.keys.iter().flatten().map(|key| key.spec).filter(|spec| spec.is_asymmetric());
        specs().find(|spec| *spec != KeySpec::Rsa2048).or_else(|| specs().next())
    }
}
