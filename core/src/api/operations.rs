//! The list of operations, which stands here once; bindings and dispatchers are made from it.

#[allow(clippy::wildcard_imports, reason = "the list names every request and response")]
use super::*;
use crate::shape::{Shape, Type};

/// Hands the list of operations to another macro:
/// `(AwsName, rust_method, "camelCase", RequestType, ResponseType, "documentation")`.
///
/// The types are those of [`api`](crate::api); an operation that answers nothing has `()`.
#[macro_export]
macro_rules! operations {
    ($callback:path) => {
        $callback! {
            (CreateKey, create_key, "createKey", CreateKeyRequest, CreateKeyResponse,
                "Creates a KMS key. By default it is a symmetric encryption key.")
            (DescribeKey, describe_key, "describeKey", DescribeKeyRequest, DescribeKeyResponse,
                "Returns the properties of a KMS key.")
            (ListKeys, list_keys, "listKeys", ListKeysRequest, ListKeysResponse,
                "Lists the KMS keys of the caller's account and Region, page by page.")
            (ReplicateKey, replicate_key, "replicateKey", ReplicateKeyRequest, ReplicateKeyResponse,
                "Makes a replica of a multi-Region key in another Region: a KMS key with the same id and key material.")
            (UpdatePrimaryRegion, update_primary_region, "updatePrimaryRegion", UpdatePrimaryRegionRequest, (),
                "Makes a replica of a multi-Region key the primary key, and the primary key a replica.")
            (UpdateKeyDescription, update_key_description, "updateKeyDescription", UpdateKeyDescriptionRequest, (),
                "Changes the description of a KMS key.")
            (EnableKey, enable_key, "enableKey", EnableKeyRequest, (),
                "Lets a disabled KMS key be used again.")
            (DisableKey, disable_key, "disableKey", DisableKeyRequest, (),
                "Keeps a KMS key from being used, until it is enabled again.")
            (CreateAlias, create_alias, "createAlias", CreateAliasRequest, (),
                "Gives a KMS key a friendly name, unique in the account and Region. A key can have several.")
            (UpdateAlias, update_alias, "updateAlias", UpdateAliasRequest, (),
                "Moves an alias to another KMS key of the same type and usage. Old data still decrypts.")
            (DeleteAlias, delete_alias, "deleteAlias", DeleteAliasRequest, (),
                "Deletes an alias. The KMS key that it names stays as it is.")
            (ListAliases, list_aliases, "listAliases", ListAliasesRequest, ListAliasesResponse,
                "Lists the aliases of the caller's account and Region, or those of one KMS key, page by page.")
            (Encrypt, encrypt, "encrypt", EncryptRequest, EncryptResponse,
                "Encrypts up to 4096 bytes under a KMS key. For more, encrypt under a data key.")
            (Decrypt, decrypt, "decrypt", DecryptRequest, DecryptResponse,
                "Decrypts what `Encrypt`, `ReEncrypt` or `GenerateDataKey` encrypted.")
            (ReEncrypt, re_encrypt, "reEncrypt", ReEncryptRequest, ReEncryptResponse,
                "Decrypts data and re-encrypts it under another KMS key or context, without showing the plaintext.")
            (GenerateDataKey, generate_data_key, "generateDataKey", GenerateDataKeyRequest, GenerateDataKeyResponse,
                "Makes a data key, and gives it both in plaintext and encrypted under a KMS key.")
            (GenerateDataKeyWithoutPlaintext, generate_data_key_without_plaintext, "generateDataKeyWithoutPlaintext",
                GenerateDataKeyWithoutPlaintextRequest, GenerateDataKeyWithoutPlaintextResponse,
                "Makes a data key, and gives it encrypted under a KMS key only, to be decrypted when it is needed.")
            (GenerateDataKeyPair, generate_data_key_pair, "generateDataKeyPair", GenerateDataKeyPairRequest,
                GenerateDataKeyPairResponse,
                "Makes a key pair for use outside of KMS, and gives the private key both in plaintext and encrypted under a KMS key.")
            (GenerateDataKeyPairWithoutPlaintext, generate_data_key_pair_without_plaintext,
                "generateDataKeyPairWithoutPlaintext", GenerateDataKeyPairWithoutPlaintextRequest,
                GenerateDataKeyPairWithoutPlaintextResponse,
                "Makes a key pair for use outside of KMS, and gives the private key encrypted under a KMS key only.")
            (GenerateRandom, generate_random, "generateRandom", GenerateRandomRequest, GenerateRandomResponse,
                "Makes 1 to 1024 random bytes that are fit for cryptography.")
            (GenerateMac, generate_mac, "generateMac", GenerateMacRequest, GenerateMacResponse,
                "Makes a message authentication code (HMAC) for a message of up to 4096 bytes.")
            (VerifyMac, verify_mac, "verifyMac", VerifyMacRequest, VerifyMacResponse,
                "Checks the message authentication code (HMAC) of a message.")
            (Sign, sign, "sign", SignRequest, SignResponse,
                "Signs a message of up to 4096 bytes, or a digest, with the private key of an asymmetric KMS key.")
            (Verify, verify, "verify", VerifyRequest, VerifyResponse,
                "Checks a signature of a message or digest.")
            (GetPublicKey, get_public_key, "getPublicKey", GetPublicKeyRequest, GetPublicKeyResponse,
                "Returns the public key of an asymmetric KMS key, to be used anywhere.")
            (DeriveSharedSecret, derive_shared_secret, "deriveSharedSecret", DeriveSharedSecretRequest,
                DeriveSharedSecretResponse,
                "Agrees on a shared secret with the owner of a public key (ECDH).")
            (Encapsulate, encapsulate, "encapsulate", EncapsulateRequest, EncapsulateResponse,
                "Makes a shared secret, and gives it both in plaintext and encapsulated for an ML-KEM KMS key.")
            (Decapsulate, decapsulate, "decapsulate", DecapsulateRequest, DecapsulateResponse,
                "Recovers the shared secret that was encapsulated for an ML-KEM KMS key.")
            (EnableKeyRotation, enable_key_rotation, "enableKeyRotation", EnableKeyRotationRequest, (),
                "Rotates the key material of a symmetric encryption KMS key automatically from now on, every year by default.")
            (DisableKeyRotation, disable_key_rotation, "disableKeyRotation", DisableKeyRotationRequest, (),
                "Stops the automatic rotation of a KMS key.")
            (GetKeyRotationStatus, get_key_rotation_status, "getKeyRotationStatus", GetKeyRotationStatusRequest,
                GetKeyRotationStatusResponse,
                "Returns whether a KMS key is rotated automatically, and when next.")
            (RotateKeyOnDemand, rotate_key_on_demand, "rotateKeyOnDemand", RotateKeyOnDemandRequest,
                RotateKeyOnDemandResponse,
                "Rotates the key material of a symmetric encryption KMS key now. Automatic rotation goes on as planned.")
            (ListKeyRotations, list_key_rotations, "listKeyRotations", ListKeyRotationsRequest, ListKeyRotationsResponse,
                "Lists the rotations of a KMS key, or all its key materials, page by page.")
            (GetParametersForImport, get_parameters_for_import, "getParametersForImport", GetParametersForImportRequest,
                GetParametersForImportResponse,
                "Makes a wrapping key and a token with which key material is imported into a KMS key, within 24 hours.")
            (ImportKeyMaterial, import_key_material, "importKeyMaterial", ImportKeyMaterialRequest,
                ImportKeyMaterialResponse,
                "Imports key material into a KMS key of origin `EXTERNAL`, or imports it again. It can expire.")
            (DeleteImportedKeyMaterial, delete_imported_key_material, "deleteImportedKeyMaterial",
                DeleteImportedKeyMaterialRequest, DeleteImportedKeyMaterialResponse,
                "Deletes imported key material. The KMS key cannot be used until the same material is imported again.")
            (ScheduleKeyDeletion, schedule_key_deletion, "scheduleKeyDeletion", ScheduleKeyDeletionRequest,
                ScheduleKeyDeletionResponse,
                "Deletes a KMS key after a waiting period, in which it cannot be used. What it encrypted is lost then.")
            (CancelKeyDeletion, cancel_key_deletion, "cancelKeyDeletion", CancelKeyDeletionRequest,
                CancelKeyDeletionResponse,
                "Cancels the deletion of a KMS key in its waiting period. The key is disabled then.")
            (TagResource, tag_resource, "tagResource", TagResourceRequest, (),
                "Adds tags to a KMS key, or changes their values.")
            (UntagResource, untag_resource, "untagResource", UntagResourceRequest, (),
                "Removes tags from a KMS key.")
            (ListResourceTags, list_resource_tags, "listResourceTags", ListResourceTagsRequest, ListResourceTagsResponse,
                "Lists the tags of a KMS key, page by page.")
            (PutKeyPolicy, put_key_policy, "putKeyPolicy", PutKeyPolicyRequest, (),
                "Attaches a key policy to a KMS key, in place of the one before.")
            (GetKeyPolicy, get_key_policy, "getKeyPolicy", GetKeyPolicyRequest, GetKeyPolicyResponse,
                "Returns the key policy of a KMS key.")
            (ListKeyPolicies, list_key_policies, "listKeyPolicies", ListKeyPoliciesRequest, ListKeyPoliciesResponse,
                "Lists the names of the key policies of a KMS key. There is one, `default`.")
            (GetKeyLastUsage, get_key_last_usage, "getKeyLastUsage", GetKeyLastUsageRequest, GetKeyLastUsageResponse,
                "Returns when a KMS key was last used successfully, and by which operation.")
            (CreateGrant, create_grant, "createGrant", CreateGrantRequest, CreateGrantResponse,
                "Gives a principal permissions on a KMS key, without a change of the key policy.")
            (ListGrants, list_grants, "listGrants", ListGrantsRequest, ListGrantsResponse,
                "Lists the grants on a KMS key, page by page.")
            (ListRetirableGrants, list_retirable_grants, "listRetirableGrants", ListRetirableGrantsRequest, ListGrantsResponse,
                "Lists the grants that a principal may retire, page by page.")
            (RetireGrant, retire_grant, "retireGrant", RetireGrantRequest, (),
                "Ends a grant that is not needed any more: for its grantee, its retiring principal, and the account that gave it.")
            (RevokeGrant, revoke_grant, "revokeGrant", RevokeGrantRequest, (),
                "Takes a grant away: for those who manage the KMS key.")
            (CreateCustomKeyStore, create_custom_key_store, "createCustomKeyStore", CreateCustomKeyStoreRequest,
                CreateCustomKeyStoreResponse,
                "Makes a custom key store: KMS keys in it have their material in a cluster of HSMs or a key manager of one's own.")
            (DescribeCustomKeyStores, describe_custom_key_stores, "describeCustomKeyStores", DescribeCustomKeyStoresRequest,
                DescribeCustomKeyStoresResponse,
                "Returns the properties of a custom key store, or of all of the account and Region, page by page.")
            (UpdateCustomKeyStore, update_custom_key_store, "updateCustomKeyStore", UpdateCustomKeyStoreRequest, (),
                "Changes the properties of a custom key store.")
            (DeleteCustomKeyStore, delete_custom_key_store, "deleteCustomKeyStore", DeleteCustomKeyStoreRequest, (),
                "Deletes a custom key store without KMS keys. What is behind it stays as it is.")
            (ConnectCustomKeyStore, connect_custom_key_store, "connectCustomKeyStore", ConnectCustomKeyStoreRequest, (),
                "Connects a custom key store to what is behind it. Whether that succeeded is in `DescribeCustomKeyStores`.")
            (DisconnectCustomKeyStore, disconnect_custom_key_store, "disconnectCustomKeyStore",
                DisconnectCustomKeyStoreRequest, (),
                "Disconnects a custom key store. Its KMS keys cannot be used until it is connected again.")
        }
    };
}

/// A request, which knows its operation and response.
pub trait Request: Shape {
    /// What the operation answers.
    type Response: Shape + Send + Sync + 'static;
    /// The operation.
    const OPERATION: Operation;
}

/// The description of an operation, for generators.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OperationModel {
    /// The operation.
    pub operation: Operation,
    /// Its name in Rust and Python, `generate_data_key`.
    pub method_name: &'static str,
    /// Its name in JavaScript, Swift and Kotlin, `generateDataKey`.
    pub camel_name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Its request: a [`Type::Structure`].
    pub request: Type,
    /// Its response: a [`Type::Structure`] or [`Type::Unit`].
    pub response: Type,
}

macro_rules! define_operations {
    ($(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        /// An operation of the service model.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operation {
            $(#[doc = $doc] $name,)*
        }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name that AWS uses: `GenerateDataKey`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The description of its request.
            const fn request(self) -> Type {
                match self { $(Self::$name => <$request as Shape>::TYPE,)* }
            }
        }

        $(impl Request for $request {
            type Response = $response;
            const OPERATION: Operation = Operation::$name;
        })*

        /// The description of every operation and of all that goes in and out.
        pub const fn model() -> &'static [OperationModel] {
            &[$(OperationModel {
                operation: Operation::$name,
                method_name: stringify!($method),
                camel_name: $camel,
                doc: $doc,
                request: <$request as Shape>::TYPE,
                response: <$response as Shape>::TYPE,
            },)*]
        }
    };
}
operations!(define_operations);

impl Operation {
    /// Whether the operation takes `DryRun`, with which it only answers whether it would succeed.
    pub fn takes_dry_run(self) -> bool {
        match self.request() {
            Type::Structure(request) => request.members.iter().any(|member| member.name == "dry_run"),
            _ => false,
        }
    }
}
