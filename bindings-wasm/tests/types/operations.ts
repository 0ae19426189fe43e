// Every operation, as TypeScript sees it: what it takes, what it gives, and what it does not take.
import { Kms, type Bytes, type GrantListEntry, type KeyMetadata, type KeySpec, type KmsOperations, type RotationsListEntry, type Tag } from "pocketkms";

declare const kms: Kms;
const keyId = "alias/test";
const plaintext = new Uint8Array(1);

/** Fails to compile unless both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

export async function keys() {
  const { keyMetadata } = await kms.createKey();
  same<typeof keyMetadata, KeyMetadata>(true);
  same<typeof keyMetadata.creationDate, Date>(true);
  same<typeof keyMetadata.deletionDate, Date | undefined>(true);
  same<typeof keyMetadata.keySpec, KeySpec>(true);
  await kms.createKey({ description: "a", tags: [{ tagKey: "a", tagValue: "b" }] as const, multiRegion: undefined });
  // @ts-expect-error: no such key spec
  await kms.createKey({ keySpec: "AES_256" });
  // @ts-expect-error: a tag needs its value
  await kms.createKey({ tags: [{ tagKey: "a" }] });
  // @ts-expect-error: AWS's own casing is not JavaScript's
  await kms.createKey({ Description: "a" });

  same<Awaited<ReturnType<Kms["describeKey"]>>["keyMetadata"], KeyMetadata>(true);
  await kms.describeKey({ keyId, grantTokens: ["token"] });
  // @ts-expect-error: the key must be named
  await kms.describeKey({});
  // @ts-expect-error: by a string
  await kms.describeKey({ keyId: 7 });

  const { replicaKeyMetadata } = await kms.replicateKey({ keyId, replicaRegion: "eu-central-1", tags: [{ tagKey: "a", tagValue: "b" }] });
  same<typeof replicaKeyMetadata, KeyMetadata | undefined>(true);
  await kms.updatePrimaryRegion({ keyId, primaryRegion: "eu-central-1" });
  // @ts-expect-error: the Region must be named
  await kms.replicateKey({ keyId });

  const { keyLastUsage, trackingStartDate } = await kms.getKeyLastUsage({ keyId });
  same<typeof trackingStartDate, Date>(true);
  const event: string | undefined = keyLastUsage.cloudTrailEventId;

  const { keys, truncated, nextMarker } = await kms.listKeys();
  await kms.listKeys({ limit: 10, marker: nextMarker });
  same<typeof truncated, boolean>(true);
  same<typeof nextMarker, string | undefined>(true);
  const name: string | undefined = keys[0]?.keyArn;
  // @ts-expect-error: there may be none
  const certain: string = keys[0].keyArn;

  const nothing: void = await kms.updateKeyDescription({ keyId, description: "" });
  await kms.enableKey({ keyId });
  await kms.disableKey({ keyId });
  return [name, certain, nothing, event];
}

export async function aliases() {
  await kms.createAlias({ aliasName: "alias/a", targetKeyId: keyId });
  await kms.updateAlias({ aliasName: "alias/a", targetKeyId: keyId });
  await kms.deleteAlias({ aliasName: "alias/a" });
  const { aliases } = await kms.listAliases({ keyId });
  // @ts-expect-error: what is not always there may be undefined
  const target: string | undefined[] = aliases.map(({ targetKeyId }) => targetKeyId);
  return target;
}

export async function encryption() {
  const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext, encryptionContext: { purpose: "test" } });
  same<typeof ciphertextBlob, Bytes>(true);
  const bytes: Uint8Array = ciphertextBlob;
  await crypto.subtle.digest("SHA-256", ciphertextBlob); // bytes that WebCrypto takes
  // @ts-expect-error: text is no plaintext
  await kms.encrypt({ keyId, plaintext: "text" });
  // @ts-expect-error: a misspelt member
  await kms.encrypt({ keyId, plaintext, encryptionContxt: {} });
  // @ts-expect-error: a context has strings only
  await kms.encrypt({ keyId, plaintext, encryptionContext: { user: 7 } });

  const decrypted = await kms.decrypt({ ciphertextBlob, dryRun: true, dryRunModifiers: ["IGNORE_CIPHERTEXT"] });
  same<typeof decrypted.plaintext, Bytes>(true);
  await kms.reEncrypt({ ciphertextBlob, destinationKeyId: keyId });
  // @ts-expect-error: where to?
  await kms.reEncrypt({ ciphertextBlob });
  return bytes;
}

export async function dataKeys() {
  const { plaintext } = await kms.generateDataKey({ keyId, keySpec: "AES_256" });
  await crypto.subtle.importKey("raw", plaintext, "AES-GCM", false, ["encrypt"]);
  // @ts-expect-error: a data key has another list of specs than a KMS key
  await kms.generateDataKey({ keyId, keySpec: "SYMMETRIC_DEFAULT" });
  const sealed = await kms.generateDataKeyWithoutPlaintext({ keyId, numberOfBytes: 32 });
  // @ts-expect-error: without, as its name says
  sealed.plaintext;
  const { privateKeyPlaintext } = await kms.generateDataKeyPair({ keyId, keyPairSpec: "ECC_NIST_P256" });
  await crypto.subtle.importKey("pkcs8", privateKeyPlaintext, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  // @ts-expect-error: a key pair has another list of specs than a data key
  await kms.generateDataKeyPairWithoutPlaintext({ keyId, keyPairSpec: "AES_256" });
  // @ts-expect-error: a number
  await kms.generateRandom({ numberOfBytes: "32" });
  return (await kms.generateRandom({ numberOfBytes: 32 })).plaintext.byteLength;
}

export async function macs() {
  const macAlgorithm = "HMAC_SHA_256" as const;
  const { mac } = await kms.generateMac({ keyId, message: new Uint8Array(1), macAlgorithm });
  // @ts-expect-error: which algorithm has to be said
  await kms.generateMac({ keyId, message: mac });
  // @ts-expect-error: no such algorithm
  await kms.generateMac({ keyId, message: mac, macAlgorithm: "HMAC_MD5" });
  return (await kms.verifyMac({ keyId, message: new Uint8Array(1), macAlgorithm, mac })).macValid;
}

export async function signatures() {
  const signingAlgorithm = "ECDSA_SHA_256" as const;
  const { signature } = await kms.sign({ keyId, message: new Uint8Array(32), messageType: "DIGEST", signingAlgorithm });
  // @ts-expect-error: which algorithm has to be said
  await kms.sign({ keyId, message: signature });
  await kms.verify({ keyId, message: new Uint8Array(1), signingAlgorithm, signature });
  const { publicKey } = await kms.getPublicKey({ keyId });
  return (await kms.deriveSharedSecret({ keyId, keyAgreementAlgorithm: "ECDH", publicKey })).sharedSecret.byteLength;
}

export async function encapsulation() {
  const encapsulationAlgorithm = "ML_KEM" as const;
  const { sharedSecretCiphertextBlob } = await kms.encapsulate({ keyId, encapsulationAlgorithm });
  // @ts-expect-error: the ciphertext is required
  await kms.decapsulate({ keyId, encapsulationAlgorithm });
  return (await kms.decapsulate({ keyId, encapsulationAlgorithm, sharedSecretCiphertextBlob })).sharedSecret.byteLength;
}

export async function rotation() {
  await kms.enableKeyRotation({ keyId, rotationPeriodInDays: 90 });
  await kms.disableKeyRotation({ keyId });
  const { nextRotationDate } = await kms.getKeyRotationStatus({ keyId });
  same<typeof nextRotationDate, Date | undefined>(true);
  await kms.rotateKeyOnDemand({ keyId });
  const { rotations } = await kms.listKeyRotations({ keyId, includeKeyMaterial: "ALL_KEY_MATERIAL" });
  same<typeof rotations, RotationsListEntry[]>(true);
}

export async function imports() {
  const parameters = await kms.getParametersForImport({
    keyId,
    wrappingAlgorithm: "RSAES_OAEP_SHA_256",
    wrappingKeySpec: "RSA_4096",
  });
  const { importToken, publicKey, parametersValidTo } = parameters;
  same<typeof parametersValidTo, Date>(true);
  await crypto.subtle.importKey("spki", publicKey, { name: "RSA-OAEP", hash: "SHA-256" }, false, ["encrypt"]);
  // @ts-expect-error: no such wrapping key
  await kms.getParametersForImport({ keyId, wrappingAlgorithm: "RSAES_OAEP_SHA_256", wrappingKeySpec: "RSA_1024" });
  const { keyMaterialId } = await kms.importKeyMaterial({
    keyId,
    importToken,
    encryptedKeyMaterial: plaintext,
    expirationModel: "KEY_MATERIAL_EXPIRES",
    validTo: parametersValidTo,
    importType: "NEW_KEY_MATERIAL",
  });
  same<typeof keyMaterialId, string | undefined>(true);
  // @ts-expect-error: without the material
  await kms.importKeyMaterial({ keyId, importToken });
  await kms.deleteImportedKeyMaterial({ keyId, keyMaterialId });
}

export async function deletion() {
  const { deletionDate } = await kms.scheduleKeyDeletion({ keyId, pendingWindowInDays: 7 });
  // @ts-expect-error: days are a number
  await kms.scheduleKeyDeletion({ keyId, pendingWindowInDays: deletionDate });
  await kms.cancelKeyDeletion({ keyId });
}

export async function tags() {
  await kms.tagResource({ keyId, tags: [{ tagKey: "a", tagValue: "b" }] });
  await kms.untagResource({ keyId, tagKeys: ["a"] });
  const { tags } = await kms.listResourceTags({ keyId });
  same<typeof tags, Tag[]>(true);
}

export async function policies() {
  await kms.putKeyPolicy({ keyId, policy: "{}", bypassPolicyLockoutSafetyCheck: true });
  const { policy, policyName } = await kms.getKeyPolicy({ keyId });
  same<[typeof policy, typeof policyName], [string, string]>(true);
  const { policyNames } = await kms.listKeyPolicies({ keyId });
  same<typeof policyNames, string[]>(true);
}

export async function customKeyStores() {
  const { customKeyStoreId } = await kms.createCustomKeyStore({
    customKeyStoreName: "proxy",
    customKeyStoreType: "EXTERNAL_KEY_STORE",
    xksProxyConnectivity: "PUBLIC_ENDPOINT",
    xksProxyUriEndpoint: "https://xks.example.com",
    xksProxyUriPath: "/kms/xks/v1",
    xksProxyAuthenticationCredential: { accessKeyId: "A", rawSecretAccessKey: "s" },
  });
  same<typeof customKeyStoreId, string>(true);
  // @ts-expect-error: the name must be given
  await kms.createCustomKeyStore({});
  const { customKeyStores, truncated, nextMarker } = await kms.describeCustomKeyStores({ limit: 5 });
  same<typeof truncated, boolean>(true);
  same<typeof nextMarker, string | undefined>(true);
  const state: "CONNECTED" | "CONNECTING" | "FAILED" | "DISCONNECTED" | "DISCONNECTING" | undefined = customKeyStores[0]?.connectionState;
  await kms.updateCustomKeyStore({ customKeyStoreId, newCustomKeyStoreName: state });
  await kms.connectCustomKeyStore({ customKeyStoreId });
  await kms.disconnectCustomKeyStore({ customKeyStoreId });
  await kms.deleteCustomKeyStore({ customKeyStoreId });
}

export async function grants() {
  const { grantToken, grantId } = await kms.createGrant({
    keyId,
    granteePrincipal: "arn:aws:iam::000000000000:user/alice",
    operations: ["Encrypt", "Decrypt"],
    constraints: { encryptionContextSubset: { a: "b" } },
  });
  // @ts-expect-error: no such operation
  await kms.createGrant({ keyId, granteePrincipal: "arn:aws:iam::000000000000:user/alice", operations: ["Delete"] });
  const { grants } = await kms.listGrants({ keyId, grantId });
  same<typeof grants, GrantListEntry[]>(true);
  await kms.listRetirableGrants({ retiringPrincipal: "arn:aws:iam::000000000000:user/bob" });
  await kms.retireGrant({ grantToken });
  await kms.revokeGrant({ keyId, grantId });
}

/** The name of every operation that is used above; one that is missing here does not compile. */
export const used: Record<keyof KmsOperations, (...none: never) => unknown> = {
  createKey: keys,
  describeKey: keys,
  getKeyLastUsage: keys,
  listKeys: keys,
  replicateKey: keys,
  updatePrimaryRegion: keys,
  updateKeyDescription: keys,
  enableKey: keys,
  disableKey: keys,
  createAlias: aliases,
  updateAlias: aliases,
  deleteAlias: aliases,
  listAliases: aliases,
  encrypt: encryption,
  decrypt: encryption,
  reEncrypt: encryption,
  generateDataKey: dataKeys,
  generateDataKeyWithoutPlaintext: dataKeys,
  generateDataKeyPair: dataKeys,
  generateDataKeyPairWithoutPlaintext: dataKeys,
  generateRandom: dataKeys,
  generateMac: macs,
  verifyMac: macs,
  sign: signatures,
  verify: signatures,
  getPublicKey: signatures,
  deriveSharedSecret: signatures,
  encapsulate: encapsulation,
  decapsulate: encapsulation,
  enableKeyRotation: rotation,
  disableKeyRotation: rotation,
  getKeyRotationStatus: rotation,
  rotateKeyOnDemand: rotation,
  listKeyRotations: rotation,
  getParametersForImport: imports,
  importKeyMaterial: imports,
  deleteImportedKeyMaterial: imports,
  scheduleKeyDeletion: deletion,
  cancelKeyDeletion: deletion,
  tagResource: tags,
  untagResource: tags,
  listResourceTags: tags,
  putKeyPolicy: policies,
  getKeyPolicy: policies,
  listKeyPolicies: policies,
  createGrant: grants,
  listGrants: grants,
  listRetirableGrants: grants,
  retireGrant: grants,
  revokeGrant: grants,
  createCustomKeyStore: customKeyStores,
  describeCustomKeyStores: customKeyStores,
  updateCustomKeyStore: customKeyStores,
  deleteCustomKeyStore: customKeyStores,
  connectCustomKeyStore: customKeyStores,
  disconnectCustomKeyStore: customKeyStores,
};
