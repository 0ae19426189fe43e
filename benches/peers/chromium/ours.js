// PocketKMS, from the npm package that its users get.
import { EncryptionClient, RawAesKeyring } from "pocketkms";

export function contender() {
  const client = new EncryptionClient();
  const wrappingKey = Uint8Array.from({ length: 32 }, (_, index) => index);
  const keyring = new RawAesKeyring({ namespace: "peers", name: "key", wrappingKey });
  return {
    packages: ["pocketkms"],
    encrypt: async (plaintext) => [(await client.encrypt(keyring, plaintext)).message],
    decrypt: async (message) => (await client.decrypt(keyring, message)).plaintext,
    encryptStream: () => client.encryptStream(keyring),
    decryptStream: () => client.decryptStream(keyring),
  };
}
