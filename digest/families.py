"""Which words of a name are the family name, as names that are frequent in a country show it."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

Order = Literal[
    "", "Hungarian", "Eastern", "Western", "initials"
]  # what the other names of a list show of the order of one

# In small letters without accents. Sources: the hundred most frequent names of China (Ministry of Public Security 2020)
# and of Korea (census 2015) with spellings of Hong Kong and Taiwan; of Vietnam; of Hungary (Ministry of the Interior
# 2020) with its most frequent given names; of Spain (INE 2022).
CHINESE_FAMILIES: Final = frozenset(
    """
        wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he gao lin luo zheng liang xie song tang
        han feng deng cao peng zeng xiao tian dong pan yuan cai jiang yu du ye cheng wei su lu ding ren yao shen
        zhong jin cui tan fan shi liao jia xia fu fang zou xiong bai meng qin qiu hou yin xue yan lei tao mao hao
        gong shao wan qian dai kong xiang lv
    """.split()
)
KOREAN_FAMILIES: Final = frozenset(
    """
        kim lee park choi jung jeong kang cho yoon yun jang lim han oh seo shin kwon hwang ahn song ryu yoo hong
        jeon ko koh moon yang bae baek heo nam noh joo cha
    """.split()
)
CANTONESE_FAMILIES: Final = frozenset(
    """
        chan wong cheung lau leung lam ng chow yip kwok tsang yeung hui mak fung poon lai tse chiu hsu hsieh tsai
        chang chiang kuo chuang chou tsui kwan yuen lui chu
        tan goh teo toh koh ong chua yeo chia
    """.split()
)
EAST_ASIAN_FAMILIES: Final = CHINESE_FAMILIES | KOREAN_FAMILIES | CANTONESE_FAMILIES
VIETNAMESE_GIVEN: Final = frozenset(
    """
        minh duc huu ngoc quang thanh xuan hong anh tuan hung dung hoa lan mai phuong thao trang linh huong hien hai
        long nam son khanh bich thuy thu cong dinh trong viet quoc bao hieu hoai nhung nga thang trung tien tam an binh
    """.split()
)
VIETNAMESE_FAMILIES: Final = frozenset("nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly".split())
HUNGARIAN_FAMILIES: Final = frozenset(
    """
        nagy kovacs toth szabo horvath varga kiss molnar nemeth farkas balogh papp takacs juhasz lakatos meszaros
        olah racz fekete szilagyi torok feher gal szucs kis kocsis pinter fodor orsos szalai sipos gulyas biro
        kiraly katona balog boros varadi fazekas orosz somogyi fulop veres budai hegedus deak pap szoke lengyel
        bognar bodnar voros vass hajdu virag barta halasz kozma pasztor bakos dudas nemes novak soos szekely benko
        barna balla farago kerekes borbely szekeres csonka hegedus berkes szanto bartok kun vadasz gombos szollosi
    """.split()
)
HUNGARIAN_GIVEN: Final = frozenset(
    """
        laszlo istvan jozsef janos zoltan sandor gabor ferenc attila peter tamas zsolt tibor andras csaba imre lajos
        gyorgy balazs gyula mihaly karoly robert bela daniel krisztian norbert miklos adam david bence mate levente
        balint akos geza arpad szabolcs gergely gergo viktor zsombor dezso erno jeno marton kornel maria erzsebet
        katalin eva ilona anna zsuzsanna margit judit agnes andrea erika julianna ildiko krisztina iren monika edit
        eszter gabriella anita magdolna zsofia reka nora orsolya timea beata tunde melinda boglarka viktoria gyongyi
        eniko emese csilla aniko marta piroska klara zsuzsa szilvia agota dora kinga vera hajnalka bernadett
    """.split()
)
# Names of Spain that are not Portuguese as well, and all of both.
SPANISH_FAMILIES: Final = frozenset(
    """
        garcia fernandez gonzalez rodriguez lopez martinez sanchez perez gomez jimenez ruiz hernandez diaz moreno
        munoz alvarez romero gutierrez dominguez vazquez ramirez ortega rubio sanz nunez iglesias garrido castillo
        guerrero mendez gallego marquez herrera pena cabrera fuentes carrasco caballero hidalgo gimenez ibanez
        benitez saez velasco parra gallardo rojas suarez ortiz villanueva llorente carballo
    """.split()
)
IBERIAN_FAMILIES: Final = SPANISH_FAMILIES | frozenset(
    """
        navarro torres ramos gil serrano blanco molina morales delgado castro marin medina cortes santos lozano cano
        prieto cruz calvo vidal leon flores campos vega diez reyes nieto aguilar pascual santana herrero montero
        lorenzo ferrer duran mora vargas arias carmona crespo roman pastor soto moya soler esteban bravo rivera
        silva costa
    """.split()
)
# Given names that are frequent in English-speaking countries, Germany, France, Spain, Italy, Portugal, the Netherlands,
# the Nordic countries and elsewhere, without those that are cities or frequent family names as well.
GIVEN: Final = frozenset(
    """
        james john robert michael william richard joseph charles christopher daniel matthew anthony mark donald steven
        andrew paul joshua kenneth kevin brian george timothy ronald edward jeffrey jacob gary nicholas eric jonathan
        stephen larry justin benjamin samuel gregory alexander patrick peter frank raymond jack dennis jerry henry
        mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy sandra ashley emily
        kimberly margaret donna michelle carol amanda melissa deborah stephanie rebecca laura helen sharon cynthia
        kathleen amy angela shirley anna brenda pamela emma nicole samantha katherine christine debra rachel carolyn
        janet catherine maria heather diane ruth julie olivia joyce judith lauren hannah megan andrea cheryl
        thomas wolfgang klaus juergen jurgen dieter manfred uwe bernd rainer stefan andreas jens matthias sabine petra
        monika ursula renate heike birgit claudia anja katrin ulrike katharina johannes lukas tobias florian
        jean pierre philippe michel nicolas christophe francois laurent stephane olivier sebastien julien frederic
        guillaume thierry pascal eric marie nathalie isabelle sylvie catherine francoise valerie sophie celine aurelie
        antonio jose manuel francisco juan javier carlos miguel jesus alejandro rafael pedro angel fernando luis pablo
        sergio jorge alberto ramon enrique vicente carmen josefa isabel dolores pilar teresa ana cristina marta lucia
        mercedes elena raquel rosario paula silvia beatriz ines giuseppe giovanni francesco mario luigi roberto stefano
        alessandro andrea marco matteo luca paolo giulia chiara francesca valentina alessia federica silvia joao
        paulo lucas gabriel marcos rodrigo ricardo eduardo fernanda juliana mariana jan pieter willem hendrik johanna
        erik lars anders johan karin ingrid kristina mikael mohammed mohamed muhammad ahmed ali fatima hiroshi takashi
        kenji yuki akira sergey alexey dmitry vladimir natalia olga tatiana irina ekaterina tomasz krzysztof agnieszka
    """.split()
)


EASTERN_FAMILIES: Final = EAST_ASIAN_FAMILIES | VIETNAMESE_FAMILIES


_FIRST: Final = EASTERN_FAMILIES | HUNGARIAN_FAMILIES


def folded(word: str) -> str:
    """A word in small letters without accents."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFD", word.lower().replace("đ", "d"))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def is_spanish_pair(first: str, second: str) -> bool:
    """Whether two words are a father's and a mother's name: both are frequent in Spain, one is not Portuguese."""
    names = {folded(first), folded(second)}
    return names <= IBERIAN_FAMILIES and not names.isdisjoint(SPANISH_FAMILIES)


# --- Family names that come first ------------------------------------------------------------------------------------

# A syllable of a Korean or Chinese given name in Latin letters, and one of pinyin.
_SYLLABLE: Final = r"(?:[bcdfghjklmnpqrstwxyz]{0,2}(?:[aeiouy]{1,3})(?:ng?|r|k|l|m|p|t|h|w)?)"
_PINYIN: Final = (
    r"(?:(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?(?:ai?|a?ng?|ang|ao|ei?|en|eng|ia|ian|iang|iao|ie|in|ing|iong|iu|i|ong|ou?|"
    r"u|ua|uai|uan|uang|ue|ui|un|uo))"
)
_TWO_SYLLABLES: Final = re.compile(rf"{_SYLLABLE}[-‐]{_SYLLABLE}", re.IGNORECASE)
_TWO_OF_PINYIN: Final = re.compile(rf"(?=\w{{5}}){_PINYIN}{{2}}", re.IGNORECASE)
_PINYIN_ALONE: Final = re.compile(_PINYIN, re.IGNORECASE)
_VIETNAMESE: Final = re.compile(
    "[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE
)  # with marks that Vietnamese has
_ONE_SYLLABLE: Final = re.compile(_SYLLABLE, re.IGNORECASE)


def family_words(words: list[str], *, doubtful: bool = True) -> int:
    """How many words at the beginning of a name are the family name, where something shows that it comes first."""
    if not 2 <= len(words) <= 5:
        return 0
    first, last = folded(words[0]), folded(words[-1])
    if words[0].endswith("né") and last in HUNGARIAN_GIVEN and len(words) > 2:  # Kovácsné Kis Anna: Kovács's wife
        return without_given(words)
    if first not in _FIRST or any("." in word or len(word) < 2 for word in words):
        return 0
    if last in HUNGARIAN_GIVEN:
        return without_given(words) if first in HUNGARIAN_FAMILIES else 0
    rest = words[1:]
    if first in VIETNAMESE_FAMILIES and len(words) > 2 and last not in EASTERN_FAMILIES:
        second = folded(words[1])
        if second in {"thi", "van"} or all(folded(word) in VIETNAMESE_GIVEN for word in rest):
            return 1
        if (second in VIETNAMESE_FAMILIES and len(words) > 3) or _VIETNAMESE.search(" ".join(words)):
            return 1
    if first not in EAST_ASIAN_FAMILIES or last in EAST_ASIAN_FAMILIES:
        return 0
    if len(rest) == 1 and _TWO_SYLLABLES.fullmatch(rest[0]):
        return 1
    if not doubtful:  # “Chen Shani” among names of other countries
        return 0
    if (
        len(rest) == 1
        and first in CHINESE_FAMILIES
        and _TWO_OF_PINYIN.fullmatch(rest[0])
        and not _PINYIN_ALONE.fullmatch(rest[0])
    ):
        return 1
    if len(rest) == 2 and first in KOREAN_FAMILIES | CANTONESE_FAMILIES and all(map(_ONE_SYLLABLE.fullmatch, rest)):
        return 1
    return 0


def without_given(words: list[str]) -> int:
    """How many words are the family name where given names are at the end: two in ``Takácsi Nagy Zoltán``."""
    given = 0
    while given < len(words) - 1 and folded(words[-1 - given]) in HUNGARIAN_GIVEN:
        given += 1
    return len(words) - given


def orders_of(names: list[str]) -> tuple[Order, ...]:
    """For each name of a list whether its family name comes first: where two show it and none shows the contrary."""
    lists = [name.split() for name in names]
    sure = [family_words(words) for words in lists]
    if len(lists) < 2 or not any(sure):
        return tuple("" for _ in names)
    hungarian = [len(words) > 1 and folded(words[-1]) in HUNGARIAN_GIVEN for words in lists]
    if any(n and h for n, h in zip(sure, hungarian, strict=True)):
        contrary = any(
            len(words) > 1 and folded(words[0]) in HUNGARIAN_GIVEN and folded(words[-1]) not in HUNGARIAN_GIVEN
            for words in lists
        )
        return tuple("Hungarian" if h and not contrary else "" for h in hungarian)
    firsts = [len(words) > 1 and folded(words[0]) in EASTERN_FAMILIES for words in lists]
    lasts = [len(words) > 1 and folded(words[-1]) in EASTERN_FAMILIES for words in lists]
    if any(last and not first for first, last in zip(firsts, lasts, strict=True)) or 2 * sum(firsts) < len(firsts):
        return tuple("Western" for _ in names)
    return tuple("Eastern" if first else "" for first in firsts)
