//! X.509 certificates (RFC 5280) as AWS's attestation PKI has them, and such as it never would.

use super::{sha384, sign};
use pocketkms::{Curve, Provider, Secret, Timestamp};

const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const SECP384R1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x1e];

/// What a certificate says.
#[derive(Clone, Debug)]
pub struct Template {
    /// X.509 version 3 is 2.
    pub version: u8,
    /// The object identifier of its signature's algorithm.
    pub algorithm: Vec<u8>,
    /// Its subject's common name.
    pub subject: String,
    /// Its issuer's, where that is not the issuer's own.
    pub issuer: Option<String>,
    /// From when on it is valid.
    pub not_before: Timestamp,
    /// Until when.
    pub not_after: Timestamp,
    /// Whether it may issue others.
    pub authority: Option<bool>,
    /// How many authorities may follow.
    pub path_length: Option<u8>,
    /// The first byte of its key usage.
    pub usage: Option<u8>,
    /// Whether it has an extension that nobody here knows, and whether that is critical.
    pub unknown: Option<bool>,
    /// Whether the last extension is there twice.
    pub repeats: bool,
}

impl Template {
    /// Of one who issues certificates.
    pub fn authority(subject: &str, now: Timestamp, millis: i64) -> Self {
        Self {
            version: 2,
            algorithm: ECDSA_SHA384.to_vec(),
            subject: subject.into(),
            issuer: None,
            not_before: Timestamp::from_millis(now.as_millis() - 60_000),
            not_after: Timestamp::from_millis(now.as_millis() + millis),
            authority: Some(true),
            path_length: None,
            // digitalSignature, keyCertSign, cRLSign
            usage: Some(0x86),
            unknown: Some(false),
            repeats: false,
        }
    }

    /// Of one who signs documents.
    pub fn signer(subject: &str, now: Timestamp, millis: i64) -> Self {
        // digitalSignature, nonRepudiation
        Self { authority: Some(false), usage: Some(0xc0), unknown: None, ..Self::authority(subject, now, millis) }
    }
}

/// A certificate with its private key.
pub struct Issuer {
    /// The certificate, DER.
    pub der: Vec<u8>,
    subject: String,
    pub(super) private_key: Secret,
}

impl Issuer {
    /// One that issues itself.
    pub fn root(template: &Template) -> Self {
        let key = new_key();
        let der = certificate(template, &template.subject, &key, &key);
        Self { der, subject: template.subject.clone(), private_key: key }
    }

    /// One that this one issues.
    #[must_use]
    pub fn issues(&self, template: &Template) -> Self {
        let key = new_key();
        let issuer = template.issuer.as_deref().unwrap_or(&self.subject);
        let der = certificate(template, issuer, &key, &self.private_key);
        Self { der, subject: template.subject.clone(), private_key: key }
    }
}

fn new_key() -> Secret {
    Provider::default().generate_private_key(Curve::P384).expect("a key")
}

fn certificate(template: &Template, issuer: &str, key: &Secret, issuer_key: &Secret) -> Vec<u8> {
    let algorithm = tlv(0x30, &[&tlv(0x06, &[&template.algorithm])]);
    let version = tlv(0xa0, &[&tlv(0x02, &[&[template.version]])]);
    let serial = tlv(0x02, &[&[1, 2, 3]]);
    let validity = tlv(0x30, &[&time(template.not_before), &time(template.not_after)]);
    let extensions = extensions(template);
    let tbs = tlv(
        0x30,
        &[
            &version,
            &serial,
            &algorithm,
            &name(issuer),
            &validity,
            &name(&template.subject),
            &public_key(key),
            &tlv(0xa3, &[&tlv(0x30, &[&extensions])]),
        ],
    );
    let signature = sign(issuer_key, &sha384(&[&tbs]));
    tlv(0x30, &[&tbs, &algorithm, &tlv(0x03, &[&[0], &signature])])
}

fn extensions(template: &Template) -> Vec<u8> {
    let mut extensions: Vec<Vec<u8>> = Vec::new();
    let mut add = |id: &[u8], critical: bool, value: &[u8]| {
        let critical: &[u8] = if critical { &[0x01, 0x01, 0xff] } else { &[] };
        extensions.push(tlv(0x30, &[&tlv(0x06, &[id]), critical, &tlv(0x04, &[value])]));
    };
    if let Some(authority) = template.authority {
        // FALSE is the default, and so it is not written.
        let authority: &[u8] = if authority { &[0x01, 0x01, 0xff] } else { &[] };
        let path_length = template.path_length.map(|length| tlv(0x02, &[&[length]])).unwrap_or_default();
        add(BASIC_CONSTRAINTS, true, &tlv(0x30, &[authority, &path_length]));
    }
    if let Some(usage) = template.usage {
        let unused = u8::try_from(usage.trailing_zeros().min(7)).expect("at most 7");
        add(KEY_USAGE, true, &tlv(0x03, &[&[unused], &[usage]]));
    }
    if let Some(critical) = template.unknown {
        add(NAME_CONSTRAINTS, critical, &tlv(0x30, &[]));
    }
    let last = extensions.last().filter(|_| template.repeats).cloned();
    extensions.extend(last);
    extensions.concat()
}

fn public_key(private_key: &Secret) -> Vec<u8> {
    let curves = Provider::default().curves;
    let compressed = curves.public_key(Curve::P384, private_key.expose()).expect("a point");
    let point = curves.decompress(Curve::P384, &compressed).expect("a point");
    let algorithm = tlv(0x30, &[&tlv(0x06, &[EC_PUBLIC_KEY]), &tlv(0x06, &[SECP384R1])]);
    tlv(0x30, &[&algorithm, &tlv(0x03, &[&[0], &point])])
}

fn name(common_name: &str) -> Vec<u8> {
    let pair = tlv(0x30, &[&tlv(0x06, &[COMMON_NAME]), &tlv(0x0c, &[common_name.as_bytes()])]);
    tlv(0x30, &[&tlv(0x31, &[&pair])])
}

/// `UTCTime` up to 2049, then `GeneralizedTime` (section 4.1.2.5).
fn time(time: Timestamp) -> Vec<u8> {
    let seconds = time.as_millis().div_euclid(1000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (mut year, mut day) = (1970, days);
    let length = |year: i64| if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366 } else { 365 };
    while day >= length(year) {
        day -= length(year);
        year += 1;
    }
    let mut month = 1;
    for length in [31, length(year) - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let rest = format!("{month:02}{:02}{:02}{:02}{:02}Z", day + 1, second / 3600, second / 60 % 60, second % 60);
    if year < 2050 {
        tlv(0x17, &[format!("{:02}{rest}", year % 100).as_bytes()])
    } else {
        tlv(0x18, &[format!("{year}{rest}").as_bytes()])
    }
}

/// A value with its tag and length.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let head = match length {
        0..=0x7f => vec![tag, u8::try_from(length).expect("short")],
        0x80..=0xff => vec![tag, 0x81, u8::try_from(length).expect("a byte")],
        _ => [&[tag, 0x82][..], &u16::try_from(length).expect("two bytes").to_be_bytes()].concat(),
    };
    [head, content].concat()
}
