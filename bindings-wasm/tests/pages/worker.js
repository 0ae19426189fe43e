// A worker has no import map, so the package is named by its file.
import { Kms, RootKey } from "../node_modules/pocketkms/index.js";

const kms = await Kms.create(RootKey.fromPassphrase("text", { memoryKib: 64, passes: 1, lanes: 1 }));
postMessage(`${(await kms.listKeys()).keys.length} keys`);
