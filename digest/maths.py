"""Formulas: found in texts, read from MathML and TeX as text of Unicode, and written as MathML that is safe to print.

Everything goes through a tree of MathML: TeX becomes MathML first. Of MathML a list of elements and attributes is kept,
so nothing that runs or loads gets through, and a formula that is too long, too deep or not understood is refused.
"""

from __future__ import annotations

import html
import re
import unicodedata
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest.text import FORMULA, UNREADABLE, RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.text import Node


class Reading(Struct, frozen=True, kw_only=True):
    """A formula that was read.

    Attributes:
        text: the formula in one line of Unicode, such as ``x² ≤ 0.05``.
        source: MathML that begins with ``<math``, or TeX without the dollars around it.
        is_text: whether the text says all that the formula says: letters, numbers and signs in a row.
        mathml: the formula as an element of MathML 3 or MathML Core, with its text in ``alttext``.
    """

    text: str
    source: str
    is_text: bool
    mathml: str


# --- Formulas in a text ----------------------------------------------------------------------------------------------

LONGEST: Final = 20_000
_DELIMITED: Final = re.compile(
    r"(?<![\\$])\$\$(?P<display>(?:\\.|[^$\\]){1,4000})\$\$(?!\$)"
    # Pandoc's rule (its manual, “tex_math_dollars”): no blank inside of either sign, no digit after the second.
    r"|(?<!\\)\$(?P<inline>(?=[^\s$])(?:\\.|[^$\\]){1,2000})(?<!\s)\$"
    r"|(?<!\\)\\\((?P<round>(?:\\(?!\))|[^\\]){1,2000})\\\)"
    r"|(?<!\\)\\\[(?P<square>(?:\\(?!\])|[^\\]){1,4000})\\\]",
    re.DOTALL,
)
_TEX_SIGN: Final = re.compile(r"\\[A-Za-z,;!{}]|[\^_{}]")
_RELATION: Final = re.compile(r"[=<>≤≥±×≈∼]")
_MOST_IN_A_ROW: Final = 40


class Place(Struct, frozen=True, kw_only=True):
    """Where a text holds a formula of TeX.

    Attributes:
        start: the first sign of it.
        end: after its last sign.
        tex: what is between the signs.
        display: whether it is in a line of its own.
    """

    start: int
    end: int
    tex: str
    display: bool


def places(text: str, start: int = 0) -> Iterator[Place]:
    r"""The formulas in ``$…$``, ``$$…$$``, ``\(…\)`` and ``\[…\]``; sums of money are none."""
    while match := _DELIMITED.search(text, start):
        kind, start = match.lastgroup or "", match.end()
        inner = match[kind].strip()
        if kind == "inline" and not _is_formula(
            inner, text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        ):
            start = match.start() + 1
        elif inner:
            yield Place(start=match.start(), end=match.end(), tex=inner, display=kind in {"display", "square"})


def _is_formula(inner: str, before: str, after: str) -> bool:
    """Whether something between dollars is a formula: it has a sign of TeX, or is short and has no words."""
    if _TEX_SIGN.search(inner) or _RELATION.fullmatch(inner):  # arXiv: “$\\sim$5”, “p $<$0.05”
        return True
    if after.isdigit():
        return False
    if before.isalpha() or len(inner) > _MOST_IN_A_ROW or re.search(r"[^\W\d_]{3}", inner):
        return False  # US$5, “$/QALY or A$”
    if _RELATION.search(inner) or re.fullmatch(r"[\d.,/-]+", inner):
        return True
    return len(inner) <= 12 and not inner[0].isdigit()


# A formula on its way through other markup: two characters that no text may hold, with its source in between.
_MARK: Final = re.compile("\ufdd0([0-9a-f]*)\ufdd1")
_ELEMENT: Final = re.compile(
    r"<(?P<p>(?:[a-z]{1,10}:)?)(?P<name>alternatives|inline-formula|disp-formula|math|tex-math)\b[^<>]{0,2000}(?<!/)>"
    r"(?P<inner>.{0,60000}?)</(?P=p)(?P=name)\s*>",
    re.DOTALL | re.IGNORECASE,
)
_STRAY: Final = re.compile(
    r"</?(?:mml:)?(?:math|mi|mo|mn|ms|mtext|mspace|mrow|mfrac|msqrt|mroot|mstyle|mpadded|msub|msup|msubsup|munder|mover|"
    r"munderover|mmultiscripts|mtable|mtr|mtd|mfenced|semantics|alternatives|tex-math)\b[^<>]{0,500}>",
    re.IGNORECASE,
)


def marked(source: str) -> str:
    """A formula as `set_aside` leaves it in a text."""
    return f"\ufdd0{source[: LONGEST + 1].encode().hex()}\ufdd1"


def set_aside(text: str) -> str:
    """A text of HTML or JATS whose formulas are marks, which other readers of markup leave alone."""
    text = text.replace("\ufdd0", "").replace("\ufdd1", "")
    lowered = text.lower()
    if "math" in lowered or "alternatives>" in lowered:
        text = _STRAY.sub("", _ELEMENT.sub(_mark_of, text))
    out, at = [], 0
    for place in places(text) if "$" in text or "\\" in text else ():
        out += [text[at : place.start], marked(html.unescape(re.sub(r"<[/A-Za-z][^<>]*>", "", place.tex)))]
        at = place.end
    return "".join([*out, text[at:]])


def _mark_of(match: re.Match[str]) -> str:
    """The mark of one element; of the versions of one formula the best: MathML, then TeX."""
    name, inner = match["name"].lower(), match["inner"]
    if name == "math":
        return marked(match[0])
    if name == "tex-math":
        return marked(html.unescape(_cdata(inner)))
    found = {one["name"].lower(): one for one in _ELEMENT.finditer(inner)}
    if "alternatives" in found:
        return _ELEMENT.sub(_mark_of, inner)
    if best := found.get("math") or found.get("tex-math"):
        # What else is in an element for one formula is the same once more, or the number of its line.
        return _mark_of(best)
    return re.sub(r"<[^<>]*>", "", inner) if name == "alternatives" else f" {inner} " if name[0] == "d" else inner


def _cdata(text: str) -> str:
    return re.sub(r"<!\[CDATA\[(.*?)\]\]>", r"\1", text, flags=re.DOTALL)


def put_back(text: str) -> Iterator[Node]:
    """The pieces of a text with marks: texts, and nodes of formulas."""
    at = 0
    for match in _MARK.finditer(text):
        if match.start() > at:
            yield text[at : match.start()]
        yield node(bytes.fromhex(match[1]).decode(errors="replace"))
        at = match.end()
    if at < len(text):
        yield text[at:]


def node(source: str) -> Node:
    """A formula as a node of a `RichText`: its text where that says all, its source where it cannot be read."""
    try:
        formula = read(source)
    except ValueError as error:
        shown = source
        if source.lstrip().startswith("<"):
            shown = html.unescape(re.sub(r"<[^<>]*>", " ", source))
        return (f"{UNREADABLE} {error}", (" ".join(shown[:LONGEST].split()),))
    return formula.text if formula.is_text else (f"{FORMULA} {formula.source}", (formula.text,))


def without_formulas(text: RichText) -> tuple[RichText, tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """A text with the texts of its formulas; these with their sources; and sources that cannot be read, with why."""
    if not any(not isinstance(one, str) for one in text.nodes):
        return text, (), ()
    kept: list[tuple[str, str]] = []
    lost: list[tuple[str, str]] = []

    def walk(nodes: Iterable[Node]) -> Iterator[Node]:
        for one in nodes:
            if isinstance(one, str):
                yield one
                continue
            kind, _, said = one[0].partition(" ")
            if kind in {FORMULA, UNREADABLE}:
                words = RichText(one[1]).plain
                (kept if kind == FORMULA else lost).append((words, said))
                yield words
            else:
                yield one[0], tuple(walk(one[1]))

    return RichText.of([*walk(text.nodes)]), tuple(kept), tuple(lost)


def drawn(text: RichText, formulas: Sequence[tuple[str, str]]) -> RichText:
    """A text with its formulas, each in place of its own text, wherever that is a word by itself."""
    known: dict[str, Node] = {}
    for words, source in formulas:
        if words not in known and words in text.plain:
            try:
                known[words] = (f"{FORMULA} {read(source).mathml}", (words,))
            except ValueError:
                continue
    if not known:
        return text
    longest = sorted(known, key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(words)}(?!\w)" for words in longest))

    def walk(nodes: Iterable[Node]) -> Iterator[Node]:
        for one in nodes:
            if not isinstance(one, str):
                yield one[0], tuple(walk(one[1]))
                continue
            at = 0
            for match in pattern.finditer(one):
                if match.start() > at:
                    yield one[at : match.start()]
                yield known[match[0]]
                at = match.end()
            if at < len(one):
                yield one[at:]

    return RichText(tuple(walk(text.nodes)))


# --- The tree of MathML ----------------------------------------------------------------------------------------------


class _Tag:
    __slots__ = ("children", "name", "options")

    def __init__(self, name: str, options: dict[str, str], children: list[_Tag] | None = None, text: str = "") -> None:
        self.name, self.options = name, options
        self.children: list[_Tag] = children or []
        if text:
            self.children = [_Tag("", {"text": text})]

    @property
    def text(self) -> str:
        """The characters of a token."""
        return " ".join("".join(one.options.get("text", "") or one.text for one in self.children).split())


# MathML Core (W3C 2024), and what browsers and publishers have besides.
_TOKENS: Final = frozenset({"mi", "mn", "mo", "ms", "mtext"})
_GROUPS: Final = frozenset(
    {"math", "mrow", "mstyle", "mpadded", "merror", "mtd", "msqrt", "menclose", "mphantom", "mfenced", "mtr", "mtable"}
)
_PARTS: Final = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3}
_KEPT: Final = _TOKENS | _GROUPS | frozenset(_PARTS) | {"mspace", "mmultiscripts", "mprescripts", "none"}
_ALSO: Final = {"mlabeledtr": "mtr", "math-inline": "mrow"}
_DROPPED: Final = frozenset({"annotation", "annotation-xml", "maligngroup", "malignmark", "script", "style", "mglyph"})
_WORD_OPTIONS: Final = frozenset(
    """
        mathvariant stretchy fence separator form accent accentunder displaystyle scriptlevel columnalign rowspan
        columnspan largeop movablelimits symmetric notation bevelled
    """.split()
)
_LENGTH_OPTIONS: Final = frozenset({"width", "lspace", "rspace", "linethickness", "minsize", "maxsize"})
_LENGTH: Final = re.compile(r"-?\d{0,2}(?:\.\d{1,4})?(?:em|ex|px|pt)|\d{1,2}(?:\.\d{1,3})?|thin|medium|thick")
_DEEPEST: Final = 40
_MOST: Final = 2000


class _Reader(HTMLParser):
    """Reads MathML with any prefix; of what it does not know the contents are kept."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Tag("math", {})
        self.open: list[tuple[str, _Tag]] = [("", self.root)]
        self.count = self.silent = 0
        self.pairs = (("open", "("), ("close", ")"), ("separators", ","))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = tag.rpartition(":")[2]
        name = _ALSO.get(name, name)
        self.count += 1
        if self.count > _MOST or len(self.open) > _DEEPEST:
            raise ValueError("it has too many parts")
        if name in _DROPPED:
            self.silent += 1
        here = self.open[-1][1]
        if name in _KEPT and name != "math" and not self.silent:
            given = {key.rpartition(":")[2].lower(): (value or "").strip() for key, value in attrs}
            options = {
                key: value
                for key, value in given.items()
                if (key in _WORD_OPTIONS and re.fullmatch(r"[a-z0-9 -]{1,40}", value))
                or (key in _LENGTH_OPTIONS and _LENGTH.fullmatch(value))
            }
            if name == "mfenced":
                options |= {key: given.get(key, usual)[:8] for key, usual in self.pairs}
            made = _Tag(name, options)
            here.children.append(made)
            here = made
        self.open.append((name, here))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        name = _ALSO.get(name, name)
        for n in range(len(self.open) - 1, 0, -1):
            if self.open[n][0] == name:
                self.silent -= sum(one in _DROPPED for one, _ in self.open[n:])
                del self.open[n:]
                return

    def handle_data(self, data: str) -> None:
        here = self.open[-1][1]
        if self.silent or self.open[-1][0] == "" or not (data.strip() or (data and here.name == "mtext")):
            return
        if here.name not in _TOKENS:  # a text without an element around it
            here.children.append(_Tag("mtext", {}, text=data))
        else:
            here.children.append(_Tag("", {"text": data}))


def read(source: str) -> Reading:
    r"""A formula of MathML, or of TeX with or without the signs around it.

    Raises:
        ValueError: it cannot be read; the message is a part of a sentence that says why.
    """
    source = source.strip()
    if len(source) > LONGEST:
        raise ValueError("it is too long")
    is_tex = not re.match(r"<(?:[\w-]+:)?math\b", source)
    tex = _bare(source) if is_tex else ""
    reader = _Reader()
    reader.feed(_mathml_of(tex) if is_tex else source)
    reader.close()
    tree = _regular(reader.root)
    for one in _all(tree):
        if is_tex and one.name in _TOKENS and (unknown := re.match(r"\\[A-Za-z]+", one.text)):
            raise ValueError(f"the command {unknown[0]} is not known")
    styled = " ".join(_said(tree).split()).translate(_FORMS)
    text = unicodedata.normalize("NFC", _STYLED.sub(lambda m: unicodedata.normalize("NFKC", m[0]), styled))
    if not text:
        raise ValueError("there is nothing in it")
    plain = not _STYLED.search(styled) and all(
        one.name in {"", "math", "mrow", "mstyle", "mpadded", "mspace", *_TOKENS}
        and (one.options.get("mathvariant", "normal") in {"normal", "italic"})
        for one in _all(tree)
    )
    written = "".join(_written(one) for one in tree.children)
    return Reading(
        text=text,
        source=tex if is_tex else f"<math>{written}</math>",
        is_text=plain,
        mathml=f'<math alttext="{html.escape(text)}">{written}</math>',
    )


def display(formula: Reading) -> str:
    """The MathML of a formula in a line of its own."""
    return formula.mathml.replace("<math ", '<math display="block" ', 1)


def _all(tree: _Tag) -> Iterator[_Tag]:
    stack = [tree]
    while stack:
        one = stack.pop()
        yield one
        stack += one.children


def _regular(tag: _Tag) -> _Tag:
    """The tree with as many children as each element has, and without ``mfenced``, which MathML Core does not have."""
    tag.children = [_regular(one) for one in tag.children]
    if tag.name in _PARTS:
        wanted = _PARTS[tag.name]
        while len(tag.children) < wanted:
            tag.children.append(_Tag("mrow", {}))
        if len(tag.children) > wanted:
            tag.children[wanted - 1 :] = [_Tag("mrow", {}, tag.children[wanted - 1 :])]
    elif tag.name == "mtable":
        tag.children = [one if one.name == "mtr" else _Tag("mtr", {}, [one]) for one in tag.children]
    elif tag.name == "mtr":
        tag.children = [one if one.name == "mtd" else _Tag("mtd", {}, [one]) for one in tag.children]
    elif tag.name == "mfenced":
        signs = tag.options["separators"].replace(" ", "")
        row: list[_Tag] = [_Tag("mo", {"fence": "true"}, text=tag.options["open"])] if tag.options["open"] else []
        for n, one in enumerate(tag.children):
            if n and signs:
                row.append(_Tag("mo", {"separator": "true"}, text=signs[min(n, len(signs)) - 1]))
            row.append(one)
        if tag.options["close"]:
            row.append(_Tag("mo", {"fence": "true"}, text=tag.options["close"]))
        return _Tag("mrow", {}, row)
    if tag.name == "mrow" and len(tag.children) == 1:
        return tag.children[0]
    return tag


def _written(tag: _Tag) -> str:
    if not tag.name:
        return html.escape(tag.options["text"])
    options = "".join(f' {key}="{html.escape(value)}"' for key, value in sorted(tag.options.items()))
    inner = html.escape(tag.text) if tag.name in _TOKENS else "".join(map(_written, tag.children))
    if tag.name == "mtext":  # blanks at its ends are blanks of the formula
        whole = "".join(one.options.get("text", "") for one in tag.children)
        inner = ("\u00a0" if whole[:1].isspace() else "") + inner + ("\u00a0" if whole[-1:].isspace() else "")
    return f"<{tag.name}{options}>{inner}</{tag.name}>"


# --- TeX -------------------------------------------------------------------------------------------------------------

# What would define, read, load or link; none of it belongs to a formula.
_REFUSED: Final = re.compile(
    r"\\(?:def|edef|gdef|xdef|let|newcommand|renewcommand|providecommand|DeclareMathOperator|input|include|openin|read|"
    r"write|csname|catcode|href|url|html\w*|class|style|cssId|require|includegraphics|special|loop|futurelet)\b"
)


def _molecule(match: re.Match[str]) -> str:
    counted = re.sub(r"(?<=[A-Za-z)])(\d+)", r"_{\1}", match[1])
    return rf"\mathrm{{{counted}}}"


# What does not change the formula, or has another name in LaTeX's own packages (amsmath, bm, upgreek, siunitx).
_SAME: Final = (
    (re.compile(r"\\(?:label|tag|ref|eqref|notag|nonumber|cite)\*?(?:\{[^{}]{0,100}\})?"), ""),
    (re.compile(r"\\(?:mbox|hbox|textrm|textup|textnormal|textsf)(?![A-Za-z])"), r"\\text"),
    (re.compile(r"\\(?:bm|pmb|mathbit)(?![A-Za-z])"), r"\\boldsymbol"),
    (re.compile(r"\\up(?=(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|"
                r"phi|chi|psi|omega)\b)"), r"\\"),
    (re.compile(r"\\(?:protect|ensuremath|limits|nolimits|nobreak|hfill|mathstrut|strut|allowbreak|mathop|relax)"
                r"(?![A-Za-z])"), " "),
    (re.compile(r"\\(?:micro|textmu)(?![A-Za-z])"), r"\\mu "),
    (re.compile(r"\\(?:textdegree|degree)(?![A-Za-z])"), r"{}^{\\circ}"),
    (re.compile(r"\\(?:lt|textless)(?![A-Za-z])"), "<"),
    (re.compile(r"\\(?:gt|textgreater)(?![A-Za-z])"), ">"),
    (re.compile(r"\\text(?=(?:alpha|beta|gamma|delta|epsilon|kappa|lambda|sigma|tau|omega|pm|times|dagger)\b)"), r"\\"),
    (re.compile(r"\\dag(?![A-Za-z])"), r"\\dagger "),
    (re.compile(r"\\ddag(?![A-Za-z])"), r"\\ddagger "),
    (re.compile(r"\\(?:mathregular)(?![A-Za-z])"), r"\\mathrm"),
    (re.compile(r"~"), r"\\ "),
    # mhchem's formula of one molecule: H2SO4.
    (re.compile(r"\\ce\{([A-Za-z0-9()]{1,60})\}"), _molecule),
)  # fmt: skip


def _bare(source: str) -> str:
    r"""TeX without the signs around it, and without the document that Springer puts around each formula."""
    if r"\begin{document}" in source:
        source = source.partition(r"\begin{document}")[2].partition(r"\end{document}")[0]
    source = source.strip()
    for begin, end in (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]")):
        if source.startswith(begin) and source.endswith(end) and len(source) > len(begin) + len(end):
            return source[len(begin) : -len(end)].strip()
    return source


def _mathml_of(tex: str) -> str:
    if refused := _REFUSED.search(tex):
        raise ValueError(f"the command {refused[0]} has no place in a formula")
    for pattern, instead in _SAME:
        tex = pattern.sub(instead, tex)
    depth = deepest = 0
    for sign in re.findall(r"\\.|[{}]|\\left|\\begin", tex):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth < 0:
            break
        deepest = max(deepest, depth)
    if depth:  # converters guess where the other one is, and print what nobody wrote
        raise ValueError("a brace { is not closed" if depth > 0 else "a brace } closes nothing")
    if deepest > _DEEPEST // 2:
        raise ValueError("it has too many parts")
    from latex2mathml import converter

    try:
        return converter.convert(tex)
    except Exception as error:
        raise ValueError("its TeX is not complete, or not understood") from error


# --- A formula as text -----------------------------------------------------------------------------------------------

_RAISED: Final = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_RAISABLE: Final = re.compile(r"[0-9+\-−=()ni]+")
_AS_THEY_ARE: Final = re.compile(r"[′″‴'*∗†‡§°%]+|st|nd|rd|th|®|™")
_ACCENTS: Final = {
    "^": "\u0302", "ˆ": "\u0302", "~": "\u0303", "˜": "\u0303", "∼": "\u0303", "¯": "\u0304", "‾": "\u0304",
    "_": "\u0304", "―": "\u0304", "–": "\u0304", "−": "\u0304", "-": "\u0304", ".": "\u0307", "˙": "\u0307",
    "¨": "\u0308", "→": "\u20d7", "⃗": "\u20d7", "ˇ": "\u030c", "´": "\u0301", "`": "\u0300", "˘": "\u0306",
    "̂": "\u0302", "̃": "\u0303", "̄": "\u0304", "̇": "\u0307", "̈": "\u0308", "̅": "\u0304",
}  # fmt: skip
_BRACES: Final = frozenset("⏞⏟⎴⎵︷︸¯_‾̲")
_BIG: Final = frozenset("∑∏∐∫∬∮⋃⋂⨁⨂")
_FUNCTIONS: Final = frozenset(
    """
        arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max
        min sec sin sinh sup tan tanh mod argmax argmin Pr
    """.split()
)
_SPACED: Final = frozenset("=<>≤≥≠≈≃≅≡∼∝∈∉⊂⊆⊃⊇∪∩±∓×·÷+−→←↔⇒⇔⟶↦⩽⩾≪≫≲≳∧∨⊕⊗∣⋅*∗∘") | {":=", "<=", ">=", "&&", "mod"}
_OPENS: Final = frozenset("([{⟨⌊⌈|‖")
_ROOTS: Final = {"2": "√", "3": "∛", "4": "∜"}
_UNSEEN: Final = re.compile("[\u2061-\u2064\u200b\ufeff]")
# Other forms of a sign that readers and searches know by its first.
_FORMS: Final = str.maketrans("⩽⩾ϵϕ∶", "≤≥εφ:")
# Letters of a style of their own (Mathematical Alphanumeric Symbols), which are letters in a line of text.
_STYLED: Final = re.compile("[\U0001d400-\U0001d7ff]+")
_STYLES: Final = {"double-struck": "DOUBLE-STRUCK", "script": "SCRIPT", "fraktur": "BLACK-LETTER"}


def _said(tag: _Tag, *, small: bool = False) -> str:  # one branch for each element
    """An element as text; `small` is inside of a sub- or superscript, where signs have no blanks around them."""
    name, parts = tag.name, tag.children
    if name in _TOKENS:
        return _token(tag)
    if name in {"mphantom", "mprescripts", "none"}:
        return ""
    if name == "mspace":
        return " " if re.match(r"0?\.(?:1[6-9]|[2-9])|[1-9]|thick|medium", tag.options.get("width", "")) else ""
    if name == "mfrac":
        return f"{_grouped(parts[0], small)}/{_grouped(parts[1], small)}"
    if name == "msqrt":
        return "√" + _bracketed(_row(parts, small))
    if name == "mroot":
        which = _said(parts[1], small=True)
        return (_ROOTS.get(which) or f"{which.translate(_RAISED)}√") + _bracketed(_said(parts[0]))
    if name in {"msub", "msup", "msubsup"}:
        below = parts[1] if name != "msup" else None
        above = parts[-1] if name != "msub" else None
        return _scripted(_base(parts[0]), below, above)
    if name in {"munder", "mover", "munderover"}:
        return _limited(tag)
    if name == "mmultiscripts":
        return _multiscripted(parts)
    if name == "mtable":
        rows = ("\u2002".join(_said(cell) for cell in row.children).replace("\u2002", ", ") for row in parts)
        return f"{'; '.join(row for row in rows if row)}"
    return _row(parts, small)


def _token(tag: _Tag) -> str:
    text = _UNSEEN.sub("", tag.text)
    if tag.name == "mtext":
        whole = "".join(one.options.get("text", "") for one in tag.children).replace("\u00a0", " ")
        return (" " if whole[:1] == " " else "") + text + (" " if whole[-1:] == " " and text else "")
    if tag.name == "mo":
        return "−" if text == "-" else text
    style = _STYLES.get(tag.options.get("mathvariant", ""))
    if style and len(text) == 1 and text.isascii() and text.isalpha():
        size = "CAPITAL" if text.isupper() else "SMALL"
        for before in ("", "MATHEMATICAL "):
            try:
                return unicodedata.lookup(f"{before}{style} {size} {text.upper()}")
            except KeyError:
                continue
    return text


def _row(parts: Sequence[_Tag], small: bool) -> str:
    """Elements in a row: blanks around signs between two things, none after a sign that begins the row."""
    flat: list[_Tag] = []
    for one in parts:
        flat += one.children if one.name in {"mrow", "mstyle", "mpadded"} else [one]
    out = ""
    waits = False  # a function waits for its argument
    for n, one in enumerate(flat):
        text = _said(one, small=small)
        if not text:
            continue
        before = out.rstrip()[-1:]
        if one.name in {"mo", "mi"} and not small:
            begins = not before or before in _OPENS or before in _SPACED or before in ",;"
            if text in _SPACED and n + 1 < len(flat) and not begins:
                out = f"{out.rstrip()} {text} "
                waits = False
                continue
            digits = n + 1 < len(flat) and flat[n + 1].name == "mn" and before.isdigit()
            if text in ",;:" and not digits and n + 1 < len(flat):
                out = f"{out.rstrip()}{text} "
                continue
        begins_word = text[0].isalnum() and not small
        if (
            (waits and begins_word)
            or (one.name == "mfrac" and before.isdigit() and text[0].isdigit())
            or (begins_word and re.search(r"[_^]\w+$", out))
            or (text in _FUNCTIONS and before.isalnum() and not small)
        ):
            out += " "
        out += text
        word = re.match(r"[a-z]+|[∑∏∐∫∬∮⋃⋂](?=[_^⁰-ⁿ])", text)
        waits = bool(word and (word[0] in _FUNCTIONS or word[0] in _BIG))
    return out if small else out.strip(" ") if not out.strip() else out


def _grouped(tag: _Tag, small: bool) -> str:
    return _bracketed(_said(tag, small=small).strip())


def _bracketed(text: str) -> str:
    """A text in brackets, unless it is one thing already."""
    one = re.fullmatch(r"[\w.,′ⁱⁿ⁰¹²³⁴-⁹̀-ͯ⃗∞%]*|[−-]?\d[\d.,]*|\([^()]*\)|[|][^|]*[|]|√\w", text)
    return text if one else f"({text})"


def _base(tag: _Tag) -> str:
    text = _said(tag).strip()
    return text if len(text) < 2 or re.fullmatch(r"[\w.̀-ͯ⃗∑∏∫()\[\]|)]+", text) else _bracketed(text)


def _scripted(base: str, below: _Tag | None, above: _Tag | None) -> str:
    """A base with what is below and above it.

    A superscript is written in Unicode, as 10³ is not 103. A subscript of digits or of a word follows letters as it is
    typed elsewhere (RuO2, Cmax); others are marked (x_i).
    """
    low = _said(below, small=True).strip() if below is not None else ""
    high = _said(above, small=True).strip() if above is not None else ""
    if low:
        joined = base[-1:].isalpha() or unicodedata.combining(base[-1:] or " ") or base[-1:] in ")]"
        if not base or (joined and re.fullmatch(r"\d[\w.,]*|[^\W\d_]{2,}[\w.,-]*", low)):
            base += low
        else:
            base += f"_{_bracketed(low)}"
    if high:
        high = high.replace("∘", "°")
        if _AS_THEY_ARE.fullmatch(high):
            base += high
        elif _RAISABLE.fullmatch(high):
            base += high.translate(_RAISED)
        else:
            base += f"^{_bracketed(high)}"
    return base


def _limited(tag: _Tag) -> str:
    """What is below or above: an accent, the limits of a sum, or a sign over another."""
    base, *others = tag.children
    low = others[0] if tag.name != "mover" else None
    high = others[-1] if tag.name != "munder" else None
    text = _base(base)
    sign = _said(high, small=True).strip() if high is not None else ""
    if sign in _ACCENTS and text:
        mark = _ACCENTS[sign]
        text, high = ("".join(c + mark for c in text) if mark == "\u0304" and text.isalnum() else text + mark), None
    elif sign in _BRACES:
        high = None
    if low is not None and _said(low, small=True).strip() in _BRACES:
        low = None
    return _scripted(text, low, high) if low is not None or high is not None else text


def _multiscripted(parts: Sequence[_Tag]) -> str:
    """A base with scripts on both sides: ¹⁴C."""
    names = [one.name for one in parts]
    cut = names.index("mprescripts") if "mprescripts" in names else len(parts)
    before, after = parts[cut + 1 :], parts[1:cut]
    text = "".join(_scripted("", *_pair(before, n)) for n in range(0, len(before), 2))
    text += _base(parts[0]) if parts else ""
    for n in range(0, len(after), 2):
        text = _scripted(text, *_pair(after, n))
    return text


def _pair(row: Sequence[_Tag], n: int) -> tuple[_Tag | None, _Tag | None]:
    return row[n], row[n + 1] if n + 1 < len(row) else None
