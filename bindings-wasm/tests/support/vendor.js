// A page without a bundler can't load the AWS SDK, whose modules name each other as bundlers find them: here it is as one module.
import { build } from "esbuild";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The import map of a page without a bundler. */
export const IMPORTS = {
  pocketkms: "/node_modules/pocketkms/index.js",
  "pocketkms/aws-sdk": "/node_modules/pocketkms/aws-sdk.js",
  "@aws-sdk/client-kms": "/vendor/client-kms.js",
};

/** Makes the modules that the import map names. Several tests do so at a time, so each puts the whole file in its place. */
export async function vendor() {
  const stdin = { contents: 'export * from "@aws-sdk/client-kms";', resolveDir: root };
  const { outputFiles: [module] } = await build({ stdin, bundle: true, format: "esm", platform: "browser", write: false, logLevel: "error" });
  await mkdir(`${root}/vendor`, { recursive: true });
  const fresh = `${root}/vendor/${process.pid}.js`;
  await writeFile(fresh, module.contents);
  await rename(fresh, `${root}/vendor/client-kms.js`);
}
