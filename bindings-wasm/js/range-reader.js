import { answer } from "./answer.js";

/** What only this package makes. */
export const PRIVATE = Symbol("RangeReader");

/** Reads any part of a message, and fetches and decrypts the frames that hold it only. */
export class RangeReader {
  #reader;
  #source;

  constructor(key, reader, source) {
    if (key !== PRIVATE) {
      throw new TypeError("make a RangeReader by client.rangeReader(keyring, message)");
    }
    this.#reader = reader;
    this.#source = source;
  }

  get header() {
    return answer(() => this.#reader.header);
  }

  get encryptionContext() {
    return answer(() => this.#reader.encryptionContext);
  }

  get plaintextLength() {
    return answer(() => this.#reader.plaintextLength);
  }

  async read(start, end) {
    if (![start, end].every((place) => Number.isSafeInteger(place) && place >= 0)) {
      throw new TypeError("a range is of two numbers of bytes: where it starts, and where it ends");
    }
    const [first, last] = answer(() => this.#reader.locate(start, end));
    const bytes = await this.#source.read(first, last);
    return answer(() => this.#reader.open(start, end, bytes));
  }
}
