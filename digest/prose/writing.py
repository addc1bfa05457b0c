"""`Prose` becomes HTML: every text is escaped, citations and figures are put in, notes come at the end."""

from __future__ import annotations

import html
import itertools
import re
from typing import TYPE_CHECKING, Any, Final

from markdown_it.renderer import RendererHTML
from markdown_it.utils import OptionsDict
from markupsafe import Markup

from digest import tabular
from digest.prose import boxes
from digest.text import lettered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markdown_it.token import Token
    from markdown_it.utils import EnvType

    from digest.prose.reading import Prose

# An abstract number after “#”: prefix, digits, suffix; “#1” is one only when the issue has it.
_MENTION: Final = re.compile(r"#((?:LBA[ -]?)?[A-Za-z]{0,5}-?\d[\dA-Za-z]*(?:\.\d+)*)")


def render(
    prose: Prose,
    *,
    citations: Sequence[Markup] = (),
    figures: Mapping[str, Markup] | None = None,
    mentions: Mapping[str, str] | None = None,
    prefix: str = "",
    level: int = 2,
    table: str = "Table {number}",
    continued: str = "",
    notes_at_foot: bool = False,
) -> Markup:
    """The text as HTML.

    Args:
        prose: a text without problems.
        citations: what is printed for each of its citations.
        figures: what is printed for each figure, by key.
        mentions: addresses of the abstracts that “#number” may point to, by number.
        prefix: what the ids of headings and notes begin with.
        level: HTML level at which a heading ``##`` is printed.
        table: what a table is called for those who do not see it.
        continued: what is printed at the caption of a long table where it goes on in another column.
        notes_at_foot: whether notes may be printed at the foot of the page (`digest.render.footnotes`).
    """
    env: dict[str, Any] = {
        "citations": citations,
        "figures": figures or {},
        "mentions": mentions or {},
        "prefix": prefix,
        "shift": level - 2,
        "table": table,
        "continued": continued,
        "at_foot": notes_at_foot,
        # Raised numbers are references already.
        "letters": any("<sup" in citation for citation in citations),
    }
    return Markup(_WRITER.render(list(prose.tokens), _OPTIONS, env))  # noqa: S704 - every rule of the writer escapes text


def render_inline(
    prose: Prose, *, citations: Sequence[Markup] = (), mentions: Mapping[str, str] | None = None
) -> Markup:
    """A text of one paragraph, see `is_one_paragraph`, as HTML without ``<p>``."""
    whole = render(prose, citations=citations, mentions=mentions).strip()
    return Markup(whole.removeprefix("<p>").removesuffix("</p>"))  # noqa: S704 - part of what render escaped


class _Writer(RendererHTML):
    """Writes tokens as HTML; each method has the name of the kind of token that it writes, as markdown-it asks."""

    def citation(self, tokens: Sequence[Token], n: int, _: OptionsDict, env: EnvType) -> str:
        return str(env["citations"][tokens[n].meta["number"]])

    def markup(self, tokens: Sequence[Token], n: int, _: OptionsDict, _env: EnvType) -> str:
        return {"<sc>": '<span class="sc">', "</sc>": "</span>"}.get(tokens[n].content, tokens[n].content)

    def formula(self, tokens: Sequence[Token], n: int, _: OptionsDict, _env: EnvType) -> str:
        return str(tokens[n].meta["html"])

    def figure(self, tokens: Sequence[Token], n: int, _: OptionsDict, env: EnvType) -> str:
        return str(env["figures"][tokens[n].content])

    def text(self, tokens: Sequence[Token], n: int, _: OptionsDict, env: EnvType) -> str:
        mentions: Mapping[str, str] = env["mentions"]
        inside = sum(token.nesting for token in tokens[:n] if token.type.startswith("link_"))

        def link(match: re.Match[str]) -> str:
            address = None if inside else mentions.get(match[1])
            return f'<a class="mention" href="{html.escape(address)}">{match[0]}</a>' if address else match[0]

        return _MENTION.sub(link, html.escape(tokens[n].content))

    # Both are reported as mistakes before anything is printed; should they come so far, they come as text.
    def html_inline(self, tokens: Sequence[Token], n: int, _: OptionsDict, _env: EnvType) -> str:
        return html.escape(tokens[n].content)

    def image(self, tokens: Sequence[Token], n: int, _: OptionsDict, _env: EnvType) -> str:
        return html.escape(tokens[n].content)

    def footnote_ref(self, tokens: Sequence[Token], n: int, _: OptionsDict, _env: EnvType) -> str:
        """A call without a note, which is reported as a mistake."""
        return html.escape(f"[^{tokens[n].meta.get('label', '')}]")

    def heading_open(self, tokens: Sequence[Token], n: int, options: OptionsDict, env: EnvType) -> str:
        title = self.renderInlineAsText(
            [child for child in tokens[n + 1].children or [] if child.type != "note_call"], options, env
        )
        slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"
        used = env.setdefault("slugs", set())
        slug = next(
            name
            for name in itertools.chain((slug,), (f"{slug}-{number}" for number in itertools.count(2)))
            if name not in used
        )
        used.add(slug)
        return f'<h{_heading(tokens[n], env)} id="{html.escape(env["prefix"])}{slug}">'

    def heading_close(self, tokens: Sequence[Token], n: int, _: OptionsDict, env: EnvType) -> str:
        return f"</h{_heading(tokens[n], env)}>\n"

    def table_open(self, tokens: Sequence[Token], n: int, _: OptionsDict, env: EnvType) -> str:
        env["tables"] = env.get("tables", 0) + 1
        return tabular.start_of(tokens, n, env["table"].replace("{number}", str(env["tables"])), env["continued"])

    def table_close(self, *_: object) -> str:
        return "</table>"

    def frame_close(self, *_: object) -> str:
        return "</div>\n"

    def table_note_open(self, *_: object) -> str:
        return '<p class="table-note">'

    def table_note_close(self, *_: object) -> str:
        return "</p>\n"

    def caption_open(self, *_: object) -> str:
        return "<caption>"

    def caption_close(self, *_: object) -> str:
        return "</caption>\n"

    def box_open(self, tokens: Sequence[Token], n: int, _: OptionsDict, env: EnvType) -> str:
        env["boxes"] = env.get("boxes", 0) + 1
        return boxes.start_of(tokens[n], f"{html.escape(env['prefix'])}box-{env['boxes']}")

    def box_close(self, tokens: Sequence[Token], n: int, _: OptionsDict, _env: EnvType) -> str:
        return boxes.end_of(tokens[n])

    def box_title_open(self, _tokens: Sequence[Token], _n: int, _: OptionsDict, env: EnvType) -> str:
        return f'<p class="box-title" id="{html.escape(env["prefix"])}box-{env["boxes"]}">'

    def box_by_open(self, *_: object) -> str:
        return '<p class="pull-quote-by">'

    def note_call(self, tokens: Sequence[Token], n: int, _: OptionsDict, env: EnvType) -> str:
        number, call = tokens[n].meta["number"], tokens[n].meta["call"]
        place = f"{html.escape(env['prefix'])}note-{number}"
        return (
            f'<sup class="note-call"><a id="{place}-call-{call}" href="#{place}" role="doc-noteref">'
            f"{_numbered(number, env)}</a></sup>"
        )

    def notes_open(self, tokens: Sequence[Token], n: int, _: OptionsDict, env: EnvType) -> str:
        foot = " foot" if env["at_foot"] and tokens[n].meta["at_foot"] else ""
        return f'<div class="notes{foot}">\n<ol{" type=" + chr(34) + "a" + chr(34) if env["letters"] else ""}>\n'

    def notes_close(self, *_: object) -> str:
        return "</ol>\n</div>\n"

    def note_open(self, tokens: Sequence[Token], n: int, _: OptionsDict, env: EnvType) -> str:
        return f'<li id="{html.escape(env["prefix"])}note-{tokens[n].meta["number"]}">\n'

    def note_close(self, tokens: Sequence[Token], n: int, _: OptionsDict, env: EnvType) -> str:
        """The ways back to the calls; the sign is a text, not a picture of it (U+FE0E)."""
        place = f"{html.escape(env['prefix'])}note-{tokens[n].meta['number']}"
        back = (
            f'<a class="note-back" href="#{place}-call-{call}" role="doc-backlink">↩\ufe0e</a>'
            for call in range(1, tokens[n].meta["calls"] + 1)
        )
        return f"{' '.join(back)}</li>\n"


def _heading(token: Token, env: EnvType) -> int:
    shift: int = env["shift"]
    return min(int(token.tag[1]) + shift, 6)


def _numbered(number: int, env: EnvType) -> str:
    return lettered(number) if env["letters"] else str(number)


_WRITER: Final = _Writer()
_OPTIONS: Final = OptionsDict(
    {
        "maxNesting": 20,
        "html": True,
        "linkify": False,
        "typographer": False,
        "quotes": "",
        "xhtmlOut": True,
        "breaks": False,
        "langPrefix": "language-",
        "highlight": None,
    }
)
