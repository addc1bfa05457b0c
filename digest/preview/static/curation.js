// Puts an issue together: shows its entries, sends each change with the version it was made on, never overwrites another's.
"use strict";

const byId = (id) => document.getElementById(id);
const make = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
};
const FIELDS = "input, textarea, select";
const TAGS = new Set(["i", "b", "sub", "sup"]);
/** A text with its markup, as it is printed: texts, and pairs of a tag and what is in it. */
const printed = (nodes) => nodes.map((node) => {
  if (typeof node === "string") return node;
  const [tag, inside] = node;
  return make(TAGS.has(tag) ? tag : "span", { className: tag === "sc" ? "sc" : "" }, ...printed(inside));
});
/** The title of something; a notice has a plain one. */
const titled = (thing) => (thing.printed ? printed(thing.printed) : [thing.title]);
const short = (text) => (text.length > 70 ? `${text.slice(0, 68)} …` : text);

let issue = null; // as the server last sent it
let current = ""; // key of the entry that the keys act on
let dragging = false;
let held = null; // the issue that is to be shown once nothing is dragged any more
let mark = ""; // of the files, as the stream last sent it
let seen = ""; // the mark for which the page is up to date

// -- asking the server -----------------------------------------------------------------------------------------------

const ENDED = "The preview has ended. Start it again with: digest preview";
class Ended extends Error {}
const ask = (path, options) => fetch(`/curate/${path}`, options).catch(() => { throw new Ended(); });

let turn = Promise.resolve();
const inTurn = (action) => (turn = turn.then(action).catch((error) => (error instanceof Ended ? report(ENDED, true) : reportError(error))));

function report(text, bad = false) {
  byId("message").textContent = text;
  byId("message").classList.toggle("bad", bad);
}

/** Sends a change; gives the answer with `ok` and `status`. What is shown afterwards is what the server says. */
async function change(name, body) {
  const answer = await ask(name, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ version: issue.version, ...body }),
  });
  const answered = (answer.headers.get("content-type") ?? "").startsWith("application/json")
    ? await answer.json() : { error: `The preview refused this (${answer.status}): ${await answer.text()}` };
  if (answered.issue) show(answered.issue);
  if (answer.ok) {
    hideTrouble();
    report(answered.message);
  } else {
    report(answer.status === 409 ? "Not done: the file was changed elsewhere." : "Not done.", true);
    trouble(answered.error, answered.diff ?? [], answer.status === 409);
  }
  return { ...answered, ok: answer.ok, status: answer.status };
}

/** Looks at the files again; shows what somebody else changed in them. */
async function refresh() {
  const wanted = mark;
  const before = issue;
  const answer = await ask(`issue?since=${before ? before.version : ""}`);
  const answered = await answer.json();
  seen = wanted;
  if (!answered.issue) return trouble(answered.error, [], false);
  show(answered.issue);
  if (before && answered.issue.version !== before.version) {
    report("The issue was changed elsewhere; this is how it is now.");
    trouble(`${answered.issue.file} was changed elsewhere. This page shows it as it is now.`, answered.diff, true);
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
  if (dragging) { // nothing moves while something is dragged
    held = next;
    return;
  }
  held = null;
  if (next.broken && issue) next.sections = issue.sections; // what is open stays open until the file is fixed
  issue = next;
  const undo = byId("undo");
  undo.disabled = !next.undo?.possible;
  undo.title = next.undo ? (next.undo.possible ? `Undoes: ${next.undo.message}` : "The file was changed elsewhere since") : "Nothing was changed yet";
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
    heading.replaceChildren(...titled(section), " ", make("span", { className: "quiet", textContent: counted(section) }));
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
    const text = next.broken ? "This file has mistakes. Fix them in your editor; until then nothing can be changed here." : "The issue has mistakes that keep it from being printed:";
    area.prepend(make("div", { id: "mistakes", className: "mistakes" }, make("p", { textContent: text }), make("ul", {}, ...lines)));
  }
}

/** What was typed for an entry that is gone is not lost: it is shown below the list. */
function keepText(node) {
  for (const area of node.querySelectorAll(FIELDS)) {
    if (!area.value.trim() || area.name === "section" || area.value === valueBefore(area)) continue;
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
    if (!entry || place === undefined || place < 0) report("The list changed while you dragged; nothing was moved.", true);
    else if (entry.at[0] !== s || entry.at[1] !== place) {
      choose(key, false);
      await change("move", { at: entry.at, to: [s, place] });
    }
    // The keys go on with what was dragged, unless somebody types in it.
    if (nodes.has(key) && !nodes.get(key).querySelector("form")?.contains(document.activeElement)) choose(key);
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
  facts.append(make("span", { className: "number", textContent: entry.number ? `#${entry.number}` : { record: "Record", article: "Article", notice: "Notice", page: "Page" }[entry.kind] }));
  if (entry.hold) facts.append(" ", badge("hold", "held"));
  if (entry.drop) facts.append(" ", badge("drop", "dropped"));
  if (entry.flag) facts.append(" ", badge("flag", entry.flag));
  if (entry.library) facts.append(" ", badge("library", entry.library, "This issue prints the record as it was frozen"));
  const lines = new Set(issue.fields.filter((own) => own.type === "list of texts").map((own) => own.key));
  const said = [["hold", "Held"], ["drop", "Dropped"], ["why", "Why this one"], ["comment", "Comment"]]
    .concat(issue.fields.map((field) => [field.key, field.label]))
    .filter(([name]) => entry[name])
    .map(([name, label]) => {
      const text = entry.marked[name] ? printed(entry.marked[name]) : [lines.has(name) ? entry[name].replaceAll("\n", "; ") : entry[name]];
      return make("p", { className: `said ${name.replace(/\..*/, "")}` }, make("b", { textContent: `${label}: ` }), ...text);
    });
  node.querySelector(".head").replaceChildren(
    facts, make("p", { className: "title", dir: "auto" }, ...titled(entry)),
    ...(entry.authors ? [make("p", { className: "authors", dir: "auto", textContent: entry.authors })] : []), ...said);
  const [s] = entry.at;
  const hidden = {
    up: e === 0 && s === 0, down: e === section.entries.length - 1 && s === issue.sections.length - 1, section: issue.sections.length < 2,
    edit: !texts(entry).length, hold: Boolean(entry.hold), drop: Boolean(entry.drop), again: !entry.hold && !entry.drop,
  };
  for (const button of node.querySelectorAll(".actions button")) {
    const action = button.dataset.action;
    button.setAttribute("aria-disabled", String((action === "up" || action === "down") && hidden[action]));
    button.hidden = action !== "up" && action !== "down" && hidden[action];
    const label = button.title || button.textContent.replace(" …", "");
    button.setAttribute("aria-label", `${label}: ${short(entry.title)}`);
  }
  const see = node.querySelector(".see");
  see.hidden = entry.kind === "notice" || entry.kind === "page" || Boolean(entry.hold || entry.drop);
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
    const input = make(properties.rows ? "textarea" : "input", { id, name, dir: "auto", defaultValue: value, value, ...properties });
    form.append(make("label", { htmlFor: id, textContent: label }), input);
    return input;
  };
  if (kind === "edit") {
    if (entry.kind === "record") {
      field("why", "Why this one, in one sentence", entry.why, { rows: 2 });
      field("comment", "Comment", entry.comment, { rows: 5 });
      form.append(make("p", { className: "quiet", textContent: "*italics*, **bold**, [@e310] cites a record or reference." }));
    }
    for (const own of issue.fields) ownField(form, own, entry[own.key] ?? "", field);
  } else if (kind === "section") {
    const id = `field-${++forms}`;
    const select = make("select", { id, name: "section" }, ...issue.sections.map((section, s) => new Option(section.title, String(s), false, s === entry.at[0])));
    form.append(make("label", { htmlFor: id, textContent: "Move it to the end of" }), select);
  } else {
    field(kind, kind === "hold" ? "Why is it held back for now?" : "Why was it decided against?", "", { required: true, type: "text", autocomplete: "off" });
    if (entry.hold || entry.drop) form.querySelector("input").value = entry.hold || entry.drop;
  }
  const names = kind === "edit" ? texts(entry) : kind === "section" ? [] : ["hold", "drop"];
  form.was = Object.fromEntries(names.map((name) => [name, entry[name] ?? ""]));
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

/** The keys of an entry that are edited in one form: ours for records, and own fields. */
const texts = (entry) => [...(entry.kind === "record" ? ["why", "comment"] : []), ...issue.fields.map((own) => own.key)];

/** The input of an own field. A value that is not one of its choices, by hand in the file, stays until another is chosen. */
function ownField(form, own, value, field) {
  const rows = { text: 1, "rich text": 2, "list of texts": 3 }[own.type];
  if (!own.choices.length) {
    const numeric = { "whole number": "numeric", number: "decimal" }[own.type];
    const input = field(own.key, own.hint ? `${own.label} (${own.hint})` : own.label, value, { ...(rows ? { rows } : { type: "text", autocomplete: "off" }), placeholder: own.default });
    if (numeric) input.inputMode = numeric;
    return;
  }
  const id = `field-${++forms}`;
  const nothing = own.default ? `(nothing chosen: ${own.default})` : "(nothing chosen)";
  const values = ["", ...new Set([...own.choices, ...(value ? [value] : [])])];
  const select = make("select", { id, name: own.key }, ...values.map((text) => new Option(text || nothing, text, text === value, text === value)));
  form.append(make("label", { htmlFor: id, textContent: own.label }), select);
}

const valueBefore = (area) => (area.options ? [...area.options].find((option) => option.defaultSelected)?.value ?? "" : area.defaultValue);
function setValueBefore(area, text) {
  if (!area.options) area.defaultValue = text;
  else {
    if (![...area.options].some((option) => option.value === text)) area.add(new Option(text, text));
    for (const option of area.options) option.defaultSelected = option.value === text;
  }
}
const isTyped = (form) => [...form.querySelectorAll(FIELDS)].some((area) => area.name !== "section" && area.value !== valueBefore(area));

/** Closes a form; one with unsaved text only when asked to. */
function closeForm(form, surely = false) {
  if (isTyped(form) && !surely) {
    report("What you typed is not saved: save it, or press Cancel.", true);
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
    const changed = {};
    if (kind === "edit") {
      for (const name of Object.keys(form.was)) if (form.elements[name].value !== form.was[name]) changed[name] = form.elements[name].value;
    } else {
      const reason = form.elements[kind].value.trim();
      if (!reason) return report("A reason is needed.", true);
      Object.assign(changed, { hold: "", drop: "", [kind]: reason });
    }
    if (!Object.keys(changed).length) return closeForm(form, true);
    answer = await change("edit", { at: entry.at, texts: changed, was: form.was });
  }
  if (answer.ok) closeForm(form, true);
}

/** Shows in an open form where somebody else changed the same text. */
function compare(form, entry) {
  for (const [name, was] of Object.entries(form.was)) {
    const now = entry[name] ?? "";
    form.querySelector(`.theirs[data-name="${CSS.escape(name)}"]`)?.remove();
    if (now === was) continue;
    const area = form.elements[name];
    const box = make("div", { className: "theirs" });
    box.dataset.name = name;
    const settle = (text) => {
      form.was[name] = now;
      if (area) {
        const kept = text ?? "";
        setValueBefore(area, now);
        area.value = kept;
        area.focus();
      }
      box.remove();
      if (document.querySelector(".theirs")) return;
      hideTrouble(); // nothing is left to decide
      report(text === now ? "Theirs is taken." : "Yours is kept; it is written when you save it.");
    };
    const mine = make("button", { type: "button", textContent: "Keep mine" });
    mine.addEventListener("click", () => settle(area?.value));
    const theirs = make("button", { type: "button", textContent: "Take theirs" });
    theirs.addEventListener("click", () => settle(now));
    box.append(make("p", { textContent: "Changed elsewhere since you began. It is now:" }), make("blockquote", { textContent: now || "(nothing)" }), mine, theirs);
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
    if (!issue.sections[to[0]]) return report(by < 0 ? "It is the first entry." : "It is the last entry.");
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
    await change("edit", { at: entry.at, texts: { hold: "", drop: "" }, was: { hold: entry.hold, drop: entry.drop } });
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
  if (!issue?.undo?.possible) return report(issue?.undo ? "The file was changed elsewhere since; nothing was undone." : "There is nothing to undo.");
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
  else if (event.key === "Enter" && event.target === node) openForm(key, texts(entryOf(key)).length ? "edit" : "section");
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
  let answered;
  try {
    answered = await (await fetch(`/curate/search?q=${encodeURIComponent(query)}`)).json();
  } catch {
    return;
  }
  if (number !== asked) return; // somebody has typed on
  if (answered.error) {
    byId("hits").replaceChildren();
    byId("count").textContent = answered.error;
    return;
  }
  byId("count").textContent = foundText(answered.hits.length, query);
  const held = document.activeElement.closest?.(".hit")?.dataset.id;
  byId("hits").replaceChildren(...answered.hits.map(makeHit));
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
  node.dataset.title = hit.title;
  const facts = make("p", { className: "facts" }, make("span", { className: "number", textContent: hit.number ? `#${hit.number}` : hit.year || "Record" }));
  if (hit.gone) facts.append(" ", badge("library", "no source contains it any more"));
  for (const name of hit.issues) facts.append(" ", badge("flag", `in issue ${name}`));
  const button = make("button", { type: "button", className: "add" });
  button.setAttribute("aria-label", `Add: ${short(hit.title)}`);
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    inTurn(() => change("add", { id: hit.id, section: Number(byId("target").value) }));
  });
  node.append(
    make("div", {}, facts, make("p", { className: "title", dir: "auto" }, ...titled(hit)),
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
    button.setAttribute("aria-label", `${button.textContent}: ${short(node.dataset.title)}`);
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
  if (byId("message").textContent === ENDED) report("");
});
events.addEventListener("error", () => report(ENDED, true));
window.addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("form.inline")].some(isTyped)) event.preventDefault();
});
