"""An issue's folder becomes the files of the issue: made in memory with a report, then written all or none."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from digest.cite import Styles
from digest.errors import Problem, ProjectError
from digest.project import REFERENCES, Issue, read_issue
from digest.render.context import ArticleEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.model import Entry
    from digest.render.context import IssueContext
    from digest.render.pdf import Facts, Pdf

FORMATS: Final = ("html", "pdf")


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """What a build gave.

    Attributes:
        issue: the issue that was read.
        files: name and bytes of each file.
        problems: warnings and notes.
        embargoed: one note for each entry that was left out because it may not be published yet.
    """

    issue: Issue
    files: Mapping[str, bytes]
    problems: tuple[Problem, ...]
    embargoed: tuple[Problem, ...]


def build(folder: Path, formats: Sequence[str] = FORMATS) -> Built:
    """The files of an issue, in memory.

    Args:
        folder: folder of the issue.
        formats: which of `FORMATS` to make.

    Raises:
        ProjectError: the publication's files have mistakes.
        TemplateError: a template is broken.
        DigestError: style or theme cannot be had, or this machine lacks something.
    """
    from digest.render import html
    from digest.render.theme import Theme

    issue, embargoed = without_embargoed(read_issue(folder))
    theme = Theme(issue.publication.theme, issue.root)
    styles = Styles(issue.root)
    problems: list[Problem] = [*issue.problems, *embargoed]
    files: dict[str, bytes] = {}
    if "html" in formats:
        page = html.render(issue, theme, styles, "screen")
        problems += page.problems
        files["issue.html"] = page.html.encode()
    if "pdf" in formats:
        from digest.render import pdf

        page = html.render(issue, theme, styles, "print")
        made = pdf.render(
            page.html, _facts(page.context), roots=(issue.folder, *theme.roots), fonts=theme.find("fonts/fonts.conf"),
            shown=theme.shown,
        )  # fmt: skip
        problems += [
            *page.problems,
            *made.problems,
            *_missing_glyphs(made, issue),
            *_other_pages(made, page.context, issue),
        ]
        files["issue.pdf"] = made.content
    return Built(issue=issue, files=files, problems=tuple(dict.fromkeys(problems)), embargoed=embargoed)


def check(folder: Path) -> tuple[Problem, ...]:
    """Every problem of an issue that can be told without laying out pages, errors included.

    Raises:
        DigestError: style or theme cannot be had.
    """
    try:
        return build(folder, formats=("html",)).problems
    except ProjectError as error:
        return error.problems


def write(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Writes files into a folder and returns their paths; a file is replaced whole or not at all.

    Raises:
        OSError: the folder cannot be written; files that were there before are as they were.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ready: list[tuple[Path, Path]] = []
    try:
        for name, content in files.items():
            with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{name}.", delete=False) as file:
                ready.append((Path(file.name), folder / name))
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for temporary, path in ready:
            temporary.chmod(0o666 & ~_umask())  # temporary files are private, an issue is not
            temporary.replace(path)
    finally:
        for temporary, _ in ready:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
    return [path for _, path in ready]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def without_embargoed(issue: Issue) -> tuple[Issue, tuple[Problem, ...]]:
    """The issue without what may not be published on its date, and a note for each entry that was left out.

    A record waits until the day its embargo names; an article waits for every record that it reviews.
    """
    notes: list[Problem] = []
    read = issue.reads[issue.shown("issue.yaml")]

    def waits(entry: Entry) -> str:
        keys = issue.articles[entry.article].head.abstracts if entry.article else (entry.record,)
        for key in keys:
            record = issue.records.get(key or "")
            if record and record.embargo_until and record.embargo_until.is_after(issue.head.date):
                return f"“{key}” is under embargo until {record.embargo_until}, the issue is of {issue.head.date}"
        return ""

    sections = []
    for s, section in enumerate(issue.head.sections):
        kept = []
        for e, entry in enumerate(section.entries):
            if reason := waits(entry):
                notes.append(read.problem("note", "embargo", f"left out: {reason}", "sections", s, "entries", e))
            else:
                kept.append(entry)
        if kept or not section.entries:
            sections.append(msgspec.structs.replace(section, entries=tuple(kept)))
    if not notes:
        return issue, ()
    return msgspec.structs.replace(issue, head=msgspec.structs.replace(issue.head, sections=tuple(sections))), tuple(
        notes
    )


def _facts(context: IssueContext) -> Facts:
    from digest.render.pdf import Facts

    articles = [entry for entry in context.entries if isinstance(entry, ArticleEntry)]
    meeting = context.meeting.name if context.meeting else ""
    return Facts(
        title=f"{context.publication.title}: {context.title}" + (f" from the {meeting}" if meeting else ""),
        authors=tuple(dict.fromkeys(person.full for article in articles for person in article.authors)),
        language=context.publication.language, date=str(context.date), publisher=context.publication.publisher,
        keywords=tuple(dict.fromkeys(word for article in articles for word in article.keywords)),
        periodical=context.publication.title, issn=context.publication.issn or "", volume=context.volume,
        number=context.number, event=meeting, first_page=context.first_page,
    )  # fmt: skip


def _missing_glyphs(made: Pdf, issue: Issue) -> Iterator[Problem]:
    """A warning for each character that no font has, with the first place where it stands."""
    from digest.render.pdf import glyph_name

    if not made.missing:
        return
    texts = list(_texts(issue))
    for char in made.missing:
        file, line = next(
            ((name, text[: text.index(char)].count("\n") + 1) for name, text in texts if char in text),
            ("", None),
        )
        message = (
            f"no font has {glyph_name(char)}; it is printed as an empty box. "
            "Add a font that has it with @font-face in overrides/css/custom.css"
        )
        yield Problem(level="warning", code="missing-glyph", message=message, file=file, line=line)


def _texts(issue: Issue) -> Iterator[tuple[str, str]]:
    """Every file of the issue that people type, by the name that problems show."""
    paths: Iterable[Path] = (
        issue.root / "digest.yaml",
        issue.folder / "issue.yaml",
        *(issue.folder / "articles" / f"{key}.md" for key in issue.articles),
        *(issue.folder / "records" / f"{key}.yaml" for key in issue.records),
        *(issue.folder / name for name in REFERENCES),
    )
    for path in paths:
        if path.is_file():
            yield path.relative_to(issue.root).as_posix(), path.read_text(encoding="utf-8-sig")


def _other_pages(made: Pdf, context: IssueContext, issue: Issue) -> Iterator[Problem]:
    """A warning for each article that says other pages than those it is printed on.

    Only where the issue counts its pages as the volume does: articles may be cited with the pages of another printing.
    """
    for entry in context.entries:
        if (
            isinstance(entry, ArticleEntry)
            and entry.pages.partition("-")[0] in made.labels
            and entry.id in made.anchors
        ):
            first, last = made.anchors[entry.id], made.anchors.get(f"{entry.id}-end", "")
            printed = first if last in {"", first} else f"{first}-{last}"
            if printed != entry.pages:
                message = (
                    f"“{entry.title.plain}” is cited with pages {entry.pages}, but stands on {printed}; "
                    "change “pages” in the article or “first_page” in issue.yaml"
                )
                article = issue.articles[entry.id.removeprefix("article-")]
                yield issue.reads[article.file].problem("warning", "other-pages", message, "pages")
