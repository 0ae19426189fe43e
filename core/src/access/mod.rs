//! Who may do what. One evaluator is asked one [`Question`] at a time; it mints the permit without which no operation can touch
//! a key.
//!
//! The parts of the evaluator, from low to high: [`facts`] (what conditions ask), [`pattern`] and [`arn`] (what policies match
//! with), [`requester`] and [`named`] (who), [`condition`] and [`policy`] (documents), [`grant`], and [`decision`] (the
//! steps), whose outcome [`denial`] and [`explain`] put into words. [`permit`] asks them for operations, [`simulation`] for
//! anyone who tries policies out.

mod arn;
mod assume;
mod caller;
mod condition;
mod context;
#[cfg(test)]
mod cost;
mod decision;
mod denial;
mod entity;
mod explain;
mod facts;
mod grant;
mod grant_index;
mod grant_record;
mod guard;
mod hearing;
mod iam_name;
mod key_policy;
mod lockout;
mod named;
mod pattern;
mod permit;
mod policy;
mod principal;
mod question;
mod question_facts;
mod request;
mod requester;
mod resource;
mod session;
mod simulation;
mod standing;
mod stating;
mod verb;

pub(crate) use assume::{authorize_to_assume, session_of};
pub use caller::Caller;
pub(crate) use entity::{EntityRecord, EntityTerms};
pub(crate) use grant::Grant;
pub(crate) use grant_index::{Sought, Texts, reach, sought, texts_of};
pub(crate) use grant_record::{GrantRecord, GrantTerms, named, not_a_principal};
pub(crate) use guard::Guard;
pub(crate) use hearing::Call;
pub(crate) use iam_name::{EntityKind, EntityName};
pub(crate) use key_policy::{KeyPolicyRecord, default_document};
pub(crate) use lockout::check_lockout;
pub(crate) use named::NamedPrincipal;
#[cfg(test)]
pub(crate) use permit::asked;
pub(crate) use permit::{
    AccountPermit, Permit, authorize, authorize_key, authorize_managed, authorize_to_retire, bad_token, denied,
};
pub use principal::{Principal, PrincipalKind};
pub(crate) use question::{NewGrant, NewKey, Question};
pub(crate) use requester::Requester;
pub(crate) use resource::Resource;
pub(crate) use session::Session;
pub use simulation::{PreparedSimulation, Simulated, SimulatedGrant, SimulatedKey, Simulation};
pub(crate) use standing::Standing;
pub(crate) use stating::{StatedCall, Stating};
