// Plays a scenario (tests/scenario of the repository): by the typed API, by the AWS SDK, or by the wire.
import * as sdk from "@aws-sdk/client-kms";
import { ManualClock, RootKey, Vault } from "pocketkms";
import { awsSdk } from "pocketkms/aws-sdk";
import { Proxy } from "../support/key-stores.js";
import { hostArguments, operations, structures } from "./data.js";
import { World, Wrong, fromBase64, toBase64 } from "./world.js";

const START = Date.parse("2023-11-14T22:13:20Z");
const KEYS = { scenario: ["title", "attestationRoots", "externalKeys", "values", "callers", "steps"], step: ["turn", "proxy", "host", "argument", "about", "call", "as", "only", "input", "answer", "error", "message"] };

/** How operations are called: each takes a `Kms`, and answers a function of an operation and its input as on the wire. */
export const WAYS = {
  "the typed API": (kms) => async ({ camelName, request, response }, input) =>
    written(response, await kms[camelName](read(request, input, "camelName")), "camelName"),

  "the AWS SDK": (kms) => {
    const client = new sdk.KMSClient({ ...awsSdk(kms), maxAttempts: 1 });
    return async ({ name, request, response }, input) => {
      const { $metadata, ...answer } = await client.send(new sdk[`${name}Command`](read(request, input, "wireName")));
      return response ? written(response, answer, "wireName") : undefined;
    };
  },

  "the wire": (kms) => async ({ name }, input) => {
    const { status, body } = await kms.call(`TrentService.${name}`, new TextEncoder().encode(JSON.stringify(input)));
    // An object without members is no answer either.
    const text = new TextDecoder().decode(body);
    const answer = text === "" || text === "{}" ? undefined : JSON.parse(text);
    if (status !== 200) throw Object.assign(new Error(answer.message ?? ""), { name: answer.__type });
    return answer;
  },
};

/** Plays it to the end, and returns the operations that were called; rejects with the first thing that is not as it says. */
export async function play(scenario, way) {
  known(scenario, KEYS.scenario);
  const clock = new ManualClock(new Date(START));
  const attestationRoots = scenario.attestationRoots?.map(fromBase64);
  const { externalKeys } = scenario;
  const proxy = externalKeys && new Proxy(Object.fromEntries(Object.entries(externalKeys).map(([id, key]) => [id, fromBase64(key)])));
  const vault = await Vault.inMemory(RootKey.fromBytes(new Uint8Array(32).fill(7)), { clock, attestationRoots, xksTransport: proxy });
  const call = WAYS[way](vault.client());
  const world = new World(START, scenario.values);
  const callers = Object.entries(scenario.callers ?? {}).map(([name, { account, region, principal, session }]) => {
    const stated = session && read("SessionContext", world.value(session), "camelName");
    return [name, WAYS[way](vault.client({ accountId: account, region, principal, session: stated }))];
  });
  const calls = new Map(callers);
  const called = new Set();
  for (const [index, step] of scenario.steps.entries()) {
    try {
      known(step, KEYS.step);
      if (step.turn) {
        world.turn(step.turn);
        clock.set(new Date(world.now));
      } else if (step.proxy !== undefined) {
        if (!proxy) throw new Wrong("there is no proxy");
        proxy.refuses = step.proxy;
      } else if (step.host) {
        await host(vault, step.host, world.value(step.argument));
      } else if (step.only !== "wire" || way === "the wire") {
        if (step.as !== undefined && !calls.has(step.as)) throw new Wrong(`no caller is called ${step.as}`);
        await perform(step, step.as === undefined ? call : calls.get(step.as), world);
      }
      called.add(step.call);
    } catch (error) {
      throw error instanceof Wrong ? new Wrong(`${scenario.title}, step ${index + 1}: ${error.message}`) : error;
    }
  }
  vault.close();
  called.delete(undefined);
  return called;
}

/** Calls a method of the vault that is the host's. */
async function host(vault, method, argument) {
  if (!(method in hostArguments)) throw new Wrong(`the host has no method ${method}`);
  const answer = await vault[method](taken(hostArguments[method].type, argument, "camelName"));
  if (answer !== undefined) throw new Wrong(`${method} answered ${JSON.stringify(answer)}`);
}

async function perform({ call: name, input = {}, answer, error, message }, call, world) {
  const operation = operations.find((operation) => operation.name === name);
  if (!operation) throw new Wrong(`there is no operation ${name}`);
  let found, thrown;
  const given = world.value(input);
  try {
    found = await call(operation, given);
  } catch (caught) {
    thrown = caught;
  }
  if (thrown?.name !== error) {
    throw new Wrong(thrown ? `${name}: ${thrown}` : `${name}: no error, but ${error} was expected`);
  }
  if (message !== undefined) world.expect("message", message, thrown.message);
  if (thrown) return;
  if (answer !== undefined) world.expect(name, answer, found ?? {});
  else if (found !== undefined) throw new Wrong(`${name} answered, but nothing was expected: ${JSON.stringify(found)}`);
}

/** A structure as it is on the wire, in the form of an API that names its members `by`. */
function read(name, given, by) {
  const members = structures[name].members;
  return Object.fromEntries(Object.entries(given).map(([wireName, value]) => {
    const member = members.find((member) => member.wireName === wireName);
    if (!member) throw new Wrong(`${wireName} is no member of ${name}`);
    return [member[by], taken(member.type, value, by)];
  }));
}

/** A value as it is on the wire, the same. */
function taken(type, value, by) {
  return converted(type, value, (name, value) => read(name, value, by), fromBase64, (seconds) => new Date(seconds * 1000));
}

/** The other way round. */
function written(name, given, by) {
  if (!name) return given;
  const members = structures[name].members.filter((member) => given[member[by]] !== undefined);
  const extra = Object.keys(given).filter((key) => given[key] !== undefined && !members.some((member) => member[by] === key));
  if (extra.length > 0) throw new Wrong(`${name} has more members: ${extra}`);
  return Object.fromEntries(members.map((member) => [
    member.wireName,
    converted(member.type, given[member[by]], (name, value) => written(name, value, by), toBase64, (date) => date.getTime() / 1000),
  ]));
}

function converted(type, value, structure, bytes, time) {
  if (type === "bytes" || type === "secret") return bytes(value);
  if (type === "timestamp") return time(value);
  if (type.list) return value.map((item) => converted(type.list, item, structure, bytes, time));
  return type.structure ? structure(type.structure, value) : value;
}

function known(object, names) {
  const odd = Object.keys(object).filter((name) => !names.includes(name));
  if (odd.length > 0) throw new Wrong(`unknown field ${odd}`);
}
