//! Conditions on numbers, dates and addresses: what is one, and how two stand to each other.

use super::conditions::{ALICE, KEY, check, check_both};
use pocketkms::policies::{SimulatedKey, Simulation};
use serde_json::json;

#[test]
fn numbers() {
    let orders = [
        ("NumericLessThan", [true, false, false]),
        ("NumericLessThanEquals", [true, true, false]),
        ("NumericEquals", [false, true, false]),
        ("NumericNotEquals", [true, false, true]),
        ("NumericGreaterThanEquals", [false, true, true]),
        ("NumericGreaterThan", [false, false, true]),
    ];
    // Less than the policy's, the same, greater.
    for [less, same, greater] in [
        ["9", "10", "11"],
        ["-10", "-9", "-8"],
        ["-1", "0", "1"],
        ["0.09", "0.1", "0.11"],
        ["9007199254740992", "9007199254740993", "9007199254740994"],
        ["-0.5", "-0.25", ".5"],
    ] {
        for (operator, expected) in orders {
            for (value, expected) in [less, same, greater].into_iter().zip(expected) {
                check(operator, &json!(same), value, expected);
            }
        }
    }
    for (wanted, value, expected) in [
        ("1.10", "01.1", true),
        ("-0", "0.0", true),
        ("+5", "5", true),
        (".5", "0.50", true),
        ("5", "five", false),
        ("5", "", false),
        ("5", ".", false),
        ("5", "5,0", false),
        ("5", "5.x", false),
        ("5", "x.5", false),
        ("10", "1e1", false),
    ] {
        check_both("NumericEquals", "NumericNotEquals", &json!(wanted), value, expected);
    }
    // What is no number is not less than one either.
    check("NumericLessThan", &json!("5"), "four", false);
}

#[test]
fn dates() {
    // The same moment, written otherwise.
    for (wanted, value) in [
        ("1970-01-01T00:00:00Z", "0"),
        ("1970-01-02", "86400"),
        ("2020-02-29T12:30Z", "1582979400"),
        ("2020-02-29T12:30:00.250Z", "1582979400.25"),
        ("2020-02-29T12:30:07Z", "1582979407"),
        ("2020-02-29T12:30", "1582979400"),
        ("2020-02-29t12:30z", "1582979400"),
        ("2020-02-29 12:30", "1582979400"),
        ("2020-02-29T13:30+01:00", "1582979400"),
        ("2020-02-29T13:45+0115", "1582979400"),
        ("2020-02-29T13:30+01", "1582979400"),
        ("2020-02-29T10:15-02:15", "1582979400"),
        ("2020-02-29T24:00", "1583020800"),
        ("2020-02-29T11:59:60.999", "1582977600.999"),
        ("2020-03-01T11:29+23:59", "1582975800"),
        ("1969-12-31T23:59:59Z", "-1"),
        ("1969-12-31T23:59:58.5Z", "-1.5"),
        ("2000-02-29", "951782400"),
        ("2024-02-29", "1709164800"),
        ("2023-02-28", "1677542400"),
        ("2023-04-30", "1682812800"),
        ("2023-06-30", "1688083200"),
        ("2023-09-30", "1696032000"),
        ("2023-11-30", "1701302400"),
        ("2023-12-31", "1703980800"),
        ("9999-12-31", "253402214400"),
        ("1582979400.1239", "1582979400.123"),
        ("1582979400.1", "1582979400.100"),
    ] {
        check("DateEquals", &json!(wanted), value, true);
        check("DateEquals", &json!(value), wanted, true);
    }
    for value in [
        "2019-02-29",
        "1900-02-29",
        "2100-02-29",
        "2024-02-30",
        "2023-04-31",
        "2023-06-31",
        "2023-09-31",
        "2023-11-31",
        "2023-12-32",
        "2023-00-01",
        "2023-13-01",
        "2023-01-00",
        "10000-01-01",
        "2023-01-01-01",
        "2023-01",
        "2023--01",
        "2023-01-01T",
        "2023-01-01T12",
        "2023-01-01T25:00",
        "2023-01-01T12:60",
        "2023-01-01T12:00:61",
        "2023-01-01T12:00:00:00",
        "2023-01-01T12:00:-5Z",
        "2023-01-01T12:00:+5Z",
        "2023-01-01T12:00:5x",
        "2023-01-01T12:00+24:00",
        "2023-01-01T12:00+01:60",
        "2023-01-01T12:00+1",
        "2023-01-01T+1:00Z",
        "12345678901234",
        "1.x",
        "-",
        "+1",
        "tomorrow",
        "",
    ] {
        // It is at no time: neither before nor after another.
        check("DateLessThan", &json!("9999-12-31"), value, false);
        check("DateGreaterThan", &json!("-9999999999999"), value, false);
        check("DateNotEquals", &json!("9999-12-31"), value, true);
    }
    for (operator, expected) in [
        ("DateLessThan", [true, false, false]),
        ("DateLessThanEquals", [true, true, false]),
        ("DateEquals", [false, true, false]),
        ("DateNotEquals", [true, false, true]),
        ("DateGreaterThanEquals", [false, true, true]),
        ("DateGreaterThan", [false, false, true]),
    ] {
        for (value, expected) in ["2020-02-29", "2020-03-01", "2020-03-02"].into_iter().zip(expected) {
            check(operator, &json!("2020-03-01T00:00:00Z"), value, expected);
        }
    }
    check("DateLessThan", &json!("9999999999999"), "9999-12-31T23:59:59Z", true);
}

#[test]
fn addresses() {
    for (network, address, expected) in [
        ("10.0.0.0/8", "10.255.0.1", true),
        ("10.0.0.0/8", "11.0.0.1", false),
        ("10.0.0.0/9", "10.128.0.1", false),
        ("10.0.0.9/8", "10.1.2.3", true),
        ("10.0.0.1", "10.0.0.1", true),
        ("10.0.0.1", "10.0.0.2", false),
        ("0.0.0.0/0", "1.2.3.4", true),
        ("10.0.0.0/8", "::ffff:10.1.1.1", true),
        ("10.0.0.0/8", "::ffff:11.1.1.1", false),
        ("10.0.0.0/8", "a00::", false),
        ("2001:db8::/32", "2001:db8:1::1", true),
        ("2001:db8::/32", "2001:db9::1", false),
        ("2001:db8::1", "2001:db8::1", true),
        ("2001:db8::1", "2001:db8::2", false),
        ("::/0", "2001:db8::1", true),
        ("::ffff:10.0.0.0/104", "10.1.1.1", true),
        ("::ffff:10.0.0.0/104", "11.1.1.1", false),
        ("0.0.0.0/0", "here", false),
        ("0.0.0.0/0", "10.0.0.0/8", false),
    ] {
        check_both("IpAddress", "NotIpAddress", &json!(network), address, expected);
    }
    let refused = |network: &str| {
        let condition = json!({"IpAddress": {"aws:SourceIp": network}});
        let statement =
            json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": condition});
        let simulation = Simulation {
            principal: ALICE.into(),
            action: "kms:Decrypt".into(),
            key: Some(SimulatedKey::new(KEY)),
            key_policy: Some(json!({"Statement": statement}).to_string()),
            ..Simulation::default()
        };
        simulation.run().is_err()
    };
    for network in ["10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/+8", "::/129", "x", ""] {
        assert!(refused(network), "{network}");
    }
    assert!(!refused("10.0.0.0/32") && !refused("::/128"));
}
