"""A publication's folder becomes values: ``digest.yaml``, ``issue.yaml``, articles, frozen records and references.

Everything is read before anything is refused, so that an editor sees all mistakes of an issue at once, each with file,
line and key. What this module returns needs no further checking for form; what needs the citation style, the templates
or the pages is checked where those are at hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from digest import picture as picture_file
from digest import strict
from digest.errors import DigestError, Problem, ProjectError, did_you_mean, not_utf8
from digest.model import ArticleFile, IssueFile, Picture, Publication, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

REFERENCES: Final = ("references.yaml", "references.json", "references.bib", "references.ris")
LIBRARY: Final = "library.db"  # beside digest.yaml, unless a command is told otherwise
_LARGEST: Final = 2 * 2**20  # bytes; the largest text of a real publication seen is below 1 MiB


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """An article: its front matter and its text.

    Attributes:
        key: name of the file without ``.md``.
        file: the file, as problems show it.
        head: the front matter.
        text: the Markdown behind the front matter.
        first_line: line of the file on which the text begins.
    """

    key: str
    file: str
    head: ArticleFile
    text: str
    first_line: int


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue with everything it needs: a build looks at nothing else.

    Attributes:
        name: name of the issue's folder.
        root: folder of the publication.
        folder: folder of the issue.
        publication: what ``digest.yaml`` says.
        head: what ``issue.yaml`` says.
        articles: the articles that the issue names, by key.
        records: the frozen records, by the names of their files.
        references: what articles may cite beside the records, by key.
        reads: how each file was read, by the name that problems show: leads from a value back to its line.
        problems: what is odd but keeps nobody from going on.
    """

    name: str
    root: Path
    folder: Path
    publication: Publication
    head: IssueFile
    articles: Mapping[str, Article]
    records: Mapping[str, Record]
    references: Mapping[str, Record]
    reads: Mapping[str, strict.Read[Any]]
    problems: tuple[Problem, ...] = ()

    def shown(self, *parts: str) -> str:
        """The name of a file of this issue, as problems show it."""
        return _shown(self.folder.joinpath(*parts), self.root)


def find_publication(start: Path) -> Path:
    """The nearest folder with a ``digest.yaml``, from `start` upwards.

    Raises:
        DigestError: there is none.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / "digest.yaml").is_file():
            return folder
    raise DigestError(
        "no publication here: there is no digest.yaml",
        where=str(start),
        expected="a folder made by “digest init”, or one inside it",
        todo="“digest init my-journal” makes one",
    )


def find_issue(start: Path, name: str | None) -> Path:
    """The folder of an issue: a path, the name of a folder in ``issues/``, or the newest one when nothing is said.

    Raises:
        DigestError: there is no such issue.
    """
    if name is not None and (Path(start, name) / "issue.yaml").is_file():
        return Path(start, name).resolve()
    if name is not None and (Path(start, name) / "digest.yaml").is_file():
        return find_issue(Path(start, name), None)
    if name is None:
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / "issue.yaml").is_file():
                return folder
            if (folder / "digest.yaml").is_file():
                break
    try:
        root = find_publication(start)
    except DigestError:
        if name is None:
            raise
        raise DigestError(
            f"there is no issue “{name}”", where=name, expected="the folder of an issue or of a publication"
        ) from None
    issues = sorted(path.parent for path in root.glob("issues/*/issue.yaml"))
    known = [folder.name for folder in issues]
    if name is None and issues:
        return issues[-1]  # folders are named by their dates
    if name in known:
        return root / "issues" / str(name)
    raise DigestError(
        f"there is no issue “{name}”{did_you_mean(name, known)}" if name else "there is no issue yet",
        where=str(root / "issues"),
        expected=f"one of {', '.join(known)}" if known else "a folder with an issue.yaml in it",
    )


def read_publication(root: Path) -> Publication:
    """What ``digest.yaml`` says.

    Raises:
        ProjectError: it has mistakes; it carries all of them.
    """
    reader = _Folder(root, root)
    publication = reader.one(root / "digest.yaml", Publication)
    if publication is None:
        raise ProjectError(reader.problems)
    return publication


def read_issue(folder: Path) -> Issue:
    """The issue in a folder, read strictly.

    Raises:
        ProjectError: its files have mistakes; it carries all of them.
        DigestError: the folder belongs to no publication.
    """
    folder = folder.resolve()
    root = find_publication(folder)
    reader = _Folder(root, folder)
    publication = reader.one(root / "digest.yaml", Publication)
    head = reader.one(folder / "issue.yaml", IssueFile)
    records = {
        path.stem: record
        for path in reader.listed("records", ".yaml")
        if (record := reader.one(path, Record)) is not None
    }
    references = reader.references()
    articles: dict[str, Article] = {}
    if head is not None:
        for key, place in _article_places(head):
            if key not in articles and (article := reader.article(key, place)) is not None:
                articles[key] = article
    if publication is None or head is None:
        raise ProjectError(reader.problems)
    issue = Issue(
        name=folder.name, root=root, folder=folder, publication=publication, head=head,
        articles=articles, records=records, references=references, reads=reader.reads,
    )  # fmt: skip
    problems = (
        *reader.problems,
        *_cross_check(issue, {path.stem for path in reader.listed("records", ".yaml")}),
    )
    if any(problem.level == "error" for problem in problems):
        raise ProjectError(problems)
    return msgspec.structs.replace(issue, problems=problems)


def _foreign_references(text: str, shown: str) -> strict.Read[tuple[Record, ...]] | None:
    """The references of a BibTeX, RIS or CSL-JSON file, as a file of our own would give them; nothing for one of ours.

    The key that articles cite is the file's own: BibTeX's key, RIS's ``ID``, CSL's ``id``.
    """
    from digest.sources import Page, Parsed, parse, recognise
    from digest.sources.page import line_of

    page = Page(text.encode(), shown)
    try:
        if not text.strip() or (form := recognise(page)) not in {"bibtex", "ris", "csl-json"}:
            return None
        outcomes = list(parse(Page(text.encode(), shown, format=form)))
    except DigestError as error:
        problem = Problem(level="error", code="unreadable", message=error.found, file=shown)
        return strict.Read(value=None, problems=(problem,), file=shown, lines={}, texts={})
    records: list[Record] = []
    problems: list[Problem] = []
    lines: dict[tuple[str | int, ...], int] = {}
    at = 0
    for outcome in outcomes:
        if isinstance(outcome, Parsed):
            start = text.find(outcome.raw.decode("utf-8", "replace").strip()[:200], at)
            at = start if start >= 0 else at
            lines[len(records),] = line_of(text, at)
            records.append(msgspec.structs.replace(outcome.record, id=outcome.identifier or None, origin=None))
            problems += outcome.problems
        elif isinstance(outcome, Problem):
            problems.append(outcome)
    return strict.Read(value=tuple(records), problems=tuple(problems), file=shown, lines=lines, texts={})


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _article_places(head: IssueFile) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Each article that an issue names, with the path of the place that names it."""
    if head.editorial:
        yield head.editorial, ("editorial",)
    for s, section in enumerate(head.sections):
        for e, entry in enumerate(section.entries):
            if entry.article:
                yield entry.article, ("sections", s, "entries", e, "article")


class _Folder:
    """One reading of an issue's folder: problems and reads gather while files become values."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self.problems: list[Problem] = []
        self.reads: dict[str, strict.Read[Any]] = {}

    def tell(self, code: str, message: str, file: str, line: int | None = None) -> None:
        self.problems.append(Problem(level="error", code=code, message=message, file=file, line=line))

    def listed(self, name: str, ending: str) -> list[Path]:
        """The files of a folder with this ending, by name."""
        return sorted(
            path for path in (self.folder / name).glob(f"*{ending}") if path.is_file() and not path.name.startswith(".")
        )

    def text(self, path: Path) -> str | None:
        """The text of a file inside the publication; nothing, and a problem, when it cannot be had."""
        file = _shown(path, self.root)
        try:
            if not path.resolve().is_relative_to(self.root):
                self.tell(
                    "outside",
                    "this file is a link that leads out of the publication's folder; copy the file instead",
                    file,
                )
            elif path.stat().st_size > _LARGEST:
                self.tell("too-large", f"the file is larger than {_LARGEST // 2**20} MiB", file)
            else:
                return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            self.problems.append(not_utf8(error, file))
        except OSError as error:
            self.tell("unreadable", f"the file cannot be read: {error.strerror or error}", file)
        return None

    def keep(self, read: strict.Read[T]) -> T | None:
        self.problems += read.problems
        self.reads[read.file] = read
        return read.value

    def one(self, path: Path, type_: type[T]) -> T | None:
        if (text := self.text(path)) is None:
            return None
        return self.keep(strict.read(text, type_, _shown(path, self.root)))

    def references(self) -> dict[str, Record]:
        """What is in the references file, by key; empty when there is no such file."""
        found: dict[str, Record] = {}
        first: dict[str, str] = {}
        for path in (self.folder / name for name in REFERENCES if (self.folder / name).exists()):
            if (text := self.text(path)) is None:
                continue
            shown = _shown(path, self.root)
            read = _foreign_references(text, shown) or strict.read(text, tuple[Record, ...], shown)
            records = self.keep(read)
            for n, record in enumerate(records or ()):
                if record.id is None:
                    self.problems.append(
                        read.problem("error", "missing-key", "a reference needs an “id”: the key that articles cite", n)
                    )
                elif record.id in found:
                    message = f"the key “{record.id}” is taken already, in {first[record.id]}"
                    self.problems.append(read.problem("error", "duplicate-key", message, n, "id"))
                else:
                    found[record.id] = record
                    first[record.id] = f"{read.file}:{read.lines.get((n,), 1)}"
        return found

    def article(self, key: str, place: tuple[str | int, ...]) -> Article | None:
        path = self.folder / "articles" / f"{key}.md"
        if not path.exists():
            near = did_you_mean(key, (path.stem for path in self.listed("articles", ".md")))
            read = self.reads[_shown(self.folder / "issue.yaml", self.root)]
            message = f"there is no article “{key}”: expected a file {_shown(path, self.root)}{near}"
            self.problems.append(read.problem("error", "missing-article", message, *place))
            return None
        if (text := self.text(path)) is None:
            return None
        file = _shown(path, self.root)
        match = re.match(r"---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|$)", text, re.DOTALL)
        if not match:
            message = "an article begins with its front matter: a line “---”, keys such as “title: …”, and a line “---”"
            self.tell("front-matter", message, file, 1)
            return None
        if bad := strict.CONTROL.search(text):
            line = text.count("\n", 0, bad.start()) + 1
            self.tell(
                "control-character",
                f"the control character U+{ord(bad[0]):04X} stands in the text; remove it",
                file,
                line,
            )
            return None
        if (head := self.keep(strict.read(match[1] or "", ArticleFile, file, first_line=2))) is None:
            return None
        return Article(key=key, file=file, head=head, text=text[match.end() :], first_line=match[0].count("\n") + 1)


def _cross_check(issue: Issue, record_files: set[str]) -> Iterator[Problem]:
    """What is wrong or odd between files that are each well formed."""
    read = issue.reads[issue.shown("issue.yaml")]
    printed: dict[tuple[str, str], str] = {}  # kind and key of each entry, with the place where it is printed
    mentioned: set[str] = set()  # records that something refers to

    def known_record(key: str, reader: strict.Read[Any], *path: str | int) -> Iterator[Problem]:
        if key not in record_files:
            near = did_you_mean(key, record_files)
            message = f"there is no record “{key}”: expected a file {issue.shown('records', key + '.yaml')}{near}"
            yield reader.problem("error", "missing-record", message, *path)

    if issue.head.cover:
        yield from _check_picture(issue, issue.head.cover, read, "cover")
    if issue.head.editorial:
        printed["article", issue.head.editorial] = "the editorial"
    for s, section in enumerate(issue.head.sections):
        if not section.entries:
            yield read.problem(
                "warning", "empty-section", f"the section “{section.title}” has no entries", "sections", s
            )
        for e, entry in enumerate(section.entries):
            place = ("sections", s, "entries", e)
            kind, key = ("article", entry.article) if entry.article else ("record", entry.record)
            if key:
                if (kind, key) in printed:
                    message = f"the {kind} “{key}” is in this issue already, as {printed[kind, key]}"
                    yield read.problem("error", "duplicate-entry", message, *place, kind)
                printed.setdefault((kind, key), f"entry {e + 1} of “{section.title}”")
            if entry.record:
                yield from known_record(entry.record, read, *place, "record")
                if record := issue.records.get(entry.record):
                    yield from _check_entry(entry.quote, record, read, place)
            if entry.notice and entry.notice.about:
                yield from known_record(entry.notice.about, read, *place, "notice", "about")
                mentioned.add(entry.notice.about)
            mentioned |= _cited(entry.why + entry.comment)
    for article in issue.articles.values():
        head_read = issue.reads[article.file]
        for n, key in enumerate(article.head.abstracts):
            yield from known_record(key, head_read, "abstracts", n)
            mentioned.add(key)
        for key, picture in article.head.figures.items():
            yield from _check_picture(issue, picture, head_read, "figures", key)
        mentioned |= _cited(article.head.summary + article.text)
        mentioned |= {key for picture in article.head.figures.values() for key in _cited(picture.caption)}
    for name in (name for name in REFERENCES if issue.shown(name) in issue.reads):
        reference_read = issue.reads[issue.shown(name)]
        for n, record in enumerate(reference_read.value or ()):
            yield from _odd_identifiers(record, reference_read, n)
            if record.id not in mentioned:
                yield reference_read.problem(
                    "note", "unused", "no article and no comment cites this reference", n, "id"
                )
            if record.id in issue.records:
                message = f"the key “{record.id}” is also the name of a frozen record; give one of them another"
                yield reference_read.problem("error", "duplicate-key", message, n, "id")
    for key, record in issue.records.items():
        record_read = issue.reads[issue.shown("records", f"{key}.yaml")]
        yield from _odd_identifiers(record, record_read)
        if ("record", key) not in printed and key not in mentioned:
            yield record_read.problem(
                "note", "unused", "this record is in no entry of the issue and no article cites it"
            )
    known = {issue.folder / "records" / f"{key}.yaml" for key in record_files}
    known |= {issue.folder / "articles" / f"{key}.md" for key in issue.articles}
    for folder in ("records", "articles"):
        for path in sorted((issue.folder / folder).rglob("*")):
            if path.is_file() and path not in known and not path.name.startswith("."):
                ending = {"records": ".yaml", "articles": ".md"}[folder]
                wrong = path.suffix != ending or path.parent.name != folder
                message = f"expected {folder}/NAME{ending}; this file is not read" if wrong else _NO_SECTION
                yield Problem(level="note", code="unused", message=message, file=_shown(path, issue.root))


_NO_SECTION: Final = "this article is in no section of the issue"


def _cited(text: str) -> set[str]:
    """What a text may cite; for a note only, so that an address with “@” does no harm."""
    return set(re.findall(r"@([A-Za-z0-9](?:[\w.:/+-]*\w)?)", text))


def _check_entry(quote: str, record: Record, read: strict.Read[Any], place: tuple[str | int, ...]) -> Iterator[Problem]:
    if record.status == "withdrawn":
        message = "this abstract was withdrawn; a notice of kind “withdrawal” may be what you want"
        yield read.problem("warning", "withdrawn", message, *place, "record")
    if not quote:
        return
    if record.permission == "none":
        message = "the record's permission is “none”: nothing of its text may be printed; remove the quotation"
        yield read.problem("error", "permission", message, *place, "quote")
    whole = " ".join(" ".join(part.text.plain.split()) for part in record.abstract)
    if not record.abstract:
        message = "the record has no abstract with which the quotation could be compared"
        yield read.problem("note", "quote-unchecked", message, *place, "quote")
    if record.abstract and " ".join(quote.split()) not in whole:
        message = "the quotation is not in the abstract word for word; it will stand in quotation marks"
        yield read.problem("warning", "quote-differs", message, *place, "quote")


def _check_picture(issue: Issue, picture: Picture, read: strict.Read[Any], *path: str | int) -> Iterator[Problem]:
    target = (issue.folder / picture.file).resolve()
    if not target.is_file():
        folder = (issue.folder / picture.file).parent
        names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
        near = did_you_mean(Path(picture.file).name, names)
        message = f"there is no picture {issue.shown(picture.file)}{near}"
        yield read.problem("error", "missing-picture", message, *path, "file")
    elif not target.is_relative_to(issue.folder):
        message = f"the picture {picture.file} is a link that leads out of the issue's folder; copy the file instead"
        yield read.problem("error", "outside", message, *path, "file")
    elif message := picture_file.complaint(target):
        yield read.problem("error", "picture-type", message, *path, "file")


def _odd_identifiers(record: Record, read: strict.Read[Any], *path: str | int) -> Iterable[Problem]:
    if record.ids.nbk and record.type == "article":
        message = (
            f"{record.ids.nbk} is a number of NCBI Bookshelf, which holds books, but the record is a journal article; "
            "look whether a PubMed number is meant"
        )
        yield read.problem("note", "odd-identifier", message, *path, "ids", "nbk")
