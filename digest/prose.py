"""The Markdown of articles and comments: parsed once into citations, figures and headings, then written as HTML.

CommonMark with tables, and four things of our own:

* ``[@key]``, ``[@a; @b]``, ``[see @a, p. 3]``, ``[-@a]`` cite (the notation of pandoc);
* ``<i> <b> <sub> <sup> <sc>`` mark up text as in titles; all other HTML is told as a mistake;
* a paragraph ``![](key)`` places the figure that the front matter declares under this key;
* a paragraph ``Table: Caption`` stands before the table that it describes.
"""

from __future__ import annotations

import html
import itertools
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from digest.errors import Problem, did_you_mean
from digest.text import TAGS, unbroken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.utils import EnvType, OptionsDict

_CITE: Final = re.compile(
    r"(?P<before>(?:[^@]*\s)?)(?P<minus>-?)@(?P<key>[A-Za-z0-9](?:[\w.:/+-]*\w)?)(?P<after>[^@]*)"
)
_LOCATOR: Final = re.compile(
    r",\s*(?:(?P<label>pp?|pages?|fig|figure|table|ch|chap|chapter|sec|section|vol|volume)\.? )?"
    r"\s*(?P<locator>\d[\w.–-]*(?:,? \d[\w.–-]*)*)"
)
_BARE: Final = re.compile(r"(?<![\w.@])@([A-Za-z0-9](?:[\w.:/+-]*\w)?)")
# What somebody meant as a citation: “@” at the beginning of a word, directly inside the brackets.
_MEANT: Final = re.compile(r"(?:^|[;\s])-?@")
# pandoc's abbreviations of CSL's locator terms (CSL 1.0.2, appendix III).
_LABELS: Final = {"p": "page", "pp": "page", "pages": "page", "fig": "figure", "ch": "chapter", "chap": "chapter",
                  "sec": "section", "vol": "volume"}  # fmt: skip
_TAG: Final = re.compile(rf"</?(?:{'|'.join(TAGS)})>")
_CAPTION: Final = re.compile(r"Table:\s+(?=\S)")
_LONG: Final = 15  # rows from which on a table may go on in the next column or page
_WIDE: Final = 4  # columns from which on a table needs the width of the page
# An abstract number behind “#”: prefix, digits, suffix; “#1” is one only when the issue has it.
_MENTION: Final = re.compile(r"#((?:LBA[ -]?)?[A-Za-z]{0,5}-?\d[\dA-Za-z]*(?:\.\d+)*)")


class Cite(msgspec.Struct, frozen=True, kw_only=True):
    """One reference inside a citation.

    Attributes:
        key: what is cited.
        prefix: text before it, such as ``see``.
        locator: place inside it, such as ``33-35``.
        label: CSL's term of the locator, such as ``page``.
        suffix: text behind it.
        suppress_author: the text names the author already (``-@key``).
    """

    key: str
    prefix: str = ""
    locator: str = ""
    label: str = ""
    suffix: str = ""
    suppress_author: bool = False


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in one pair of brackets.

    Attributes:
        cites: its references in order.
        line: line of the file, counted from 1.
    """

    cites: tuple[Cite, ...]
    line: int


class Prose(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed text.

    Attributes:
        tokens: markdown-it's tokens, with our own kinds ``citation``, ``bad_citation`` and ``figure``.
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


def parse(text: str, file: str, *, first_line: int = 1) -> Prose:
    """The parsed text; `file` and `first_line` say where it stands, for problems."""
    env: dict[str, Any] = {}
    tokens = _MARKDOWN.parse(text, env)
    problems: list[Problem] = []
    citations: list[Citation] = []
    figures: list[tuple[str, int]] = []
    bare: list[tuple[str, int]] = []

    def tell(code: str, message: str, line: int) -> None:
        problems.append(Problem(level="error", code=code, message=message, file=file, line=line))

    for token in tokens:
        if token.type == "heading_open" and token.tag == "h1":
            line = (token.map or [0])[0] + first_line
            tell("heading", "“#” is the title, which stands in the front matter; headings begin at “##”", line)
        if token.type == "inline":
            line = (token.map or [0])[0] + first_line
            opened: list[tuple[str, int]] = []
            for child in token.children or ():
                match child.type:
                    case "softbreak" | "hardbreak":
                        line += 1
                    case "citation":
                        child.meta["number"] = len(citations)
                        citations.append(Citation(cites=tuple(child.meta["cites"]), line=line))
                        line += child.content.count("\n")
                    case "bad_citation":
                        message = (
                            f"“[{child.content[:40]}” is no citation; write [@key], [@one; @two] or [see @key, p. 3]"
                        )
                        tell("citation-syntax", message, line)
                        line += child.content.count("\n")
                    case "figure":
                        if child.content in (key for key, _ in figures):
                            tell("figure", f"the figure “{child.content}” stands in the text already", line)
                        figures.append((child.content, line))
                    case "text":
                        bare += [(key, line) for key in _BARE.findall(child.content)]
                    case "image":
                        message = (
                            "a picture stands in a paragraph of its own, as ![](key), with the key in the front matter"
                        )
                        tell("figure", message, line)
                    case "markup":
                        name = child.content.strip("</>")
                        _follow(f"<{name}>", not child.content.startswith("</"), opened, line, tell)
                    case "em_open" | "em_close" | "strong_open" | "strong_close" | "link_open" | "link_close":
                        _follow(child.markup or "the link", child.nesting > 0, opened, line, tell)
                    case "html_inline":
                        allowed = " ".join(f"<{tag}>" for tag in TAGS)
                        tell(
                            "html",
                            f"the HTML {child.content} is not used in texts; allowed are {allowed}",
                            line,
                        )
            for name, where in opened:
                tell("html", f"{name} is never closed", where)
    return Prose(
        tokens=tuple(tokens),
        citations=tuple(citations),
        figures=tuple(figures),
        bare=tuple(bare),
        problems=tuple(problems),
    )


def _follow(
    name: str, opens: bool, opened: list[tuple[str, int]], line: int, tell: Callable[[str, str, int], None]
) -> None:
    """Keeps the list of open spans; tells what closes another one than the last that was opened."""
    if opens:
        opened.append((name, line))
    elif opened and opened[-1][0] == name:
        opened.pop()
    else:
        inside = f": {opened[-1][0]} is open at that place" if opened else ""
        tell("html", f"the end of {name} stands where nothing of it can end{inside}", line)
        opened[:] = [pair for pair in opened if pair[0] != name]


def odd_keys(prose: Prose, known: Mapping[str, object], file: str) -> list[Problem]:
    """A problem for each citation of something that is not known, and for each known key outside brackets."""
    outside = [
        Problem(
            level="warning",
            code="citation-syntax",
            message=f"@{key} stands outside brackets and is printed as it is; a citation is [@{key}]",
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


def render(
    prose: Prose,
    *,
    citations: Sequence[Markup] = (),
    figures: Mapping[str, Markup] | None = None,
    mentions: Mapping[str, str] | None = None,
    prefix: str = "",
    level: int = 2,
    table: str = "Table {number}",
) -> Markup:
    """The text as HTML.

    Args:
        prose: a text without problems.
        citations: what is printed for each of its citations.
        figures: what is printed for each figure, by key.
        mentions: addresses of the abstracts that “#number” may point to, by number.
        prefix: what the ids of headings begin with.
        level: HTML level at which a heading ``##`` is printed.
        table: what a table is called for those who do not see it.
    """
    env = {
        "citations": citations,
        "figures": figures or {},
        "mentions": mentions or {},
        "prefix": prefix,
        "shift": level - 2,
        "table": table,
    }
    return Markup(_MARKDOWN.renderer.render(list(prose.tokens), _MARKDOWN.options, env))  # noqa: S704 - every rule below escapes text


def render_inline(
    prose: Prose, *, citations: Sequence[Markup] = (), mentions: Mapping[str, str] | None = None
) -> Markup:
    """A text of one paragraph, see `is_one_paragraph`, as HTML without ``<p>``."""
    whole = render(prose, citations=citations, mentions=mentions).strip()
    return Markup(whole.removeprefix("<p>").removesuffix("</p>"))  # noqa: S704 - part of what render escaped


def is_one_paragraph(prose: Prose) -> bool:
    """Whether the text is one paragraph, or nothing at all."""
    return [token.type for token in prose.tokens] in ([], ["paragraph_open", "inline", "paragraph_close"])


# -- markdown-it: what is read -----------------------------------------------------------------------------------------


def _citation_rule(state: StateInline, silent: bool) -> bool:
    """``[@key]`` and its like; what was meant as one and cannot be read is told; other brackets are left to links."""
    if state.src[state.pos] != "[":
        return False
    end = state.src.find("]", state.pos)
    inner = state.src[state.pos + 1 : end] if end >= 0 else state.src[state.pos + 1 :]
    if not _MEANT.search(inner) or (end >= 0 and ("[" in inner or state.src[end + 1 : end + 2] == "(")):
        return False
    if end < 0 and not inner.startswith(("@", "-@")):
        return False
    cites = [_cite(part) for part in inner.split(";")] if end >= 0 else [None]
    if not silent:
        token = state.push("bad_citation" if None in cites else "citation", "", 0)
        token.content = inner
        token.meta = {"cites": cites}
    state.pos = end + 1 if end >= 0 else state.posMax
    return True


def _cite(part: str) -> Cite | None:
    match = _CITE.fullmatch(part)
    if not match:
        return None
    after, locator, label = match["after"], "", ""
    if found := _LOCATOR.match(after):
        word = found["label"] or "page"
        locator, label, after = found["locator"], _LABELS.get(word, word), after[found.end() :]
    prefix = match["before"].strip()
    return Cite(
        key=match["key"],
        prefix=f"{prefix} " if prefix else "",
        locator=locator,
        label=label,
        suffix=after.strip(),
        suppress_author=bool(match["minus"]),
    )


def _markup_rule(state: StateInline, silent: bool) -> bool:
    """One of our own tags; other HTML goes on to markdown-it's rule, and is told."""
    match = _TAG.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        token = state.push("markup", "", 0)
        token.content = match[0]
    state.pos = match.end()
    return True


def _own_blocks(state: StateCore) -> None:
    """Figures and captions: paragraphs that are something else."""
    tokens = state.tokens
    for n, token in enumerate(tokens):
        if token.type == "th_open":
            token.attrSet("scope", "col")
        if token.type != "inline" or tokens[n - 1].type != "paragraph_open":
            continue
        children = token.children or []
        if len(children) == 1 and children[0].type == "image" and not children[0].content:
            figure = Token("figure", "", 0, content=str(children[0].attrs["src"]))
            tokens[n - 1].hidden = tokens[n + 1].hidden = True
            token.children = [figure]
        elif (
            n + 2 < len(tokens)
            and tokens[n + 2].type == "table_open"
            and children
            and _CAPTION.match(children[0].content)
        ):
            children[0].content = _CAPTION.sub("", children[0].content, count=1)
            tokens[n - 1].type, tokens[n + 1].type = "caption_open", "caption_close"
            # HTML wants the caption as the table's first child.
            caption = tokens[n - 1 : n + 2]
            tokens[n - 1 : n + 3] = [tokens[n + 2], *caption]


# -- markdown-it: what is written --------------------------------------------------------------------------------------


def _write_citation(_: RendererHTML, tokens: Sequence[Token], n: int, _options: OptionsDict, env: EnvType) -> str:
    return str(env["citations"][tokens[n].meta["number"]])


def _write_markup(_: RendererHTML, tokens: Sequence[Token], n: int, _options: OptionsDict, _env: EnvType) -> str:
    return {"<sc>": '<span class="sc">', "</sc>": "</span>"}.get(tokens[n].content, tokens[n].content)


def _write_figure(_: RendererHTML, tokens: Sequence[Token], n: int, _options: OptionsDict, env: EnvType) -> str:
    return str(env["figures"][tokens[n].content])


def _write_text(_: RendererHTML, tokens: Sequence[Token], n: int, _options: OptionsDict, env: EnvType) -> str:
    mentions: Mapping[str, str] = env["mentions"]

    inside = sum(token.nesting for token in tokens[:n] if token.type.startswith("link_"))

    def link(match: re.Match[str]) -> str:
        address = None if inside else mentions.get(match[1])
        return f'<a class="mention" href="{html.escape(address)}">{match[0]}</a>' if address else match[0]

    return _MENTION.sub(link, html.escape(unbroken(tokens[n].content)))


def _write_heading(renderer: RendererHTML, tokens: Sequence[Token], n: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[n]
    level = min(int(token.tag[1]) + env["shift"], 6)
    if token.type == "heading_close":
        return f"</h{level}>\n"
    title = renderer.renderInlineAsText(tokens[n + 1].children or [], options, env)
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"
    used = env.setdefault("slugs", set())
    slug = next(
        name
        for name in itertools.chain((slug,), (f"{slug}-{number}" for number in itertools.count(2)))
        if name not in used
    )
    used.add(slug)
    return f'<h{level} id="{html.escape(env["prefix"])}{slug}">'


def _write_table_open(_: RendererHTML, tokens: Sequence[Token], n: int, _options: OptionsDict, env: EnvType) -> str:
    row = next(m for m in range(n, len(tokens)) if tokens[m].type == "tr_close")
    columns = sum(token.type == "th_open" for token in tokens[n:row])
    end = next(m for m in range(n, len(tokens)) if tokens[m].type == "table_close")
    rows = sum(token.type == "tr_open" for token in tokens[n:end])
    kinds = (" wide" if columns >= _WIDE else "") + (" long" if rows > _LONG else "")
    env["tables"] = env.get("tables", 0) + 1
    label = html.escape(env["table"].replace("{number}", str(env["tables"])))
    # A frame that scrolls sideways on a small screen; focusable, so that the keyboard reaches what is out of sight.
    return f'<div class="table-frame{kinds}" tabindex="0" role="group" aria-label="{label}"><table>\n'


def _make() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": True}).enable("table").disable("html_block")
    md.inline.ruler.before("link", "citation", _citation_rule)
    md.inline.ruler.before("html_inline", "markup", _markup_rule)
    md.core.ruler.push("own_blocks", _own_blocks)
    for name, rule in (
        ("citation", _write_citation), ("markup", _write_markup), ("figure", _write_figure), ("text", _write_text),
        ("heading_open", _write_heading), ("heading_close", _write_heading), ("table_open", _write_table_open),
    ):  # fmt: skip
        md.add_render_rule(name, rule)
    md.add_render_rule("table_close", lambda *_: "</table></div>\n")
    md.add_render_rule("caption_open", lambda *_: "<caption>")
    md.add_render_rule("caption_close", lambda *_: "</caption>\n")
    # Both are told as mistakes before anything is printed; should they come so far, they come as text.
    md.add_render_rule("html_inline", lambda _, tokens, n, *__: html.escape(tokens[n].content))
    md.add_render_rule("image", lambda _, tokens, n, *__: html.escape(tokens[n].content))
    return md


_MARKDOWN: Final = _make()
