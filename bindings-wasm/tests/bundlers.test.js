// Bundles of what uses the package, far from where it was installed: for Node, and for a page whose server answers every path.
import { build } from "esbuild";
import { expect } from "chai";
import { cp, mkdtemp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as vite from "vite";
import webpack from "webpack";
import { launch, open } from "./support/browser.js";
import { serve } from "./support/server.js";

const here = fileURLToPath(new URL(".", import.meta.url));

/** What is bundled: a vault, of which both modules are needed, and what it prints. */
const program = (from) => `
  import { EncryptionClient, KmsKeyring, RootKey, Vault } from ${JSON.stringify(from)};
  async function main() {
    const kms = (await Vault.inMemory(RootKey.fromBytes(new Uint8Array(32)))).client();
    const { keyMetadata } = await kms.createKey();
    await kms.createKey({ keySpec: "ECC_NIST_P256", keyUsage: "SIGN_VERIFY" });
    const { message } = await new EncryptionClient().encrypt(new KmsKeyring(kms, keyMetadata.keyId), new Uint8Array(100_000));
    return message.length > 100_000 ? "encrypted" : "not encrypted";
  }
  main().then(console.log, (error) => console.log(error.message));
`;

/** The same by the AWS SDK. */
const sdkProgram = (from) => `
  import { CreateKeyCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
  import { RootKey, Vault } from ${JSON.stringify(from)};
  import { awsSdk } from "pocketkms/aws-sdk";
  async function main() {
    const client = new KMSClient(awsSdk((await Vault.inMemory(RootKey.fromBytes(new Uint8Array(32)))).client()));
    const { KeyMetadata: { KeyId } } = await client.send(new CreateKeyCommand({}));
    const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext: new Uint8Array(1000) }));
    return CiphertextBlob.length > 1000 ? "encrypted" : "not encrypted";
  }
  main().then(console.log, (error) => console.log(error.message));
`;

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "pocketkms-bundles-"));
  await mkdir(join(here, "bundles"), { recursive: true });
  await writeFile(join(here, "bundles/plain.js"), program("pocketkms"));
  await writeFile(join(here, "bundles/embedded.js"), program("pocketkms/embedded"));
  await writeFile(join(here, "bundles/sdk.js"), sdkProgram("pocketkms"));
  await writeFile(join(here, "bundles/sdk-embedded.js"), sdkProgram("pocketkms/embedded"));
});
after(async () => {
  await rm(folder, { recursive: true });
  await rm(join(here, "bundles"), { recursive: true });
});

const entry = (name) => join(here, `bundles/${name}.js`);

async function webpacked(name, target, options = {}) {
  const path = join(folder, `webpack-${target}-${name}`);
  const stats = await promisify(webpack)({ mode: "production", target, entry: entry(name), output: { path, filename: "bundle.js", ...options.output }, ...options.more });
  expect(stats.toJson().errors).to.deep.equal([]);
  expect(stats.toJson().warnings.filter(({ name }) => !/Assets|Entrypoints|NoAsyncChunks|Performance/.test(name ?? "")).map(({ message }) => message)
    .filter((message) => !/size limit|performance/i.test(message))).to.deep.equal([]);
  return path;
}

describe("bundles for Node", () => {
  const makers = {
    async "esbuild, ES module"(out) {
      const { warnings } = await build({ entryPoints: [entry("plain")], bundle: true, platform: "node", format: "esm", outfile: join(out, "bundle.mjs"), logLevel: "silent" });
      expect(warnings).to.deep.equal([]);
      return "bundle.mjs";
    },
    async "esbuild, CommonJS, minified"(out) {
      const { warnings } = await build({ entryPoints: [entry("plain")], bundle: true, platform: "node", format: "cjs", minify: true, outfile: join(out, "bundle.cjs"), logLevel: "silent" });
      expect(warnings).to.deep.equal([]);
      return "bundle.cjs";
    },
    async "Vite, for a server"(out) {
      await vite.build({ root: here, configFile: false, logLevel: "error", ssr: { noExternal: true }, build: { ssr: entry("plain"), outDir: out, emptyOutDir: true } });
      const [name] = (await readdir(out)).filter((file) => /^plain\.m?js$/.test(file));
      return name;
    },
    async "esbuild, with the AWS SDK"(out) {
      const { warnings } = await build({ entryPoints: [entry("sdk")], bundle: true, platform: "node", format: "cjs", outfile: join(out, "bundle.cjs"), logLevel: "silent" });
      expect(warnings).to.deep.equal([]);
      return "bundle.cjs";
    },
    async webpack(out) {
      await cp(await webpacked("plain", "node"), out, { recursive: true });
      return "bundle.js";
    },
  };

  for (const [name, make] of Object.entries(makers)) {
    test(name, async () => {
      const out = await mkdtemp(join(folder, "node-"));
      const file = await make(out);
      if (file.endsWith(".js")) await writeFile(join(out, "package.json"), JSON.stringify({ type: name === "webpack" ? "commonjs" : "module" }));
      // The SDK warns of older versions of Node.
      const env = { ...process.env, NODE_NO_WARNINGS: "1" };
      const { stdout, stderr, status } = spawnSync(process.execPath, [file], { cwd: out, env, encoding: "utf8" });
      expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: "encrypted\n", stderr: "" });
    });
  }
});

describe("bundles for a page", () => {
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser.close());

  /** What a bundle prints on a page. */
  async function prints(address) {
    const { page, printed } = await open(browser, address);
    const before = Date.now();
    while (printed.length === 0 && Date.now() - before < 20_000) await new Promise((resolve) => setTimeout(resolve, 20));
    await page.close();
    return printed;
  }

  /** A bundle in a folder, with a page. */
  async function esbuilt(name) {
    const out = await mkdtemp(join(folder, "page-"));
    await build({ entryPoints: [entry(name)], bundle: true, format: "esm", outfile: join(out, "bundle.js"), logLevel: "silent" });
    return out;
  }
  const withPage = async (out) => {
    await writeFile(join(out, "index.html"), '<!doctype html><meta charset="utf-8"><script type="module" src="/bundle.js"></script>');
    return out;
  };

  test("esbuild passes over the file: the error says what to do", async () => {
    const server = await serve(await withPage(await esbuilt("plain")));
    const [text] = await prints(`${server.address}/index.html`);
    expect(text).to.match(/is not at http.*pocketkms_bg\.wasm, which answered with status 404\. .*locateWasm\(\).*"pocketkms\/embedded"/);
    server.close();
  });

  test("a page in place of the file: the error says so", async () => {
    const page = await withPage(await esbuilt("plain"));
    // As a server for an app of one page answers whatever it does not know.
    const files = await serve(page);
    const server = createServer(async (request, response) => {
      const known = request.url === "/bundle.js" ? request.url : "/index.html";
      const answer = await fetch(files.address + known);
      response.writeHead(200, { "content-type": answer.headers.get("content-type") }).end(await answer.text());
    }).listen(0, "localhost");
    await new Promise((resolve) => server.on("listening", resolve));
    const [text] = await prints(`http://localhost:${server.address().port}/`);
    expect(text).to.match(/^what is at http.*wasm \(content type text\/html\) is no WebAssembly, but begins with "<!doctype html>.*locateWasm\(\)/);
    server.close();
    files.close();
  });

  test("esbuild, with the WebAssembly embedded", async () => {
    const server = await serve(await withPage(await esbuilt("embedded")));
    expect(await prints(`${server.address}/index.html`)).to.deep.equal(["encrypted"]);
    server.close();
  });

  test("esbuild, with the AWS SDK", async () => {
    const server = await serve(await withPage(await esbuilt("sdk-embedded")));
    expect(await prints(`${server.address}/index.html`)).to.deep.equal(["encrypted"]);
    server.close();
  });

  test("Vite, with the AWS SDK", async () => {
    const out = await mkdtemp(join(folder, "vite-"));
    const build = { outDir: out, emptyOutDir: true, rollupOptions: { input: entry("sdk"), output: { entryFileNames: "bundle.js" } } };
    await vite.build({ root: here, configFile: false, logLevel: "error", build });
    const server = await serve(await withPage(out));
    expect(await prints(`${server.address}/index.html`)).to.deep.equal(["encrypted"]);
    server.close();
  });

  test("webpack takes the file along", async () => {
    const server = await serve(await withPage(await webpacked("plain", "web")));
    expect(await prints(`${server.address}/index.html`)).to.deep.equal(["encrypted"]);
    server.close();
  });
});

describe("a page that does not use the AWS SDK", () => {
  /** What stands in pocketkms/aws-sdk alone, whatever renames its variables. */
  const MARK = "but its Kms calls from";

  for (const [name, modules] of [["plain", false], ["sdk", true]]) {
    test(`a bundle of ${name}.js ${modules ? "has" : "has not"} what answers it`, async () => {
      const text = async (options) => (await build({ entryPoints: [entry(name)], bundle: true, minify: true, format: "esm", write: false, logLevel: "silent", ...options })).outputFiles[0].text;
      const { output } = await vite.build({ root: here, configFile: false, logLevel: "error", build: { write: false, rollupOptions: { input: entry(name) } } });
      const chunks = output.filter(({ type }) => type === "chunk").map(({ code }) => code).join("");
      const webpacks = await readFile(join(await webpacked(name, "web"), "bundle.js"), "utf8");
      for (const bundle of [await text({ platform: "node" }), await text({ platform: "browser" }), chunks, webpacks]) {
        expect(bundle.includes(MARK)).to.equal(modules);
      }
    });
  }
});
