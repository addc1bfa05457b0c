"""Reader of what is in a book: a chapter, or a paper of proceedings."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Final

from digest import journals
from digest.cite.reading.landmarks import (
    ABSTRACT_NUMBER,
    DESIGNATION,
    EDITION,
    IMPRINT,
    PUBLISHER,
    YEAR,
    YEAR_DIGITS,
    find_place,
    is_proper,
)
from digest.cite.reading.line import Fields
from digest.cite.reading.people import people_of_list
from digest.cite.societies import society_in
from digest.cite.tokens import read_pages
from digest.model import Meeting, PartialDate

if TYPE_CHECKING:
    from digest.cite.reading.line import Line
    from digest.model import Person

_IN: Final = re.compile(
    r"(?P<stop>[.?!,]?[”\"’']|[.?!\])]|,)[,.]?\s{0,2}(?:[Pp]p?\.\s?(?P<pages>\d{1,5}\s?[-–]\s?\d{1,5})\s)?"
    r"(?P<word>[Ii]n)\b(?P<colon>:?)\s"
    r"|(?P<before>[.?!,]?[”\"])\s(?=[^“”\"]{5,200},\s(?:edited by|ed\.)\s)"  # MLA: “Title.” Handbook, edited by
)
# NLM's marks of what is online: “[Internet]. European Respiratory Society; 2016 [cited 2019 Jun 24]”
_ONLINE: Final = re.compile(
    r"\s?\[(?:Internet|online|serial online|(?:cited|accessed|updated)\s[^\]]{4,40})\]", re.IGNORECASE
)
_EDITORS: Final = r"[Ee]d(?:itor)?s?\b\.?"
_EDITED: Final = re.compile(
    rf"(?:[.,;]\s|\s?\()(?:[Ee]dited by|{_EDITORS}(?:\sby)?)\s"
    rf"(?P<names>[^()]{{3,200}}?)(?=\)|[,.;]\s(?![A-Z]\b)|\s\(|$)"
)
_EDITORS_AFTER: Final = re.compile(rf",?\s\(?{_EDITORS}\)?[\s,.:;]{{0,3}}")
_PAGES: Final = re.compile(
    r"[\s(,;:.]{0,3}(?:\b(?:pp?|pages?)\b\.?\s?(?P<named>[A-Za-z]{0,2}\d[\w.]{0,8}(?:\s?[-–]\s?[A-Za-z]{0,2}\d\w{0,8})?)"
    r"|(?<![\w-])(?P<range>\d{1,5}\s?[-–]\s?\d{1,5})(?![\w-]))\)?"
)
_YEARS: Final = re.compile(rf"{YEAR_DIGITS}\s?[-–]\s?(?:19|20)?\d\d")
_PROCEEDINGS: Final = re.compile(
    r"\b(?:Proc(?:eedings\b|\.)|Conf(?:erence\b|\.)|Symp(?:osium\b|\.)|Workshop|Congress|Meeting)"
)
_PROCEEDINGS_OF: Final = re.compile(r"^Proc(?:eedings|\.)\s(?:of\s(?:the\s)?)?")
_SERIES: Final = re.compile(
    r"[.,]\s[Vv]ol(?:ume|\.)\s(?P<volume>\d{1,5})(?:\sof\s(?P<name>[A-Z][^.,;]{3,100}))?[\s.,;]*$"
)
_PUBLISHER_AT_END: Final = re.compile(rf"\s(?P<alone>{PUBLISHER})[\s.,;]*$")


def part_of_book(line: Line) -> Fields | None:
    """A chapter or a paper of proceedings: title, “In”, editors, the book, who published it, pages in any order."""
    text, opening = _ONLINE.sub("", line.rest), line.opening
    if DESIGNATION.search(text) or ABSTRACT_NUMBER.search(text):
        return None
    for match in itertools.islice(_IN.finditer(text), 20):
        stop, after = match["stop"] or match["before"], text[match.end() :]
        sure = bool(match["colon"]) or (match["word"] == "In" and stop != ",") or stop[-1] in "”\"’'"
        if match.start() < 4 or (stop == "," and not re.search(_EDITORS, after)):
            continue
        place = find_place(after, dated=True)
        pages = read_pages(place["locator"]) if place else match["pages"] or ""
        fields, is_book = _book(after[: place.start()] if place else after, pages)
        if place:  # a part of a series: Hydrobiologia 562: 3-16
            fields["volume"], is_book = place["volume"], bool(fields.get("editors"))
        container = fields["container"]
        proceedings = _PROCEEDINGS.search(container)
        if not is_book and sure and not place:
            is_book = bool(proceedings or (fields.get("pages") and not journals.is_journal(container)))
        if not (container and is_book):
            continue
        year = opening.year or fields.pop("year")
        fields.pop("year", None)
        title = EDITION.sub("", text[: match.start()] + stop).strip(" ,.").strip('“”"‘’').strip(" ,.")
        if not (title and year):
            return None
        kind = "chapter" if fields.get("editors") or not proceedings else "article"
        where = fields.pop("place", "")
        if kind == "article":
            name = _PROCEEDINGS_OF.sub("", container)
            fields["meeting"] = Meeting(name=name, society=society_in(name), place=where)
        elif where:
            fields["publisher"] = f"{fields.get('publisher', '')}, {where}".strip(" ,")
        return Fields({"title": title, "issued": PartialDate(int(year)), **opening.fields, **fields, "type": kind})
    return None


def _book(text: str, pages: str) -> tuple[dict[str, Any], bool]:
    """The fields in the part of a citation that is about the book, and whether editors or a publisher confirm it.

    Among the fields are ``year`` and ``place``, which no record has.
    """
    fields: dict[str, Any] = {"pages": read_pages(pages)}
    editors, text = _editors(text)
    years = list(YEAR.finditer(text))
    fields["year"] = years[-1][0] if years else ""
    if not pages:
        for found in _PAGES.finditer(text):
            if not _YEARS.fullmatch(found["range"] or ""):
                fields["pages"] = read_pages(found["named"] or found["range"])
                text = f"{text[: found.start()]}; {text[found.end() :].lstrip(' ,.;')}"
                break
    if years:
        text = re.sub(rf"[\s(,;]{{0,3}}\b{fields['year']}\b[)\s,;:.]{{0,3}}(?!.*\b{fields['year']}\b)", "; ", text)
    text = _without_gaps(text)
    if series := _SERIES.search(text):
        fields["volume"], text = series["volume"], text[: series.start()]
    if imprint := IMPRINT.search(text):
        fields["publisher"] = (imprint["publisher"] or imprint["alone"]).strip()
        fields["place"] = (imprint["place"] or "").strip()
        text = text[: imprint.start()]
    elif (bare := _PUBLISHER_AT_END.search(text)) and editors:
        fields["publisher"], text = bare["alone"].strip(), text[: bare.start()]
    if _PROCEEDINGS.search(text):
        name, _, place = text.strip(" .,;").partition(",")
        if not re.search(r"\d", place) and is_proper(place):
            text, fields["place"] = name, place.strip(" .,;")
    fields["container"] = text.strip(" .,;:()")
    if series and series["name"]:
        fields["container"] += f" ({series['name'].strip()})"
    fields["editors"] = tuple(editors)
    known = {name: value for name, value in fields.items() if value or name in {"container", "year"}}
    return known, bool(editors or "publisher" in fields)


def _editors(text: str) -> tuple[list[Person], str]:
    """The editors of a book, and the text without them."""
    if after := _EDITORS_AFTER.search(text):
        front = text[: after.start()]
        if editors := people_of_list(front):
            return editors, text[after.end() :]  # Okafor C, editor. Handbook
        for cut in itertools.islice(re.finditer(r"[,;.]\s", front), 30):
            if editors := people_of_list(front[cut.end() :]):
                return editors, f"{front[: cut.start()]}. {text[after.end() :]}"  # Handbook, C. Okafor, ed.
    if (edited := _EDITED.search(text)) and (editors := people_of_list(edited["names"])):
        return editors, f"{text[: edited.start()]}. {text[edited.end() :].lstrip('),.; ')}"
    return [], text


def _without_gaps(text: str) -> str:
    """A text without its edition, and without the marks between parts that were taken out."""
    text = re.sub(r"\(\s?[;,]?\s?\)", "", text)
    text = re.sub(r"(?:\s?[;,.:(]){1,6}\s*$", "", EDITION.sub(". ", text)).strip()
    text = re.sub(r"\.\s?[.,;]\s{1,3}(?!$)", ". ", text)
    return " ".join(re.sub(r"(?:\s?[;,]\s?){2,}", "; ", text).split())
