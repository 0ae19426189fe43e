// Errors with classes.
import { expect } from "chai";
import * as pocketkms from "pocketkms";
import { bytes, rejection, vault } from "../support/help.js";

const { InvalidCiphertextException, KmsError, NotFoundException, WrongRootKeyException, errorClasses, isKmsError } = pocketkms;

export default {
  async "an error has AWS's name, a code and a status"() {
    const { kms } = await vault();
    const error = await rejection(kms.describeKey({ keyId: "alias/none" }));
    expect(error).to.be.an.instanceof(NotFoundException);
    expect(error).to.be.an.instanceof(KmsError);
    expect(error).to.include({ name: "NotFoundException", code: 20, httpStatus: 400, category: "OTHER" });
    expect(error.message).to.contain("alias/none");
    expect(String(error)).to.match(/^NotFoundException: .*alias\/none/);
    // V8 begins it with the name; other engines list the calls alone.
    expect(error.stack).to.be.a("string");
  },

  async "a decryption failure explains itself locally only"() {
    const { kms } = await vault();
    const { ciphertextBlob } = await kms.encrypt({ keyId: "alias/test", plaintext: bytes("a"), encryptionContext: { a: "b" } });
    const error = await rejection(kms.decrypt({ ciphertextBlob, encryptionContext: { a: "c" } }));
    expect(error).to.be.an.instanceof(InvalidCiphertextException);
    expect(error.message).to.equal("");
    expect(error.explanation).to.contain("context");
    for (const text of [JSON.stringify(error), String(error), error.stack, JSON.stringify({ ...error }), JSON.stringify(Object.entries(error))]) {
      expect(text).not.to.contain(error.explanation);
    }
  },

  async "all decryption failures have the same text"() {
    const { kms, key } = await vault();
    const encryptionContext = { order: "4711" };
    const { ciphertextBlob } = await kms.encrypt({ keyId: key.keyId, plaintext: bytes("a"), encryptionContext });
    const changed = (at) => Uint8Array.from(ciphertextBlob, (byte, index) => (index === (at + ciphertextBlob.length) % ciphertextBlob.length ? byte ^ 1 : byte));
    const failures = [
      kms.decrypt({ ciphertextBlob }),
      kms.decrypt({ ciphertextBlob, encryptionContext: { order: "4712" } }),
      ...[0, 20, 60, -1].map((at) => kms.decrypt({ ciphertextBlob: changed(at), encryptionContext })),
      kms.decrypt({ ciphertextBlob: ciphertextBlob.subarray(0, 40), encryptionContext }),
      kms.decrypt({ ciphertextBlob: bytes("no ciphertext at all"), encryptionContext }),
    ];
    const texts = await Promise.all(failures.map(async (promise) => {
      const error = await rejection(promise);
      expect(error.explanation).to.be.a("string");
      return [String(error), error.message, error.stack.split("\n")[0].replace(/^(?!Invalid).*$/, ""), JSON.stringify(error)].join();
    }));
    expect(new Set(texts).size).to.equal(1);

    const client = new pocketkms.EncryptionClient();
    const [keyring, wrong] = [7, 8].map((byte) => new pocketkms.RawAesKeyring({ namespace: "a", name: "b", wrappingKey: new Uint8Array(32).fill(byte) }));
    const { message } = await client.encrypt(keyring, bytes("a"), { encryptionContext });
    const altered = (at) => { const copy = message.slice(); copy[at < 0 ? copy.length + at : at] ^= 1; return copy; };
    const byName = {};
    for (const promise of [
      client.decrypt(wrong, message), client.decrypt(new pocketkms.RawAesKeyring({ namespace: "c", name: "d", wrappingKey: new Uint8Array(16) }), message),
      ...Array.from({ length: message.length }, (_, at) => client.decrypt(keyring, altered(at))), client.decrypt(keyring, message.subarray(0, 100)),
    ]) {
      const error = await rejection(promise);
      (byName[error.name] ??= new Set()).add(`${error} ${JSON.stringify(error)}`);
    }
    for (const name of ["InvalidMessageException", "UnableToDecryptDataKeyException"]) {
      expect(Array.from(byName[name], (text) => text.split(" ")[0])).to.deep.equal([name]);
    }
  },

  async "an error keeps its class, code and explanation on its way to a worker and back"() {
    const { kms } = await vault();
    const { fromCloneable, toCloneable } = pocketkms;
    const error = await rejection(kms.describeKey({ keyId: "alias/none" }));
    const inner = new WrongRootKeyException("inner", "because");
    for (const one of [error, new NotFoundException("outer", "explained", [inner])]) {
      const back = fromCloneable(structuredClone(toCloneable(one)));
      expect(back).to.be.an.instanceof(NotFoundException);
      expect(isKmsError(back, "NotFoundException")).to.equal(true);
      expect([back.message, back.code, back.explanation, back.stack, back.causes.length]).to.deep.equal([one.message, one.code, one.explanation, one.stack, one.causes.length]);
      expect(structuredClone(one).message).to.equal(one.message);
    }
    const back = fromCloneable(structuredClone(toCloneable(new NotFoundException("outer", undefined, [inner]))));
    expect([back.cause.name, back.cause.explanation]).to.deep.equal(["WrongRootKeyException", "because"]);
    for (const other of [undefined, null, "text", new Error("a"), { code: 20 }, { name: "NotFoundException" }, { name: "Other", code: 20 }]) {
      expect(toCloneable(other)).to.equal(other);
      expect(fromCloneable(other)).to.equal(other);
    }
  },

  async "what became of each encrypted data key is reported, with the object that the app threw"() {
    const { kms, key } = await vault();
    const client = new pocketkms.EncryptionClient();
    const [raw, other] = [7, 8].map((byte) => new pocketkms.RawAesKeyring({ namespace: "app", name: `key ${byte}`, wrappingKey: new Uint8Array(32).fill(byte) }));
    const thrown = new RangeError("the HSM is off");
    const hsm = (unwrap) => new pocketkms.CallbackKeyring("hsm", { wrap: (dataKey) => ({ providerInfo: bytes("slot 1"), ciphertext: dataKey.slice() }), unwrap });
    const off = hsm(() => { throw thrown; });
    const { message } = await client.encrypt(new pocketkms.MultiKeyring(new pocketkms.KmsKeyring(kms, key.arn), [raw, off]), bytes("a"));
    await kms.disableKey({ keyId: key.keyId });
    const remote = { ...Object.fromEntries(["generateDataKey", "encrypt"].map((name) => [name, () => {}])), decrypt: async () => { throw thrown; } };
    for (const [first, name, origin] of [[new pocketkms.KmsKeyring(kms, key.arn), "DisabledException", undefined], [new pocketkms.KmsKeyring(remote, key.arn), "KeyUnavailableException", thrown]]) {
      const error = await rejection(client.decrypt(new pocketkms.MultiKeyring(undefined, [first, other, off]), message));
      expect(error).to.be.an.instanceof(pocketkms.UnableToDecryptDataKeyException);
      expect(error.attempts.map(({ index, providerId, keyName, keyArn, error }) => [index, providerId, keyName, keyArn, error?.name])).to.deep.equal([
        [0, "aws-kms", key.arn, key.arn, name],
        [1, "app", "key 7", undefined, undefined],
        [2, "hsm", "slot 1", undefined, "KeyUnavailableException"],
      ]);
      expect(error.attempts[0].error.origin).to.equal(origin);
      expect(error.attempts[2].error.origin).to.equal(thrown);
      expect(error.causes).to.deep.equal([error.attempts[0].error, error.attempts[2].error]);
      expect(error.describe()).to.contain("UnableToDecryptDataKeyException").and.contain("the HSM is off").and.contain(key.arn);
      for (const said of [JSON.stringify(error), JSON.stringify({ ...error }), String(error)]) expect(said).not.to.contain("HSM");
      const back = pocketkms.fromCloneable(structuredClone(pocketkms.toCloneable(error)));
      expect(back.attempts.map(({ error, ...attempt }) => ({ ...attempt, error: error?.name }))).to.deep.equal(error.attempts.map(({ error, ...attempt }) => ({ ...attempt, error: error?.name })));
      expect(back.attempts[2].error).to.equal(back.causes[1]);
      expect(back.describe()).to.equal(error.describe());
    }
    const missing = await rejection(kms.describeKey({ keyId: "alias/none" }));
    expect([missing.attempts, missing.origin]).to.deep.equal([[], undefined]);
    expect(missing.describe()).to.contain("alias/none");
    expect(new NotFoundException("a", "b").describe()).to.equal("NotFoundException: a\nb");
  },

  async "an abort ends a decryption, and is no reason among others"() {
    const client = new pocketkms.EncryptionClient();
    const { kms, key } = await vault();
    const raw = new pocketkms.RawAesKeyring({ namespace: "app", name: "key", wrappingKey: new Uint8Array(32) });
    const stopped = new DOMException("stop", "AbortError");
    const unwrap = () => { throw stopped; };
    const hsm = new pocketkms.CallbackKeyring("hsm", { wrap: (dataKey) => ({ providerInfo: bytes("slot 1"), ciphertext: dataKey.slice() }), unwrap });
    const remote = { ...Object.fromEntries(["generateDataKey", "encrypt"].map((name) => [name, () => {}])), decrypt: async () => { throw stopped; } };
    for (const [writes, reads] of [[hsm, hsm], [new pocketkms.KmsKeyring(kms, key.arn), new pocketkms.KmsKeyring(remote, key.arn)]]) {
      const { message } = await client.encrypt(new pocketkms.MultiKeyring(writes, [raw]), bytes("a"));
      expect(await rejection(client.decrypt(reads, message))).to.equal(stopped);
      // The next keyring could open it, and is not asked.
      expect(await rejection(client.decrypt(new pocketkms.MultiKeyring(undefined, [reads, raw]), message))).to.equal(stopped);
    }
  },

  async "an error without AWS's text has an explanation"() {
    const { kms } = await vault();
    const { ciphertextBlob } = await kms.encrypt({ keyId: "alias/test", plaintext: bytes("a") });
    for (const failing of [kms.decrypt({ ciphertextBlob, encryptionContext: { a: "b" } }), kms.decrypt({ ciphertextBlob: bytes("none") })]) {
      const error = await rejection(failing);
      expect(error.message).to.equal("");
      expect(error.explanation).to.have.length.above(20);
    }
  },

  async "type guards know errors of KMS from others"() {
    const { host, kms } = await vault();
    const error = await rejection(kms.describeKey({ keyId: "alias/none" }));
    expect(isKmsError(error)).to.equal(true);
    expect(isKmsError(error, "NotFoundException")).to.equal(true);
    expect(isKmsError(error, "DisabledException")).to.equal(false);
    host.close();
    expect(isKmsError(await rejection(kms.listKeys()), "VaultClosedException")).to.equal(true);
    const root = pocketkms.RootKey.fromBytes(new Uint8Array(32));
    root.close();
    const closed = await rejection(pocketkms.Vault.inMemory(root));
    expect(closed.name).to.equal("InvalidStateError");
    for (const other of [closed, new Error("a"), Object.assign(new Error("a"), { code: 20 }), undefined, null, "a", { name: "NotFoundException", code: 20 }]) {
      expect(isKmsError(other)).to.equal(false);
    }
  },

  async "every kind of error has a class, exported by its name"() {
    expect(errorClasses.size).to.be.above(25);
    for (const [code, type] of errorClasses) {
      const cause = new WrongRootKeyException("inner");
      const error = new type("message", "explanation", [cause]);
      expect(error).to.include({ code, message: "message", explanation: "explanation", cause });
      expect(error.causes).to.deep.equal([cause]);
      expect(pocketkms[error.name]).to.equal(type);
      expect(isKmsError(error, error.name)).to.equal(true);
    }
  },
};
