"""DataCite's and Zenodo's metadata: valid by DataCite's schema 4.5, the same as JSON and XML, and without what is closed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree
from msgspec import structs

from digest import strict
from digest.build import BuiltIssue, build
from digest.errors import ProjectError
from digest.export import yaml_record
from digest.model import Ids, Institution, Person, Record
from digest.outputs.described import creative_commons
from digest.text import RichText
from tests.conftest import ISSUE
from tests.test_crossref import SAYS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

schema45 = pytest.importorskip("datacite.schema45", reason="the package datacite is not installed")


@pytest.fixture
def whole(journal: Path) -> Path:
    """The sample, with all that is needed, its abstracts the publication's own; one of them with all that is odd."""
    with (journal / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write(SAYS)
    path = journal / ISSUE / "records" / "101.yaml"
    record = strict.read(path.read_text(encoding="utf-8"), Record, "101").value
    assert record
    odd = structs.replace(
        record,
        title=RichText.parse("H<sub>2</sub>O &lt;b&gt; مرحبا"),
        authors=(
            Person(literal="Sample Group"),
            Person(family="Berg", particle="van der", given="Anna", suffix="Jr", orcid="0000-0002-1825-0097", affiliations=(1, 1)),
            Person(family="Wrong", orcid="0000-0002-1825-0098", email="w@example.org"),
        ),
        affiliations=(RichText.plain_text("Uni, City"),),
        institutions=(Institution(affiliation=1, name="Uni", ror="05a28rw58"),),
        ids=Ids(nct=("NCT01077154",)),
        language="pt-BR",
        session="Session <1>",
        begins="2014-05-31T13:15-05:00",
        ends="2014-05-31T13:30-05:00",
        permission="full",
    )  # fmt: skip
    path.write_text(yaml_record(odd), encoding="utf-8")
    lba = journal / ISSUE / "records" / "LBA7.yaml"
    nobody = strict.read(lba.read_text(encoding="utf-8"), Record, "LBA7").value
    assert nobody
    lba.write_text(yaml_record(structs.replace(nobody, authors=())), encoding="utf-8")
    return journal / ISSUE


def read(built: BuiltIssue, name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(built.files[name])


def canonical(element: etree._Element) -> list[Any]:
    """An element as values that do not depend on the order of what is in the root, which the schema leaves free."""
    inner = [canonical(child) for child in element]
    text = (element.text or "").strip() if inner else element.text
    return [etree.QName(element).localname, sorted(map(str, element.attrib.items())), text, inner]


def test_valid_and_alike(whole: Path) -> None:
    """Each file is valid; the XML is the one that DataCite's own package makes of the JSON."""
    built = build(whole, ["datacite"])
    names = [name for name in built.files if name.endswith(".json")]
    assert len(names) == 10
    for name in names:
        record = read(built, name)
        schema45.validator.validate(record)
        made = canonical(etree.fromstring(schema45.tostring(record).encode()))
        ours = canonical(etree.fromstring(built.files[name.replace(".json", ".xml")]))
        assert sorted(ours[3], key=str) == sorted(made[3], key=str), name
        assert b"w@example.org" not in built.files[name]


def test_odd_facts(whole: Path) -> None:
    """Names, identifiers, trials and hours are where the schema has them; nothing is licensed that is not printed."""
    built = build(whole, ["datacite"])
    one = read(built, "datacite/101.json")
    assert one["titles"] == [{"title": "H2O <b> مرحبا", "lang": "pt-BR"}]
    assert one["types"] == {"resourceTypeGeneral": "Text", "resourceType": "Conference abstract"}
    assert one["creators"][0] == {"name": "Sample Group", "nameType": "Organizational"}
    anna = one["creators"][1]
    assert (anna["name"], anna["familyName"]) == ("van der Berg, Anna, Jr", "van der Berg Jr")
    assert anna["nameIdentifiers"][0]["nameIdentifier"] == "https://orcid.org/0000-0002-1825-0097"
    assert [place["affiliationIdentifier"] for place in anna["affiliation"]] == ["https://ror.org/05a28rw58"]
    assert "nameIdentifiers" not in one["creators"][2]
    assert one["dates"][1] == {
        "date": "2014-05-31T13:15-05:00/2014-05-31T13:30-05:00",
        "dateType": "Other",
        "dateInformation": "Presented",
    }
    assert {
        "relatedIdentifier": "https://clinicaltrials.gov/study/NCT01077154",
        "relatedIdentifierType": "URL",
        "relationType": "References",
        "resourceTypeGeneral": "StudyRegistration",
    } in one["relatedIdentifiers"]
    assert one["alternateIdentifiers"] == [{"alternateIdentifier": "101", "alternateIdentifierType": "Abstract number"}]
    assert read(built, "datacite/LBA7.json")["creators"] == [{"name": "(:unav)"}]
    assert "rightsList" not in read(built, "datacite/LBA7.json")
    notice = read(built, "datacite/erratum-p1701.json")
    assert notice["creators"] == [{"name": "The Society", "nameType": "Organizational"}]
    assert notice["relatedIdentifiers"][-1]["relatedIdentifier"] == "10.6092/1590-8577/p1701"
    article = read(built, "datacite/cachexia.json")
    reviewed = [one["relatedIdentifier"] for one in article["relatedIdentifiers"] if one["relationType"] == "Reviews"]
    assert reviewed == ["10.6092/1590-8577/101", "10.6092/1590-8577/lba7", "10.6092/1590-8577/tps205"]


def test_zenodo(whole: Path) -> None:
    """An article is one, an abstract a paper of its conference; a text that may not be printed is not uploaded."""
    built = build(whole, ["zenodo"])
    assert sorted(built.files) == [
        "zenodo/101.json",
        "zenodo/P1701.json",
        "zenodo/cachexia.json",
        "zenodo/radioembolization.json",
    ]
    one = read(built, "zenodo/101.json")["metadata"]
    assert (one["upload_type"], one["publication_type"]) == ("publication", "conferencepaper")
    assert (one["license"], one["language"], one["access_right"]) == ("cc-by-4.0", "por", "open")
    assert one["conference_session"] == "Session <1>"
    assert one["conference_session_part"] == "101"
    assert one["creators"][1]["orcid"] == "0000-0002-1825-0097"
    assert "orcid" not in one["creators"][2]
    article = read(built, "zenodo/radioembolization.json")["metadata"]
    assert article["publication_type"] == "article"
    assert article["journal_pages"] == "332-334"
    assert len(article["references"]) == 9


def test_zenodo_without_dois(journal: Path) -> None:
    """Articles need no DOI; a licence that is not of Creative Commons, or none, is named."""
    path = journal / "digest.yaml"
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}licence: https://creativecommons.org/publicdomain/zero/1.0/\n", encoding="utf-8")
    files = build(journal / ISSUE, ["zenodo"]).files
    assert [json.loads(content)["metadata"]["license"] for content in files.values()] == ["cc0-1.0"] * 2
    path.write_text(f"{before}licence: https://example.org/ours\n", encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        build(journal / ISSUE, ["zenodo"])
    assert "not one of Creative Commons" in caught.value.problems[-1].message


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "cc-by-4.0"),
        ("http://creativecommons.org/licenses/by-nc-nd/3.0/legalcode", "cc-by-nc-nd-3.0"),
        ("https://creativecommons.org/licenses/by-sa/4.0/deed.de", "cc-by-sa-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "cc0-1.0"),
        ("https://creativecommons.org/licenses/by/3.0/de/", ""),
        ("https://example.org/licenses/by/4.0/", ""),
        (None, ""),
    ],
)
def test_licences(address: str | None, name: str) -> None:
    """The name of a licence in SPDX's list, where the address says which it is."""
    assert creative_commons(address) == name


def test_folders_are_written_again(
    whole: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> None:
    """A folder of files is replaced by the next build, and what was in it of an earlier one is gone."""
    digest = digest_in(whole)
    assert digest("build", "--to", "zenodo")[0] == 0
    made = whole / "_build" / "zenodo"
    assert (made / "101.json").is_file()
    text = (whole.parents[1] / "digest.yaml").read_text(encoding="utf-8")
    (whole.parents[1] / "digest.yaml").write_text(text.replace(", abstracts: true", ""), encoding="utf-8")
    code, out, _ = digest("build", "--to", "zenodo")
    assert (code, out.strip().endswith("_build/zenodo")) == (0, True)
    assert not (made / "101.json").exists()
    (made / "mine.txt").write_text("keep", encoding="utf-8")
    assert digest("build", "--to", "zenodo")[0] == 1
