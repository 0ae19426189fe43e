// Messages, streams and keyrings, as TypeScript sees them.
import {
  CachingMaterialsManager, CallbackKeyring, EncryptionClient, HierarchicalKeyring, Keyring, KmsKeyring, MultiKeyring, RawAesKeyring, RawEcdhKeyring, RawRsaKeyring,
  ManualClock, type AlgorithmSuite, type BranchKeyIdSupplier, type BranchKeySource, type Bytes, type CommitmentPolicy, type EncryptedDataKey, type Encrypted,
  type Kms, type KmsClient, type MessageHeader,
} from "pocketkms";

declare const kms: Kms;
const client = new EncryptionClient({ commitmentPolicy: "REQUIRE_ENCRYPT_ALLOW_DECRYPT", maxFrameLength: 1 << 20, webCryptoFrom: Infinity });
const plaintext = new Uint8Array(1);

export function clients() {
  const policy: CommitmentPolicy = "FORBID_ENCRYPT_ALLOW_DECRYPT";
  // @ts-expect-error: no such policy
  new EncryptionClient({ commitmentPolicy: "ALLOW" });
  // @ts-expect-error: misspelt
  new EncryptionClient({ maxFrameLenght: 1 });
  return new EncryptionClient({ commitmentPolicy: policy, maxEncryptedDataKeys: undefined });
}

export async function messages(keyring: Keyring) {
  const suite: AlgorithmSuite = "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY";
  const { message, header } = await client.encrypt(keyring, plaintext, { encryptionContext: { a: "b" }, algorithmSuite: suite, frameLength: 4096 });
  const decrypted = await client.decrypt(keyring, message, { encryptionContext: {}, requiredEncryptionContextKeys: ["a"] as const });
  const bytes: Bytes = decrypted.plaintext;
  const same: MessageHeader = header;
  const version: number = decrypted.header.version;
  const commitment: Uint8Array | undefined = same.commitment;
  // @ts-expect-error: text is no plaintext
  await client.encrypt(keyring, "text");
  // @ts-expect-error: with what?
  await client.encrypt(plaintext);
  // @ts-expect-error: no such suite
  await client.encrypt(keyring, plaintext, { algorithmSuite: "AES" });
  // @ts-expect-error: of a plaintext that is there, the length is known
  await client.encrypt(keyring, plaintext, { plaintextLength: 1 });
  // @ts-expect-error: of a message that is there, the signature is verified
  await client.decrypt(keyring, message, { unsignedOnly: true });
  const { wrappingKeys } = await client.inspect(new Blob([message]));
  const material: string | undefined = wrappingKeys[0]?.keyMaterial;
  // @ts-expect-error: there may be none
  const arn: string = wrappingKeys[0].keyArn;
  await client.inspect({ size: 1, read: async () => message });
  return [bytes, version, commitment, material, arn];
}

export async function streams(keyring: Keyring, file: File) {
  const encryption = client.encryptStream(keyring, { plaintextLength: file.size });
  const encrypted: ReadableStream<Uint8Array> = file.stream().pipeThrough(encryption);
  const decryption: TransformStream<Uint8Array, Uint8Array> = client.decryptStream(keyring, { unsignedOnly: true });
  const header: MessageHeader = await encryption.header;
  const context: Record<string, string> = await client.decryptStream(keyring).encryptionContext;
  const response = new Response(encrypted.pipeThrough(decryption));
  // @ts-expect-error: text does not go in
  encryption.writable.getWriter().write("text");
  return [response, header, context];
}

export function keyrings(): Keyring {
  using aes = new RawAesKeyring({ namespace: "a", name: "b", wrappingKey: plaintext });
  const rsa = new RawRsaKeyring({ namespace: "a", name: "b", paddingScheme: "OAEP_SHA256_MGF1", publicKey: "PEM" });
  const old = RawRsaKeyring.pkcs1DespitePaddingOracles({ namespace: "a", name: "b", privateKey: plaintext });
  const key = new KmsKeyring(kms, "alias/a", ["alias/b"], { multiRegionAware: true, grantTokens: ["token"] });
  const any = KmsKeyring.discovery(kms, { accountIds: ["111122223333"] });
  const own = new CallbackKeyring("hsm", {
    wrap: async (dataKey: Bytes) => ({ providerInfo: dataKey, ciphertext: dataKey }),
    unwrap: ({ ciphertext }: EncryptedDataKey) => ciphertext,
  });
  // @ts-expect-error: a name is missing
  new RawAesKeyring({ namespace: "a", wrappingKey: plaintext });
  // @ts-expect-error: text is no AES key
  new RawAesKeyring({ namespace: "a", name: "b", wrappingKey: "text" });
  // @ts-expect-error: no such padding scheme
  new RawRsaKeyring({ namespace: "a", name: "b", paddingScheme: "OAEP", publicKey: "PEM" });
  // @ts-expect-error: what unwraps?
  new CallbackKeyring("hsm", { wrap: async () => ({ providerInfo: plaintext, ciphertext: plaintext }) });
  // @ts-expect-error: accounts are many
  KmsKeyring.discovery(kms, { accountIds: "111122223333" });
  // @ts-expect-error: made by its kinds only
  new Keyring();
  // @ts-expect-error: a vault is no keyring
  new MultiKeyring(kms);
  return new MultiKeyring(undefined, [aes, rsa, old, key, any, own, new MultiKeyring(key)]);
}

export async function stored(keyring: Keyring, message: Uint8Array) {
  const cache = new CachingMaterialsManager(keyring, { maxAge: 10, maxMessages: 5 });
  const rewrapped = await client.rewrap(cache, keyring, message, { sidecarOnly: true });
  const sidecar: Uint8Array | undefined = rewrapped.sidecar;
  const replaces: number = rewrapped.header ? rewrapped.replaces : 0;
  await client.decrypt(cache, message, { sidecar });
  const reader = await client.rangeReader(keyring, message, { acceptUnverifiedSignature: false });
  const part: Bytes = await reader.read(0, reader.plaintextLength ?? 1);
  client.reencryptStream(cache, cache, { frameLength: 1 }).readable;
  const reencrypted: Encrypted = await client.reencrypt(cache, keyring, message, { algorithmSuite: "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY", sidecar });
  // @ts-expect-error: the context stays
  await client.reencrypt(cache, keyring, message, { newEncryptionContext: {} });
  // @ts-expect-error: to rewrap, a keyring makes the encrypted data keys, and no cache
  await client.rewrap(keyring, cache, message);
  // @ts-expect-error: a cache is not a keyring
  new MultiKeyring(cache);
  const { activeVersion } = await kms.createBranchKey({ kmsKeyId: "alias/a" });
  // @ts-expect-error: under which key?
  await kms.createBranchKey({});
  const branch = new HierarchicalKeyring(kms, async ({ tenant }) => tenant ?? "none", { ttl: 60 });
  // @ts-expect-error: for how long?
  new HierarchicalKeyring(kms, "id");
  // @ts-expect-error: no such curve
  RawEcdhKeyring.publicKeyDiscovery({ recipientPrivateKey: "PEM", curveSpec: "P256" });
  return [sidecar, replaces, part, reencrypted.header, activeVersion, branch];
}

/** What an app may put in place of a vault. */
export function elsewhere(): Keyring[] {
  // A vault's own methods are those of a client.
  const same: KmsClient = kms;
  const own: KmsClient = {
    generateDataKey: async ({ keyId, numberOfBytes = 32 }) => ({ keyId, plaintext: new Uint8Array(numberOfBytes), ciphertextBlob: plaintext }),
    encrypt: ({ keyId, plaintext }) => ({ keyId, ciphertextBlob: plaintext }),
    decrypt: async ({ keyId, ciphertextBlob, encryptionContext }) => ({ keyId: keyId ?? "", plaintext: ciphertextBlob ?? plaintext, more: encryptionContext }),
  };
  const source: BranchKeySource = {
    activeBranchKey: async (branchKeyId) => ({ branchKeyVersion: branchKeyId, branchKey: plaintext }),
    branchKeyVersion: (branchKeyId, branchKeyVersion) => ({ branchKeyVersion, branchKey: plaintext }),
  };
  const supplier: BranchKeyIdSupplier = ({ tenant }) => tenant ?? "none";
  // @ts-expect-error: what decrypts?
  new KmsKeyring({ generateDataKey: own.generateDataKey, encrypt: own.encrypt }, "arn");
  // @ts-expect-error: the ARN of the key is missing
  const incomplete: KmsClient = { ...own, encrypt: async () => ({ ciphertextBlob: plaintext }) };
  // @ts-expect-error: a vault goes by its own clock
  new HierarchicalKeyring(kms, supplier, { ttl: 60, clock: new ManualClock() });
  // @ts-expect-error: a client keeps no branch keys
  new HierarchicalKeyring(own, supplier, { ttl: 60 });
  const hierarchical = new HierarchicalKeyring(source, supplier, { ttl: 60, maxEntries: 10, clock: new ManualClock() });
  return [new KmsKeyring(own, "arn", ["arn"]), KmsKeyring.discovery(same), new KmsKeyring(incomplete, "arn"), hierarchical];
}
