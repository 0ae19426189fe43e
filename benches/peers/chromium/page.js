// The page's side of runner.mjs: reads files of the run, encrypts, decrypts, takes the time.

async function read(name) {
  const response = await fetch(`/${name}`, { cache: "no-store" });
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function write(name, parts) {
  const response = await fetch(`/${name}`, { method: "PUT", body: new Blob(parts) });
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
}

async function same(left, right) {
  const digests = await Promise.all([left, right].map((data) => crypto.subtle.digest("SHA-256", data)));
  const [one, other] = digests.map((digest) => new Uint8Array(digest).join());
  return one === other;
}

export function serve(contender) {
  let loaded;
  Object.assign(globalThis, {
    packages: contender.packages,

    async make(plaintext, message) {
      const data = await read(plaintext);
      await write(message, await contender.encrypt(data));
      if (!(await same(data, await contender.decrypt(await read(message))))) throw new Error("decrypted to something else");
    },

    /** The input is in memory before the clock starts, and the output goes nowhere. */
    async time(op, input, calls) {
      const data = await read(input);
      globalThis.gc(); // what earlier calls left behind: it would be collected in the middle of this one, and is much
      const start = performance.now();
      for (let call = 0; call < calls; call++) await contender[op](data);
      return { seconds: (performance.now() - start) / 1000 };
    },

    async load(input) {
      loaded = await read(input);
    },

    async once(op) {
      await contender[op](loaded);
    },
  });
}
