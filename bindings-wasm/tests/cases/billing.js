// What the use of a vault costs, as JavaScript sees it.
import { expect } from "chai";
import { ManualClock, Vault } from "pocketkms";
import { bytes, rejection, rootKey } from "../support/help.js";

async function november() {
  const clock = new ManualClock(new Date("2023-11-01T00:00:00Z"));
  return { clock, host: await Vault.inMemory(rootKey(), { clock }) };
}

export default {
  async "estimates"() {
    const { host } = await november();
    const total = async (request) => (await host.estimate(request)).totalMicroDollars;
    expect(await total({ keys: [{ count: 5 }], requests: 50_000 })).to.equal(5_090_000);
    expect(await total({ keys: [{ count: 100 }], requests: 1_000_000 })).to.equal(102_940_000);
    expect(await total({ requests: 100_000 })).to.equal(240_000);
    expect(await total({ requests: 100_000, prices: { freeRequests: 0 } })).to.equal(300_000);
    expect((await rejection(host.estimate({ month: "2023-13" }))).name).to.equal("ValidationException");
  },

  async "a bill"() {
    const { host, clock } = await november();
    const kms = host.client();
    await kms.createKey();
    clock.advance({ days: 15 });
    await kms.createKey();
    clock.advance({ days: 15 });
    const bill = await host.bill({ month: "2023-11" });
    expect(bill).to.deep.equal({
      month: "2023-11",
      accountId: "000000000000",
      hours: 720,
      lines: [
        { item: "KEYS", quantity: 1080, charged: 1080, microDollars: 1_500_000 },
        { item: "REQUESTS", quantity: 2, charged: 0, microDollars: 0 },
      ],
      usage: [{ region: "us-east-1", item: "KEYS", quantity: 1080 }, { region: "us-east-1", item: "REQUESTS", quantity: 2 }],
      totalMicroDollars: 1_500_000,
    });
    expect((await rejection(host.bill({ month: "november" }))).name).to.equal("ValidationException");
  },

  async "the last use of a key is known"() {
    const { host } = await november();
    const kms = host.client();
    const { keyMetadata: { keyId } } = await kms.createKey();
    expect((await kms.getKeyLastUsage({ keyId })).keyLastUsage).to.deep.equal({});
    await kms.encrypt({ keyId, plaintext: bytes("x") });
    const { operation, timestamp } = (await kms.getKeyLastUsage({ keyId })).keyLastUsage;
    expect([operation, timestamp.toISOString()]).to.deep.equal(["Encrypt", "2023-11-01T00:00:00.000Z"]);
  },
};
