"""The fields of one item become a record: identifiers, journal, title, people, date, and what kind of work it is."""

from __future__ import annotations

import re
import urllib.parse
from typing import TYPE_CHECKING, Final

from digest.cite.societies import journal_of
from digest.model import Meeting
from digest.names import read_people
from digest.sources.formats.feeds.descriptions import (
    LABELLED_DOI,
    MDPI,
    abstract_and_facts,
    journal_of_channel,
    take_citation,
)
from digest.sources.formats.feeds.values import Value, all_texts, clean, first_text, flat, rich_text
from digest.sources.formats.tables.affiliations import without_affiliations
from digest.sources.shared import markup
from digest.sources.shared.dates import read_date
from digest.sources.shared.draft import abbreviation
from digest.text import RichText, without_control

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.errors import Problem
    from digest.model import PartialDate
    from digest.sources.formats.feeds.values import Fields
    from digest.sources.page import Parsed
    from digest.sources.shared.draft import Draft


_LONGEST_TITLE: Final = 3000


def record_of(fields: Fields, channel: Fields, draft: Draft) -> Parsed | Problem:
    """The record of one item."""
    draft.identifier = first_text(fields, "guid", "id", "@about", "link")[:500]
    found, facts = abstract_and_facts(fields, channel, draft)
    _add_identifiers(fields, channel, facts, draft)
    _add_place(fields, channel, facts, draft)
    _add_title(fields, draft)
    _add_people(fields, facts, draft)
    draft.issued = _issued(fields, facts, draft)
    draft.parts = markup.parts(found)
    draft.keywords = [*all_texts(fields, "dc:subject", "prism:keyword", "media:keywords"), *_categories(fields)]
    draft.track = draft.track or first_text(fields, "prism:section")
    draft.language = first_text(fields, "dc:language", "@lang") or first_text(
        channel, "dc:language", "language", "@lang"
    )
    draft.publisher = first_text(fields, "dc:publisher") or first_text(channel, "dc:publisher")
    draft.licence = _licence(fields) or _licence(channel)
    _add_kind(fields, facts, draft)
    return draft.finish()


def _categories(fields: Fields) -> Iterator[str]:
    for value in fields.get("category", ()):
        if text := flat(value) or value.attributes.get("label") or value.attributes.get("term") or "":
            yield text


def _licence(fields: Fields) -> str:
    texts = list(
        all_texts(fields, "cc:license", "dcterms:license", "dc:rights", "rights", "prism:copyright", "copyright")
    )
    for value in (*fields.get("cc:license", ()), *fields.get("link", ())):
        if value.attributes.get("rel", "license") == "license":
            texts.insert(0, value.attributes.get("resource") or value.attributes.get("href") or "")
    return next((text for text in texts if re.search(r"creativecommons|\bCC", text)), "".join(texts[:1]))


# --- Identifiers -----------------------------------------------------------------------------------------------------

_DOI_IN_ADDRESS: Final = re.compile(r"\b(10\.\d{4,9}/[^\s?#<>\"&]{1,200})")
_WHOLE_DOI: Final = re.compile(r"(?:doi\s?[:=]\s?|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S{1,250})", re.IGNORECASE)
_AFTER_DOI: Final = re.compile(
    r"(?:/(?:abstract|full|fulltext|pdf|epdf|html|meta|summary|full-text|references)(?:/.{0,40})?"
    r"|\.(?:abstract|full|full-text|short|pdf|full\.pdf))$"
)
_PREPRINT: Final = re.compile(
    r"10\.(?:1101/(?:\d{6}$|20)|64898/|48550/|21203/rs|20944/preprints|31219/|31234/|2139/ssrn|26434/|12688/f1000)",
    re.IGNORECASE,
)


def _add_identifiers(fields: Fields, channel: Fields, facts: dict[str, str], draft: Draft) -> None:
    texts = [*all_texts(fields, "prism:doi", "arxiv:doi", "x:doi", "dc:identifier", "dcterms:identifier", "prism:url")]
    texts += [value.attributes.get("resource", "") for value in fields.get("dc:identifier", ())]
    has_doi = False
    pmid = facts.get("pmid", "")
    for text in texts:
        if match := _WHOLE_DOI.fullmatch(text):
            if not has_doi:
                draft.ids.append(match[1])
            has_doi = True
        elif match := re.fullmatch(r"(?:pmid|pubmed)\s?[:=]\s?(\d{1,9})", text, re.IGNORECASE):
            pmid = pmid or match[1]
        elif match := re.fullmatch(r"(?:pmc(?:id)?\s?[:=]\s?)?(PMC\d{1,9})", text, re.IGNORECASE):
            draft.ids.append(f"PMCID:{match[1].upper()}")
        elif re.match(r"(?:isbn|issn)\b", text, re.IGNORECASE):
            draft.ids.append(text)
    links = list(_addresses(fields, channel))
    names = [*all_texts(fields, "guid", "id", "@about"), *links, *all_texts(fields, "dc:identifier", "prism:url")]
    for value in fields.get("link", ()):
        names += [value.attributes.get("href", "")] if value.attributes.get("title") == "doi" else []
    if not has_doi and "doi" in facts:
        draft.ids.append(facts["doi"].rstrip(".,;)"))
        has_doi = True
    for name in names:
        if match := re.search(r"(?:pubmed[:/]|pubmed\.ncbi\.nlm\.nih\.gov/|PMID:)(\d{1,9})\b", name):
            pmid = pmid or match[1]
        if not has_doi and (match := _DOI_IN_ADDRESS.search(urllib.parse.unquote(name))):
            doi = _AFTER_DOI.sub("", match[1]).rstrip("/.,;")
            if re.match(r"10\.(?:1101|64898)/", doi):
                doi = re.sub(r"v\d{1,2}$", "", doi)
            elif doi.startswith("10.1093/"):
                doi = re.sub(r"/\d{5,9}$", "", doi)  # Oxford's number of the page
            draft.ids.append(doi)
            has_doi = True
    if not has_doi:
        for name in ("source", "dc:source"):
            for text in all_texts(fields, name):
                if not has_doi and (match := LABELLED_DOI.search(text)):
                    draft.ids.append(match[1].rstrip(".,;"))
                    has_doi = True
    if pmid:
        draft.ids.append(f"PMID:{pmid}")
    draft.ids += links[:1]
    for value in (*fields.get("prism:issn", ()), *fields.get("prism:eissn", ())):
        draft.issn += [value.text.strip()] if value.text.strip() else []
    if not draft.issn:
        draft.issn = [text for text in all_texts(channel, "prism:issn", "prism:eissn") if text]


def _addresses(fields: Fields, channel: Fields) -> Iterator[str]:
    """The web addresses of an item's own page, absolute, the likeliest first."""
    base = first_text(fields, "@base") or first_text(channel, "@base")
    if not base.startswith(("http://", "https://")):
        base = next((link for link in _links(channel) if link.startswith(("http://", "https://"))), "")
    guids = [
        value.text.strip()
        for value in fields.get("guid", ())
        if value.attributes.get("ispermalink", "true").lower() == "true"
    ]
    about = [value.text.strip() for value in fields.get("@about", ())]
    for link in (
        *all_texts(fields, "feedburner:origlink"),
        *_links(fields),
        *guids,
        *about,
        *all_texts(fields, "prism:url", "id"),
    ):
        address = link
        if base and not re.match(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:", link) and link in _links(fields):
            try:
                address = urllib.parse.urljoin(base, link)
            except ValueError:
                continue
        if re.fullmatch(r"https?://[^\s<>\"]{3,1900}", address):
            yield address


def _links(fields: Fields) -> list[str]:
    return [
        link
        for value in fields.get("link", ())
        if value.attributes.get("rel", "alternate") == "alternate"
        and (link := "".join(without_control(value.attributes.get("href") or value.text).split()))
    ]


# --- Journal, volume, pages ------------------------------------------------------------------------------------------

_SERVERS: Final = {
    "biorxiv": "bioRxiv",
    "medrxiv": "medRxiv",
    "arxiv": "arXiv",
    "chemrxiv": "ChemRxiv",
    "researchsquare": "Research Square",
    "preprints": "Preprints",
}
_SERVER: Final = re.compile(rf"//(?:[\w-]{{1,30}}\.)?({'|'.join(_SERVERS)})\.(?:org|com)/", re.IGNORECASE)


def _add_place(fields: Fields, channel: Fields, facts: dict[str, str], draft: Draft) -> None:
    """Sets journal, volume, issue, pages and meeting: from PRISM, or else from texts and the channel."""
    for source in ("dc:source", "source"):
        for text in all_texts(fields, source):
            if not text.startswith(("http:", "https:")) and not take_citation(text, facts):
                facts.setdefault("journal" if source == "dc:source" else "blog", text.rstrip(" ;,."))
    if "source" in facts and not take_citation(facts["source"], facts):
        facts.setdefault("journal", facts["source"])
    facts.update({"journal": facts["journal"].strip()} if "journal" in facts else {})
    draft.container = (
        first_text(fields, "prism:publicationname")
        or facts.get("journal", "")
        or facts.get("book", "")
        or first_text(channel, "prism:publicationname")
        or facts.get("blog", "")
        or journal_of_channel(first_text(channel, "title"))
    )
    if not first_text(fields, "prism:publicationname") and any(map(_PREPRINT.match, draft.ids)):
        # The channel of a subject is called after the subject; the server is in the address.
        server = next((found for text in draft.ids if (found := _SERVER.search(text))), None)
        draft.container = _SERVERS[server[1].lower()] if server else draft.container
    elif not draft.container and not first_text(fields, "arxiv:doi", "arxiv:journal_reference", "arxiv:journal_ref"):
        # The API of arXiv gives preprints without a DOI: the address alone says what they are.
        draft.container = "arXiv" if any("//arxiv.org/abs/" in text for text in all_texts(fields, "id")) else ""
    draft.volume = first_text(fields, "prism:volume", "x:volume") or facts.get("volume", "")
    draft.issue = first_text(fields, "prism:number", "prism:issueidentifier", "x:issue") or facts.get("issue", "")
    draft.supplement = first_text(fields, "prism:supplement") or facts.get("supplement", "")
    start, end = first_text(fields, "prism:startingpage"), first_text(fields, "prism:endingpage")
    draft.pages = f"{start}-{end}" if start and end else start or first_text(fields, "prism:pagerange", "prism:pages")
    draft.pages = draft.pages or facts.get("pages", "").rstrip(".")
    draft.article_number = first_text(fields, "prism:articlenumber", "prism:elocationid", "prism:enumber", "prism:eid")
    reference = first_text(fields, "arxiv:journal_reference", "arxiv:journal_ref")
    event = first_text(fields, "prism:event", "prism:conference") or (
        reference if re.search(r"\b(?:Conference|Symposium|Workshop|Congress|Meeting)\b", reference) else ""
    )
    if event:
        draft.meeting = Meeting(name=event)


# --- Title, people, date, kind ---------------------------------------------------------------------------------------

_SECTION: Final = re.compile(r"\[(?P<section>[A-Za-z][A-Za-z &/,’'-]{2,60})\] (?=\S)")
# HighWire and BMJ print it after the title: “… [Oral abstracts]”, “… [Poster Discussion]”.
_SECTION_BEHIND: Final = re.compile(r"(?<=\S) ?\[(?P<section>[A-Z][A-Za-z &/,’'-]{2,60})\]$")
_SECTION_WORDS: Final = re.compile(
    r"\b(?:articles?|orals?|e?-?posters?|plenary|presentations?|sessions?|symposi(?:um|a)|late-breaking|discussion|workshops?|research|reviews?|editorials?|comment\w*|correspondence|letters?|news|perspectives?|viewpoints?|"
    r"series|reports?|brief|original|case|clinical|asap|special|corrections?|errat(?:um|a)|obituary|profile|features?|"
    r"essays?|communications?|highlights?|cover|focus|biology|medicine|sciences?|physics|chemistry|genetics|"
    r"immunology|neuroscience|oncology|rapid|first|papers?|advance|press|abstracts?|guidelines?|trials?|education|"
    r"practice|opinion|analysis|methods?|resources?|insights?|in this issue|in context)\b",
    re.IGNORECASE,
)


def _add_title(fields: Fields, draft: Draft) -> None:
    values = [value for name in ("title", "dc:title", "x:title", "media:title") for value in fields.get(name, ())]
    texts = [rich for value in values if (rich := rich_text(_limited(value, draft)))]
    if not texts:
        return
    title = texts[0]
    flat = title.plain
    clean = next((rich for rich in texts[1:] if rich.plain and flat.endswith(rich.plain) and rich != title), None)
    if match := MDPI.match(flat):
        draft.container = draft.container or match["journal"]
        draft.volume, draft.issue = draft.volume or match["volume"], draft.issue or match["issue"] or ""
        draft.pages = draft.pages or draft.article_number or match["pages"]
        title = clean or RichText.of(markup.sliced(title, match.end(), len(flat)))
    elif match := _SECTION.match(flat):
        if _is_section(match["section"], fields):
            draft.track = match["section"]
            title = RichText.of(markup.sliced(title, match.end(), len(flat)))
    elif match := _SECTION_BEHIND.search(flat):
        bare = flat[: match.start()].rstrip(" .")
        if _is_section(match["section"], fields) or any(rich.plain.rstrip(" .") == bare for rich in texts[1:]):
            draft.track = match["section"]
            title = RichText.of(markup.sliced(title, 0, match.start()))
    draft.title = title


def _is_section(words: str, fields: Fields) -> bool:
    """Whether words in brackets next to a title name the section or the track of the item."""
    given = all_texts(fields, "prism:section", "category", "dc:subject")
    return _SECTION_WORDS.search(words) is not None or words.casefold() in map(str.casefold, given)


def _limited(value: Value, draft: Draft) -> Value:
    if len(value.text) <= _LONGEST_TITLE:
        return value
    message = f"a title of {len(value.text)} characters was cut after {_LONGEST_TITLE}"
    draft.tell("warning", "cut", message)
    return Value(value.text[:_LONGEST_TITLE], value.attributes, value.literal)


# RSS 2.0: "a@b.c (Jane Roe)"; also "Jane Roe <a@b.c>", "Jane Roe, a@b.c". Every repetition ends at a blank.
_EMAIL: Final = re.compile(r"(?:mailto:)?[^\s@<>()]{1,64}@[^\s@<>()]{1,190}")


def _add_people(fields: Fields, facts: dict[str, str], draft: Draft) -> None:
    values = next(
        (
            found
            for name in (
                "dc:creator",
                "author",
                "x:author",
                "media:credit",
                "dc:contributor",
                "contributor",
                "itunes:author",
            )
            if (found := [value for value in fields.get(name, ()) if value.text.strip()])
        ),
        [],
    )
    for value in values:
        text = without_control(clean(value.text)).strip()
        if len(text) > 100_000:
            draft.tell("warning", "cut", f"a list of authors of {len(text)} characters was left out")
            continue
        text = markup.plain(text) if "<" in text or "&" in text else text
        if "@" in text:
            text = _without_email(text)
            if not text:
                draft.tell("note", "no-name", "an author with nothing but an e-mail address was left out")
                continue
        if "," in text:
            text = " ".join(text.split())
        elif "\n" in text:
            text = "\n".join(line.strip() for line in text.splitlines() if line.strip())
        affiliation = value.attributes.get("affiliation", "")
        if not affiliation and re.search(r"[(\[]", text):
            _add_list(text, draft)
        elif affiliation or (len(values) > 1 and not re.search(r";|\n| and |,.*,", text)):
            draft.add_author(" ".join(text.split()), [affiliation] if affiliation else [])
        else:
            _add_list(text, draft)
    if not draft.authors:
        for key in ("author(s)", "authors", "author"):
            if facts.get(key):
                _add_list(facts[key], draft)
                break


def _add_list(text: str, draft: Draft) -> None:
    """Adds the people of a list, with the places after their names: ``Ann Lee (Boston), Ina Bremer (KIT)``."""
    bare, places = without_affiliations(text) if re.search(r"[(\[]", text) else (text, {})
    try:
        people, truncated = read_people(bare, family_first=draft.family_first) if places else ((), False)
    except ValueError:
        people = ()
    if not people:
        draft.add_people(text)
        return
    draft.truncated = draft.truncated or truncated
    for author in people:
        draft.add_author(author.person, [places[mark] for mark in author.marks if mark in places])


def _without_email(text: str) -> str:
    if match := re.search(r"\(([^()@]{2,2000})\)", text):
        return match[1].strip()
    return _EMAIL.sub("", text).strip(" <>(),;\t\r\n")


def _issued(fields: Fields, facts: dict[str, str], draft: Draft) -> PartialDate | None:
    names = tuple(
        """
        prism:publicationdate prism:coverdate dc:date dcterms:issued dcterms:available prism:coverdisplaydate
        published pubdate issued dcterms:created created updated modified dcterms:modified x:date
    """.split()
    )
    texts = []
    for name in names:
        values = list(all_texts(fields, name))
        # An element that may occur once occurs twice, and one of its dates is impossible: which was meant?
        if len(values) > 1 and any(read_date(text) is None for text in values):
            draft.tell(
                "warning", "odd-date", f"the date is given twice, as “{'” and “'.join(values)[:120]}”; neither was used"
            )
        else:
            texts += values
    fact_dates = [facts[key] for key in ("publication date", "date", "published", "year") if key in facts]
    # A citation's date is the issue's; the feed's pubDate is when the feed was made.
    has_own = any(name in fields for name in names[:6])
    for text in (*texts, *fact_dates) if has_own else (*fact_dates, *texts):
        if date := read_date(text):
            return date
    if texts:
        draft.tell("note", "odd-date", f"“{texts[0][:60]}” is not a date; the record has none")
    return None


_ANNOUNCEMENT: Final = re.compile(
    r"(?:issue information|cover (?:image|picture|feature)|(?:inside )?(?:front|back) (?:cover|matter)|masthead|"
    r"(?:table of )?contents|editorial board|(?:author|subject|reviewer)s?(?: and \w+)? index|"
    r"information for authors|instructions (?:to|for) authors|in this issue|list of reviewers|(?:title|cover) page|"
    r"acknowledge?ment (?:to|of) reviewers|call for (?:papers|abstracts)|announcements?|calendar)"
    r"(?=\s?(?:$|[,:;(|–-]|vol|issue))",
    re.IGNORECASE,
)


def _add_kind(fields: Fields, facts: dict[str, str], draft: Draft) -> None:
    """Sets the type where an item is not an article: a preprint, a page of the issue, a news item."""
    dois = [text for text in draft.ids if text.startswith("10.")]
    journal = draft.container
    title = draft.title.plain
    if any(map(_PREPRINT.match, dois)) or re.fullmatch(
        r"(?:bio|med|chem)Rxiv|(?:ar|psyar|socar)Xiv|SSRN|Research Square|Preprints(?:\.org)?", journal, re.IGNORECASE
    ):
        draft.type = "preprint"
    elif "book" in facts and re.match(
        r"(?:the )?(?:proceedings|findings|\d|conf|workshop|companion)", facts["book"], re.IGNORECASE
    ):
        draft.type = "chapter"
    elif _ANNOUNCEMENT.match(title) and not draft.authors:
        draft.type = "other"
    elif re.search(r"\babs(?:tr|tract)?\b\.?\s?#?[A-Za-z]{0,4}\d", title, re.IGNORECASE):
        draft.type = "article"  # finish() sees the number and makes it an abstract
    elif not (
        dois
        or draft.volume
        or draft.issue
        or draft.pages
        or draft.issn
        or "journal" in facts
        or any(key.startswith(("prism:", "arxiv:")) for key in fields)
        or any(text.startswith("PM") for text in draft.ids)
        or abbreviation(journal)
        or journal_of(journal)
    ):
        draft.type = "web"
