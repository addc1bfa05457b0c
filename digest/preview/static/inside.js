// In the frame of the previewed page, which has an origin of its own: takes new documents without moving the page, and
// says which template made an element. It is the only script that runs there.
"use strict";

(() => {
  const say = (message) => parent.postMessage(message, "*");

  // -- a new document ------------------------------------------------------------------------------------------------

  // Makes `old` like `next` and keeps every element that stays, so that the scroll position and the focus stay as well.
  function become(old, next) {
    const olds = [...old.childNodes].filter((node) => !node.ours);
    const nexts = [...next.childNodes];
    let start = 0;
    while (start < olds.length && start < nexts.length && olds[start].isEqualNode(nexts[start])) start += 1;
    let end = 0;
    while (end < olds.length - start && end < nexts.length - start && olds[olds.length - 1 - end].isEqualNode(nexts[nexts.length - 1 - end])) end += 1;
    const from = olds.slice(start, olds.length - end);
    const to = nexts.slice(start, nexts.length - end);
    const after = olds[olds.length - end] ?? null;
    for (let n = 0; n < Math.max(from.length, to.length); n += 1) {
      const [a, b] = [from[n], to[n]];
      if (!b) a.remove();
      else if (!a) old.insertBefore(document.importNode(b, true), after);
      else if (a.nodeType === 1 && b.nodeType === 1 && a.tagName === b.tagName && a.id === b.id && a.tagName !== "SCRIPT") {
        attributes(a, b);
        become(a, b);
      } else if (a.nodeType === 3 && b.nodeType === 3) {
        if (a.data !== b.data) a.data = b.data;
      } else a.replaceWith(document.importNode(b, true));
    }
  }

  function attributes(old, next) {
    for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of [...next.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }

  function apply(html) {
    const next = new DOMParser().parseFromString(html, "text/html");
    attributes(document.documentElement, next.documentElement);
    become(document.head, next.head);
    attributes(document.body, next.body);
    become(document.body, next.body);
    mark();
  }

  // -- where an element comes from -------------------------------------------------------------------------------------

  const host = document.createElement("div");
  host.ours = true;
  host.setAttribute("aria-hidden", "true");
  host.style.cssText = "all: initial; position: fixed; inset: 0; pointer-events: none; z-index: 2147483647; display: none";
  const root = host.attachShadow({ mode: "closed" });
  const box = document.createElement("div");
  box.style.cssText = "position: fixed; outline: 2px solid #0b7d93; outline-offset: 1px; background: rgb(11 125 147 / 8%)";
  const tip = document.createElement("div");
  tip.style.cssText = "position: fixed; font: 12px/1.4 ui-monospace, monospace; background: #10282d; color: #fff; padding: 2px 7px; border-radius: 4px; max-width: 90vw; overflow-wrap: anywhere";
  root.append(box, tip);
  let on = true;
  let last = null;

  function show(target) {
    const element = on && target instanceof Element ? target.closest("[data-template]") : null;
    if (element === last && element) return;
    last = element;
    if (!element) {
      host.style.display = "none";
      say({ kind: "origin", text: "" });
      return;
    }
    if (!host.isConnected) document.documentElement.append(host);
    const text = element.dataset.template;
    const rect = element.getBoundingClientRect();
    host.style.display = "block";
    Object.assign(box.style, { left: `${rect.left}px`, top: `${rect.top}px`, width: `${rect.width}px`, height: `${rect.height}px` });
    tip.textContent = text;
    tip.style.left = `${Math.max(0, Math.min(rect.left, innerWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = rect.top > 26 ? `${rect.top - 24}px` : `${Math.min(Math.max(rect.bottom + 4, 4), innerHeight - 26)}px`;
    say({ kind: "origin", text });
  }

  // By keyboard: the Tab key reaches one element of a template, the arrows go to the next and to the one before.
  const stops = () => [...document.body.querySelectorAll("[data-template]")].filter((element) => element.getClientRects().length);
  let stop = null;

  function mark(next) {
    if (stop && stop !== next) stop.removeAttribute("tabindex");
    stop = on && document.body ? next ?? (stop?.isConnected ? stop : stops()[0]) : null;
    stop?.setAttribute("tabindex", "0");
  }

  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!stop || document.activeElement !== stop) return;
    if (event.key === "Escape") stop.blur();
    if (event.key === "Enter" && !stop.closest("a[href], summary")) say({ kind: "keep", text: stop.dataset.template });
    if (!step) return;
    event.preventDefault();
    const all = stops();
    mark(all[Math.min(Math.max(all.indexOf(stop) + step, 0), all.length - 1)]);
    stop.focus();
  });

  let mouse = ""; // what scrolls under a mouse that rests is not pointed at
  document.addEventListener("mousemove", (event) => {
    if (mouse !== (mouse = `${event.screenX} ${event.screenY}`)) show(event.target);
  });
  document.addEventListener("focusin", (event) => show(event.target));
  document.addEventListener("mouseleave", () => show(null));
  document.addEventListener("focusout", () => show(null));
  addEventListener("scroll", () => {
    last = null;
    if (stop && document.activeElement === stop) show(stop);
    else host.style.display = "none";
  }, { passive: true });

  // Links inside the page work; others would leave the preview.
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href], area[href]") : null;
    if (!link) {
      const made = on && event.detail && getSelection().isCollapsed && event.target instanceof Element ? event.target.closest("[data-template]") : null;
      if (made) say({ kind: "keep", text: made.dataset.template });
      return;
    }
    event.preventDefault();
    const address = link.getAttribute("href");
    if (address.startsWith("#")) document.getElementById(decodeURIComponent(address.slice(1)))?.scrollIntoView();
    else say({ kind: "origin", text: `This link leads to ${address}` });
  });
  document.addEventListener("submit", (event) => event.preventDefault());

  addEventListener("message", (event) => {
    if (event.source !== parent || typeof event.data !== "object" || !event.data) return;
    if (event.data.kind === "document") {
      apply(event.data.html);
      say({ kind: "applied", version: event.data.version });
    } else if (event.data.kind === "leave") {
      last = null;
      host.style.display = "none";
    } else if (event.data.kind === "origins") {
      on = event.data.on;
      mark();
      if (!on) show(null);
    }
  });
  addEventListener("DOMContentLoaded", () => {
    mark();
    say({ kind: "ready" });
  });
})();
