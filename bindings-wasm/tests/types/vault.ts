// Vaults, root keys, clocks and errors, as TypeScript sees them.
import { DisabledException, Kms, KmsError, ManualClock, NotFoundException, RootKey, fromCloneable, isKmsError, locateWasm, toCloneable, type Clock } from "pocketkms";

export async function vaults() {
  using root = RootKey.fromPassphrase("text", { memoryKib: 64 });
  const clock = new ManualClock(new Date(0));
  using kms = await Kms.create(root, { clock, account: "111122223333", region: "eu-central-1" });
  clock.advanceDays(1);
  const snapshot: Uint8Array = await kms.snapshot();
  const opened: Kms = await Kms.openSnapshot(snapshot, RootKey.fromBytes(new Uint8Array(32)));
  await opened.changeRootKey(root);
  opened.asCaller({ region: "us-east-1" }).close();
  locateWasm(async () => new URL("https://example.com/pocketkms_bg.wasm"));

  const fixed: Clock = { now: () => new Date(0) };
  await Kms.create(root, { clock: fixed });

  // @ts-expect-error: made by its own functions only
  new Kms();
  // @ts-expect-error: likewise
  new RootKey(new Uint8Array(32));
  // @ts-expect-error: a root key says what it is made of
  await Kms.create(new Uint8Array(32));
  // @ts-expect-error: text is a passphrase, not a key
  RootKey.fromBytes("text");
  // @ts-expect-error: the time is a Date
  await Kms.create(root, { clock: { now: () => 0 } });
  // @ts-expect-error: misspelt
  await Kms.create(root, { acount: "111122223333" });
  // @ts-expect-error: misspelt
  RootKey.fromPassphrase("text", { memoryKiB: 64 });
  // @ts-expect-error: a Date too
  clock.set(0);
}

export function errors(error: unknown) {
  // @ts-expect-error: not known yet
  error.code;
  if (isKmsError(error)) {
    const known: KmsError = error;
    const explanation: string | undefined = known.explanation;
    const cause: KmsError | undefined = known.cause;
    const causes: readonly KmsError[] = known.causes;
    return [known.code, known.httpStatus, explanation, cause, causes];
  }
  if (isKmsError(error, "DisabledException")) {
    const disabled: DisabledException = error;
    const name: "DisabledException" = disabled.name;
    const status: 400 = error.httpStatus;
    return [name, status];
  }
  if (error instanceof NotFoundException) {
    return error.name satisfies "NotFoundException";
  }
  // @ts-expect-error: AWS knows no such exception
  return isKmsError(error, "NoSuchKeyException");
}

export async function saving(kms: Kms, rootKey: RootKey, snapshot: Uint8Array) {
  const opened = await Kms.openSnapshot(snapshot, rootKey, { clockTrust: "system" });
  // @ts-expect-error: no such trust
  await Kms.openSnapshot(snapshot, rootKey, { clockTrust: "none" });
  // @ts-expect-error: read only
  opened.needsSaving = false;
  if ((await opened.timeInDoubt()) && !opened.closed) await opened.confirmTime();
  const { account, region }: { account: string; region: string } = opened.caller;
  const newer: boolean = (await opened.revision()) > (await kms.revision()) && kms.needsSaving;
  const [damaged] = await kms.verify();
  return [newer, account, region, damaged?.name, damaged?.error, RootKey.fromPassphrase("a", { passes: 4 }, { memoryKib: 65536 })];
}

export const sent = (error: unknown) => fromCloneable(structuredClone(toCloneable(error)));
