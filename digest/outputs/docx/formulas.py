"""MathML as formulas that Word edits (ISO/IEC 29500-1, 22.1: Office Math)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from digest.outputs.docx.runs import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from digest.outputs.docx.tree import Element

_TOKENS: Final = frozenset({"mi", "mn", "mo", "mtext", "ms"})
_GROUPS: Final = frozenset({"math", "mrow", "mstyle", "mpadded", "merror", "menclose", "maction", "semantics"})
_SILENT: Final = frozenset(
    {"annotation", "annotation-xml", "mphantom", "maligngroup", "malignmark", "mprescripts", "none"}
)
_LARGE: Final = frozenset("∑∏∐∫∬∭∮⋃⋂⋁⋀")
_ACCENTS: Final = {
    "^": "\u0302",
    "~": "\u0303",
    "¯": "\u0305",
    "‾": "\u0305",
    "→": "\u20d7",
    "˙": "\u0307",
    "¨": "\u0308",
    "ˆ": "\u0302",
    "˜": "\u0303",
}


def office_math(formula: Element) -> str:
    """A formula of MathML as an element ``m:oMath``, or ``m:oMathPara`` where it is on a line of its own."""
    inner = f"<m:oMath>{_row(formula.elements)}</m:oMath>"
    return f"<m:oMathPara>{inner}</m:oMathPara>" if formula.get("display") == "block" else inner


def _row(elements: Sequence[Element]) -> str:
    """Elements next to each other; a large operator takes what follows it."""
    out: list[str] = []
    for n, element in enumerate(elements):
        if operator := _large(element):
            return "".join([*out, _nary(operator, element, elements[n + 1 :])])
        out.append(_written(element))
    return "".join(out)


def _large(element: Element) -> str:
    base = (
        element.elements[0]
        if element.name in {"msub", "msup", "msubsup", "munder", "mover", "munderover"} and element.elements
        else None
    )
    text = base.text.strip() if base and base.name == "mo" else ""
    return text if text in _LARGE else ""


def _nary(operator: str, element: Element, rest: Sequence[Element]) -> str:
    parts = element.elements
    low = parts[1] if element.name in {"msub", "munder", "msubsup", "munderover"} and len(parts) > 1 else None
    high = parts[-1] if element.name in {"msup", "mover", "msubsup", "munderover"} and len(parts) > 1 else None
    place = "undOvr" if element.name.startswith("mu") or element.name == "mover" else "subSup"
    hidden = ("" if low else '<m:subHide m:val="1"/>') + ("" if high else '<m:supHide m:val="1"/>')
    return (
        f'<m:nary><m:naryPr><m:chr m:val="{operator}"/><m:limLoc m:val="{place}"/>{hidden}</m:naryPr>'
        f"<m:sub>{_written(low) if low else ''}</m:sub><m:sup>{_written(high) if high else ''}</m:sup>"
        f"<m:e>{_row(rest)}</m:e></m:nary>"
    )


def _written(element: Element) -> str:
    name = element.name
    if name in _TOKENS:
        return _run(element)
    if name in _GROUPS:
        return _fenced(element)
    if name in _SILENT:
        return ""
    if name == "msqrt":
        return _rooted(element)
    if name == "mspace":
        return '<m:r><m:t xml:space="preserve"> </m:t></m:r>'
    if name == "mtable":
        rows = [[_row(cell.elements) for cell in row.elements] for row in element.elements]
        most = max(map(len, rows), default=0)
        filled = ("".join(f"<m:e>{cell}</m:e>" for cell in [*row, *[""] * (most - len(row))]) for row in rows)
        return f"<m:m>{''.join(f'<m:mr>{row}</m:mr>' for row in filled)}</m:m>" if most else ""
    if name == "mfenced":
        first, last = (escaped(element.get(name) or sign) for name, sign in (("open", "("), ("close", ")")))
        inside = "".join(f"<m:e>{_written(part)}</m:e>" for part in element.elements) or "<m:e/>"
        return f"{_brackets(first, last)}{inside}</m:d>"
    parts = [_written(part) for part in element.elements]
    count, write = _SHAPES.get(name, (0, None))
    if write is None or len(parts) != count:
        return _row(element.elements) if parts else _run(element)
    if name == "mover" and (accent := _ACCENTS.get(element.elements[1].text.strip())):
        return f'<m:acc><m:accPr><m:chr m:val="{accent}"/></m:accPr><m:e>{parts[0]}</m:e></m:acc>'
    if name == "mfrac" and element.get("linethickness") in {"0", "0px", "0em"}:
        return f'<m:f><m:fPr><m:type m:val="noBar"/></m:fPr><m:num>{parts[0]}</m:num><m:den>{parts[1]}</m:den></m:f>'
    return write(*parts)


_SHAPES: Final[Mapping[str, tuple[int, Callable[..., str]]]] = {
    "mfrac": (2, lambda top, low: f"<m:f><m:num>{top}</m:num><m:den>{low}</m:den></m:f>"),
    "msup": (2, lambda base, high: f"<m:sSup><m:e>{base}</m:e><m:sup>{high}</m:sup></m:sSup>"),
    "msub": (2, lambda base, low: f"<m:sSub><m:e>{base}</m:e><m:sub>{low}</m:sub></m:sSub>"),
    "msubsup": (
        3,
        lambda base, low, high: f"<m:sSubSup><m:e>{base}</m:e><m:sub>{low}</m:sub><m:sup>{high}</m:sup></m:sSubSup>",
    ),
    "mroot": (2, lambda base, degree: f"<m:rad><m:deg>{degree}</m:deg><m:e>{base}</m:e></m:rad>"),
    "munder": (2, lambda base, low: f"<m:limLow><m:e>{base}</m:e><m:lim>{low}</m:lim></m:limLow>"),
    "mover": (2, lambda base, high: f"<m:limUpp><m:e>{base}</m:e><m:lim>{high}</m:lim></m:limUpp>"),
    "munderover": (
        3,
        lambda base, low, high: (
            f"<m:limUpp><m:e><m:limLow><m:e>{base}</m:e><m:lim>{low}</m:lim></m:limLow></m:e><m:lim>{high}</m:lim>"
            "</m:limUpp>"
        ),
    ),
}


def _fenced(element: Element) -> str:
    """A group; one between two brackets that grow becomes brackets of Word."""
    if element.name == "semantics":
        return _written(element.elements[0]) if element.elements else ""
    parts = element.elements
    if len(parts) >= 2 and all(part.name == "mo" and part.get("fence") == "true" for part in (parts[0], parts[-1])):
        first, last = (escaped(part.text.strip()[:1]) for part in (parts[0], parts[-1]))
        return f"{_brackets(first, last)}<m:e>{_row(parts[1:-1])}</m:e></m:d>"
    return _row(parts)


def _brackets(first: str, last: str) -> str:
    return f'<m:d><m:dPr><m:begChr m:val="{first}"/><m:endChr m:val="{last}"/></m:dPr>'


def _run(element: Element) -> str:
    text = " ".join(element.text.split()) or element.text
    if not text:
        return ""
    upright = (
        element.name == "mtext" or (element.name == "mi" and len(text) > 1) or element.get("mathvariant") == "normal"
    )
    kind = "<m:nor/>" if element.name == "mtext" else '<m:sty m:val="p"/>' if upright else ""
    properties = f"<m:rPr>{kind}</m:rPr>" if kind else ""
    return f'<m:r>{properties}<m:t xml:space="preserve">{escaped(text)}</m:t></m:r>'


def _rooted(element: Element) -> str:
    return f'<m:rad><m:radPr><m:degHide m:val="1"/></m:radPr><m:deg/><m:e>{_row(element.elements)}</m:e></m:rad>'
