// A root key that the page itself does not have, and that answers later: a key of WebCrypto, a passkey. The native half knows it as a
// callback of that name, by what it has answered.
import { answer } from "../answer.js";
import { wipe } from "../bytes.js";
import { WrongRootKeyException } from "../errors.js";

const LENGTH = 32;

/**
 * The native root key for a vault that is to be made, or that it is to be added to. What was wrapped is unwrapped again, and it is that
 * which counts: a key that wraps and does not come back to the same is no way into a vault.
 *
 * @param elsewhere `name`; `wrap(bytes)`, which resolves to bytes; `unwrap(list)`, which resolves to those of the list that it could
 *   unwrap, as `{ wrapped, key }`.
 */
export async function wrapNew(modules, elsewhere) {
  const key = crypto.getRandomValues(new Uint8Array(LENGTH));
  try {
    const wrapped = await elsewhere.wrap(key);
    return await answers(modules, elsewhere, [wrapped], async (found) => {
      if (!found.some((one) => isSame(one.key, key))) {
        throw new WrongRootKeyException(`${elsewhere.name} does not unwrap what it has wrapped: it was not added`, undefined, []);
      }
    });
  } finally {
    wipe(key);
  }
}

/** The native root key for the vault of this header or snapshot. */
export async function unwrapAll(modules, elsewhere, vault) {
  const wrapped = vault === undefined ? [] : answer(() => modules.RootKey.wrappedBy(elsewhere.name, vault));
  return answers(modules, elsewhere, wrapped, () => {});
}

async function answers(modules, elsewhere, wrapped, check) {
  // A vault that has nothing of it says so itself.
  const found = wrapped.length === 0 ? [] : await elsewhere.unwrap(wrapped);
  try {
    await check(found);
    return answer(() => modules.RootKey.fromAnswers(elsewhere.name, found));
  } finally {
    wipe(...found.map(({ key }) => key));
  }
}

const isSame = (one, other) => one.length === other.length && one.every((byte, index) => byte === other[index]);

/** Bytes under a key of AES-GCM: a version, a nonce, the sealed bytes. */
export async function seal(key, name, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters(iv, name), key, bytes));
  return Uint8Array.of(VERSION, ...iv, ...sealed);
}

/** The bytes; nothing where another key sealed them. */
export async function unseal(key, name, sealed) {
  if (sealed[0] !== VERSION) {
    return undefined;
  }
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(sealed.slice(1, 13), name), key, sealed.slice(13)));
  } catch {
    return undefined;
  }
}

const VERSION = 1;

const parameters = (iv, name) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(`pocketkms root key ${name}`) });
