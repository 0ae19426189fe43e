// The browser's own AES-256-GCM: the bare primitive under everything that runs in a page.

const NONCE_LENGTH = 12;

export function contender() {
  const bytes = Uint8Array.from({ length: 32 }, (_, index) => index);
  const key = crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  return {
    packages: [],
    async encrypt(plaintext) {
      const iv = crypto.getRandomValues(new Uint8Array(NONCE_LENGTH));
      return [iv, await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key, plaintext)];
    },
    async decrypt(message) {
      const iv = message.subarray(0, NONCE_LENGTH);
      const plaintext = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await key, message.subarray(NONCE_LENGTH));
      return new Uint8Array(plaintext);
    },
  };
}
