// Messages beside WebCrypto's AES-GCM over the same bytes in one call, in one run. It runs in every environment.
import { EncryptionClient, RawAesKeyring } from "pocketkms";

const MiB = 1 << 20;
const keyring = new RawAesKeyring({ namespace: "bench", name: "key", wrappingKey: crypto.getRandomValues(new Uint8Array(32)) });

/** The least time of each, in milliseconds. Taken in turn, so that a busy moment of the machine meets them all. */
async function fastest(rounds, candidates) {
  const best = Object.fromEntries(Object.keys(candidates).map((name) => [name, Infinity]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(candidates)) {
      const start = performance.now();
      await run();
      best[name] = Math.min(best[name], performance.now() - start);
    }
  }
  return best;
}

/** What comes out of a stream, which is counted and forgotten. */
async function drain(readable) {
  let length = 0;
  const reader = readable.getReader();
  for (let read; !(read = await reader.read()).done;) length += read.value.length;
  return length;
}

/** MiB a second: of one call of WebCrypto, of messages with frames of each length, and of messages by WebAssembly alone. */
export async function bulk({ size, rounds, frameLengths }) {
  const plaintext = new Uint8Array(size).map((_, index) => index);
  const file = new Blob([plaintext]);
  const key = await crypto.subtle.importKey("raw", new Uint8Array(32), "AES-GCM", false, ["encrypt", "decrypt"]);
  const algorithm = { name: "AES-GCM", iv: new Uint8Array(12) };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plaintext));
  const candidates = {
    "WebCrypto": {
      encrypt: () => crypto.subtle.encrypt(algorithm, key, plaintext),
      decrypt: () => crypto.subtle.decrypt(algorithm, key, sealed),
    },
  };
  const client = new EncryptionClient();
  for (const frameLength of frameLengths) {
    const { message } = await client.encrypt(keyring, plaintext, { frameLength });
    const stored = new Blob([message]);
    candidates[`${frameLength / 1024} KiB frames`] = {
      encrypt: () => client.encrypt(keyring, plaintext, { frameLength }),
      decrypt: () => client.decrypt(keyring, message),
      encryptStream: () => drain(file.stream().pipeThrough(client.encryptStream(keyring, { frameLength }))),
      decryptStream: () => drain(stored.stream().pipeThrough(client.decryptStream(keyring))),
    };
  }
  const wasm = new EncryptionClient({ webCryptoFrom: Infinity });
  const { message } = await wasm.encrypt(keyring, plaintext.subarray(0, size / 8));
  const eighth = { encrypt: () => wasm.encrypt(keyring, plaintext.subarray(0, size / 8)), decrypt: () => wasm.decrypt(keyring, message) };
  candidates["WebAssembly"] = eighth;

  const flat = Object.entries(candidates).flatMap(([name, runs]) => Object.entries(runs).map(([run, call]) => [`${name}|${run}`, call]));
  const best = await fastest(rounds, Object.fromEntries(flat));
  const rate = (name, run) => (name === "WebAssembly" ? size / 8 : size) / MiB / (best[`${name}|${run}`] / 1000);
  return Object.entries(candidates).map(([name, runs]) => Object.fromEntries([
    ["", name],
    ...["encrypt", "decrypt", "encryptStream", "decryptStream"].flatMap((run) => {
      if (!runs[run]) return [[run, ""], [`${run} %`, ""]];
      const bare = rate("WebCrypto", run.replace("Stream", ""));
      return [[run, rate(name, run)], [`${run} %`, (100 * rate(name, run)) / bare]];
    }),
  ]));
}

/** Microseconds a message, by WebAssembly and by WebCrypto: where they cross. */
export async function crossing({ sizes, rounds }) {
  const wasm = new EncryptionClient({ webCryptoFrom: Infinity });
  const web = new EncryptionClient({ webCryptoFrom: 0 });
  const rows = [];
  for (const size of sizes) {
    const plaintext = new Uint8Array(size).fill(7);
    const { message } = await wasm.encrypt(keyring, plaintext);
    const many = (run) => async () => { for (let count = 0; count < 10; count++) await run(); };
    const best = await fastest(rounds, {
      "wasm encrypt": many(() => wasm.encrypt(keyring, plaintext)),
      "web encrypt": many(() => web.encrypt(keyring, plaintext)),
      "wasm decrypt": many(() => wasm.decrypt(keyring, message)),
      "web decrypt": many(() => web.decrypt(keyring, message)),
    });
    rows.push({ bytes: size, ...Object.fromEntries(Object.entries(best).map(([name, millis]) => [name, millis * 100])) });
  }
  return rows;
}

globalThis.messages = { bulk, crossing };
