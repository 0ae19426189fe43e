// What tests do to whole pages: open several, end them in mid-write, and look at what is left.
import { RootKey, Vault } from "pocketkms";

const rootKey = () => RootKey.fromBytes(new Uint8Array(32));

// Between two keys, so that few enough are written for every engine to look at afterwards.
const PAUSE = 5;
const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE));

/** Creates keys in a vault until the page is ended, and keeps the id of each that was answered where it outlives the page. */
globalThis.writeUntilEnded = async (name) => {
  const vault = await Vault.openOrCreate(name, rootKey());
  const [kms, page] = [vault.client(), crypto.randomUUID()];
  // No one waits for it.
  void (async () => {
    for (let count = 0; ; count++) {
      const { keyMetadata } = await kms.createKey();
      localStorage.setItem(`${name} ${page} ${count}`, keyMetadata.keyId);
      await pause();
    }
  })().catch(() => {});
};

const answered = (name) => Object.keys(localStorage).filter((key) => key.startsWith(`${name} `));

/** How many keys were answered so far. */
globalThis.countAnswered = (name) => answered(name).length;

/** What is missing of the keys that were answered, and what is damaged. */
globalThis.lookAfter = async (name) => {
  const vault = await Vault.open(name, rootKey());
  const there = new Set();
  for await (const { keys } of vault.client().paginate("listKeys", { limit: 1000 })) {
    keys.forEach(({ keyId }) => there.add(keyId));
  }
  const [wanted, damaged] = [answered(name).map((key) => localStorage.getItem(key)), await vault.verify()];
  vault.close();
  await Vault.delete(name);
  answered(name).forEach((key) => localStorage.removeItem(key));
  return { answered: wanted.length, missing: wanted.filter((id) => !there.has(id)), damaged };
};

/** What a vault says in a frame without WebAssembly. */
globalThis.openWithoutWasm = async (page) => {
  const frame = document.createElement("iframe");
  const message = new Promise((resolve) => addEventListener("message", ({ data }) => resolve(data), { once: true }));
  frame.src = new URL(`./${page}.html`, import.meta.url);
  document.body.append(frame);
  const error = await message;
  frame.remove();
  return error;
};

/** Uses a key in a vault whose events wait for long, and returns how often. */
globalThis.useWhileEventsWait = async (name) => {
  const vault = await Vault.openOrCreate(name, rootKey(), { audit: { milliseconds: 1_000_000 } });
  const kms = vault.client();
  const { keyMetadata: { keyId } } = await kms.createKey();
  for (let count = 0; count < 5; count++) {
    await kms.encrypt({ keyId, plaintext: new Uint8Array(1) });
  }
  return 5;
};

/** How many events of that name a vault's trail has, and what is wrong with it. */
globalThis.countEvents = async (name, eventName) => {
  const vault = await Vault.open(name, rootKey());
  let count = 0;
  for await (const _ of vault.auditEvents({ eventName })) count++;
  const { problems } = await vault.verifyAudit();
  vault.close();
  return { count, problems };
};

/** Does what a browser does when the page is hidden, or left. */
globalThis.hide = (event) => {
  Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
  (event === "pagehide" ? globalThis : document).dispatchEvent(new Event(event));
};
