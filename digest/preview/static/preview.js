// Shows what the preview sends: the web page in a frame of its own, how far it is, problems. The pages are in paper.js.
"use strict";

const frame = byId("screen");
const gallery = document.querySelector("main").dataset.gallery === "true";

let events = null;
let version = ""; // of the document in the frame
let wanted = ""; // of the newest document
let fetching = false;
let ready = false; // the frame has said that it listens
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
    sayOrigin(typeof data.text === "string" ? data.text.slice(0, 300) : "");
  } else if (data.kind === "keep" && typeof data.text === "string") {
    keep(data.text.slice(0, 300));
  } else if (data.kind === "applied") {
    frame.dataset.version = String(data.version);
  }
});

// A frame does not always notice that the mouse has left it.
frame.addEventListener("mouseleave", () => frame.contentWindow?.postMessage({ kind: "leave" }, "*"));

function tellOrigins() {
  frame.contentWindow?.postMessage({ kind: "origins", on: byId("origins").checked }, "*");
}

// -- problems --------------------------------------------------------------------------------------------------------

function showProblems(shown) {
  const list = byId("problem-list");
  const listed = shown.problems.filter((problem) => problem.level !== "note");
  const items = listed.map((problem) => {
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
  const errors = listed.filter((problem) => problem.level === "error").length;
  const warnings = listed.length - errors;
  const counted = (n, word) => (n ? `${n} ${word}${n === 1 ? "" : "s"}` : "");
  byId("problems-heading").textContent = [counted(errors, "error"), counted(warnings, "warning")].filter(Boolean).join(", ") || "Problems";
  byId("problems").hidden = !listed.length;
  byId("stale").hidden = !shown.failed;
  const texts = listed.map((problem) => `${problem.where} ${problem.message}`);
  if (texts.some((text) => !seen.has(text))) warningsOpen = true;
  seen = new Set(texts);
  byId("problems").querySelector("details").open = errors > 0 || warningsOpen;
}

// Errors are always listed; warnings when one of them is new, until somebody folds them, and when somebody asks.
let warningsOpen = false;
let seen = new Set();
byId("problems").querySelector("summary").addEventListener("click", () => {
  if (!byId("problem-list").querySelector(".error")) warningsOpen = !warningsOpen;
});

function status(shown) {
  const time = (seconds) => `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`;
  const parts = [];
  if (shown.stage === "screen") parts.push("Making the web page …");
  else if (shown.stopped) parts.push("Stopped; what is old was made before");
  else if (shown.failed) parts.push("Something is wrong: see the list");
  else if (shown.stage === "pages") parts.push("Making the pages …");
  else parts.push(shown.version ? "Up to date" : "Starting …");
  const { html, page, pages: all } = shown.seconds;
  if (html !== undefined) parts.push(`web page ${time(html)}`);
  if (page !== undefined) parts.push(`changed page ${time(page)}`);
  if (all !== undefined) parts.push(`PDF ${time(all)}`);
  if (shown.changed.length) parts.push(shown.changed.length > 2 ? `${shown.changed.length} files changed` : `${shown.changed.join(", ")} changed`);
  byId("status").textContent = parts.join(" · ");
  byId("stop").setAttribute("aria-disabled", String(!shown.stage));
  byId("screen-old").hidden = !shown.old_screen;
}

/** How far the pages are; not for screen readers, which would read each page: the line of status is enough. */
function showStep(step) {
  byId("bar").hidden = byId("step").hidden = !step;
  if (!step) return;
  const of = step.about ? ` of ${step.doing === "Drawing" ? "" : "about "}${step.about}` : "";
  byId("step").textContent = step.attempts ? `${step.doing}: attempt ${step.done}` : `${step.doing} page ${step.done}${of}`;
  if (step.about) Object.assign(byId("bar"), { max: step.about, value: Math.min(step.done, step.about) });
  else byId("bar").removeAttribute("value");
}

byId("stop").addEventListener("click", () => {
  if (byId("stop").getAttribute("aria-disabled") !== "true") fetch("/stop", { method: "POST" }).catch(() => {});
});
byId("again").addEventListener("click", () => fetch("/again", { method: "POST" }).catch(() => {}));

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
  kept = "";
  outline(null, null);
  reach();
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
  events.addEventListener("step", (event) => showStep(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    byId("status").textContent = "The preview has ended. Start it again with: digest preview";
    showStep(null);
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
