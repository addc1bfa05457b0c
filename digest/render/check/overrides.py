"""Overrides without an effect, and options that nothing reads: each with what was probably meant."""

from __future__ import annotations

import contextlib
import difflib
import re
from typing import TYPE_CHECKING, Final

from digest import font, opening, picture
from digest.errors import DigestError, Problem, TemplateError, did_you_mean
from digest.render.theme import CUSTOM, OPTIONS_OF_THE_PROGRAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from digest.render.theme import Theme

_READ: Final = (".html", ".txt", ".svg", ".xml")  # what may name other files, besides stylesheets
_FOR_PEOPLE: Final = re.compile(
    r"(?:readme|licen[cs]e|copying|authors|ofl|fontlog|changes)\b.*|.*\.md|.*~|\..*|#.*", re.IGNORECASE
)
_OF_PAGES: Final = re.compile(r"pages/[^/]+\.html")  # which an issue names
_REMARKS: Final = re.compile(r"{#.*?#}", re.DOTALL)
_AS_BEFORE: Final = re.compile(r"{%-?\s*block\s+\w+\s*-?%}\s*{{-?\s*super\(\)\s*-?}}\s*{%-?\s*endblock[^%]*%}")
_EXTENDS: Final = re.compile(r"{%-?\s*extends\s+[\"'][a-z][a-z0-9-]*:([^\"']+)[\"']\s*-?%}")


def unused_overrides(theme: Theme) -> Iterator[Problem]:
    """A warning for each file in the overrides that overrides nothing, a note for one that changes nothing."""
    known = theme.names() | {CUSTOM}
    sheets = _stylesheets(theme)
    texts = {**_texts(theme), **sheets}
    yield from _misnamed_folders(theme)
    for path in sorted(theme.overrides.rglob("*")):
        name = path.relative_to(theme.overrides).as_posix()
        if opening.leads_out(path, theme.publication):
            yield _unused(theme, name, "this link leads out of the publication; copy what it leads to. It is not used")
        elif path.is_dir():
            continue
        elif opening.inside(theme.overrides, name) is None:
            yield _unused(theme, name, "this is not a regular file: it is not used")
        elif _FOR_PEOPLE.fullmatch(path.name) or _is_named(path, name, texts) or _OF_PAGES.fullmatch(name):
            continue
        elif name not in known:
            kind = _KINDS.get(_ending(name), "")
            message = (
                f"nothing uses this {kind}: no template and no stylesheet names it"
                if kind
                else "this file overrides nothing: the theme has no file of that name"
            )
            near = did_you_mean(name, [o for o in known if _KINDS.get(_ending(o)) == kind], least=0.8) if kind else ""
            yield _unused(theme, name, f"{message}{near or ('' if kind else _meant(name, known))}")
        elif path.suffix == ".css" and name != CUSTOM and path.resolve() not in sheets:
            where = f"the theme {theme.name} lists it neither for the screen nor for paper"
            yield _unused(theme, name, f"this stylesheet is not used: {where}")
        elif _changes_nothing(theme, path, name, sheets):
            message = "this file changes nothing, because it is as the theme's own; change it, or delete it"
            yield Problem(level="note", code="unused-override", message=message, file=theme.shown(path))


_KINDS: Final = {**dict.fromkeys(picture.MEDIA, "picture"), **dict.fromkeys(font.ENDINGS, "font")}


def _ending(name: str) -> str:
    return name[name.rfind(".") :].lower()


def _unused(theme: Theme, name: str, message: str) -> Problem:
    file = f"{theme.overrides.name}/{name}"
    return Problem(level="warning", code="unused-override", message=message, file=file)


def _meant(name: str, known: set[str]) -> str:
    """The file of the theme that a person probably meant: the same name elsewhere, with another ending, or near."""
    last, stem = name.rpartition("/")[2].lower(), name.rpartition(".")[0].lower()
    rules: tuple[Callable[[str], bool], ...] = (
        lambda other: other == name.lower(),
        lambda other: other.rpartition("/")[2] == last,
        lambda other: bool(stem) and stem in {other, other.rpartition(".")[0]},
    )
    for rule in rules:
        if alike := [other for other in sorted(known) if rule(other.lower())]:
            nearest = max(alike, key=lambda other: difflib.SequenceMatcher(None, name.lower(), other.lower()).ratio())
            return f"; did you mean “{nearest}”?"
    return did_you_mean(name, known)


def _misnamed_folders(theme: Theme) -> Iterator[Problem]:
    """A warning for each folder next to `overrides` that is called nearly so."""
    for wanted in ("overrides", "themes"):
        for path in sorted(theme.publication.glob("*")):
            near = did_you_mean(path.name, [wanted], least=0.8)
            if near and path.name != wanted and path.is_dir() and any(path.iterdir()):
                message = f"nothing in this folder is used{near}"
                yield Problem(level="warning", code="unused-override", message=message, file=f"{path.name}/")


def _texts(theme: Theme) -> dict[Path, str]:
    """The texts of the files of the publication's own that may name others."""
    found = {}
    for path in (path for folder in theme.own_roots for path in sorted(folder.rglob("*")) if path.suffix in _READ):
        try:
            found[path.resolve()] = theme.text(path)
        except TemplateError:
            continue  # reported where it is used
    return found


def _is_named(path: Path, name: str, texts: Mapping[Path, str]) -> bool:
    """Whether another file names this one, or an expression such as ``"logos/" ~ name ~ ".svg"`` may."""
    folder = name.rpartition("/")[0]
    dynamic = re.compile(rf"[\"']{re.escape(folder)}/[\w-]*[\"']\s*~") if folder else None
    return any(
        path.name in text or (dynamic is not None and dynamic.search(text) is not None)
        for other, text in texts.items()
        if other != path.resolve()
    )


def _stylesheets(theme: Theme) -> dict[Path, str]:
    """The texts of the stylesheets that are used, by their files."""
    found: dict[Path, str] = {}
    for medium in ("screen", "print", "site", "epub"):
        try:
            found |= {sheet.path: sheet.text for sheet in theme.stylesheets(medium)}
        except DigestError:
            continue  # reported where it is used
    return found


def _changes_nothing(theme: Theme, path: Path, name: str, sheets: Mapping[Path, str]) -> bool:
    """Whether an override is the file that would be used without it, or extends that one and leaves it as it is."""
    if path.suffix == ".html":
        try:
            text = _AS_BEFORE.sub("", _REMARKS.sub("", theme.text(path))).strip()
        except TemplateError:
            return False
        if (match := _EXTENDS.fullmatch(text)) and match[1] == name:
            return True
    below = next((found for found in theme.candidates(name) if found != path.resolve()), None)
    try:
        if below is None:
            return False
        if (used := sheets.get(path.resolve())) is not None:
            return used == opening.read_text(below)
        return opening.read_file(below) == opening.read_file(path)
    except (OSError, UnicodeDecodeError):
        return False


def unread_options(theme: Theme) -> Iterator[Problem]:
    """A warning for each option that ``digest.yaml`` sets and neither a template nor a stylesheet reads."""
    files = ((root, path) for root in theme.roots for path in root.rglob("*") if path.suffix in _READ)
    names = {path.relative_to(root).as_posix() for root, path in files}
    texts = [*_stylesheets(theme).values()]
    for path in filter(None, map(theme.find, names)):
        with contextlib.suppress(TemplateError):  # reported where it is used
            texts.append(theme.text(path))
    said = "\n".join(texts)
    for name in theme.option_lines:
        reads = rf"options(?:\.{name}\b|(?:\[|\.get\()[\"']{name}[\"'])|--option-{name.replace('_', '-')}\b"
        if name not in OPTIONS_OF_THE_PROGRAM and not re.search(reads, said):
            where = f"no template and no stylesheet of the theme {theme.name} uses it"
            message = f"nothing reads the option “{name}”: {where}"
            key, line = f"theme_options.{name}", theme.option_lines.get(name)
            yield Problem(
                level="warning", code="unread-option", message=message, file="digest.yaml", line=line, key=key
            )
