// Messages as they come: streams, their errors, their memory.
import { expect } from "chai";
import { EncryptionClient, InvalidMessageException, LimitExceededException, UnableToDecryptDataKeyException, ValidationException } from "pocketkms";
import { COMMITTING, SIGNED, SUITES, altered, bytes, clients, inPieces, pattern, rawAes, readAll, rejection } from "../support/help.js";

const FRAME = 64;
const plaintext = pattern(300);
const options = { frameLength: FRAME, encryptionContext: { purpose: "test" } };

/** A message, and where its body begins. */
async function messageOf(client, more) {
  const { message } = await client.encrypt(rawAes(), plaintext, { ...options, ...more });
  return { message, body: (await client.inspect(message)).headerLength };
}

const decrypt = (client, message, length = 50) => readAll(inPieces(message, length).pipeThrough(client.decryptStream(rawAes())));

/** What a promise does: an outsider's look at backpressure. */
const settles = (promise) => Promise.race([promise.then(() => true), new Promise((resolve) => setTimeout(resolve, 50, false))]);

export default {
  async "an altered frame ends the stream; those before it are verified, and came out"() {
    for (const client of clients()) {
      const { message, body } = await messageOf(client);
      for (const [frame, offset] of [[0, 30], [1, 0], [1, 10], [2, 95], [3, 40]]) {
        const { bytes, error } = await decrypt(client, altered(message, body + frame * (FRAME + 32) + offset));
        expect(error).to.be.an.instanceof(InvalidMessageException);
        // All but perhaps one: WebAssembly wipes what came of the piece that shows the alteration.
        expect(bytes.length).to.be.within((frame - 1) * FRAME, frame * FRAME);
        expect(bytes).to.deep.equal(plaintext.subarray(0, bytes.length));
      }
    }
  },

  async "frames that are dropped, repeated or swapped are refused"() {
    for (const client of clients()) {
      const { message, body } = await messageOf(client);
      const frame = (index) => message.subarray(body + index * (FRAME + 32), body + (index + 1) * (FRAME + 32));
      const rest = message.subarray(body + 2 * (FRAME + 32));
      for (const frames of [[frame(1)], [frame(0), frame(0), frame(1)], [frame(1), frame(0)], []]) {
        const { error } = await readAll(new Blob([message.subarray(0, body), ...frames, rest]).stream().pipeThrough(client.decryptStream(rawAes())));
        expect(error.explanation).to.contain("should come next");
      }
    }
  },

  async "a message that is cut off is an error at the end, for who reads and for who writes"() {
    for (const client of clients()) {
      for (const algorithmSuite of [COMMITTING, SIGNED]) {
        const { message, body } = await messageOf(client, { algorithmSuite });
        for (const length of [0, 10, body - 1, body, body + 50, body + FRAME + 32, message.length - 1]) {
          const { readable, writable } = client.decryptStream(rawAes());
          const writer = writable.getWriter();
          const read = readAll(readable);
          await writer.write(message.subarray(0, length));
          const error = await rejection(writer.close());
          expect(error.explanation).to.contain(`it ends at byte ${length},`);
          expect((await read).error).to.equal(error);
          expect(plaintext.subarray(0, (await read).bytes.length)).to.deep.equal((await read).bytes);
        }
      }
    }
  },

  async "bytes after the end are refused"() {
    for (const client of clients()) {
      const { message } = await messageOf(client);
      for (const length of [1, 50, 10_000]) {
        const { error } = await decrypt(client, Uint8Array.of(...message, 0), length);
        expect(error.explanation).to.equal("bytes follow the end of the message");
      }
    }
  },

  async "after an error a stream is dead"() {
    for (const client of clients()) {
      const { message } = await messageOf(client);
      const { readable, writable } = client.decryptStream(rawAes());
      const writer = writable.getWriter();
      const read = readAll(readable);
      await writer.write(altered(message, message.length - 1)).catch(() => {});
      const { error } = await read;
      expect(error).to.be.an.instanceof(InvalidMessageException);
      for (const promise of [writer.write(message), writer.close(), writer.closed]) {
        expect(await rejection(promise)).to.be.an.instanceof(Error);
      }
      expect(await rejection(writer.closed)).to.equal(error);
    }
  },

  async "a signature that does not match is an error at the end; signed messages can be refused at once"() {
    for (const client of clients()) {
      const { message } = await messageOf(client, { algorithmSuite: SIGNED });
      const { bytes, error } = await decrypt(client, altered(message, message.length - 1));
      expect(error.explanation).to.contain("signature");
      expect(bytes).to.deep.equal(plaintext);
      const { bytes: none, error: refused } = await readAll(inPieces(message, 50).pipeThrough(client.decryptStream(rawAes(), { unsignedOnly: true })));
      expect(refused).to.be.an.instanceof(ValidationException);
      expect(none).to.have.length(0);
    }
  },

  async "what fails at the beginning fails at both ends"() {
    for (const client of clients()) {
      const { message } = await messageOf(client);
      const stream = client.decryptStream(rawAes(8));
      const { error } = await readAll(inPieces(message, 50).pipeThrough(stream));
      expect(error).to.be.an.instanceof(UnableToDecryptDataKeyException);
      expect(await rejection(stream.header)).to.equal(error);
      expect(await rejection(stream.encryptionContext)).to.equal(error);
      const encryption = client.encryptStream(rawAes(), { frameLength: 0 });
      expect((await readAll(inPieces(plaintext, 50).pipeThrough(encryption))).error).to.be.an.instanceof(ValidationException);
      expect(await rejection(encryption.header)).to.be.an.instanceof(ValidationException);
    }
    const client = new EncryptionClient();
    expect(() => client.encryptStream({})).to.throw(TypeError, "a keyring is needed");
    expect(() => client.decryptStream()).to.throw(TypeError, "a keyring is needed");
    for (const plaintextLength of [-1, 1.5, NaN, "1"]) {
      expect(() => client.encryptStream(rawAes(), { plaintextLength })).to.throw(TypeError, "plaintextLength");
    }
    const writer = client.encryptStream(rawAes()).writable.getWriter();
    expect(await rejection(writer.write("text"))).to.be.an.instanceof(TypeError);
  },

  async "another length than announced is an error"() {
    for (const client of clients()) {
      const encrypt = (plaintextLength) => readAll(inPieces(plaintext, 50).pipeThrough(client.encryptStream(rawAes(), { ...options, plaintextLength })));
      expect((await encrypt(299)).error).to.be.an.instanceof(LimitExceededException);
      expect((await encrypt(301)).error).to.be.an.instanceof(ValidationException);
      expect((await encrypt(300)).error).to.equal(undefined);
    }
  },

  async "an abort reaches who reads, a cancel who writes"() {
    for (const client of clients()) {
      const reason = new Error("enough");
      const aborted = client.encryptStream(rawAes(), options);
      const writer = aborted.writable.getWriter();
      const read = readAll(aborted.readable);
      await writer.write(plaintext);
      await writer.abort(reason);
      expect((await read).error).to.equal(reason);

      const cancelled = {};
      const source = new ReadableStream({ pull: (controller) => controller.enqueue(plaintext), cancel: (why) => cancelled.resolve(why) });
      const why = new Promise((resolve) => { cancelled.resolve = resolve; });
      const reader = source.pipeThrough(client.encryptStream(rawAes(), options)).getReader();
      await reader.read();
      await reader.cancel(reason);
      expect(await why).to.equal(reason);

      const broken = new ReadableStream({ pull: () => { throw reason; } });
      expect((await readAll(broken.pipeThrough(client.decryptStream(rawAes())))).error).to.equal(reason);
    }
  },

  async "a chunk of a wrong type is an error at both ends, and soon"() {
    for (const client of clients()) {
      const { message } = await messageOf(client);
      const streams = [() => client.encryptStream(rawAes(), options), () => client.decryptStream(rawAes()), () => client.reencryptStream(rawAes(), rawAes(8))];
      for (const [index, make] of streams.entries()) {
        for (const before of [[], [index === 0 ? plaintext : message.subarray(0, 100)]]) {
          for (const chunk of ["text", undefined, null, 7, {}, [1], new Float64Array(1), new DataView(new ArrayBuffer(1)), new Blob([]), Symbol("a"), new Proxy({}, {})]) {
            const { readable, writable } = make();
            const writer = writable.getWriter();
            const reading = readAll(readable);
            for (const bytes of before) await writer.write(bytes);
            expect(await rejection(writer.write(chunk))).to.be.an.instanceof(TypeError);
            const { error } = await reading;
            expect(error).to.be.an.instanceof(TypeError);
            expect(error.message).to.match(/^what is written must be a Uint8Array/);
            expect(await rejection(writer.closed)).to.be.an.instanceof(TypeError);
            // The same through a pipe: the source hears of it.
            let cancelled;
            const source = new ReadableStream({ pull: (controller) => controller.enqueue(chunk), cancel: (reason) => { cancelled = reason; } }, { highWaterMark: 0 });
            expect((await readAll(source.pipeThrough(make()))).error).to.be.an.instanceof(TypeError);
            expect(cancelled).to.be.an.instanceof(TypeError);
          }
        }
      }
    }
  },

  async "an encryption that was given up is no message"() {
    const failure = new Error("the source failed");
    const large = pattern(50_000);
    /** A source that gives some, and then fails; the same as a generator. */
    const failing = () => {
      let left = 3;
      return new ReadableStream({ pull: (controller) => { if (left-- === 0) throw failure; controller.enqueue(large.slice()); } });
    };
    async function* generated() {
      yield large.slice();
      yield large.slice();
      throw failure;
    }
    const ways = {
      pipeThrough: (stream) => readAll(failing().pipeThrough(stream)),
      async pipeTo(stream) {
        const reading = readAll(stream.readable);
        expect(await rejection(failing().pipeTo(stream.writable))).to.equal(failure);
        return reading;
      },
      async "two pipes"(stream) {
        const between = new TransformStream();
        failing().pipeTo(between.writable).catch(() => {});
        return readAll(between.readable.pipeThrough(stream));
      },
      async tee(stream) {
        const [one, other] = failing().tee();
        const [{ error }, result] = await Promise.all([readAll(one), readAll(other.pipeThrough(stream))]);
        expect(error).to.equal(failure);
        return result;
      },
      async "a loop that throws"(stream) {
        const reading = readAll(stream.readable);
        const writer = stream.writable.getWriter();
        try {
          for await (const chunk of generated()) await writer.write(chunk);
          await writer.close();
        } catch (error) {
          await writer.abort(error);
        }
        return reading;
      },
      async "a writer that is let go"(stream) {
        const writer = stream.writable.getWriter();
        await writer.write(large);
        writer.releaseLock();
        await stream.writable.abort(failure);
        return readAll(stream.readable);
      },
    };
    if (typeof ReadableStream.from === "function") {
      ways["an iterator"] = (stream) => readAll(ReadableStream.from(generated()).pipeThrough(stream));
    }
    for (const client of clients()) {
      const whole = (await client.encrypt(rawAes(), large, { frameLength: 1000 })).message;
      for (const [way, run] of Object.entries(ways)) {
        for (const [name, make] of [
          ["encrypting", () => client.encryptStream(rawAes(), { frameLength: 1000 })],
          ["encrypting a message of known length", () => client.encryptStream(rawAes(), { frameLength: 1000, plaintextLength: 200_000 })],
        ]) {
          const { bytes, error } = await run(make());
          expect(error, `${way}, ${name}`).to.equal(failure);
          const opened = await rejection(client.decrypt(rawAes(), bytes));
          expect(opened.name, `${way}, ${name}`).to.equal("InvalidMessageException");
          expect((await readAll(inPieces(bytes, 5000).pipeThrough(client.decryptStream(rawAes())))).error.name).to.equal("InvalidMessageException");
        }
      }
      expect((await client.decrypt(rawAes(), whole)).plaintext).to.deep.equal(large);
    }
  },

  async "an abort comes through where no one reads"() {
    for (const client of clients()) {
      const reason = new Error("enough");
      const { readable, writable } = client.encryptStream(rawAes());
      const writer = writable.getWriter();
      // More than may be under way, so that this waits for a reader.
      const writing = writer.write(new Uint8Array(12 << 20));
      expect(await settles(writing)).to.equal(false);
      const aborting = writer.abort(reason);
      const read = readAll(readable);
      await writing.catch(() => {});
      await aborting;
      expect((await read).error).to.equal(reason);
    }
  },

  async "no more is under way than is read, however much is written at once"() {
    if (!globalThis.crypto.subtle) return;
    const { encrypt } = crypto.subtle;
    let begun = 0;
    Object.defineProperty(crypto.subtle, "encrypt", {
      configurable: true,
      value(algorithm, key, data) {
        begun += data.byteLength;
        return encrypt.call(crypto.subtle, algorithm, key, data);
      },
    });
    try {
      const { readable, writable } = new EncryptionClient().encryptStream(rawAes());
      const writer = writable.getWriter();
      const large = new Uint8Array(24 << 20);
      const written = writer.write(large);
      const reader = readable.getReader();
      await reader.read();
      expect(await settles(written)).to.equal(false);
      expect(begun).to.be.within(1, 6 << 20);
      for (let length = 0; length < 20 << 20;) length += (await reader.read()).value.length;
      expect(begun).to.be.within(20 << 20, 26 << 20);
      expect(await settles(written)).to.equal(true);
      await Promise.all([reader.cancel(), writer.closed.catch(() => {})]);
    } finally {
      delete crypto.subtle.encrypt;
    }
  },

  async "a frame comes out as soon as it is there, and not only when the next one comes"() {
    for (const client of clients()) {
      const { message, body } = await messageOf(client);
      const { readable, writable, header } = client.decryptStream(rawAes());
      const [writer, reader] = [writable.getWriter(), readable.getReader()];
      const first = reader.read();
      await writer.write(message.subarray(0, body));
      expect((await header).frameLength).to.equal(FRAME);
      await writer.write(message.subarray(body, body + FRAME + 32));
      expect((await first).value).to.deep.equal(plaintext.subarray(0, FRAME));
      await reader.cancel();
    }
  },

  async "what was written is the writer's own again"() {
    for (const client of clients()) {
      const { readable, writable } = client.encryptStream(rawAes(), options);
      const read = readAll(readable);
      const writer = writable.getWriter();
      const buffer = new Uint8Array(50);
      for (let at = 0; at < plaintext.length; at += buffer.length) {
        buffer.set(plaintext.subarray(at, at + buffer.length));
        await writer.write(buffer);
        buffer.fill(0xff);
      }
      await writer.close();
      expect((await client.decrypt(rawAes(), (await read).bytes)).plaintext).to.deep.equal(plaintext);
    }
  },

  async "pieces of any length, every suite"() {
    for (const algorithmSuite of SUITES) {
      const [one, other] = clients(algorithmSuite);
      for (const length of algorithmSuite.includes("ECDSA") ? [50] : [1, FRAME - 1, FRAME, FRAME + 1, 300]) {
        for (const [writer, reader] of [[one, other], [other, one]]) {
          const encryption = writer.encryptStream(rawAes(), { ...options, algorithmSuite });
          const decryption = reader.decryptStream(rawAes());
          const { bytes, error } = await readAll(inPieces(plaintext, length).pipeThrough(encryption).pipeThrough(decryption));
          expect(error).to.equal(undefined);
          expect(bytes).to.deep.equal(plaintext);
          expect(await decryption.header).to.deep.equal(await encryption.header);
          expect(await decryption.encryptionContext).to.include(options.encryptionContext);
        }
      }
    }
  },

  async "nothing at all is a message, too"() {
    for (const client of clients()) {
      const empty = new Blob([]).stream().pipeThrough(client.encryptStream(rawAes())).pipeThrough(client.decryptStream(rawAes()));
      expect(await readAll(empty)).to.deep.equal({ bytes: new Uint8Array(0), error: undefined });
    }
  },

  async "files, responses and other streams go through"() {
    const client = new EncryptionClient();
    const large = pattern(600_000);
    const file = new File([large], "large.bin");
    const encryption = client.encryptStream(rawAes(), { plaintextLength: file.size });
    const stored = await new Response(file.stream().pipeThrough(new CompressionStream("gzip")).pipeThrough(client.encryptStream(rawAes()))).blob();
    const plain = new Response(stored).body.pipeThrough(client.decryptStream(rawAes())).pipeThrough(new DecompressionStream("gzip"));
    expect(new Uint8Array(await new Response(plain).arrayBuffer())).to.deep.equal(large);
    const message = new Uint8Array(await new Response(file.stream().pipeThrough(encryption)).arrayBuffer());
    expect((await client.decrypt(rawAes(), message)).plaintext).to.deep.equal(large);
  },

  async "many streams at once"() {
    const client = new EncryptionClient({ webCryptoFrom: 0 });
    const results = await Promise.all(Array.from({ length: 20 }, async (_, index) => {
      const stream = inPieces(bytes(`message ${index}`), 3).pipeThrough(client.encryptStream(rawAes(), { frameLength: 4 }));
      return new TextDecoder().decode((await readAll(stream.pipeThrough(client.decryptStream(rawAes())))).bytes);
    }));
    expect(results).to.deep.equal(Array.from({ length: 20 }, (_, index) => `message ${index}`));
  },
};
