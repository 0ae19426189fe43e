// What a caller hands over is taken in the call: as plain data of our own, which no one changes later and which runs no one's
// code when it is read. Only own members count, whatever has been added to `Object.prototype`.
import { copyBytes, isArrayBuffer, isBytes, typedArrayName, wipe } from "./bytes.js";
import { isLater, readLater } from "./later.js";

const { create, getOwnPropertySymbols, getPrototypeOf, hasOwn, keys } = Object;
const { getTime } = Date.prototype;
const { apply } = Reflect;
const { propertyIsEnumerable } = Object.prototype;

/** More than any request has; so that an array that says it has four billion items costs nothing. */
const MOST_VALUES = 100_000;
const MOST_CHARACTERS = 1 << 20;
const DEEPEST = 8;

/**
 * A copy of a request or of options: of objects, arrays, bytes and dates, without a prototype. What else there is comes through
 * if it is a primitive, for the core to refuse in its words, and is refused here otherwise.
 *
 * @param name What an error calls it.
 * @param foreign Members that are no data, such as a clock, and are handed on as they are.
 */
export function own(value, name, foreign = []) {
  return new Copying(false).copy(value, name, "", 0, foreign);
}

/**
 * The same of what may hold a `Blob` or a `Response`, for callers that can wait: the copy, and a promise that its bytes are in it, where
 * there is something to wait for.
 */
export function ownLater(value, name, foreign = []) {
  const copying = new Copying(true);
  return { taken: copying.copy(value, name, "", 0, foreign), ready: copying.ready() };
}

/** The members of these names, of whatever a callback answered. */
export function ownMembers(value, names) {
  const picked = create(null);
  for (const name of names) {
    const there = value !== null && (typeof value === "object" || typeof value === "function") && hasOwn(value, name);
    picked[name] = there ? own(value[name], name) : undefined;
  }
  return picked;
}

/** Takes a member out of an object that is our own. */
export function takeOut(object, name) {
  const value = object[name];
  delete object[name];
  return value;
}

/** Wipes all bytes of what was copied. */
export function wipeOwn(value) {
  if (isBytes(value)) {
    wipe(value);
  } else if (typeof value === "object" && value !== null) {
    keys(value).forEach((name) => wipeOwn(value[name]));
  }
}

/** What is known of something that was thrown, which may be anything. */
export function reasonOf(error) {
  const text = (read) => {
    try {
      const value = read();
      return typeof value === "string" ? value.slice(0, MOST_CHARACTERS) : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    name: text(() => error.name) ?? "Error",
    message: text(() => error.message) ?? text(() => String(error)) ?? "",
    explanation: text(() => error.explanation),
    whole: text(() => String(error)) ?? "an error without a text",
  };
}

/** What is known of why one data key could not be had. What ends the whole work (`AbortController`) is no reason, and thrown on. */
export function noteworthy(error) {
  const reason = reasonOf(error);
  if (reason.name === "AbortError") {
    throw error;
  }
  return reason;
}

class Copying {
  #left = MOST_VALUES;
  #waits;
  /** What takes a moment to be read. */
  #later = [];

  constructor(waits) {
    this.#waits = waits;
  }

  /** Resolves when everything is read; `undefined` if there is nothing to wait for. */
  ready() {
    return this.#later.length === 0 ? undefined : Promise.all(this.#later);
  }

  /** Gives a copy its member: at once, or when it is read. */
  #put(copy, key, value, place, depth) {
    if (this.#waits && isLater(value)) {
      copy[key] = undefined;
      this.#later.push(readLater(value, place).then((bytes) => { copy[key] = bytes; }));
    } else {
      copy[key] = this.copy(value, place, place, depth + 1);
    }
  }

  copy(value, name, path, depth, foreign = []) {
    const called = path || name;
    if (--this.#left < 0 || (typeof value === "string" && value.length > MOST_CHARACTERS)) {
      throw new TypeError(`${called} is too large`);
    }
    if (typeof value === "function") {
      throw new TypeError(`${called} must be plain data, not a function`);
    }
    if (typeof value !== "object" || value === null) {
      return value;
    }
    if (isBytes(value) || isArrayBuffer(value)) {
      return copyBytes(value, called);
    }
    const kind = typedArrayName(value) ?? (isBuffer(value) ? nameOf(value) : undefined);
    if (kind !== undefined) {
      throw new TypeError(`${called} must be a Uint8Array or an ArrayBuffer, not of type ${kind}`);
    }
    if (depth > DEEPEST) {
      throw new TypeError(`${called} is too deep, or holds itself`);
    }
    if (Array.isArray(value)) {
      return this.#items(value, path || name, depth);
    }
    if (isPlain(value)) {
      return this.#members(value, name, path, depth, foreign);
    }
    return copyDate(value) ?? refuse(value, called);
  }

  #items(list, path, depth) {
    const { length } = list;
    if (!(length <= this.#left)) {
      throw new TypeError(`${path} is too large`);
    }
    const copy = Array.from({ length }, () => undefined);
    for (let index = 0; index < length; index += 1) {
      this.#put(copy, index, hasOwn(list, index) ? list[index] : undefined, `${path}[${index}]`, depth);
    }
    return copy;
  }

  #members(object, name, path, depth, foreign) {
    if (getOwnPropertySymbols(object).some((symbol) => apply(propertyIsEnumerable, object, [symbol]))) {
      throw new TypeError(`${path || name} has a member named by a symbol, which would be left out`);
    }
    const copy = create(null);
    for (const key of keys(object)) {
      if (key.length > MOST_CHARACTERS) {
        throw new TypeError(`a name in ${path || name} is too large`);
      }
      const place = path ? `${path}.${key}` : key;
      if (foreign.includes(key)) {
        copy[key] = object[key];
      } else {
        this.#put(copy, key, object[key], place, depth);
      }
    }
    return copy;
  }
}

/** Whether a value is an object literal, of whichever frame, or was made without a prototype: all its members are its own. */
function isPlain(value) {
  const prototype = getPrototypeOf(value);
  return prototype === null || (getPrototypeOf(prototype) === null && hasOwn(prototype, "isPrototypeOf"));
}

/** The time of a date, of whichever frame; `undefined` of anything else. */
export function timeOf(value) {
  try {
    return apply(getTime, value, []);
  } catch {
    return undefined;
  }
}

function copyDate(value) {
  const time = timeOf(value);
  return time === undefined ? undefined : new Date(time);
}

/** Whether these are bytes that are not taken: a `DataView`, a buffer that threads share. */
const isBuffer = (value) => ArrayBuffer.isView(value) || /^(Shared)?ArrayBuffer$/.test(nameOf(value));

/** The class that an object says it is of, for an error. */
const nameOf = (value) => Object.prototype.toString.call(value).slice(8, -1);

function refuse(value, called) {
  throw new TypeError(`${called} must be plain data, such as an object literal, not of type ${nameOf(value)}`);
}
