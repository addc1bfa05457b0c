// Formats jobs with citeproc-js: one JSON object a line in, one a line out, in the same order.
// in:  {"id", "style": path of a style, "locale": "en-US" or null, "items": [CSL-JSON], "citations": [[cite, ...], ...] or null}
// out: {"id", "entries": {item id: html}, "citations": [html, ...]} or {"id", "error": text}
// Arguments: the path of the module citeproc, the folder of the locale files.
const fs = require("fs");
const readline = require("readline");
const CSL = require(process.argv[2]);
const folder = process.argv[3];
const locales = new Map();
let last = {};
const locale = tag => {
  const path = `${folder}/locales-${tag}.xml`;
  if (!locales.has(tag)) locales.set(tag, fs.existsSync(path) ? fs.readFileSync(path, "utf8") : false);
  return locales.get(tag);
};
console.log = () => {};
CSL.debug = () => {};

function format(job) {
  if (last.path !== job.style) last = {path: job.style, text: fs.readFileSync(job.style, "utf8")};
  const items = new Map(job.items.map(item => [String(item.id), item]));
  const system = {
    retrieveLocale: locale,
    retrieveItem: id => JSON.parse(JSON.stringify(items.get(String(id)))),
  };
  const engine = new CSL.Engine(system, last.text, job.locale || "en-US", Boolean(job.locale));
  engine.opt.development_extensions.wrap_url_and_doi = false;
  const answer = {id: job.id, entries: {}, citations: []};
  if (job.citations) {
    const before = [];
    job.citations.forEach((cites, n) => {
      const note = engine.opt.xclass === "note" ? n + 1 : 0;
      const citation = {citationID: `c${n}`, citationItems: cites, properties: {noteIndex: note}};
      const [, changed] = engine.processCitationCluster(citation, before.slice(), []);
      changed.forEach(([index, text]) => { answer.citations[index] = text; });
      before.push([`c${n}`, note]);
    });
  } else {
    engine.updateItems([...items.keys()]);
    const made = engine.makeBibliography();
    if (made) made[0].entry_ids.forEach((ids, n) => { answer.entries[ids[0]] = made[1][n].trim(); });
  }
  return answer;
}

readline.createInterface({input: process.stdin}).on("line", line => {
  const job = JSON.parse(line);
  let answer;
  try { answer = format(job); } catch (error) { answer = {id: job.id, error: String(error && error.message || error)}; }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
