//! The policy evaluator, through its public entry point.

mod condition_values;
mod conditions;
mod decisions;
mod documents;
mod evaluator;
mod explanations;
mod grants;
mod guide;
mod played;
mod principals;
mod properties;
mod quotas;
mod registry;
mod resource_quotas;
mod revocation;
mod services;
