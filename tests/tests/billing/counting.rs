//! Which requests are counted, as what, and that each is counted once.

use super::{hour, november, quantity, refused};
use pocketkms::{
    Audit, ErrorKind, Record, Sealed, Timestamp,
    api::*,
    keys::{DataKeyPairSpec, KeySpec},
};
use pocketkms_tests::{
    driven::Driver,
    store::Shared,
    vault::{Opened, START, builder, create_key, create_key_of, public_key, root, sign, vault},
};

fn random(kms: &Opened, times: usize) {
    for _ in 0..times {
        kms.generate_random(GenerateRandomRequest { number_of_bytes: Some(1), ..Default::default() }).unwrap();
    }
}

fn requests(kms: &Opened) -> u64 {
    quantity(&super::bill_of(kms, "2023-11"), BillItem::Requests)
}

#[test]
fn requests_cost_by_the_key_that_they_use() {
    let (kms, clock) = vault();
    let curve = create_key_of(&kms, KeySpec::EccNistP256);
    let symmetric = create_key(&kms);
    public_key(&kms, &curve);
    sign(&kms, &curve, b"x");
    let plain = EncryptRequest { key_id: symmetric.arn, plaintext: b"x".to_vec().into(), ..Default::default() };
    kms.encrypt(plain).unwrap();
    // What manages an asymmetric key is a request like any other.
    kms.describe_key(DescribeKeyRequest { key_id: curve.arn, ..Default::default() }).unwrap();
    let bill = november(&kms, &clock);
    assert_eq!(quantity(&bill, BillItem::AsymmetricRequests), 2);
    assert_eq!(quantity(&bill, BillItem::Requests), 2 + 1 + 1);
    assert_eq!(bill.total_micro_dollars - super::amount(&bill, BillItem::Keys), 2 * 15);
}

/// 0.10 dollars for 10,000 pairs of elliptic curves, 12.00 for those of RSA, with or without the plaintext, and none of them free.
#[test]
fn data_key_pairs_cost_by_what_is_made() {
    let (kms, clock) = vault();
    let key_id = create_key(&kms).arn;
    let pair = |key_pair_spec| GenerateDataKeyPairRequest {
        encryption_context: None,
        key_id: key_id.clone(),
        key_pair_spec,
        grant_tokens: None,
        recipient: None,
        dry_run: None,
    };
    for spec in [DataKeyPairSpec::EccNistP256, DataKeyPairSpec::EccNistP384, DataKeyPairSpec::EccSecgP256k1] {
        kms.generate_data_key_pair(pair(spec)).unwrap();
    }
    kms.generate_data_key_pair(pair(DataKeyPairSpec::Rsa2048)).unwrap();
    for key_pair_spec in [DataKeyPairSpec::EccNistP256, DataKeyPairSpec::Rsa2048] {
        kms.generate_data_key_pair_without_plaintext(GenerateDataKeyPairWithoutPlaintextRequest {
            encryption_context: None,
            key_id: key_id.clone(),
            key_pair_spec,
            grant_tokens: None,
            dry_run: None,
        })
        .unwrap();
    }
    // It fails, and says what it would have made.
    let unknown = GenerateDataKeyPairRequest { key_id: "alias/none".into(), ..pair(DataKeyPairSpec::Rsa2048) };
    refused(kms.generate_data_key_pair(unknown), ErrorKind::NotFound);
    let bill = november(&kms, &clock);
    let line = |item| (quantity(&bill, item), super::amount(&bill, item));
    assert_eq!(line(BillItem::EccDataKeyPairs), (4, 4 * 10));
    assert_eq!(line(BillItem::RsaDataKeyPairs), (3, 3 * 1200));
    assert_eq!(line(BillItem::Requests), (1, 0));
}

#[test]
fn what_failed_is_counted_and_what_was_throttled_is_not() {
    let (kms, _) = vault();
    refused(kms.enable_key(EnableKeyRequest { key_id: "alias/none".into() }), ErrorKind::NotFound);
    assert_eq!(requests(&kms), 1);
    let quota = RequestQuota { quota_name: "Symmetric".into(), requests: 2, seconds: None };
    kms.vault.set_request_quotas(Some(&[quota])).unwrap();
    random(&kms, 2);
    let request = GenerateRandomRequest { number_of_bytes: Some(1), ..Default::default() };
    refused(kms.generate_random(request), ErrorKind::Throttling);
    assert_eq!(requests(&kms), 3);
}

#[test]
fn each_is_counted_once_whoever_counts() {
    let store = Shared::new();
    let (first, clock) = builder();
    let first: Opened = first.create_in(store.clone(), &root()).unwrap().into();
    let second: Opened = builder().0.clock(clock.clone()).open(store.clone(), &root()).unwrap().into();
    random(&first, 1500);
    random(&second, 1);
    second.vault.flush_audit().unwrap();
    assert_eq!(requests(&first), 1501);
    assert_eq!(requests(&second), 1501);
    random(&second, 3);
    assert_eq!(requests(&second), 1504);
    std::thread::scope(|scope| {
        for vault in [&first, &second] {
            scope.spawn(|| {
                for _ in 0..5 {
                    random(vault, 3);
                    requests(vault);
                }
            });
        }
    });
    let third: Opened = builder().0.clock(clock).open(store, &root()).unwrap().into();
    assert_eq!((requests(&first), requests(&second), requests(&third)), (1534, 1534, 1534));
    assert_eq!(third.vault.verify_audit().unwrap().problems, []);
    assert!(third.vault.verify().unwrap().is_empty());
}

#[test]
fn counts_stay_when_events_are_removed() {
    let (kms, clock) = vault();
    let key = create_key(&kms);
    random(&kms, 10);
    kms.vault.flush_audit().unwrap();
    clock.set(hour(400));
    // The newest entry stays.
    random(&kms, 5);
    kms.vault.flush_audit().unwrap();
    assert!(kms.vault.remove_audit_before(hour(400)).unwrap() >= 11);
    assert_eq!(requests(&kms), 16);
    drop(key);
    // A vault in memory keeps ten thousand events.
    for _ in 0..13 {
        random(&kms, 1000);
    }
    kms.vault.flush_audit().unwrap();
    let removed = LookupEventsRequest { event_name: Some("CreateKey".into()), ..Default::default() };
    assert_eq!(kms.vault.lookup_events(&removed).unwrap().events, []);
    assert_eq!(requests(&kms), 16 + 13_000);
}

#[test]
fn requests_of_a_vault_without_a_trail_are_not_known() {
    let (builder, clock) = builder();
    let kms: Opened = builder.audit(Audit::off()).create_in_memory(&root()).unwrap().into();
    let key = create_key(&kms);
    random(&kms, 3);
    let bill = november(&kms, &clock);
    assert_eq!(bill.lines.len(), 1);
    assert!(quantity(&bill, BillItem::Keys) > 0);
    let request = GetKeyLastUsageRequest { key_id: key.key_id };
    refused(kms.get_key_last_usage(request), ErrorKind::UnsupportedOperation);
}

#[test]
fn requests_of_other_months_are_others() {
    let (kms, clock) = vault();
    random(&kms, 2);
    clock.set(hour(720));
    random(&kms, 3);
    clock.set(START);
    assert_eq!(requests(&kms), 2);
    assert_eq!(quantity(&super::bill_of(&kms, "2023-12"), BillItem::Requests), 3);
}

/// In a store that answers to no call at once.
#[test]
fn counting_goes_in_steps() {
    for lease in [true, false] {
        let (driver, (builder, _)) = (Driver::new(Shared::new(), lease), builder());
        let vault = driver.create(builder, &root()).unwrap();
        let kms = vault.client();
        for _ in 0..3 {
            let request = GenerateRandomRequest { number_of_bytes: Some(1), ..Default::default() };
            driver.run(|| kms.generate_random(request.clone())).unwrap();
        }
        let key = driver.run(|| kms.create_key(CreateKeyRequest::default())).unwrap().key_metadata;
        let bill = driver.run(|| vault.bill(&BillRequest { month: "2023-11".into(), ..Default::default() })).unwrap();
        assert_eq!(quantity(&bill, BillItem::Requests), 4);
        assert_eq!(quantity(&bill, BillItem::Keys), 1);
        let encrypt =
            || EncryptRequest { key_id: key.key_id.clone(), plaintext: b"x".to_vec().into(), ..Default::default() };
        driver.run(|| kms.encrypt(encrypt())).unwrap();
        let usage = GetKeyLastUsageRequest { key_id: key.key_id.clone() };
        let answer = driver.run(|| kms.get_key_last_usage(usage.clone())).unwrap();
        assert_eq!(answer.key_last_usage.operation, Some(KeyLastUsageTrackingOperation::Encrypt));
    }
}

#[test]
fn a_damaged_record_takes_no_other_with_it() {
    let store = Shared::new();
    let (builder, _clock) = builder();
    let kms: Opened = builder.create_in(store.clone(), &root()).unwrap().into();
    let keys = [create_key(&kms), create_key(&kms)];
    for key in &keys {
        let request =
            EncryptRequest { key_id: key.key_id.clone(), plaintext: b"x".to_vec().into(), ..Default::default() };
        kms.encrypt(request).unwrap();
    }
    let before = requests(&kms);
    for name in [format!("key/us-east-1/{}", keys[0].key_id.replace('-', "")), "counted".into()] {
        let damaged = store.records().into_iter().map(|record| {
            if record.name == name {
                Record { value: Sealed::from_stored(b"nothing that opens"), ..record }
            } else {
                record
            }
        });
        let damaged = damaged.collect();
        store.replace(damaged);
        kms.vault.refresh();
        random(&kms, 3);
        let later = requests(&kms);
        assert!(later >= before, "{name}: {later}");
        kms.vault.remove_audit_before(Timestamp::MAX).unwrap();
    }
}
