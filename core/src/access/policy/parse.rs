//! From a document to a policy, or AWS's `MalformedPolicyDocumentException`.

use super::{
    super::{
        arn::ArnPattern,
        condition::{Condition, Operator, Quantifier},
        named::NamedPrincipal,
        pattern::{Pattern, Syntax},
    },
    Effect, Items, Policy, PolicyKind, Principals, Statement,
    json::Json,
};
use crate::error::{Error, ErrorKind, Result, Untrusted};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

/// The most bytes of a policy (AWS KMS Developer Guide, "Resource quotas": key policy document size).
pub(crate) const MAX_BYTES: usize = 32_768;

const SYNTAX: &str = "Syntax errors in policy.";
const PRINCIPALS: &str = "Policy contains a statement with one or more invalid principals.";

fn malformed(message: &str, explanation: impl Into<String>) -> Error {
    Error::new(ErrorKind::MalformedPolicyDocument, message).explain(explanation)
}

fn syntax(explanation: impl Into<String>) -> Error {
    malformed(SYNTAX, explanation)
}

impl Policy {
    /// Reads and checks a document.
    pub(crate) fn parse(document: &str, kind: PolicyKind) -> Result<Self> {
        if document.len() > MAX_BYTES {
            return Err(Error::new(
                ErrorKind::LimitExceeded,
                format!("The policy document exceeds the limit of {MAX_BYTES} bytes."),
            ));
        }
        let tree = Json::parse(document).map_err(|error| {
            malformed("This policy contains invalid Json", format!("{}", Untrusted(&error.to_string())))
        })?;
        let Json::Object(members) = tree else { return Err(syntax("a policy is an object")) };
        let (mut variables, mut found) = (false, None);
        for (name, value) in members {
            match (name.as_str(), value) {
                ("Version", Json::Text(version)) => {
                    variables = match version.as_str() {
                        "2012-10-17" => true,
                        "2008-10-17" => false,
                        _ => return Err(syntax(format!("'{}' is no Version", Untrusted(&version)))),
                    };
                }
                ("Id", Json::Text(_)) => {}
                ("Statement", statements @ (Json::Object(_) | Json::List(_))) => found = Some(statements),
                (name, _) => {
                    return Err(syntax(format!("the policy's member '{}' is none, or no such", Untrusted(name))));
                }
            }
        }
        let found = match found {
            Some(Json::List(statements)) if !statements.is_empty() => statements,
            Some(statement @ Json::Object(_)) => Vec::from([statement]),
            _ => return Err(syntax("the policy has no Statement")),
        };
        let statements = found.into_iter().map(|statement| Reader { kind, variables }.statement(statement));
        Ok(Self { kind, label: None, statements: statements.collect::<Result<_>>()? })
    }
}

/// Reads statements.
struct Reader {
    kind: PolicyKind,
    variables: bool,
}

impl Reader {
    fn statement(&self, statement: Json) -> Result<Statement> {
        let Json::Object(members) = statement else { return Err(syntax("a statement is an object")) };
        let (mut sid, mut effect) = (None, None);
        let (mut principals, mut actions, mut resources) = (None, None, None);
        let mut conditions = Vec::new();
        for (name, value) in members {
            let (doubled, name) = match name.as_str() {
                name @ ("Principal" | "NotPrincipal") => (principals.is_some(), name),
                name @ ("Action" | "NotAction") => (actions.is_some(), name),
                name @ ("Resource" | "NotResource") => (resources.is_some(), name),
                name => (false, name),
            };
            if doubled {
                return Err(syntax(format!("a statement has {name} together with its opposite")));
            }
            match (name, value) {
                ("Sid", Json::Text(text)) => sid = Some(text),
                ("Effect", Json::Text(text)) => {
                    effect = Some(match text.as_str() {
                        "Allow" => Effect::Allow,
                        "Deny" => Effect::Deny,
                        _ => return Err(syntax(format!("the Effect '{}' is not Allow or Deny", Untrusted(&text)))),
                    });
                }
                ("Principal", value) => principals = Some(Principals::Only(named(value)?)),
                ("NotPrincipal", value) => principals = Some(Principals::AllBut(named(value)?)),
                ("Action", value) => actions = Some(Items::Only(Self::actions(value)?)),
                ("NotAction" | "NotResource", Json::List(values)) if values.is_empty() => {
                    return Err(syntax(format!("{name} names nothing, and so means everything")));
                }
                ("NotAction", value) => actions = Some(Items::AllBut(Self::actions(value)?)),
                ("Resource" | "NotResource", _) if self.kind == PolicyKind::Trust => {
                    return Err(syntax("a trust policy names no Resource: it is the role that has it"));
                }
                ("Resource", value) => resources = Some(Items::Only(self.resources(value)?)),
                ("NotResource", value) => resources = Some(Items::AllBut(self.resources(value)?)),
                ("Condition", Json::Object(operators)) => conditions = self.conditions(operators)?,
                (name, _) => {
                    return Err(syntax(format!("a statement's member '{}' is none, or no such", Untrusted(name))));
                }
            }
        }
        let effect = effect.ok_or_else(|| syntax("a statement has no Effect"))?;
        let principals = match (principals, self.kind.names_principals()) {
            (Some(Principals::AllBut(_)), true) if effect == Effect::Allow => {
                return Err(syntax("NotPrincipal goes with Deny only: with Allow it would let in all the others"));
            }
            (Some(principals), true) => principals,
            (None, false) => Principals::Holder,
            (None, true) => return Err(syntax("a statement has no Principal")),
            (Some(_), false) => {
                return Err(syntax("a policy of an identity names no Principal: it is the one that has it"));
            }
        };
        Ok(Statement { sid, effect, principals, actions, resources, conditions })
    }

    /// `kms:Decrypt`, `kms:*`, `*`.
    fn actions(value: Json) -> Result<Vec<Pattern>> {
        let action = |text: String| {
            let any = !text.is_empty() && text.bytes().all(|byte| byte == b'*');
            let prefixed = text.split_once(':').is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty());
            if !any && !prefixed {
                return Err(syntax(format!("the action '{}' has no prefix of a service", Untrusted(&text))));
            }
            // In any case, so in lower case.
            Ok(Pattern::new(&text.to_lowercase(), Syntax { wildcards: true, variables: false }))
        };
        texts(value)?.into_iter().map(action).collect()
    }

    fn resources(&self, value: Json) -> Result<Vec<ArnPattern>> {
        let resource = |text: String| {
            let pattern = ArnPattern::new(&text, self.variables);
            if pattern.is_any() || text.starts_with("arn:") {
                return Ok(pattern);
            }
            Err(syntax(format!("the resource '{}' is neither '*' nor an ARN", Untrusted(&text))))
        };
        texts(value)?.into_iter().map(resource).collect()
    }

    fn conditions(&self, operators: Vec<(String, Json)>) -> Result<Vec<Condition>> {
        let mut conditions = Vec::new();
        for (text, keys) in operators {
            let operator = Operator::parse(&text)
                .ok_or_else(|| syntax(format!("'{}' is no operator of conditions", Untrusted(&text))))?;
            let Json::Object(keys) = keys else {
                return Err(syntax(format!("the operator {text} has no condition keys")));
            };
            for (key, values) in keys {
                let key_in_lower_case = key.to_lowercase();
                let pairs = ["kms:encryptioncontext:", "aws:requesttag/"];
                if operator.quantifier == Some(Quantifier::ForAllValues)
                    && pairs.iter().any(|prefix| key_in_lower_case.starts_with(prefix))
                {
                    return Err(malformed(
                        &format!("OverlyPermissiveCondition: ForAllValues cannot be used with {}", Untrusted(&key)),
                        "ForAllValues holds of a key that is not in the request, so anybody would meet it by leaving it out",
                    ));
                }
                let values = texts(values)?;
                if values.is_empty() {
                    return Err(syntax(format!("the condition key '{}' has no values", Untrusted(&key))));
                }
                conditions.push(Condition::new(operator, &text, &key, values, self.variables).map_err(|value| {
                    syntax(format!("{text} of {} cannot compare '{}'", Untrusted(&key), Untrusted(&value)))
                })?);
            }
        }
        Ok(conditions)
    }
}

/// One text, or a list of them.
fn texts(value: Json) -> Result<Vec<String>> {
    let text = |value| match value {
        Json::Text(text) => Ok(text),
        Json::List(_) | Json::Object(_) => Err(syntax("a text, or a list of texts, was expected")),
    };
    match value {
        Json::List(values) => values.into_iter().map(text).collect(),
        value => Ok(Vec::from([text(value)?])),
    }
}

/// `"*"`, or `{"AWS": …, "Service": …}`.
fn named(value: Json) -> Result<Vec<NamedPrincipal>> {
    let invalid = |text: &str| malformed(PRINCIPALS, format!("'{}' is no principal", Untrusted(text)));
    match value {
        Json::Text(text) if text == "*" => Ok(Vec::from([NamedPrincipal::Everyone])),
        Json::Text(text) => Err(invalid(&text)),
        Json::List(_) => Err(syntax("a Principal is '*' or an object")),
        Json::Object(kinds) => {
            let mut all = Vec::new();
            for (kind, value) in kinds {
                let read: fn(&str) -> Option<NamedPrincipal> = match kind.as_str() {
                    "AWS" => NamedPrincipal::aws,
                    "Service" => NamedPrincipal::service,
                    "Federated" => NamedPrincipal::federated,
                    _ => return Err(syntax(format!("'{}' is no kind of principal", Untrusted(&kind)))),
                };
                for text in texts(value)? {
                    all.push(read(&text).ok_or_else(|| invalid(&text))?);
                }
            }
            if all.is_empty() {
                return Err(malformed(PRINCIPALS, "a Principal names no one"));
            }
            Ok(all)
        }
    }
}
