"""Registries of clinical trials: how the numbers of each look, where they lead, and which are in a text."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct


class Registry(Struct, frozen=True, kw_only=True):
    """A registry of clinical trials.

    Attributes:
        kind: short name in lower case, one for each registry.
        name: the name that NLM gives it in the list of databanks, printed as a label.
        pattern: a number in any spelling; groups hold the parts of the canonical one.
        form: the canonical spelling of these parts.
        shape: a regular expression for the canonical spelling.
        address: where a number leads, with ``{}`` in its place; empty where no page can be asked for by number.
        sure: whether such a text is a registration wherever it appears; if not, words around it must say so.
    """

    kind: str
    name: str
    pattern: re.Pattern[str]
    form: str
    shape: str
    address: str = ""
    sure: bool = True


# ICTRP shows an entry under the number that it was sent, those of Japan with the prefix of their network.
_ICTRP: Final = "https://trialsearch.who.int/Trial2.aspx?TrialID={}"
_JPRN: Final = _ICTRP.replace("{}", "JPRN-{}")
_EUDRACT: Final = "https://www.clinicaltrialsregister.eu/ctr-search/search?query={}"
_NUMBER_WORD: Final = r"(?:[ -]?(?:number|no\.?|nr\.?|registry))?[ :,#-]{0,3}"

# The primary registries of the WHO (ICTRP) and ClinicalTrials.gov, with the shapes of their numbers as ICTRP's export
# and the registries' own pages have them; names as in NLM's “MEDLINE Databank Sources”. A number without letters of its
# own has a shape that nothing else has: EudraCT (EMA: YYYY-NNNNNN-CC), EU CT (Regulation 536/2014: YYYY-5NNNNN-CC-NN).
# A row: kind, name, any spelling, canonical spelling, its shape, address; kinds with “?” need words around them.
_ROWS: Final = (
    (
        "nct",
        "ClinicalTrials.gov",
        r"NCT[ :#-]{0,2}(\d{8})",
        "NCT{}",
        r"NCT\d{8}",
        "https://clinicaltrials.gov/study/{}",
    ),
    (
        "isrctn",
        "ISRCTN",
        r"ISRCTN[ :#-]{0,2}(?:ISRCTN)?(\d{8})",
        "ISRCTN{}",
        r"ISRCTN\d{8}",
        "https://www.isrctn.com/{}",
    ),
    (
        "euct",
        "EU CT",
        rf"(?:EU[ -]?CT|CTIS)?{_NUMBER_WORD}(20\d\d-5\d{{5}}-\d\d)(-\d\d)?",
        "{}{}",
        r"20\d\d-5\d{5}-\d\d(-\d\d)?",
        "https://euclinicaltrials.eu/search-for-clinical-trials/?lang=en&EUCT={}",
    ),
    (
        "eudract",
        "EudraCT",
        rf"(?:EudraCT|EUCTR){_NUMBER_WORD}(?:EUCTR)?(\d{{4}}-\d{{6}}-\d\d)(?:-[A-Z]{{2,3}})?",
        "{}",
        r"(19|20)\d\d-\d{6}-\d\d",
        _EUDRACT,
    ),
    (
        "eudract",
        "EudraCT",
        r"((?:19|20)\d\d-0\d{5}-\d\d)(?:-[A-Z]{2,3})?",
        "{}",
        "",
        _EUDRACT,
    ),
    ("chictr", "ChiCTR", r"ChiCTR[ :-]{0,2}(?:ChiCTR)?(\d{8,10})", "ChiCTR{}", r"ChiCTR\d{8,10}", _ICTRP),
    ("chictr", "ChiCTR", r"ChiCTR-([A-Z]{2,5})-(\d{8})", "ChiCTR-{}-{}", r"ChiCTR-[A-Z]{2,5}-\d{8}", _ICTRP),
    (
        "umin",
        "UMIN-CTR",
        r"(?:JPRN-?)?UMIN[ :-]{0,2}(?:CTR[ :-]{0,2})?(?:ID[ :-]{0,2})?(?:UMIN)?(\d{9})",
        "UMIN{}",
        r"UMIN\d{9}",
        _JPRN,
    ),
    (
        "umin",
        "UMIN-CTR",
        r"JPRN-C(\d{9})",
        "UMIN-C{}",
        r"UMIN-C\d{9}",
        "https://trialsearch.who.int/Trial2.aspx?TrialID=JPRN-{}",
    ),
    ("umin?", "UMIN-CTR", r"(?:UMIN[ -]?)?C(\d{9})", "UMIN-C{}", "", _JPRN),
    ("jrct", "jRCT", r"(?:JPRN-?)?jRCT[ :-]{0,2}(?:jRCT)?(s?)[ -]?(\d{9,10})", "jRCT{}{}", r"jRCTs?\d{9,10}", _JPRN),
    ("japiccti", "JapicCTI", r"(?:JPRN-?)?JapicCTI[ :-]{0,2}(\d{6})", "JapicCTI-{}", r"JapicCTI-\d{6}", _JPRN),
    ("jmacct", "JMACCT", r"(?:JPRN-?)?JMA-?(?:CT-?)?IIA(\d{5})", "JMA-IIA{}", r"JMA-IIA\d{5}", _JPRN),
    (
        "actrn",
        "ANZCTR",
        r"(?:ANZCTR[ :-]{0,2})?ACTRN?[ :-]{0,2}(\d{14})",
        "ACTRN{}",
        r"ACTRN\d{14}",
        "https://www.anzctr.org.au/{}.aspx",
    ),
    (
        "drks",
        "DRKS",
        r"DRKS[ :-]{0,2}(?:ID[ :-]{0,2})?(?:DRKS)?(\d{8})",
        "DRKS{}",
        r"DRKS\d{8}",
        "https://drks.de/search/en/trial/{}",
    ),
    (
        "ntr?",
        "NTR",
        r"(?:Netherlands Trial Regist(?:er|ry)|NTR)[ :,#-]{0,3}(?:NTR[ -]?)?(\d{3,5})",
        "NTR{}",
        r"NTR\d{3,5}",
        _ICTRP,
    ),
    (
        "ntr?",
        "NTR",
        r"(?:Netherlands Trial Regist(?:er|ry)[ :,#-]{0,3}|NTR[ :]{1,2}|)NL[ -]?(?=\d{4})(\d{4,5})",
        "NL{}",
        r"NL\d{4,5}",
        _ICTRP,
    ),
    ("onderzoek", "NL-OMON", r"NL-OMON[ -]?(\d{4,6})", "NL-OMON{}", r"NL-OMON\d{4,6}", _ICTRP),
    (
        "ctri",
        "CTRI",
        r"CTRI[ /:-]{1,2}(?:CTRI/)?(\d{4})[/-](\d{2,3})[/-](\d{6})",
        "CTRI/{}/{}/{}",
        r"CTRI/\d{4}/\d{2,3}/\d{6}",
        _ICTRP,
    ),
    ("cris", "CRiS", r"(?:CRiS[ :-]{1,2})?KCT[ :-]{0,2}(\d{7})", "KCT{}", r"KCT\d{7}", _ICTRP),
    ("pactr", "PACTR", r"PACTR[ :-]{0,2}(\d{15,16})", "PACTR{}", r"PACTR\d{15,16}", _ICTRP),
    (
        "rebec",
        "ReBec",
        r"RBR[ -]{1,2}((?=[a-z]{0,7}\d)\w{5,8})",
        "RBR-{}",
        r"RBR-\w{5,8}",
        "https://ensaiosclinicos.gov.br/rg/{}",
    ),
    ("irct", "IRCT", r"IRCT[ :-]{0,2}(?:IRCT)?(\d{8,14}N\d{1,3})", "IRCT{}", r"IRCT\d{8,14}N\d{1,3}", _ICTRP),
    (
        "tctr",
        "TCTR",
        r"TCTR[ :-]{0,2}(?:TCTR)?(\d{11})",
        "TCTR{}",
        r"TCTR\d{11}",
        "https://www.thaiclinicaltrials.org/show/{}",
    ),
    ("slctr", "SLCTR", r"SLCTR[ :/-]{1,2}(\d{4})[/-](\d{2,3})", "SLCTR/{}/{}", r"SLCTR/\d{4}/\d{2,3}", _ICTRP),
    ("rpcec", "RPCEC", r"RPCEC[ :-]{0,2}(?:RPCEC)?(\d{8})", "RPCEC{}", r"RPCEC\d{8}", _ICTRP),
    ("repec?", "REPEC", r"(?:PER|REPEC)[ :-]{1,2}(?:PER-)?(\d{3}-\d\d)", "PER-{}", r"PER-\d{3}-\d\d", _ICTRP),
    ("lbctr", "LBCTR", r"LBCTR[ :-]{0,2}(?:LBCTR)?(\d{10})", "LBCTR{}", r"LBCTR\d{10}", _ICTRP),
    ("itmctr", "ITMCTR", r"ITMCTR[ :-]{0,2}(\d{10})", "ITMCTR{}", r"ITMCTR\d{10}", _ICTRP),
    ("snctp", "SNCTP", r"SNCTP[ :-]{0,2}(\d{9})", "SNCTP{}", r"SNCTP\d{9}", ""),
    ("phrr", "PHRR", r"PHRR[ :-]{0,2}(\d{6})-(\d{6})", "PHRR{}-{}", r"PHRR\d{6}-\d{6}", ""),
)
REGISTRIES: Final = tuple(
    Registry(
        kind=kind.rstrip("?"),
        name=name,
        pattern=re.compile(rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])", re.IGNORECASE),
        form=form,
        shape=shape,
        address=address,
        sure=not kind.endswith("?"),
    )
    for kind, name, pattern, form, shape, address in _ROWS
)
KINDS: Final = frozenset(registry.kind for registry in REGISTRIES)
# The canonical numbers of all registries but ClinicalTrials.gov, whose numbers a record keeps by themselves.
OTHER_SHAPES: Final = "|".join(registry.shape for registry in REGISTRIES if registry.shape and registry.kind != "nct")
# What every number has somewhere; so most texts are left after one look.
_MAY_HOLD: Final = re.compile(r"\d{5}|RBR|REPEC|PER|SLCTR|NTR|NL|Netherlands", re.IGNORECASE)
_SAYS_SO: Final = re.compile(r"regist|identifier|\btrials?\b|\bREPEC\b", re.IGNORECASE)
_NEAR: Final = 80  # characters


class Found(Struct, frozen=True, kw_only=True):
    """A registration in a text.

    Attributes:
        kind: the registry's short name.
        number: the number in its canonical spelling.
        start: where it begins in the text, with the registry's name before it.
        end: where it ends.
    """

    kind: str
    number: str
    start: int
    end: int


def find(text: str, *, running: bool = False) -> list[Found]:
    """The registrations in a text, in their order.

    Args:
        text: the text.
        running: whether it is prose, in which the shortest shapes count only where words before them say what they are.
    """
    if not _MAY_HOLD.search(text):
        return []
    found: list[Found] = []
    rest = text
    for registry in REGISTRIES:
        for match in registry.pattern.finditer(rest):
            if running and not registry.sure and not _SAYS_SO.search(text, max(0, match.start() - _NEAR), match.end()):
                continue
            number = registry.form.format(*(_part(part or "") for part in match.groups()))
            found.append(Found(kind=registry.kind, number=number, start=match.start(), end=match.end()))
            rest = f"{rest[: match.start()]}{' ' * len(match[0])}{rest[match.end() :]}"
    return sorted(found, key=lambda one: one.start)


def _part(text: str) -> str:
    return "s" if text in {"s", "S"} else text if text.islower() else text.upper()


# Pages of registries: the number in such an address is the whole of what it says.
_PAGE: Final = re.compile(
    r"https?://(?:[\w-]{1,40}\.){0,3}(?:clinicaltrials\.gov|trialsearch\.who\.int|who\.int/trialsearch|isrctn\.com|"
    r"isrctn\.org|controlled-trials\.com|clinicaltrialsregister\.eu|euclinicaltrials\.eu|chictr\.org(?:\.cn)?|"
    r"umin\.ac\.jp|jrct\.(?:niph|mhlw)\.go\.jp|japic\.or\.jp|anzctr\.org\.au|drks\.de|germanctr\.de|trialregister\.nl|"
    r"onderzoekmetmensen\.nl|ctri\.nic\.in|cris\.nih\.go\.kr|pactr\.samrc\.ac\.za|pactr\.org|ensaiosclinicos\.gov\.br|"
    r"irct\.(?:ir|behdasht\.gov\.ir)|thaiclinicaltrials\.org|clinicaltrials\.in\.th|slctr\.lk|rpcec\.sld\.cu|"
    r"registroclinico\.sld\.cu|ensayosclinicos-repec\.ins\.gob\.pe|lbctr\.(?:emro\.who\.int|moph\.gov\.lb))(?:[/:?]|$)",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    r"(?:(?:clinical ?)?trials?\W{0,2}(?:gov)?|registration|registered|registry|register|identifier|information|"
    r"number|no|nr|id|at|with|under|as|in|of|the)\b[\s.:;,#=()-]{0,5}",
    re.IGNORECASE,
)


def is_page(address: str) -> bool:
    """Whether an address is one of a registry."""
    return _PAGE.match(address) is not None


def alone(text: str) -> str:
    """The registration that a text is, with or without a label, or the address of its page; else nothing."""
    found = find(text) if len(text) < 300 else []
    if len({one.number for one in found}) != 1:
        return ""
    number = found[0].number
    if is_page(text):
        return number
    before, after = text[: found[0].start], text[found[-1].end :]
    return number if not _LABEL.sub("", before.lstrip()).strip(" .:;,()[]") and not after.strip(" .;,()[]") else ""


def only(text: str) -> bool:
    """Whether a text holds registrations and nothing else."""
    found = find(text)
    rest = text
    for one in reversed(found):
        rest = rest[: one.start] + rest[one.end :]
    return bool(found) and not rest.strip(" ,;.()[]\n")


def registry_of(number: str) -> Registry:
    """The registry of a number in its canonical spelling.

    Raises:
        ValueError: no registry has such numbers.
    """
    for registry in REGISTRIES:
        if registry.shape and re.fullmatch(registry.shape, number):
            return registry
    raise ValueError(f"no registry of trials has numbers such as “{number}”")


def address_of(number: str) -> str:
    """Where a number in its canonical spelling leads; empty where no page can be asked for by number."""
    return registry_of(number).address.format(number)


def labelled(number: str) -> tuple[str, str]:
    """A number as a label and the rest: ``NCT`` and ``01077154``, ``EudraCT`` and ``2004-001234-56``."""
    label = {"ClinicalTrials.gov": "NCT"}.get(name := registry_of(number).name, name)
    rest = number.removeprefix(label)
    return label, rest if rest.isdigit() else number


def printed(number: str) -> str:
    """A number as readers know it: one without letters has its registry's name before it."""
    return f"{registry_of(number).name} {number}" if number[0].isdigit() else number


def from_label(label: str, rest: str) -> str:
    """The number that `labelled` has taken apart; empty for anything else."""
    for number in (f"{label}{rest}", rest):
        if any(
            one.shape and re.fullmatch(one.shape, number) and labelled(number) == (label, rest) for one in REGISTRIES
        ):
            return number
    return ""


# What is in place of an author where an entry of a registry has none: “Nct”, “Euctr, D. K.”, “Jprn, Umin”.
_CODES: Final = re.compile(
    r"(?:NCT|ISRCTN|EUCTR|EUDRACT|CTIS|EUCT|CHICTR|JPRN|UMIN|JRCTS?|JAPICCTI|JMA|ACTRN|ANZCTR|DRKS|NTR|NL|OMON|CTRI|KCT|CRIS|"
    r"PACTR|RBR|REBEC|IRCT|TCTR|SLCTR|RPCEC|PER|REPEC|LBCTR|ITMCTR|SNCTP|PHRR|CLINICALTRIALS\.GOV)(?![A-Z]).{0,40}",
    re.IGNORECASE,
)


def is_code(name: str) -> bool:
    """Whether what is given as the family name of an author is the name or the number of a registry."""
    return _CODES.fullmatch(name.strip()) is not None
