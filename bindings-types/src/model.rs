//! Everything that the operations take and give, collected and in a fixed order.

use pocketkms::{
    Argon2Cost, ClockTrust, ErrorCategory, ErrorKind, RecoveryKey, RootKeyInfo, RootKeyKind,
    api::{self, OperationModel, OwnOperationModel},
    envelope::{
        AlgorithmSuite, CacheOptions, CommitmentPolicy, ContentType, DecryptOptions, Decrypted, DiscoveryFilter,
        EcdhCurveSpec, EncryptOptions, Encrypted, EncryptedDataKey, KmsDiscoveryOptions, KmsKeyringOptions,
        MessageClientOptions, MessageHeader, MessageInfo, PaddingScheme, RangeOptions, ReencryptOptions,
        RewrapBatchOptions, RewrapOptions, SidecarInfo, WrappingKey,
    },
    shape::{Enumeration, Member, Shape, Structure, Type},
};

/// What there is to generate.
pub(crate) struct Model {
    /// The operations, in the core's order.
    pub(crate) operations: &'static [OperationModel],
    /// The requests, one per operation.
    pub(crate) requests: Vec<&'static Structure>,
    /// The responses and the structures inside of requests and responses, each after those that it is made of.
    pub(crate) structures: Vec<&'static Structure>,
    /// The enumerations.
    pub(crate) enumerations: Vec<&'static Enumeration>,
    /// The enumerations of envelope messages and root keys, which no operation of KMS takes.
    pub(crate) message_enumerations: Vec<&'static Enumeration>,
    /// The methods of branch keys, which are no operations of KMS either.
    pub(crate) branch_keys: &'static [OwnOperationModel],
    /// Those of parcels.
    pub(crate) parcels: &'static [OwnOperationModel],
    /// What a vault's registry of principals takes.
    pub(crate) message_requests: Vec<&'static Structure>,
    /// What calls of messages are given, beside their options.
    pub(crate) given: Vec<&'static Structure>,
    /// What that answers, what is known of root keys, and what messages are made of.
    pub(crate) message_structures: Vec<&'static Structure>,
    /// The options of the calls of messages, and of what makes them, for languages with named arguments.
    pub(crate) options: Vec<Options>,
    /// The kinds of errors, in the order of their codes.
    pub(crate) errors: &'static [ErrorKind],
}

/// The options of a call.
pub(crate) struct Options {
    /// Their name, which is that of the structure unless only some of its members are meant.
    pub(crate) name: &'static str,
    /// What describes them.
    pub(crate) structure: &'static Structure,
    /// Whether they are for a stream.
    pub(crate) streams: bool,
}

impl Options {
    fn of(name: &'static str, shape: Type) -> Self {
        Self { name, structure: structure_of(shape), streams: false }
    }

    /// The members, those of flattened structures among them.
    pub(crate) fn members(&self) -> impl Iterator<Item = &'static Member> + use<> {
        self.structure.offered(self.streams)
    }
}

fn options() -> Vec<Options> {
    vec![
        Options::of("EncryptOptions", EncryptOptions::TYPE),
        Options { streams: true, ..Options::of("EncryptStreamOptions", EncryptOptions::TYPE) },
        Options::of("DecryptOptions", DecryptOptions::TYPE),
        Options { streams: true, ..Options::of("DecryptStreamOptions", DecryptOptions::TYPE) },
        Options::of("ReencryptOptions", ReencryptOptions::TYPE),
        Options::of("RewrapOptions", RewrapOptions::TYPE),
        Options::of("RewrapBatchOptions", RewrapBatchOptions::TYPE),
        Options::of("RangeReaderOptions", RangeOptions::TYPE),
        Options::of("MessageClientOptions", MessageClientOptions::TYPE),
        Options::of("CacheOptions", CacheOptions::TYPE),
        Options::of("KmsKeyringOptions", KmsKeyringOptions::TYPE),
        Options::of("KmsDiscoveryOptions", KmsDiscoveryOptions::TYPE),
    ]
}

impl Model {
    /// Everything that can be reached from the operations of the core.
    pub(crate) fn of_the_core() -> Self {
        let operations = api::model();
        let mut model = Self {
            operations,
            requests: operations.iter().map(request_of).collect(),
            structures: Vec::new(),
            enumerations: Vec::new(),
            message_enumerations: [
                AlgorithmSuite::TYPE,
                CommitmentPolicy::TYPE,
                ContentType::TYPE,
                EcdhCurveSpec::TYPE,
                PaddingScheme::TYPE,
                RootKeyKind::TYPE,
                ClockTrust::TYPE,
                ErrorCategory::TYPE,
                api::BillItem::TYPE,
            ]
            .map(enumeration_of)
            .into(),
            branch_keys: api::branch_key_model(),
            parcels: api::parcel_model(),
            message_requests: [
                api::ListIamEntitiesRequest::TYPE,
                api::SimulateRequest::TYPE,
                api::AssumeRoleRequest::TYPE,
                api::LookupEventsRequest::TYPE,
                api::BillRequest::TYPE,
                api::EstimateRequest::TYPE,
            ]
            .map(structure_of)
            .into(),
            given: vec![structure_of(DiscoveryFilter::TYPE)],
            message_structures: [
                api::IamPolicy::TYPE,
                api::OrganizationLevel::TYPE,
                api::IamEntity::TYPE,
                api::ListIamEntitiesResponse::TYPE,
                api::ContextEntry::TYPE,
                api::SessionContext::TYPE,
                api::SimulateResponse::TYPE,
                api::RequestQuota::TYPE,
                api::ResourceQuotas::TYPE,
                api::AuditEvent::TYPE,
                api::LookupEventsResponse::TYPE,
                api::PriceList::TYPE,
                api::EstimatedKeys::TYPE,
                api::BillLine::TYPE,
                api::BillUsage::TYPE,
                api::Bill::TYPE,
                Argon2Cost::TYPE,
                RootKeyInfo::TYPE,
                RecoveryKey::TYPE,
                EncryptedDataKey::TYPE,
                MessageHeader::TYPE,
                Encrypted::TYPE,
                Decrypted::TYPE,
                WrappingKey::TYPE,
                MessageInfo::TYPE,
                SidecarInfo::TYPE,
            ]
            .map(structure_of)
            .into(),
            options: options(),
            errors: ErrorKind::ALL,
        };
        for operation in operations {
            request_of(operation).members.iter().for_each(|member| model.add(member.shape));
            model.add(operation.response);
        }
        for operation in model.own_operations() {
            structure_of(operation.request).members.iter().for_each(|member| model.add(member.shape));
            model.add(operation.response);
        }
        model
    }

    /// The methods of a client that are no operations of KMS.
    pub(crate) fn own_operations(&self) -> impl Iterator<Item = &'static OwnOperationModel> + use<> {
        self.branch_keys.iter().chain(self.parcels)
    }

    fn add(&mut self, shape: Type) {
        match shape {
            Type::List(item) => self.add(*item),
            Type::Structure(structure) if !self.structures.contains(&structure) => {
                structure.members.iter().for_each(|member| self.add(member.shape));
                self.structures.push(structure);
            }
            Type::Enumeration(enumeration) if !self.enumerations.contains(&enumeration) => {
                self.enumerations.push(enumeration);
            }
            _ => {}
        }
    }

    /// Requests and structures.
    pub(crate) fn all_structures(&self) -> impl Iterator<Item = &'static Structure> {
        self.requests.iter().chain(&self.structures).copied()
    }
}

/// The exceptions that an operation answers with: its own, and those of every operation.
pub(crate) fn errors_of(operation: &OperationModel) -> impl Iterator<Item = ErrorKind> {
    let docs = operation.operation.docs();
    docs.errors.iter().chain(docs.common_errors).copied()
}

/// The request of an operation.
pub(crate) fn request_of(operation: &OperationModel) -> &'static Structure {
    match operation.request {
        Type::Structure(request) => request,
        other => unreachable!("the core's macro makes structures of requests, not {other:?}"),
    }
}

pub(crate) fn structure_of(shape: Type) -> &'static Structure {
    match shape {
        Type::Structure(structure) => structure,
        other => unreachable!("the core's macro makes structures of responses, not {other:?}"),
    }
}

fn enumeration_of(shape: Type) -> &'static Enumeration {
    match shape {
        Type::Enumeration(enumeration) => enumeration,
        other => unreachable!("the core's macro makes enumerations of names, not {other:?}"),
    }
}
