//! What the vault keeps of a custom key store, all but its password or secret key, which have a record of their own
//! (docs/formats.md, "Custom key stores").

use crate::{
    api::{ConnectionErrorCodeType, ConnectionStateType, CustomKeyStoreType, XksProxyConnectivityType},
    clock::Timestamp,
    error::{Echo, ErrorKind},
    key::{AccountId, Region},
};
use alloc::{format, string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// A custom key store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyStoreRecord {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// In milliseconds, as in other records.
    pub(crate) created: i64,
    pub(crate) state: ConnectionStateType,
    /// Why it could not be connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) connection_error: Option<ConnectionErrorCodeType>,
    /// How the cluster refused the password that the store has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password_refusal: Option<ConnectionErrorCodeType>,
    pub(crate) backing: Backing,
}

/// What is behind a custom key store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Backing {
    Cluster(ClusterRecord),
    Proxy(ProxyRecord),
}

/// An AWS CloudHSM cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClusterRecord {
    pub(crate) id: String,
    pub(crate) trust_anchor: String,
}

/// An external key store proxy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProxyRecord {
    pub(crate) connectivity: XksProxyConnectivityType,
    pub(crate) endpoint: String,
    pub(crate) path: String,
    pub(crate) access_key_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service_owner: Option<String>,
}

/// What only one custom key store of an account and Region may have.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// As it stands in the name of a record, before it is hashed.
    pub(crate) what: String,
    /// The error where another one has it.
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
}

/// An endpoint in the form that all of its spellings have: the name of a host has no upper case (RFC 3986, section 6.2.2.1), and may end with
/// the dot of the root. More there is not in an endpoint, neither a port nor a path.
pub(crate) fn same_endpoint(endpoint: &str) -> String {
    endpoint.trim_end_matches('.').to_ascii_lowercase()
}

impl KeyStoreRecord {
    /// One that was never connected.
    pub(crate) fn new(
        id: String,
        name: String,
        (account, region): (AccountId, Region),
        created: Timestamp,
        backing: Backing,
    ) -> Self {
        let state = ConnectionStateType::Disconnected;
        Self {
            id,
            name,
            account,
            region,
            created: created.as_millis(),
            state,
            connection_error: None,
            password_refusal: None,
            backing,
        }
    }

    pub(crate) fn created(&self) -> Timestamp {
        Timestamp::from_millis(self.created)
    }

    pub(crate) fn kind(&self) -> CustomKeyStoreType {
        match self.backing {
            Backing::Cluster(_) => CustomKeyStoreType::AwsCloudhsm,
            Backing::Proxy(_) => CustomKeyStoreType::ExternalKeyStore,
        }
    }

    /// The id of the cluster behind it.
    pub(crate) fn cluster(&self) -> Option<&str> {
        match &self.backing {
            Backing::Cluster(cluster) => Some(&cluster.id),
            Backing::Proxy(_) => None,
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.state == ConnectionStateType::Connected
    }

    /// What no other custom key store of the account and Region may have.
    pub(crate) fn claims(&self) -> Vec<Claim> {
        let claim = |kind, message, what| Claim { what, kind, message };
        let name = &self.name;
        let mut claims = Vec::from([claim(
            ErrorKind::CustomKeyStoreNameInUse,
            format!("The custom key store name '{}' is in use.", Echo(name)),
            format!("name {name}"),
        )]);
        match &self.backing {
            Backing::Cluster(ClusterRecord { id, .. }) => claims.push(claim(
                ErrorKind::CloudHsmClusterInUse,
                format!("The AWS CloudHSM cluster {id} is associated with another custom key store."),
                format!("cluster {id}"),
            )),
            Backing::Proxy(ProxyRecord { endpoint, path, service_name, .. }) => {
                claims.push(claim(
                    ErrorKind::XksProxyUriInUse,
                    format!(
                        "The external key store proxy {endpoint}{path} is associated with another custom key store."
                    ),
                    format!("proxy {}{path}", same_endpoint(endpoint)),
                ));
                claims.extend(service_name.as_ref().map(|service| {
                    claim(
                        ErrorKind::XksProxyVpcEndpointServiceInUse,
                        format!("The VPC endpoint service {service} is associated with another custom key store."),
                        format!("service {service}"),
                    )
                }));
            }
        }
        claims
    }
}
