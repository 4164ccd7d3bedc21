import { by, element, list, mark, write } from "./dom.js";
import { showState } from "./head.js";
import { most, view, viewChanged } from "./view.js";
import { count, lasted, latency, plural } from "./words.js";

const columns = ["Real server", "State", "Weight", "Active", "Inactive", "Conn/s", "Check", "Since", "Why"];
const numeric = new Set(["Weight", "Active", "Inactive", "Conn/s", "Check"]);

function makeTable(name) {
  const heads = columns.map((text) =>
    element("th", { scope: "col", text, className: numeric.has(text) ? "number" : "" }),
  );
  const caption = element("caption", { className: "unseen", text: `Real servers of ${name}` });
  return element("table", {}, caption, element("thead", {}, element("tr", {}, ...heads)), element("tbody"));
}

function makeRow() {
  const cells = columns.slice(1).map((label) => {
    const className = label === "Why" ? "why" : numeric.has(label) ? "number" : "";
    return element("td", label === "State" || label === "Why" ? { className } : { className, "data-label": label });
  });
  cells[0].append(element("span", { className: "state" }));
  return element("tr", {}, element("th", { scope: "row" }), ...cells);
}

function fillRow(node, real) {
  const [address, state, weight, active, inactive, rate, check, since, why] = node.children;
  write(address, real.address);
  showState(state.firstChild, real.state);
  const { weight: configured, effective_weight: now } = real;
  write(weight, now === configured ? `${now}` : `${now} (of ${configured})`);
  write(active, count(real.active));
  write(inactive, count(real.inactive));
  write(rate, count(real.connections_per_s));
  write(check, latency(real.latency_ms));
  write(since, lasted(real.since));
  write(why, real.override === null ? real.reason : `${real.reason} (${real.override})`);
}

function makeServer({ name }) {
  const id = `inside-${Math.random().toString(36).slice(2)}`;
  const fold = element(
    "button",
    { type: "button", className: "fold", "aria-controls": id },
    element("span", { className: "state" }),
    element("strong"),
    element("span", { className: "where" }),
    element("span", { className: "quorum" }),
    element("span", { className: "numbers" }),
  );
  fold.addEventListener("click", () => {
    if (fold.getAttribute("aria-expanded") === "true") view.open.delete(name);
    else view.open.add(name);
    viewChanged();
  });
  const more = element("button", { type: "button", className: "plain" });
  more.addEventListener("click", () => {
    view.realServerLimit = Math.min(most, view.realServerLimit + 500);
    viewChanged();
  });
  return element("li", {}, fold, element("div", { className: "inside", id }, element("div"), makeTable(name), more));
}

function fillServer(node, server) {
  const [fold, inside] = node.children;
  const [state, name, where, quorum, numbers] = fold.children;
  const hurt = server.state === "up" && server.up < server.total;
  mark(fold, "aria-expanded", server.real_servers !== null);
  showState(state, server.state);
  if (hurt) mark(state, "data-level", "attention");
  write(name, server.name);
  const same = server.name === server.where || server.where.endsWith(` ${server.name}`);
  write(where, `${same ? "" : `${server.where}, `}${server.scheduler} ${server.method}`);
  const { weight_up: weight, needed } = server.quorum;
  write(quorum, server.quorum.met && needed <= 1 ? "" : `quorum ${weight} of ${needed}`);
  const rate = server.connections_per_s > 0 ? `, ${count(server.connections_per_s)}/s` : "";
  write(numbers, `${count(server.up)}/${count(server.total)} up, ${count(server.connections)} active${rate}`);
  inside.hidden = server.real_servers === null;
  if (server.real_servers === null) return;
  const [remarks, table, more] = inside.children;
  const texts = [
    ...server.refused.map((text) => `refused: ${text}`),
    ...(server.panic ? ["panic: so few real servers are up that all of them take traffic"] : []),
    ...(server.sorry_server === null ? [] : [`the sorry server ${server.sorry_server} takes the traffic`]),
  ];
  list(
    remarks,
    texts,
    (text) => text,
    () => element("p", { className: "remark" }),
    write,
  );
  const { items, matching } = server.real_servers;
  list(table.lastChild, items, (real) => real.address, makeRow, fillRow);
  more.hidden = items.length >= matching || view.realServerLimit >= most;
  write(more, `${count(items.length)} of ${plural(matching, "real server")} shown: show more`);
}

export function showServers({ virtual_servers: { total, matching, items } }) {
  const filtered = view.search !== "" || view.troubleOnly;
  write(by("found"), filtered ? `${count(matching)} of ${plural(total, "virtual server")}` : "");
  list(by("list"), items, ({ name }) => name, makeServer, fillServer);
  by("more").hidden = items.length >= matching || view.limit >= most;
  write(by("more"), `${count(items.length)} of ${plural(matching, "virtual server")} shown: show more`);
}
