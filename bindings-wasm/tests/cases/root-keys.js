// Root keys of vaults in IndexedDB, and those that only a browser has. Node says that it has none.
import { expect } from "chai";
import { RootKey, Vault } from "pocketkms";
import { rejection, rootKey, text } from "../support/help.js";
import { encrypted, opens, replaced, within, withName } from "../support/stored.js";

export default {
  "root keys come and go, and the vault key is rotated": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const kept = await encrypted(vault);
    const other = () => RootKey.fromBytes(new Uint8Array(32));
    const added = await vault.addRootKey(passphrase(), "admin");
    const { text: written } = await vault.addRecoveryKey("safe");
    for (const root of [rootKey(), passphrase(), RootKey.fromRecoveryKey(written)]) (await opens(name, root, kept)).close();
    expect((await vault.rootKeys()).map(({ label, kind, opened }) => [label, kind, opened])).to.deep.equal(
      [["", "BYTES", true], ["admin", "PASSPHRASE", true], ["safe", "RECOVERY", true]]);
    // Another tab is open while the vault key is rotated, and follows.
    const beside = await Vault.open(name, rootKey());
    await vault.rotateVaultKey([rootKey(), passphrase(), RootKey.fromRecoveryKey(written)]);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await beside.client().createKey();
    await beside.replaceRootKey(added, other());
    expect(await rejection(Vault.open(name, passphrase()))).to.include({ name: "WrongRootKeyException" });
    (await opens(name, other(), kept)).close();
    expect(await vault.finishRotation()).to.equal(false);
    await vault.addRootKey(RootKey.fromPassphrase("known", CHEAP));
    expect(await rejection(vault.shred(RootKey.fromPassphrase("known", CHEAP)))).to.include({ name: "ValidationException" });
    await vault.shred(passphrase());
    expect(await rejection(vault.removeRootKey((await vault.rootKeys())[0].id))).to.include({ name: "LastRootKeyException" });
    for (const root of [rootKey(), other(), RootKey.fromRecoveryKey(written)]) {
      expect(await rejection(Vault.open(name, root))).to.include({ name: "WrongRootKeyException" });
    }
    (await opens(name, passphrase(), kept)).close();
    expect((await vault.client().listKeys()).keys).to.have.length(2);
    vault.close();
    beside.close();
  }),

  "a key of WebCrypto opens the vault, and no script reads it": withName(async (name) => {
    const browser = () => RootKey.webCrypto(name);
    try {
      const vault = await Vault.create(name, passphrase());
      const kept = await encrypted(vault);
      await vault.addRootKey(browser(), "this browser");
      vault.close();
      const opened = await opens(name, browser(), kept);
      expect((await opened.rootKeys()).map(({ kind, label, name, opened, inUse }) => [kind, label, name, opened, inUse])).to.deep.equal(
        [["PASSPHRASE", "", undefined, true, false], ["CALLBACK", "this browser", `webcrypto:${name}`, true, true]]);
      const key = await within("pocketkms-root-keys", "keys", "readonly", (keys) => keys.get(name));
      expect(key.extractable).to.equal(false);
      expect(await rejection(crypto.subtle.exportKey("raw", key))).to.be.an.instanceof(DOMException);
      // It is no root key that a person can keep.
      const [{ id }] = await opened.rootKeys();
      expect(await rejection(opened.removeRootKey(id))).to.include({ name: "LastRootKeyException" });
      expect(await rejection(opened.shred(browser()))).to.include({ name: "LastRootKeyException" });
      // Rotated under both, and as a snapshot.
      await opened.rotateVaultKey([passphrase(), browser()]);
      opened.close();
      (await opens(name, browser(), kept)).close();
      const again = await opens(name, passphrase(), kept);
      const copy = await Vault.openSnapshot(await again.snapshot(), browser());
      expect((await copy.client().listKeys()).keys).to.have.length(1);
      again.close();
      expect(await rejection(Vault.open(name, RootKey.webCrypto(`${name} other`)))).to.include({ name: "WrongRootKeyException" });
      // Another key in its place, and then none.
      const other = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
      await within("pocketkms-root-keys", "keys", "readwrite", (keys) => keys.put(other, name));
      expect(await rejection(Vault.open(name, browser()))).to.include({ name: "WrongRootKeyException" });
      await RootKey.forgetWebCrypto(name);
      const gone = await rejection(Vault.openOrCreate(name, browser()));
      expect(gone).to.include({ name: "WrongRootKeyException" });
      expect(gone.message).to.contain("another of its root keys");
      (await opens(name, passphrase(), kept)).close();
    } finally {
      await RootKey.forgetWebCrypto(name);
    }
  }),

  "a vault is made by a key of WebCrypto, and two that come at once have one key": withName(async (name) => {
    try {
      const vaults = await Promise.all([0, 1].map(() => Vault.inMemory(RootKey.webCrypto(name))));
      for (const vault of vaults) {
        await Vault.openSnapshot(await vault.snapshot(), RootKey.webCrypto(name));
      }
      const vault = await Vault.openOrCreate(name, RootKey.webCrypto(name));
      const kept = await encrypted(vault);
      const { text: written } = await vault.addRecoveryKey();
      vault.close();
      (await Vault.openOrCreate(name, RootKey.webCrypto(name))).close();
      (await opens(name, RootKey.fromRecoveryKey(written), kept)).close();
    } finally {
      await RootKey.forgetWebCrypto(name);
    }
  }),

  "a key that does not unwrap what it wrapped is not added": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const before = await vault.rootKeys();
    const { decrypt } = SubtleCrypto.prototype;
    for (const wrong of [async () => new ArrayBuffer(32), async () => new ArrayBuffer(31), async () => { throw new DOMException("no", "OperationError"); }]) {
      SubtleCrypto.prototype.decrypt = wrong;
      try {
        expect(await rejection(vault.addRootKey(RootKey.webCrypto(name)))).to.include({ name: "WrongRootKeyException" });
      } finally {
        SubtleCrypto.prototype.decrypt = decrypt;
      }
      expect(await vault.rootKeys()).to.deep.equal(before);
    }
    vault.close();
    await RootKey.forgetWebCrypto(name);
  }),

  "a page has a worker hash passphrases, and what is wrong is said as it is": withName(async (name) => {
    const posted = [];
    const spy = (post) => function (message, ...rest) {
      if (message.passphrase) posted.push(text(message.passphrase));
      return post.call(this, message, ...rest);
    };
    await replaced(Worker.prototype, "postMessage", spy, async () => {
      const vault = await Vault.create(name, passphrase());
      const kept = await encrypted(vault);
      await vault.addRootKey(RootKey.fromPassphrase("second", CHEAP));
      await vault.rotateVaultKey([passphrase(), RootKey.fromPassphrase("second", CHEAP)]);
      vault.close();
      (await opens(name, RootKey.fromPassphrase("second"), kept)).close();
      expect(await rejection(Vault.open(name, RootKey.fromPassphrase("third", CHEAP)))).to.include({ name: "WrongRootKeyException" });
      const limited = RootKey.fromPassphrase("text", CHEAP, { memoryKib: 32, lanes: 1 });
      expect(await rejection(Vault.open(name, limited))).to.include({ name: "LimitExceededException" });
      expect(await rejection(Vault.openOrCreate(name, rootKey()))).to.include({ name: "WrongRootKeyException" });
    });
    // In a page there is one, and where there is none the thread does it.
    expect(posted).to.deep.equal(globalThis.document ? ["text", "second", "text", "second", "second", "third", "text"] : []);
  }),
};

const CHEAP = { memoryKib: 64, passes: 1, lanes: 1 };
const passphrase = () => RootKey.fromPassphrase("text", CHEAP);
