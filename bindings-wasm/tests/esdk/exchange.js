// Messages between AWS's Encryption SDK for JavaScript, with its own KMS keyring over a vault, and PocketKMS's keyring over the same.
import { EncryptionClient, KmsKeyring, RootKey, Vault } from "pocketkms";
import { awsSdk } from "pocketkms/aws-sdk";

const ACCOUNT = "111122223333";
const OTHER = "444455556666";
const REGIONS = ["eu-central-1", "us-west-2"];
const encryptionContext = { tenant: "a-42", purpose: "esdk" };
const plaintext = Uint8Array.from({ length: 10_000 }, (_, at) => (7 * at) % 251);

/**
 * What was exchanged, a line each; rejects at the first thing that is not as it must be.
 *
 * @param sdk The Encryption SDK: `buildClient`, `CommitmentPolicy`, its KMS keyring as `KmsKeyring`, `getClient`, and `KMS` of the AWS SDK.
 * @param filters Whether its keyring heeds a discovery filter: that of client-browser 4.2.2 leaves it out.
 */
export async function exchange({ buildClient, CommitmentPolicy, KmsKeyring: TheirKeyring, getClient, KMS }, filters = true) {
  const vault = await Vault.inMemory(RootKey.fromBytes(new Uint8Array(32).fill(3)), { accountId: ACCOUNT, region: REGIONS[0] });
  const keys = await Promise.all(REGIONS.map((region) => keyIn(vault, region)));
  const ours = new EncryptionClient();
  const theirs = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  // One client for each Region, all of them made by the Encryption SDK.
  const clientProvider = getClient(KMS, awsSdk(vault));
  const theirKeyring = (options) => new TheirKeyring({ clientProvider, ...options });
  const done = [];

  const opens = async (what, keyring, message, opened) => {
    const { plaintext: found, context } = await opened(keyring, message);
    const same = found.length === plaintext.length && found.every((byte, at) => byte === plaintext[at]);
    const bound = Object.entries(encryptionContext).every(([name, value]) => context[name] === value);
    if (!same || !bound) throw new Error(`${what}: another plaintext or context`);
    done.push(what);
  };
  const byTheirs = async (keyring, message) => {
    const { plaintext, messageHeader } = await theirs.decrypt(keyring, message);
    return { plaintext, context: messageHeader.encryptionContext };
  };
  const byOurs = async (keyring, message) => {
    const { plaintext, encryptionContext: context } = await ours.decrypt(keyring, message);
    return { plaintext, context };
  };
  const refused = async (what, attempt) => {
    const error = await attempt().then(() => undefined, (error) => error);
    if (!error) throw new Error(`${what}: accepted`);
    done.push(`${what}: refused`);
  };

  const [generatorKeyId, second] = keys;
  const discoveryFilter = { accountIDs: [ACCOUNT], partition: "aws" };
  const kms = vault.client();

  // Theirs, of one key and of keys in two Regions.
  const { result: single } = await theirs.encrypt(theirKeyring({ generatorKeyId }), plaintext, { encryptionContext });
  const { result: multi } = await theirs.encrypt(theirKeyring({ generatorKeyId, keyIds: [second] }), plaintext, { encryptionContext });
  await opens("theirs, one key", theirKeyring({ keyIds: [generatorKeyId] }), single, byTheirs);
  await opens("theirs, one key, by ours", new KmsKeyring(kms, generatorKeyId), single, byOurs);
  await opens("theirs, one key, by our discovery", KmsKeyring.discovery(kms), single, byOurs);
  await opens("theirs, two keys, by the second", theirKeyring({ keyIds: [second] }), multi, byTheirs);
  await opens("theirs, two keys, by our first", new KmsKeyring(kms, generatorKeyId), multi, byOurs);
  await opens("theirs, two keys, by our second", new KmsKeyring(vault.client({ region: REGIONS[1] }), second), multi, byOurs);
  await opens("theirs, by their discovery", theirKeyring({ discovery: true, discoveryFilter }), multi, byTheirs);

  // Ours.
  const { message } = await ours.encrypt(new KmsKeyring(kms, generatorKeyId), plaintext, { encryptionContext });
  await opens("ours, by theirs", theirKeyring({ keyIds: [generatorKeyId] }), message, byTheirs);
  await opens("ours, by their discovery", theirKeyring({ discovery: true, discoveryFilter }), message, byTheirs);

  // What must fail.
  const wrong = await keyIn(vault, REGIONS[0]);
  await refused("another key", () => theirs.decrypt(theirKeyring({ keyIds: [wrong] }), message));
  const filter = { accountIDs: [OTHER], partition: "aws" };
  if (filters) await refused("discovery in another account", () => theirs.decrypt(theirKeyring({ discovery: true, discoveryFilter: filter }), message));
  const foreign = getClient(KMS, awsSdk(vault, { accountId: OTHER }));
  await refused("another account's caller", () => theirs.decrypt(theirKeyring({ clientProvider: foreign, keyIds: [generatorKeyId] }), message));
  await kms.disableKey({ keyId: generatorKeyId });
  await refused("a disabled key", () => theirs.decrypt(theirKeyring({ keyIds: [generatorKeyId] }), single));
  await opens("theirs, the first key disabled, by the second", theirKeyring({ keyIds: keys }), multi, byTheirs);
  vault.close();
  await refused("a closed vault", () => theirs.encrypt(theirKeyring({ generatorKeyId }), plaintext));
  return done;
}

async function keyIn(vault, region) {
  const { keyMetadata } = await vault.client({ region }).createKey();
  return keyMetadata.arn;
}
