//! A vault that was closed is closed for every holder.

use pocketkms::{
    EncryptionContext, ErrorKind, Kms, Result, Timestamp, Vault,
    api::*,
    envelope::{
        BranchKeyMaterials, BranchKeySource, CacheLimits, CachingMaterialsManager, DecryptOptions, EncryptOptions,
        EncryptionClient, HierarchicalKeyring, Keyring, KmsClient, KmsKeyring, MaterialsManager, MultiKeyring, Retire,
    },
    keys::BranchKeyVersion,
};
use pocketkms_tests::vault::{Opened, create_key, decrypt, encrypt, error, root, root_of, vault};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};

const USER: &str = "arn:aws:iam::111122223333:user/alice";

#[track_caller]
fn closed<T>(result: Result<T>) {
    let error = error(result);
    assert_eq!((error.kind(), error.name()), (ErrorKind::VaultClosed, "VaultClosedException"), "{error}");
}

#[test]
fn every_call_of_every_handle_is_refused() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    let branch_key = kms
        .create_branch_key(CreateBranchKeyRequest { kms_key_id: key.clone(), ..Default::default() })
        .unwrap()
        .branch_key_identifier;
    let other = kms.vault.client_as(pocketkms::Caller::root("111122223333", "eu-central-1").unwrap());
    assert!(!kms.is_closed());
    kms.vault.clone().close();
    kms.vault.close();
    for vault in [&kms.vault, &kms.vault.clone()] {
        assert!(vault.is_closed());
        assert!(!vault.needs_saving());
        closed(vault.snapshot());
        closed(vault.shred(&root_of(8)));
        closed(vault.revision());
        closed(vault.confirm_time());
        closed(vault.time_in_doubt());
        closed(vault.damaged());
        closed(vault.verify());
        closed(vault.root_keys());
        closed(vault.add_root_key(&root_of(8), ""));
        closed(vault.add_recovery_key(""));
        closed(vault.remove_root_key("id"));
        closed(vault.replace_root_key("id", &root_of(8)));
        closed(vault.rotate_vault_key(&[&root_of(8)]));
        closed(vault.finish_rotation());
        closed(vault.put_iam_entity(&IamEntity { arn: USER.into(), ..Default::default() }));
        closed(vault.get_iam_entity(USER));
        closed(vault.list_iam_entities(&ListIamEntitiesRequest::default()));
        closed(vault.remove_iam_entity(USER));
        closed(vault.set_request_quotas(Some(&[])));
        closed(vault.set_request_quotas(None));
        closed(vault.set_resource_quotas(None));
        closed(vault.set_grant_delay(0));
        closed(vault.bill(&BillRequest { month: "2023-11".into(), ..Default::default() }));
        closed(vault.estimate(&EstimateRequest::default()));
        closed(vault.simulate(vault.caller(), &SimulateRequest::default()));
        closed(vault.assume_role(vault.caller(), &AssumeRoleRequest::default()));
        closed(vault.client_of(vault.caller().clone()));
    }
    for kms in [&*kms, &other, &kms.vault.client()] {
        assert!(kms.is_closed());
        closed(decrypt(kms, &blob));
        closed(kms.create_key(CreateKeyRequest::default()));
        closed(kms.list_keys(ListKeysRequest::default()));
        closed(kms.generate_random(GenerateRandomRequest { number_of_bytes: Some(1), ..Default::default() }));
        closed(kms.list_branch_keys(ListBranchKeysRequest::default()));
        closed(kms.list_parcel_keys(ListParcelKeysRequest::default()));
        closed(kms.active_branch_key(&branch_key));
        closed(kms.branch_key_state(&branch_key, None));
        closed(kms.current_material(&key, Operation::Encrypt, EncryptionContext::EMPTY));
    }
}

#[test]
fn keyrings_and_caches_are_closed_too() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    let branch_key = kms
        .create_branch_key(CreateBranchKeyRequest { kms_key_id: key.clone(), ..Default::default() })
        .unwrap()
        .branch_key_identifier;
    let client = EncryptionClient::default();
    let keyring = Arc::new(kms.keyring(&key, &[]));
    let hierarchical = Arc::new(kms.hierarchical_keyring(&branch_key, Duration::from_secs(3600)).unwrap());
    let limits = CacheLimits::default();
    let managers: [Arc<dyn MaterialsManager>; 4] = [
        Arc::clone(&keyring) as _,
        Arc::clone(&hierarchical) as _,
        Arc::new(CachingMaterialsManager::new(keyring, Arc::new(clock.clone()), limits).unwrap()),
        Arc::new(CachingMaterialsManager::new(hierarchical, Arc::new(clock), limits).unwrap()),
    ];
    let messages: Vec<_> = managers
        .iter()
        .map(|manager| client.encrypt(&**manager, EncryptOptions::default(), b"kept").unwrap())
        .collect();
    for (manager, message) in managers.iter().zip(&messages) {
        client.decrypt(&**manager, DecryptOptions::default(), &message.message).unwrap();
    }
    kms.vault.close();
    for (manager, message) in managers.iter().zip(&messages) {
        let encrypted = error(client.encrypt(&**manager, EncryptOptions::default(), b"more"));
        assert!(says_closed(&encrypted), "{}", encrypted.report());
        let decrypted = error(client.decrypt(&**manager, DecryptOptions::default(), &message.message));
        assert!(says_closed(&decrypted), "{}", decrypted.report());
    }
}

/// It or what led to it.
fn says_closed(error: &pocketkms::Error) -> bool {
    error.kind() == ErrorKind::VaultClosed || error.causes().iter().any(says_closed)
}

#[test]
fn a_snapshot_taken_before_opens_again() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    let snapshot = kms.vault.snapshot().unwrap();
    kms.vault.close();
    let reopened = Opened::from(Vault::builder().clock(clock).open_snapshot(&snapshot, &root()).unwrap());
    assert_eq!(decrypt(&reopened, &blob).unwrap(), b"kept");
    closed(decrypt(&kms, &blob));
}

/// Threads that use it meanwhile see whole answers or that it is closed.
#[test]
fn closing_under_load_harms_no_one() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for round in 0.. {
                    match decrypt(&kms, &blob) {
                        Ok(plaintext) => assert_eq!(plaintext, b"kept"),
                        Err(error) => {
                            assert_eq!(error.kind(), ErrorKind::VaultClosed);
                            break;
                        }
                    }
                    let request = TagResourceRequest {
                        key_id: key.clone(),
                        tags: vec![Tag { tag_key: "round".into(), tag_value: format!("{round}") }],
                    };
                    match kms.tag_resource(request) {
                        Ok(()) => {}
                        Err(error) => assert_eq!(error.kind(), ErrorKind::VaultClosed),
                    }
                }
            });
        }
        while !kms.is_closed() {
            if kms.vault.revision().unwrap() > 20 {
                kms.vault.close();
            }
        }
    });
}

/// What would go on answering from the caches: it never says that a key may not be used any more.
struct Trusting(Kms);

impl BranchKeySource for Trusting {
    fn active_branch_key(&self, id: &str) -> Result<BranchKeyMaterials> {
        self.0.active_branch_key(id)
    }

    fn branch_key_version(&self, id: &str, version: &BranchKeyVersion) -> Result<BranchKeyMaterials> {
        self.0.branch_key_version(id, version)
    }

    fn branch_key_state(&self, _: &str, _: Option<&BranchKeyVersion>) -> Result<String> {
        Ok("as ever".into())
    }

    fn now(&self) -> Timestamp {
        BranchKeySource::now(&self.0)
    }

    fn on_close(&self, cache: &Weak<dyn Retire>) {
        BranchKeySource::on_close(&self.0, cache);
    }
}

impl KmsClient for Trusting {
    fn generate_data_key(&self, request: GenerateDataKeyRequest) -> Result<GenerateDataKeyResponse> {
        self.0.execute(&request)
    }

    fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse> {
        self.0.execute(&request)
    }

    fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse> {
        self.0.execute(&request)
    }

    fn on_close(&self, cache: &Weak<dyn Retire>) {
        KmsClient::on_close(&self.0, cache);
    }
}

/// The keys in the caches go with the vault, also where no one asks it any more.
#[test]
fn caches_are_emptied() {
    let (kms, clock) = vault();
    let key = create_key(&kms).arn;
    let branch_key = kms
        .create_branch_key(CreateBranchKeyRequest { kms_key_id: key.clone(), ..Default::default() })
        .unwrap()
        .branch_key_identifier;
    let branch = |kms: &Opened| -> Arc<dyn Keyring> {
        let (source, day) = (Arc::new(Trusting(kms.vault.client())), Duration::from_secs(86_400));
        Arc::new(HierarchicalKeyring::new(source, &branch_key, day, 10).unwrap())
    };
    let of_kms = |kms: &Opened| -> Arc<dyn Keyring> {
        Arc::new(KmsKeyring::new(Arc::new(Trusting(kms.vault.client())), &key, &[]))
    };
    let multi = |kms: &Opened| -> Arc<dyn Keyring> {
        Arc::new(Arc::new(MultiKeyring::new(Some(of_kms(kms)), vec![branch(kms)]).unwrap()))
    };
    let client = EncryptionClient::default();
    let mut managers: Vec<Box<dyn MaterialsManager>> = vec![Box::new(branch(&kms))];
    for keyring in [branch(&kms), of_kms(&kms), multi(&kms)] {
        let cache = CachingMaterialsManager::new(keyring, Arc::new(clock.clone()), CacheLimits::default()).unwrap();
        managers.push(Box::new(cache));
    }
    let messages: Vec<_> = managers
        .iter()
        .map(|manager| client.encrypt(&**manager, EncryptOptions::default(), b"x").unwrap().message)
        .collect();
    kms.vault.close();
    for (manager, message) in managers.iter().zip(&messages) {
        assert!(client.encrypt(&**manager, EncryptOptions::default(), b"x").is_err());
        assert!(client.decrypt(&**manager, DecryptOptions::default(), message).is_err());
    }
    // One that is made of a closed vault keeps nothing from the beginning.
    let late = CachingMaterialsManager::new(of_kms(&kms), Arc::new(clock), CacheLimits::default()).unwrap();
    closed(client.encrypt(&late, EncryptOptions::default(), b"x"));
}
