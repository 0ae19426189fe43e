// A headless Chromium. Its path comes from scripts/chromium-path, in $CHROMIUM.
import { chromium } from "playwright-core";

/** A page, what it prints, and its `problems`: every error, warning and failed request. */
export async function open(browser, address) {
  const page = await browser.newPage();
  const problems = [];
  const printed = [];
  page.on("pageerror", (error) => problems.push(`error: ${error.stack}`));
  page.on("requestfailed", (request) => problems.push(`not loaded: ${request.url()}`));
  page.on("response", (response) => {
    if (response.status() >= 400 && !response.url().endsWith("/favicon.ico")) {
      problems.push(`${response.status()}: ${response.url()}`);
    }
  });
  page.on("console", (message) => {
    const known = message.location().url.endsWith("/favicon.ico");
    if (message.type() === "log") {
      printed.push(message.text());
    } else if (["error", "warning"].includes(message.type()) && !known) {
      problems.push(`${message.type()}: ${message.text()}`);
    }
  });
  await page.goto(address);
  return { page, problems, printed };
}

export function launch(...more) {
  if (!process.env.CHROMIUM) {
    throw new Error("CHROMIUM must name a Chromium: run test.sh");
  }
  const args = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", ...more];
  // Chromium's sandbox does not run as root.
  return chromium.launch({ executablePath: process.env.CHROMIUM, args, chromiumSandbox: process.getuid() !== 0 });
}
