// WebKit, by its own driver and plain WebDriver, with as much of a page's methods as the tests use.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { freePort } from "./port.js";

const START = 30_000;

/** Starts the driver and the browser, on a screen of their own. */
export async function launchWebKit(binary) {
  const port = await freePort();
  // A group of processes, so that all of them end.
  const driver = spawn("xvfb-run", ["-a", "WebKitWebDriver", `--port=${port}`], { detached: true, stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(driver, "exit");
  const end = () => {
    try {
      process.kill(-driver.pid, "SIGTERM");
    } catch {
      // It has ended already.
    }
    return ended;
  };

  async function command(method, path, body) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) {
      throw new Error(`WebDriver: ${value.error}: ${value.message}`);
    }
    return value;
  }

  try {
    const before = Date.now();
    while (!(await command("GET", "/status").catch(() => undefined))?.ready) {
      if (Date.now() - before > START || driver.exitCode !== null) throw new Error("WebKitWebDriver does not start");
      await setTimeout(100);
    }
    const { sessionId } = await command("POST", "/session", { capabilities: { alwaysMatch: {
      browserName: "MiniBrowser", "webkitgtk:browserOptions": { binary, args: ["--automation"] }, timeouts: { script: 600_000 },
    } } });
    const session = `/session/${sessionId}`;
    const inSession = (method, path, body) => command(method, session + path, body);
    const free = [await inSession("GET", "/window")];
    let current = free[0];
    /** Commands go to the window that was chosen last. */
    let queue = Promise.resolve();
    const inWindow = (handle) => (method, path, body) => {
      const done = queue.then(async () => {
        if (current !== handle) {
          await inSession("POST", "/window", { handle });
          current = handle;
        }
        return inSession(method, path, body);
      });
      queue = done.catch(() => {});
      return done;
    };
    /** Beside one that is there: the one that was chosen last may be closed. */
    const open = async () => {
      const [there] = await inSession("GET", "/window/handles");
      return (await inWindow(there)("POST", "/window/new", { type: "tab" })).handle;
    };
    /** Windows come and go one after another: how many there are is asked first. */
    let changed = Promise.resolve();
    const alone = (work) => (changed = changed.catch(() => {}).then(work));
    /** The last window stays: with it the browser would end. */
    const close = async (page, handle) => {
      if ((await inSession("GET", "/window/handles")).length > 1) {
        await inWindow(handle)("DELETE", "/window");
      } else {
        await page.goto("about:blank");
        free.push(handle);
      }
    };
    return {
      async newPage() {
        const handle = await alone(() => free.pop() ?? open());
        return new Page(inWindow(handle), (page) => alone(() => close(page, handle)));
      },
      async close() {
        await command("DELETE", session).catch(() => {});
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A page in a window. What it prints, and its problems, it notes itself: see pages/run.js. */
class Page {
  #command;
  #close;

  constructor(command, close) {
    this.#command = command;
    this.#close = close;
  }

  on() {}

  goto(url) {
    return this.#command("POST", "/url", { url });
  }

  /** What a function answers in the page, or a promise of it. */
  async evaluate(work, given) {
    const script = `
      const done = arguments[arguments.length - 1];
      (async () => (${work})(arguments[0]))().then((value) => done({ value }), (error) => done({ error: String(error?.stack ?? error) }));
    `;
    const { value, error } = await this.#command("POST", "/execute/async", { script, args: given === undefined ? [null] : [given] });
    if (error !== undefined && error !== null) {
      throw new Error(error);
    }
    return value ?? undefined;
  }

  async waitForFunction(condition) {
    const before = Date.now();
    while (!(await this.evaluate(condition))) {
      if (Date.now() - before > START) throw new Error(`not in the page: ${condition}`);
      await setTimeout(50);
    }
  }

  close() {
    return this.#close(this);
  }
}
