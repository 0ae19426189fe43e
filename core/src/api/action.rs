//! The actions that policies and grants speak of, and what is true of each (Service Authorization Reference, "Actions,
//! resources, and condition keys for AWS Key Management Service"). A test holds the list against botocore's copy of the model.
//!
//! They are not quite the operations: `ReEncrypt` needs two, and has no action of its own.

/// What an action is carried out on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    /// A KMS key.
    Key,
    /// An alias and a KMS key, each of which the caller needs the permission for.
    AliasAndKey,
    /// Nothing that has an ARN: a policy reaches it by `"Resource": "*"` alone.
    None,
}

macro_rules! actions {
    ($(($name:ident, $lower:literal, $resource:ident, $cross_account:literal, $grantable:literal))*) => {
        /// An action of KMS: `kms:Encrypt`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each is documented by AWS, under its name")]
        pub enum Action {
            $($name,)*
        }

        impl Action {
            /// Every action, also those of operations that are not offered: policies may name them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name, without the prefix `kms:`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// Its name as policies have it: `kms:Encrypt`.
            pub const fn full_name(self) -> &'static str {
                match self { $(Self::$name => concat!("kms:", stringify!($name)),)* }
            }

            /// [`full_name`](Self::full_name) in lower case, since policies name actions in any case.
            pub const fn lower(self) -> &'static str {
                match self { $(Self::$name => $lower,)* }
            }

            /// What it is carried out on.
            pub const fn resource(self) -> ResourceKind {
                match self { $(Self::$name => ResourceKind::$resource,)* }
            }

            /// Whether it can be carried out on another account's key, if both sides' policies allow it.
            pub const fn crosses_accounts(self) -> bool {
                match self { $(Self::$name => $cross_account,)* }
            }

            /// Whether a grant can allow it.
            pub const fn is_grantable(self) -> bool {
                match self { $(Self::$name => $grantable,)* }
            }
        }
    };
}

// Name, in lower case, resource, whether it crosses accounts, whether a grant can allow it.
actions! {
    (CancelKeyDeletion, "kms:cancelkeydeletion", Key, false, false)
    (ConnectCustomKeyStore, "kms:connectcustomkeystore", None, false, false)
    (CreateAlias, "kms:createalias", AliasAndKey, false, false)
    (CreateCustomKeyStore, "kms:createcustomkeystore", None, false, false)
    (CreateGrant, "kms:creategrant", Key, true, true)
    (CreateKey, "kms:createkey", None, false, false)
    (Decapsulate, "kms:decapsulate", Key, true, true)
    (Decrypt, "kms:decrypt", Key, true, true)
    (DeleteAlias, "kms:deletealias", AliasAndKey, false, false)
    (DeleteCustomKeyStore, "kms:deletecustomkeystore", None, false, false)
    (DeleteImportedKeyMaterial, "kms:deleteimportedkeymaterial", Key, false, false)
    (DeriveSharedSecret, "kms:derivesharedsecret", Key, true, true)
    (DescribeCustomKeyStores, "kms:describecustomkeystores", None, false, false)
    (DescribeKey, "kms:describekey", Key, true, true)
    (DisableKey, "kms:disablekey", Key, false, false)
    (DisableKeyRotation, "kms:disablekeyrotation", Key, false, false)
    (DisconnectCustomKeyStore, "kms:disconnectcustomkeystore", None, false, false)
    (EnableKey, "kms:enablekey", Key, false, false)
    (EnableKeyRotation, "kms:enablekeyrotation", Key, false, false)
    (Encapsulate, "kms:encapsulate", Key, true, true)
    (Encrypt, "kms:encrypt", Key, true, true)
    (GenerateDataKey, "kms:generatedatakey", Key, true, true)
    (GenerateDataKeyPair, "kms:generatedatakeypair", Key, true, true)
    (GenerateDataKeyPairWithoutPlaintext, "kms:generatedatakeypairwithoutplaintext", Key, true, true)
    (GenerateDataKeyWithoutPlaintext, "kms:generatedatakeywithoutplaintext", Key, true, true)
    (GenerateMac, "kms:generatemac", Key, true, true)
    (GenerateRandom, "kms:generaterandom", None, false, false)
    (GetKeyLastUsage, "kms:getkeylastusage", Key, false, false)
    (GetKeyPolicy, "kms:getkeypolicy", Key, false, false)
    (GetKeyRotationStatus, "kms:getkeyrotationstatus", Key, true, false)
    (GetParametersForImport, "kms:getparametersforimport", Key, false, false)
    (GetPublicKey, "kms:getpublickey", Key, true, true)
    (ImportKeyMaterial, "kms:importkeymaterial", Key, false, false)
    (ListAliases, "kms:listaliases", None, false, false)
    (ListGrants, "kms:listgrants", Key, true, false)
    (ListKeyPolicies, "kms:listkeypolicies", Key, false, false)
    (ListKeyRotations, "kms:listkeyrotations", Key, false, false)
    (ListKeys, "kms:listkeys", None, false, false)
    (ListResourceTags, "kms:listresourcetags", Key, false, false)
    (ListRetirableGrants, "kms:listretirablegrants", None, false, false)
    (PutKeyPolicy, "kms:putkeypolicy", Key, false, false)
    (ReEncryptFrom, "kms:reencryptfrom", Key, true, true)
    (ReEncryptTo, "kms:reencryptto", Key, true, true)
    (ReplicateKey, "kms:replicatekey", Key, false, false)
    (RetireGrant, "kms:retiregrant", Key, true, true)
    (RevokeGrant, "kms:revokegrant", Key, true, false)
    (RotateKeyOnDemand, "kms:rotatekeyondemand", Key, false, false)
    (ScheduleKeyDeletion, "kms:schedulekeydeletion", Key, false, false)
    (Sign, "kms:sign", Key, true, true)
    (TagResource, "kms:tagresource", Key, false, false)
    (UntagResource, "kms:untagresource", Key, false, false)
    (UpdateAlias, "kms:updatealias", AliasAndKey, false, false)
    (UpdateCustomKeyStore, "kms:updatecustomkeystore", None, false, false)
    (UpdateKeyDescription, "kms:updatekeydescription", Key, false, false)
    (UpdatePrimaryRegion, "kms:updateprimaryregion", Key, false, false)
    (Verify, "kms:verify", Key, true, true)
    (VerifyMac, "kms:verifymac", Key, true, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_case_name_is_the_name() {
        for action in Action::ALL {
            assert_eq!(action.lower(), action.full_name().to_ascii_lowercase());
            assert_eq!(action.full_name().strip_prefix("kms:"), Some(action.name()));
        }
    }
}
