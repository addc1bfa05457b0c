"""What templates may rely on: the variables of each page template with their types, and their documentation."""

from __future__ import annotations

import inspect
import re
import types
import typing
from typing import TYPE_CHECKING, Any, Final, Literal, Union

import msgspec
from markupsafe import Markup

from digest.model import Meeting, PartialDate
from digest.ownfields import OwnValues
from digest.render.context import (
    ArticleEntry,
    DigestEntry,
    EntryContext,
    IssueContext,
    IssueHead,
    PageEntry,
    SectionContext,
)
from digest.render.ebook import EpubLink, EpubPage, EpubSection
from digest.render.figures import Figure
from digest.render.indexes import IndexLetter, IndexLine
from digest.render.site.context import ListedEntry, Site, SiteGroup, SiteIndex, SiteLink, SitePage
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the program itself renders; all else is reached from these by extends, include and import.
PAGES: Final[dict[str, dict[str, Any]]] = {
    "issue.html": {"issue": IssueContext, "stylesheets": Markup, "linked_data": Markup},
    "partials/figure.html": {"figure": Figure},
}
# The pages of a site.
_OF_SITE: Final[dict[str, Any]] = {
    "issue": IssueHead,
    "site": Site,
    "page": SitePage,
    "stylesheets": Markup,
    "linked_data": Markup,
    "scripts": Markup,
}
SITE: Final[dict[str, dict[str, Any]]] = {
    "site/home.html": {
        **_OF_SITE,
        "issue": IssueContext,
        "groups": tuple[tuple[SiteGroup, tuple[ListedEntry, ...]], ...],
    },
    "site/group.html": {**_OF_SITE, "group": SiteGroup, "entries": tuple[ListedEntry, ...]},
    "site/entry.html": {
        **_OF_SITE,
        "entry": ArticleEntry | DigestEntry,
        "group": SiteLink,
        "before": SiteLink | None,
        "after": SiteLink | None,
    },
    "site/index.html": {**_OF_SITE, "index": SiteIndex, "listed": tuple[IndexLine, ...]},
    "site/search.html": _OF_SITE,
    "site/about.html": {**_OF_SITE, "issue": IssueContext},
}
# The files of an EPUB.
_OF_EPUB: Final[dict[str, Any]] = {"issue": IssueContext, "page": EpubPage, "stylesheets": Markup}
_LINKS: Final = tuple[EpubLink, ...]
EPUB: Final[dict[str, dict[str, Any]]] = {
    "epub/cover.html": _OF_EPUB,
    "epub/contents.html": {**_OF_EPUB, "contents": _LINKS, "landmarks": _LINKS, "pages": _LINKS},
    "epub/section.html": {**_OF_EPUB, "section": EpubSection, "entries": tuple[EntryContext, ...]},
    "epub/article.html": {**_OF_EPUB, "section": EpubSection, "entry": ArticleEntry},
    "epub/index.html": {**_OF_EPUB, "index": str, "listed": tuple[IndexLine, ...]},
    "epub/about.html": _OF_EPUB,
}
# A template of the editors' own page, ``pages/NAME.html``.
OWN_PAGE: Final[dict[str, Any]] = {"entry": PageEntry, "issue": IssueContext, "heading": str}
# What every template sees, partials and macros too. `options` and `words` have what the theme declares.
EVERYWHERE: Final[dict[str, Any]] = {"paged": bool, "joint": Markup}
# Functions of every template: the types of their arguments, and of their results.
FUNCTIONS: Final[dict[str, tuple[tuple[Any, ...] | None, Any]]] = {
    "asset": ((str,), str),
    "word": (None, Markup),
    "date": ((PartialDate,), str),
    "dates": ((Meeting,), str),
    "event_line": ((Meeting,), str),
    "lang": (None, Markup),
}
_DESCRIBED: Final = {
    "issue": "the issue; see `IssueContext`",
    "stylesheets": "the stylesheets, for `<head>` of `issue.html`",
    "linked_data": "the issue as JSON-LD, for `<script>` in `issue.html`",
    "site": "in templates of `site/`: what all pages of a site have in common; see `Site`",
    "page": "in templates of `site/`: the page; see `SitePage`. In those of `epub/`: the file; see `EpubPage`",
    "groups": "in `site/home.html`: pairs of a section or track and its entries, of which many are on their own pages",
    "group": "in `site/group.html`: the section or track; see `SiteGroup`. In `site/entry.html`: the link to it",
    "entries": "in `site/group.html`: its entries, each with its page; see `ListedEntry`. In `epub/section.html`: "
    "those that are in this file",
    "entry": "in `site/entry.html`: the article or abstract. In `epub/article.html`: the article",
    "before": "in `site/entry.html`: the link to the entry before it; may be missing",
    "after": "in `site/entry.html`: the link to the entry after it; may be missing",
    "index": "in `site/index.html`: the index; see `SiteIndex`. In `epub/index.html`: its HTML id",
    "listed": "in `site/index.html` and `epub/index.html`: the lines that are on this page",
    "scripts": "in `site/search.html`: the scripts of the search",
    "section": "in `epub/section.html` and `epub/article.html`: the section or track; see `EpubSection`",
    "contents": "in `epub/contents.html`: the lines of the contents; see `EpubLink`",
    "landmarks": "in `epub/contents.html`: what readers jump to; see `EpubLink`",
    "pages": "in `epub/contents.html`: the pages of the PDF; empty where none was made with the EPUB",
    "figure": "in `partials/figure.html`: a picture of an article; see `Figure`",
    "paged": "true for the PDF, false for the screen",
    "joint": "a mark between two elements where the document may be cut for the PDF, because a page begins there",
    "options": "the options of the theme, such as `options.accent`; `digest themes show` lists them",
    "words": "the words of the theme in the language of the issue, such as `words.contents`; "
    "`words.direction` is `ltr` or `rtl`, and `words.language` the language that they are in",
    "asset": '`asset("logo.svg")`: the address of a file in `overrides/` or in the theme',
    "word": '`word("abstract_number", number=entry.number)`: a word with its places filled in',
    "date": "`date(issue.date)`: a date as the language writes it",
    "dates": "`dates(issue.meeting)`: the days of a meeting; empty when not known",
    "event_line": "`event_line(issue.meeting)`: the line that names a meeting",
    "lang": "`<p{{ lang(entry.language) }}>`: the attributes `lang` and, where the text runs another way, `dir`; "
    "`lang(issue.publication.language, entry.language)` for what is inside of something in another language, "
    "and nothing where both are the same; with `turn=false` without `dir`, for what stays on its side",
}
_FIRST: Final = (IssueContext, SectionContext, ArticleEntry, DigestEntry)


def fields(type_: type) -> dict[str, Any]:
    """The fields and properties of a value that a template sees, with their types; `Any` where it is not known."""
    found: dict[str, Any] = {}
    try:
        hints = typing.get_type_hints(type_)
    except (NameError, TypeError):
        hints = {}
    if issubclass(type_, msgspec.Struct):
        found |= {name: hints.get(name, Any) for name in type_.__struct_fields__}
    for name, value in inspect.getmembers(type_):
        if name.startswith("_") or name in found:
            continue
        if isinstance(value, property):
            try:
                found[name] = typing.get_type_hints(value.fget).get("return", Any)
            except (NameError, TypeError):
                found[name] = Any
        elif name in hints:
            found[name] = hints[name]
        elif callable(value) and not isinstance(inspect.getattr_static(type_, name), classmethod | staticmethod):
            found[name] = types.FunctionType
    return found


def described(type_: type) -> dict[str, str]:
    """What the docstring of a type says of each of its fields, and the first line of that of each property."""
    text = inspect.getdoc(type_) or ""
    found: dict[str, str] = {}
    name = ""
    for line in text.partition("Attributes:\n")[2].splitlines():
        if match := re.match(r" {4}(\w+): (.*)", line):
            name = match[1]
            found[name] = match[2]
        elif name and line.startswith("     "):
            found[name] += " " + line.strip()
    for key in fields(type_):
        if key not in found:
            found[key] = (
                found.get(key.rstrip("_")) or (inspect.getdoc(getattr(type_, key, None)) or "").partition("\n")[0]
            )
    return found


def shown(hint: Any) -> str:  # noqa: ANN401 - any type that a field has
    """A type in words: ``text``, ``ArticleEntry or DigestEntry``, ``list of Person``."""
    if typing.get_origin(hint) is typing.Annotated:
        return shown(typing.get_args(hint)[0])
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {Union, types.UnionType}:
        parts = [shown(part) for part in arguments if part is not type(None)]
        return " or ".join(dict.fromkeys(parts)) + (", or nothing" if type(None) in arguments else "")
    if origin is Literal:
        return " or ".join(f"“{value}”" for value in arguments)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            inner = shown(arguments[0])
            return f"list of ({inner})" if " or " in inner else f"list of {inner}"
        return f"pair of {' and '.join(shown(part) for part in arguments)}"
    if origin is dict:
        return "table"
    simple = {
        str: "text",
        int: "number",
        float: "number",
        bool: "true or false",
        OwnValues: "your fields",
        Markup: "HTML",
        RichText: "rich text",
        types.FunctionType: "function",
        PartialDate: "date",
    }
    return simple.get(hint, getattr(hint, "__name__", "anything"))


def seen_types() -> Iterator[type]:
    """Every type with fields that a template can reach, the issue first."""
    waiting: list[Any] = [*_FIRST, *_hints(), IndexLine, IndexLetter]
    done: set[type] = set()
    while waiting:
        hint = waiting.pop(0)
        if isinstance(hint, type) and not typing.get_args(hint):
            if (issubclass(hint, msgspec.Struct) or hint in {RichText, PartialDate}) and hint not in done:
                done.add(hint)
                yield hint
                waiting += fields(hint).values()
        else:
            waiting += [part for part in typing.get_args(hint) if part is not Ellipsis]


def _hints() -> Iterator[Any]:
    """The types of all variables of pages."""
    yield from (hint for pages in (PAGES, SITE, EPUB) for page in pages.values() for hint in page.values())


def reference() -> dict[str, Any]:
    """What templates see, as a value of JSON: variables, and the fields of each type."""
    where = dict.fromkeys([*_OF_SITE, "group"], "site/")
    where |= {name: page for page, names in {**SITE, **EPUB}.items() for name in names if name not in where}
    where |= {name: page for page, names in PAGES.items() for name in names}
    variables = [
        {"name": name, "where": where.get(name, "everywhere"), "description": text} for name, text in _DESCRIBED.items()
    ]
    listed = []
    for type_ in seen_types():
        about = described(type_)
        listed.append(
            {
                "name": type_.__name__,
                "description": (inspect.getdoc(type_) or "").partition("\n")[0],
                "fields": [
                    {"name": name, "type": shown(hint), "description": about[name]}
                    for name, hint in fields(type_).items()
                    if hint is not types.FunctionType
                ],
            }
        )
    return {"variables": variables, "types": listed}


def markdown() -> str:
    """What templates see, as a page of the manual."""
    found = reference()

    def cell(text: str) -> str:
        text = text.replace("``", "`").replace("|", "\\|")
        return re.sub(r"(`[^`]*`)|<", lambda match: match[1] or "&lt;", text) or "-"

    lines = [
        "# What templates see",
        "",
        "Made from the program's own types by `digest themes context`. Text is escaped where it is printed; HTML and",
        "rich text come ready. What may be nothing is asked for first: `{% if issue.meeting %}`.",
        "",
        "| variable | where | is |",
        "| --- | --- | --- |",
        *(
            f"| `{v['name']}` | {v['where']} | {v['description'].replace('|', chr(92) + '|')} |"
            for v in found["variables"]
        ),
    ]
    for type_ in found["types"]:
        lines += [
            "",
            f"## {type_['name']}",
            "",
            type_["description"].replace("``", "`"),
            "",
            "| field | type | is |",
            "| --- | --- | --- |",
        ]
        lines += [f"| `{f['name']}` | {cell(f['type'])} | {cell(f['description'])} |" for f in type_["fields"]]
    return "\n".join(lines) + "\n"
