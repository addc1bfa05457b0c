"""Languages as people name them, their tags, and the way they run: “Deutsch” is de, “de_DE” is de-DE, ar runs left.

The tags are those of BCP 47 (RFC 5646); the names are those that the locales of the Citation Style Language come with,
in the language itself and in English. Scripts are those that Unicode’s CLDR names as likely for a language.
"""

from __future__ import annotations

import difflib
import functools
import re
from typing import TYPE_CHECKING, Final, Literal

from digest import csl

if TYPE_CHECKING:
    from collections.abc import Mapping

# Scripts that are written from right to left (Unicode, property Bidi_Class: R and AL), but for those of antiquity.
_RIGHT_TO_LEFT_SCRIPTS: Final = frozenset("Adlm Arab Aran Gara Hebr Mand Mend Nkoo Rohg Samr Syrc Thaa Yezi".split())
# Languages whose likely script is one of these (CLDR, likelySubtags), and those that have one in some countries.
_RIGHT_TO_LEFT: Final = frozenset(
    """
    aao abh abv acm acq acw acx adf aeb aec aee aeq afb aib aii aij aiq amw apc apd ar arq ars ary arz ask atn
    auj auz avd avl ayh ayl ayn ayp azb bal bdz bej bft bgn bgp bhe bhm bhn bjf bjm bqi brh brk bsh bsk chg cja
    ckb clh czk dcc def deh dgl dmk dml dv esh fa fay faz fia fub gbz ggg gha ghr gig gjk gju glh glk grr gwc
    gwf gwt gzi hac haz hbo he hkh hnd hno hoh hrt hrz hss huy isk itk iw jad jat jbe jbn jdg ji jnd jog jpa jpr
    jrb jye kbu kby kcy kfm khw klj kmz kqd ks ktl kvx kxp lad lah lhs lki lrc lrk lrl lsa lsd lss luv luz mby
    mde mey mfa mfi mhj mid mki mnj mve mvy myz mzb mzn nli nlm nqo ntz nyq oar odk omy oru ota pbt phl phr phv
    plk prc prd prx ps psh psi pst qxq rdb rhg rmt sam sbn scl sd sdb sdf sdg sdh sds sgr sgy shd shm shu shv
    siy siz skr smp smy sqo sqt srh srz ssh sts swb syc syn syr tjo tks tmr tov tra trg trm trw ug ur ush uzs
    vaf vgr vmh wbk wne wni wsv xhe xka xkc xkj xkp xvi ydg yhd yi yih yud zba zdj zrp zum
    """.split()
)
_RIGHT_TO_LEFT_IN: Final = frozenset(
    "az-IQ az-IR ha-CM ha-SD kk-AF kk-CN kk-IR kk-MN ku-IQ ku-IR ku-LB ky-CN ms-CC pa-PK tg-PK uz-AF".split()
)
_TAG: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?")


def tag_of(text: str) -> str:
    """The tag of a language, in its usual spelling; empty where there are no words for that language.

    >>> tag_of("german"), tag_of("Deutsch (Schweiz)"), tag_of("EN"), tag_of("pt_br"), tag_of("Klingon")
    ('de', 'de-CH', 'en', 'pt-BR', '')
    """
    text = " ".join(text.split())
    if found := _names().get(text.casefold()):
        return found
    match = _TAG.fullmatch(text)
    if match is None:
        return ""
    language, script, region = match[1].lower(), (match[2] or "").title(), (match[3] or "").upper()
    return "-".join(filter(None, (language, script, region))) if language in _languages() else ""


def direction(tag: str) -> Literal["ltr", "rtl"]:
    """The way a language runs, from left to right or from right to left: by the script that its tag has or implies.

    >>> direction("ar"), direction("az"), direction("az-Arab"), direction("az-IR"), direction("ar-Latn")
    ('rtl', 'ltr', 'rtl', 'rtl', 'ltr')
    """
    main, *others = tag.split("-")
    main = main.lower()
    script = next((part.title() for part in others if re.fullmatch(r"[A-Za-z]{4}", part)), "")
    region = next((part.upper() for part in others if re.fullmatch(r"[A-Za-z]{2}", part)), "")
    if script:
        return "rtl" if script in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if main in _RIGHT_TO_LEFT or f"{main}-{region}" in _RIGHT_TO_LEFT_IN else "ltr"


def is_known(tag: str) -> bool:
    """Whether there are words for a language, such as the names of its months."""
    return tag.partition("-")[0].lower() in _languages()


def name_of(tag: str) -> str:
    """What a language is called in English and in itself, such as ``German (Deutsch)``; the tag where no name is known.

    >>> name_of("de-CH"), name_of("ur")
    ('German (Deutsch)', 'ur')
    """
    main = tag.partition("-")[0].lower()
    for known, names in csl.locale_names().items():
        if known.split("-")[0] == main:
            own, english = (re.sub(r"\s*\(.*\)$", "", name) for name in names)
            return english if own == english else f"{english} ({own})"
    return tag


def did_you_mean_language(text: str) -> str:
    """``; did you mean “de”?``, or nothing where no language is near."""
    if tag := tag_of(text):
        return f"; did you mean “{tag}”?"
    near = difflib.get_close_matches(text.casefold(), _names(), n=1, cutoff=0.75)
    return f"; did you mean “{_names()[near[0]]}”?" if near else ""


@functools.cache
def _names() -> Mapping[str, str]:
    """The tag of each name, in small letters; a name without its country is the language alone."""
    found: dict[str, str] = {}
    for tag, names in csl.locale_names().items():
        for name in names:
            found[name.casefold()] = tag
            found[re.sub(r"\s*\(.*\)$", "", name).casefold()] = tag.split("-")[0]
    return found


@functools.cache
def _languages() -> frozenset[str]:
    return frozenset(tag.split("-")[0] for tag in csl.locale_names())
