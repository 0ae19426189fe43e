//! `CreateCustomKeyStore`, `UpdateCustomKeyStore`: what a custom key store is made of, and what can be changed of it.

use super::{
    Execute, cluster_keys, external_keys,
    own_key_stores::{check_cluster, find, in_state, put, put_secret, refused, release, secret_of, take},
    quotas::quota,
    target::account_permit,
    validate::{invalid, missing},
};
use crate::{
    access::{AccountPermit, Caller, Question},
    api::{
        ConnectionStateType, CreateCustomKeyStoreRequest, CreateCustomKeyStoreResponse, CustomKeyStoreType, Request,
        UpdateCustomKeyStoreRequest, XksProxyConnectivityType,
    },
    error::{Error, ErrorKind, Result},
    key_store::{Backing, Claim, ClusterErrorKind, ClusterRecord, KeyStoreRecord, ProxyRecord, same_endpoint},
    secret::{Secret, SecretText},
    store::{RecordName, Transaction},
};
use alloc::{
    format,
    string::{String, ToString},
};

/// How many custom key stores an account has in a Region at most (AWS KMS Developer Guide, "Resource quotas").
const MOST: u32 = 10;

fn bytes_of(text: &SecretText) -> Secret {
    Secret::copy_of(text.expose().as_bytes())
}

/// Refuses a member that a custom key store of the type does not have.
fn unless_given(kind: CustomKeyStoreType, given: &[(&str, bool)]) -> Result<()> {
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((member, _)) => Err(invalid(format!("{member} is not valid for the custom key store type {kind}."))),
        None => Ok(()),
    }
}

impl CreateCustomKeyStoreRequest {
    /// What is behind the store, and its password or secret key.
    fn backing(&self, caller: &Caller) -> Result<(Backing, Secret)> {
        let kind = self.custom_key_store_type.unwrap_or(CustomKeyStoreType::AwsCloudhsm);
        match kind {
            CustomKeyStoreType::AwsCloudhsm => {
                unless_given(
                    kind,
                    &[
                        ("XksProxyUriEndpoint", self.xks_proxy_uri_endpoint.is_some()),
                        ("XksProxyUriPath", self.xks_proxy_uri_path.is_some()),
                        ("XksProxyVpcEndpointServiceName", self.xks_proxy_vpc_endpoint_service_name.is_some()),
                        ("XksProxyVpcEndpointServiceOwner", self.xks_proxy_vpc_endpoint_service_owner.is_some()),
                        ("XksProxyAuthenticationCredential", self.xks_proxy_authentication_credential.is_some()),
                        ("XksProxyConnectivity", self.xks_proxy_connectivity.is_some()),
                    ],
                )?;
                let id = self.cloud_hsm_cluster_id.clone().ok_or_else(|| missing("cloudHsmClusterId"))?;
                let trust_anchor =
                    self.trust_anchor_certificate.clone().ok_or_else(|| missing("trustAnchorCertificate"))?;
                let password = self.key_store_password.as_ref().ok_or_else(|| missing("keyStorePassword"))?;
                Ok((Backing::Cluster(ClusterRecord { id, trust_anchor }), bytes_of(password)))
            }
            CustomKeyStoreType::ExternalKeyStore => {
                unless_given(
                    kind,
                    &[
                        ("CloudHsmClusterId", self.cloud_hsm_cluster_id.is_some()),
                        ("TrustAnchorCertificate", self.trust_anchor_certificate.is_some()),
                        ("KeyStorePassword", self.key_store_password.is_some()),
                    ],
                )?;
                let endpoint = self.xks_proxy_uri_endpoint.clone().ok_or_else(|| missing("xksProxyUriEndpoint"))?;
                let path = self.xks_proxy_uri_path.clone().ok_or_else(|| missing("xksProxyUriPath"))?;
                let credential = self.xks_proxy_authentication_credential.as_ref();
                let credential = credential.ok_or_else(|| missing("xksProxyAuthenticationCredential"))?;
                let proxy = ProxyRecord {
                    connectivity: self.xks_proxy_connectivity.ok_or_else(|| missing("xksProxyConnectivity"))?,
                    endpoint,
                    path,
                    access_key_id: credential.access_key_id.expose().into(),
                    service_name: self.xks_proxy_vpc_endpoint_service_name.clone(),
                    service_owner: self.xks_proxy_vpc_endpoint_service_owner.clone(),
                };
                let proxy = with_service(proxy, caller)?;
                Ok((Backing::Proxy(proxy), bytes_of(&credential.raw_secret_access_key)))
            }
        }
    }
}

/// The proxy, if its Amazon VPC endpoint service goes with its connectivity.
fn with_service(proxy: ProxyRecord, caller: &Caller) -> Result<ProxyRecord> {
    match proxy.connectivity {
        XksProxyConnectivityType::PublicEndpoint if proxy.service_name.is_some() || proxy.service_owner.is_some() => {
            Err(invalid("A VPC endpoint service is valid only for the XksProxyConnectivity VPC_ENDPOINT_SERVICE."))
        }
        XksProxyConnectivityType::VpcEndpointService if proxy.service_name.is_none() => {
            Err(missing("xksProxyVpcEndpointServiceName"))
        }
        // "If not provided, the Amazon Web Services account ID calling the action will be used" (XksProxyVpcEndpointServiceOwner).
        XksProxyConnectivityType::VpcEndpointService if proxy.service_owner.is_none() => {
            Ok(ProxyRecord { service_owner: Some(caller.account().to_string()), ..proxy })
        }
        _ => Ok(proxy),
    }
}

/// Refuses an endpoint that others have in a way which does not go with this: "An external key store with `PUBLIC_ENDPOINT`
/// connectivity cannot use the same `XksProxyUriEndpoint` value as an external key store with `VPC_ENDPOINT_SERVICE` connectivity […].
/// Each external key store with `VPC_ENDPOINT_SERVICE` connectivity must have its own private DNS name" (`XksProxyUriEndpoint`).
fn check_endpoint(transaction: &mut Transaction<'_>, store: &KeyStoreRecord, proxy: &ProxyRecord) -> Result<()> {
    transaction.rest_on_everything();
    let endpoint = same_endpoint(&proxy.endpoint);
    let is_private = |proxy: &ProxyRecord| proxy.connectivity == XksProxyConnectivityType::VpcEndpointService;
    let clashes = |other: &KeyStoreRecord| match &other.backing {
        Backing::Proxy(there) => {
            other.id != store.id
                && same_endpoint(&there.endpoint) == endpoint
                && (is_private(there) || is_private(proxy))
        }
        Backing::Cluster(_) => false,
    };
    let prefix = RecordName::key_stores(&store.account, &store.region);
    if transaction.list(&prefix, None, 1, clashes)?.is_empty() {
        return Ok(());
    }
    let message = format!("The endpoint {} is associated with another custom key store.", proxy.endpoint);
    Err(Error::new(ErrorKind::XksProxyUriEndpointInUse, message))
}

/// Certificates are the same whatever ends their lines.
fn is_same_certificate(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

/// Refuses a cluster that is not there, or has another trust anchor.
fn check_behind(
    transaction: &mut Transaction<'_>,
    store: &KeyStoreRecord,
    behind: &ClusterRecord,
    unrelated: ErrorKind,
) -> Result<()> {
    let described = match cluster_keys::describe(transaction, store, &behind.id)? {
        Ok(described) => described,
        Err(error) => {
            check_cluster(Err(&error))?;
            let kind = match error.kind() {
                ClusterErrorKind::NotFound => ErrorKind::CloudHsmClusterNotFound,
                _ => ErrorKind::CloudHsmClusterInvalidConfiguration,
            };
            return Err(refused(kind, &error));
        }
    };
    match &described.trust_anchor_certificate {
        Some(certificate) if !is_same_certificate(certificate, &behind.trust_anchor) => {
            let message =
                format!("The trust anchor certificate is not that of the AWS CloudHSM cluster {}.", behind.id);
            Err(Error::new(unrelated, message))
        }
        _ => Ok(()),
    }
}

fn check_count(transaction: &mut Transaction<'_>, permit: &AccountPermit<'_>) -> Result<()> {
    transaction.rest_on_everything();
    let most = quota(transaction, |quotas| quotas.custom_key_stores, MOST);
    let mut count = 0_u32;
    for name in transaction.names(&RecordName::key_stores(permit.account(), permit.region())) {
        name?;
        count = count.saturating_add(1);
    }
    if count < most {
        return Ok(());
    }
    let region = permit.region();
    Err(Error::new(
        ErrorKind::LimitExceeded,
        format!("The account can have at most {most} custom key stores in {region}."),
    ))
}

impl Execute for CreateCustomKeyStoreRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<CreateCustomKeyStoreResponse> {
        let (backing, secret) = self.backing(caller)?;
        let permit = account_permit(transaction, &Question::new(caller, Self::OPERATION))?;
        check_count(transaction, &permit)?;
        let mut bytes = [0; 9];
        transaction.draw_id(&mut bytes)?;
        let digits = hex::encode(bytes);
        let id = ["cks-", digits.get(..17).unwrap_or_default()].concat();
        let place = (permit.account().clone(), permit.region().clone());
        let name = self.custom_key_store_name.clone();
        let store = KeyStoreRecord::new(id, name, place, transaction.now(), backing);
        for claim in store.claims() {
            take(transaction, &store, claim)?;
        }
        match &store.backing {
            Backing::Cluster(behind) => check_behind(transaction, &store, behind, ErrorKind::IncorrectTrustAnchor)?,
            Backing::Proxy(proxy) => {
                check_endpoint(transaction, &store, proxy)?;
                if proxy.connectivity == XksProxyConnectivityType::PublicEndpoint {
                    external_keys::check_proxy(transaction, caller, Self::OPERATION, proxy, &secret)?;
                }
            }
        }
        put_secret(transaction, &store, secret)?;
        transaction.note(&RecordName::key_store(&store.account, &store.region, &store.id))?;
        put(transaction, &store)?;
        Ok(CreateCustomKeyStoreResponse { custom_key_store_id: store.id })
    }
}

impl UpdateCustomKeyStoreRequest {
    /// Refuses what the store's type does not have, and what its state does not allow.
    fn check(&self, store: &KeyStoreRecord) -> Result<()> {
        let kind = store.kind();
        // Those that can be changed while the store is connected, beside the name, come first.
        let of_proxy = [
            ("XksProxyUriPath", self.xks_proxy_uri_path.is_some()),
            ("XksProxyAuthenticationCredential", self.xks_proxy_authentication_credential.is_some()),
            ("XksProxyUriEndpoint", self.xks_proxy_uri_endpoint.is_some()),
            ("XksProxyVpcEndpointServiceName", self.xks_proxy_vpc_endpoint_service_name.is_some()),
            ("XksProxyVpcEndpointServiceOwner", self.xks_proxy_vpc_endpoint_service_owner.is_some()),
            ("XksProxyConnectivity", self.xks_proxy_connectivity.is_some()),
        ];
        let of_cluster = [
            ("KeyStorePassword", self.key_store_password.is_some()),
            ("CloudHsmClusterId", self.cloud_hsm_cluster_id.is_some()),
        ];
        let mut needs_disconnected = match kind {
            CustomKeyStoreType::AwsCloudhsm => {
                unless_given(kind, &of_proxy)?;
                of_cluster.iter()
            }
            CustomKeyStoreType::ExternalKeyStore => {
                unless_given(kind, &of_cluster)?;
                of_proxy.get(2..).unwrap_or_default().iter()
            }
        };
        let is_allowed = match store.state {
            ConnectionStateType::Disconnected => true,
            ConnectionStateType::Connected => !needs_disconnected.any(|(_, is_given)| *is_given),
            _ => false,
        };
        if is_allowed {
            Ok(())
        } else {
            Err(in_state(store).explain("disconnect it with DisconnectCustomKeyStore first"))
        }
    }

    /// The proxy as it is to be.
    fn proxy(&self, before: &ProxyRecord, caller: &Caller) -> Result<ProxyRecord> {
        let new = |given: &Option<String>, before: &String| given.as_ref().unwrap_or(before).clone();
        let connectivity = self.xks_proxy_connectivity.unwrap_or(before.connectivity);
        if connectivity != before.connectivity && self.xks_proxy_uri_endpoint.is_none() {
            // "If you change the XksProxyConnectivity […], you must also change the XksProxyUriEndpoint".
            return Err(missing("xksProxyUriEndpoint"));
        }
        let is_public = connectivity == XksProxyConnectivityType::PublicEndpoint;
        let kept = |given: &Option<String>, before: &Option<String>| {
            given.clone().or_else(|| before.clone().filter(|_| !is_public))
        };
        let credential = self.xks_proxy_authentication_credential.as_ref();
        let access_key_id = credential.map(|credential| credential.access_key_id.expose().into());
        let proxy = ProxyRecord {
            connectivity,
            endpoint: new(&self.xks_proxy_uri_endpoint, &before.endpoint),
            path: new(&self.xks_proxy_uri_path, &before.path),
            access_key_id: access_key_id.unwrap_or_else(|| before.access_key_id.clone()),
            service_name: kept(&self.xks_proxy_vpc_endpoint_service_name, &before.service_name),
            service_owner: kept(&self.xks_proxy_vpc_endpoint_service_owner, &before.service_owner),
        };
        with_service(proxy, caller)
    }
}

impl Execute for UpdateCustomKeyStoreRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let permit = account_permit(transaction, &Question::new(caller, Self::OPERATION))?;
        let before = find(transaction, &permit, &self.custom_key_store_id)?;
        self.check(&before)?;
        let backing = match &before.backing {
            Backing::Cluster(behind) => Backing::Cluster(ClusterRecord {
                id: self.cloud_hsm_cluster_id.as_ref().unwrap_or(&behind.id).clone(),
                trust_anchor: behind.trust_anchor.clone(),
            }),
            Backing::Proxy(proxy) => Backing::Proxy(self.proxy(proxy, caller)?),
        };
        let name = self.new_custom_key_store_name.as_ref().unwrap_or(&before.name).clone();
        // Another password has not been refused, nor has any by another cluster.
        let is_same = self.key_store_password.is_none() && backing == before.backing;
        let password_refusal = before.password_refusal.filter(|_| is_same);
        let store = KeyStoreRecord { name, password_refusal, backing, ..KeyStoreRecord::clone(&before) };
        let (old, new) = (before.claims(), store.claims());
        let has = |claims: &[Claim], claim: &Claim| claims.iter().any(|other| other.what == claim.what);
        for claim in old.iter().filter(|claim| !has(&new, claim)) {
            release(transaction, &store, claim)?;
        }
        for claim in new.iter().filter(|claim| !has(&old, claim)) {
            take(transaction, &store, claim.clone())?;
        }
        let secret = self.secret();
        self.check_backing(transaction, caller, (&before, &store), secret.as_ref())?;
        if let Some(secret) = secret {
            put_secret(transaction, &store, secret)?;
        }
        put(transaction, &store)
    }
}

impl UpdateCustomKeyStoreRequest {
    /// The password or secret key as it is to be, where it changes.
    fn secret(&self) -> Option<Secret> {
        let credential = self.xks_proxy_authentication_credential.as_ref();
        let secret = credential.map(|credential| &credential.raw_secret_access_key);
        secret.or(self.key_store_password.as_ref()).map(bytes_of)
    }

    /// Refuses what is behind the store as it is to be, where that changes.
    fn check_backing(
        &self,
        transaction: &mut Transaction<'_>,
        caller: &Caller,
        (before, store): (&KeyStoreRecord, &KeyStoreRecord),
        secret: Option<&Secret>,
    ) -> Result<()> {
        match &store.backing {
            Backing::Cluster(behind) if self.cloud_hsm_cluster_id.is_some() => {
                check_behind(transaction, store, behind, ErrorKind::CloudHsmClusterNotRelated)
            }
            Backing::Proxy(proxy) if before.backing != store.backing || secret.is_some() => {
                check_endpoint(transaction, store, proxy)?;
                if proxy.connectivity != XksProxyConnectivityType::PublicEndpoint {
                    return Ok(());
                }
                if let Some(secret) = secret {
                    return external_keys::check_proxy(transaction, caller, Self::OPERATION, proxy, secret);
                }
                let secret = secret_of(transaction, store)?;
                external_keys::check_proxy(transaction, caller, Self::OPERATION, proxy, &secret)
            }
            _ => Ok(()),
        }
    }
}
