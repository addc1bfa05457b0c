// Shows what the preview tells: the web page in a frame of its own, the pages of the PDF as pictures.
"use strict";

const byId = (id) => document.getElementById(id);
const frame = byId("screen");
const gallery = document.querySelector("main").dataset.gallery === "true";

let view = new URLSearchParams(); // what is looked at, as the server is asked for it
let events = null;
let version = ""; // of the document in the frame
let wanted = ""; // of the newest document
let fetching = false;
let ready = false; // the frame has said that it listens
let first = true; // no page has been replaced yet
let pages = [];
let menu = "";

// -- the web page ----------------------------------------------------------------------------------------------------

async function refresh() {
  if (fetching || version === wanted || !ready) return;
  fetching = true;
  const [next, asked] = [wanted, view];
  try {
    const answer = await fetch(`/screen?${asked}`);
    if (answer.ok && asked === view) {
      frame.contentWindow.postMessage({ kind: "document", html: await answer.text(), version: next }, "*");
      version = next;
    }
    fetching = false;
    refresh();
  } catch {
    fetching = false; // the preview has ended; the line of status says so
  }
}

window.addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow || typeof event.data !== "object" || !event.data) return;
  const data = event.data;
  if (data.kind === "ready") {
    ready = true;
    tellOrigins();
    refresh();
  } else if (data.kind === "origin") {
    byId("origin").textContent = typeof data.text === "string" ? data.text.slice(0, 300) : "";
  } else if (data.kind === "applied") {
    frame.dataset.version = String(data.version);
  }
});

function tellOrigins() {
  frame.contentWindow?.postMessage({ kind: "origins", on: byId("origins").checked }, "*");
}

// -- the pages of the PDF --------------------------------------------------------------------------------------------

function label(n, text) {
  return text && text !== String(n + 1) ? `Page ${n + 1}, printed as ${text}` : `Page ${n + 1}`;
}

function makePage(n) {
  const item = document.createElement("li");
  const figure = document.createElement("figure");
  const image = document.createElement("img");
  const caption = document.createElement("figcaption");
  figure.append(image, caption);
  item.append(figure);
  item.dataset.page = String(n);
  watcher.observe(item);
  return item;
}

function showPages({ pages: next, stage, failed }) {
  const list = byId("pages");
  next.forEach(([name, width, height, printed], n) => {
    const item = list.children[n] ?? list.appendChild(makePage(n));
    const [image, caption] = [item.querySelector("img"), item.querySelector("figcaption")];
    caption.textContent = label(n, printed);
    image.alt = `${label(n, printed)} of the PDF`;
    if (item.dataset.wanted === name) return;
    item.dataset.wanted = name;
    image.width = width;
    image.height = height;
    const loaded = new Image();
    loaded.src = `/picture/${name}.png`;
    const swap = () => {
      if (item.dataset.wanted !== name) return;
      image.src = loaded.src;
      item.dataset.name = name;
      if (!first) {
        item.classList.remove("fresh");
        void item.offsetWidth;
        item.classList.add("fresh");
      }
    };
    loaded.decode().then(swap, () => { if (item.dataset.wanted === name) item.dataset.wanted = ""; });
  });
  while (list.children.length > next.length) list.lastChild.remove();
  const none = stage === "" && !failed ? "· this theme makes none" : "";
  byId("count").textContent = next.length ? `· ${next.length} ${next.length === 1 ? "page" : "pages"}` : none;
  pages = next;
}

const visible = new Map();
let focused = -1;
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) visible.set(Number(entry.target.dataset.page), entry.intersectionRect.height);
  let best = 0, most = 0;
  for (const [n, height] of visible) if (n < pages.length && height > most) [best, most] = [n, height];
  if (most && best !== focused) {
    focused = best;
    fetch(`/focus?${view}`, { method: "POST", body: JSON.stringify({ page: best }) }).catch(() => {});
  }
}, { root: byId("paper"), threshold: [0, 0.25, 0.5, 0.75, 1] });

// -- what is told ----------------------------------------------------------------------------------------------------

function showProblems(shown) {
  const list = byId("problem-list");
  const told = shown.problems.filter((problem) => problem.level !== "note");
  const items = told.map((problem) => {
    const item = document.createElement("li");
    item.className = problem.level;
    const level = Object.assign(document.createElement("span"), { className: "level", textContent: problem.level === "error" ? "Error" : "Warning" });
    const message = Object.assign(document.createElement("span"), { className: "message", textContent: problem.message });
    const code = Object.assign(document.createElement("span"), { className: "code", textContent: `[${problem.code}]` });
    item.append(level, " ");
    if (problem.where) item.append(Object.assign(document.createElement("span"), { className: "where", textContent: problem.where }), ": ");
    item.append(message, " ", code);
    return item;
  });
  if (shown.more) items.push(Object.assign(document.createElement("li"), { textContent: `and ${shown.more} more` }));
  list.replaceChildren(...items);
  const errors = told.filter((problem) => problem.level === "error").length;
  const warnings = told.length - errors;
  const counted = (n, word) => (n ? `${n} ${word}${n === 1 ? "" : "s"}` : "");
  byId("problems-heading").textContent = [counted(errors, "error"), counted(warnings, "warning")].filter(Boolean).join(", ") || "Problems";
  byId("problems").hidden = !told.length;
  byId("stale").hidden = !shown.failed;
  byId("problems").querySelector("details").open = errors > 0 || warningsOpen;
}

// Errors are always listed; warnings when somebody asks.
let warningsOpen = false;
byId("problems").querySelector("summary").addEventListener("click", () => {
  if (!byId("problem-list").querySelector(".error")) warningsOpen = !warningsOpen;
});

function status(shown) {
  const time = (seconds) => `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`;
  const parts = [];
  if (shown.stage === "screen") parts.push("Making the web page …");
  else if (shown.failed) parts.push("Something is wrong: see the list");
  else if (shown.stage === "pages") parts.push("Making the pages …");
  else parts.push(shown.version ? "Up to date" : "Starting …");
  const { html, page, pages: all } = shown.seconds;
  if (html !== undefined) parts.push(`web page ${time(html)}`);
  if (page !== undefined) parts.push(`changed page ${time(page)}`);
  if (all !== undefined) parts.push(`PDF ${time(all)}`);
  if (shown.changed.length) parts.push(shown.changed.length > 2 ? `${shown.changed.length} files changed` : `${shown.changed.join(", ")} changed`);
  byId("status").textContent = parts.join(" · ");
}

function showMenu(entries) {
  const select = byId("part");
  if (!select || !entries.length) return;
  if (JSON.stringify(entries) !== menu) {
    menu = JSON.stringify(entries);
    const options = entries.map(([kind, id, title]) => {
      const text = title.length > 90 ? `${title.slice(0, 88)} …` : title;
      return new Option(kind === "section" ? `Section: ${text}` : `\u2003${text}`, `${kind}=${encodeURIComponent(id)}`);
    });
    select.replaceChildren(new Option("The whole issue", ""), ...options);
  }
  for (const kind of ["entry", "section"]) {
    const here = view.get(kind);
    const found = here && entries.find(([is, id]) => is === kind && (id === here || id.slice(id.indexOf("-") + 1) === here));
    if (found) select.value = `${kind}=${encodeURIComponent(found[1])}`;
  }
  if (!String(view)) select.value = "";
}

byId("part")?.addEventListener("change", (event) => {
  history.pushState(null, "", event.target.value ? `/?${event.target.value}` : "/");
  look();
});
addEventListener("popstate", look);
for (const radio of document.querySelectorAll("input[name=sides]")) {
  const saved = sessionStorage.getItem("sides");
  if (saved === radio.value) radio.checked = true;
  radio.addEventListener("change", () => sides(radio.value));
}
function sides(value) {
  document.querySelector(".panes").dataset.sides = value;
  sessionStorage.setItem("sides", value);
}
sides(document.querySelector("input[name=sides]:checked").value);
byId("origins").addEventListener("change", () => {
  byId("origin").textContent = "";
  tellOrigins();
});

// Looks at what the address names, from the start.
function look() {
  const query = new URLSearchParams(location.search);
  view = new URLSearchParams(gallery ? { gallery: "1" } : {});
  for (const kind of ["entry", "section"]) if (!gallery && query.get(kind)) view.set(kind, query.get(kind));
  events?.close();
  [version, wanted, ready, first, focused] = ["", "", false, true, -1];
  visible.clear();
  byId("paper").scrollTop = 0;
  byId("status").textContent = "Starting …";
  events = new EventSource(`/events?${view}`);
  events.addEventListener("shown", (event) => take(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    byId("status").textContent = "The preview has ended. Start it again with: digest preview";
  });
}

function take(shown) {
  showMenu(shown.menu);
  wanted = shown.version;
  if (wanted && !version) {
    version = wanted;
    frame.contentWindow.location.replace(`/screen?${view}`); // so that the button Back leads to the part before
  } else refresh();
  showPages(shown);
  if (shown.pages.length && shown.stage === "") first = false;
  showProblems(shown);
  status(shown);
}

look();
