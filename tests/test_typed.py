"""What an editor types is printed as the language of the text has it."""

from __future__ import annotations

import pytest

from digest.prose import parse, render
from digest.render.words import marks_of


def printed(text: str, language: str) -> str:
    return str(render(parse(text, "x.md", marks=marks_of(language)))).strip().replace("\u00a0", "~")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "said \"it's 'good' -- or not\"...", "said “it’s ‘good’ – or not”…"),
        ("en", "The patients' 5-10 mg --- so", "The patients’ 5–10 mg — so"),
        ("en", "Rock 'n' roll, the '90s, 5' 6\".", "Rock ’n’ roll, the ’90s, 5′ 6″."),
        ("en", "(c) 2014 1/2 x 3", "(c) 2014 1/2 x 3"),
        ("en", 'at -5 °C, *"so"*', "at −5 °C, <em>“so”</em>"),
        ("en", "ISSN 1590-8577, CA 19-9, 2014-07-28, PD-1, COVID-19", "ISSN 1590-8577, CA 19-9, 2014-07-28, PD-1, COVID-19"),
        ("en", '`"a" -- 3-7` and \\"b\\"', "<code>&quot;a&quot; -- 3-7</code> and &quot;b&quot;"),
        ("en", "https://example.org/a--b/3-7 and digest --help", '<a href="https://example.org/a--b/3-7">https://example.org/a--b/3-7</a> and digest --help'),
        ("en", "1,000-2,000 and 0.61-0.89", "1,000–2,000 and 0.61–0.89"),
        ("en-GB", "\"a\" and 'b'", "“a” and ‘b’"),
        ("de", "\"das ist 'gut'\", S. 3-7", "„das ist ‚gut‘“, S. 3–7"),
        ("de-CH", '"gut"', "«gut»"),
        ("fr", "\"l'ami\"", "«~l’ami~»"),
        ("es", '"bien" 3-7', "«bien» 3-7"),
    ],
)  # fmt: skip
def test_typed(language: str, text: str, expected: str) -> None:
    """Quotes, apostrophes, dashes, ranges and minus; not code, addresses, identifiers and what is escaped."""
    assert printed(text, language) == f"<p>{expected}</p>"


def test_without_marks() -> None:
    """A text of which nobody knows the language stays as it was typed."""
    assert str(render(parse('"a" -- b', "x.md"))).strip() == "<p>&quot;a&quot; -- b</p>"
