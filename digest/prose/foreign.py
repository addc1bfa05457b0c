r"""Notations that are not ours and would print as typed: those of LaTeX, wikis and others, and slips in our own.

Each is a row of a table with what to write instead. Patterns are matched against the text of a paragraph in which
what was read (code, links, citations, formulas, escaped signs) is one sign: these are never reported.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

CODE: Final = "unsupported-markup"
_READ: Final = "\ufffc"  # object replacement character
_CODE_SIGN: Final = "\ufffb"
_BRACKETS: Final = {"(": "\ufff9", "[": "\ufff9", ")": "\ufffa", "]": "\ufffa"}  # escaped ones: \\(…\\)
_SIGNS: Final = str.maketrans({_READ: "…", _CODE_SIGN: "`…`", "\ufff9": "\\(", "\ufffa": "\\)"})
_SHOWN: Final = 50


class _Notation(Struct, frozen=True):
    """One notation: what it is called, how it is known, and what to write instead."""

    name: str
    pattern: re.Pattern[str]
    instead: str


def _table(*rows: tuple[str, str, str]) -> tuple[_Notation, ...]:
    return tuple(_Notation(name, re.compile(pattern, re.MULTILINE), instead) for name, pattern, instead in rows)


_HEAD: Final = "what is known of an article is in its front matter, at the top of the file"
_ITEM: Final = "an item begins with “- ” or “1. ”, and an empty line comes before the first"
_ROWS: Final = "a line |---|---| with as many columns comes after the first row, and an empty line before it"
# Found in paragraphs, headings, items and cells. Of several rows that fit at one place, the first counts.
_IN_TEXT: Final = _table(
    ("a formula of LaTeX", r"\ufff9[^\ufff9\ufffa]*[\\^_{}=][^\ufff9\ufffa]*\ufffa", "a formula is $…$ or $$…$$"),
    # LaTeX: The LaTeX Project, “LaTeX2e: An unofficial reference manual”.
    ("LaTeX", r"\\(?:begin|end)\{[A-Za-z*]+\}", "a formula is $…$ or $$…$$; lists and tables are those of Markdown"),
    ("LaTeX", r"\\(?:cite[a-z]*|autocite|parencite|textcite)\*?(?:\[[^\]]*\])*\{[^}]*\}", "a citation is [@key]"),
    ("LaTeX", r"\\(?:textit|emph|textsl)\{[^}]*\}", "italics are *…*"),
    ("LaTeX", r"\\textbf\{[^}]*\}", "bold is **…**"),
    ("LaTeX", r"\\textsuperscript\{[^}]*\}", "a superscript is x^2^"),
    ("LaTeX", r"\\textsubscript\{[^}]*\}", "a subscript is H~2~O"),
    ("LaTeX", r"\\footnote\{[^}]*\}?", "a footnote is ^[…]"),
    ("LaTeX", r"\\(?:href|url)\{[^}]*\}(?:\{[^}]*\})?", "a link is [words](https://…)"),
    ("LaTeX", r"\\(?:sub)*section\*?\{[^}]*\}", "a heading is ## …"),
    ("LaTeX", r"\{\\[a-z]+ [^}]*\}", "italics are *…*, bold is **…**"),
    ("LaTeX", r"(?<![\w:\\])\\[A-Za-z]{2,}\*?(?:\{[^}]*\})*", "write the sign itself, or a formula as $…$"),
    ("LaTeX", r"``[^`\n]{1,200}''", "write quotation marks as they are printed"),
    ("LaTeX", r"(?<=[A-Za-z]\.)~(?=\w)\w+", "a blank that does not break is &nbsp;"),
    # Wikis (MediaWiki, Obsidian), BBCode, templates.
    (
        "a wiki's link or picture",
        r"!?\[\[[^\[\]\n]+\]\]",
        "a link is [words](https://…), a picture a figure of the front matter",
    ),
    ("a wiki's bold or italics", r"(?<!\w)'{2,3}(?=\S)[^'\n]+(?<=\S)'{2,3}(?!\w)", "italics are *…*, bold is **…**"),
    ("a wiki's heading", r"^={2,6}\s*\S[^=\n]*={2,6}$", "a heading is ## …"),
    (
        "a mark of a template",
        r"\{\{[^{}\n]*\}\}|\{%[^{}\n]*%\}",
        "templates are files of the theme; a text has no fields",
    ),
    (
        "BBCode",
        r"\[/?(?:b|i|u|s|url|img|quote|sup|sub|size|color)(?:=[^\]\n]*)?\]",
        "italics are *…*, bold is **…**, a link is [words](https://…)",
    ),
    ("the place of a table of contents", r"^\s*(?:\[TOC\]|\[\[_TOC_\]\])\s*$", "the theme makes the contents"),
    # Extensions of Markdown that are not ours: pandoc's manual, PHP Markdown Extra, GitHub, MyST, Obsidian.
    ("marked text", r"==(?=[^\s=])[^=\n]*(?<=[^\s=])==", "bold is **…**"),
    (
        "an emoji by its name",
        r"(?<![\w:])(?::[a-z][a-z0-9_+-]{1,30}:)(?![\w:])(?!\ufffb)",
        "write the character itself, if a font has it",
    ),
    (
        "a role of reStructuredText or MyST",
        r"(?::[a-zA-Z][\w:.+-]*:|\{[a-zA-Z][\w:.+-]*\})\ufffb",
        "italics are *…*, a formula is $…$, a citation [@key]",
    ),
    ("a link of reStructuredText", r"\ufffb__?(?!\w)", "a link is [words](https://…)"),
    (
        "a directive of reStructuredText",
        r"^\.\. (?:_?[\w-]+:{1,2}|\[)[^\n]*",
        "a picture is a figure of the front matter, a formula $$…$$",
    ),
    (
        "a field of reStructuredText",
        r"^:[A-Za-z][\w ]*: \S[^\n]*",
        "what is known of an article is in its front matter",
    ),
    (
        "an attribute",
        r"\{:?\s*(?:[.#][\w-]+|[\w-]+=(?:\"[^\"\n]*\"|[^\s}]+))(?:\s+[^{}\n]*)?\}",
        "how a text looks is decided by the theme; remove them",
    ),
    (
        "a block whose name is not known",
        r"^:{3,}[^\n]+(?:\n(?!:{3,}$)[^\n]*)*\n:{3,}$|^:{3,}[^\n]+",
        "a box is ::: box Title, a pull quote ::: quote, a side note ::: aside, each with ::: in a line after it",
    ),
    (
        "the end of a box that does not begin",
        r"^:{3,}$",
        "a box begins with ::: box Title, a pull quote with ::: quote, a side note with ::: aside",
    ),
    (
        "an admonition",
        r"^(?:!!!|\?\?\?\+?) ?[a-z][^\n]*|^\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][^\n]*",
        "a quotation is > …",
    ),
    (
        "an abbreviation of Markdown Extra",
        r"^\*\[[^\]\n]+\]:[^\n]*",
        "abbreviations are in the front matter, under “abbreviations”",
    ),
    ("a comment", r"<!--|-->|%%(?=\S)[^%\n]*%%", "a text has no comments; remove it"),
    (
        "inserted text",
        r"(?<!\S)\+\+(?=[^\s+])[^+\n]*(?<=[^\s+])\+\+(?!\S)|\{(?:[+]{2}|--|~~|==|>>)[^{}\n]*\}",
        "the text is printed as it is; accept or remove the change",
    ),
    ("hidden text", r"(?<!\S)\|\|(?=[^\s|])[^|\n]*(?<=[^\s|])\|\|(?!\S)", "a text hides nothing"),
    ("a grid table", r"^\+(?:[-=]{2,}\+)+$", "a table has its cells between |, and a line |---|---| under its head"),
    (
        "front matter",
        r"\A(?:\+{3}|(?:title|authors?|date|tags|layout|draft|categories): )[^\n]*",
        _HEAD,
    ),
    ("a heading of Textile", r"^h[1-6]\. \S[^\n]*", "a heading is ## …"),
    # Slips in what is ours.
    (
        "the line under a table's head",
        r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$|^\s*\|\s*:?-{2,}:?\s*\|\s*$",
        "a table has as many columns in this line as in its head, and an empty line before it",
    ),
    ("a table without the line under its head", r"^ *\|[^|\n]+\|[^\n]*(?:\n *\|[^|\n]+\|[^\n]*)+", _ROWS),
    ("a table without the line under its head", r"^[^|\n]+(?: \| [^|\n]+)+(?:\n[^|\n]+(?: \| [^|\n]+)+)+$", _ROWS),
    ("a heading without a blank", r"^#{2,6}(?=\w)[^\n]*", "a heading is ## …, with a blank"),
    ("a list of another kind", r"^(?:[•·◦▪‣●○■–]\s+\S[^\n]*)(?=\n[•·◦▪‣●○■–]\s)", _ITEM),
    (
        "a list of another kind",
        r"^\(?(?:a|i|1)[.)] [^\n]*(?=\n\(?(?:b|ii|2)[.)] )",
        _ITEM,
    ),
    (
        "a link that is not one",
        r"!?\[[^\[\]\n]*\]\([^()\n]*\)?",
        "a link is [words](https://…); blanks in an address are %20",
    ),
    (
        "a link whose address is not defined",
        r"\[[^\[\]\n]+\]\[[^\[\]\n]*\]",
        "write the address into the text: [words](https://…)",
    ),
    (
        "an address whose words are elsewhere",
        r"^\[[^\[\]\n]+\]:(?: |$)[^\n]*",
        "write the address into the text: [words](https://…)",
    ),
    (
        "a footnote without its brackets",
        r"\^\[[^\]]*$|\[\^[^\]\n]*$|\[\^\s[^\]\n]*\]|\[\^\]",
        "a footnote is ^[…], or [^1] with a paragraph [^1]: …",
    ),
    ("a formula that is not closed", r"\$\$[^$\n]*", "a formula is $$…$$; a dollar is \\$"),
    (
        "bold that is not closed",
        r"(?<![\w*])\*\*(?=\w)[^*\n]*$|(?<![\w_])__(?=\w)[^_\n]*$",
        "bold is **…**; a star is \\*",
    ),
    ("~~ that is not closed", r"~~(?=\S)[^~\n]*$", "what is gone is ~~…~~"),
    ("a power without an end", r"(?<=[\w)\]])\^(?:[-+−–]?\w+|[-+−])(?!\^)", "a superscript is x^2^; a sign ^ is \\^"),
    ("a subscript without its end", r"(?<=[A-Z])~\d{1,2}\b(?!~)", "a subscript is H~2~O; a sign ~ is \\~"),
    ("an item without a blank", r"^(?:\d{1,2}\.|-)(?=[A-Za-z])[^\n]*(?=\n(?:\d{1,2}\.|-)[A-Za-z])", _ITEM),
    ("a box without a blank", r"^(?:\[\]|-\[[ xX]?\])[^\n]*", "a task is - [ ] … or - [x] …"),
    ("a subscript of TeX", r"(?<=\w)_\{[^}\n]*\}", "a subscript is H~2~O, a formula $…$"),
    (
        "a subscript without its letter",
        r"(?<![\w~])~(?:\w{1,5}|[+-])~(?![\w~])",
        "a subscript follows what it belongs to: H~2~O",
    ),
    (
        "a character by a name that is not known",
        r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d+|#[xX][0-9A-Fa-f]+);",
        "write the character itself",
    ),
)

# Texts of code blocks that are drawn elsewhere: ``` with one of these words.
_DRAWN: Final = re.compile(r"\{|(?:math|mermaid|dot|graphviz|plantuml|tikz|chart|csv-table|=html|\{=)", re.IGNORECASE)
# Lines outside of paragraphs.
_YAML: Final = re.compile(r"[A-Za-z_][\w-]*:\s+\S")
_SIMPLE_TABLE: Final = re.compile(r"\s*-{2,}(?:\s{1,}-{2,})+\s*")


def found(tokens: Sequence[Token], source: str) -> Iterator[tuple[int, str]]:
    """Line, counted from 0, and message of each notation that is not ours.

    Args:
        tokens: what was read, before escaped signs are joined with others.
        source: the text.
    """
    lines = source.split("\n")
    for n, token in enumerate(tokens):
        first = (token.map or [0])[0]
        if token.type == "inline":
            text = _flat(token.children or ())
            if text.replace(" ", "").replace(".", "").isalnum() and text[:1] != "h":  # “h2. ” is a heading of Textile
                continue
            underlined = tokens[n - 1].type == "heading_open" and tokens[n - 1].markup == "-"
            if underlined and all(map(_YAML.match, text.split("\n"))):
                yield first, f"“{text.partition(chr(10))[0][:_SHOWN]}” is printed as a heading; {_HEAD}"
                continue
            for line, name, shown, instead in _in(text, _IN_TEXT):
                yield first + line, f"“{shown}” is {name}, and is printed as typed; {instead}"
        elif token.type == "hr" and _SIMPLE_TABLE.fullmatch(lines[first]):
            yield (
                first,
                "this line is a rule; a table has its cells between |, and |---|---| under its head",
            )
        elif token.type == "fence":
            yield from _in_code(token, lines, first)


def found_in_plain(text: str) -> Iterator[tuple[str, str]]:
    """What was typed and what it is, for each notation of Markdown or another in a text that is not Markdown."""
    if _A_SIGN.search(text):
        for _, name, shown, _ in _in(text, _IN_PLAIN):
            yield shown, name


def _in(text: str, table: Sequence[_Notation]) -> Iterator[tuple[int, str, str, str]]:
    """Line, name, what was typed, and what to write instead, in the order of the text."""
    taken: list[tuple[int, int]] = []
    hits: list[tuple[int, str, str, str]] = []
    for notation in table:
        for match in notation.pattern.finditer(text):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            taken.append((start, end))
            shown = " ".join(match[0].translate(_SIGNS).split())
            hits.append((start, notation.name, shown[:_SHOWN] + "…" * (len(shown) > _SHOWN), notation.instead))
    seen: set[tuple[int, str]] = set()
    for start, name, shown, instead in sorted(hits):
        line = text.count("\n", 0, start)
        if (line, name) not in seen:
            seen.add((line, name))
            yield line, name, shown, instead


def _flat(children: Sequence[Token]) -> str:
    """The text of a paragraph in which all that was read is one sign."""
    parts: list[str] = []
    inside = False  # of an address that is its own words
    for child in children:
        if child.type in {"link_open", "link_close"} and child.info == "auto":
            inside = child.nesting > 0
            parts.append(_READ)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif inside:
            continue
        elif child.type == "text" or (child.type == "text_special" and child.content[:1] == "\\" != child.content):
            parts.append(child.content)  # also \\t, which escapes nothing
        elif child.type == "text_special" and child.content in _BRACKETS:
            parts.append(_BRACKETS[child.content])
        elif child.type == "code_inline":
            parts.append(_CODE_SIGN)
        elif child.nesting == 0:
            parts.append(_READ + "\n" * child.content.count("\n"))
    return "".join(parts)


def _in_code(token: Token, lines: Sequence[str], first: int) -> Iterator[tuple[int, str]]:
    end = (token.map or [0, 0])[1] - 1
    if end <= first or not lines[end].lstrip("> \t").startswith(token.markup):
        yield (
            first,
            f"the code that begins here with {token.markup} has no end; write {token.markup} in a line after it",
        )
    elif _DRAWN.match(token.info.strip()):
        yield (
            first,
            f"“{token.markup}{token.info.strip()[:_SHOWN]}” is printed as code; a formula is $$…$$, a drawing a figure",
        )


# A title, an affiliation, a word at an entry: none of them is Markdown. Each notation has one of these signs.
_A_SIGN: Final = re.compile(r"[\[*_`~^$\\]")
_IN_PLAIN: Final = _table(
    ("a citation", r"\[-?@[^\]\n]+\]", ""),
    ("a footnote", r"\[\^[^\]\n]+\]|\^\[[^\]\n]+\]", ""),
    ("a link", r"!?\[[^\]\n]+\]\([^)\s]+\)", ""),
    ("bold", r"\*\*(?=\S)[^*\n]+(?<=\S)\*\*|(?<!\w)__(?=\S)[^_\n]+(?<=\S)__(?!\w)", ""),
    ("italics", r"(?<![\w*])\*(?=[^\s*])[^*\n]+(?<=[^\s*])\*(?![\w*])|(?<!\w)_(?=[^\s_])[^_\n]+(?<=[^\s_])_(?!\w)", ""),
    ("code", r"`[^`\n]+`", ""),
    ("~~gone~~", r"~~(?=\S)[^~\n]+(?<=\S)~~", ""),
    ("a subscript", r"(?<=\w)~[\w+-]{1,20}~", ""),
    ("a superscript", r"\^[\w+\-−]{1,20}\^", ""),
    ("a formula", r"\$(?=\S)[^$\n]*[\\^_{}=<>][^$\n]*(?<=\S)\$(?!\d)", ""),
    ("LaTeX", r"\\[A-Za-z]{2,}\*?\{[^}]*\}|(?<![\w:\\])\\[a-z]{2,}\b", ""),
)
