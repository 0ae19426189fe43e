//! `GetParametersForImport`, `ImportKeyMaterial`, `DeleteImportedKeyMaterial`.

use super::{
    Execute,
    import_token::{ImportToken, wrapping_bits},
    imported::{self, Terms},
    imports_everywhere,
    multi_region::check_primary,
    target::permit,
    validate::invalid,
};
use crate::{
    access::{Caller, Permit, Question},
    api::{
        DeleteImportedKeyMaterialRequest, DeleteImportedKeyMaterialResponse, GetParametersForImportRequest,
        GetParametersForImportResponse, ImportKeyMaterialRequest, ImportKeyMaterialResponse, ImportType, Request,
    },
    clock::Timestamp,
    error::{Error, ErrorKind, Result, Untrusted},
    key::{ExpirationModelType, KeyRecord, KeySpec, MaterialId, MaterialRecord, OriginType},
    secret::Secret,
    store::Transaction,
};
use alloc::{
    format,
    string::{String, ToString},
};

/// For how long a token is good, in days.
const TOKEN_DAYS: u32 = 1;
/// "The maximum value is 365 days from the request date" (`ImportKeyMaterial`, `ValidTo`).
const LONGEST_VALIDITY_DAYS: u32 = 365;

/// Only a key of that origin takes material.
fn check_origin(permit: &Permit) -> Result<()> {
    let key = permit.key();
    if key.origin == OriginType::External {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::UnsupportedOperation,
        format!("{} origin is {} which is not valid for this operation.", key.arn(), key.origin),
    ))
}

/// The id of a material as answers show it: asymmetric and HMAC keys have one material for good, and no ids.
fn shown(key: &KeyRecord, id: MaterialId) -> Option<String> {
    (key.spec == KeySpec::SymmetricDefault).then(|| id.to_string())
}

impl Execute for GetParametersForImportRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<GetParametersForImportResponse> {
        let question = Question {
            wrapping_algorithm: Some(self.wrapping_algorithm),
            wrapping_key_spec: Some(self.wrapping_key_spec),
            ..Question::new(caller, Self::OPERATION)
        };
        let permit = permit(transaction, &question, &self.key_id)?;
        check_origin(&permit)?;
        let key = permit.key();
        let bits = wrapping_bits(key.spec, self.wrapping_algorithm, self.wrapping_key_spec)?;
        let provider = transaction.provider();
        let private_key = provider.generate_rsa_key(bits)?;
        let public_key = provider.rsa.private_key(private_key.expose())?.public_key()?;
        let parameters_valid_to = transaction.now().plus_days(TOKEN_DAYS);
        let token = ImportToken::new(self.wrapping_algorithm, parameters_valid_to, private_key);
        Ok(GetParametersForImportResponse {
            key_id: key.arn(),
            import_token: token.seal(transaction, key)?.into(),
            public_key: Secret::from(public_key),
            parameters_valid_to,
        })
    }
}

/// When the material expires, if it does.
fn check_validity(model: ExpirationModelType, valid_to: Option<Timestamp>, now: Timestamp) -> Result<()> {
    match (model, valid_to) {
        (ExpirationModelType::KeyMaterialExpires, None) => {
            Err(invalid("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"))
        }
        (ExpirationModelType::KeyMaterialDoesNotExpire, Some(_)) => {
            Err(invalid("A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE"))
        }
        (ExpirationModelType::KeyMaterialExpires, Some(date))
            if date <= now || date > now.plus_days(LONGEST_VALIDITY_DAYS) =>
        {
            Err(invalid("The validTo date must be in the future, and at most 365 days from now"))
        }
        _ => Ok(()),
    }
}

impl ImportKeyMaterialRequest {
    /// What is there for keys alone that can have several materials.
    fn check_members(&self, key: &KeyRecord) -> Result<()> {
        if key.spec == KeySpec::SymmetricDefault {
            return Ok(());
        }
        let given = [
            ("ImportType", self.import_type.is_some()),
            ("KeyMaterialDescription", self.key_material_description.is_some()),
            ("KeyMaterialId", self.key_material_id.is_some()),
        ];
        match given.into_iter().find(|(_, is_given)| *is_given) {
            Some((member, _)) => {
                Err(invalid(format!("{member} is valid only for symmetric encryption keys; key spec is {}", key.spec)))
            }
            None => Ok(()),
        }
    }

    /// Whether the material is to be one that the key never had.
    fn is_new(&self, key: &KeyRecord) -> bool {
        match self.import_type {
            Some(kind) => kind == ImportType::NewKeyMaterial,
            None => key.materials == 0,
        }
    }
}

impl Execute for ImportKeyMaterialRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ImportKeyMaterialResponse> {
        let expiration = self.expiration_model.unwrap_or(ExpirationModelType::KeyMaterialExpires);
        check_validity(expiration, self.valid_to, transaction.now())?;
        if self.import_type == Some(ImportType::NewKeyMaterial) && self.key_material_id.is_some() {
            return Err(invalid("KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL"));
        }
        let question = Question {
            expiration_model: Some(expiration),
            valid_to: self.valid_to,
            ..Question::new(caller, Self::OPERATION)
        };
        let permit = permit(transaction, &question, &self.key_id)?;
        check_origin(&permit)?;
        let before = permit.key();
        self.check_members(before)?;
        if self.import_type == Some(ImportType::NewKeyMaterial) {
            // "You cannot directly import new key material into the replica Region keys."
            check_primary(&permit)?;
        }

        let token = ImportToken::open(transaction, before, &self.import_token)?;
        let provider = transaction.provider();
        let given = token.unwrap(provider, &self.encrypted_key_material)?;
        let material = MaterialRecord::import(provider, &before.id, before.spec, &given)
            .ok_or_else(|| incorrect(format!("The key material is not valid for the key spec {}.", before.spec)))?;
        let id = MaterialId::of(provider, &before.id, &material);
        if self.key_material_id.as_ref().is_some_and(|wanted| *wanted != id.to_string()) {
            return Err(incorrect("The key material does not have the specified KeyMaterialId."));
        }

        let mut key = before.clone();
        let description = self.key_material_description.clone();
        let terms = Terms { expiration, valid_to: self.valid_to, description };
        let found = imported::find(transaction, before, &id)?;
        match (found, self.is_new(before)) {
            (Some(found), false) => imported::renew(transaction, &mut key, found, material, terms)?,
            (None, true) => {
                if let Some(pending) = before.pending_material() {
                    return Err(Error::new(
                        ErrorKind::KmsInvalidState,
                        format!(
                            "New key material (id: {id}) cannot be imported into KMS key {}, because another key material \
                             (id: {pending}) is pending rotation.",
                            before.arn()
                        ),
                    ));
                }
                imported::add(transaction, &mut key, id, material, terms)?;
            }
            (Some(_), true) => {
                return Err(incorrect("The key material is already associated with the KMS key.")
                    .explain("import it with the ImportType EXISTING_KEY_MATERIAL"));
            }
            (None, false) => {
                if !imports_everywhere::follow(transaction, &mut key, id, material, terms)? {
                    return Err(never_imported(before));
                }
            }
        }
        imported::store(transaction, before, &key)?;
        Ok(ImportKeyMaterialResponse { key_id: key.arn(), key_material_id: shown(&key, id) })
    }
}

/// Material that is new to a key that takes none.
fn never_imported(key: &KeyRecord) -> Error {
    incorrect("The key material was not imported into the KMS key before.").explain(if key.is_replica() {
        "a replica takes what was imported into its primary key before"
    } else {
        "a symmetric encryption key takes other material with the ImportType NEW_KEY_MATERIAL; others keep theirs for good"
    })
}

fn incorrect(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::IncorrectKeyMaterial, message)
}

impl Execute for DeleteImportedKeyMaterialRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<DeleteImportedKeyMaterialResponse> {
        let permit = permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        check_origin(&permit)?;
        let before = permit.key();
        let wanted = match &self.key_material_id {
            Some(text) => Some(text.parse::<MaterialId>()?),
            None => before.current_material,
        };
        // Nothing is deleted of a key that has nothing.
        let Some(id) = wanted else {
            return Ok(DeleteImportedKeyMaterialResponse { key_id: before.arn(), key_material_id: None });
        };
        let found = imported::find(transaction, before, &id)?.ok_or_else(|| {
            let text = id.to_string();
            Error::new(
                ErrorKind::NotFound,
                format!("Key material '{}' is not associated with the KMS key {}.", Untrusted(&text), before.arn()),
            )
        })?;
        if !before.missing_materials().contains(&id) {
            let mut key = before.clone();
            imported::remove(transaction, &mut key, found)?;
            imported::store(transaction, before, &key)?;
            if before.pending_material() == Some(id) {
                imports_everywhere::forget(transaction, before, &id)?;
            }
        }
        Ok(DeleteImportedKeyMaterialResponse { key_id: before.arn(), key_material_id: shown(before, id) })
    }
}
