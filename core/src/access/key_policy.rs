//! Key policies as they are kept.

use super::policy::{Policy, PolicyKind};
use crate::{
    error::{Error, Result},
    key::{AccountId, Region},
};
use alloc::{format, string::String};
use serde::{Deserialize, Serialize};

/// A key policy that was put: the document as it came, and what it says. Read once, it stays read in the cache of records.
#[derive(Debug, Serialize, Deserialize)]
#[serde(try_from = "Document")]
pub(crate) struct KeyPolicyRecord {
    document: String,
    #[serde(skip_serializing)]
    policy: Policy,
}

/// How it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    document: String,
}

impl KeyPolicyRecord {
    /// Reads and checks a document.
    pub(crate) fn new(document: &str) -> Result<Self> {
        Ok(Self { policy: Policy::parse(document, PolicyKind::Key)?, document: document.into() })
    }

    /// As it was put.
    pub(crate) fn document(&self) -> &str {
        &self.document
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }
}

impl TryFrom<Document> for KeyPolicyRecord {
    type Error = Error;
    fn try_from(read: Document) -> Result<Self> {
        Ok(Self { policy: Policy::parse(&read.document, PolicyKind::Key)?, document: read.document })
    }
}

/// The policy of a key to which none was put, to the byte (AWS KMS Developer Guide, "Default key policy").
pub(crate) fn default_document(account: &AccountId, region: &Region) -> String {
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{}:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#,
        region.partition()
    )
}
