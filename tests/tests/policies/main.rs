//! The policy evaluator, through its public entry point.

mod decisions;
mod documents;
mod grants;
mod guide;
mod played;
mod properties;
mod quotas;
mod registry;
mod resource_quotas;
mod revocation;
mod services;
