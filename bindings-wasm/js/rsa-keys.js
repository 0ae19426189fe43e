// RSA keys by WebCrypto: its primes are the platform's, and take it a fraction of the time.

const EXPONENT = Uint8Array.of(1, 0, 1);

/**
 * A new private key, in PKCS #8. No bytes of one where the platform makes none, so that WebAssembly does. What the platform keeps of it
 * until its garbage is collected, no one here can wipe.
 */
export async function makeRsaKey(bits) {
  try {
    const { subtle } = globalThis.crypto;
    const algorithm = { name: "RSA-OAEP", modulusLength: bits, publicExponent: EXPONENT, hash: "SHA-256" };
    const { privateKey } = await subtle.generateKey(algorithm, true, ["encrypt", "decrypt"]);
    return { bits, bytes: new Uint8Array(await subtle.exportKey("pkcs8", privateKey)) };
  } catch {
    return { bits, bytes: new Uint8Array() };
  }
}
