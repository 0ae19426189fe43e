// What is JavaScript's own of an operation. What each one does is in the scenarios that all languages play.
import { expect } from "chai";
import { START, vault } from "../support/help.js";

export default {
  async "an answer has bytes, dates, and no member without a value"() {
    const { kms, key } = await vault();
    expect(key.creationDate).to.deep.equal(START);
    expect(key).not.to.have.property("deletionDate");
    const sealed = await kms.generateDataKeyWithoutPlaintext({ keyId: key.keyId, numberOfBytes: 64 });
    expect(sealed.ciphertextBlob).to.be.an.instanceof(Uint8Array);
    expect(sealed).to.have.keys("ciphertextBlob", "keyId", "keyMaterialId");
    expect(await kms.listKeys()).to.have.keys("keys", "truncated");
    expect(await kms.disableKey({ keyId: key.keyId })).to.equal(undefined);
  },

  async "lists are walked page by page"() {
    const { kms, key } = await vault();
    for (let made = 1; made < 5; made += 1) await kms.createKey();
    const request = { limit: 2 };
    const walk = kms.paginate("listKeys", request);
    request.limit = 1;
    const pages = [];
    for await (const { keys } of walk) pages.push(keys.length);
    expect(pages).to.deep.equal([2, 2, 1]);
    for await (const { aliases } of kms.paginate("listAliases")) expect(aliases).to.have.length(1);
    for await (const { rotations } of kms.paginate("listKeyRotations", { keyId: key.keyId })) expect(rotations).to.deep.equal([]);
    for await (const page of kms.paginate("listBranchKeys")) expect(page.truncated).to.equal(false);
    for (const wrong of ["encrypt", "list", undefined]) expect(() => kms.paginate(wrong)).to.throw(TypeError, "listKeys");
    const failing = kms.paginate("listKeys", { marker: "none" });
    expect((await failing.next().catch((error) => error)).name).to.equal("InvalidMarkerException");
  },

  async "random bytes are random"() {
    const { kms } = await vault();
    const { plaintext } = await kms.generateRandom({ numberOfBytes: 1024 });
    expect(new Set(plaintext).size).to.be.above(200);
  },
};
