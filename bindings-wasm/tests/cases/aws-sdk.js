// The client of the AWS SDK for JavaScript, answered by a vault: errors of the SDK's classes, and all of the SDK between. The
// scenarios call every operation through it.
import * as sdk from "@aws-sdk/client-kms";
import { expect } from "chai";
import { RootKey, ValidationException, Vault, VaultClosedException } from "pocketkms";
import { awsSdk } from "pocketkms/aws-sdk";
import { ACCOUNT, REGION, START, bytes, rejection, text, vault } from "../support/help.js";

/** A vault as the others have, a client of the SDK on it, and what sends the command of an operation. */
async function client(options) {
  const made = await vault();
  const aws = new sdk.KMSClient({ ...awsSdk(made.kms), ...options });
  const send = (operation, input = {}, ...rest) => aws.send(new sdk[`${operation}Command`](input), ...rest);
  return { ...made, aws, send };
}

/** Has the ways to a network throw while something runs. */
async function withoutNetwork(run) {
  const names = ["fetch", "XMLHttpRequest", "WebSocket"];
  const kept = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
  const used = [];
  names.forEach((name) => {
    const value = function trap() { used.push(name); throw new Error(`${name} was used`); };
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  });
  try {
    return { result: await run(), used };
  } finally {
    names.forEach((name, index) => (kept[index] ? Object.defineProperty(globalThis, name, kept[index]) : delete globalThis[name]));
  }
}

export default {
  async "answers have the SDK's metadata and types, and come from no network"() {
    const { send, key, kms } = await client();
    const { used } = await withoutNetwork(async () => {
      const { KeyMetadata, $metadata } = await send("CreateKey", { Description: "of the SDK" });
      expect($metadata).to.include({ httpStatusCode: 200, attempts: 1, totalRetryDelay: 0 });
      expect($metadata.requestId).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
      const { KeyId } = KeyMetadata;
      expect(KeyMetadata).to.deep.include({ AWSAccountId: ACCOUNT, Arn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/${KeyId}`, CreationDate: START });
      expect(Object.keys(await send("EnableKey", { KeyId }))).to.deep.equal(["$metadata"]);

      const EncryptionContext = { order: "4711", ключ: "鍵", __proto__x: "" };
      const { CiphertextBlob } = await send("Encrypt", { KeyId, Plaintext: bytes("Grüße"), EncryptionContext });
      expect(CiphertextBlob).to.be.an.instanceof(Uint8Array);
      const moved = await send("ReEncrypt", { CiphertextBlob, SourceEncryptionContext: EncryptionContext, DestinationKeyId: key.keyId });
      // What the SDK encrypted, the package decrypts.
      expect(text((await kms.decrypt({ ciphertextBlob: moved.CiphertextBlob })).plaintext)).to.equal("Grüße");
    });
    expect(used).to.deep.equal([]);
  },

  async "a client without it looks for a network, which the tests would see"() {
    const aws = new sdk.KMSClient({ region: REGION, credentials: { accessKeyId: "a", secretAccessKey: "b" }, maxAttempts: 1 });
    if (typeof document === "undefined") return; // Node's client uses sockets: network.test.js
    const { used } = await withoutNetwork(() => rejection(aws.send(new sdk.ListKeysCommand({}))));
    expect(used).to.deep.equal(["fetch"]);
  },

  async "a throttled call is tried again by the SDK until it passes"() {
    const { send, aws, host, clock } = await client({ maxAttempts: 5 });
    let attempts = 0;
    // After the SDK's own retries: once for each attempt, between which the vault's time goes on.
    aws.middlewareStack.add((next) => (args) => {
      attempts += 1;
      clock.advance({ seconds: 1 });
      return next(args);
    }, { step: "finalizeRequest", priority: "low", name: "turnClock" });
    await host.setRequestQuotas([{ quotaName: "ListKeys", requests: 1, seconds: 3 }]);
    expect((await send("ListKeys")).$metadata.attempts).to.equal(1);
    const { $metadata } = await send("ListKeys");
    expect([$metadata.attempts, attempts]).to.deep.equal([3, 4]);
    expect($metadata.totalRetryDelay).to.be.greaterThan(0);
    // Where no attempt is left, it is an error of AWS's name.
    await host.setRequestQuotas([{ quotaName: "ListKeys", requests: 0 }]);
    const error = await rejection(new sdk.KMSClient({ ...awsSdk(host.client()), maxAttempts: 2 }).send(new sdk.ListKeysCommand({})));
    expect(error).to.include({ name: "ThrottlingException" });
    expect(error.$metadata).to.include({ attempts: 2, httpStatusCode: 400 });
  },

  async "errors are of the SDK's classes, with AWS's text and status"() {
    const { send, kms, key: { keyId: KeyId }, clock } = await client();
    const { CiphertextBlob } = await send("Encrypt", { KeyId, Plaintext: bytes("a"), EncryptionContext: { a: "b" } });
    const other = (await send("CreateKey")).KeyMetadata.KeyId;
    const disabled = (await send("CreateKey")).KeyMetadata.KeyId;
    await send("DisableKey", { KeyId: disabled });
    const pendingDeletion = (await send("CreateKey")).KeyMetadata.KeyId;
    await send("ScheduleKeyDeletion", { KeyId: pendingDeletion });
    for (const [name, status, operation, input] of [
      ["AlreadyExistsException", 400, "CreateAlias", { AliasName: "alias/test", TargetKeyId: KeyId }],
      ["DisabledException", 400, "Encrypt", { KeyId: disabled, Plaintext: bytes("a") }],
      ["DryRunOperationException", 400, "Encrypt", { KeyId, Plaintext: bytes("a"), DryRun: true }],
      ["IncorrectKeyException", 400, "Decrypt", { KeyId: other, CiphertextBlob, EncryptionContext: { a: "b" } }],
      ["InvalidAliasNameException", 400, "CreateAlias", { AliasName: "alias/aws/mine", TargetKeyId: KeyId }],
      ["InvalidArnException", 400, "DescribeKey", { KeyId: "arn:aws:kms:no" }],
      ["InvalidCiphertextException", 400, "Decrypt", { CiphertextBlob, EncryptionContext: { a: "c" } }],
      ["InvalidMarkerException", 400, "ListKeys", { Marker: "none" }],
      ["KMSInvalidStateException", 400, "Encrypt", { KeyId: pendingDeletion, Plaintext: bytes("a") }],
      ["NotFoundException", 400, "DescribeKey", { KeyId: "alias/none" }],
      ["TagException", 400, "TagResource", { KeyId, Tags: [{ TagKey: "aws:a", TagValue: "" }] }],
      ["InvalidKeyUsageException", 400, "Sign", { KeyId, Message: bytes("a"), SigningAlgorithm: "ECDSA_SHA_256" }],
      ["UnsupportedOperationException", 400, "ReplicateKey", { KeyId, ReplicaRegion: "us-west-2" }],
    ]) {
      const error = await rejection(send(operation, input));
      expect(error, name).to.be.an.instanceof(sdk[name] ?? sdk.KMSServiceException);
      expect(error, name).to.be.an.instanceof(sdk.KMSServiceException);
      expect(error.name).to.equal(name);
      expect(error.$metadata, name).to.include({ httpStatusCode: status, attempts: 1 });
      expect(error.$metadata.requestId).to.be.a("string");
      expect(error.$fault, name).to.equal("client");
    }
    // Those that no operation lists have AWS's names, and the class of all.
    const invalid = await rejection(send("GenerateRandom", { NumberOfBytes: 2000 }));
    expect(invalid).to.be.an.instanceof(sdk.KMSServiceException).and.include({ name: "ValidationException" });
    expect(invalid.message).to.contain("1 validation error detected: Value '2000' at 'numberOfBytes' failed to satisfy constraint");
    clock.advanceDays(31);
    const gone = await rejection(send("Decrypt", { CiphertextBlob: (await vault().then(async (made) => made.kms.encrypt({ keyId: "alias/test", plaintext: bytes("a") }))).ciphertextBlob }));
    expect(gone.name).to.equal("AccessDeniedException");
    const missing = await rejection(send("DescribeKey", { KeyId: pendingDeletion }));
    expect(missing.message).to.equal((await rejection(kms.describeKey({ keyId: pendingDeletion }))).message);
    // What only a developer may know stays here.
    const unopened = await rejection(send("Decrypt", { CiphertextBlob, EncryptionContext: { a: "c" } }));
    expect(JSON.stringify(unopened) + unopened.stack).not.to.contain("context");
    expect(text(unopened.$response.body)).to.equal('{"__type":"InvalidCiphertextException"}');
  },

  async "paginators walk over pages"() {
    const { send, aws } = await client();
    for (let made = 1; made < 5; made += 1) await send("CreateKey");
    const pages = [];
    for await (const { Keys } of sdk.paginateListKeys({ client: aws, pageSize: 2 }, {})) pages.push(Keys.length);
    expect(pages).to.deep.equal([2, 2, 1]);
    for await (const { Aliases } of sdk.paginateListAliases({ client: aws }, {})) expect(Aliases).to.have.length(1);
  },

  async "middleware sees requests and answers, and changes them"() {
    const { aws, send, key } = await client();
    const seen = [];
    aws.middlewareStack.add((next, { commandName }) => async (args) => {
      args.request.headers["x-mine"] = "1";
      const answer = await next(args);
      seen.push([commandName, args.request.headers["x-amz-target"], "authorization" in args.request.headers, answer.response.statusCode]);
      return answer;
    }, { step: "finalizeRequest", name: "watch", priority: "low" });
    aws.middlewareStack.add((next) => (args) => next({ ...args, input: { ...args.input, KeyId: "alias/test" } }), { step: "initialize", name: "rename" });
    expect((await send("DescribeKey", { KeyId: "alias/none" })).KeyMetadata.KeyId).to.equal(key.keyId);
    expect(seen).to.deep.equal([["DescribeKeyCommand", "TrentService.DescribeKey", false, 200]]);
  },

  async "the aggregated client has a method for each operation"() {
    const { kms, key } = await vault();
    const aws = new sdk.KMS(awsSdk(kms));
    expect((await aws.describeKey({ KeyId: "alias/test" })).KeyMetadata.KeyId).to.equal(key.keyId);
    const error = await new Promise((resolve) => aws.describeKey({ KeyId: "alias/none" }, resolve));
    expect(error).to.be.an.instanceof(sdk.NotFoundException);
    aws.destroy();
  },

  async "a request can be aborted"() {
    const { send } = await client();
    const controller = new AbortController();
    controller.abort(new Error("no longer wanted"));
    const early = await rejection(send("ListKeys", {}, { abortSignal: controller.signal }));
    expect(early.name).to.equal("AbortError");
    const late = new AbortController();
    const sending = rejection(send("CreateKey", { Description: "aborted" }, { abortSignal: late.signal }));
    late.abort();
    expect((await sending).name).to.equal("AbortError");
    expect((await send("ListKeys", {}, { abortSignal: new AbortController().signal })).Keys).to.have.length(1);
  },

  async "a closed vault gives one clear error, at once"() {
    let attempts = 0;
    const { host, aws, send } = await client({ maxAttempts: 10 });
    aws.middlewareStack.add((next) => (args) => { attempts += 1; return next(args); }, { step: "finalizeRequest", name: "count", priority: "low" });
    await send("ListKeys");
    expect(attempts).to.equal(1);
    host.close();
    const error = await rejection(send("ListKeys"));
    expect(error).to.be.an.instanceof(VaultClosedException);
    expect(error.message).to.contain("closed");
    expect(attempts).to.equal(2);
  },

  async "retries are the SDK's own"() {
    const { aws, send } = await client({ maxAttempts: 3 });
    let failures = 2;
    aws.middlewareStack.add((next) => async (args) => {
      if (failures-- > 0) throw Object.assign(new Error("busy"), { name: "TimeoutError" });
      return next(args);
    }, { step: "finalizeRequest", name: "fail", priority: "low" });
    expect((await send("ListKeys")).$metadata.attempts).to.equal(3);
  },

  async "a client acts as the caller of its Kms, in its Region"() {
    const { host } = await vault();
    const elsewhere = host.client({ accountId: "444455556666", region: "us-west-2" });
    const aws = new sdk.KMSClient(awsSdk(elsewhere));
    expect(await aws.config.region()).to.equal("us-west-2");
    expect((await aws.send(new sdk.ListKeysCommand({}))).Keys).to.deep.equal([]);
    expect((await aws.send(new sdk.CreateKeyCommand({}))).KeyMetadata.Arn).to.match(/^arn:aws:kms:us-west-2:444455556666:key\//);
    for (const wrong of [{ region: "eu-west-1" }, { region: "cn-north-1" }, { region: "eu-west-1", useFipsEndpoint: true }, { region: "eu-west-1", useDualstackEndpoint: true }]) {
      const error = await rejection(new sdk.KMSClient({ ...awsSdk(elsewhere), ...wrong }).send(new sdk.ListKeysCommand({})));
      expect(error).to.be.an.instanceof(TypeError);
      expect(error.message).to.contain(`is for ${wrong.region}, but its Kms calls from us-west-2`);
    }
    const endpoint = "http://localhost:4566";
    expect((await new sdk.KMSClient({ ...awsSdk(elsewhere), endpoint }).send(new sdk.ListKeysCommand({}))).Keys).to.have.length(1);
    const hidden = await rejection(new sdk.KMSClient({ ...awsSdk(elsewhere), endpoint, region: "eu-west-1" }).send(new sdk.ListKeysCommand({})));
    expect(hidden).to.be.an.instanceof(TypeError);
    expect(hidden.message).to.contain("is for eu-west-1");
  },

  async "clients of any Region are answered by a vault, for a caller of the app's choice"() {
    const { host } = await vault();
    const config = awsSdk(host, { principal: `arn:aws:iam::${ACCOUNT}:user/anna` });
    expect((await new sdk.KMSClient(config).send(new sdk.ListKeysCommand({}))).Keys).to.have.length(1);
    for (const [region, keys] of [[REGION, 1], ["us-west-2", 0], ["us-west-2", 1]]) {
      const aws = new sdk.KMSClient({ ...config, region });
      expect((await aws.send(new sdk.ListKeysCommand({}))).Keys).to.have.length(keys);
      const { KeyMetadata: { Arn } } = await aws.send(new sdk.CreateKeyCommand({}));
      expect(Arn).to.contain(`:kms:${region}:${ACCOUNT}:key/`);
    }
    const other = new sdk.KMSClient(awsSdk(host, { accountId: "444455556666" }));
    expect((await other.send(new sdk.ListKeysCommand({}))).Keys).to.deep.equal([]);
    expect(() => awsSdk(host, { principal: "anna" })).to.throw(ValidationException);
  },

  async "the caller is the one that was named, whatever becomes of the options"() {
    const { host } = await vault();
    const options = { accountId: "444455556666" };
    const config = awsSdk(host, options);
    options.accountId = ACCOUNT;
    options.principal = `arn:aws:iam::${ACCOUNT}:root`;
    for (const region of [REGION, "us-west-2"]) {
      const { KeyMetadata } = await new sdk.KMSClient({ ...config, region }).send(new sdk.CreateKeyCommand({}));
      expect(KeyMetadata.Arn).to.contain(`:kms:${region}:444455556666:key/`);
    }
  },

  async "a call that takes long can be given up"() {
    let answerNow;
    const body = bytes('{"Plaintext":"c2VjcmV0"}');
    const slow = { caller: { region: REGION }, call: () => new Promise((resolve) => { answerNow = () => resolve({ status: 200, body }); }) };
    const aws = new sdk.KMSClient({ ...awsSdk(slow), maxAttempts: 1 });
    const controller = new AbortController();
    const sending = rejection(aws.send(new sdk.ListKeysCommand({}), { abortSignal: controller.signal }));
    while (!answerNow) await new Promise((resolve) => setTimeout(resolve));
    controller.abort();
    expect((await sending).name).to.equal("AbortError");
    answerNow();
    await new Promise((resolve) => setTimeout(resolve));
    expect([...body].every((byte) => byte === 0)).to.equal(true);
    const late = await rejection(aws.send(new sdk.ListKeysCommand({}), { requestTimeout: 1 }));
    expect(late.name).to.equal("TimeoutError");
  },

  async "a body that is too long is not copied"() {
    const { kms } = await vault();
    const long = new Uint8Array(3 << 20).fill(32);
    for (const body of [long, long.buffer, new Blob([long]), new Response(long)]) {
      const { status, body: answer } = await kms.call("TrentService.ListKeys", body);
      expect([status, text(answer)]).to.deep.equal([413, '{"__type":"RequestEntityTooLargeException"}']);
    }
    const unknown = await kms.call(`TrentService.ListKeys${"x".repeat(1 << 20)}`, bytes("{}"));
    expect([unknown.status, text(unknown.body)]).to.deep.equal([400, '{"__type":"UnknownOperationException"}']);
  },

  async "every endpoint is answered in its Region, and no other of AWS's hosts"() {
    const { host } = await vault();
    const config = awsSdk(host);
    const regionOf = async (options) => {
      const { KeyMetadata } = await new sdk.KMSClient({ ...config, ...options }).send(new sdk.CreateKeyCommand({}));
      return KeyMetadata.Arn.split(":")[3];
    };
    const regions = ["eu-west-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1"];
    for (const region of regions) {
      for (const useDualstackEndpoint of [false, true]) {
        for (const useFipsEndpoint of [false, true]) {
          expect(await regionOf({ region, useDualstackEndpoint, useFipsEndpoint })).to.equal(region);
        }
      }
    }
    for (const endpoint of ["https://vpce-0a1b2c3d4e5f-a1b2c3d4.kms.eu-west-1.vpce.amazonaws.com", "https://KMS.EU-West-1.AmazonAWS.com", "https://kms.eu-west-1.localhost.localstack.cloud:4566"]) {
      expect(await regionOf({ endpoint }), endpoint).to.equal("eu-west-1");
      const request = { hostname: endpoint.split(/:?\/\/|:/)[1], headers: { "X-Amz-Target": "TrentService.CreateKey" }, body: "{}" };
      const { response } = await config.requestHandler.handle(request);
      expect(text(response.body), endpoint).to.contain("arn:aws:kms:eu-west-1:");
    }
    expect(await regionOf({ endpoint: "http://localhost:4566" })).to.equal(REGION);
    expect(await regionOf({ endpoint: "http://localhost:4566", region: "ap-south-1" })).to.equal("ap-south-1");
    expect(await regionOf({ endpoint: "http://localhost:4566", region: async () => "sa-east-1" })).to.equal("sa-east-1");
    // What only looks as if it named a Region does not.
    for (const endpoint of ["http://kms.team-a-1.svc.cluster.local:8080", "https://kms.eu-west-1.amazonaws.com.example.com"]) {
      expect(await regionOf({ endpoint, region: "ap-south-1" }), endpoint).to.equal("ap-south-1");
    }
    // The app's own extensions in the place of ours: better no Region than a wrong one.
    const untold = { ...config, extensions: [], endpoint: "http://localhost:4566", region: "eu-west-1" };
    expect((await rejection(new sdk.KMSClient(untold).send(new sdk.ListKeysCommand({})))).message).to.contain("add extensions of yours to those of awsSdk()");
    const invented = await Vault.inMemory(RootKey.fromBytes(new Uint8Array(32)), { region: "local" });
    expect((await new sdk.KMSClient(awsSdk(invented)).send(new sdk.CreateKeyCommand({}))).KeyMetadata.Arn).to.contain(":kms:local:");
    for (const name of ["kms.amazonaws.com", "kms.us-east.amazonaws.com", "eu-west-1.amazonaws.com", "sts.eu-west-1.amazonaws.com", "kms.c2s.ic.gov", "KMS.api.aws", "x.amazonwebservices.com.cn"]) {
      const error = await rejection(new sdk.KMSClient({ ...config, endpoint: `https://${name}` }).send(new sdk.ListKeysCommand({})));
      expect(error, name).to.be.an.instanceof(TypeError);
      expect(error.message.toLowerCase()).to.equal(`${name.toLowerCase()} is aws's, but no endpoint of aws kms in a region`);
    }
  },

  async "only a Kms or a Vault will do"() {
    const { kms } = await vault();
    for (const wrong of [[undefined], [null], [{}], [{ call() {} }], [RootKey], [kms, { region: REGION }]]) {
      expect(() => awsSdk(...wrong)).to.throw(TypeError, "awsSdk takes a Kms, or a Vault and options");
    }
  },

  async "many calls at once"() {
    const { send } = await client();
    const keys = await Promise.all(Array.from({ length: 50 }, () => send("CreateKey")));
    expect(new Set(keys.map(({ KeyMetadata }) => KeyMetadata.KeyId)).size).to.equal(50);
  },
};
