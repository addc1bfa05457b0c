"""``digest themes review``: which pages a change of a design changed, and what is shown of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import pytest
import weasyprint
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from digest import revision
from digest.doctor import install_command
from digest.errors import DigestError
from digest.preview import review
from digest.render import pdf
from tests.conftest import ISSUE, ROOT, violations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser

    Run = Callable[..., tuple[int, str, str]]
    In = Callable[[Path], Run]

assert weasyprint  # loaded here once, so that the processes in which pages are made need not

FONTS = ROOT / "templates" / "highlights" / "fonts" / "fonts.conf"
# A theme of four pages for the sample, quickly laid out: a page of its own for each section, with its number below.
TINY = """{% extends "highlights:issue.html" %}
{% block body %}
<main id="content">
{% block front %}{% endblock %}
{% for section in issue.sections %}<h1>{{ section.title }}</h1>
{% for entry in section.entries %}<p class="{{ entry.kind }}">{{ entry.title }}</p>{% endfor %}{% endfor %}
</main>
{% endblock %}
"""
TINY_CSS = """@page { size: A5; margin: 20mm; @bottom-center { content: counter(page) } }
h1 { break-before: page; font: 18pt sans-serif } p { font: 12pt serif }
"""


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(folder: Path, message: str = "As it was <b>then</b>") -> str:
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def tiny(themes: Path) -> None:
    extends = 'title: Tiny\ndescription: Few words\nextends: highlights\nprint: ["css/tiny.css"]\noptions:\n'
    write(
        themes / "tiny/theme.yaml", extends + "  size: {type: length, default: 12pt, description: The size of text.}\n"
    )
    write(themes / "tiny/issue.html", TINY)
    write(themes / "tiny/css/tiny.css", TINY_CSS + "p { font-size: var(--option-size) }")


@pytest.fixture
def kept(journal: Path) -> Path:
    """The sample publication in a theme of its own that is quickly laid out, in a git repository."""
    tiny(journal / "themes")
    settings = journal / "digest.yaml"
    write(settings, settings.read_text(encoding="utf-8") + "theme: tiny\n")
    git(journal, "init", "-q")
    commit(journal)
    return journal


def state(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {"_build", ".cache"} & {*path.parts}
    }


# -- the command -------------------------------------------------------------------------------------------------------


def test_nothing_changed(kept: Path, digest_in: In) -> None:
    """Where the design is the same, no page is: exit code 0, and a sheet that says so."""
    before = state(kept)
    code, out, err = digest_in(kept / ISSUE)("themes", "review", "--against", "HEAD")
    assert (code, out) == (0, "../../_build/review/index.html\n"), err
    assert err.startswith("No page changed since HEAD (")
    sheet = (kept / "_build/review/index.html").read_text(encoding="utf-8")
    assert "No page changed." in sheet
    assert "HEAD (" in sheet
    assert "As it was &lt;b&gt;then&lt;/b&gt;" in sheet
    assert state(kept) == before  # the repository too
    assert git(kept, "status", "--porcelain") == ""


def test_changed_text_of_the_issue_is_no_change_of_design(kept: Path, digest_in: In) -> None:
    """The issue is the present one in both states, also where the revision has none of it yet."""
    shutil.move(kept / ISSUE, kept / "issues/2014-09-01")
    head = kept / "issues/2014-09-01/issue.yaml"
    write(head, head.read_text(encoding="utf-8").replace("title: Neuroendocrine Tumors", "title: Another Title"))
    code, _, err = digest_in(kept)("themes", "review", "--against", "HEAD")
    assert code == 0, err


def test_css(kept: Path, digest_in: In) -> None:
    """A rule in custom.css changes the pages that have such elements, and no others; JSON says the same."""
    write(kept / "overrides/css/custom.css", "p.article { color: #b00 }")
    code, out, err = digest_in(kept)("themes", "review", "--against", "main")
    assert code == 1, err
    lines = out.splitlines()
    # The sample has articles in its first two sections, the gallery in its first.
    assert [line.partition(": ")[2].partition(":")[0] for line in lines[:-1]] == [
        "2014-07-28, page 1",
        "2014-07-28, page 2",
        "gallery, page 998",
    ]
    assert all(line.startswith("tiny: ") and " pixels in " in line for line in lines[:-1])
    assert lines[-1] == "_build/review/index.html"
    code, out, _ = digest_in(kept)("themes", "review", "--against", "main", "--json", "--out", "elsewhere", "-q")
    reported = json.loads(out)
    assert (code, reported["schema"], reported["sheet"]) == (1, 1, "elsewhere/index.html")
    assert reported["against"] == git(kept, "rev-parse", "main")
    assert {(c["kind"], c["theme"]) for c in reported["changes"]} == {("changed", "tiny")}
    assert "pictures" not in reported["changes"][0]
    assert [(d["document"], d["pages"] - d["same"]) for d in reported["documents"]] == [
        ("2014-07-28", 2),
        ("gallery", 1),
    ]


def test_an_inserted_page(kept: Path, digest_in: In) -> None:
    """A new page is reported as new, and pages after it as moved, because nothing but their numbers differs."""
    text = '{% extends "tiny:issue.html" %}{% block front %}<h1>Foreword</h1><p>New words</p>{% endblock %}'
    write(kept / "overrides/issue.html", text)
    code, out, err = digest_in(kept)("themes", "review", "--against", "HEAD", "--json")
    assert code == 1, err
    found = [(c["kind"], c["before"], c["after"]) for c in json.loads(out)["changes"] if c["document"] != "gallery"]
    assert found == [("added", "", "1"), ("moved", "1", "2"), ("moved", "2", "3"), ("moved", "3", "4")]
    sheet = (kept / "_build/review/index.html").read_text(encoding="utf-8")
    assert "3 pages that only moved: their numbers differ" in sheet
    assert sheet.count("<img ") == sum({"added": 1, "removed": 1}.get(c["kind"], 3) for c in json.loads(out)["changes"])


def test_option_and_theme(kept: Path, digest_in: In) -> None:
    """A change of digest.yaml is seen; a theme that was not there yet has new pages only."""
    settings = kept / "digest.yaml"
    write(settings, settings.read_text(encoding="utf-8") + "theme_options: {size: 13pt}\n")
    code, out, err = digest_in(kept)("themes", "review", "--against", "HEAD")
    assert code == 1, err
    assert sum(line.startswith("tiny: 2014-07-28") for line in out.splitlines()) == 3
    shutil.copytree(kept / "themes/tiny", kept / "themes/other")
    code, out, err = digest_in(kept)("themes", "review", "other", "--against", "HEAD")
    assert code == 1, err
    assert [line for line in out.splitlines() if "2014" in line] == [
        f"other: 2014-07-28, page {n}: a new page" for n in (1, 2, 3)
    ]


def test_new_problems_are_reported(kept: Path, digest_in: In) -> None:
    """What WeasyPrint does not know, and characters without a font, are reported where they are new."""
    write(kept / "overrides/css/custom.css", 'p.article { colour: red } p.article::before { content: "\\4e2d" }')
    _, _, err = digest_in(kept)("themes", "review", "--against", "HEAD")
    assert "overrides/css/custom.css:1: warning: Ignored `colour: red `" in err
    assert "2014-07-28: no font contains “中” (U+4E2D" in err
    commit(kept)
    code, _, err = digest_in(kept)("themes", "review", "--against", "HEAD")
    assert (code, "warning" in err) == (0, False)


WRONG: list[tuple[str, Callable[[Path], Any], tuple[str, ...], str]] = [
    (
        "an unknown revision",
        lambda _: None,
        ("--against", "nowhere"),
        "git does not know the revision “nowhere”; expected a branch",
    ),
    ("an option of git", lambda _: None, ("--against=--all",), "git does not know the revision “--all”"),
    ("an empty name", lambda _: None, ("--against", ""), "git does not know the revision “”"),
    (
        "a file of git",
        lambda _: None,
        ("--against", "HEAD:digest.yaml"),
        "git does not know the revision “HEAD:digest.yaml”",
    ),
    (
        "no git",
        lambda j: shutil.rmtree(j / ".git"),
        ("--against", "HEAD"),
        "this publication is in no git repository, so there is nothing to compare it with; keep it in git",
    ),
    (
        "no git, a theme of the program",
        lambda j: shutil.rmtree(j / ".git"),
        ("highlights", "--against", "HEAD"),
        "the theme highlights belongs to the program and changes only with it",
    ),
    (
        "an e-mail",
        lambda _: None,
        ("mail", "--against", "HEAD"),
        "the theme “mail” makes no pages to compare",
    ),
    (
        "no such theme",
        lambda _: None,
        ("tinny", "--against", "HEAD"),
        "there is no theme “tinny”; did you mean “tiny”?",
    ),
    ("no such issue", lambda _: None, ("--against", "HEAD", "--issue", "1999"), "there is no issue “1999”"),
    (
        "broken now",
        lambda j: write(j / "themes/tiny/issue.html", "{{"),
        ("--against", "HEAD"),
        "themes/tiny/issue.html:1: error:",
    ),
]


@pytest.mark.parametrize(("change", "arguments", "reported"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_cannot_be(
    kept: Path, digest_in: In, change: Callable[[Path], None], arguments: tuple[str, ...], reported: str
) -> None:
    """Each mistake is reported with what to do; nothing is written."""
    change(kept)
    code, out, err = digest_in(kept)("themes", "review", *arguments)
    assert (code, out) == (1, "")
    assert reported in err
    assert not (kept / "_build").exists()


def test_revisions_that_cannot_be_built(kept: Path, digest_in: In) -> None:
    """A revision without the publication, with a broken template or broken settings is reported as that."""
    run = digest_in(kept)
    good = (kept / "themes/tiny/issue.html").read_text(encoding="utf-8")
    write(kept / "themes/tiny/issue.html", good.replace("<main", "{{ nothing }}<main"))
    broken = commit(kept)
    write(kept / "themes/tiny/issue.html", good)
    settings = (kept / "digest.yaml").read_text(encoding="utf-8")
    write(kept / "digest.yaml", "title: [")
    worse = commit(kept)
    git(kept, "rm", "-q", "-r", "--cached", "digest.yaml")
    (kept / "digest.yaml").unlink()
    gone = commit(kept)
    write(kept / "digest.yaml", settings)
    for name, reported in (
        (broken, "themes/tiny/issue.html:3: error: “nothing” is not defined here"),
        (worse, "digest.yaml:"),
        (gone, f"the publication is not in {gone}: there is no digest.yaml"),
    ):
        code, _, err = run("themes", "review", "--against", name)
        assert code == 1
        assert reported in err
        assert "revision" in err


def test_gallery_that_cannot_be_built(kept: Path, digest_in: In) -> None:
    """A template that fails in the gallery is reported, and the issue is compared all the same."""
    text = '{% extends "tiny:issue.html" %}{% block front %}{% if issue.volume == "1" %}{{ nothing }}{% endif %}{% endblock %}'
    write(kept / "overrides/issue.html", text)
    code, _, err = digest_in(kept)("themes", "review", "--against", "HEAD")
    assert code == 0
    assert "warning: the gallery was not compared, because it cannot be built now: overrides/issue.html:1" in err


def test_outside_of_a_publication(tmp_path: Path, digest_in: In) -> None:
    """Elsewhere there is nothing to review."""
    code, _, err = digest_in(tmp_path)("themes", "review", "--against", "HEAD")
    assert code == 1
    assert "this folder is not in a publication" in err


def test_themes_of_the_program(tmp_path: Path) -> None:
    """In a checkout of the program, its own themes are compared, with its sample and gallery."""
    for name in ("digest", "seeds", "templates/highlights"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("_build", "__pycache__", "static"))
    tiny(tmp_path / "templates")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    css = tmp_path / "templates/tiny/css/tiny.css"
    write(css, css.read_text(encoding="utf-8") + "p.notice { color: teal }")
    command = [sys.executable, "-m", "digest", "themes", "review", "tiny", "--against", "HEAD"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert [line.partition(" pixels")[0].rpartition(":")[0] for line in lines[:-1]] == [
        "tiny: 2014-07-28, page 1",
        "tiny: gallery, page 1000",
    ]
    assert lines[-1] == "_build/review/index.html"


def test_without_the_extra(kept: Path, digest_in: In, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library that makes pictures is missing, the command says how to get it."""
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    monkeypatch.delitem(sys.modules, "digest.preview.review")
    monkeypatch.delattr("digest.preview.review")
    code, _, err = digest_in(kept)("themes", "review", "--against", "HEAD")
    assert code == 4
    assert err == f"digest: the review needs pypdfium2; install with: {install_command(['pypdfium2'])}\n"


def test_what_killed_reviews_left(kept: Path, digest_in: In, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A review removes the folders of those that were killed, and nothing of one that runs or of anybody else."""
    folder = tmp_path / "temporary"
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        pass
    running = os.getppid()
    names = [
        f"digest-review-{ended.pid}-a",
        f"digest-review-{running}-b",
        f"digest-other-{ended.pid}-c",
        "digest-review-x",
    ]
    for name in names:
        write(folder / name / "deep/file.txt", "left")
    assert digest_in(kept)("themes", "review", "--against", "HEAD")[0] == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(names[1:])


# -- foreign repositories ----------------------------------------------------------------------------------------------


def test_nothing_of_a_repository_runs(kept: Path, digest_in: In, tmp_path: Path) -> None:
    """Hooks, filters, watchers and attributes that a repository brings have no part in a review."""
    trap = tmp_path / "sprung"
    program = tmp_path / "trap.sh"
    write(program, f"#!/bin/sh\necho trap >> {trap}\ncat\n")
    program.chmod(0o755)
    write(kept / ".gitattributes", "*.css filter=trap diff=trap export-ignore\ndigest.yaml export-subst ident\n")
    commit(kept)
    for name, value in (
        ("core.fsmonitor", program),
        ("filter.trap.smudge", program),
        ("filter.trap.clean", program),
        ("diff.trap.textconv", program),
        ("core.pager", program),
        ("core.sshCommand", program),
        ("tar.tar.command", program),
    ):
        git(kept, "config", name, str(value))
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        shutil.copy(program, kept / ".git/hooks" / hook)
    trap.unlink(missing_ok=True)
    code, _, err = digest_in(kept)("themes", "review", "--against", "HEAD")
    assert code == 0, err
    assert not trap.exists()


def test_links(kept: Path, tmp_path: Path) -> None:
    """A link inside of the repository stays one; one that leads out of it is left out, and reported; so is a submodule."""
    (kept / "overrides/inner.css").symlink_to("css/custom.css")
    (kept / "overrides/outer.css").symlink_to("../../secret.css")
    (kept / "overrides/root.css").symlink_to("/etc/hostname")
    write(kept / "overrides/large.svg", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    git(kept, "add", ".")
    git(kept, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},overrides/module")
    git(kept, "commit", "-q", "-m", "Links")
    target = tmp_path / "then"
    target.mkdir()
    left = revision.extract(revision.find(kept, "HEAD"), ["overrides", "not-there"], target)
    assert sorted(line.partition(" ")[0] for line in left) == [
        f"overrides/{name}" for name in ("large.svg", "module", "outer.css", "root.css")
    ]
    assert (target / "overrides/inner.css").resolve() == target / "overrides/css/custom.css"
    assert sorted(path.name for path in (target / "overrides").iterdir()) == ["css", "inner.css"]


def test_objects_that_are_not_there(kept: Path, tmp_path: Path) -> None:
    """A repository that lacks a file says so, and nothing is fetched."""
    (hash_,) = (line.split()[2] for line in git(kept, "ls-tree", "-r", "HEAD", "--", "digest.yaml").splitlines())
    (kept / ".git/objects" / hash_[:2] / hash_[2:]).unlink()
    with pytest.raises(DigestError, match="git cannot read HEAD"):
        revision.extract(revision.find(kept, "HEAD"), ["digest.yaml"], tmp_path)


# -- pages -------------------------------------------------------------------------------------------------------------


def page(inner: str, label: str = "", words: str = "") -> review.PrintedPage:
    return review.PrintedPage(
        label=label, pixels=inner + label, inner=inner, margins=(label,), words=tuple(words.split())
    )


def pages(text: str) -> list[review.PrintedPage]:
    """A page for each letter; capitals have the words of their small letters and another picture."""
    return [page(letter, words=f"{letter.lower()} " * 9 + "and") for letter in text]


@pytest.mark.parametrize(
    ("before", "after", "pairs"),
    [
        ("abc", "abc", "aa bb cc"),
        ("abc", "axbc", "aa .x bb cc"),
        ("abc", "bc", "a. bb cc"),
        ("abcd", "aBCd", "aa bB cC dd"),
        ("abcd", "axBCd", "aa .x bB cC dd"),
        ("abcd", "aCd", "aa b. cC dd"),
        ("abc", "ABCx", "aA bB cC .x"),
        ("", "ab", ".a .b"),
        ("ab", "", "a. b."),
        ("aab", "aaab", ".a aa aa bb"),
        ("ab", "cde", "ac bd .e"),
    ],
)
def test_alignment(before: str, after: str, pairs: str) -> None:
    """Pages find their counterparts by what is inside of their margins, then by their words; in order."""
    found = review.aligned(pages(before), pages(after))
    letters = [(before[i] if i is not None else ".") + (after[j] if j is not None else ".") for i, j in found]
    assert " ".join(letters) == pairs


@given(st.text("abAB", max_size=12), st.text("abAB", max_size=12))
def test_no_page_is_lost(before: str, after: str) -> None:
    """Every page of both states is in one pair, and pairs are in order; no pair is empty."""
    found = list(review.aligned(pages(before), pages(after)))
    assert [i for i, _ in found if i is not None] == list(range(len(before)))
    assert [j for _, j in found if j is not None] == list(range(len(after)))
    assert (None, None) not in found
    if before == after:
        assert all(i == j for i, j in found)


def test_many_pages_that_all_differ() -> None:
    """A long book whose pages all changed is compared in a bounded time: page by page."""
    found = list(review.aligned(pages("a" * 900), pages("A" * 901)))
    assert found == [*((n, n) for n in range(900)), (None, 900)]


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        (("same", "7", ("Journal", "7")), ("same", "8", ("Journal", "8")), True),
        (("same", "7", ("Journal", "7")), ("same", "8", ("Journal", "7")), False),
        (("same", "7", ("Journal", "7")), ("same", "8", ("Gazette", "8")), False),
        (("same", "7", ("Journal 17", "7")), ("same", "8", ("Journal 18", "8")), False),
        (("same", "7", ("Journal", "7")), ("other", "8", ("Journal", "8")), False),
        (("same", "7", ("Journal", "7")), ("same", "7", ("Journal", "7")), False),
    ],
)
def test_moved(before: tuple[str, str, tuple[str, ...]], after: tuple[str, str, tuple[str, ...]], moved: bool) -> None:
    """A page has moved when its own number is all that differs."""
    old, new = (
        review.PrintedPage(label=label, pixels=label, inner=inner, margins=margins)
        for inner, label, margins in (before, after)
    )
    assert review.only_moved(old, new) is moved


def proof(body: str, css: str = "") -> pdf.Proof:
    style = "@page { size: 100mm 50mm; margin: 10mm } " + css
    text = f'<!DOCTYPE html><html lang="en"><head><style>{style}</style></head><body>{body}'
    return pdf.proof(text, 1, roots=(), fonts=FONTS)


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (("<p>One", ""), ("<p>One", ""), []),
        (("<p>One", ""), ("<p>One", "p { color: #000001 }"), ["changed"]),
        (("<p>One", ""), ("<p>One", "p { margin-left: 0.1px }"), ["changed"]),
        (("<p>One", ""), ("<p>One", "@page { size: 100mm 50.5mm }"), ["changed"]),
        (("<p>One", ""), ("<p>One", "p { orphans: 4 }"), []),
        (("<p>One", ""), ("<p>One<p style='break-before: page'>Two", ""), ["added"]),
        (("<p>One<p style='break-before: page'>Two", ""), ("<p>One", ""), ["removed"]),
    ],
)
def test_to_the_last_pixel(before: tuple[str, str], after: tuple[str, str], kinds: Sequence[str]) -> None:
    """The least visible change is one, and what changes no pixel is none."""
    found, same = review.compared(proof(*before), proof(*after), "x", "y")
    assert [change.kind for change in found] == kinds
    assert all(change.pixels > 0 for change in found)
    assert same == (0 if "changed" in kinds else 1)


def squares(size: tuple[int, int], *spots: tuple[int, int, int, int]) -> Image.Image:
    image = Image.new("RGB", size, "white")
    for spot in spots:
        image.paste((0, 0, 0), spot)
    return image


@pytest.mark.parametrize(
    ("before", "after", "pixels", "box"),
    [
        (squares((60, 40)), squares((60, 40), (10, 20, 11, 21)), 1, (10, 20, 11, 21)),
        (squares((60, 40), (0, 0, 2, 2)), squares((60, 40), (1, 1, 3, 3)), 6, (0, 0, 3, 3)),
        (squares((60, 40)), squares((60, 44)), 240, (0, 40, 60, 44)),
        (squares((60, 40)), squares((61, 30)), 30 + 600, (0, 0, 61, 40)),
    ],
)
def test_difference(before: Image.Image, after: Image.Image, pixels: int, box: tuple[int, ...]) -> None:
    """Pixels that differ are counted, with the box around them; paper that is there in one picture only counts too."""
    found = review.change(before, after, document="x", theme="y", kind="changed", labels=("1", "1"))
    assert (found.pixels, found.box) == (pixels, box)
    assert all(found.pictures)


def test_pictures_are_bounded() -> None:
    """Behind the first pages with pictures, others are listed and counted; none is left out."""
    found, _ = review.compared(proof("<p>One"), proof("<p>Two"), "x", "y", already=review.PICTURED)
    assert found[0].pictures == (None, None, None)
    shown = review.sheet(
        review.Review(
            documents=(review.Compared(document="x", theme="y", pages=1, same=0),), changes=tuple(found), problems=()
        ),
        "Pages",
        "main",
    )
    assert "The last page is listed without pictures." in shown
    assert "X, page 1" in shown
    assert "<img" not in shown


def test_enormous_paper() -> None:
    """A sheet as large as a house is taken smaller instead of taking all memory."""
    picture = review.Pages(proof("<p>One", "@page { size: 9000mm 9000mm }")).picture(0)
    assert picture.width * picture.height <= review.LARGEST * 1.01


# -- the sheet ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sheet_in_a_browser(chromium: Browser, tmp_path: Path, scheme: str) -> None:
    """The sheet asks for nothing, every picture is seen, axe-core finds no violation, and a phone shows it."""
    sections = "".join(f"<p style='break-before: page'>{name}" for name in ("One", "Two", "Three"))
    css = "@page { @bottom-center { content: counter(page) } }"
    changes, same = review.compared(
        proof(sections, css), proof(f"<p>New</p>{sections.replace('Three', 'Four')}", css), "gallery", "y<b>"
    )
    assert [change.kind for change in changes] == ["added", "moved", "moved", "changed"]
    found = review.Review(
        documents=(review.Compared(document="gallery", theme="y<b>", pages=4, same=same),),
        changes=tuple(changes),
        problems=(),
    )
    file = tmp_path / "index.html"
    file.write_text(review.sheet(found, "Pages that changed", "main <script>alert(1)</script>"), encoding="utf-8")
    asked: list[str] = []
    context = chromium.new_context(
        viewport={"width": 390, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
    )
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    widths = []
    for image in page.locator("img").all():
        image.scroll_into_view_if_needed()
        widths.append(image.evaluate("async i => { await i.decode(); return i.naturalWidth }"))
    reported = violations(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert len(widths) == 1 + 3 * 3
    assert min(widths) > 100
    assert reported == []
    assert width == 390
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
