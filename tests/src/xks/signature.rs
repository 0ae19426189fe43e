//! AWS Signature Version 4, checked as Appendix A of the specification has a proxy check it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What a proxy and AWS KMS have agreed on.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Which secret it is.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
}

/// Says what is wrong with the signature of a POST, whose headers have their names in lower case. `now` is in seconds since 1970.
pub fn check(
    credential: &Credential,
    path: &str,
    headers: &BTreeMap<String, String>,
    body: &[u8],
    now: i64,
) -> Result<(), String> {
    let header = |name: &str| headers.get(name).ok_or_else(|| format!("no header {name}"));
    let authorization = header("authorization")?;
    let rest = authorization.strip_prefix("AWS4-HMAC-SHA256 ").ok_or("another algorithm")?;
    let members: BTreeMap<_, _> = rest.split(',').filter_map(|member| member.trim().split_once('=')).collect();
    let member = |name: &str| members.get(name).copied().ok_or_else(|| format!("no {name}"));
    let [id, date, region, service, end] = member("Credential")?.split('/').collect::<Vec<_>>()[..] else {
        return Err("the credential has not five parts".into());
    };
    if id != credential.access_key_id {
        return Err(format!("the access key id {id} is not known"));
    }
    if (service, end) != ("kms-xks-proxy", "aws4_request") {
        return Err(format!("it is for {service}/{end}"));
    }
    let signed = member("SignedHeaders")?;
    if signed != "host;x-amz-date" {
        return Err(format!("the signed headers are {signed}"));
    }
    let time = header("x-amz-date")?;
    let seconds = seconds(time).ok_or("no X-Amz-Date")?;
    if !time.starts_with(date) || (seconds - now).abs() > 5 * 60 {
        return Err(format!("the date is {time}, {} seconds from now", seconds - now));
    }

    // Task 1: the canonical request.
    let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let canonical = format!(
        "POST\n/{}\n\nhost:{}\nx-amz-date:{time}\n\n{signed}\n{}",
        segments.join("/"),
        header("host")?,
        hex::encode(Sha256::digest(body)),
    );
    // Task 2: the string to sign.
    let scope = format!("{date}/{region}/{service}/{end}");
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
    // Task 3: the signature.
    let mut key = format!("AWS4{}", credential.secret_access_key).into_bytes();
    for part in [date, region, service, end, &to_sign] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key of any length");
        mac.update(part.as_bytes());
        key = mac.finalize().into_bytes().to_vec();
    }
    // Task 4: is it the same?
    if hex::encode(key) == member("Signature")? { Ok(()) } else { Err("another signature".into()) }
}

/// The seconds since 1970 of `20150830T123600Z`.
fn seconds(time: &str) -> Option<i64> {
    let digits = |from: usize, to: usize| time.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (digits(0, 4)?, digits(4, 6)?, digits(6, 8)?);
    let (hour, minute, second) = (digits(9, 11)?, digits(11, 13)?, digits(13, 15)?);
    // The days before the month in a year that begins in March.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}
