import { by, element, list, mark, write } from "./dom.js";
import { count, lasted } from "./words.js";

const levels = {
  ...{ up: "good", master: "good", backup: "good" },
  ...{ down: "bad", refused: "bad", fault: "bad" },
};
export const signs = { good: "\u2713", attention: "!", bad: "\u2715" };

export function showState(node, state) {
  const level = levels[state] ?? "attention";
  mark(node, "data-level", level);
  write(node, `${signs[level]} ${state.replace("_", " ")}`);
}

export function showHead(page) {
  const { daemon } = page;
  const name = daemon.router_id ?? "lbctl";
  write(by("name"), name);
  write(by("about"), `lbctl ${daemon.version}, ${page.data_plane}, up ${lasted(daemon.started_at)}`);
  const title = `${signs[page.level]} ${name}`;
  if (document.title !== title) document.title = title;
  mark(by("verdict"), "data-level", page.level);
  write(by("verdict"), `${signs[page.level]} ${page.summary}`);
  list(
    by("notices"),
    page.notices,
    ({ text }) => text,
    () => element("li"),
    (node, { level, text }) => {
      mark(node, "data-level", level);
      write(node, text);
    },
  );
  const { up, down, unknown, disabled, drained } = page.real_servers;
  const figures = [
    ["virtual servers", count(page.virtual_servers.total)],
    ["real servers up", `${count(up)} of ${count(up + down + unknown + disabled + drained)}`],
    ...(down > 0 ? [["down", count(down)]] : []),
    ...(unknown > 0 ? [["not checked yet", count(unknown)]] : []),
    ...(disabled + drained > 0 ? [["drained or disabled", count(disabled + drained)]] : []),
    ["drift repaired", count(page.drift.repaired_total)],
  ];
  list(
    by("figures"),
    figures,
    ([label]) => label,
    ([label]) => element("div", {}, element("dt", { text: label }), element("dd")),
    (node, [, value]) => write(node.lastChild, value),
  );
  write(by("foot"), `configuration ${page.generation} of ${daemon.config_file}`);
}
