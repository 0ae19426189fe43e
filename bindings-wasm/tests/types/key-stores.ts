// What is behind custom key stores, as TypeScript sees it.
import { ClusterError, RootKey, Vault, XksHttpsTransport, type CloudHsmCluster, type XksRequest, type XksTransport } from "pocketkms";

export async function keyStores(root: RootKey, cluster: CloudHsmCluster) {
  const byFetch: XksTransport = new XksHttpsTransport({ timeout: 500 });
  const byHand: XksTransport = async ({ url, headers, body, signal }: XksRequest) => fetch(url, { method: "POST", headers, body, signal });
  const inTime: XksTransport = { send: () => ({ status: 200, body: new Uint8Array() }), timeout: 1000 };
  for (const xksTransport of [byFetch, byHand, inTime]) {
    await Vault.inMemory(root, { xksTransport, cloudHsmClusters: { "cluster-abcdefg2345": cluster } });
  }
  const { kind, message } = new ClusterError("UNREACHABLE", "the cable is out");
  void [kind, message];
  // @ts-expect-error: no such kind
  new ClusterError("GONE");
  // @ts-expect-error: it answers nothing
  await Vault.inMemory(root, { xksTransport: () => {} });
  // @ts-expect-error: not all methods
  await Vault.inMemory(root, { cloudHsmClusters: { "cluster-abcdefg2345": { describe: () => undefined } } });
}
