"""The identifiers of a citation, taken out of it: DOI, PubMed's numbers, trial registers, addresses."""

from __future__ import annotations

import re
from typing import Any, Final

from digest import trials
from digest.cite.tokens import read_identifier
from digest.model import Ids

_IDENTIFIER: Final = re.compile(
    r"\[?(?:"
    r"(?:doi\s*:?\s*)?https?://(?:dx\.)?doi\.org/10\.\d{4,9}/\S+|(?:doi\s*:?\s*)?10\.\d{4,9}/\S+|"
    r"\bPMID\s*:?\s*\d+|\bPMC(?:ID)?\s*:?\s*(?:PMC)?\d+|\bNBK\s*:?\s*\d+|https?://\S+)\]?",
    re.IGNORECASE,
)
# Addresses of publishers that contain the DOI, and what follows it there: “…/doi/abs/10.…”, “…/lookup/doi/10.….pdf”.
_DOI_IN_ADDRESS: Final = re.compile(
    r"https?://[^\s?#]{1,200}?/doi/(?:(?:abs|abstract|full|pdf|epdf|pdfdirect|epub|book|suppl|fpi|figure)/)?(?P<doi>10\.\d{4,9}/[^\s?#]+)",
    re.IGNORECASE,
)
_AFTER_DOI: Final = re.compile(
    r"(?:\.(?:abstract|full|short|pdf|full\.pdf|long)|/(?:abstract|full|pdf|html|meta|epdf))$"
)
_LABEL_LEFT: Final = re.compile(r"\b(?:(?:Available|Retrieved) (?:from|at)|doi|PMID|URL):?$", re.IGNORECASE)
_OF_THE_PUBLISHER: Final = re.compile(r"\S{1,60} \[pii\]|\bEpub \d{4}(?:[/ ]\w{1,4}){0,2}\.?")
_PMID_LEFT: Final = re.compile(r"(?:(?<=\.)|(?<=\d\.\s)|(?<=\)\.\s))[123]\d{7}$")


def without_identifiers(text: str) -> tuple[str, dict[str, Any]]:
    """The text without its identifiers, and these as fields of `Ids`."""
    found: dict[str, Any] = {}

    def take(match: re.Match[str]) -> str:
        word = match[0].rstrip(".,;])")
        word = re.sub(r"([123]\d{6,7})\1$", r"\1", word)
        if (glued := re.search(r"[123]\d{7}$", word)) and text[match.start() - 1 : match.start()].isalnum():
            word = word[: glued.start()]  # DOI and PMID run into one another
            found.setdefault("pmid", glued[0])
        word = re.sub(r"^(?:doi\s*:?\s*)(?=https?:)", "", word, flags=re.IGNORECASE).lstrip("[")
        try:
            kind, value = read_identifier(word)
        except ValueError:
            return match[0]
        if kind in {"nct", "trials"}:
            found[kind] = tuple(dict.fromkeys((*found.get(kind, ()), value)))
        elif kind in Ids.__struct_fields__:
            found.setdefault(kind, value.rstrip("/") if kind == "doi" else value)
            if kind == "url" and (inside := _DOI_IN_ADDRESS.match(value)):
                found.setdefault("doi", read_identifier(_AFTER_DOI.sub("", inside["doi"]))[1])
        return " "

    bare = _OF_THE_PUBLISHER.sub(" ", _IDENTIFIER.sub(take, text))
    for one in reversed(trials.find(bare, running=True)):
        kind = "nct" if one.kind == "nct" else "trials"
        found[kind] = tuple(dict.fromkeys((*found.get(kind, ()), one.number)))
        bare = f"{bare[: one.start].rstrip('([')} {bare[one.end :].lstrip(')]')}"
    bare = re.sub(r"\s+", " ", bare).strip()
    bare = bare.lstrip(".,;: ") if found else bare  # “NCT01077154. Study of X.”
    if number := _PMID_LEFT.search(bare):
        found.setdefault("pmid", number[0])  # what is left of a link to PubMed
        bare = bare[: number.start()]
    while bare != (stripped := _LABEL_LEFT.sub("", bare.rstrip(" .;,<>"))):
        bare = stripped
    return bare, found
