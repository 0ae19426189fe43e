//! What each operation does, one file per family.
//!
//! Every operation goes the same way, and so answers the same error where several apply (the order of AWS KMS):
//! the request's own constraints, the key it names, the caller's permission, the key's state, its usage and
//! algorithm, and last `DryRun`.

mod aliases;
pub(crate) mod branch_keys;
mod data_keys;
mod deletion;
mod encryption;
mod keys;
mod materials;
mod page;
mod random;
mod rotation;
mod rotation_secret;
mod settle;
#[cfg(test)]
mod state_table;
mod tags;
mod target;
mod validate;
mod whereabouts;

pub(crate) use materials::current_material;
pub(crate) use settle::{sweep, sweep_if_due};

use crate::{
    access::Caller,
    api::{Operation, Request},
    error::{Error, ErrorKind, Result},
    key::Need,
    store::Transaction,
};

/// A request that can be carried out. It may be carried out several times until a commit succeeds, and so changes
/// nothing but the transaction.
pub(crate) trait Execute: Request {
    /// What the local developer is told of limits that the request breaks, beyond AWS's message.
    fn advice(&self) -> Option<&'static str> {
        None
    }

    /// Computes the response and collects the changes.
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<Self::Response>;
}

/// What each operation needs of the state of the key that it names.
fn need(operation: Operation) -> Need {
    match operation {
        Operation::Encrypt
        | Operation::Decrypt
        | Operation::ReEncrypt
        | Operation::GenerateDataKey
        | Operation::GenerateDataKeyWithoutPlaintext => Need::Usable,
        Operation::EnableKeyRotation | Operation::DisableKeyRotation | Operation::RotateKeyOnDemand => Need::Settled,
        Operation::EnableKey | Operation::DisableKey => Need::Switchable,
        Operation::UpdateKeyDescription
        | Operation::CreateAlias
        | Operation::UpdateAlias
        | Operation::ScheduleKeyDeletion
        | Operation::TagResource
        | Operation::UntagResource => Need::Kept,
        Operation::CancelKeyDeletion => Need::Condemned,
        Operation::CreateKey
        | Operation::DescribeKey
        | Operation::ListKeys
        | Operation::DeleteAlias
        | Operation::ListAliases
        | Operation::GenerateRandom
        | Operation::GetKeyRotationStatus
        | Operation::ListKeyRotations
        | Operation::ListResourceTags => Need::Anything,
    }
}

/// The last check of an operation that offers `DryRun`.
fn stop_if_dry_run(dry_run: Option<bool>) -> Result<()> {
    match dry_run {
        Some(true) => Err(Error::new(
            ErrorKind::DryRunOperation,
            "The request would have succeeded, but the DryRun option is set.",
        )),
        _ => Ok(()),
    }
}

/// What needs an attested enclave, which no library in a process can be.
fn refuse_recipient(recipient: bool) -> Result<()> {
    if recipient {
        return Err(Error::new(
            ErrorKind::UnsupportedOperation,
            "The Recipient parameter is not supported: PocketKMS runs in no attested enclave.",
        ));
    }
    Ok(())
}
