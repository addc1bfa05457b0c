"""A text becomes `Prose`: its tokens with its citations and figures, and every mistake in it with its line."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import msgspec
from markdown_it.token import Token

from digest import tabular
from digest.errors import Level, Problem, did_you_mean
from digest.prose.syntax import Cite, lines_of, tokens_of
from digest.text import TAGS

if TYPE_CHECKING:
    from collections.abc import Collection

    from digest.typed import Marks

_BARE: Final = re.compile(r"(?<![\w.@])@([A-Za-z0-9](?:[\w.:/+-]*\w)?)")
DEEPEST: Final = 4  # ####, the last heading that looks like one
_INSTEAD: Final = {
    "a": "a link is [words](https://…)",
    "b": "",
    "blockquote": "a quotation is > …",
    "br": "a line ends with \\ where the next one is to begin a new line",
    "code": "code is `…`",
    "del": "what is gone is ~~…~~",
    "details": "a text hides nothing",
    "em": "italics are *…*",
    "figure": "a figure is declared in the front matter",
    "h1": "a heading is ## …",
    "hr": "a rule is a line ---",
    "img": "a figure is declared in the front matter",
    "li": "an item begins with “- ” or “1. ”",
    "mark": "bold is **…**",
    "math": "a formula is $…$",
    "ol": "an item begins with “1. ”",
    "p": "an empty line ends a paragraph",
    "s": "what is gone is ~~…~~",
    "small": "how large a text is, is decided by the theme",
    "span": "how a text looks is decided by the theme",
    "div": "how a text looks is decided by the theme",
    "strike": "what is gone is ~~…~~",
    "strong": "bold is **…**",
    "table": "a table has its cells between |, and a line |---|---| under its head",
    "u": "italics are *…*",
    "ul": "an item begins with “- ”",
    "!--": "a text has no comments",
}


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """What is in one pair of brackets.

    Attributes:
        cites: its references in order.
        line: line of the file, counted from 1.
    """

    cites: tuple[Cite, ...]
    line: int


class Prose(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed text.

    Attributes:
        tokens: markdown-it's tokens, with our own kinds (`digest.prose.syntax.tokens_of`).
        citations: its citations in order.
        figures: keys of the figures it places, with the line of each.
        bare: words that begin with “@” outside citations, with the line of each.
        problems: what is wrong in it.
    """

    tokens: tuple[Token, ...] = ()
    citations: tuple[Citation, ...] = ()
    figures: tuple[tuple[str, int], ...] = ()
    bare: tuple[tuple[str, int], ...] = ()
    problems: tuple[Problem, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tokens)

    @property
    def broken(self) -> bool:
        """Whether it has a mistake that keeps it from being printed."""
        return any(problem.level == "error" for problem in self.problems)

    @property
    def has_notes(self) -> bool:
        """Whether it has footnotes."""
        return any(token.type == "notes_open" for token in self.tokens)


def parse(text: str, file: str, *, first_line: int = 1, marks: Marks | None = None) -> Prose:
    """The parsed text.

    Args:
        text: Markdown.
        file: the file that it is in, for problems.
        first_line: the line of the file on which it begins.
        marks: what its language prints for straight quotes and the like; without them they stay.
    """
    if not text:
        return Prose()
    tokens, findings = tokens_of(text, marks)
    reading = _Reading(file)
    level = 1
    for token in tokens:
        line = (token.map or [0])[0] + first_line
        if token.type == "heading_open":
            level = reading.heading(token, level, line)
        elif token.type == "inline":
            reading.paragraph(token, line)
    for at in tabular.captions_alone(tokens):
        message = "“Table: …” is printed as a paragraph; a caption is next to its table, with empty lines around it"
        reading.report("table", message, at + first_line, is_error=False)
    for message, at in tabular.odd_widths(tokens):
        reading.report("table-width", message, at + first_line, is_error=False)
    for finding in findings:
        reading.report(finding.code, finding.message, finding.line + first_line, is_error=finding.is_error)
    return Prose(
        tokens=tuple(tokens),
        citations=tuple(reading.citations),
        figures=tuple(reading.figures),
        bare=tuple(reading.bare),
        problems=tuple(reading.problems),
    )


class _Reading:
    """One reading of a text: citations, figures and problems gather while its tokens are looked at."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.citations: list[Citation] = []
        self.figures: list[tuple[str, int]] = []
        self.bare: list[tuple[str, int]] = []
        self.problems: list[Problem] = []

    def report(self, code: str, message: str, line: int, *, is_error: bool = True) -> None:
        level: Level = "error" if is_error else "warning"
        self.problems.append(Problem(level=level, code=code, message=message, file=self.file, line=line))

    def heading(self, token: Token, before: int, line: int) -> int:
        """The level of a heading, which is reported where it is the title, too deep, or skips a level."""
        level = int(token.tag[1])
        if level == 1:
            message = "“#” is the title, which belongs in the front matter; headings begin at “##”"
            self.report("heading", message, line)
        elif level > DEEPEST:
            last = "#" * DEEPEST
            self.report("heading", f"“{'#' * level}” is too deep: the last is “{last}”; below it write **words**", line)
        elif level > before + 1:
            found = f"“{'#' * level}” follows “{'#' * before}”" if before > 1 else f"“{'#' * level}” comes first"
            message = f"{found}, but “{'#' * (before + 1)}” is the next level; readers who listen look for it"
            self.report("heading", message, line, is_error=False)
        return level

    def paragraph(self, token: Token, line: int) -> None:
        """What is in a paragraph, a heading or a cell."""
        opened: list[tuple[str, int]] = []
        for child, at in lines_of(token.children, line):
            match child.type:
                case "citation":
                    child.meta["number"] = len(self.citations)
                    self.citations.append(Citation(cites=tuple(child.meta["cites"]), line=at))
                case "bad_citation":
                    right = "write [@key], [@one; @two] or [see @key, p. 3]"
                    self.report("citation-syntax", f"“[{child.content[:40]}” is not a citation; {right}", at)
                case "figure":
                    if child.content in (key for key, _ in self.figures):
                        self.report("figure", f"the figure “{child.content}” is in the text already", at)
                    self.figures.append((child.content, at))
                case "formula" if why := child.meta["why"]:
                    shown = f"the formula “{child.content[:60]}” is printed as its source, because {why}"
                    self.report("formula", shown, at, is_error=False)
                case "text":
                    self.bare += [(key, at) for key in _BARE.findall(child.content)]
                case "image":
                    alone = len(token.children or ()) == 1
                    self.report("figure", _misplaced(str(child.attrs["src"]), child.content, alone=alone), at)
                case "markup":
                    name = child.content.strip("</>")
                    self.follow(f"<{name}>", not child.content.startswith("</"), opened, at)
                case "em_open" | "em_close" | "strong_open" | "strong_close" | "s_open" | "s_close":
                    self.follow(child.markup, child.nesting > 0, opened, at)
                case "link_open" | "link_close":
                    self.follow("the link", child.nesting > 0, opened, at)
                case "html_inline":
                    self.report("html", _not_used(child.content), at)
        for name, where in opened:
            self.report("html", f"{name} is never closed", where)

    def follow(self, name: str, opens: bool, opened: list[tuple[str, int]], line: int) -> None:
        """Keeps the list of open spans; reports what closes another one than the last that was opened."""
        if opens:
            opened.append((name, line))
        elif opened and opened[-1][0] == name:
            opened.pop()
        else:
            inside = f": {opened[-1][0]} is open at that place" if opened else ""
            self.report("html", f"the end of {name} closes nothing at this place{inside}", line)
            opened[:] = [pair for pair in opened if pair[0] != name]


def _not_used(tag: str) -> str:
    name = re.match(r"</?(!--|[A-Za-z][A-Za-z0-9]*)", tag)
    key = name[1].lower() if name else ""
    allowed = _INSTEAD.get("h1" if re.fullmatch(r"h\d", key) else key)
    shown = tag if len(tag) <= 60 else f"{tag[:60]}…"
    return f"the HTML {shown} is not used in texts; " + (
        allowed or f"allowed are {' '.join(f'<{one}>' for one in TAGS)}"
    )


def declaration(address: str, words: str = "") -> str:
    """How a picture is declared as a figure, for a message.

    Args:
        address: the file, as somebody typed it into the text, or a key.
        words: what it shows, as typed into the text.
    """
    path = PurePosixPath(address)
    key = re.sub(r"[^A-Za-z0-9]+", "-", path.stem).strip("-").lower() or "figure"
    file = f"figures/{path.name}" if "//" in address or not path.parent.name else address
    file = file if path.suffix else f"figures/{key}.png"
    shown = words or "what it shows, in words"
    return (
        f"declare it in the front matter under the key “figures”, as “figures: {{{key}: {{file: {file}, alt: {shown}, "
        f"caption: …}}}}”, and place it by a paragraph ![]({key})"
    )


def _misplaced(address: str, words: str, *, alone: bool) -> str:
    """Why a picture is not a figure."""
    if re.match(r"(?:[a-z]+:)?//", address):
        return f"a picture is a file of the issue; save {address[:80]} in figures/, then {declaration(address, words)}"
    if not re.search(r"[./\\]", address):
        where = "" if alone else " in a paragraph of its own"
        said = f"; what it shows (“{words[:60]}”) is its “alt” in the front matter" if words else ""
        return f"a figure is placed by its key{where}, as ![]({address}){said}"
    return f"the picture {address[:80]} is not declared as a figure: {declaration(address, words)}"


def odd_keys(prose: Prose, known: Collection[str], file: str) -> list[Problem]:
    """A problem for each citation of something that is not known, and for each known key outside brackets."""
    outside = [
        Problem(
            level="warning",
            code="citation-syntax",
            message=f"@{key} is outside brackets and is printed as it is; a citation is [@{key}]",
            file=file,
            line=line,
        )
        for key, line in prose.bare
        if key in known
    ]
    expected = "; expected an id of the references file or the name of a record"
    return outside + [
        Problem(
            level="error",
            code="unknown-citation",
            message=f"nothing is known as @{cite.key}{did_you_mean(cite.key, known) or expected}",
            file=file,
            line=citation.line,
        )
        for citation in prose.citations
        for cite in citation.cites
        if cite.key not in known
    ]


def is_one_paragraph(prose: Prose) -> bool:
    """Whether the text is one paragraph, or nothing at all."""
    return [token.type for token in prose.tokens] in ([], ["paragraph_open", "inline", "paragraph_close"])
