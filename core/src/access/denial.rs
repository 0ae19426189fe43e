//! The texts of `AccessDeniedException`.

use super::{
    decision::{Reason, Source},
    question::Question,
    request::Request,
    resource::Resource,
};
use alloc::{
    format,
    string::{String, ToString},
};

/// What AWS answers.
pub(crate) fn message(request: &Request<'_>, reason: Reason) -> String {
    let action = request.action.full_name();
    let resource = request.resource.arn().unwrap_or_else(|| "*".to_string());
    // A deny in the policy of another account's key would show that there is such a key.
    let other = matches!(request.resource, Resource::Key(key) if request.caller.asks_for() != Some(&key.account));
    let reason = match reason {
        Reason::Explicit(Source::Key) if other => Reason::Lacking(Source::Key),
        reason => reason,
    };
    format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} {}",
        request.caller.arn(),
        because(action, reason)
    )
}

/// What is answered of a key or alias of another account that does not exist, or whose policy does not reach the caller.
pub(crate) fn of_another_account(question: &Question<'_>, resource: &str) -> String {
    let action = question.action.full_name();
    let why = because(action, Reason::Lacking(Source::Key));
    format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} {why}",
        question.caller.principal()
    )
}

/// The end of the text, which says why.
pub(crate) fn because(action: &str, reason: Reason) -> String {
    match reason {
        // Which account a key is of decides it, whatever policies say; this is the text that says least.
        Reason::OtherAccount => format!("because no resource-based policy allows the {action} action"),
        Reason::Unknown => because(action, Reason::Lacking(Source::Identity)),
        // An organization's policies say no more than that they deny.
        Reason::Explicit(source) | Reason::Lacking(source @ (Source::ServiceControl | Source::ResourceControl)) => {
            format!("with an explicit deny in {}", kind(source).0)
        }
        Reason::Lacking(source) => format!("because no {} allows the {action} action", kind(source).1),
    }
}

/// A kind of policy, with and without an article.
pub(crate) fn kind(source: Source) -> (&'static str, &'static str) {
    match source {
        Source::ServiceControl => ("a service control policy", "service control policy"),
        Source::ResourceControl => ("a resource control policy", "resource control policy"),
        Source::Key => ("a resource-based policy", "resource-based policy"),
        Source::Identity => ("an identity-based policy", "identity-based policy"),
        Source::Boundary => ("a permissions boundary", "permissions boundary"),
        Source::Session => ("a session policy", "session policy"),
        Source::Endpoint => ("a VPC endpoint policy", "VPC endpoint policy"),
    }
}
