/** What of the director somebody wants to see. */
export interface PageQuery {
  /** In names, addresses and reasons; lower case, "" for everything. */
  readonly search: string;
  /** Only virtual servers with something that is not up. */
  readonly troubleOnly: boolean;
  /** Names of virtual servers whose real servers are wanted. */
  readonly open: readonly string[];
  /** How many virtual servers at most. */
  readonly limit: number;
  /** How many real servers of each at most. */
  readonly realServerLimit: number;
}

const [mostOpen, longestSearch] = [50, 200];
const step = 100;
const mostListed = 10_000;

/** From the query of a URL; what is not understood counts for nothing. */
export function parsePageQuery(query: URLSearchParams): PageQuery {
  return {
    search: (query.get("search") ?? "").trim().toLowerCase().slice(0, longestSearch),
    troubleOnly: query.get("show") === "trouble",
    open: query.getAll("open").slice(0, mostOpen),
    limit: limitOf(query.get("limit")),
    realServerLimit: limitOf(query.get("real_servers")),
  };
}

function limitOf(text: string | null): number {
  return /^[1-9]\d{0,4}$/.test(text ?? "") ? Math.min(Number(text), mostListed) : step;
}
