const DAY = 24 * 60 * 60 * 1000;

/** The time of the machine. */
export const systemClock = { now: () => new Date() };

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
