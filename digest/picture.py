"""Whether a file is a picture that can be printed, by its bytes."""

from __future__ import annotations

import base64
import binascii
import contextlib
import errno
import io
import re
import threading
import warnings
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree as ET

from digest import opening

if TYPE_CHECKING:
    from collections.abc import Iterator
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
PIXELS: Final = 50_000_000  # A4 at 600 dpi has 35 million
DECODED: Final = 150_000_000  # bytes of these pixels in memory, where several copies are made of them
SCANS: Final = 200  # of a progressive JPEG, each of which goes over the whole picture; programs make ten
TEXT: Final = 4_000_000  # characters of a drawing's paths and other attributes, without pictures inside
_DPI: Final = 300  # what printers ask for; more is not seen
_A4: Final = (2480, 3508)  # pixels of a page at that
_CHANNELS: Final = {"1": 3, "P": 3, "L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}  # of a pixel once it is drawn


def complaint(path: Path) -> str:
    """Why a file cannot be printed as a picture; empty when it can."""
    media = MEDIA.get(path.suffix.lower())
    if media is None:
        return f"a picture is one of {', '.join(MEDIA)}; found {path.name}"
    try:
        return complaint_about(opening.read_file(path, LARGEST), media, path.name)
    except OSError as error:
        if error.errno == errno.EFBIG:
            return f"{_too_large(path.name)}; {_advice(path, path.stat().st_size)}"
        return f"{path.name}: {error.strerror or error}"


def complaint_about(content: bytes, media: str, name: str) -> str:
    """Why bytes cannot be printed as a picture; empty when they can.

    Args:
        content: the bytes.
        media: their type, one of `MEDIA`; empty: any of them.
        name: how the complaint names them.
    """
    if len(content) > LARGEST:
        return f"{_too_large(name)}; {_advice(io.BytesIO(content), len(content))}"
    if media == "image/svg+xml" or (not media and b"<svg" in content[:100_000]):
        return _svg_complaint(name, content)
    if media and media not in _FORMATS:
        return f"{name} is not a picture that can be printed; save it as PNG, JPEG, WebP or SVG"
    from PIL import Image, UnidentifiedImageError  # 60 ms: only where there is a picture

    kinds = [_FORMATS[media]] if media else [*_FORMATS.values()]
    wrong = f"{name} does not hold a picture of the kind that its name says; save it again as {' or '.join(kinds)}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the size is looked at below; what is odd but can be read is drawn
            with _whole(), Image.open(io.BytesIO(content), formats=kinds) as image:
                width, height = image.size
                if width * height > PIXELS or width * height * _CHANNELS.get(image.mode, 4) > DECODED:
                    return f"the picture {name} has too many pixels to be drawn; {_enough(width, height)}"
                if image.format == "JPEG" and content.count(b"\xff\xda") > SCANS:
                    return f"the picture {name} is drawn in more than {SCANS} layers; save it again"
                image.load()
    except Image.DecompressionBombError:
        return (
            f"the picture {name} has far too many pixels; {_A4[0]} × {_A4[1]} are enough for a page of A4 ({_DPI} dpi)"
        )
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError):
        return wrong
    return ""


def proportion(path: Path) -> float:
    """How many times a picture is as wide as high; 1 where that cannot be known."""
    with contextlib.suppress(OSError, ValueError, SyntaxError, LookupError, ZeroDivisionError):
        if path.suffix.lower() == ".svg":
            width, height = _drawing_size(ET.fromstring(opening.read_file(path, LARGEST)))  # noqa: S314 - its entities were refused
            return width / height
        from PIL import Image  # 60 ms: only where there is a picture

        with Image.open(io.BytesIO(opening.read_file(path, LARGEST))) as image:
            width, height = image.size
            turned = image.getexif().get(0x0112, 1) >= 5  # EXIF: Orientation, the values 5 to 8 turn it by 90 degrees
            return height / width if turned else width / height
    return 1.0


def _drawing_size(root: Element) -> tuple[float, float]:
    """Width and height of a drawing, in any unit (SVG 2, 8.2: the box decides how its sides relate)."""
    box = [float(number) for number in re.split(r"[\s,]+", root.get("viewBox", "").strip()) if number]
    if len(box) == 4:
        return box[2], box[3]
    sides = [re.match(r"[\d.]+(?!.*%)", root.get(name, "").strip()) for name in ("width", "height")]
    width, height = (float(side[0]) if side else 1.0 for side in sides)
    return width, height


_one_at_a_time: Final = threading.Lock()


@contextlib.contextmanager
def _whole() -> Iterator[None]:
    """Pictures that end early are refused meanwhile; WeasyPrint has Pillow draw them grey, for the whole process."""
    from PIL import ImageFile

    with _one_at_a_time:
        before = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _too_large(name: str) -> str:
    return f"the picture {name} is larger than {LARGEST // 2**20} MiB"


def _advice(file: Path | io.BytesIO, size: int) -> str:
    """Which size would do for a picture whose file is too large."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(file, formats=list(_FORMATS.values())) as image:  # reads the head of the file alone
                return _enough(*image.size, size)
    except (Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError):
        return "save a drawing as a PNG picture, and a photograph as JPEG"


def _enough(width: int, height: int, size: int = 0) -> str:
    """How many pixels a picture of this shape and of so many bytes needs to fill a page of A4."""
    paper = _A4 if height >= width else _A4[::-1]
    scale = min(most / own for most, own in zip(paper, (width, height), strict=True))
    if size > LARGEST:  # bytes grow with the pixels
        scale = min(scale, (0.9 * LARGEST / size) ** 0.5)
    right = f"{max(1, round(width * scale))} × {max(1, round(height * scale))}"
    return f"it has {width} × {height} pixels; {right} are enough for a page of A4 ({_DPI} dpi); save it so"


def in_address(address: str) -> tuple[str, bytes]:
    """Media type and bytes of a ``data:`` address.

    Raises:
        ValueError: it is broken.
    """
    head, comma, body = address.removeprefix("data:").partition(",")
    if not comma:
        raise ValueError("the address “data:” has no data")
    media = head.partition(";")[0].strip().lower()
    content = unquote_to_bytes(body)
    if ";base64" in head.lower():
        try:
            content = base64.b64decode(re.sub(rb"\s", b"", content) + b"==")
        except binascii.Error as error:
            raise ValueError("the data of the address are not Base64") from error
    return media, content


def _svg_complaint(name: str, content: bytes) -> str:
    if b"\0" in content[:1000]:
        return f"the drawing {name} is not UTF-8; save it again"
    if b"<!ENTITY" in content:
        return f"the drawing {name} declares entities, which can make it endless; save it without them"
    many = f"the drawing {name} has more than {ELEMENTS} elements, or uses itself; save it as a PNG picture"
    if content.count(b"<") > 4 * ELEMENTS:  # its tags and comments
        return many
    try:
        root = ET.fromstring(content)  # noqa: S314 - entities were refused above
    except (ET.ParseError, ValueError, LookupError) as error:
        return f"the drawing {name} is not well formed: {error}"
    if root.tag.rpartition("}")[2] != "svg":
        return f"{name} does not hold an SVG drawing"
    length = 0
    for part in root.iter():
        for key, value in part.items():
            if not (key.rpartition("}")[2] == "href" and value.lstrip().startswith("data:")):
                length += len(value)
            elif message := _inner_complaint(name, value.strip()):
                return message
        length += len(part.text or "") + len(part.tail or "")
    if length > TEXT:
        return f"the drawing {name} has more than {TEXT // 10**6} million characters; save it as a PNG picture"
    return many if _drawn(root) > ELEMENTS else ""


def _inner_complaint(name: str, address: str) -> str:
    """Why a picture inside of a drawing cannot be printed."""
    try:
        media, content = in_address(address)
    except ValueError as error:
        return f"the drawing {name} holds a picture that cannot be read: {error}"
    if media == "image/svg+xml":
        return f"the drawing {name} holds another drawing; put it in its place"
    return complaint_about(content, media, f"inside {name}")


_USED: Final = re.compile(r"url\(\s*[\"']?#([^\"')\s]{1,200})")
_CHEAP: Final = frozenset({"linearGradient", "radialGradient", "font-face"})  # drawn in one step, however often used


def _drawn(root: Element) -> int:
    """How many elements a drawing draws, those that others use counted each time; too many where one uses itself."""
    parts = {part.get("id"): part for part in root.iter()}
    counts: dict[Element, int] = {}

    def used(part: Element) -> Iterator[tuple[Element, int]]:
        """The elements that one uses, and how often."""
        for key, value in part.items():
            names = _USED.findall(value)
            if key.rpartition("}")[2] == "href" and value.startswith("#"):
                names.append(value[1:])
            for other in (parts.get(name) for name in names):
                if other is not None and other.tag.rpartition("}")[2] not in _CHEAP:
                    places = len(re.findall(r"[A-Za-z,\s]+", part.get("d") or part.get("points") or ""))
                    yield other, places if key.startswith("marker") else 1

    def count(part: Element, depth: int) -> int:
        if depth > DEPTH:
            return ELEMENTS + 1
        if part not in counts:
            counts[part] = ELEMENTS + 1  # while it is counted: what uses it from inside is endless
            here = part.tag
            own = 1 + sum(count(child, depth + 1) for child in part)
            more = sum(times * count(other, depth + 1) for other, times in used(part)) if "radient" not in here else 0
            counts[part] = min(own + more, ELEMENTS + 1)
        return counts[part]

    return count(root, 0)


def moves(content: bytes) -> bool:
    """Whether a picture may move: a drawing with animations, or a bitmap with several frames.

    Args:
        content: the bytes of a picture that can be printed.
    """
    if re.search(rb"<(?:\w+:)?(?:animate|set)\b|<(?:\w+:)?animate\w|@keyframes|animation", content):
        return b"<svg" in content
    return b"acTL" in content[:4096] or (content[:4] == b"RIFF" and b"ANIM" in content[:4096])


def for_office(path: Path) -> tuple[bytes, str, int, int]:
    """A picture for office programs: bytes, media type, width and height in pixels.

    PNG and JPEG stay as they are. WebP, which these programs do not know, and what a camera has marked as turned,
    become PNG.

    Args:
        path: a picture that can be printed and is not a drawing.
    """
    from PIL import Image, ImageOps

    content, media = opening.read_file(path, LARGEST), MEDIA[path.suffix.lower()]
    with _whole(), Image.open(io.BytesIO(content)) as image:
        if media == "image/webp" or image.getexif().get(0x0112, 1) != 1:  # EXIF: Orientation
            turned = ImageOps.exif_transpose(image)
            upright = turned if turned.mode in {"RGB", "RGBA", "L", "LA"} else turned.convert("RGB")
            target = io.BytesIO()
            upright.save(target, "PNG", exif=b"")
            return target.getvalue(), "image/png", *upright.size
        return content, media, *image.size
