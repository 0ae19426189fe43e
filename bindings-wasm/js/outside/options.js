// The options by which a vault reaches what is outside of it.
import { takeOut } from "../own.js";
import { clusterOf } from "./clusters.js";
import { addPlace, dropOutside } from "./places.js";
import { transportOf } from "./xks.js";

/**
 * Takes these options out of those of a vault; returns `make(settings, build)`, which builds a handle with places of its own, and `isUsed`:
 * whether calls of the vault may have to wait for an answer.
 */
export function outside(settings) {
  const [transport, clusters, accounts] = ["xksTransport", "cloudHsmClusters", "cloudHsmClusterAccounts"].map((name) => takeOut(settings, name) ?? undefined);
  const xks = transport === undefined ? undefined : transportOf(transport);
  const byId = Object.entries(checkClusters(clusters ?? {})).map(([id, cluster]) => [id, clusterOf(cluster), ownersOf(id, accounts ?? {})]);
  const isUsed = xks !== undefined || byId.length > 0;
  const make = (settings, build) => {
    if (!isUsed) {
      return build(settings);
    }
    const added = [];
    const add = (methods) => added[added.push(addPlace(methods)) - 1];
    try {
      const cloudHsmClusters = byId.length === 0 ? undefined : { __proto__: null };
      byId.forEach(([id, cluster, owners]) => { cloudHsmClusters[id] = `${add(cluster)}${owners}`; });
      return build({ __proto__: null, ...settings, xksTransport: xks && add(xks), cloudHsmClusters });
    } catch (error) {
      added.forEach(dropOutside);
      throw error;
    }
  };
  return { make, isUsed };
}

/** Whose a cluster is, as the native half reads it. */
function ownersOf(id, accounts) {
  const owners = Object.hasOwn(accounts, id) ? accounts[id] : undefined;
  if (owners === undefined) {
    return "";
  }
  if (!(Array.isArray(owners) && owners.every((account) => typeof account === "string" && /^(\d{12}|\*)$/.test(account)))) {
    throw new TypeError('cloudHsmClusterAccounts must be an object of lists of accounts, each twelve digits or "*"');
  }
  return `:${owners}`;
}

function checkClusters(clusters) {
  if (typeof clusters !== "object") {
    throw new TypeError("cloudHsmClusters must be an object: clusters by their ids");
  }
  return clusters;
}
