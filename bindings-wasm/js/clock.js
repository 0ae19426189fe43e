import { timeOf } from "./own.js";

const UNITS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1000, milliseconds: 1 };

/** The time of the machine. */
export const systemClock = { now: () => new Date() };

/** A clock of the caller's, or the machine's. */
export function checkClock(clock = systemClock) {
  if (typeof clock?.now !== "function") {
    throw new TypeError("a clock must be an object with a method now(), which answers a Date");
  }
  return clock;
}

/** What a clock shows, in milliseconds since 1970. */
export function read(clock) {
  const now = timeOf(clock.now());
  if (!Number.isFinite(now)) {
    throw new TypeError("clock.now() must be a valid Date");
  }
  return now;
}

/** A clock that stands still until it is turned. */
export class ManualClock {
  #now;

  constructor(now = new Date()) {
    this.set(now);
  }

  now() {
    return new Date(this.#now);
  }

  set(now) {
    const millis = Date.prototype.getTime.call(now);
    if (Number.isNaN(millis)) {
      throw new RangeError("the time of a clock must be a valid Date");
    }
    this.#now = millis;
  }

  advance(by) {
    const parts = Object.entries(by ?? {}).filter(([, count]) => count !== undefined);
    if (typeof by !== "object" || by === null || !parts.every(([unit, count]) => Object.hasOwn(UNITS, unit) && Number.isFinite(count))) {
      throw new TypeError("a clock advances by { days, hours, minutes, seconds, milliseconds }");
    }
    this.set(new Date(parts.reduce((time, [unit, count]) => time + UNITS[unit] * count, this.#now)));
  }

  advanceDays(days) {
    this.advance({ days });
  }
}
