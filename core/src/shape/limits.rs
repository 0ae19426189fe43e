//! The limits of the service model, and AWS's sentences about what breaks them: all of a request, in one message.
//!
//! Limits stand in the description of the types; this is the only place that knows the sentences.

use super::Member;
use crate::error::{Echo, Error, ErrorKind, Result};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

/// The most bytes that the pairs of an encryption context may have together, names and values as UTF-8.
///
/// AWS KMS documents no number of pairs; 8,192 characters is its documented limit for the context as a whole
/// (AWS KMS Developer Guide, "Encryption context").
pub const MAX_CONTEXT_BYTES: usize = 8192;

/// What a value of a type may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The least and the greatest length: of a text in characters, of bytes, of a list in items.
    pub length: Option<(usize, usize)>,
    /// The least and the greatest value of a number.
    pub range: Option<(i32, i32)>,
    /// What a text must match.
    pub pattern: Option<Pattern>,
    /// The limits of each item of a list.
    pub items: Option<&'static Self>,
}

impl Limits {
    /// No limits.
    pub const NONE: Self = Self { length: None, range: None, pattern: None, items: None };

    /// Limits of a length, both included.
    pub const fn length(least: usize, greatest: usize) -> Self {
        Self { length: Some((least, greatest)), ..Self::NONE }
    }

    /// Limits of a number, both included.
    pub const fn range(least: i32, greatest: i32) -> Self {
        Self { range: Some((least, greatest)), ..Self::NONE }
    }

    /// The same, and a pattern.
    #[must_use]
    pub const fn matching(self, pattern: Pattern) -> Self {
        Self { pattern: Some(pattern), ..self }
    }

    /// The same for a list, with limits of its items.
    #[must_use]
    pub const fn each(self, items: &'static Self) -> Self {
        Self { items: Some(items), ..self }
    }

    /// The only one of a list of one: how `structures!` turns what may be missing into none.
    pub(crate) const fn given(list: &[Self]) -> Self {
        match list {
            [limits, ..] => *limits,
            [] => Self::NONE,
        }
    }
}

/// A pattern of the service model. They are few and simple, so that no engine for regular expressions is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The name or ARN of an alias.
    AliasName,
    /// The marker of a list.
    Marker,
    /// The id of an external key.
    XksKeyId,
    /// A key policy.
    Policy,
    /// The name of a key policy.
    PolicyName,
    /// The ARN of a principal.
    Principal,
    /// The name of an AWS service.
    ServicePrincipal,
    /// The ARN of a resource that an AWS service asks for.
    SourceArn,
    /// The name of a Region.
    Region,
    /// The description of a key material.
    Description,
    /// Hexadecimal digits in lower case.
    LowerHex,
    /// The id of an AWS CloudHSM cluster.
    ClusterId,
    /// The endpoint of an external key store proxy.
    XksProxyUriEndpoint,
    /// The path of an external key store proxy.
    XksProxyUriPath,
    /// The name of an Amazon VPC endpoint service.
    VpcEndpointServiceName,
    /// The id of an account.
    AccountId,
    /// The id of an external key store proxy's secret key.
    XksAccessKeyId,
    /// An external key store proxy's secret key.
    XksSecretKey,
}

impl Pattern {
    /// As the service model writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AliasName => "^[a-zA-Z0-9:/_-]+$",
            Self::Marker => r"[\u0020-\u00FF]*",
            Self::XksKeyId => "^[a-zA-Z0-9-_.]+$",
            Self::Policy => r"[\u0009\u000A\u000D\u0020-\u00FF]+",
            Self::PolicyName => r"[\w]+",
            Self::Principal => r"^[\w+=,.@:/-]+$",
            Self::ServicePrincipal => r"^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$",
            Self::Region => r"^([a-z]+-){2,3}\d+$",
            Self::SourceArn => r"^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$",
            Self::Description => r"^[a-zA-Z0-9:/_\s.-]+$",
            Self::LowerHex => "^[a-f0-9]+$",
            Self::ClusterId => "cluster-[2-7a-zA-Z]{11,16}",
            Self::XksProxyUriEndpoint => "^https://[a-zA-Z0-9.-]+$",
            Self::XksProxyUriPath => r"^(/[a-zA-Z0-9\/_-]+/kms/xks/v\d{1,2})$|^(/kms/xks/v\d{1,2})$",
            Self::VpcEndpointServiceName => r"^(com|eu)\.amazonaws\.vpce\.([a-z]+-){2,3}\d+\.vpce-svc-[0-9a-z]+$",
            Self::AccountId => "[0-9]{12}",
            Self::XksAccessKeyId => "^[A-Z2-7]+$",
            Self::XksSecretKey => r"^[a-zA-Z0-9\/+=]+$",
        }
    }

    fn matches(self, text: &str) -> bool {
        let printable = |character: char| ('\u{20}'..='\u{ff}').contains(&character);
        let word = |character: char, more: &str| character.is_ascii_alphanumeric() || more.contains(character);
        match self {
            Self::AliasName => !text.is_empty() && text.chars().all(|character| word(character, ":/_-")),
            Self::Marker => text.chars().all(printable),
            Self::XksKeyId => !text.is_empty() && text.chars().all(|character| word(character, "-_.")),
            Self::Principal => !text.is_empty() && text.chars().all(|character| word(character, "_+=,.@:/-")),
            Self::ServicePrincipal => {
                text.split('.').count() >= 3
                    && text
                        .split('.')
                        .all(|part| !part.is_empty() && part.chars().all(|character| word(character, "-")))
            }
            Self::SourceArn => is_source_arn(text),
            Self::Region => is_region(text),
            Self::Description => {
                !text.is_empty()
                    && text.chars().all(|character| word(character, ":/_.-") || character.is_ascii_whitespace())
            }
            Self::LowerHex => !text.is_empty() && text.chars().all(|digit| matches!(digit, '0'..='9' | 'a'..='f')),
            Self::ClusterId => text.strip_prefix("cluster-").is_some_and(|id| {
                (11..=16).contains(&id.len())
                    && id.bytes().all(|byte| matches!(byte, b'2'..=b'7') || byte.is_ascii_alphabetic())
            }),
            Self::XksProxyUriEndpoint => text
                .strip_prefix("https://")
                .is_some_and(|host| !host.is_empty() && host.chars().all(|character| word(character, ".-"))),
            Self::XksProxyUriPath => is_xks_path(text),
            Self::VpcEndpointServiceName => is_vpc_endpoint_service(text),
            Self::AccountId => text.len() == 12 && text.bytes().all(|digit| digit.is_ascii_digit()),
            Self::XksAccessKeyId => {
                !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
            }
            Self::XksSecretKey => !text.is_empty() && text.chars().all(|character| word(character, "/+=")),
            Self::PolicyName => !text.is_empty() && text.chars().all(|character| word(character, "_")),
            Self::Policy => {
                !text.is_empty() && text.chars().all(|character| printable(character) || "\t\n\r".contains(character))
            }
        }
    }
}

fn is_region(text: &str) -> bool {
    let Some((words, number)) = text.rsplit_once('-') else { return false };
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    (2..=3).contains(&words.split('-').count())
        && words.split('-').all(is_word)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_xks_path(text: &str) -> bool {
    let Some((before, version)) = text.rsplit_once("/kms/xks/v") else { return false };
    let is_version = (1..=2).contains(&version.len()) && version.bytes().all(|digit| digit.is_ascii_digit());
    let is_prefix = |prefix: &str| {
        !prefix.is_empty()
            && prefix.chars().all(|character| character.is_ascii_alphanumeric() || "/_-".contains(character))
    };
    is_version && (before.is_empty() || before.strip_prefix('/').is_some_and(is_prefix))
}

fn is_vpc_endpoint_service(text: &str) -> bool {
    let rest = text.strip_prefix("com").or_else(|| text.strip_prefix("eu"));
    let named =
        rest.and_then(|rest| rest.strip_prefix(".amazonaws.vpce.")).and_then(|rest| rest.split_once(".vpce-svc-"));
    named.is_some_and(|(region, id)| {
        is_region(region) && !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
    })
}

fn is_source_arn(text: &str) -> bool {
    let small = |text: &str| {
        text.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-')
    };
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (scheme, partition, service, region, account, resource) = (next(), next(), next(), next(), next(), next());
    scheme == "arn"
        && partition.strip_prefix("aws").is_some_and(small)
        && !service.is_empty()
        && small(service)
        && small(region)
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && !resource.is_empty()
        && !resource.contains('\n')
}

/// Where in a request a value stands, as AWS writes it: `tags.1.member.tagKey`.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    /// The request itself.
    Request,
    /// A member of what stands there.
    Member(&'a Self, &'a Member),
    /// An item of the list that stands there, from 0.
    Item(&'a Self, usize),
    /// A member that is in no description.
    Named(&'a str),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request => Ok(()),
            Self::Member(Self::Request, member) => f.write_str(&member.camel_name()),
            Self::Member(parent, member) => write!(f, "{parent}.{}", member.camel_name()),
            Self::Item(list, index) => write!(f, "{list}.{}.member", index.saturating_add(1)),
            Self::Named(name) => f.write_str(name),
        }
    }
}

/// The most violations that an error lists one by one: a list in a request can break a limit with each of its items, and
/// the answer must not be many times as long as the request.
const MOST_VIOLATIONS: usize = 50;

/// Collects what a request breaks.
#[derive(Default)]
pub(crate) struct Violations {
    listed: Vec<String>,
    /// How many there are, those that are not listed too.
    count: usize,
}

impl Violations {
    /// A text. AWS quotes it.
    pub(crate) fn text(&mut self, place: &Place<'_>, limits: &Limits, text: &str) {
        if let Some(constraint) = limits.length.and_then(|limits| bounds("length", &text.chars().count(), limits)) {
            self.value(place, &Echo(text), &constraint);
        }
        if let Some(pattern) = limits.pattern.filter(|pattern| !pattern.matches(text)) {
            let constraint = format!("Member must satisfy regular expression pattern: {}", pattern.as_str());
            self.value(place, &Echo(text), &constraint);
        }
    }

    /// A text that is a secret: AWS does not quote it.
    pub(crate) fn secret_text(&mut self, place: &Place<'_>, limits: &Limits, text: &str) {
        self.length(place, limits, text.chars().count());
        if let Some(pattern) = limits.pattern.filter(|pattern| !pattern.matches(text)) {
            let constraint = format!("Member must satisfy regular expression pattern: {}", pattern.as_str());
            self.hidden(place, &constraint);
        }
    }

    /// The length of bytes or of a list, which are not shown.
    pub(crate) fn length(&mut self, place: &Place<'_>, limits: &Limits, length: usize) {
        if let Some(constraint) = limits.length.and_then(|limits| bounds("length", &length, limits)) {
            self.hidden(place, &constraint);
        }
    }

    /// A number.
    pub(crate) fn number(&mut self, place: &Place<'_>, limits: &Limits, number: i32) {
        if let Some(constraint) = limits.range.and_then(|limits| bounds("value", &number, limits)) {
            self.value(place, &number, &constraint);
        }
    }

    /// A name that is none of an enumeration's.
    pub(crate) fn name(&mut self, place: &Place<'_>, name: &str, allowed: &super::Enumeration) {
        let names: Vec<_> = allowed.values.iter().map(|(name, _)| *name).collect();
        self.value(place, &Echo(name), &format!("Member must satisfy enum value set: [{}]", names.join(", ")));
    }

    /// Something required that is missing.
    pub(crate) fn missing(&mut self, place: &Place<'_>) {
        self.add(format_args!("Value null at '{place}' failed to satisfy constraint: Member must not be null"));
    }

    /// The error where only one member is missing.
    pub(crate) fn missing_alone(place: &Place<'_>) -> Error {
        let mut violations = Self::default();
        violations.missing(place);
        violations.into_error()
    }

    /// The size of an encryption context: the bytes of its names and values together.
    pub(crate) fn context(&mut self, place: &Place<'_>, size: usize) {
        if size > MAX_CONTEXT_BYTES {
            let words = "its names and values must have at most";
            self.hidden(place, &format!("{words} {MAX_CONTEXT_BYTES} bytes together, and have {size}"));
        }
    }

    /// Any other constraint, on what is not shown.
    pub(crate) fn hidden(&mut self, place: &Place<'_>, constraint: &str) {
        self.add(format_args!("Value at '{place}' failed to satisfy constraint: {constraint}"));
    }

    fn value(&mut self, place: &Place<'_>, shown: &dyn fmt::Display, constraint: &str) {
        self.add(format_args!("Value '{shown}' at '{place}' failed to satisfy constraint: {constraint}"));
    }

    fn add(&mut self, violation: fmt::Arguments<'_>) {
        if self.listed.len() < MOST_VIOLATIONS {
            self.listed.push(violation.to_string());
        }
        self.count = self.count.saturating_add(1);
    }

    /// The error, if anything was broken.
    pub(crate) fn finish(self) -> Result<()> {
        if self.count == 0 { Ok(()) } else { Err(self.into_error()) }
    }

    fn into_error(self) -> Error {
        let Self { listed, count } = self;
        let errors = if count == 1 { "error" } else { "errors" };
        let more = match count.saturating_sub(listed.len()) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let message = format!("{count} validation {errors} detected: {}{more}", listed.join("; "));
        Error::new(ErrorKind::Validation, message)
    }
}

/// The sentence about a length or value outside of its limits.
fn bounds<T: PartialOrd + fmt::Display>(what: &str, actual: &T, (least, greatest): (T, T)) -> Option<String> {
    let (relation, limit) = match actual {
        actual if *actual < least => ("greater", least),
        actual if *actual > greatest => ("less", greatest),
        _ => return None,
    };
    Some(format!("Member must have {what} {relation} than or equal to {limit}"))
}
