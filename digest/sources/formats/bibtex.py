"""BibTeX and BibLaTeX become records: entries with their strings, cross-references and LaTeX; broken ones are problems.

The file is cut by `digest.sources.formats.bibtexentries`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol, get_args

from digest import remainder
from digest.cite.reading import Remark, read_remark
from digest.cite.societies import journal_of, society_in
from digest.model import AbstractPart, Meeting, Person, RecordType
from digest.names import person, read_author
from digest.sources.formats import bibtexentries
from digest.sources.page import each
from digest.sources.shared import markup
from digest.sources.shared.dates import date_of, read_date
from digest.sources.shared.draft import Draft
from digest.sources.shared.fields import without_count
from digest.sources.shared.latex import Decoder
from digest.sources.shared.restoring import restored
from digest.text import RichText, without_control
from digest.vocabulary import means_others

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.model import PartialDate
    from digest.sources.page import Outcome, Page


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each entry of a page, or an error for it, in their order."""
    yield from page.text_problems
    text = page.text
    scanner = bibtexentries.EntryScanner(text)
    entries = list(scanner.entries())
    lines = bibtexentries.LineNumbers(text)
    by_key = bibtexentries.by_key(entries)
    for at, code, message in scanner.oddities:
        yield page.problem("warning", code, message, line=lines.at(at))
    for at, kind in bibtexentries.not_opened(text, entries):
        message = f"no brace opens the entry after “@{kind}”; expected “@{kind}{{key,”"
        yield page.problem("error", "broken-entry", message, line=lines.at(at))
    seen: set[str] = set()

    def outcome_of(numbered: tuple[int, bibtexentries.BibEntry]) -> Outcome:
        number, entry = numbered
        line = lines.at(entry.start)
        place = entry.key[:200] or f"entry {number}"
        if entry.broken:
            return page.problem("error", "broken-entry", entry.broken, line=line, place=place)
        if entry.kind in {"xdata", "set"}:
            message = f"@{entry.kind} does not describe a publication"
            return page.problem("note", "no-record", message, line=line, place=place)
        draft = Draft(page, place, text[entry.start : entry.end].encode(), entry.key)
        draft.line = line
        if entry.key and entry.key in seen:
            draft.tell("warning", "duplicate-key", f"the key “{entry.key}” appears twice; both entries were read")
        seen.add(entry.key)
        for code, message in entry.oddities:
            draft.tell("warning", code, message)
        fields, missing = bibtexentries.inherited(entry, by_key)
        for key in missing:
            draft.tell("warning", "no-such-entry", f"the entry refers to “{key[:80]}”, which is not in this file")
        _fill(draft, entry.kind, fields)
        outcome: Outcome = draft.finish()
        if rest := fields.get(remainder.MARK):
            outcome = restored(outcome, remainder.parsed(rest), page)
        return outcome

    yield from each(page, enumerate(entries, 1), outcome_of, called="entry", line=lambda one: lines.at(one[1].start))


# --- Fields become a record ------------------------------------------------------------------------------------------

_TYPES: Final[Mapping[str, RecordType | None]] = {
    "article": "article",
    "suppperiodical": "article",
    "review": "article",
    "inproceedings": None,
    "conference": None,
    "incollection": "chapter",
    "inbook": "chapter",
    "suppbook": "chapter",
    "suppcollection": "chapter",
    "inreference": "chapter",
    "bookinbook": "chapter",
    "book": "book",
    "mvbook": "book",
    "collection": "book",
    "mvcollection": "book",
    "proceedings": "book",
    "mvproceedings": "book",
    "reference": "book",
    "booklet": "book",
    "manual": "report",
    "report": "report",
    "techreport": "report",
    "thesis": "thesis",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "online": "web",
    "electronic": "web",
    "www": "web",
    "webpage": "web",
    "dataset": "dataset",
    "data": "dataset",
    "preprint": "preprint",
    "misc": "other",
    "software": "other",
    "unpublished": "other",
}
_SUBTYPES: Final[tuple[RecordType, ...]] = get_args(RecordType)
_LANGUAGES: Final = {
    "american": "en-US",
    "usenglish": "en-US",
    "british": "en-GB",
    "ukenglish": "en-GB",
    "canadian": "en-CA",
    "australian": "en-AU",
    "ngerman": "de",
    "nswissgerman": "de-CH",
    "naustrian": "de-AT",
    "austrian": "de-AT",
    "brazilian": "pt-BR",
    "brazil": "pt-BR",
    "portuges": "pt",
    "francais": "fr",
    "acadian": "fr",
    "canadien": "fr-CA",
    "polutonikogreek": "el",
    "ngermanb": "de",
    "germanb": "de",
}
_ABSTRACT_NOTE: Final = re.compile(
    r"\W{0,3}(?:(?:meeting |conference )?abstr(?:act)?s?)\b\.?\s?(?:(?:no|nr|number)\b\.?)?\s?[:#]?\s?"
    r"(?P<number>[A-Za-z]{0,5}[- ]?\d[\w.-]{0,12})?\W{0,3}",
    re.IGNORECASE,
)
_IDS_IN_NOTE: Final = re.compile(r"\b(?:PMID|PMCID)\s?:\s?(?:PMC)?\d{1,9}\b|\bNCT\d{8}\b", re.IGNORECASE)
_MARKUP: Final = re.compile(
    r"</?(?:i|b|em|strong|sub|sup|sc|scp|p|br|span|div|italic|bold|inf|jats:[a-z-]+)\b[^<>]{0,200}>"
    r"|&(?:amp|lt|gt|quot|nbsp|#\d{1,6}|#x[\da-f]{1,5});",
    re.IGNORECASE,
)
_PARAGRAPH: Final = re.compile(r"\n[ \t\r]*\n|\\par(?![A-Za-z])|\\\\[ \t\r]*\n?")
_PART: Final = re.compile(r"\\paragraph\{")


class FieldText(Protocol):
    """Gives the plain text of the first of these fields that has one; empty where none has."""

    def __call__(self, *names: str) -> str:
        """The text of the first of these fields."""
        ...


def _fill(draft: Draft, kind: str, fields: Mapping[str, str]) -> None:
    """Fill a draft with what the fields say."""
    latex = Decoder()

    def text(*names: str) -> str:
        for name in names:
            if value := fields.get(name):
                plain = latex.plain(value)
                if plain := markup.plain(plain) if _MARKUP.search(plain) else plain:
                    return plain
        return ""

    draft.title = _title(latex, fields, "title", "subtitle")
    _add_people(draft, latex, fields)
    _fill_place(draft, kind, text, _title(latex, fields, "booktitle", "booksubtitle"))
    draft.type = _record_type(draft, kind, text)
    draft.publisher = text("publisher", "school", "institution", "organization")
    draft.issued = _issue_date(text)
    draft.parts = _abstract_parts(latex, fields.get("abstract", ""))
    _add_identifiers(draft, fields, text)
    draft.keywords += _keywords(fields.get("keywords", "") or fields.get("keyword", ""), latex)
    language = text("langid", "language", "hyphenation")
    draft.language = _LANGUAGES.get(language.lower(), language)
    for name in ("affiliation", "affiliations"):
        for piece in _outside_braces(fields.get(name, ""), ";"):
            draft.affiliation(latex.rich(piece))
    draft.tell_unread((name, text(name)) for name in fields if not _READ.fullmatch(name))
    if not draft.issued and (year := text("year", "date")):
        draft.tell("note", "odd-date", f"“{year[:60]}” is not a year; it was left out")
    if latex.unknown:
        names = ", ".join(f"\\{name[:30]}" for name in sorted(latex.unknown)[:10])
        draft.tell("note", "latex", f"unknown commands, of which only the arguments were kept: {names}")


# Fields that become people, dates, texts and identifiers, and fields that only reference managers need.
_READ: Final = re.compile(
    r"(?:author|editor|title|subtitle|book(?:sub)?title|journal\w{0,20}|shortjournal|fjournal|year|month|day|date|abstract|"
    r"keywords?|doi|pmid|pubmed-?id|pubmed|pmcid|pmc|isbn|nct|trials|nbk|url|ee|eprint\w{0,10}|archiveprefix|primaryclass|langid|"
    r"language|hyphenation|affiliations?|crossref|xdata|xref|ids|key|file|urldate|owner|timestamp|groups?|short\w{0,20}|sort\w{0,20}|"
    r"label\w{0,20}|date-\w{0,20}|mendeley-\w{0,30}|bdsk-\w{0,20}|entrysubtype|options|related\w{0,20}|unique-id|"
    r"event\w{0,20}|venue|conference|(?:bib|ads)\w{0,20}|__\w{1,30}|digest-?remainder)",
    re.IGNORECASE,
)


def _title(latex: Decoder, fields: Mapping[str, str], title: str, subtitle: str) -> RichText:
    """A title with its subtitle."""
    first, second = (_rich(latex, fields.get(name, "")) for name in (title, subtitle))
    if not (first and second):
        return first or second
    mark = " " if first.plain[-1] in ".:?!–—" else ": "
    return RichText.of((*first.nodes, mark, *second.nodes))


def _rich(latex: Decoder, value: str) -> RichText:
    rich = latex.rich(value)
    # Publishers' exports keep their HTML, some with its signs as commands: {\textless}i{\textgreater}.
    if _MARKUP.search(rich.plain):
        source = rich.source.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        return markup.inline(source)
    return rich


# ASCO's pages have the number as a paragraph before the abstract; Mendeley and others run it into the first label.
_GLUED_NUMBER: Final = re.compile(r"^\s*#?((?:e|TPS|LBA|CRA)?\d{2,6})(?=[A-Z][a-z]{4,12}(?: and [A-Z]?[a-z]+)?:\s)")


def _abstract_parts(latex: Decoder, value: str) -> tuple[AbstractPart, ...]:
    if not value.strip():
        return ()
    if _PART.match(value.lstrip()):
        return tuple(_labelled(latex, value.strip()))
    value = _GLUED_NUMBER.sub(r"\1\n\n", value, count=1)
    pieces = [latex.rich(piece) for piece in _PARAGRAPH.split(value)]
    if any(_MARKUP.search(piece.plain) for piece in pieces):
        source = "\n\n".join(piece.source for piece in pieces)
        return markup.abstract(source.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    return markup.parts([markup.TextBlock(text=piece) for piece in pieces if piece])


def _labelled(latex: Decoder, value: str) -> Iterator[AbstractPart]:
    """The parts of an abstract whose labels are headings of LaTeX, as in our own files."""
    for piece in _PART.split(value)[1:]:
        end = _group_end(piece, 0)
        label, rest = latex.plain(piece[:end]), latex.rich(piece[end + 1 :])
        if rest:
            yield AbstractPart(label=label or None, text=rest)
        elif label:
            yield AbstractPart(text=RichText.of((label,)))


def _group_end(text: str, start: int) -> int:
    depth = 1
    for match in bibtexentries.BRACE.finditer(text, start):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.start()
    return len(text)


# --- People ----------------------------------------------------------------------------------------------------------

_AND: Final = re.compile(r"[{}]|\s+and(?=\s)", re.IGNORECASE)
_EXTENDED: Final = re.compile(r"\s*(?:family|given|prefix|suffix|id|useprefix)(?:-i)?\s*=", re.IGNORECASE)


def _add_people(draft: Draft, latex: Decoder, fields: Mapping[str, str]) -> None:
    for field, as_editor in (("author", False), ("editor", True)):
        for name in _names(fields.get(field, "")):
            if means_others(name):
                draft.truncated = draft.truncated or not as_editor
                continue
            try:
                found = read_name(name, latex)
            except ValueError:
                found = None
            if found:
                draft.add_author(found, as_editor=as_editor)
            else:
                # Not separated by "and": "Smith, J., Doe, A." or "Smith J; Doe A".
                draft.add_people(latex.plain(name), as_editor=as_editor)


def _names(value: str) -> Iterator[str]:
    """The names in a list, which is cut at each ``and`` outside braces."""
    depth = start = 0
    for match in _AND.finditer(value):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth = max(0, depth - 1)
        elif depth == 0:
            if name := value[start : match.start()].strip():
                yield name
            start = match.end()
    if name := value[start:].strip():
        yield re.sub(r"^and\s", "", name, flags=re.IGNORECASE)


def _outside_braces(value: str, sign: str) -> list[str]:
    """The pieces of a text between the signs that are outside braces, stripped."""
    if "{" not in value and "}" not in value:
        return [piece for found in value.split(sign) if (piece := found.strip())]
    pieces, depth, start = [], 0, 0
    for match in re.finditer(rf"[{{}}{re.escape(sign)}]", value):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth = max(0, depth - 1)
        elif depth == 0:
            pieces.append(value[start : match.start()].strip())
            start = match.end()
    pieces.append(value[start:].strip())
    return [piece for piece in pieces if piece]


def _keywords(value: str, latex: Decoder) -> list[str]:
    pieces = _outside_braces(value, ";")
    if len(pieces) == 1:
        pieces = _outside_braces(value, ",")
    return [word for piece in pieces if (word := latex.plain(piece))]


def read_name(text: str, latex: Decoder) -> Person | None:
    """The person or group that a text names; None where it seems to name several.

    Raises:
        ValueError: the text holds no name.
    """
    if _is_group(text):
        return Person(literal=_name_text(latex, text))
    text = without_count(text)
    if _EXTENDED.match(text):
        return _extended(text, latex)
    pieces = _outside_braces(text, ",")
    if len(pieces) > 3 or (len(pieces) == 3 and not _is_suffix(latex.plain(pieces[1])) and ";" in text):
        return None
    if ";" in latex.plain(text):
        return None
    if len(pieces) == 3:
        family, suffix, given = pieces
        if not _is_suffix(latex.plain(suffix)) and _is_suffix(latex.plain(given)):
            suffix, given = given, suffix
        return _person(family, latex.plain(given), latex.plain(suffix), latex)
    if len(pieces) == 2 and all(_WHOLE_NAME.fullmatch(latex.plain(piece)) for piece in pieces):
        return None  # “Quill A. Aldred, Ina B. Bremer” are two: no family name has an initial between its words
    if len(pieces) == 2:
        return _person(pieces[0], latex.plain(pieces[1]), "", latex)
    if match := re.fullmatch(r"(.{1,200}?)\s+(\{[^{}]*\s[^{}]*\})", text, re.DOTALL):  # Jean {de la Fontaine}
        return _person(match[2], latex.plain(match[1]), "", latex)
    return read_author(without_control(_name_text(latex, text))).person


_WHOLE_NAME: Final = re.compile(r"[^\W\d_][^\W\d_]+ (?:[A-Z]\.[ -]?){1,3}[^\W\d_][\w'’-]+")


def _name_text(latex: Decoder, text: str) -> str:
    """The characters of a name, without the character references of publishers' exports."""
    plain = latex.plain(text)
    return markup.plain(plain) if _MARKUP.search(plain) else plain


def _person(family: str, given: str, suffix: str, latex: Decoder) -> Person:
    shown, given, suffix = (without_control(part) for part in (_name_text(latex, family), given, suffix))
    made = person(shown, given, suffix)
    if _is_group(family) and made.particle:  # in braces it is one name
        return Person(family=shown, given=made.given, initials=made.initials, suffix=made.suffix)
    return made


def _is_suffix(text: str) -> bool:
    return bool(re.fullmatch(r"(?:Jr|Sr|Jnr|Snr)\.?|I{2,3}|IV|V|[2-4](?:nd|rd|th)", text, re.IGNORECASE))


def _is_group(text: str) -> bool:
    """Whether the whole text is one group in braces."""
    return text.startswith("{") and _group_end(text, 1) == len(text) - 1


def _extended(text: str, latex: Decoder) -> Person:
    """Biblatex's extended form: ``family=Heide, given=Jan, prefix=van der``."""
    found: dict[str, str] = {}
    for piece in _outside_braces(text, ","):
        name, _, value = piece.partition("=")
        found[name.strip().lower()] = without_control(latex.plain(value.strip().strip('"')))
    given = found.get("given", "")
    return Person(
        family=found.get("family", ""),
        given=given,
        initials="" if given else "".join(filter(str.isalpha, found.get("given-i", ""))),
        particle=found.get("prefix", ""),
        suffix=found.get("suffix", ""),
    )


# --- Place, time and identifiers -------------------------------------------------------------------------------------


def _fill_place(draft: Draft, kind: str, text: FieldText, booktitle: RichText) -> None:
    journal = text("journaltitle", "journal", "fjournal")
    if (subtitle := text("journalsubtitle")) and journal:
        journal = f"{journal}: {subtitle}"
    draft.container = journal or booktitle.plain or (text("maintitle") if kind.startswith("in") else "")
    draft.container_short = text("shortjournal", "journalabbr", "journal-iso", "journal_abbrev")
    draft.volume = text("volume")
    draft.supplement = text("supplement")
    draft.pages = text("pages", "page").replace("--", "-")
    draft.article_number = text("eid", "article-number", "articleno", "article_number")
    draft.number = text("abstractnumber", "abstract-number")
    issue, number = text("issue"), text("number")
    in_journal = journal or re.search(r"suppl", number, re.IGNORECASE) or (draft.volume and journal_of(draft.container))
    if kind in {"article", "suppperiodical", "review", "misc"} or in_journal:
        # In BibTeX the number of an article is its issue; in biblatex the issue is a name, such as Spring.
        draft.issue = number or issue
        if number and issue and issue != number:
            if re.match(r"\d|suppl", issue, re.IGNORECASE):
                draft.issue = issue
                draft.number = draft.number or number
            else:
                draft.tell(
                    "note",
                    "issue",
                    f"next to the number {number} there is the issue “{issue[:80]}”; it was left out",
                )
    else:
        draft.issue = issue
        if number and not text("series") and kind in {"inproceedings", "conference"}:
            draft.number = draft.number or number
    for name in ("note", "howpublished", "addendum", "annote", "pubstate", "titleaddon"):
        note = text(name)
        if not note or len(note) > 500:
            continue
        if match := _ABSTRACT_NOTE.fullmatch(note):
            draft.type = "meeting-abstract"
            draft.number = draft.number or match["number"] or ""
        elif (remark := read_remark(note)) != Remark():
            draft.number, draft.meeting = draft.number or remark.number, draft.meeting or remark.meeting
            draft.presentation = draft.presentation or remark.presentation
            draft.type = "meeting-abstract"
        draft.ids += _IDS_IN_NOTE.findall(note)
    if name := text("eventtitle", "conference", "eventname"):
        society = text("eventsociety") or society_in(name)
        dates = [date for part in text("eventdate").split("/")[:2] if (date := read_date(part))]
        place = text("venue", "eventplace")
        try:
            draft.meeting = Meeting(
                name=name,
                society=society,
                place=place,
                start=dates[0] if dates else None,
                end=dates[-1] if len(dates) > 1 else None,
            )
        except ValueError as error:
            draft.tell("warning", "odd-date", f"the dates of the meeting were left out: {error}")
            draft.meeting = Meeting(name=name, society=society, place=place)


def _record_type(draft: Draft, kind: str, text: FieldText) -> RecordType | None:
    subtype = text("entrysubtype")
    for known in _SUBTYPES:
        if subtype == known:
            return known
    if draft.type:
        return draft.type
    if re.fullmatch(r"(?:meeting|conference|congress) abstract", text("type"), re.IGNORECASE):  # Web of Science
        return "meeting-abstract"
    if kind in {"inproceedings", "conference"}:
        # A paper of several pages is not an abstract; one of a page or two is.
        match = re.search(r"(\d+)\s?[-–—]+\s?(\d+)", draft.pages)
        is_long = match is not None and 2 < int(match[2][:9]) - int(match[1][:9]) < 1000
        return "chapter" if is_long and not draft.number else "meeting-abstract"
    found = _TYPES.get(kind, "other")
    if found == "other" and (text("eprint") or "arxiv" in text("howpublished", "publisher", "url").lower()):
        return "preprint"
    if found == "other" and kind == "misc" and text("url", "howpublished").startswith("http"):
        return "web"
    return found


def _issue_date(text: FieldText) -> PartialDate | None:
    date = text("date")
    if found := read_date(date.partition("/")[0]):
        return found
    year = re.search(r"\d{4}", text("year") or date)
    if not year:
        return None
    month = text("month")
    name = re.search(r"[A-Za-z]{3,}", month)
    numbers = re.findall(r"\d{1,2}", month)
    if name:
        return date_of(year[0], name[0], text("day") or (numbers[0] if numbers else None))
    return date_of(year[0], numbers[0] if numbers else None, text("day"))


_LABELS: Final = {
    "doi": "doi:",
    "pmid": "PMID:",
    "pubmedid": "PMID:",
    "pubmed-id": "PMID:",
    "pubmed": "PMID:",
    "pmcid": "PMCID:",
    "pmc": "PMCID:",
    "isbn": "ISBN ",
    "nct": "",
    "trials": "",
    "nbk": "NBK:",
}


def _add_identifiers(draft: Draft, fields: Mapping[str, str], text: FieldText) -> None:
    for name, label in _LABELS.items():
        value = _address(fields[name]) if name in fields and name == "doi" else text(name)
        if not value:
            continue
        pieces = re.split(r"[\s,;]+", value) if name != "isbn" else re.split(r"[,;]\s*|\s+(?=97[89])", value)
        for piece in pieces[:20]:
            bare = re.sub(r"\s*\(.{0,40}\)$", "", piece).removeprefix("doi:").strip()
            if bare:
                draft.ids.append(bare if bare.startswith("http") or not label else label + bare)
    for name in ("issn", "eissn", "pissn", "issn-l"):
        draft.issn += [piece for piece in re.split(r"[,;/]\s*|\s+", text(name)) if piece]
    for name in ("url", "howpublished", "ee", "bdsk-url-1"):
        if found := re.findall(r"https?://[^\s{}<>\"]{1,2000}", _address(fields.get(name, ""))):
            draft.ids += [address.rstrip(";,|") for address in found[:9]]
            break
    eprint, kind = text("eprint"), text("eprinttype", "archiveprefix").lower()
    if eprint:
        if kind in {"pubmed", "pmid", "medline"}:
            draft.ids.append(f"PMID:{eprint}")
        elif kind in {"pmc", "pmcid", "pubmedcentral"}:
            draft.ids.append(f"PMCID:{eprint}")
        elif kind == "doi":
            draft.ids.append(f"doi:{eprint}")
        elif kind in {"arxiv", ""} and re.fullmatch(
            r"(?:arxiv:)?[\w.-]{4,20}(?:/\d{7})?(?:v\d+)?", eprint, re.IGNORECASE
        ):
            number = re.sub(r"^arxiv:", "", eprint, flags=re.IGNORECASE)
            draft.ids.append(f"https://arxiv.org/abs/{number}")
        elif kind == "hdl":
            draft.ids.append(f"https://hdl.handle.net/{eprint}")
        elif kind == "jstor":
            draft.ids.append(f"https://www.jstor.org/stable/{eprint}")


def _address(value: str) -> str:
    """An address or DOI as it is: a tilde in it is a tilde, and only what BibTeX requires is escaped."""
    value = re.sub(r"\\(?:url|path|nolinkurl|href)\s*(?=\{)", "", value.strip())
    value = re.sub(r"\\textasciitilde(?:\{\})?|\\~\{\}|\{?\\(?:sim|textasciitilde)\}?|\$\\sim\$", "~", value)
    value = value.replace(r"\textunderscore", "_").replace("{\\_}", "_")
    return re.sub(r"\\([_%&#$~{}])", r"\1", value).replace("{", "").replace("}", "").strip()
