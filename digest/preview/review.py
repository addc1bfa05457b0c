"""What a change of a design does to finished pages: both states are laid out, and pages compared to the last pixel.

There is no threshold, because a threshold hides faults: a page is the same, or it is shown.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import io
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import pypdfium2
from markupsafe import Markup
from PIL import Image, ImageChops, ImageDraw

from digest import build, files, memo, opening, resources, revision, worker
from digest.errors import DigestError, Problem, ProjectError, TemplateError
from digest.project import find_publication, read_publication
from digest.render import gallery, html, pdf
from digest.render.paper import reach
from digest.render.theme import Theme
from digest.render.theme import themes as known_themes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.project import Issue

SCALE: Final = 1.5  # 108 pixels to the inch, as in the preview
LARGEST: Final = 16_000_000  # pixels of one page; larger sheets are taken smaller
PICTURED: Final = 150  # changed pages with pictures in one file, about 0.3 MB for each
_PAIRS: Final = 40_000  # of pages whose texts are compared: about a second
GALLERY: Final = "gallery"
Kind = Literal["changed", "moved", "added", "removed"]
Pictures = tuple["bytes | None", "bytes | None", "bytes | None"]


class PrintedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A finished page, as far as it is needed to find its counterpart.

    Attributes:
        label: its number, as it is printed.
        pixels: a digest of its picture.
        inner: a digest of what is inside of the margins.
        margins: the text in the margins: running heads and the number of the page.
        words: its text.
    """

    label: str
    pixels: str
    inner: str
    margins: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A page that is not what it was.

    Attributes:
        document: ``gallery``, or the name of the issue.
        theme: the theme.
        kind: ``moved`` is a page that differs by its number alone.
        before: its label before; nothing for an added page.
        after: its label now; nothing for a removed page.
        pixels: how many pixels differ; all of them for an added or a removed page.
        box: where: left, top, right and bottom in pixels.
        size: width and height of the picture in pixels.
        pictures: before, after and difference as WebP, as far as there are such; none after the first
            `PICTURED`.
    """

    document: str
    theme: str
    kind: Kind
    before: str = ""
    after: str = ""
    pixels: int
    box: tuple[int, int, int, int]
    size: tuple[int, int]
    pictures: Pictures = (None, None, None)

    @property
    def title(self) -> str:
        """``2014-07-28, page 333``."""
        page = self.after or self.before
        if self.before and self.after and self.before != self.after:
            page = f"{self.after}, before {self.before}"
        return f"{self.document}, page {page}"

    @property
    def summary(self) -> str:
        """What is different, in words."""
        if self.kind in {"added", "removed"}:
            return "a new page" if self.kind == "added" else "this page is gone"
        left, top, right, bottom = self.box
        counted = f"{self.pixels:,} pixel{'s' if self.pixels != 1 else ''}"
        place = f"{right - left} × {bottom - top} at {left}, {top}"
        return f"{counted} in {place}" + ("; moved, only its number differs" if self.kind == "moved" else "")


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A document whose pages were compared.

    Attributes:
        document: ``gallery``, or the name of the issue.
        theme: the theme.
        pages: how many pages it has now; nothing where all that they are made of is the same, byte for byte.
        same: how many of them are as they were.
    """

    document: str
    theme: str
    pages: int | None = None
    same: int | None = None


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What changed.

    Attributes:
        documents: what was compared.
        changes: the pages that differ.
        problems: what is wrong now and was not before, and what could not be compared.
    """

    documents: tuple[Compared, ...]
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A publication at one time.

    Attributes:
        issue: the folder of the issue.
        templates: the themes of the program at that time; nothing: those that it has.
        name: how it is called in messages; nothing for the present.
    """

    issue: Path
    templates: Path | None = None
    name: str = ""


# -- a revision --------------------------------------------------------------------------------------------------------


def against(
    name: str, *, issue: Path | None, themes: Sequence[str] = (), folder: Path
) -> tuple[Review, revision.Revision]:
    """What changed since a revision of the git repository that a publication is in.

    Of the revision come ``digest.yaml``, ``overrides/``, ``themes/`` and the citation style; where the program itself
    is in the same repository, its themes too. The issue is the present one in both states: what is seen comes from the
    design alone.

    Args:
        name: the revision, by any name that git knows.
        issue: the folder of the issue; without it the program's sample, for those who change the program's own themes.
        themes: names of themes; nothing means the one of ``digest.yaml``, and without an issue all of
            the program that make pages.
        folder: where the command runs.

    Raises:
        DigestError: there is no repository, no such revision, or one of both states cannot be built.
        LimitError: it took too long.
    """
    templates = resources.folder("templates").resolve()
    top = revision.repository(find_publication(issue) if issue else folder)
    of_program = top is not None and templates.is_relative_to(top)
    if issue is None:
        if not of_program:
            raise DigestError(
                "this folder is not in a publication",
                where=str(folder),
                expected="a folder with a digest.yaml, or one inside it",
                todo="the program's own themes are reviewed in a checkout of the program",
            )
        issue = next(path.parent for path in sorted((resources.folder("seeds") / "sample").glob("issues/*/issue.yaml")))
        themes = themes or _own_themes(find_publication(issue))
    root = find_publication(issue)
    publication = read_publication(root)
    if top is None:
        used = themes[0] if themes else publication.theme
        own = (
            ""
            if known_themes(root).get(used, root).resolve().is_relative_to(root)
            else (f"; the theme {used} belongs to the program and changes only with it, overrides/ is yours")
        )
        raise DigestError(
            f"this publication is in no git repository, so there is nothing to compare it with{own}",
            where=str(root),
            todo="keep it in git from now on: git init, git add ., git commit",
        )
    commit = revision.find(top, name)
    prefix = root.resolve().relative_to(top)
    with files.for_the_moment("review") as target:
        then = target / prefix
        wanted = [prefix / part for part in ("digest.yaml", "overrides", "themes")]
        wanted += [templates.relative_to(top)] if of_program else []
        left = revision.extract(commit, [path.as_posix() for path in wanted], target)
        if not (then / "digest.yaml").is_file():
            raise DigestError(
                f"the publication is not in {commit}: there is no {(prefix / 'digest.yaml').as_posix()}",
                where=str(top),
                expected="a revision that has it",
                todo="“git log --oneline -- digest.yaml” lists those that changed it",
            )
        style = _style(then, commit)
        if style.endswith(".csl"):
            left += revision.extract(commit, [(prefix / style).as_posix()], target)
        problems = [Problem(level="warning", code="not-compared", message=f"{what}; left out") for what in left]
        old_templates = target / templates.relative_to(top) if of_program else None
        if old_templates and not old_templates.is_dir():
            old_templates = None
            message = f"the program's own themes are not in {commit}; both versions use the present ones"
            problems.append(Problem(level="warning", code="not-compared", message=message))
        before = Version(issue=place(then, issue), templates=old_templates, name=str(commit))
        entries = sum(1 for part in ("articles", "records") for _ in (issue / part).glob("*"))
        limits = worker.for_issue(entries)
        limits = msgspec.structs.replace(limits, seconds=limits.seconds * 4 * max(1, len(themes)))
        found = worker.run(limits, review, Version(issue=issue), before, list(themes) or [None], limits)
    return msgspec.structs.replace(found, problems=(*problems, *found.problems)), commit


def _style(root: Path, commit: revision.Revision) -> str:
    try:
        return read_publication(root).style
    except ProjectError as error:
        raise DigestError(
            f"the publication could not be built as it was in {commit}: {error.problems[0]}",
            todo="choose another revision",
        ) from error


# -- both states -------------------------------------------------------------------------------------------------------


def review(now: Version, then: Version, themes: Sequence[str | None], limits: worker.JobLimits) -> Review:
    """Lays out the issue and the gallery in both states, each in a process of its own, and compares them.

    Args:
        now: the present.
        then: what it is compared with.
        themes: which themes; nothing means the one of ``digest.yaml``.
        limits: what laying out the former state may use.

    Raises:
        ProjectError: the publication has mistakes.
        TemplateError: a template is broken.
        DigestError: the publication could not be built then, or a theme makes no pages.
    """
    memo.remember()  # most files are the same in both states
    documents: list[Compared] = []
    changes: list[Change] = []
    problems: list[Problem] = []
    pairs: list[tuple[PrintDocument, PrintDocument, str]] = []
    for theme in themes:
        for kind in ("issue", GALLERY):
            after, problems_now = _composed(now, theme, kind)
            before, problems_then = _composed(then, theme, kind)
            problems += [*problems_now, *problems_then]
            if after is not None and before is not None:
                pairs.append((before, after, GALLERY if kind == GALLERY else now.issue.name))
    different = [n for n, (before, after, _) in enumerate(pairs) if before.state != after.state]
    with worker.started(limits, _laid_out, [pairs[n][0] for n in different], then.templates) as former:
        new = _laid_out([pairs[n][1] for n in different])
        old = former()
    made = dict(zip(different, zip(old, new, strict=True), strict=True))
    for n, (before, after, document) in enumerate(pairs):
        name = after.theme.name
        if n not in made:
            documents.append(Compared(document=document, theme=name))
            continue
        was, is_ = made[n]
        known = {problem.message for problem in (*before.problems, *was.problems)}
        found_now = {p.message: p for p in (*after.problems, *is_.problems) if p.message not in known}
        problems += found_now.values()
        if lost := [char for char in is_.missing if char not in was.missing]:
            listed = ", ".join(pdf.glyph_name(char) for char in lost[:5])
            more = f" and {len(lost) - 5} more characters" if len(lost) > 5 else ""
            message = f"{document}: no font contains {listed}{more}"
            problems.append(Problem(level="warning", code="missing-glyph", message=message))
        found, same = compared(was, is_, document, name, already=len(changes))
        changes += found
        documents.append(Compared(document=document, theme=name, pages=len(is_.labels), same=same))
    return Review(documents=tuple(documents), changes=tuple(changes), problems=tuple(dict.fromkeys(problems)))


def _laid_out(documents: Sequence[PrintDocument], templates: Path | None = None) -> list[pdf.Proof]:
    """The pages of documents, with the themes that the program had then."""
    with resources.with_templates(templates):
        return [document.laid_out() for document in documents]


class PrintDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document on its way to paper.

    Attributes:
        theme: its theme.
        html: the document.
        language: that of its texts.
        first_page: the number of its first page.
        roots: the folders whose files it may use.
        state: a digest of all that its pages are made of.
        problems: what was noticed.
    """

    theme: Theme
    html: str
    language: str
    first_page: int
    roots: tuple[Path, ...]
    state: str
    problems: tuple[Problem, ...]

    def laid_out(self) -> pdf.Proof:
        """Its pages."""
        if not self.html:
            return pdf.Proof(content=b"", labels=(), places={}, areas=(), blocks=(), problems=(), missing=())
        fonts = self.theme.find("fonts/fonts.conf")
        return pdf.proof(
            self.html,
            self.first_page,
            roots=self.roots,
            fonts=fonts,
            shown=self.theme.naming,
            whole=reach.looking_further(self.theme.stylesheets("print"), self.html) is not None,
            typeset=self.language,
        )


def _composed(state: Version, name: str | None, kind: str) -> tuple[PrintDocument | None, list[Problem]]:
    """A document of a state; nothing, and why, where only the gallery cannot be made."""
    try:
        with resources.with_templates(state.templates):
            return compose(state, name, kind), []
    except (ProjectError, TemplateError) as error:
        errors = [problem for problem in error.problems if problem.level == "error"]
        if kind != GALLERY and not state.name:
            raise
        if kind != GALLERY:
            raise DigestError(
                f"the publication could not be built as it was in {state.name}: {errors[0]}",
                todo="choose another revision",
            ) from error
        when = f"in {state.name}" if state.name else "now"
        message = f"the gallery was not compared, because it cannot be built {when}: {errors[0]}"
        return None, [Problem(level="warning", code="not-compared", message=message)]


def compose(state: Version, name: str | None, kind: str) -> PrintDocument:
    """A document of a state, ready to be laid out.

    Args:
        state: the publication.
        name: name of the theme; nothing means the one of ``digest.yaml``.
        kind: ``issue`` or ``gallery``.

    Raises:
        DigestError: it cannot be made.
    """
    issue = build.read(state.issue).issue
    if state.name and name is not None and name not in known_themes(issue.root):
        # A theme that was not there yet: all of its pages are new.
        return PrintDocument(
            theme=Theme(issue.publication.theme, issue.root),
            html="",
            language="",
            first_page=1,
            roots=(),
            state="",
            problems=(),
        )
    theme = build.load_theme(issue, name)
    if theme.inline:
        raise DigestError(
            f"the theme “{theme.name}” makes no pages to compare", expected="a theme that makes PDF files"
        )
    if kind == GALLERY:
        issue = gallery.issue(issue.publication)
    page = html.render(build.prepare(issue, theme), "print")
    roots = (issue.folder, *theme.roots)
    return PrintDocument(
        theme=theme,
        html=page.text,
        language=issue.publication.language,
        first_page=page.context.first_page,
        roots=roots,
        state=_digest(f"{page.context.first_page} {page.text}", issue, theme),
        problems=page.problems,
    )


def _digest(text: str, issue: Issue, theme: Theme) -> str:
    """A digest of the document and of each file that it may use, wherever they are."""
    state = hashlib.sha256()
    roots = [issue.folder, theme.overrides, *(layer.folder for layer in theme.layers)]
    for n, root in enumerate(roots):
        text = text.replace(root.resolve().as_uri(), f"file:///{n}").replace(root.as_uri(), f"file:///{n}")
    state.update(text.encode())
    for n, root in enumerate(roots):
        for path in sorted(root.rglob("*")):
            if path.is_file() and "_build" not in path.relative_to(root).parts:
                content = hashlib.sha256(opening.read_file(path)).hexdigest()
                state.update(f"{n}\0{path.relative_to(root).as_posix()}\0{content}\0".encode(errors="replace"))
    return state.hexdigest()


def place(target: Path, issue: Path) -> Path:
    """Puts an issue as it is now into the publication as it was; gives its folder there.

    Links stay links: what leads out of the publication is refused there as it is here.
    """
    folder = target / "issues" / issue.name
    root = find_publication(issue)

    def odd(where: str, names: list[str]) -> list[str]:
        paths = {name: Path(where, name) for name in names}
        return [
            name
            for name, path in paths.items()
            if name == "_build" or not (path.is_symlink() or path.is_file() or path.is_dir())
        ]

    shutil.copytree(issue, folder, symlinks=True, ignore=odd)
    # A link of the issue to a file of its publication leads to the present file.
    for path in [path for path in folder.rglob("*") if path.is_symlink()]:
        present = (issue / path.relative_to(folder)).resolve()
        if present.is_relative_to(root) and present.exists():
            path.unlink()
            (shutil.copytree if present.is_dir() else shutil.copyfile)(present, path)
    return folder


def _own_themes(root: Path) -> tuple[str, ...]:
    """The themes of the program that make pages."""
    own = resources.folder("templates").resolve()
    found = (Theme(name, root) for name, path in known_themes(root).items() if path.resolve().is_relative_to(own))
    return tuple(theme.name for theme in found if not theme.inline)


# -- pages -------------------------------------------------------------------------------------------------------------


class Pages:
    """The finished pages of a document."""

    def __init__(self, made: pdf.Proof) -> None:
        self._document = pypdfium2.PdfDocument(made.content) if made.content else None
        self.pages = tuple(self._page(n, label, made.areas[n]) for n, label in enumerate(made.labels))

    def picture(self, n: int, scale: float = SCALE) -> Image.Image:
        """The picture of a page."""
        assert self._document is not None
        page = self._document[n]
        width, height = page.get_size()
        scale = min(scale, (LARGEST / max(1.0, width * height)) ** 0.5)
        image: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
        return image

    def _page(self, n: int, label: str, area: tuple[float, float, float, float]) -> PrintedPage:
        image = self.picture(n)
        left, top, right, bottom = area
        x1, x2, y1, y2 = (
            *(round(x * image.width) for x in (left, right)),
            *(round(y * image.height) for y in (top, bottom)),
        )
        assert self._document is not None
        page = self._document[n]
        width, height = page.get_size()
        text = page.get_textpage()
        # Strips of PDF run from the bottom up.
        strips = (
            (0, height * (1 - top), width, height),
            (0, 0, width, height * (1 - bottom)),
            (0, 0, width * left, height),
            (width * right, 0, width, height),
        )
        return PrintedPage(
            label=label,
            pixels=_hash(image),
            inner=_hash(image.crop((x1, y1, x2, y2))),
            margins=tuple(text.get_text_bounded(*strip) for strip in strips),
            words=tuple(text.get_text_range().split()),
        )


def _hash(image: Image.Image) -> str:
    return hashlib.sha256(f"{image.size}".encode("ascii") + image.tobytes()).hexdigest()


def compared(
    before: pdf.Proof, after: pdf.Proof, document: str, theme: str, *, already: int = 0
) -> tuple[list[Change], int]:
    """The pages that differ, in order, and how many are the same.

    Args:
        before: the pages as they were.
        after: the pages as they are.
        document: the name of the document.
        theme: the name of the theme.
        already: how many pages are pictured already.
    """
    old, new = Pages(before), Pages(after)
    changes: list[Change] = []
    same = 0
    for i, j in aligned(old.pages, new.pages):
        if i is not None and j is not None and old.pages[i].pixels == new.pages[j].pixels:
            same += 1
            continue
        first = old.picture(i) if i is not None else None
        second = new.picture(j) if j is not None else None
        kind: Kind = "added" if i is None else "removed" if j is None else "changed"
        if i is not None and j is not None and only_moved(old.pages[i], new.pages[j]):
            kind = "moved"
        changes.append(
            change(
                first,
                second,
                document=document,
                theme=theme,
                kind=kind,
                labels=(old.pages[i].label if i is not None else "", new.pages[j].label if j is not None else ""),
                pictured=already + len(changes) < PICTURED,
            )
        )
    return changes, same


def aligned(old: Sequence[PrintedPage], new: Sequence[PrintedPage]) -> Iterator[tuple[int | None, int | None]]:
    """Pairs of pages, in order: those that are the same inside of their margins, then those whose texts are near.

    A page in a pair with nothing is removed or added; all others keep their counterpart.
    """
    matcher = difflib.SequenceMatcher(a=[p.inner for p in old], b=[p.inner for p in new], autojunk=False)
    for _, i1, i2, j1, j2 in matcher.get_opcodes():
        if i2 - i1 == j2 - j1:
            yield from zip(range(i1, i2), range(j1, j2), strict=True)
            continue
        for i, j in _paired(old[i1:i2], new[j1:j2]):
            yield i1 + i if i is not None else None, j1 + j if j is not None else None


def _paired(old: Sequence[PrintedPage], new: Sequence[PrintedPage]) -> list[tuple[int | None, int | None]]:
    """Pairs in order that have most words in common, as few pages alone as can be."""
    rows, columns = len(old), len(new)
    if rows * columns > _PAIRS:
        both = range(max(rows, columns))
        return [(n if n < rows else None, n if n < columns else None) for n in both]
    counts = [Counter(page.words) for page in new]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    together = [[False] * columns for _ in range(rows)]
    for i in range(rows - 1, -1, -1):
        words = Counter(old[i].words)
        for j in range(columns - 1, -1, -1):
            total = words.total() + counts[j].total()
            common = 2 * (words & counts[j]).total() / total if total else 1.0
            paired, alone = best[i + 1][j + 1] + common + 0.05, max(best[i + 1][j], best[i][j + 1])
            best[i][j], together[i][j] = max(paired, alone), paired >= alone
    pairs: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < rows and j < columns:
        if together[i][j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            pairs.append((i, None))
            i += 1
        else:
            pairs.append((None, j))
            j += 1
    return [*pairs, *((n, None) for n in range(i, rows)), *((None, n) for n in range(j, columns))]


def only_moved(old: PrintedPage, new: PrintedPage) -> bool:
    """Whether a page has moved, and nothing but its number in the margins differs."""
    if old.label == new.label or old.inner != new.inner:
        return False
    return _without(old) == _without(new)


def _without(page: PrintedPage) -> list[list[str]]:
    """The words in the margins, with the page's own number left open."""
    return [["#" if word == page.label else word for word in strip.split()] for strip in page.margins]


def change(
    before: Image.Image | None,
    after: Image.Image | None,
    *,
    document: str,
    theme: str,
    kind: Kind,
    labels: tuple[str, str],
    pictured: bool = True,
) -> Change:
    """The difference of two pictures; one of them may be missing."""
    size = (
        max(image.width for image in (before, after) if image),
        max(image.height for image in (before, after) if image),
    )
    if before is None or after is None:
        pixels, box = size[0] * size[1], (0, 0, *size)
        pictures: Pictures = (packed(before), packed(after), None)
    else:
        mask = _differing(before, after, size)
        pixels, box = mask.histogram()[255], mask.getbbox() or (0, 0, 0, 0)
        pictures = (packed(before), packed(after), packed(_difference_image(after, mask, box)) if pictured else None)
    return Change(
        document=document,
        theme=theme,
        kind=kind,
        before=labels[0],
        after=labels[1],
        pixels=pixels,
        box=box,
        size=size,
        pictures=pictures if pictured else (None, None, None),
    )


def _differing(before: Image.Image, after: Image.Image, size: tuple[int, int]) -> Image.Image:
    """White where pixels differ in any colour, or only one of the pictures has one; black elsewhere."""
    both = []
    for image in (before, after):
        # A channel of its own says where there is a page: a white page that became longer differs as well.
        sheet = Image.new("RGBA", size, (255, 255, 255, 0))
        sheet.paste(image.convert("RGBA"))
        both.append(sheet)
    bands = ImageChops.difference(both[0], both[1]).split()
    most = bands[0]
    for band in bands[1:]:
        most = ImageChops.lighter(most, band)
    return most.point([0, *[255] * 255])


def _difference_image(after: Image.Image, mask: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """The page in pale grey with what differs in red, and a frame around it: a single pixel must be found."""
    grey = Image.new("L", mask.size, 255)
    grey.paste(after.convert("L").point([255 - (255 - level) // 4 for level in range(256)]))
    shown = Image.merge("RGB", (grey, grey, grey))
    shown.paste((200, 0, 20), mask=mask)
    left, top, right, bottom = box
    frame = (max(0, left - 5), max(0, top - 5), min(mask.width - 1, right + 4), min(mask.height - 1, bottom + 4))
    ImageDraw.Draw(shown).rectangle(frame, outline=(200, 0, 20))
    return shown


def packed(image: Image.Image | None) -> bytes | None:
    """A picture as WebP without loss: a third of a PNG, in less time."""
    if image is None:
        return None
    file = io.BytesIO()
    image.save(file, "WEBP", lossless=True, method=2, quality=30)
    return file.getvalue()


# -- the sheet ---------------------------------------------------------------------------------------------------------

_SHEET: Final = Markup("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --soft: #59636b; --line: #c9d0d5; --ground: #f3f5f6; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --soft: #a8b3ba; --line: #45505a; --ground: #1d2429; }}
}}
body {{ background: #fff; color: #14181a; font: 16px/1.45 system-ui, sans-serif; }}
body {{ margin: 0 auto; padding: 1.5rem; max-width: 2800px; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #111517; color: #e8ecee; }} }}
h1 {{ font-size: 1.6rem; line-height: 1.2; margin: 0 0 .3rem; }}
h2 {{ font-size: 1.2rem; margin: 2.5rem 0 .5rem; padding-top: .8rem; border-top: 1px solid var(--line); }}
h3 {{ font-size: 1rem; margin: 1.6rem 0 .1rem; }}
p {{ margin: 0 0 .6rem; max-width: 46rem; }}
.summary, figcaption, .against {{ color: var(--soft); }}
table {{ border-collapse: collapse; margin: 1rem 0; }}
th, td {{ text-align: left; padding: .25rem 1.2rem .25rem 0; border-bottom: 1px solid var(--line); }}
td.number, th.number {{ text-align: right; font-variant-numeric: tabular-nums; }}
.page {{ display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1rem; }}
@media (max-width: 700px) {{ .page {{ grid-template-columns: minmax(0, 1fr); }} }}
figure {{ margin: 0; background: var(--ground); padding: .6rem; }}
figure img {{ display: block; width: 100%; height: auto; background: #fff; }}
figcaption {{ font-size: .9rem; padding-bottom: .4rem; }}
.none {{ color: var(--soft); padding: 3rem 0; text-align: center; margin: 0; }}
summary {{ cursor: pointer; padding: .5rem 0; }}
a {{ color: inherit; }}
.scroll {{ overflow-x: auto; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p class="against">Compared with {against}</p>
{summary}
{problems}
{parts}
</main>
</body>
</html>
""")


def sheet(found: Review, title: str, against: str) -> str:
    """The changed pages as one HTML file with all pictures inside.

    Args:
        found: what changed.
        title: title of the file.
        against: what the pages were compared with.
    """
    parts = []
    for n, document in enumerate(found.documents, 1):
        own = [c for c in found.changes if (c.document, c.theme) == (document.document, document.theme)]
        if not own:
            continue
        shown = [_figure(c) for c in own if c.kind != "moved"]
        moved = [_figure(c) for c in own if c.kind == "moved"]
        if moved:
            many = (
                "1 page that only moved: its number differs"
                if len(moved) == 1
                else (f"{len(moved)} pages that only moved: their numbers differ")
            )
            shown.append(
                Markup("<details>\n<summary>{}</summary>\n{}\n</details>").format(many, Markup("\n").join(moved))
            )
        parts.append(
            Markup('<section aria-labelledby="part-{n}">\n<h2 id="part-{n}">{title}</h2>\n{body}\n</section>').format(
                n=n, title=_named(document), body=Markup("\n").join(shown)
            )
        )
    problems = Markup("")
    if found.problems:
        lines = Markup("\n").join(Markup("<li>{}</li>").format(str(problem)) for problem in found.problems)
        problems = Markup("<h2>New problems</h2>\n<ul>\n{}\n</ul>").format(lines)
    return str(
        _SHEET.format(
            title=title, against=against, summary=_summary(found), problems=problems, parts=Markup("\n").join(parts)
        )
    )


def _named(document: Compared) -> str:
    what = "The gallery" if document.document == GALLERY else f"The issue {document.document}"
    return f"{what} in the theme {document.theme}"


def _summary(found: Review) -> Markup:
    counts: Counter[tuple[str, str, str]] = Counter((c.document, c.theme, c.kind) for c in found.changes)
    kinds = ("changed", "moved", "added", "removed")
    rows = []
    for n, document in enumerate(found.documents, 1):
        numbers = [counts[document.document, document.theme, kind] for kind in kinds]
        name = Markup('<a href="#part-{}">{}</a>').format(n, _named(document)) if any(numbers) else _named(document)
        same = "all" if document.same is None or document.same == document.pages else str(document.same)
        cells = Markup("").join(Markup('<td class="number">{}</td>').format(value or "–") for value in (same, *numbers))
        rows.append(Markup('<tr><th scope="row">{}</th>{}</tr>').format(name, cells))
    heads = Markup("").join(
        Markup('<th scope="col" class="number">{}</th>').format(name) for name in ("the same", *kinds)
    )
    head = Markup('<tr><th scope="col">pages of</th>{}</tr>').format(heads)
    lines = Markup("") if found.changes else Markup("<p><strong>No page changed.</strong></p>\n")
    if (more := sum(c.pictures == (None, None, None) for c in found.changes)) > 0:
        counted = "The last page is" if more == 1 else f"The last {more} pages are"
        lines += Markup("<p>{} listed without pictures.</p>\n").format(counted)
    table = Markup('<div class="scroll" tabindex="0" role="region" aria-label="Summary"><table>{}\n{}</table></div>')
    return lines + table.format(head, Markup("\n").join(rows))


def _figure(found: Change) -> Markup:
    head = Markup('<h3>{}</h3>\n<p class="summary">{}</p>\n').format(
        found.title[0].upper() + found.title[1:], found.summary
    )
    if not any(found.pictures):
        return head
    figures = []
    for name, content in zip(("before", "after", "difference"), found.pictures, strict=True):
        if content is None:
            lacking = {"before": "not there yet", "after": "not there any more"}.get(name, "the whole page")
            picture = Markup('<p class="none">{}</p>').format(lacking)
        else:
            source = f"data:image/webp;base64,{base64.b64encode(content).decode('ascii')}"
            picture = Markup('<img src="{}" alt="{}: {}" loading="lazy">').format(source, found.title, name)
        figures.append(Markup("<figure><figcaption>{}</figcaption>{}</figure>").format(name, picture))
    return head + Markup('<div class="page">{}</div>').format(Markup("").join(figures))
