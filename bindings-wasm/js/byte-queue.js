import { concat, partBetween, setBytes, wipe } from "./bytes.js";

/**
 * Bytes that come in chunks and are taken in pieces of other lengths, without being copied where a piece lies in one chunk.
 *
 * What was pushed last is the caller's, who may write over it as soon as it hears that it was taken in: `keep` copies what
 * is left of it before.
 */
export class ByteQueue {
  // What was kept is #kept[#start..#end]; what was pushed since comes after it.
  #kept = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #pushed = new Uint8Array(0);

  get length() {
    return this.#end - this.#start + this.#pushed.length;
  }

  push(chunk) {
    this.keep();
    this.#pushed = chunk;
  }

  /** The first bytes, as far as they are there, to look at. */
  peek(length) {
    const kept = partBetween(this.#kept, this.#start, Math.min(this.#end, this.#start + length));
    if (kept.length === length || this.#pushed.length === 0) {
      return kept;
    }
    const pushed = partBetween(this.#pushed, 0, length - kept.length);
    return kept.length === 0 ? pushed : concat([kept, pushed]);
  }

  /** Takes the first bytes, which are there. They are good until the next call. */
  take(length) {
    const missing = length - (this.#end - this.#start);
    if (this.#end === this.#start) {
      const taken = partBetween(this.#pushed, 0, length);
      this.#pushed = partBetween(this.#pushed, length);
      return taken;
    }
    if (missing > 0) {
      this.#append(partBetween(this.#pushed, 0, missing));
      this.#pushed = partBetween(this.#pushed, missing);
    }
    this.#start += length;
    return partBetween(this.#kept, this.#start - length, this.#start);
  }

  /** Copies what is the caller's. */
  keep() {
    this.#append(this.#pushed);
    this.#pushed = new Uint8Array(0);
  }

  /** Forgets everything, and wipes what was copied. */
  clear() {
    wipe(this.#kept);
    this.#kept = new Uint8Array(0);
    this.#start = this.#end = 0;
    this.#pushed = new Uint8Array(0);
  }

  #append(bytes) {
    const length = this.#end - this.#start;
    if (this.#end + bytes.length > this.#kept.length) {
      // No further than doubled, so that memory is bounded by what came; the old place is wiped, for it may be plaintext.
      const grown = length + bytes.length > this.#kept.length
        ? new Uint8Array(Math.max(2 * this.#kept.length, length + bytes.length))
        : this.#kept;
      setBytes(grown, partBetween(this.#kept, this.#start, this.#end));
      if (grown !== this.#kept) {
        wipe(this.#kept);
      }
      [this.#kept, this.#start, this.#end] = [grown, 0, length];
    }
    setBytes(this.#kept, bytes, this.#end);
    this.#end += bytes.length;
  }
}
