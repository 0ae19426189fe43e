// All that the native half calls in JavaScript: src/convert/host.rs says what each is for.
//
// What it reads was copied by own.js, what it writes is new, and what it uses of the engine was taken when this module was
// loaded. So no code of a caller's runs under WebAssembly's frames, and nothing is thrown through them.
import { isBytes, lengthOf, part, setBytes } from "./bytes.js";

const { create, defineProperty, getPrototypeOf, keys } = Object;
const { isArray } = Array;
const { apply } = Reflect;
const { getTime } = Date.prototype;
const { test } = RegExp.prototype;
const NewDate = Date;
const { performance, queueMicrotask, reportError, console } = globalThis;
const HALF = /\p{Surrogate}/u;

/** The functions that are shown events of an audit trail, and the lists of events that each is to be shown. */
const sinks = create(null);
let newest = 0;

/** Takes a function that is to be shown events, and returns the number that the native half has for it. It ends by `dropSink`. */
export function addSink(show) {
  newest += 1;
  sinks[newest] = { show, waiting: [] };
  return newest;
}

export function dropSink(id) {
  delete sinks[id];
}

export function showEvents(id, events) {
  const sink = sinks[id];
  if (sink !== undefined) {
    addItem(sink.waiting, events);
    // Not from here, but when the call that stored them has left WebAssembly.
    if (sink.waiting.length === 1) queueMicrotask(() => show(sink));
  }
}

/** What goes wrong in there does not concern the call that stored the events: a page hears of it as of an error that was not caught. */
async function show(sink) {
  const events = sink.waiting.flat();
  sink.waiting = [];
  try {
    await sink.show(events);
  } catch (error) {
    if (reportError) {
      reportError(error);
    } else {
      console.error(error);
    }
  }
}

export function describe(value) {
  if (value === null) return "null";
  if (typeof value === "number") return `the number ${value}`;
  if (typeof value !== "object") return `of type ${typeof value}`;
  if (isArray(value)) return "an array";
  if (isBytes(value)) return "of type Uint8Array";
  return isObject(value) ? "an object" : "of type Date";
}

// own.js makes all objects without a prototype, and so without inherited members.
export const isObject = (value) => typeof value === "object" && value !== null && getPrototypeOf(value) === null;

export const names = (object) => keys(object);

export const member = (object, name) => object[name];

export const listLength = (value) => (isArray(value) ? value.length : -1);

export const item = (list, index) => list[index];

export function millis(value) {
  return typeof value === "object" && value !== null && describe(value) === "of type Date" ? apply(getTime, value, []) : NaN;
}

export const isUnicode = (text) => !apply(test, HALF, [text]);

export const bytesLength = (value) => (isBytes(value) ? lengthOf(value) : -1);

export function copyBytes(bytes, start, room) {
  setBytes(room, part(bytes, start, lengthOf(room)));
}

export function newBytes(bytes) {
  const copy = new Uint8Array(lengthOf(bytes));
  setBytes(copy, bytes);
  return copy;
}

export { callOutside, dropOutside, tellOutside } from "./outside/places.js";
export { askPrimitive, rsaKey, takePrimitive, takeRsaKey } from "./primitives.js";

export const elapsed = () => performance.now();

export const newObject = () => ({});

export const newList = () => [];

export const newDate = (millis) => new NewDate(millis);

// Defined, not set: a setter that someone gave `Object.prototype` is passed over, and `__proto__` is a name as any other.
export function addMember(object, name, value) {
  defineProperty(object, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

export function addItem(list, value) {
  addMember(list, list.length, value);
}
