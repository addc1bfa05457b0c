"""LaTeX as bibliographies have it becomes text with our markup, and back.

Nothing is ever run or opened: an unknown command gives its arguments as text, and its name is reported.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from digest import maths
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from digest.text import Node

# A text without any of these is what it says, except for its braces; "^" and "_" have a meaning only in formulas.
_SPECIAL: Final = re.compile(r"[\\$~]|--|``|''")
_WITHOUT_BRACES: Final = str.maketrans("", "", "{}")
_TOKEN: Final = re.compile(
    r"\\(?P<word>[A-Za-z]+)\*?[ \t\r\n]*|\\(?P<sign>[^A-Za-z])|(?P<open>\{)|(?P<close>\})|(?P<math>\$\$?)|(?P<tie>~)"
    r"|(?P<dash>---?)|(?P<quote>``|'')|(?P<script>[\^_])|(?P<text>[^\\{}$~`'^_-]+(?:[-'`][^\\{}$~`'^_-]+)*|.)",
    re.DOTALL,
)
_SPANS: Final[Mapping[str, str]] = {
    "textit": "i",
    "emph": "i",
    "textsl": "i",
    "mathit": "i",
    "mkbibemph": "i",
    "mkbibitalic": "i",
    "textbf": "b",
    "mathbf": "b",
    "mkbibbold": "b",
    "boldsymbol": "b",
    "textsubscript": "sub",
    "textsuperscript": "sup",
    "mkbibsuperscript": "sup",
    "mkbibsubscript": "sub",
    "textsc": "sc",
}
# They hold until the group ends: {\em in vivo}.
_SWITCHES: Final[Mapping[str, str]] = {
    "it": "i",
    "em": "i",
    "sl": "i",
    "itshape": "i",
    "slshape": "i",
    "bf": "b",
    "bfseries": "b",
    "sc": "sc",
    "scshape": "sc",
}
_ACCENTS: Final[Mapping[str, str]] = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "c": "\u0327",
    "v": "\u030c",
    "u": "\u0306",
    "H": "\u030b",
    "k": "\u0328",
    "d": "\u0323",
    "b": "\u0331",
    "r": "\u030a",
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0304",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "dot": "\u0307",
    "ddot": "\u0308",
    "vec": "\u20d7",
    "acute": "\u0301",
    "grave": "\u0300",
    "breve": "\u0306",
    "check": "\u030c",
}
_IN_MATH: Final = frozenset(
    """
        hat widehat bar overline tilde widetilde dot ddot vec acute grave breve check
    """.split()
)
_SYMBOLS: Final[Mapping[str, str]] = {
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "ss": "ß",
    "SS": "SS",
    "i": "ı",
    "j": "ȷ",
    "dh": "ð",
    "DH": "Ð",
    "th": "þ",
    "TH": "Þ",
    "dj": "đ",
    "DJ": "Đ",
    "ng": "ŋ",
    "NG": "Ŋ",
    "S": "§",
    "P": "¶",
    "copyright": "©",
    "textcopyright": "©",
    "textregistered": "®",
    "texttrademark": "™",
    "pounds": "£",
    "textsterling": "£",
    "euro": "€",
    "texteuro": "€",
    "EUR": "€",
    "textdollar": "$",
    "textcent": "¢",
    "textyen": "¥",
    "textendash": "–",
    "textemdash": "—",
    "textquoteleft": "‘",
    "textquoteright": "’",
    "textquotedblleft": "“",
    "textquotedblright": "”",
    "textquotesingle": "'",
    "textquotedbl": '"',
    "lq": "‘",
    "rq": "’",
    "quotedblbase": "„",
    "quotesinglbase": "‚",
    "guillemotleft": "«",
    "guillemotright": "»",
    "guillemetleft": "«",
    "guillemetright": "»",
    "guilsinglleft": "‹",
    "guilsinglright": "›",
    "glqq": "„",
    "grqq": "“",
    "glq": "‚",
    "grq": "‘",
    "flqq": "«",
    "frqq": "»",
    "textellipsis": "…",
    "ldots": "…",
    "dots": "…",
    "cdots": "⋯",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textasciigrave": "`",
    "textasciiacute": "´",
    "textasciidieresis": "¨",
    "textasciimacron": "¯",
    "textbackslash": "\\",
    "backslash": "\\",
    "textbar": "|",
    "textbraceleft": "{",
    "textbraceright": "}",
    "lbrace": "{",
    "rbrace": "}",
    "textless": "<",
    "textgreater": ">",
    "less": "<",
    "greater": ">",
    "lt": "<",
    "gt": ">",
    "textunderscore": "_",
    "textperiodcentered": "·",
    "cdotp": "·",
    "textbullet": "•",
    "bullet": "•",
    "textdagger": "†",
    "dag": "†",
    "dagger": "†",
    "ddag": "‡",
    "textdaggerdbl": "‡",
    "textsection": "§",
    "textparagraph": "¶",
    "textdegree": "°",
    "degree": "°",
    "degrees": "°",
    "celsius": "°C",
    "textcelsius": "°C",
    "textmu": "µ",
    "micro": "µ",
    "textohm": "Ω",
    "textpm": "±",
    "pm": "±",
    "mp": "∓",
    "texttimes": "×",
    "times": "×",
    "div": "÷",
    "textdiv": "÷",
    "cdot": "·",
    "ast": "∗",
    "star": "⋆",
    "circ": "°",
    "leq": "≤",
    "le": "≤",
    "leqslant": "≤",
    "geq": "≥",
    "ge": "≥",
    "geqslant": "≥",
    "neq": "≠",
    "ne": "≠",
    "ll": "≪",
    "gg": "≫",
    "lesssim": "≲",
    "gtrsim": "≳",
    "approx": "≈",
    "sim": "∼",
    "simeq": "≃",
    "cong": "≅",
    "equiv": "≡",
    "propto": "∝",
    "infty": "∞",
    "partial": "∂",
    "nabla": "∇",
    "sum": "∑",
    "prod": "∏",
    "int": "∫",
    "sqrt": "√",
    "surd": "√",
    "in": "∈",
    "notin": "∉",
    "ni": "∋",
    "subset": "⊂",
    "subseteq": "⊆",
    "supset": "⊃",
    "cup": "∪",
    "cap": "∩",
    "emptyset": "∅",
    "varnothing": "∅",
    "forall": "∀",
    "exists": "∃",
    "neg": "¬",
    "lnot": "¬",
    "wedge": "∧",
    "land": "∧",
    "vee": "∨",
    "lor": "∨",
    "oplus": "⊕",
    "otimes": "⊗",
    "perp": "⊥",
    "parallel": "∥",
    "angle": "∠",
    "prime": "′",
    "ell": "ℓ",
    "hbar": "ℏ",
    "Re": "ℜ",
    "Im": "ℑ",
    "aleph": "ℵ",
    "rightarrow": "→",
    "to": "→",
    "longrightarrow": "→",
    "leftarrow": "←",
    "gets": "←",
    "leftrightarrow": "↔",
    "Rightarrow": "⇒",
    "Leftarrow": "⇐",
    "Leftrightarrow": "⇔",
    "uparrow": "↑",
    "downarrow": "↓",
    "textrightarrow": "→",
    "textleftarrow": "←",
    "mapsto": "↦",
    "langle": "⟨",
    "rangle": "⟩",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
    "mid": "|",
    "vert": "|",
    "Vert": "‖",
    "male": "♂",
    "female": "♀",
    "checkmark": "✓",
    "textonehalf": "½",
    "textonequarter": "¼",
    "textthreequarters": "¾",
    "textordfeminine": "ª",
    "textordmasculine": "º",
    "textexclamdown": "¡",
    "textquestiondown": "¿",
    "textonesuperior": "¹",
    "texttwosuperior": "²",
    "textthreesuperior": "³",
    "textnumero": "№",
    "percent": "%",
    "TeX": "TeX",
    "LaTeX": "LaTeX",
    "LaTeXe": "LaTeX2ε",
    "BibTeX": "BibTeX",
    "XeTeX": "XeTeX",
    "nobreakspace": " ",
    "space": " ",
    "quad": " ",
    "qquad": " ",
    "newline": " ",
    "par": " ",
    "linebreak": " ",
    "newblock": " ",
    "item": " • ",
    "slash": "/",
    "hyphen": "-",
    "bibstring": "",
    "thinspace": " ",
    "log": "log",
    "ln": "ln",
    "exp": "exp",
    "min": "min",
    "max": "max",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "lim": "lim",
    "dim": "dim",
    "det": "det",
    "inf": "inf",
    "sup": "sup",
    "textperthousand": "‰",
    "epsilon": "ε",
    "varepsilon": "ε",
    "phi": "φ",
    "varphi": "φ",
    "vartheta": "ϑ",
    "varrho": "ϱ",
    "varsigma": "ς",
    "lambda": "λ",
    "Lambda": "Λ",
}
# What they mark is in their argument, or is nothing that a reader sees.
_TRANSPARENT: Final = frozenset(
    """
        textrm textsf texttt textup textmd textnormal text mathrm mathsf mathtt mathcal mathbb mathfrak mathop
        operatorname mbox hbox ensuremath underline uline url path nolinkurl enquote mkbibquote relax protect left
        right big Big bigl bigr displaystyle textstyle scriptstyle rm tt sf normalfont upshape mdseries small
        footnotesize large Large normalsize tiny noindent centering MakeUppercase MakeLowercase uppercase lowercase
        hskip limits nolimits textnohyphenation allowbreak nobreak cyr lasp rasp ce mathregular sloppy null
        mkbibparens mkbibbrackets autocap adddot
    """.split()
)
_DROPS_FIRST: Final = frozenset(
    """
        href textcolor color begin end label vspace hspace selectlanguage hyperref fontsize bibinfo bibfield
        foreignlanguage noopsort
    """.split()
)
_SIGNS: Final[Mapping[str, str]] = {
    " ": " ",
    "\n": " ",
    "\t": " ",
    "\\": " ",
    ",": " ",
    ";": " ",
    ":": " ",
    "!": "",
    "-": "",
    "/": "",
    "@": "",
    "(": "",
    ")": "",
    "[": "",
    "]": "",
}
_DEEPEST: Final = 16  # as deep as `RichText` reads its own markup
_LONGEST_MATH: Final = 2000


def _greek() -> dict[str, str]:
    names = "alpha beta gamma delta zeta eta theta iota kappa mu nu xi omicron pi rho sigma tau upsilon chi psi omega"
    out = {}
    for name in names.split():
        for word, size in ((name, "SMALL"), (name.title(), "CAPITAL")):
            letter = unicodedata.lookup(f"GREEK {size} LETTER {name.upper()}")
            out[word] = out[f"text{name}" if size == "SMALL" else f"text{word}"] = letter
            out[f"up{name}" if size == "SMALL" else f"Up{name}"] = letter
            out[f"var{word}"] = letter
    return out | {"Phi": "Φ", "Epsilon": "Ε", "textepsilon": "ε", "textphi": "φ", "textlambda": "λ"}


_WORDS: Final[Mapping[str, str]] = _greek() | dict(_SYMBOLS)


class Decoder:
    """Reads LaTeX; `unknown` collects the commands whose meaning is not known."""

    def __init__(self) -> None:
        self.unknown: set[str] = set()

    def plain(self, text: str) -> str:
        """The characters of a text, white space collapsed."""
        if not _SPECIAL.search(text) and "{" not in text and "}" not in text:
            return " ".join(text.split())
        return self.rich(text).plain

    def rich(self, text: str) -> RichText:
        """The text with its markup."""
        if not _SPECIAL.search(text):
            return RichText.of((text.translate(_WITHOUT_BRACES) if "{" in text or "}" in text else text,))
        return RichText.of(self.nodes(text))

    def nodes(self, text: str) -> list[Node]:
        """The nodes of a text, white space unchanged."""
        out = _Output()
        math_until, single, read_until = -1, False, 0
        for match in _TOKEN.finditer(text):
            kind, value = match.lastgroup, match[0]
            if match.start() < read_until:
                continue  # in a formula that is read already
            if kind in {"math", "sign"} and (place := _structured(text, match.start())):
                out.formula(maths.node(place.tex))
                read_until = place.end
            elif kind == "text":
                out.text(value)
            elif kind == "open":
                out.open()
            elif kind == "close":
                out.close()
            elif kind == "word":
                self._word(match["word"], out, in_math=math_until >= 0)
            elif kind == "sign":
                value = value[1:]
                if value in {"(", "["} and text.find(")" if value == "(" else "]", match.end()) > 0:
                    math_until = text.find("\\)" if value == "(" else "\\]", match.end())
                elif value in {")", "]"} and match.start() == math_until:
                    math_until = -1
                elif value in _ACCENTS:
                    out.accent(_ACCENTS[value], value)
                else:
                    out.text(_SIGNS.get(value, value))
            elif kind == "math":
                if match.start() >= math_until >= 0:  # “$\Sigma$$\Delta$”: one ends where the next begins
                    math_until = _math_end(text, match.end(), "$") if value == "$$" and single else -1
                elif (end := _math_end(text, match.end(), value)) < 0:
                    out.text(value)
                else:
                    math_until, single = end, value == "$"
            elif kind == "tie":
                out.text(" ")
            elif kind == "dash":
                out.text("-" * len(value) if math_until >= 0 else "—" if len(value) == 3 else "–")
            elif kind == "quote":
                out.text(("“" if value == "``" else "”") if math_until < 0 else "″")
            elif math_until >= 0:  # a script
                out.next_span("sub" if value == "_" else "sup")
            else:
                out.text(value)
        return out.finished()

    def _word(self, name: str, out: _Output, *, in_math: bool) -> None:
        if tag := _SPANS.get(name):
            out.next_span(tag)
        elif name in _ACCENTS and (in_math or name not in _IN_MATH):
            out.accent(_ACCENTS[name], "")
        elif name in _DROPS_FIRST:
            out.drop_next()
        elif (symbol := _WORDS.get(name)) is not None:
            out.text({"ı": "i", "ȷ": "j"}.get(symbol, symbol) if out.has_accent else symbol)
        elif tag := _SWITCHES.get(name):
            out.switch(tag)
        elif name not in _TRANSPARENT:
            self.unknown.add(name)


# Commands that put one thing over, under or into another: what a text with sub- and superscripts cannot say.
_STRUCTURE: Final = re.compile(
    r"\\(?:[dtc]?frac|sqrt|[dt]?binom|begin|overset|underset|stackrel|overbrace|underbrace|genfrac|xrightarrow|substack)"
    r"(?![A-Za-z])"
)


def _structured(text: str, start: int) -> maths.Place | None:
    """The formula that begins at a place, where it is more than letters and signs with scripts."""
    if not _STRUCTURE.search(text, start, start + 4 * _LONGEST_MATH):
        return None
    place = next(maths.places(text[start : start + 2 * _LONGEST_MATH]), None)
    if place is None or place.start or not _STRUCTURE.search(place.tex):
        return None
    return maths.Place(start=start, end=start + place.end, tex=place.tex, display=place.display)


def _math_end(text: str, start: int, sign: str) -> int:
    """The end of the formula that begins here; -1 where the sign is money: ``from $5 to $10``."""
    end = text.find(sign, start, start + _LONGEST_MATH)
    while end > 0 and text[end - 1] == "\\":
        end = text.find(sign, end + 1, start + _LONGEST_MATH)
    if end < 0:
        return -1
    inner = text[start:end]
    short = len(inner) <= 12 and inner == inner.strip() and not inner[:1].isdigit()
    return end if short or re.search(r"[\\^_=<>{+]", inner) or re.fullmatch(r"[\d.,\s/-]+", inner) else -1


class _Output:
    """Nodes in the making: open groups and spans, and commands that wait for the next character or group."""

    def __init__(self) -> None:
        # Each frame: the tag of its span, its nodes, and whether a "}" ends it (a switch ends with the group around).
        self.frames: list[tuple[str, list[Node], bool]] = [("", [], False)]
        self.waiting = ""
        self.combining = self.spacing = ""
        self.dropping = 0
        self.drop_waits = False

    @property
    def has_accent(self) -> bool:
        return bool(self.combining)

    def text(self, text: str) -> None:
        if self.drop_waits and text.strip():
            self.drop_waits = False
        if not text:
            return
        if self.combining:
            bare = text.lstrip()
            if not bare:
                return
            text = bare[0] + self.combining + bare[1:]
            self.combining = self.spacing = ""
        if self.waiting:
            bare = text.lstrip()
            if not bare:
                return
            end = 1
            while end < len(bare) and unicodedata.combining(bare[end]):
                end += 1
            self.frames[-1][1].append((self.waiting, (bare[:end],)))
            self.waiting, text = "", bare[end:]
        if text:
            self.frames[-1][1].append(text)

    def formula(self, node: Node) -> None:
        if isinstance(node, str):
            self.text(node)
        else:
            self.frames[-1][1].append(node)

    def accent(self, combining: str, spacing: str) -> None:
        self.combining, self.spacing = combining, spacing

    def next_span(self, tag: str) -> None:
        self.waiting = tag

    def drop_next(self) -> None:
        self.drop_waits = True

    def open(self) -> None:
        tag = self.waiting if len(self.frames) < _DEEPEST else ""
        if self.drop_waits:
            tag, self.drop_waits = "drop", False
        self.waiting = ""
        self.frames.append((tag, [], True))

    def close(self) -> None:
        if self.combining:  # \~{} is the sign itself
            spacing, self.combining, self.spacing = self.spacing, "", ""
            self.text(spacing)
        while len(self.frames) > 1:
            if self._pop():
                return

    def switch(self, tag: str) -> None:
        if len(self.frames) < _DEEPEST:
            self.frames.append((tag, [], False))

    def _pop(self) -> bool:
        tag, nodes, is_group = self.frames.pop()
        around = self.frames[-1][1]
        if tag == "drop":
            pass
        elif tag and nodes:
            around.append((tag, tuple(nodes)))
        else:
            around.extend(nodes)
        return is_group

    def finished(self) -> list[Node]:
        while len(self.frames) > 1:
            self._pop()
        return self.frames[0][1]


# --- And back --------------------------------------------------------------------------------------------------------

_ESCAPES: Final[Mapping[str, str]] = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_TO_ESCAPE: Final = re.compile(r"[\\{}$&#%_~^]|(?<=-)-|(?<=')'|(?<=`)`")
_COMMANDS: Final = {"i": "emph", "b": "textbf", "sub": "textsubscript", "sup": "textsuperscript", "sc": "textsc"}
# A word with a capital after its first letter, or any word but the first that begins with a capital.
_CAPITALS: Final = re.compile(r"[^\W_]{0,60}[^\W\d_a-z][^\W_]{0,60}")


def encode(text: str) -> str:
    """The text as LaTeX that a BibTeX field may hold: braces are balanced, and `Decoder` reads the same characters."""
    return _TO_ESCAPE.sub(lambda match: _ESCAPES.get(match[0]) or f"{{}}{match[0]}", text)


def encode_rich(text: RichText, *, protected: bool = False) -> str:
    """The text with its markup as LaTeX.

    Args:
        text: the text.
        protected: whether words with capitals are put in braces, so that no style sets them in lower case.
    """
    return "".join(_encoded(text.nodes, protected=protected))


def _encoded(nodes: Iterable[Node], *, protected: bool) -> Iterable[str]:
    for node in nodes:
        if not isinstance(node, str):
            yield f"\\{_COMMANDS[node[0]]}{{{encode_rich(RichText(node[1]), protected=protected)}}}"
        elif protected:
            at = 0
            for match in _CAPITALS.finditer(node):
                if match[0].isalnum() and any(letter.isupper() for letter in match[0]):
                    yield f"{encode(node[at : match.start()])}{{{match[0]}}}"
                    at = match.end()
            yield encode(node[at:])
        else:
            yield encode(node)


def ascii_of(text: str) -> str:
    """The letters of a text without their accents, ``ø`` and ``ß`` as keys and file names have them."""
    known = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "đ": "d", "ı": "i"}
    plain = "".join(known.get(letter, letter) for letter in text)
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
