"""Crossref's names of registries of trials: a DOI for each, with the shape that Crossref wants of its numbers."""

from __future__ import annotations

import re
from typing import Final

from digest import trials

# Kind of a registry in `digest.trials`: the DOI without its prefix, and the shape of numbers, as the record of
# 10.18810/registries has them (deposit of 2020). CTIS (EU CT), NL-OMON, REPEC, LBCTR, ITMCTR, SNCTP and PHRR have none.
_LISTED: Final = {
    "nct": ("clinical-trials-gov", r"nct\d+"),
    "isrctn": ("isrctn", r"isrctn\d+"),
    "actrn": ("anzctr", r"actrn\d+"),
    "drks": ("drks", r"drks\d+"),
    "chictr": ("chictr", r"chictr[-a-z]*\d+"),
    "rebec": ("rebec", r"rbr\d+"),
    "ntr": ("dutch-trial-register", r"ntr[-0-9]+"),
    "ctri": ("clinical-trial-registry-india", r"ctri[\d/]+"),
    "umin": ("umin-japan", r"umin\d+"),
    "pactr": ("pactr", r"pactr\d+"),
    "slctr": ("slctr", r"slctr[\d/]+"),
    "jmacct": ("jma", r".+"),
    "irct": ("irct", r"irct[0-9a-z]+"),
    "cris": ("cris", r"kct\d+"),
    "rpcec": ("rpec", r"rpcec\d+"),
    "eudract": ("euctr", r"\d{4}-\d+-\d+"),
    "jrct": ("jprn", r".+"),
    "japiccti": ("jprn", r".+"),
    "tctr": ("tctr", r"tctr\d+"),
}


def registry_doi(number: str) -> str:
    """The DOI of the registry that has a number; empty where Crossref knows no registry with such numbers.

    Args:
        number: the number of a trial in its canonical spelling.
    """
    name, shape = _LISTED.get(trials.registry_of(number).kind, ("", ""))
    return f"10.18810/{name}" if name and re.fullmatch(shape, number, re.IGNORECASE | re.ASCII) else ""
