// Vaults in IndexedDB where the database is not as it was left, and where the browser lacks what only helps.
import { expect } from "chai";
import { Vault } from "pocketkms";
import { rejection, rootKey, text } from "../support/help.js";
import { encrypted, records, replaced, withName } from "../support/stored.js";

/** Puts something in place of a record that is there. */
async function spoiled(name, record, spoil) {
  const [found] = await records(name, "readonly", (store) => store.getAll(record));
  await records(name, "readwrite", (store) => store.put(spoil(found)));
  return () => records(name, "readwrite", (store) => store.put(found));
}

const SPOILED = {
  "a text for a revision": (record) => ({ ...record, revision: "1" }),
  "no revision": ({ name, value }) => ({ name, value }),
  "a revision that is no number": (record) => ({ ...record, revision: NaN }),
  "a text for its bytes": (record) => ({ ...record, value: "text" }),
  "no bytes": ({ name, revision }) => ({ name, revision }),
  "an empty record": (record) => ({ ...record, value: new Uint8Array() }),
};

/** Puts something in place of what the navigator has while work is done. */
async function withNavigators(name, value, work) {
  Object.defineProperty(navigator, name, { value, configurable: true });
  try {
    await work();
  } finally {
    delete navigator[name];
  }
}

async function rejected(what, work) {
  const error = await work().then(() => undefined, (error) => error);
  expect(error, what).to.be.an.instanceof(Error);
  return error;
}

export default {
  "what is no record is damage, and mended by putting it back": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const { ciphertextBlob, keyId } = await encrypted(vault);
    vault.close();
    const [key] = (await records(name, "readonly", (store) => store.getAllKeys())).filter((record) => record.startsWith("key/") && record.includes(keyId.split("/")[1].replaceAll("-", "")));
    for (const record of [key, "generation", "vault"]) {
      for (const [what, spoil] of Object.entries(SPOILED)) {
        // That the latest one is lost keeps no one from decrypting.
        if (record === "generation" && what === "an empty record") continue;
        const mend = await spoiled(name, record, spoil);
        const error = await rejected(`${record}: ${what}`, async () => {
          const opened = await Vault.open(name, rootKey());
          try {
            await opened.client().decrypt({ ciphertextBlob });
          } finally {
            opened.close();
          }
        });
        expect(error.name, `${record}: ${what}`).to.be.oneOf(["StoreDamagedException", "RecordCorruptedException", "InvalidVaultException"]);
        await mend();
      }
    }
    const opened = await Vault.open(name, rootKey());
    expect(text((await opened.client().decrypt({ ciphertextBlob })).plaintext)).to.equal("secret");
    expect(await opened.verify()).to.deep.equal([]);
    opened.close();
  }),

  "a database that is cleared under an open vault is named, and not filled with half of one": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    await encrypted(vault);
    await records(name, "readwrite", (store) => store.clear());
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const error = await rejection(vault.client().createKey());
    expect(error.name).to.be.oneOf(["StoreDamagedException", "RecordCorruptedException", "NotFoundException", "RolledBackException"]);
    vault.close();
    expect(await records(name, "readonly", (store) => store.getAllKeys())).to.deep.equal([]);
    expect(await rejection(Vault.open(name, rootKey()))).to.include({ name: "NotFoundException" });
  }),

  "an engine that does not read is a named error, for as long": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const { ciphertextBlob } = await encrypted(vault);
    vault.close();
    const opened = await Vault.open(name, rootKey());
    const unreadable = () => { throw new DOMException("the disk is gone", "UnknownError"); };
    await replaced(IDBObjectStore.prototype, "get", () => unreadable, async () => {
      expect(await rejection(opened.client().decrypt({ ciphertextBlob }))).to.include({ name: "StoreException" });
      // The look at the generation, when the lease is over, and the one for the header.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      expect(await rejection(opened.client().decrypt({ ciphertextBlob }))).to.include({ name: "StoreException" });
      expect(await rejection(Vault.open(name, rootKey()))).to.include({ name: "StoreException" });
    });
    expect(text((await opened.client().decrypt({ ciphertextBlob })).plaintext)).to.equal("secret");
    opened.close();
  }),

  "without Web Locks and BroadcastChannel, two handles still race without a loss": withName(async (name) => {
    await replaced(globalThis, "BroadcastChannel", () => undefined, () => withNavigators("locks", undefined, async () => {
      const handles = [await Vault.create(name, rootKey()), await Vault.open(name, rootKey())];
      const created = await Promise.all(handles.flatMap((vault) => Array.from({ length: 5 }, async () => (await vault.client().createKey()).keyMetadata.keyId)));
      handles.forEach((vault) => vault.close());
      const vault = await Vault.open(name, rootKey());
      expect((await vault.client().listKeys()).keys.map(({ keyId }) => keyId).sort()).to.deep.equal(created.sort());
      expect(await vault.verify()).to.deep.equal([]);
      vault.close();
    }));
  }),

  "a browser that cannot be asked to keep it keeps it as it does": withName(async (name) => {
    const refuse = async () => { throw new Error("no"); };
    for (const storage of [undefined, { persisted: refuse }, { persisted: async () => false, persist: refuse }]) {
      await withNavigators("storage", storage, async () => {
        const vault = await Vault.openOrCreate(name, rootKey());
        expect(vault).to.include({ durable: true, persistent: false });
        vault.close();
      });
    }
  }),

  "calls that are under way when another tab deletes the vault end by name": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const kms = vault.client();
    const calls = Promise.allSettled(Array.from({ length: 20 }, () => kms.createKey()));
    await Vault.delete(name);
    for (const { status, reason } of await calls) {
      if (status === "rejected") expect(reason.name).to.be.oneOf(["VaultClosedException", "StoreException", "OutcomeUnknownException"]);
    }
    expect(vault.closed).to.equal(true);
    expect(await rejection(kms.listKeys())).to.include({ name: "VaultClosedException" });
    expect(await rejection(Vault.open(name, rootKey()))).to.include({ name: "NotFoundException" });
  }),

  "a database of that name that is no vault's is a named error": withName(async (name) => {
    await new Promise((resolve, reject) => {
      const request = indexedDB.open(`pocketkms:${name}`, 1);
      request.onupgradeneeded = () => request.result.createObjectStore("others");
      request.onerror = () => reject(request.error);
      request.onsuccess = () => { request.result.close(); resolve(); };
    });
    expect(await rejection(Vault.openOrCreate(name, rootKey()))).to.include({ name: "StoreException" });
  }),
};
