"""Whether a file is a picture that can be printed, told by its bytes."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from pathlib import Path
    from xml.etree.ElementTree import Element

MEDIA: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
_FORMATS: Final = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
LARGEST: Final = 20 * 2**20  # bytes: a page of A4 at 600 dpi as JPEG has about 8 MiB
ELEMENTS: Final = 20_000  # of a drawing, counted as often as they are used: some seconds of work
DEPTH: Final = 200
PIXELS: Final = 50_000_000  # A4 at 600 dpi has 35 million; each costs 4 bytes and more while the page is made


def complaint(path: Path) -> str:
    """Why a file cannot be printed as a picture; empty when it can."""
    media = MEDIA.get(path.suffix.lower())
    if media is None:
        return f"a picture is one of {', '.join(MEDIA)}; found {path.name}"
    if path.stat().st_size > LARGEST:
        return f"the picture {path.name} is larger than {LARGEST // 2**20} MiB; save it smaller"
    content = path.read_bytes()
    if media == "image/svg+xml":
        return _svg_complaint(path.name, content)
    from PIL import Image, UnidentifiedImageError  # 60 ms: only where there is a picture

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is looked at below
            with Image.open(io.BytesIO(content), formats=[_FORMATS[media]]) as image:
                width, height = image.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return f"{path.name} does not hold a picture of the kind that its name says; save it again as {_FORMATS[media]}"
    if width * height > PIXELS:
        return f"the picture {path.name} has {width} × {height} pixels; {PIXELS // 10**6} million are enough for a page"
    return ""


def _svg_complaint(name: str, content: bytes) -> str:
    if b"<!ENTITY" in content:
        return f"the drawing {name} declares entities, which can make it endless; save it without them"
    try:
        root = ET.fromstring(content)  # noqa: S314 - entities were refused above
    except ET.ParseError as error:
        return f"the drawing {name} is not well formed: {error}"
    if root.tag.rpartition("}")[2] != "svg":
        return f"{name} does not hold an SVG drawing"
    parts = {part.get("id"): part for part in root.iter()}
    counts: dict[Element, int] = {}

    def drawn(part: Element, depth: int) -> int:
        """How many elements are drawn for one, those that it uses included."""
        if depth > DEPTH:
            return ELEMENTS + 1
        if part not in counts:
            target = next((value[1:] for key, value in part.items() if key.rpartition("}")[2] == "href"), "")
            used = parts.get(target) if part.tag.endswith("use") else None
            count = 1 + sum(drawn(child, depth + 1) for child in part)
            counts[part] = count + (drawn(used, depth + 1) if used is not None else 0)
        return counts[part]

    if drawn(root, 0) > ELEMENTS:
        return f"the drawing {name} has more than {ELEMENTS} elements, or uses itself; save it as a PNG picture"
    return ""
