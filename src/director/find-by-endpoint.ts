import { type DestinationKey, endpointText } from "ipvs-netlink";

/**
 * Finds members of a list by their endpoint. `index` is where it is first looked for: of two lists that are compared, most members
 * are in the same places, and an index of thousands takes longer than what is done with it.
 */
export function finderByEndpoint<T extends DestinationKey>(
  list: readonly T[],
): (endpoint: DestinationKey, index: number) => T | undefined {
  let byText: ReadonlyMap<string, T> | null = null;
  return (endpoint, index) => {
    const there = list[index];
    if (there !== undefined && sameEndpoint(there, endpoint)) return there;
    byText ??= new Map(list.map((one) => [endpointText(one), one]));
    return byText.get(endpointText(endpoint));
  };
}

export function sameEndpoint(a: DestinationKey, b: DestinationKey): boolean {
  return a.address === b.address && a.port === b.port;
}
