// The page's side of runner.mjs: reads files of the run, encrypts, decrypts, takes the time.

async function read(name) {
  const response = await fetch(`/${name}`, { cache: "no-store" });
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function write(name, content) {
  const response = await fetch(`/${name}`, { method: "PUT", body: content });
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
}

const CHUNK = 1 << 20;

/** A stream of what is in memory. */
function streamOf(data) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at === data.length) return controller.close();
      controller.enqueue(data.subarray(at, at + CHUNK));
      at = Math.min(at + CHUNK, data.length);
    },
  });
}

async function same(left, right) {
  const digests = await Promise.all([left, right].map((data) => crypto.subtle.digest("SHA-256", data)));
  const [one, other] = digests.map((digest) => new Uint8Array(digest).join());
  return one === other;
}

export function serve(contender) {
  let loaded;
  const through = (op, source) => source.pipeThrough(contender[`${op}Stream`]());
  const away = (stream) => stream.pipeTo(new WritableStream());
  Object.assign(globalThis, {
    packages: contender.packages,
    streams: "encryptStream" in contender,

    async make(plaintext, message, stream) {
      const data = await read(plaintext);
      let decrypted;
      if (stream) {
        await write(message, await new Response(through("encrypt", streamOf(data))).blob());
        const { body } = await fetch(`/${message}`);
        decrypted = new Uint8Array(await new Response(through("decrypt", body)).arrayBuffer());
      } else {
        await write(message, new Blob(await contender.encrypt(data)));
        decrypted = await contender.decrypt(await read(message));
      }
      if (!(await same(data, decrypted))) throw new Error("decrypted to something else");
    },

    /** The input is in memory before the clock starts, and the output goes nowhere. */
    async time(op, input, calls, stream) {
      const data = await read(input);
      globalThis.gc(); // what earlier calls left behind: it would be collected in the middle of this one, and is much
      const start = performance.now();
      for (let call = 0; call < calls; call++) {
        await (stream ? away(through(op, streamOf(data))) : contender[op](data));
      }
      return { seconds: (performance.now() - start) / 1000 };
    },

    async load(input) {
      loaded = await read(input);
    },

    async once(op) {
      await contender[op](loaded);
    },

    /** From the server, as it comes. */
    async onceStreamed(op, input) {
      await away(through(op, (await fetch(`/${input}`, { cache: "no-store" })).body));
    },
  });
}
