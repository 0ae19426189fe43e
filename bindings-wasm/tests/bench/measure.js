// Operations beside WebCrypto's AES-GCM with key set-up, in one run. It runs in every environment.
import { Kms, RootKey } from "pocketkms";

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

/** One line per size, and one for opening a vault with a passphrase. */
export async function measure() {
  const rootKey = RootKey.fromBytes(crypto.getRandomValues(new Uint8Array(32)));
  const kms = await Kms.create(rootKey);
  const { keyId } = (await kms.createKey()).keyMetadata;
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
    rows.push({ bytes: size, webCrypto: bare, encrypt, decrypt, generateDataKey: dataKey });
  }
  const start = performance.now();
  await Kms.create(RootKey.fromPassphrase("correct horse battery staple"));
  return { rows, passphraseMillis: performance.now() - start };
}

globalThis.measure = measure;
