// The scenarios that every language plays, by the typed API, by the AWS SDK and by the wire.
import { expect } from "chai";
import { operations, scenarios } from "../scenario/data.js";
import { WAYS, play } from "../scenario/player.js";
import { rejection } from "../support/help.js";

const played = (way) => async () => {
  const called = new Set();
  for (const scenario of scenarios) (await play(scenario, way)).forEach((name) => called.add(name));
  expect([...called].sort()).to.deep.equal(operations.map(({ name }) => name).sort());
};

const create = { call: "CreateKey", answer: { KeyMetadata: { KeyId: { $let: "key" } } } };

export default {
  ...Object.fromEntries(Object.keys(WAYS).map((way) => [`every scenario goes as written, by ${way}`, played(way)])),

  async "a scenario that goes otherwise is noticed"() {
    for (const way of Object.keys(WAYS)) {
      for (const [step, complaint] of [
        [{ call: "ListKeys", answer: { Keys: [] } }, "Keys: 1 items, not 0"],
        [{ call: "ListKeys", answer: { Keys: [{ KeyId: "x" }] } }, "Keys.0.KeyId: "],
        [{ call: "ListKeys", answer: { Truncated: null } }, "Truncated: "],
        [{ call: "ListKeys", answer: { Truncated: { $not: false } } }, "Truncated: "],
        [{ call: "ListKeys", answer: { Keys: { $length: 2 } } }, "Keys: "],
        [{ call: "ListKeys", answer: { Keys: { $set: [] } } }, "Keys: "],
        [{ call: "ListKeys", answer: { NextMarker: { $let: "x" } } }, "NextMarker: missing"],
        [{ call: "ListKeys", answer: { Truncated: { $odd: 1 } } }, "unknown pattern"],
        [{ call: "ListKeys" }, "answered, but nothing was expected"],
        [{ call: "EnableKey", input: { KeyId: "${key}" }, answer: { KeyId: "${key}" } }, "KeyId: "],
        [{ call: "EnableKey", input: { KeyId: "${none}" } }, "nothing is called ${none}"],
        [{ call: "EnableKey", input: { KeyId: "alias/none" } }, "NotFoundException"],
        [{ call: "EnableKey", input: { KeyId: "${key}" }, error: "NotFoundException" }, "no error"],
        [{ call: "EnableKey", input: { KeyId: "x" }, error: "DisabledException" }, "NotFoundException"],
        [{ call: "EnableKey", input: { KeyId: "x" }, error: "NotFoundException", message: "y" }, "message: "],
        [{ call: "CreateKey", answer: { KeyMetadata: { CreationDate: { $clock: { days: 1 } } } } }, "CreationDate: "],
        [{ call: "GenerateRandom", input: { NumberOfBytes: 2 }, answer: { Plaintext: { $bytes: 3 } } }, "Plaintext: "],
        [{ call: "ListKeys", answer: {}, as: "nobody" }, "no caller is called nobody"],
        [{ cal: "ListKeys" }, "unknown field"],
        [{ call: "List" }, "no operation List"],
        [{ proxy: null }, "there is no proxy"],
      ]) {
        const error = await rejection(play({ title: "wrong", steps: [create, step] }, way));
        expect(error.message, JSON.stringify(step)).to.contain("wrong, step 2: ").and.contain(complaint);
      }
    }
  },
};
