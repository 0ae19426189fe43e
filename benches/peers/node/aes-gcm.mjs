// Node's own AES-256-GCM, which is OpenSSL's: the bare primitive under what runs in Node. It streams in itself, but must not:
// what it gives before the tag was checked is not authenticated.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
const [NONCE_LENGTH, TAG_LENGTH] = [12, 16];

export function contender() {
  return {
    packages: [],
    encrypt(plaintext) {
      const nonce = randomBytes(NONCE_LENGTH);
      const cipher = createCipheriv("aes-256-gcm", KEY, nonce);
      return [nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
    },
    decrypt(message) {
      const cipher = createDecipheriv("aes-256-gcm", KEY, message.subarray(0, NONCE_LENGTH), { authTagLength: TAG_LENGTH });
      cipher.setAuthTag(message.subarray(-TAG_LENGTH));
      const plaintext = cipher.update(message.subarray(NONCE_LENGTH, -TAG_LENGTH));
      cipher.final();
      return plaintext;
    },
  };
}
