//! How the index of a key's grants finds those that may let a request happen, however many others there are.
//!
//! A grant has an entry for each of its operations, under two texts: for whom and for what, and under which constraint. Where a
//! grantee has few grants for an operation, their entries are read at once, and those with a constraint that the request can
//! fulfil are looked at. Where it has many, they are looked for under each such constraint. An entry only leads to a grant: what
//! the grant itself says decides.

use super::{
    facts::{ConditionKey, Values},
    grant::{Checked, Grant},
    grant_record::{GrantTerms, action_of},
    guard::Guard,
    hearing::Call,
    named::{NamedPrincipal, Reach},
    request::Request,
};
use crate::{
    api::GrantOperation,
    context::EncryptionContext,
    error::{Error, ErrorKind, Result},
};
use alloc::{
    collections::BTreeSet,
    string::{String, ToString},
    vec::Vec,
};
use serde::Serialize;

/// A pair as constraints compare it: whatever the case of its name.
type Pair<'a> = (String, &'a str);

/// What an entry's text says of a grant's constraint on the encryption context.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Constraint<'a> {
    /// These pairs and no others.
    Equals(BTreeSet<Pair<'a>>),
    /// The first of the pairs that must be there: a request has few pairs, and may have many sets of them.
    Subset(Pair<'a>),
}

/// The texts of an entry: JSON, in which no two things look alike.
pub(crate) struct Texts {
    /// The grantee and the operation.
    pub(crate) whom: String,
    /// The resource for which a service must ask, and the constraint on the encryption context.
    pub(crate) constraint: String,
}

fn json(text: &impl Serialize) -> Result<String> {
    serde_json::to_string(text)
        .map_err(|error| Error::new(ErrorKind::KmsInternal, "a grant cannot be written").explain(error.to_string()))
}

fn whom(principal: &NamedPrincipal, operation: &str) -> Result<String> {
    json(&(principal.index_text(), operation))
}

fn constraint_text(source: Option<&str>, constraint: Option<&Constraint<'_>>) -> Result<String> {
    json(&(source, constraint))
}

/// The texts of a grant's entries, one for each of its operations.
pub(crate) fn texts_of(written: &GrantTerms, grantee: &NamedPrincipal) -> Result<Vec<Texts>> {
    let GrantTerms { operations, equals, subset, source, .. } = written;
    let constraint = match (equals, subset) {
        (Some(equals), _) => Some(Constraint::Equals(pairs(equals).collect())),
        (None, Some(subset)) => pairs(subset).min().map(Constraint::Subset),
        (None, None) => None,
    };
    let texts = |operation: &GrantOperation| {
        let checked = Checked::by(action_of(*operation));
        let constraint = constraint.as_ref().filter(|_| checked.context);
        let constraint = constraint_text(source.as_deref().filter(|_| checked.source), constraint)?;
        Ok(Texts { whom: whom(grantee, operation.as_str())?, constraint })
    };
    operations.iter().map(texts).collect()
}

fn pairs(context: &EncryptionContext) -> impl Iterator<Item = Pair<'_>> {
    context.iter().map(|(name, value)| (name.chars().flat_map(char::to_lowercase).collect(), value.as_str()))
}

/// Where grants for a request can be.
#[derive(Default)]
pub(crate) struct Sought {
    /// For each principal through which a grant reaches the caller: whom, and for what. Of those that reach it through the same
    /// principal, one is as good as another.
    pub(crate) whom: Vec<String>,
    /// The constraints that the request can fulfil.
    pub(crate) constraints: Vec<String>,
}

/// Where to look for the grants that may let a call happen.
pub(crate) fn sought(call: &impl Call, guard: &Guard) -> Result<Sought> {
    call.put(guard, |request, _| sought_for(request))
}

/// How a grant reaches a call, if it does.
pub(crate) fn reach(call: &impl Call, guard: &Guard, grant: &Grant) -> Option<Reach> {
    call.put(guard, |request, parties| grant.reach(request, &parties.asked))
}

fn sought_for(request: &Request<'_>) -> Result<Sought> {
    let Some(action) = request.action.of_kms() else { return Ok(Sought::default()) };
    let checked = Checked::by(Some(action));
    let given = request.context.unwrap_or(EncryptionContext::EMPTY);
    let mut fulfilled = Vec::from([None]);
    if checked.context {
        fulfilled.push(Some(Constraint::Equals(pairs(given).collect())));
        fulfilled.extend(pairs(given).collect::<BTreeSet<_>>().into_iter().map(Constraint::Subset).map(Some));
    }
    let source = match request.facts.values(&ConditionKey::new("aws:SourceArn")) {
        Values::One(source) if checked.source => Some(source.to_string()),
        _ => None,
    };
    let sources = BTreeSet::from([None, source.as_deref()]);
    let constraints = sources
        .iter()
        .flat_map(|source| fulfilled.iter().map(move |constraint| constraint_text(*source, constraint.as_ref())));
    Ok(Sought {
        constraints: constraints.collect::<Result<_>>()?,
        whom: NamedPrincipal::reaching(request.caller)
            .iter()
            .map(|principal| whom(principal, action.name()))
            .collect::<Result<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(equals: Option<&[(&str, &str)]>, subset: Option<&[(&str, &str)]>) -> GrantTerms {
        let context = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| (*name, *value)).collect();
        GrantTerms {
            id: String::new(),
            name: None,
            created: 0,
            effective: None,
            grantee: String::new(),
            retiring: None,
            issuer: "111122223333".parse().unwrap(),
            operations: [GrantOperation::Decrypt, GrantOperation::DescribeKey].into(),
            equals: equals.map(context),
            subset: subset.map(context),
            source: Some("arn:aws:s3:::bucket".into()),
        }
    }

    #[test]
    fn an_entry_says_for_whom_for_what_and_under_which_constraint() {
        let service = NamedPrincipal::Service("s3.amazonaws.com".into());
        let texts = |equals, subset| {
            let texts = texts_of(&written(equals, subset), &service).unwrap();
            assert_eq!(texts[0].whom, r#"["s3.amazonaws.com","Decrypt"]"#);
            assert_eq!(texts[1].whom, r#"["s3.amazonaws.com","DescribeKey"]"#);
            // A context that the operation does not take constrains nothing.
            assert_eq!(texts[1].constraint, r#"["arn:aws:s3:::bucket",null]"#);
            texts.into_iter().next().unwrap().constraint
        };
        assert_eq!(texts(None, None), r#"["arn:aws:s3:::bucket",null]"#);
        // No pair is as good as no constraint.
        assert_eq!(texts(None, Some(&[])), r#"["arn:aws:s3:::bucket",null]"#);
        let pairs = [("B", "1"), ("a", "2")];
        assert_eq!(texts(Some(&pairs), None), r#"["arn:aws:s3:::bucket",{"equals":[["a","2"],["b","1"]]}]"#);
        assert_eq!(texts(None, Some(&pairs)), r#"["arn:aws:s3:::bucket",{"subset":["a","2"]}]"#);
        assert_eq!(texts(Some(&[]), None), r#"["arn:aws:s3:::bucket",{"equals":[]}]"#);
    }
}
