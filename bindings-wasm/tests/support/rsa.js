// A pair of RSA keys of WebCrypto's, as its users have them.
const pem = (label, der) => `-----BEGIN ${label}-----\n${btoa(String.fromCharCode(...new Uint8Array(der))).replace(/.{64}/g, "$&\n")}\n-----END ${label}-----\n`;

/** Both keys as PEM, new ones each time. */
export async function rsaKeyPair() {
  const algorithm = { name: "RSA-OAEP", modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-256" };
  const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, ["encrypt", "decrypt"]);
  return {
    publicKey: pem("PUBLIC KEY", await crypto.subtle.exportKey("spki", publicKey)),
    privateKey: pem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", privateKey)),
  };
}
