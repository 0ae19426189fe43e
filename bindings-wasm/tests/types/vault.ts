// Vaults, root keys, clocks and errors, as TypeScript sees them.
import { DisabledException, Kms, KmsError, ManualClock, NotFoundException, RootKey, Vault, fromCloneable, isKmsError, locateWasm, preload, toCloneable, type AuditProblemKind, type AuditReport, type Clock, type ErrorCategory, type RootKeyKind } from "pocketkms";

export async function vaults() {
  using root = RootKey.fromPassphrase("text", { memoryKib: 64 });
  const clock = new ManualClock(new Date(0));
  using vault = await Vault.inMemory(root, { clock, accountId: "111122223333", region: "eu-central-1" });
  clock.advanceDays(1);
  const snapshot: Uint8Array = await vault.snapshot();
  const opened: Vault = await Vault.openSnapshot(snapshot, RootKey.fromBytes(new Uint8Array(32)));
  await opened.shred(root);
  const id: string = await opened.addRootKey(root, "server");
  await opened.replaceRootKey(id, await RootKey.generate());
  await opened.removeRootKey(id);
  const { text } = await opened.addRecoveryKey();
  await opened.rotateVaultKey([RootKey.fromRecoveryKey(text)]);
  await opened.addRootKey(RootKey.webCrypto("browser"));
  const passkey = await RootKey.createPasskey({ user: { id: new Uint8Array(8), name: "alice" } });
  const restored: Vault = await Vault.restore("name", await opened.snapshotBlob(), RootKey.passkey({ rpId: "example.com" }));
  const inMemory = await Vault.openOrCreate("name", RootKey.fromPassphrase("text", { milliseconds: 500 }), { inMemoryWhereRefused: true });
  const warning: string | undefined = inMemory.warning?.name;
  [passkey, restored, warning].forEach(console.log);
  const kinds: RootKeyKind[] = (await opened.rootKeys()).map(({ kind }) => kind);
  const finished: boolean = await opened.finishRotation();
  void [kinds, finished];
  const kms: Kms = opened.client({ accountId: "111122223333", region: "us-east-1", principal: "arn:aws:iam::111122223333:user/anna" });
  await opened.client().listKeys();
  // @ts-expect-error: only the host closes
  kms.close();
  // @ts-expect-error: nor does a caller become another
  kms.client();
  locateWasm(async () => new URL("https://example.com/pocketkms_bg.wasm"));
  locateWasm((file) => `https://example.com/${file}`);
  await preload({ asymmetric: true });
  await preload();

  const fixed: Clock = { now: () => new Date(0) };
  await Vault.inMemory(root, { clock: fixed });

  // @ts-expect-error: made by its own functions only
  new Vault();
  // @ts-expect-error: made by a vault only
  new Kms();
  // @ts-expect-error: likewise
  new RootKey(new Uint8Array(32));
  // @ts-expect-error: a root key says what it is made of
  await Vault.inMemory(new Uint8Array(32));
  // @ts-expect-error: text is a passphrase, not a key
  RootKey.fromBytes("text");
  // @ts-expect-error: the time is a Date
  await Vault.inMemory(root, { clock: { now: () => 0 } });
  // @ts-expect-error: misspelt
  await Vault.inMemory(root, { acountId: "111122223333" });
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
    return [known.code, known.httpStatus, known.category satisfies ErrorCategory, explanation, cause, causes];
  }
  if (isKmsError(error, "DisabledException")) {
    const disabled: DisabledException = error;
    const name: "DisabledException" = disabled.name;
    const status: 400 = error.httpStatus;
    const category: "OTHER" = error.category;
    return [name, status, category];
  }
  if (error instanceof NotFoundException) {
    return error.name satisfies "NotFoundException";
  }
  // @ts-expect-error: AWS knows no such exception
  return isKmsError(error, "NoSuchKeyException");
}

export async function saving(vault: Vault, rootKey: RootKey, snapshot: Uint8Array) {
  const opened = await Vault.openSnapshot(snapshot, rootKey, { clockTrust: "SYSTEM", attestationRoots: [snapshot] });
  // @ts-expect-error: no such trust
  await Vault.openSnapshot(snapshot, rootKey, { clockTrust: "none" });
  // @ts-expect-error: read only
  opened.needsSaving = false;
  if ((await opened.timeInDoubt()) && !opened.closed) await opened.confirmTime();
  const { accountId, region, principal }: { accountId: string; region: string; principal: string } = opened.client().caller;
  const newer: boolean = (await opened.revision()) > (await vault.revision()) && vault.needsSaving;
  const texts: string[] = [];
  const report: AuditReport = await vault.verifyAudit();
  const kind: AuditProblemKind | undefined = report.problems[0]?.kind;
  for await (const event of vault.auditEvents({ errorsOnly: true })) texts.push(event.errorCode ?? kind ?? event.eventId);
  for await (const text of vault.exportAudit({ format: "JSON_LINES", startTime: new Date() })) texts.push(text);
  texts.push((await vault.lookupEvents()).nextMarker ?? await vault.head());
  const audited = await Vault.inMemory(rootKey, { audit: { milliseconds: 5 }, auditSink: (events) => events.map((event) => event.principal) });
  // @ts-expect-error: no way to audit
  await Vault.inMemory(rootKey, { audit: "off" });
  const removed: number = await audited.removeAuditBefore(new Date());
  const [damaged] = await vault.verify();
  return [newer, texts, removed, accountId, region, principal, damaged?.name, damaged?.error, RootKey.fromPassphrase("a", { passes: 4 }, { memoryKib: 65536 })];
}

export const sent = (error: unknown) => fromCloneable(structuredClone(toCloneable(error)));
