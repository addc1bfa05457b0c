"""An index names each page once, and pages that follow each other as a range."""

from __future__ import annotations

import re

import pytest

from digest.render.indexes import each_page_once


def line(places: str, before: str = "") -> str:
    links = [f'{before}<a class="page" href="#{place}"></a>' for place in places.split()]
    return f"<li>Saif MW {', '.join(links)}</li>"


@pytest.mark.parametrize(
    ("pages", "printed"),
    [
        ("12", "12"),
        ("12 12", "12"),
        ("12 12 15 15 12", "12, 15"),
        ("12 13", "12, 13"),
        ("12 13 14", "12–14"),
        ("12 12 13 13 14 20 21", "12–14, 20, 21"),
        ("9 10 11 12 30 31 32", "9–12, 30–32"),
        ("ii iii iv 1", "ii, iii, iv, 1"),
        ("14 13 12", "14, 13, 12"),
    ],
)
def test_pages_of_a_line(pages: str, printed: str) -> None:
    """What a person reads in a line whose entries are on these pages."""
    labels = {f"{n}-{page}": page for n, page in enumerate(pages.split())}
    for before in ("", "p. "):
        html = each_page_once(line(" ".join(labels), before), labels)
        shown = re.sub(r'<a class="page" href="#([^"]*)"></a>', lambda match: labels[match[1]], html)
        assert shown == f"<li>Saif MW {before}{printed.replace(', ', ', ' + before)}</li>"


def test_other_links_stay() -> None:
    """Only a line with links that show nothing but pages is changed, and what is between them parts a run."""
    html = line("a b").replace(", <a", ', <a href="#x">LBA7</a>, <a')
    assert each_page_once(html, {"a": "3", "b": "4"}) == html
    outside = line("a b").replace("li>", "p>")
    assert each_page_once(outside, {"a": "3", "b": "3"}) == outside
