"""What publishers write into descriptions: the abstract, and citations and labelled lines, which become facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.names import sure_name
from digest.sources.formats.feeds.values import all_texts, clean, first_text, is_literal
from digest.sources.shared import markup
from digest.sources.shared.markup import TextBlock
from digest.text import RichText
from digest.vocabulary import MONTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.sources.formats.feeds.values import Fields
    from digest.sources.shared.draft import Draft


_LONGEST_TEXT: Final = 200_000


# --- Texts, and what publishers write into them ----------------------------------------------------------------------

_MONTH: Final = rf"{MONTH}[a-z]{{0,6}}"
_DATE: Final = rf"(?:(?:\d{{1,2}} )?{_MONTH}(?: \d{{1,2}},?)?[ ,]{{1,2}})?\d{{4}}"
_CITATIONS: Final = (
    # Atypon and Wiley: “Journal of Clinical Oncology, Volume 32, Issue 15_suppl, Page e15166-e15166, May 2014.”
    re.compile(
        rf"(?:(?P<journal>[^;:]{{2,150}}?), )?Vol(?:ume|\.) (?=\D{{0,8}}\d)(?P<volume>[\w-]{{1,12}})"
        rf"(?:, (?:Issues?|Numbers?|Nos?\.|Iss\.?) (?P<issue>[\w/ –-]{{1,20}}?))?"
        rf"(?:, (?P<supplement>Suppl(?:ement)?s?\.?(?: [\w–-]{{1,10}})?))?"
        rf"(?:, (?P<year>\d{{4}}))?(?:, (?:Pages?|pp?\.) (?P<pages>[\w.–-]{{1,30}}?))?"
        rf"(?:, (?P<date>{_DATE}))?(?=[.;]|$)\.? ?"
    ),
    re.compile(
        rf"(?P<journal>[^;:]{{2,150}}?), (?:Ahead of Print|EarlyView|Early View|Accepted Article|Online First|"
        rf"Latest Articles|Advance Access)(?:, (?P<date>{_DATE}))?(?:\.|$) ?"
    ),
    # Nature: “Nature, Published online: 05 July 2024; doi:10.1038/…”
    re.compile(
        rf"(?P<journal>[^;:]{{2,100}}?), (?:Published online|Published|Publication date):? "
        rf"(?P<date>{_DATE}|\d{{4}}-\d\d-\d\d)(?:[;.]|$) ?(?:\| )?"
    ),
    # PubMed: “J Clin Oncol. 2014 May 20;32(15):1234-40. doi: …. Online ahead of print.”
    re.compile(
        rf"(?P<journal>[A-Z][^.;:]{{1,120}})\. (?P<date>\d{{4}}(?: {_MONTH}(?:-{_MONTH})?(?: \d{{1,2}})?)?)"
        r"(?:;(?P<volume>[\w ]{1,15})?(?:\((?P<issue>[^()]{1,25})\))?)?"
        r"(?::(?P<pages>[\w.()/-]{1,40}?))?(?:\. |\.?$)"
    ),
    # Thieme: “Endoscopy 2024; 56(1): 12-20”
    re.compile(
        r"(?P<journal>[A-Z][^.;:]{2,120}?) (?P<date>\d{4}); ?(?P<volume>\w{1,8}) ?(?:\((?P<issue>[^()]{1,25})\))?"
        r": ?(?P<pages>[\w.–-]{1,30})(?=[. ]|$)\.? ?"
    ),
)
_KEYS: Final = re.compile(
    r"(?P<key>Publication date|Available online|Source|Author\(s\)|Authors?|Published|DOI)\s?:\s?", re.IGNORECASE
)
_AGAIN: Final = re.compile(r"\s?(?=(?:Source|Available online|DOI)\s?:|Author\(s\)\s?:)")
LABELLED_DOI: Final = re.compile(
    r"\b(?:doi\s?[:.]\s?(?:https?://(?:dx\.)?doi\.org/)?|https?://(?:dx\.)?doi\.org/)(10\.\d{4,9}/[^\s<>\"|]{1,200})",
    re.IGNORECASE,
)
_NOISE: Final = re.compile(
    r"(?:PMID\s?:\s?\d{1,9}|PMC(?:ID)?\s?:\s?PMC\d{1,9}|doi\s?[:.]\s?\S{1,300}|https?://\S{1,300}|"
    r"Online ahead of print|Epub \d{4}[\w ]{0,10}|No abstract(?: available)?|Published online|[|.,;\s]){1,12}",
    re.IGNORECASE,
)
_ARXIV: Final = re.compile(r"arXiv:(?P<id>\S{4,30}) Announce Type: \S{1,20}\s{1,4}(?:Abstract: )?")
MDPI: Final = re.compile(
    r"(?P<journal>[^:]{2,80}), Vol\. (?P<volume>\w{1,8})(?:, (?:Issue|No\.) (?P<issue>\w{1,8}))?, "
    r"Pages? (?P<pages>[\w–-]{1,20}): (?=\S)"
)


def abstract_and_facts(fields: Fields, channel: Fields, draft: Draft) -> tuple[list[TextBlock], dict[str, str]]:
    """The longest text of an item, without what is not part of an abstract, and the facts that its texts hold."""
    best: list[TextBlock] = []
    length = 0
    facts: dict[str, str] = {}
    title = first_text(fields, "title", "dc:title").casefold()
    journals = {
        *all_texts(fields, "prism:publicationname", "dc:source"),
        journal_of_channel(first_text(channel, "title")),
    }
    names = tuple(
        """
        content:encoded content summary description dc:description dcterms:abstract prism:teaser media:description
        x:abstract x:encoded
    """.split()
    )
    for name in names:
        for value in fields.get(name, ()):
            text = clean(value.text)
            kind = value.attributes.get("type", "").lower()
            if "/" in kind and not re.match(r"text/|[\w.+/-]*(?:xml|html)", kind):
                draft.tell("note", "no-text", f"<{name}> holds {kind[:60]}, which is not text; it was left out")
                continue
            if len(text) > _LONGEST_TEXT:
                message = f"<{name}> has {len(text)} characters; it was cut after {_LONGEST_TEXT}"
                draft.tell("warning", "cut", message)
                text = text[:_LONGEST_TEXT]
            if not text.strip():
                continue
            text = _HIGHWIRE_HEADING.sub(r"<\1h4>", text)
            raw = [TextBlock(text=RichText.of((text,)))] if is_literal(value) else markup.blocks(text)
            found = [
                block for block in _abstract_blocks(raw, facts) if block.text.plain not in journals or block.heading
            ]
            size = sum(len(block.text.plain) for block in found)
            if size > length and " ".join(block.text.plain for block in found).casefold().strip(" .") != title:
                best, length = found, size
    return best, facts


# ACL Anthology: “Ina Bremer, Ann Lee in Proceedings of the 38th Conference on Ducks”, and nothing else.
_NAMES_IN: Final = re.compile(
    r"(?P<names>[^;:]{5,2000}?)(?:,|\.)? [Ii]n:? (?P<book>(?:the )?(?:\d{1,3}(?:st|nd|rd|th) |(?:19|20)\d\d )?"
    r"(?:Proceedings|Findings|Transactions|Journal|Advances|Annals|Conference|Workshop|Meeting|Abstracts|Book of|"
    r"Lecture Notes|Companion|Extended)\b"
    r"[^.;]{3,300})\.?"
)


def _names_and_book(text: str) -> tuple[str, str]:
    """The names and the book of a description that holds only these; empty for other texts."""
    if (match := _NAMES_IN.fullmatch(text)) and _are_names(match["names"]):
        return match["names"], match["book"].strip()
    return "", ""


def _are_names(text: str) -> bool:
    names = [one.strip() for one in re.split(r",\s?(?:and\s)?|\s(?:and|&)\s", text)]
    return all(" " in name and sure_name(name) is not None for name in names)


_BY: Final = re.compile(r"[Bb]y (?=[^\W\d_a-z][\w.’'-]{0,30} )")
_HIGHWIRE_HEADING: Final = re.compile(r"<(/?)st>")


def _abstract_blocks(blocks: list[TextBlock], facts: dict[str, str]) -> Iterator[TextBlock]:
    """Blocks without citations and lines such as ``Source: …``, which become facts."""
    started = False
    for n, block in enumerate(blocks):
        text = block.text.plain
        if not started and text.strip(" :.").lower() == "abstract":
            continue
        if block.heading or len(text) > 3000:
            yield block
            started = started or not block.heading
            continue
        if not started and n + 1 < len(blocks) and (match := _BY.match(text)) and not text.endswith("."):
            facts.setdefault("authors", text[match.end() :])  # PLOS
            continue
        if not started and len(blocks) == 1:
            names, book = _names_and_book(" ".join(text.split()))
            if names:
                facts.setdefault("authors", names)
                facts.setdefault("book", book)
                continue
        at = 0 if started else take_citation(text, facts)
        rest = text[at:]
        if not started and _KEYS.match(rest):
            for line in _AGAIN.split(rest):
                if match := _KEYS.match(line):
                    facts.setdefault(match["key"].lower(), line[match.end() :].strip())
            continue
        if match := _ARXIV.match(rest):
            facts.setdefault("arxiv", match["id"])
            at += match.end()
            rest = text[at:]
        for match in re.finditer(r"\bPMID\s?:\s?(\d{1,9})\b", rest) if len(rest) < 300 else ():
            facts.setdefault("pmid", match[1])
        if _NOISE.fullmatch(rest) or not rest.strip():
            if match := LABELLED_DOI.search(rest):
                facts.setdefault("doi", match[1])
            continue
        started = True
        yield block if not at else TextBlock(text=RichText.of(markup.sliced(block.text, at, len(text))))


def take_citation(text: str, facts: dict[str, str]) -> int:
    """Where a citation that opens a text ends, 0 where none does; what it says is added to the facts."""
    head = text[:500]
    for pattern in _CITATIONS:
        if match := pattern.match(head):
            for key, value in match.groupdict().items():
                if value:
                    facts.setdefault(key, value.strip())
            return match.end()
    return 0


# --- Titles of channels ----------------------------------------------------------------------------------------------

_CHANNEL: Final = (
    re.compile(r"^(?P<name>(?:bio|med)Rxiv)\b.{0,200}$", re.IGNORECASE),
    re.compile(r"^.{0,200}\bupdates on (?P<name>arXiv)\.org$"),
    re.compile(
        r"^(?:Latest Results for|Table of Contents for|Recent Articles in|Latest Articles (?:from|in)|"
        r"Newest Articles (?:from|in)|ScienceDirect Publication:|New issue of|RSS feed for)\s?"
        r"(?P<name>.{2,200})$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^[^:]{2,60}: (?P<name>.{2,200}?): (?:Table of Contents?|Latest Articles.{0,40}|Ahead of Print|"
        r"Early ?View|Current Issue|Latest Issue|Accepted Articles?)$",
        re.IGNORECASE,
    ),
)
_CHANNEL_TAIL: Final = re.compile(
    r"(?:\s?[-–—|:]\s?|,?\s)(?:(?:the )?(?:current|latest|new|recent|online first|most recent)(?: online)? "
    r"(?:issues?|articles?|papers?|content|results?)|advance access|ahead of print|early ?view|table of contents?|"
    r"e?toc|online first|articles in press|issue|nature\.com (?:science|subject) feeds|recent issues|rss(?: feed)?|"
    r"open access articles|latest articles \([^()]{2,40}\)|new and recent articles|"
    r"sciencedirect|vol(?:ume|\.) \d.{0,60})$",
    re.IGNORECASE,
)
_NO_JOURNAL: Final = re.compile(r"\b(?:pubmed|search(?: results)?|alerts?|my ncbi|query)\b", re.IGNORECASE)


def journal_of_channel(title: str) -> str:
    """The journal that a channel's title names: ``JOP`` of ``JOP - Current issue``; empty for a search."""
    for pattern in _CHANNEL:
        if match := pattern.match(title):
            title = match["name"]
            break
    for _ in range(3):
        shorter = _CHANNEL_TAIL.sub("", title).strip(" -–—|:,")
        if shorter == title or not shorter:
            break
        title = shorter
    return "" if _NO_JOURNAL.search(title) else title
