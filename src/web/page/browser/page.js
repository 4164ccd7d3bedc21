import { by, element, list, write } from "./dom.js";
import { showHead } from "./head.js";
import { showVrrp } from "./routers.js";
import { showServers } from "./servers.js";
import { most, queryOfView, view, whenViewChanges } from "./view.js";
import { setClock } from "./words.js";

let stream = null;
let shown = null;

function showEvents({ events }) {
  list(
    by("events"),
    events,
    ({ seq }) => seq,
    ({ at, severity, message }) => {
      const time = element("time", { datetime: at, text: at.replace("T", " ").slice(5, 19) });
      return element("li", {}, time, element("span", { "data-severity": severity, text: message }));
    },
    () => {},
  );
}

function show(page) {
  shown = page;
  setClock(page.now);
  showAll(page);
}

function showAll(page) {
  showHead(page);
  showVrrp(page);
  showServers(page);
  showEvents(page);
}

/** Asks for what the view is of, and for all that changes in it. */
function follow() {
  stream?.close();
  stream = new EventSource(`live?${queryOfView()}`);
  stream.addEventListener("open", () => heard());
  stream.addEventListener("page", (event) => {
    heard();
    show(JSON.parse(event.data));
  });
  stream.addEventListener("error", ({ target }) => {
    if (target === stream && by("stale").hidden) {
      write(by("stale"), `No answer from lbctl since ${new Date().toLocaleTimeString()}: what is shown is old`);
      by("stale").hidden = false;
    }
    // What refused does not come back by itself.
    if (target === stream && target.readyState === EventSource.CLOSED)
      setTimeout(() => target === stream && follow(), 5000);
  });
}

function heard() {
  by("stale").hidden = true;
}

let typing = 0;
by("search").addEventListener("input", ({ target }) => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    view.search = target.value.trim();
    follow();
  }, 250);
});
by("trouble").addEventListener("change", ({ target }) => {
  view.troubleOnly = target.checked;
  follow();
});
by("filter").addEventListener("submit", (event) => event.preventDefault());
by("more").className = "plain";
by("more").addEventListener("click", () => {
  view.limit = Math.min(most, view.limit + 500);
  follow();
});
document.addEventListener("keydown", (event) => {
  const typed = event.target.closest("input") !== null;
  if (event.key === "/" && !typed && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    by("search").focus();
  } else if (event.key === "Escape" && event.target === by("search") && view.search !== "") {
    by("search").value = "";
    view.search = "";
    follow();
  }
});
// How long a state lasts goes on while nothing happens.
setInterval(() => {
  if (shown !== null && !document.hidden) showAll(shown);
}, 10_000);
whenViewChanges(follow);
follow();
