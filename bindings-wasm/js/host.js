// All that the native half calls in JavaScript: src/convert/host.rs says what each is for.
//
// What it reads was copied by own.js, what it writes is new, and what it uses of the engine was taken when this module was
// loaded. So no code of a caller's runs under WebAssembly's frames, and nothing is thrown through them.
import { isBytes, lengthOf, part, setBytes } from "./bytes.js";

const { defineProperty, getPrototypeOf, keys } = Object;
const { isArray } = Array;
const { apply } = Reflect;
const { getTime } = Date.prototype;
const { test } = RegExp.prototype;
const NewDate = Date;
const { performance } = globalThis;
const HALF = /\p{Surrogate}/u;

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
