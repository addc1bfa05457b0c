"""``digest themes``: what it shows, what it writes, what it promises."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from digest.build import build
from digest.render import contract, inventory
from digest.render.check import theme_problems
from digest.render.theme import Theme, themes
from tests.conftest import ISSUE, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]
    In = Callable[[Path], Run]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_list(journal: Path, digest_in: In) -> None:
    """The themes of the program and of the publication, with what they make and which one is used."""
    write(journal / "themes/mine/theme.yaml", "title: Mine\ndescription: D\nextends: highlights\nformats: [pdf]\n")
    code, out, _ = digest_in(journal)("themes", "list")
    assert code == 0
    assert "highlights\tHighlights\tof the program\thtml, pdf\tused here" in out.splitlines()
    assert "mine\tMine\tof this publication\tpdf" in out.splitlines()
    listed = json.loads(digest_in(journal)("themes", "list", "--json")[1])
    assert listed["schema"] == 1
    mine = next(item for item in listed["themes"] if item["name"] == "mine")
    assert (mine["from"], mine["extends"], mine["formats"]) == ("this publication", "highlights", ["pdf"])


def test_show(journal: Path, digest_in: In) -> None:
    """Options with their values, the file that wins for each name and those that it hides, blocks and variables."""
    settings = journal / "digest.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "theme_options: {paper: Letter}\n", encoding="utf-8")
    write(journal / "overrides/partials/notice.html", "{{ entry.title }}{{ heading }}")
    code, out, _ = digest_in(journal)("themes", "show", "-v")
    assert code == 0
    assert "  paper: paper, Letter (without it A4): The sheets of the PDF.\n" in out
    assert (
        "  partials/notice.html: overrides/partials/notice.html\n    before templates/highlights/partials/notice.html\n"
        "    uses: entry, heading\n"
    ) in out
    assert "    blocks: head, title, body, cover, contents, editorial, sections, indexes, colophon\n" in out
    shown = json.loads(digest_in(journal)("themes", "show", "--json")[1])
    assert shown["options"]["paper"]["value"] == "Letter"
    (notice,) = (file for file in shown["files"] if file["name"] == "partials/notice.html")
    assert notice["file"] == "overrides/partials/notice.html"
    assert notice["behind"] == ["templates/highlights/partials/notice.html"]
    (section,) = (file for file in shown["files"] if file["name"] == "partials/section.html")
    assert section["uses"] == ["partials/section-picture.html", "partials/….html"]


@pytest.mark.parametrize("command", [("show",), ("check",), ("list",), ("context",), ("show", "highlights")])
def test_outside_of_a_publication(tmp_path: Path, digest_in: In, command: tuple[str, ...]) -> None:
    """The themes of the program are shown and checked anywhere."""
    code, out, err = digest_in(tmp_path)("themes", *command)
    assert code == 0, err
    assert str(tmp_path) not in out


def test_eject_a_copy(journal: Path, digest_in: In) -> None:
    """A partial or a stylesheet is copied as it is, once, and the page stays the same."""
    before = build(journal / ISSUE, ["html"]).files
    for name, path in (
        ("partials/notice.html", "partials/notice.html"),
        ("digest", "partials/digest.html"),
        ("css/base.css", "css/base.css"),
    ):
        code, out, err = digest_in(journal)("themes", "eject", name)
        assert (code, out) == (0, f"overrides/{path}\n")
        assert "no longer follows the theme" in err
    assert build(journal / ISSUE, ["html"]).files == before
    write(journal / "overrides/partials/notice.html", "mine")
    code, out, err = digest_in(journal)("themes", "eject", "partials/notice.html")
    assert (code, out) == (1, "")
    assert err.startswith("digest: overrides/partials/notice.html: this file already exists")
    assert (journal / "overrides/partials/notice.html").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("options", [(), ("--block", "colophon")])
def test_eject_a_stub(journal: Path, digest_in: In, options: tuple[str, ...]) -> None:
    """Of a page with blocks a stub is written that changes nothing yet, which is all that the check notes."""
    before = build(journal / ISSUE, ["html"]).files
    code, out, err = digest_in(journal)("themes", "eject", "issue.html", *options)
    assert (code, out) == (0, "overrides/issue.html\n")
    assert "follows it in everything that it does not change" in err
    text = (journal / "overrides/issue.html").read_text(encoding="utf-8")
    assert text.startswith('{% extends "highlights:issue.html" %}\n')
    assert text.count("super()") == (1 if options else 10)
    after = build(journal / ISSUE, ["html"]).files["issue.html"].decode().split()
    assert after == before["issue.html"].decode().split()
    assert {problem.level for problem in theme_problems(Theme("highlights", journal), "en")} == {"note"}


def test_eject_each_file(journal: Path, digest_in: In) -> None:
    """Every template of the theme can be ejected; the check notes that each is as it was."""
    for part in inventory.files(Theme("highlights", journal)):
        if part.name.endswith(".html"):
            assert digest_in(journal)("themes", "eject", part.name)[0] == 0
    assert {problem.level for problem in theme_problems(Theme("highlights", journal), "en")} == {"note"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("partials/notcie.html",),
            "the theme highlights has no file “partials/notcie.html”; did you mean “partials/notice.html”?",
        ),
        (("issue.html", "--block", "colofon"), "issue.html has no block “colofon”; did you mean “colophon”?"),
        (("partials/notice.html", "--block", "x"), "partials/notice.html has no block “x”\n"),
        (("../digest.yaml",), "the theme highlights has no file “../digest.yaml”"),
        (("issue.html", "--theme", "highligths"), "there is no theme “highligths”; did you mean “highlights”?"),
    ],
)
def test_eject_what_is_not_there(journal: Path, digest_in: In, arguments: tuple[str, ...], message: str) -> None:
    """A name that is not there is reported with the nearest one, and nothing is written."""
    before = sorted(path for path in journal.rglob("*") if ".cache" not in path.parts)
    code, out, err = digest_in(journal)("themes", "eject", *arguments)
    assert (code, out) == (1, "")
    assert message in err
    assert sorted(path for path in journal.rglob("*") if ".cache" not in path.parts) == before


def test_check(journal: Path, digest_in: In) -> None:
    """Problems are lines, or JSON; warnings end with 3 where it is asked for, errors with 1."""
    assert digest_in(journal)("themes", "check") == (0, "", "No problems.\n")
    write(journal / "overrides/css/custom.css", "p { colr: red }")
    code, out, err = digest_in(journal)("themes", "check")
    assert (code, err) == (0, "1 warning\n")
    assert out.startswith("overrides/css/custom.css:1: warning: WeasyPrint does not print this:")
    assert digest_in(journal)("themes", "check", "--strict")[0] == 3
    write(journal / "overrides/partials/cover.html", "\n{{ issue.titel }}")
    code, out, _ = digest_in(journal)("themes", "check", "--json")
    assert code == 1
    reported = json.loads(out)
    assert reported["schema"] == 1
    assert [(p["file"], p["line"], p["code"]) for p in reported["problems"]] == [
        ("overrides/partials/cover.html", 2, "unknown-field"),
        ("overrides/css/custom.css", 1, "css-unknown"),
    ]


def test_fonts_of_the_finished_pages(journal: Path) -> None:
    """A font that no page has is reported by the build; one that comes after another is for other machines."""
    write(
        journal / "overrides/css/custom.css",
        ":root {\n--serif: Palatino, 'Source Serif 4', serif;\n--sans: 'Source Sans 3', Georgia }",
    )
    reported = [p for p in build(journal / ISSUE).problems if p.level == "warning"]
    assert [(p.file, p.line, p.code) for p in reported] == [("overrides/css/custom.css", 2, "missing-font")]
    assert "“Palatino”" in reported[0].message


def test_the_page_of_the_context(golden: Callable[[str, str], None], tmp_path: Path, digest_in: In) -> None:
    """docs/context.md is what the command prints, and JSON says the same."""
    code, out, _ = digest_in(tmp_path)("themes", "context")
    assert (code, out) == (0, contract.markdown())
    reported = json.loads(digest_in(tmp_path)("themes", "context", "--json")[1])
    assert reported["schema"] == 1
    for type_ in reported["types"]:
        assert type_["description"]
        for field in type_["fields"]:
            assert field["name"] in contract.markdown()
    golden("docs/context.md", contract.markdown())


def test_names_are_a_promise(golden: Callable[[str, str], None]) -> None:
    """Blocks, partials and options that overrides build on do not change unnoticed."""
    lines = []
    for name in sorted(themes(None)):
        theme = Theme(name, SAMPLE.parent)
        lines.append(f"theme {name}")
        lines += [f"  option {option}" for option in theme.declared]
        for part in inventory.files(theme):
            if part.name.endswith(".html"):
                lines.append(f"  {part.name}")
                lines += [f"    block {block}" for block in part.blocks]
                lines += [f"    uses {variable}" for variable in part.variables]
    golden("tests/golden/themes.txt", "\n".join(lines) + "\n")
