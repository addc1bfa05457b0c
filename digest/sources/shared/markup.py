"""Markup from outside becomes our texts: HTML in any state of escaping, and elements of XML, into blocks and abstracts.

HTML goes through nh3 first: scripts, styles and all that loads is gone before anything here looks at it.
"""

from __future__ import annotations

import html
import itertools
import re
from typing import TYPE_CHECKING, Final

import nh3
from msgspec import Struct

from digest import maths
from digest.model import AbstractPart
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from lxml.etree import _Element

    from digest.text import Node

# HTML, JATS (Archiving 1.3) and PubMed name the same five things differently.
SPANS: Final[Mapping[str, str]] = {
    "i": "i",
    "em": "i",
    "italic": "i",
    "cite": "i",
    "b": "b",
    "strong": "b",
    "bold": "b",
    "sub": "sub",
    "inf": "sub",
    "sup": "sup",
    "sc": "sc",
}
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "title", "dt"})
_BLOCKS: Final = frozenset(
    """
        p div section sec article ul ol li dl dd table thead tbody tr blockquote center hr br break list list-item
        disp-quote pre header footer main aside figure figcaption caption table-wrap fig abstract body def-item def
        disp-formula boxed-text abstracttext label-block
    """.split()
)
_CELLS: Final = frozenset({"td", "th"})
# Neither text nor anything that a person wrote to be read in an abstract.
_SILENT: Final = frozenset(
    """
        script style template noscript svg iframe object embed form button select textarea tex-math annotation
        graphic inline-graphic media object-id processing-meta head
    """.split()
)
_HTML_TAGS: Final = frozenset(
    """
        a abbr acronym address article aside b bdi bdo big blockquote br button caption center cite code col dd del
        dfn div dl dt em figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hr i iframe img inf input ins
        kbd li link main mark meta nav noscript object ol p pre q s samp sc script section select small span strike
        strong style sub sup svg table tbody td template textarea tfoot th thead time title tr tt u ul var italic
        bold sec embed base html body head video audio source
    """.split()
)
# A "<" that begins none of HTML's tags is a sign: "p <.001", "n<30", "a<b".
_SIGN: Final = re.compile(
    r"<(?!/?(?:jats:)?(?:" + "|".join(sorted(_HTML_TAGS)) + r")\b[^<>]{0,2000}>|!--)", re.IGNORECASE
)
_KEPT: Final = frozenset(
    {*SPANS, *_HEADINGS, *_BLOCKS, *_CELLS} & {*_HTML_TAGS, "sc", "inf", "italic", "bold"} - {"sec"}
)
_REFERENCE: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# A tag that formats, escaped once more than the format says; an escaped <script> is text about scripts.
_ESCAPED: Final = re.compile(
    r"&lt;/?(?:jats:)?(?:i|b|p|u|em|strong|su[bp]|scp?|br|div|span|italic|bold|sec|title|h[1-6]|[uo]l|li|a|table|t[rd]|inf)"
    r"(?:&gt;|>|\s?/&gt;|\s[a-z-]{1,20}=)|&lt;(?:mml:)?math(?:&gt;|\s)|&amp;(?:#|[a-z])",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"<(/?)([a-z][a-z0-9-]*)[^<>]*>")
_DEEPEST: Final = 12  # `RichText` reads its own markup up to 16 deep; deeper spans are plain text


class TextBlock(Struct, frozen=True, kw_only=True):
    """A paragraph or a heading.

    Attributes:
        text: what it says.
        heading: whether it is the heading of what follows.
    """

    text: RichText
    heading: bool = False


def plain(text: str) -> str:
    """The characters of a text that may hold markup and character references, white space collapsed."""
    return inline(text).plain if "<" in text or "&" in text else RichText.of((text,)).plain


def inline(text: str) -> RichText:
    """The text of one line of HTML in any state of escaping; paragraphs run together."""
    if _is_plain(text):
        return RichText.of((text,))
    return joined(blocks(text))


def _is_plain(text: str) -> bool:
    """Whether a text holds neither references nor tags nor formulas; “p < .05” is none of them."""
    return (
        "&" not in text
        and ("<" not in text or not re.search(r"<[A-Za-z/!?]", text))
        and not ("$" in text or "\\" in text or "\ufdd0" in text)
    )


def joined(found: Iterable[TextBlock]) -> RichText:
    """Blocks in a row as one text."""
    nodes: list[Node] = []
    for block in found:
        nodes += [*block.text.nodes, " "]
    return RichText.of(nodes)


def blocks(text: str) -> list[TextBlock]:
    """Paragraphs and headings of HTML in any state of escaping."""
    if "C_" in text:
        text = _BIORXIV.sub("", _BIORXIV_HEADING.sub(r"<h4>\1</h4>", text))
    if _is_plain(text):
        return [TextBlock(text=rich) for piece in re.split(r"\n\s*\n", text) if (rich := RichText.of((piece,)))]
    # An entity in place of a tag shows that the text was escaped once more than its format says.
    for _ in range(3):
        if not _ESCAPED.search(text):
            break
        text = _REFERENCE.sub(lambda m: html.unescape(m[0]), text)
    text = maths.set_aside(text)
    if _is_plain(text):
        return [TextBlock(text=rich) for piece in re.split(r"\n\s*\n", text) if (rich := RichText.of((piece,)))]
    text = _PUBMED.sub(_as_paragraph, _FOREIGN.sub(_as_html, text))
    clean = nh3.clean(
        _SIGN.sub("&lt;", text),
        tags=set(_KEPT),
        attributes={},
        clean_content_tags={"script", "style", "noscript", "template", "iframe", "title", "textarea"} - _KEPT,
        link_rel=None,
    )
    return _read(_html_events(clean))


# Tags of JATS and of XHTML with a prefix, and JATS's own without one: nh3 0.3.8 drops what <sec> and <list> hold.
_FOREIGN: Final = re.compile(
    r"<(/?)(?:(?:jats|mml|xhtml|html|h):([a-z][a-z0-9-]{0,30})|(sec|title|list|list-item|break|scp|ext-link|xref|uri|"
    r"named-content|styled-content|inline-formula|monospace|roman|underline))(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
# PubMed's own parts, which Lens sets into RIS as they are.
_PUBMED: Final = re.compile(
    r"<(/?)(?:AbstractText|CopyrightInformation)"
    r"(?:\s(?:[^<>]{0,200}?\bLabel=\"([^\"<>]{1,200})\")?[^<>]{0,200})?>"
)
# In HTML a <title> holds no markup; in an abstract of JATS it is a heading. Wiley's <scp> are small capitals.
_IN_HTML: Final = {"title": "h4", "sec": "section", "list": "ul", "list-item": "li", "break": "br", "scp": "sc"}


def _as_html(match: re.Match[str]) -> str:
    """The tag under HTML's name; nothing for one that HTML does not have, whose text stays."""
    name = (match[2] or match[3]).lower()
    name = _IN_HTML.get(name, name)
    return f"<{match[1]}{name}>" if name in _HTML_TAGS else ""


def _as_paragraph(match: re.Match[str]) -> str:
    return "</p>" if match[1] else f"<h4>{match[2]}</h4><p>" if match[2] else "<p>"


def element_blocks(element: _Element, skip: Container[str] = ()) -> list[TextBlock]:
    """Paragraphs and headings inside an element of JATS, PubMed XML or another vocabulary of that family.

    Args:
        element: the element; its own name does not matter.
        skip: local names of elements that are left out with all they hold.
    """
    return _read(_xml_events(element, skip))


def element_text(element: _Element | None, skip: Container[str] = ()) -> RichText:
    """The text of an element as one line."""
    if element is None:
        return RichText()
    if len(element) == 0:
        text = element.text or ""
        return (
            inline(text)
            if "&" in text or "$" in text or "\\" in text or _TAG_AS_TEXT.search(text)
            else RichText.of((text,))
        )
    return joined(element_blocks(element, skip))


# “<i>in vitro</i>” as the text of an element of XML: its tags were escaped.
_TAG_AS_TEXT: Final = re.compile(r"<(i|b|em|strong|su[bp])>[^<>]{1,200}</\1>", re.IGNORECASE)

# An event is a text, or a tag with whether it opens.
_Event = str | tuple[str, bool]


def _html_events(clean: str) -> Iterator[_Event]:
    at = 0
    for match in _TOKEN.finditer(clean):
        if match.start() > at:
            yield html.unescape(clean[at : match.start()])
        yield match[2], not match[1]
        if match[2] in {"br", "hr"}:
            yield match[2], False
        at = match.end()
    if at < len(clean):
        yield html.unescape(clean[at:])


def _xml_events(element: _Element, skip: Container[str]) -> Iterator[_Event]:
    """A walk without recursion: hostile files nest deeper than Python's stack.

    A reference that is left in a text was escaped once more than XML says: ``p&amp;lt;0.05``.
    """
    if element.text:
        yield _unescaped(element.text)
    stack: list[tuple[str, _Element, Iterator[_Element]]] = [("", element, iter(element))]
    while stack:
        name, current, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            if stack:
                yield name, False
                if current.tail:
                    yield _unescaped(current.tail)
            continue
        tag = child.tag
        named = isinstance(tag, str)  # of a comment it is a function, which lxml-stubs does not say
        local = tag.rpartition("}")[2].rpartition(":")[2].lower() if named else ""
        formula = "" if local in skip else _formula(child, local)
        numbers_formula = local == "label" and name == "disp-formula"
        if not local or local in _SILENT or local in skip or formula or numbers_formula:
            yield formula
            if child.tail:
                yield _unescaped(child.tail)
            continue
        yield local, True
        if child.text:
            yield _unescaped(child.text)
        stack.append((local, child, iter(child)))


def _formula(element: _Element, local: str) -> str:
    """The mark of an element that is a formula, of several versions of it the best; empty for any other element."""
    if local == "alternatives":
        for name in ("math", "tex-math"):
            for one in element.iter("{*}" + name, "{*}mml:" + name):
                return _formula(one, name)
    if local == "math":
        from lxml import etree

        return maths.marked(etree.tostring(element, encoding="unicode", with_tail=False))
    if local == "tex-math":
        parent = element.getparent()
        others = () if parent is None else parent.iter("{*}math")
        return "" if any(True for _ in others) else maths.marked("".join(map(str, element.itertext())))
    return ""


def _unescaped(text: str) -> str:
    text = _REFERENCE.sub(lambda m: html.unescape(m[0]), text) if "&" in text else text
    return maths.set_aside(text) if "$" in text or "\\" in text else text


# Blanks between an inline element and a mark that has none before it: what pretty-printing puts there has a line end;
# before a comma or a stop any blank is one. “.5” after a blank is a number.
_STRAY: Final = re.compile(r"[^\S\n]*\n\s*(?=[,.;:!?)\]%/])|\s+(?=[,)\]]|\.(?:\s|$))")
_STRAY_AFTER: Final = re.compile(r"(?<=[(\[/])\s*\n\s*$")
_LOWERED: Final = frozenset({"sub", "sup", "inf"})


def _tidied(events: Iterable[_Event]) -> Iterator[_Event]:
    """Events without the blanks that a printer of XML puts around inline elements where the text has none."""
    text = ""
    before: _Event = ""
    for event in events:
        if isinstance(event, str):
            text += event
            continue
        if text:
            name, opens = event
            if isinstance(before, tuple) and before[0] in SPANS and text[:1].isspace():
                if not before[1]:
                    text = _STRAY.sub("", text, count=1) if _STRAY.match(text) else text
                elif before[0] in _LOWERED and "\n" in text:
                    text = text.lstrip()
            if text[-1:].isspace() and "\n" in text and name in SPANS:
                if name in _LOWERED:
                    text = re.sub(r"\s*\n\s*$", "", text)
                elif opens:
                    text = _STRAY_AFTER.sub("", text)
            yield text
            text = ""
        yield event
        before = event
    if text:
        if isinstance(before, tuple) and before[0] in SPANS and not before[1] and _STRAY.match(text):
            text = _STRAY.sub("", text, count=1)
        yield text


def _read(events: Iterable[_Event]) -> list[TextBlock]:
    """Events as blocks; spans that cross a block are closed and opened again."""
    out: list[TextBlock] = []
    open_spans: list[str] = []
    stack: list[tuple[str, list[Node]]] = [("", [])]
    heading = 0

    def close_spans() -> list[Node]:
        while len(stack) > 1:
            name, children = stack.pop()
            stack[-1][1].append((name, tuple(children)))
        return stack[0][1]

    def end_block(*, is_heading: bool) -> None:
        text = RichText.of(close_spans())
        stack[:] = [("", [])]
        stack.extend((name, []) for name in open_spans)
        if text:
            out.append(TextBlock(text=text, heading=is_heading))

    for event in _tidied(events):
        if isinstance(event, str):
            stack[-1][1].extend(maths.put_back(event) if "\ufdd0" in event else (event,))
            continue
        name, opens = event
        if span := SPANS.get(name):
            if opens:
                if len(open_spans) < _DEEPEST:
                    open_spans.append(span)
                    stack.append((span, []))
            elif open_spans and open_spans[-1] == span:
                open_spans.pop()
                closed, children = stack.pop()
                stack[-1][1].append((closed, tuple(children)))
        elif name in _HEADINGS:
            end_block(is_heading=heading > 0)
            heading = max(0, heading + (1 if opens else -1))
        elif name in _BLOCKS:
            end_block(is_heading=heading > 0)
        elif name in _CELLS:
            if opens and any(child != " " for child in stack[-1][1]):
                stack[-1][1].append(" | ")
            else:
                stack[-1][1].append(" ")
    end_block(is_heading=heading > 0)
    return out


# --- Abstracts in parts ----------------------------------------------------------------------------------------------

# Words that journals and societies use as labels of a structured abstract (NLM's list of category labels has 3,000
# spellings; these stems cover what 1,500 openly licensed structured abstracts use most).
_LABEL_WORDS: Final = (
    r"(?:general |main |key |primary |secondary |study |clinical |trial |data |statistical |brief |scientific |"
    r"author(?:s|s['’]|['’]s)? ){0,2}"
    r"(?:background(?:s)?|introduction|context|rationale|objectives?|aims?(?: of (?:the )?study)?|purposes?|"
    r"goals?|hypothes[ie]s|importance|"
    r"questions?|problem|methodology|methods?|materials?|patients?|subjects?|participants?|population|design|"
    r"setting(?:s)?|interventions?|exposures?|"
    r"procedures?|measure(?:s|ments?)?|outcomes?(?: measures?)?|endpoints?|analys[ie]s|extraction|sources?|"
    r"synthesis|selection|results?|findings?|"
    r"observations?|case(?: (?:report|presentation|description|summary|series))?|presentation|conclusions?|"
    r"interpretations?|discussion|summary|significance|"
    r"implications?|limitations?|relevance|recommendations?|registration|funding(?: sources?)?|disclosures?|"
    r"information|identification|number|"
    r"support|highlights?|perspectives?|experimental|approach|innovation|impact|status|contributions?|evidence|"
    r"electronic supplementary material|"
    r"comment(?:s|ary)?|"
    r"acknowledge?ments?|keywords|lay summary|statement|novelty|principal|recent|reviews?|"
    # German, French, Spanish, Italian, Portuguese
    r"hintergrund|einleitung|einführung|problemstellung|fallbericht|kasuistik|studiendesign|premess[ae]|"
    r"zielsetzung|ziele?(?: der (?:studie|arbeit|untersuchung))?|fragestellung|methodik|methoden?|"
    r"patienten|ergebnisse?|resultate|diskussion|schlussfolgerung(?:en)?|fazit|zusammenfassung|contexte|"
    r"(?:objectif|but)s?(?: de l['’]étude)?|méthodes?|matériels?|"
    r"résultats?|antecedentes|introducción|objetivos?|métodos?|materiales|pacientes|resultados?|discusión|"
    r"conclusión|conclusiones|introduzione|obiettiv[io]|scopo(?: (?:dello studio|del lavoro))?|"
    r"metod[io]|materiali|pazienti|risultat[io]|discussione|"
    r"conclusion[ei]|introdução|fundamentos?|materiais|discussão|conclusão|conclusões)(?:\(s\))?"  # Embase: “Method(s)”
)
# Labels of other words, from the templates of ESHRE (and Human Reproduction), the International
# AIDS Society's programme track, BMJ and ESMO.
_LABEL_PHRASES: Final = (
    r"summary answer|what is (?:already )?known(?: already)?(?: (?:about|on) this (?:topic|subject))?|"
    r"what this (?:study|paper) adds|study design, size,? (?:and )?duration|main results and the role of chance|"
    r"limitations,? (?:and )?reasons for caution|wider implications(?: of (?:the|these) findings)?|"
    r"study funding/competing interests?(?:\(s\))?|issues?|description|lessons learn(?:ed|t)|next steps|"
    r"legal entity responsible for the study|editorial acknowledge?ments?|"
    r"(?:conflicts?|disclosures?|declarations?) of interests?|competing interests?|"
    # What ASCO, ASH, ESMO and EHA print after the text.
    r"(?:research |study |trial |legal )?sponsors?(?:hip)?|(?:sponsored|supported|funded) by|"
    r"(?:financial|research) (?:support|disclosures?)|off[- ]label use|references?"
)
_JOINT: Final = r"(?:\s?(?:,|/|&|and|or|of|for|in|with|und|et|y|e)\s?|\s){1,3}(?:the |this |study )?"
_LABEL: Final = rf"(?:{_LABEL_PHRASES}|{_LABEL_WORDS}(?:{_JOINT}{_LABEL_WORDS}){{0,4}})"
# Where a label may begin: looked for first, as the pattern of labels costs twenty times as much at each place. The
# capital is found first, then what comes before it: five times as fast as the other way round.
_BEGINNING: Final = re.compile(r"[A-Z](?:(?<=[.!?;)\]].)|(?<=[.!?;:)\]”\"*%•▪|] .))")
# “15166 Background: …”, “2041Background: …”, “Abstract P-12 Background: …”
_OPENING: Final = re.compile(
    r"(?:(?:(?:meeting |conference |poster )?abstract:? (?:(?:no|nr|number)\b\.? ?)?)?[#(\[]{0,2}"
    r"(?:[a-z]{1,5}[ -]?\d|\d\d)[\d.-]{0,8}?[a-z]{0,4}?[)\]]?[:.]? ?)?(?-i:(?=[A-Z]))",
    re.IGNORECASE,
)
_RUN_IN: Final = re.compile(
    rf"(?P<label>{_LABEL})\s?(?:\([^()]{{1,30}}\)\s?)?(?P<sign>:|\.(?=\s[A-Z])|\s[-–—]\s)\s*", re.IGNORECASE
)
_LABEL_ALONE: Final = re.compile(rf"\s*(?P<label>{_LABEL})\s*[:.]?\s*", re.IGNORECASE)
_BLANKS_AND_COLONS: Final = re.compile(r"[ :]*")
_LONGEST_LABEL: Final = 80
_MOST_LABELS: Final = 40  # more are not labels of an abstract
_CAPITALS: Final = re.compile(r"(?P<label>[A-Z](?:(?<=^.)|(?<=[.!?] .))[A-Z&/,-]+(?: [A-Z&/,-]+){0,6}):\s")


def parts(found: Sequence[TextBlock]) -> tuple[AbstractPart, ...]:
    """The abstract that blocks hold, in its labelled parts.

    A heading labels what follows up to the next one. Without headings, labels that run into the text are found: words
    that are known as labels, before a colon, or before a full stop in capitals or bold.
    """
    found = list(_headed([_unglued(block) for block in _without_word(found)]))
    out: list[tuple[str | None, list[Node]]] = []
    has_heading = any(block.heading for block in found)
    for block in found:
        if block.heading:
            heading = block.text.plain.strip(" :.")
            if heading.lower() != "abstract":
                out.append((heading, []))
            continue
        reached = -1 if has_heading else max((_rank(label) for label, _ in out if label), default=-1)
        under = bool(out and out[-1][0] and (not out[-1][1] or _AFTER_MATTER.match(out[-1][0])))
        for label, nodes in _run_in(block.text, alone=not has_heading, reached=reached, under=has_heading and under):
            if label is None and out:
                out[-1][1].extend((" ", *nodes))
            else:
                out.append((label, list(nodes)))
    made = [(label, RichText.of(nodes)) for label, nodes in out]
    return tuple(
        AbstractPart(label=label or None, text=text or RichText.of((label or "",)))
        if text
        else AbstractPart(text=RichText.of((label or "",)))
        for label, text in made
        if text or label
    )


# Below these are names in bold: “Disclosures / Roe: Some Company: Employment”, as ASH deposits them.
_AFTER_MATTER: Final = re.compile(r"disclosure|conflict|competing|funding|acknowledg|financial|author", re.IGNORECASE)
# The field's own name before its text: “Abstract: …”, “ABSTRACT We asked …”.
_WORD: Final = re.compile(
    r"ABSTRACT(?: ?[:.])? ?(?=$|[A-Z])|Abstract(?: ?[:.] ?(?=$|[A-Z])| ?$| ?(?=[A-Z]))|abstract ?[:.] ?"
)
_WORD_AND_NUMBER: Final = re.compile(r"abstract (?:(?:no|nr|number)\b\.? ?)?[#:]?[a-z]{0,5}[ -]?\d", re.IGNORECASE)
# “Abstract Meaning Representation (AMR)” is a name, “Abstract The Arctic” and “Abstract Aim Tropical …” are none.
_NAME: Final = re.compile(r"Abstract (?P<first>[A-Z][\w-]{0,30}) [A-Z]")
_OPENERS: Final = frozenset(
    """
        A An The This These We Our In On Of It If At To For As From With By
    """.split()
)
# Frontiers and Springer: “BackgroundWe asked.MethodsWe did.”; Wiley: “Aim We asked. Methods We did.”
_GLUED: Final = re.compile(
    r"(?:^|(?<=[.!?)])) ?(?P<label>Background|Introduction|Context|Rationale|Importance|Objectives?|Purpose|Aims?|"
    r"Purpose of [Rr]eview|Recent [Ff]indings|Questions?|Design|Setting|Location|Participants|Patients|Interventions?|"
    r"Methods|Materials? and [Mm]ethods|"
    r"Patients and [Mm]ethods|Main [Oo]utcome [Mm]easures?|Main [Rr]esults|Results|Findings|Interpretation|Discussion|"
    r"(?:Main [Cc]|C)onclusions?|Case (?:presentation|report)|Summary|Significance|"
    r"(?:Systematic [Rr]eview|Clinical [Tt]rial|Trial) [Rr]egistration|"
    r"(?:BACKGROUND|INTRODUCTION|CONTEXT|RATIONALE|IMPORTANCE|OBJECTIVES?|PURPOSE|AIMS?|QUESTIONS?|DESIGN|SETTING|"
    r"PARTICIPANTS|PATIENTS|INTERVENTIONS?|METHODS|RESULTS|FINDINGS|INTERPRETATION|DISCUSSION|CONCLUSIONS?|SUMMARY|"
    r"SIGNIFICANCE)(?: (?:AND|&) (?:AIMS?|OBJECTIVES?|PURPOSE|METHODS|RESULTS|CONCLUSIONS?))?"
    r"(?= [A-Z][a-z]| [A-Z0-9] ))"
    r"(?P<blank> ?)(?=[A-Z0-9](?:[^.:]{0,60} |[^.:]{0,60}\.?$))"
)
# What bioRxiv's conversion leaves in its abstracts: “O_ST_ABSBackgroundC_ST_ABS”, “O_LI first point C_LI”.
_BIORXIV_HEADING: Final = re.compile(r"O_ST_ABS\s?(.{1,80}?)\s?C_ST_ABS\s?:?")
_BIORXIV: Final = re.compile(r"\b[OC]_(?:LI|ST_ABS|SCPLOW|SCPCAP|TBL|FIG|TEXTBOX|INLINEFIG|FD|QD|BL)\s?")


HEADING_OF_ALL: Final = re.compile(
    r"\W{0,5}(?:abstract|summary|r[eé]sum[eé]|zusammenfassung|resumen|resumo|riassunto)\W{0,5}", re.IGNORECASE
)
"""A heading over a whole abstract, which is the label of no part of it."""


def _without_word(found: Sequence[TextBlock]) -> Iterator[TextBlock]:
    """Blocks without the word “Abstract” before the first text, or a heading over the first label."""
    begun = False
    for n, block in enumerate(found):
        flat = block.text.plain
        if n == 0 and len(found) > 1 and found[1].heading and HEADING_OF_ALL.fullmatch(flat):
            continue
        if begun or block.heading or not (match := _WORD.match(flat)) or _is_name(flat) or _WORD_AND_NUMBER.match(flat):
            yield block
        elif rest := RichText.of(sliced(block.text, match.end(), len(flat))):
            yield TextBlock(text=rest)
        begun = begun or not block.heading


def _is_name(text: str) -> bool:
    """Whether a text begins with a name such as Abstract Meaning Representation."""
    match = _NAME.match(text)
    return bool(match and match["first"] not in _OPENERS and not _LABEL_ALONE.fullmatch(match["first"]))


def _unglued(block: TextBlock) -> TextBlock:
    """A block whose labels run straight into the words after them, with colons in between."""
    text = block.text
    flat = text.plain
    if block.heading or not flat[:1].isupper() or len(flat) > 200_000:
        return block
    matches = list(_GLUED.finditer(flat)) if _GLUED.match(flat) else []
    if not matches or (matches[0]["blank"] and len(matches) < 3):
        matches = []  # "Methods We" may be anything, three in a row are labels
    if len(found := _without_sign(flat)) > len(matches):
        matches = found
    if not matches:
        return block
    nodes: list[Node] = []
    at = 0
    for match in matches:
        nodes += [*sliced(text, at, match.start()), " ", match["label"], ": "]
        at = match.end()
    return TextBlock(text=RichText.of([*nodes, *sliced(text, at, len(flat))]))


def _without_sign(flat: str) -> list[re.Match[str]]:
    """Labels between the end of one sentence and the beginning of another, without a sign.

    ``BACKGROUND We asked. METHODS We did.`` They are labels where the first opens the text, and two of them in
    capitals, or three, follow each other as the parts of an abstract do.
    """
    first = _SIGNLESS.match(flat)
    if not first:
        return []
    matches = [first]
    for begin in _BEGINNING.finditer(flat, first.end()):
        if (match := _SIGNLESS.match(flat, begin.start())) and match["label"].isupper() == first["label"].isupper():
            matches.append(match)
            if len(matches) > _MOST_LABELS:
                return []
    ranks = [rank for match in matches if (rank := _rank(match["label"])) >= 0]
    enough = 2 if first["label"].isupper() else 3
    if len(matches) < enough or len(set(ranks)) < 2 or ranks != sorted(ranks):
        return []
    return matches


# What follows a label without a sign: a sentence; “METHODS OF THE” is none, nor is “Results May”.
_SIGNLESS: Final = re.compile(
    rf"(?P<label>(?i:{_LABEL}))(?P<blank>\.? )"
    r"(?=[A-Z0-9])(?!(?:OF|AND|IN|FOR|TO|WITH|AMONG|FROM|ON|May|Are|Is|Were|Was)\b)"
    r"(?=[A-Z][a-z]|[A-Z0-9][^\s]{0,15} ?[a-zÀ-ÿ0-9(]|[A-Z0-9]\b)"
)
# The parts of an abstract in their order, by how the words for them begin.
_RANKS: Final = tuple(
    (rank, re.compile(rf"(?:{stems})", re.IGNORECASE))
    for rank, stems in enumerate(
        (
            (
                "backgr|introd|context|rational|import|purpos|object|aim|goal|hypoth|question|hintergr|einleit|einführ|ziel|"
                "fragest|problem|obje[tc]|antecede|but|fundam|scopo|obiett|premess"
            ),
            (
                "method|material|matéri|patient|subject|particip|popul|design|setting|interv|measure|main outcome|"
                "outcome|data|expos|study|méth|métod|metod|pacient|pazient"
            ),
            "result|main result|finding|recent|observ|ergebn|résult|risult",
            "conclu|interpr|discuss|summary|signif|relev|implic|schluss|fazit|zusammenf|diskuss|discus",
        )
    )
)


def _rank(label: str) -> int:
    """Which of the four parts of an abstract a label names; -1 where it may be anywhere."""
    return next((rank for rank, stems in _RANKS if stems.match(label)), -1)


def _headed(found: Sequence[TextBlock]) -> Iterator[TextBlock]:
    """Blocks in which labels on a line of their own, or in bold before a sentence, are headings."""
    for n, block in enumerate(found):
        flat = block.text.plain
        if block.heading or len(flat) > 200_000:
            yield block
        elif n + 1 < len(found) and not found[n + 1].heading and _is_label(flat):
            yield TextBlock(text=block.text, heading=True)
        elif not any(node[0] == "b" for node in block.text.nodes if not isinstance(node, str)):
            yield block
        else:
            rest: list[Node] = []
            nodes = block.text.nodes
            before = ""
            for m, node in enumerate(nodes):
                text = RichText((node,)).plain
                after = nodes[m + 1] if m + 1 < len(nodes) else ""
                opens = not before.strip() or before.rstrip().endswith((".", "!", "?", ")"))
                if (
                    not isinstance(node, str)
                    and node[0] == "b"
                    and opens
                    and _is_label(text)
                    and isinstance(after, str)
                    and re.match(r"\s?[^\W_a-z]", after)
                ):
                    if kept := RichText.of(rest):
                        yield TextBlock(text=kept)
                    yield TextBlock(text=RichText.of((text,)), heading=True)
                    rest = []
                else:
                    rest.append(node)
                before = text
            if kept := RichText.of(rest):
                yield TextBlock(text=kept)


def _is_label(text: str) -> bool:
    """Whether a text is a label and nothing else."""
    return len(text) <= _LONGEST_LABEL and text[:1].isupper() and bool(_LABEL_ALONE.fullmatch(text))


def abstract(text: str) -> tuple[AbstractPart, ...]:
    """The abstract that HTML or plain text holds, in its parts."""
    if re.search(r"[<&](?:/?[a-z]|lt;)", text, re.IGNORECASE) or "\n" not in text.strip():
        return parts(blocks(text))
    # In plain text a line that begins with a label begins a part; other line ends are the source's own wrapping.
    found: list[TextBlock] = []
    at, text = 0, re.sub(r"\r\n?", "\n", text).strip()
    for match in _LABEL_LINE.finditer(text):
        found += blocks(text[at : match.start()])
        if match["text"] and _LABEL_ALONE.fullmatch(match["label"]):
            at = match.start()  # others may follow it in its line
            continue
        found.append(TextBlock(text=RichText.of((match["label"],)), heading=True))
        at = match.start("text") if match["text"] else match.end()
    return parts([*found, *blocks(text[at:])])


_LABEL_LINE: Final = re.compile(
    rf"^[ \t]*(?:[(\[]?\d{{1,2}}[)\].][ \t]*)?"
    rf"(?P<label>{_LABEL}|(?-i:[A-Z][A-Z&/,-]{{3,30}}(?: [A-Z&/,-]{{2,30}}){{0,4}}))[ \t]*"
    r"(?::(?P<text>[ \t]*\S)?|$)",
    re.IGNORECASE | re.MULTILINE,
)


def _run_in(
    text: RichText, *, alone: bool, reached: int, under: bool = False
) -> Iterator[tuple[str | None, tuple[Node, ...]]]:
    """A paragraph cut at the labels that run into it.

    Args:
        text: the paragraph.
        alone: whether the abstract has no headings.
        reached: which of the four parts the labels of the paragraphs before have come to; -1 where there are none.
        under: whether a heading above says what the paragraph is, so that only known words are labels in it.
    """
    flat = text.plain
    cuts: list[tuple[int, int, str]] = []  # first and last place of a label with its sign, and the label
    at = 0
    for node in text.nodes:
        words = node if isinstance(node, str) else RichText((node,)).plain
        start, at = at, at + len(words)
        if isinstance(node, str) or node[0] not in {"b", "i", "sc"} or len(words) > _LONGEST_LABEL:
            continue
        label = words.strip()
        after_label = _BLANKS_AND_COLONS.match(flat, at)
        assert after_label is not None
        if not (label.endswith((":", ".")) or ":" in after_label[0]):
            continue
        # Set off by its type, any words open a text as a label; further on they must be known as one.
        known = _LABEL_ALONE.fullmatch(label) is not None
        opens = label.endswith(":") or ":" in after_label[0]
        if (known or (start == 0 and opens and not under)) and len(cuts) <= _MOST_LABELS:
            cuts.append((start, after_label.end(), label.strip(" :.")))
    dashed = (first := _RUN_IN.match(flat)) is not None and first["sign"].strip() in {"-", "–", "—"}
    opening = _OPENING.match(flat)
    beginnings = [opening.end()] if opening else []
    for beginning in itertools.chain(beginnings, (match.start() for match in _BEGINNING.finditer(flat))):
        match = _RUN_IN.match(flat, beginning)
        if not match or any(start <= match.start("label") < end for start, end, _ in cuts):
            continue
        if len(cuts) > _MOST_LABELS:
            break
        label = match["label"].strip()
        # "Results. We saw" is a sentence's beginning as often as a label, unless it is in capitals or opens the text.
        sure = label.isupper() or (match.start("label") == 0 and label[0].isupper())
        # Where a dash follows the first label, one after others is the same sign.
        sure = sure or (dashed and match["sign"].strip() in {"-", "–", "—"} and label[0].isupper())
        if match["sign"] != ":" and not sure:
            continue
        cuts.append((match.start("label"), match.end(), label))
    if cuts:
        for match in _CAPITALS.finditer(flat):
            if not any(start <= match.start() < end for start, end, _ in cuts):
                cuts.append((match.start(), match.end(), match["label"]))
        cuts.sort()
    starts = _before_counts(flat, [start for start, _, _ in cuts])
    goes_on = bool(cuts) and -1 < reached < _rank(cuts[0][2])
    if (
        not cuts
        or len(cuts) > _MOST_LABELS
        or (starts[0] > 0 and len(cuts) < 2 and not (alone and _is_sure(cuts[0][2])) and not goes_on)
    ):
        yield None, text.nodes
        return
    if starts[0] > 0:
        yield None, sliced(text, 0, starts[0])
    for n, (_, end, label) in enumerate(cuts):
        stop = starts[n + 1] if n + 1 < len(cuts) else len(flat)
        if n + 1 < len(cuts) and flat[end:stop].rstrip().endswith(";"):  # of “Aims: one; Methods: two.”
            stop = max(end, flat.rindex(";", 0, stop))
        yield label, sliced(text, end, stop)


_COUNT: Final = re.compile(r"(?:^|(?<=[\s;.|]))(?:[(\[]?(?P<count>\d{1,2}|[ivx]{1,4}|[a-h])[)\].]|(?P<sign>[•▪|]))\s?$")
_COUNTS: Final = (
    [str(n) for n in range(1, 41)],
    ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"],
    list("abcdefgh"),
)


def _before_counts(flat: str, starts: Sequence[int]) -> list[int]:
    """Where labels begin, with the signs or counts before them: ``• Aim: …``, ``(1) Background: …; (2) Methods: …``."""
    found = [_COUNT.search(flat, max(0, start - 8), start) for start in starts]
    counts = [match["count"] for match in found if match and match["count"]]
    opens = bool(
        found and found[0] and (found[0].start() == 0 or (len(found) > 1 and counts[:1] in (["1"], ["i"], ["a"])))
    )
    counted = (
        opens
        and len(counts) == len(starts)
        and any(counts[0] in row and counts == row[row.index(counts[0]) :][: len(counts)] for row in _COUNTS)
    )  # “There were 5. Results: …” counts nothing
    return [
        match.start() if match and (counted or match["sign"]) else start
        for start, match in zip(starts, found, strict=True)
    ]


def _is_sure(label: str) -> bool:
    """Whether one such label within a text is enough to cut it there."""
    return bool(re.fullmatch(_SURE, label, re.IGNORECASE))


_SURE: Final = (
    r"(?:clinical )?trial (?:information|registration|identification)|funding|disclosures?|research sponsors?|"
    r"legal entity responsible for the study"
)


def sliced(text: RichText, start: int, end: int) -> tuple[Node, ...]:
    """The nodes between two places of the plain text."""

    def cut(nodes: Iterable[Node], at: int) -> tuple[list[Node], int]:
        out: list[Node] = []
        for node in nodes:
            if isinstance(node, str):
                piece = node[max(0, start - at) : max(0, end - at)]
                at += len(node)
                if piece:
                    out.append(piece)
            else:
                children, at = cut(node[1], at)
                if children:
                    out.append((node[0], tuple(children)))
        return out, at

    return tuple(cut(text.nodes, 0)[0])


# --- What follows an abstract ----------------------------------------------------------------------------------------

_TAILS: Final = re.compile(
    r"(?:(?<=[.!?\])\d])\s*|^|\s)(?P<tail>"
    r"\(?\s?(?:PsycINFO|PsycInfo) Database Record.{0,200}|"
    r"(?:\([cC]\)(?=\s?(?:\d{4}|[A-Z]))|©|Copyright\b)\s?.{0,300}|"
    r"This article is protected by copyright.{0,100}|"
    r"Published by Elsevier.{0,100}|All rights reserved\.?)$"
)
# Each tail contains one of these; looking for them first is ten times as fast.
_TAIL_WORDS: Final = ("Database Record", "(c)", "(C)", "©", "Copyright", "copyright", "by Elsevier", "rights reserved")
_CITATION: Final = re.compile(r"\s*Citation (?:Format|Information)\s?:\s?.{0,3000}$", re.DOTALL)
_LOOK_BACK: Final = 3500


def without_tail(found: tuple[AbstractPart, ...]) -> tuple[tuple[AbstractPart, ...], list[str]]:
    """The abstract without copyright lines and citation blocks at its end, and these."""
    tails: list[str] = []
    while found:
        last = found[-1]
        flat = last.text.plain
        if last.label and re.fullmatch(r"citation (?:format|information)|copyright", last.label, re.IGNORECASE):
            tails.insert(0, f"{last.label}: {flat}")
            found = found[:-1]
            continue
        base = max(0, len(flat) - _LOOK_BACK)
        match = _CITATION.search(flat, base) if "Citation " in flat[base:] else None
        if not match and any(word in flat[-420:] for word in _TAIL_WORDS):
            match = _TAILS.search(flat, max(0, len(flat) - 420))
        if not match:
            break
        tails.insert(0, match[0].strip())
        rest = RichText.of(sliced(last.text, 0, match.start()))
        found = (*found[:-1], AbstractPart(label=last.label, text=rest)) if rest else found[:-1]
    return found, tails
