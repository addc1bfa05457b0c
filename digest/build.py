"""An issue's folder becomes the files of the issue: made in memory with a report, then written all or none."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest import halving, manuscripts, opening
from digest.cite import Styles
from digest.errors import DigestError, Problem, ProjectError, TemplateError, did_you_mean
from digest.inputs import ignore_step
from digest.outputs import OUTPUTS, Source, make
from digest.project import REFERENCES, Issue, IssueFiles, read_files, whole
from digest.render.context import ArticleEntry
from digest.scripts import scripts_of
from digest.store import publication_store
from digest.text import RichText
from digest.unchanged import Before

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from digest.inputs import Step
    from digest.publication import Entry
    from digest.render.context import IssueContext
    from digest.render.html import PreparedIssue
    from digest.render.paper.reach import Reason
    from digest.render.pdf import Pdf
    from digest.render.site.pages import RenderedSite
    from digest.render.tagged import Facts
    from digest.render.theme import Theme

FORMATS: Final = ("html", "pdf", "text", "site", *OUTPUTS)
_IDS: Final = {"record": "abstract", "editorial": "article"}
_FEW: Final = 3  # sheets whose pages are counted one by one


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """An issue as it was read, without what may not be printed on its day.

    Attributes:
        issue: the issue without the entries that are on hold, were dropped or are under embargo.
        problems: warnings about its files, and a note for each entry that is left out.
        embargoed: those of the notes that are about an embargo.
    """

    issue: Issue
    problems: tuple[Problem, ...]
    embargoed: tuple[Problem, ...]


class EntryName(msgspec.Struct, frozen=True, kw_only=True):
    """Which entry of an issue is meant.

    Attributes:
        kind: ``article``, ``editorial``, ``record``, ``notice`` or ``page``.
        key: its key, or the title of a notice or page.
    """

    kind: str
    key: str

    def __str__(self) -> str:
        return f"the {self.kind} “{self.key}”"

    @property
    def html_id(self) -> str:
        """Its id in pages; one of a notice or a page may be another."""
        return f"{_IDS.get(self.kind, self.kind)}-{self.key}"


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """What an issue consists of, known without making it.

    Attributes:
        entries: its entries in order.
        formats: what is made of it.
        files: the file of each entry, as problems name it.
    """

    entries: tuple[EntryName, ...]
    formats: tuple[str, ...]
    files: Mapping[EntryName, str]


class BuiltIssue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue whose files were made in memory.

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


# -- the steps ---------------------------------------------------------------------------------------------------------


def read(folder: Path) -> Reading:
    """The first step: the issue in a folder, without what may not be printed on its day.

    Raises:
        ProjectError: the publication's files have mistakes; it carries warnings as well.
        DigestError: the folder belongs to no publication.
    """
    return reading_of(read_files(folder))


def reading_of(files: IssueFiles) -> Reading:
    """The first step, of files that were read.

    Raises:
        ProjectError: as for `read`.
    """
    try:
        issue = whole(files)
    except ProjectError as error:
        raise ProjectError((*error.problems, *manuscripts.mistakes(files))) from error
    issue, held = without_held(issue)
    issue, embargoed = without_embargoed(issue)
    return Reading(issue=issue, problems=(*issue.problems, *held, *embargoed), embargoed=embargoed)


def load_theme(issue: Issue | IssueFiles, name: str | None = None) -> Theme:
    """The second step: the theme of an issue, or the one that is named, with its options set.

    Raises:
        DigestError: there is no theme of that name.
        ProjectError: ``digest.yaml`` names no theme, a theme has mistakes, or an option is set that it does not have.
    """
    from digest.render import theme

    return theme.load_theme(issue.reads["digest.yaml"], issue.root, name)


def prepare(issue: Issue, theme: Theme, styles: Styles | None = None) -> PreparedIssue:
    """The third step: the issue composed for a theme once, to be rendered for any medium.

    Args:
        issue: the issue that was read.
        theme: its theme.
        styles: the citation styles, where they are there already.

    Raises:
        ProjectError: the citation style cannot be used.
    """
    from digest.render import html

    styles = styles or Styles(issue.root)
    with issue.reads["digest.yaml"].blamed("unknown-style", "style"):
        styles.load(issue.publication.style)
    return html.prepare(issue, theme, styles)


# -- what is made of them ----------------------------------------------------------------------------------------------


def build(
    folder: Path,
    formats: Sequence[str] = (),
    *,
    theme_name: str | None = None,
    only: Collection[EntryName] | None = None,
    lacking: str = "",
    scheduler: str = "",
    on_step: Step = ignore_step,
) -> BuiltIssue:
    """The files of an issue, in memory.

    Args:
        folder: folder of the issue.
        formats: which of `FORMATS` to make; without any, those that the theme makes.
        theme_name: another theme than the one that ``digest.yaml`` names, which also names the files.
        only: the entries to print; none: all.
        lacking: one of `FIELDS` that is left out of these entries.
        scheduler: address of the scheduler of a cluster that makes the pages; empty: this machine does.
        on_step: is given what is being made, and how many pages of the PDF have been laid out.

    Raises:
        ProjectError: the publication's files have mistakes; it carries warnings as well.
        TemplateError: a template is broken.
        DigestError: there is no such theme or format, or this machine lacks something.
    """
    from digest.render import html
    from digest.render.check import silent_slips

    on_step("Reading the issue", 0, 0)
    asked = "" if only is None else "\n".join(sorted(f"{name.kind} {name.key}" for name in only))
    before = Before(folder, *formats, "theme", theme_name or "", f"{only is None}", asked, lacking)
    reading = read(folder)
    issue, problems = reading.issue, [*reading.problems]
    if only is not None:
        issue = narrowed(issue, only, lacking)
    if same := before.get():
        return BuiltIssue(issue=issue, files=same.files, problems=same.problems, embargoed=reading.embargoed)
    files: dict[str, bytes] = {}
    try:
        theme = load_theme(issue, theme_name)
        stem = "issue" if theme.name == issue.publication.theme else f"issue-{theme.name}"
        formats = formats or theme.formats
        _require_formats(theme, formats)
        problems += silent_slips(theme)
        on_step("Formatting the citations", 0, 0)
        prepared = prepare(issue, theme)
        on_step("Filling in the templates", 0, 0)
        if "html" in formats:
            page = html.render(prepared, "screen")
            problems += page.problems
            files[f"{stem}.html"] = page.text.encode()
        if "text" in formats:
            page = html.render(prepared, "text")
            problems += page.problems
            files[f"{stem}.txt"] = page.text.encode()
        if "site" in formats:
            made = _site(prepared, on_step)
            problems += made.problems
            files |= {f"{stem.replace('issue', 'site')}/{name}": content for name, content in made.files.items()}
        source = Source(prepared, lambda: _pdf(prepared, on_step, scheduler, problems))
        if "pdf" in formats:
            files[f"{stem}.pdf"] = source.pdf.content
        for name in formats:
            if name in OUTPUTS:
                made_of_it = make(name, source)
                problems += made_of_it.problems
                files |= {file if stem == "issue" else f"{stem}-{file}": one for file, one in made_of_it.files.items()}
        problems += unmet_selectors(prepared)
    except (ProjectError, TemplateError) as error:
        mistakes = [*error.problems]
        if isinstance(error, TemplateError) and not (
            mistakes := [] if only is not None else entry_mistakes(error, issue, theme, formats)
        ):
            raise
        raise ProjectError(dict.fromkeys([*problems, *mistakes])) from error
    problems = [*dict.fromkeys(problems)]
    before.put(files, problems)
    return BuiltIssue(issue=issue, files=files, problems=tuple(problems), embargoed=reading.embargoed)


def check(folder: Path) -> tuple[Problem, ...]:
    """Every problem of an issue that can be found without laying out pages, errors included.

    Raises:
        DigestError: the folder belongs to no publication, or this machine lacks something.
    """
    return check_files(read_files(folder))


def check_files(files: IssueFiles) -> tuple[Problem, ...]:
    """The same of an issue whose files were read.

    Raises:
        DigestError: this machine lacks something.
    """
    from digest.render import html
    from digest.render.check import theme_problems
    from digest.render.site import pages

    problems: list[Problem] = []
    static: tuple[Problem, ...] = ()
    try:
        reading = reading_of(files)
        problems += reading.problems
    except ProjectError as error:
        reading, problems = None, [*error.problems, *_unknown_style(files)]
    try:
        if theme := load_theme(files) if reading else _theme_of_the_rest(files):
            static = theme_problems(theme, files.publication.language if files.publication else "en")
    except ProjectError as error:
        reading, problems = None, [*problems, *error.problems]
    if reading is None or theme is None:
        return tuple(dict.fromkeys([*problems, *static]))
    issue = reading.issue
    try:
        prepared = prepare(issue, theme)
        problems += html.render(prepared, "screen").problems
        if "site" in theme.formats:
            problems += pages.render(prepared).problems
        static = (*static, *unmet_selectors(prepared))
    except (ProjectError, TemplateError) as error:
        mistakes = entry_mistakes(error, issue, theme, theme.formats) if isinstance(error, TemplateError) else []
        problems += [problem for problem in mistakes or error.problems if not is_reported(problem, static)]
    return tuple(dict.fromkeys([*problems, *static]))


def entry_mistakes(error: TemplateError, issue: Issue, theme: Theme, formats: Sequence[str]) -> list[Problem]:
    """The mistakes of a template that fails for a few entries, each with its entry, and what is wrong with the others.

    Pages are not laid out for that. Empty where it fails for whatever is printed, or for more than `halving.MOST`.

    Args:
        error: the first mistake.
        issue: the issue.
        theme: its theme.
        formats: what is made of it.
    """
    entries = dict.fromkeys(_names(issue))
    ids = {entry.html_id: entry for entry in entries}
    found: dict[EntryName, Problem] = {}
    others: list[Problem] = []
    failed: TemplateError | None = error
    while failed:
        name = next((ids[one] for one in failed.entries if one in ids), None)
        if name is None or len(found) == halving.MOST or failed.problem.code == "template-limit":
            return []
        if not found:
            alike = [entry for entry in entries if entry.kind == name.kind and entry != name]
            some = dict.fromkeys([*alike[:1], *alike[len(alike) // 2 :][:1], *alike[-1:]])
            if all(_failure(narrowed(issue, [one]), theme, formats)[0] for one in some):
                return []
        message = f"{failed.problem.message}; this happens with {name}"
        found[name] = msgspec.structs.replace(failed.problem, message=message)
        failed, others = _failure(narrowed(issue, [one for one in entries if one not in found]), theme, formats)
    return [*found.values(), *(problem for problem in others if problem.code != "dead-link")]  # to what is left out


def _failure(issue: Issue, theme: Theme, formats: Sequence[str]) -> tuple[TemplateError | None, list[Problem]]:
    """The mistake of a template that an issue meets, and the problems that come without laying pages out."""
    from digest.render import html
    from digest.render.site import pages

    media: dict[str, html.Medium] = {"html": "screen", "text": "text", "pdf": "print"}
    problems: list[Problem] = []
    try:
        prepared = prepare(issue, theme)
        for name in formats:
            if name in media:
                problems += html.render(prepared, media[name]).problems
            elif name == "site":
                problems += pages.render(prepared).problems
    except TemplateError as error:
        return error, problems
    except ProjectError as error:
        problems += error.problems
    return None, problems


def _theme_of_the_rest(files: IssueFiles) -> Theme | None:
    """The theme that a ``digest.yaml`` with mistakes names; nothing where a mistake is there.

    Raises:
        ProjectError: as for `load_theme`.
    """
    from digest.render import theme

    read = files.reads.get("digest.yaml")
    if read is None or read.rest is None or any(problem.key.startswith("theme") for problem in read.problems):
        return None
    return theme.load_theme(msgspec.structs.replace(read, value=read.rest), files.root)


def _unknown_style(files: IssueFiles) -> tuple[Problem, ...]:
    """What is wrong with the citation style of an issue that cannot be made."""
    read = files.reads.get("digest.yaml")
    if read is None or files.publication is None or any(problem.key == "style" for problem in read.problems):
        return ()
    try:
        with read.blamed("unknown-style", "style"):
            Styles(files.root).load(files.publication.style)
    except ProjectError as error:
        return tuple(error.problems)
    return ()


def unmet_selectors(prepared: PreparedIssue) -> tuple[Problem, ...]:
    """A warning for each selector of the publication's own stylesheets that meets nothing in the issue or the gallery.

    None where the theme is another one than ``digest.yaml`` names: the stylesheets are not for it.
    """
    from digest.render import check, gallery, html
    from digest.render.site import pages

    issue, theme = prepared.issue, prepared.theme
    if theme.name != issue.publication.theme:
        return ()
    documents = gallery.documents(issue.publication, theme, Styles(issue.root))

    def site(medium: html.Medium) -> str:
        of_gallery = html.prepare(gallery.issue(issue.publication), theme, Styles(issue.root))
        return pages.sample(of_gallery) if medium == "screen" and not theme.inline else ""

    return tuple(
        check.unmet_selectors(
            theme, (*documents, lambda medium: html.Drawing(prepared, medium).page(), site), entry_keys(issue.root)
        )
    )


def entry_keys(root: Path) -> frozenset[str]:
    """The keys of all records and articles of a publication's issues."""
    files = (*root.glob("issues/*/records/*.yaml"), *root.glob("issues/*/articles/*.md"))
    return frozenset(path.stem for path in files)


# Codes of templates that end a build, with the codes under which the static check reports the same mistake.
_SAME_MISTAKE: Final = {
    "active-content": {"active-content"},
    "loads-a-file": {"loads-a-file"},
    "missing-asset": {"missing-asset"},
    "template-error": {"template-error", "wrong-argument", "not-a-list", "unpacking", "unknown-filter", "unknown-test"},
    "template-missing": {"template-missing"},
    "template-syntax": {"template-syntax", "unknown-filter", "unknown-test"},
    "template-undefined": {"other-kind", "unknown-block", "unknown-field", "unknown-variable", "unknown-word"},
}
_NAMED: Final = re.compile(r"has no “(\w+)”|^“(\w+)” is not defined|no (?:filter|test|word) “(\w+)”|field “(\w+)”")


def is_reported(problem: Problem, static: Iterable[Problem]) -> bool:
    """Whether the static check, which sees all mistakes, reports the one that ended a build."""
    match = _NAMED.search(problem.message)
    name = next((group for group in match.groups() if group), "") if match else ""
    return any(
        found.level == "error"
        and (found.file, found.line) == (problem.file, problem.line)
        and found.code in _SAME_MISTAKE.get(problem.code, ())
        and (not name or f"“{name}”" in found.message)
        for found in static
    )


def _site(prepared: PreparedIssue, on_step: Step) -> RenderedSite:
    """The issue as a folder of pages; those that are as they were come from the publication's store."""
    from digest.render.site import pages

    kept = publication_store(prepared.issue.root)
    made = pages.render(prepared, kept, on_step)
    if made.drawn:
        kept.trim()
    return msgspec.structs.replace(made, problems=(*made.problems, *kept.problems))


def _pdf(prepared: PreparedIssue, on_step: Step, scheduler: str, problems: list[Problem]) -> Pdf:
    """The issue as PDF; what was noticed goes to the problems."""
    from digest.render import html, misfits, pdf
    from digest.render.check import missing_fonts
    from digest.render.paper import reach

    issue, theme = prepared.issue, prepared.theme
    page = html.render(prepared, "print")
    styles = theme.stylesheets("print")
    looks_further = reach.looking_further(styles, page.text)
    kept = publication_store(issue.root)

    def on_sheet(done: int, of: int, pages: int) -> None:
        if of > _FEW:
            on_step(f"Making sheets\t{pages} pages", done, of)

    made = pdf.render(
        page.text,
        _facts(page.context, theme),
        roots=(issue.folder, *theme.roots),
        fonts=theme.find("fonts/fonts.conf"),
        shown=theme.naming,
        on_page=lambda page: on_step("Laying out the pages", page, 0),
        on_sheet=on_sheet,
        kept=kept,
        scheduler=scheduler,
        whole=looks_further is not None,
        typeset=issue.publication.language,
    )
    problems += [
        *kept.problems,
        *_one_piece(looks_further, page.context),
        *page.problems,
        *made.problems,
        *missing_glyphs(made.missing, issue),
        *misfits.problems(made.fit, issue),
        *_other_pages(made, page.context, issue),
        *missing_fonts(theme, theme.stylesheets("print"), made.fonts),
    ]
    return made


def _one_piece(looks_further: Reason | None, context: IssueContext) -> Iterator[Problem]:
    """A warning where a large issue is laid out in one piece, which takes time and memory."""
    if looks_further and context.in_sheets:
        message = (
            f"the pages are laid out in one piece, because this stylesheet {looks_further.what}; "
            "a large issue takes much more time and memory so"
        )
        yield Problem(
            level="warning", code="one-piece", message=message, file=looks_further.file, line=looks_further.line
        )


def _require_formats(theme: Theme, formats: Sequence[str]) -> None:
    """Raises a `DigestError` for a format that there is not, or that the theme cannot make."""
    if unknown := [name for name in formats if name not in FORMATS]:
        raise DigestError(
            f"there is no format “{unknown[0]}”{did_you_mean(unknown[0], FORMATS)}", expected=", ".join(FORMATS)
        )
    lacking = {"text": theme.find("issue.txt") is None, "pdf": theme.inline, "site": theme.inline}
    for name in formats:
        if lacking.get(name):
            raise DigestError(
                f"the theme “{theme.name}” cannot make {name}",
                expected=f"--to {','.join(theme.formats)}",
                todo="a theme that makes text has a template issue.txt, as mail has" if name == "text" else "",
            )


# -- what is left out --------------------------------------------------------------------------------------------------


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
            what = _name(entry).key
            place = ("sections", s, "entries", e, "drop" if entry.drop else "hold")
            if entry.drop:
                message = f"“{what}” is not printed, because it was dropped: {entry.drop}"
                notes.append(read.problem("note", "dropped", message, *place))
            else:
                message = f"“{what}” is not printed, because it is on hold: {entry.hold}"
                notes.append(read.problem("note", "held", message, *place))
        if kept or not section.entries:
            sections.append(msgspec.structs.replace(section, entries=tuple(kept)))
    if not notes:
        return issue, ()
    return msgspec.structs.replace(issue, head=msgspec.structs.replace(issue.head, sections=tuple(sections))), tuple(
        notes
    )


FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "abstract": {"abstract": ()},
    "authors": {"authors": (), "affiliations": ()},
    "title": {"title": RichText.plain_text("…")},
    "keywords": {"keywords": ()},
    "comment": {"comment": ""},
}
"""Parts of an entry that can be left out to see what keeps it from being printed, and what is there then."""


def outline(folder: Path, formats: Sequence[str] = (), theme_name: str | None = None) -> Outline:
    """What an issue consists of, without what may not be printed on its day.

    Args:
        folder: folder of the issue.
        formats: as for `build`.
        theme_name: as for `build`.

    Raises:
        DigestError: as for `build`, except for what only the templates and pages show.
    """
    issue = read(folder).issue
    return outline_of(issue, formats or load_theme(issue, theme_name).formats)


def outline_of(issue: Issue, formats: Sequence[str]) -> Outline:
    """What an issue that was read consists of, and what is made of it."""
    names = tuple(dict.fromkeys(_names(issue)))
    places = {"article": "articles/{}.md", "editorial": "articles/{}.md", "record": "records/{}.yaml"}
    files = {name: issue.shown(places.get(name.kind, "issue.yaml").format(name.key)) for name in names}
    return Outline(entries=names, formats=tuple(formats), files=files)


def _names(issue: Issue) -> Iterator[EntryName]:
    if issue.head.editorial:
        yield EntryName(kind="editorial", key=issue.head.editorial)
    for section in issue.head.sections:
        yield from map(_name, section.entries)


def _name(entry: Entry) -> EntryName:
    if entry.article:
        return EntryName(kind="article", key=entry.article)
    if entry.notice:
        return EntryName(kind="notice", key=entry.notice.title)
    if entry.page:
        return EntryName(kind="page", key=entry.page.name)
    return EntryName(kind="record", key=entry.record or "")


def narrowed(issue: Issue, only: Collection[EntryName], lacking: str = "") -> Issue:
    """The issue with these entries alone; all records can still be cited.

    Args:
        issue: the issue.
        only: the entries.
        lacking: one of `FIELDS` that is left out of records and entries.
    """
    replace, empty = msgspec.structs.replace, FIELDS.get(lacking, {})
    sections = []
    for section in issue.head.sections:
        kept = [entry for entry in section.entries if _name(entry) in only]
        if lacking == "comment":
            kept = [replace(entry, **empty) for entry in kept]
        if kept or not section.entries:
            sections.append(replace(section, entries=tuple(kept)))
    editorial = issue.head.editorial
    if editorial and EntryName(kind="editorial", key=editorial) not in only:
        editorial = None
    records = issue.records
    if empty and lacking != "comment":
        chosen = {name.key for name in only if name.kind == "record"}
        records = {key: replace(record, **empty) if key in chosen else record for key, record in records.items()}
    named = {editorial, *(entry.article for section in sections for entry in section.entries)}
    return replace(
        issue,
        head=replace(issue.head, sections=tuple(sections), editorial=editorial),
        records=records,
        articles={key: article for key, article in issue.articles.items() if key in named},
    )


def without_embargoed(issue: Issue) -> tuple[Issue, tuple[Problem, ...]]:
    """The issue without what may not be published on its date, and a note for each entry that was left out.

    A record waits until the day its embargo names. With it wait the articles that review it and the notices about it.
    It is gone from the issue: what still cites it is reported as an unknown citation.
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
                f"the issue is dated {issue.head.date}"
            )
            notes.append(read.problem("note", "embargo", message, *place))
        return key is None

    def entry_kept(entry: Entry, *place: str | int) -> bool:
        if entry.article:
            return kept(f"the article “{entry.article}”", issue.articles[entry.article].head.abstracts, *place)
        if entry.notice:
            return kept(f"the notice “{entry.notice.title}”", (entry.notice.about,), *place)
        if entry.page:
            return True
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


# -- PDF ---------------------------------------------------------------------------------------------------------------


def _facts(context: IssueContext, theme: Theme) -> Facts:
    from digest.render.tagged import Facts

    articles = [entry for entry in context.entries if isinstance(entry, ArticleEntry)]
    meeting = context.meeting.name if context.meeting else ""
    return Facts(
        title=f"{context.publication.title}: {context.title}" + (f" from the {meeting}" if meeting else ""),
        authors=tuple(dict.fromkeys(person.full for article in articles for person in article.authors)),
        language=context.publication.language,
        date=str(context.date),
        publisher=context.publication.publisher,
        keywords=tuple(dict.fromkeys(word for article in articles for word in article.keywords)),
        periodical=context.publication.title,
        issn=context.publication.issn or "",
        volume=context.volume,
        number=context.number,
        event=meeting,
        first_page=context.first_page,
        multiple=4 if theme.options.get("whole_sheets") else 1,
    )


def missing_glyphs(missing: Sequence[str], issue: Issue) -> Iterator[Problem]:
    """A warning for each script that no font has, and for each file with other such characters, at the first."""
    from digest.render.pdf import glyph_name

    if not missing:
        return
    texts = list(_texts(issue))

    def place(char: str) -> tuple[str, int | None]:
        name, text = next(((name, text) for name, text in texts if char in text), ("", ""))
        return name, text[: text.index(char)].count("\n") + 1 if text else None

    places: dict[str, list[tuple[int | None, str]]] = {}
    for lacking in scripts_of(missing):
        chars = lacking.chars
        if lacking.package:
            name, line = min((place(char) for char in chars), key=lambda where: (not where[0], where))
            message = (
                f"no font has {' and '.join(lacking.names)} letters, such as {' '.join(chars[:5])}; "
                f"{len(chars)} of them print as empty boxes. Debian’s package {lacking.package} has a font for them; "
                "“Other scripts” in docs/templates.md says how to add it"
            )
            yield Problem(level="warning", code="missing-glyph", message=message, file=name, line=line)
            continue
        for char in chars:
            name, line = place(char)
            places.setdefault(name, []).append((line, char))
    for name, found in places.items():
        first = [char for _, char in sorted(found, key=lambda pair: pair[0] or 0)][:5]
        more = f" and {len(found) - 5} more characters" if len(found) > 5 else ""
        message = (
            f"no font contains {', '.join(map(glyph_name, first))}{more}; "
            "these characters print as empty boxes. Add a font that has them with @font-face "
            "in overrides/css/custom.css"
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
            yield path.relative_to(issue.root).as_posix(), opening.read_text(path)


def _other_pages(made: Pdf, context: IssueContext, issue: Issue) -> Iterator[Problem]:
    """A warning for each article that names other pages than those it is printed on.

    Only where the issue counts its pages as the volume does, as one that does not begin with 1: articles may be cited
    with the pages of another printing.
    """
    for entry in context.entries:
        if not isinstance(entry, ArticleEntry) or entry.id not in made.anchors:
            continue
        begin = entry.pages.partition("-")[0]
        if begin in made.labels or (begin.isdecimal() and context.first_page > 1):
            first, last = made.anchors[entry.id], made.anchors.get(f"{entry.id}-end", "")
            printed = first if last in {"", first} else f"{first}-{last}"
            if printed != entry.pages:
                message = (
                    f"“{entry.title.plain}” is cited with pages {entry.pages}, but is printed on {printed}; "
                    "change “pages” in the article or “first_page” in issue.yaml"
                )
                article = issue.articles[entry.id.removeprefix("article-")]
                yield issue.reads[article.file].problem("warning", "other-pages", message, "pages")
