import { concat, copyBytes, partBetween, setBytes, wipe } from "./bytes.js";
import { InOrder } from "./in-order.js";
import { UNDER_WAY } from "./web-cipher.js";

const NOTHING = new Uint8Array(0);

/**
 * The two ends of a message that is encrypted or decrypted as it comes, which `start` answers when the first bytes have come.
 *
 * As in a `TransformStream`, an error or an abort at one end reaches the other. In one of those, though, work can only begin on
 * a frame when the one before is done and read.
 */
export function messageStream(start) {
  let message, input;
  let feeding = Promise.resolve();
  let dead = false;
  /** What was written and not taken in yet, as it was when it was written. */
  const written = [];
  const order = new InOrder(UNDER_WAY, (error) => {
    input.error(error);
    opened.reject(error);
    release();
  });
  const opened = deferred();
  const emit = (size, work) => order.begin(size, work);

  async function feed(chunk, ended) {
    feeding = (async () => {
      message ??= await start();
      message.opened.then(opened.resolve);
      await message.feed(chunk, ended, emit);
    })();
    try {
      await feeding;
    } catch (error) {
      order.fail(error);
      throw error;
    } finally {
      wipe(chunk);
    }
  }

  /** Ends the message, once nothing uses it any more. */
  async function release() {
    dead = true;
    wipe(...written.splice(0));
    await Promise.allSettled([feeding, order.settled()]);
    message?.close();
  }

  /** Called by the stream in the very call of `write`, and once for each: the only place where a chunk is as it was then. */
  function size(chunk) {
    if (!dead) {
      try {
        written.push(copyBytes(chunk, "what is written"));
      } catch (error) {
        // The stream learns it by the throw, and its other end by this.
        order.fail(error);
        throw error;
      }
    }
    return 1;
  }

  const writable = new WritableStream({
    start(controller) {
      input = controller;
      // Soon, and not only when what is being written has found room; but not under the stream's own hands. Old engines have no
      // signal.
      const { signal } = controller;
      signal?.addEventListener("abort", () => queueMicrotask(() => order.fail(signal.reason)));
    },
    async write() { await feed(written.shift(), false); },
    async close() {
      await feed(NOTHING, true);
      await order.end();
      release();
    },
    abort(reason) { order.fail(reason); },
  }, { highWaterMark: 1, size });

  const readable = new ReadableStream({
    async pull(controller) {
      let parts;
      do {
        parts = (await order.take())?.filter((part) => part.length > 0);
      } while (parts?.length === 0);
      if (parts) {
        controller.enqueue(parts.length === 1 ? parts[0] : concat(parts));
      } else {
        controller.close();
      }
    },
    cancel(reason) { order.fail(reason); },
  }, { highWaterMark: 0 });

  return { readable, writable, opened: (member) => unasked(opened.promise.then((message) => (member ? message[member] : message))) };
}

/** A promise, and what fulfils it. */
function deferred() {
  const settle = {};
  const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise: unasked(promise), ...settle };
}

/** A promise that no one has to ask: a failure that no one sees there is seen elsewhere. */
function unasked(promise) {
  promise.catch(() => {});
  return promise;
}

/** All that comes of a message whose input is there as a whole. Nothing of it is seen before the end. */
export async function wholeMessage(message, input) {
  const order = new InOrder(UNDER_WAY);
  const feeding = message.feed(input, true, (size, work) => order.begin(size, work))
    .then(() => order.end())
    .catch((error) => order.fail(error));
  const output = new Output();
  try {
    for (let parts; (parts = await order.take());) {
      parts.forEach((part) => output.add(part, () => message.room(input.length)));
    }
    return output.whole();
  } catch (error) {
    output.wipe();
    throw error;
  } finally {
    await feeding;
    await order.settled();
    message.close();
  }
}

/** Parts in a row: in one place if it is known how much room they need at most, otherwise put together at the end. */
class Output {
  #parts = [];
  #place;
  #end = 0;

  add(part, room) {
    this.#place ??= new Uint8Array(room());
    if (this.#parts.length === 0 && this.#end + part.length <= this.#place.length) {
      setBytes(this.#place, part, this.#end);
      this.#end += part.length;
    } else {
      this.#parts.push(part);
    }
  }

  /** In a buffer that holds nothing else. */
  whole() {
    const used = this.#place ? partBetween(this.#place, 0, this.#end) : NOTHING;
    return this.#parts.length === 0 && used.length === this.#place?.length ? this.#place : concat([used, ...this.#parts]);
  }

  wipe() {
    wipe(this.#place, ...this.#parts);
  }
}
