//! The worked cases again (tests/policies/decisions.json), end to end: principals in the registry, policies and grants put by their
//! operations, and the question put to the vault; calls themselves, where the action is one call.

use super::decisions::{Case, cases, simulation};
use pocketkms::{
    Caller, ErrorKind, ManualClock, Timestamp, Vault,
    api::*,
    policies::{SimulatedGrant, SimulatedKey, Simulation},
};
use pocketkms_tests::vault::{START, error, root};
use std::collections::{BTreeMap, BTreeSet};

const OWNER: &str = "111122223333";

fn policy(name: usize, document: &str) -> IamPolicy {
    IamPolicy { policy_name: format!("p{name}"), policy_document: document.into() }
}

fn policies(documents: &[String]) -> Vec<IamPolicy> {
    documents.iter().enumerate().map(|(at, document)| policy(at, document)).collect()
}

fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).expect("an account")
}

/// What the registry keeps, by ARN, so that the caller is known, and everyone else the cases name.
fn entities(simulation: &Simulation) -> BTreeMap<String, IamEntity> {
    let names = [
        "iam::111122223333:user/alice",
        "iam::111122223333:user/bob",
        "iam::444455556666:user/carol",
        "iam::111122223333:role/app",
    ];
    let mut entities: BTreeMap<String, IamEntity> = BTreeMap::new();
    let mut add = |entity: IamEntity| entities.insert(entity.arn.clone(), entity);
    for name in names {
        add(IamEntity { arn: format!("arn:aws:{name}"), ..Default::default() });
    }
    // An AWS service has no policies of its own.
    let caller = if is_service(simulation) { "arn:aws:iam::111122223333:root" } else { simulation.principal.as_str() };
    let account = |account: &str| format!("arn:aws:iam::{account}:root");
    let own = account(account_of(caller));
    let holder = match caller.split_once(":assumed-role/") {
        Some((_, rest)) => {
            format!("arn:aws:iam::{}:role/{}", account_of(caller), rest.split('/').next().expect("a role"))
        }
        None => caller.to_string(),
    };
    if holder != own {
        add(IamEntity {
            arn: holder,
            policies: Some(policies(&simulation.identity_policies)),
            permissions_boundary: simulation.permissions_boundary.clone(),
            ..Default::default()
        });
    }
    let level = |service: Option<&Vec<String>>, resource: Option<&Vec<String>>| OrganizationLevel {
        service_control_policies: service.map(|documents| policies(documents)),
        resource_control_policies: resource.map(|documents| policies(documents)),
    };
    for of in BTreeSet::from([own.clone(), account(OWNER)]) {
        let service = simulation.service_control_policies.iter().filter(|_| of == own);
        let resource = simulation.resource_control_policies.iter().filter(|_| of == account(OWNER));
        let levels =
            service.map(|one| level(Some(one), None)).chain(resource.map(|one| level(None, Some(one)))).collect();
        add(IamEntity { arn: of, organization: Some(levels), ..Default::default() });
    }
    entities
}

fn entry(key: &str, values: &[String]) -> ContextEntry {
    ContextEntry { context_key_name: key.into(), context_key_values: values.to_vec() }
}

/// What is true of the session, and what of the call.
fn stated(simulation: &Simulation) -> (SessionContext, Vec<ContextEntry>) {
    let mut session = SessionContext {
        policies: (!simulation.session_policies.is_empty()).then(|| simulation.session_policies.clone()),
        vpc_endpoint_policy: simulation.endpoint_policy.clone(),
        ..Default::default()
    };
    let (mut of_session, mut of_call) = (Vec::new(), Vec::new());
    for (key, values) in &simulation.context {
        match key.as_str() {
            "kms:ViaService" => session.via_service = values.first().cloned(),
            key if key.starts_with("aws:") => of_session.push(entry(key, values)),
            key => of_call.push(entry(key, values)),
        }
    }
    session.context = Some(of_session);
    (session, of_call)
}

struct Played {
    vault: Vault,
    clock: ManualClock,
    ciphertext: Option<Blob>,
    /// The tokens of the grants, by the ids that the case has.
    tokens: BTreeMap<String, String>,
}

impl Played {
    fn new(simulation: &Simulation) -> Self {
        let clock = ManualClock::new(START);
        let owner = Caller::root(OWNER, "us-east-1").expect("an account");
        let vault = Vault::builder().clock(clock.clone()).caller(owner).create_in_memory(&root()).expect("a vault");
        // One case has a key with more aliases than AWS lets it have.
        let quotas = ResourceQuotas { aliases_per_key: Some(100), ..Default::default() };
        vault.set_resource_quotas(Some(&quotas)).expect("quotas");
        let mut played = Self { vault, clock, ciphertext: None, tokens: BTreeMap::new() };
        if let Some(key) = &simulation.key {
            played.key(key, simulation);
        }
        let entities = entities(simulation);
        for entity in entities.values() {
            played.vault.put_iam_entity(entity).unwrap_or_else(|error| panic!("{}: {}", entity.arn, error.report()));
        }
        if !simulation.grants.is_empty() || simulation.time != Timestamp::default() {
            played.clock.set(simulation.time);
        }
        played
    }

    /// Before anybody is registered, and so with any principals in policies.
    fn key(&mut self, key: &SimulatedKey, simulation: &Simulation) {
        let kms = self.vault.client();
        let id = key.arn.rsplit('/').next().expect("an id");
        let tag =
            |(tag_key, tag_value): (&String, &String)| Tag { tag_key: tag_key.clone(), tag_value: tag_value.clone() };
        let tags = (!key.tags.is_empty()).then(|| key.tags.iter().map(tag).collect());
        let request = CreateKeyRequest { tags, ..Default::default() };
        self.vault.create_fixed_key(self.vault.caller(), Some(id), None, &request).expect("a key");
        // A call that names the key by an alias needs one.
        let named_by = simulation.context.get("kms:RequestAlias").into_iter().flatten();
        for alias in key.aliases.iter().chain(named_by).collect::<BTreeSet<_>>() {
            let request = CreateAliasRequest { alias_name: alias.clone(), target_key_id: id.into() };
            kms.create_alias(request).expect("an alias");
        }
        let request = EncryptRequest {
            key_id: id.into(),
            plaintext: vec![1].into(),
            encryption_context: simulation.encryption_context.clone(),
            ..Default::default()
        };
        self.ciphertext = Some(kms.encrypt(request).expect("encrypted").ciphertext_blob);
        for grant in &simulation.grants {
            let SimulatedGrant { grant_id, grantee_principal, operations, effective, .. } = grant;
            // In effect from its date on, which may still come: made a minute before, with a delay of a minute.
            self.clock.set(Timestamp::from_millis(effective.as_millis() - 60_000));
            self.vault.set_grant_delay(60).expect("a delay");
            let operation = |name: &String| {
                GrantOperation::ALL
                    .iter()
                    .copied()
                    .find(|one| one.as_str() == name.trim_start_matches("kms:"))
                    .expect("an operation of grants")
            };
            let made = kms.create_grant(CreateGrantRequest {
                key_id: id.into(),
                grantee_principal: Some(grantee_principal.clone()),
                operations: operations.iter().map(operation).collect(),
                constraints: Some(GrantConstraints {
                    encryption_context_equals: grant.encryption_context_equals.clone(),
                    encryption_context_subset: grant.encryption_context_subset.clone(),
                    ..Default::default()
                }),
                ..Default::default()
            });
            self.tokens.insert(grant_id.clone(), made.expect("a grant").grant_token);
        }
        if let Some(policy) = &simulation.key_policy {
            let request = PutKeyPolicyRequest {
                key_id: id.into(),
                policy: policy.clone(),
                bypass_policy_lockout_safety_check: Some(true),
                ..Default::default()
            };
            kms.put_key_policy(request).expect("a policy");
        }
    }
}

fn is_service(simulation: &Simulation) -> bool {
    !simulation.principal.starts_with("arn:")
}

#[test]
fn every_case_is_decided_alike_by_a_vault() {
    let (mut wrong, mut played_cases, mut calls) = (Vec::new(), 0, 0);
    for Case { name: case, simulate, allowed, because, .. } in cases() {
        let simulation = simulation(simulate, &case);
        played_cases += 1;
        let played = Played::new(&simulation);
        let (session, of_call) = stated(&simulation);
        let caller = Caller::root(OWNER, "us-east-1").expect("an account");
        let caller =
            caller.with(None, None, Some(&simulation.principal)).and_then(|caller| caller.with_session(session));
        let caller = caller.unwrap_or_else(|error| panic!("{case}: {}", error.report()));
        let tokens: Vec<String> =
            simulation.grant_tokens.iter().map(|id| played.tokens.get(id).expect("a grant").clone()).collect();
        let asked_by = of_call.iter().find(|one| one.context_key_name == "kms:RequestAlias");
        let alias = asked_by.and_then(|one| one.context_key_values.first()).cloned();
        let request = SimulateRequest {
            action: simulation.action.clone(),
            key_id: simulation.key.as_ref().map(|key| key.arn.clone()),
            alias_name: simulation.alias.as_ref().map(|arn| arn.rsplit(':').next().expect("a name").into()),
            encryption_context: simulation.encryption_context.clone(),
            grant_tokens: Some(tokens.clone()),
            context: Some(of_call.clone()),
        };
        let simulated =
            played.vault.simulate(&caller, &request).unwrap_or_else(|error| panic!("{case}: {}", error.report()));
        let message = simulated.message.as_deref().unwrap_or_default();
        if simulated.allowed != allowed || because.as_deref().is_some_and(|because| !message.ends_with(because)) {
            wrong.push(format!("{case}: {simulated:#?}"));
        }
        if simulation.action != "kms:Decrypt" || of_call.len() > usize::from(alias.is_some()) {
            continue;
        }
        calls += 1;
        let key = simulation.key.expect("a key").arn;
        let alias = alias.map(|alias| format!("{}:{alias}", key.split(":key/").next().expect("a place")));
        let decrypted = played.vault.client_as(caller).decrypt(DecryptRequest {
            ciphertext_blob: played.ciphertext,
            key_id: Some(alias.unwrap_or(key)),
            encryption_context: simulation.encryption_context,
            grant_tokens: Some(tokens),
            ..Default::default()
        });
        let answered = decrypted.map(drop).map_err(|failed| (failed.kind(), failed.report()));
        let as_expected = match &answered {
            Ok(()) => allowed,
            Err((kind, _)) => !allowed && *kind == ErrorKind::AccessDenied,
        };
        if !as_expected {
            wrong.push(format!("{case}: the call: {answered:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((played_cases, calls), (112, 90), "or some were left out");
}

#[test]
fn a_simulation_is_refused_what_a_caller_could_not_bring() {
    let clock = ManualClock::new(START);
    let vault = Vault::builder().clock(clock).create_in_memory(&root()).expect("a vault");
    let key = vault.client().create_key(CreateKeyRequest::default()).expect("a key").key_metadata.key_id;
    let ask = |request: SimulateRequest| vault.simulate(vault.caller(), &request);
    let decrypt = || SimulateRequest { action: "kms:Decrypt".into(), key_id: Some(key.clone()), ..Default::default() };
    assert!(ask(decrypt()).expect("an answer").allowed);
    let with = |name: &str| SimulateRequest { context: Some(vec![entry(name, &["x".to_string()])]), ..decrypt() };
    for request in [
        SimulateRequest { action: "kms:Nothing".into(), ..decrypt() },
        SimulateRequest { action: "kms:RetireGrant".into(), ..decrypt() },
        SimulateRequest { action: "kms:CreateKey".into(), ..decrypt() },
        SimulateRequest { key_id: None, ..decrypt() },
        SimulateRequest { alias_name: Some("alias/x".into()), ..decrypt() },
        with("kms:KeySpec"),
        with("kms:ViaService"),
        with("aws:PrincipalArn"),
        with("aws:SourceIp"),
    ] {
        assert_eq!(error(ask(request.clone())).kind(), ErrorKind::Validation, "{request:?}");
    }
    let gone = SimulateRequest { key_id: Some("1234abcd-12ab-34cd-56ef-1234567890ab".into()), ..decrypt() };
    assert_eq!(error(ask(gone)).kind(), ErrorKind::NotFound);
}
