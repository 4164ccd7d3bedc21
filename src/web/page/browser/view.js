/** What of the director is wanted: the query of what is followed. */
export const view = { search: "", troubleOnly: false, open: new Set(), limit: 100, realServerLimit: 100 };

/** More of one kind are never shown at once. */
export const most = 10_000;
const mostOpen = 50;

let onChange = () => {};

export function whenViewChanges(callback) {
  onChange = callback;
}

export function viewChanged() {
  onChange();
}

export function queryOfView() {
  const query = new URLSearchParams({ limit: view.limit, real_servers: view.realServerLimit });
  if (view.search !== "") query.set("search", view.search);
  if (view.troubleOnly) query.set("show", "trouble");
  for (const name of [...view.open].slice(-mostOpen)) query.append("open", name);
  return query;
}
