// Puts an issue together: shows its entries, sends each change with the version it was made on, never overwrites another's.
"use strict";

const byId = (id) => document.getElementById(id);
const make = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
};
const FIELDS = "input, textarea, select";
const short = (text) => (text.length > 70 ? `${text.slice(0, 68)} …` : text);

let issue = null; // as the server told it last
let current = ""; // key of the entry that the keys act on
let dragging = false;
let held = null; // the issue that is to be shown once nothing is dragged any more
let mark = ""; // of the files, as the stream told it last
let seen = ""; // the mark for which the page is up to date

// -- asking the server -----------------------------------------------------------------------------------------------

const ENDED = "The preview has ended. Start it again with: digest preview";
class Ended extends Error {}
const ask = (path, options) => fetch(`/curate/${path}`, options).catch(() => { throw new Ended(); });

let turn = Promise.resolve();
const inTurn = (action) => (turn = turn.then(action).catch((error) => (error instanceof Ended ? tell(ENDED, true) : reportError(error))));

function tell(text, bad = false) {
  byId("told").textContent = text;
  byId("told").classList.toggle("bad", bad);
}

/** Sends a change; gives the answer with `ok` and `status`. What is shown afterwards is what the server says. */
async function change(name, body) {
  const answer = await ask(name, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ version: issue.version, ...body }),
  });
  const told = (answer.headers.get("content-type") ?? "").startsWith("application/json")
    ? await answer.json() : { error: `The preview refused this (${answer.status}): ${await answer.text()}` };
  if (told.issue) show(told.issue);
  if (answer.ok) {
    hideTrouble();
    tell(told.told);
  } else {
    tell(answer.status === 409 ? "Not done: the file was changed elsewhere." : "Not done.", true);
    trouble(told.error, told.diff ?? [], answer.status === 409);
  }
  return { ...told, ok: answer.ok, status: answer.status };
}

/** Looks again at the files; tells what somebody else changed in them. */
async function refresh() {
  const wanted = mark;
  const before = issue;
  const answer = await ask(`issue?since=${before ? before.version : ""}`);
  const told = await answer.json();
  seen = wanted;
  if (!told.issue) return trouble(told.error, [], false);
  show(told.issue);
  if (before && told.issue.version !== before.version) {
    tell("The issue was changed elsewhere; this is how it is now.");
    trouble(`${told.issue.file} was changed elsewhere. This page shows it as it is now.`, told.diff, true);
  }
}

function later() {
  inTurn(async () => {
    if (!dragging && seen !== mark) await refresh();
  });
}

// -- what went wrong -------------------------------------------------------------------------------------------------

function hideTrouble() {
  byId("trouble").hidden = true;
}

function trouble(text, diff, elsewhere) {
  const box = byId("trouble");
  const close = make("button", { type: "button", textContent: "Close" });
  close.addEventListener("click", hideTrouble);
  box.replaceChildren(make("p", { role: "alert", textContent: text }), close);
  box.classList.toggle("elsewhere", elsewhere);
  if (diff.length) {
    const lines = diff.map(([sign, line]) =>
      make("li", { className: sign === "+" ? "new" : "old" },
        make("span", { className: "hidden", textContent: sign === "+" ? "now: " : "before: " }),
        make("code", { textContent: line.trim() })));
    box.append(make("details", { open: true }, make("summary", { textContent: "What changed" }), make("ul", { className: "diff" }, ...lines)));
  }
  box.hidden = false;
}

// -- the entries -----------------------------------------------------------------------------------------------------

const nodes = new Map(); // the list item of each entry, by its key
const lists = []; // the list of each section
const all = () => issue.sections.flatMap((section) => section.entries);
const entryOf = (key) => all().find((entry) => entry.key === key);

function show(next) {
  if (dragging) { // nothing moves under the hand
    held = next;
    return;
  }
  held = null;
  if (next.broken && issue) next.sections = issue.sections; // what is open stays open until the file is mended
  issue = next;
  const undo = byId("undo");
  undo.disabled = !next.undo?.possible;
  undo.title = next.undo ? (next.undo.possible ? `Takes back: ${next.undo.told}` : "The file was changed elsewhere since") : "Nothing was changed yet";
  const focused = document.activeElement;
  const area = byId("issue");
  if (lists.length !== next.sections.length || !lists.length) {
    lists.length = 0;
    area.replaceChildren(...next.sections.map(makeSection));
  }
  const keys = new Set(all().map((entry) => entry.key));
  for (const [key, node] of nodes) {
    if (keys.has(key)) continue;
    keepText(node);
    node.remove();
    nodes.delete(key);
  }
  if (!keys.has(current)) current = all()[0]?.key ?? "";
  next.sections.forEach((section, s) => {
    const [list, heading] = [lists[s], byId(`section-${s}`)];
    heading.textContent = section.title;
    heading.append(" ", make("span", { className: "quiet", textContent: counted(section) }));
    section.entries.forEach((entry, e) => {
      const node = nodes.get(entry.key) ?? makeEntry(entry.key);
      if (list.children[e] !== node) list.insertBefore(node, list.children[e] ?? null);
      fill(node, entry, e, section);
    });
    while (list.children.length > section.entries.length) list.lastChild.remove();
    list.classList.toggle("empty", !section.entries.length);
  });
  if (focused && focused !== document.activeElement && area.contains(focused)) focused.focus();
  showTargets();
  markHits();
  byId("mistakes")?.remove();
  if (next.problems.length) {
    const lines = next.problems.map((problem) => make("li", { textContent: problem }));
    const text = next.broken ? "This file has mistakes. Mend it in your editor; until then nothing can be changed here." : "The issue has mistakes that keep it from being printed:";
    area.prepend(make("div", { id: "mistakes", className: "mistakes" }, make("p", { textContent: text }), make("ul", {}, ...lines)));
  }
}

/** What was typed for an entry that is gone is not lost: it is shown below the list. */
function keepText(node) {
  for (const area of node.querySelectorAll("textarea, input")) {
    if (!area.value.trim() || area.value === area.defaultValue) continue;
    const box = byId("saved") ?? byId("issue").after(make("div", { id: "saved" })) ?? byId("saved");
    box.append(make("p", { textContent: `What you had typed for ${node.dataset.title}, which is no longer here:` }), make("pre", { textContent: area.value }));
  }
}

function counted(section) {
  const printed = section.entries.filter((entry) => !entry.hold && !entry.drop).length;
  const left = section.entries.length - printed;
  return left ? `${printed} printed, ${left} not` : `${printed}`;
}

function makeSection(section, s) {
  const list = make("ol", { className: "list" });
  list.dataset.section = String(s);
  list.setAttribute("aria-labelledby", `section-${s}`);
  lists[s] = list;
  Sortable.create(list, {
    group: "entries", handle: ".handle", animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
    forceFallback: true, fallbackOnBody: true, fallbackTolerance: 3, emptyInsertThreshold: 24,
    onStart: () => { dragging = true; },
    onEnd: (event) => {
      dragging = false;
      const key = event.item.dataset.key;
      drop(key, Number(event.to.dataset.section), event.item.nextElementSibling?.dataset.key);
    },
  });
  return make("section", { className: "part" }, make("h3", { id: `section-${s}` }), list);
}

/** Puts an entry before another one of a section, or at its end; by names, for the issue may have changed meanwhile. */
function drop(key, s, before) {
  inTurn(async () => {
    show(held ?? issue);
    const entry = entryOf(key);
    const rest = issue.sections[s]?.entries.filter((other) => other.key !== key);
    const place = before === undefined ? rest?.length : rest?.findIndex((other) => other.key === before);
    if (!entry || place === undefined || place < 0) tell("The list changed while you dragged; nothing was moved.", true);
    else if (entry.at[0] !== s || entry.at[1] !== place) {
      choose(key, false);
      await change("move", { at: entry.at, to: [s, place] });
    }
    later();
  });
}

const ACTIONS = [["up", "↑", "Up"], ["down", "↓", "Down"], ["section", "To section …"], ["edit", "Edit …"], ["hold", "Hold …"], ["drop", "Drop …"], ["again", "Print again"]];

function makeEntry(key) {
  const node = make("li", { className: "entry" });
  node.dataset.key = key;
  const handle = make("span", { className: "handle", textContent: "⠿", title: "Drag to another place" });
  handle.setAttribute("aria-hidden", "true");
  const buttons = ACTIONS.map(([action, label, name]) => {
    const button = make("button", { type: "button", textContent: label });
    button.dataset.action = action;
    if (name) button.title = name;
    return button;
  });
  const see = make("a", { className: "see", textContent: "See it printed", target: "digest-page" });
  node.append(handle, make("div", { className: "head" }), make("div", { className: "actions" }, ...buttons, see), make("div", { className: "slot" }));
  node.setAttribute("role", "listitem");
  nodes.set(key, node);
  return node;
}

function badge(kind, text, title = "") {
  return make("span", { className: `badge ${kind}`, textContent: text, title });
}

function fill(node, entry, e, section) {
  node.dataset.title = short(entry.title);
  node.classList.toggle("left-out", Boolean(entry.hold || entry.drop));
  node.classList.toggle("dropped", Boolean(entry.drop));
  const facts = make("p", { className: "facts" });
  facts.append(make("span", { className: "number", textContent: entry.number ? `#${entry.number}` : { record: "Record", article: "Article", notice: "Notice" }[entry.kind] }));
  if (entry.hold) facts.append(" ", badge("hold", "held"));
  if (entry.drop) facts.append(" ", badge("drop", "dropped"));
  if (entry.flag) facts.append(" ", badge("flag", entry.flag));
  if (entry.library) facts.append(" ", badge("library", entry.library, "This issue prints the record as it was frozen"));
  const said = [["hold", "Held"], ["drop", "Dropped"], ["why", "Why this one"], ["comment", "Comment"]]
    .filter(([name]) => entry[name])
    .map(([name, label]) => make("p", { className: `said ${name}` }, make("b", { textContent: `${label}: ` }), entry[name]));
  node.querySelector(".head").replaceChildren(
    facts, make("p", { className: "title", dir: "auto", textContent: entry.title }),
    ...(entry.authors ? [make("p", { className: "authors", dir: "auto", textContent: entry.authors })] : []), ...said);
  const [s] = entry.at;
  const hidden = {
    up: e === 0 && s === 0, down: e === section.entries.length - 1 && s === issue.sections.length - 1, section: issue.sections.length < 2,
    edit: entry.kind !== "record", hold: Boolean(entry.hold), drop: Boolean(entry.drop), again: !entry.hold && !entry.drop,
  };
  for (const button of node.querySelectorAll(".actions button")) {
    const action = button.dataset.action;
    button.setAttribute("aria-disabled", String((action === "up" || action === "down") && hidden[action]));
    button.hidden = action !== "up" && action !== "down" && hidden[action];
    const label = button.title || button.textContent.replace(" …", "");
    button.setAttribute("aria-label", `${label}: ${short(entry.title)}`);
  }
  const see = node.querySelector(".see");
  see.hidden = entry.kind === "notice" || Boolean(entry.hold || entry.drop);
  see.href = `/?entry=${encodeURIComponent(entry.name)}`;
  see.setAttribute("aria-label", `See it printed: ${short(entry.title)}`);
  setReach(node, entry.key === current);
  const form = node.querySelector("form");
  if (form) compare(form, entry);
}

function setReach(node, reached) {
  node.tabIndex = reached ? 0 : -1;
  node.classList.toggle("current", reached);
  for (const button of node.querySelectorAll(".actions > *")) button.tabIndex = reached ? 0 : -1;
}

function choose(key, focus = true) {
  if (nodes.has(current)) setReach(nodes.get(current), false);
  current = key;
  const node = nodes.get(key);
  if (!node) return;
  setReach(node, true);
  if (focus) {
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block: "nearest" });
  }
}

// -- forms within an entry -------------------------------------------------------------------------------------------

let forms = 0;

function openForm(key, kind) {
  const [node, entry] = [nodes.get(key), entryOf(key)];
  const slot = node.querySelector(".slot");
  const open = slot.querySelector("form");
  if (open?.dataset.kind === kind) return open.querySelector(FIELDS).focus();
  if (open && !closeForm(open)) return;
  const form = make("form", { className: "inline" });
  form.dataset.kind = kind;
  const field = (name, label, value, properties) => {
    const id = `field-${++forms}`;
    const input = make(kind === "edit" ? "textarea" : "input", { id, name, dir: "auto", defaultValue: value, value, ...properties });
    form.append(make("label", { htmlFor: id, textContent: label }), input);
    return input;
  };
  if (kind === "edit") {
    field("why", "Why this one, in one sentence", entry.why, { rows: 2 });
    field("comment", "Comment", entry.comment, { rows: 5 });
    form.append(make("p", { className: "quiet", textContent: "*italics*, **bold**, [@e310] cites a record or reference." }));
  } else if (kind === "section") {
    const id = `field-${++forms}`;
    const select = make("select", { id, name: "section" }, ...issue.sections.map((section, s) => new Option(section.title, String(s), false, s === entry.at[0])));
    form.append(make("label", { htmlFor: id, textContent: "Move it to the end of" }), select);
  } else {
    field(kind, kind === "hold" ? "Why is it held back for now?" : "Why was it decided against?", "", { required: true, type: "text", autocomplete: "off" });
    if (entry.hold || entry.drop) form.querySelector("input").value = entry.hold || entry.drop;
  }
  const names = kind === "edit" ? ["why", "comment"] : kind === "section" ? [] : ["hold", "drop"];
  form.was = Object.fromEntries(names.map((name) => [name, entry[name]]));
  const cancel = make("button", { type: "button", textContent: "Cancel" });
  cancel.addEventListener("click", () => closeForm(form, true));
  const label = { edit: "Save", section: "Move", hold: "Hold", drop: "Drop" }[kind];
  form.append(make("div", { className: "buttons" }, make("button", { type: "submit", className: "main", textContent: label }), cancel));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    inTurn(() => send(key, form));
  });
  slot.replaceChildren(form);
  form.querySelector(FIELDS).focus();
}

const isTyped = (form) => [...form.querySelectorAll("textarea, input")].some((area) => area.value !== area.defaultValue);

/** Closes a form; one with text that is not saved only when told so. */
function closeForm(form, surely = false) {
  if (isTyped(form) && !surely) {
    tell("What you typed is not saved: save it, or press Cancel.", true);
    form.querySelector(FIELDS).focus();
    return false;
  }
  const node = form.closest(".entry");
  form.remove();
  if (node) choose(node.dataset.key);
  return true;
}

async function send(key, form) {
  const entry = entryOf(key);
  if (!entry || !form.isConnected) return;
  const kind = form.dataset.kind;
  let answer;
  if (kind === "section") {
    const s = Number(form.elements.section.value);
    const length = issue.sections[s].entries.length - (s === entry.at[0] ? 1 : 0);
    answer = await change("move", { at: entry.at, to: [s, length] });
  } else {
    const words = {};
    if (kind === "edit") {
      for (const name of ["why", "comment"]) if (form.elements[name].value !== form.was[name]) words[name] = form.elements[name].value;
    } else {
      const reason = form.elements[kind].value.trim();
      if (!reason) return tell("A reason is needed.", true);
      Object.assign(words, { hold: "", drop: "", [kind]: reason });
    }
    if (!Object.keys(words).length) return closeForm(form, true);
    answer = await change("say", { at: entry.at, words, was: form.was });
  }
  if (answer.ok) closeForm(form, true);
}

/** Shows in an open form where somebody else changed the same text. */
function compare(form, entry) {
  for (const [name, was] of Object.entries(form.was)) {
    const now = entry[name];
    form.querySelector(`.theirs[data-name="${name}"]`)?.remove();
    if (now === was) continue;
    const area = form.elements[name];
    const box = make("div", { className: "theirs" });
    box.dataset.name = name;
    const settle = (text) => {
      form.was[name] = now;
      if (area) {
        area.defaultValue = now;
        area.value = text;
        area.focus();
      }
      box.remove();
    };
    const mine = make("button", { type: "button", textContent: "Keep mine" });
    mine.addEventListener("click", () => settle(area?.value));
    const theirs = make("button", { type: "button", textContent: "Take theirs" });
    theirs.addEventListener("click", () => settle(now));
    box.append(make("p", { textContent: "Changed elsewhere since you began. It now says:" }), make("blockquote", { textContent: now || "(nothing)" }), mine, theirs);
    (area ?? form.querySelector(".buttons")).after(box);
  }
}

// -- mouse and keys --------------------------------------------------------------------------------------------------

function step(key, by) {
  inTurn(async () => {
    const entry = entryOf(key);
    if (!entry) return;
    const [s, e] = entry.at;
    let to = [s, e + by];
    if (to[1] < 0) to = [s - 1, issue.sections[s - 1]?.entries.length];
    else if (to[1] >= issue.sections[s].entries.length) to = [s + 1, 0];
    if (!issue.sections[to[0]]) return tell(by < 0 ? "It is the first entry." : "It is the last entry.");
    const inside = nodes.get(key).contains(document.activeElement) ? document.activeElement : null;
    current = key;
    await change("move", { at: entry.at, to });
    choose(key, false);
    (inside ?? nodes.get(key))?.focus({ preventScroll: true });
    nodes.get(key)?.scrollIntoView({ block: "nearest" });
  });
}

function again(key) {
  inTurn(async () => {
    const entry = entryOf(key);
    await change("say", { at: entry.at, words: { hold: "", drop: "" }, was: { hold: entry.hold, drop: entry.drop } });
    choose(key);
  });
}

function act(key, action) {
  const entry = entryOf(key);
  if (!entry) return;
  if (action === "up") step(key, -1);
  else if (action === "down") step(key, 1);
  else if (action === "again") again(key);
  else openForm(key, action);
}

function undo() {
  if (!issue?.undo?.possible) return tell(issue?.undo ? "The file was changed elsewhere since; nothing was undone." : "There is nothing to undo.");
  inTurn(() => change("undo", {}));
}

byId("issue").addEventListener("click", (event) => {
  const node = event.target.closest(".entry");
  if (!node) return;
  const button = event.target.closest("button[data-action]");
  if (!event.target.closest("form")) choose(node.dataset.key, !button && !event.target.closest("a"));
  if (button && button.getAttribute("aria-disabled") !== "true") act(node.dataset.key, button.dataset.action);
});

byId("issue").addEventListener("focusin", (event) => {
  const node = event.target.closest(".entry");
  if (node && node.dataset.key !== current) choose(node.dataset.key, false);
});

byId("issue").addEventListener("keydown", (event) => {
  const node = event.target.closest(".entry");
  if (!node) return;
  const key = node.dataset.key;
  const form = event.target.closest("form");
  if (form) {
    if (event.key === "Escape") closeForm(form);
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    else return;
    event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    const by = event.key === "ArrowUp" ? -1 : 1;
    if (event.altKey) step(key, by);
    else {
      const keys = all().map((entry) => entry.key);
      choose(keys[Math.min(keys.length - 1, Math.max(0, keys.indexOf(key) + by))]);
    }
  } else if (event.altKey) return;
  else if (event.key === "Enter" && event.target === node) openForm(key, entryOf(key).kind === "record" ? "edit" : "section");
  else {
    const action = { e: "edit", h: "hold", d: "drop", s: "section" }[event.key.toLowerCase()];
    const button = action && node.querySelector(`[data-action="${action}"]`);
    if (!button || button.hidden) return;
    act(key, action);
  }
  event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches?.(FIELDS)) return;
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
    event.preventDefault();
    undo();
  } else if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    byId("query").focus();
  }
});
byId("undo").addEventListener("click", undo);

// -- the library -----------------------------------------------------------------------------------------------------

let asked = 0;
let waiting = 0;

function showTargets() {
  const select = byId("target");
  const titles = issue.sections.map((section) => section.title);
  if (JSON.stringify(titles) === select.dataset.titles) return;
  const chosen = select.value;
  select.dataset.titles = JSON.stringify(titles);
  select.replaceChildren(...titles.map((title, s) => new Option(title, String(s))));
  if (titles[chosen] !== undefined) select.value = chosen;
}

async function search() {
  const number = ++asked;
  const query = byId("query").value.trim();
  let told;
  try {
    told = await (await fetch(`/curate/search?q=${encodeURIComponent(query)}`)).json();
  } catch {
    return;
  }
  if (number !== asked) return; // somebody has typed on
  if (told.error) {
    byId("hits").replaceChildren();
    byId("count").textContent = told.error;
    return;
  }
  byId("count").textContent = foundText(told.hits.length, query);
  const held = document.activeElement.closest?.(".hit")?.dataset.id;
  byId("hits").replaceChildren(...told.hits.map(makeHit));
  markHits();
  if (held) [...byId("hits").children].find((node) => node.dataset.id === held)?.querySelector(".add").focus();
}

function foundText(count, query) {
  if (!count) return query ? "No record of the library fits." : "The library is empty: “digest collect” reads records into it.";
  if (count === 30) return query ? "The best 30 records" : "The newest 30 records";
  return count === 1 ? "1 record" : `${count} records`;
}

function makeHit(hit) {
  const node = make("li", { className: "hit" });
  node.dataset.id = hit.id;
  const facts = make("p", { className: "facts" }, make("span", { className: "number", textContent: hit.number ? `#${hit.number}` : hit.year || "Record" }));
  if (hit.gone) facts.append(" ", badge("library", "no source holds it any more"));
  for (const name of hit.issues) facts.append(" ", badge("flag", `in issue ${name}`));
  const button = make("button", { type: "button", className: "add" });
  button.setAttribute("aria-label", `Add: ${short(hit.title)}`);
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    inTurn(() => change("take", { id: hit.id, section: Number(byId("target").value) }));
  });
  node.append(
    make("div", {}, facts, make("p", { className: "title", dir: "auto", textContent: hit.title }),
      ...(hit.authors ? [make("p", { className: "authors", dir: "auto", textContent: hit.authors })] : []),
      ...(hit.snippet ? [make("p", { className: "said", textContent: hit.snippet })] : [])), button);
  return node;
}

function markHits() {
  if (!issue) return;
  const ids = new Set(all().map((entry) => entry.id).filter(Boolean));
  for (const node of byId("hits").children) {
    const button = node.querySelector(".add");
    const here = ids.has(node.dataset.id);
    button.textContent = here ? "In this issue" : "Add";
    button.setAttribute("aria-disabled", String(here || issue.broken));
    button.setAttribute("aria-label", `${button.textContent}: ${short(node.querySelector(".title").textContent)}`);
  }
}

byId("query").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, 180);
});
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  search();
});

// -- beginning -------------------------------------------------------------------------------------------------------

search();
const events = new EventSource("/curate/events");
events.addEventListener("changed", (event) => {
  mark = JSON.parse(event.data).mark;
  later();
});
events.addEventListener("open", () => {
  if (byId("told").textContent === ENDED) tell("");
});
events.addEventListener("error", () => tell(ENDED, true));
window.addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("form.inline")].some(isTyped)) event.preventDefault();
});
