//! What a host allows in place of AWS's numbers, in this process.

use crate::api::ResourceQuotas;

/// Resource quotas, and for how long a new grant is there for its token alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowance {
    pub(crate) quotas: ResourceQuotas,
    pub(crate) grant_delay_seconds: u32,
}
