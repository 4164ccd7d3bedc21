import { by, element, list, write } from "./dom.js";
import { showState } from "./head.js";
import { lasted } from "./words.js";

function card() {
  const line = element("p", { className: "line" }, element("strong"), element("span", { className: "state" }));
  return element("li", { className: "card" }, line, element("p"), element("p", { className: "soft" }));
}

function fillCard(node, name, state, why, more) {
  const [line, reason, rest] = node.children;
  write(line.firstChild, name);
  showState(line.lastChild, state);
  write(reason, why);
  write(rest, more);
}

export function showVrrp({ vrrp, bfd }) {
  by("vrrp-part").hidden = vrrp.length === 0;
  list(
    by("vrrp"),
    vrrp,
    ({ name }) => name,
    card,
    (node, instance) => {
      const { master, missing } = instance;
      const weights = instance.contributions
        .filter(({ active }) => active)
        .map(({ source, weight }) => `${source} ${weight > 0 ? "+" : ""}${weight}`);
      const parts = [
        `for ${lasted(instance.since)}`,
        `priority ${instance.priority}${weights.length > 0 ? ` = ${instance.base_priority}, ${weights.join(", ")}` : ""}`,
        ...(instance.state !== "master" && master !== null
          ? [`master ${master.address} with priority ${master.priority}`]
          : []),
        ...(instance.sync_group === null ? [] : [`group ${instance.sync_group}`]),
        instance.addresses.join(", "),
        ...(missing.length > 0 ? [`missing: ${missing.join(", ")}`] : []),
      ];
      const text = parts.filter((part) => part !== "").join(" \u00b7 ");
      fillCard(node, instance.name, instance.state, instance.reason, text);
    },
  );
  by("bfd-part").hidden = bfd.length === 0;
  list(
    by("bfd"),
    bfd,
    ({ name }) => name,
    card,
    (node, { name, neighbor, state, since, reason }) =>
      fillCard(node, name, state, reason, `${neighbor} \u00b7 for ${lasted(since)}`),
  );
}
