"""JATS XML of any version and NLM's older DTDs becomes records: one for an article, streamed article by article.

Meeting abstracts are articles too: their text is often in ``<body>``, their number in the page, their meeting in
``<conference>`` or in the title of the supplement.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final, get_args

from lxml import etree

from digest import trials
from digest.cite.tokens import VolumePart, read_dates
from digest.model import InconsistentError, Meeting, PartialDate, Person, Presentation
from digest.names import person
from digest.sources.page import each
from digest.sources.shared import markup, xmlpages
from digest.sources.shared.dates import date_of, exact_date, read_date
from digest.sources.shared.draft import Draft
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from lxml.etree import _Element

    from digest.errors import Problem
    from digest.model import AbstractPart, RecordType, Status
    from digest.sources.page import Outcome, Page, Parsed
    from digest.text import Node


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each article on a page, and for each sub-article that is a work of its own.

    Raises:
        DigestError: the page declares entities.
    """
    count = 0

    def outcomes_of(found: _Element | Problem) -> Iterator[Outcome]:
        nonlocal count
        if isinstance(found, etree._Element):  # noqa: SLF001 - the type has no other name
            count += 1
            if found.tag == "Reply":  # of PubMed Central, in the place of an article
                reason = found.get("error") or "it gives no reason"
                message = f"the service has no article {found.get('Id') or ''}: {reason}"
                yield page.problem("error", "no-article", message, place=found.get("Id") or f"article {count}")
            else:
                yield from article(page, found, f"article {count}")
        else:
            count += found.level == "error"
            yield found

    yield from each(page, xmlpages.elements(page, "article", "Reply"), outcomes_of, called="article")
    if not count:
        message = "it contains no <article>; expected one JATS article or a set of them"
        yield page.problem("error", "no-article", message)


# --- Articles --------------------------------------------------------------------------------------------------------


def article(page: Page, element: _Element, place: str, identifier: str = "") -> Iterator[Outcome]:
    """The record of an article and those of its parts that are works of their own.

    Args:
        page: the page that it is on.
        element: the article, in any namespace; it is changed.
        place: which record this is, for messages.
        identifier: the name under which its source knows it.
    """
    raw = etree.tostring(element, with_tail=False, encoding="utf-8")
    _without_namespaces(element)
    front, body = _front(element), element.find("body")
    inner = [part for part in element if part.tag in {"sub-article", "response"}]
    if body is not None:
        inner += [section for section in [*body.iter("sec")] if _is_work(section)]
    for part in inner:
        _cut(part)
    place = identifier or _known_as(front) or place
    draft = Draft(page, place, raw, identifier)
    yield _finished(draft, element, front, body, None)
    left: dict[str, int] = {}

    def outcomes_of(numbered: tuple[int, _Element]) -> Iterator[Outcome]:
        n, part = numbered
        kind = part.get("article-type") or part.get("response-type") or ""
        stub = _front(part)
        if kind in _NO_WORKS or stub is None or stub.find(".//article-title") is None:
            left[kind or "untitled"] = left.get(kind or "untitled", 0) + 1
            return
        own = Draft(page, f"{place}, part {n}", etree.tostring(part, with_tail=False, encoding="utf-8"))
        text = part.find("body")
        if part.tag == "sec":
            _cut(stub)
            text = part
        # A part with a front matter of its own is complete, such as an abstract of another journal.
        yield _finished(own, part, stub, text, None if stub.tag == "front" else front)

    yield from each(page, enumerate(inner, 1), outcomes_of, called=f"{place}, part")
    if left:
        many = ", ".join(f"{count} {kind}" for kind, count in sorted(left.items()))
        yield page.problem("note", "parts", f"parts of the article are not records: {many}", place=place)


def _known_as(front: _Element | None) -> str:
    """The DOI or another number of an article, for messages."""
    meta = _meta(front)
    numbers = {
        one.get("pub-id-type"): _flat(one)[:200] for one in (meta.findall("article-id") if meta is not None else ())
    }
    return numbers.get("doi") or next(iter(numbers.values()), "")


def _is_work(section: _Element) -> bool:
    """Whether a section has authors of its own: an abstract in an article that prints all of a meeting."""
    meta, title = section.find("sec-meta"), section.find("title")
    if meta is None or meta.find("contrib-group") is None or title is None:
        return False
    group = etree.SubElement(meta, "title-group")
    title.tag = "article-title"
    group.append(title)
    meta.tag = "front-stub"
    section.set("article-type", "abstract")
    return True


# Parts of an article that say something about it (JATS4R, peer review materials; translations).
_NO_WORKS: Final = frozenset(
    """
        translation decision-letter reply author-comment editor-report referee-report reviewer-report
        aggregated-review-documents peer-review discussion addendum
    """.split()
)


_NAME: Final = re.compile(r"[^\W\d][\w.-]*")  # XML 1.0, 2.3


def _without_namespaces(element: _Element) -> None:
    for child in element.iter(etree.Element):
        if child.tag.startswith("{") or ":" in child.tag:
            name = child.tag.rpartition("}")[2].rpartition(":")[2]
            child.tag = name if _NAME.fullmatch(name) else "unnamed"  # <p: /> and <p:./> have no name after the prefix


def _front(element: _Element) -> _Element | None:
    """The front matter: ``<front>``, ``<front-stub>``, or in old files the article itself."""
    for name in ("front", "front-stub", "fm", "header"):
        if (found := element.find(name)) is not None:
            return found
    return element if element.find("article-meta") is not None else None


def _meta(front: _Element | None) -> _Element | None:
    if front is None:
        return None
    meta = front.find("article-meta")
    return meta if meta is not None else front


def _finished(
    draft: Draft, element: _Element, front: _Element | None, body: _Element | None, outer: _Element | None
) -> Parsed | Problem:
    """The record of one article, or part of one, which takes from the front matter around it what it does not have."""
    meta, around = _meta(front), _meta(outer)
    if meta is None:
        return draft.refuse("no-front", f"<{element.tag}> has no front matter: neither title nor authors are known")

    def sought(path: str) -> _Element | None:
        found = meta.find(path)
        return found if found is not None or around is None else around.find(path)

    kind = element.get("article-type") or element.get("response-type") or ""
    draft.language = _attribute(element, "lang")
    _journal(draft, front if front is not None and front.find("journal-meta") is not None else outer)
    _place_in_volume(draft, meta, sought)
    _identifiers(draft, meta)
    dates = meta if meta.find("pub-date") is not None or around is None else around
    draft.issued, draft.issued_online = _issued(dates)
    _type_and_meeting(draft, kind, meta, sought)
    _title(draft, meta)
    _categories(draft, meta)
    _people(draft, meta)
    _keywords(draft, meta)
    permissions = sought("permissions")
    draft.licence = _licence(permissions if permissions is not None else meta)
    for related in meta.iter("related-article"):
        draft.status = _STATUS.get(related.get("related-article-type", ""), draft.status)
    if re.match(r"\W?(?:RETRACTED|WITHDRAWN)\b", draft.title.plain):
        draft.status = "withdrawn"
    _abstract(draft, meta, body)
    return draft.finish()


_STATUS: Final[Mapping[str, Status]] = {
    "retraction-forward": "withdrawn",
    "retracted": "withdrawn",
    "withdrawal-forward": "withdrawn",
    "correction-forward": "corrected",
    "corrected-and-republished": "corrected",
    "erratum-forward": "corrected",
}


def _attribute(element: _Element, name: str) -> str:
    """An attribute by its local name: ``href`` of ``xlink:href``, however the prefix was declared."""
    for key, value in element.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def _flat(element: _Element | None, skip: Iterable[str] = ()) -> str:
    if element is not None and len(element) == 0:
        text = element.text or ""
        if text.isascii() and text.isprintable():  # half of all texts; a third of the time
            return " ".join(text.split())
    return markup.element_text(element, frozenset(skip)).plain


def _journal(draft: Draft, front: _Element | None) -> None:
    journal = front.find("journal-meta") if front is not None else None
    if journal is None:
        return
    draft.container = _flat(journal.find(".//journal-title"))
    short = {element.get("journal-id-type"): _flat(element) for element in journal.iter("journal-id")}
    other = _flat(journal.find(".//abbrev-journal-title"))
    draft.container_short = short.get("nlm-ta") or short.get("iso-abbrev") or other
    draft.issn = [_flat(issn) for issn in sorted(journal.findall("issn"), key=_is_electronic)]
    draft.issn += [_flat(issn) for issn in journal.findall("issn-l")]
    draft.publisher = _flat(journal.find(".//publisher-name"))


def _is_electronic(element: _Element) -> bool:
    return (element.get("pub-type") or element.get("publication-format") or "") in {"epub", "electronic", "online"}


def _place_in_volume(draft: Draft, meta: _Element, sought: Callable[[str], _Element | None]) -> None:
    draft.volume = _flat(sought("volume"))
    draft.issue = _flat(sought("issue"))
    # The element holds the number of a supplement, or what it is about.
    supplement = _flat(sought("supplement"), {"named-content", "ext-link", "title", "contrib-group"})
    numbered = re.fullmatch(r"(?:suppl\w{0,8}\.?\s?)?\w{0,5}", supplement, re.IGNORECASE)
    if numbered and VolumePart.parse(draft.issue).supplement is None:
        draft.supplement = supplement
    first, last, span = (_flat(meta.find(name)) for name in ("fpage", "lpage", "page-range"))
    draft.pages = span if "," in span or not first else f"{first}-{last}" if last else first
    draft.article_number = _flat(meta.find("elocation-id"))


def _identifiers(draft: Draft, meta: _Element) -> None:
    for element in meta.findall("article-id"):
        kind, value = (element.get("pub-id-type") or "").lower(), _flat(element)
        if not value:
            continue
        match kind:
            case "doi":
                draft.ids.append(value if value.startswith(("10.", "http", "doi")) else f"doi:{value}")
            case "pmid":
                draft.ids.append(f"PMID:{value}")
            case "pmc" | "pmcid":
                number = re.search(r"\d{1,9}", value)
                draft.ids += [f"PMC{number[0].lstrip('0')}"] if number and number[0].strip("0") else []
            case "abstract-number" | "abstract" | "abstract-id":
                draft.number = value
            case "custom" if element.get("custom-type") == "bookaccession":
                draft.ids.append(value)
            case _ if value.startswith("10.") and "/" in value:
                draft.ids.append(value)
    for element in meta.findall("self-uri"):
        address = _attribute(element, "href") or _flat(element)
        if address.startswith(("http://", "https://")) and not address.lower().endswith((".pdf", ".xml", ".zip")):
            draft.ids.append(address)
    draft.ids += [f"ISBN {text}" for element in meta.findall("isbn") if (text := _flat(element))]
    for element in meta.iter("related-object"):
        named = element.get("document-id") or ""
        if element.get("document-id-type") == "clinical-trial-number" and (found := trials.alone(named)):
            draft.ids.append(found)
        elif element.get("document-type") not in _OTHER_DOCUMENTS:
            text = " ".join((*map(str, element.values()), _flat(element)))
            draft.ids += [one.number for one in trials.find(text, running=True)]
    for custom in meta.iter("custom-meta"):
        name = _flat(custom.find("meta-name"))
        if re.fullmatch(r"(?:abstract|poster|presentation)[ _-]?(?:number|no\.?|id)", name, re.IGNORECASE):
            draft.number = draft.number or _flat(custom.find("meta-value"))
        elif name == "author-list" and _flat(custom.find("meta-value")) == "incomplete":
            draft.truncated = True
    if draft.number and draft.article_number == draft.number:
        draft.article_number = ""  # what other systems find an abstract by that has no page


_OTHER_DOCUMENTS: Final = frozenset({"abstract", "journal-issue"})


def _issued(meta: _Element) -> tuple[PartialDate | None, PartialDate | None]:
    """The date of print or of the collection, made more exact by another that falls within it, and that of the web.

    PubMed Central gives “2007” for print and “19 June 2007” for the web; where the two differ it is print that cites.
    """
    ranked: list[tuple[int, PartialDate]] = []
    for element in meta.iter("pub-date"):
        words = {element.get(name) or "" for name in ("pub-type", "date-type", "publication-format")}
        year, month, day = (_flat(element.find(name)) for name in ("year", "month", "day"))
        date = date_of(year, month or _flat(element.find("season")), day)
        date = date or read_date(element.get("iso-8601-date") or _flat(element.find("string-date")) or "")
        if date is None or words & {"pmc-release", "nihms-submitted", "retraction", "ecorrected", "corrected"}:
            continue
        if words & {"ppub", "print", "epub-ppub"}:
            rank = 0
        elif "collection" in words:
            rank = 1
        else:
            rank = 2 if words & {"epub", "electronic", "pub"} else 3
        ranked.append((rank, date))
    if not ranked:
        return date_of(_flat(meta.find(".//copyright-year"))), None
    ranked.sort(key=lambda pair: pair[0])
    online = next((date for rank, date in ranked if rank == 2), None)
    return exact_date(ranked[0][1], (date for _, date in ranked)), online


_TYPES: Final[Mapping[str, RecordType]] = {
    "abstract": "meeting-abstract",
    "meeting-abstract": "meeting-abstract",
    "conference-abstract": "meeting-abstract",
    "abstracts": "meeting-abstract",
    "dissertation": "thesis",
    "preprint": "preprint",
    "dataset": "dataset",
}


# JATS 1.3, @article-type: what is never an abstract, whatever it says of a meeting.
_ARTICLES: Final = frozenset(
    "research-article review-article meeting-report editorial collection correction retraction announcement".split()
)


def _type_and_meeting(draft: Draft, kind: str, meta: _Element, sought: Callable[[str], _Element | None]) -> None:
    draft.type = _TYPES.get(kind, "article" if kind in _ARTICLES else None)
    conference = sought("conference")
    headings = {_flat(subject).lower() for subject in meta.iterfind("article-categories/subj-group/subject")}
    if draft.type is None and headings & {"meeting abstract", "meeting abstracts", "conference abstract"}:
        draft.type = "meeting-abstract"
    if conference is not None:
        draft.meeting = _conference(draft, conference)
        for other in meta.findall("conference"):
            if other is not conference:
                draft.tell("note", "meetings", f"it was presented at another meeting as well: {_flat(other)[:200]}")
    if draft.meeting is None and draft.type == "meeting-abstract":
        title = sought("supplement/named-content[@content-type='supplement-title']")
        for element in (title, sought("issue-title"), sought("supplement/title"), sought(".//issue-title")):
            if name := _name_of_meeting(_flat(element)):
                draft.meeting = Meeting(name=name)
                break


def _conference(draft: Draft, conference: _Element) -> Meeting | None:
    def text(name: str) -> str:
        return _flat(conference.find(name)).strip(" .;,")

    number, acronym, sponsor = text("conf-num"), text("conf-acronym"), text("conf-sponsor")
    name = text("conf-name") or text("string-conf") or acronym or text("conf-theme")
    if not name:
        return None
    if number and number not in name and re.fullmatch(r"\d{1,3}(?:st|nd|rd|th)", number):
        name = f"{number} {name}"
    society = next((word for word in (sponsor, acronym) if re.fullmatch(r"[A-Z]{3,6}", word)), "")
    element = conference.find("conf-sponsor[@content-type='society']")
    society = sponsor if element is not None else society
    date = conference.find("conf-date")
    dates = _flat(date)[:200]
    start = end = None
    iso = (date.get("iso-8601-date") or "") if date is not None else ""
    if _ISO_SPAN.fullmatch(iso):
        start, end = PartialDate.parse(iso.partition("/")[0]), PartialDate.parse(iso.rpartition("/")[2])
    elif date is not None and (year := _flat(date.find("year"))):
        start = end = date_of(year, _flat(date.find("month")), _flat(date.find("day")))
    elif dates:
        try:
            spans = read_dates(dates)
            start, end = spans[0][0], spans[-1][1]
        except ValueError as error:
            draft.tell("note", "odd-date", f"the date of the meeting is left out: {error}")
    try:
        return Meeting(name=name, society=society, place=text("conf-loc"), start=start, end=end)
    except InconsistentError as error:
        draft.tell("warning", "odd-date", f"the dates of the meeting, “{dates[:80]}”, are left out: {error}")
        return Meeting(name=name, society=society, place=text("conf-loc"))


_ISO_SPAN: Final = re.compile(r"\d{4}(?:-\d\d){0,2}(?:/\d{4}(?:-\d\d){0,2})?")
_ABSTRACTS: Final = re.compile(
    r"^(?:(?:selected |scientific |meeting |oral |poster )?abstracts?(?: book)?(?: presented)?"
    r"(?: (?:from|of|at|for) (?:the )?|\s?[:–-]\s?)|proceedings (?:of|from) (?:the )?)"
    r"|[\s:–-]{1,5}(?:meeting |conference )?(?:abstracts?(?: book| supplement)?|proceedings)\.?$",
    re.IGNORECASE,
)


def _name_of_meeting(text: str) -> str:
    """The meeting in the title of a supplement: ``ID Week 2017`` of ``ID Week 2017 Abstracts``; empty where none is."""
    name = _ABSTRACTS.sub("", text[:300]).strip()
    words = r"meeting|congress|conference|symposium|session|workshop|forum|summit|days?\b|week|annual|(?:19|20)\d\d"
    return name if len(name) > 5 and re.search(words, name, re.IGNORECASE) else ""


def _title(draft: Draft, meta: _Element) -> None:
    title = meta.find("title-group/article-title")
    if title is None:
        title = meta.find("article-title")
    label = (_flat(title.find("label")) if title is not None else "") or _flat(meta.find("title-group/label"))
    if re.fullmatch(r"#?[A-Za-z]{0,5}[ -]?\d[\d.-]{0,7}[A-Za-z]{0,3}\.?", label):
        draft.number = draft.number or label.strip(" .")
    found = markup.element_text(title, {"xref", "fn", "label"})
    if title is not None and label and not draft.number:
        found = RichText.of((label, " ", *found.nodes))
    for subtitle in (*meta.findall("title-group/subtitle"), *meta.findall("title-group/article-title/subtitle")):
        more = markup.element_text(subtitle, {"xref", "fn"})
        if more and more.plain.lower() not in found.plain.lower():
            sign = " " if found.plain.endswith((":", "?", "!", ".", "—")) else ": "
            found = RichText.of((*found.nodes, sign, *more.nodes))
    if not found:
        translated = meta.find("title-group/trans-title-group/trans-title")
        translated = translated if translated is not None else meta.find(".//trans-title")
        found = markup.element_text(translated, {"xref", "fn"})
    if not found and (product := meta.find("product")) is not None:
        source = _flat(product.find("source")) or _flat(product.find("article-title"))
        found = RichText.of((f"[Review of {source}]",)) if source else found
    draft.title = found


_PRESENTED: Final[tuple[tuple[str, Presentation], ...]] = (
    (r"poster discussion", "poster discussion"),
    (r"late[- ]breaking", "late-breaking"),
    (r"trials? in progress", "trial in progress"),
    (r"publication[- ]only", "publication only"),
    (r"plenary", "plenary"),
    (r"(?:invited|keynote)", "invited"),
    (r"oral", "oral"),
    (r"poster", "poster"),
)
_GENERIC: Final = re.compile(
    r"(?:(?:meeting|conference|poster|oral|scientific|invited)\s)?(?:abstracts?|presentations?|speaker\spresentations?|"
    r"lecture\spresentations?|lectures?|posters?|orals?)(?:\s(?:abstracts?|presentations?|sessions?))?|"
    r"(?:original |research |review )?(?:articles?|papers?|research|reviews?)|supplement|article|proceedings|text",
    re.IGNORECASE,
)


# Files that say which heading is which: that of the journal's section is not a track of the meeting.
_OWN_GROUPS: Final = frozenset({"issue-section", "track", "presentation"})


def _categories(draft: Draft, meta: _Element) -> None:
    """How it was presented, and the track, from the headings under which the journal lists it."""
    typed = {group.get("subj-group-type"): group for group in meta.iterfind("article-categories/subj-group")}
    if not typed.keys().isdisjoint(_OWN_GROUPS):
        said = _flat(typed["presentation"].find("subject")) if "presentation" in typed else ""
        draft.presentation = next((how for how in get_args(Presentation) if how == said), None)
        draft.track = _flat(typed["track"].find("subject")) if "track" in typed else ""
        return
    subjects = [_flat(subject) for subject in meta.iterfind("article-categories//subject")]
    subjects += [_flat(title) for title in meta.iterfind("article-categories//series-title")]
    if draft.type != "meeting-abstract" and draft.meeting is None:
        return
    for subject in subjects:
        presented = next((how for word, how in _PRESENTED if re.match(rf"{word}\b", subject, re.IGNORECASE)), None)
        draft.presentation = draft.presentation or presented
        if not draft.track and not _GENERIC.fullmatch(subject) and not presented:
            draft.track = subject
    for paragraph in meta.iterfind("author-notes//p"):
        if match := re.match(r"Session:\s{0,5}(\S.{0,300})$", _flat(paragraph)):
            draft.track = match[1]


# --- People ----------------------------------------------------------------------------------------------------------


def _people(draft: Draft, meta: _Element) -> None:
    places: dict[str, _Element] = {}  # affiliations by what refers to them: id, or the mark as printed
    printed: list[_Element] = []
    for element in meta.iter("aff", "aff-alternatives"):
        parent = element.getparent()
        if element.tag == "aff" and parent is not None and parent.tag == "aff-alternatives":
            continue
        if next(element.iterancestors("collab"), None) is not None:
            continue  # of a member of a group, who is not an author
        one = next(element.iter("aff"), element)
        printed.append(one)
        for key in (element.get("id"), one.get("id"), _flat(one.find("label"))):
            if key:
                places.setdefault(key, one)
    contributors = list(_contributors(meta))
    marked = [(element, role, _marked(element, places)) for element, role in contributors]
    referred = {id(aff) for _, _, affs in marked for aff in affs}
    of_authors = {id(aff) for _, role, affs in marked for aff in affs if role == "author"}
    texts = {id(aff): _affiliation(aff) for aff in printed}
    for aff in printed:
        if id(aff) in of_authors or id(aff) not in referred:
            draft.affiliation(texts[id(aff)])
    loose = [aff for aff in printed if id(aff) not in referred]
    nobody_marked = not of_authors
    by_group: dict[_Element | None, list[_Element]] = {}  # those without marks by the group that they are in
    for aff in loose:
        by_group.setdefault(aff.getparent(), []).append(aff)
    for element, role, affs in marked:
        if role == "author" and not affs and loose:
            # One affiliation of a group without marks belongs to all in it; of several it is not certain.
            near = by_group.get(element.getparent()) or (loose if nobody_marked else [])
            _contributor(draft, element, role, [texts[id(near[0])]] if len(near) == 1 else [])
        else:
            _contributor(draft, element, role, [texts[id(aff)] for aff in affs])
    if len(loose) > 1 and nobody_marked and draft.authors:
        draft.tell("note", "affiliations", f"nothing shows whose the {len(loose)} affiliations are; check them")
    for group in (*meta.findall("contrib-group/on-behalf-of"), *meta.findall("on-behalf-of")):
        draft.add_author(_on_behalf(group))


def _contributors(meta: _Element) -> Iterator[tuple[_Element, str]]:
    for group in meta.findall("contrib-group"):
        for element in group.findall("contrib"):
            role = (element.get("contrib-type") or group.get("content-type") or "author").lower().rstrip("s")
            yield element, "editor" if "editor" in role else "author" if role.endswith("author") else role
    for element in meta.findall("contrib"):
        yield element, (element.get("contrib-type") or "author").lower()


def _own(element: _Element, name: str) -> Iterator[_Element]:
    """Elements of this name inside another, but not those of the members of a group."""
    for child in element:
        if child.tag == name:
            yield child
        elif child.tag != "contrib-group":
            yield from _own(child, name)


def _marked(element: _Element, places: Mapping[str, _Element]) -> list[_Element]:
    """The affiliations that a contributor refers to, or carries."""
    found = [next(child.iter("aff"), child) for child in element if child.tag in {"aff", "aff-alternatives"}]
    for xref in _own(element, "xref"):
        if xref.get("ref-type") not in {"aff", None}:
            continue
        keys = (xref.get("rid") or "").split()
        hits = [places[key] for key in keys if key in places]
        if not hits and xref.get("ref-type") == "aff":
            hits = [places[mark] for mark in re.split(r"[\s,;]+", _flat(xref)) if mark in places]
        found += hits
    return list({id(aff): aff for aff in found}.values())


_ASIDE: Final = frozenset(
    """
        label email institution-id fn xref contrib-id phone fax uri ext-link target
    """.split()
)


def _affiliation(aff: _Element) -> RichText:
    """The text of an affiliation; pieces next to each other without a comma get one.

    SciELO gives it whole, ``content-type="original"``, and then its parts once more (SciELO PS, “<aff>”).
    """
    whole = [one for one in aff.iter() if one.get("content-type") == "original"]
    if texts := [text for one in whole if (text := markup.element_text(one, _ASIDE)).plain.strip()]:
        return texts[0]
    loose = (aff.text, *(child.tail for child in aff if child.tag != "label"))
    if any((text or "").strip() for text in loose) or len(aff) < 2:
        first = next(iter(aff), None)
        if first is not None and first.tag == "sup" and not (aff.text or "").strip() and len(_flat(first)) < 4:
            first.tag = "label"
        return markup.element_text(aff, _ASIDE)
    nodes: list[Node] = []
    known: set[str] = set()  # the same name may come once as printed and once as a list of institutions has it
    for child in aff:
        pieces = list(child) if child.tag == "institution-wrap" else [child]
        for piece in pieces:
            text = markup.element_text(piece, _ASIDE)
            if piece.tag not in _ASIDE and text and text.plain not in known:
                nodes += [", ", *text.nodes] if nodes else text.nodes
                known.add(text.plain)
    return RichText.of(nodes)


def _contributor(draft: Draft, element: _Element, role: str, affiliations: list[RichText]) -> None:
    if role not in {"author", "editor", "collab", "corresp", "contributor", "group", "on-behalf-of", "presenter"}:
        name = _flat(element.find(".//surname")) or _flat(element)[:60]
        draft.tell("note", "contributor", f"{name} is listed as {role[:40]}, which a record has no place for")
        return
    known = (_flat(one) for one in element.iter("contrib-id") if "orcid" in (one.get("contrib-id-type") or "orcid"))
    orcid = next(known, "")
    editor = role == "editor"
    before = len(draft.authors) + len(draft.editors) + len(draft.problems)
    for one in _names(draft, element):
        whose = orcid if isinstance(one, Person) and one.family else ""
        draft.add_author(one, [] if editor else affiliations, orcid=whose, as_editor=editor)
    if len(draft.authors) + len(draft.editors) + len(draft.problems) == before:
        draft.tell("warning", "odd-name", f"a contributor has no name: “{_flat(element)[:80]}”")


def _names(draft: Draft, element: _Element) -> Iterator[Person | str]:
    """The name of a contributor and the group that she or he speaks for."""
    name = element.find("name")
    if name is None and (alternatives := element.find("name-alternatives")) is not None:
        # Where a name is given in several scripts the Latin one is printed in an English journal.
        named = [child for child in alternatives if child.tag in {"name", "string-name"}]
        name = next((one for one in named if re.search(r"[A-Za-z]", _flat(one))), named[0] if named else None)
    if name is None:
        name = element.find("string-name")
    try:
        if name is not None:
            yield _person(name)
        elif element.find("surname") is not None or element.find("given-names") is not None:
            yield _person(element)
    except ValueError:
        draft.tell("warning", "odd-name", f"an author was left out: “{_flat(element)[:80]}” is not a name")
    for group in (*element.findall("collab"), *element.findall("collab-alternatives/collab")[:1]):
        # Members of a group, with their own list inside it, are not authors in the sense of a citation.
        text = _flat(group, {"contrib-group", "xref", "aff", "fn", "address", "email", "contrib-id"}).strip(" ,;.")
        if text:
            yield (
                Person(literal=text)
                if not re.match(r"(?:on behalf|for the)\b", text, re.IGNORECASE)
                else _on_behalf(group)
            )
        else:
            for member in group.iter("contrib"):
                yield from _names(draft, member)
    for group in element.findall("on-behalf-of"):
        yield _on_behalf(group)
    if element.find("anonymous") is not None:
        draft.tell("note", "anonymous", "an author wishes to be anonymous")


def _person(name: _Element) -> Person | str:
    family, given, suffix = (_flat(name.find(part), _ASIDE) for part in ("surname", "given-names", "suffix"))
    if family or given:
        return person(family, given, suffix) if family else person(given)
    return _flat(name, {*_ASIDE, "degrees", "prefix", "role"})


def _on_behalf(group: _Element) -> str:
    text = _flat(group, {"contrib-group", "xref", "aff", "fn"}).strip(" ,;.")
    return text if re.match(r"(?:on|in) behalf of\b|for the\b", text, re.IGNORECASE) else f"on behalf of {text}"


def _keywords(draft: Draft, meta: _Element) -> None:
    groups = [
        group
        for group in meta.findall("kwd-group")
        if not re.search(r"abbrev|impact|digest|jel|msc|pacs|inspec", group.get("kwd-group-type") or "", re.IGNORECASE)
    ]
    ours = [group for group in groups if _attribute(group, "lang")[:2] in {"", draft.language[:2]}] or groups[:1]
    for group in ours:
        for keyword in group.iter("kwd", "compound-kwd"):
            parts = [_flat(part) for part in keyword.findall("compound-kwd-part")] or [_flat(keyword)]
            draft.keywords.append(html.escape(": ".join(part for part in parts if part), quote=False))


def _licence(permissions: _Element) -> str:
    """The address of the licence; a sentence about it where there is none.

    A sentence may name a second licence, for the data, so it is not used where there is an address.
    """
    for element in permissions.iter("license", "license_ref"):
        text = _flat(element)
        address = _attribute(element, "href") or (text if element.tag == "license_ref" else "")
        if "://" in address:
            return address
        for link in element.iter("ext-link", "uri"):
            if "creativecommons.org" in (address := _attribute(link, "href")):
                return address
        if match := re.search(r"https?://creativecommons\.org/[\w./-]{1,80}", text):
            return match[0]
        if text:
            return text[:1000]
    return _flat(permissions.find("copyright-statement"))


# --- Abstracts -------------------------------------------------------------------------------------------------------

# Values of @abstract-type for what is printed next to the abstract (JATS Archiving 1.3, and others seen).
_SECONDARY: Final = re.compile(
    r"graphical|teaser|toc|key[- _]?points?|highlights?|executive[- ]summary|precis|editor|web[- ]?summary|video|"
    r"plain[- ]language|lay|short|author[- ]summary|stereochemical|objectives|in[- ]brief|significance|impact|voice",
    re.IGNORECASE,
)
_SECONDARY_BY_TITLE: Final = re.compile(
    r"\W{0,3}(?:key[ -]points?|highlights?|(?:lay|plain[ -]language|author) summary|graphical abstract|\w{1,9} digest)"
    r"\W{0,3}",
    re.IGNORECASE,
)
_LONGEST_BODY: Final = 20_000  # characters; the longest abstract seen in a body has 4,100, full papers begin at 9,000


def _is_secondary(abstract: _Element) -> bool:
    """Whether an abstract is not the main one, by its type or its heading."""
    kind, title = abstract.get("abstract-type") or "", _flat(abstract.find("title"))
    return bool(_SECONDARY.search(kind) or _SECONDARY_BY_TITLE.fullmatch(title))


def _abstract(draft: Draft, meta: _Element, body: _Element | None) -> None:
    abstracts = meta.findall("abstract")
    plain = [found for found in abstracts if _flat(found) and not _is_secondary(found)]
    ours = [found for found in plain if _attribute(found, "lang")[:2] in {"", draft.language[:2]}] or plain
    main = ours[0] if ours else None
    from_body = False
    if main is None and body is not None:
        in_proceedings = (
            draft.type == "meeting-abstract" or bool(draft.number) or (draft.meeting is not None and draft.type is None)
        )
        length = sum(len(text) for text in body.itertext())
        if in_proceedings and length <= _LONGEST_BODY:
            main, from_body = body, True
        elif in_proceedings:
            sections = len(body.findall("sec"))
            message = f"the text has {length} characters in {sections} sections and was not taken as an abstract"
            draft.tell("warning", "long-text", f"{message}; if it contains several abstracts, they are not records")
    if main is None:
        short = (found for found in abstracts if re.search(r"summary|precis|short", found.get("abstract-type") or ""))
        main = next(short, None)
    if main is not None and main is not body and body is not None and draft.type == "meeting-abstract":
        more = _flat(body)
        if more and not _flat(main).startswith(more[:100]):
            draft.tell(
                "note", "body", f"besides the abstract there is a text of {len(more)} characters: “{more[:160]}…”"
            )
    if main is not None:
        draft.parts = _parts(draft, main)
        if from_body and draft.type is None:
            draft.type = "meeting-abstract"
    for other in (*abstracts, *meta.findall("trans-abstract")):
        if other is not main and (text := _flat(other)):
            kind = _attribute(other, "lang") or other.get("abstract-type") or "another"
            message = f"besides the abstract there is one ({kind[:40]}) that was left out: “{text[:160]}…”"
            draft.tell("note", "abstract", message)


def _without_callouts(main: _Element) -> None:
    """Takes out the numbers that point to the article's references, which a record does not have.

    They are after a word, raised or in brackets; in “see reference 1” the number is a part of the sentence.
    """
    for xref in [*main.iter("xref")]:
        parent, number = xref.getparent(), _flat(xref)
        if xref.get("ref-type") != "bibr" or parent is None or not _CALLOUT.fullmatch(number):
            continue
        before = xref.getprevious()
        text = (before.tail if before is not None else parent.text) or ""
        tail = xref.tail or ""
        opened = re.search(r"(?:^|(?<=\S))\s?[\[(][\s,;–-]*$", text)
        if parent.tag == "sup" or opened or xref.find("sup") is not None or re.search(r"\S$", text):
            if opened and (closed := re.match(r"\s*[\])]", tail)):  # the last between its brackets
                text, tail = text[: opened.start()], tail[closed.end() :]
            elif parent.tag == "sup" or opened:
                tail = re.sub(r"^[\s,;–-]+", "", tail)
            if before is not None:
                before.tail = text + tail
            else:
                parent.text = text + tail
            parent.remove(xref)


_CALLOUT: Final = re.compile(r"[\d\s,;–-]{1,40}|\[[\d\s,;–-]{1,40}\]")


def _parts(draft: Draft, main: _Element) -> tuple[AbstractPart, ...]:
    _without_callouts(main)
    for figure in [*main.iter("fig", "fig-group", "supplementary-material", "media", "ref-list")]:
        caption = _flat(figure.find("caption")) or _flat(figure)
        kind = "list of references" if figure.tag == "ref-list" else "figure"
        draft.tell("note", "figure", f"a {kind} in the abstract was left out: “{caption[:200]}”")
        _cut(figure)
    for section in main.iter("sec"):
        title = section.find("title")
        below = title.getnext() if title is not None else None
        inner = below.find("title") if below is not None and below.tag == "sec" else None
        if title is not None and inner is not None:  # a heading with nothing but a heading below it
            inner.text = f"{_flat(title).strip(' :.')}: {inner.text or ''}"
            _cut(title)
    for element in main.iter("title", "label"):
        parent = element.getparent()
        within = parent.tag if parent is not None else ""
        if element.tag == "title" and within not in {"sec", "abstract", "body"}:
            element.tag = "p"
        elif element.tag == "label":
            # The number of a section is none of its text, that of a table is.
            element.tag = "object-id" if within == "sec" else "p" if within == "table-wrap" else "label"
    title = main.find("title")
    if title is not None:
        after = title.getnext()
        if markup.HEADING_OF_ALL.fullmatch(_flat(title)) or (after is not None and after.tag == "sec"):
            _cut(title)
    return markup.parts(markup.element_blocks(main))


def _cut(element: _Element) -> None:
    """Takes an element out of its parent, without the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
