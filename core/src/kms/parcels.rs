//! Parcels: replicas of multi-Region keys in other vaults.

use super::Kms;
use crate::{
    api::{
        CreateParcelKeyRequest, DeleteParcelKeyRequest, DeleteParcelKeyResponse, ListParcelKeysRequest,
        ListParcelKeysResponse, OpenParcelRequest, OpenParcelResponse, Operation, ParcelKeyMetadata, SealParcelRequest,
        SealParcelResponse,
    },
    audit::{Call, ParcelCall},
    error::Result,
    ops::parcels,
    shape::Shape,
    store::{OpenVault, Transaction},
};
use core::any::Any;

#[allow(clippy::needless_pass_by_value, reason = "requests are handed over, as to every other method")]
impl Kms {
    /// Makes a parcel key in the vault that is to have a replica of a multi-Region key: what the vault of the primary key seals a parcel to.
    /// It is good for one parcel, within 24 hours.
    ///
    /// Its public part is no secret, but has to reach the other vault unaltered: anyone who exchanges it on the way gets the
    /// key. Send it over an authenticated channel, or have a person compare the fingerprint.
    ///
    /// # Errors
    /// [`LimitExceeded`](crate::ErrorKind::LimitExceeded) where 20 wait already; [`AlreadyExists`](crate::ErrorKind::AlreadyExists) where
    /// the caller's Region is that of the primary.
    pub fn create_parcel_key(&self, request: CreateParcelKeyRequest) -> Result<ParcelKeyMetadata> {
        let work = |transaction: &mut Transaction<'_>| parcels::create(transaction, &self.caller, &request);
        self.with_parcels((ParcelCall::CreateKey, Operation::GetParametersForImport), &request, work)
    }

    /// Lists the parcel keys of the caller's account and Region that no parcel was opened with yet, page by page.
    pub fn list_parcel_keys(&self, request: ListParcelKeysRequest) -> Result<ListParcelKeysResponse> {
        let work = |transaction: &mut Transaction<'_>| parcels::list(transaction, &self.caller, &request);
        self.with_parcels((ParcelCall::ListKeys, Operation::ListKeys), &request, work)
    }

    /// Deletes a parcel key, so that no parcel opens with it any more.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) where it is gone.
    pub fn delete_parcel_key(&self, request: DeleteParcelKeyRequest) -> Result<DeleteParcelKeyResponse> {
        let work = |transaction: &mut Transaction<'_>| parcels::delete(transaction, &self.caller, &request);
        self.with_parcels((ParcelCall::DeleteKey, Operation::DeleteImportedKeyMaterial), &request, work)
    }

    /// Seals a multi-Region primary key with all its key materials for another vault. Nothing changes in this one.
    ///
    /// # Errors
    /// [`Validation`](crate::ErrorKind::Validation) for what is no parcel key, one for another key, or another fingerprint;
    /// [`ExpiredImportToken`](crate::ErrorKind::ExpiredImportToken) after its 24 hours;
    /// [`AlreadyExists`](crate::ErrorKind::AlreadyExists) where this vault has the key in that Region;
    /// [`LimitExceeded`](crate::ErrorKind::LimitExceeded) for a key of more than 40 materials; those of
    /// [`replicate_key`](Self::replicate_key).
    pub fn seal_parcel(&self, request: SealParcelRequest) -> Result<SealParcelResponse> {
        let work = |transaction: &mut Transaction<'_>| parcels::seal(transaction, &self.caller, &request);
        self.with_parcels((ParcelCall::Seal, Operation::ReplicateKey), &request, work)
    }

    /// Opens a parcel, which makes a replica of the key in it in the caller's Region, or brings the replica that is there up to the
    /// primary key's latest rotation. The parcel key is gone then.
    ///
    /// # Errors
    /// [`Validation`](crate::ErrorKind::Validation) for another fingerprint, or none where the replica is there and has imported
    /// key material;
    /// [`NotFound`](crate::ErrorKind::NotFound) where its parcel key was used or deleted, or is another vault's;
    /// [`ExpiredImportToken`](crate::ErrorKind::ExpiredImportToken) after its 24 hours;
    /// [`InvalidCiphertext`](crate::ErrorKind::InvalidCiphertext), whatever is wrong with the parcel;
    /// [`IncorrectKeyMaterial`](crate::ErrorKind::IncorrectKeyMaterial) for one that is older than the replica, or of another key of
    /// that id; [`AlreadyExists`](crate::ErrorKind::AlreadyExists) where this vault has the key by itself.
    pub fn open_parcel(&self, request: OpenParcelRequest) -> Result<OpenParcelResponse> {
        let work = |transaction: &mut Transaction<'_>| parcels::open(transaction, &self.caller, &request);
        self.with_parcels((ParcelCall::Open, Operation::CreateKey), &request, work)
    }

    /// Carries out a call, which counts as the operation of AWS KMS that is next to it.
    fn with_parcels<T: Any + Send + Sync + Shape>(
        &self,
        (call, counted): (ParcelCall, Operation),
        request: &impl Shape,
        work: impl Fn(&mut Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let call = Call::Parcel(call);
        let admit = |vault: &OpenVault| self.charge(vault, counted, None);
        self.recorded(call, request.value(), admit, work, |event, answer| event.answered(call, answer.value()))
    }
}
