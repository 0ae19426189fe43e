//! The vault under test: two processes on one store that fails.

use crate::{
    reference::{Ciphertext, Model, State},
    sight::{expected, see},
    steps::{Action, Name},
};
use pocketkms::{EncryptionContext, ErrorKind, ManualClock, Result, RootKey, Sealed, Vault, api::*};
use pocketkms_tests::vault::Opened;
use pocketkms_tests::{
    format::Snapshot,
    store::{Faulty, Shared},
    vault::START,
};

pub(crate) struct World {
    store: Shared,
    pub(crate) faulty: Faulty,
    clock: ManualClock,
    processes: [Opened; 2],
    root: u8,
}

pub(crate) fn context(number: u8) -> EncryptionContext {
    match number {
        0 => EncryptionContext::default(),
        1 => [("purpose", "model")].into(),
        _ => [("purpose", "model"), ("tenant", "ü")].into(),
    }
}

pub(crate) fn alias(number: u8) -> String {
    format!("alias/model-{number}")
}

fn root_key(number: u8) -> RootKey {
    RootKey::from_bytes(&[number; 32]).expect("32 bytes")
}

impl World {
    pub(crate) fn new() -> Self {
        let (store, clock) = (Shared::new(), ManualClock::new(START));
        let faulty = Faulty::new(store.clone());
        let first = Opened::from(
            Vault::builder().clock(clock.clone()).create_in(faulty.clone(), &root_key(0)).expect("a vault"),
        );
        let second = Opened::from(
            Vault::builder().clock(clock.clone()).open(faulty.clone(), &root_key(0)).expect("the same vault"),
        );
        Self { store, faulty, clock, processes: [first, second], root: 0 }
    }

    pub(crate) fn process(&self, number: usize) -> &Opened {
        &self.processes[number]
    }

    /// Does what an action asks of a process. What is new is noted in the model.
    pub(crate) fn run(&mut self, action: &Action, process: usize, model: &mut Model) -> Result<()> {
        let kms = self.processes[process].clone();
        let id = |key: usize| model.keys[model.key(key)].id.clone();
        let name = |by: Name| match by {
            Name::Id(key) => id(key),
            Name::Arn(key) => format!("arn:aws:kms:us-east-1:000000000000:key/{}", id(key)),
            Name::Alias(number) => alias(number),
        };
        match *action {
            Action::CreateKey => {
                let id = kms.create_key(CreateKeyRequest::default())?.key_metadata.key_id;
                model.keys.last_mut().expect("the key that the model just made").id = id;
                Ok(())
            }
            Action::Describe { key, description } => {
                let description = description.to_string();
                kms.update_key_description(UpdateKeyDescriptionRequest { key_id: id(key), description })
            }
            Action::Enable { key } => kms.enable_key(EnableKeyRequest { key_id: id(key) }),
            Action::Disable { key } => kms.disable_key(DisableKeyRequest { key_id: id(key) }),
            Action::Tag { key, tag, value } => {
                let tag = Tag { tag_key: tag.to_string(), tag_value: value.to_string() };
                kms.tag_resource(TagResourceRequest { key_id: id(key), tags: vec![tag] })
            }
            Action::Untag { key, tag } => {
                kms.untag_resource(UntagResourceRequest { key_id: id(key), tag_keys: vec![tag.to_string()] })
            }
            Action::CreateAlias { alias: number, key } => {
                kms.create_alias(CreateAliasRequest { alias_name: alias(number), target_key_id: id(key) })
            }
            Action::UpdateAlias { alias: number, key } => {
                kms.update_alias(UpdateAliasRequest { alias_name: alias(number), target_key_id: id(key) })
            }
            Action::DeleteAlias { alias: number } => kms.delete_alias(DeleteAliasRequest { alias_name: alias(number) }),
            Action::Encrypt { by, length, context: number } => {
                let plaintext: Vec<u8> = (0..=u8::MAX).cycle().skip(length).step_by(7).take(length).collect();
                let request = EncryptRequest {
                    key_id: name(by),
                    plaintext: plaintext.clone().into(),
                    encryption_context: Some(context(number)),
                    ..Default::default()
                };
                let blob = kms.encrypt(request)?.ciphertext_blob;
                note(model, by, number, blob, plaintext);
                Ok(())
            }
            Action::GenerateDataKey { by, context: number } => {
                let request = GenerateDataKeyRequest {
                    key_id: name(by),
                    encryption_context: Some(context(number)),
                    number_of_bytes: Some(48),
                    ..Default::default()
                };
                let response = kms.generate_data_key(request)?;
                note(model, by, number, response.ciphertext_blob, response.plaintext.into_exposed());
                Ok(())
            }
            Action::Decrypt { ciphertext, context: other } => {
                let Some(number) = model.ciphertext(ciphertext) else {
                    return decrypt(&kms, b"there is none", 0).map(drop);
                };
                let Ciphertext { blob, plaintext, context, .. } = &model.ciphertexts[number];
                let decrypted = decrypt(&kms, blob, other.unwrap_or(*context))?;
                assert_eq!(decrypted, *plaintext, "another plaintext than was encrypted");
                Ok(())
            }
            Action::ReEncrypt { ciphertext, by, context: number } => {
                let old = model.ciphertext(ciphertext).map(|number| model.ciphertexts[number].clone());
                let request = ReEncryptRequest {
                    ciphertext_blob: Some(old.as_ref().map_or(vec![0], |old| old.blob.clone()).into()),
                    source_encryption_context: old.as_ref().map(|old| context(old.context)),
                    destination_key_id: name(by),
                    destination_encryption_context: Some(context(number)),
                    ..Default::default()
                };
                let blob = kms.re_encrypt(request)?.ciphertext_blob;
                note(model, by, number, blob, old.expect("a ciphertext, since it decrypted").plaintext);
                Ok(())
            }
            Action::EnableRotation { key, days } => {
                let request = EnableKeyRotationRequest { key_id: id(key), rotation_period_in_days: Some(days) };
                kms.enable_key_rotation(request)
            }
            Action::DisableRotation { key } => kms.disable_key_rotation(DisableKeyRotationRequest { key_id: id(key) }),
            Action::Rotate { key } => kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: id(key) }).map(drop),
            Action::Schedule { key, days } => {
                let request = ScheduleKeyDeletionRequest { key_id: id(key), pending_window_in_days: Some(days) };
                kms.schedule_key_deletion(request).map(drop)
            }
            Action::Cancel { key } => kms.cancel_key_deletion(CancelKeyDeletionRequest { key_id: id(key) }).map(drop),
            Action::Turn { days } => {
                self.clock.advance_days(days);
                Ok(())
            }
            Action::ChangeRoot => self.change_root(process),
            Action::Restart => self.restart(),
            Action::Move => self.move_on(&kms, model),
        }
    }

    fn change_root(&mut self, process: usize) -> Result<()> {
        let result = self.processes[process].vault.shred(&root_key(self.root + 1));
        let faulty = self.faulty.clone();
        faulty.recover();
        // Where the answer was lost, either root key may be the vault's now; the next start finds out.
        let begun = Vault::builder().clock(self.clock.clone()).open(faulty.clone(), &root_key(self.root));
        // The next start goes on with what was begun, and has to bring the new root key for it.
        let is_finished = begun.is_ok_and(|vault| match vault.finish_rotation() {
            Err(error) if error.kind() == ErrorKind::Conflict => {
                vault.shred(&root_key(self.root + 1)).expect("a store that answers");
                true
            }
            finished => finished.expect("a store that answers"),
        });
        if is_finished {
            self.root += 1;
        } else if Vault::builder().open(faulty, &root_key(self.root + 1)).is_ok() {
            self.root += 1;
            let outdated = self.processes[1 - process].list_keys(ListKeysRequest::default());
            let kind = outdated.err().map(|error| error.kind());
            // An empty vault has nothing that does not open.
            assert!(matches!(kind, Some(ErrorKind::WrongRootKey) | None), "{kind:?}");
        } else {
            result.as_ref().expect_err("a vault that opens with its new root key");
        }
        self.restart()?;
        result
    }

    fn restart(&mut self) -> Result<()> {
        let open = || Vault::builder().clock(self.clock.clone()).open(self.faulty.clone(), &root_key(self.root));
        self.processes = [open()?.into(), open()?.into()];
        Ok(())
    }

    fn move_on(&mut self, kms: &Opened, model: &Model) -> Result<()> {
        let snapshot = kms.vault.snapshot()?;
        self.faulty.recover();
        let content = Snapshot::read(&snapshot, &[self.root; 32]);
        let records = content.records();
        // What a deleted key costs stays known.
        let of_keys = || records.iter().filter(|record| !record.name.starts_with("deleted-key/"));
        for key in model.keys.iter().filter(|key| key.state == State::Gone) {
            let digits = key.id.replace('-', "");
            assert!(of_keys().all(|record| !record.name.contains(&digits)), "{} is in the snapshot", key.id);
        }
        let clock = self.clock.clone();
        let opened = Vault::builder().clock(clock).open_snapshot(&snapshot, &root_key(self.root))?.client();
        assert_eq!(see(&opened), expected(model), "a snapshot shows something else");

        let header = Sealed::from_stored(&content.header);
        let header = pocketkms::Record { name: "vault".into(), revision: content.revision, value: header };
        self.store.replace(records.into_iter().chain([header]).collect());
        self.restart()
    }

    /// No trace of a key that is gone is in the store, once someone has cleaned up.
    pub(crate) fn check_traces(&self, model: &Model) {
        self.processes[0].vault.snapshot().expect("a snapshot");
        let names = self.store.names();
        for key in model.keys.iter().filter(|key| key.state == State::Gone) {
            let digits = key.id.replace('-', "");
            assert!(names.iter().all(|name| !name.contains(&digits)), "{} left a trace", key.id);
        }
    }
}

fn note(model: &mut Model, by: Name, context: u8, blob: Blob, plaintext: Vec<u8>) {
    let key = model.named(by).expect("a key, since it encrypted");
    model.ciphertexts.push(Ciphertext { blob: blob.into_vec(), plaintext, context, key });
}

pub(crate) fn decrypt(kms: &Opened, blob: &[u8], number: u8) -> Result<Vec<u8>> {
    let request = DecryptRequest {
        ciphertext_blob: Some(blob.to_vec().into()),
        encryption_context: Some(context(number)),
        ..Default::default()
    };
    kms.decrypt(request).map(|response| response.plaintext.into_exposed())
}
