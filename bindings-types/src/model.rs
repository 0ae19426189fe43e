//! Everything that the operations take and give, collected and in a fixed order.

use pocketkms::{
    ErrorKind,
    api::{self, OperationModel},
    envelope::{AlgorithmSuite, CommitmentPolicy, EcdhCurveSpec, PaddingScheme},
    shape::{Enumeration, Shape, Structure, Type},
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
    /// The enumerations of envelope messages, which no operation of KMS takes.
    pub(crate) message_enumerations: Vec<&'static Enumeration>,
    /// What the methods of branch keys take, which are no operations of KMS either.
    pub(crate) message_requests: Vec<&'static Structure>,
    /// What they answer.
    pub(crate) message_structures: Vec<&'static Structure>,
    /// The kinds of errors, in the order of their codes.
    pub(crate) errors: &'static [ErrorKind],
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
                EcdhCurveSpec::TYPE,
                PaddingScheme::TYPE,
            ]
            .map(enumeration_of)
            .into(),
            message_requests: [
                api::CreateBranchKeyRequest::TYPE,
                api::RotateBranchKeyRequest::TYPE,
                api::RewrapBranchKeysRequest::TYPE,
                api::DescribeBranchKeyRequest::TYPE,
                api::ListBranchKeysRequest::TYPE,
            ]
            .map(structure_of)
            .into(),
            message_structures: [
                api::BranchKeyMetadata::TYPE,
                api::ListBranchKeysResponse::TYPE,
                api::RewrapBranchKeysResponse::TYPE,
            ]
            .map(structure_of)
            .into(),
            errors: ErrorKind::ALL,
        };
        for operation in operations {
            request_of(operation).members.iter().for_each(|member| model.add(member.shape));
            model.add(operation.response);
        }
        model
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

/// The request of an operation.
pub(crate) fn request_of(operation: &OperationModel) -> &'static Structure {
    match operation.request {
        Type::Structure(request) => request,
        other => unreachable!("the core's macro makes structures of requests, not {other:?}"),
    }
}

fn structure_of(shape: Type) -> &'static Structure {
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
