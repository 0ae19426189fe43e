//! Bills of a vault: hours of keys, and what their life does to them.

use super::{amount, bill_of, hour, november, quantity, refused};
use pocketkms::{Caller, ErrorKind, api::*};
use pocketkms_tests::vault::{Opened, builder, create_key, create_multi_region_key, root, vault};

fn schedule(kms: &Opened, key: &str, days: i32) {
    let request = ScheduleKeyDeletionRequest { key_id: key.into(), pending_window_in_days: Some(days) };
    kms.schedule_key_deletion(request).unwrap();
}

fn rotate(kms: &Opened, key: &str) {
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.into() }).unwrap();
}

#[test]
fn a_key_costs_its_share_of_the_month() {
    let (kms, clock) = vault();
    clock.set(hour(360));
    create_key(&kms);
    // What is there so far: an hour that has begun counts.
    assert_eq!(quantity(&bill_of(&kms, "2023-11"), BillItem::Keys), 1);
    clock.set(pocketkms::Timestamp::from_millis(hour(361).as_millis() + 1));
    assert_eq!(quantity(&bill_of(&kms, "2023-11"), BillItem::Keys), 2);
    let bill = november(&kms, &clock);
    assert_eq!((bill.hours, quantity(&bill, BillItem::Keys), amount(&bill, BillItem::Keys)), (720, 360, 500_000));
    assert_eq!(bill.account_id.as_deref(), Some("000000000000"));
    // It was not there before, and is not charged ahead.
    assert_eq!(quantity(&bill_of(&kms, "2023-10"), BillItem::Keys), 0);
    assert_eq!(quantity(&bill_of(&kms, "2023-12"), BillItem::Keys), 0);
    clock.set(hour(720 + 744));
    assert_eq!(amount(&bill_of(&kms, "2023-12"), BillItem::Keys), 1_000_000);
}

#[test]
fn two_rotations_are_charged_and_no_third() {
    let (kms, clock) = vault();
    clock.set(hour(360));
    let key = create_key(&kms).key_id;
    for at in [540, 630, 700] {
        clock.set(hour(at));
        rotate(&kms, &key);
    }
    let bill = november(&kms, &clock);
    assert_eq!(quantity(&bill, BillItem::Rotations), 180 + 90);
    clock.set(hour(720 + 744));
    let december = bill_of(&kms, "2023-12");
    assert_eq!((amount(&december, BillItem::Keys), amount(&december, BillItem::Rotations)), (1_000_000, 2_000_000));
}

#[test]
fn a_pending_deletion_costs_nothing_and_a_cancelled_one_all() {
    let (kms, clock) = vault();
    clock.set(hour(360));
    let (gone, stays) = (create_key(&kms).key_id, create_key(&kms).key_id);
    clock.set(hour(400));
    schedule(&kms, &gone, 7);
    schedule(&kms, &stays, 7);
    clock.set(hour(450));
    assert_eq!(quantity(&bill_of(&kms, "2023-11"), BillItem::Keys), 40 + 40);
    kms.cancel_key_deletion(CancelKeyDeletionRequest { key_id: stays }).unwrap();
    assert_eq!(quantity(&bill_of(&kms, "2023-11"), BillItem::Keys), 40 + 90);
    let bill = november(&kms, &clock);
    assert_eq!(quantity(&bill, BillItem::Keys), 40 + 360);
    // The key is gone, and what it cost is not.
    clock.set(hour(720 + 100));
    kms.list_keys(ListKeysRequest::default()).unwrap();
    assert_eq!(kms.list_keys(ListKeysRequest::default()).unwrap().keys.len(), 1);
    assert_eq!(bill_of(&kms, "2023-11").lines.first(), bill.lines.first());
    assert_eq!(quantity(&bill_of(&kms, "2023-12"), BillItem::Keys), 100);
}

#[test]
fn a_deleted_key_costs_in_all_its_months_with_its_rotations() {
    let (kms, clock) = vault();
    clock.set(hour(360));
    let key = create_key(&kms).key_id;
    rotate(&kms, &key);
    clock.set(hour(720 + 744 + 24));
    schedule(&kms, &key, 30);
    clock.set(hour(720 + 744 + 24 + 31 * 24));
    assert_eq!(kms.list_keys(ListKeysRequest::default()).unwrap().keys, []);
    for (month, hours) in [("2023-11", 360), ("2023-12", 744), ("2024-01", 24), ("2024-02", 0)] {
        let bill = bill_of(&kms, month);
        let of = [BillItem::Keys, BillItem::Rotations].map(|item| quantity(&bill, item));
        assert_eq!(of, [hours, hours], "{month}");
    }
}

#[test]
fn a_key_is_its_owners_and_a_request_its_callers() {
    let (kms, clock) = vault();
    let owner = Caller::root("111122223333", "eu-west-1").unwrap();
    let key = kms.vault.client_as(owner).create_key(CreateKeyRequest::default()).unwrap().key_metadata.arn;
    let other = Caller::root("444455556666", "eu-west-1").unwrap();
    refused(
        kms.vault.client_as(other).describe_key(DescribeKeyRequest { key_id: key, ..Default::default() }),
        ErrorKind::AccessDenied,
    );
    let of = |account: &str| {
        let account_id = Some(account.into());
        kms.vault.bill(&BillRequest { month: "2023-11".into(), account_id, prices: None }).unwrap()
    };
    clock.set(hour(720));
    let (owner, other) = (of("111122223333"), of("444455556666"));
    // A denied request is one.
    assert_eq!([quantity(&owner, BillItem::Requests), quantity(&other, BillItem::Requests)], [1, 1]);
    assert_eq!([quantity(&owner, BillItem::Keys) > 0, quantity(&other, BillItem::Keys) > 0], [true, false]);
    assert_eq!(owner.usage[0].region, "eu-west-1");
    assert_eq!(of("000000000000").lines, []);
}

/// "Each primary and each replica" is charged, a replica for the materials that it has from its creation on.
#[test]
fn every_replica_is_charged_as_a_key() {
    let (kms, clock) = vault();
    clock.set(hour(360));
    let key = create_multi_region_key(&kms).key_id;
    clock.set(hour(540));
    rotate(&kms, &key);
    clock.set(hour(600));
    let request = ReplicateKeyRequest { key_id: key, replica_region: "eu-central-1".into(), ..Default::default() };
    kms.replicate_key(request).unwrap();
    let bill = november(&kms, &clock);
    let used = |region: &str, item| {
        let usage = bill.usage.iter().find(|usage| usage.region == region && usage.item == item);
        usage.map_or(0, |usage| usage.quantity)
    };
    assert_eq!((used("us-east-1", BillItem::Keys), used("us-east-1", BillItem::Rotations)), (360, 180));
    assert_eq!((used("eu-central-1", BillItem::Keys), used("eu-central-1", BillItem::Rotations)), (120, 120));
}

#[test]
fn regions_share_the_free_tier() {
    let (kms, clock) = vault();
    for region in ["us-east-1", "eu-central-1"] {
        let client = kms.vault.client_as(kms.vault.caller().with(None, Some(region), None).unwrap());
        for _ in 0..15_000 {
            client.generate_random(GenerateRandomRequest { number_of_bytes: Some(1), ..Default::default() }).unwrap();
        }
    }
    let bill = november(&kms, &clock);
    assert_eq!(bill.total_micro_dollars, 30_000);
    let line = &bill.lines[0];
    assert_eq!((line.item, line.quantity, line.charged), (BillItem::Requests, 30_000, 10_000));
    let by_region: Vec<_> = bill.usage.iter().map(|usage| (&*usage.region, usage.quantity)).collect();
    assert_eq!(by_region, [("eu-central-1", 15_000), ("us-east-1", 15_000)]);
}

#[test]
fn a_vault_of_another_store_and_its_copy_have_the_same_bill() {
    let (kms, clock) = vault();
    create_key(&kms);
    let bill = november(&kms, &clock);
    let copy = builder().0.clock(clock).open_snapshot(&kms.vault.snapshot().unwrap(), &root()).unwrap();
    assert_eq!(bill_of(&copy.into(), "2023-11"), bill);
}
