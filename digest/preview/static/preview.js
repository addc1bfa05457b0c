// Shows what the preview tells: the web page in a frame of its own, the pages of the PDF as pictures.
"use strict";

const byId = (id) => document.getElementById(id);
const frame = byId("screen");
const query = new URLSearchParams(location.search);
const gallery = document.querySelector("main").dataset.gallery === "true";
const view = new URLSearchParams();
if (gallery) view.set("gallery", "1");
for (const kind of ["entry", "section"]) if (query.get(kind)) view.set(kind, query.get(kind));

let version = 0;
let wanted = 0;
let fetching = false;
let ready = false; // the frame has said that it listens
let pages = [];
let menu = "";

// -- the web page ----------------------------------------------------------------------------------------------------

async function refresh() {
  if (fetching || version === wanted || !ready) return;
  fetching = true;
  const next = wanted;
  try {
    const answer = await fetch(`/screen?${view}`);
    if (answer.ok) {
      frame.contentWindow.postMessage({ kind: "document", html: await answer.text(), version: next }, "*");
      version = next;
    }
  } catch {
    // The preview has ended; the line of status says so.
  }
  fetching = false;
  refresh();
}

window.addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow || typeof event.data !== "object") return;
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

function showPages(next, first) {
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
  byId("count").textContent = next.length ? `· ${next.length} ${next.length === 1 ? "page" : "pages"}` : "";
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
  const details = byId("problems").querySelector("details");
  if (errors) details.open = true;
}

function status(shown) {
  const time = (seconds) => `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`;
  const parts = [];
  if (shown.failed) parts.push("Something is wrong: see the list");
  else if (shown.stage === "screen") parts.push("Making the web page …");
  else if (shown.stage === "pages") parts.push("Making the pages …");
  else parts.push("Up to date");
  const { html, page, pages: all } = shown.seconds;
  if (html !== undefined) parts.push(`web page ${time(html)}`);
  if (page !== undefined) parts.push(`first changed page ${time(page)}`);
  if (all !== undefined) parts.push(`all pages ${time(all)}`);
  if (shown.changed.length) parts.push(shown.changed.length > 2 ? `${shown.changed.length} files changed` : `${shown.changed.join(", ")} changed`);
  byId("status").textContent = parts.join(" · ");
}

function showMenu(entries) {
  const select = byId("part");
  if (!select || !entries.length || JSON.stringify(entries) === menu) return;
  menu = JSON.stringify(entries);
  const here = view.get("entry") ?? view.get("section") ?? "";
  const options = [new Option("The whole issue", "")];
  for (const [kind, id, title] of entries) {
    const option = new Option((kind === "section" ? "Section: " : "   ") + (title.length > 90 ? `${title.slice(0, 88)} …` : title), `${kind}=${encodeURIComponent(id)}`);
    option.selected = id === here || (kind === "entry" && id.slice(id.indexOf("-") + 1) === here);
    options.push(option);
  }
  select.replaceChildren(...options);
}

byId("part")?.addEventListener("change", (event) => {
  location.search = event.target.value;
});
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

let first = true;
const events = new EventSource(`/events?${view}`);
events.addEventListener("shown", (event) => {
  const shown = JSON.parse(event.data);
  showMenu(shown.menu);
  if (shown.version && !frame.src) {
    version = wanted = shown.version;
    frame.src = `/screen?${view}`;
  } else if (shown.version !== wanted) {
    wanted = shown.version;
    refresh();
  }
  showPages(shown.pages, first);
  if (shown.pages.length && shown.stage === "") first = false;
  showProblems(shown);
  status(shown);
});
events.addEventListener("error", () => {
  byId("status").textContent = "The preview has ended. Start it again with: digest preview";
});
