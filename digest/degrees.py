"""Degrees and titles printed with names: before them, after them and between their parts, in many languages."""

from __future__ import annotations

import re
from typing import Final

SUFFIX: Final = re.compile(r"(?:Jr|Sr|Jnr|Snr)\.?|II|III|IV|2nd|3rd|4th", re.IGNORECASE)
_DEGREES: Final = frozenset(
    """
        md phd mdphd dphil msc mph mbbs mbchb mbbch mb bch bs ba bsc ma ms mba mha mhs mpa drph scd dsc dvm dds dmd
        pharmd do rn np pa edd psyd jd llm frcp frcs frcpc frcsc frcpath frcr franzcr fracp fracs facp facs facc
        fasco facg fesc frcpe mrcp mrcs mmed mphil mres med fmedsci habil prof dr professor bsn msn dnp aprn crnp
        fnp rph bcop mclinsci mmsc mscr msce mscph mas mstat cnm rd pt dpt ccrp bmbs bmed mdcm mds bds dm mch dnb
        frcpch frcog facog fahns pgdip bpharm facr fccp fcap fcpath facrs frcem frcophth fafphm fasge facg agaf febs
        febu fhkcp fhkam fams mmedsc mbbchir bmbch bmedsc bmedsci mclinres mbiostat mhsc mhi mpharm pharmbs ccrc
        ccrn ocn cns cpnp whnp lcsw ccc rnbc bcps bcph phdc cand drmed lmft ot otr rpt mot facp facep faap faan
        fapha esq
    """.split()
)
# Titles and degrees that are printed with a stop, in any case, as parts between stops and blanks: “prof. dr hab. n.
# med.”, “Doç. Dr.”, “doc. dr. sc.”, “MUDr. … CSc.”, “dr. univ.”. Sources: German, Austrian, Hungarian, Czech, Slovak,
# Polish, Croatian, Slovene, Serbian, Romanian, Turkish, Dutch, Danish, Swedish, Finnish, Italian, Spanish and
# Portuguese usage.
_WITH_STOP: Final = frozenset(
    """
        dr dra drs dres drmed prof profa profra prf doc mudr mvdr mddr phdr rndr pharmdr judr thdr drsc csc mgr bc
        ing dipl mag prim primar habil hab med univ priv doz pd phil nat rer dent vet biol pharm techn phd md msc
        bsc mph dsc dphil cand stud lek inż inz asist assist asst assoc ass adj konz spec kand lic licd uzm doç yrd
        op öğr üye arş gör conf lect şef șef lucr acad akad dott dottssa ssa sig sra srta dña mme mlle dos docent
        leg läk overlæge oberarzt oa oä chefarzt ifj özv mr mrs ms hr hon rev ir emer sci scient mult hum oec pol
        jur iur theol
    """.split()
)
# … and those of which no stop is needed, also in small letters: no name is spelled so.
_SURE: Final = frozenset(
    """
        dr prof phd mudr mvdr mddr phdr rndr pharmdr judr msc mph bsc mbbs dphil dsc drsc csc ddr profdr
    """.split()
)
# What follows “Dr” or “Prof”: “Dr med”, “Dr. h. c.”, “dr hab. n. med.”.
_OF_A_DOCTOR: Final = frozenset(
    """
        med rer nat phil h c hc n habil sc hum dent vet biol univ pharm techn mult oec pol jur iur theol
    """.split()
)
# Doctors of medicine and sciences in Russian, Ukrainian, Bulgarian and Greek; in East Asian languages.
_OTHER_LETTERS: Final = re.compile(
    r"(?:д\.\s?м\.\s?н|к\.\s?м\.\s?н|д\.\s?б\.\s?н|к\.\s?б\.\s?н|проф|доц|акад|д-р|др|канд|καθ|δρ)\b\.?,?\s*",
    re.IGNORECASE,
)
_HONOURS: Final = re.compile(r"(?<=[\u3040-\u9fff\uac00-\ud7a3])\s?(?:教授|医師|醫師|医生|博士|先生|교수|박사)$")
_PARTED: Final = re.compile(
    r"(?<=[\s,])(?:(Ph|Pharm|Psy|Ed)\.?\s?(D)\b\.?|(M|B)\.\s(Sc)\b\.?)(?=\s?(?:[,;/]|$))", re.IGNORECASE
)
_TITLE: Final = re.compile(
    r"^(?:(?:(?:(?:ao\.\s?)?Univ\.?-?\s?)?Prof(?:essora?|in)?|(?:Assoc(?:iate)?|Ass(?:is)?t(?:ant)?|Adj(?:unct)?|A)[./]?\s?Prof(?:essor)?|"
    r"Dra?|PD(?=\s+Dr)|Priv\.?-?\s?Doz|Mr|Mrs|Ms|Mme|Herr|Frau|Dipl\.?-\w{2,5}|M(?:U|V)Dr|PhDr|RNDr|Dott(?:\.\s?ssa)?|Sir(?=\s\w+\s\w)|"
    r"Dame(?=\s\w+\s\w)|(?:Ing|Doc|Drs|Ir|Mag|Lic|Hon|Rev|Mgr|OA|OÄ|Pr|Sig)(?=\.)|D\.ssa)\b\.?(?:\s+|(?<=\.)(?=\w{3}))"
    r"(?:(?:(?:(?-i:[hc]|hc)|med|rer|nat|phil|dent|vet|sc|hum|biol|habil|mult|pol|oec|ing|univ|iur|jur|theol|pharm|techn)\b\.\s?)+"
    r"(?:(?=\w)|\s))?)+(?=\S)",
    re.IGNORECASE,
)
_BEFORE_NAMES: Final = frozenset(
    "pr dr pd mr ms mm he fr di mu mv ph rn do si da in ir ma li ho re mg oa oä as ad a. a/ un ao d.".split()
)


def is_degree(word: str) -> bool:
    """Whether a word is an academic degree or title after a name: ``MD``, ``Ph.D.``, ``dr.``, ``CSc.``."""
    bare = re.sub(r"[^a-z]", "", word.lower())
    if bare in _DEGREES and not word.islower():
        return True
    return bare in _SURE or (word.endswith(".") and len(word) > 3 and _has_title(word))


def is_degrees(text: str) -> bool:
    """Whether a text is nothing but academic degrees: ``MD, PhD``, ``Dr. med.``."""
    words = re.split(r"[\s,/]+", joined(text).strip())
    if not is_degree(words[0]) and not (len(words) > 1 and words[0].lower() == "cand"):
        return False
    return all(is_degree(word) or word.lower().strip(".") in _OF_A_DOCTOR for word in words[1:])


def joined(text: str) -> str:
    """The text with ``PhD`` for ``Ph. D.`` at the end of a name or a part of it."""
    if "d" not in text[-3:].lower() and "," not in text and "." not in text:
        return text
    return _PARTED.sub(lambda found: "".join(filter(None, found.groups())), text)


def _has_title(word: str) -> bool:
    """Whether all parts of a word between stops are titles: ``dr.``, ``prof.dr.``, ``Doc.MUDr.``."""
    parts = [part for part in re.split(r"[.-]", word.lower()) if part]
    return all(part in _WITH_STOP or part in _OF_A_DOCTOR for part in parts) and not _OF_A_DOCTOR.issuperset(parts)


def without_title(name: str) -> str:
    """A name without the titles before it: ``Prof. Dr. med.``, ``doc. MUDr.``, ``Uzm. Dr.``."""
    if not name.isascii():
        name = _HONOURS.sub("", name)
        while (match := _OTHER_LETTERS.match(name)) and match.end() < len(name):
            name = name[match.end() :]
    words = name.split()
    count = 0
    while count < len(words) - 1 and _is_title_before(words[count], after=count > 0):
        count += 1
    if count:
        name = " ".join(words[count:])
    return _TITLE.sub("", name, count=1) if name[:2].lower() in _BEFORE_NAMES else name


def _is_title_before(word: str, *, after: bool) -> bool:
    if "." in word:
        parts = word.rstrip(".").split(".")
        if after and word.islower() and _OF_A_DOCTOR.issuperset(parts):
            return True
        return len(word) > 2 and (len(parts) > 1 or word.endswith(".")) and _has_title(word)
    return word.lower() in _SURE or (after and word.islower() and word in _OF_A_DOCTOR)


def without_degrees(words: list[str], *, least: int = 2) -> list[str]:
    """The words of a name without degrees after it and titles between: ``Roe Jane dr.``, ``Roe Dr. Jane``."""
    kept = list(words)
    count = len(kept)
    while count > 1 and kept[count - 1].islower() and kept[count - 1].strip(".") in _OF_A_DOCTOR:
        count -= 1  # “Dr med”: dropped only with what is before
    if count < len(kept) and count > 1 and is_degree(kept[count - 1]):
        del kept[count:]
    while len(kept) > 1 and is_degree(kept[-1]) and len(kept[-1].replace(".", "")) > 1:
        if len(kept) <= least and not _is_small_title(kept[-1]):
            break
        kept.pop()
    if len(kept) > 2:
        kept = [kept[0], *(word for word in kept[1:] if not _is_small_title(word))]
    return kept


def _is_small_title(word: str) -> bool:
    """Whether a word is a title wherever it is in a name: ``dr.``, ``Dr.``, ``prof.``."""
    return word.strip(".").lower() in _SURE and (word.endswith(".") or word.islower())
