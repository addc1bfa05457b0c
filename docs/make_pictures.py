"""Makes the pictures of README.md and the manual in docs/pictures from the sample: the issue, the preview, curation.

usage: python docs/make_pictures.py     needs what ./run test installs, and Chromium
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import pypdfium2
from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import sync_playwright

from digest.build import build
from digest.resources import copy_sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES: Final = Path(__file__).resolve().parent / "pictures"
ISSUE: Final = "issues/2014-07-28"
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
COLOURS: Final = 128  # of a picture: small files, and no difference that one sees


def main() -> None:
    """Makes all pictures."""
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        journal = Path(temporary) / "journal"
        copy_sample(journal)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        _issue(journal, browser)
        _windows(journal, browser)
        browser.close()


def _issue(journal: Path, browser: Browser) -> None:
    """The web page of the issue and three pages of its PDF, for readers of light and of dark pages."""
    files = build(journal / ISSUE).files
    page_file = journal / "issue.html"
    page_file.write_bytes(files["issue.html"])
    document = pypdfium2.PdfDocument(files["issue.pdf"])
    papers = [document[number].render(scale=0.92).to_pil().convert("RGB") for number in (0, 2, 4)]
    for scheme in SCHEMES:
        context = browser.new_context(viewport={"width": 720, "height": 880}, color_scheme=scheme)
        page = context.new_page()
        page.goto(page_file.as_uri())
        shot = page_file.with_name(f"{scheme}.png")
        page.screenshot(path=shot)
        context.close()
        _save(_together(Image.open(shot).convert("RGB"), papers, scheme), f"issue-{scheme}.png")


def _together(web: Image.Image, papers: list[Image.Image], scheme: str) -> Image.Image:
    """The web page on the left, the pages of the PDF fanned out on the right, each with an edge and a shadow."""
    canvas = Image.new("RGB", (1640, 960), "#f3f5f6" if scheme == "light" else "#15191c")
    places = [(web, (30, 40))] + [(paper, (790 + 130 * at, 36 + 36 * at)) for at, paper in enumerate(papers)]
    for picture, (left, top) in places:
        shadow = Image.new("L", canvas.size, 0)
        ImageDraw.Draw(shadow).rectangle((left, top + 6, left + picture.width, top + picture.height + 6), fill=110)
        canvas.paste("black", (0, 0), shadow.filter(ImageFilter.GaussianBlur(10)))
        canvas.paste(picture, (left, top))
        edge = (left, top, left + picture.width - 1, top + picture.height - 1)
        ImageDraw.Draw(canvas).rectangle(edge, outline="#b8c0c4" if scheme == "light" else "#3a4348")
    return canvas


def _windows(journal: Path, browser: Browser) -> None:
    """The preview and its page Curation, as a browser shows them."""
    program = [sys.executable, "-m", "digest"]
    subprocess.run([*program, "collect", "-q"], cwd=journal, check=True, stdout=subprocess.DEVNULL)
    with subprocess.Popen([*program, "preview", "-q"], cwd=journal, stdout=subprocess.PIPE, text=True) as preview:
        assert preview.stdout is not None
        address = preview.stdout.readline().strip()
        try:
            page = browser.new_page(viewport={"width": 1440, "height": 860}, color_scheme="light")
            for name, where, what in (("preview", "", "2014-07-28"), ("curation", "curate", "library")):
                page.goto(address.rstrip("/") + "/" + where)
                page.get_by_text(what).first.wait_for(state="attached")
                page.wait_for_timeout(5000)
                while "Making the" in page.inner_text("body"):
                    page.wait_for_timeout(500)
                shot = journal / f"{name}.png"
                page.screenshot(path=shot)
                _save(Image.open(shot).convert("RGB"), f"{name}.png")
        finally:
            preview.terminate()


def _save(picture: Image.Image, name: str) -> None:
    path = PICTURES / name
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    sys.stdout.write(f"{path}: {path.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
