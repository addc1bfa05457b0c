// The pages of the PDF as pictures: their size, spreads, what changed, and which file and line made what is on them.
"use strict";

const byId = (id) => document.getElementById(id);
const paper = byId("paper");
const list = byId("pages");

let view = new URLSearchParams(); // what is looked at, as the server is asked for it
let first = true; // no page has been replaced yet
let pages = [];
let changed = new Set(); // numbers of the pages that changed, from 0
let focused = -1;

// -- the pictures ----------------------------------------------------------------------------------------------------

function label(n, text) {
  return text && text !== String(n + 1) ? `Page ${n + 1}, printed as ${text}` : `Page ${n + 1}`;
}

function makePage(n) {
  const item = document.createElement("li");
  const figure = document.createElement("figure");
  const sheet = Object.assign(document.createElement("div"), { className: "sheet", tabIndex: -1 });
  sheet.setAttribute("role", "group");
  sheet.append(document.createElement("img"));
  figure.append(sheet, document.createElement("figcaption"));
  item.append(figure);
  item.dataset.page = String(n);
  watcher.observe(item);
  return item;
}

function showPages(shown) {
  const next = shown.pages;
  const old = new Set(shown.old);
  changed = new Set(shown.changes);
  blocks.clear();
  next.forEach(([name, width, height, printed], n) => {
    const item = list.children[n] ?? list.appendChild(makePage(n));
    const [image, caption, sheet] = ["img", "figcaption", ".sheet"].map((one) => item.querySelector(one));
    const notes = [old.has(n) && "old", changed.has(n) && "changed"].filter(Boolean);
    caption.textContent = [label(n, printed), ...notes].join(" · ");
    item.classList.toggle("old", old.has(n));
    item.classList.toggle("changed", changed.has(n));
    image.alt = `${label(n, printed)} of the PDF`;
    sheet.setAttribute("aria-label", `What made ${label(n, printed).toLowerCase()}`);
    if (item.dataset.wanted === name) return;
    item.dataset.wanted = name;
    image.width = width;
    image.height = height;
    item.style.setProperty("--natural", `${(width * 96) / 108}px`); // the pictures have 108 pixels to the inch
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
  const none = shown.stage === "" && !shown.failed && !shown.stopped ? "· this theme makes none" : "";
  byId("count").textContent = next.length ? `· ${next.length} ${next.length === 1 ? "page" : "pages"}` : none;
  byId("paper-old").hidden = !old.size;
  byId("paper-old").textContent = `${old.size} old`;
  list.dir = shown.from_right ? "rtl" : "ltr";
  pages = next;
  showChanges(shown);
  filter();
  reach();
}

const visible = new Map();
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) visible.set(Number(entry.target.dataset.page), entry.intersectionRect.height);
  let best = 0, most = 0;
  for (const [n, height] of visible) if (n < pages.length && height > most) [best, most] = [n, height];
  if (most && best !== focused) {
    focused = best;
    reach();
    fetch(`/focus?${view}`, { method: "POST", body: JSON.stringify({ page: best }) }).catch(() => {});
  }
}, { root: paper, threshold: [0, 0.25, 0.5, 0.75, 1] });

// -- what changed ----------------------------------------------------------------------------------------------------

const LISTED = 24;

function showChanges({ changes, since, removed }) {
  const line = byId("changes");
  const than = since === "build" ? "the last build" : "when this was opened";
  const parts = [];
  if (changes.length) {
    parts.push(`${changes.length === 1 ? "1 page differs" : `${changes.length} pages differ`} from ${than}: `);
    for (const n of changes.slice(0, LISTED)) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: String(n + 1) });
      button.dataset.page = String(n);
      button.setAttribute("aria-label", `Go to ${label(n, pages[n][3]).toLowerCase()}`);
      parts.push(button, " ");
    }
    if (changes.length > LISTED) parts.push(`and ${changes.length - LISTED} more`);
  } else if (since) parts.push(`No page differs from ${than}`);
  if (removed) parts.push(`${parts.length ? "; " : ""}there are ${removed} fewer than before`);
  const said = parts.map((part) => part.textContent ?? part).join("");
  if (line.dataset.said === said) return; // a button that has the focus stays
  line.dataset.said = said;
  line.replaceChildren(...parts);
}

byId("changes").addEventListener("click", (event) => {
  if (event.target.dataset.page) list.children[event.target.dataset.page]?.scrollIntoView({ block: "start" });
});

/** Hides pages that did not change, where that is wanted; the other half of a spread stays. */
function filter() {
  const only = byId("only").checked;
  const spread = (n) => (byId("spreads").checked ? [n, n % 2 ? n + 1 : n - 1] : [n]);
  for (const item of list.children) item.hidden = only && !spread(Number(item.dataset.page)).some((n) => changed.has(n));
}

// -- size and spreads ------------------------------------------------------------------------------------------------

const SIZES = [25, 33, 50, 67, 75, 90, 100, 110, 125, 150, 175, 200, 250, 300];
let size = 0; // per cent of the printed size; 0 fits the width

/** Does something to the size of the pages; what is looked at stays where it is. */
function keepingPlace(action) {
  const item = list.querySelector(`[data-page="${focused}"]:not([hidden])`);
  const share = item ? (paper.scrollTop - item.offsetTop) / item.offsetHeight : 0;
  action();
  if (item) paper.scrollTop = item.offsetTop + share * item.offsetHeight;
}

function setSize(next) {
  size = next;
  sessionStorage.setItem("size", String(size));
  keepingPlace(() => {
    paper.classList.toggle("sized", size > 0);
    paper.style.setProperty("--zoom", String(size / 100));
  });
  byId("fit").setAttribute("aria-pressed", String(size === 0));
  byId("full").setAttribute("aria-pressed", String(size === 100));
  sayWidth();
}

/** The size as it is now: what fits depends on the window. */
function now() {
  const item = list.querySelector("li:not([hidden])");
  const natural = parseFloat(item?.style.getPropertyValue("--natural") ?? "");
  return natural ? (100 * item.querySelector("img").getBoundingClientRect().width) / natural : 100;
}

function sayWidth() {
  byId("zoom").textContent = pages.length ? `${Math.round(size || now())} %` : "";
}
new ResizeObserver(sayWidth).observe(list);

const larger = () => setSize(SIZES.find((one) => one > (size || now()) + 0.5) ?? SIZES.at(-1));
const smaller = () => setSize(SIZES.findLast((one) => one < (size || now()) - 0.5) ?? SIZES[0]);
const ZOOMS = { "+": larger, "=": larger, "-": smaller, 0: () => setSize(0), 1: () => setSize(100) };
byId("larger").addEventListener("click", larger);
byId("smaller").addEventListener("click", smaller);
byId("fit").addEventListener("click", () => setSize(0));
byId("full").addEventListener("click", () => setSize(100));
byId("paper-pane").addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !ZOOMS[event.key]) return;
  event.preventDefault();
  ZOOMS[event.key]();
});

for (const name of ["spreads", "only"]) {
  byId(name).checked = sessionStorage.getItem(name) === "true";
  byId(name).addEventListener("change", () => {
    sessionStorage.setItem(name, String(byId(name).checked));
    arrange();
  });
}
function arrange() {
  keepingPlace(() => {
    paper.classList.toggle("spread", byId("spreads").checked);
    filter();
  });
  sayWidth();
}
arrange();
setSize(Number(sessionStorage.getItem("size") ?? 0));

// -- which file made this --------------------------------------------------------------------------------------------

const blocks = new Map(); // of each page, as it is shown: a promise of [file and line, left, top, width, height]
const box = Object.assign(document.createElement("div"), { className: "block", hidden: true });
const tip = Object.assign(document.createElement("div"), { className: "block-tip", hidden: true });
box.setAttribute("aria-hidden", "true");
tip.setAttribute("aria-hidden", "true");
let kept = ""; // the file and line that were clicked
let at = [-1, -1]; // page and block that the keyboard has reached
let pointed = 0;

/** Says what made something; what was clicked stays until it is clicked again. */
function sayOrigin(text) {
  byId("origin").textContent = kept || text;
  byId("copy").hidden = !kept;
}
function keep(text) {
  kept = kept === text ? "" : text;
  byId("copy").textContent = "Copy";
  sayOrigin(text);
}
byId("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(kept);
    byId("copy").textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(byId("origin")); // it may not be written to: the person copies it
  }
});

function blocksOf(n) {
  if (!blocks.has(n)) blocks.set(n, fetch(`/blocks/${n}?${view}`).then((answer) => (answer.ok ? answer.json() : []), () => []));
  return blocks.get(n);
}

function outline(sheet, block) {
  const shown = Boolean(block) && byId("origins").checked;
  box.hidden = tip.hidden = !shown;
  if (!shown) return sayOrigin("");
  const [text, left, top, width, height] = block;
  const per = (share) => `${100 * share}%`;
  sheet.append(box, tip);
  Object.assign(box.style, { left: per(left), top: per(top), width: per(width), height: per(height) });
  tip.textContent = text;
  tip.classList.toggle("below", top < 0.04);
  Object.assign(tip.style, { left: per(Math.min(left, 0.6)), top: per(top < 0.04 ? top + height : top) });
  sayOrigin(text);
}

/** The innermost block at a place of a page; of several of the same size the last in the document. */
function inner(all, x, y) {
  const around = all.filter(([, left, top, width, height]) => x >= left && x <= left + width && y >= top && y <= top + height);
  return around.reduce((best, one) => (!best || one[3] * one[4] <= best[3] * best[4] ? one : best), null);
}

async function point(event) {
  const sheet = event.target.closest?.(".sheet");
  if (!sheet || !byId("origins").checked) return null;
  const number = ++pointed;
  const area = sheet.getBoundingClientRect();
  const [x, y] = [(event.clientX - area.left) / area.width, (event.clientY - area.top) / area.height];
  const found = inner(await blocksOf(Number(sheet.closest("li").dataset.page)), x, y);
  if (number === pointed) outline(sheet, found);
  return found;
}

list.addEventListener("mousemove", point);
list.addEventListener("mouseleave", () => {
  pointed += 1;
  outline(null, null);
});
list.addEventListener("click", async (event) => {
  const found = await point(event);
  if (found) keep(found[0]);
});

// By keyboard: the Tab key reaches the page that is looked at, the arrows go from block to block, and on to other pages.
function reach() {
  for (const item of list.children) item.querySelector(".sheet").tabIndex = byId("origins").checked && Number(item.dataset.page) === Math.max(focused, 0) ? 0 : -1;
}

async function go(n, which) {
  const sheet = list.children[n]?.querySelector(".sheet");
  const all = sheet ? await blocksOf(n) : [];
  if (!all.length) return;
  at = [n, which < 0 ? all.length - 1 : Math.min(which, all.length - 1)];
  if (document.activeElement !== sheet) sheet.focus({ preventScroll: true });
  outline(sheet, all[at[1]]);
  box.scrollIntoView({ block: "nearest" });
}

list.addEventListener("focusin", (event) => {
  const n = Number(event.target.closest("li").dataset.page);
  if (event.target.matches(":focus-visible")) go(n, at[0] === n ? at[1] : 0);
});
list.addEventListener("focusout", () => outline(null, null));
list.addEventListener("keydown", async (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const [n, which] = at;
  if (event.key === "Escape") paper.focus();
  if (event.key === "Enter") keep(tip.textContent);
  if (!by) return;
  event.preventDefault();
  const count = (await blocksOf(n)).length;
  if (which + by >= count) go(n + 1, 0);
  else if (which + by < 0) go(n - 1, -1);
  else go(n, which + by);
});
