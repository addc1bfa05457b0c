// Prints what e-mail programs lack of a message: a JSON object of "errors|warnings: feature" and the clients.
import { caniemail } from "caniemail";
import { readFileSync } from "node:fs";

const html = readFileSync(process.argv[2], "utf8");
const found = {};
function look(clients, text) {
  const { issues } = caniemail({ clients, html: text });
  for (const kind of ["errors", "warnings"])
    for (const [client, list] of issues[kind])
      for (const { title } of list) (found[`${kind}: ${title}`] ??= new Set()).add(client);
}
look(["gmail.*", "outlook.windows", "outlook.macos", "apple-mail.*", "yahoo.*"], html);
// caniemail knows nothing of these two in Thunderbird, whose engine is Firefox's, and stops there.
look(["thunderbird.macos"], html.replace(/(table-layout|word-break): ?[^;"]+;?/g, ""));
console.log(JSON.stringify(Object.fromEntries(Object.entries(found).map(([name, who]) => [name, [...who].sort()]))));
