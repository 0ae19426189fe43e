// That a client of the AWS SDK on a vault uses no network and needs nothing of the machine, in a process in which any use ends the call.
import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

/** Has every way out of the process throw, and be noted. */
const TRAPS = `
  import dgram from "node:dgram";
  import dns from "node:dns";
  import net from "node:net";
  const used = [];
  const trap = (object, name) => { object[name] = () => { used.push(name); throw new Error(name + " was used"); }; };
  trap(net.Socket.prototype, "connect");
  trap(dgram, "createSocket");
  trap(dns, "lookup");
  trap(dns.promises, "lookup");
  trap(globalThis, "fetch");
`;

/** What a module prints that runs in this project, without a home, credentials or a Region. The SDK warns of older versions of Node. */
function run(module) {
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const env = { PATH: process.env.PATH, HOME: "/nonexistent", NODE_NO_WARNINGS: "1" };
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", TRAPS + module], { cwd, env, encoding: "utf8" });
  expect({ stderr, status }).to.deep.equal({ stderr: "", status: 0 });
  return stdout;
}

describe("the AWS SDK in Node", () => {
  test("uses no network, no credentials and no configuration", () => {
    const printed = run(`
      import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
      import { RootKey, Vault } from "pocketkms";
      import { awsSdk } from "pocketkms/aws-sdk";
      const vault = await Vault.inMemory(RootKey.fromBytes(new Uint8Array(32)));
      const client = new KMSClient(awsSdk(vault.client()));
      const { KeyMetadata: { KeyId } } = await client.send(new CreateKeyCommand({}));
      const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("kept here") }));
      const { Plaintext } = await client.send(new DecryptCommand({ CiphertextBlob }));
      console.log(Buffer.from(Plaintext).toString(), used);
    `);
    expect(printed).to.equal("kept here []\n");
  });

  test("would be seen to use one", () => {
    const printed = run(`
      import { KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
      const client = new KMSClient({ region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" }, maxAttempts: 1 });
      await client.send(new ListKeysCommand({})).catch((error) => console.log(error.message, used.includes("connect")));
    `);
    expect(printed).to.equal("connect was used true\n");
  });
});
