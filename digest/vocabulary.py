"""Words of citations in every language that is read: months, “et al.”, “on behalf of”; and what MeSH adds to all.

`digest.csl` has its own, from the locales of its styles.
"""

from __future__ import annotations

import re
from typing import Final

# --- Months ----------------------------------------------------------------------------------------------------------

MONTHS: Final = tuple(
    """
    January February March April May June July August September October November December
""".split()
)
SHORT_MONTHS: Final = tuple(name[:3] for name in MONTHS)
# The beginning of an English month, for patterns; each adds which endings it allows.
MONTH: Final = f"(?:{'|'.join(SHORT_MONTHS)})"

# Full names without accents in English, German, French, Spanish, Italian and Portuguese; any beginning that no other
# month has is an abbreviation.
_NAMES: Final = (
    "january januar janner janvier enero gennaio janeiro",
    "february februar feber fevrier febrero febbraio fevereiro",
    "march marz maerz mars marzo marco",
    "april avril abril aprile",
    "may mai mayo maggio maio",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august aout agosto",
    "september septembre septiembre setiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro",
)
# Their names abroad, with accents, for patterns in which case does not matter.
MONTH_ABROAD: Final = (
    r"(?:januar|jänner|jaenner|februar|feber|märz|maerz|mai|juni|juli|oktober|dezember"
    r"|janvier|février|fevrier|mars|avril|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre"
    r"|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre"
    r"|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
    r"|janeiro|fevereiro|março|marco|maio|junho|julho|setembro|outubro|novembro|dezembro)(?![^\W\d_])"
)
_NUMBERS: Final = {name: n for n, names in enumerate(_NAMES, 1) for name in names.split()}
_SHORT_NUMBERS: Final = {name.lower(): n for n, name in enumerate(SHORT_MONTHS, 1)}


def month_that_begins(text: str) -> int | None:
    """The number of the English month whose first three letters begin a text: 6 for ``Jun``, ``Juni`` and ``JUNE``."""
    return _SHORT_NUMBERS.get(text[:3].lower())


def english_month(word: str) -> int | None:
    """The number of the English month that a word is, or abbreviates with three letters or more: 9 for ``Sept``."""
    number = month_that_begins(word)
    word = "sep" if word.lower() == "sept" else word.lower()
    return number if number and MONTHS[number - 1].lower().startswith(word) else None


def any_month(word: str) -> int | None:
    """The number of the month that a word is, or abbreviates without doubt, in any of the languages.

    The word is in small letters without accents: 3 for ``marz``, 12 for ``dez``, nothing for ``ma``.
    """
    if word in _NUMBERS:
        return _NUMBERS[word]
    found = {number for name, number in _NUMBERS.items() if name.startswith(word)}
    return found.pop() if len(found) == 1 else 9 if word == "sept" else None


# --- “et al.” --------------------------------------------------------------------------------------------------------

# For patterns. The Latin words, also run together; what else ends a list in English; what ends one elsewhere.
ET_AL: Final = r"et\.? ?al"
AND_OTHERS: Final = rf"\b{ET_AL}\b|\band others\b|\(more\)|…"
AND_OTHERS_ABROAD: Final = r"\[…\]|(?<=\s)u\.\s?a|\bund andere|\bet coll|\bet autres|\by cols?|\by otros"

_FOR_OTHERS: Final = re.compile(rf"(?:and )?(?:others|{ET_AL}\.?)", re.IGNORECASE)


def means_others(name: str) -> bool:
    """Whether a name only says that there are others: ``et al.``, or ``others``, as BibTeX has it."""
    return _FOR_OTHERS.fullmatch(name.strip()) is not None


# --- Groups ----------------------------------------------------------------------------------------------------------

# What is printed before the name of the group that authors write for; for patterns.
ON_BEHALF: Final = (
    r"(?:on|in) behalf of|in collaboration with|representing|im Namen (?:der|des|von)|f[üu]r die|"
    r"au nom (?:de la|de l['’]|du|de|des)|"
    r"pour le(?=\s+groupe)|en (?:nombre|representaci[óo]n) de(?:l| la| los| las)?|em nome d[oae]s?|"
    r"a nome (?:del(?:lo|la|l['’])?|di)|per conto (?:del(?:lo|la|l['’])?|di)|namens (?:de|het)?"
)
# “For” with a capital may begin the name itself.
_BEFORE_GROUP: Final = re.compile(
    rf"(?:and\s+)?(?:(?:{ON_BEHALF})\s+(?:the\s+)?|for\s+the\s+|(?-i:for)\s+)(?=\S)", re.IGNORECASE
)


def group_alone(name: str) -> str:
    """The name of a group without what is printed before it: ``on behalf of the``, ``im Namen der``, ``for the``."""
    return name[match.end() :] if (match := _BEFORE_GROUP.match(name)) else name


# One word of each of these, as it is printed: whoever has none of them need not look for the phrase.
FOR_GROUPS: Final = (
    "behalf",
    "collaboration",
    "representing",
    "Namen",
    "r die",
    "nom d",
    "groupe",
    "nombre",
    "representac",
    "nome d",
    "conto",
    "namens",
)


# --- Numbers of abstracts --------------------------------------------------------------------------------------------

# What is printed before an abstract's number; for patterns. Seen: “Publication Number: S1-01”
# (abstracts of SABCS 2014). The others are usual words of programmes and submission systems, not each tied to a source.
_KINDS_OF_NUMBER: Final = (
    r"final|accepted|oral|e-?poster|poster|mini-?oral|plenary|late[- ]breaking|rapid fire|publication|presentation|"
    r"control|submission|program(?:me)?|tracking|manuscript|paper|abstracts?|abstr?|abs|board|reference|session|proffered"
)
NUMBER_LABEL: Final = (
    rf"(?:(?:{_KINDS_OF_NUMBER})[\s-]){{0,3}}(?:{_KINDS_OF_NUMBER})\b\.?|"
    r"(?:abstract|poster|vortrags?|beitrags?|pr[äa]sentations?)-?\s?(?:nummer|nr)\b\.?|"
    r"(?:vortrag|posterbeitrag|resumen|r[ée]sum[ée]|resumo|riassunto|comunicaci[óo]n|comunica[çc][ãa]o|comunicazione)"
    r"(?:\s(?:oral|orale|p[óo]ster))?(?!\w)|"
    r"(?:n[úu]m[ée]r[oe]|n\.?[º°])\s(?:de\s(?:la\s|l['’])?|d['’]|do\s)?(?:abstract|resumen|r[ée]sum[ée]|resumo|comunicaci[óo]n|p[óo]ster)(?!\w)|"
    r"(?:演題|抄録|发言|摘要|초록|발표)\s?(?:番号|编号|編號|번호)?"
)
NUMBER_WORD: Final = r"(?:(?:nr|nos?|num|number|nummer|id|code)\b\.?|№|[nN]\.?\s?[º°o]\.?(?=[\s\dA-Z]))"


# --- MeSH ------------------------------------------------------------------------------------------------------------

# NLM's check tags (MEDLINE Indexing Manual, chapter 18): whom a study is about, given to every article and not a
# subject of it.
CHECK_TAGS: Final = frozenset(
    name.strip().casefold()
    for name in """
    Humans | Animals | Male | Female | Infant, Newborn | Infant | Child, Preschool | Child | Adolescent | Young Adult |
    Adult | Middle Aged | Aged | Aged, 80 and over | Pregnancy | Cats | Cattle | Chick Embryo | Cricetinae | Dogs |
    Guinea Pigs | Horses | Mice | Rabbits | Rats | Sheep | Swine
""".split("|")
)
_ALWAYS_GIVEN: Final = frozenset({"humans", "animals", "male", "female"})


def without_check_tags(keywords: tuple[str, ...]) -> tuple[str, ...]:
    """Keywords without NLM's check tags.

    One of the first four is in every list of them. Where there is none, “Pregnancy” or “Mice” are an author's own.
    """
    names = [word.casefold() for word in keywords]
    if _ALWAYS_GIVEN.isdisjoint(names):
        return keywords
    return tuple(word for word, name in zip(keywords, names, strict=True) if name not in CHECK_TAGS)
