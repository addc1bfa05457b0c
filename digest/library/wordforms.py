"""Other forms of an English word that a search also looks for: British and American spellings, singular and plural."""

from __future__ import annotations

import re
from typing import Final

# British and American, as in the Oxford and Merriam-Webster dictionaries and in the entry terms of MeSH; the parts of
# words that differ. Only forms that the library has are looked for, so that those which are not words do no harm.
_SPELLINGS: Final[tuple[tuple[str, str], ...]] = (
    *((f"{stem}our", f"{stem}or") for stem in "tum col behavi lab fav harb od hum neighb vap rig vig".split()),
    *((f"{stem}tre", f"{stem}ter") for stem in "cen li goi ti".split()),
    *((f"{stem}re", f"{stem}er") for stem in "fib calib met".split()),
    *((f"{stem}ll", f"{stem}l") for stem in "labe mode signa channe counse tunne trave leve cance".split()),
    *((f"{stem}ogue", f"{stem}og") for stem in "anal catal dial hom".split()),
    ("haem", "hem"),
    ("aemi", "emi"),
    ("paed", "ped"),
    ("aesth", "esth"),
    ("gynaec", "gynec"),
    ("caes", "ces"),
    ("caec", "cec"),
    ("faec", "fec"),
    ("aetio", "etio"),
    ("naev", "nev"),
    ("palaeo", "paleo"),
    ("chimaer", "chimer"),
    ("orthopaed", "orthoped"),
    ("anaer", "aner"),
    ("oesoph", "esoph"),
    ("oedem", "edem"),
    ("oestr", "estr"),
    ("oest", "est"),
    ("foet", "fet"),
    ("coeli", "celi"),
    ("rrhoe", "rrhe"),
    ("pnoe", "pne"),
    ("homoeo", "homeo"),
    ("amoeb", "ameb"),
    ("manoeuv", "maneuv"),
    ("leuco", "leuko"),
    ("sulph", "sulf"),
    ("mould", "mold"),
    ("ageing", "aging"),
    ("grey", "gray"),
    ("programme", "program"),
    ("licence", "license"),
    ("defence", "defense"),
    ("practise", "practice"),
    ("neurone", "neuron"),
    ("aluminium", "aluminum"),
)
_ENDINGS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"(?<=\w{3})is(?=(?:e[drs]?|ers|ing|ations?)$)"), "iz"),
    (re.compile(r"(?<=\w{3})iz(?=(?:e[drs]?|ers|ing|ations?)$)"), "is"),
    (re.compile(r"(?<=\wl)ys(?=(?:e[drs]?|ers|ing)$)"), "yz"),
    (re.compile(r"(?<=\wl)yz(?=(?:e[drs]?|ers|ing)$)"), "ys"),
)
_PLURALS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), other)
    for pattern, other in (
        (r"(?<=[^aeiou])y$", "ies"),
        (r"(?<=[^aeiou])ies$", "y"),
        (r"(?:(?<=[sxz])|(?<=ch)|(?<=sh))$", "es"),
        (r"(?:(?<=[sxz])|(?<=ch)|(?<=sh))es$", ""),
        (r"(?<=[^siu])s$", ""),
        (r"(?<=[^s])$", "s"),
        (r"is$", "es"),
        (r"es$", "is"),
        (r"um$", "a"),
        (r"a$", "um"),
        (r"us$", "i"),
        (r"i$", "us"),
        (r"a$", "ae"),
        (r"ae$", "a"),
        (r"a$", "ata"),
        (r"ata$", "a"),
        (r"ion$", "ia"),
        (r"ia$", "ion"),
        (r"[ei]x$", "ices"),
        (r"ices$", "ix"),
        (r"ices$", "ex"),
    )
)
_IRREGULAR: Final = (
    ("man", "men"),
    ("woman", "women"),
    ("child", "children"),
    ("mouse", "mice"),
    ("foot", "feet"),
    ("tooth", "teeth"),
    ("phenomenon", "phenomena"),
)
_MOST: Final = 40


def spellings(word: str) -> list[str]:
    """The word, in small letters, as it or its beginning is spelt on the other side of the Atlantic."""
    found = {word: None}
    for _ in range(3):  # “haemorrhoea” differs in two places
        for one in list(found):
            for british, american in _SPELLINGS:
                found.update(((one.replace(british, american), None), (one.replace(american, british), None)))
            found.update((pattern.sub(other, one), None) for pattern, other in _ENDINGS)
            if len(found) > _MOST:
                break
    del found[word]
    return list(found)[:_MOST]


def forms(word: str) -> list[str]:
    """Other spellings of the word, which is in small letters, and the singular or plural of each."""
    found: dict[str, None] = {}
    for one in (word, *spellings(word)):
        found[one] = None
        found.update((pattern.sub(other, one), None) for pattern, other in _PLURALS if pattern.search(one))
        for singular, plural in _IRREGULAR:
            if one in (singular, plural):
                found.update(((singular, None), (plural, None)))
    found.pop(word, None)
    return list(found)
