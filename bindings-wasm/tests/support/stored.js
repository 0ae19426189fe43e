// What the cases of vaults in IndexedDB share.
import { expect } from "chai";
import { Vault } from "pocketkms";
import { bytes, rejection, rootKey, text } from "./help.js";

const inBrowser = globalThis.indexedDB !== undefined;

/** A case with a name of its own for a vault, which is deleted afterwards. Node has no IndexedDB, and says so. */
export const withName = (work) => async () => {
  if (!inBrowser) {
    const error = await rejection(Vault.openOrCreate("vault", rootKey()));
    expect(error).to.include({ name: "StoreException" });
    expect(error.explanation).to.contain("Node has no IndexedDB");
    return;
  }
  const name = `test-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
  try {
    await work(name);
  } finally {
    await Vault.delete(name);
  }
};

/** What a request of one transaction on a database comes to. */
export const within = (database, store, mode, work) => new Promise((resolve, reject) => {
  const opening = indexedDB.open(database);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const transaction = opening.result.transaction(store, mode);
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => { opening.result.close(); resolve(request.result); };
    transaction.onabort = () => reject(transaction.error);
  };
});

/** The records of a vault's database. */
export const records = (name, mode, work) => within(`pocketkms:${name}`, "records", mode, work);

/** Puts something in place of a method while work is done. */
export async function replaced(object, name, value, work) {
  const { [name]: original } = object;
  object[name] = value(original);
  try {
    return await work();
  } finally {
    object[name] = original;
  }
}

/** Something that a new key of a vault encrypted. */
export async function encrypted(vault) {
  const { keyMetadata: { keyId } } = await vault.client().createKey();
  return vault.client().encrypt({ keyId, plaintext: bytes("secret") });
}

/** Opens a vault by another root key, and what was encrypted in it. */
export async function opens(name, root, { ciphertextBlob }) {
  const opened = await Vault.open(name, root);
  expect(text((await opened.client().decrypt({ ciphertextBlob })).plaintext)).to.equal("secret");
  expect(await opened.verify()).to.deep.equal([]);
  return opened;
}
