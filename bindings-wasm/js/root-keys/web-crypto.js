// A key of WebCrypto that never leaves the browser: no script can read it, and it lies in IndexedDB beside the vaults. It keeps a vault
// from anyone who copies the database, and from no one who runs a script in the page.
import { StoreException, WrongRootKeyException } from "../errors.js";
import { seal, unseal } from "./asynchronous.js";

const DATABASE = "pocketkms-root-keys";
const KEYS = "keys";

/** The root key of that name in this browser. It is made when it is used for something new. */
export const webCrypto = (name) => {
  const called = `webcrypto:${name}`;
  return {
    name: called,
    wrap: async (bytes) => seal(await take(name, true), called, bytes),
    async unwrap(list) {
      const key = await take(name, false);
      if (!key) {
        const text = "this browser has not the key any more that opens the vault: open it by another of its root keys";
        throw new WrongRootKeyException(text, `the key '${name}' of WebCrypto was evicted, or its data were cleared`, []);
      }
      const found = await Promise.all(list.map(async (wrapped) => ({ wrapped, key: await unseal(key, called, wrapped) })));
      return found.filter(({ key }) => key !== undefined);
    },
  };
};

/** Forgets a key: nothing that it wrapped is opened any more. */
export const forget = (name) => within("readwrite", (keys) => keys.delete(name));

async function take(name, make) {
  const found = await within("readonly", (keys) => keys.get(name));
  if (found || !make) {
    return found;
  }
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // Of two tabs that come at once, both have the key of the first.
  return within("readwrite", (keys, use) => {
    keys.get(name).onsuccess = ({ target }) => use(target.result ? keys.get(name) : (keys.add(key, name), keys.get(name)));
  });
}

/** What a request of one transaction comes to. */
async function within(mode, ask) {
  const db = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction(KEYS, mode, { durability: "strict" });
      let request = ask(transaction.objectStore(KEYS), (next) => { request = next; });
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was aborted"));
    });
  } catch (cause) {
    throw refused(cause);
  } finally {
    db.close();
  }
}

function open() {
  return new Promise((resolve, reject) => {
    if (!globalThis.indexedDB || !globalThis.crypto?.subtle) {
      reject(refused(new Error("it needs IndexedDB and WebCrypto, and a page that came over HTTPS or from localhost")));
      return;
    }
    let request;
    try {
      request = indexedDB.open(DATABASE, 1);
    } catch (cause) {
      reject(refused(cause));
      return;
    }
    request.onupgradeneeded = () => request.result.createObjectStore(KEYS);
    request.onerror = () => reject(refused(request.error));
    request.onsuccess = () => resolve(request.result);
  });
}

function refused(cause) {
  const error = new StoreException("no key of WebCrypto can be kept here", `${cause?.name ?? "Error"}: ${cause?.message ?? cause}`, []);
  return Object.defineProperty(error, "cause", { value: cause, configurable: true });
}
