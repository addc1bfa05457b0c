"""What databases write under tags of RIS that mean something else there, in the plain tags that `refman` reads.

Embase, Scopus, Web of Science and CENTRAL fill the custom fields each in its own way; EndNote keeps what they wrote.
Tags of more than two letters are ours: the meeting's ``EVENT``, ``PLACE`` and ``DAYS``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest import journals, trials
from digest.cite.tokens import read_dates

if TYPE_CHECKING:
    from collections.abc import Mapping

Values = dict[str, list[str]]

# Tags of single databases for those of RIS: Web of Science (publisher, abbreviations, number of a meeting abstract),
# CENTRAL (address of the page) and HighWire (last page).
_SAME: Final[Mapping[str, str]] = {
    "PU": "PB",
    "J9": "J1",
    "JI": "JA",
    "MA": "M1",
    "US": "UR",
    "EI": "SN",
    "LP": "EP",
}
_MOST: Final = 1000  # characters of a value in which a database's mark is looked for
_DATABASES: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "wos": r"^WOS:|\bweb of science|\bWOS\b",
        "embase": r"\bembase\b|^L\d{6,}$",
        "scopus": r"\bscopus\b",
        "central": r"^CN-\d{5,}$|cochranelibrary\.com/central|\bcochrane\b",
    }.items()
}
# Where a database names itself.
_NAMING: Final = ("DB", "DP", "AN", "UT", "UR", "U2", "WE", "L2")
_NUMBER: Final = re.compile(r"[1-9]\d{3,8}")
_PUBMED_NUMBER: Final = re.compile(r"\bPUBMED[ :]{1,2}([1-9]\d{0,8})\b")
# “(Novak A., novak@…; Okafor C.) Department”, as Embase has it in M1
_OF_AUTHORS: Final = re.compile(r"\((?=[^()]*(?:[.;,]|@))[^()]{3,6000}\)\s{0,3}[^\W\d_].+", re.DOTALL)
_ISSUE: Final = re.compile(
    r"(?:no|nr|issue|number)?\.?\s?\d[\w./–-]{0,12}(?:\s?(?:suppl|supp|s)\w{0,7}\.?\s?\w{0,4})?|"
    r"[A-Za-z]{0,3}\d[\w/-]{0,6}|\w{0,6}\s?suppl\w{0,7}\.?\s?\w{0,4}",
    re.IGNORECASE,
)
_EVENT: Final = re.compile(
    r"\b(?:conference|meeting|congress|symposium|workshop|convention|session|summit|kongress|tagung|congreso|congrès)",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_JOURNAL: Final = ("JF", "JO", "JA", "J1", "J2", "T2")


def plain(values: Values) -> Values:
    """The values of one reference, with what its database means by them in the tags of RIS."""
    out = {tag: list(texts) for tag, texts in values.items() if tag not in _SAME}
    for tag, texts in values.items():
        if same := _SAME.get(tag):
            out.setdefault(same, []).extend(texts)
    _take_meeting(out, wos=_is_of(values, "wos"))
    embase = _is_of(values, "embase")
    _take_affiliations(out)
    for tag, here in (("C5", embase), ("C2", _is_of(values, "scopus"))):
        if here and (numbers := [text for text in out.get(tag, ()) if _NUMBER.fullmatch(text)]):
            out.setdefault("PMID", []).extend(numbers)
            out[tag] = [text for text in out[tag] if text not in numbers]
    for text in out.get("C3", ()):
        out.setdefault("PMID", []).extend(_PUBMED_NUMBER.findall(text[:_MOST]))
    if any(_PUBMED_NUMBER.search(text[:_MOST]) for text in out.get("C3", ())):
        out["C3"] = []  # with Embase's number
    _take_address(out)
    return {tag: texts for tag, texts in out.items() if texts}


def _is_of(values: Values, database: str) -> bool:
    pattern = _DATABASES[database]
    return any(pattern.search(text[:_MOST]) for tag in _NAMING for text in values.get(tag, ()))


def _take_meeting(out: Values, *, wos: bool) -> None:
    """CP is the meeting and CL its place in Web of Science; CP is the issue elsewhere, and CY the place or the days."""
    for text in out.pop("CP", ()):
        if (wos or "CL" in out or _EVENT.search(text)) and not (_ISSUE.fullmatch(text) and "CL" not in out):
            out.setdefault("EVENT", []).append(text)
        elif _ISSUE.fullmatch(text):
            out.setdefault("IS", []).append(text)
        else:
            out.setdefault("CP", []).append(text)
    if out.get("JF") or out.get("JO"):  # ScienceDirect: the title of an issue, “ESMO Congress 2023”
        named = [text for text in out.get("T2", ()) if _EVENT.search(text) and _YEAR.search(text)]
        named = [text for text in named if not journals.is_journal(text)]
        out.setdefault("EVENT", []).extend(named)
        out["T2"] = [text for text in out.get("T2", ()) if text not in named]
    out.setdefault("PLACE", []).extend(out.pop("CL", ()))
    for text in list(out.get("CY", ())) if out.get("EVENT") else ():
        try:
            read_dates(text[:120])
        except ValueError:
            continue
        out["CY"].remove(text)
        out.setdefault("DAYS", []).append(text)


def _take_affiliations(out: Values) -> None:
    """M1 has the affiliations with the names of their authors; AD is then only the address for letters."""
    if found := [text for text in out.get("M1", ()) if _OF_AUTHORS.fullmatch(text)]:
        out["AD"] = found
        out["M1"] = [text for text in out["M1"] if text not in found]


def _take_address(out: Values) -> None:
    """An address in place of a journal becomes one; that of a registry of trials is a registration (`Draft.finish`)."""
    for tag in _JOURNAL:
        addresses = [text for text in out.get(tag, ()) if re.match(r"https?://\S+$", text)]
        if moved := [text for text in addresses if not trials.is_page(text)]:
            out[tag] = [text for text in out[tag] if text not in moved]
            out["UR"] = list(dict.fromkeys([*moved, *out.get("UR", ())]))
