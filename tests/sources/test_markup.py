"""Abstracts from outside become labelled parts, whatever their source did to labels and markup."""

from __future__ import annotations

import pytest

from digest.sources.shared import markup, xmlpages

ABSTRACTS: dict[str, tuple[str, list[tuple[str | None, str]]]] = {
    "the field's own name": ("Abstract: We asked. We saw.", [(None, "We asked. We saw.")]),
    "the field's own name in capitals": ("ABSTRACT We asked.", [(None, "We asked.")]),
    "the field's own name before an opening word": ("Abstract The Arctic melts.", [(None, "The Arctic melts.")]),
    "the field's own name before a label": (
        "Abstract Aim: To see. Results: Seen.",
        [("Aim", "To see."), ("Results", "Seen.")],
    ),
    "the field's own name as a line": ("<p>Abstract</p><p>We asked.</p>", [(None, "We asked.")]),
    "a name that begins with Abstract": (
        "Abstract Meaning Representation (AMR) is known.",
        [(None, "Abstract Meaning Representation (AMR) is known.")],
    ),
    "labels glued to the words after them": (
        "BackgroundWe asked for ducks.MethodsWe looked at 7 ponds.ResultsSome swam.",
        [("Background", "We asked for ducks."), ("Methods", "We looked at 7 ponds."), ("Results", "Some swam.")],
    ),
    "labels without a sign": (
        "Aim Ducks swim in ponds. Location Worldwide. The end. Methods We looked at them. Main conclusions Some swam on.",
        [
            ("Aim", "Ducks swim in ponds. Location Worldwide. The end."),
            ("Methods", "We looked at them."),
            ("Main conclusions", "Some swam on."),
        ],
    ),
    "two words that could be labels": (
        "Results We Trust is a book. Methods We Use is its second part.",
        [(None, "Results We Trust is a book. Methods We Use is its second part.")],
    ),
    "PubMed's elements in another format": (
        '<AbstractText Label="AIM" NlmCategory="OBJECTIVE">To see p &lt; .05.</AbstractText>\n'
        '<AbstractText Label="RESULTS">O<sub>2</sub>.</AbstractText>',
        [("AIM", "To see p &lt; .05."), ("RESULTS", "O<sub>2</sub>.")],
    ),
    "small capitals of Wiley": (
        "<scp>NLP</scp> and &lt;scp&gt;AI&lt;/scp&gt;",
        [(None, "<sc>NLP</sc> and <sc>AI</sc>")],
    ),
    "a link of JATS": ('See <ext-link xlink:href="http://x.org">x.org</ext-link>.', [(None, "See x.org.")]),
    "a number before the first label": (
        "15166 Background: Why. Methods: How.",
        [
            (None, "15166"),
            ("Background", "Why."),
            ("Methods", "How."),
        ],
    ),
    "labels in capitals that nobody knows": (
        "AIM: To see. DUCK POND: It swims.",
        [("AIM", "To see."), ("DUCK POND", "It swims.")],
    ),
}


@pytest.mark.parametrize(("given", "wanted"), ABSTRACTS.values(), ids=ABSTRACTS)
def test_labels_are_found(given: str, wanted: list[tuple[str | None, str]]) -> None:
    """Labels are found in each of the states in which sources hand them on, and nothing is taken for one that is none."""
    assert [(part.label, part.text.source) for part in markup.abstract(given)] == wanted


XML = {
    "a bare ampersand": ("<a>R&D & x</a>", "<a>R&amp;D &amp; x</a>"),
    "an entity of HTML": ("<a>&alpha;&nosuch;</a>", "<a>α&amp;nosuch;</a>"),
    "XML's own": ("<a>&lt;&#60;&amp;</a>", "<a>&lt;&lt;&amp;</a>"),
    "a number with a capital X": ("<a>&#X3B1;</a>", "<a>α</a>"),
    "a character that cannot be": ("<a>\x02&#x2;&#xD800;</a>", "<a>\ufffd\ufffd</a>"),
    "a comment and what is quoted": ("<!-- a & b --><![CDATA[c & d]]>&", "<!-- a & b --><![CDATA[c & d]]>&amp;"),
    "a quotation that is never closed": ("<![CDATA[c & d", "<![CDATA[c &amp; d"),
}


@pytest.mark.parametrize(("given", "wanted"), XML.values(), ids=XML)
def test_xml_is_mended(given: str, wanted: str) -> None:
    """What has one safe repair is repaired, and what is quoted stays as it is."""
    assert xmlpages.repaired(given) == wanted


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "BACKGROUND A was seen. METHODS B was done. RESULTS C was found. CONCLUSION D holds.",
            [
                ("BACKGROUND", "A was seen."),
                ("METHODS", "B was done."),
                ("RESULTS", "C was found."),
                ("CONCLUSION", "D holds."),
            ],
        ),
        (
            "Purpose of Review A is important. Recent Findings B was found. Summary C is the end.",
            [
                ("Purpose of Review", "A is important."),
                ("Recent Findings", "B was found."),
                ("Summary", "C is the end."),
            ],
        ),
        (
            "Purpose of ReviewWildfire smoke is bad. Recent FindingsThis is new. SummaryThe end.",
            [
                ("Purpose of Review", "Wildfire smoke is bad."),
                ("Recent Findings", "This is new."),
                ("Summary", "The end."),
            ],
        ),
        (
            "Hintergrund: A war da. Patienten und Methoden: B. Ergebnisse: C. Schlussfolgerung: D.",
            [
                ("Hintergrund", "A war da."),
                ("Patienten und Methoden", "B."),
                ("Ergebnisse", "C."),
                ("Schlussfolgerung", "D."),
            ],
        ),
        (  # over all parts: the label of none
            "<h3>Résumé</h3><h4>Contexte</h4><p>A war da.</p><h4>Méthodes</h4><p>B.</p>",
            [("Contexte", "A war da."), ("Méthodes", "B.")],
        ),
        (
            "Contexte : A. Matériels et méthodes : B. Résultats : C.",
            [("Contexte", "A."), ("Matériels et méthodes", "B."), ("Résultats", "C.")],
        ),
        (
            "Antecedentes: A. Métodos: B. Resultados: C. Conclusiones: D.",
            [("Antecedentes", "A."), ("Métodos", "B."), ("Resultados", "C."), ("Conclusiones", "D.")],
        ),
        (
            "Introduzione: A. Metodi: B. Risultati: C. Conclusioni: D.",
            [("Introduzione", "A."), ("Metodi", "B."), ("Risultati", "C."), ("Conclusioni", "D.")],
        ),
        (
            "Introdução: A. Métodos: B. Resultados: C. Conclusão: D.",
            [("Introdução", "A."), ("Métodos", "B."), ("Resultados", "C."), ("Conclusão", "D.")],
        ),
        ("O_ST_ABSBackgroundC_ST_ABSWe ask. O_LI one C_LI O_LI two C_LI", [("Background", "We ask. one two")]),
        ("Background: A.;Methods: B.;Results: C.", [("Background", "A."), ("Methods", "B."), ("Results", "C.")]),
        ("<b>Aims.</b>;<b>Methods:</b> B was done.", [(None, "Aims"), ("Methods", "B was done.")]),
        (
            "Purpose of Review A is it. Recent Findings B was found. Summary C.",
            [("Purpose of Review", "A is it."), ("Recent Findings", "B was found."), ("Summary", "C.")],
        ),
        (
            "Fragestellung: A. Material und Methode: B. Kasuistik: C. Fazit: D.",
            [("Fragestellung", "A."), ("Material und Methode", "B."), ("Kasuistik", "C."), ("Fazit", "D.")],
        ),
        (
            "BACKGROUND AND AIMS We ask. MATERIALS AND METHODS We did. RESULTS Of 12 two died. CONCLUSIONS Bad.",
            [
                ("BACKGROUND AND AIMS", "We ask."),
                ("MATERIALS AND METHODS", "We did."),
                ("RESULTS", "Of 12 two died."),
                ("CONCLUSIONS", "Bad."),
            ],
        ),
        (
            "PURPOSE OF REVIEW This is. RECENT FINDINGS That is. SUMMARY It is.",
            [("PURPOSE OF REVIEW", "This is."), ("RECENT FINDINGS", "That is."), ("SUMMARY", "It is.")],
        ),
        (
            "AIM To see. METHODS IPMN were seen. RESULTS 12 of 30 died.",
            [("AIM", "To see."), ("METHODS", "IPMN were seen."), ("RESULTS", "12 of 30 died.")],
        ),
        (
            "Background. We asked. Methods. We did. Results. We found.",
            [("Background", "We asked."), ("Methods", "We did."), ("Results", "We found.")],
        ),
        (
            "Zielsetzung Wir fragten. Methodik Wir taten. Ergebnisse Wir fanden.",
            [("Zielsetzung", "Wir fragten."), ("Methodik", "Wir taten."), ("Ergebnisse", "Wir fanden.")],
        ),
        ("Ziel der Studie: A. Methodik: B.", [("Ziel der Studie", "A."), ("Methodik", "B.")]),
        ("But de l’étude : A. Patients et méthodes : B.", [("But de l’étude", "A."), ("Patients et méthodes", "B.")]),
        ("Scopo dello studio: A. Materiali e metodi: B.", [("Scopo dello studio", "A."), ("Materiali e metodi", "B.")]),
        (
            "O_ST_ABSMotivationC_ST_ABSWe ask. O_ST_ABSAvailabilityC_ST_ABSOn <i>the</i> web.",
            [("Motivation", "We ask."), ("Availability", "On the web.")],
        ),
        ("RESULTS We found. METHODS We did.", [(None, "RESULTS We found. METHODS We did.")]),
        ("METHODS OF the world. RESULTS may vary.", [(None, "METHODS OF the world. RESULTS may vary.")]),
        ("Methods We Use. Results We Get.", [(None, "Methods We Use. Results We Get.")]),
        ("Patients were seen. Methods are. Results are.", [(None, "Patients were seen. Methods are. Results are.")]),
        ("Wir hatten ein Ziel: mehr. Resultate gab es.", [(None, "Wir hatten ein Ziel: mehr. Resultate gab es.")]),
        ("RESULTS We found. The METHODS are clear.", [(None, "RESULTS We found. The METHODS are clear.")]),
    ],
)
def test_labels_in_other_forms(text: str, parts: list[tuple[str | None, str]]) -> None:
    """Labels in capitals without a sign, in other languages, and in bioRxiv's marks; one word alone is not a label."""
    assert [(part.label, part.text.plain) for part in markup.abstract(text)] == parts
