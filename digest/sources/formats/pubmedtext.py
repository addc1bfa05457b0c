"""PubMed's display “Abstract (text)” becomes records: a citation without authors, then paragraphs.

People copy it into mails and save it as ``abstract-….txt``. Each record ends with its numbers, ``PMID`` the last of
them; the next begins with its count.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.names import is_group, read_author, sure_name
from digest.sources.page import each
from digest.sources.shared import markup, nlm
from digest.sources.shared.dates import read_date
from digest.sources.shared.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.sources.page import Outcome, Page

# “Pancreas. 2014 Nov-Dec;43(8):1350-5. doi: …”, “Gut. 2014 Oct 3:gutjnl-2014-1. doi: … Online ahead of print.”
_CITATION: Final = re.compile(
    r"(?P<journal>[^\W\d_][^;\n]{0,200}?)\.\s(?P<date>(?:19|20)\d\d(?:\s[A-Z][a-z]{2,9}(?:-[A-Z][a-z]{2,9})?)?(?:\s\d{1,2}(?:-\d{1,2})?)?)"
    r"(?:;\s?(?P<volume>[^:;().]{0,40}(?:\bSuppl\.?[^:;().]{0,20})?)(?:\((?P<issue>[^()]{1,60})\))?)?(?::\s?(?P<pages>[^;:]{1,60}?))?"
    r"(?:\.(?=\s|$)|$)(?P<after>.*)"
)
_COUNT: Final = re.compile(r"(?P<count>\d{1,5})[.:]\s+(?=\S)")
_NUMBER_LINE: Final = re.compile(r"(?P<name>DOI|PMCID|PMID|PII|ISBN):\s?(?P<number>\S.{0,300})")
_MARK: Final = re.compile(r"\((?P<mark>\d{1,3}|[a-z*†‡§¶#])\)")
_ADDRESS: Final = re.compile(r"\((?P<mark>\d{1,3}|[a-z*†‡§¶#])\)\s?(?P<place>.*)")
_LINKED: Final = re.compile(
    r"(?P<word>(?:Comment|Erratum|Retraction|Expression of concern|Update|(?:Corrected and )?republished)"
    r" (?:in|on|of|for|from)|Summary for patients in|Original report in)\b",
    re.IGNORECASE,
)
_LANGUAGE: Final = re.compile(r"\[Article in (?P<language>[A-Z][a-z]+)[^\]]{0,60}\]")
_RIGHTS: Final = re.compile(r"(?:Copyright\b|©|\(c\)\s|Published by\b)", re.IGNORECASE)
_AFTER_ABSTRACT: Final = re.compile(
    r"Conflict of interest statement\b|Collaborators?\b|Trial registration number\b", re.IGNORECASE
)
_LABELLED: Final = re.compile(r"[A-Z][A-Za-z &/,-]{2,60}:\s")


def is_pubmed(text: str) -> bool:
    """Whether a text is that display: a citation that begins with a journal, alone in its paragraph, and a PMID."""
    text = _plain(text)
    return bool(re.search(r"^PMID: ?\d", text, re.MULTILINE)) and _begin(text) >= 0


def _plain(text: str) -> str:
    return re.sub(r"\n[ \t]+(?=\n)", "\n", re.sub(r"\r\n?", "\n", text.lstrip("\ufeff")))


def _begin(text: str) -> int:
    """The place of the first citation, at the start or after a few lines of a mail; -1 where there is none."""
    at = 0
    for paragraph in text[:20_000].split("\n\n")[:8]:
        line = " ".join(_COUNT.sub("", paragraph.strip()[:1000], count=1).split())
        if _CITATION.match(line) and not sure_name(line.partition(",")[0]):
            return at
        if re.search(r"\b(?:19|20)\d\d\b.{0,20}[;:]", line):
            return -1  # a list of references, or anything else with dates
        at += len(paragraph) + 2
    return -1


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each citation with what is below it; a piece without a citation is an error with its whole text."""
    text = _plain(page.text)
    begin = max(_begin(text), 0)
    if before := " ".join(text[:begin].split()):
        yield page.problem("note", "no-reference", f"the text before the first citation was not read: “{before[:300]}”")
    line, text = 1 + text.count("\n", 0, begin), text[begin:]
    pieces: list[tuple[str, int]] = []
    for piece in _records(text):
        pieces.append((piece, line + piece[: len(piece) - len(piece.lstrip())].count("\n")))
        line += piece.count("\n")
    yield from each(page, pieces, lambda one: _record(page, *one), called="citation", line=lambda one: one[1])


def _records(text: str) -> Iterator[str]:
    """The text, cut where a count begins a citation after the numbers that end the record before it."""
    starts = [0]
    expected, ended = 2, 0
    for match in re.finditer(r"(?<=\n\n)(?P<count>\d{1,5})[.:] (?=\S)|^PMID: ?\d", text, re.MULTILINE):
        if match["count"] is None:
            ended = match.start()
            continue
        block = " ".join(text[match.end() : match.end() + 1000].partition("\n\n")[0].split())
        if _CITATION.match(block) and (ended > starts[-1] or int(match["count"]) == expected):
            starts.append(match.start())
            expected = int(match["count"]) + 1
    for n, start in enumerate(starts):
        yield text[start : starts[n + 1] if n + 1 < len(starts) else len(text)]


def _record(page: Page, piece: str, line: int) -> Outcome:
    paragraphs = [block.strip() for block in re.split(r"\n[ \t]*\n", piece) if block.strip()]
    numbers = {name: number for block in paragraphs for name, number in _numbers(block)}
    pmid = re.match(r"\d{1,9}", numbers.get("PMID", ""))
    name = f"PMID {pmid[0]}" if pmid else f"line {line}"
    draft = Draft(page, name, piece.strip().encode("utf-8", "replace"), pmid[0] if pmid else "")
    draft.line = line
    citation = " ".join(_COUNT.sub("", paragraphs[0], count=1).split())
    match = _CITATION.match(citation)
    if match is None:
        return draft.refuse("unread-citation", f"no citation was found in “{' '.join(piece.split())[:3000]}”")
    draft.container_short = match["journal"]
    draft.issued = read_date(match["date"])
    if online := re.search(r"\bEpub ((?:19|20)\d\d[\w ]{0,20})", match["after"]):
        draft.issued_online = read_date(online[1])
    nlm.set_part(draft, match["volume"] or "", match["issue"] or "")
    draft.pages = (match["pages"] or "").strip()
    if doi := numbers.get("DOI", "").split(" ")[0] or next(iter(re.findall(r"\bdoi:\s?(10\.\S+)", match["after"])), ""):
        draft.ids.append(f"doi:{doi.rstrip('.')}")
    draft.ids += [f"PMID:{pmid[0]}"] if pmid else []
    draft.ids += re.findall(r"PMC\d+", numbers.get("PMCID", ""))
    _below(draft, paragraphs[1:])
    return draft.finish()


def _numbers(block: str) -> list[tuple[str, str]]:
    """The numbers of a paragraph that holds nothing else."""
    found = [_NUMBER_LINE.fullmatch(line.strip()) for line in block.split("\n")]
    return [(match["name"], match["number"]) for match in found if match] if all(found) else []


def _below(draft: Draft, paragraphs: list[str]) -> None:
    """Title, authors, affiliations and the abstract, in the order in which PubMed prints them."""
    rest: list[tuple[str, bool]] = []
    ended = False  # whether the record's numbers come above
    for block in paragraphs:
        if found_numbers := _numbers(block):
            ended = ended or any(name == "PMID" for name, _ in found_numbers)
        else:
            rest.append((block, ended))
    abstract: list[str] = []
    people: list[tuple[str, list[str]]] = []
    places: dict[str, str] = {}
    for n, (block, is_after) in enumerate(rest):
        flat = " ".join(block.split())
        if n == 0:
            draft.title = markup.inline(flat)
        elif match := _LANGUAGE.fullmatch(flat):
            draft.language = match["language"]
        elif flat.startswith("Author information:"):
            places = _affiliations(block)
        elif not (people or abstract) and (found := _authors(flat)):
            people = found
        elif match := _LINKED.match(flat):
            nlm.set_status(draft, [match["word"]])
            draft.tell("note", "linked", f"left out: “{flat[:300]}”")
        elif _RIGHTS.match(flat) and len(flat) < 600:
            nlm.tell_copyright(draft, flat)
        elif _AFTER_ABSTRACT.match(flat) or is_after:
            draft.tell("note", "tail", f"left out after the abstract: “{flat[:300]}”")
        else:
            abstract.append(_unwrapped(block))
    for name, marks in people:
        found_places = [places[mark] for mark in marks if mark in places]
        if not found_places and list(places) == [""] and len(people) == 1:
            found_places = [places[""]]
        group = nlm.group(name) if is_group(name) or not sure_name(name) else read_author(name).person
        draft.add_author(group, found_places)
    for place in places.values():
        draft.affiliation(place)
    draft.parts = markup.abstract("\n\n".join(abstract)) if abstract else ()


def _authors(text: str) -> list[tuple[str, list[str]]]:
    """The names of a paragraph of authors, each with its marks; empty where it is prose."""
    found: list[tuple[str, list[str]]] = []
    sure = 0
    for piece in re.split(r"[,;]\s+", text.rstrip(". ")):
        marks = _MARK.findall(piece)
        name = _MARK.sub("", piece).strip()
        if not name or len(name) > 160:
            return []
        sure += bool(sure_name(name))
        found.append((name, marks))
    return found if 2 * sure > len(found) or (len(found) == 1 and is_group(found[0][0])) else []


def _affiliations(block: str) -> dict[str, str]:
    """The affiliations of “Author information:” by their marks; one without a mark under an empty one."""
    found: dict[str, str] = {}
    mark = ""
    for line in block.partition(":")[2].split("\n"):
        match = _ADDRESS.match(line.strip())
        mark = match["mark"] if match else mark
        if place := match["place"] if match else line.strip():
            found[mark] = f"{found[mark]} {place}" if mark in found else place
    return found


def _unwrapped(block: str) -> str:
    """A paragraph whose lines are kept apart only where a label begins one."""
    out = ""
    for line in block.split("\n"):
        mark = "" if not out else "\n" if _LABELLED.match(line.strip()) else " "
        out += mark + line.strip()
    return out
