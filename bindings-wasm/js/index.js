// AWS KMS as a library, in the browser. The declarations are in index.d.ts.
export { Kms } from "./kms.js";
export { Vault } from "./vault.js";
export { EncryptionClient } from "./encryption-client.js";
export { CachingMaterialsManager } from "./caching-materials-manager.js";
export { CallbackKeyring, Keyring, MultiKeyring } from "./keyring.js";
export { HierarchicalKeyring, KmsKeyring } from "./kms-keyrings.js";
export { RangeReader } from "./range-reader.js";
export { RawAesKeyring, RawEcdhKeyring, RawRsaKeyring } from "./raw-keyrings.js";
export { ManualClock } from "./clock.js";
export { ClusterError } from "./outside/clusters.js";
export { XksHttpsTransport } from "./outside/xks.js";
export { RootKey } from "./root-key.js";
export { fromCloneable, toCloneable } from "./cloneable-errors.js";
export { isKmsError } from "./is-kms-error.js";
export * from "./errors.js";
export { locateWasm, preload } from "./native.js";
