// What an app has put in the place of something outside of the vault: what carries requests to external key store proxies, clusters of
// hardware security modules. It answers later, and the core wants its answers at once. So a run that asks for an answer lacks it; the page
// makes the call, and the operation is run again (ask.js), where the same call finds its answer.
import { isBytes, lengthOf, wipe } from "../bytes.js";
import { own, reasonOf, wipeOwn } from "../own.js";
import { answers, lack, lacks } from "../run.js";

const { create, keys } = Object;
const { queueMicrotask } = globalThis;

/** By their numbers, the functions of each place by name. Each takes what the native half gives, and checks what the app's answers. */
const places = create(null);
let newest = 0;

/** Takes a place, and returns the number that the native half has for it. It ends by `dropOutside`. */
export function addPlace(methods) {
  newest += 1;
  places[newest] = { __proto__: null, ...methods };
  return newest;
}

export function dropOutside(place) {
  delete places[place];
}

/**
 * The answer to a call: `{ value }`, or `{ failed }` and why; nothing where it has yet to come. The native half's frames are below this: no
 * code of the app's runs here.
 */
export function callOutside(place, method, given) {
  const made = answers();
  for (let index = 0; index < made.length; index += 1) {
    const call = made[index];
    if (call.answer !== undefined && call.place === place && call.method === method && isSame(call.given, given)) {
      wipeGiven(given);
      return call.answer;
    }
  }
  if (lacks()?.call === undefined) {
    lack({ call: { __proto__: null, place, method, given } });
  } else {
    wipeGiven(given);
  }
  return undefined;
}

/** Tells a place something, when the call under way has left WebAssembly. No one waits for what comes of it. */
export function tellOutside(place, method, given) {
  queueMicrotask(async () => {
    try {
      await callPlace({ place, method, given });
    } catch {
      // Nor does a cancellation of it end anything.
    } finally {
      wipeOwn(given);
    }
  });
}

/** Makes a call. What ends the whole work (`AbortController`) is thrown; any other failure is an answer. */
export async function callPlace({ place, method, given }) {
  // The app has a copy of its own: what was given is compared with what the next run gives.
  const handed = own(given, "what was given");
  try {
    return { __proto__: null, value: await places[place][method](...handed) };
  } catch (thrown) {
    const { name, message, explanation } = reasonOf(thrown);
    if (name === "AbortError") {
      throw thrown;
    }
    return { __proto__: null, failed: name, kind: kindOf(thrown), message, explanation, thrown };
  } finally {
    wipeOwn(handed);
  }
}

/** Which kind a `ClusterError` is of, whichever copy of the package made it. */
function kindOf(thrown) {
  try {
    const { name, kind } = thrown;
    return name === "ClusterError" && typeof kind === "string" ? kind : undefined;
  } catch {
    return undefined;
  }
}

/** Whether two values of the native half's are the same: objects, lists, bytes and primitives. */
function isSame(one, other) {
  if (typeof one !== "object" || typeof other !== "object") {
    return one === other;
  }
  const bytes = isBytes(one);
  if (bytes !== isBytes(other)) {
    return false;
  }
  const names = bytes ? undefined : keys(one);
  const length = bytes ? lengthOf(one) : names.length;
  if (length !== (bytes ? lengthOf(other) : keys(other).length)) {
    return false;
  }
  let same = true;
  for (let index = 0; index < length; index += 1) {
    const name = bytes ? index : names[index];
    // To the end, wherever they differ.
    same = isSame(one[name], other[name]) && same;
  }
  return same;
}

function wipeGiven(value) {
  if (isBytes(value)) {
    wipe(value);
  } else if (typeof value === "object") {
    const names = keys(value);
    for (let index = 0; index < names.length; index += 1) {
      wipeGiven(value[names[index]]);
    }
  }
}
