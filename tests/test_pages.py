"""Pages of each theme are what they were, to the last pixel."""

from __future__ import annotations

import ctypes
import importlib.metadata
import io
import itertools
import os
import platform
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from PIL import Image

from digest.preview import review
from digest.render import check, linebreaks, pdf, tagged
from digest.render.theme import Theme, themes
from tests.conftest import ISSUE, ROOT, SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT / "tests" / "golden" / "pages"
SCALE = 0.6  # 43 pixels to the inch: enough to see what is where; digests are those of `review.SCALE`
FONTS = ROOT / "templates" / "highlights" / "fonts" / "fonts.conf"


def makers() -> str:
    """What has a part in where a pixel falls, with its version."""
    found = [f"{name} {importlib.metadata.version(name)}" for name in ("weasyprint", "pydyf", "pyphen", "pypdfium2")]
    found.append(f"PDFium {pypdfium2.PDFIUM_INFO.build}")
    found.append(pdf.check().partition(", ")[2])
    harfbuzz, fontconfig, freetype = (
        ctypes.CDLL(name) for name in ("libharfbuzz.so.0", "libfontconfig.so.1", "libfreetype.so.6")
    )
    harfbuzz.hb_version_string.restype = ctypes.c_char_p
    found.append(f"HarfBuzz {harfbuzz.hb_version_string().decode()}")
    found.append(f"fontconfig {fontconfig.FcGetVersion()}")
    library, numbers = ctypes.c_void_p(), [ctypes.c_int() for _ in range(3)]
    freetype.FT_Init_FreeType(ctypes.byref(library))
    freetype.FT_Library_Version(library, *(ctypes.byref(number) for number in numbers))
    freetype.FT_Done_FreeType(library)
    found.append("FreeType " + ".".join(str(number.value) for number in numbers))
    return ", ".join([*found, platform.machine()])


def proof(theme: str, kind: str) -> pdf.Proof:
    return review.compose(review.Version(issue=SAMPLE / ISSUE), theme, kind).laid_out()


def picture(path: Path) -> Image.Image | None:
    return Image.open(path).convert("RGB") if path.is_file() else None


def difference(name: str, labels: tuple[str, ...], after: list[Image.Image], folder: Path) -> int:
    """Writes a sheet of the pages that differ from the kept pictures; gives how many these are."""
    theme, _, document = name.partition("-")
    changes = []
    before = (picture(FOLDER / f"{name}-{n:02}.webp") for n in itertools.count(1))
    kept = list(itertools.takewhile(lambda image: image is not None, before))
    for old, new, label in itertools.zip_longest(kept, after, labels):
        if old is None or new is None or old.size != new.size or old.tobytes() != new.tobytes():
            kind: review.Kind = "added" if old is None else "removed" if new is None else "changed"
            pair = ("" if old is None else label or "?", "" if new is None else label)
            changes.append(review.change(old, new, document=document, theme=theme, kind=kind, labels=pair))
    compared = review.Compared(document=document, theme=theme, pages=len(after), same=len(after) - len(changes))
    found = review.Review(documents=(compared,), changes=tuple(changes), problems=())
    text = review.sheet(found, f"Pages of {name} that changed", f"the pictures in {FOLDER.relative_to(ROOT)}")
    (folder / "index.html").write_text(text, encoding="utf-8")
    return len(changes)


@pytest.mark.parametrize("kind", ["issue", "gallery"])
@pytest.mark.parametrize("theme", themes(None))
def test_pages(theme: str, kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """No page of the sample or the gallery looks different, unless somebody looked and renewed its picture."""
    if Theme(theme, SAMPLE).inline:
        pytest.skip(f"the theme {theme} makes e-mails: it has no pages")
    if os.environ.get("FONTCONFIG_FILE"):
        pytest.skip("FONTCONFIG_FILE is set: pages have other fonts than the pictures of tests/golden/pages")
    name = f"{theme}-{'sample' if kind == 'issue' else kind}"
    index = FOLDER / f"{name}.txt"
    before = index.read_text(encoding="utf-8") if index.exists() else ""
    made_by = makers()
    renew = request.config.getoption("--renew")
    if not renew and before and before.partition("\n")[0] != made_by:
        pytest.skip(
            f"the pictures of {name} were made by {before.partition(chr(10))[0]}; this machine has {made_by}, and pages "
            "differ with each of them"
        )
    pages = review.Pages(proof(theme, kind))
    pictures = [pages.picture(n, SCALE) for n in range(len(pages.pages))]
    after = "\n".join([made_by, *(f"{page.label} {page.pixels}" for page in pages.pages), ""])
    labels = tuple(page.label for page in pages.pages)
    count = difference(name, labels, pictures, tmp_path)
    if after == before and not count:
        return
    sheet = tmp_path / "index.html"
    if not renew:
        command = f"./run test --renew -n 0 -s tests/test_pages.py -k {theme}"
        pytest.fail(
            f"pages of {name} look different ({count} in small pictures): open {sheet}; what is too small for these is in "
            f"the sheet of “digest themes review --against HEAD”. If it is right, renew the pictures with: {command}"
        )
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob(f"{name}-*.webp"):
        old.unlink()
    for n, image in enumerate(pictures, 1):
        image.save(FOLDER / f"{name}-{n:02}.webp", lossless=True, method=6, quality=100)
    index.write_text(after, encoding="utf-8")
    print(f"\nrenewed {count} pages of {name}; before, after and difference: {sheet}")  # noqa: T201 - renewing must be seen


def test_every_time_the_same() -> None:
    """The same files give the same pages, to the last pixel: otherwise pictures could not be compared."""
    first, second = (review.Pages(proof("compact", "issue")).pages for _ in range(2))
    assert first == second
    assert len({page.pixels for page in first}) == len(first) > 1


@pytest.mark.parametrize(("name", "value"), [("_LONGEST", -1), ("_MOST", 40)], ids=["nothing is kept", "few are kept"])
def test_lines_are_kept(name: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are the same, to the byte, whether lines that were broken once are kept or broken again."""
    kept = proof("compact", "issue").content
    monkeypatch.setattr(linebreaks, name, value)
    assert proof("compact", "issue").content == kept


@pytest.mark.parametrize(
    ("generic", "family"),
    [("serif", "Source-Serif-4"), ("sans-serif", "Source-Sans-3"), ("monospace", "Source-Code-Pro")],
)
def test_generic_families(generic: str, family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a stylesheet calls serif, sans-serif and monospace is a font of the theme, also after other documents."""
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    pdf.proof("<!DOCTYPE html><html><head></head><body>With the fonts of the machine", 1, roots=(), fonts=None)
    text = f'<!DOCTYPE html><html lang="en"><head><title>T</title></head><body style="font-family: {generic}">Text'
    made = pdf.proof(text, 1, roots=(), fonts=FONTS)
    assert [name.partition("+")[2].strip(",") for name in tagged.font_names(made.content)] == [family]
    assert made.problems == ()


def test_fonts_of_somebody_elses_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sets ``FONTCONFIG_FILE`` has the fonts of that file, and gets a note."""
    other = tmp_path / "fonts.conf"
    alias = '<alias binding="same"><family>serif</family><prefer><family>Source Code Pro</family></prefer></alias>'
    other.write_text(f"<fontconfig><dir>{FONTS.parent}</dir>{alias}</fontconfig>", encoding="utf-8")
    monkeypatch.setenv("FONTCONFIG_FILE", str(other))
    text = '<!DOCTYPE html><html lang="en"><head><title>T</title></head><body style="font-family: serif">Text'
    made = pdf.proof(text, 1, roots=(), fonts=FONTS)
    assert [name.partition("+")[2].strip(",") for name in tagged.font_names(made.content)] == ["Source-Code-Pro"]
    assert [(problem.level, problem.code) for problem in made.problems] == [("note", "other-fonts")]
    assert str(other) in made.problems[0].message
    assert os.environ["FONTCONFIG_FILE"] == str(other)
    custom = tmp_path / "overrides/css/custom.css"
    custom.parent.mkdir(parents=True)
    custom.write_text("p { font-family: Anything }", encoding="utf-8")
    theme = Theme("highlights", tmp_path)
    assert not list(check.missing_fonts(theme, theme.stylesheets("print")))  # nobody knows what that file brings
    monkeypatch.delenv("FONTCONFIG_FILE")
    assert [problem.code for problem in check.missing_fonts(theme, theme.stylesheets("print"))] == ["missing-font"]


def test_a_picture_is_kept_as_it_is() -> None:
    """A picture in a sheet has the very pixels that were compared."""
    text = '<!DOCTYPE html><html lang="en"><head><title>T</title></head><body style="color: teal">Text'
    page = review.Pages(pdf.proof(text, 1, roots=(), fonts=FONTS)).picture(0)
    content = review.packed(page)
    assert content is not None
    with Image.open(io.BytesIO(content)) as opened:
        assert opened.convert("RGB").tobytes() == page.tobytes()
