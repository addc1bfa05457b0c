"""An issue as an e-mail, and its twin in plain text."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from digest.build import build
from digest.doctor import find_tool
from digest.errors import DigestError, ProjectError
from digest.render import mail
from digest.render.plain import PlainText, width
from tests.conftest import CHECKERS, ISSUE, ROOT, SAMPLE, nu_messages, violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser


WEB = "https://example.org/2014/issue.html"


def with_options(journal: Path, **options: str) -> Path:
    """The publication with the theme mail and options set."""
    file = journal / "digest.yaml"
    lines = "".join(f"  {name}: {json.dumps(value)}\n" for name, value in options.items())
    file.write_text(f"{file.read_text(encoding='utf-8')}\ntheme: mail\ntheme_options:\n{lines}", encoding="utf-8")
    return journal / ISSUE


@pytest.fixture(scope="session")
def message(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The sample as an e-mail, HTML and text, with a place on the web."""
    journal = shutil.copytree(SAMPLE, tmp_path_factory.mktemp("mail") / "journal")
    folder = with_options(
        journal, web_address=WEB, cover_address="https://example.org/c.png", footer="Leave: {{unsubscribe_url}} <&>"
    )
    return {name: content.decode() for name, content in build(folder).files.items()}


def test_both_are_made(message: dict[str, str]) -> None:
    """The theme makes HTML and text, far below what Gmail shows."""
    assert set(message) == {"issue.html", "issue.txt"}
    assert len(message["issue.html"].encode()) < mail.CLIPPED / 2


def test_text_whole(message: dict[str, str], golden: Callable[[str, str], None]) -> None:
    """The plain text of the sample."""
    golden("tests/golden/sample-mail.txt", message["issue.txt"])


def test_links_are_absolute(message: dict[str, str]) -> None:
    """Every link of the message leads to the web."""
    links = re.findall(r'<a [^>]*href="([^"]*)"', message["issue.html"])
    assert f"{WEB}#abstract-e310" in links
    assert all(link.startswith("https://") for link in links)
    assert "data:" not in message["issue.html"]
    assert "var(" not in message["issue.html"]


def test_what_the_mailing_system_fills_in(message: dict[str, str]) -> None:
    """The footer is there as it was typed, in HTML escaped."""
    assert "Leave: {{unsubscribe_url}} &lt;&amp;&gt;" in message["issue.html"]
    assert message["issue.txt"].endswith("\nLeave: {{unsubscribe_url}} <&>\n")


def test_without_a_place_on_the_web(journal: Path) -> None:
    """Links inside of the message are text, and there is no picture."""
    page = build(with_options(journal)).files["issue.html"].decode()
    assert 'href="#' not in page
    assert "<img" not in page


@pytest.mark.parametrize("address", ["javascript:alert(1)", "issue.html", 'https://a.example/"x'])
def test_odd_addresses(journal: Path, address: str) -> None:
    """What is not a web address is reported."""
    with pytest.raises(ProjectError) as caught:
        build(with_options(journal, web_address=address))
    assert [problem.code for problem in caught.value.problems if problem.level == "error"] == ["web-address"]


def test_formats_that_a_theme_lacks(journal: Path) -> None:
    """Text of a theme without a template for it, and paper of an e-mail, are refused with a reason."""
    with pytest.raises(DigestError, match="the theme “highlights” cannot make text"):
        build(journal / ISSUE, ["text"])
    with pytest.raises(DigestError, match="the theme “mail” cannot make pdf"):
        build(journal / ISSUE, ["pdf"], theme_name="mail")


def test_too_long_is_reported() -> None:
    """Beyond 102 kB there is a warning, at them none."""
    assert list(mail.too_long("x" * mail.CLIPPED)) == []
    assert [problem.code for problem in mail.too_long("x" * (mail.CLIPPED + 1))] == ["mail-clipped"]


# What the programs lack, and why the message is readable all the same.
ACCEPTED = {
    "errors: @media": "dark mode and smaller margins are extras: Outlook and Gmail on the mobile web show the light page",
    "errors: <style> element": "Gmail on the mobile web: the same extras are all that the element has",
    "errors: display:none": "Gmail on the mobile web: the preheader is one pixel high, in the colour of the ground",
    "errors: table-layout": "Outlook for Windows: the table around it is 600 wide",
    "errors: <body> element": "replaced by an element with the same styles; the outermost table has the ground as well",
    "errors: height property": "the checker takes line-height for it; the cover's height is auto",
    "errors: word-break": "Yahoo: very long words may widen the column",
}


def test_what_programs_lack(message: dict[str, str], tmp_path: Path) -> None:
    """There is no error but those that are accepted above; each of them is still one."""
    node = find_tool("node")
    if not node or not (CHECKERS / "caniemail").is_dir():
        pytest.skip("Node.js or caniemail is not installed")
    path = tmp_path / "issue.html"
    path.write_text(message["issue.html"], encoding="utf-8")
    script = ROOT / "tests" / "browser" / "caniemail.mjs"
    done = subprocess.run([node, script, path], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert {name for name in found if name.startswith("errors")} == set(ACCEPTED), found


def test_valid(message: dict[str, str], tmp_path: Path) -> None:
    """The Nu checker has nothing to say."""
    path = tmp_path / "issue.html"
    path.write_text(message["issue.html"], encoding="utf-8")
    assert [m["message"] for m in nu_messages(path) if m["type"] == "error"] == []


LONG = "Pneumonoultramicroscopic" * 12
HOSTILE = f"""
| {" | ".join(f"Column{n}" for n in range(9))} |
|{"---|" * 9}
| {" | ".join(f"{n}.123 mg" for n in range(9))} |

{LONG}

مرحبا بالعالم and 東京大学の研究
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width_", [320, 600, 1200])
def test_readable_on_every_screen(chromium: Browser, journal: Path, tmp_path: Path, scheme: str, width_: int) -> None:
    """axe-core finds no violation and nothing is wider than the screen, with hostile contents and pictures missing."""
    record = journal / ISSUE / "records" / "e310.yaml"
    text = re.sub(r'(?m)^title: ".*"$', f"title: {LONG}", record.read_text(encoding="utf-8"))
    people = "".join(f"\n  - {{family: Verylongfamilyname{n}, given: Anna}}" for n in range(40))
    record.write_text(text.replace("\nauthors:", f"\nauthors:{people}"), encoding="utf-8")
    head = journal / ISSUE / "issue.yaml"
    text = head.read_text(encoding="utf-8")
    comment = "comment: >-\n          The registry counts visits to a dietitian, not what came of them. Read it beside Abstract #LBA7.\n"
    assert comment in text
    head.write_text(text.replace(comment, f"comment: {json.dumps(HOSTILE)}\n"), encoding="utf-8")
    file = tmp_path / "issue.html"
    file.write_bytes(build(with_options(journal)).files["issue.html"])
    context = chromium.new_context(
        viewport={"width": width_, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
    )
    page = context.new_page()
    page.goto(file.as_uri())
    found = violations(page)
    widest = page.evaluate("[document.documentElement.scrollWidth, document.querySelector('.column').offsetWidth]")
    context.close()
    assert found == []
    assert widest[0] == width_
    assert widest[1] <= 600


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>CO<sub>2</sub> and <sup>90</sup>Y</p>", "CO₂ and ⁹⁰Y"),
        ("C<sub>max</sub> x<sup>a b</sup>", "C_max x^(a b)"),
        ("<ul><li>one</li><li>two<ol><li>three</li></ol></li></ul>", "- one\n\n- two\n\n  1. three"),
        ('<a href="https://a.example/x">here</a>', "here [1]"),
        ('<a href="https://a.example/">a.example</a>', "a.example"),
        ('<a href="#abstract-1">#1</a>', "#1"),
        ("p &lt; 0.05 &amp;amp; <b>q</b>", "p < 0.05 &amp; q"),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>東京</td></tr></table>", "A  B\n-  ----\n1  東京"),
        ("<script>alert(1)</script>x", "x"),
    ],
)
def test_html_as_text(html: str, text: str) -> None:
    """What HTML becomes."""
    assert PlainText.finish(PlainText().wrapped(Markup(html))) == text + "\n"  # noqa: S704 - the case is markup


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_text_stays_text(text: str) -> None:
    """Whatever a plain value has comes out as it was, through any number of templates."""
    plain = PlainText()
    once = Markup(escape(plain.printed(text)))  # noqa: S704 - escaped
    assert PlainText.finish(str(escape(plain.printed(once)))) == text + "\n"


@given(st.lists(st.sampled_from(["東京大学", "word", "é́", "longer-word", "研究。"]), min_size=1, max_size=60))
def test_lines_are_no_wider(words: list[str]) -> None:
    """Lines take 72 columns at most, wide characters counted as two, and no word is lost."""
    text = PlainText.finish(PlainText().wrapped(" ".join(words), 2))
    assert all(width(line) <= 72 for line in text.split("\n"))
    assert "".join(text.split()) == "".join(words)


def test_a_wide_table_comes_in_parts(journal: Path) -> None:
    """A table that no e-mail program shows whole is several, each with the first column and the caption."""
    cells = [f"1.{n} (0.61 to 1.89)" for n in range(15)]
    heads = ["Item", *(f"Column heading {n}" for n in range(15))]
    lines = [
        "Table: Sixteen columns",
        "",
        *(f"| {' | '.join(row)} |" for row in (heads, ["---"] * 16, ["Row", *cells])),
    ]
    path = journal / ISSUE / "issue.yaml"
    before, old, after = path.read_text("utf-8").partition("        comment: >-\n")
    comment = "".join(f"          {line}\n" for line in lines)
    text = f"{before}        comment: |\n{comment}\n{after}"
    assert old
    path.write_text(text, "utf-8")
    page = build(journal / ISSUE, ("html",), theme_name="mail").files["issue-mail.html"].decode()
    frame = page[page.index('class="table-frame') : page.index("heading 14")]
    parts = frame.count("<table")
    assert frame.count(">Item<") == parts > 2
    assert frame.count("Sixteen columns (continued)") == parts - 1
