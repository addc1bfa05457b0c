"""The files that people type: ``digest.yaml`` with its sources and rules, ``issue.yaml``, an article's front matter.

The types are the file formats, as those of records in `digest.model` are: each type's ``Attributes`` become the
descriptions in its JSON Schema (`digest.schema`), and the constraints here are what `digest.strict` enforces.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final, Literal, get_args

from msgspec import Meta, Struct, structs

from digest.model import (
    Doi,
    Email,
    FieldName,
    FieldText,
    InconsistentError,
    Institution,
    Issn,
    Key,
    Language,
    Meeting,
    Name,
    PartialDate,
    Path,
    Permission,
    Person,
    Presentation,
    Url,
    Width,
    institution_mistakes,
    issn_mistakes,
    pattern,
    title_and_mark_mistakes,
)
from digest.ownfields import OwnField, mistakes_in_declarations
from digest.query import mistakes_in
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator

OptionText = Annotated[str, Meta(title="a value", extra_json_schema={"x-type": ["string", "number", "boolean"]})]
FileKey = Annotated[
    str, pattern(r"[A-Za-z0-9][A-Za-z0-9_.-]*", "the name of a file without its ending, such as e15166")
]
RelativePath = Annotated[
    str,
    pattern(r"(?!/)(?!.*(?:^|/)\.\.(?:/|$))(?!.*:).+", "a path inside this folder, such as figures/plot.png"),
]
HostPort = Annotated[
    str, pattern(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}", "a server and its port, such as localhost:8080")
]
ScriptName = Annotated[
    str, pattern(r"sha256-[A-Za-z0-9+/]{43}=", "the name of a script: sha256- and 44 signs, as the error prints it")
]
NumberRange = Annotated[
    str,
    pattern(
        r"[A-Za-z]{0,6}\d+[A-Za-z]{0,4}(?:-[A-Za-z]{0,6}\d+[A-Za-z]{0,4})?", "numbers such as 4000-4199 or LBA4001"
    ),
]
Color = Annotated[
    str, pattern("#[0-9A-Fa-f]{6}", 'a colour of # and six digits, in quotation marks, such as "#8a5a00"')
]
PLACE_HOLDERS: Final = re.compile(r"\{[^{}]*\}")
DoiPrefix = Annotated[str, pattern(r"10\.\d{4,9}", "a DOI prefix such as 10.6092")]
DoiPattern = Annotated[
    str,
    pattern(
        r"(?:10\.\d{4,9}/(?:[^\sA-Z{}]|\{(?:issue|key)\})+)?",
        "a DOI with {issue} or {key}, such as 10.6092/1590-8577/{key}",
    ),
]
UrlPattern = Annotated[
    str,
    pattern(
        r"(?:https?://(?:[^\s<>\"{}]|\{(?:issue|key)\})+)?",
        "an address with {issue} or {key}, such as https://example.org/{issue}/{key}",
    ),
]
OjsVersion = Literal["3.3", "3.4", "3.5"]
ProofState = Literal["sent", "approved", "changed"]
PageNumber = Annotated[int, Meta(ge=1, title="a page number")]
Order = Literal["number", "date", "title", "relevance"]
# Names of formats (`digest.sources.formats`), and what a column of a table may hold (`…formats.tables.columns`).
FormatName = Literal[
    "",
    "feed",
    "pubmed-xml",
    "nbib",
    "europepmc-json",
    "crossref-json",
    "indico-json",
    "pretalx-json",
    "frab",
    "openreview-json",
    "oai-pmh",
    "jats",
    "mods",
    "ris",
    "bibtex",
    "csl-json",
    "endnote-xml",
    "refer",
    "isi",
    "ovid",
    "refworks",
    "fields",
    "csv",
    "xlsx",
    "html",
    "markdown",
    "json",
    "yaml",
    "text",
]
ColumnField = Literal[
    "title",
    "number",
    "authors",
    "first_author",
    "presenter",
    "coauthors",
    "affiliations",
    "affiliated_authors",
    "abstract",
    "keywords",
    "track",
    "presentation",
    "doi",
    "pmid",
    "pmcid",
    "nct",
    "trials",
    "url",
    "isbn",
    "issn",
    "eissn",
    "container",
    "container_short",
    "issued",
    "presented",
    "year",
    "volume",
    "issue",
    "supplement",
    "pages",
    "first_page",
    "last_page",
    "article_number",
    "publisher",
    "language",
    "editors",
    "embargo_until",
    "licence",
    "meeting",
    "meeting_place",
    "meeting_days",
    "status",
    "type",
    "citation",
    "part",
    "ignore",
]
# Systems whose tables are known (`…formats.tables.layouts`).
LayoutName = Literal["easychair", "conftool"]
# How a table writes its lists of authors (`…formats.tables.authorlists`).
AuthorStyle = Literal["", "name, place", "family, given", "family, given, place"]
NoticeKind = Literal["erratum", "withdrawal", "update"]
# Congresses that are known by name (`digest.sources.presets`), and fields by which the records of a source are chosen.
PresetName = Literal[
    "",
    "aacr",
    "aan",
    "aasld",
    "acc",
    "acg",
    "acl",
    "acr",
    "ada",
    "aha",
    "aistats",
    "asco-annual",
    "asco-gi",
    "asco-gu",
    "ash",
    "asn",
    "astro",
    "ats",
    "aua",
    "bsg",
    "chest",
    "ddw",
    "easd",
    "easl",
    "eccmid",
    "ecco",
    "ectrims",
    "eha",
    "elcc",
    "emnlp",
    "endo",
    "era",
    "ers",
    "esc",
    "esmo",
    "esmo-asia",
    "esmo-breast",
    "esmo-gi",
    "estro",
    "eular",
    "icml",
    "idweek",
    "isth",
    "neurips",
    "rsna",
    "sabcs",
    "sitc",
    "sno",
    "ueg",
    "wclc",
]
SelectedField = Literal["doi", "type", "volume", "issue", "supplement", "pages", "number", "title", "track"]


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where records are from: an address, or a question to a service. Give exactly one of the first six.

    Attributes:
        address: a file or folder here, or an address on the web: a feed, a page, an exported file.
        pubmed: a query of PubMed, as one types it there.
        europepmc: a query of Europe PMC, as one types it there.
        crossref: parameters of Crossref's works, such as ``filter`` and ``query.bibliographic``.
        oai: base address of an OAI-PMH repository, such as a journal's ``…/oai``.
        preset: a congress that the program knows by name, such as ``asco-gi``; “digest sources list” names them.
        name: short name of this source, kept with each of its records; a preset's is its own with the year.
        year: for a preset: the year of the congress.
        match: query of the library: only records that fit are taken, such as ``pancrea*``.
        only: for fields of a record, patterns with ``*`` and ``?``: only records that fit all of them are taken;
            ``|`` separates alternatives.
        set: for OAI-PMH: only this set.
        prefix: for OAI-PMH: the metadata format to ask for.
        since: only what the service took in or changed on this day or later.
        until: only what the service took in or changed on this day or before.
        format: name of the format, where it is not found from the content.
        columns: for tables: the field that each column holds, by the column's heading; or the name of a system whose
            tables are known, ``easychair`` or ``conftool``.
        authors: for tables: how lists of authors are written, entries parted by semicolons or lines.
        meeting: the meeting, where the records do not tell.
        permission: what of these records may be printed, where they do not tell.
        container: journal or proceedings, where the records do not tell.
        issued: date of publication, where the records do not tell.
        track: track, session or topic, where the records do not tell.
        language: language of the records, where they do not tell.
        family_first: whether names are written with the family name first.
    """

    name: FileKey = ""
    address: str = ""
    pubmed: str = ""
    europepmc: str = ""
    crossref: dict[Name, str] = {}
    oai: Url | None = None
    preset: PresetName = ""
    year: Annotated[int, Meta(ge=1900, title="a year")] | None = None
    match: str = ""
    only: dict[SelectedField, str] = {}
    set: str = ""
    prefix: Name = "oai_dc"
    since: PartialDate | None = None
    until: PartialDate | None = None
    format: FormatName = ""
    columns: dict[Name, ColumnField] | LayoutName = {}
    authors: AuthorStyle = ""
    meeting: Meeting | None = None
    permission: Permission | None = None
    container: str = ""
    issued: PartialDate | None = None
    track: str = ""
    language: Language | None = None
    family_first: bool = False

    def __post_init__(self) -> None:
        InconsistentError.check(self._mistakes())
        if not self.name:
            structs.force_setattr(self, "name", f"{self.preset}-{self.year}")

    def _mistakes(self) -> Iterator[tuple[Path, str]]:
        kinds = ("address", "pubmed", "europepmc", "crossref", "oai", "preset")
        given = [kind for kind in kinds if getattr(self, kind)]
        if len(given) != 1:
            found = f"found {' and '.join(given)}" if given else "found none"
            yield (given[-1],) if given else (), f"a source has exactly one of {', '.join(kinds)}; {found}"
        if not self.name and not self.preset:
            yield (), "the key “name” is missing"
        if self.preset and self.year is None:
            yield ("preset",), f"the key “year” is missing: the year of the congress, such as {self.preset} 2025"
        if self.year is not None and not self.preset:
            yield ("year",), "only a preset has a year"
        if self.since and self.until and self.since.is_after(self.until):
            yield ("since",), f"since ({self.since}) is after until ({self.until})"
        if self.address and (self.since or self.until):
            yield ("since" if self.since else "until",), "a file or an address cannot be asked for a span of time"
        if self.set and not self.oai:
            yield ("set",), "only an OAI-PMH repository has sets"
        known = get_args(SelectedField)
        for field in self.only:
            if field not in known:
                yield ("only", field), f"records cannot be chosen by “{field}”, only by {', '.join(known)}"
        for parameter in self.crossref:
            if parameter in {"rows", "cursor", "offset", "sample", "mailto"}:
                yield ("crossref", parameter), f"the parameter “{parameter}” is set by the program"


class PlainPicture(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A picture that has its place: on the cover, or at the head of a section.

    Attributes:
        file: path inside the issue's folder; in ``digest.yaml``, inside that of the publication.
        alt: what it shows, in words, for those who do not see it; `""` for one that only decorates.
        caption: caption printed under it; Markdown.
        credit: who made it and under what terms, printed with it.
    """

    file: RelativePath
    alt: str
    caption: str = ""
    credit: str = ""


class Picture(PlainPicture, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A picture of an article, with what readers need to know about it.

    Attributes:
        file: path inside the issue's folder.
        alt: what it shows, in words, for those who do not see it; `""` for one that only decorates.
        caption: caption printed under it; Markdown.
        credit: who made it and under what terms, printed with it.
        width: how much room it takes on paper: one column, the page, or a turned page; without it the program decides.
    """

    width: Width | None = None


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A section of new issues and what goes into it: what fits all of its conditions, and no section before it.

    Attributes:
        title: heading of the section.
        abbreviation: short name of the section, by which journal systems know it, such as ``ABS``.
        intro: a paragraph under the heading; Markdown.
        picture: picture at the head of the section; ``digest new`` copies it into the folder of each issue.
        accent: colour of the section in place of the theme's.
        match: query of the library, as ``digest search`` takes it, such as ``pancrea* OR neuroendocrine``.
        track: a part of the name of the track or session.
        numbers: abstract numbers or ranges of them, such as ``4000-4199``, ``e15000-e15999`` or ``LBA4001``.
        presentation: how it was presented.
        order: what the entries are sorted by.
        limit: how many entries at most; the rest is reported.
    """

    title: RichText
    abbreviation: str = ""
    intro: str = ""
    picture: PlainPicture | None = None
    accent: Color | None = None
    match: str = ""
    track: str = ""
    numbers: tuple[NumberRange, ...] = ()
    presentation: tuple[Presentation, ...] = ()
    order: Order = "number"
    limit: Annotated[int, Meta(ge=1, title="a count")] | None = None

    def __post_init__(self) -> None:
        InconsistentError.check(
            (("match",), f"the query cannot be read: {message} (at “{self.match[at : at + 20]}”)")
            for at, message in mistakes_in(self.match)
        )


class DoiPatterns(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How the publication makes the DOIs of what is its own.

    A pattern has ``{issue}``, the name of the issue's folder, and that of an item ``{key}``, the name of its file.

    Attributes:
        prefix: the prefix that the registration agency gave, such as ``10.6092``.
        item: pattern for articles that name no DOI themselves, such as ``10.6092/1590-8577/{key}``.
        issue: pattern for issues that name none.
        abstracts: whether the abstracts of issues are the publication's own and get DOIs by the same pattern. One that
            has a DOI already keeps it, and another's is never registered.
    """

    prefix: DoiPrefix
    item: DoiPattern = ""
    issue: DoiPattern = ""
    abstracts: bool = False

    def __post_init__(self) -> None:
        InconsistentError.check(self._mistakes())

    def _mistakes(self) -> Iterator[tuple[Path, str]]:
        for key, names in (("item", {"{key}"}), ("issue", {"{issue}"})):
            text = getattr(self, key)
            if text and not text.startswith(f"{self.prefix}/"):
                yield (key,), f"this DOI does not begin with the prefix {self.prefix}"
            if text and not names & set(PLACE_HOLDERS.findall(text)):
                yield (key,), f"all would have the same DOI: the pattern has no {' or '.join(sorted(names))}"


class Deposit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who registers DOIs, as the registration agency asks for it.

    Attributes:
        depositor: name of the person or office.
        email: where the agency sends its report.
        registrant: the organization that is responsible; without it, the publisher.
        policy: DOI of the page that says how corrections are made (Crossmark).
    """

    depositor: Name
    email: Email
    registrant: str = ""
    policy: Doi | None = None


class Addresses(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where issues and items are on the web, as patterns like those of DOIs.

    Attributes:
        issue: address of the page of an issue, such as ``https://example.org/issues/{issue}``.
        item: address of the page of an article or abstract, such as ``https://example.org/{issue}/{key}``.
    """

    issue: UrlPattern = ""
    item: UrlPattern = ""


class Ojs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The journal's installation of Open Journal Systems, for which import files are made.

    Attributes:
        version: its version, which decides the form of the file.
        locale: the language of the journal there, such as ``en`` or ``en_US``; without it, that of the publication.
        user_group: the name of the role of authors there.
        genre: the name of the type of file for an article's text there.
    """

    version: OjsVersion
    locale: str = ""
    user_group: Name = "Author"
    genre: Name = "Article Text"


class Publication(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The periodical, as ``digest.yaml`` describes it.

    Attributes:
        title: full title, such as ``JOP. Journal of the Pancreas``.
        abbreviation: short title for running heads, such as ``JOP. J Pancreas (Online)``.
        issn: ISSN, as it is printed.
        issn_print: ISSN of the printed edition.
        issn_online: ISSN of the electronic edition.
        publisher: publisher.
        url: address of the periodical.
        sites: address of the folder on the web in which the sites of issues are, each in a folder of its name; with it
            a site has a feed, a map, and addresses of its own in its pages.
        language: language of the issues; decides hyphenation.
        editors: who edits it, printed in the colophon.
        rights: copyright or licence statement, printed in the colophon.
        licence: address of the licence, such as ``https://creativecommons.org/licenses/by/4.0/``.
        dois: how DOIs of issues and items are made.
        deposit: who registers them.
        addresses: where issues and items are on the web.
        ojs: the journal's installation of Open Journal Systems.
        style: citation style: a name of ours, or the path of a CSL file in this folder.
        theme: theme: a name of ours, or of a folder in ``themes/``.
        theme_options: what the theme lets one set, such as ``accent``; ``digest themes show`` lists it.
        contact: e-mail address of who is responsible; sent to the servers that are asked for records.
        sources: where records are from.
        allow: servers of your own network that may be asked, each as ``host:port``.
        allow_scripts: scripts that the HTML of issues may run, each by its name, which the error about it prints;
            whoever writes one here has read it.
        sections: sections of new issues, in order; a record goes into the first that it fits.
        fields: fields of your own, such as ``relevance``, for entries, records, articles, sections or the issue.
    """

    title: Name
    abbreviation: str = ""
    issn: Issn | None = None
    issn_print: Issn | None = None
    issn_online: Issn | None = None
    publisher: str = ""
    url: Url | None = None
    sites: Url | None = None
    language: Language = "en"
    editors: tuple[str, ...] = ()
    rights: str = ""
    licence: Url | None = None
    dois: DoiPatterns | None = None
    deposit: Deposit | None = None
    addresses: Addresses = Addresses()
    ojs: Ojs | None = None
    style: Name = "jop-highlights"
    theme: Name = "highlights"
    theme_options: dict[str, OptionText] = {}
    contact: str = ""
    sources: tuple[Source, ...] = ()
    allow: tuple[HostPort, ...] = ()
    allow_scripts: tuple[ScriptName, ...] = ()
    sections: tuple[Rule, ...] = ()
    fields: tuple[OwnField, ...] = ()

    def __post_init__(self) -> None:
        InconsistentError.check(self._mistakes())

    def _mistakes(self) -> Iterator[tuple[Path, str]]:
        for key in ("issn", "issn_print", "issn_online"):
            yield from issn_mistakes(getattr(self, key), key)
        seen: set[str] = set()
        for n, source in enumerate(self.sources):
            if source.name in seen:
                yield ("sources", n, "name"), f"two sources are called “{source.name}”"
            seen.add(source.name)
        for path, message in mistakes_in_declarations(self.fields):
            yield ("fields", *path), message


class Notice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An erratum, a withdrawal or an update.

    Attributes:
        kind: which of the three.
        title: headline.
        text: what happened; Markdown.
        about: the frozen record that it is about.
    """

    kind: NoticeKind
    title: Name
    text: str = ""
    about: FileKey | None = None


class OwnPage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A page of the editors' own, such as an advertisement, a page for a sponsor, an obituary, an invitation.

    Attributes:
        title: heading; without one, the contents do not list the page.
        template: name of the template in ``overrides/pages/`` that prints it, without ``.html``.
        file: a picture that fills the page, as a path inside the issue's folder.
        alt: what the picture shows, in words, for those who do not see it.
        text: what is on the page, or what its template prints of it; Markdown.
        advertisement: whether somebody paid for it; it is marked as an advertisement.
    """

    title: str = ""
    template: FileKey | None = None
    file: RelativePath | None = None
    alt: str | None = None
    text: str = ""
    advertisement: bool = False

    def __post_init__(self) -> None:
        InconsistentError.check(self._mistakes())

    def _mistakes(self) -> Iterator[tuple[Path, str]]:
        if not (self.template or self.file or self.text):
            yield (), "a page has a template, a picture (file) or a text; this one has nothing"
        if self.file and self.alt is None:
            yield ("file",), "the key “alt” is missing: what the picture shows, in words"
        if self.alt is not None and not self.file:
            yield ("alt",), "“alt” describes the picture of a page; this one has no “file”"

    @property
    def name(self) -> str:
        """What messages and lists call it."""
        return self.title or self.template or self.file or " ".join(self.text.split())[:40]


class Proof(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How far the proof of an entry is, which its author gets.

    Attributes:
        state: ``sent``, ``approved``, or ``changed``: the author wants something else.
        day: day of that.
        note: what the author wants.
    """

    state: ProofState
    day: PartialDate | None = None
    note: str = ""


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One entry of a section: an article, a record on its own, a notice, or a page of the editors' own.

    Attributes:
        article: name of the article's file in ``articles/``, without ``.md``.
        record: name of the record's file in ``records/``, without ``.yaml``.
        notice: a notice.
        page: a page of your own.
        why: for a record: why this one, in one sentence; Markdown.
        comment: for a record: the editor's comment; Markdown.
        quote: for a record: a short quotation from its abstract, word for word.
        flag: a word printed with the entry, such as ``Practice-changing``.
        doi: DOI under which the publication itself has the abstract; that of another is in the record.
        proof: how far the proof of the entry is.
        hold: why it is not printed for now; it stays here and is left out of the pages.
        drop: why it was decided against; it stays here and is left out of the pages.
        fields: fields of your own that ``digest.yaml`` declares for entries, such as ``relevance``.
    """

    article: FileKey | None = None
    record: FileKey | None = None
    notice: Notice | None = None
    page: OwnPage | None = None
    why: str = ""
    comment: str = ""
    quote: str = ""
    flag: str = ""
    doi: Doi | None = None
    proof: Proof | None = None
    hold: str = ""
    drop: str = ""
    fields: dict[FieldName, FieldText] = {}

    def __post_init__(self) -> None:
        if sum(kind is not None for kind in (self.article, self.record, self.notice, self.page)) != 1:
            raise ValueError("an entry is one of article, record, notice and page: give exactly one of them")
        if not self.record and (self.why or self.comment or self.quote):
            raise ValueError("why, comment and quote belong to a record; this entry has none")


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A section of an issue.

    Attributes:
        title: heading, such as a tumour, a track or a theme.
        abbreviation: short name of the section, by which journal systems know it, such as ``ABS``.
        entries: entries in the order in which they are printed.
        intro: a paragraph under the heading; Markdown.
        picture: picture at the head of the section.
        accent: colour of the section in place of the theme's: of its headings, labels and rules.
        fields: fields of your own that ``digest.yaml`` declares for sections.
    """

    title: RichText
    entries: tuple[Entry, ...]
    abbreviation: str = ""
    intro: str = ""
    picture: PlainPicture | None = None
    accent: Color | None = None
    fields: dict[FieldName, FieldText] = {}


MOST_LINES: Final = 6
LONGEST_LINE: Final = 160  # characters: so many such lines have room on a cover, under the longest title


class Cover(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is on the cover besides the names and the date: a picture, lines, or both.

    Attributes:
        file: picture: path inside the issue's folder.
        alt: what it shows, in words, for those who do not see it; `""` for one that only decorates.
        caption: caption printed with it; Markdown.
        credit: who made it and under what terms, printed with it.
        lines: cover lines, six at most; without any, the theme names the leading articles.
    """

    file: RelativePath | None = None
    alt: str | None = None
    caption: str = ""
    credit: str = ""
    lines: tuple[RichText, ...] = ()

    def __post_init__(self) -> None:
        InconsistentError.check(self._mistakes())

    def _mistakes(self) -> Iterator[tuple[Path, str]]:
        if self.file is not None and self.alt is None:
            yield (), "the key “alt” is missing: what the picture shows, in words"
        if len(self.lines) > MOST_LINES:
            yield ("lines",), f"a cover has {MOST_LINES} lines at most; found {len(self.lines)}"
        for n, line in enumerate(self.lines):
            if (length := len(line.plain)) > LONGEST_LINE:
                yield ("lines", n), f"this line has {length} characters; {LONGEST_LINE} at most have room on a cover"
        if self.file is None:
            for key in ("alt", "caption", "credit"):
                if getattr(self, key):
                    yield (key,), f"“{key}” belongs to a picture, and the key “file” is missing"

    @property
    def picture(self) -> PlainPicture | None:
        """The picture; nothing where the cover has none."""
        if self.file is None:
            return None
        return PlainPicture(file=self.file, alt=self.alt or "", caption=self.caption, credit=self.credit)


class IssueFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An issue as ``issue.yaml`` describes it.

    Attributes:
        date: day of publication; every date in the output comes from here.
        volume: volume.
        number: number within the volume.
        edition: which edition of the issue this is; a corrected one has the next number.
        doi: DOI of the issue; without it, the one that ``dois`` in ``digest.yaml`` makes.
        url: address of the issue; without it, the one that ``addresses`` makes.
        title: title on the cover.
        meeting: the meeting whose abstracts are highlighted.
        first_page: number of the first page after the contents; the pages before it count i, ii, iii.
        cover: picture and lines on the cover.
        editorial: name of an article in ``articles/`` that opens the issue.
        sections: sections in order.
        permissions: by whose leave texts and pictures are printed; Markdown.
        colophon: what else to say about the making of the issue; Markdown.
        fields: fields of your own that ``digest.yaml`` declares for the issue.
    """

    date: PartialDate
    sections: tuple[Section, ...]
    volume: str = ""
    number: str = ""
    edition: Annotated[int, Meta(ge=1, title="a count")] = 1
    doi: Doi | None = None
    url: Url | None = None
    title: str = "Highlights"
    meeting: Meeting | None = None
    first_page: PageNumber = 1
    cover: Cover | None = None
    editorial: FileKey | None = None
    permissions: str = ""
    colophon: str = ""
    fields: dict[FieldName, FieldText] = {}

    def __post_init__(self) -> None:
        if self.date.day is None:
            raise InconsistentError(
                [(("date",), f"the date of an issue is a day, such as 2014-07-28, not {self.date}")]
            )


class ArticleFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The front matter of an article; its text follows as Markdown.

    Attributes:
        title: title, inline HTML.
        label: the line above the title; without one, the theme's words for a highlight article.
        authors: authors in order.
        affiliations: affiliations in the order in which authors' marks count them.
        institutions: the parts of affiliations, where you know them.
        summary: one paragraph; Markdown.
        keywords: MeSH headings; a heading with a comma is one.
        abstracts: names of the frozen records that the article reviews.
        meeting: the meeting that it is about, when that is not the issue's.
        pages: pages as cited, such as ``332-334``.
        doi: DOI of the article; without it, the one that ``dois`` in ``digest.yaml`` makes.
        url: address of the article; without it, the one that ``addresses`` makes.
        figures: pictures by the key under which the text places them: ``![](key)``.
        abbreviations: abbreviations with their meaning.
        conflict_of_interest: the authors' statement.
        correspondence: whom to write to.
        language: language of the article, when it is not the publication's.
        fields: fields of your own that ``digest.yaml`` declares for articles.
    """

    title: RichText
    label: str = ""
    authors: tuple[Person, ...] = ()
    affiliations: tuple[RichText, ...] = ()
    institutions: tuple[Institution, ...] = ()
    summary: str = ""
    keywords: tuple[Name, ...] = ()
    abstracts: tuple[FileKey, ...] = ()
    meeting: Meeting | None = None
    pages: Annotated[str, pattern(r"[A-Za-z]*\d+(?:-[A-Za-z]*\d+)?", "pages such as 332-334")] | None = None
    doi: Doi | None = None
    url: Url | None = None
    figures: dict[Key, Picture] = {}
    abbreviations: dict[Name, str] = {}
    conflict_of_interest: str = ""
    correspondence: str = ""
    language: Language | None = None
    fields: dict[FieldName, FieldText] = {}

    def __post_init__(self) -> None:
        InconsistentError.check(
            [
                *title_and_mark_mistakes(self.title, self.authors, self.affiliations),
                *institution_mistakes(self.institutions, self.affiliations),
            ]
        )
