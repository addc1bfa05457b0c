"""Items of an examination, generated from a seed: a likely item of each type of CSL, and a few things odd about it.

An item is a plain one of its type, as reference managers export it, with one or two oddities: a kind of name, date,
number, text or markup. Citations are generated as well, with all that an author may write around them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from digest.csl.vocabulary import (
    DATE_VARIABLES,
    LOCATORS,
    NAME_VARIABLES,
    NUMBER_VARIABLES,
    STRING_VARIABLES,
    TYPES,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

Item = dict[str, Any]

FAMILIES: Final = (
    "Kuo Lee Chabot Paprottka Hoffmann Löfberg Oberg Nowakowski Fischman Saif John König Gress Cabrera García Smith "
    "Jones Nguyen Okafor Petrov Santos Weber Ito Haddad Ortiz Marsh Quinn Reid Suzuki Tan Ueda Vogel Xu Yilmaz Zhou "
    "Åkerman Östlund Çelik Šimić Żak Ng"
).split()
GIVEN: Final = (
    "Jennifer Anna Muhammad Robert Pirkko Wei Carlos Emeka Sofia Ivan Ngozi Thomas Laura Hiroshi Émile Zoë Olga Max "
    "Ursula Bo Ida Kamal"
).split()
NOUNS: Final = (
    "survival therapy tumor liver metastases analysis trial chemotherapy response predictors quality life outcomes "
    "history theory language city river economy memory climate migration music law protein network water"
).split()
ADJECTIVES: Final = (
    "retrospective randomized advanced pancreatic prospective early modern urban rural comparative digital public "
    "northern open hidden large-scale long-term"
).split()
LINKS: Final = "of in and for with between after under against the a to on from by as".split()
JOURNALS: Final = (
    ("Journal of Clinical Oncology", "J Clin Oncol"),
    ("Surgical Clinics of North America", "Surg Clin North Am"),
    ("Cancer", ""),
    ("HPB", "HPB (Oxford)"),
    ("The Annals of Applied Statistics", "Ann. Appl. Stat."),
    ("Zeitschrift für Soziologie", "Z. Soz."),
    ("Nature", ""),
    ("PLoS ONE", "PLoS One"),
)
PUBLISHERS: Final = (
    "Springer",
    "Cambridge University Press",
    "Sage Publications, Inc.",
    "Éditions du Seuil",
    "O’Reilly Media",
    "Wiley & Sons",
)
PLACES: Final = ("New York", "Cambridge, MA", "Berlin", "São Paulo", "Oxford; New York", "Paris")

# How often each type comes, in proportion; the types that are not named come once.
_LIKELY: Final = {
    "article-journal": 16,
    "book": 8,
    "chapter": 8,
    "paper-conference": 5,
    "thesis": 4,
    "report": 4,
    "webpage": 5,
    "article-newspaper": 4,
    "article-magazine": 3,
    "article": 2,
    "dataset": 2,
    "legal_case": 2,
    "legislation": 2,
    "patent": 2,
    "post-weblog": 2,
    "entry-encyclopedia": 2,
    "manuscript": 2,
    "motion_picture": 2,
    "personal_communication": 2,
    "speech": 2,
    "software": 2,
}
_TYPE_NAMES: Final = sorted(TYPES)
_TYPE_WEIGHTS: Final = [_LIKELY.get(name, 1) for name in _TYPE_NAMES]
_IN_JOURNALS: Final = {"article-journal", "article-magazine", "article-newspaper", "review", "review-book"}
_IN_BOOKS: Final = {"chapter", "entry", "entry-dictionary", "entry-encyclopedia", "paper-conference"}
_ON_THE_WEB: Final = {"webpage", "post", "post-weblog", "dataset", "software", "article"}
# Names, dates and texts that are set anyway, or that processors use for themselves.
_NOT_ADDED: Final = {
    "citation-number",
    "citation-label",
    "citation-key",
    "first-reference-note-number",
    "locator",
    "year-suffix",
    "page-first",
    "abstract",
    "note",
    "annote",
    "language",
    "title",
    "event",
    "event-title",
}
_ADDED: Final = sorted((NAME_VARIABLES | NUMBER_VARIABLES | STRING_VARIABLES | DATE_VARIABLES) - _NOT_ADDED)


# How often something is odd that hardly any real item has, where its kind of oddity is drawn.
RARE: Final = 0.04
_WRITTEN: Final = {
    "zh": (("毛", "王", "李", "欧阳"), ("泽东", "伟", "小明")),
    "ja": (("村上", "佐藤", "鈴木"), ("春樹", "花子", "太郎")),
    "ru": (("Лермонтов", "Иванова", "Толстой"), ("Михаил Юрьевич", "Анна", "Лев Н.")),
}


def phrase(chance: random.Random, least: int = 3, most: int = 9) -> str:
    """A few words as a title has them: a capital at the beginning."""
    words = [chance.choice(ADJECTIVES), chance.choice(NOUNS)]
    wanted = chance.randint(least, most)
    while len(words) < wanted:
        words += [chance.choice(LINKS), *([chance.choice(ADJECTIVES)] if chance.random() < 0.4 else [])]
        words.append(chance.choice(NOUNS))
    text = " ".join(words)
    if chance.random() < 0.25:
        text = text.title()
    return text[0].upper() + text[1:]


def person(chance: random.Random) -> Item:
    """An ordinary name; each second time with a second given name or initial."""
    given = chance.choice(GIVEN)
    if chance.random() < 0.5:
        given += " " + chance.choice((chance.choice(GIVEN), chance.choice("ABCDEFGH") + "."))
    return {"family": chance.choice(FAMILIES), "given": given}


def people(chance: random.Random) -> list[Item]:
    """One to twelve people, mostly few."""
    return [person(chance) for _ in range(chance.choice((1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 12)))]


def full_date(chance: random.Random, parts: int = 0) -> Item:
    """A date of one to three parts."""
    whole = [chance.randint(1950, 2024), chance.randint(1, 12), chance.randint(1, 28)]
    return {"date-parts": [whole[: parts or chance.choice((1, 1, 2, 3, 3))]]}


def plain_item(chance: random.Random, id_: str, type_: str = "") -> Item:
    """An item of a type with the variables that such items have."""
    type_ = type_ or chance.choices(_TYPE_NAMES, _TYPE_WEIGHTS)[0]
    item: Item = {"id": id_, "type": type_, "title": phrase(chance)}
    if chance.random() < 0.93:
        item["author"] = people(chance)
    if chance.random() < 0.96:
        item["issued"] = full_date(chance)
    if type_ in _IN_JOURNALS:
        journal, short = chance.choice(JOURNALS)
        item["container-title"] = journal
        if short and chance.random() < 0.6:
            item["container-title-short"] = short
        _maybe(chance, item, 0.8, "volume", lambda: str(chance.randint(1, 400)))
        _maybe(chance, item, 0.7, "issue", lambda: str(chance.randint(1, 52)))
        _maybe(chance, item, 0.85, "page", lambda: pages(chance))
        _maybe(chance, item, 0.6, "DOI", lambda: f"10.1000/{chance.randint(100, 99999)}")
        _maybe(chance, item, 0.2, "ISSN", lambda: "0732-183X")
        _maybe(chance, item, 0.15, "PMID", lambda: str(chance.randint(10**6, 10**7)))
    else:
        _maybe(chance, item, 0.75, "publisher", lambda: chance.choice(PUBLISHERS))
        _maybe(chance, item, 0.65, "publisher-place", lambda: chance.choice(PLACES))
    if type_ in _IN_BOOKS:
        item["container-title"] = phrase(chance, 2, 5)
        _maybe(chance, item, 0.7, "editor", lambda: people(chance)[:4])
        _maybe(chance, item, 0.8, "page", lambda: pages(chance))
    if type_ in _IN_BOOKS or type_ == "book":
        _maybe(chance, item, 0.4, "edition", lambda: str(chance.randint(1, 12)))
        _maybe(chance, item, 0.3, "volume", lambda: str(chance.randint(1, 12)))
        _maybe(chance, item, 0.25, "collection-title", lambda: phrase(chance, 2, 4))
        _maybe(chance, item, 0.2, "ISBN", lambda: "9783161484100")
    if type_ in {"report", "thesis", "manuscript", "patent", "standard", "legislation", "bill", "speech"}:
        _maybe(chance, item, 0.6, "number", lambda: str(chance.randint(1, 9999)))
        _maybe(chance, item, 0.6, "genre", lambda: chance.choice(("Doctoral dissertation", "Technical report")))
    if type_ in {"paper-conference", "speech", "event"}:
        if chance.random() < 0.6:  # under the old name too, as Zotero exports it
            item["event-title"] = item["event"] = "Annual Meeting of the " + phrase(chance, 2, 3)
        _maybe(chance, item, 0.5, "event-place", lambda: chance.choice(PLACES))
    if type_ in {"legal_case", "legislation", "bill", "hearing", "treaty", "regulation"}:
        _maybe(chance, item, 0.7, "container-title", lambda: chance.choice(("U.S.", "F. Supp.", "BGBl.")))
        _maybe(chance, item, 0.6, "authority", lambda: "Supreme Court")
        _maybe(chance, item, 0.6, "volume", lambda: str(chance.randint(1, 500)))
        _maybe(chance, item, 0.5, "page", lambda: str(chance.randint(1, 900)))
        item.pop("author", None)
    if type_ in _ON_THE_WEB or chance.random() < 0.15:
        item["URL"] = f"https://example.org/{chance.choice(NOUNS)}/{chance.randint(1, 99)}"
        _maybe(chance, item, 0.8, "accessed", lambda: full_date(chance, 3))
        _maybe(chance, item, 0.6, "container-title", lambda: phrase(chance, 2, 4))
    return item


def _maybe(chance: random.Random, item: Item, how_often: float, name: str, value: Callable[[], Any]) -> None:
    if name not in item and chance.random() < how_often:
        item[name] = value()


def pages(chance: random.Random) -> str:
    """Pages as items have them: mostly a range with a hyphen."""
    first = chance.randint(1, 3000)
    last = first + chance.choice((1, 3, 7, 12, 48, 130))
    return chance.choice((f"{first}-{last}",) * 6 + (str(first), f"{first}–{last}"))


# What can be odd. Each function changes the item.


def _name_oddity(chance: random.Random, item: Item) -> None:
    given, family = chance.choice(GIVEN), chance.choice(FAMILIES)
    odd = chance.choice(
        (
            {"family": family, "given": given, "non-dropping-particle": chance.choice(("van", "de la", "von der"))},
            {"family": family, "given": given, "dropping-particle": chance.choice(("von", "de", "d’", "dos"))},
            {"family": family, "given": given, "dropping-particle": "de", "non-dropping-particle": "La"},
            {"family": family, "given": given, "suffix": chance.choice(("Jr.", "III", "Sr."))},
            {"family": family, "given": given, "suffix": "Jr.", "comma-suffix": True},
            {"literal": chance.choice(("World Health Organization", "The Group, Inc.", "MIT Press", "ASCO"))},
            {"family": "World Health Organization"},
            {"family": family, "given": chance.choice(("J.-P.", "Jean-Luc", "J.P.", "JP", "Yu. A.", "Ph. M.", "Ch."))},
            {"family": family, "given": chance.choice(("Guðrún", "Þór", "Éric", "Ólafur Ø.", "ben Ali", "A. von"))},
            {"family": chance.choice(("毛", "村上", "김")), "given": chance.choice(("泽东", "春樹", "민준"))},
            {"family": "Лермонтов", "given": "Михаил Юрьевич"},
            {"family": "Παπαδόπουλος", "given": "Γιώργος"},
            {"family": "محفوظ", "given": "نجيب"},
            {"family": chance.choice(("Madonna", "Plato", "Voltaire"))},
            {"family": chance.choice(("O'Reilly", "D’Angelo", "O’Brien-Smith", "Smith-Jones", "Al-Hakim", "McKay"))},
            {"family": "van Gogh", "given": "Vincent"},
            {"family": family, "given": "Philippe II de"},
            {"family": "García Márquez", "given": "Gabriel José"},
            {"family": family, "given": ""},
            {"family": family.upper(), "given": given.upper()},
        )
    )
    names = item.setdefault("author", [])
    names.insert(chance.randint(0, min(2, len(names))), odd)


def _role_oddity(chance: random.Random, item: Item) -> None:
    match chance.randrange(5):
        case 0:
            item.pop("author", None)
            item["editor"] = people(chance)[:3]
        case 1:
            both = people(chance)[:2]
            item["editor"], item["translator"] = both, [dict(name) for name in both]
        case 2:
            item["translator"] = people(chance)[:3]
        case 3:
            item[chance.choice(sorted(NAME_VARIABLES - {"author"}))] = people(chance)[:3]
        case _:
            item["author"] = [person(chance) for _ in range(chance.choice((15, 22, 60)))]


def _date_oddity(chance: random.Random, item: Item) -> None:
    year = chance.randint(1900, 2023)
    month, day = chance.randint(1, 11), chance.randint(1, 20)
    ordinary: tuple[Item, ...] = (
        {"date-parts": [[year, month, day], [year, month, day + chance.randint(1, 8)]]},
        {"date-parts": [[year, month, day], [year, month + 1, day]]},
        {"date-parts": [[year, month, day], [year + 1, month, day]]},
        {"date-parts": [[year, month], [year, month + 1]]},
        {"date-parts": [[year, 12], [year + 1, 1]]},
        {"date-parts": [[year], [year + chance.randint(1, 9)]]},
        {"date-parts": [[str(year), str(month)]]},
        {"date-parts": [[year]], "season": chance.choice((1, 2, 3, 4, "3", "spring"))},
        {"date-parts": [[year, 20 + chance.randint(1, 4)]]},
        {"date-parts": [[year]], "circa": chance.choice((True, 1, "1"))},
        {"date-parts": [[year, month, day]], "circa": True},
        {"literal": chance.choice(("forthcoming", "in press", "n.d.", "Spring 2004", "Michaelmas term, 1922"))},
        {"raw": f"{year}-{month:02d}-{day:02d}"},
        {"raw": f"{day} May {year}"},
        {"raw": f"{year}-{month:02d}/{year}-{month + 1:02d}"},
        {"date-parts": [[year, month, day]]},
        {"date-parts": [[]]},
        {},
    )
    ancient: tuple[Item, ...] = (
        {"date-parts": [[-chance.randint(1, 500)]]},
        {"date-parts": [[chance.randint(1, 999)]]},
        {"date-parts": [[-100], [-44]]},
        {"date-parts": [[-10], [14]]},
    )
    item["issued"] = chance.choice(ancient if chance.random() < RARE else ordinary)
    if item["issued"] in ({}, {"date-parts": [[]]}):
        del item["issued"]
    if chance.random() < 0.25:
        item["original-date"] = full_date(chance)


def _number_oddity(chance: random.Random, item: Item) -> None:
    name = chance.choice(
        "volume issue edition page number page chapter-number collection-number number-of-pages number-of-volumes "
        "section version supplement-number part-number".split()
    )
    n = chance.randint(1, 900)
    values: tuple[Any, ...]
    if name == "page":
        values = (
            f"{n}-{n + 5}, {n + 20}-{n + 31}",
            f"e{n}-e{n + 9}",
            f"S{n}-S{n + 3}",
            f"{n}–{n + 7}",
            f"{n}, {n + 2}",
            f"{n} & {n + 9}",
            "xii-xxiv",
            "1496-1504",
            "100-104",
            "107-8",
            "321-28",
            f"e{n}",
            f"A{n}",
            f"{n}-{n + 1}, {n + 4}",
            f"{n}a-{n}f",
            f"{n}+",
            "in press",
            f"12-{n}-12-{n + 4}",
        )
    elif name == "edition":
        values = ("2nd", "Second", "revised", "2nd rev. ed.", "11", "21", "112", "3, revised", "Rev. ed", 3)
    else:
        values = (
            f"{n}-{n + 1}",
            f"{n}–{n + 1}",
            f"{n}/{n + 1}",
            f"{n} suppl",
            f"Suppl. {n % 9 + 1}",
            f"{n}A",
            f"A{n}",
            f"{n}, {n + 2}",
            f"{n} & {n + 2}",
            "XII",
            "iv",
            "1-2 Suppl 1",
            "Special Issue",
            n,
            "1.2.3",
            f"No. {n}",
            f"{n} and {n + 3}",
            "1,200",
            "2020-04",
        )
    item[name] = chance.choice(values)


def _text_oddity(chance: random.Random, item: Item) -> None:
    head, tail = phrase(chance, 2, 4), phrase(chance, 2, 5).lower()
    name = chance.choice(("title",) * 6 + ("container-title", "publisher", "collection-title"))
    item[name] = chance.choice(
        (
            f"{head}: {tail}",
            f"{head}: the {tail}",
            f"{head}? {tail.capitalize()}",
            f"{head}! {tail.capitalize()}",
            f"{head}?",
            f"{head}!",
            f"{head}.",
            f"{head} ({tail})",
            f"({head}) {tail}",
            f"{head} – {tail}",
            f"{head}—{tail}",
            f"{head}, U.S.A.",
            f"{head} et al.",
            f"{head} in NASA and the UK",
            f"iPhone, mRNA and medRxiv: {tail}",
            f"mRNA {tail}",
            f"{head} in vitro vs. in vivo",
            f"The {tail}",
            f"A {tail}",
            f"l’{tail}",
            f"{head} and the ’60s",
            f"{head}’s {tail}",
            f"Rock 'n' roll, {tail}",
            f"{head.upper()} {tail.upper()}",
            f"{head} d'{tail}",
            f"{head}\u00a0{tail}",
            f"{head}\u202f: {tail}",
            f"{head} / {tail}",
            f"{head}; {tail}",
            f"{head} & {tail} < 5 > 3",
            f"α-{tail} and β-{tail}",
            f"H₂O, m² and {tail}",
            f"{head}…",
            f"{head}...",
            f"{head} 1.5–2.0 %",
            f"Über {tail}",
            f"élan of {tail}",
            "中国语文" + tail[:5],
            f"{head} no. 5",
            f"Self-{tail} and up-to-date {tail}",
            f"{head}: “{tail}”",
            f"{head}-to-{tail}",
            "",
        )
    )
    if chance.random() < RARE:  # a slip of the finger
        item[name] = chance.choice((f"{head}  {tail}", f" {head} "))


def _quote_oddity(chance: random.Random, item: Item) -> None:
    head, word, tail = phrase(chance, 2, 3), chance.choice(NOUNS), phrase(chance, 2, 4).lower()
    item[chance.choice(("title", "title", "title", "container-title"))] = chance.choice(
        (
            f'{head} "{word}" {tail}',
            f'"{head}" {tail}',
            f'{head} "{word}"',
            f"{head} “{word}” {tail}",
            f"“{head}”: {tail}",
            f"{head} “{word}”",
            f"{head} '{word}' {tail}",
            f"{head} ‘{word}’",
            f"'{head}' {tail}",
            f"{head} «{word}» {tail}",
            f"{head} « {word} » {tail}",
            f"{head} „{word}“ {tail}",
            f"{head} \"{word} '{word}' {word}\" {tail}",
            f"{head} “{word}?” {tail}",
            f"{head} “{word}?”",
            f"{head} “{word}.”",
            f'{head} ("{word}") {tail}',
            f"The authors' {tail}",
            f"{head}'s “{word}'s” {tail}",
            f'{head} 5" {tail}',
        )
    )


def _markup_oddity(chance: random.Random, item: Item) -> None:
    head, word, tail = phrase(chance, 2, 3), chance.choice(NOUNS), phrase(chance, 2, 4).lower()
    item[chance.choice(("title", "title", "title", "container-title"))] = chance.choice(
        (
            f"{head} <i>{word}</i> {tail}",
            f"<i>{head}</i>: {tail}",
            f"{head} <i>{word} {tail}</i>",
            f"{head} <b>{word}</b> {tail}",
            f"{head} CO<sub>2</sub> {tail}",
            f"{head} m<sup>2</sup> {tail}",
            f"<sup>13</sup>C {tail}",
            f'{head} <span style="font-variant:small-caps;">{word}</span> {tail}',
            f"{head} <sc>{word}</sc> {tail}",
            f'{head} <span class="nocase">{word} of {tail}</span>',
            f"{head} <i>{word} <b>{word}</b> {word}</i> {tail}",
            f"{head} <i>{word} <i>{word}</i> {word}</i> {tail}",
            f"{head} “<i>{word}</i>” {tail}",
            f"{head} <i>“{word}”</i> {tail}",
            f"{head} <i>{word}</i>",
            f"{head} <i>{word}?</i>",
        )
    )
    if chance.random() < RARE:  # what no program writes
        item["title"] = chance.choice((f"{head} <unknown>{word}</unknown> {tail}", f"{head} <i>{word} {tail}"))


def _language_oddity(chance: random.Random, item: Item) -> None:
    item["language"] = chance.choice(("de", "fr-FR", "en", "en-GB", "es", "zh-CN", "ja", "ru", "pt-BR"))
    written = _WRITTEN.get(item["language"][:2])
    if written and chance.random() >= RARE:  # who writes in these languages mostly has a name in their script
        families, given = written
        for name, value in item.items():
            if name in NAME_VARIABLES:
                item[name] = [{"family": chance.choice(families), "given": chance.choice(given)} for _ in value]


def _variable_oddity(chance: random.Random, item: Item) -> None:
    for name in chance.sample(_ADDED, chance.randint(1, 4)):
        if name in item:
            continue
        if name in NAME_VARIABLES:
            item[name] = people(chance)[:2]
        elif name in DATE_VARIABLES:
            item[name] = full_date(chance)
        elif name in NUMBER_VARIABLES:
            item[name] = str(chance.randint(1, 300))
        elif name == "URL":
            item[name] = "https://example.org/a?b=1&c=2"
        else:
            item[name] = chance.choice((phrase(chance, 2, 3), phrase(chance, 2, 3), "x1", "U.S."))


def _missing_oddity(chance: random.Random, item: Item) -> None:
    for name in chance.sample(["author", "issued", "title", "container-title", "publisher", "volume", "page"], 2):
        item.pop(name, None)
    if len(item) == 2:
        item["title"] = "Untitled"


_ODDITIES: Final[tuple[tuple[str, int, Callable[[random.Random, Item], None]], ...]] = (
    ("name", 5, _name_oddity),
    ("role", 3, _role_oddity),
    ("date", 5, _date_oddity),
    ("number", 4, _number_oddity),
    ("text", 5, _text_oddity),
    ("quote", 3, _quote_oddity),
    ("markup", 3, _markup_oddity),
    ("language", 2, _language_oddity),
    ("variable", 4, _variable_oddity),
    ("missing", 2, _missing_oddity),
    ("none", 4, lambda chance, item: None),  # noqa: ARG005 – nothing is odd
)


def odd_item(chance: random.Random, id_: str) -> Item:
    """A likely item with one oddity, now and then two."""
    item = plain_item(chance, id_)
    weights = [weight for _, weight, _ in _ODDITIES]
    for _ in range(chance.choice((1, 1, 1, 2))):
        chance.choices(_ODDITIES, weights)[0][2](chance, item)
    return item


def items(chance: random.Random, count: int) -> list[Item]:
    """So many items, which have nothing to do with each other."""
    return [odd_item(chance, f"i{n}") for n in range(count)]


def alike_items(chance: random.Random, count: int) -> list[Item]:
    """Items that a style has to tell apart: the same families, given names, years and titles again and again."""
    families = chance.sample(FAMILIES, 3)
    given = [chance.choice(GIVEN), chance.choice(GIVEN), "J.", "John"]
    years = chance.sample(range(1990, 2020), 2)
    titles = [phrase(chance) for _ in range(count)]
    found = []
    for n in range(count):
        item = plain_item(chance, f"i{n}", chance.choice(("article-journal", "book", "chapter", "report", "webpage")))
        item["title"] = titles[n]
        item["author"] = [
            {"family": chance.choice(families), "given": chance.choice(given)}
            for _ in range(chance.choice((1, 1, 2, 3, 4, 8)))
        ]
        item["issued"] = {"date-parts": [[chance.choice(years)]]}
        found.append(item)
    if count > 3:  # the same authors and year for certain
        found[1]["author"], found[1]["issued"] = found[0]["author"], found[0]["issued"]
        found[2]["author"] = [*found[0]["author"], {"family": families[0], "given": given[2]}]
        found[2]["issued"] = found[0]["issued"]
    return found


_LOCATOR_VALUES: Final = ("12", "7", "12-14", "12–14", "3, 5", "3 & 5", "3 and 5", "iv", "5a", "xi-xv", "12-4", "1:20")
_PREFIXES: Final = (
    *("see ", "see ", "see ", "cf. ", "cf. ", "Cf. ", "e.g., ", "e.g., ", "See ", "See also ", "see also ", "see") * 3,
    "see <i>e.g.</i> ",
    *("“quoted” in ",) * 3,
)
_SUFFIXES: Final = (", and others", ", and others", " and others", ", emphasis added", " [sic]", ", <i>passim</i>")


def citations(chance: random.Random, ids: list[str], count: int) -> list[list[Item]]:
    """Citations of a document: single ones and clusters, with locators, affixes and repetitions."""
    found: list[list[Item]] = []
    labels = sorted(LOCATORS - {"article-locator", "title-locator"})
    for _ in range(count):
        kind = chance.random()
        if kind < 0.2 and found:
            cites = [dict(cite) for cite in found[-1]]  # cited again at once
            if chance.random() < 0.5:
                for cite in cites:
                    cite.pop("locator", None)
                    cite.pop("label", None)
        elif kind < 0.6:
            cites = [{"id": chance.choice(ids)}]
        else:
            cites = [{"id": id_} for id_ in chance.sample(ids, min(len(ids), chance.choice((2, 2, 3, 4, 6))))]
        for cite in cites:
            if chance.random() < 0.25:
                cite["locator"] = chance.choice(_LOCATOR_VALUES)
                cite["label"] = "page" if chance.random() < 0.6 else chance.choice(labels)
            if chance.random() < 0.1:
                cite["prefix"] = chance.choice(_PREFIXES)
            if chance.random() < 0.1:
                cite["suffix"] = chance.choice(_SUFFIXES)
        if len(cites) == 1 and chance.random() < 0.12:
            what = chance.choice(("suppress-author", "author-only"))
            cites = [{"id": cites[0]["id"], what: True}] if what == "author-only" else [cites[0] | {what: True}]
        found.append(cites)
    return found
