// What the cases share. It runs in every environment.
import { expect } from "chai";
import { Kms, ManualClock, RootKey } from "pocketkms";

export const ACCOUNT = "111122223333";
export const REGION = "eu-central-1";
export const START = new Date("2026-01-01T12:00:00.123Z");

export const rootKey = () => RootKey.fromBytes(Uint8Array.from({ length: 32 }, (_, index) => index));

/** A new vault in which the time stands still, and a key with an alias in it. */
export async function vault() {
  const clock = new ManualClock(START);
  const kms = await Kms.create(rootKey(), { clock, account: ACCOUNT, region: REGION });
  const { keyMetadata: key } = await kms.createKey();
  await kms.createAlias({ aliasName: "alias/test", targetKeyId: key.keyId });
  return { kms, clock, key };
}

/** The error that a promise rejects with. */
export async function rejection(promise) {
  const error = await promise.then(() => undefined, (error) => error);
  expect(error).to.be.an.instanceof(Error);
  return error;
}

export const bytes = (text) => new TextEncoder().encode(text);
export const text = (bytes) => new TextDecoder().decode(bytes);
