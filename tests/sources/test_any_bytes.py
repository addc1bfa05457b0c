"""Whatever the bytes: every format gives records and problems, or one message; nothing that can be counted is lost."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from digest.errors import DigestError, Problem
from digest.sources import FORMATS, Deleted, Page, Parsed, parse
from digest.sources.page import decode

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.sources import Outcome

SEEDS = Path(__file__).parent / "seeds"
SECONDS = 60  # of computing for one page of a few kilobytes; what is quadratic takes longer
RECORDS = {"feed": 2, "jats": 1, "html": 1, "markdown": 1}  # in the first seed; of others it holds two


def outcomes(data: bytes, name: str) -> list[Outcome] | DigestError:
    """What a format makes of bytes; anything raised but a `DigestError` fails the test."""
    started = time.process_time()
    try:
        found = list(parse(Page(data, "page", format=name)))
    except DigestError as error:
        return error
    finally:
        assert time.process_time() - started < SECONDS
    for outcome in found:
        if isinstance(outcome, Parsed):
            assert outcome.record.id
            assert outcome.record.title
            assert outcome.record.origin
            assert all(isinstance(problem, Problem) for problem in outcome.problems)
        else:
            assert isinstance(outcome, Deleted | Problem)
        str(outcome).encode()  # no lone surrogates: they would end whoever prints or stores them
    return found


def counted(found: list[Outcome]) -> int:
    """How many records these are about: those read, those taken back, and those that a problem replaces."""
    return sum(
        not isinstance(outcome, Problem) or outcome.level == "error" or outcome.code == "repeated" for outcome in found
    )


def _lines(pattern: str) -> Callable[[bytes], int]:
    return lambda data: len(
        re.findall(pattern, decode(data)[0].replace("\r\n", "\n").replace("\r", "\n"), re.MULTILINE)
    )


def _items(*path: str) -> Callable[[bytes], int]:
    """The number of items of the list that this path leads to, where the bytes are whole JSON; else none are known."""

    def count(data: bytes) -> int:
        try:
            value = json.loads(decode(data)[0])
            for key in path:
                value = value[key]
        except (ValueError, KeyError, TypeError, RecursionError):
            return 0
        return len(value) if isinstance(value, list) else 0

    return count


def _elements(*names: str) -> Callable[[bytes], int]:
    """The number of such elements, where the bytes are well-formed XML; else one, for the problem that they are not."""

    def count(data: bytes) -> int:
        try:
            root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        except (etree.XMLSyntaxError, ValueError):
            return 0
        return sum(1 for element in root.iter("{*}*") if etree.QName(element).localname in names)

    return count


# The least number of records in bytes, counted by something simpler than the parser.
COUNTS: dict[str, Callable[[bytes], int]] = {
    "feed": _elements("item", "entry"),
    "pubmed-xml": _elements("PubmedArticle", "PubmedBookArticle"),
    "oai-pmh": _elements("record"),
    "ris": _lines(r"^TY  - "),
    "nbib": _lines(r"^PMID- "),
    "isi": _lines(r"^PT [A-Z]$"),
    "refer": _lines(r"^%0 "),
    "ovid": _lines(r"^UI  - "),
    "refworks": _lines(r"^RT [A-Z]"),
    "mods": _elements("mods"),
    "csl-json": _items(),
    "crossref-json": _items("message", "items"),
    "europepmc-json": _items("resultList", "result"),
    "json": _items("records"),
}


def seeds(name: str) -> list[Path]:
    return sorted((SEEDS / name).iterdir())


def check(data: bytes, name: str) -> None:
    found = outcomes(data, name)
    if not isinstance(found, DigestError) and name in COUNTS:
        assert counted(found) >= COUNTS[name](data)


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_has_a_seed_that_it_reads(name: str) -> None:
    """A seed of each format is recognised by its content, and all of its records are read."""
    for path in seeds(name):
        if path.stem.startswith("found-"):
            continue
        page = Page(path, path.name)
        found = list(parse(page))
        assert page.format == name
        assert any(isinstance(outcome, Parsed) for outcome in found)
        assert counted(found) >= (COUNTS[name](path.read_bytes()) if name in COUNTS else 1)


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_fuzzer_found_stays_fixed(name: str) -> None:
    """Each input that once broke a format, kept as a seed, gives records and problems now."""
    for path in seeds(name):
        check(path.read_bytes(), name)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_bytes_that_were_changed_lose_nothing(name: str, data: st.DataObject) -> None:
    """A seed that is cut, doubled, or changed in some bytes gives its records or problems about them, and never a traceback."""
    content = data.draw(st.sampled_from([path.read_bytes() for path in seeds(name)]), label="seed")
    check(data.draw(mutations(content), label="mutated"), name)


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """Bytes similar to these: cut off, a part repeated or removed, bytes changed, something inserted."""
    for _ in range(draw(st.integers(1, 4))):
        at, end = sorted((draw(st.integers(0, len(content))), draw(st.integers(0, len(content)))))
        kind = draw(st.sampled_from(("cut", "twice", "out", "change", "insert", "encode")))
        if kind == "cut":
            content = content[:at]
        elif kind == "twice":
            content = content[:end] + content[at:]
        elif kind == "out":
            content = content[:at] + content[end:]
        elif kind == "change":
            content = content[:at] + draw(st.binary(min_size=1, max_size=3)) + content[at + 1 :]
        elif kind == "insert":
            content = content[:at] + draw(st.sampled_from(PIECES)) + content[at:]
        else:
            content = content.decode("utf-8", "replace").encode(
                draw(st.sampled_from(("utf-16", "utf-8-sig", "cp1252"))), "replace"
            )
    return content


PIECES = (
    b"\0",
    b"\x1b[31m",
    b"&#xD800;",
    b"&#0;",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"<",
    b">",
    b"&",
    b'"',
    b"'",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\r",
    b"\n\n",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"1e999",
    b"-1",
    b"9" * 30,
    b"\xff\xfe",
    b"\xef\xbf\xbf",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"%0 ",
    b"TY  - ",
    b"ER  - \n",
    b"PMID- ",
    b"---\n",
    b"- ",
    b": ",
    b"@x{",
    b"\\",
    b"$",
    b"<sub>",
    b"</p>",
    b"&amp;lt;b&amp;gt;",
)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25)
@given(data=st.binary(max_size=400))
def test_any_bytes_at_all(name: str, data: bytes) -> None:
    """Random bytes give a message, a problem or a record, and never a traceback."""
    outcomes(data, name)


@settings(max_examples=200)
@given(data=st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_a_format_is_recognised_or_refused(data: bytes) -> None:
    """Bytes without the name of their format are recognised and read, or refused with a message."""
    outcomes(data, "")
