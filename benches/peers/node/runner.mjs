// One contender in a Node process: answers the orchestrator's requests, a JSON object a line. See ../README.md.
//
//     runner.mjs MODULE [OPTIONS]    MODULE is a file of this folder that exports `contender(OPTIONS)`, OPTIONS a JSON object
//
// A contender has `packages`, and `encrypt(plaintext)` and `decrypt(message)`; `encrypt` gives the message in as many parts as
// its package does, so that none is charged for joining a nonce and its ciphertext. One that streams has
// `encryptStream()` and `decryptStream()` too, each a new duplex stream.
import { createReadStream, createWriteStream, readFileSync, statSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { forgetPeak, resident, versions } from "./support.mjs";

const CHUNK = 64 * 1024;

function* chunks(data) {
  for (let at = 0; at < data.length; at += CHUNK) yield data.subarray(at, at + CHUNK);
}

/** Takes everything, and counts. */
class Sink extends Writable {
  count = 0;

  _write(chunk, _encoding, done) {
    this.count += chunk.length;
    done();
  }
}

async function make(contender, { plaintext, message }, stream) {
  let decrypted;
  if (stream) {
    await pipeline(createReadStream(plaintext), contender.encryptStream(), createWriteStream(message));
    const parts = [];
    const keep = new Writable({ write: (chunk, _encoding, done) => (parts.push(chunk), done()) });
    await pipeline(createReadStream(message), contender.decryptStream(), keep);
    decrypted = Buffer.concat(parts);
  } else {
    writeFileSync(message, Buffer.concat(await contender.encrypt(readFileSync(plaintext))));
    decrypted = await contender.decrypt(readFileSync(message));
  }
  if (!readFileSync(plaintext).equals(decrypted)) throw new Error("decrypted to something else");
  return { bytes: statSync(message).size };
}

async function timed(contender, { op, input, calls }, stream) {
  const data = readFileSync(input); // in memory before the clock starts; the output goes nowhere
  globalThis.gc(); // what earlier calls left behind: it would be collected in the middle of this one, and is much
  const begun = process.cpuUsage();
  const start = performance.now();
  for (let call = 0; call < calls; call++) {
    await (stream ? pipeline(Readable.from(chunks(data)), contender[`${op}Stream`](), new Sink()) : contender[op](data));
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(begun);
  return { seconds, cpu: (user + system) / 1e6, calls };
}

async function memory(contender, { op, input }, stream) {
  const before = resident("VmRSS");
  if (stream) {
    forgetPeak();
    await pipeline(createReadStream(input, { highWaterMark: CHUNK }), contender[`${op}Stream`](), new Sink());
  } else {
    const data = readFileSync(input);
    forgetPeak();
    await contender[op](data);
  }
  return { before, peak: resident("VmHWM") };
}

async function main([module, options = "{}"]) {
  const contender = await (await import(`./${module}.mjs`)).contender(JSON.parse(options));
  const report = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
  report({ versions: { Node: process.versions.node, ...versions(contender.packages) } });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const stream = request.stream && "encryptStream" in contender;
    try {
      const answer = await { make, time: timed, memory }[request.do](contender, request, stream);
      report({ how: stream ? "stream" : "whole", ...answer });
    } catch (error) {
      // Reported to the orchestrator, which decides whether the table can show it.
      report({ cannot: `${error.name}: ${error.message}`.slice(0, 200) });
    }
  }
}

await main(process.argv.slice(2));
