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

  async "a key goes into another vault by a parcel"() {
    const { kms } = await vault();
    const { kms: other } = await vault("us-east-1");
    const { keyMetadata: key } = await kms.createKey({ multiRegion: true });
    const asked = await other.createParcelKey({ keyId: key.arn });
    expect(asked.parcelKey).to.be.an.instanceof(Uint8Array);
    for await (const { parcelKeys } of other.paginate("listParcelKeys")) expect(parcelKeys).to.deep.equal([asked]);
    const { parcel, fingerprint } = await kms.sealParcel({ keyId: key.keyId, parcelKey: asked.parcelKey, fingerprint: asked.fingerprint });
    const cut = await other.openParcel({ parcel: parcel.slice(1) }).catch((error) => error);
    expect(cut.name).to.equal("InvalidCiphertextException");
    const { keyMetadata, newKeyMaterials } = await other.openParcel({ parcel, fingerprint });
    expect([keyMetadata.keyId, newKeyMaterials]).to.deep.equal([key.keyId, 1]);
    const { ciphertextBlob } = await kms.encrypt({ keyId: key.keyId, plaintext: Uint8Array.of(1, 2) });
    expect((await other.decrypt({ ciphertextBlob })).plaintext).to.deep.equal(Uint8Array.of(1, 2));
    expect((await other.openParcel({ parcel }).catch((error) => error)).name).to.equal("NotFoundException");
    const { parcelKeyId } = await other.createParcelKey({ keyId: key.arn });
    expect(await other.deleteParcelKey({ parcelKeyId })).to.deep.equal({ parcelKeyId });
  },

  async "random bytes are random"() {
    const { kms } = await vault();
    const { plaintext } = await kms.generateRandom({ numberOfBytes: 1024 });
    expect(new Set(plaintext).size).to.be.above(200);
  },
};
