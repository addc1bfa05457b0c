"""The texts that editors write for an issue, parsed; every mistake in them is reported at its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest import prose, worker
from digest.errors import Problem, did_you_mean
from digest.text import TAGS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from digest.errors import Level
    from digest.project import Article, Issue, IssueFiles
    from digest.publication import Entry, PlainPicture
    from digest.text import RichText
    from digest.typed import Marks


class Manuscripts:
    """The texts of one issue.

    Attributes:
        problems: what was wrong in the texts so far.
    """

    def __init__(
        self, files: Issue | IssueFiles, citable: Collection[str] | None, marks: Mapping[str, Marks] | None = None
    ) -> None:
        """Nothing is parsed yet.

        Args:
            files: the files of the issue.
            citable: the keys that may be cited; nothing where they are not known.
            marks: what is printed for straight quotes and the like, by file; without them they stay.
        """
        self.files, self._citable, self._marks = files, citable, marks or {}
        self._file = files.shown("issue.yaml")
        self.problems: list[Problem] = []

    # -- one text ------------------------------------------------------------------------------------------------------

    def parse(self, text: str, file: str, *path: str | int) -> prose.Prose:
        """A text from a YAML value, its problems reported at the line of its key."""
        return self.checked(text, file, self.files.reads[file].text_line(*path))

    def checked(self, text: str, file: str, line: int) -> prose.Prose:
        """A text that begins on a line of a file, its problems and those of its citations reported."""
        worker.doing(f"{file}:{line}")
        parsed = prose.parse(text, file, first_line=line, marks=self._marks.get(file))
        worker.doing("")
        self.problems += parsed.problems
        if self._citable is not None:
            self.problems += prose.odd_keys(parsed, self._citable, file)
        return parsed

    def paragraph(self, text: str, file: str, *path: str | int) -> prose.Prose:
        """A text that templates print inside a paragraph of theirs."""
        parsed = self.parse(text, file, *path)
        if parsed.has_notes:
            message = "footnotes belong in articles, comments and notices; this text has no place for one"
            self._report(file, "error", "footnote", message, *path)
        elif not prose.is_one_paragraph(parsed):
            message = "this text is one paragraph: no empty line, list, heading or table in it"
            self._report(file, "error", "not-one-paragraph", message, *path)
        return parsed

    def uncited(self, text: str, file: str, *path: str | int) -> prose.Prose:
        """A text for a place without a list of references."""
        parsed = self.parse(text, file, *path)
        for citation in parsed.citations:
            message = (
                "citations belong in articles and in the “why” and “comment” of a record; "
                "this text has no list of references"
            )
            self.problems.append(
                Problem(level="error", code="citation-place", message=message, file=file, line=citation.line)
            )
        return parsed

    # -- the texts of one thing ----------------------------------------------------------------------------------------

    def of_article(self, article: Article) -> tuple[prose.Prose, prose.Prose, dict[str, prose.Prose]]:
        """The summary of an article, its text, and the captions of its figures; the text places each figure."""
        head, file = article.head, article.file
        summary = self.paragraph(head.summary, file, "summary")
        body = self.checked(article.text, file, article.first_line)
        captions = {
            key: self.paragraph(picture.caption, file, "figures", key, "caption")
            for key, picture in head.figures.items()
        }
        for key, line in body.figures:
            if key not in head.figures:
                known = (
                    f"the front matter declares {', '.join(head.figures)}" if head.figures else prose.declaration(key)
                )
                message = f"there is no figure “{key}”{did_you_mean(key, head.figures)}; {known}"
                self.problems.append(
                    Problem(level="error", code="unknown-figure", message=message, file=file, line=line)
                )
        placed = {key for key, _ in body.figures}
        for key in (key for key in head.figures if key not in placed):
            message = f"the text places no figure “{key}”: expected a paragraph ![]({key})"
            self._report(file, "warning", "unplaced-figure", message, "figures", key)
        return summary, body, captions

    def of_entry(self, entry: Entry, s: int, e: int) -> tuple[prose.Prose, prose.Prose]:
        """Why the editors chose an abstract, and their comment on it; `s` and `e` count from 0."""
        why = self.paragraph(entry.why, self._file, "sections", s, "entries", e, "why")
        comment = self.parse(entry.comment, self._file, "sections", s, "entries", e, "comment")
        return why, comment

    # -- all texts -----------------------------------------------------------------------------------------------------

    def look_at_all(self) -> None:
        """Reports what is wrong in any text, without making anything of it."""
        for article in self.files.articles.values():
            self.of_article(article)
            self.uncited(article.head.conflict_of_interest, article.file, "conflict_of_interest")
            self.uncited(article.head.correspondence, article.file, "correspondence")
        if head := self.files.head:
            file = self._file
            self.uncited(head.permissions, file, "permissions")
            self.uncited(head.colophon, file, "colophon")
            self._look_at_caption(head.cover.picture if head.cover else None, "cover")
            for s, section in enumerate(head.sections):
                self.uncited(section.intro, file, "sections", s, "intro")
                self._look_at_caption(section.picture, "sections", s, "picture")
                for e, entry in enumerate(section.entries):
                    place = ("sections", s, "entries", e)
                    if entry.record:
                        self.of_entry(entry, s, e)
                    if entry.notice:
                        self.uncited(entry.notice.text, file, *place, "notice", "text")
                    if entry.page:
                        self.uncited(entry.page.text, file, *place, "page", "text")
        self.look_at_titles()

    def _look_at_caption(self, picture: PlainPicture | None, *path: str | int) -> None:
        if picture is not None:
            self.uncited(picture.caption, self._file, *path, "caption")

    def look_at_titles(self) -> None:
        """Reports notations of Markdown in what the editors typed into titles and the like, which are not Markdown."""
        for text, file, path in self._titles():
            shown = text if isinstance(text, str) else text.plain
            for notation, name in prose.notations_in_plain(shown):
                message = f"“{notation}” is {name} in Markdown, which is not read here: it is printed as typed"
                if not isinstance(text, str):
                    message += f"; allowed are {' '.join(f'<{tag}>' for tag in TAGS)}"
                self._report(file, "warning", "unsupported-markup", message, *path)

    def _titles(self) -> Iterator[tuple[RichText | str, str, tuple[str | int, ...]]]:
        """Each text of the editors that is not Markdown, with its file and the path of its key."""
        if head := self.files.head:
            file = self._file
            yield head.title, file, ("title",)
            if head.cover:
                yield head.cover.credit, file, ("cover", "credit")
                for n, line in enumerate(head.cover.lines):
                    yield line, file, ("cover", "lines", n)
            for s, section in enumerate(head.sections):
                yield section.title, file, ("sections", s, "title")
                if section.picture:
                    yield section.picture.credit, file, ("sections", s, "picture", "credit")
                for e, entry in enumerate(section.entries):
                    yield entry.flag, file, ("sections", s, "entries", e, "flag")
                    if entry.page:
                        yield entry.page.title, file, ("sections", s, "entries", e, "page", "title")
                    if entry.notice:
                        yield entry.notice.title, file, ("sections", s, "entries", e, "notice", "title")
        for article in self.files.articles.values():
            yield article.head.title, article.file, ("title",)
            yield article.head.label, article.file, ("label",)
            for n, affiliation in enumerate(article.head.affiliations):
                yield affiliation, article.file, ("affiliations", n)
            for n, keyword in enumerate(article.head.keywords):
                yield keyword, article.file, ("keywords", n)
            for short, long in article.head.abbreviations.items():
                yield long, article.file, ("abbreviations", short)
            for key, picture in article.head.figures.items():
                yield picture.credit, article.file, ("figures", key, "credit")

    def _report(self, file: str, level: Level, code: str, message: str, *path: str | int) -> None:
        read: Any = self.files.reads[file]
        self.problems.append(read.problem(level, code, message, *path))


def mistakes(files: IssueFiles) -> tuple[Problem, ...]:
    """What is wrong in the texts of an issue that cannot be made because of mistakes in its files.

    Args:
        files: what could be read of it.
    """
    manuscripts = Manuscripts(files, files.citable)
    manuscripts.look_at_all()
    return tuple(manuscripts.problems)
