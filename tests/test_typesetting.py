"""What belongs together on a line, what is not hyphenated, and what capitals may not change."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pypdfium2
import pytest

from digest.render import pdf, tagged
from digest.render.typesetting import as_is, is_short_name, rules_of, small_capitals, table, typeset
from digest.text import RichText

FACTS = tagged.Facts(title="T", language="en", date="2014-07-28", periodical="P")


def shown(text: str, language: str = "en", *, paper: bool = True) -> str:
    """A text with its no-break blanks as ``~`` and its joiners as ``^``."""
    page = typeset(f"<p>{text}</p>", language, paper=paper)
    page = re.sub(r'<span style="hyphens: none">(.*?)</span>', r"\1", page)  # around addresses
    return page.removeprefix("<p>").removesuffix("</p>").replace("\u00a0", "~").replace("\u2060", "^")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        # numbers and units
        ("en", "dose 5 mg/kg every day", "dose 5~mg/^kg every day"),
        ("en", "at 37 °C or 5 mL, 60 Gy, 120 mmHg", "at 37~°C or 5~mL, 60~Gy, 120~mmHg"),
        ("en", "5 mg/m<sup>2</sup> on", "5~mg/^m<sup>2</sup> on"),
        ("en", "the 12 months and 3 weeks", "the 12~months and 3~weeks"),
        ("en", "in 40 % of", "in 40~% of"),
        ("en", "1 204 patients", "1~204~patients"),
        ("en", "cost € 5 or 5 €", "cost €~5 or 5~€"),
        ("en", "5\nmg", "5~mg"),
        ("en", "of 5′ 6″ or", "of 5′~6″ or"),
        ("en", "Room 5 makes 7 gaps", "Room~5 makes 7 gaps"),
        # signs, symbols, values
        ("en", "(p = .002; n = 540)", "(p~=~.^002; n~=~540)"),
        ("en", "<i>p</i> = .002", "<i>p</i>~=~.^002"),
        ("en", "p &lt; .05 and", "p~^&lt;~.^05 and"),
        ("en", "10.9 ± 1.2 years", "10.9~±~1.2~years"),
        ("en", "CA 19-9 ≥ 37 U/mL", "CA~19-9~≥~37~U/^mL"),
        ("en", "HR 0.74; 95% CI 0.61-0.89", "HR~0.74; 95%~CI~0.61-0.89"),
        ("en", "0.61–0.89 is", "0.61–^0.89 is"),
        ("en", "HR 0.62 [0.46, 0.83] or (0.5; 0.9), and [-1.2, .4] then", "HR~0.62~[0.46,~0.83] or (0.5;~0.9), and [-1.2,~.^4] then"),
        ("en", "95% CI 0.61, 0.89 and IQR 3, 5 of (12%, 15%)", "95%~CI~0.61,~0.89 and IQR~3,~5 of (12%,~15%)"),
        ("en", "of 120 mm Hg or 5 cm H2O", "of 120~mm~Hg or 5~cm~H2O"),
        ("en", "10.1 × 10⁻³ is", "10.1~×~10⁻³ is"),
        # words with their number
        ("en", "see Figure 1, Abstract #101 and Table S2", "see Figure~1, Abstract~#101 and Table~S2"),
        ("en", "grade 3, phase III, vol. 15, pp. 3-7", "grade~3, phase~III, vol.~15, pp.~3-7"),
        ("en", "seen before [1].", "seen before~[1]."),
        ("en", "<b>Abstract</b> <a>#1</a>", "<b>Abstract</b>~^<a>#1</a>"),
        ("en", "[PMID:16134179]", "[PMID:^16134179]"),
        ("en", "see [1, 2] there", "see~[1,~2] there"),
        ("en", "2014 (suppl; abstr e15166)", "2014 (suppl;~abstr~e15166)"),
        ("en", "PMID: 24857584 DOI 10.1200/jco.2014.32.15_suppl.e15166", "PMID:~24857584 DOI~^10.1200/jco.2014.32.15_suppl.e15166"),
        # names
        ("en", "Dr. Hollowmere and O. P. Tarnbrook", "Dr.~Hollowmere and O.~P.~Tarnbrook"),
        ("en", "Hollowmere OP, Saif MW, et al. said", "Hollowmere~OP, Saif~MW,~et~al. said"),
        ("en", "drug vs placebo", "drug vs~placebo"),
        ("en", "CD8<sup>+</sup> T cells", "CD8<sup>+</sup> T~cells"),
        ("en", "TGF-β<sub>1</sub> and KRAS-mutated", "TGF-^β<sub>1</sub> and KRAS-mutated"),
        ("en", "<sup>1</sup> Department", "<sup>1</sup>~Department"),
        # dates
        ("en", "on 30 May and June 3, 2014", "on 30~May and June~3, 2014"),
        ("en", "May 30 - June 3", "May~30~- June~3"),
        ("de", "am 30. Mai", "am 30.~Mai"),
        ("es", "el 12 de mayo de 2014", "el 12~de~mayo de 2014"),
        ("pt", "em 3 de junho", "em 3~de~junho"),
        # other languages
        ("de", "z. B. 5 mg, d. h. S. 12, Abb. 3, 8 Wochen", "z.~B. 5~mg, d.~h. S.~12, Abb.~3, 8~Wochen"),
        ("it", "il dott. Rossi e la Sig.ra Bianchi", "il dott.~Rossi e la Sig.ra~Bianchi"),
        ("fr", "« oui » : 12 ans ; non ? p. 3", "«~oui~»~: 12~ans~; non~? p.~3"),
        ("es", "la figura 2 a los 12 meses", "la figura~2 a los 12~meses"),
        ("xx", "5 mg and 12 months", "5~mg and 12 months"),
        ("und", "5 mg and 12 months", "5~mg and 12~months"),
        # what is left alone
        ("en", "<code>n = 5</code> <b>x</b>", "<code>n = 5</code> <b>x</b>"),
        ("en", "nothing here is special", "nothing here is special"),
        ("en", '<img alt="5 mg"> is', '<img alt="5 mg"> is'),
    ],
)  # fmt: skip
def test_what_belongs_together(language: str, text: str, expected: str) -> None:
    """The table's words and signs keep their blanks, across inline markup and by language."""
    assert shown(text, language) == expected


def test_language_of_an_element() -> None:
    """The nearest element with a language says which rules apply; after it those of the page do again."""
    page = typeset('<div lang="fr"><p>oui ; non</p></div><p>no ; no</p>', "en", paper=True)
    assert page == '<div lang="fr"><p>oui\u00a0; non</p></div><p>no ; no</p>'


def test_no_more_than_a_narrow_column_holds() -> None:
    """A run without a place to break has at most 24 characters, in a cell of a table 9; the firmest ties come first."""
    for text in ("HR 0.74 95% CI 0.61 to 0.89 p = .002 n = 540 at 37 °C or 12 months", "Figure 1 " * 9):
        assert max(map(len, typeset(f"<p>{text}</p>", "en", paper=True)[3:-4].split(" "))) <= 24
        assert max(map(len, typeset(f"<td>{text}</td>", "en", paper=True)[4:-5].split(" "))) <= 14


def test_screen_has_no_joiners() -> None:
    """A browser copies a joiner, so only paper has them."""
    assert shown("p = .002 and 5 mg/kg", paper=False) == "p~=~.002 and 5~mg/kg"


@pytest.mark.parametrize(
    ("language", "word", "whole"),
    [
        ("en", "Papadopoulos", True),
        ("en", "bevacizumab", True),
        ("en", "statins", True),
        ("en", "everolimus", True),
        ("en", "fulvestrant", True),
        ("en", "gemcitabine", True),
        ("en", "NM000059", True),
        ("en", "mRNAlevels", True),
        ("en", "acgttgcaaggctta", True),
        ("en", "ACGTTGCAAGGCTTA", True),
        ("en", "interferonγ", True),
        ("en", "pancreatic", False),
        ("de", "Bauchspeicheldrüse", False),
        ("de", "Bevacizumab", True),
    ],
)
def test_what_is_not_hyphenated(language: str, word: str, *, whole: bool) -> None:
    """Names, drugs, genes, sequences and codes stay whole; a noun in German is not a name."""
    assert rules_of(language).is_whole(word) is whole


@pytest.mark.parametrize(("word", "short"), [("TGF-β", True), ("IL-6", True), ("PD-L1", True), ("anti-PD-1", True), ("KRAS-mutated", False), ("follow-up", False)])  # fmt: skip
def test_short_names(word: str, *, short: bool) -> None:
    """A short name with capitals, digits or Greek letters has no place to break."""
    assert is_short_name(word) is short


def lines_of(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(io.BytesIO(content))
    return "\r\n".join(page.get_textpage().get_text_range() for page in document).split("\r\n")


SENTENCE = (
    "Grade 3 events: dose 5 mg/kg every 2 weeks in 83 patients (HR 0.74; 95% CI 0.61 to 0.89; p = .002; n = 540), "
    "T½ 4.2 h at 37 °C, 10.9 ± 1.2 months, Figure 1, Abstract #101, TGF-β, CA 19-9 ≥ 37 U/mL, said Papadopoulos. "
)


def test_on_paper() -> None:
    """No line of a page is torn, no name is hyphenated; what is copied has plain blanks and nothing that is not seen."""
    paragraphs = "".join(f"<p>{'So ' * n}{SENTENCE}</p>" for n in range(12))
    page = f'<html lang="en"><style>p {{ width: 62mm; hyphens: auto; text-align: justify }}</style>{paragraphs}</html>'
    made = pdf.render(typeset(page, "en", paper=True), FACTS, roots=[Path.cwd()], fonts=None)
    lines = lines_of(made.content)
    whole = " ".join(line.strip() for line in lines)
    assert not {"\u00a0", "\u2060", "\u202f"} & set(whole)
    assert whole.count("TGF-β, CA 19-9 ≥ 37 U/mL") + whole.count("Papadopoulos") >= 12
    torn = [
        line for line in lines if re.match(r"[=≥±]|\.?\d+ ?(?:mg|h|°C|months)?[;)]|mg|weeks|months|002|#101|β", line)
    ]
    assert not torn


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("de", "Frau Prof. Dr. Anna Tarnbrook-Meier sprach.", ["Anna", "Tarnbrook-Meier"]),
        ("de", "Dr. von der Hollowmere hat das Ergebnis", ["von", "der", "Hollowmere"]),
        ("de", "nach Tarnbrook et al. eine Untersuchung", ["Tarnbrook"]),
        ("de", "<b>Dr.</b> <i>Hollowmere</i>, Wien", ["Hollowmere"]),
        ("de", "eine Bauchspeicheldrüse", []),
        ("en", "Dr. Hollowmere", []),  # any capital shows a name
    ],
)
def test_names_among_nouns(language: str, text: str, names: list[str]) -> None:
    """Where nouns have capitals, too, a name after a title or before “et al.” is marked, and not hyphenated."""
    page = typeset(f"<p>{text}</p>", language, paper=True)
    assert re.findall(r'<span style="hyphens: none">(.*?)</span>', page) == names


def test_no_hyphen_gets_into_an_address() -> None:
    """Where a line ends inside of an address, a DOI name or an e-mail address, no hyphen is printed."""
    addresses = (
        "https://example.org/register/report_of_the_data_monitoring_committee_final_version_3.pdf?of=trial&amp;kind=interim",
        "10.1000/proceedings.pancreatology.international.supplement.abstract",
        "committee.secretariat@pancreatology.international.example.org",
    )
    text = "".join(f"<p>{'Of ' * n}<a>{address}</a></p>" for n in range(6) for address in addresses)
    page = f'<html lang="en"><style>p {{ width: 40mm; hyphens: auto; overflow-wrap: anywhere }}</style>{text}</html>'
    made = pdf.render(typeset(page, "en", paper=True), FACTS, roots=[Path.cwd()], fonts=None)
    whole = "".join(line.strip() for line in lines_of(made.content)).replace("Of ", "").replace("Of", "")
    assert [whole.count(address.replace("&amp;", "&")) for address in addresses] == [6, 6, 6]


def test_no_line_is_left_nearly_empty() -> None:
    """A link that does not fit takes the word before it along, and no more."""
    text = (
        "Three cautions apply. Body weight and SMI are different measures, taken at different times, and cannot be "
        "compared across trials. In Abstract <a>#LBA7</a>, paired scans were available for 142 of 204 patients."
    )
    page = f'<html lang="en"><style>p {{ width: 45mm; font-size: 10pt; hyphens: auto }}</style><p>{text}</p></html>'
    lines = lines_of(pdf.render(typeset(page, "en", paper=True), FACTS, roots=[Path.cwd()], fonts=None).content)
    assert min(len(line.strip()) for line in lines[:-1]) >= 15


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<sc>l</sc>-dopa", '<span class="sc all">L</span>-dopa'),
        ("<sc>Smith</sc> J", '<span class="sc">Smith</span> J'),
        ("<sc>d,<i>l</i></sc>-x", '<span class="sc all">D,<i>L</i></span>-x'),
    ],
)
def test_small_capitals(source: str, expected: str) -> None:
    """Where a medium lacks small capitals, and where somebody copies them, they are capitals."""
    text = RichText.parse(source)
    assert small_capitals(text.html) == expected
    assert text.plain == re.sub(r"<[^<>]*>", "", expected)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Abstract #e15166", 'Abstract <span class="as-is">#e15166</span>'),
        ("mRNA and pH of <x>", '<span class="as-is">mRNA</span> and <span class="as-is">pH</span> of &lt;x&gt;'),
        ("Practice changing", "Practice changing"),
    ],
)
def test_labels(label: str, expected: str) -> None:
    """In a label set in capitals numbers and codes are printed as they are."""
    assert as_is(label) == expected


def test_every_row_has_a_source() -> None:
    """No word is in the table without somebody who says so, and none twice in a row."""
    whole = table()
    rows = [*whole.prefixed, *whole.units, *whole.symbols, *whole.labels, *whole.titles, *whole.openings, *whole.stems]
    for speech in whole.languages.values():
        rows += [*speech.before_number, *speech.between, *speech.periods, *speech.pairs]
    assert all(row.source and row.words for row in rows)
