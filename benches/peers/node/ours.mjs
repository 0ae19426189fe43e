// PocketKMS, from the npm package that its users get.
import { Duplex } from "node:stream";
import { pathToFileURL } from "node:url";
import { requireOurs } from "./support.mjs";

export async function contender() {
  const { EncryptionClient, RawAesKeyring } = await import(pathToFileURL(requireOurs.resolve("pocketkms")));
  const client = new EncryptionClient();
  const wrappingKey = Uint8Array.from({ length: 32 }, (_, index) => index);
  const keyring = new RawAesKeyring({ namespace: "peers", name: "key", wrappingKey });
  return {
    packages: ["pocketkms"],
    encrypt: async (plaintext) => [(await client.encrypt(keyring, plaintext)).message],
    decrypt: async (message) => (await client.decrypt(keyring, message)).plaintext,
    encryptStream: () => Duplex.fromWeb(client.encryptStream(keyring)),
    decryptStream: () => Duplex.fromWeb(client.decryptStream(keyring)),
  };
}
