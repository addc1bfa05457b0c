"""A publication's folder: every mistake is reported with file, line and key, and nothing is read that must not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from digest.build import build
from digest.errors import DigestError, ProjectError
from digest.project import find_issue, read_issue
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from pathlib import Path


def reported(journal: Path) -> list[str]:
    """What reading the issue says: errors, warnings and notes."""
    try:
        return [str(problem) for problem in read_issue(journal / ISSUE).problems]
    except ProjectError as error:
        return [str(problem) for problem in error.problems]


def change(path: Path, old: str, new: str) -> int:
    """Replaces the first occurrence of a text and returns its line."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"the sample has no {old!r} in {path.name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


# file, what is there, what is put in its place, lines further down at which it is reported, what is reported
CHANGES = [
    (
        "digest.yaml",
        "issn:",
        "isn:",
        0,
        "digest.yaml:{}: error: the key “isn” is not known here; did you mean “issn”? [unknown-key]",
    ),
    (
        f"{ISSUE}/issue.yaml",
        "article: radioembolization",
        "article: radioembolisation",
        0,
        f"{ISSUE}/issue.yaml:{{}}: error: there is no article “radioembolisation”: expected a file "
        f"{ISSUE}/articles/radioembolisation.md; did you mean “radioembolization”? [missing-article]",
    ),
    (
        f"{ISSUE}/issue.yaml",
        "record: e15166",
        "record: e15167",
        0,
        f"{ISSUE}/issue.yaml:{{}}: error: there is no record “e15167”: expected a file {ISSUE}/records/e15167.yaml; "
        "did you mean “e15166”? [missing-record]",
    ),
    (
        f"{ISSUE}/issue.yaml",
        "record: e411",
        "record: e310",
        0,
        f"{ISSUE}/issue.yaml:{{}}: error: the record “e310” is in this issue already, as entry 1 of “Supportive Care” [duplicate-entry]",
    ),
    (
        f"{ISSUE}/issue.yaml",
        "figures/cover.svg",
        "figures/covers.svg",
        0,
        f"{ISSUE}/issue.yaml:{{}}: error: there is no picture {ISSUE}/figures/covers.svg; did you mean “cover.svg”? [missing-picture]",
    ),
    (
        f"{ISSUE}/issue.yaml",
        "figures/cover.svg",
        "issue.yaml",
        0,
        f"{ISSUE}/issue.yaml:{{}}: error: a picture is one of .png, .jpg, .jpeg, .svg, .webp; found issue.yaml [picture-type]",
    ),
    (
        f"{ISSUE}/issue.yaml",
        "Fewer than half of those",
        "More than half of those",
        0,
        f"{ISSUE}/issue.yaml:{{}}: warning: the quotation is not in the abstract word for word, but is printed in quotation marks "
        "[quote-differs]",
    ),
    (
        f"{ISSUE}/articles/radioembolization.md",
        "affiliations: [1]",
        "affiliations: [2]",
        0,
        f"{ISSUE}/articles/radioembolization.md:{{}}: error: author Preethi K John has affiliation 2, but there is one [inconsistent]",
    ),
    (
        f"{ISSUE}/articles/radioembolization.md",
        "---\n",
        "",
        0,
        f"{ISSUE}/articles/radioembolization.md:{{}}: error: an article begins with its front matter: a line “---”, keys such as "
        "“title: …”, and a line “---” [front-matter]",
    ),
    (
        f"{ISSUE}/articles/radioembolization.md",
        "abstracts: [e15166]",
        "abstracts: [e1516]",
        0,
        f"{ISSUE}/articles/radioembolization.md:{{}}: error: there is no record “e1516”: expected a file {ISSUE}/records/e1516.yaml; "
        "did you mean “e15166”? [missing-record]",
    ),
    (
        f"{ISSUE}/records/e15166.yaml",
        "permission: quote",
        "permission: quotes",
        0,
        f"{ISSUE}/records/e15166.yaml:{{}}: error: expected one of full, none, quote; found “quotes”; did you mean “quote”? [value]",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "below", "message"), CHANGES)
def test_mistakes(journal: Path, file: str, old: str, new: str, below: int, message: str) -> None:
    """A mistake in the sample is reported where it is, and nothing else changes."""
    before = reported(journal)
    line = change(journal / file, old, new)
    new_problems = [text for text in reported(journal) if text not in before and " note: " not in text]
    assert new_problems == [message.format(line + below)]


def test_all_mistakes_at_once(journal: Path) -> None:
    """Mistakes in several files are reported together."""
    change(journal / "digest.yaml", "title:", "titel:")
    change(journal / ISSUE / "records" / "e15166.yaml", "title:", "titel:")
    change(journal / ISSUE / "references.yaml", "title:", "titel:")
    files = {text.split(":")[0] for text in reported(journal) if "titel" in text}
    assert files == {"digest.yaml", f"{ISSUE}/records/e15166.yaml", f"{ISSUE}/references.yaml"}


def test_unused_is_noted(journal: Path) -> None:
    """Nothing that lies in the issue's folder is left out in silence."""
    (journal / ISSUE / "records" / "spare.yaml").write_text("title: Spare\n", encoding="utf-8")
    (journal / ISSUE / "articles" / "spare.md").write_text("---\ntitle: Spare\n---\n", encoding="utf-8")
    assert [text for text in reported(journal) if "spare" in text] == [
        f"{ISSUE}/records/spare.yaml:1: note: this record is in no entry of the issue and no article cites it [unused]",
        f"{ISSUE}/articles/spare.md: note: this article is in no section of the issue [unused]",
    ]


@pytest.mark.parametrize("broken", ["title: [", "---\n", "titel: x"])
def test_an_article_that_cannot_be_read_is_in_its_section(journal: Path, broken: str) -> None:
    """A mistake in an article is one message: that it is in no section, or cites nothing, would not be true."""
    change(journal / ISSUE / "articles/radioembolization.md", "title:", f"{broken}\ntitle:")
    assert not [text for text in reported(journal) if "[unused]" in text]


# issue.yaml of another issue than that of 28 July 2014, vol. 15, no. 4; the codes that are reported for the latter.
OTHERS = [
    ("date: 2014-07-28\nsections: []\n", {"same-date"}),
    (
        "date: '2014-07-28'  # twice\r\nvolume: 15\r\nnumber: 4 # as well\r\nsections: []\r\n",
        {"same-date", "same-number"},
    ),
    ('date: 2014-09-01\nvolume: "15"\nnumber: "4"\nsections: [\n', {"same-number"}),  # even one with mistakes
    ("date: 2014-09-01\nvolume: 15\nnumber: 5\nsections: []\n", set()),
    ("date: 2014-09-01\n# volume: 15\n# number: 4\nsections: []\n", set()),
]


@pytest.mark.parametrize(("other", "codes"), OTHERS)
def test_two_issues_that_are_called_alike(journal: Path, other: str, codes: set[str]) -> None:
    """Two issues of one date, or of one volume and number, are a slip that nobody sees in either alone."""
    (journal / "issues/other").mkdir()
    (journal / "issues/other/issue.yaml").write_bytes(other.encode())
    found = [problem for problem in read_issue(journal / ISSUE).problems if problem.code.startswith("same-")]
    assert {(problem.level, problem.code) for problem in found} == {("warning", code) for code in codes}
    assert all(problem.line and "issue other" in problem.message for problem in found)


def test_bookshelf_number_is_noted(journal: Path) -> None:
    """The seed's Bookshelf number on a journal article is printed as given, and noted."""
    assert any("NBK6993" in text and "[odd-identifier]" in text for text in reported(journal))


def test_an_orcid_of_nobody(journal: Path) -> None:
    """An ORCID iD whose check digit is wrong would lead to nobody: it is reported at its author."""
    path = journal / ISSUE / "articles" / "radioembolization.md"
    text = path.read_text(encoding="utf-8")
    for orcid, count in (("0000-0002-1825-0097", 0), ("0000-0002-1825-0079", 1)):
        changed = text.replace("family: Saif\n", f"family: Saif\n    orcid: {orcid}\n", 1)
        assert changed != text
        path.write_text(changed, encoding="utf-8")
        found = [one for one in read_issue(journal / ISSUE).problems if "ORCID" in one.message]
        assert len(found) == count
    (problem,) = found
    assert changed.splitlines()[(problem.line or 0) - 1].count(orcid) == 1
    assert (problem.level, problem.key) == ("warning", "authors[1].orcid")


def test_bytes_that_are_no_text(journal: Path) -> None:
    """A file that is not UTF-8 is reported with the line of the first odd byte."""
    path = journal / ISSUE / "records" / "e15166.yaml"
    path.write_bytes(b"title: x\nvolume: \xe9\n")
    assert (
        f"{ISSUE}/records/e15166.yaml:2: error: expected UTF-8, found the byte 0xE9; save the file as UTF-8 [encoding]"
        in reported(journal)
    )


def test_byte_order_mark_and_line_ends(journal: Path) -> None:
    """Files from Windows are read like others."""
    path = journal / "digest.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_issue(journal / ISSUE).publication.title == "JOP. Journal of the Pancreas"


def test_links_lead_nowhere(journal: Path, tmp_path: Path) -> None:
    """A link that leaves the publication is not followed."""
    secret = tmp_path / "secret.yaml"
    secret.write_text("title: secret\n", encoding="utf-8")
    (journal / ISSUE / "records" / "stolen.yaml").symlink_to(secret)
    picture = journal / ISSUE / "figures" / "cover.svg"
    picture.unlink()
    picture.symlink_to(secret.rename(tmp_path / "secret.svg"))
    (journal / ISSUE / "records" / "stolen.yaml").unlink()
    (journal / ISSUE / "records" / "stolen.yaml").symlink_to(tmp_path / "secret.svg")
    codes = [text.rpartition(" ")[2] for text in reported(journal) if "link that leads out" in text]
    assert codes == ["[outside]", "[outside]"]


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (".", None),
        (".", "2014-07-28"),
        (".", ISSUE),
        ("issues", "2014-07-28"),
        (ISSUE, None),
        (f"{ISSUE}/records", None),
        ("..", "journal"),
    ],
)
def test_an_issue_is_found(journal: Path, start: str, name: str | None) -> None:
    """An issue is named by folder or by date, or is the newest, or the one we are in."""
    assert find_issue(name, folder=journal / start) == (journal / ISSUE).resolve()


def test_the_newest_issue(journal: Path) -> None:
    """Without a name the newest issue is meant."""
    newer = journal / "issues" / "2015-01-28"
    newer.mkdir()
    (newer / "issue.yaml").write_text("date: 2015-01-28\nsections: []\n", encoding="utf-8")
    assert find_issue(folder=journal) == newer


def test_no_issue(journal: Path, tmp_path: Path) -> None:
    """What is not there is reported with what is."""
    with pytest.raises(DigestError, match="there is no issue “2014-07-29”; did you mean “2014-07-28”"):
        find_issue("2014-07-29", folder=journal)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DigestError, match="no publication here"):
        find_issue(folder=tmp_path / "empty")


FOREIGN = {
    "references.bib": "@article{kuo2014,\n  author={Kuo, J. H.}, title={Geese}, journal={Pancreas}, year=2014,\n}\n\n"
    "@book{roe, author={Roe, A.}, title={Swans}, publisher={Invented Press}, year=2001}\n",
    "references.ris": "TY  - JOUR\nID  - kuo2014\nAU  - Kuo, J. H.\nTI  - Geese\nT2  - Pancreas\nPY  - 2014\nER  - \n\n"
    "TY  - BOOK\nID  - roe\nAU  - Roe, A.\nTI  - Swans\nPY  - 2001\nER  - \n",
    "references.json": '[{"id": "kuo2014", "type": "article-journal", "title": "Geese", "container-title": "Pancreas",'
    ' "issued": {"date-parts": [[2014]]}, "author": [{"family": "Kuo", "given": "J. H."}]},\n'
    '{"id": "roe", "type": "book", "title": "Swans", "issued": {"date-parts": [[2001]]}}]\n',
}


@pytest.mark.parametrize("name", FOREIGN)
def test_references_of_a_reference_manager(name: str, journal: Path) -> None:
    """What a reference manager exports is cited by its own keys; what nobody cites is reported at its line."""
    folder = journal / ISSUE
    article = folder / "articles" / "radioembolization.md"
    article.write_text(article.read_text(encoding="utf-8") + "\nGeese fly [@kuo2014x].\n", encoding="utf-8")
    (folder / name).write_text(FOREIGN[name].replace("kuo2014", "kuo2014x"), encoding="utf-8")
    issue = read_issue(folder)
    assert issue.references["kuo2014x"].title.plain == "Geese"
    assert issue.references["kuo2014x"].container == "Pancreas"
    (unused,) = [problem for problem in issue.problems if problem.code == "unused" and problem.file.endswith(name)]
    assert unused.level == "note"
    page = build(folder, ["html"]).files["issue.html"].decode()
    assert "Geese. Pancreas" in page


def test_a_broken_references_file_of_a_reference_manager(journal: Path) -> None:
    """An entry that cannot be read keeps the issue from being written, at its line."""
    (journal / ISSUE / "references.bib").write_text(
        "@article{a, title={Geese}}\n\n@article{b,\n title={Swans\n", encoding="utf-8"
    )
    with pytest.raises(ProjectError) as caught:
        build(journal / ISSUE, ["html"])
    assert [
        (problem.file.rpartition("/")[2], problem.line) for problem in caught.value.problems if problem.level == "error"
    ] == [("references.bib", 3)]
