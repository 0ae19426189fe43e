//! Estimates, by AWS's prices and by others.

use super::refused;
use pocketkms::{ErrorKind, api::*};
use pocketkms_tests::vault::vault;

#[expect(clippy::unnecessary_wraps, reason = "as the member of a request has them")]
fn keys(count: u32) -> Option<Vec<EstimatedKeys>> {
    Some(vec![EstimatedKeys { count, ..Default::default() }])
}

#[track_caller]
fn costs(request: &EstimateRequest, micro_dollars: u64) -> Bill {
    let bill = vault().0.vault.estimate(request).expect("an estimate");
    assert_eq!(bill.total_micro_dollars, micro_dollars, "{bill:?}");
    bill
}

#[test]
fn the_three_examples_cost_what_aws_says() {
    let requests = |keys, requests| EstimateRequest { keys, requests: Some(requests), ..Default::default() };
    costs(&requests(keys(5), 50_000), 5_090_000);
    costs(&requests(keys(100), 1_000_000), 102_940_000);
    costs(&requests(None, 100_000), 240_000);
}

#[test]
fn worked_examples_cost_what_they_do() {
    costs(&EstimateRequest { keys: keys(1), requests: Some(100_000), ..Default::default() }, 1_240_000);
    let half = EstimatedKeys { count: 1, hours: Some(360), rotations: None };
    costs(&EstimateRequest { keys: Some(vec![half]), ..Default::default() }, 500_000);
    let rotated = EstimatedKeys { count: 1, hours: None, rotations: Some(3) };
    costs(&EstimateRequest { keys: Some(vec![rotated]), ..Default::default() }, 3_000_000);
    costs(&EstimateRequest { rsa_data_key_pairs: Some(5), ..Default::default() }, 6_000);
    costs(&EstimateRequest { asymmetric_requests: Some(10_000), ..Default::default() }, 150_000);
    costs(&EstimateRequest { requests: Some(30_000), ..Default::default() }, 30_000);
    // Neither are these in the free tier.
    costs(&EstimateRequest { rsa_2048_requests: Some(10_000), ..Default::default() }, 30_000);
    costs(&EstimateRequest { ecc_data_key_pairs: Some(10_000), ..Default::default() }, 100_000);
    costs(&EstimateRequest { requests: Some(20_000), ..Default::default() }, 0);
    costs(&EstimateRequest { requests: Some(20_001), ..Default::default() }, 3);
    assert_eq!(costs(&EstimateRequest::default(), 0).lines, []);
}

#[test]
fn a_sum_is_rounded_once() {
    // A third of a month of three keys each, in lines of their own, by a price that no hour divides.
    let prices = PriceList { key_month: Some(1), rotation_month: Some(1), ..Default::default() };
    let part = EstimatedKeys { count: 1, hours: Some(240), rotations: Some(1) };
    let bill = costs(&EstimateRequest { keys: Some(vec![part]), prices: Some(prices), ..Default::default() }, 1);
    let amounts: Vec<_> = bill.lines.iter().map(|line| (line.item, line.quantity, line.micro_dollars)).collect();
    assert_eq!(amounts, [(BillItem::Keys, 240, 0), (BillItem::Rotations, 240, 0)]);
    // Half up.
    let prices = PriceList { key_month: Some(1), ..Default::default() };
    let of = |hours| EstimateRequest {
        keys: Some(vec![EstimatedKeys { count: 1, hours: Some(hours), rotations: None }]),
        prices: Some(prices.clone()),
        ..Default::default()
    };
    costs(&of(359), 0);
    costs(&of(360), 1);
}

#[test]
fn prices_are_data() {
    let prices = PriceList {
        key_month: Some(3_000_000),
        rotation_month: Some(7),
        charged_rotations: Some(1),
        request: Some(1),
        rsa_2048_request: Some(2),
        asymmetric_request: Some(4),
        ecc_data_key_pair: Some(8),
        rsa_data_key_pair: Some(16),
        free_requests: Some(0),
    };
    let request = EstimateRequest {
        keys: Some(vec![EstimatedKeys { count: 1, hours: None, rotations: Some(2) }]),
        requests: Some(100),
        rsa_2048_requests: Some(100),
        asymmetric_requests: Some(100),
        ecc_data_key_pairs: Some(100),
        rsa_data_key_pairs: Some(100),
        prices: Some(prices),
        ..Default::default()
    };
    costs(&request, 3_000_007 + 3_100);
}

#[test]
fn months_have_their_own_hours() {
    for (month, hours) in [("2024-02", 696), ("2023-02", 672), ("2023-12", 744), ("2023-11", 720)] {
        let request = EstimateRequest { month: Some(month.into()), keys: keys(1), ..Default::default() };
        let bill = costs(&request, 1_000_000);
        assert_eq!((bill.hours, bill.month.as_deref(), bill.account_id), (hours, Some(month), None));
    }
}

#[test]
fn what_is_no_month_is_refused() {
    let (vault, _) = vault();
    for month in ["2023-13", "2023-1", "", "2023/11", "0000-01", "november"] {
        let request = EstimateRequest { month: Some(month.into()), ..Default::default() };
        refused(vault.vault.estimate(&request), ErrorKind::Validation);
        let request = BillRequest { month: month.into(), ..Default::default() };
        refused(vault.vault.bill(&request), ErrorKind::Validation);
    }
    for account in ["", "11112222333", "11112222333x"] {
        let request = BillRequest { month: "2023-11".into(), account_id: Some(account.into()), ..Default::default() };
        refused(vault.vault.bill(&request), ErrorKind::Validation);
    }
    let long = EstimatedKeys { count: 1, hours: Some(673), rotations: None };
    let request = EstimateRequest { month: Some("2023-02".into()), keys: Some(vec![long]), ..Default::default() };
    refused(vault.vault.estimate(&request), ErrorKind::Validation);
    let prices = PriceList { charged_rotations: Some(3), ..Default::default() };
    refused(
        vault.vault.estimate(&EstimateRequest { prices: Some(prices), ..Default::default() }),
        ErrorKind::Validation,
    );
}

#[test]
fn sums_beyond_all_numbers_are_the_greatest() {
    let prices = PriceList { request: Some(u64::MAX), ..Default::default() };
    costs(&EstimateRequest { requests: Some(u64::MAX), prices: Some(prices), ..Default::default() }, u64::MAX);
    let many = EstimatedKeys { count: u32::MAX, hours: None, rotations: Some(u32::MAX) };
    costs(
        &EstimateRequest { keys: Some(vec![many; 1000]), ..Default::default() },
        3 * 1000 * 1_000_000 * u64::from(u32::MAX),
    );
}
