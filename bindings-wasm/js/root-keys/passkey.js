// A passkey, by the extension `prf` of WebAuthn: the authenticator answers 32 bytes for 32 bytes, the same each time, once a person has
// agreed. Under those lies the wrapping key. What an authenticator answers is never believed alone (Safari 26.4 answered other bytes
// the second time): what was wrapped is unwrapped by a second question before it counts, and a vault has another root key.
import { LastRootKeyException, UnsupportedOperationException, WrongRootKeyException } from "../errors.js";
import { wipe } from "../bytes.js";
import { seal, unseal } from "./asynchronous.js";

const SALT_LENGTH = 32;

/** The passkeys of a relying party. With an id it is that one which wraps something new. */
export function passkeys(rpId, id) {
  const called = `passkey:${rpId}`;
  return {
    name: called,
    only: () => new LastRootKeyException(
      "a passkey cannot be the only root key of a vault: make it by another one (a passphrase, bytes), and add the passkey", undefined, []),
    async wrap(bytes) {
      if (!id) {
        throw new TypeError("a passkey that is to be added is made by RootKey.createPasskey()");
      }
      const salt = crypto.getRandomValues(new Uint8Array(SALT_LENGTH));
      const { secret } = await ask(rpId, [{ id, salt }]);
      const sealed = await seal(await keyOf(secret), called, bytes);
      // Which passkey and which question, in front of what it takes to open.
      return Uint8Array.of(id.length >> 8, id.length & 255, ...id, ...salt, ...sealed);
    },
    async unwrap(list) {
      const parsed = list.map(read).filter((one) => one !== undefined);
      const { secret, id: used } = await ask(rpId, parsed);
      const key = await keyOf(secret);
      const found = [];
      for (const { wrapped, id, sealed } of parsed.filter(({ id }) => isSame(id, used))) {
        const bytes = await unseal(key, called, sealed);
        if (bytes) found.push({ wrapped, key: bytes });
      }
      return found;
    },
  };
}

/** Makes a passkey; its id. */
export async function createPasskey({ rp, user, rpId }) {
  const credential = await credentials().create({ publicKey: {
    rp: { ...rp, id: rpId },
    user: { displayName: user.name, ...user },
    challenge: challenge(),
    pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -8 }, { type: "public-key", alg: -257 }],
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    extensions: { prf: {} },
  } });
  if (credential.getClientExtensionResults().prf?.enabled !== true) {
    throw new UnsupportedOperationException("this authenticator makes no secrets: it lacks the extension prf of WebAuthn", undefined, []);
  }
  return new Uint8Array(credential.rawId);
}

/** Where the page is of this party, unless it says so. */
export const here = () => globalThis.location?.hostname ?? "";

/** Asks the authenticator of one of these passkeys, once a person has agreed. */
async function ask(rpId, among) {
  const credential = await credentials().get({ publicKey: {
    rpId,
    challenge: challenge(),
    allowCredentials: among.map(({ id }) => ({ type: "public-key", id })),
    userVerification: "required",
    extensions: { prf: { evalByCredential: Object.fromEntries(among.map(({ id, salt }) => [base64Url(id), { first: salt }])) } },
  } });
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!first) {
    throw new WrongRootKeyException("the passkey answered without a secret", "its authenticator lacks the extension prf of WebAuthn", []);
  }
  return { id: new Uint8Array(credential.rawId), secret: new Uint8Array(first) };
}

function credentials() {
  const { credentials } = globalThis.navigator ?? {};
  if (!globalThis.PublicKeyCredential || !credentials) {
    throw new UnsupportedOperationException("there are no passkeys here: WebAuthn is not offered", undefined, []);
  }
  return credentials;
}

/** No server looks at the signature: the secret is all that is asked for. */
const challenge = () => crypto.getRandomValues(new Uint8Array(32));

async function keyOf(secret) {
  try {
    const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
    const info = new TextEncoder().encode("pocketkms passkey 1");
    const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
    return await crypto.subtle.deriveKey(hkdf, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  } finally {
    wipe(secret);
  }
}

/** What `wrap` made. Nothing of it is trusted. */
function read(wrapped) {
  const length = (wrapped[0] << 8) | wrapped[1];
  const [id, rest] = [wrapped.slice(2, 2 + length), wrapped.slice(2 + length)];
  return id.length === length && length > 0 && rest.length > SALT_LENGTH
    ? { wrapped, id, salt: rest.slice(0, SALT_LENGTH), sealed: rest.slice(SALT_LENGTH) }
    : undefined;
}

const isSame = (one, other) => one.length === other.length && one.every((byte, index) => byte === other[index]);

const base64Url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
