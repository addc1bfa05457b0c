"""The number printed with the title of a meeting abstract: which societies number how, and what only looks so."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from digest.vocabulary import NUMBER_LABEL, NUMBER_WORD

if TYPE_CHECKING:
    from collections.abc import Container

Digits = Literal["", "as a rule", "certainly"]


class Numbering(Struct, frozen=True, kw_only=True):
    """How a society numbers its abstracts, besides numbers that are digits alone.

    Attributes:
        society: short name, as in ``digest/cite/societies.yaml``; several are separated by blanks.
        forms: pattern of a number.
        source: numbers that were seen, and where.
        certain: pattern of those among them that are nothing else before a title, whatever is known of the record.
        joined: whether the society's publisher deposits titles without a space after the number (``678PThe``).
        digits: whether it numbers with digits alone as well.
        alone: whether others, which are not known to follow it, do not number so.
    """

    society: str
    forms: str
    source: str
    certain: str = ""
    joined: bool = False
    digits: bool = False
    alone: bool = False


_DAYS: Final = "SUN|MON|TUE|WED|THU|FRI|SAT"
_DAY_SHORT: Final = "(?:Su|Mo|Tu|We|Th|Fr|Sa)"
# In the order of the alphabet: societies, forms, certain ones among them, traits, and numbers that were seen. A form
# that a society has given up stays in its row, for its old abstracts are still read.
_ROWS: Final = (
    (
        "AACR",
        r"CT\d{3}|SY\d\d-\d\d|N[DG]\d\d|IA-?\d{2,3}|PR-?\d{2,3}|LB-?[A-C]?\d{2,3}|PO-\d{3}",
        r"LB-[A-C]?\d{2,3}",
        "digits",
        "CT037, LB-103, LB-B013, 4843; PO-001 and B072 of special conferences",
    ),
    ("AACR", r"[A-C]\d{3}", "", "alone", "B072, 10.1158/1538-7445.OVARIAN23-B072"),
    (
        "AAN",
        r"[PSNI]\d{1,2}(?:[.-]\d{1,2})?\.\d{3}|PL\d\.\d{3}",
        r"[PS]\d{1,2}\.\d{3}",
        "digits",
        "P5.123, S12.003, 1225, Neurology",
    ),
    (
        "AASLD",
        r"\d{1,4}-[A-C]|L[OP]-?\d{1,2}",
        "",
        "digits",
        "“1001-A | …”, Hepatology supplements since 2022",
    ),
    ("ACG", r"[PSE]\d{4}", "", "digits alone", "P0123, S1234, Am J Gastroenterol since 2020; before, 1234"),
    ("ACR", r"L\d\d", "", "digits alone", "0123, 1441, L05, Arthritis Rheumatol"),
    ("ADA", r"\d{1,4}-(?:P|OR|LB|PUB|T)", r"\d{2,4}-(?:OR|P|LB|PUB)", "", "“1234-P: …”, Diabetes 67 (Suppl 1)"),
    (
        "AGA DDW",
        rf"{_DAY_SHORT}\d{{3,4}}",
        rf"{_DAY_SHORT}\d{{3,4}}",
        "digits",
        "Sa1234, Mo1234: Digestive Disease Week counts by the day; orals 123",
    ),
    (
        "AHA",
        r"(?:M|T|W)?M?P\d{1,4}|LBP?-?\d{1,3}",
        "",
        "digits alone",
        "Abstract MP12, Abstract WP123, Stroke and Circulation",
    ),
    ("APDW", r"(?:P|OP|PP)-\d{2,4}|OP-\d\d-\d\d", "", "", "P-0010, OP-01-01, J Gastroenterol Hepatol 32 (S3)"),
    (
        "ASCO",
        r"e\d{5,6}|TPS\d{2,5}|LBA\d{1,5}|CRA\d{3,4}",
        r"e\d{5,6}|TPS\d{3,5}|LBA\d{2,5}|CRA\d{3,4}",
        "digits",
        "e15166, TPS5608, LBA4004, CRA6509, 4021",
    ),
    ("ASH", r"LBA-\d{1,2}|PLENARY-\d", r"LBA-\d{1,2}|PLENARY-\d", "digits", "LBA-3, 766, Blood"),
    (
        "ASN",
        r"(?:TH|FR|SA|SU)-(?:PO|OR)\d{2,4}|PUB\d{3}",
        r"(?:TH|FR|SA|SU)-(?:PO|OR)\d{2,4}|PUB\d{3}",
        "",
        "TH-PO123, PUB123, J Am Soc Nephrol",
    ),
    (
        "ASTRO IDWeek CHEST SITC ACC",
        r"LB-?\d{1,3}",
        "",
        "digits",
        "1031. …, Open Forum Infect Dis; 303 …, J Immunother Cancer",
    ),
    ("ATS", r"A\d{4}", "", "alone", "A4246, Am J Respir Crit Care Med"),
    ("AUA", r"(?:MP|PD|PI|IP|V|PLLBA|LBA)\d{1,2}-\d\d", r"MP\d\d-\d\d|PLLBA-?\d\d", "", "“MP12-34 …”, J Urol"),
    (
        "BSG",
        r"(?:PWE|PTU|PTH|PMO|OC|OTU|OWE|OP)-?\d{2,3}|[OP]\d{1,3}",
        r"(?:PWE|PTU|PTH|PMO|OTU|OWE)-\d{2,3}",
        "",
        "PWE-123, PTH-41, O12, P250, Gut and Thorax",
    ),
    (
        "EASL",
        rf"(?:{_DAYS}|TOP|OS|PS|PO|GS|LBO|LBP|LP)[- ]?\d{{2,4}}(?:-YI)?",
        rf"(?:{_DAYS})-\d{{2,4}}(?:-YI)?|(?:TOP|LBO|LBP|OS|PS)-\d{{2,3}}-YI",
        "",
        "THU-123, PS-079, LBP05, OS-045-YI, J Hepatol",
    ),
    ("EAN", r"(?:EPR|OPR|EPO)-?\d{2,4}", r"(?:EPR|OPR|EPO)-\d{2,4}", "", "EPR-123, Eur J Neurol"),
    ("EASD", r"OP \d{1,3}", "", "digits alone", "#123, 123, Diabetologia"),
    ("ECCO", r"(?:DOP|OP|P|N)\d{2,4}", r"DOP\d{2,3}", "joined", "“P123 …”, J Crohns Colitis"),
    ("ECTRIMS", r"(?:P|O|EP|LB|SC)\d{1,4}(?:\.\d\d)?", "", "alone", "P302, P1234, LB12.03, Mult Scler"),
    ("EHA", r"(?:S|P|PB|PF|PS|E|EP|LB)\d{3,4}", "", "", "S123, P1701, PB1234, HemaSphere"),
    (
        "ENDO",
        rf"(?:{_DAYS}|OR|P(?:{_DAYS}))-?(?:LB)?\d{{1,3}}|OR\d\d-\d|ODP\d{{3}}|RF\d\d-\d\d",
        rf"(?:{_DAYS})-(?:LB)?\d{{1,3}}|P(?:{_DAYS})-?\d{{1,3}}",
        "",
        "SAT-123, OR12-3, J Endocr Soc",
    ),
    ("ERA", r"(?:FP|SP|MP|TO|FO|SO|SaO|MO|FC|P)\d{3}", "", "joined", "“SP123…”, Nephrol Dial Transplant"),
    ("ERS", r"(?:OA|PA|RCT)\d{2,5}|LSC-?\d{4}", r"PA\d{4}|LSC-\d{4}", "", "PA5343, OA1234, Eur Respir J"),
    ("ESC", r"P\d{1,4}", "", "joined digits", "P1466, 1234, Eur Heart J 40 (Supplement_1)"),
    ("ESHRE", r"[OP]-\d{3}", "", "", "P-123, Hum Reprod"),
    (
        "ESMO",
        r"\d{1,4}(?:MO|e?TiP|TIP|eP|PD|INV?|O|P)(?:_PR)?|LBA\d{1,3}(?:_PR)?",
        r"\d{1,4}(?:MO|e?TiP|TIP|eP|PD)(?:_PR)?|\d{3,4}[PO](?:_PR)?|\d{1,2}[PO]_PR|LBA\d{1,3}_PR",
        "joined",
        "854MO, 678P, LBA3_PR, Ann Oncol",
    ),
    (
        "ESMO",
        r"(?:LBA )?(?:SO|O|PD|P|LBA)-\d{1,3}",
        "",
        "",
        "World Congress on Gastrointestinal Cancer: SO-23, LBA O-9",
    ),
    (
        "ESTRO",
        r"(?:PO|OC|EP|SP|PD|MO|PH|PV)-\d{3,4}",
        r"(?:PO|OC|EP)-\d{4}",
        "",
        "PO-1234, OC-0123, EP-1187, Radiother Oncol",
    ),
    (
        "EULAR",
        rf"(?:OP|POS|AB|ABS|LB|LBA|SP|PARE|HPR|{_DAYS})\d{{4}}(?:-(?:HPR|PARE))?",
        rf"(?:OP|POS|AB|{_DAYS})\d{{4}}(?:-(?:HPR|PARE))?",
        "",
        "OP0123, THU0123, AB1234-HPR, Ann Rheum Dis",
    ),
    (
        "IASLC",
        r"(?:OA|MA|MO|O|PL|EP|P|WS|MS|ES|IBS|JCSE|PRE|FP|PC|VS|SP|MTE|MINI|YI|ORAL)\d{1,2}(?:\.\d{1,2}[A-Z]?)?[.-]\d{1,3}[A-Z]?",
        r"(?:OA|MA|PL|EP|JCSE|MINI|ORAL)\d{1,2}\.\d{1,2}[A-Z]?(?:-\d{2,3})?|P\d{1,2}\.\d\d-\d{2,3}",
        "",
        "OA03.05, P1.01-12, EP08.02-123, MINI09.05, J Thorac Oncol",
    ),
    (
        "ISTH",
        rf"(?:OC|PB|LPB|LB|OR|PO|AS|SY)[- ]?\d{{2,4}}(?:\.\d)?(?:-(?:{_DAYS}))?",
        rf"PO\d{{3}}-(?:{_DAYS})|L?PB\d{{4}}|OC \d\d\.\d",
        "",
        "OC 01.1, PB0123, PO123-MON",
    ),
    ("JSMO", r"(?:MO|PO?|EO|AO)\d{1,2}-\d{1,3}", "", "", "MO72-3, P3-074, Ann Oncol"),
    (
        "SABCS",
        r"(?:GS|P|PD|PO|PS|OT|MS|ES|RF|SE|PL|BS)\d{1,2}-\d\d(?:-\d\d)?",
        r"(?:P|PD|PO|PS|OT)\d{1,2}-\d\d-\d\d|(?:GS|PD|PS|OT)\d{1,2}-\d\d",
        "",
        "GS2-08, P1-01-02, PO2-02-05, Cancer Res",
    ),
    ("SNO", r"[A-Z]{4}-\d{1,3}", "", "alone", "ACTR-12, Neuro Oncol"),
    ("UEG", r"(?:OP|P|PP|LB|TP|IP|MP|PC)\d{2,4}", "", "", "OP001, P0001, United European Gastroenterol J"),
    # Of nobody alone.
    (
        "",
        r"(?:P|O|OP|PO|PS|PP|PD|OA|MA|EP|POS|TPS|TIP|OT|OC|OR)-?\d{3,5}|(?:P|O|PO|OP|PS|PP|EP|S|A|PB|OC)-?0\d{1,4}",
        "",
        "",
        "",
    ),
)
NUMBERINGS: Final = tuple(
    Numbering(
        society=society,
        forms=forms,
        certain=certain,
        source=source,
        joined="joined" in traits,
        digits="digits" in traits,
        alone="alone" in traits,
    )
    for society, forms, certain, traits, source in _ROWS
)
CERTAIN: Final = "|".join(f"(?:{row.certain})" for row in NUMBERINGS if row.certain)
_CERTAIN_FORM: Final = re.compile(CERTAIN)
_ALL: Final = re.compile("|".join(f"(?:{row.forms})" for row in NUMBERINGS if not row.alone))
_JOINED: Final = re.compile(
    rf"\s*(?P<bare>(?!(?:[A-Z]-?\d\d?[A-Z]))(?:{'|'.join(row.forms for row in NUMBERINGS if row.joined)}))"
    r"(?<=\w\w\w)(?=[A-Z][a-z]|[A-Z]{2,}[\s,-]|A\s)"
)
_PREFIXES: Final = frozenset(
    """
        P O OP PO PS PP PD OA MA EP POS TPS TIP OT LBA LB CRA CT GS MS ES PL MO SO S PB PF E OC OR AB SAT SUN MON TUE
        WED THU FRI TH FR SA SU PUB TOP LBO LBP LP LO RF DOP N FP SP MP TO FO FC TP IP PC WS IBS JCSE PRE VS MTE MINI
        ORAL PA RCT SY NG ND IA PR V PI AS LPB IS PWE PTU PTH PMO OTU OWE EPR OPR EPO PV PH SE BS AO EPA PT FT
    """.split()
)
_NUMBER: Final = (
    r"(?:(?:LBA|LB|PR)[- ])?[A-Za-z]{0,5}(?:-[A-Z]{1,3}(?=\d))?[ -]?\d(?:[\d.-]{0,8}\d)?(?:-?[A-Za-z]{1,4})?(?:_PR)?"
)
_BARE: Final = (
    rf"(?:LBA[ -](?=[A-Z]))?(?:{_DAY_SHORT}|e|[A-Z]{{0,7}}(?:-[A-Z]{{1,3}}(?=\d))?)[- ]?"
    r"\d(?:[\d.-]{0,8}\d)?(?:-?(?:[A-Z]{1,4}|e?TiP|eP))?(?:-(?:HPR|PARE|YI))?(?:_PR)?"
)
_PREFIX: Final = re.compile(
    rf"\s*(?:[(\[]?(?:Abstract\s*(?:(?:nr|no|number|id)\b\.?)?\s*[:#]?\s*#?|"
    rf"(?:{NUMBER_LABEL})\s*{NUMBER_WORD}\s*[:#])\s?(?P<number>{_NUMBER})[)\]]?\s*[:.|–—-]?\s+(?=\S)"
    # Other words need a sign after the number: “Oral 5 mg”, “Poster 12: …”.
    r"|(?:e?-?poster|paper|oral|presentation|abs(?:tr)?|plenary abstract|"
    r"resumen|r[ée]sum[ée]|resumo|vortrag|comunicaci[óo]n)\b\.?"
    r"(?:\s(?:presentation|abstract|session|communication|discussion))?\s*"
    rf"{NUMBER_WORD}?\s*[:#]?\s*#?(?P<said>{_NUMBER})[)\]]?"
    r"\s?(?:[:|]|\.(?!\d)|[–—-](?=\s))\s*(?=\S)"
    rf"|(?P<open>[(\[])?(?P<mark>(?:#|№|(?:No|Nr)\.)\s?)?(?P<bare>{_BARE})(?(open)[)\]])\s?(?P<sign>[.:|]|\s?[-–—](?=\s))?\s+(?=\S))",
    re.IGNORECASE,
)
# Another number after the first one, and what no title begins with.
_SECOND: Final = re.compile(r"[/|(]\s?#?(?P<number>[A-Z]{0,5}-?\d[\w-]{0,8})\s?\)?\s?[:.|–—-]?\s+(?=\S)")
_BEFORE_TITLE: Final = re.compile(r"^(?:Abstract\s)?Title\s?:\s+(?=\S)")
_NO_TITLE: Final = re.compile(r"[/|,;:&+=]")
_AT_END: Final = re.compile(
    rf"\s?[(\[]?\s?\babs(?:tract|tr?)?\b\.?\s?(?:(?:nr|no|number)\b\.?)?\s?[:#]?\s?#?(?P<number>{_NUMBER})\s?[)\]]?\.?\s?$",
    re.IGNORECASE,
)
# What begins titles and looks like a number: years; proteins and their changes (V600E), clusters of differentiation,
# receptors, viruses and bacteria, none of which is filled up with zeros as PD-017 is;
# isotopes; compounds; trials of cooperative groups (SWOG S1505, ECOG E1912).
_FRIENDS: Final = re.compile(
    r"(?:19|20)\d\d|P(?:1[4-9]|2[1-8]|3[38]|5[0237]|6[235]|7[03]|85|95|300|450)|"
    r"(?:CD|CA|IL|HER|MUC|GLP|PD|PDL|TP|SMAD|HIF|COX|GAL|BRCA|FGFR|VEGFR|PDGFR|CXCR|CCR|TLR|STAT|ERK|AKT|CDK|WNT|SOX|FOX|KRT|CK|"
    r"MMP|TIMP|VIP|PAX|ISL|SSTR|SST|HIV|HPV|HCV|HSV|HHV|COVID|SARS|FGF|IGF|TGF|PAR|MIR|HLA|HSP|BCL|MCL|PARP|SGLT|DPP|FOXP|"
    r"LAG|TIM|PIK|CYP|UGT|NK|TH|GATA|TRAF|SIRT)[- ]?(?!0\d)\d{1,4}[A-Z]{0,2}|P-3[23]|"
    r"(?:Y|I|F|C|H|O|N|Ga|Lu|Tc|Zr|Cu|In|Ra|Sm|Sr|Ac)-?"
    r"(?:3|11|13|14|15|18|64|67|68|89|90|99|111|123|124|125|131|153|177|223|225)[A-Z]{0,2}|"
    r"[TBMC]\d|S100[AB]?|\d+D|\d+-?YEAR|[ACDEFGHIKLMNPQRSTVWY]\d{2,4}[ACDEFGHIKLMNPQRSTVWYX]|O(?:26|104|111|157)|A549|"
    r"[SE]\d{4}|15O|3[23]P|A0\d{5}|PS-?341|PP242|OP-?1250|(?:PD|SP)-?\d{5,8}|B-?12|[A-Z]\d{1,2}N\d"
)
_ISOTOPES: Final = re.compile(
    r"\d{1,3}m?(?:C|F|N|O|P|H|I|Y|In|Ga|Lu|Cu|Zr|Tc|Ra|Sm|Sr|Ac|Re|Rb|Bi|Tl|Xe)", re.IGNORECASE
)
# What is counted, and units: “12 Weeks of …”, “30 Gy in …” have no number before the title.
_COUNTED: Final = re.compile(
    r"(?:years?|months?|weeks?|days?|hours?|hrs?|minutes?|patients?|cases?|subjects?|children|adults|women|men|infants|famil(?:y|ies)|"
    r"consecutive|percent|genes?|fold|tesla|gy|mg|kg|ml|mm|cm|hz|khz|fr|mo|yr|french|gauge|cycles?|doses?|fractions?|steps?|points?|"
    r"dimensional|million|billion|thousand|hundred|decades?|centuries|century|cent(?:er|re)s?|hospitals?|countries|loci|snps?|out|of|"
    r"and|or|to|versus|vs|plus|more|new|novel|common|major|top|key|things|ways|reasons|questions|lessons|times?|item|items|lead|color|"
    r"colour|parameters?|biomarkers?|samples?|specimens?|procedures?|operations?|resections?|transplants?|donors?|pregnancies|"
    r"lutetium|lu|ga|gallium|yttrium|iodine|fdg|fluoro\w*|fluorouracil|fu|methyl\w*|hydroxy\w*|oxo\w*|alpha|beta|year-old|kda|kb|"
    r"channels?|slices?|genomes?|variants?|mutations?|valent|units?|iu|mmhg|states|nations|sites?|studies|trials|papers|articles|"
    r"reports|publications|stages?|arms?|phases?|rows?|letters?|words?|people|persons|pairs?|species|strains?|isolates?|"
    r"degrees?|metres?|meters?|minute|second|seconds|[B-HJ-Zb-hj-z]|i(?=-))\b",
    re.IGNORECASE,
)


class Numbered(Struct, frozen=True, kw_only=True):
    """A number found with a title.

    Attributes:
        number: the number as printed.
        start, end: where in the text the title is.
        second: another number after it, or nothing.
    """

    number: str
    start: int
    end: int
    second: str = ""


def numbered(
    text: str,
    *,
    known: str = "",
    society: str = "",
    proceedings: bool = False,
    supplement: bool = False,
    digits: Digits = "",
    likely: Container[str] = (),
) -> Numbered | None:
    """The number that is printed before or after the title in a text; nothing where none certainly is.

    Args:
        text: what the source calls the title.
        known: the abstract's number, where the source also gives it elsewhere.
        society: short name of the society whose abstracts these are.
        proceedings: whether it is certainly a meeting's abstract.
        supplement: whether it is in a supplement of a journal.
        digits: whether digits alone before a title are its number: certainly, as on a page all of whose titles begin
            so, or as a rule, as in a programme.
        likely: in small letters, what the number may be: the page in a supplement, the end of the DOI.
    """
    match = _PREFIX.match(text)
    if match and not (match["number"] or match["said"]) and not _is_spelled(match):
        match = None
    if match:
        found = match["number"] or match["said"] or match["bare"]
        rest = text[match.end() :]
        second = _SECOND.match(rest)
        if second:  # “P027 / #123 Foo”
            rest = rest[second.end() :]
        if match["number"] or match["said"]:
            rest = _BEFORE_TITLE.sub("", rest)
        same = known.lstrip("# ").casefold() == found.casefold()
        if (
            rest
            and not _NO_TITLE.match(rest)
            and (
                match["number"]
                or same
                or (not known and match["said"] and (proceedings or supplement))
                or (
                    not known
                    and match["bare"]
                    and (
                        _shows_itself(match, rest, likely)
                        or _expected(
                            match, rest, society, proceedings=proceedings, supplement=supplement, digits=digits
                        )
                    )
                )
            )
        ):
            return Numbered(
                number=known or found,
                start=len(text) - len(rest),
                end=len(text),
                second=second["number"] if second else "",
            )
    elif "abs" in text.lower() and (match := _AT_END.search(text)):
        return Numbered(number=known or match["number"], start=0, end=match.start())
    if (
        not known
        and (proceedings or supplement)
        and (match := _JOINED.match(text))
        and not _FRIENDS.fullmatch(match["bare"])
    ):
        return Numbered(number=match["bare"], start=match.end(), end=len(text))
    if (match := _HYPHENATED.match(text)) and known.lstrip("# ") in {"", match["code"]}:
        return Numbered(number=known or match["code"], start=match.end(), end=len(text))
    if (match := _CODE.match(text)) and known.lstrip("# ") in {"", match["code"]} and _is_code(match):
        return Numbered(number=known or match["code"], start=match.end(), end=len(text))
    if (match := _SET_OFF.match(text)) and known.lstrip("# ") in {"", code := match["code"] or match["digits"]}:
        letters = code.rstrip("-0123456789")
        usual = letters in _GENERAL or not _FRIENDS.fullmatch(code)
        if usual and len(letters) < 2 + 9 * (letters in _PREFIXES | _GENERAL) and not _NOT_SET_OFF.fullmatch(code):
            return Numbered(number=known or code, start=match.end(), end=len(text))
    return None


# Numbers whose form alone says what they are, whoever prints them and whatever else is known of the record.
_CODE: Final = re.compile(
    r"\s*(?P<code>(?=[A-Za-z\d._-]{0,20}\d(?:\s|[.:|]\s))(?=[\d._-]{0,12}[A-Za-z])"
    r"[A-Za-z\d]{1,10}(?:[-._][A-Za-z\d]{1,6}){0,3})"
    r"(?P<sign>\s?[.:|](?=\s)|\s[–—-](?=\s))?\s+(?=[^\W_a-z]|[¿¡“\"‘«„])"
)
# A hyphen joins number and title, “FRI-384-Noninvasive …”: only after a day, or a number filled up with zeros, for
# “PD-1-Positive” and “IL-17-Producing” are words.
_HYPHENATED: Final = re.compile(
    rf"\s*(?P<code>(?:{_DAYS})-?\d{{2,4}}(?:-YI|(?!-YI\b))|(?:P|O|OP|PO|PP|PS|PD|EP|OC)-0\d{{1,3}})(?:\s?[-–—:]\s?|\s)(?=[A-Z])"
)
# Letters and digits in brackets of their own, and digits that are filled up with zeros: “[V31] Title”, “0214 Title”.
_SET_OFF: Final = re.compile(
    r"\s*(?:(?P<open>[(\[])(?P<code>[A-Z]{1,5}-?\d{2,4})(?(open)[)\]])|(?P<digits>0\d{2,4}))"
    r"\s?[.:|]?\s+(?=[^\W\d_a-z]|[¿¡“\"‘«„])"
)
# Isotopes, fullerenes, particles, cell lines, masks; the number of a serotype whose letter O became a zero.
_NOT_SET_OFF: Final = re.compile(
    r"(?:Y|I|F|C|H|O|N|P)-?(?:11|13|14|15|18|32|33|89|90|12[345]|131)|C[67]0|PM\d\d|[EKUN](?:10|562|87|937|251|95)|0157|0+"
)
_GENERAL: Final = frozenset("P O OP PO PP PT EP OC OR CO PC LBA LB EPO EPS EPP".split())
# Letters before digits that are a protein's or a virus's, or a group's that numbers its trials: RTOG-0617, AALL0232.
_STUDIES: Final = re.compile(
    r"(?:CD|CA|IL|HER|PD|PDL|GLP|HLA|HIV|HPV|HCV|COVID|SARS|TGF|FGF|IGF|CYP|MIR|PSMA|H\dN|"
    r"RTOG|NRG|SWOG|CALGB|ECOG|EA|NSABP|GOG|EORTC|JCOG|NCCTG|ACOSOG|HOVON|TROG|CCTG|NCIC|AGITG|WJOG|KGOG|ENGOT|GEM|ACTG|HPTN|HVTN|"
    r"ANRS|MTN|NCT|ISRCTN|DRKS|EUCTR|CTRI|UMIN)[-._]?\w{0,2}\d|A[A-Z]{3}\d\d|\d{1,3}m?[A-Z][a-z]?[-._]",
    re.IGNORECASE,
)


def _is_code(match: re.Match[str]) -> bool:
    """Whether ``ePS-031.``, ``OALBB0103 –`` or ``P-05-031`` before a title is an abstract's number.

    Two groups of digits, of which the last has a leading zero or three digits, say so by themselves; a leading zero
    needs a sign after it, other than the colon that follows compounds (``ALK-001: …``); other digits also need a
    prefix that many societies have (``P-17. …``), or four capitals and a stop.
    """
    code, sign = match["code"], (match["sign"] or "").strip()
    groups = re.findall(r"\d+", code)
    last = groups[-1]
    letters = (re.match(r"[A-Za-z]*", code) or match)[0]
    if _FRIENDS.fullmatch(code) or _STUDIES.match(code) or re.fullmatch(r"(?:19|20)\d\d", last):
        return False
    if not (letters.lstrip("e").isupper() or code[0].isdigit()):
        return False  # a word: “Keynote-001”
    if len(groups) > 1 and (last[0] == "0" or (len(last) > 2 and re.search(r"\d[-._]\d+$", code))) and len(last) > 1:
        return True
    if sign == "." and re.fullmatch(r"[A-Z]{4}-\d{2,3}", code):
        return True  # “CTIM-25. Title” of SNO, by the categories of its programmes; trials have a colon after them
    general = letters.upper() in _GENERAL
    if last[0] == "0" and len(last) > 2:
        return sign in {".", "|", "–", "—", "-"} or (general and bool(sign))
    return general and bool(sign) and sign != ":" and code[len(letters)] in "-._"


def is_joined(text: str) -> bool:
    """Whether a text begins with a number that a hyphen sets apart or joins to the title: ``FRI-384 - Ducks``."""
    return _HYPHENATED.match(text) is not None


def is_known_word(text: str) -> bool:
    """Whether what looks like a number is a protein, an isotope, a compound or a trial: ``PD-1``, ``P-32``."""
    return _FRIENDS.fullmatch(text) is not None


def _is_spelled(match: re.Match[str]) -> bool:
    """Whether the letters of a bare number are in the case of one; the pattern as a whole knows no case."""
    return re.fullmatch(_BARE, match["bare"]) is not None


def _shows_itself(match: re.Match[str], rest: str, likely: Container[str]) -> bool:
    """Whether ``FRI-384`` or ``1001-A |`` before a title is a number, whoever prints it; or what it may be elsewhere.

    It may be a name all the same: ``2020 | …`` is a year.
    """
    number = match["bare"]
    if not re.match(r"[^\W_a-z]|[a-z]{1,4}[-A-Z0-9]", rest) or _FRIENDS.fullmatch(number):
        return False
    named = _STUDIES.match(number) is not None
    if (
        not named
        and number.casefold() in likely
        and (not number.isdigit() or len(number) > 2)
        and not _COUNTED.match(rest)
    ):
        return True
    barred = (match["sign"] or "").strip() == "|" and (number.isdigit() or _ALL.fullmatch(number))
    return bool(barred) or _CERTAIN_FORM.fullmatch(number) is not None


def _expected(
    match: re.Match[str], rest: str, society: str, *, proceedings: bool, supplement: bool, digits: Digits
) -> bool:
    """Whether ``F49.`` or ``P017`` before a title is an abstract's number."""
    number = match["bare"]
    first = re.match(r"[^\W\d_]+", rest)
    if first and first[0][0].islower() and len(first[0]) != 2 and not re.match(r"[a-z]{1,4}[-A-Z0-9]", rest):
        # “P16 - a marker”, “2014: a year in …”; after a number a title begins with a capital, or with “pH”, “mRNA”.
        return False
    if number.isdigit() and match["open"] and (proceedings or supplement):
        # “(456) Title” of ISHLT, J Heart Lung Transplant 41 (4 Suppl)
        return 1 < len(number) < 5 and not re.fullmatch(r"(?:19|20)\d\d", number)
    if number.isdigit() and digits and (match["mark"] or match["sign"] or (first and first[0][0].isupper())):
        if digits == "certainly":
            return True
        counts = not match["sign"] and (len(number) < 2 or _COUNTED.match(rest))
        return not counts and not re.fullmatch(r"(?:19|20)\d\d", number)
    lettered = re.search(r"[A-Za-z]", number) is not None
    if not lettered and (match["mark"] or "").startswith("#"):
        return proceedings or supplement  # “#123 Title” of EASD and of AACR until 2010
    if not (proceedings or (lettered and supplement)):
        return False
    signed = bool(match["mark"]) or (match["sign"] or "").strip() in {".", ":", "|", "-", "–", "—"}
    rows = [row for row in NUMBERINGS if not set(row.society.split()).isdisjoint(society.split())]
    own = any(re.fullmatch(row.forms, number) for row in rows)
    if own and signed:
        return True
    bare = re.sub(r"(?<=[A-Za-z])[- ](?=\d+[A-Z]*$)", "", number)
    if _FRIENDS.fullmatch(number) or _FRIENDS.fullmatch(bare) or (match["open"] and _ISOTOPES.fullmatch(number)):
        return False
    if own or (lettered and _ALL.fullmatch(number)):
        return True
    prefix = re.match(rf"(?:LBA[ -])?({_DAY_SHORT}|[A-Za-z]*)", number)
    letters = prefix[1] if prefix else ""
    if match["open"] or " " in number:
        return False
    if not signed and not lettered and supplement and any(row.digits for row in rows):
        return len(number) > 1 and _COUNTED.match(rest) is None
    return signed and (len(letters) < 2 or letters in _PREFIXES)


def is_number(text: str) -> bool:
    """Whether a text is no more than an abstract's number."""
    return (text.isdecimal() and len(text) < 7) or (_ALONE.fullmatch(text) is not None and not _FRIENDS.fullmatch(text))


_ALONE: Final = re.compile(rf"(?:[A-Z]{{0,5}}|e|{_DAY_SHORT})-?\d{{1,6}}")


def decoded_text(text: str) -> str:
    """A text with its entities decoded, also those escaped twice: ``&amp;`` and ``&amp;amp;`` are ``&``."""
    for _ in range(2):
        if "&" not in text:
            break
        text = _ENTITY.sub(lambda match: unescape(match[0]), text)
    return text


_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,30});")


def read_title(text: str, *, society: str = "") -> tuple[str, str]:
    """Title and number of a meeting abstract as a programme prints them; the number is empty where there is none.

    ``Abstract 4843: NMS-P293, …``, ``854MO Avelumab …``, ``P1466Can physicians …``, ``766 Tisagenlecleucel …``.
    """
    text = " ".join(decoded_text(text).split())
    found = numbered(text, society=society, proceedings=True, digits="as a rule")
    return (text[found.start : found.end].strip(), found.number) if found else (text, "")
