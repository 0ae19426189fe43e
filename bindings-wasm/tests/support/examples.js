// The code blocks of the documentation, and what they say they print: `console.log(...); // this`.
import { readFile } from "node:fs/promises";

/** Every block of a language in a Markdown file of the project. */
export async function examples(file, language) {
  const text = await readFile(new URL(`../${file}`, import.meta.url), "utf8");
  const blocks = Array.from(text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm")), ([, block]) => block);
  return blocks.map((code) => ({ code, prints: Array.from(code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm), ([, line]) => line) }));
}
