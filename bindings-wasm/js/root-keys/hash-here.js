/** Hashes a passphrase in this thread. What is thrown is for `answer`. */
export function hashHere({ RootKey }, { passphrase, cost, most, milliseconds, vault }) {
  const key = RootKey.fromPassphrase(passphrase, cost, most, milliseconds);
  try {
    return key.derive(vault);
  } finally {
    key.free();
  }
}
