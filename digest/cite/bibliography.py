"""A bibliography of whatever can be read: CSL-JSON, or records as in a publication's files.

Odd items become problems and the rest is printed; nothing is lost silently.
"""

from __future__ import annotations

import bisect
import json
import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from msgspec import Struct, structs

from digest import csl
from digest.cite.doubts import Doubts
from digest.cite.items import address, for_house, item, record_of
from digest.errors import Problem
from digest.model import Ids, Meeting, PartialDate, Person, Record
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.cite.catalogue import LoadedStyle
    from digest.sources.page import Page


class Citable(Struct, frozen=True, kw_only=True):
    """One thing to cite.

    Attributes:
        key: its id; unique.
        value: a record, or an item of CSL-JSON.
        file: the file that it is in.
        line: the line on which it begins.
    """

    key: str
    value: Record | dict[str, Any]
    file: str = ""
    line: int | None = None


class Printed(Struct, frozen=True, kw_only=True):
    """One entry of a bibliography.

    Attributes:
        id: what it is of.
        number: its place, counted from 1.
        text: the entry as plain text.
        html: the same as HTML.
    """

    id: str
    number: int
    text: str
    html: Markup


def read_citables(
    texts: Iterable[tuple[str, str | Iterable[Citable | Problem]]],
) -> tuple[list[Citable], list[Problem]]:
    """Everything to cite in some texts, in their order, and the problems; the format of each is seen from its content.

    A text is CSL-JSON (a list, an object with ``items``, or one item) or, as JSON or YAML, a list of records or one. A
    problem of level ``error`` means that a text as a whole could not be read.

    Args:
        texts: each with its name; in place of a text there may be what was read from it elsewhere.
    """
    sources: list[Citable] = []
    problems: list[Problem] = []
    known: dict[str, int] = {}
    for file, text in texts:
        before = len(sources) + len(problems)
        for found in _read(text, file) if isinstance(text, str) else text:
            if isinstance(found, Problem):
                problems.append(found)
                continue
            name = key = found.key or f"item-{len(sources) + 1}"
            if key in known:
                message = f"the id “{key}” is used twice; both are printed"
                problems.append(_problem("duplicate-id", message, file, found.line))
            while key in known:
                known[name] += 1
                key = f"{name}#{known[name]}"
            known[key] = 1
            sources.append(structs.replace(found, key=key))
        if len(sources) + len(problems) == before:
            problems.append(Problem(level="error", code="empty", message="there is nothing to cite here", file=file))
    return sources, problems


def _read(text: str, file: str) -> Iterator[Citable | Problem]:
    from digest.sources.formats import own

    text = text.removeprefix("\ufeff")
    is_json = text.lstrip()[:1] in {"[", "{"}
    return _from_json(text, file) if is_json and not own.is_ours(_page(text, file)) else _records(text, file)


def bibliography(
    style: LoadedStyle, sources: Sequence[Citable], locale: str | None = None
) -> tuple[tuple[Printed, ...], tuple[Problem, ...]]:
    """The entries in the order of the style, and what was odd about single items."""
    items = {source.key: _item(source, house=style.ours, form=style.form) for source in sources}
    document = csl.format_document(style.style, items, [], items, locale=locale, link=address)
    places = {source.key: source for source in sources}
    problems = tuple(
        _problem("item", str(problem), places[problem.id].file, places[problem.id].line)
        for problem in document.problems
        if problem.id in places
    )
    problems += tuple(_doubts(sources, style.form if style.ours else None))
    entries = tuple(
        Printed(id=entry.id, number=number, text=_plain(entry), html=_markup(entry.content))
        for number, entry in enumerate(document.bibliography, 1)
    )
    return entries, problems


def _doubts(sources: Sequence[Citable], form: str | None) -> Iterator[Problem]:
    """A warning for each form, or fact, that nobody has seen in print yet."""
    doubts = Doubts()
    for source in sources:
        if isinstance(source.value, Record):
            doubts.add(source.value, form, source.key, source.file, source.line)
        elif form is not None and (record := record_of(source.value)):  # other styles print items as they are
            doubts.add(record, form, source.key, source.file, source.line)
    return doubts.problems()


def lines(style: LoadedStyle, entries: Sequence[Printed]) -> Iterator[str]:
    """The bibliography as plain text, numbered where our own styles leave the numbers to the list."""
    numbered = style.leaves_numbers
    for entry in entries:
        yield f"{entry.number}. {entry.text}" if numbered else entry.text


def page(style: LoadedStyle, entries: Sequence[Printed]) -> str:
    """The bibliography as a piece of HTML."""
    name = "ol" if style.leaves_numbers else "div"
    child = "li" if name == "ol" else "div"
    body = "".join(f'  <{child} class="csl-entry">{entry.html}</{child}>\n' for entry in entries)
    return f'<{name} class="csl-bib-body">\n{body}</{name}>'


def _plain(entry: csl.Entry) -> str:
    margin = csl.to_text(entry.margin).strip() if entry.margin is not None else ""
    return " ".join(f"{margin} {csl.to_text(entry.body)}".split(" ")).strip()


def _markup(node: csl.Node) -> Markup:
    return Markup(csl.to_html(node))  # noqa: S704 - to_html escapes every text; markup comes from its tree alone


def _item(source: Citable, *, house: bool, form: str | None) -> dict[str, Any]:
    if isinstance(source.value, Record):
        return item(source.value, source.key, house=house, form=form)
    value = {**source.value, "id": source.key}
    return for_house(value, form=form) if house else value


# --- Reading ---------------------------------------------------------------------------------------------------------


def _from_json(text: str, file: str) -> Iterator[Citable | Problem]:
    from digest.sources.formats import own

    for value, line, raw in _json_values(text, file):
        if isinstance(value, Problem):
            yield value
        elif not isinstance(value, dict):
            kind = "a list" if isinstance(value, list) else f"“{str(value)[:40]}”"
            yield _problem("item", f"an item must be an object; this is {kind} and was left out", file, line)
        elif own.is_record(value):
            yield from _records(raw, file, line)
        else:
            from digest.sources.formats.csljson import plain_item

            name = value.get("id", value.get("citation-key"))
            key = str(name) if isinstance(name, str) or type(name) in {int, float} else ""
            yield Citable(key=key, value=plain_item(value), file=file, line=line)


def _json_values(text: str, file: str) -> Iterator[tuple[Any, int, str]]:
    """Each value of the list, with its line and its text. A list is walked through by hand to know the lines."""
    starts = [match.start() for match in re.finditer(r"\n", text)]
    decoder = json.JSONDecoder()
    blank = re.compile(r"[\s]*")
    at = blank.match(text).end()  # type: ignore[union-attr]  # it matches nothing too
    try:
        if text[at] == "{":
            whole, end = decoder.raw_decode(text, at)
            if blank.fullmatch(text, end) is None:
                raise json.JSONDecodeError("something follows the object", text, end)
            if not isinstance(whole.get("items"), list):
                yield whole, 1 + bisect.bisect_left(starts, at), text[at:end]
                return
            inner = re.search(r'"items"\s*:\s*(?=\[)', text)
            assert inner is not None
            at = inner.end()
        comma = True
        at = blank.match(text, at + 1).end()  # type: ignore[union-attr]  # as above
        while text[at] != "]":
            if not comma:
                raise json.JSONDecodeError("a comma is missing", text, at)
            value, end = decoder.raw_decode(text, at)
            yield value, 1 + bisect.bisect_left(starts, at), text[at:end]
            at = blank.match(text, end).end()  # type: ignore[union-attr]  # as above
            comma = text[at] == ","
            if comma:
                at = blank.match(text, at + 1).end()  # type: ignore[union-attr]  # as above
    except (ValueError, IndexError, RecursionError) as error:
        where, what = (error.lineno, error.msg) if isinstance(error, json.JSONDecodeError) else (len(starts) + 1, "")
        message = f"this is not JSON: {what or 'it ends too early, or is nested too deeply'}"
        yield Problem(level="error", code="not-json", message=message, file=file, line=where), where, ""


def _records(text: str, file: str, first_line: int = 1) -> Iterator[Citable | Problem]:
    """Records of our own, as `digest.sources` reads them; an odd one does not take the others with it."""
    from digest.sources.formats import own

    for read in own.strictly(_page(text, file), first_line=first_line):
        if isinstance(read, Problem):
            yield structs.replace(read, level="warning")
            continue
        if read.value is not None:
            yield Citable(key=read.value.id or "", value=read.value, file=file, line=read.lines.get((), first_line))
        for problem in read.problems:
            left_out = "" if read.value is not None else "; the record was left out"
            yield structs.replace(problem, level="warning", message=problem.message + left_out)


def _page(text: str, file: str) -> Page:
    from digest.sources.page import Page

    return Page(text.encode("utf-8", "replace"), file)


def _problem(code: str, message: str, file: str, line: int | None) -> Problem:
    return Problem(level="warning", code=code, message=message, file=file, line=line)


# --- A sample --------------------------------------------------------------------------------------------------------


def sample() -> list[Citable]:
    """Two references that show a style: an article in a journal and a meeting abstract, both of the seed issue."""
    people = (("Kuo", "J. H."), ("Lee", "J. A."), ("Chabot", "J. A."))
    article = Record(
        type="article",
        title=RichText.parse("Nonfunctional pancreatic neuroendocrine tumors"),
        authors=tuple(Person(family=family, given=given) for family, given in people),
        container="Surgical Clinics of North America",
        container_short="Surg Clin North Am",
        volume="94",
        issue="3",
        pages="689-708",
        issued=PartialDate(2014),
        ids=Ids(pmid="24857584"),
    )
    names = ("Gruener J", "Nowakowski FS", "Fardanesh R", "Amin V", "Kim E", "Fischman AM", "Patel RS")
    abstract = Record(
        title=RichText.parse(
            "Survival following Y90 radioembolization for neuroendocrine tumor liver metastases: "
            "a retrospective, single-center analysis"
        ),
        authors=tuple(Person(family=family, initials=rest) for family, rest in (name.split() for name in names)),
        container="Journal of Clinical Oncology",
        container_short="J Clin Oncol",
        volume="32",
        issue="15",
        supplement="Suppl",
        number="e15166",
        issued=PartialDate(2014, 5, 20),
        meeting=Meeting(
            name="50th ASCO Annual Meeting 2014",
            society="ASCO",
            place="Chicago, IL, USA",
            start=PartialDate(2014, 5, 30),
            end=PartialDate(2014, 6, 3),
        ),
    )
    return [Citable(key="kuo2014", value=article), Citable(key="gruener2014", value=abstract)]
