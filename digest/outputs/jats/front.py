"""The front matter of a file of JATS 1.3: the journal, and what is known of an article or an abstract.

The order of elements is that of the DTD (Journal Publishing Tag Set, ``journal-meta`` and ``article-meta``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from digest import trials
from digest.model import Record
from digest.outputs.jats import citations, texts
from digest.outputs.jats.texts import name_of
from digest.outputs.xmltree import Child, Element, filled
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from digest.model import Institution, Meeting, PartialDate, Person
    from digest.publication import Publication

# The names that the WHO's registries have in JATS4R's list (clinical-trial-registries.xml); others have NLM's.
_REGISTRIES: Final[Mapping[str, str]] = {
    "nct": "ClinicalTrials.gov",
    "isrctn": "ISRCTN",
    "actrn": "Australian New Zealand Clinical Trials Registry",
    "drks": "German Clinical Trials Register",
    "chictr": "Chinese Clinical Trial Registry",
    "rebec": "Brazilian Clinical Trials Registry",
    "ntr": "Netherlands National Trial Register",
    "ctri": "Clinical Trials Registry India",
    "umin": "UMIN Japan",
    "jrct": "Japan Primary Registries Network",
    "japiccti": "Japan Primary Registries Network",
    "jmacct": "Japan Medical Association Clinical Trial Registry",
    "pactr": "Pan African Clinical Trial Registry",
    "slctr": "Sri Lanka Clinical Trials Registry",
    "irct": "Iranian Registry of Clinical Trials",
    "cris": "Clinical Research Information Service, Republic of Korea",
    "rpcec": "Cuban Public Registry of Clinical Trials",
    "eudract": "EU Clinical Trials Register",
    "euct": "EU Clinical Trials Register",
    "tctr": "Thai Clinical Trials Registry",
}
# “© 2014 The Society. All rights reserved.”: the year and the holder that a statement itself names.
_COPYRIGHT: Final = re.compile(
    r"(?:©|\(c\)|copyright)(?: ©)? (\d{4}),? (?:by )?([^.;]{2,120}?)(?:[.;].*)?", re.IGNORECASE
)


class Meta(msgspec.Struct, kw_only=True):
    """What ``article-meta`` or ``front-stub`` says, in the order of the DTD.

    Attributes:
        prefix: what its ids begin with.
        key: the name of the item in the publication.
        record: the record; its texts and people are those of the file.
        headings: the kind of item, and the section of the issue that it is in; each may be empty.
        dated: whether the date, the volume and the issue are said here, and not in what is around it.
        medium: ``electronic`` or ``print``; empty where that is not certain.
        notes: what is in ``author-notes``.
        permissions: the element for them; nothing where those around it count.
        related: related articles and objects.
        abstract: paragraphs or sections of the abstract.
        more: further facts by name.
        version: which edition of it this is; empty for the first.
        issue_title: title of the issue.
        title_language: language of the title, where it is not that of the file.
    """

    prefix: str
    key: str
    record: Record
    headings: tuple[str, str | RichText] = ("", "")
    dated: bool = True
    medium: str = ""
    notes: Sequence[Element] = ()
    permissions: Element | None = None
    related: Sequence[Element] = ()
    abstract: Sequence[Element] = ()
    more: Sequence[tuple[str, str]] = ()
    version: str = ""
    issue_title: str = ""
    title_language: str | None = None


def journal_of(publication: Publication) -> Element:
    """The journal that the publication is."""
    made = Element(
        "journal-meta",
        Element("journal-id", publication.abbreviation or publication.title, journal_id_type="publisher-id"),
        _titles(publication.title, publication.abbreviation),
    )
    known = {publication.issn_print: "print", publication.issn_online: "electronic"}
    for number in dict.fromkeys((publication.issn_print, publication.issn_online, publication.issn)):
        if number:
            made.add(Element("issn", number, publication_format=known.get(number)))
    if publication.publisher:
        made.add(Element("publisher", Element("publisher-name", publication.publisher)))
    return made


def journal_named(record: Record) -> Element:
    """The journal or book in which a record of somebody else appeared.

    The DTD asks for a name of it and for an ISSN; where they are not known, these are empty.
    """
    made = Element("journal-meta")
    made.add(Element("journal-id", record.container_short or record.container, journal_id_type="publisher-id"))
    if record.container or record.container_short:
        made.add(_titles(record.container or record.container_short, record.container_short))
    made.add(Element("issn", record.issn))
    if record.publisher:
        made.add(Element("publisher", Element("publisher-name", record.publisher)))
    return made


def _titles(title: str, short: str) -> Element:
    shorter = short if short and short != title else ""
    return Element("journal-title-group", Element("journal-title", title), filled("abbrev-journal-title", shorter))


def filled_meta(name: str, meta: Meta) -> Element:
    """The element with what is known.

    Args:
        name: ``article-meta`` or ``front-stub``.
        meta: what it says.
    """
    record = meta.record
    made = Element(name, *_identifiers(meta))
    if meta.version:
        made.add(Element("article-version", meta.version, article_version_type="edition"))
    made.add(_categories(meta), _title(meta))
    made.add(*_people(record, meta))
    made.add(filled("author-notes", *meta.notes))
    if meta.dated:
        made.add(*_dates(record, meta.medium))
        made.add(filled("volume", record.volume), filled("issue", record.issue))
        made.add(filled("issue-title", meta.issue_title))
    made.add(filled("isbn", record.ids.isbn))
    made.add(filled("supplement", record.supplement) if meta.dated else None)
    made.add(*citations.pages(record), meta.permissions)
    if record.ids.url:
        made.add(Element("self-uri", xlink__href=record.ids.url, xlink__title=record.title.plain))
    made.add(*meta.related, *_trials(record))
    made.add(filled("abstract", *meta.abstract))
    made.add(filled("kwd-group", *(Element("kwd", word) for word in record.keywords)))
    if record.meeting:
        made.add(_conference(record.meeting))
    return made.add(filled("custom-meta-group", *_custom(meta)))


def _identifiers(meta: Meta) -> Iterator[Element]:
    ids = meta.record.ids
    numbers = {"publisher-id": meta.key, "doi": ids.doi, "pmid": ids.pmid, "pmcid": ids.pmcid}
    for kind, value in numbers.items():
        if value:
            yield Element("article-id", value, pub_id_type=kind)
    if ids.nbk:
        yield Element("article-id", ids.nbk, pub_id_type="custom", custom_type="bookaccession")


def _categories(meta: Meta) -> Element | None:
    """The kind of item as its heading; section, track and presentation, each in a group of its own."""
    kind, section = meta.headings
    groups = {
        "heading": [kind],
        "issue-section": [section] if isinstance(section, str) else texts.rich(section),
        "track": [meta.record.track],
        "presentation": [meta.record.presentation or ""],
    }
    made = []
    for name, words in groups.items():
        if subject := filled("subject", *words):
            made.append(Element("subj-group", subject, subj_group_type=name))
    return filled("article-categories", *made)


def _title(meta: Meta) -> Element:
    title = Element("article-title", *texts.rich(meta.record.title), xml__lang=meta.title_language)
    return Element("title-group", title)


# -- people ------------------------------------------------------------------------------------------------------------


def _people(record: Record, meta: Meta) -> Iterator[Element]:
    authors = [_contributor(person, "author", meta) for person in record.authors]
    places = [
        _affiliation(text, number, meta.prefix, next((i for i in record.institutions if i.affiliation == number), None))
        for number, text in enumerate(record.affiliations, 1)
    ]
    if authors:
        yield Element("contrib-group", *authors, *places)
    else:
        yield from places
    if record.editors:
        editors = (_contributor(person, "editor", meta) for person in record.editors)
        yield Element("contrib-group", *editors, content_type="editors")


def _contributor(person: Person, kind: str, meta: Meta) -> Element:
    corresponds = person.corresponding and kind == "author"
    made = Element("contrib", contrib_type=kind, corresp="yes" if corresponds else None)
    if person.orcid:
        made.add(Element("contrib-id", f"https://orcid.org/{person.orcid}", contrib_id_type="orcid"))
    made.add(citations.name(person))
    if corresponds:
        made.add(filled("email", person.email))
    for number in person.affiliations if kind == "author" else ():
        mark = Element("sup", str(number))
        made.add(Element("xref", mark, ref_type="aff", rid=f"{meta.prefix}-aff{number}"))
    noted = next((note for note in meta.notes if note.name == "corresp"), None)
    if corresponds and noted:
        made.add(Element("xref", ref_type="corresp", rid=noted.attributes["id"]))
    return made


def _affiliation(text: RichText, number: int, prefix: str, parts: Institution | None) -> Element:
    """An affiliation as it is printed; the parts that are known are marked where the text has them word for word."""
    made = Element("aff", Element("label", str(number)), id=f"{prefix}-aff{number}")
    words: list[Child] = texts.rich(text)
    if parts:
        kinds = (
            ("institution", parts.department, "dept"),
            ("institution", parts.name, None),
            ("city", parts.city, None),
            ("country", parts.country, None),
        )
        for name, word, kind in kinds:
            if word:
                words = _marked(words, word, Element(name, word, content_type=kind))
        if parts.ror:
            ror = Element("institution-id", f"https://ror.org/{parts.ror}", institution_id_type="ror")
            wrap = Element("institution-wrap", ror)
            at = next((n for n, one in enumerate(words) if _is_institution(one)), None)
            if at is None:
                made.add(wrap)
            else:
                words[at] = wrap.add(words[at])
    return made.add(*words)


def _is_institution(child: Child) -> bool:
    return isinstance(child, Element) and child.name == "institution" and not child.attributes


def _marked(children: list[Child], word: str, element: Element) -> list[Child]:
    for n, child in enumerate(children):
        if isinstance(child, str) and (match := re.search(rf"(?<!\w){re.escape(word)}(?!\w)", child)):
            parts: list[Child] = [child[: match.start()], element, child[match.end() :]]
            return [*children[:n], *(part for part in parts if part), *children[n + 1 :]]
    return children


# -- dates, meetings, registrations ------------------------------------------------------------------------------------


def _dates(record: Record, medium: str) -> Iterator[Element]:
    """The date of publication; where it was put online on another day, it is that of the collection that was first."""
    if record.issued and record.issued_online:
        yield date_of(record.issued, date_type="collection")
        yield date_of(record.issued_online, publication_format="electronic", date_type="pub")
    elif date := record.issued or record.issued_online:
        yield date_of(date, publication_format=medium or None, date_type="pub")
    else:
        yield Element("pub-date-not-available")


def date_of(date: PartialDate, **attributes: str | None) -> Element:
    """A date in its parts and, for programs, as ISO 8601 has it."""
    parts = zip(("day", "month", "year"), (date.day, date.month, date.year), strict=True)
    made = Element("pub-date", **attributes, iso_8601_date=str(date))
    return made.add(*(Element(name, str(part)) for name, part in parts if part))


def _conference(meeting: Meeting) -> Element:
    """The meeting; the DTD asks for its date, which is empty where it is not known."""
    span = "/".join(str(date) for date in dict.fromkeys((meeting.start, meeting.end)) if date)
    society = filled("conf-sponsor", meeting.society, content_type="society")
    return Element(
        "conference",
        Element("conf-date", meeting.dates, iso_8601_date=span or None),
        Element("conf-name", meeting.name),
        filled("conf-loc", meeting.place),
        society,
    )


def _trials(record: Record) -> Iterator[Element]:
    for number in record.ids.registrations:
        registry = trials.registry_of(number)
        yield Element(
            "related-object",
            number,
            source_type="clinical-trials-registry",
            source_id_type="registry-name",
            source_id=_REGISTRIES.get(registry.kind, registry.name),
            document_id_type="clinical-trial-number",
            document_id=number,
        )


def _custom(meta: Meta) -> Iterator[Element]:
    record = meta.record
    facts = [
        ("abstract-number", record.number),
        ("author-list", "incomplete" if record.authors_truncated else ""),
        ("session", record.session),
        ("room", record.room),
        ("presentation-begins", record.begins or ""),
        ("presentation-ends", record.ends or ""),
        *meta.more,
    ]
    for name, value in facts:
        if value:
            yield Element("custom-meta", Element("meta-name", name), Element("meta-value", value))


# -- permissions and abstracts -----------------------------------------------------------------------------------------


def permissions_of(publication: Publication) -> Element:
    """By what right the publication may be used: year and holder where its statement names both, and the licence."""
    made, rights = Element("permissions"), " ".join(publication.rights.split())
    copyright_ = _COPYRIGHT.fullmatch(rights)
    if copyright_:
        made.add(Element("copyright-statement", rights), Element("copyright-year", copyright_[1]))
        made.add(Element("copyright-holder", copyright_[2].strip()))
    address = filled("ali:license_ref", publication.licence)
    words = filled("license-p", rights if not copyright_ else "")
    return made.add(filled("license", address, words))


def abstract_of(parts: Iterable[tuple[str, RichText]]) -> list[Element]:
    """The parts of an abstract: those with labels as sections, as the tag set wants it.

    The DTD has all paragraphs before the sections, so a part without a label that follows one is a paragraph of that.
    """
    made: list[Element] = []
    for label, text in parts:
        paragraph = Element("p", *texts.rich(text))
        if label:
            made.append(Element("sec", Element("title", label), paragraph))
        elif made and made[-1].name == "sec":
            made[-1].add(paragraph)
        else:
            made.append(paragraph)
    if len(made) == 1 and made[0].name == "sec":  # JATS4R: an abstract is not one section; its title is that of all
        return [child for child in made[0].children if isinstance(child, Element)]
    return made


def corrections(record: Record, links: Iterable[tuple[str, str, str, str]], prefix: str) -> Iterator[Element]:
    """The links from what was corrected or withdrawn to the notices about it.

    Args:
        record: what was corrected or withdrawn.
        links: for each notice its ``article-type``, its title, its DOI and, where it is in the same document, its id.
        prefix: what ids begin with.
    """
    kinds = {"corrected": "correction", "withdrawn": "retraction"}
    known = [*links]
    if record.status in kinds and not any(kind == kinds[record.status] for kind, *_ in known):
        known.append((kinds[record.status], "", "", ""))
    for number, (kind, title, doi, address) in enumerate(known, 1):
        yield related(f"{kind}-forward", title, doi, address, f"{prefix}-related{number}")


def related(kind: str, title: str, doi: str, address: str, name: str) -> Element:
    """A related article: its DOI, or else its address or id, with its title as text."""
    scheme = "doi" if doi else "uri" if address else None
    return Element(
        "related-article",
        title,
        related_article_type=kind,
        ext_link_type=scheme,
        xlink__href=doi or address or None,
        id=name_of(name),
    )
