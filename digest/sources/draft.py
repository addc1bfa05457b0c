"""The desk between formats and records: a parser fills a `Draft` with what its format says and gets a `Parsed` back.

What is the same for every format is done here once: identifiers in their canonical spelling, pages and supplements,
abstract numbers that hide in titles, copyright lines behind abstracts, abbreviations of journals, the record's id.
"""

from __future__ import annotations

import functools
import hashlib
import html
import re
from typing import TYPE_CHECKING, Final

from msgspec import structs

from digest import journals
from digest.cite.societies import journal_of, told_by_doi, with_doi
from digest.cite.tokens import Part, read_identifier, read_pages
from digest.merge import record_id
from digest.model import (
    MONTHS,
    AbstractPart,
    Ids,
    InconsistentError,
    Meeting,
    Origin,
    PartialDate,
    Person,
    Record,
)
from digest.names import read_author, read_people
from digest.sources import markup
from digest.sources.page import Parsed, decode
from digest.text import RichText, repaired, without_control

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from digest.errors import Level, Problem
    from digest.model import Permission, Presentation, RecordType, Status
    from digest.sources.page import Page


class Draft:
    """One record in the making. A parser sets what its format says, as it says it; `finish` reads and checks it.

    Attributes:
        page: the page that it is on.
        place: which record on the page this is, as messages name it: ``item 3``, ``PMID 24857584``.
        raw: the bytes that it is read from.
        identifier: the name under which its source knows it.
        type: what kind of publication the format says it is; nothing where it does not say.
        title: title.
        number: the society's abstract number, where the format has a place for it.
        authors: people in order; see `add_author` and `add_people`.
        truncated: whether the source's own list ends in “et al.”.
        affiliations: affiliations in the order in which marks count them.
        editors: editors of the container.
        container, container_short, volume, issue, supplement, pages, publisher: as the format says.
        article_number: what a journal without pages counts its articles by; printed where pages are.
        issn: ISSNs in order of preference, as the format says.
        issued: date of publication, see `read_date`.
        meeting: the meeting.
        ids: identifiers in any spelling, with a label where the number alone does not tell (``PMID:24857584``).
        parts: the abstract.
        keywords: keywords.
        track: track or session.
        language: language, a tag, a name or a code of three letters.
        licence: licence under which the source gives the text, an address or a sentence.
        presentation: how it was presented.
        permission: what the source allows, where it says.
        status: whether it was corrected or withdrawn.
        embargo_until: day before which it may not be published.
    """

    def __init__(self, page: Page, place: str, raw: bytes, identifier: str = "") -> None:
        self.page, self.place, self.raw, self.identifier = page, place, raw, identifier
        self.line: int | None = None
        self.type: RecordType | None = None
        self.title = RichText()
        self.number = ""
        self.authors: list[Person] = []
        self.truncated = False
        self.affiliations: list[RichText] = []
        self._marks: dict[RichText, int] = {}
        self.editors: list[Person] = []
        self.container = self.container_short = self.volume = self.issue = self.supplement = self.pages = ""
        self.article_number = self.publisher = ""
        self.issn: list[str] = []
        self.issued: PartialDate | None = None
        self.meeting: Meeting | None = None
        self.ids: list[str] = []
        self.parts: tuple[AbstractPart, ...] = ()
        self.keywords: list[str] = []
        self.track = self.language = self.licence = ""
        self.presentation: Presentation | None = None
        self.permission: Permission | None = None
        self.status: Status = "final"
        self.embargo_until: PartialDate | None = None
        self.problems: list[Problem] = []

    @property
    def _family_first(self) -> bool:
        return bool(self.page.told and self.page.told.family_first)

    def tell(self, level: Level, code: str, message: str) -> None:
        """Keeps a problem with this record."""
        self.problems.append(self.page.problem(level, code, message, line=self.line, place=self.place))

    def tell_unread(self, fields: Iterable[tuple[str, str]]) -> None:
        """Tells in one note which fields were not read: those with a word that the record does not hold."""
        held: set[str] = set()
        flat = ""
        left: list[str] = []
        for name, value in fields:
            pieces = _WORD.findall(value[:2000].casefold())
            words = set(pieces) - _SAYING_NOTHING
            if words and not held:
                texts = (
                    self.container,
                    self.container_short,
                    self.volume,
                    self.issue,
                    self.supplement,
                    self.pages,
                    self.article_number,
                    self.publisher,
                    self.number,
                    self.track,
                    self.language,
                    self.licence,
                    self.title.plain,
                    str(self.meeting or ""),
                    " ".join(self.issn[:1]),
                    *self.ids,
                    *self.keywords,
                )
                known = _WORD.findall(" ".join(texts).casefold())
                held, flat = {"", *known}, "".join(known)
            if not (words <= held or "".join(pieces) in flat):
                left.append(f"{name} “{' '.join(value[:200].split())[:60]}”")
        if left:
            more = f"; and {len(left) - 12} more" if len(left) > 12 else ""
            self.tell("note", "not-read", f"fields that were not read: {'; '.join(left[:12])}{more}")

    def refuse(self, code: str, message: str) -> Problem:
        """The problem that stands for this record where it cannot be one."""
        return self.page.problem("error", code, message, line=self.line, place=self.place)

    # --- People ------------------------------------------------------------------------------------------------------

    def add_author(
        self,
        name: str | Person,
        affiliations: Iterable[str | RichText] = (),
        *,
        family_first: bool = False,
        orcid: str = "",
        as_editor: bool = False,
    ) -> None:
        """Adds a person, given or as printed, with affiliations; a name that is none is told.

        Args:
            name: the person, or one name in any usual form.
            affiliations: texts of affiliations; equal ones are kept once.
            family_first: whether a printed name is in East Asian order.
            orcid: ORCID iD in any spelling.
            as_editor: whether it is an editor of the container.
        """
        if not isinstance(name, Person):
            try:
                name = read_author(without_control(name), family_first=family_first or self._family_first).person
            except ValueError as error:
                self.tell("warning", "odd-name", f"an author was left out: {error}")
                return
        if name.given and (match := _ET_AL.search(name.given)):  # "Born, L. et al."
            self.truncated = self.truncated or not as_editor
            name = structs.replace(name, given=name.given[: match.start()])
        marks = sorted({*name.affiliations, *(mark for text in affiliations if (mark := self.affiliation(text)))})
        found = _ORCID.search(orcid) if orcid else None
        if orcid and not found:
            self.tell("note", "odd-identifier", f"“{orcid[:60]}” is no ORCID iD; it was left out")
        if marks or found:
            name = structs.replace(
                name, affiliations=tuple(marks), orcid="-".join(found.groups()).upper() if found else name.orcid
            )
        (self.editors if as_editor else self.authors).append(name)

    def add_people(self, text: str, *, family_first: bool = False, as_editor: bool = False) -> None:
        """Adds all people of a printed list, such as ``Kaur, M., Shukla, A.`` or ``Jaan H. Pu; Manish Pandey``."""
        text = without_control(markup.plain(text) if "<" in text or "&" in text else text)
        try:
            people, truncated = read_people(text, family_first=family_first or self._family_first)
        except ValueError as error:
            self.tell("warning", "odd-name", f"the list of authors “{text[:80]}” could not be read: {error}")
            return
        self.truncated = self.truncated or (truncated and not as_editor)
        for author in people:
            self.add_author(author.person, as_editor=as_editor)

    def affiliation(self, text: str | RichText) -> int | None:
        """The number of an affiliation, which is added where it is new; nothing for an empty one."""
        rich = _affiliation(text) if isinstance(text, str) and len(text) < 1000 else _bare_affiliation(text)
        if not rich:
            return None
        if len(self._marks) != len(self.affiliations):
            self._marks = {known: n for n, known in reversed(list(enumerate(self.affiliations, 1)))}
        if rich not in self._marks:
            self.affiliations.append(rich)
            self._marks[rich] = len(self.affiliations)
        return self._marks[rich]

    # --- Finishing ---------------------------------------------------------------------------------------------------

    def finish(self) -> Parsed | Problem:
        """The record with its problems, or the problem that there is none: nothing in it names it."""
        self._fill()
        for name in ("container", "container_short", "volume", "issue", "supplement", "pages", "article_number",
                     "publisher", "number", "track"):  # fmt: skip
            setattr(self, name, self._text(getattr(self, name)))
        ids, issn = self._identifiers()
        known = told_by_doi(ids.doi or "")
        title, number, in_title = self._title_and_number()
        if not title.plain.strip():  # "<i> </i>" is none either
            if not (self.authors or self.container or ids != Ids() or self.parts):
                return self.refuse("no-title", "there is neither a title nor anything else to know a record by")
            title = RichText.of((f"[Abstract {number}]" if number else "[Untitled]",))
            self.tell("warning", "no-title", f"the record has no title; it is called {title.plain}")
        kind = self.type or ("meeting-abstract" if known or in_title else "article")
        if kind == "article" and (known or in_title):
            kind = "meeting-abstract"
        if kind in {"article", "report", "web", "other"} and _PREPRINTS.fullmatch(
            self.container or self.container_short or self.publisher
        ):
            kind = "preprint"
        if kind in {"article", "other"} and self.meeting and number:
            kind = "meeting-abstract"
        volume, issue, supplement = self.volume, *self._part()
        pages = self._pages()
        if kind == "meeting-abstract" and not number:
            number = self._number_of_page(pages, ids.doi or "")
        parts, ids = self._abstract(ids)
        number = number or (self.number if kind == "meeting-abstract" else "")
        container, short = self.container, self.container_short
        if kind != "chapter" or short:  # a book's title is not a journal's: “The Pancreas”
            container, short = journal_names(container, short)
        permission = self.permission or ("full" if _FREE.search(self.licence) else "quote")
        try:
            record = Record(
                title=title,
                type=kind,
                authors=tuple(self.authors),
                authors_truncated=self.truncated,
                affiliations=tuple(self.affiliations),
                container=container,
                container_short=short,
                issn=issn,
                volume=volume,
                issue=issue,
                supplement=supplement,
                pages=pages,
                number=number.lstrip("#"),
                issued=self.issued,
                meeting=self.meeting,
                presentation=self.presentation,
                ids=ids,
                abstract=parts,
                keywords=self._keywords(),
                track=self.track,
                language=language_tag(self.language),
                publisher=self.publisher,
                editors=tuple(self.editors),
                permission=permission,
                embargo_until=self.embargo_until,
                status=self.status,
                origin=Origin(
                    source=self.page.source,
                    format=self.page.format,
                    where=self.page.where,
                    retrieved=self.page.retrieved,
                    sha256=hashlib.sha256(self.raw).hexdigest(),
                ),
            )
        except (InconsistentError, ValueError) as error:
            return self.refuse("inconsistent", f"the record contradicts itself: {error}")
        if record.type == "meeting-abstract":
            try:
                record = with_doi(record)
            except ValueError as error:
                self.tell("warning", "odd-identifier", f"the DOI tells what cannot be: {error}")
        record = structs.replace(record, id=record_id(record))
        return Parsed(record=record, raw=self.raw, identifier=self.identifier, problems=tuple(self.problems))

    def _fill(self) -> None:
        """Puts what ``digest.yaml`` tells of the source where the record itself tells nothing."""
        if told := self.page.told:
            self.meeting = self.meeting or told.meeting
            self.permission = self.permission or told.permission
            self.container = self.container or (told.container if not self.container_short else "")
            self.issued = self.issued or told.issued or (told.meeting.start if told.meeting else None)
            self.track = self.track or told.track
            self.language = self.language or told.language or ""

    def _text(self, text: str) -> str:
        if not text:
            return ""
        clean = " ".join(without_control(text).split())
        return html.unescape(clean) if "&" in clean else clean

    def _identifiers(self) -> tuple[Ids, str | None]:
        found: dict[str, str] = {}
        nct: list[str] = []
        issn: list[str] = []
        for text in dict.fromkeys((*self.ids, *(f"ISSN {text}" for text in self.issn))):
            bare = _MEDIUM.sub("", text).strip() if "(" in text else text.strip()
            bare = _ISSN_TWICE.sub("ISSN ", bare)
            if not bare or len(bare) > 2000:
                continue
            try:
                kind, value = read_identifier(without_control(bare))
            except ValueError as error:
                self.tell("note", "odd-identifier", f"{error}; it was left out")
                continue
            if kind == "nct":
                nct.append(value)
            elif kind == "issn":
                issn.append(value)
            elif kind == "doi" and not re.fullmatch(r"10\.\d{4,9}/[^\s<>\"]+", value):
                self.tell("note", "odd-identifier", f"“{value[:80]}” is no DOI; it was left out")
            elif kind == "url" and not re.fullmatch(r"https?://[^\s<>\"]+", value):
                self.tell("note", "odd-identifier", f"“{value[:80]}” is no address; it was left out")
            elif found.get(kind, value) != value and kind != "url":
                self.tell("note", "two-identifiers", f"besides the {kind.upper()} {found[kind]} there is {value}")
            else:
                found.setdefault(kind, value)
        return Ids(**found, nct=tuple(dict.fromkeys(nct))), issn[0] if issn else None

    def _title_and_number(self) -> tuple[RichText, str, bool]:
        """The title, the number, and whether the title itself said that this is a numbered abstract."""
        title, number, told = self.title, self.number, False
        if (right := repaired(title.source)) != title.source:
            self.tell("note", "encoding", f"accents of the title were read wrongly by the source; repaired: {right}")
            title = RichText.parse(right)
        title = self._without_status(title)
        flat = title.plain
        if match := _PREFIX.match(flat):
            found = match["number"] or match["bare"]
            rest = flat[match.end() :]
            same = number.lstrip("#").casefold() == found.casefold()
            if second := _SECOND.match(rest):  # “P027 / #123 Foo”
                rest = rest[second.end() :]
            if (
                rest
                and not _NO_TITLE.match(rest)
                and (match["number"] or same or (not number and self._expects_number(match, found, rest)))
            ):
                number, told = number or found, True
                title = RichText.of(markup.sliced(title, len(flat) - len(rest), len(flat)))
                if second and second["number"] != number:
                    self.tell("note", "two-identifiers", f"besides the number {found} there is {second['number']}")
        elif "abs" in flat.lower() and (match := _SUFFIX.search(flat)):
            number, told = number or match["number"], True
            title = RichText.of(markup.sliced(title, 0, match.start()))
        flat = title.plain
        if match := _DESIGNATION.search(flat):
            told = True
            title = RichText.of(markup.sliced(title, 0, match.start()))
        title = _stripped(title, " ", " ")
        flat = title.plain
        if flat.endswith(".") and not flat.endswith("...") and not _ABBREVIATED.search(flat):
            title = RichText.of(markup.sliced(title, 0, len(flat) - 1))
        if re.fullmatch(r"\[[^\[\]]+\]", title.plain):  # PubMed's brackets around a translated title
            title = RichText.of(markup.sliced(title, 1, len(title.plain) - 1))
            title = _stripped(title, "", ".")
        capitals = sum(map(str.isupper, title.plain))
        if capitals > 18 and capitals > 0.9 * max(20, sum(map(str.isalpha, title.plain))):
            self.tell("note", "capitals", "the title is in capitals; look whether it should be printed so")
        return title, re.sub(r"^#\s*", "", number).strip(), told

    def _without_status(self, title: RichText) -> RichText:
        """The title without “WITHDRAWN:” before it, which becomes the record's status."""
        rest = without_withdrawal(title)
        if rest is None and not _NOTICE.match(title.plain):
            return title
        self.status = "withdrawn"
        return title if rest is None else rest  # a notice's title, or one that says nothing else, stays as printed

    def _expects_number(self, match: re.Match[str], number: str, rest: str) -> bool:
        """Whether a bare ``F49.`` or ``P017`` before a title is an abstract's number: only in proceedings."""
        sign = match["sign"] or ""
        lettered = re.match(r"[A-Za-z]", number) is not None
        first_word = re.match(r"[^\W\d_]+", rest)
        if number.isdigit() and first_word and first_word[0][0].isupper() and _all_numbered(self.page.head):
            return True  # digits alone, and all other titles of the page begin so
        if _NO_NUMBER.fullmatch(number) or (first_word and first_word[0].islower() and len(first_word[0]) != 2):
            # “P16 - a marker”, “2014: a year in …”; behind a number a title begins with a capital, or with “pH”.
            return False
        in_proceedings = self.type == "meeting-abstract" or self.meeting is not None
        in_supplement = bool(Part.of(self.issue, self.supplement).supplement is not None)
        signed = bool(match["mark"]) or sign.strip() in {".", ":", "|", "-", "–", "—"}
        # Without a sign Y90, P53, CD137 and CA125 begin titles: only P017 and what societies number so is a number.
        alone = re.fullmatch(r"[A-Z]{1,4}-?0\d+", number) or (
            re.fullmatch(
                rf"(?:P|O|OP|PO|PS|PP|PD|OA|MA|EP|POS|TPS|TIP|OT)-?\d{{3,5}}|LBA-?\d{{1,5}}|e\d{{5,6}}|{_DAY_OF_WEEK}\d{{3,4}}|"
                r"(?:PD|PS|OT|P|GS|MS|ES)\d-\d\d(?:-\d\d)?|(?:OA|MA|PL|P|EP|MS|ES|WS)\d\d\.\d\d",
                number,
            )
        )
        return (in_proceedings or (lettered and in_supplement)) and (signed or (lettered and alone is not None))

    def _part(self) -> tuple[str, str]:
        if self.volume and (match := _VOLUME_AGAIN.fullmatch(self.issue)) and match[1] == self.volume:
            self.tell("note", "issue", f"for the issue the source tells the volume, “{self.issue}”; it was left out")
            self.issue = ""
        part = Part.of(self.issue, self.supplement)
        return part.issue or "", "Suppl" if part.supplement == "" else part.supplement or ""

    def _pages(self) -> str:
        text = self.pages or self.article_number
        if _NO_PAGES.fullmatch(text):
            if text:
                self.tell("note", "no-pages", f"the source fills its field for pages with “{text}”; it was left out")
            return self.article_number if text != self.article_number else ""
        return ", ".join(map(read_pages, text.split(", ")))

    def _number_of_page(self, pages: str, doi: str) -> str:
        """The page, where it is the abstract's number: ``P102``, ``OA04``, but ``S387`` and ``e12`` are pages."""
        if "-" in pages or not pages:
            return ""
        journal = journal_of(self.container_short) or journal_of(self.container)
        if journal and journal.locator == "number":
            return pages
        if re.fullmatch(r"[A-Z]{1,4}\d{1,5}", pages) and not re.match(r"[SE]\d", pages):
            return pages
        return pages if re.search(rf"[-.]{re.escape(pages.lower())}$", doi) and not pages.isdigit() else ""

    def _abstract(self, ids: Ids) -> tuple[tuple[AbstractPart, ...], Ids]:
        parts, tails = markup.without_tail(self.parts)
        if len(parts) == 1 and says_withdrawn(parts[0].text.plain):
            self.status = "withdrawn"
        for tail in tails:
            self.tell("note", "tail", f"left out behind the abstract: “{tail[:300]}”")
        flat = " ".join(part.text.plain for part in parts)
        trials = tuple(dict.fromkeys((*ids.nct, *(re.findall(r"\bNCT\d{8}\b", flat) if "NCT" in flat else ()))))
        if (
            len(parts) == 2
            and parts[0].label is None
            and _TRIAL_LABEL.fullmatch(parts[1].label or "")
            and re.fullmatch(r"(?:[\s,;.]*NCT\d{8})+[\s,;.]*", parts[1].text.plain)
        ):
            # ASCO's closing sentence behind an abstract without labels; its numbers are kept as identifiers.
            parts = parts[:1]
        first = parts[0].text.source.lstrip("#") if len(parts) > 1 and not parts[0].label else ""
        shaped = _NUMBER_ALONE.fullmatch(first) and (first.isdigit() or not _NO_NUMBER.fullmatch(first))
        if shaped and (not self.number or self.number.lstrip("#") == first):
            self.number, parts = first, parts[1:]  # so Crossref's ASCO abstracts open; “x<sup>2</sup>” is none
        return parts, structs.replace(ids, nct=trials)

    def _keywords(self) -> tuple[str, ...]:
        words = (self._text(markup.plain(word)).strip(" ;.") for word in self.keywords)
        return tuple(dict.fromkeys(word for word in words if word))


@functools.lru_cache(maxsize=4)
def _all_numbered(head: bytes) -> bool:
    """Whether the titles at the beginning of a page, five or more, begin with numbers that differ."""
    titles = _TITLE_FIELD.findall(decode(head)[0])
    numbers = [match[1] for title in titles if (match := re.match(r"#?(\d{1,5})[.:]? +[A-Z]", title))]
    return len(numbers) > 4 and len(numbers) > 0.8 * len(titles) and len(set(numbers)) > 0.9 * len(numbers)


_TITLE_FIELD: Final = re.compile(
    r"(?:^T[I1] {1,2}- ?|^%T |^\s{0,20}title\s{0,20}=\s{0,20}[{\"]{1,3}|\"title\": ?\[?\s{0,20}\"|"
    r"<(?:dc:)?(?:[Aa]rticle-?)?[Tt]itle>(?:<!\[CDATA\[)?\s{0,20})([^\n<>]{1,80})",
    re.MULTILINE,
)


def _bare_affiliation(text: str | RichText) -> RichText:
    return _stripped(markup.inline(text) if isinstance(text, str) else text, " ;,", " ;,.&")


@functools.lru_cache(maxsize=1024)  # colleagues share theirs
def _affiliation(text: str) -> RichText:
    return _bare_affiliation(text)


_WORD: Final = re.compile(r"[^\W_]+")
_SAYING_NOTHING: Final = frozenset(
    {"abstract", "abstracts", "meeting", "poster", "oral", "presented", "at", "the", "of", "and", "in", "no", "number"}
)
_ET_AL: Final = re.compile(r"[\s,;]{1,9}(?:et\.? al\.?|and others)$")
_PREPRINTS: Final = re.compile(
    r"\w{1,10}rxiv\b.{0,60}|(?:OSF )?preprints(?:\.org)?|research square\b.{0,40}|ssrn(?: electronic journal)?",
    re.IGNORECASE,
)
_VOLUME_AGAIN: Final = re.compile(r"vol(?:ume)?\b\.? ?(\w{1,10})(?:,? \(?\d{4}\)?)?", re.IGNORECASE)
_ORCID: Final = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dXx])\b")
_MEDIUM: Final = re.compile(r"\s*\((?:ISSN|print|online|electronic|linking)\)", re.IGNORECASE)
_ISSN_TWICE: Final = re.compile(r"^ISSN\s+(?:ISSN\s*)?")
_NUMBER: Final = r"(?:(?:LBA|PR) )?[A-Za-z]{0,5}[ -]?\d(?:[\d.-]{0,7}\d)?[A-Za-z]{0,3}(?:_PR)?"
_DAY_OF_WEEK: Final = "(?:Su|Mo|Tu|We|Th|Fr|Sa)"  # Digestive Disease Week numbers by the day: Sa1234
_PREFIX: Final = re.compile(
    rf"\s*(?:\(?\[?Abstract\s*(?:(?:nr|no|number)\b\.?)?\s*[:#]?\s*#?(?P<number>{_NUMBER})[)\]]?\s*[:.|–—-]?\s+(?=\S)"
    rf"|(?P<mark>#)?(?P<bare>(?:{_DAY_OF_WEEK}|e|[A-Z]{{0,4}})-?\d(?:[\d.-]{{0,6}}\d)?(?:[A-Z]{{1,3}})?)"
    rf"\s?(?P<sign>[.:|]|\s[-–—])?\s+(?=\S))"
)
# Another number behind the first one, and what no title begins with.
_SECOND: Final = re.compile(r"[/|(]\s?#?(?P<number>[A-Z]{0,5}-?\d[\w-]{0,8})\s?\)?\s?[:.|–—-]?\s+(?=\S)")
_NO_TITLE: Final = re.compile(r"[/|,;:&+=]")
_SUFFIX: Final = re.compile(
    rf"\s?[(\[]?\s?\babs(?:tract|tr?)?\b\.?\s?(?:(?:nr|no|number)\b\.?)?\s?[:#]?\s?#?(?P<number>{_NUMBER})\s?[)\]]?\.?\s?$",
    re.IGNORECASE,
)
_NOTICE: Final = re.compile(
    r"(?:retraction|withdrawal)(?: (?:note|notice|statement))?(?: (?:of|to|for))?\s?(?::|[–—-]\s|[“\"‘«])",
    re.IGNORECASE,
)
_NUMBER_ALONE: Final = re.compile(rf"(?:[A-Z]{{0,5}}|e|{_DAY_OF_WEEK})-?\d{{1,6}}")
# What begins titles and looks like a number: proteins, clusters of differentiation, isotopes, years.
_NO_NUMBER: Final = re.compile(
    r"(?:19|20)\d\d|P(?:1[4-9]|2[1-8]|3[38]|5[0237]|6[235]|7[03]|85|95)|(?:CD|CA|IL|HER|MUC|GLP|PD|TP|SMAD|HIF|COX|GAL|BRCA|"
    r"FGFR|VEGFR|PDGFR|CXCR|CCR|TLR|STAT|ERK|AKT|CDK|WNT|SOX|FOX|KRT|CK|MMP|TIMP|VIP|PAX|ISL|SSTR|SST)-?\d{1,3}[A-Z]{0,2}|"
    r"(?:Y|I|F|C|H|Ga|Lu|Tc|Zr|Cu|In)-?(?:3|11|14|18|64|67|68|89|90|99|111|123|124|125|131|177)[A-Z]{0,2}|[TBM]\d|S100[AB]?|\d+D|\d+-?YEAR"
)
_DESIGNATION: Final = re.compile(r"\s*[(\[](?:meeting |conference )?abstract[)\]]\.?\s*$", re.IGNORECASE)
_ABBREVIATED: Final = re.compile(r"\b(?:[A-Z]\.){2,}$|\b(?:etc|vs|spp|sp|Jr|Sr|Inc|Ltd|et al)\.$")
_NO_PAGES: Final = re.compile(
    r"(?:no|n/?a|none|null|np|n\.?\s?pag\.?|undefined|specified)?[\s.–-]{0,9}(?:specified|pagination)?", re.IGNORECASE
)
_TRIAL_LABEL: Final = re.compile(r"(?:clinical )?trial (?:information|registration|identification)", re.IGNORECASE)
# Licences that let anybody print the whole text, also for money.
_FREE: Final = re.compile(
    r"creativecommons\.org/(?:licenses/by(?:-sa)?/|publicdomain/)|\bCC[ -]?(?:BY(?:-SA)?\b(?!-N)|0\b)|"
    r"Creative Commons Attribution(?:[ -]Share-?Alike)?(?: \d\.\d)?(?: International| Unported)? (?:Public )?Licen.e",
    re.IGNORECASE,
)


def _stripped(text: RichText, left: str, right: str) -> RichText:
    """A text without these characters at its ends."""
    flat = text.plain
    start = len(flat) - len(flat.lstrip(left)) if left else 0
    end = len(flat.rstrip(right)) if right else len(flat)
    return text if (start, end) == (0, len(flat)) else RichText.of(markup.sliced(text, start, max(start, end)))


# --- Withdrawn abstracts ---------------------------------------------------------------------------------------------

_GONE: Final = (
    r"(?:withdrawn|retracted|cancell?ed|zur(?:ü|ue)ckgezogen|abgesagt|retir(?:ée?|ado|ada)|annulée?|anulad[oa]|"
    r"cancelad[oa]|ritirat[oa])"
)
_THING: Final = r"(?:abstracts?|articles?|papers?|posters?|presentations?|talks?|beitrag|vortrag|resumen|résumé|resumo)"
_WHO: Final = (
    r"(?:authors?|autor(?:en|s|es|i|in)?|auteurs?|presenters?|presenting authors?|submitters?|speakers?|organi[sz]ers?|"
    r"editors?|publishers?|(?:program(?:me)? )?committee)"
)
_ASKED: Final = r"(?:request|wish|wunsch|demande|petici[óo]n|solicitud|pedido|richiesta)"
# “at the request of the author”, “by the presenter”, “at author’s request”, “auf Wunsch der Autoren”, “12 May 2014”
_SHORT_WORDS: Final = r"(?:[^\W\d_]{1,5}['’]?\s?)"
_REASON: Final = (
    rf"(?:(?:by|at|on|upon|per|following|auf|von|vom|durch|à|par|a|por|su|da|dai|dagli)\s{_SHORT_WORDS}{{0,3}}"
    rf"(?:{_WHO}(?:['’]?s?['’]?\s{_ASKED})?|{_ASKED}(?:\s{_SHORT_WORDS}{{1,3}}{_WHO})?))"
)
_ON: Final = (
    r"(?:,?\s?(?:(?:on|in|am|le|el)\s)?(?:\d{1,2}(?:st|nd|rd|th)?[./ ]\s?(?:\d{1,2}|[^\W\d_]{3,10})[./ ]\s?\d{2,4}|"
    r"[^\W\d_]{3,10}\s(?:\d{1,2},?\s)?\d{4}|\d{4}(?:-\d\d){0,2}))"
)
_GONE_WHOLE: Final = (
    rf"(?:{_THING}\s)?(?:{_REASON}\s)?{_GONE}(?:\s{_THING})?(?:[:,]?\s{_REASON})?(?:{_ON}|\s\({_ON}\))?"
)
_PASSIVE: Final = (
    rf"(?:(?:this|the|dieses?r?|der|das|ce|le|este|el|o)\s)?{_THING}\s"
    rf"(?:was|has been|is|wurde|ist|a été|ha sido|fue|foi)\s(?:{_REASON}\s)?{_GONE}\b.{{0,60}}"
)
_ACTIVE: Final = (
    rf"(?:(?:the\s)?{_WHO}\s(?:(?:have|has)\s)?(?:withdrawn|withdrew|retracted)\s(?:the|this|their)\s{_THING})"
)
_SENTENCE: Final = rf"(?:{_PASSIVE}|{_ACTIVE})"
# “Withdrawn prior to presentation”, where nothing else is said
_BECAUSE: Final = r"(?:\s(?:prior to|before|after|due to|because of|wegen|vor|pour|avant|antes)\s[^:]{1,60})"
_COUNT: Final = r"(?:(?:[A-Z]{1,5}[ -]?)?\d[\w-]{0,8}\s?[:.|–—-]?\s+)"
_GONE_BEFORE: Final = re.compile(
    rf"(?:[\[(*]{{1,3}}\s?{_GONE_WHOLE}\s?[\])*]{{1,3}}\s?[:.–—-]?|{_GONE_WHOLE}\s?(?::|\s[–—-](?=\s)|[–—]))\s*(?=\w|\W\w)",
    re.IGNORECASE,
)
_GONE_LOUD: Final = re.compile(
    r"(?:WITHDRAWN|RETRACTED|CANCELL?ED|ZURÜCKGEZOGEN|ABGESAGT|RETIRÉ|RETIRADO|ANULADO)[.!]?\s+(?=\S)"
)
_GONE_BEHIND: Final = re.compile(
    rf"(?:\s*[\[(*]{{1,3}}\s?{_GONE_WHOLE}\s?[\])*]{{1,3}}|\s[–—/-]\s{_GONE_WHOLE}|(?:\s?[(\[]|[.]\s){_SENTENCE}[)\]]?|[,.;]\s(?!cancel|abge|annul|anul){_GONE_WHOLE})\W?$",
    re.IGNORECASE,
)
_GONE_ALONE: Final = re.compile(rf"\W{{0,3}}(?:{_GONE_WHOLE}{_BECAUSE}?|{_SENTENCE})\W{{0,3}}", re.IGNORECASE)


def without_withdrawal(title: RichText) -> RichText | None:
    """The title of which ``WITHDRAWN: …`` or ``… (retracted)`` is taken, where it says so; nothing where it does not.

    Words that are part of a title (“Cancelled operations in 2014”) say nothing; a title of such words alone stays. The
    abstract's number may stand before them, and stays.
    """
    flat = title.plain
    count = re.match(_COUNT, flat)
    for begin in (0, count.end()) if count else (0,):
        if says_withdrawn(flat[begin:]):
            return title
        match = _GONE_BEFORE.match(flat, begin) or _GONE_LOUD.match(flat, begin)
        if match and (match.re is _GONE_BEFORE or not flat[match.end() :].isupper()):
            return RichText.of((*markup.sliced(title, 0, begin), *markup.sliced(title, match.end(), len(flat))))
    if match := _GONE_BEHIND.search(flat, max(0, len(flat) - 100)):
        return RichText.of(markup.sliced(title, 0, match.start()))
    return None


def says_withdrawn(text: str) -> bool:
    """Whether a text says that the abstract was withdrawn, and nothing else."""
    return len(text) <= 200 and _GONE_ALONE.fullmatch(text) is not None


# --- Dates and languages ---------------------------------------------------------------------------------------------

_MONTH_NUMBERS: Final = {name[:3].lower(): n for n, name in enumerate(MONTHS, 1)}
_OTHER_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_MONTH_WORD: Final = rf"(?P<month>{_OTHER_MONTH})"  # of which `date_of` takes the first three letters
_UP_TO: Final = r"\s?(?:[–—/-]|\b(?:to|and)\b|&)\s?"
# Of a span the first day or month counts: “Nov-Dec 2014”, “May 30 – June 3, 2014”.
_DAY_FIRST: Final = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:{_UP_TO}\d{{1,2}}(?:st|nd|rd|th)?)?\s{_MONTH_WORD}"
    rf"(?:{_UP_TO}(?:\d{{1,2}}(?:st|nd|rd|th)?\s)?{_OTHER_MONTH})?[ ,]\s?(?P<year>\d{{4}})\b",
    re.IGNORECASE,
)
_MONTH_FIRST: Final = re.compile(
    rf"\b{_MONTH_WORD}(?:{_UP_TO}{_OTHER_MONTH})?,?\s"
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:{_UP_TO}(?:{_OTHER_MONTH}\s)?\d{{1,2}}(?:st|nd|rd|th)?)?,?\s)?"
    r"(?P<year>\d{4})\b",
    re.IGNORECASE,
)
_YEAR_FIRST: Final = re.compile(
    rf"\b(?P<year>\d{{4}})[ ,/-]\s?{_MONTH_WORD}(?:[ ,/-](?P<day>\d{{1,2}})\b)?", re.IGNORECASE
)


def read_date(text: str) -> PartialDate | None:
    """The date that a text tells, as far as it is sure; nothing where there is no year.

    ISO 8601 with or without a time, RFC 822, ``2014 May 20``, ``20 May 2014``, ``May 20, 2014``, ``2014/05/20``,
    ``2014 May-Jun``, ``May-Jun 2014`` and ``2014 Spring`` (the first month, the year). Of ``03/04/2014`` only the year
    is sure.
    """
    text = " ".join(text.split())[:80]
    if match := re.match(r"(\d{4})[-/.]?(\d\d)[-/.]?(\d\d)(?!\d)", text) or re.match(
        r"(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?(?!\d)", text
    ):
        return date_of(*match.groups())
    if match := _DAY_FIRST.search(text) or _MONTH_FIRST.search(text) or _YEAR_FIRST.search(text):
        return date_of(match["year"], match["month"], match["day"])
    if match := re.search(r"\b(1[89]\d\d|20\d\d)\b", text):
        return PartialDate(int(match[1]))
    return None


def date_of(year: str | int | None, month: str | int | None = None, day: str | int | None = None) -> PartialDate | None:
    """The date of parts that a source gives, as much of it as can be: a 31 June is June; nothing without a year.

    Args:
        year: the year.
        month: a number, or the month's name.
        day: the day of the month.
    """
    known = [_number(year), _MONTH_NUMBERS.get(str(month or "").strip().lower()[:3]) or _number(month), _number(day)]
    for count in (3, 2, 1):
        if all(part is not None for part in known[:count]):
            try:
                return PartialDate(*known[:count])  # type: ignore[arg-type]  # none of them is missing
            except ValueError:
                continue
    return None


def exact_date(date: PartialDate, others: Iterable[PartialDate]) -> PartialDate:
    """A date, or the most exact of others that fall within it: of 2007, 2007-06-19 and 2008-01-01 the second."""
    for other in others:
        if len(other.parts) > len(date.parts) and other.parts[: len(date.parts)] == date.parts:
            date = other
    return date


def _number(value: str | int | None) -> int | None:
    text = str(value if value is not None else "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) and int(text) > 0 else None


# ISO 639-2 codes and English names of the languages that MEDLINE and RIS files name most; others of three letters are
# tags as they are (BCP 47, section 2.2.1).
_LANGUAGES: Final[Mapping[str, str]] = {
    "eng": "en", "english": "en", "fre": "fr", "fra": "fr", "french": "fr", "ger": "de", "deu": "de",
    "german": "de", "spa": "es", "spanish": "es", "ita": "it", "italian": "it", "por": "pt", "portuguese": "pt",
    "chi": "zh", "zho": "zh", "chinese": "zh", "jpn": "ja", "japanese": "ja", "rus": "ru", "russian": "ru",
    "pol": "pl", "polish": "pl", "dut": "nl", "nld": "nl", "dutch": "nl", "kor": "ko", "korean": "ko",
    "tur": "tr", "turkish": "tr", "cze": "cs", "ces": "cs", "swe": "sv", "swedish": "sv", "dan": "da",
    "danish": "da", "nor": "no", "norwegian": "no", "hun": "hu", "heb": "he", "ara": "ar", "per": "fa",
    "fas": "fa", "gre": "el", "ell": "el", "ukr": "uk", "fin": "fi", "und": "", "mul": "",
}  # fmt: skip


def language_tag(text: str) -> str | None:
    """The language tag that a source means: ``en`` of ``eng``, ``English`` and ``EN``, ``en-US`` of ``en_US``."""
    word = re.split(r"[;,|]", text.strip())[0].strip()
    if (known := _LANGUAGES.get(word.lower())) is not None:
        return known or None
    match = re.fullmatch(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}|\d{3}))?(?:[-_].{0,20})?", word)
    if not match:
        return None
    main = _LANGUAGES.get(match[1].lower(), match[1].lower())
    return f"{main}-{match[2].upper()}" if main and match[2] else main or None


# --- Journals --------------------------------------------------------------------------------------------------------


def journal_names(title: str, short: str) -> tuple[str, str]:
    """A journal's title and abbreviation as they are printed, of those that a source gives; see `journals.named`."""
    if short.isdigit() or len(short) < 2:  # OJS fills citation_journal_abbrev with the journal's number
        short = ""
    title = journals.plain_title(title)
    if journal := journal_of(title or short):
        return title or journal.container, journal.short
    return journals.named(title, short)


def abbreviation(title: str) -> str:
    """NLM's abbreviation of a journal's full title; empty where the tables do not have it."""
    journal = journal_of(title)
    return journal.short if journal else journals.abbreviation(title)


def full_title(short: str) -> str:
    """The full title behind NLM's abbreviation; empty where the tables do not have it, or have two."""
    journal = journal_of(short)
    return journal.container if journal else journals.full_title(short)


# --- Records that come whole ------------------------------------------------------------------------------------------


def adopted(page: Page, record: Record, raw: bytes, identifier: str = "", problems: Iterable[Problem] = ()) -> Parsed:
    """A record that its source gives whole, with an id and an origin where it has none, and what the source tells."""
    if told := page.told:
        record = structs.replace(
            record,
            meeting=record.meeting or told.meeting,
            container=record.container or ("" if record.container_short else told.container),
            issued=record.issued or told.issued,
            track=record.track or told.track,
            language=record.language or told.language,
        )
    origin = record.origin or Origin(
        source=page.source,
        format=page.format,
        where=page.where,
        retrieved=page.retrieved,
        sha256=hashlib.sha256(raw).hexdigest(),
    )
    record = structs.replace(record, origin=origin, id=record.id or record_id(record))
    return Parsed(record=record, raw=raw, identifier=identifier or record.id or "", problems=tuple(problems))
