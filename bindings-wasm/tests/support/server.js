// Serves a folder as it is, under a strict content security policy.
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

// What a page must allow for PocketKMS: its own scripts, and WebAssembly.
const POLICY = "default-src 'self'; script-src 'self' 'nonce-page' 'wasm-unsafe-eval'";
/** A page whose policy has not heard of WebAssembly. */
const WITHOUT_WASM = "/pages/no-wasm-eval.html";

/** Resolves to the address, and `close`. */
export async function serve(folder) {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
    const file = createReadStream(join(folder, path));
    file.on("error", () => response.writeHead(404).end());
    file.on("open", () => {
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      const policy = path === WITHOUT_WASM ? POLICY.replace(" 'wasm-unsafe-eval'", "") : POLICY;
      response.writeHead(200, { "content-type": type, "content-security-policy": policy });
      file.pipe(response);
    });
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  return { address: `http://localhost:${server.address().port}`, close: () => server.close() };
}
