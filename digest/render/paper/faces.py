"""The fonts of a PDF: what each sheet uses of a face, and one subset of it for all sheets that use it alike.

Sheets write glyphs by their numbers in the font, which a subset keeps (HarfBuzz's RETAIN_GIDS). So one subset with the
glyphs of all sheets serves each of them.
"""

from __future__ import annotations

import functools
import hashlib
import io
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.render import tagged
from digest.render.paper import parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_PLAIN: Final = (
    "index",
    "font_size",
    "style",
    "family",
    "variations",
    "weight",
    "hash",
    "ascent",
    "descent",
    "tables",
    "bitmap",
    "italic_angle",
    "upem",
    "png",
    "svg",
    "colr",
    "glyph_count",
    "stemv",
    "stemh",
    "used_in_forms",
    "flags",
)
_CODES: Final = 0x10000  # of two bytes


class Face(msgspec.Struct, frozen=True, kw_only=True):
    """What a sheet uses of a face.

    Attributes:
        file: digest of the font's file.
        name: its name in the PDF.
        facts: what WeasyPrint knows of it.
        widths: of each glyph, in thousandths of the size.
        texts: what each glyph means.
        missing: the codes of characters that it does not have.
    """

    file: str
    name: bytes
    facts: dict[str, Any]
    widths: dict[int, float]
    texts: dict[int, str]
    missing: dict[int, int]


def left_out(pdf: Any, fonts: Any, compress: bool, subset: bool, options: Any) -> Any:  # noqa: ANN401, ARG001 - as WeasyPrint's
    """The dictionary of fonts of a sheet: with none in it, because `union` makes that of the whole document."""
    from weasyprint.pdf import pydyf

    return pydyf.Dictionary()


def canonical_code(font: Any, codepoint: int) -> int:  # noqa: ANN401 - WeasyPrint has no types
    """A code for a character that a font does not have, the same in every sheet: its own number where that is free."""
    free = _CODES - font.glyph_count
    code = codepoint if font.glyph_count <= codepoint < _CODES else _CODES - 1 - codepoint % max(1, free)
    return int(font.missing.setdefault(codepoint, code))


def of(document: Any) -> tuple[tuple[Face, ...], dict[str, bytes]]:  # noqa: ANN401 - WeasyPrint has no types
    """What a document that was drawn uses of its faces, and their files by their digests."""
    found, files = [], {}
    for font in document.fonts.values():
        digest = _digest(font.file_content)
        files[digest] = font.file_content
        found.append(
            Face(
                file=digest,
                name=font.name,
                facts={name: getattr(font, name) for name in _PLAIN},
                widths=dict(sorted(font.widths.items())),
                texts=dict(sorted(font.to_unicode.items())),
                missing=dict(sorted(font.missing.items())),
            )
        )
    return tuple(sorted(found, key=lambda face: face.name)), files


_digests: Final[dict[int, tuple[bytes, str]]] = {}


def _digest(content: bytes) -> str:
    if len(_digests) > 100:
        _digests.clear()
    kept = _digests.get(id(content))
    if kept is None or kept[0] is not content:
        kept = _digests[id(content)] = (content, hashlib.sha256(content).hexdigest()[:32])
    return kept[1]


def grouped(sheets: Iterable[Sequence[Face]]) -> tuple[list[int], list[dict[bytes, Face]]]:
    """Sheets put together that can share their fonts: for each sheet the number of its group, and the groups.

    Two sheets differ where a glyph has another width in them, because letters of another size were measured first, or
    where a code is another missing character.
    """
    which: list[int] = []
    groups: list[dict[bytes, Face]] = []
    for faces in sheets:
        n = next((n for n, group in enumerate(groups) if all(_agree(face, group.get(face.name)) for face in faces)), -1)
        if n < 0:
            n = len(groups)
            groups.append({})
        for face in faces:
            groups[n][face.name] = _both(groups[n].get(face.name), face)
        which.append(n)
    return which, groups


def _agree(face: Face, other: Face | None) -> bool:
    if other is None:
        return True
    if face.file != other.file:
        return False
    codes = {code: char for char, code in other.missing.items()}
    return all(other.widths.get(glyph, width) == width for glyph, width in face.widths.items()) and all(
        codes.get(code, char) == char for char, code in face.missing.items()
    )


def _both(one: Face | None, other: Face) -> Face:
    if one is None:
        return other
    new = {glyph: text for glyph, text in other.texts.items() if glyph not in one.texts}
    if not new and other.widths.keys() <= one.widths.keys() and other.missing.keys() <= one.missing.keys():
        return one
    return msgspec.structs.replace(
        one, widths=one.widths | other.widths, texts=one.texts | new, missing=one.missing | other.missing
    )


def union(groups: Sequence[Mapping[bytes, Face]], files: Mapping[str, bytes]) -> tuple[parts.Parts, list[int]]:
    """The objects of fonts, and of each group the number of its dictionary in them. The same faces share a subset.

    Args:
        groups: what is used of each face, by its name in the PDF.
        files: the files of fonts, by their digests.
    """
    import pikepdf
    from weasyprint import DEFAULT_OPTIONS
    from weasyprint.pdf import pydyf
    from weasyprint.pdf.fonts import build_fonts_dictionary

    glyphs: dict[bytes, dict[int, str]] = {}
    for group in groups:
        for name, face in group.items():
            glyphs.setdefault(name, {}).update({g: t for g, t in face.texts.items() if g not in face.missing.values()})
    made = pydyf.PDF()
    roots = []
    for group in groups:
        fonts = {name: _font(group[name], files, glyphs[name]) for name in sorted(group)}
        dictionary = build_fonts_dictionary(made, fonts, True, True, DEFAULT_OPTIONS)
        made.add_object(dictionary)
        roots.append(dictionary.number)
    target = io.BytesIO()
    made.write(target, version=b"1.7", compress=True)
    with pikepdf.open(io.BytesIO(target.getvalue())) as pdf:
        tagged.complete_fonts(pdf)
        exporter = parts.Exporter(pdf, {})
        numbers = [exporter.add(pdf.get_object((root, 0))) for root in roots]
        return exporter.parts(), numbers


@functools.cache
def _declare() -> None:
    """Makes known to WeasyPrint's bindings how HarfBuzz reads a font from memory."""
    from weasyprint.text.ffi import ffi

    ffi.cdef(
        "hb_blob_t * hb_blob_create(const char *data, unsigned int length, int mode, void *user, void *destroy);"
        "hb_face_t * hb_face_create(hb_blob_t *blob, unsigned int index);",
        override=True,
    )


def _font(face: Face, files: Mapping[str, bytes], glyphs: Mapping[int, str]) -> Any:  # noqa: ANN401 - WeasyPrint has no types
    """A font of WeasyPrint as it was in the sheets, with the glyphs of all of them."""
    from weasyprint.pdf.fonts import Font
    from weasyprint.text.ffi import ffi, harfbuzz

    class Kept(Font):  # type: ignore[misc]  # WeasyPrint has no types
        def subset(self, to_unicode: Any, hinting: Any) -> None:  # noqa: ANN401 - WeasyPrint has no types
            super().subset(
                {**glyphs, **{g: t for g, t in to_unicode.items() if g not in face.missing.values()}}, hinting
            )

    font = Kept.__new__(Kept)
    for name, value in face.facts.items():
        setattr(font, name, value)
    font.name = face.name
    font.file_content = content = files[face.file]
    font.widths, font.to_unicode, font.missing = dict(face.widths), dict(face.texts), dict(face.missing)
    _declare()
    data = ffi.from_buffer(content)
    blob = ffi.gc(harfbuzz.hb_blob_create(data, len(content), 1, ffi.NULL, ffi.NULL), harfbuzz.hb_blob_destroy)
    font.hb_face = ffi.gc(harfbuzz.hb_face_create(blob, face.facts["index"]), harfbuzz.hb_face_destroy)
    font.kept = (data, blob)  # HarfBuzz reads them later
    return font
