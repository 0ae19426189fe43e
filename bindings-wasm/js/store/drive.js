// Drives the operations of a vault in IndexedDB: runs the native half over what is fetched, fetches what it misses, and commits what
// it computed. All rules are the native half's.
import { answer, free, hasFailed } from "../answer.js";
import { Brought } from "../brought.js";
import { isBytes } from "../bytes.js";
import { AlreadyExistsException, StoreDamagedException, VaultClosedException } from "../errors.js";
import { beginRun, lacks } from "../run.js";
import { pauseRun } from "../wasm/pocketkms.js";
import { CommitFailure, Database, kindOf, reason, unread } from "./database.js";

/** How long, in milliseconds, what was checked holds without another look. Notifications end it at once. */
const LEASE = 1000;
/** The longest time of a timer, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** The longest pause between two commits of one operation. */
const LONGEST_PAUSE = 50;

const { now } = performance;
const clock = () => now.call(performance);

export class Store {
  #name;
  #database;
  #modules;
  #fetched;
  #channel;
  #checked = -Infinity;
  #checking;
  #stale = true;
  #underWay = 0;
  #spare = [];
  #closing;
  #timer;
  #finished = false;
  #watching = new AbortController();
  /** Whether the browser agreed to keep the database even where it runs out of room. */
  persistent = false;
  /** How many milliseconds events of the audit trail may wait; nothing where none do. */
  eventsWait = () => undefined;
  /** What stores them, as `run` takes it. */
  flushing = () => undefined;
  /** Called once, when nothing can be asked any more: wipes what is native. */
  onend = () => {};

  static async open(modules, name) {
    const store = new Store();
    store.#name = name;
    store.#modules = modules;
    store.#database = await Database.open(name);
    store.#fetched = answer(() => new modules.Fetched());
    store.#database.onclose = () => store.#finish();
    if (globalThis.BroadcastChannel) {
      const channel = new BroadcastChannel(`pocketkms:${name}`);
      channel.onmessage = () => { store.#stale = true; };
      // Node would wait for it.
      channel.unref?.();
      store.#channel = channel;
    }
    store.#watchPage();
    return store;
  }

  get native() {
    return this.#fetched;
  }

  /** The vault's header, unverified: what a root key is asked about before the vault is opened. Nothing where there is no vault. */
  async header() {
    const [[record]] = await this.#database.read([{ name: "vault" }]).catch((error) => { throw unread(error); });
    if (record && !isBytes(record.value)) {
      throw new StoreDamagedException("the database of the vault holds something that is no record", "its header is not bytes", []);
    }
    return record?.value;
  }

  /** Writes the records of a whole vault, where there is none. */
  async fill(records) {
    if (!(await this.#database.fill(records))) {
      throw new AlreadyExistsException("there is a vault of that name already: delete it first, or restore the snapshot under another name", undefined, []);
    }
  }

  /** Runs an operation: `question` asks the native half, as often as there are steps. */
  async run(question) {
    this.checkOpen();
    this.#underWay++;
    const brought = new Brought();
    let steps, release;
    try {
      if (!this.#isFresh()) {
        await this.#refresh();
      }
      steps = this.#spare.pop() ?? answer(() => new this.#modules.Steps());
      for (let commits = 0; ;) {
        beginRun(brought);
        const { step, result } = this.#step(steps, question);
        const lacking = lacks();
        if (lacking) {
          // Other operations run meanwhile. What is known of this one is in its steps.
          answer(() => pauseRun().free());
          await brought.bring(lacking);
        }
        if (step === undefined) {
          if (lacking) continue;
          return result();
        }
        if (step.read) {
          await this.#read(steps, step.read);
        } else if (step.commit) {
          // A tab that was overtaken once goes first.
          if (++commits > 1) {
            release ??= await this.#lock();
            await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(2 ** commits, LONGEST_PAUSE)));
          }
          await this.#commit(steps, step.commit);
        }
      }
    } finally {
      brought.wipe();
      this.#giveBack(steps);
      release?.();
      if (--this.#underWay === 0 && this.#closing) {
        this.#finish();
      }
      this.#flushInTime();
    }
  }

  /** Asks the browser to keep it. Firefox asks the user, and no one waits for that. */
  async persist() {
    try {
      const { storage } = navigator;
      this.persistent = await storage.persisted();
      if (!this.persistent) {
        storage.persist().then((agreed) => { this.persistent = agreed; }, () => {});
      }
    } catch {
      // Where it cannot be asked, it is as persistent as it is.
    }
  }

  checkOpen() {
    if (this.#closing) {
      throw this.#closing;
    }
  }

  /** A page that is left may not come back: what waits is stored as long as it is there. Workers are not told of their end. */
  #watchPage() {
    const page = globalThis.document;
    if (page) {
      const options = { signal: this.#watching.signal };
      page.addEventListener("visibilitychange", () => page.visibilityState === "hidden" && this.#flush(), options);
      globalThis.addEventListener("pagehide", () => this.#flush(), options);
    }
  }

  /** Begins to store the events that wait. They are lost if that fails: no one waits for it. */
  #flush() {
    try {
      if (!this.#closing && !hasFailed() && this.eventsWait() !== undefined) {
        this.run(this.flushing()).catch(() => {});
      }
    } catch {
      // The clock of the app's failed.
    }
  }

  /** Has them stored when their time is over, also where nothing else is asked. */
  #flushInTime() {
    if (this.#timer === undefined && !this.#closing && !hasFailed()) {
      const patience = this.eventsWait();
      // What waits for longer than a timer can is stored by the next call, or by closing.
      if (patience <= LONGEST_TIMER) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.#flush();
        }, patience);
        // Node would wait for it.
        this.#timer.unref?.();
      }
    }
  }

  /** Nothing new begins, but that events of the audit trail that wait are stored; what is under way ends as if nothing had happened. */
  close() {
    this.#flush();
    this.#closing ??= new VaultClosedException("the vault is closed", undefined, []);
    if (this.#underWay === 0) {
      this.#finish();
    }
  }

  #finish() {
    if (this.#finished) {
      return;
    }
    this.#finished = true;
    this.#closing ??= new VaultClosedException("the vault is closed", "another tab deletes or upgrades its database", []);
    this.#watching.abort();
    clearTimeout(this.#timer);
    this.#database.close();
    this.#channel?.close();
    free(...this.#spare.splice(0));
    this.onend();
  }

  get closed() {
    return this.#closing !== undefined;
  }

  /** One run; its result counts only where there is no step. */
  #step(steps, question) {
    return answer(() => {
      this.#fetched.begin(steps);
      let result;
      try {
        const value = question();
        result = () => value;
      } catch (error) {
        result = () => { throw error; };
      }
      return { step: this.#fetched.end(steps), result: () => answer(result) };
    });
  }

  /** Keeps what an operation was driven with for the next one: it is made and freed more slowly than a small plaintext is encrypted. */
  #giveBack(steps) {
    if (steps && !hasFailed() && !this.#finished) {
      answer(() => steps.reset());
      this.#spare.push(steps);
    } else {
      free(steps);
    }
  }

  /** Whether what is fetched is no older than the lease. */
  #isFresh() {
    return !this.#stale && clock() - this.#checked < LEASE;
  }

  async #refresh() {
    this.#checking ??= this.#check().finally(() => { this.#checking = undefined; });
    await this.#checking;
  }

  async #check() {
    const began = clock();
    this.#stale = false;
    const generation = await this.#database.generation().catch((error) => {
      // The next operation looks again.
      this.#stale = true;
      throw unread(error);
    });
    answer(() => this.#fetched.check(generation));
    this.#checked = began;
  }

  async #read(steps, wanted) {
    let found;
    try {
      found = await this.#database.read(wanted);
    } catch (error) {
      answer(() => this.#fetched.notFound(steps, kindOf(error), reason(error)));
      return;
    }
    answer(() => this.#fetched.found(steps, found));
  }

  async #commit(steps, changes) {
    try {
      await this.#database.commit(changes);
    } catch (error) {
      if (!(error instanceof CommitFailure)) throw error;
      answer(() => this.#fetched.committed(steps, error.outcome, error.kind, error.message));
      return;
    }
    this.#channel?.postMessage("changed");
    answer(() => this.#fetched.committed(steps, "done", "", ""));
  }

  /** The right of this tab to write first; resolves to a function that gives it back. */
  #lock() {
    if (!globalThis.navigator?.locks) {
      return () => {};
    }
    return new Promise((resolve, reject) => {
      navigator.locks.request(`pocketkms:${this.#name}`, () => new Promise((release) => resolve(release))).catch(reject);
    });
  }
}
