"""What is done once for all formats: titles, numbers, pages, identifiers, dates, journals, the record's id."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import Problem
from digest.model import AbstractPart, Meeting, PartialDate, Person, Record
from digest.publication import Source
from digest.sources import Page, Parsed, parse
from digest.sources.shared import markup
from digest.sources.shared.dates import date_of, read_date
from digest.sources.shared.draft import Draft, abbreviation, full_title, language_tag
from digest.text import RichText

if TYPE_CHECKING:
    from pathlib import Path


def finished(defaults: Source | None = None, **fields: Any) -> Parsed:  # noqa: ANN401 - whatever a format says
    """A record whose format said these fields."""
    draft = Draft(Page(b"", "a.ris", defaults=defaults), "record 1", b"raw")
    draft.title = markup.inline(fields.pop("title", "A title"))
    for name in ("abstract", "authors"):
        if name in fields:
            value = fields.pop(name)
            if name == "abstract":
                draft.parts = markup.abstract(value)
            else:
                draft.add_people(value)
    for name, value in fields.items():
        setattr(draft, name, value)
    done = draft.finish()
    assert isinstance(done, Parsed), done
    return done


def record(**fields: Any) -> Record:  # noqa: ANN401 - the same
    return finished(**fields).record


@pytest.mark.parametrize(
    ("fields", "title", "number"),
    [
        ({"title": "Abstract 4843: NMS-P293, a PARP-1 inhibitor"}, "NMS-P293, a PARP-1 inhibitor", "4843"),
        ({"title": "Abstract LB-123: A trial."}, "A trial", "LB-123"),
        ({"title": "A study of things (abstr e15166)"}, "A study of things", "e15166"),
        ({"title": "A study [abstract]"}, "A study", ""),
        ({"title": "F49. A study", "type": "meeting-abstract"}, "A study", "F49"),
        ({"title": "P017 A study", "issue": "Suppl 1"}, "A study", "P017"),
        ({"title": "2014 in review"}, "2014 in review", ""),
        ({"title": "HER2 in cancer"}, "HER2 in cancer", ""),
        ({"title": "3D printing of organs", "type": "meeting-abstract"}, "3D printing of organs", ""),
        ({"title": "p53 in the U.S."}, "p53 in the U.S.", ""),
        ({"title": "Who knows..."}, "Who knows...", ""),
        ({"title": "[A translated title]."}, "A translated title", ""),
        ({"title": "&lt;i&gt;TP53&lt;/i&gt; &amp;amp; friends"}, "<i>TP53</i> &amp; friends", ""),
        ({"title": "A study", "pages": "P102", "type": "meeting-abstract"}, "A study", "P102"),
        ({"title": "A study", "pages": "S387", "type": "meeting-abstract"}, "A study", ""),
        ({"title": "A study", "pages": "P102"}, "A study", ""),
    ],
)
def test_title_and_number(fields: dict[str, Any], title: str, number: str) -> None:
    """A number in the title is moved to the record's number; words and years that look like one stay."""
    made = record(**fields)
    assert (made.title.source, made.number) == (title, number)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"pages": "689-708"}, {"pages": "689-708"}),
        ({"pages": "60-6"}, {"pages": "60-66"}),
        ({"pages": "7021–7021"}, {"pages": "7021"}),
        ({"pages": "No-Specified"}, {"pages": ""}),
        ({"pages": "No"}, {"pages": ""}),
        ({"pages": "431–456, 791–3"}, {"pages": "431-456, 791-793"}),
        ({"volume": "46", "issue": "Volume 46, 2015"}, {"volume": "46", "issue": ""}),
        ({"volume": "46", "issue": "Volume 3"}, {"volume": "46", "issue": "Volume 3"}),
        ({"container": "medRxiv"}, {"type": "preprint"}),
        ({"type": "report", "publisher": "arXiv"}, {"type": "preprint"}),
        ({"container": "Gut", "publisher": "arXiv"}, {"type": "article"}),
        ({"type": "dataset", "container": "Research Square"}, {"type": "dataset"}),
        ({"article_number": "e0033722"}, {"pages": "e0033722"}),
        ({"issue": "15_suppl"}, {"issue": "15", "supplement": "Suppl"}),
        ({"issue": "S1"}, {"issue": "", "supplement": "1"}),
        ({"issue": "3", "supplement": "2"}, {"issue": "3", "supplement": "2"}),
        ({"container": "Journal of Clinical Oncology"}, {"container_short": "J Clin Oncol"}),
        ({"container_short": "J Clin Orthod"}, {"container": "Journal of clinical orthodontics"}),
        ({"container": "First Monday", "container_short": "1"}, {"container_short": ""}),
        ({"language": "eng"}, {"language": "en"}),
        ({"licence": "https://creativecommons.org/licenses/by/4.0/"}, {"permission": "full"}),
        ({"licence": "https://creativecommons.org/licenses/by-nc/4.0/"}, {"permission": "quote"}),
        ({"issn": ["03064530 (ISSN)"]}, {"issn": "0306-4530"}),
        ({"keywords": ["Embolization, Therapeutic", "a;", "a"]}, {"keywords": ("Embolization, Therapeutic", "a")}),
    ],
)
def test_fields(fields: dict[str, Any], wanted: dict[str, Any]) -> None:
    """A field is read as what it means, whatever the source fills it with."""
    made = record(**fields)
    assert {name: getattr(made, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("NA", []),
        ("None", []),
        ("[]", []),
        (Person(literal="NA"), []),
        (Person(family="null"), []),
        (Person(family="Na", given="Li"), ["Na"]),
        ("Na, Li", ["Na"]),
        (Person(literal="on behalf of the Duck Investigators"), ["Duck Investigators"]),
        (Person(literal="im Namen der Entengruppe"), ["Entengruppe"]),
        (Person(literal="for the Duck Group"), ["Duck Group"]),
        (Person(literal="For Ducks Foundation"), ["For Ducks Foundation"]),
    ],
)
def test_names_of_nobody_and_of_groups(name: str | Person, wanted: list[str]) -> None:
    """What a program prints for no value is not a name; a group is named without the words before it."""
    one, several = (Draft(Page(b"", "a.json"), "item 1", b"raw") for _ in range(2))
    one.add_author(name)
    assert [author.family or author.literal for author in one.authors] == wanted
    if isinstance(name, str):
        several.add_people(name)
        assert [author.family for author in several.authors] == wanted
    assert not one.problems


def test_an_et_al_within_a_name() -> None:
    """What a source puts after the last given name is not a name, and shows that the list goes on."""
    draft = Draft(Page(b"", "a.json"), "item 1", b"raw")
    draft.title = markup.inline("A title")
    draft.add_author(Person(family="Born", given="L. et al."))
    done = draft.finish()
    assert isinstance(done, Parsed)
    assert [(author.family, author.given) for author in done.record.authors] == [("Born", "L.")]
    assert done.record.authors_truncated


@pytest.mark.parametrize(
    ("ids", "wanted"),
    [
        (["https://doi.org/10.1200/JCO.2014.1"], "doi:10.1200/jco.2014.1"),
        (["PMID:24857584"], "pmid:24857584"),
        (["PMC3700796"], "pmcid:PMC3700796"),
        ([], "sha256:"),
    ],
)
def test_the_id(ids: list[str], wanted: str) -> None:
    """A record is known by its best identifier, in one spelling; else by what names it."""
    assert (record(ids=ids).id or "").startswith(wanted)
    assert record(ids=ids).id == record(ids=ids).id


def test_the_id_of_a_meeting() -> None:
    """Without identifiers, society, meeting, year and number name an abstract."""
    meeting = Meeting(name="ASCO Annual Meeting 2014", society="ASCO")
    made = record(number="e15166", meeting=meeting, issued=PartialDate(2014), type="meeting-abstract")
    assert made.id == "ASCO:annual-meeting:2014:e15166"


def test_defaults_of_digest_yaml() -> None:
    """What a source does not say itself is taken from its entry in digest.yaml."""
    defaults = Source(
        name="s",
        address="a",
        meeting=Meeting(name="EMNLP 2020", start=PartialDate(2020)),
        track="NLP",
        permission="full",
    )
    made = record(defaults=defaults, number="main.41")
    assert (made.type, made.track, made.permission, made.issued) == (
        "meeting-abstract",
        "NLP",
        "full",
        PartialDate(2020),
    )
    assert record(defaults=defaults, track="Poster").track == "Poster"


def test_one_odd_thing_does_not_lose_the_record() -> None:
    """What cannot be read is reported with its place, and the rest is kept."""
    done = finished(ids=["10.1200/x", "ISSN 1234-5678"], authors="Roe J; ???", title="A study")
    assert done.record.ids.doi == "10.1200/x"
    assert {problem.code for problem in done.problems} == {"odd-identifier", "odd-name"}
    assert all((problem.file, problem.key) == ("a.ris", "record 1") for problem in done.problems)


def test_nothing_to_know_it_by() -> None:
    """A record that says nothing at all is a problem; one without a title is not."""
    done = Draft(Page(b"", "a.ris"), "record 1", b"").finish()
    assert isinstance(done, Problem)
    assert (done.level, done.code) == ("error", "no-title")
    assert record(title="", container="JOP").title.plain == "[Untitled]"


@pytest.mark.parametrize(
    ("text", "parts", "nct", "tails"),
    [
        ("It works. © 2019 Elsevier Ltd", [(None, "It works.")], (), 1),
        ("It works. (PsycInfo Database Record (c) 2022 APA, all rights reserved).", [(None, "It works.")], (), 1),
        (
            "<p>… in cancers.</p><p><b>Citation Format:</b> Shan D. Abstract nr 4608.</p>",
            [(None, "… in cancers.")],
            (),
            1,
        ),
        ("We saw. Clinical trial information: NCT01077154.", [(None, "We saw.")], ("NCT01077154",), 0),
        (
            "Background: A. Methods: B. Results: C. Clinical trial information: NCT01077154.",
            [
                ("Background", "A."),
                ("Methods", "B."),
                ("Results", "C."),
                ("Clinical trial information", "NCT01077154."),
            ],
            ("NCT01077154",),
            0,
        ),
        ("<p>4068</p><p>Background: A. Results: B.</p>", [("Background", "A."), ("Results", "B.")], (), 0),
        ("BACKGROUND\nA\nRESULTS\nB", [("BACKGROUND", "A"), ("RESULTS", "B")], (), 0),
        (
            "(1) Background: A; (2) Methods: B; (3) Results: C.",
            [("Background", "A"), ("Methods", "B"), ("Results", "C.")],
            (),
            0,
        ),
        (
            "(i) Background: A; (ii) Methods: B; (iii) Results: C",
            [("Background", "A"), ("Methods", "B"), ("Results", "C")],
            (),
            0,
        ),
        ("Background: A; Methods: B; Results: C", [("Background", "A"), ("Methods", "B"), ("Results", "C")], (), 0),
        ("1. Background\nA\n2. Methods\nB", [("Background", "A"), ("Methods", "B")], (), 0),
        ("(1) Background: A.\n(2) Methods: B.", [("Background", "A."), ("Methods", "B.")], (), 0),
        (
            "Objectives: (1) to see; (2) to hear. Methods: B.",
            [("Objectives", "(1) to see; (2) to hear."), ("Methods", "B.")],
            (),
            0,
        ),
        (
            "Aim: To count them.\n\nThere were 5. Results: OK.",
            [("Aim", "To count them. There were 5."), ("Results", "OK.")],
            (),
            0,
        ),
        ("1. <b>Background</b>: A. 2. <b>Methods</b>: B.", [("Background", "A."), ("Methods", "B.")], (), 0),
        (
            "Background: as before (1). Methods: ours (2).",
            [("Background", "as before (1)."), ("Methods", "ours (2).")],
            (),
            0,
        ),
        ("Introduction – Foo. Methods – Bar.", [("Introduction", "Foo."), ("Methods", "Bar.")], (), 0),
        (
            "Aim: To test. Methods: We did it.\n\nA second paragraph. Results: OK. Conclusions: Fine.",
            [
                ("Aim", "To test."),
                ("Methods", "We did it. A second paragraph."),
                ("Results", "OK."),
                ("Conclusions", "Fine."),
            ],
            (),
            0,
        ),
        (
            "Aim: To test.\nMethods: We did it. All came. Results: OK.",
            [("Aim", "To test."), ("Methods", "We did it. All came."), ("Results", "OK.")],
            (),
            0,
        ),
        ("Aim: To test.\n\nWe did it. Results: OK.", [("Aim", "To test. We did it."), ("Results", "OK.")], (), 0),
        ("Methods: We did it.\n\nAll came. Aim: low.", [("Methods", "We did it. All came. Aim: low.")], (), 0),
        ("<h4>Aim</h4><p>p &lt; .001</p>", [("Aim", "p &lt; .001")], (), 0),
        ("The results: good. We like methods.", [(None, "The results: good. We like methods.")], (), 0),
        ("<script>alert(1)</script>Safe<img src=x onerror=alert(1)>", [(None, "Safe")], (), 0),
    ],
)
def test_abstracts(text: str, parts: list[tuple[str | None, str]], nct: tuple[str, ...], tails: int) -> None:
    """Labels become parts, copyright lines are left out and reported, trial numbers are identifiers."""
    done = finished(abstract=text)
    assert [(part.label, part.text.source) for part in done.record.abstract] == parts
    assert done.record.ids.nct == nct
    assert [problem.code for problem in done.problems] == ["tail"] * tails


def test_most_labels_that_run_into_the_text(shared: Path) -> None:
    """Of 1,500 openly licensed abstracts written into one paragraph, nine of ten come apart exactly as they were."""
    right = total = 0
    with (shared / "records/more/labelled_sections_ccby.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            sections = [(part["label"].strip(" :."), part["text"].strip()) for part in json.loads(line)["sections"]]
            found = markup.abstract(" ".join(f"{label}: {text}" for label, text in sections))
            right += [part.label for part in found] == [label for label, _ in sections]
            total += 1
    assert (total, right >= 1365) == (1500, True), right


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2014 May 20", "2014-05-20"),
        ("20 May 2014", "2014-05-20"),
        ("May 20, 2014", "2014-05-20"),
        ("2014-05-20T10:00:00Z", "2014-05-20"),
        ("2014/05/20", "2014-05-20"),
        ("2014///", "2014"),
        ("2014 May-Jun", "2014-05"),
        ("Tue, 20 May 2014 10:00:00 GMT", "2014-05-20"),
        ("2014 Spring", "2014"),
        ("Nov-Dec 2014", "2014-11"),
        ("2014 Nov-Dec", "2014-11"),
        ("November/December, 2014", "2014-11"),
        ("May 30-June 3, 2014", "2014-05-30"),
        ("29-31 May 2014", "2014-05-29"),
        ("30 May – 3 June 2014", "2014-05-30"),
        ("March and April 2014", "2014-03"),
        ("03/04/2014", "2014"),
        ("2014-02-31", "2014-02"),
        ("20140520", "2014-05-20"),
        ("n.d.", "None"),
    ],
)
def test_dates(text: str, wanted: str) -> None:
    """A date is taken as far as it is sure."""
    assert str(read_date(text)) == wanted


@given(st.text(max_size=120))
def test_any_text_as_a_date(text: str) -> None:
    """Whatever a field for a date holds, the result is a date or none."""
    assert read_date(text) is None or isinstance(read_date(text), PartialDate)


def test_small_tables() -> None:
    """Journals and languages are found in both directions where they are sure."""
    assert abbreviation("JOP. Journal of the Pancreas") == "JOP"
    assert full_title("Ann Oncol").casefold() == "annals of oncology"
    assert abbreviation("") == full_title("") == ""
    assert [language_tag(text) for text in ("en_US", "ger", "French", "und", "?")] == ["en-US", "de", "fr", None, None]
    assert str(date_of("2014", "Jun", "31")) == "2014-06"
    assert date_of(None, 5) is None


@pytest.mark.parametrize(
    ("title", "number", "rest"),
    [
        ("A trial of A versus B (Abstract 4021)", "4021", "A trial of A versus B"),
        ("A trial of A versus B. Abstract 4021", "4021", "A trial of A versus B"),
        ("Abstract P-12. A trial", "P-12", "A trial"),
        ("Abstract P-12: A trial", "P-12", "A trial"),
        ("2014: a year in NET", "", "2014: a year in NET"),
        ("2014: A year in NET", "", "2014: A year in NET"),
        ("P16 - a marker of disease", "", "P16 - a marker of disease"),
        ("P53: Friend or foe", "", "P53: Friend or foe"),
        ("CD137 - A target", "", "CD137 - A target"),
        ("CA125: Still useful", "", "CA125: Still useful"),
        ("e15166. Survival following Y90", "e15166", "Survival following Y90"),
        ("P027 / #123 Ducks", "P027", "Ducks"),
        ("P027 (4021): Ducks", "P027", "Ducks"),
        ("P027 / Ducks", "", "P027 / Ducks"),
        ("e15166: Survival following Y90", "e15166", "Survival following Y90"),
        ("LBA3 Sunitinib in NET", "LBA3", "Sunitinib in NET"),
        ("LBA3: Sunitinib in NET", "LBA3", "Sunitinib in NET"),
        ("Sa1234 Outcome of ERCP", "Sa1234", "Outcome of ERCP"),
        ("Mo1001. Outcome of ERCP", "Mo1001", "Outcome of ERCP"),
        ("Tu1050 - Outcome of ERCP", "Tu1050", "Outcome of ERCP"),
        ("OP-012 Outcome of ERCP", "OP-012", "Outcome of ERCP"),
        ("PS-03: Outcome of ERCP", "PS-03", "Outcome of ERCP"),
        ("S45. Outcome of ERCP", "S45", "Outcome of ERCP"),
        ("T119. Can some young people recover", "T119", "Can some young people recover"),
        ("T4. What to do", "", "T4. What to do"),
        ("4021 Outcome of ERCP", "", "4021 Outcome of ERCP"),
        ("S100 protein in pancreatitis", "", "S100 protein in pancreatitis"),
        ("TPS4150 A phase III trial", "TPS4150", "A phase III trial"),
        ("PD1-02. Pembrolizumab in breast cancer", "PD1-02", "Pembrolizumab in breast cancer"),
        ("P-123: Outcome of ERCP", "P-123", "Outcome of ERCP"),
        ("#4021 Outcome of ERCP", "4021", "Outcome of ERCP"),
        ("4021: Outcome of ERCP", "4021", "Outcome of ERCP"),
        ("4021: pH-dependent uptake", "4021", "pH-dependent uptake"),
        ("5-FU and leucovorin", "", "5-FU and leucovorin"),
        ("10 years of the registry", "", "10 years of the registry"),
        ("177Lu-DOTATATE in NET", "", "177Lu-DOTATATE in NET"),
        ("3D imaging of the pancreas", "", "3D imaging of the pancreas"),
        ("Y90 radioembolization", "", "Y90 radioembolization"),
        ("OA03.05 Nivolumab in NSCLC", "OA03.05", "Nivolumab in NSCLC"),
        ("615MO - Nivolumab in NSCLC", "615MO", "Nivolumab in NSCLC"),
        ("Results (abstr e15166)", "e15166", "Results"),
        ("Results [abs. 33]", "33", "Results"),
        ("Results of the abs 4 study", "", "Results of the abs 4 study"),
    ],
)
def test_numbers_in_titles_of_proceedings(title: str, number: str, rest: str) -> None:
    """What societies number so is a number; years, proteins and isotopes that begin a title stay in it."""
    record = finished(title=title, type="meeting-abstract").record
    assert (record.number, record.title.plain) == (number, rest)


@pytest.mark.parametrize(
    ("title", "rest", "status"),
    [
        ("WITHDRAWN: A trial of enzymes", "A trial of enzymes", "withdrawn"),
        ("Withdrawn: A trial of enzymes", "A trial of enzymes", "withdrawn"),
        ("[Withdrawn] A trial of enzymes", "A trial of enzymes", "withdrawn"),
        ("RETRACTED ARTICLE: A trial of enzymes", "A trial of enzymes", "withdrawn"),
        ("Zurückgezogen: Eine Studie", "Eine Studie", "withdrawn"),
        ("Withdrawn", "Withdrawn", "withdrawn"),
        ("A trial of enzymes (retracted)", "A trial of enzymes", "withdrawn"),
        (
            "This abstract has been withdrawn by the authors.",
            "This abstract has been withdrawn by the authors",
            "withdrawn",
        ),
        ("Withdrawn at the request of the author", "Withdrawn at the request of the author", "withdrawn"),
        ("Withdrawn at author’s request", "Withdrawn at author’s request", "withdrawn"),
        ("Abstract withdrawn by the presenting author", "Abstract withdrawn by the presenting author", "withdrawn"),
        ("Auf Wunsch zurückgezogen: eine Studie", "eine Studie", "withdrawn"),
        ("Zurückgezogen auf Wunsch der Autoren", "Zurückgezogen auf Wunsch der Autoren", "withdrawn"),
        ("Retiré à la demande des auteurs", "Retiré à la demande des auteurs", "withdrawn"),
        ("Retirado a petición de los autores", "Retirado a petición de los autores", "withdrawn"),
        ("Dieser Beitrag wurde zurückgezogen", "Dieser Beitrag wurde zurückgezogen", "withdrawn"),
        ("Withdrawn prior to presentation", "Withdrawn prior to presentation", "withdrawn"),
        ("The authors have withdrawn this abstract", "The authors have withdrawn this abstract", "withdrawn"),
        ("A trial of enzymes. This abstract has been withdrawn.", "A trial of enzymes", "withdrawn"),
        ("A trial of enzymes (this abstract was withdrawn)", "A trial of enzymes", "withdrawn"),
        ("Withdrawn (12 May 2014): A trial of enzymes", "A trial of enzymes", "withdrawn"),
        ("Withdrawn: at the authors' request", "Withdrawn: at the authors' request", "withdrawn"),
        ("Withdrawn from life support", "Withdrawn from life support", "final"),
        ("Why was the drug withdrawn?", "Why was the drug withdrawn?", "final"),
        ("P-12 Withdrawn", "P-12 Withdrawn", "withdrawn"),
        ("P-12: WITHDRAWN: A trial of enzymes", "P-12: A trial of enzymes", "withdrawn"),
        ("P-12 [Withdrawn by the author] A trial", "P-12 A trial", "withdrawn"),
        ("A trial of enzymes, withdrawn", "A trial of enzymes", "withdrawn"),
        ("A trial of enzymes. Withdrawn", "A trial of enzymes", "withdrawn"),
        ("A trial of enzymes (withdrawn 12 May 2014)", "A trial of enzymes", "withdrawn"),
        ("A trial of enzymes [withdrawn on May 12, 2014]", "A trial of enzymes", "withdrawn"),
        ("A trial of enzymes - withdrawn at the authors' request", "A trial of enzymes", "withdrawn"),
        ("Retraction of: A trial of enzymes", "Retraction of: A trial of enzymes", "withdrawn"),
        ("Retraction Note to: A trial", "Retraction Note to: A trial", "withdrawn"),
        ("Retraction: A trial of enzymes", "Retraction: A trial of enzymes", "withdrawn"),
        ("Retraction of the diaphragm", "Retraction of the diaphragm", "final"),
        ("Cancelled operations in 2014", "Cancelled operations in 2014", "final"),
        ("This abstract has been withdrawn.", "This abstract has been withdrawn", "withdrawn"),
        ("Withdrawal of opioids in pain", "Withdrawal of opioids in pain", "final"),
        ("Withdrawn patients: a cohort", "Withdrawn patients: a cohort", "final"),
        ("Elective surgery, cancelled", "Elective surgery, cancelled", "final"),
        ("P-12 Withdrawn patients", "P-12 Withdrawn patients", "final"),
        ("Retracted lungs", "Retracted lungs", "final"),
    ],
)
def test_withdrawn_in_titles(title: str, rest: str, status: str) -> None:
    """What a title says of the abstract itself becomes its status, and leaves the title where that says more."""
    record = finished(title=title).record
    assert (record.title.plain, record.status) == (rest, status)


WITHDRAWN_TEXTS = {
    "This abstract has been withdrawn at the authors request.": "withdrawn",
    "Withdrawn": "withdrawn",
    "ABSTRACT WITHDRAWN": "withdrawn",
    "The abstract was withdrawn by the author on 12 May 2014.": "withdrawn",
    "Dieses Abstract wurde auf Wunsch der Autoren zurückgezogen.": "withdrawn",
    "Two patients were withdrawn at their own request.": "final",
    "This presentation is withdrawn from practice in many countries, and we asked surgeons why that is so. All answered.": "final",
}


@pytest.mark.parametrize("text", WITHDRAWN_TEXTS)
def test_withdrawn_in_texts(text: str) -> None:
    """An abstract that says no more than that it was withdrawn gives the status; the text stays."""
    record = finished(title="A trial", parts=(AbstractPart(text=RichText.of((text,))),)).record
    assert (record.status, record.abstract[0].text.plain) == (WITHDRAWN_TEXTS[text], text)


@pytest.mark.parametrize("title", ["<i> </i>", " ", "<b><i> </i></b>"])
def test_a_title_of_blanks_alone_is_none(title: str) -> None:
    """Markup around a space is not a title: the record is called untitled, with a warning."""
    draft = Draft(Page(b"", "a.ris"), "record 1", b"raw")
    draft.title = RichText.parse(title)
    draft.add_people("Kaur, M.")
    parsed = draft.finish()
    assert isinstance(parsed, Parsed)
    assert parsed.record.title.plain == "[Untitled]"
    assert [problem.code for problem in parsed.problems] == ["no-title"]


@pytest.mark.parametrize(
    ("titles", "numbers"),
    [
        ([f"{n} Outcome of stents" for n in range(2010, 2018)], [str(n) for n in range(2010, 2018)]),
        (["10 Years of stents"] + [f"Outcome of stents {n}" for n in range(8)], [""] * 9),
        ([f"{n} Outcome of stents" for n in range(4)], [""] * 4),
        (["100 Cases of one thing"] * 8, [""] * 8),
        ([f"{n} patients with stents" for n in range(20, 28)], [""] * 8),
    ],
)
def test_pages_whose_titles_all_begin_with_numbers(titles: list[str], numbers: list[str]) -> None:
    """Numbers without a sign are such where all titles of a page begin with one; a single title may begin with any."""
    text = "".join(f"TY  - JOUR\nTI  - {title}\nER  - \n" for title in titles)
    found = [outcome for outcome in parse(Page(text.encode(), "a.ris")) if isinstance(outcome, Parsed)]
    assert [parsed.record.number for parsed in found] == numbers


@pytest.mark.parametrize(
    ("opening", "number"),
    [
        ("15166", "15166"),
        ("2014", "2014"),
        ("#7", "7"),
        ("LBA3", "LBA3"),
        ("e15166", "e15166"),
        ("Sa1234", "Sa1234"),
        ("x2", ""),
        ("x<sup>2</sup>", ""),
        ("P53", ""),
        ("T4", ""),
        ("abc12", ""),
    ],
)
def test_a_token_before_all_labels(opening: str, number: str) -> None:
    """A word alone before the first label is the number where it is written as one, and otherwise stays."""
    done = record(
        abstract=f"<p>{opening}</p><p><b>Background:</b> A.</p><p><b>Results:</b> B.</p>", type="meeting-abstract"
    )
    assert (done.number, [part.label for part in done.abstract][-2:]) == (number, ["Background", "Results"])
    assert len(done.abstract) == (2 if number else 3)
