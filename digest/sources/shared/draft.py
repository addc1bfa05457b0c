"""Between formats and records: a parser fills a `Draft` with what its format says and gets a `Parsed` back.

What is the same for every format is done here once: identifiers in their canonical spelling, pages and supplements,
abstract numbers that hide in titles, copyright lines after abstracts, abbreviations of journals, the record's id.
"""

from __future__ import annotations

import functools
import hashlib
import html
import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import structs

from digest import journals, trials
from digest.cite.numbering import numbered
from digest.cite.registries import doi_in, read_identifiers
from digest.cite.societies import is_of_meeting, journal_of, shows_abstract, societies_of, with_doi
from digest.cite.tokens import VolumePart, read_identifier, read_pages
from digest.maths import without_formulas
from digest.merge import record_id
from digest.model import (
    AbstractPart,
    Formula,
    Ids,
    InconsistentError,
    Institution,
    Meeting,
    Origin,
    PartialDate,
    Person,
    Record,
    has_orcid_check,
)
from digest.names import read_author, read_people
from digest.sources.page import Parsed, decode
from digest.sources.shared import fields, markup, ties
from digest.sources.shared.dates import other_date
from digest.sources.shared.leading import leading_number
from digest.sources.shared.withdrawals import says_withdrawn, without_withdrawal
from digest.text import RichText, repaired, without_control
from digest.vocabulary import ET_AL, group_alone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from digest.errors import Level, Problem
    from digest.model import Permission, Presentation, RecordType, Status
    from digest.sources.page import Page


_PRINTED: Final = tuple(
    "container container_short volume issue supplement pages article_number publisher number track session room".split()
)


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
        issued_online: date of its publication online, also where it is the same.
        meeting: the meeting.
        ids: identifiers in any spelling, with a label where the number alone does not tell (``PMID:24857584``).
        parts: the abstract.
        keywords: keywords.
        track: track or session.
        session: name of the session in which it was presented.
        room: room of that session.
        begins, ends: when its presentation began and ended, with its zone, as `Record` has them.
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
        self.issued_online: PartialDate | None = None
        self.meeting: Meeting | None = None
        self.ids: list[str] = []
        self.parts: tuple[AbstractPart, ...] = ()
        self.keywords: list[str] = []
        self.track = self.session = self.room = self.language = self.licence = ""
        self.begins: str | None = None
        self.ends: str | None = None
        self._institutions: dict[RichText, dict[str, str]] = {}
        self.presentation: Presentation | None = None
        self.permission: Permission | None = None
        self.status: Status = "final"
        self.embargo_until: PartialDate | None = None
        self.problems: list[Problem] = []

    @property
    def family_first(self) -> bool:
        """Whether the source prints names in East Asian order."""
        return bool(self.page.defaults and self.page.defaults.family_first)

    def tell(self, level: Level, code: str, message: str) -> None:
        """Keeps a problem with this record."""
        self.problems.append(self.page.problem(level, code, message, line=self.line, place=self.place))

    def tell_unread(self, fields: Iterable[tuple[str, str]]) -> None:
        """Reports in one note which fields were not read: those with a word that the record does not hold."""
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
        """The problem to yield in place of this record where it cannot be one."""
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
        """Adds a person, given or as printed, with affiliations; what is not a name is reported.

        Args:
            name: the person, or one name in any usual form.
            affiliations: texts of affiliations; equal ones are kept once.
            family_first: whether a printed name is in East Asian order.
            orcid: ORCID iD in any spelling.
            as_editor: whether it is an editor of the container.
        """
        if (several := fields.names_in(name)) is not None:
            for one, places in several:
                self.add_author(one, [*affiliations, *places], family_first=family_first, as_editor=as_editor)
            return
        if isinstance(name, Person):
            if fields.no_name(name.literal or f"{name.family} {name.given}"):
                return
            if number := trials.alone(name.literal or (not name.given and name.family) or ""):
                self.ids.append(number)
                return
            if name.given and name.given != "NA" and fields.no_name(name.given):
                name = structs.replace(name, given="", initials="")
            if name.literal and (alone := group_alone(name.literal)) != name.literal:
                name = structs.replace(name, literal=alone)
            if name.given and (given := fields.without_introducer(name.given)) != name.given:
                name = structs.replace(name, given=given, initials="")
            family, given = fields.without_count(name.family), fields.without_count(name.given)
            if (family, given) != (name.family, name.given):
                name = structs.replace(name, family=family, given=given)
            if name.family and fields.STOPPED.fullmatch(name.family):
                name = structs.replace(name, family=name.family[:-1])
        else:
            if fields.no_name(name):
                return
            if number := trials.alone(name):
                self.ids.append(number)
                return
            name = fields.without_count(fields.without_introducer(name))
            try:
                name = read_author(without_control(name), family_first=family_first or self.family_first).person
            except ValueError as error:
                self.tell("warning", "odd-name", f"an author was left out: {error}")
                return
        if name.given and (match := _ET_AL.search(name.given)):  # "Born, L. et al."
            self.truncated = self.truncated or not as_editor
            name = structs.replace(name, given=name.given[: match.start()])
        marks = sorted({*name.affiliations, *(mark for text in affiliations if (mark := self.affiliation(text)))})
        found = _ORCID.search(orcid) if orcid else None
        if found and not has_orcid_check("-".join(found.groups()).upper()):
            found = None
        if orcid and not found:
            self.tell("note", "odd-identifier", f"“{orcid[:60]}” is not an ORCID iD; it was left out")
        if marks or found:
            name = structs.replace(
                name, affiliations=tuple(marks), orcid="-".join(found.groups()).upper() if found else name.orcid
            )
        (self.editors if as_editor else self.authors).append(name)

    def add_people(self, text: str, *, family_first: bool = False, as_editor: bool = False) -> None:
        """Adds all people of a printed list, such as ``Kaur, M., Shukla, A.`` or ``Jaan H. Pu; Manish Pandey``."""
        text = without_control(markup.plain(text) if "<" in text or "&" in text else text)
        text = fields.without_count(fields.without_introducer(fields.parted(text)))
        if fields.no_name(text):
            return
        try:
            people, truncated = read_people(text, family_first=family_first or self.family_first)
        except ValueError as error:
            self.tell("warning", "odd-name", f"the list of authors “{text[:80]}” could not be read: {error}")
            return
        self.truncated = self.truncated or (truncated and not as_editor)
        for author in people:
            self.add_author(author.person, as_editor=as_editor)

    def affiliation(self, text: str | RichText) -> int | None:
        """The number of an affiliation, which is added where it is new; nothing for an empty one."""
        rich = _affiliation(text) if isinstance(text, str) and len(text) < 1000 else _bare_affiliation(text)
        if not rich or fields.is_nothing(rich.plain):
            return None
        if len(self._marks) != len(self.affiliations):
            self._marks = {known: n for n, known in reversed(list(enumerate(self.affiliations, 1)))}
        if rich not in self._marks:
            self.affiliations.append(rich)
            self._marks[rich] = len(self.affiliations)
        return self._marks[rich]

    def add_institution(self, text: str, **parts: str) -> None:
        """Adds an affiliation with the parts that its source gives apart.

        Args:
            text: the affiliation, as `affiliation` takes it.
            parts: fields of `Institution`; what is empty is left out.
        """
        if (mark := self.affiliation(text)) and (given := {name: part for name, part in parts.items() if part}):
            self._institutions.setdefault(self.affiliations[mark - 1], given)

    # --- Finishing ---------------------------------------------------------------------------------------------------

    def finish(self) -> Parsed | Problem:
        """The record with its problems, or the problem why there is none: nothing in it names it."""
        fields.empty(self)
        self._fill()
        self.type = "trial" if fields.take_registration(self) else self.type
        for name in _PRINTED:
            setattr(self, name, self._text(getattr(self, name)))
        if fields.CONTINUOUS.fullmatch(self.number):
            self.article_number, self.number = self.article_number or self.number, ""
        ids, issn = self._identifiers()
        ids = self._without_isbn(ids, issn)
        formulas = self._formulas()
        in_pages = self._take_number_from_pages()
        volume, issue, supplement = self.volume, *self._part()
        pages = self._pages()
        in_place = self._is_in_proceedings(ids.doi or "", VolumePart.of(issue, supplement), pages)
        in_supplement = bool(supplement or fields.PAGE_OF_SUPPLEMENT.match(pages))
        title, number, in_title = self._title_and_number(ids.doi or "", pages if in_supplement else None, in_place)
        in_abstract = self._take_number_from_abstract(number, pages, ids.doi or "", in_supplement=bool(supplement))
        if not title.plain.strip():  # "<i> </i>" is not one either
            named = in_title and number  # “[Abstract 970]”, as we write a record that has no other name
            if not (named or self.authors or self.container or ids != Ids() or self.parts):
                return self.refuse("no-title", "there is neither a title nor anything else to know a record by")
            title = RichText.of((f"[Abstract {number}]" if number else "[Untitled]",))
            self.tell("warning", "no-title", f"the record has no title; it is called {title.plain}")
        if ids.registrations and not (self.type or self.authors or self.container or self.container_short or number):
            self.type = "trial" if not (ids.doi or ids.pmid) else None  # a list of registrations: ClinicalTrials.gov
        kind = self._kind(number, is_abstract=in_title or in_place or in_pages or in_abstract)
        if kind == "meeting-abstract" and not number:
            number = self._number_of_page(pages, ids.doi or "")
        parts, ids = self._abstract(ids)
        self.authors, self.affiliations = ties.without_names(self.authors, self.affiliations)
        number = number or (self.number if kind == "meeting-abstract" else "")
        container, short = self.container, self.container_short
        if kind != "chapter" or short:  # a book's title is not a journal's: “The Pancreas”
            container, short = journal_names(container, short)
        try:
            record = Record(
                title=title,
                type=kind,
                authors=tuple(self.authors),
                authors_truncated=self.truncated,
                affiliations=tuple(self.affiliations),
                institutions=self._parts_of_affiliations(),
                container=container,
                container_short=short,
                issn=issn,
                volume=volume,
                issue=issue,
                supplement=supplement,
                pages=pages,
                number=number.lstrip("#"),
                issued=self.issued,
                issued_online=other_date(self.issued, self.issued_online),
                meeting=self.meeting,
                presentation=self.presentation,
                ids=ids,
                abstract=parts,
                formulas=formulas,
                keywords=self._keywords(),
                track=self.track,
                session=self.session,
                room=self.room,
                begins=self.begins,
                ends=self.ends,
                language=language_tag(self.language),
                publisher=self.publisher,
                editors=tuple(self.editors),
                permission=self.permission or ("full" if _FREE.search(self.licence) else "quote"),
                embargo_until=self.embargo_until,
                status=self.status,
                origin=_origin(self.page, self.raw),
            )
        except (InconsistentError, ValueError) as error:
            return self.refuse("inconsistent", f"the record contradicts itself: {error}")
        if record.type == "meeting-abstract":
            try:
                record = with_doi(record)
            except ValueError as error:
                self.tell("warning", "odd-identifier", f"the DOI contradicts the record: {error}")
        record = structs.replace(record, id=record_id(record))
        return Parsed(record=record, raw=self.raw, identifier=self.identifier, problems=tuple(self.problems))

    def _without_isbn(self, ids: Ids, issn: str | None) -> Ids:
        """The identifiers without the ISBN of a book that an article cannot have."""
        if ids.isbn and (issn or self.volume) and self.type in {None, "article", "meeting-abstract"}:
            self.tell("note", "isbn", f"the ISBN {ids.isbn} is of a book, not of an article; it was left out")
            ids = structs.replace(ids, isbn=None)
        return ids

    def _parts_of_affiliations(self) -> tuple[Institution, ...]:
        return tuple(
            Institution(affiliation=n, **self._institutions[text])
            for n, text in enumerate(self.affiliations, 1)
            if text in self._institutions
        )

    def _fill(self) -> None:
        """Fills with what ``digest.yaml`` says about the source what the record itself does not say."""
        if defaults := self.page.defaults:
            self.meeting = self.meeting or defaults.meeting
            self.permission = self.permission or defaults.permission
            self.container = self.container or (defaults.container if not self.container_short else "")
            self.issued = self.issued or defaults.issued or (defaults.meeting.start if defaults.meeting else None)
            self.track = self.track or defaults.track
            self.language = self.language or defaults.language or ""

    def _kind(self, number: str, *, is_abstract: bool) -> RecordType:
        """What kind of publication it is, given whether its title or its DOI says that it is a meeting abstract."""
        kind = self.type or ("meeting-abstract" if is_abstract else "article")
        if kind == "article" and is_abstract:
            kind = "meeting-abstract"
        if kind in {"article", "report", "web", "other"} and _PREPRINTS.fullmatch(
            self.container or self.container_short or self.publisher
        ):
            kind = "preprint"
        if kind in {"article", "other"} and self.meeting and number:
            kind = "meeting-abstract"
        return kind

    def _text(self, text: str) -> str:
        if not text:
            return ""
        clean = " ".join(without_control(text).split())
        return html.unescape(clean) if "&" in clean else clean

    def _identifiers(self) -> tuple[Ids, str | None]:
        found: dict[str, Any] = {}
        registrations: list[str] = []
        issn: list[str] = []
        for text in dict.fromkeys((*self._single(), *(f"ISSN {text}" for text in self.issn))):
            bare = _MEDIUM.sub("", text).strip() if "(" in text else text.strip()
            bare = _ISSN_TWICE.sub("ISSN ", bare)
            if not bare or len(bare) > 2000:
                continue
            for kind, value in self._identifiers_in(without_control(bare)):
                if kind in {"nct", "trials"}:
                    registrations.append(value)
                elif kind == "issn":
                    issn.append(value)
                elif kind == "doi" and not fields.WHOLE_DOI.fullmatch(value):
                    self.tell("note", "odd-identifier", f"“{value[:80]}” is not a DOI; it was left out")
                elif kind == "url" and not re.fullmatch(r"https?://[^\s<>\"]+", value):
                    self.tell("note", "odd-identifier", f"“{value[:80]}” is not a web address; it was left out")
                elif (
                    kind == "url"
                    and fields.AGGREGATOR.match(found.get(kind, ""))
                    and not fields.AGGREGATOR.match(value)
                ):
                    found[kind] = value
                elif found.get(kind, value) != value and kind != "url":
                    self.tell("note", "two-identifiers", f"besides the {kind.upper()} {found[kind]} there is {value}")
                else:
                    found.setdefault(kind, value)
        if "doi" not in found and (doi := doi_in(found.get("url", ""))):
            found["doi"] = doi.lower()
        return Ids(**found).with_registrations(registrations), issn[0] if issn else None

    def _single(self) -> Iterator[str]:
        """The identifiers, and the addresses that one field holds between blanks or semicolons, each by itself."""
        for text in self.ids:
            if text.count("://") > 1 and len(text) < 4000:
                yield from re.split(r"[;,|]?\s+(?=https?://)|[;,|](?=https?://)", text)
            else:
                yield text

    def _identifiers_in(self, text: str) -> list[tuple[str, str]]:
        """The one identifier that a text is, or those in it; what a record has no place for is reported."""
        try:
            return [read_identifier(text)]
        except ValueError as error:
            several = read_identifiers(text)
            kept = [
                ("trials" if kind in trials.KINDS else kind, value)
                for kind, values in several.items()
                for value in values
                if kind in _KINDS
            ]
            if not kept:
                self.tell("note", "odd-identifier", f"{error}; it was left out")
            return kept

    def _title_and_number(self, doi: str, pages: str | None, proceedings: bool) -> tuple[RichText, str, bool]:
        """The title, the number, and whether the title itself said that this is a numbered abstract.

        Args:
            doi: the DOI.
            pages: the pages in a supplement; nothing outside one.
            proceedings: whether its DOI or its place in a journal shows a meeting abstract.
        """
        title, number, says_number = self.title, self.number, False
        if (right := repaired(title.source)) != title.source:
            self.tell("note", "encoding", f"the source has misread the accents of the title; corrected to: {right}")
            title = RichText.parse(right)
        title = self._without_status(title)
        flat = title.plain
        if found := numbered(
            flat,
            known=number.lstrip("# "),
            society=self._society(),
            proceedings=proceedings or self.type == "meeting-abstract" or self.meeting is not None,
            supplement=pages is not None,
            likely=fields.ends_of_doi(doi) | {(pages or "").casefold()},
            digits="certainly" if _begins_with_digits(flat) and _all_numbered(self.page.head) else "",
        ):
            number, says_number = number or found.number, True
            title = RichText.of(markup.sliced(title, found.start, found.end))
            if found.second and found.second != number:
                self.tell("note", "two-identifiers", f"besides the number {found.number} there is {found.second}")
        flat = title.plain
        if (match := _PAGE_BEHIND.search(flat)) and match[1] in {number, self.pages.partition("-")[0]}:
            # Neurology: “Gastrin in Mice (P5.123)” on “page” P5.123.
            number, says_number = match[1], True
            title = RichText.of(markup.sliced(title, 0, match.start()))
            flat = title.plain
        if match := _DESIGNATION.search(flat):
            says_number = True
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
            self.tell("note", "capitals", "the title is in capitals; check whether it should be printed so")
        return title, re.sub(r"^#\s*", "", number).strip(), says_number

    def _without_status(self, title: RichText) -> RichText:
        """The title without “WITHDRAWN:” before it, which becomes the record's status."""
        rest = without_withdrawal(title)
        if rest is None and not _NOTICE.match(title.plain):
            return title
        self.status = "withdrawn"
        return title if rest is None else rest  # a notice's title, or one that says nothing else, stays as printed

    def _society(self) -> str:
        """The society of the meeting, or those whose abstracts the journal prints; empty where neither is known."""
        named = self.meeting.society if self.meeting else ""
        return named or " ".join(sorted(societies_of(self.container_short) or societies_of(self.container)))

    def _is_in_proceedings(self, doi: str, part: VolumePart, pages: str) -> bool:
        """Whether its DOI or its place in a journal shows that it is the abstract of a meeting."""
        year = self.issued.year if self.issued else None
        return shows_abstract(doi, pages, year) or bool(
            year and is_of_meeting(self.container_short or self.container, year, self.volume, part)
        )

    def _part(self) -> tuple[str, str]:
        if self.volume and (match := _VOLUME_AGAIN.fullmatch(self.issue)) and match[1] == self.volume:
            self.tell(
                "note", "issue", f"in place of the issue the source gives the volume, “{self.issue}”; it was left out"
            )
            self.issue = ""
        if fields.NO_ISSUE.fullmatch(self.issue):
            self.tell("note", "issue", f"“{self.issue}” is not the number of an issue; it was left out")
            self.issue = ""
        part = VolumePart.of(self.issue, self.supplement)
        return part.issue or "", "Suppl" if part.supplement == "" else part.supplement or ""

    def _take_number_from_pages(self) -> bool:
        """Moves the abstract's number from the place of pages, which says that it is one; whether it does."""
        match = fields.SAYS_NUMBER.fullmatch(self.pages)
        if match and self.number in {"", match[1]}:
            self.pages, self.number = "", match[1]
        return match is not None

    def _take_number_from_abstract(self, number: str, pages: str, doi: str, *, in_supplement: bool) -> bool:
        """Moves the number with which the abstract begins into its place; whether it shows a meeting abstract."""
        own = number or self.number.lstrip("#")
        tail = re.split(r"[./]", doi.upper())[-1]
        known = {own, pages if in_supplement else "", tail if len(tail) > 2 else ""} - {""}
        leading = leading_number(self.parts, known)
        if leading is None or own not in {"", leading.number}:
            return False
        self.number, self.parts = leading.number, leading.parts
        return leading.said or in_supplement

    def _pages(self) -> str:
        text = self.pages or self.article_number
        if _NO_PAGES.fullmatch(text):
            if text:
                self.tell("note", "no-pages", f"the source has “{text}” in place of pages; it was left out")
            return self.article_number if text != self.article_number else ""
        return read_pages(text)

    def _number_of_page(self, pages: str, doi: str) -> str:
        """The page, where it is the abstract's number: ``P102``, ``OA04``; ``S387``, ``A12`` and ``e12`` are pages."""
        if "-" in pages or not pages or fields.CONTINUOUS.fullmatch(pages):
            return ""
        journal = journal_of(self.container_short) or journal_of(self.container)
        if journal and journal.locator == "number":
            return pages
        if re.fullmatch(r"[A-Z]{1,4}\d{1,5}", pages) and not re.match(r"[SEA]\d", pages):
            return pages
        return pages if re.search(rf"[-.]{re.escape(pages.lower())}$", doi) and not pages.isdigit() else ""

    def _abstract(self, ids: Ids) -> tuple[tuple[AbstractPart, ...], Ids]:
        parts, tails = markup.without_tail(self.parts)
        if len(parts) == 1 and not parts[0].label and fields.NO_TEXT.fullmatch(parts[0].text.plain):
            parts = ()
        if len(parts) == 1 and says_withdrawn(parts[0].text.plain):
            self.status = "withdrawn"
        for tail in tails:
            self.tell("note", "tail", f"left out after the abstract: “{tail[:300]}”")
        flat = " ".join(part.text.plain for part in parts)
        ids = ids.with_registrations((*ids.registrations, *(one.number for one in trials.find(flat, running=True))))
        if (
            len(parts) == 2
            and parts[0].label is None
            and _TRIAL_LABEL.fullmatch(parts[1].label or "")
            and trials.only(parts[1].text.plain)
        ):
            # ASCO's closing sentence after an abstract without labels; its numbers are kept as identifiers.
            parts = parts[:1]
        return parts, ids

    def _formulas(self) -> tuple[Formula, ...]:
        """The formulas of title and abstract, which keep their texts; those that cannot be read are reported."""
        kept: list[Formula] = []

        def text_of(text: RichText) -> RichText:
            words, read, unread = without_formulas(text)
            kept.extend(Formula(text=one, source=source) for one, source in read)
            for source, why in unread:
                shown = f"“{source[:80]}{'…' if len(source) > 80 else ''}”"
                self.tell("warning", "formula", f"a formula is printed as its source, {shown}, because {why}")
            return words

        self.title = text_of(self.title)
        self.parts = tuple(structs.replace(part, text=text_of(part.text)) for part in self.parts)
        return tuple(dict.fromkeys(kept))

    def _keywords(self) -> tuple[str, ...]:
        words = (self._text(markup.plain(word)).strip(" ;.*") for word in self.keywords)
        return tuple(dict.fromkeys(word for word in words if word))


def _begins_with_digits(text: str) -> bool:
    return re.match(r"\s*#?\d", text) is not None


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
    if isinstance(text, str):
        text = ties.without_emails(text)
    elif "@" in text.plain:
        text = RichText.parse(ties.without_emails(text.source))
    bare, _, _ = without_formulas(markup.inline(text) if isinstance(text, str) else text)
    return _stripped(bare, " ;,", " ;,.&")


@functools.lru_cache(maxsize=1024)  # colleagues share theirs
def _affiliation(text: str) -> RichText:
    return _bare_affiliation(text)


_WORD: Final = re.compile(r"[^\W_]+")
_SAYING_NOTHING: Final = frozenset(
    {"abstract", "abstracts", "meeting", "poster", "oral", "presented", "at", "the", "of", "and", "in", "no", "number"}
)
_ET_AL: Final = re.compile(rf"[\s,;]{{1,9}}(?:{ET_AL}\.?|and others)$")
_PREPRINTS: Final = re.compile(
    r"\w{1,10}rxiv\b.{0,60}|(?:OSF )?preprints(?:\.org)?|research square\b.{0,40}|ssrn(?: electronic journal)?",
    re.IGNORECASE,
)
_VOLUME_AGAIN: Final = re.compile(r"vol(?:ume)?\b\.? ?(\w{1,10})(?:,? \(?\d{4}\)?)?", re.IGNORECASE)
_ORCID: Final = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dXx])\b")
_MEDIUM: Final = re.compile(r"\s*\((?:ISSN|print|online|electronic|linking)\)", re.IGNORECASE)
_ISSN_TWICE: Final = re.compile(r"^ISSN\s+(?:ISSN\s*)?")
_NOTICE: Final = re.compile(
    r"(?:retraction|withdrawal)(?: (?:note|notice|statement))?(?: (?:of|to|for))?\s?(?::|[–—-]\s|[“\"‘«])",
    re.IGNORECASE,
)
_PAGE_BEHIND: Final = re.compile(r"\s?[(\[]((?=[A-Z]{0,5}[ -]?\d)[\w.-]{2,12})[)\]]\.?$")
_DESIGNATION: Final = re.compile(r"\s*[(\[](?:meeting |conference )?abstract[)\]]\.?\s*$", re.IGNORECASE)
_ABBREVIATED: Final = re.compile(r"\b(?:[A-Z]\.){2,}$|\b(?:etc|vs|spp|sp|Jr|Sr|Inc|Ltd|et al)\.$")
_NO_PAGES: Final = re.compile(
    r"(?:no|n/?a|none|null|np|n\.?\s?pag\.?|undefined|specified)?[\s.–-]{0,9}(?:specified|pagination)?", re.IGNORECASE
)
_KINDS: Final = frozenset({*Ids.__struct_fields__, *trials.KINDS, "issn"})
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


# --- Languages -------------------------------------------------------------------------------------------------------

# ISO 639-2 codes and English names of the languages that MEDLINE and RIS files name most; others of three letters are
# tags as they are (BCP 47, section 2.2.1).
_LANGUAGES: Final[Mapping[str, str]] = {
    "eng": "en",
    "english": "en",
    "fre": "fr",
    "fra": "fr",
    "french": "fr",
    "ger": "de",
    "deu": "de",
    "german": "de",
    "spa": "es",
    "spanish": "es",
    "ita": "it",
    "italian": "it",
    "por": "pt",
    "portuguese": "pt",
    "chi": "zh",
    "zho": "zh",
    "chinese": "zh",
    "jpn": "ja",
    "japanese": "ja",
    "rus": "ru",
    "russian": "ru",
    "pol": "pl",
    "polish": "pl",
    "dut": "nl",
    "nld": "nl",
    "dutch": "nl",
    "kor": "ko",
    "korean": "ko",
    "tur": "tr",
    "turkish": "tr",
    "cze": "cs",
    "ces": "cs",
    "swe": "sv",
    "swedish": "sv",
    "dan": "da",
    "danish": "da",
    "nor": "no",
    "norwegian": "no",
    "hun": "hu",
    "heb": "he",
    "ara": "ar",
    "per": "fa",
    "fas": "fa",
    "gre": "el",
    "ell": "el",
    "ukr": "uk",
    "fin": "fi",
    "und": "",
    "mul": "",
}


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
    """The full title for NLM's abbreviation; empty where the tables do not have it, or have two."""
    journal = journal_of(short)
    return journal.container if journal else journals.full_title(short)


# --- Records that come whole ------------------------------------------------------------------------------------------


def adopted(page: Page, record: Record, raw: bytes, identifier: str = "", problems: Iterable[Problem] = ()) -> Parsed:
    """A record that its source gives whole, with an id and an origin where it has none, and its source's defaults."""
    if defaults := page.defaults:
        record = structs.replace(
            record,
            meeting=record.meeting or defaults.meeting,
            container=record.container or ("" if record.container_short else defaults.container),
            issued=record.issued or defaults.issued,
            track=record.track or defaults.track,
            language=record.language or defaults.language,
        )
    origin = record.origin or _origin(page, raw)
    record = structs.replace(record, origin=origin, id=record.id or record_id(record))
    return Parsed(record=record, raw=raw, identifier=identifier or record.id or "", problems=tuple(problems))


def _origin(page: Page, raw: bytes) -> Origin:
    return Origin(
        source=page.source,
        format=page.format,
        where=page.where,
        retrieved=page.retrieved,
        sha256=hashlib.sha256(raw).hexdigest(),
    )
