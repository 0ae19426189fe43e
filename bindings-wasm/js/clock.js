import { timeOf } from "./own.js";

const DAY = 24 * 60 * 60 * 1000;

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

  advanceDays(days) {
    this.set(new Date(this.#now + days * DAY));
  }
}
