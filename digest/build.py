"""An issue's folder becomes the files of the issue: made in memory with a report, then written all or none."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from digest.cite import Styles
from digest.errors import DigestError, MissingRequirementError, Problem, ProjectError, TemplateError
from digest.project import REFERENCES, Issue, read_issue
from digest.render.context import ArticleEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from digest.model import Entry
    from digest.render.context import IssueContext
    from digest.render.pdf import Facts, Pdf
    from digest.render.theme import Theme

FORMATS: Final = ("html", "pdf", "text")


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


def build(folder: Path, formats: Sequence[str] = (), *, theme_name: str | None = None) -> Built:
    """The files of an issue, in memory.

    Args:
        folder: folder of the issue.
        formats: which of `FORMATS` to make; without any, those that the theme makes.
        theme_name: another theme than the one that ``digest.yaml`` names; its files are called after it.

    Raises:
        ProjectError: the publication's files have mistakes; it carries warnings as well.
        TemplateError: a template is broken.
        DigestError: this machine lacks something.
    """
    from digest.render import html, lint

    issue, left = without_held(read_issue(folder))
    issue, embargoed = without_embargoed(issue)
    problems: list[Problem] = [*issue.problems, *left, *embargoed]
    files: dict[str, bytes] = {}
    styles = Styles(issue.root)
    try:
        with told_at(issue, "style"):
            styles.load(issue.publication.style)
        theme = load_theme(issue, theme_name)
        stem = "issue" if theme.name == issue.publication.theme else f"issue-{theme.name}"
        formats = formats or theme.formats
        _told_what_it_makes(theme, formats)
        problems += lint.unused(theme)
        if "html" in formats:
            page = html.render(issue, theme, styles, "screen")
            problems += page.problems
            files[f"{stem}.html"] = page.html.encode()
        if "text" in formats:
            page = html.render(issue, theme, styles, "text")
            problems += page.problems
            files[f"{stem}.txt"] = page.html.encode()
        if "pdf" in formats:
            from digest.render import pdf

            page = html.render(issue, theme, styles, "print")
            made = pdf.render(
                page.html,
                _facts(page.context),
                roots=(issue.folder, *theme.roots),
                fonts=theme.find("fonts/fonts.conf"),
                shown=theme.shown,
            )
            told = [
                *page.problems,
                *made.problems,
                *missing_glyphs(made.missing, issue),
                *_other_pages(made, page.context, issue),
                *lint.missing_fonts(theme, theme.stylesheets("print"), made.fonts),
            ]
            problems += told
            files[f"{stem}.pdf"] = made.content
    except ProjectError as error:
        raise ProjectError(dict.fromkeys([*problems, *error.problems])) from error
    return Built(issue=issue, files=files, problems=tuple(dict.fromkeys(problems)), embargoed=embargoed)


def _told_what_it_makes(theme: Theme, formats: Sequence[str]) -> None:
    """Raises a `DigestError` for a format that the theme cannot make."""
    lacking = {"text": theme.find("issue.txt") is None, "pdf": theme.inline}
    for name in formats:
        if lacking.get(name):
            raise DigestError(
                f"the theme {theme.name} makes no {name}", expected=f"--to {','.join(theme.formats)}",
                todo="a theme that makes text has a template issue.txt, as mail has" if name == "text" else "",
            )  # fmt: skip


def load_theme(issue: Issue, name: str | None = None) -> Theme:
    """The theme of an issue, or the one that is named, with its options set.

    What ``theme_options`` sets for the publication's own theme is set in another one where that has it as well.

    Raises:
        DigestError: there is no theme of that name.
        ProjectError: the publication's theme is none, one has mistakes, or an option is set that it does not have.
    """
    from digest.render.theme import Theme

    publication = issue.publication
    with told_at(issue, "theme"):
        theme = own = Theme(publication.theme, issue.root)
    if name is not None and name != own.name:
        theme = Theme(name, issue.root)
    read = issue.reads["digest.yaml"]
    if mistakes := [
        read.problem("error", "theme-option", message, "theme_options", key)
        for key, message in theme.set_options(publication.theme_options, own)
    ]:
        raise ProjectError(mistakes)
    return theme


@contextlib.contextmanager
def told_at(issue: Issue, key: str) -> Iterator[None]:
    """Tells what is wrong with a style or a theme at the key of ``digest.yaml`` that names it."""
    try:
        yield
    except (ProjectError, MissingRequirementError):
        raise
    except DigestError as error:
        read = issue.reads["digest.yaml"]
        message = "; ".join(part for part in (error.found, error.expected and f"expected {error.expected}") if part)
        raise ProjectError([read.problem("error", f"unknown-{key}", message, key)]) from error


def check(folder: Path) -> tuple[Problem, ...]:
    """Every problem of an issue that can be told without laying out pages, errors included."""
    try:
        problems = build(folder, formats=("html",)).problems
    except (ProjectError, TemplateError) as error:
        problems = error.problems
    static = _check_theme(folder)
    # A mistake that ends the build is told by the static check at the same line, and with all others.
    mended = {(problem.file, problem.line) for problem in static if problem.level == "error"}
    kept = [p for p in problems if not (p.code.startswith("template-") and (p.file, p.line) in mended)]
    return tuple(dict.fromkeys([*kept, *static]))


def _check_theme(folder: Path) -> tuple[Problem, ...]:
    from digest.render import lint

    try:
        issue = read_issue(folder)
        return lint.check(load_theme(issue), issue.publication.language)
    except DigestError:
        return ()  # told by the build


def without_held(issue: Issue) -> tuple[Issue, tuple[Problem, ...]]:
    """The issue without the entries that are held or were dropped, and a note for each."""
    read = issue.reads[issue.shown("issue.yaml")]
    notes: list[Problem] = []
    sections = []
    for s, section in enumerate(issue.head.sections):
        kept = []
        for e, entry in enumerate(section.entries):
            if not (entry.hold or entry.drop):
                kept.append(entry)
                continue
            what = entry.article or entry.record or (entry.notice.title if entry.notice else "")
            place = ("sections", s, "entries", e, "drop" if entry.drop else "hold")
            if entry.drop:
                message = f"“{what}” is not printed, it is dropped: {entry.drop}"
                notes.append(read.problem("note", "dropped", message, *place))
            else:
                message = f"“{what}” is not printed, it is held: {entry.hold}"
                notes.append(read.problem("note", "held", message, *place))
        if kept or not section.entries:
            sections.append(msgspec.structs.replace(section, entries=tuple(kept)))
    if not notes:
        return issue, ()
    return msgspec.structs.replace(issue, head=msgspec.structs.replace(issue.head, sections=tuple(sections))), tuple(
        notes
    )


def without_embargoed(issue: Issue) -> tuple[Issue, tuple[Problem, ...]]:
    """The issue without what may not be published on its date, and a note for each entry that was left out.

    A record waits until the day its embargo names. With it wait the articles that review it and the notices about it.
    It is gone from the issue: what still cites it is told as an unknown citation.
    """
    waiting = {
        key: record.embargo_until
        for key, record in issue.records.items()
        if record.embargo_until and record.embargo_until.is_after(issue.head.date)
    }
    if not waiting:
        return issue, ()
    notes: list[Problem] = []
    read = issue.reads[issue.shown("issue.yaml")]

    def kept(what: str, subjects: Iterable[str | None], *place: str | int) -> bool:
        key = next((key for key in subjects if key in waiting), None)
        if key is not None:
            message = (
                f"{what} is left out, because “{key}” is under embargo until {waiting[key]}; "
                f"the issue is of {issue.head.date}"
            )
            notes.append(read.problem("note", "embargo", message, *place))
        return key is None

    def entry_kept(entry: Entry, *place: str | int) -> bool:
        if entry.article:
            return kept(f"the article “{entry.article}”", issue.articles[entry.article].head.abstracts, *place)
        if entry.notice:
            return kept(f"the notice “{entry.notice.title}”", (entry.notice.about,), *place)
        return kept(f"the record “{entry.record}”", (entry.record,), *place)

    replace = msgspec.structs.replace
    sections = []
    for s, section in enumerate(issue.head.sections):
        entries = tuple(
            entry for e, entry in enumerate(section.entries) if entry_kept(entry, "sections", s, "entries", e)
        )
        if entries or not section.entries:
            sections.append(replace(section, entries=entries))
    editorial = issue.head.editorial
    if editorial and not kept("the editorial", issue.articles[editorial].head.abstracts, "editorial"):
        editorial = None
    named = {editorial, *(entry.article for section in sections for entry in section.entries)}
    return replace(
        issue,
        head=replace(issue.head, sections=tuple(sections), editorial=editorial),
        records={key: record for key, record in issue.records.items() if key not in waiting},
        articles={key: article for key, article in issue.articles.items() if key in named},
    ), tuple(notes)


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


def missing_glyphs(missing: Sequence[str], issue: Issue) -> Iterator[Problem]:
    """A warning for each file with characters that no font has, at the first of them."""
    from digest.render.pdf import glyph_name

    if not missing:
        return
    texts = list(_texts(issue))
    places: dict[str, list[tuple[int | None, str]]] = {}
    for char in missing:
        name, text = next(((name, text) for name, text in texts if char in text), ("", ""))
        places.setdefault(name, []).append((text[: text.index(char)].count("\n") + 1 if text else None, char))
    for name, found in places.items():
        chars = [char for _, char in sorted(found, key=lambda pair: pair[0] or 0)]
        more = f" and {len(chars) - 5} more characters" if len(chars) > 5 else ""
        message = (
            f"no font has {', '.join(glyph_name(char) for char in chars[:5])}{more}; printed as empty boxes. "
            "Add a font that has them with @font-face in overrides/css/custom.css"
        )
        line = min((line for line, _ in found if line), default=None)
        yield Problem(level="warning", code="missing-glyph", message=message, file=name, line=line)


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
