"""Pictures as Word takes them: PNG and JPEG as they are, the others drawn as PNG."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from markupsafe import Markup

from digest import picture
from digest.render import active, drawings

if TYPE_CHECKING:
    from digest.render.html import PreparedIssue

_EMU: Final = 914_400  # in an inch (20.1.2.1)
_PIXELS: Final = 1800  # of a drawing from side to side: 270 for each inch of a page of A4
_CSS: Final = 96  # pixels in an inch
_WIDE: Final = 10**9


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture for a file of Word.

    Attributes:
        content: its bytes.
        media: their type.
        width: how wide it is by itself, in EMU; a drawing is as wide as there is room.
        proportion: how many times it is as wide as high.
    """

    content: bytes
    media: str
    width: int
    proportion: float


class Pictures:
    """The pictures of an issue, each read or drawn once."""

    def __init__(self, prepared: PreparedIssue) -> None:
        """Nothing is read yet.

        Args:
            prepared: the issue; its theme has the fonts of drawings.
        """
        self._prepared = prepared
        self._fonts: drawings.Fonts | None = None

    def get(self, name: str) -> Picture | str:
        """The picture in a file, or why it cannot be in a file of Word.

        Args:
            name: the path of the file.
        """
        path = Path(name)
        shown = self._prepared.theme.shown(path)
        if complaint := picture.complaint(path):
            return complaint
        if path.suffix.lower() != ".svg":
            content, media, width, height = picture.for_office(path)
            return Picture(content=content, media=media, width=width * _EMU // _CSS, proportion=width / height)
        wrong = next((one for one in active.drawing_problems(path, shown) if one.level == "error"), None)
        if wrong:
            return wrong.message
        try:
            import pypdfium2
        except ImportError:
            return f"the drawing {path.name} needs pypdfium2 to become a picture; install the extra “preview”"
        proportion = picture.proportion(path)
        document = pypdfium2.PdfDocument(self._page(path, proportion))
        try:
            target = io.BytesIO()
            page = document[0]
            page.render(scale=_PIXELS / page.get_width()).to_pil().save(target, "PNG")
        finally:
            document.close()
        return Picture(content=target.getvalue(), media="image/png", width=_WIDE, proportion=proportion)

    def _page(self, path: Path, proportion: float) -> bytes:
        """A drawing as a page of its size, with its text in the fonts of the theme."""
        from digest.render import pdf
        from digest.render.tagged import Facts
        from digest.store import publication_store

        prepared, theme = self._prepared, self._prepared.theme
        self._fonts = self._fonts or drawings.fonts_of(theme)
        address = drawings.address(path, self._fonts, inside=False) or path.resolve().as_uri()
        style = f"@page {{ size: 960px {960 / proportion:.2f}px; margin: 0 }} body {{ margin: 0 }} "
        style += "img { display: block; width: 960px }"
        html = Markup(
            '<!DOCTYPE html><html lang="en"><head><title>-</title><style>{}</style></head>'
            '<body><main id="content"><img src="{}" alt=""></main></body></html>'
        ).format(Markup(style), address)  # noqa: S704 - numbers of ours
        made = pdf.render(
            str(html),
            Facts(title="-", periodical="-", language="en", date=str(prepared.issue.head.date), first_page=1),
            roots=(prepared.issue.folder, prepared.issue.root, *theme.roots),
            fonts=theme.find("fonts/fonts.conf"),
            shown=theme.naming,
            kept=publication_store(prepared.issue.root),
            whole=True,
        )
        return made.content
