"""Markdown with front matter becomes a record: how sites of meetings and proceedings keep each abstract.

Jekyll, Hugo, Pandoc and MyST put YAML between two lines ``---`` before the text (Hugo also TOML between ``+++``). The
names of the fields are theirs, PMLR's, JOSS's and those of themes for meetings: there is no standard, so each has some.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

from msgspec import structs

from digest import strict
from digest.cite.items import type_of
from digest.cite.tokens import read_dates
from digest.model import Meeting, Person
from digest.names import person
from digest.sources.formats import own
from digest.sources.shared import markup
from digest.sources.shared.cited import fill_cited
from digest.sources.shared.dates import read_date
from digest.sources.shared.draft import Draft
from digest.sources.shared.markdown import blocks, spans
from digest.text import without_control

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.errors import Problem
    from digest.model import PartialDate, RecordType
    from digest.sources.page import Outcome, Page

_Fields = dict[str, Any]

_BLOCK: Final = re.compile(
    r"\ufeff?\s*^(---|\+\+\+)[ \t]*\n(.*?\n)(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("title", "paper_title", "abstract_title", "talk_title"),
    "subtitle": ("subtitle",),
    "authors": ("authors", "author", "bibtex_author", "speakers", "speaker", "presenters", "presenter", "by"),
    "affiliations": ("affiliations", "affiliation", "institutions", "institution", "organizations"),
    "number": ("abstract_number", "abstract_no", "abstract_id", "poster_number", "paper_number", "paper_id", "code"),
    "container": ("container_title", "journal", "publication", "booktitle", "proceedings", "journal_title"),
    "container_short": ("container_title_short", "publication_short", "journal_abbreviation"),
    "volume": ("volume",),
    "issue": ("issue",),
    "pages": ("pages", "page_range"),
    "publisher": ("publisher",),
    "language": ("language", "lang"),
    "track": ("session", "track", "section", "topic", "category"),
    "abstract": ("abstract", "abstract_text", "summary", "description"),
    "meeting": ("event_title", "event", "conference", "meeting", "conference_name", "event_name"),
    "place": ("event_place", "location", "venue", "city", "conference_location"),
    "start": ("event_date", "event_start", "conference_date", "date_start", "start_date", "dates"),
    "end": ("event_end", "date_end", "end_date"),
    "issued": ("issued", "published", "publication_date", "publishdate", "date_published", "date", "year"),
    "citation": ("citation", "cite_as", "bibliographic_citation", "bibliographiccitation"),
    "kind": ("presentation_type", "presentation", "contribution_type", "format", "talk_type"),
    "licence": ("license", "licence", "copyright"),
    "keywords": ("keywords", "tags", "subjects", "keyword"),
    "type": ("type", "genre", "layout", "publication_type"),
}
_PRESENTED: Final = (
    ("poster discussion", "poster discussion"),
    ("late.?breaking", "late-breaking"),
    ("publication only", "publication only"),
    ("poster|e-?poster", "poster"),
    ("oral|talk|lecture|lightning", "oral"),
)


def is_front_matter(text: str) -> bool:
    """Whether a text is Markdown whose front matter has a title, or begins a text with one."""
    match = _BLOCK.match(text)
    if not match:
        return False
    named = re.search(r"^[\"']?(?:abstract_|paper_|talk_)?title[\"']?\s?[:=]", match[2], re.MULTILINE | re.IGNORECASE)
    rest = text[match.end() :].strip()
    if own.is_yaml(rest) or (match[1] == "---" and re.match(r"schema:", match[2])):
        return False
    if re.match(r"---[ \t]*\n", rest) or not rest:  # several documents of YAML, or one that ends with a line
        return bool(named and re.search(r"^(?:layout|permalink|draft):", match[2], re.MULTILINE))
    return bool(named or re.match(r"# \S", rest))


def parse(page: Page) -> Iterator[Outcome]:
    """The record, or the problem why there is none."""
    yield from page.text_problems
    text = page.text.replace("\r\n", "\n").replace("\r", "\n")
    match = _BLOCK.match(text)
    if not match:
        yield page.problem("error", "no-records", "no front matter found; expected YAML between two lines “---”")
        return
    given, problems = _fields(page, match, text)
    if given is None:
        yield from problems
        return
    if not any(given.get(name) for name in (*_NAMES["authors"], *_NAMES["number"], "abstract", "doi", "bibtex")):
        yield page.problem("warning", "no-record", "this is a page of a site: it names neither authors nor an abstract")
        return
    draft = Draft(page, "page", page.content)
    _fill(draft, given, text[match.end() :])
    yield draft.finish()


def _fields(page: Page, match: re.Match[str], text: str) -> tuple[_Fields | None, tuple[Problem, ...]]:
    """The front matter with names in small letters and ``_``; the problems where it cannot be read."""
    line = text.count("\n", 0, match.start(2)) + 1
    value: object
    problems: tuple[Problem, ...] = ()
    if match[1] == "+++":
        try:
            value = tomllib.loads(match[2])
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            value, problems = None, (page.problem("error", "toml", f"this is not TOML: {error}", line=line),)
    else:
        value, problems = strict.as_texts(match[2], page.where, first_line=line)
    if not isinstance(value, dict):
        return None, problems or (page.problem("error", "no-records", "the front matter has no fields", line=line),)
    extra = [value[name] for name in ("params", "extra", "metadata") if isinstance(value.get(name), dict)]
    out: _Fields = {}
    for fields in (value, *extra):
        for name, one in fields.items():
            out.setdefault(re.sub(r"[\s-]", "_", str(name).lower()), one)
    return out, problems


def _text(value: object) -> str:
    """A value as one line; of a list the first, of a mapping its name."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = next((value[name] for name in ("name", "title", "id", "text") if isinstance(value.get(name), str)), "")
    return " ".join(str(value).split()) if value is not None and not isinstance(value, bool) else ""


def _listed(value: object) -> list[str]:
    pieces = value if isinstance(value, list) else re.split(r"\s*[;,]\s*", value) if isinstance(value, str) else []
    return [text for piece in pieces[:500] if (text := _text(piece))]


def _fill(draft: Draft, given: _Fields, body: str) -> None:
    def get(field: str) -> object:
        return next((given[name] for name in _NAMES[field] if given.get(name) not in (None, "", [], {})), "")

    def text(field: str) -> str:
        return _text(get(field))

    heading, body = _heading(body)
    title = text("title") or heading
    if subtitle := text("subtitle"):
        title = f"{title}{'' if title.endswith((':', '?', '!')) else ':'} {subtitle}"
    draft.title = markup.inline(spans(title))
    _add_people(draft, get("authors"), get("affiliations"))
    draft.container = markup.plain(spans(text("container")))
    for name in ("container_short", "volume", "issue", "pages", "publisher", "language", "track"):
        setattr(draft, name, markup.plain(spans(text(name))))
    draft.licence = text("licence")
    if not draft.pages and (first := _text(given.get("firstpage"))):
        draft.pages = f"{first}-{last}" if (last := _text(given.get("lastpage"))) else first
    in_volume = bool(draft.volume or draft.container)
    number = text("number") or ("" if in_volume else _text(given.get("number")))
    draft.issue = draft.issue or (_text(given.get("number")) if in_volume else "")
    draft.number = number if len(number) < 20 and re.search(r"\d", number) else ""
    draft.keywords = [word for word in _listed(get("keywords")) if len(word) < 100]
    _set_dates(draft, given, get)
    _add_identifiers(draft, given)
    if presented := next((how for word, how in _PRESENTED if re.search(word, text("kind"), re.IGNORECASE)), ""):
        draft.presentation = presented  # type: ignore[assignment]  # one of the words of the type
    draft.type = _kind(text("type")) or ("meeting-abstract" if draft.meeting or draft.presentation else None)
    _fill_from_citation(draft, text("citation") or draft.container)
    pages = re.fullmatch(r"(\d{1,6})-(\d{1,6})", draft.pages)
    if draft.type == "meeting-abstract" and not draft.number and pages and 2 < int(pages[2]) - int(pages[1]) < 1000:
        draft.type = "chapter"  # a paper of several pages is not an abstract
    abstract = get("abstract")
    shown = blocks(_without_templates(abstract if isinstance(abstract, str) else _text(abstract)))
    written = blocks(_without_templates(_without_references(draft, body)))
    both = [len(" ".join(block.text.plain for block in blocks)) for blocks in (shown, written)]
    # “description” and “summary” are often the first words of the text.
    of_body = not shown or (both[1] > both[0] and not any(given.get(name) for name in _NAMES["abstract"][:2]))
    draft.parts = markup.parts(written if of_body else shown)
    if written and not of_body:
        left = " ".join(block.text.plain for block in written)
        draft.tell("note", "body", f"besides the abstract there is a text of {len(left)} characters: “{left[:160]}”")


def _kind(name: str) -> RecordType | None:
    """The kind of publication by the word of a theme, of BibTeX or of CSL; nothing for “post” and “page”."""
    word = re.sub(r"[\s_]", "-", name.lower())
    if re.fullmatch(r"(?:(?:meeting|conference)-)?(?:abstract|poster|talk|presentation|contribution)s?", word):
        return "meeting-abstract"
    if word in {"post", "page", "default", "single", "web", "webpage"}:
        return None
    return type_of(
        {"type": {"inproceedings": "paper-conference", "conference-paper": "paper-conference"}.get(word, word)}
    )


# --- People ----------------------------------------------------------------------------------------------------------


def _add_people(draft: Draft, people: object, places: object) -> None:
    """People as a text, a list of texts, or of mappings (JOSS, MyST, PMLR), with affiliations by number, id or name."""
    by_key: dict[str, str] = {}
    listed = places if isinstance(places, list) else [places] if places else []
    for n, place in enumerate(listed[:500], 1):
        keys = (
            [str(place.get(name, "")) for name in ("index", "id", "ref", "number", "key")]
            if isinstance(place, dict)
            else []
        )
        by_key |= dict.fromkeys([key for key in keys if key] or [str(n)], _place(place))
    if isinstance(people, str):
        if re.search(r"\s+and\s+.{0,80},", people) and people.count(" and ") >= people.count(","):  # BibTeX's
            people = re.split(r"\s+and\s+", people)
        elif "<" not in people and "," not in people and not re.search(r";|\band\b|&", people):
            people = [people]
        else:
            draft.add_people(people)
            people = []
    for one in (people if isinstance(people, list) else [people] if people else [])[:5000]:
        if isinstance(one, str) and _KEY.fullmatch(one.strip()):
            _add_by_key(draft, one.strip())
        elif isinstance(one, str):
            if one.strip():
                draft.add_author(_spans_out(one))
        elif isinstance(one, dict):
            _add_person(draft, {str(name).lower().replace("-", "_"): value for name, value in one.items()}, by_key)
    if by_key and not draft.affiliations:
        marks = [mark for place in by_key.values() if (mark := draft.affiliation(place))]
        if len(marks) == 1 and len(draft.authors) == 1:
            draft.authors[0] = structs.replace(draft.authors[0], affiliations=(marks[0],))


_KEY: Final = re.compile(r"[a-z]{2,30}(?:-[a-z]{1,30}){1,5}\d?")


def _add_by_key(draft: Draft, key: str) -> None:
    """A person named by a key of the site: from the file about that person, or else the key's own words."""
    text = draft.page.person_file(key)
    if match := _BLOCK.match(text):
        text = match[2]
    value = strict.as_texts(text, draft.page.where)[0] if text else None
    if isinstance(value, dict) and _text(value.get("name") or value.get("title") or value.get("last_name")):
        one = {str(name).lower().replace("-", "_"): found for name, found in value.items()}
        one["name"] = one.get("name") or one.get("title") or ""
        orcid = re.search(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", text)
        _add_person(draft, {"orcid": orcid[0] if orcid else "", **one}, {})
        return
    words = " ".join(word.capitalize() for word in key.rstrip("0123456789").split("-"))
    draft.tell("warning", "odd-name", f"the page names an author only by the key “{key}”; check the name {words}")
    draft.add_author(words)


def _spans_out(text: str) -> str:
    return markup.plain(spans(text))


def _place(place: object) -> str:
    if not isinstance(place, dict):
        return _text(place)
    named = [_text(place.get(name)) for name in ("name", "department", "institution", "city", "state", "country")]
    return ", ".join(dict.fromkeys(filter(None, named)))


def _add_person(draft: Draft, one: _Fields, by_key: Mapping[str, str]) -> None:
    def first(*names: str) -> str:
        return next((text for name in names if (text := _text(one.get(name)))), "")

    where: Any = next(
        (one[name] for name in ("affiliations", "affiliation", "institution", "org") if one.get(name)), []
    )
    found: list[str] = []
    for place in where if isinstance(where, list) else [where]:
        text = _place(place)
        keys = re.split(r"\s*[,;]\s*|\s+", text)
        if text in by_key:
            found.append(by_key[text])
        elif keys and all(key in by_key for key in keys):
            found += [by_key[key] for key in keys]
        elif isinstance(place, dict) and (key := _text(place.get("ref") or place.get("id"))) in by_key:
            found.append(by_key[key])
        elif text:
            found.append(text)
    name = first("name", "literal", "full_name", "fullname")
    family = first("family", "family_name", "last_name", "lastname", "last", "surname")
    given = first("given", "given_names", "given_name", "first_name", "firstname", "first")
    orcid = first("orcid")
    try:
        who: str | Person = (
            person(without_control(family), without_control(given)) if family else _spans_out(name or given)
        )
    except ValueError as error:
        draft.tell("warning", "odd-name", f"an author was left out: {error}")
        return
    if who:
        draft.add_author(who, found, orcid=orcid)


# --- Dates, numbers and the meeting ----------------------------------------------------------------------------------


def _date(value: object) -> PartialDate | None:
    if isinstance(value, dict):  # CSL's, as PMLR has it
        parts = value.get("date-parts") or value.get("date_parts")
        parts = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else parts
        value = "-".join(str(part).zfill(2) for part in parts[:3]) if isinstance(parts, list) else ""
    return read_date(re.sub(r"(\d{4}-\d\d-\d\d)[T ].*", r"\1", str(value))) if value else None


def _set_dates(draft: Draft, given: _Fields, get: Any) -> None:  # noqa: ANN401 - a function of `_fill`
    draft.issued = next((date for name in _NAMES["issued"] if (date := _date(given.get(name)))), None)
    event = get("meeting")
    inner = event if isinstance(event, dict) else {}
    name = markup.plain(spans(_text(event)))
    if not name:
        return
    place = _text(inner.get("location") or inner.get("place") or inner.get("city") or get("place"))
    start, end = _date(inner.get("start") or inner.get("date") or get("start")), _date(inner.get("end") or get("end"))
    if start is None and (days := _text(inner.get("dates") or get("start"))):
        try:
            ((start, end),) = read_dates(days[:120])
        except ValueError:
            start = end = None
    if start and end and start.is_after(end):
        end = None
    draft.meeting = Meeting(name=without_control(name), place=without_control(place), start=start, end=end)


def _add_identifiers(draft: Draft, given: _Fields) -> None:
    for name, label in (
        ("doi", "doi:"),
        ("pmid", "PMID:"),
        ("pmcid", "PMCID:"),
        ("isbn", "ISBN "),
        ("nct", ""),
        ("trials", ""),
    ):
        for value in _listed(given.get(name)) if name in {"nct", "trials"} else [_text(given.get(name))]:
            bare = re.sub(r"^(?:doi|pmid|pmcid|isbn)\s?:\s?", "", value, flags=re.IGNORECASE)
            draft.ids.append(bare if re.match(r"https?://|NCT", bare) or not bare else label + bare)
    draft.issn = _listed(given.get("issn"))
    for name in ("url", "link", "canonical_url", "html_url", "permalink"):
        if (value := _text(given.get(name))).startswith(("http://", "https://")):
            draft.ids.append(value)


def _fill_from_citation(draft: Draft, text: str) -> None:
    """A whole citation in its own field, or in place of the journal: “*Gut*, 66(Suppl 2):A12-A13”."""
    cited = markup.plain(spans(text))
    journal, draft.container = draft.container, "" if draft.container == cited else draft.container
    if not fill_cited(draft, cited):
        draft.container = journal


# --- The text --------------------------------------------------------------------------------------------------------


def _heading(body: str) -> tuple[str, str]:
    """The first heading, where the text begins with one of the first level, and the rest."""
    match = re.match(r"\s*#[ \t]+([^\n]+)\n", body)
    if not match or re.fullmatch(r"(?:abstract|summary|background|introduction)\W*", match[1], re.IGNORECASE):
        return "", body
    return match[1].strip(" #"), body[match.end() :]


_REFERENCES: Final = re.compile(
    r"^(?:#{1,6}[ \t]+|\*\*)(?:references|bibliography|literature|citations?)\b[^\n]*\n?", re.MULTILINE | re.IGNORECASE
)


def _without_references(draft: Draft, body: str) -> str:
    match = _REFERENCES.search(body)
    if match and (rest := body[match.end() :].strip()):
        draft.tell("note", "references", f"the list of references was left out: “{' '.join(rest[:200].split())}”")
    body = body[: match.start()] if match else body
    # “## Authors” above a list that a template makes, or that repeats the front matter.
    return re.sub(
        r"^#{1,6}[ \t]+(?:authors?|speakers?|presenters?)\W*\n(?:(?!#).*\n?)*",
        "",
        body,
        flags=re.MULTILINE | re.IGNORECASE,
    )


def _without_templates(text: str) -> str:
    """Markdown without what templates and comments put in between."""
    text = re.sub(r"<!--.*?-->|\{%.*?%\}|\{\{.*?\}\}|\{/\*.*?\*/\}", "", text, flags=re.DOTALL)
    # MDX: lines that import, and components, whose names begin with a capital.
    text = re.sub(
        r"^(?:import|export)\s[^\n]{0,300}\bfrom\s+['\"][^\n]*$|^import\s+['\"][^\n]*$", "", text, flags=re.MULTILINE
    )
    return re.sub(r"</?[A-Z][\w.]{0,60}(?:\s[^<>]{0,2000})?/?>", "", text)
