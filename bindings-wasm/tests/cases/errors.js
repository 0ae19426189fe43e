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
    expect(error).to.include({ name: "NotFoundException", code: 20, httpStatus: 400 });
    expect(error.message).to.contain("alias/none");
    expect(String(error)).to.match(/^NotFoundException: .*alias\/none/);
    expect(error.stack).to.contain("NotFoundException");
  },

  async "a decryption failure explains itself locally only"() {
    const { kms } = await vault();
    const { ciphertextBlob } = await kms.encrypt({ keyId: "alias/test", plaintext: bytes("a"), encryptionContext: { a: "b" } });
    const error = await rejection(kms.decrypt({ ciphertextBlob, encryptionContext: { a: "c" } }));
    expect(error).to.be.an.instanceof(InvalidCiphertextException);
    expect(error.message).to.equal("");
    expect(error.explanation).to.contain("context");
    expect(JSON.stringify(error)).not.to.contain(error.explanation);
  },

  async "type guards tell errors of KMS from others"() {
    const { kms } = await vault();
    const error = await rejection(kms.describeKey({ keyId: "alias/none" }));
    expect(isKmsError(error)).to.equal(true);
    expect(isKmsError(error, "NotFoundException")).to.equal(true);
    expect(isKmsError(error, "DisabledException")).to.equal(false);
    kms.close();
    const closed = await rejection(kms.listKeys());
    expect(closed.name).to.equal("InvalidStateError");
    for (const other of [closed, new Error("a"), Object.assign(new Error("a"), { code: 20 }), undefined, null, "a", { name: "NotFoundException", code: 20 }]) {
      expect(isKmsError(other)).to.equal(false);
    }
  },

  async "every kind of error has a class, exported by its name"() {
    expect(errorClasses.size).to.be.above(25);
    for (const [code, type] of errorClasses) {
      const cause = new WrongRootKeyException("inner");
      const error = new type("message", "explanation", cause);
      expect(error).to.include({ code, message: "message", explanation: "explanation", cause });
      expect(pocketkms[error.name]).to.equal(type);
      expect(isKmsError(error, error.name)).to.equal(true);
    }
  },
};
