"""Differences, grouped by what differs, counted by styles, each with its smallest example."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeAlias

from msgspec import Struct, structs

from bench.examine.compare import characters, kinds, text_of
from bench.examine.drivers import CiteprocJs, Job, ours, pandoc


class Example(Struct):
    """One output that differs."""

    job: Job
    key: str
    ours: str
    theirs: str

    @property
    def items(self) -> list[dict[str, Any]]:
        """What it is made of."""
        items = self.job.items
        return items if self.job.citations else [item for item in items if item["id"] == self.key]

    @property
    def size(self) -> int:
        """How much there is to read."""
        return len(self.theirs) + len(self.ours) + self.job.style.stat().st_size // 200

    def signatures(self) -> list[str]:
        """What differs: in the text, or where that is the same, in formats."""
        if text_of(self.ours) != text_of(self.theirs):
            return kinds(self.ours, self.theirs, self.items)
        unlike = {
            f"formats[{'+'.join(sorted(one[1] - two[1]))}|{'+'.join(sorted(two[1] - one[1]))}]"
            for one, two in zip(characters(self.ours), characters(self.theirs), strict=True)
            if one[1] != two[1]
        }
        return sorted(unlike)


class Kind(Struct):
    """A kind of difference.

    Attributes:
        signature: what we print and what the other prints, with what is around it.
        styles: the names of the styles that show it.
        count: how many outputs do.
        example: the smallest seen.
        third: what pandoc prints, once asked.
    """

    signature: str
    styles: set[str]
    count: int
    example: Example
    third: str = ""

    def lines(self) -> list[str]:
        """A few lines for a person."""
        example = self.example
        voices = [("ours", example.ours), ("citeproc-js", example.theirs), ("pandoc", self.third)]
        return [
            f"{len(self.styles)} styles, {self.count} outputs: `{self.signature}` in {example.job.style.stem}",
            *(f"{name:12}`{text_of(html)}`" for name, html in voices if html or name != "pandoc"),
        ]

    def markdown(self) -> str:
        """The same as a paragraph, with the items."""
        job = self.example.job
        head, *voices = self.lines()
        rows = [f"### {head}", *(f"- {voice}" for voice in voices), f"- locale: {job.locale}"]
        if job.citations:
            rows.append(f"- citation {self.example.key} of `{json.dumps(job.citations, ensure_ascii=False)}`")
        rows.append(f"- items: `{json.dumps(self.example.items, ensure_ascii=False)}`")
        return "\n".join(rows)

    def value(self) -> dict[str, Any]:
        """The same as JSON."""
        job = self.example.job
        return {
            "signature": self.signature,
            "styles": len(self.styles),
            "outputs": self.count,
            "style": job.style.stem,
            "locale": job.locale,
            "items": self.example.items,
            "citations": job.citations,
            "key": self.example.key,
            "ours": self.example.ours,
            "theirs": self.example.theirs,
            "pandoc": self.third,
        }


Shows: TypeAlias = Callable[[list[dict[str, Any]], "list[list[dict[str, Any]]] | None", str], Example | None]


class Findings:
    """All differences of a run."""

    def __init__(self) -> None:
        self._found: dict[str, list[Example]] = defaultdict(list)

    def add(self, job: Job, key: str, mine: str, theirs: str) -> None:
        """Keeps an output that differs."""
        example = Example(job, key, mine, theirs)
        for signature in example.signatures():
            self._found[signature].append(example)

    def kinds(self) -> list[Kind]:
        """The kinds, those of most styles first."""
        found = [
            Kind(signature, {one.job.style.stem for one in all_}, len(all_), min(all_, key=lambda one: one.size))
            for signature, all_ in self._found.items()
        ]
        return sorted(found, key=lambda kind: (-len(kind.styles), -kind.count, kind.signature))

    @staticmethod
    def shrink(found: list[Kind]) -> None:
        """Makes the example of each kind small, as long as it shows the same, and asks pandoc about it."""
        js = CiteprocJs()
        for kind in found:
            kind.example = _shrunk(kind, js)
            kind.third = pandoc(kind.example.job).outputs().get(kind.example.key, "")
        js.close()


def _shrunk(kind: Kind, js: CiteprocJs) -> Example:
    """Without the other items and citations, then without each variable that is not needed, then with fewer names."""
    example = kind.example

    def shows(items: list[dict[str, Any]], citations: list[list[dict[str, Any]]] | None, key: str) -> Example | None:
        job = structs.replace(example.job, items=items, citations=citations)
        theirs = next(iter(js.answers([job])))
        mine, other = ours(job).outputs().get(key, ""), theirs.outputs().get(key, "")
        same = Example(job, key, mine, other)
        return same if other and not theirs.error and kind.signature in same.signatures() else None

    if example.job.citations is None:
        alone = shows(example.items, None, example.key)
        if alone is None:
            return example
        example = alone
    else:
        example = _fewer_citations(example, shows)
    for place in range(len(example.job.items)):
        example = _barer(example, place, shows)
    return example


def _fewer_citations(example: Example, shows: Shows) -> Example:
    place = 0
    while place < len(citations := example.job.citations or []):
        target = int(example.key)
        if place != target:
            rest = [*citations[:place], *citations[place + 1 :]]
            smaller = shows(example.job.items, rest, str(target - (place < target)))
            if smaller is not None:
                example = smaller
                continue
        place += 1
    target = int(example.key)
    for cite in list(citations[target]):
        rest_of_cites = [one for one in citations[target] if one is not cite]
        if rest_of_cites:
            fewer = [*citations[:target], rest_of_cites, *citations[target + 1 :]]
            smaller = shows(example.job.items, fewer, example.key)
            if smaller is not None:
                example, citations = smaller, fewer
    cited = {cite["id"] for cites in citations for cite in cites}
    return shows([item for item in example.job.items if item["id"] in cited], citations, example.key) or example


def _barer(example: Example, place: int, shows: Shows) -> Example:
    items = example.job.items
    for name in [name for name in items[place] if name not in {"id", "type"}]:
        item = items[place]
        value = item[name]
        tries: list[dict[str, Any]] = [{key: value for key, value in item.items() if key != name}]
        if isinstance(value, list):
            tries += [item | {name: value[:count]} for count in range(1, len(value))]
        for one in tries:
            smaller = shows([*items[:place], one, *items[place + 1 :]], example.job.citations, example.key)
            if smaller is not None:
                example, items = smaller, smaller.job.items
                break
    return example
