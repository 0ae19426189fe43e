// Hashes passphrases for a page, which must not stand still meanwhile (root-keys/hashing.js). No part of the package's interface.
import { isReport } from "./answer.js";
import { wipe } from "./bytes.js";
import { own } from "./own.js";
import { hashHere } from "./root-keys/hash-here.js";
import initialise, { RootKey } from "./wasm/pocketkms.js";

let ready;

onmessage = async ({ data: { id, module, passphrase, cost, most, milliseconds, vault } }) => {
  try {
    ready ??= initialise({ module_or_path: module });
    await ready;
    const derived = hashHere({ RootKey }, { passphrase, cost: own(cost, "the cost"), most: own(most, "the greatest cost"), milliseconds, vault });
    postMessage({ id, derived }, [derived.buffer]);
  } catch (fault) {
    postMessage(isReport(fault) ? { id, fault } : { id, trap: String(fault) });
  } finally {
    wipe(passphrase);
  }
};

postMessage({ started: true });
