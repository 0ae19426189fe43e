// Pairs of keys of WebCrypto's, as its users have them.
const pem = (label, der) => `-----BEGIN ${label}-----\n${btoa(String.fromCharCode(...new Uint8Array(der))).replace(/.{64}/g, "$&\n")}\n-----END ${label}-----\n`;

/** Both keys as PEM, new ones each time. */
async function keyPair(algorithm, usages) {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, usages);
  return {
    publicKey: pem("PUBLIC KEY", await crypto.subtle.exportKey("spki", publicKey)),
    privateKey: pem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", privateKey)),
  };
}

export const rsaKeyPair = () =>
  keyPair({ name: "RSA-OAEP", modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-256" }, ["encrypt", "decrypt"]);

export const ecKeyPair = (namedCurve) => keyPair({ name: "ECDH", namedCurve }, ["deriveBits"]);
