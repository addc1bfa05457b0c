"""HTML as plain text for e-mail: paragraphs wrapped by the width of their characters, links as numbered notes."""

from __future__ import annotations

import html
import re
import unicodedata
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup, escape

from digest.render import bidi
from digest.render.typesetting import small_capitals, typeset
from digest.text import lettered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

WIDTH: Final = 72
_BLANK: Final = re.compile(r"[ \t\r\n\f\v\x1c-\x1f\x85\u2028\u2029]+")
_UNSEEN: Final = re.compile("[\u00ad\u200b\u2060\ufeff]")
_RAISED: Final = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED: Final = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_SCRIPTS: Final = {"sup": (_RAISED, "^"), "sub": (_LOWERED, "_")}
_BLOCKS: Final = frozenset(
    """
        address article aside blockquote caption dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr
        li main nav ol p pre section table ul
    """.split()
)
_GONE: Final = frozenset({"s", "del"})
_SILENT: Final = frozenset({"script", "style", "template", "title"})


class PlainText:
    """One plain-text document in the making: what its template prints as text, and the links met on the way.

    The template engine escapes as for HTML, and `finish` takes the escapes off once, at the end. So a value is HTML or
    text all the way, and neither can be taken for the other.
    """

    def __init__(self, language: str = "en") -> None:
        """Begins a document in a language, which says what belongs together on a line."""
        self._language = language
        self._links: dict[str, int] = {}

    def printed(self, value: Any) -> Any:  # noqa: ANN401 - whatever a template prints
        """What a value looks like in the text: of HTML its words; what has no tags is laid out already."""
        if not hasattr(value, "__html__"):
            return value
        text = small_capitals(str(value.__html__()))
        return escape(html.unescape(text) if "<" not in text else "\n\n".join(b.text for b in self._blocks(value)))

    def wrapped(self, value: Any, indent: int = 0, first: str = "") -> Markup:  # noqa: ANN401 - whatever a template prints
        """The value in lines of at most 72 columns; `first` comes before the first one, such as ``- ``."""
        blocks = self._blocks(value if hasattr(value, "__html__") else escape(value))
        lead, parts = first, []
        for block in blocks:
            margin = " " * (indent + width(first))
            start = " " * indent + lead if lead else margin
            lead = ""
            if block.ready:
                lines = [margin + line for line in block.text.split("\n")]
                lines[0] = start + lines[0][len(margin) :]
                parts.append("\n".join(lines))
            else:
                parts.append(fill(block.text, start + block.first, margin + block.margin))
        return escape("\n\n".join(parts))

    def underlined(self, value: Any, line: str = "=") -> Markup:  # noqa: ANN401 - whatever a template prints
        """The value as a heading: its lines, and a rule below as long as the longest."""
        text = self.wrapped(value).unescape()
        return escape(f"{text}\n{line * max(map(width, text.split(chr(10))))}")

    def links(self) -> tuple[tuple[int, str], ...]:
        """Number and address of each link so far."""
        return tuple((number, address) for address, number in self._links.items())

    @property
    def filters(self) -> Mapping[str, Callable[..., Markup]]:
        """What templates of text can use after ``|``."""
        return {"wrapped": self.wrapped, "underlined": self.underlined}

    @staticmethod
    def finish(rendered: str) -> str:
        """The document: escapes taken off, no blanks at the ends of lines, no two empty lines together."""
        rendered = str(rendered)
        for code, char in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
            rendered = rendered.replace(code, char)
        lines = [line.rstrip() for line in rendered.replace("\u00a0", " ").split("\n")]
        kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
        return "\n".join(kept).strip("\n") + "\n"

    def _blocks(self, value: Any) -> list[_Paragraph]:  # noqa: ANN401 - whatever a template prints
        reader = _ParagraphReader(self._note)
        reader.feed(typeset(small_capitals(str(value.__html__())), self._language, paper=False))
        reader.close()
        return reader.finished()

    def _note(self, address: str) -> int:
        return self._links.setdefault(address, len(self._links) + 1)


class _Paragraph:
    """A paragraph with what comes before its first line and the others, or lines that are laid out already."""

    __slots__ = ("first", "margin", "ready", "text")

    def __init__(self, text: str, first: str = "", margin: str | None = None, *, ready: bool = False) -> None:
        self.text, self.first, self.ready = text, first, ready
        self.margin = " " * width(first) if margin is None else margin


class _ParagraphReader(HTMLParser):
    def __init__(self, note: Callable[[str], int]) -> None:
        super().__init__(convert_charrefs=True)
        self.note = note
        self.blocks: list[_Paragraph] = []
        self.pieces: list[list[str]] = [[]]  # the paragraph at hand, and each sub- or superscript open in it
        self.scripts: list[str] = []
        self.lists: list[int | None] = []  # of each open list the number of its item; none where it has bullets
        self.lettered: list[bool] = []  # of each open list whether its items have letters
        self.quotes = self.definitions = 0
        self.code = self.back = False
        self.lead = ""
        self.link: tuple[str, int] | None = None
        self.silent = 0
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag in _SCRIPTS:
            self.scripts.append(tag)
            self.pieces.append([])
        elif tag in _GONE:
            self.pieces[-1].append("~~")
        elif tag == "a" and dict(attrs).get("role") == "doc-backlink":
            self.silent += 1
            self.back = True
        elif tag == "a":
            self.link = (dict(attrs).get("href") or "", len(self.pieces[-1]))
        elif tag == "img":
            self.pieces[-1].append(f"[{dict(attrs).get('alt') or ''}]")
        elif tag == "math":
            self.pieces[-1].append(dict(attrs).get("alttext") or "")
            self.silent += 1
        elif tag == "br":
            self.pieces[-1].append(" ")
        elif tag in _BLOCKS:
            self.end_block()
            if tag in {"ul", "ol"}:
                options = dict(attrs)
                self.lists.append(_number(options.get("start"), 1) - 1 if tag == "ol" else None)
                self.lettered.append(options.get("type") == "a")
            elif tag == "li" and self.lists:
                number = self.lists[-1]
                if number is not None:
                    self.lists[-1] = number = _number(dict(attrs).get("value"), number + 1)
                mark = "-" if number is None else f"{lettered(number) if self.lettered[-1] else number}."
                self.lead = "  " * min(len(self.lists) - 1, 8) + f"{mark} "
            elif tag == "table":
                self.rows = []
            elif tag == "hr":
                self.blocks.append(_Paragraph("* * *"))
            self.code = tag == "pre"
            self.quotes += tag == "blockquote"
            self.definitions += tag == "dd"
        elif tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.pieces = [[]]

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT or tag == "math":
            self.silent = max(0, self.silent - 1)
        elif tag in _SCRIPTS and self.scripts and self.scripts[-1] == tag:
            self.scripts.pop()
            inner = "".join(self.pieces.pop())
            self.pieces[-1].append(_script(inner, tag))
        elif tag in _GONE:
            self.pieces[-1].append("~~")
        elif tag == "a" and self.back:
            self.silent, self.back = self.silent - 1, False
        elif tag == "a" and self.link:
            self.end_link()
        elif tag in {"td", "th"}:
            if not self.rows:
                self.rows.append([])
            self.rows[-1].append(self.taken())
        elif tag == "table":
            if rows := [row for row in self.rows if any(row)]:
                self.blocks.append(_Paragraph(_table(rows), ready=True))
            self.rows, self.pieces = [], [[]]
        elif tag in _BLOCKS:
            self.end_block()
            if tag in {"ul", "ol"} and self.lists:
                self.lists.pop()
                self.lettered.pop()
                self.lead = self.lead if self.lists else ""
            self.code = False
            self.quotes = max(0, self.quotes - (tag == "blockquote"))
            self.definitions = max(0, self.definitions - (tag == "dd"))

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces[-1].append(data)

    def end_link(self) -> None:
        address, start = self.link or ("", 0)
        self.link = None
        shown = _BLANK.sub(" ", "".join(self.pieces[-1][start:])).strip()
        if address.startswith(("http://", "https://")) and not _same(shown, address):
            self.pieces[-1].append(f" [{self.note(address)}]")
        elif address.startswith("mailto:") and address[7:] not in shown:
            self.pieces[-1].append(f" <{address[7:]}>")

    def taken(self) -> str:
        text = _UNSEEN.sub("", _BLANK.sub(" ", "".join("".join(part) for part in self.pieces))).strip(" ")
        self.pieces, self.scripts, self.link = [[]], [], None
        return text

    def end_block(self) -> None:
        if self.rows:
            return  # blocks inside of a table are parts of its cells
        if self.code:
            lines = "".join("".join(part) for part in self.pieces).strip("\n").split("\n")
            self.blocks.append(_Paragraph("\n".join("    " + line.expandtabs(4) for line in lines), ready=True))
            self.pieces = [[]]
        elif text := self.taken():
            before = "> " * self.quotes + "  " * self.definitions
            self.blocks.append(_Paragraph(text, before + self.lead, before + " " * width(self.lead)))
            self.lead = " " * width(self.lead) if self.lists else ""

    def finished(self) -> list[_Paragraph]:
        self.rows = []
        self.end_block()
        return self.blocks


def _number(typed: str | None, otherwise: int) -> int:
    return int(typed) if typed and re.fullmatch(r"-?\d{1,9}", typed) else otherwise


def _same(shown: str, address: str) -> bool:
    return shown.rstrip("/") in {address.rstrip("/"), address.partition("://")[2].rstrip("/")}


def _script(text: str, tag: str) -> str:
    """Characters of Unicode where it has all of them, else ``^`` or ``_`` before the text."""
    table, mark = _SCRIPTS[tag]
    text = _BLANK.sub(" ", text).strip()
    if all(ord(char) in table for char in text):
        return text.translate(table)
    return f"{mark}({text})" if " " in text else mark + text


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side where they fit, else each cell on a line after the head of its column."""
    count = max(map(len, rows))
    full = [[*row, *[""] * (count - len(row))] for row in rows]
    widths = [max(width(row[n]) for row in full) for n in range(count)]
    if sum(widths) + 2 * (count - 1) <= WIDTH:
        lines = [
            "  ".join(cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True)).rstrip()
            for row in full
        ]
        return "\n".join([lines[0], "  ".join("-" * room for room in widths), *lines[1:]])
    head, *others = full
    if not others:
        return "\n".join(fill(cell, "", "  ") for cell in head)
    return "\n\n".join(
        "\n".join(
            fill(f"{name}: {cell}" if name else cell, "", "  ") for name, cell in zip(head, row, strict=True) if cell
        )
        for row in others
    )


def width(text: str) -> int:
    """How many columns a text takes where letters are equally wide; those of East Asia take two."""
    return sum(
        0 if unicodedata.category(char) in {"Mn", "Me", "Cf"} else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def fill(text: str, first: str, margin: str) -> str:
    """The text in lines of at most `WIDTH` columns; only what cannot be broken, such as an address, is longer."""
    lines, line, used = [], first, width(first)
    empty = True
    for word in _BLANK.split(bidi.isolated_text(text)):
        for n, part in enumerate(_parts(word)):
            gap = 0 if n or empty else 1
            room = width(part)
            if not empty and used + gap + room > WIDTH:
                lines.append(line)
                line, used, gap = margin, width(margin), 0
            line += " " * gap + part
            used += gap + room
            empty = False
    return "\n".join(bidi.marked_lines([*lines, line]))


# A character after which a line may end with no blank there, with the marks that may not begin a line.
_BREAKABLE: Final = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f"
_PART: Final = re.compile(rf"[{_BREAKABLE}][\u3001\u3002\uff0c\uff09\u300d]*|[^{_BREAKABLE}]+")


def _parts(word: str) -> list[str]:
    """A word cut where a line may end inside it: between characters of East Asia."""
    return _PART.findall(word) or [word]
