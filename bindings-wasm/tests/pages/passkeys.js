// What a test does with passkeys, whose authenticator the browser's driver plays.
import { RootKey, Vault } from "pocketkms";

const user = (name) => ({ id: new TextEncoder().encode(name), name });
const passphrase = () => RootKey.fromPassphrase("text", { memoryKib: 64, passes: 1, lanes: 1 });

/** The name of the error that a promise rejects with. */
const nameOf = (promise) => promise.then(() => "none", (error) => error.name);

/** A vault with a passkey, opened by it; and what is refused. */
globalThis.usePasskey = async () => {
  const name = `passkey-${Math.random()}`;
  const refused = { alone: await nameOf(RootKey.createPasskey({ user: user("alone") }).then((passkey) => Vault.create(name, passkey))) };
  const vault = await Vault.create(name, passphrase());
  const { keyMetadata: { keyId } } = await vault.client().createKey();
  const { ciphertextBlob } = await vault.client().encrypt({ keyId, plaintext: new TextEncoder().encode("secret") });
  const passkey = await RootKey.createPasskey({ user: user("alice"), rp: { name: "Tests" } });
  const id = await vault.addRootKey(passkey, "Alice's passkey");
  const second = await RootKey.createPasskey({ user: user("bob") });
  await vault.addRootKey(second, "Bob's");
  const [first] = await vault.rootKeys();
  refused.last = await nameOf(vault.removeRootKey(first.id));
  vault.close();
  const opened = await Vault.open(name, RootKey.passkey());
  const { plaintext } = await opened.client().decrypt({ ciphertextBlob });
  const kinds = (await opened.rootKeys()).map(({ kind, name, label, opened }) => [kind, name, label, opened]);
  const { text } = await opened.addRecoveryKey();
  await opened.removeRootKey(first.id);
  await opened.removeRootKey(id);
  opened.close();
  (await Vault.open(name, RootKey.fromRecoveryKey(text))).close();
  await Vault.delete(name);
  return { plaintext: new TextDecoder().decode(plaintext), kinds, refused };
};

/** What is added of a passkey whose authenticator answers another secret each time, and the error. */
globalThis.addLyingPasskey = async () => {
  const vault = await Vault.inMemory(passphrase());
  const passkey = await RootKey.createPasskey({ user: user("liar") });
  const { getClientExtensionResults } = PublicKeyCredential.prototype;
  PublicKeyCredential.prototype.getClientExtensionResults = () => ({ prf: { results: { first: crypto.getRandomValues(new Uint8Array(32)).buffer } } });
  try {
    const error = await nameOf(vault.addRootKey(passkey));
    return { error, rootKeys: (await vault.rootKeys()).length };
  } finally {
    PublicKeyCredential.prototype.getClientExtensionResults = getClientExtensionResults;
  }
};

/** The error where no passkey has the secret. */
globalThis.createPasskey = () => nameOf(RootKey.createPasskey({ user: user("nobody") }));
