"""Languages and directions: each text is marked with its own, and pages of Arabic or Hebrew are mirrored."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from digest.build import build, load_theme, missing_glyphs, prepare, read
from digest.languages import direction, name_of
from digest.render import bidi, html, mirror, pdf
from digest.render.plain import PlainText
from digest.scripts import scripts_of
from digest.textlanguage import found_language, languages_of
from tests.conftest import ISSUE, ROOT

ENGLISH = (
    "Patients with advanced disease who progressed after chemotherapy were randomized to receive the drug or placebo. "
    "The primary endpoint was overall survival."
)
GERMAN = (
    "Patienten mit fortgeschrittener Erkrankung erhielten nach Versagen der Chemotherapie randomisiert den Wirkstoff "
    "oder Placebo. Primärer Endpunkt war das Gesamtüberleben."
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (GERMAN, "de"),
        (
            "Les patients atteints d’un cancer avancé ont été randomisés pour recevoir le médicament ou un placebo.",
            "fr",
        ),
        ("Los pacientes con cáncer avanzado fueron aleatorizados para recibir el fármaco o un placebo.", "es"),
        ("Пациенты с распространённым раком были рандомизированы в две группы", "ru"),
        ("يفقد المرضى الوزن قبل التشخيص بعدة أشهر وكانت النسبة أعلى لدى مرضى السكري", "ar"),
        ("بیماران مبتلا به سرطان پیشرفته پانکراس به صورت تصادفی در دو گروه قرار گرفتند", "fa"),
        ("חולים עם סרטן לבלב", "he"),
        ("膵癌患者における化学療法の検討", "ja"),
        ("胰腺癌患者化疗的临床研究及其疗效分析", "zh"),
        ("췌장암 환자의 체중", "ko"),
        ("การศึกษาผู้ป่วยมะเร็ง", "th"),
        ("FOLFIRINOX, gemcitabine, nab-paclitaxel, erlotinib: JCOG1106", ""),
        ("Weight loss", ""),
        ("58% (n = 1204)", ""),
        ("", ""),
    ],
)
def test_the_language_of_a_text(text: str, language: str) -> None:
    """A text shows its language; one that is too short does not, and is not guessed."""
    assert found_language(text) == language


@pytest.mark.parametrize(
    ("title", "text", "named", "likely", "languages"),
    [
        ("Weight loss", ENGLISH, "", "de", ("en", "en")),
        ("Weight loss", ENGLISH, "en-GB", "de", ("en-GB", "en-GB")),  # a record knows the country
        ("Surgery in the elderly with cancer", ENGLISH, "de", "de", ("en", "en")),  # PubMed: the article is in German
        ("De vrouwenbeweging online. Een onderzoek naar organisaties", ENGLISH, "nl", "en", ("nl", "en")),
        ("Gewichtsverlust", GERMAN, "", "en", ("de", "de")),
        ("Gewichtsverlust", "", "de", "en", ("de", "de")),
        (
            "Survival following Y90 radioembolization for neuroendocrine tumor liver metastases: A retrospective analysis",
            "",
            "",
            "en",
            ("en", "en"),
        ),
        (
            "Survival following Y90 radioembolization for neuroendocrine tumor liver metastases: A retrospective analysis",
            "",
            "",
            "de",
            ("und", "und"),
        ),
        ("FOLFIRINOX: JCOG1106", "", "", "en", ("und", "und")),
        ("FOLFIRINOX: JCOG1106", "", "ar", "ar", ("und", "und")),  # these are not Arabic letters
        ("胰腺癌", "胰腺癌患者化疗的临床研究及其疗效分析", "zh-Hant", "en", ("zh-Hant", "zh-Hant")),
        ("فقدان الوزن", "", "fa", "en", ("fa", "fa")),
        ("سرطان", "", "en", "en", ("und-Arab", "und-Arab")),
    ],
)
def test_the_languages_of_an_abstract(
    title: str, text: str, named: str, likely: str, languages: tuple[str, str]
) -> None:
    """What is long enough to show its language goes before what the record says, which goes before nothing."""
    found = languages_of(title, text, named, likely)
    assert (found.title, found.text) == languages


@pytest.mark.parametrize(
    ("tag", "way"),
    [
        *(
            (tag, "rtl")
            for tag in "ar ar-EG fa he iw yi ur ps sd ug dv ckb syr nqo az-Arab az-IR pa-PK und-Hebr".split()
        ),
        *((tag, "ltr") for tag in "en de-AT az az-Latn ar-Latn pa ku tr zh-Hant und und-Latn".split()),
    ],
)
def test_the_direction_of_a_language(tag: str, way: str) -> None:
    """A language runs as its script does: the one in its tag, or that of its country, or its usual one."""
    assert direction(tag) == way


def test_the_name_of_a_language() -> None:
    """A message names a language in English and in itself."""
    assert [name_of(tag) for tag in ("ar", "de-CH", "en", "ur")] == [
        "Arabic (العربية)",
        "German (Deutsch)",
        "English",
        "ur",
    ]


@pytest.mark.parametrize(
    ("text", "isolated"),
    [
        ("النسبة 58% من 1204 مريض", ["58%", "1204"]),
        ("مريض (p = .05) و HR 0.74.", ["p = .05", "HR 0.74"]),
        ("التغير -4.6% مقابل +1.2% و ≥ 5 mg/kg كل", ["-4.6%", "+1.2%", "≥ 5 mg/kg"]),
        ("النسبة 58% (95% CI 0.61–0.89) في", ["58%", "95% CI 0.61–0.89"]),
        ("انظر Smith et al. [3] ثم", ["Smith et al. [3]"]),
        ("USA. 30 مايو - 3 يونيو 2014", ["USA.", "30", "3", "2014"]),
        ("ال-5 أيام", ["5"]),
    ],
)
def test_what_is_isolated(text: str, isolated: list[str]) -> None:
    """Numbers keep their signs and units, brackets their partners, dates their day."""
    assert [text[begin:end] for begin, end in bidi.runs(text)] == isolated


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("وزن CO<sub>2</sub> هنا", 'وزن <bdi dir="ltr">CO<sub>2</sub></bdi> هنا'),
        ("<i>Helicobacter</i> pylori في", '<bdi dir="ltr"><i>Helicobacter</i> pylori</bdi> في'),
        ("من &lt; 0.05 و A&amp;B", 'من <bdi dir="ltr">&lt; 0.05</bdi> و <bdi dir="ltr">A&amp;B</bdi>'),
        ("<b>HR</b> وزن 12", "<b>HR</b> وزن 12"),
        ("One sentence.", '<bdi dir="ltr">One sentence.</bdi>'),
        ("-12.5", '<bdi dir="ltr">-12.5</bdi>'),
        ("[1]", "[1]"),
    ],
)
def test_isolation_in_a_page(text: str, printed: str) -> None:
    """A run is isolated with its elements, as a whole; what is in a text from left to right stays as it is."""
    page = '<html dir="rtl"><p>{}</p><p dir="ltr">Change -5% (p = .05) <b>x</b>.</p><p dir="auto">12 وزن</p></html>'
    assert bidi.isolated(page.format(text)) == page.format(printed).replace('"auto"', '"rtl"')
    left = f"<html><p>{text}</p></html>"
    assert bidi.isolated(left) == left


def test_plain_text() -> None:
    """In plain text, isolates are characters, and a line that begins with another script is marked."""
    text = PlainText().wrapped("HR 0.74 في النسبة من المرضى الذين فقدوا الوزن 58%").unescape()
    assert (
        text.replace("\u00a0", " ") == "\u200f\u2066HR 0.74\u2069 في النسبة من المرضى الذين فقدوا الوزن \u206658%\u2069"
    )
    assert PlainText().wrapped("Change -5% (p = .05)").unescape().replace("\u00a0", " ") == "Change -5% (p = .05)"


@pytest.mark.parametrize(
    ("css", "turned"),
    [
        ("p { margin: 1mm 2mm 3mm 4mm }", "p { margin-block: 1mm 3mm; margin-inline: 4mm 2mm }"),
        ("p { padding: 0 !important; }", "p { padding-block: 0 0 !important; padding-inline: 0 0 !important; }"),
        ("p { border-left: 1pt solid; left: 0 }", "p { border-inline-start: 1pt solid; inset-inline-start: 0 }"),
        ("p { text-align: left }", "p { text-align: start }"),
        ("p::before { content: 'left: 1' } /* left: 2 */", "p::before { content: 'left: 1' } /* left: 2 */"),
        ('[dir="rtl"] p { left: 0 }', '[dir="rtl"] p { left: 0 }'),
        (
            "p { float: left }",
            'p { float: left } p { float: right } [dir="ltr"] :is(p) { float: left }',
        ),
        ("@page :left { margin: 1mm 2mm 3mm 4mm }", "@page :right { margin: 1mm 4mm 3mm 2mm }"),
        ("@page { @top-left { content: none } }", "@page { @top-right { direction: rtl; content: none } }"),
    ],
)
def test_styles_are_mirrored(css: str, turned: str) -> None:
    """Sides become start and end, pages are as in a mirror; nothing changes without a text from right to left."""
    assert mirror.turned(css, "rtl") == turned
    assert mirror.turned(css, "ltr") == css
    assert mirror.turned(css, "parts").startswith(css) == ("@page" in css or turned.startswith(css))


def test_breaks_to_a_side_are_mirrored() -> None:
    """A book from right to left begins on a left page, and so does what styles put on a right one."""
    css = "main { break-before: right; break-after: page }"
    assert mirror.turned(css, "rtl") == "main { break-before: left; break-after: page }"
    assert mirror.turned(css, "parts") == mirror.turned(css, "ltr") == css


@pytest.mark.parametrize("theme", ["highlights", "compact", "journal", "book"])
def test_mirrored_styles_are_known(theme: str) -> None:
    """The engine of pages knows every declaration of a theme after it was mirrored, too."""
    for path in (ROOT / "templates" / theme / "css").glob("*print.css"):
        css = path.read_text(encoding="utf-8")
        mirrored = mirror.turned(css, "rtl")
        assert mirrored.count("\n") == css.count("\n")
        assert len(pdf.css_problems(mirrored)) == len(pdf.css_problems(css))


def in_language(journal: Path, tag: str) -> Path:
    """The sample in another language."""
    path = journal / "digest.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("language: en", f"language: {tag}"), encoding="utf-8")
    return journal / ISSUE


def entry(page: str, number: str) -> str:
    """An abstract in a page."""
    found = re.search(rf'<article class="digest" id="abstract-{number}".*?</article>', page, re.DOTALL)
    assert found
    return found[0]


def test_english_abstracts_in_a_german_issue(journal: Path) -> None:
    """Abstracts are marked as what they are; the words of the theme and of the editors are German."""
    page = build(in_language(journal, "de"), ["html"]).files["issue.html"].decode()
    abstract = entry(page, "101")
    assert re.match(r'<article [^>]* lang="en" aria', abstract)
    assert '<b lang="de">Schlüsselwörter</b>' in abstract
    assert ' dir="' not in abstract.replace(' dir="auto"', "")
    assert re.search(r'<aside class="comment"[^>]* lang="de">|<p class="why" lang="de">', page)


def test_an_arabic_issue(journal: Path) -> None:
    """The issue runs from right to left, its English abstracts do not; what the theme lacks is reported once."""
    built = build(in_language(journal, "ar"), ["html"])
    page = built.files["issue.html"].decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert re.match(r'<article [^>]* lang="en" dir="ltr"', entry(page, "101"))
    assert re.search(r'<(aside class="comment"|p class="why")[^>]* lang="ar" dir="rtl">', page)
    styles = "".join(re.findall(r"<style>.*?</style>", page, re.DOTALL))
    assert "border-left" not in styles
    (problem,) = [problem for problem in built.problems if problem.code == "missing-word"]
    assert "Arabic (العربية)" in problem.message
    # Articles that name no language are in that of their words.
    assert re.search(r'<article class="article"[^>]* lang="en" dir="ltr"', page)


def test_an_arabic_article(journal: Path) -> None:
    """In an English issue an article in Arabic has its first column on the right, as its lists and tables."""
    folder = journal / ISSUE
    article = folder / "articles" / "radioembolization.md"
    text = (Path(__file__).parent / "cases" / "languages" / "arabic.md").read_text(encoding="utf-8")
    article.write_text(text.replace("keywords:", "language: ar\nkeywords:", 1), encoding="utf-8")
    issue = read(folder).issue
    prepared = prepare(issue, load_theme(issue))
    page = html.render(prepared, "print").text
    anchor = f"article-{article.stem}"
    assert re.search(rf'<article class="article" id="{anchor}" lang="ar" dir="rtl"', page)
    theme = prepared.theme
    fonts = theme.find("fonts/fonts.conf")
    proof = pdf.proof(page, 1, roots=(folder, *theme.roots), fonts=fonts, typeset="en")
    places = {name: place for name, place in proof.places.items() if name.startswith(f"{anchor}-h-")}
    (_, _, first), (_, _, last) = next(iter(places.values())), list(places.values())[-1]
    assert first > last + 100, places  # pixels: the first heading is in the right column, the last one in the left


def test_a_script_without_a_font_is_reported_once(journal: Path) -> None:
    """One warning for each font that is missing, with where it is to be had; other characters with their names."""
    issue = read(journal / ISSUE).issue
    found = [problem.message for problem in missing_glyphs(tuple("膵癌かな한。：ไทย𒀀"), issue)]
    assert len(found) == 3
    assert found[0].startswith("no font has Chinese and Japanese and Korean letters, such as 膵 癌 か な 한; 7 of them")
    assert "fonts-noto-cjk" in found[0]
    assert found[1].startswith("no font has Thai letters, such as ไ ท ย; 3 of them")
    assert found[2].startswith("no font contains “𒀀” (U+12000, CUNEIFORM SIGN A)")
    assert scripts_of("") == ()
