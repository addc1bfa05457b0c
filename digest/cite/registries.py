"""Identifiers anywhere in a text: DOIs in addresses, PubMed's numbers, those of registries of trials.

`digest.cite.tokens.read_identifier` reads a single one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from digest import trials
from digest.model import has_orcid_check

if TYPE_CHECKING:
    from collections.abc import Iterator


_NUMBERS: Final = {
    "pmcid": re.compile(r"(?:PMC(?:ID)?[ :#]{0,3})?\bPMC(\d{3,9})\b|\bPMCID[ :#]{1,3}(\d{3,9})\b", re.IGNORECASE),
    "pmid": re.compile(
        r"\bPMID[ :#=]{0,3}(\d{1,8})\b|\bPubMed(?: (?:ID|PMID))?[ :#=]{1,3}(\d{1,8})\b|"
        r"pubmed\.ncbi\.nlm\.nih\.gov/(\d{1,8})|ncbi\.nlm\.nih\.gov/(?:m/)?pubmed/(\d{1,8})|\bMED/(\d{7,8})\b",
        re.IGNORECASE,
    ),
    "nbk": re.compile(r"\bNBK(\d{2,8})\b", re.IGNORECASE),
    "issn": re.compile(r"\b(?:[pel]-?)?ISSN(?:-L)?(?:\s?\(\w+\))?[ :=]{0,3}(\d{4}[-‐–]?\d{3}[\dX])\b", re.IGNORECASE),
    "isbn": re.compile(r"\bISBN(?:-1[03])?[ :=]{0,3}((?:97[89][- ]?)?(?:\d[- ]?){9}[\dX])\b", re.IGNORECASE),
    "orcid": re.compile(r"(?<![\d-])(000[09]-?\d{4}-?\d{4}-?\d{3}[\dX])(?![\dX-])", re.IGNORECASE),
    "arxiv": re.compile(
        r"\barXiv[.: ]{1,2}(\d{4}\.\d{4,5}(?:v\d+)?)|arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5}(?:v\d+)?)", re.IGNORECASE
    ),
}
# CENTRAL's addresses hold numbers that look like DOIs and are none: nobody has registered 10.1002/central/cn-….
_DOI: Final = re.compile(
    r"(?<![\w.])(?:(?P<sici>10\.\d{4,9}/\(SICI\)[^\s\"]+)|(?P<doi>10\.(?!1002/central/)[1-9]\d{3,8}/[^\s\"<>|^{}]+))",
    re.IGNORECASE,
)
# What publishers' addresses have after a DOI, and what sentences have.
_AFTER_DOI: Final = re.compile(
    r"(?:[?#&].*|/(?:full|fulltext|full-text|abstract|abs|summary|meta|pdf|epdf|pdfdirect|epub|references|suppl_file/.*|html|xml)/?|"
    r"\.(?:pdf|full|abstract|html?))$|[.,;:'’”»]+$",
    re.IGNORECASE,
)
_TRIAL_DOI: Final = re.compile(r"10\.1186/ISRCTN(\d{8})", re.IGNORECASE)


def decoded(text: str) -> str:
    """An address or DOI with its percent signs resolved, where they mean characters: ``%2F`` is a slash."""
    return unquote(text) if re.search(r"%[0-9A-Fa-f]{2}", text) else text


def doi_in(text: str) -> str | None:
    """The first DOI in a text or an address, without what follows it there; nothing where there is none."""
    return next(_dois(decoded(text)), None)


def read_identifiers(text: str) -> dict[str, tuple[str, ...]]:
    """All identifiers in a text, by kind, in their canonical spelling.

    Kinds are ``doi pmid pmcid nbk issn isbn orcid arxiv`` and the short names of `digest.trials`, such as ``nct``,
    ``isrctn``, ``eudract``. An ISSN, ISBN or ORCID iD with a wrong check digit is left out.
    """
    found: dict[str, list[str]] = {}
    rest = decoded(text)
    if re.fullmatch(r"\s*\d{4}-\d{3}[\dXx]\s*", rest):  # nothing else looks so
        rest = f"ISSN {rest}"
    for doi in _dois(rest):
        if match := _TRIAL_DOI.fullmatch(doi):
            found.setdefault("isrctn", []).append(f"ISRCTN{match[1]}")
        else:
            found.setdefault("doi", []).append(doi.lower())
    rest = _DOI.sub(" ", rest)
    for one in trials.find(rest):
        found.setdefault(one.kind, []).append(one.number)
        rest = f"{rest[: one.start]}{' ' * (one.end - one.start)}{rest[one.end :]}"
    for kind, pattern in _NUMBERS.items():
        for match in pattern.finditer(rest):
            number = next(group for group in match.groups() if group)
            if value := _canonical(kind, number):
                found.setdefault(kind, []).append(value)
    return {kind: tuple(dict.fromkeys(values)) for kind, values in found.items()}


def _dois(text: str) -> Iterator[str]:
    for match in _DOI.finditer(text):
        if match["sici"]:  # 10.1002/(SICI)1097-0142(19970101)79:1<1::AID-CNCR1>3.0.CO;2-#
            yield match["sici"].rstrip(".,;:)]")
            continue
        doi, before = match["doi"], ""
        while doi != before:
            before, doi = doi, _AFTER_DOI.sub("", doi)
            for opening, closing in ("()", "[]"):  # “(doi:10.1016/x(12)3-9)” has one bracket too many
                if doi.endswith(closing) and doi.count(closing) > doi.count(opening):
                    doi = doi[:-1]
        yield doi.rstrip("/")  # of an address; no registrant ends a suffix so


def _canonical(kind: str, number: str) -> str:
    bare = re.sub(r"[-‐– ]", "", number).upper()
    match kind:
        case "pmcid":
            return f"PMC{bare}"
        case "nbk":
            return f"NBK{bare}"
        case "issn":
            return f"{bare[:4]}-{bare[4:]}" if _weighted(bare, range(8, 0, -1)) % 11 == 0 else ""
        case "isbn" if len(bare) == 10:
            return bare if _weighted(bare, range(10, 0, -1)) % 11 == 0 else ""
        case "isbn":
            return bare if _weighted(bare, (1, 3) * 6 + (1,)) % 10 == 0 else ""
        case "orcid":
            return "-".join(re.findall("....", bare)) if has_orcid_check(bare) else ""
        case _:
            return number.lstrip("0") if kind == "pmid" else number


def _weighted(digits: str, weights: range | tuple[int, ...]) -> int:
    return sum((10 if digit == "X" else int(digit)) * weight for digit, weight in zip(digits, weights, strict=True))
