//! `make DIR`: two vaults, and ciphertexts of every length, context and generation.

use crate::{
    Result, messages,
    plan::{Bytes, Case, Manifest, Plan},
};
use pocketkms::{
    EncryptionContext, Kms, Vault,
    api::{
        Blob, CreateAliasRequest, CreateGrantRequest, CreateKeyRequest, DescribeKeyRequest, EncryptRequest,
        GenerateDataKeyRequest, GetKeyPolicyRequest, GrantConstraints, GrantOperation, IamEntity, IamPolicy,
        OrganizationLevel, PutKeyPolicyRequest, RotateKeyOnDemandRequest, Tag,
    },
    keys::DataKeySpec,
};
use std::{collections::BTreeMap, fs, path::Path};

const MAKER: &str = "rust";
/// The one length of plaintext in the vault under a passphrase.
const PASSPHRASE_LENGTH: usize = 17;

pub(crate) fn make(directory: &Path) -> Result<()> {
    let plan = Plan::read(directory)?;
    let mut cases = Vec::new();

    let clock = plan.clock();
    let vault = plan.builder(clock.clone()).create_in_memory(&plan.raw_root()?)?;
    let raw = Maker::new("raw", &plan, vault.client())?;
    for generation in 0..=plan.rotations {
        if generation > 0 {
            clock.advance_days(1);
            raw.kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: raw.key_id.clone() })?;
        }
        for (name, context) in &plan.contexts {
            for &length in &plan.lengths {
                cases.push(raw.encrypt(generation, name, context.clone(), length)?);
            }
            cases.push(raw.data_key(generation, name, context.clone())?);
        }
    }
    let messages = messages::make(&raw.kms, &plan)?;
    raw.share(&plan)?;
    register(&vault)?;
    fs::write(directory.join("raw.snapshot"), vault.snapshot()?)?;

    let vault = plan.builder(plan.clock()).create_in_memory(&plan.passphrase_root()?)?;
    let passphrase = Maker::new("passphrase", &plan, vault.client())?;
    for (name, context) in &plan.contexts {
        cases.push(passphrase.encrypt(0, name, context.clone(), PASSPHRASE_LENGTH)?);
    }
    fs::write(directory.join("passphrase.snapshot"), vault.snapshot()?)?;

    let key_ids = BTreeMap::from([raw.into_name(), passphrase.into_name()]);
    let manifest = Manifest { maker: MAKER.into(), key_ids, cases, messages };
    fs::write(directory.join("manifest.json"), serde_json::to_vec_pretty(&manifest)?)?;
    Ok(())
}

/// Puts entities of another account into the registry, for the reader of the format.
fn register(vault: &Vault) -> Result<()> {
    let arn = |rest: &str| format!("arn:aws:iam::444455556666:{rest}");
    let policy_document = r#"{"Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}}"#.to_string();
    let policies = vec![IamPolicy { policy_name: "decrypt".into(), policy_document: policy_document.clone() }];
    let level = OrganizationLevel { service_control_policies: Some(policies.clone()), ..Default::default() };
    vault.put_iam_entity(&IamEntity { arn: arn("root"), organization: Some(vec![level]), ..Default::default() })?;
    vault.put_iam_entity(&IamEntity { arn: arn("group/Auditors"), policies: Some(policies), ..Default::default() })?;
    vault.put_iam_entity(&IamEntity {
        arn: arn("user/team/Carol"),
        permissions_boundary: Some(policy_document),
        groups: Some(vec!["Auditors".into()]),
        tags: Some(vec![Tag { tag_key: "team".into(), tag_value: "x".into() }]),
        ..Default::default()
    })?;
    Ok(())
}

/// A vault with its one key.
struct Maker<'a> {
    vault: &'static str,
    kms: Kms,
    key_id: String,
    alias: &'a str,
}

impl<'a> Maker<'a> {
    fn new(vault: &'static str, plan: &'a Plan, kms: Kms) -> Result<Self> {
        let request = CreateKeyRequest { description: Some(format!("made by {MAKER}")), ..Default::default() };
        let key_id = kms.create_key(request)?.key_metadata.key_id;
        kms.create_alias(CreateAliasRequest { alias_name: plan.alias.clone(), target_key_id: key_id.clone() })?;
        Ok(Self { vault, kms, key_id, alias: &plan.alias })
    }

    /// Writes down the key policy, which decides as it did, and gives a grant: so that the reader of the
    /// format meets records of every kind.
    fn share(&self, plan: &Plan) -> Result<()> {
        let key_id = || self.key_id.clone();
        let policy = self.kms.get_key_policy(GetKeyPolicyRequest { key_id: key_id(), ..Default::default() })?.policy;
        self.kms.put_key_policy(PutKeyPolicyRequest { key_id: key_id(), policy, ..Default::default() })?;
        let user = |name: &str| Some(format!("arn:aws:iam::{}:user/{name}", plan.account));
        self.kms.create_grant(CreateGrantRequest {
            key_id: key_id(),
            name: Some("reading".into()),
            grantee_principal: user("reader"),
            retiring_principal: user("keeper"),
            operations: vec![GrantOperation::Decrypt, GrantOperation::DescribeKey],
            constraints: Some(GrantConstraints {
                encryption_context_subset: Some([("tenant", "7")].into()),
                ..Default::default()
            }),
            ..Default::default()
        })?;
        Ok(())
    }

    fn into_name(self) -> (String, String) {
        (self.vault.into(), self.key_id)
    }

    fn encrypt(
        &self,
        generation: u32,
        context_name: &str,
        encryption_context: Option<EncryptionContext>,
        length: usize,
    ) -> Result<Case> {
        let plaintext: Vec<u8> = (0..length).map(|at| (31 * at + length).to_le_bytes()[0]).collect();
        let encrypted = self.kms.encrypt(EncryptRequest {
            key_id: self.alias.into(),
            plaintext: plaintext.clone().into(),
            encryption_context,
            ..Default::default()
        })?;
        let described =
            self.kms.describe_key(DescribeKeyRequest { key_id: self.alias.into(), ..Default::default() })?;
        let material = described.key_metadata.current_key_material_id.ok_or("the key has no current material")?;
        let blob = encrypted.ciphertext_blob;
        Ok(self.case("encrypt", generation, context_name, plaintext, blob, material))
    }

    fn data_key(
        &self,
        generation: u32,
        context_name: &str,
        encryption_context: Option<EncryptionContext>,
    ) -> Result<Case> {
        let made = self.kms.generate_data_key(GenerateDataKeyRequest {
            key_id: self.alias.into(),
            encryption_context,
            key_spec: Some(DataKeySpec::Aes256),
            ..Default::default()
        })?;
        let material = made.key_material_id.ok_or("the answer names no material")?;
        let key = made.plaintext.expose().to_vec();
        Ok(self.case("data-key", generation, context_name, key, made.ciphertext_blob, material))
    }

    fn case(
        &self,
        kind: &str,
        generation: u32,
        context: &str,
        plaintext: Vec<u8>,
        blob: Blob,
        material: String,
    ) -> Case {
        Case {
            vault: self.vault.into(),
            kind: kind.into(),
            generation,
            context: context.into(),
            length: plaintext.len(),
            plaintext: Bytes(plaintext),
            blob: Bytes(blob.into_vec()),
            material,
        }
    }
}
