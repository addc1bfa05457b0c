// Searches a site in the browser. The files of the index are scripts, which pages from a disk may load, too; each calls
// digestSearch(what, …) with what it brings. Words are cut here as digest/render/site/searching.py cuts them.
"use strict";

const digestSearch = (() => {
  const FOUND_AT_ONCE = 30;
  const box = document.getElementById("search");
  const typed = document.getElementById("search-words");
  const status = document.getElementById("search-status");
  const list = document.getElementById("search-results");
  const more = document.getElementById("search-more");
  const folder = document.currentScript.src.replace(/[^/]*$/, "");
  const shards = new Map();      // words by their first letter
  const described = new Map();   // results by the place of the first
  const waiting = new Map();     // what is loaded at the moment, by its file
  const engines = new Map();     // indexes by the letters that they hold
  let index = null;
  let shown = [];
  let asked = 0;

  const PLAIN = {"đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ı": "i"};
  const words = text => (text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[đĐøØłŁı]/g, letter => PLAIN[letter])
    .replace(/[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/g, " $& ").toLowerCase().match(/[\p{L}\p{N}]+/gu) || [])
    .map(word => [...word].slice(0, 60).join(""));

  const load = name => {
    if (!waiting.has(name)) {
      waiting.set(name, new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = folder + name.replace(/^.*\//, "");
        script.onload = done;
        script.onerror = failed;
        document.head.append(script);
      }));
    }
    return waiting.get(name);
  };

  const engineFor = async letters => {
    await Promise.all(letters.map(letter => load(index.shards[letter])));
    const key = letters.join("");
    if (!engines.has(key)) {
      const numbered = [...index.lengths.keys()];
      engines.set(key, MiniSearch.loadJS({
        documentCount: index.count,
        nextId: index.count,
        documentIds: Object.fromEntries(numbered.map(n => [n, n])),
        fieldIds: Object.fromEntries(index.fields.map((field, n) => [field, n])),
        fieldLength: Object.fromEntries(index.lengths.map((lengths, n) => [n, lengths])),
        averageFieldLength: index.fields.map((_, n) =>
          index.lengths.reduce((sum, lengths) => sum + lengths[n], 0) / Math.max(1, index.count)),
        storedFields: {},
        index: letters.flatMap(letter => shards.get(letter)),
        serializationVersion: 2,
      }, { fields: index.fields, tokenize: words, processTerm: term => term }));
      if (engines.size > 8) engines.delete(engines.keys().next().value);
    }
    return engines.get(key);
  };

  const find = async query => {
    const all = words(query);
    const rare = all.filter(word => !index.common.includes(word));
    const terms = rare.length ? rare : all;
    if (terms.some(term => !index.shards[String.fromCodePoint(term.codePointAt(0))])) return [];
    const letters = [...new Set(terms.map(term => String.fromCodePoint(term.codePointAt(0))))].sort();
    if (!letters.length) return [];
    const engine = await engineFor(letters);
    return engine.search(terms.join(" "), {
      combineWith: "AND",
      prefix: true,
      fuzzy: term => (term.length > 5 && !/\d/.test(term) ? 0.2 : false),
      boost: { number: 4, title: 3, authors: 2, keywords: 1.5 },
    }).map(result => result.id);
  };

  const show = async (from, turn) => {
    const part = shown.slice(from, from + FOUND_AT_ONCE);
    await Promise.all(part.map(id => load(index.described[Math.floor(id / index.listed)])));
    if (turn !== asked) return;
    for (const id of part) {
      const [href, number, title, people] = described.get(id - (id % index.listed))[id % index.listed];
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = href;
      link.textContent = number ? `${number} ${title}` : title;
      link.dir = "auto";
      const by = document.createElement("p");
      by.className = "contents-authors";
      by.textContent = people;
      item.append(link, by);
      list.append(item);
    }
    more.hidden = shown.length <= from + FOUND_AT_ONCE;
  };

  const search = async () => {
    const turn = ++asked;
    const query = typed.value.trim();
    const found = query ? await find(query) : [];
    if (turn !== asked) return;
    shown = found;
    list.replaceChildren();
    more.hidden = true;
    status.textContent = !query ? "" : found.length ? box.dataset.found.replace("{count}", found.length)
      : box.dataset.none.replace("{query}", query);
    await show(0, turn);
    if (turn === asked) box.dataset.shown = query;
  };

  const begin = () => {
    document.getElementById("search-needs").hidden = true;
    document.getElementById("search-box").hidden = false;
    let pause = 0;
    typed.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(() => {
        history.replaceState(null, "", typed.value ? `#q=${encodeURIComponent(typed.value)}` : "#");
        search();
      }, 120);
    });
    more.addEventListener("click", async () => {
      const from = list.children.length;
      await show(from, asked);
      if (list.children[from]) list.children[from].querySelector("a").focus();
    });
    const given = /^#q=(.*)$/.exec(location.hash);
    if (given) {
      try {
        typed.value = decodeURIComponent(given[1]);
      } catch {
        typed.value = given[1];
      }
      search();
    }
  };

  return (what, ...brought) => {
    if (what === "index") {
      [index] = brought;
      begin();
    } else if (what === "shards") {
      for (const [letter, listed] of brought[0]) shards.set(letter, listed);
    } else if (what === "described") {
      described.set(...brought);
    }
  };
})();
