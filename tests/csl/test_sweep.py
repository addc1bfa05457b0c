"""Real styles compared with citeproc-js: what differed once and CSL 1.0.2 decides, one line of `sweep.json` for each.

A line is the kind of difference, the style, the ids of its items, its citations (the last one is compared; without
any, the only entry of the bibliography), how it is compared (`text` or, with formats, `norm`) and what is expected.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from digest import csl
from tests.csl.test_all_styles import styles

FILES = {path.stem: path for path in styles()}
SWEEP = json.loads(Path(__file__).with_name("sweep.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", SWEEP["cases"], ids=lambda case: f"{case[1]}: {case[0]}")
def test_a_style_prints_what_the_specification_says(case: list[Any]) -> None:
    """The text is the same, and with `norm` the formats of every letter too."""
    _, name, ids, citations, compare, expected = case
    loaded = csl.load_style(FILES[name].read_bytes())
    items = {id_: SWEEP["items"][id_] for id_ in ids}
    if citations:
        notes = loaded.class_ == "note"
        cites = [
            csl.Citation(tuple(csl.Cite(cite["id"]) for cite in cluster), note_number=number if notes else 0)
            for number, cluster in enumerate(citations, 1)
        ]
        got = csl.to_html(csl.format_document(loaded, items, cites).citations[-1])
    else:
        got = csl.to_html(csl.format_document(loaded, items, (), ids).bibliography[0].content)
    if compare == "text":
        assert re.sub(r"<[^<>]*>", "", got).strip() == re.sub(r"<[^<>]*>", "", expected).strip()
    else:
        assert got.strip() == expected
