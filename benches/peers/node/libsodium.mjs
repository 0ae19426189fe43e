// npm `libsodium-wrappers`: libsodium compiled to WebAssembly.
import { randomBytes } from "node:crypto";
import { require } from "./support.mjs";

const sodium = require("libsodium-wrappers");
const KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
const NONCE_LENGTH = 24; // of both constructions

const CONSTRUCTIONS = {
  secretbox: {
    seal: (plaintext, nonce) => sodium.crypto_secretbox_easy(plaintext, nonce, KEY),
    open: (ciphertext, nonce) => sodium.crypto_secretbox_open_easy(ciphertext, nonce, KEY),
  },
  xchacha20poly1305: {
    seal: (plaintext, nonce) => sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, null, null, nonce, KEY),
    open: (ciphertext, nonce) =>
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, null, nonce, KEY),
  },
};

export async function contender({ construction }) {
  await sodium.ready;
  const { seal, open } = CONSTRUCTIONS[construction];
  return {
    packages: ["libsodium-wrappers"],
    encrypt(plaintext) {
      const nonce = randomBytes(NONCE_LENGTH);
      return [nonce, seal(plaintext, nonce)];
    },
    decrypt: (message) => open(message.subarray(NONCE_LENGTH), message.subarray(0, NONCE_LENGTH)),
  };
}
