// Operations beside WebCrypto's AES-GCM with key set-up, in one run. It runs in every environment.
import { RootKey, Vault } from "pocketkms";

const SIZES = [64, 1024, 4096];
const ROUNDS = 60;
const CALLS = 100;

/** Microseconds a call. Taken in turn, so that a busy moment of the machine meets them all; the best round is the least
 * disturbed one. */
async function compare(candidates) {
  const best = candidates.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, call] of candidates.entries()) {
      const start = performance.now();
      for (let count = 0; count < CALLS; count++) await call();
      best[index] = Math.min(best[index], ((performance.now() - start) * 1000) / CALLS);
    }
  }
  return best;
}

async function webCrypto(key, data) {
  const imported = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  return crypto.subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, imported, data);
}

/** A vault in IndexedDB and a key of it, where there is IndexedDB. */
async function keptVault(rootKey) {
  if (!globalThis.indexedDB) return undefined;
  const vault = await Vault.openOrCreate("measured", rootKey);
  const kms = vault.client();
  return { kms, keyId: (await kms.createKey()).keyMetadata.keyId, end: () => Vault.delete("measured") };
}

/** One line per size, and one for opening a vault with a passphrase. */
export async function measure() {
  const rootKey = RootKey.fromBytes(crypto.getRandomValues(new Uint8Array(32)));
  const kms = (await Vault.inMemory(rootKey)).client();
  const { keyId } = (await kms.createKey()).keyMetadata;
  const kept = await keptVault(rootKey);
  const key = crypto.getRandomValues(new Uint8Array(32));
  const rows = [];
  for (const size of SIZES) {
    const plaintext = new Uint8Array(size).fill(7);
    const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext });
    const [bare, encrypt, decrypt, dataKey] = await compare([
      () => webCrypto(key, plaintext),
      () => kms.encrypt({ keyId, plaintext }),
      () => kms.decrypt({ ciphertextBlob }),
      () => kms.generateDataKey({ keyId, keySpec: "AES_256" }),
    ]);
    const row = { bytes: size, webCrypto: bare, encrypt, decrypt, generateDataKey: dataKey };
    if (kept) {
      const [inMemory, indexedDb] = await compare([() => kms.encrypt({ keyId, plaintext }), () => kept.kms.encrypt({ keyId: kept.keyId, plaintext })]);
      Object.assign(row, { indexedDb, "to memory": indexedDb / inMemory });
    }
    rows.push(row);
  }
  await kept?.end();
  const start = performance.now();
  await Vault.inMemory(RootKey.fromPassphrase("correct horse battery staple"));
  return { rows, passphraseMillis: performance.now() - start };
}

globalThis.measure = measure;
