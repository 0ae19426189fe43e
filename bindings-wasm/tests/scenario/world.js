// The values and patterns of scenarios: see tests/scenario/README.md of the repository.

const UNITS = { days: 86_400_000, hours: 3_600_000, seconds: 1000 };

/** What a scenario says that is not so. */
export class Wrong extends Error {}

export const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
export const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** The operator of an object that is no value itself. `$is` only goes with another. */
const operatorOf = (value) => (isObject(value) ? Object.keys(value).find((name) => name.startsWith("$") && name !== "$is") : undefined);

const member = (value, name) => (isObject(value) || Array.isArray(value) ? value[name] : undefined);

/** What the steps before have left: the time, and values with names. */
export class World {
  #named;

  constructor(now, values = {}) {
    this.now = now;
    this.#named = new Map(Object.entries(values));
  }

  turn(by) {
    this.now += millis(by);
  }

  /** A value with names and makers replaced by what they stand for. */
  value(given) {
    if (typeof given === "string") {
      return given.replace(/\$\{(\w+)\}/g, (_, name) => {
        if (!this.#named.has(name)) throw new Wrong(`nothing is called \${${name}}`);
        return this.#named.get(name);
      });
    }
    if (Array.isArray(given)) return given.map((item) => this.value(item));
    const operator = operatorOf(given);
    if (operator) return this.#make(operator, given[operator]);
    return isObject(given) ? Object.fromEntries(Object.entries(given).map(([name, value]) => [name, this.value(value)])) : given;
  }

  #make(operator, argument) {
    switch (operator) {
      case "$text": return toBase64(new TextEncoder().encode(argument));
      case "$zeros": return toBase64(new Uint8Array(argument));
      case "$json": return JSON.stringify(this.value(argument));
      case "$repeat": return argument[0].repeat(argument[1]);
      case "$altered": {
        const bytes = fromBase64(this.value(argument));
        bytes[bytes.length - 1] ^= 1;
        return toBase64(bytes);
      }
      default: throw new Wrong(`unknown value ${operator}`);
    }
  }

  /** Compares an answer. Names are given first, since members come in any order. */
  expect(place, pattern, actual) {
    this.#name(place, pattern, actual);
    const wrong = this.#compare(place, pattern, actual);
    if (wrong) throw new Wrong(wrong);
  }

  #name(place, pattern, actual) {
    if (isObject(pattern) && "$let" in pattern) {
      if (actual === undefined || actual === null) throw new Wrong(`${place}: missing`);
      this.#named.set(pattern.$let, actual);
    } else if (typeof pattern === "object" && pattern !== null) {
      const entries = Object.entries(pattern).filter(([name]) => !name.startsWith("$"));
      entries.forEach(([name, inner]) => this.#name(`${place}.${name}`, inner, member(actual, name)));
    }
  }

  /** What differs, if anything does. */
  #compare(place, pattern, actual) {
    const differs = `${place}: ${JSON.stringify(actual)}, not ${JSON.stringify(pattern)}`;
    if (Array.isArray(pattern)) {
      if (!Array.isArray(actual)) return `${place}: no list`;
      if (actual.length !== pattern.length) return `${place}: ${actual.length} items, not ${pattern.length}`;
    }
    const operator = operatorOf(pattern);
    if (operator) return this.#fits(place, operator, pattern, actual) ? undefined : differs;
    if (typeof pattern === "object" && pattern !== null) {
      return Object.entries(pattern).map(([name, inner]) => this.#compare(`${place}.${name}`, inner, member(actual, name))).find(Boolean);
    }
    return (typeof pattern === "string" ? this.value(pattern) : pattern) === (actual ?? null) ? undefined : differs;
  }

  #fits(place, operator, pattern, actual) {
    const argument = pattern[operator];
    switch (operator) {
      case "$let": return !("$is" in pattern) || !this.#compare(place, pattern.$is, actual);
      case "$not": return this.#compare(place, argument, actual) !== undefined;
      case "$length": return (typeof actual === "string" ? Array.from(actual) : actual ?? {}).length === argument;
      case "$bytes": return fromBase64(actual).length === argument;
      case "$contains": return typeof actual === "string" && actual.includes(this.value(argument));
      case "$clock": return Math.round(actual * 1000) === this.now + millis(argument);
      case "$set": return Array.isArray(actual) && actual.length === argument.length
        && argument.every((inner) => actual.some((item) => !this.#compare(place, inner, item)));
      case "$text": case "$zeros": case "$altered": case "$repeat": return this.#make(operator, argument) === actual;
      default: throw new Wrong(`${place}: unknown pattern ${operator}`);
    }
  }
}

function millis(by) {
  return Object.entries(by).reduce((sum, [unit, count]) => {
    if (!(unit in UNITS)) throw new Wrong(`unknown unit ${unit}`);
    return sum + UNITS[unit] * count;
  }, 0);
}
