//! The limits that members of several requests share, by their names in the service model. A test holds them against it.

use crate::shape::{Limits, Pattern};

pub(super) const POLICY: Limits = Limits::length(1, 131_072).matching(Pattern::Policy);
pub(super) const REGION: Limits = Limits::length(1, 32).matching(Pattern::Region);
pub(super) const POLICY_NAME: Limits = Limits::length(1, 128).matching(Pattern::PolicyName);
pub(super) const KEY_ID: Limits = Limits::length(1, 2048);
pub(super) const GRANT_TOKENS: Limits = Limits::length(0, 10).each(&Limits::length(1, 8192));
pub(super) const ALIAS_NAME: Limits = Limits::length(1, 256).matching(Pattern::AliasName);
pub(super) const GRANT_TOKEN: Limits = Limits::length(1, 8192);
pub(super) const GRANT_ID: Limits = Limits::length(1, 128);
/// Its pattern is that of alias names.
pub(super) const GRANT_NAME: Limits = Limits::length(1, 256).matching(Pattern::AliasName);
pub(super) const PRINCIPAL: Limits = Limits::length(1, 256).matching(Pattern::Principal);
pub(super) const SERVICE_PRINCIPAL: Limits = Limits::length(1, 128).matching(Pattern::ServicePrincipal);
pub(super) const SOURCE_ARN: Limits = Limits::length(20, 512).matching(Pattern::SourceArn);
pub(super) const MARKER: Limits = Limits::length(1, 1024).matching(Pattern::Marker);
pub(super) const DESCRIPTION: Limits = Limits::length(0, 8192);
pub(super) const CUSTOM_KEY_STORE_ID: Limits = Limits::length(1, 64);
pub(super) const TAG_KEY: Limits = Limits::length(1, 128);
pub(super) const CIPHERTEXT: Limits = Limits::length(1, 6144);
pub(super) const NUMBER_OF_BYTES: Limits = Limits::range(1, 1024);
pub(super) const KEY_MATERIAL_ID: Limits = Limits::length(64, 64).matching(Pattern::LowerHex);
