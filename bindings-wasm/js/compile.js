// From where the WebAssembly module is to the module; with an error that says what to do where something else is there.

/** What to do where the module is not found. */
export const HELP = "Say where the package's .wasm files are by locateWasm(), or import \"pocketkms/embedded\", which needs no file";

/** The module of what `locateWasm` takes. */
export async function compile(source) {
  if (source instanceof WebAssembly.Module) {
    return source;
  }
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) {
    return compileBytes(source, "what locateWasm() answered");
  }
  return compileResponse(source instanceof Response ? source : await get(source));
}

async function get(source) {
  const where = source instanceof Request ? source.url : String(source);
  try {
    return await fetch(source);
  } catch (cause) {
    throw new Error(`the WebAssembly of PocketKMS could not be loaded from ${where}. ${HELP}`, { cause });
  }
}

async function compileResponse(response) {
  const { ok, status, url } = response;
  const type = response.headers.get("content-type") ?? "none";
  if (!ok) {
    throw new Error(`the WebAssembly of PocketKMS is not at ${url}, which answered with status ${status}. ${HELP}`);
  }
  // Only of this type do engines compile while it comes.
  return type.startsWith("application/wasm") && WebAssembly.compileStreaming
    ? compiled(() => WebAssembly.compileStreaming(response))
    : compileBytes(await response.arrayBuffer(), `what is at ${url} (content type ${type})`);
}

function compileBytes(bytes, called) {
  const view = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
  if (String(view.subarray(0, 4)) !== "0,97,115,109") {
    throw new Error(`${called} is no WebAssembly, but begins with ${JSON.stringify(new TextDecoder().decode(view.subarray(0, 20)))}. ${HELP}`);
  }
  return compiled(() => WebAssembly.compile(bytes));
}

/** An engine says in words of its own what a page's policy forbids, and at some other errors the same. */
async function compiled(compile) {
  try {
    return await compile();
  } catch (cause) {
    const text = "the WebAssembly of PocketKMS could not be compiled. Where the page has a Content-Security-Policy, its script-src needs 'wasm-unsafe-eval'";
    throw new Error(`${text}. The engine says: ${cause?.message ?? cause}`, { cause });
  }
}
