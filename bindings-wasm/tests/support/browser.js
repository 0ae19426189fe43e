// Headless browsers, of three engines. Where they are comes from scripts/*-path, in $CHROMIUM, $FIREFOX and $WEBKIT. One that
// is not there, or does not start, fails the run.
import { chromium } from "playwright-core";

/** The path of a browser. */
function path(variable) {
  if (!process.env[variable]) {
    throw new Error(`${variable} must name a browser: run test.sh`);
  }
  return process.env[variable];
}

/**
 * What starts each engine. All have pages with the same few methods. What drives the others is imported when it is asked for:
 * projects that use Chromium alone do not have it.
 */
export const ENGINES = {
  Chromium(...more) {
    const args = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", ...more];
    // Chromium's sandbox does not run as root.
    return chromium.launch({ executablePath: path("CHROMIUM"), args, chromiumSandbox: process.getuid() !== 0 });
  },
  async Firefox() {
    const { default: puppeteer } = await import("puppeteer-core");
    return puppeteer.launch({ browser: "firefox", executablePath: path("FIREFOX"), headless: true, protocolTimeout: 600_000 });
  },
  async WebKit() {
    const { launchWebKit } = await import("./webkit.js");
    return launchWebKit(path("WEBKIT"));
  },
};

export const launch = ENGINES.Chromium;

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
    const known = message.location()?.url?.endsWith("/favicon.ico");
    if (message.type() === "log") {
      printed.push(message.text());
    } else if (["error", "warn", "warning"].includes(message.type()) && !known) {
      problems.push(`${message.type()}: ${message.text()}`);
    }
  });
  await page.goto(address);
  return { page, problems, printed };
}
