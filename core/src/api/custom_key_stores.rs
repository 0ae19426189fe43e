//! Custom key stores: KMS keys whose material is in an AWS CloudHSM cluster, or in a key manager outside of AWS.

use super::limits::{CUSTOM_KEY_STORE_ID, MARKER};
use crate::{
    clock::Timestamp,
    secret::SecretText,
    shape::{Limits, Pattern, enumerations, structures},
};
use alloc::{string::String, vec::Vec};

const NAME: Limits = Limits::length(1, 256);
const CLUSTER_ID: Limits = Limits::length(19, 24).matching(Pattern::ClusterId);
const PASSWORD: Limits = Limits::length(7, 32);
const ENDPOINT: Limits = Limits::length(10, 128).matching(Pattern::XksProxyUriEndpoint);
const PATH: Limits = Limits::length(10, 128).matching(Pattern::XksProxyUriPath);
const SERVICE_NAME: Limits = Limits::length(20, 64).matching(Pattern::VpcEndpointServiceName);
const ACCOUNT_ID: Limits = Limits::length(12, 12).matching(Pattern::AccountId);

structures! {
    /// The request of `CreateCustomKeyStore`.
    #[derive(Default)]
    pub struct CreateCustomKeyStoreRequest {
        /// A name, 1 to 256 characters, that no other custom key store of the account and Region has.
        pub custom_key_store_name: required(String) limits(NAME),
        /// The AWS CloudHSM cluster, `cluster-` and 11 to 16 characters: the id under which the host has a PKCS#11 token or another
        /// cluster. Required for `AWS_CLOUDHSM`.
        pub cloud_hsm_cluster_id: optional(String) limits(CLUSTER_ID),
        /// The trust anchor certificate of the cluster (`customerCA.crt`), 1 to 5000 characters. Required for `AWS_CLOUDHSM`.
        pub trust_anchor_certificate: optional(String) limits(Limits::length(1, 5000)),
        /// The password of the crypto user `kmsuser` in the cluster, 7 to 32 characters: of a PKCS#11 token the user's PIN.
        /// Required for `AWS_CLOUDHSM`.
        pub key_store_password: optional(SecretText) limits(PASSWORD),
        /// What is behind the store; `AWS_CLOUDHSM` by default. It is never changed afterwards.
        pub custom_key_store_type: optional(CustomKeyStoreType),
        /// The endpoint of the external key store proxy, `https://` and a host name. Required for `EXTERNAL_KEY_STORE`.
        pub xks_proxy_uri_endpoint: optional(String) limits(ENDPOINT),
        /// The path to the proxy's API, which ends with `/kms/xks/v1`. Required for `EXTERNAL_KEY_STORE`.
        pub xks_proxy_uri_path: optional(String) limits(PATH),
        /// The Amazon VPC endpoint service by which the proxy is reached. Required for the connectivity `VPC_ENDPOINT_SERVICE`.
        pub xks_proxy_vpc_endpoint_service_name: optional(String) limits(SERVICE_NAME),
        /// The account that owns that service, twelve digits; the caller's by default.
        pub xks_proxy_vpc_endpoint_service_owner: optional(String) limits(ACCOUNT_ID),
        /// The credential by which requests to the proxy are signed. Required for `EXTERNAL_KEY_STORE`.
        pub xks_proxy_authentication_credential: optional(XksProxyAuthenticationCredentialType),
        /// How the proxy is reached. Required for `EXTERNAL_KEY_STORE`.
        pub xks_proxy_connectivity: optional(XksProxyConnectivityType),
    }

    /// The response of `CreateCustomKeyStore`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CreateCustomKeyStoreResponse {
        /// The id of the new custom key store: `cks-` and 17 characters.
        pub custom_key_store_id: required(String),
    }

    /// The request of `DescribeCustomKeyStores`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DescribeCustomKeyStoresRequest {
        /// Only the custom key store of this id. Not together with a name.
        pub custom_key_store_id: optional(String) limits(CUSTOM_KEY_STORE_ID),
        /// Only the custom key store of this name. Not together with an id.
        pub custom_key_store_name: optional(String) limits(NAME),
        /// The most custom key stores to return, 1 to 1000; 100 by default. Fewer may come.
        pub limit: optional(i32) limits(Limits::range(1, 1000)),
        /// Where to go on: the `NextMarker` of a truncated response.
        pub marker: optional(String) limits(MARKER),
    }

    /// The response of `DescribeCustomKeyStores`.
    pub struct DescribeCustomKeyStoresResponse {
        /// The custom key stores.
        pub custom_key_stores: required(Vec<CustomKeyStoresListEntry>),
        /// The `Marker` of the next request; there when `Truncated` is true.
        pub next_marker: optional(String),
        /// Whether there are more custom key stores.
        pub truncated: required(bool),
    }

    /// The request of `UpdateCustomKeyStore`.
    #[derive(Default)]
    pub struct UpdateCustomKeyStoreRequest {
        /// The custom key store, by its id.
        pub custom_key_store_id: required(String) limits(CUSTOM_KEY_STORE_ID),
        /// Another name. The store may be connected.
        pub new_custom_key_store_name: optional(String) limits(NAME),
        /// The password that `kmsuser` has in the cluster now.
        pub key_store_password: optional(SecretText) limits(PASSWORD),
        /// Another AWS CloudHSM cluster, with the same trust anchor certificate.
        pub cloud_hsm_cluster_id: optional(String) limits(CLUSTER_ID),
        /// Another endpoint of the external key store proxy.
        pub xks_proxy_uri_endpoint: optional(String) limits(ENDPOINT),
        /// Another path to the proxy's API. The store may be connected.
        pub xks_proxy_uri_path: optional(String) limits(PATH),
        /// Another Amazon VPC endpoint service.
        pub xks_proxy_vpc_endpoint_service_name: optional(String) limits(SERVICE_NAME),
        /// Another owner of that service.
        pub xks_proxy_vpc_endpoint_service_owner: optional(String) limits(ACCOUNT_ID),
        /// Another credential for the proxy. The store may be connected.
        pub xks_proxy_authentication_credential: optional(XksProxyAuthenticationCredentialType),
        /// Another way to reach the proxy.
        pub xks_proxy_connectivity: optional(XksProxyConnectivityType),
    }

    /// The request of `DeleteCustomKeyStore`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DeleteCustomKeyStoreRequest {
        /// The custom key store, by its id. It must be disconnected, and without KMS keys.
        pub custom_key_store_id: required(String) limits(CUSTOM_KEY_STORE_ID),
    }

    /// The request of `ConnectCustomKeyStore`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ConnectCustomKeyStoreRequest {
        /// The custom key store, by its id.
        pub custom_key_store_id: required(String) limits(CUSTOM_KEY_STORE_ID),
    }

    /// The request of `DisconnectCustomKeyStore`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DisconnectCustomKeyStoreRequest {
        /// The custom key store, by its id.
        pub custom_key_store_id: required(String) limits(CUSTOM_KEY_STORE_ID),
    }

    /// What is known of a custom key store. Passwords and keys are never told.
    pub struct CustomKeyStoresListEntry {
        /// Its id.
        pub custom_key_store_id: optional(String),
        /// Its name.
        pub custom_key_store_name: optional(String),
        /// The cluster; there for `AWS_CLOUDHSM`.
        pub cloud_hsm_cluster_id: optional(String),
        /// The cluster's trust anchor certificate; there for `AWS_CLOUDHSM`.
        pub trust_anchor_certificate: optional(String),
        /// Whether it is connected. Its KMS keys can be used only while it is.
        pub connection_state: optional(ConnectionStateType),
        /// Why it could not be connected; there when `ConnectionState` is `FAILED`.
        pub connection_error_code: optional(ConnectionErrorCodeType),
        /// When it was created.
        pub creation_date: optional(Timestamp),
        /// What is behind it.
        pub custom_key_store_type: optional(CustomKeyStoreType),
        /// The external key store proxy; there for `EXTERNAL_KEY_STORE`.
        pub xks_proxy_configuration: optional(XksProxyConfigurationType),
    }

    /// How an external key store proxy is reached.
    pub struct XksProxyConfigurationType {
        /// By a public endpoint, or by an Amazon VPC endpoint service.
        pub connectivity: optional(XksProxyConnectivityType),
        /// The id of the secret key by which requests are signed.
        pub access_key_id: optional(SecretText),
        /// The endpoint.
        pub uri_endpoint: optional(String),
        /// The path to the proxy's API.
        pub uri_path: optional(String),
        /// The Amazon VPC endpoint service; there for the connectivity `VPC_ENDPOINT_SERVICE`.
        pub vpc_endpoint_service_name: optional(String),
        /// Who owns that service; there for the connectivity `VPC_ENDPOINT_SERVICE`.
        pub vpc_endpoint_service_owner: optional(String),
    }

    /// The credential by which requests to an external key store proxy are signed. It is the proxy's, and none of AWS.
    #[derive(Default)]
    pub struct XksProxyAuthenticationCredentialType {
        /// The id of the secret key, 20 to 30 characters `A`–`Z` and `2`–`7`.
        pub access_key_id: required(SecretText) limits(Limits::length(20, 30).matching(Pattern::XksAccessKeyId)),
        /// The secret key, 43 to 64 letters, digits, `/`, `+` and `=`.
        pub raw_secret_access_key: required(SecretText) limits(Limits::length(43, 64).matching(Pattern::XksSecretKey)),
    }
}

enumerations! {
    /// What is behind a custom key store.
    pub enum CustomKeyStoreType {
        /// An AWS CloudHSM cluster: here a PKCS#11 token, or what the host puts in its place.
        AwsCloudhsm = "AWS_CLOUDHSM",
        /// A key manager outside of AWS, by an external key store proxy.
        ExternalKeyStore = "EXTERNAL_KEY_STORE",
    }

    /// How an external key store proxy is reached.
    pub enum XksProxyConnectivityType {
        /// By a public endpoint.
        PublicEndpoint = "PUBLIC_ENDPOINT",
        /// By an Amazon VPC endpoint service.
        VpcEndpointService = "VPC_ENDPOINT_SERVICE",
    }

    /// Whether a custom key store is connected to what is behind it.
    pub enum ConnectionStateType {
        /// It is: its KMS keys can be used.
        Connected = "CONNECTED",
        /// It is being connected.
        Connecting = "CONNECTING",
        /// It could not be connected. Disconnect it, correct the error, and connect it again.
        Failed = "FAILED",
        /// It was never connected, or was disconnected.
        Disconnected = "DISCONNECTED",
        /// It is being disconnected.
        Disconnecting = "DISCONNECTING",
    }

    /// Why a custom key store could not be connected.
    pub enum ConnectionErrorCodeType {
        /// The password of `kmsuser`, or the credential for the proxy, is not valid.
        InvalidCredentials = "INVALID_CREDENTIALS",
        /// There is no AWS CloudHSM cluster with the id.
        ClusterNotFound = "CLUSTER_NOT_FOUND",
        /// The network keeps them apart.
        NetworkErrors = "NETWORK_ERRORS",
        /// Anything else went wrong. Disconnect the store, and connect it again.
        InternalError = "INTERNAL_ERROR",
        /// The cluster has no active HSM.
        InsufficientCloudhsmHsms = "INSUFFICIENT_CLOUDHSM_HSMS",
        /// `kmsuser` is locked out of the cluster, after too many attempts with a wrong password.
        UserLockedOut = "USER_LOCKED_OUT",
        /// The cluster has no `kmsuser`.
        UserNotFound = "USER_NOT_FOUND",
        /// Somebody else is logged in as `kmsuser`.
        UserLoggedIn = "USER_LOGGED_IN",
        /// A subnet of the cluster was deleted.
        SubnetNotFound = "SUBNET_NOT_FOUND",
        /// A subnet of the cluster has no IP address left.
        InsufficientFreeAddressesInSubnet = "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET",
        /// The proxy denies the access.
        XksProxyAccessDenied = "XKS_PROXY_ACCESS_DENIED",
        /// The proxy cannot be reached, or none of its key managers is available.
        XksProxyNotReachable = "XKS_PROXY_NOT_REACHABLE",
        /// The Amazon VPC endpoint service is not found.
        XksVpcEndpointServiceNotFound = "XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND",
        /// The proxy's response cannot be interpreted.
        XksProxyInvalidResponse = "XKS_PROXY_INVALID_RESPONSE",
        /// The proxy is not configured correctly: look at its path.
        XksProxyInvalidConfiguration = "XKS_PROXY_INVALID_CONFIGURATION",
        /// The Amazon VPC endpoint service cannot be used as it is.
        XksVpcEndpointServiceInvalidConfiguration = "XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION",
        /// The proxy does not answer in time.
        XksProxyTimedOut = "XKS_PROXY_TIMED_OUT",
        /// The proxy's TLS certificate or version cannot be relied on.
        XksProxyInvalidTlsConfiguration = "XKS_PROXY_INVALID_TLS_CONFIGURATION",
    }
}
