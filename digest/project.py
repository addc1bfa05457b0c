"""A publication's folder becomes values: ``digest.yaml``, ``issue.yaml``, articles, frozen records and references.

Everything is read before anything is refused, so that an editor sees all mistakes of an issue at once, each with file,
line and key. What this module returns needs no further checking for form; what needs the citation style, the templates
or the pages is checked where those are at hand.
"""

from __future__ import annotations

import contextlib
import errno
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from digest import opening, strict
from digest import picture as picture_file
from digest.contrast import ENOUGH, contrast
from digest.errors import DigestError, Problem, ProjectError, did_you_mean, not_utf8
from digest.model import Record, has_orcid_check
from digest.ownfields import declared_for, missing, mistakes
from digest.parsed import ParsedFiles
from digest.publication import ArticleFile, IssueFile, OwnPage, PlainPicture, Publication
from digest.references import read_references

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.model import FieldText, Person
    from digest.ownfields import OwnField, Place

T = TypeVar("T")

REFERENCES: Final = ("references.yaml", "references.json", "references.bib", "references.ris")
LIBRARY: Final = "library.db"  # next to digest.yaml, unless a command names another


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """An article: its front matter and its text.

    Attributes:
        key: name of the file without ``.md``.
        file: the file, as problems show it.
        head: the front matter.
        text: the Markdown after the front matter.
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
        references: what articles may cite besides the records, by key.
        reads: how each file was read, by the name that problems show: leads from a value back to its line.
        problems: what is odd but stops nothing.
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
        return _file_name(self.folder.joinpath(*parts), self.root)


def find_publication(folder: Path = Path()) -> Path:
    """The nearest folder with a ``digest.yaml``, from this folder upwards.

    Raises:
        DigestError: there is none.
    """
    here = folder.resolve()
    for place in (here, *here.parents):
        if (place / "digest.yaml").exists():
            return place
    raise DigestError(
        "no publication here: there is no digest.yaml",
        where=str(folder),
        expected="a folder made by “digest init”, or one inside it",
        todo="“digest init my-journal” makes one",
    )


def find_issue(issue: str | Path | None = None, *, folder: Path = Path()) -> Path:
    """The folder of an issue: a path, the name of a folder in ``issues/``, or the newest one when nothing is said.

    Args:
        issue: the path or the name; none: the issue that `folder` is in, or the newest.
        folder: a folder in the publication, from which a path begins.

    Raises:
        DigestError: there is no such issue.
    """
    name = None if issue is None else str(issue)
    if name is not None and (Path(folder, name) / "issue.yaml").is_file():
        return Path(folder, name).resolve()
    if name is not None and (Path(folder, name) / "digest.yaml").is_file():
        return find_issue(folder=Path(folder, name))
    if name is None:
        for place in (folder.resolve(), *folder.resolve().parents):
            if (place / "issue.yaml").is_file():
                return place
            if (place / "digest.yaml").is_file():
                break
    try:
        root = find_publication(folder)
    except DigestError:
        if name is None:
            raise
        raise DigestError(
            f"there is no issue “{name}”", where=name, expected="the folder of an issue or of a publication"
        ) from None
    issues = issue_folders(root)
    known = [place.name for place in issues]
    if name is None and issues:
        return issues[-1]  # folders are named by their dates
    if name in known:
        return root / "issues" / str(name)
    raise DigestError(
        f"there is no issue “{name}”{did_you_mean(name, known)}" if name else "there is no issue yet",
        where=str(root / "issues"),
        expected=f"one of {', '.join(known)}" if known else "a folder with an issue.yaml in it",
        todo="" if known else "“digest new --date 2026-01-31” makes one",
    )


def issue_folders(root: Path) -> list[Path]:
    """The folders of a publication's issues by their names; one that begins with a dot is still being made.

    Args:
        root: folder of the publication.
    """
    return sorted(path.parent for path in root.glob("issues/[!.]*/issue.yaml"))


def read_publication(root: Path) -> Publication:
    """What ``digest.yaml`` says.

    Args:
        root: folder of the publication, as `find_publication` finds it.

    Raises:
        ProjectError: it has mistakes; it carries all of them.
    """
    publication = read_publication_file(root).value
    assert publication is not None
    return publication


def read_publication_file(root: Path) -> strict.Read[Publication]:
    """What ``digest.yaml`` says, with the line of each part.

    Raises:
        ProjectError: it has mistakes; it carries all of them.
    """
    reader = _Folder(root, root)
    if reader.one(root / "digest.yaml", Publication) is None:
        raise ProjectError(reader.problems)
    return reader.reads["digest.yaml"]


class IssueFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files of an issue as far as they could be read; `whole` makes an `Issue` of them.

    Attributes:
        root: folder of the publication.
        folder: folder of the issue.
        publication: what ``digest.yaml`` says, or what of it could be read; nothing where that is not YAML.
        head: what ``issue.yaml`` says, in the same way.
        articles: the articles by key, in the same way; where `head` is nothing, all in the folder.
        record_files: the names of the files of frozen records, also of those with mistakes.
        records: the frozen records without mistakes, by the names of their files.
        references: what articles may cite besides, without what has mistakes, by key.
        citable: every key that articles may cite, also of what has mistakes; nothing where that is not known.
        reads: how each file was read, by the name that problems show; its `value` is nothing where it has mistakes.
        problems: what is wrong or odd in single files.
    """

    root: Path
    folder: Path
    publication: Publication | None
    head: IssueFile | None
    articles: Mapping[str, Article]
    record_files: frozenset[str]
    records: Mapping[str, Record]
    references: Mapping[str, Record]
    citable: frozenset[str] | None
    reads: Mapping[str, strict.Read[Any]]
    problems: tuple[Problem, ...]

    def shown(self, *parts: str) -> str:
        """The name of a file of this issue, as problems show it."""
        return _file_name(self.folder.joinpath(*parts), self.root)

    def is_sound(self, name: str) -> bool:
        """Whether a file, by the name that problems show, is there and has no mistakes of its own."""
        return name in self.reads and self.reads[name].value is not None


def read_issue(folder: Path) -> Issue:
    """The issue in a folder, read strictly.

    Args:
        folder: folder of the issue, as `find_issue` finds it.

    Raises:
        ProjectError: its files have mistakes; it carries all of them.
        DigestError: the folder belongs to no publication.
    """
    return whole(read_files(folder))


def read_files(folder: Path) -> IssueFiles:
    """What can be read of the issue in a folder.

    Args:
        folder: folder of the issue, as `find_issue` finds it.

    Raises:
        DigestError: the folder belongs to no publication.
    """
    folder = folder.resolve()
    root = find_publication(folder)
    reader = _Folder(root, folder)
    publication = reader.rest(root / "digest.yaml", Publication)
    head = reader.rest(folder / "issue.yaml", IssueFile)
    paths = reader.listed("records", ".yaml")
    record_files = frozenset(path.stem for path in paths)
    records = {path.stem: record for path in paths if (record := reader.one(path, Record)) is not None}
    references, keys = reader.references()
    articles: dict[str, Article] = {}
    places = _article_places(head) if head else ((path.stem, ()) for path in reader.listed("articles", ".md"))
    for key, place in places:
        if key not in articles and (article := reader.article(key, place)) is not None:
            articles[key] = article
    reader.parsed.close()
    return IssueFiles(
        root=root,
        folder=folder,
        publication=publication,
        head=head,
        articles=articles,
        record_files=record_files,
        records=records,
        references=references,
        citable=None if keys is None else keys | record_files,
        reads=reader.reads,
        problems=tuple(reader.problems),
    )


def whole(files: IssueFiles) -> Issue:
    """The issue that these files are.

    Raises:
        ProjectError: they have mistakes, or do not agree; it carries all of them.
    """
    issue = None
    problems = [*files.problems, *_cross_check(files)]
    head_file = files.shown("issue.yaml")
    if files.publication and files.head and files.is_sound("digest.yaml") and files.is_sound(head_file):
        issue = Issue(
            name=files.folder.name,
            root=files.root,
            folder=files.folder,
            publication=files.publication,
            head=files.head,
            articles=files.articles,
            records=files.records,
            references=files.references,
            reads=files.reads,
        )
        problems += _own_fields(issue)
    if files.head and files.is_sound(head_file):
        problems += _same_as_others(files, files.head)
    if issue is None or any(problem.level == "error" for problem in problems):
        raise ProjectError(problems)
    return msgspec.structs.replace(issue, problems=tuple(problems))


def _file_name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _article_places(head: IssueFile) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Each article that an issue names, with the path of the place that names it."""
    if head.editorial:
        yield head.editorial, ("editorial",)
    for s, section in enumerate(head.sections):
        for e, entry in enumerate(section.entries):
            if entry.article:
                yield entry.article, ("sections", s, "entries", e, "article")


def _listed(folder: Path, ending: str) -> list[Path]:
    return sorted(path for path in folder.glob(f"*{ending}") if path.is_file() and not path.name.startswith("."))


class _Folder:
    """One reading of an issue's folder: problems and reads gather while files become values."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self.problems: list[Problem] = []
        self.reads: dict[str, strict.Read[Any]] = {}
        self.folders: dict[Path, bool] = {}  # whether they are in the publication
        self.parsed = ParsedFiles(root)

    def report(self, code: str, message: str, file: str, line: int | None = None) -> None:
        self.problems.append(Problem(level="error", code=code, message=message, file=file, line=line))

    def listed(self, name: str, ending: str) -> list[Path]:
        """The files of a folder with this ending, by name."""
        return _listed(self.folder / name, ending)

    def text(self, path: Path) -> str | None:
        """The text of a file inside the publication; nothing, and a problem, when it cannot be had."""
        if (content := self.content(path)) is None:
            return None
        try:
            return opening.as_text(content)
        except UnicodeDecodeError as error:
            self.problems.append(not_utf8(error, _file_name(path, self.root)))
        return None

    def content(self, path: Path) -> bytes | None:
        """The bytes of a file inside the publication; nothing, and a problem, when they cannot be had."""
        file = _file_name(path, self.root)
        try:
            if not self.is_inside(path):
                self.report(
                    "outside",
                    "this file is a link that leads out of the publication's folder; copy the file instead",
                    file,
                )
            else:
                return opening.read_file(path, strict.LARGEST)
        except OSError as error:
            if error.errno == errno.EFBIG:
                self.report("too-large", f"the file is larger than {strict.LARGEST // 2**20} MiB", file)
            else:
                self.report("unreadable", f"the file cannot be read: {error.strerror or error}", file)
        return None

    def is_inside(self, path: Path) -> bool:
        """Whether a file is in the publication, wherever links lead.

        Raises:
            OSError: there is no such file.
        """
        if path.parent not in self.folders:
            self.folders[path.parent] = path.parent.resolve().is_relative_to(self.root)
        if stat.S_ISLNK(path.lstat().st_mode):
            return path.resolve().is_relative_to(self.root)
        return self.folders[path.parent]

    def keep(self, read: strict.Read[T]) -> T | None:
        self.problems += read.problems
        self.reads[read.file] = read
        return read.value

    def one(self, path: Path, type_: type[T]) -> T | None:
        if (content := self.content(path)) is None:
            return None
        file = _file_name(path, self.root)
        try:
            return self.keep(self.parsed.read(content, type_, file))
        except UnicodeDecodeError as error:
            self.problems.append(not_utf8(error, file))
        return None

    def rest(self, path: Path, type_: type[T]) -> T | None:
        """What of a file could be read, whatever mistakes it has."""
        self.one(path, type_)
        read = self.reads.get(_file_name(path, self.root))
        return read.rest if read else None

    def references(self) -> tuple[dict[str, Record], frozenset[str] | None]:
        """What is in the references file, by key; and all keys, also of what has mistakes, where they are known."""
        found: dict[str, Record] = {}
        first: dict[str, str] = {}
        keys: set[str] | None = set()
        for path in (self.folder / name for name in REFERENCES if (self.folder / name).exists()):
            if (text := self.text(path)) is None:
                keys = None
                continue
            shown = _file_name(path, self.root)
            read = read_references(text, shown)
            self.keep(read)
            if keys is not None:
                keys = None if read.rest is None else keys | {record.id for record in read.rest if record.id}
            for n, record in enumerate(read.value or ()):
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
        return found, None if keys is None else frozenset(keys)

    def article(self, key: str, place: tuple[str | int, ...]) -> Article | None:
        path = self.folder / "articles" / f"{key}.md"
        if not opening.exists(path):
            near = did_you_mean(key, (path.stem for path in self.listed("articles", ".md")))
            read = self.reads[_file_name(self.folder / "issue.yaml", self.root)]
            message = f"there is no article “{key}”: expected a file {_file_name(path, self.root)}{near}"
            self.problems.append(read.problem("error", "missing-article", message, *place))
            return None
        if (text := self.text(path)) is None:
            return None
        file = _file_name(path, self.root)
        match = re.match(r"---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|$)", text, re.DOTALL)
        if not match:
            message = "an article begins with its front matter: a line “---”, keys such as “title: …”, and a line “---”"
            self.report("front-matter", message, file, 1)
            return None
        if bad := strict.CONTROL.search(text):
            line = text.count("\n", 0, bad.start()) + 1
            self.report(
                "control-character",
                f"the control character U+{ord(bad[0]):04X} is in the text; remove it",
                file,
                line,
            )
            return None
        self.keep(read := strict.read(match[1] or "", ArticleFile, file, first_line=2))
        if (head := read.rest) is None:
            return None
        return Article(key=key, file=file, head=head, text=text[match.end() :], first_line=match[0].count("\n") + 1)


def _cross_check(files: IssueFiles) -> Iterator[Problem]:
    """What is wrong or odd between files that are each well formed."""
    yield from mistakes_in_rules(files.root, files.reads.get("digest.yaml"))
    mentioned = set[str]()  # records that something refers to
    if files.head is not None:
        yield from _check_head(files, files.head, mentioned)
    for article in files.articles.values():
        front = files.reads[article.file]
        yield from _odd_orcids(article.head.authors, front)
        for n, key in enumerate(article.head.abstracts):
            yield from _known_record(files, key, front, "abstracts", n)
            mentioned.add(key)
        for key, picture in article.head.figures.items():
            yield from _check_picture(files.root, files.folder, picture, front, "figures", key)
        mentioned |= _cited(article.head.summary + article.text)
        mentioned |= {key for picture in article.head.figures.values() for key in _cited(picture.caption)}
    # What an article cites that could not be read is not known: nothing is called unused then.
    named = [key for key, _ in _article_places(files.head)] if files.head else []
    sound_head = files.is_sound(files.shown("issue.yaml"))
    all_read = sound_head and all(key in files.articles for key in named)
    for name in (name for name in REFERENCES if files.shown(name) in files.reads):
        reference_read = files.reads[files.shown(name)]
        for n, record in enumerate(reference_read.value or ()):
            yield from _odd_identifiers(record, reference_read, n)
            if all_read and record.id not in mentioned:
                yield reference_read.problem(
                    "note", "unused", "no article and no comment cites this reference", n, "id"
                )
            if record.id in files.records:
                message = f"the key “{record.id}” is also the name of a frozen record; give one of them another"
                yield reference_read.problem("error", "duplicate-key", message, n, "id")
    printed = {entry.record for section in files.head.sections for entry in section.entries} if files.head else set()
    for key, record in files.records.items():
        record_read = files.reads[files.shown("records", f"{key}.yaml")]
        yield from _odd_identifiers(record, record_read)
        if all_read and key not in printed and key not in mentioned:
            yield record_read.problem(
                "note", "unused", "this record is in no entry of the issue and no article cites it"
            )
    if sound_head:
        yield from _unread_files(files, named)


def _check_head(files: IssueFiles, head: IssueFile, mentioned: set[str]) -> Iterator[Problem]:
    """What does not agree with ``issue.yaml``; the records that it refers to are put into `mentioned`."""
    read = files.reads[files.shown("issue.yaml")]
    printed: dict[tuple[str, str], str] = {}  # kind and key of each entry, with the place where it is printed
    if head.cover and head.cover.picture:
        yield from _check_picture(files.root, files.folder, head.cover.picture, read, "cover")
    if head.editorial:
        printed["article", head.editorial] = "the editorial"
    for s, section in enumerate(head.sections):
        if not section.entries and read.value is not None:
            yield read.problem(
                "warning", "empty-section", f"the section “{section.title}” has no entries", "sections", s
            )
        if section.picture:
            yield from _check_picture(files.root, files.folder, section.picture, read, "sections", s, "picture")
        yield from _check_accent(section.accent, read, "sections", s)
        for e, entry in enumerate(section.entries):
            place = ("sections", s, "entries", e)
            kind, key = ("article", entry.article) if entry.article else ("record", entry.record)
            if key:
                if (kind, key) in printed:
                    message = f"the {kind} “{key}” is in this issue already, as {printed[kind, key]}"
                    yield read.problem("error", "duplicate-entry", message, *place, kind)
                printed.setdefault((kind, key), f"entry {e + 1} of “{section.title}”")
            if entry.record:
                yield from _known_record(files, entry.record, read, *place, "record")
                if record := files.records.get(entry.record):
                    yield from _check_entry(entry.quote, record, read, place)
            if entry.page:
                yield from _check_page(files, entry.page, read, place)
            if entry.notice and entry.notice.about:
                yield from _known_record(files, entry.notice.about, read, *place, "notice", "about")
                mentioned.add(entry.notice.about)
            mentioned |= _cited(entry.why + entry.comment)


def _known_record(files: IssueFiles, key: str, read: strict.Read[Any], *path: str | int) -> Iterator[Problem]:
    if key not in files.record_files:
        near = did_you_mean(key, files.record_files)
        message = f"there is no record “{key}”: expected a file {files.shown('records', key + '.yaml')}{near}"
        yield read.problem("error", "missing-record", message, *path)


def _unread_files(issue: IssueFiles, named: Iterable[str]) -> Iterator[Problem]:
    """A note for each file next to records and articles that is neither."""
    known = {issue.folder / "records" / f"{key}.yaml" for key in issue.record_files}
    # Also articles that could not be read: they are in a section all the same.
    known |= {issue.folder / "articles" / f"{key}.md" for key in named}
    for folder in ("records", "articles"):
        for path in sorted((issue.folder / folder).rglob("*")):
            if path.is_file() and path not in known and not path.name.startswith("."):
                ending = {"records": ".yaml", "articles": ".md"}[folder]
                wrong = path.suffix != ending or path.parent.name != folder
                message = f"expected {folder}/NAME{ending}; this file is not read" if wrong else _NO_SECTION
                yield Problem(level="note", code="unused", message=message, file=_file_name(path, issue.root))


def _own_fields(issue: Issue) -> Iterator[Problem]:
    """What is wrong in the fields that ``digest.yaml`` declares, and which required ones are not filled in."""
    declared, head = issue.publication.fields, issue.head
    read = issue.reads[issue.shown("issue.yaml")]
    both = declared_for(declared, "entries")  # an entry fills them in, or its article or record

    def wrong(
        place: Place, given: Mapping[str, FieldText], read: strict.Read[Any], *path: str | int
    ) -> Iterator[Problem]:
        for one in mistakes(declared, place, given):
            yield read.problem("error", one.code, one.message, *path, "fields", one.name)

    def needed(
        fields: Iterable[OwnField], given: Iterable[Mapping[str, FieldText]], read: strict.Read[Any], *path: str | int
    ) -> Iterator[Problem]:
        for one in missing(fields, *given):
            yield read.problem("error", one.code, one.message, *path, "fields", one.name)

    def own(place: Place) -> list[OwnField]:
        return [one for one in declared_for(declared, place) if one not in both]

    yield from wrong("issue", head.fields, read)
    yield from needed(declared_for(declared, "issue"), [head.fields], read)
    for s, section in enumerate(head.sections):
        yield from wrong("sections", section.fields, read, "sections", s)
        yield from needed(declared_for(declared, "sections"), [section.fields], read, "sections", s)
        for e, entry in enumerate(section.entries):
            place = ("sections", s, "entries", e)
            yield from wrong("entries", entry.fields, read, *place)
            record = issue.records.get(entry.record or "")
            article = issue.articles.get(entry.article or "")
            if entry.hold or entry.drop or (record is None and article is None and not entry.notice):
                continue  # what is missing altogether is reported elsewhere
            if article and issue.reads[article.file].value is None:
                continue  # perhaps it is filled in where there is a mistake
            of_file = record.fields if record else article.head.fields if article else {}
            yield from needed(both, [entry.fields, of_file], read, *place)
            if record:
                record_read = issue.reads[issue.shown("records", f"{entry.record}.yaml")]
                yield from needed(own("records"), [record.fields], record_read)
    for article in issue.articles.values():
        yield from wrong("articles", article.head.fields, issue.reads[article.file])
        if issue.reads[article.file].value is not None:
            yield from needed(own("articles"), [article.head.fields], issue.reads[article.file])
    for key, record in issue.records.items():
        yield from wrong("records", record.fields, issue.reads[issue.shown("records", f"{key}.yaml")])
    for name in (name for name in REFERENCES if issue.shown(name) in issue.reads):
        reference_read = issue.reads[issue.shown(name)]
        for n, record in enumerate(reference_read.value or ()):
            yield from wrong("records", record.fields, reference_read, n)


def _same_as_others(issue: IssueFiles, head: IssueFile) -> Iterator[Problem]:
    """A warning where another issue has the same date, or the same volume and number: one of them is a slip."""
    read = issue.reads[issue.shown("issue.yaml")]
    for name, other in issue_heads(issue.root, but=issue.folder).items():
        if other.date == str(head.date):
            message = f"issue {name} has the same date, {head.date}; “digest new” names an issue by its date"
            yield read.problem("warning", "same-date", message, "date")
        if head.volume and head.number and (other.volume, other.number) == (head.volume, head.number):
            message = f"issue {name} is volume {head.volume}, number {head.number} as well"
            yield read.problem("warning", "same-number", message, "number")


class IssueHead(msgspec.Struct, frozen=True, kw_only=True):
    """Under what an issue is known, as its file has it, even one with mistakes; empty where it does not."""

    date: str = ""
    volume: str = ""
    number: str = ""


def issue_heads(root: Path, *, but: Path | None = None) -> dict[str, IssueHead]:
    """The issues of a publication by the names of their folders, the oldest name first, but for the one in a folder."""
    found = {}
    for folder in issue_folders(root):
        if folder == but:
            continue
        with contextlib.suppress(OSError):  # deleted just now, or not to be read: reading that issue reports it
            text = opening.read_file(folder / "issue.yaml").decode("utf-8", "replace")
            keys = {match[1]: match[3] or match[4] or "" for match in _HEAD_LINE.finditer(text)}
            found[folder.name] = IssueHead(**keys)
    return found


# A key on a line of its own, as people write it: `number: 4`, `volume: "15"  # as printed`.
_HEAD_LINE: Final = re.compile(
    r"^(date|volume|number):[ \t]*(?:([\"'])([^\"'\r\n]*)\2|([^\s\"'#][^\r\n#]*?))[ \t]*(?:#[^\r\n]*)?\r?$",
    re.MULTILINE,
)
_PAGE_FIRST: Final = (
    "a picture that fills the page comes first in this section, whose heading is alone on the page before it; "
    "put it after an entry, or at the end of the section before"
)
_NO_SECTION: Final = "this article is in no section of the issue"


def _cited(text: str) -> set[str]:
    """What a text may cite; for a note only, so that an address with “@” does no harm."""
    return set(re.findall(r"@([A-Za-z0-9](?:[\w.:/+-]*\w)?)", text))


def _check_entry(quote: str, record: Record, read: strict.Read[Any], place: tuple[str | int, ...]) -> Iterator[Problem]:
    if record.status == "withdrawn":
        message = "this abstract was withdrawn; a notice of kind “withdrawal” may be what you want"
        yield read.problem("warning", "withdrawn", message, *place, "record")
    if record.type == "article" and not (record.container or record.container_short):
        message = "this record is a journal article, but its journal is not known; add it to its file as “container: …”"
        yield read.problem("warning", "no-journal", message, *place, "record")
    if not quote:
        return
    if record.permission == "none":
        message = "the record's permission is “none”: nothing of its text may be printed; remove the quotation"
        yield read.problem("error", "permission", message, *place, "quote")
    whole = " ".join(" ".join(part.text.plain.split()) for part in record.abstract)
    if not record.abstract:
        message = "the record has no abstract to compare the quotation with"
        yield read.problem("note", "quote-unchecked", message, *place, "quote")
    if record.abstract and " ".join(quote.split()) not in whole:
        message = "the quotation is not in the abstract word for word, but is printed in quotation marks"
        yield read.problem("warning", "quote-differs", message, *place, "quote")


def mistakes_in_rules(root: Path, read: strict.Read[Publication] | None) -> Iterator[Problem]:
    """What is wrong or odd in what ``digest.yaml`` says of the sections of new issues.

    Args:
        root: folder of the publication.
        read: ``digest.yaml`` as it was read; nothing is said of one with errors.
    """
    if read is None or read.value is None:
        return
    for n, rule in enumerate(read.value.sections):
        if rule.picture:
            yield from _check_picture(root, root, rule.picture, read, "sections", n, "picture")
        yield from _check_accent(rule.accent, read, "sections", n)


def _check_page(
    issue: IssueFiles, page: OwnPage, read: strict.Read[Any], place: tuple[str | int, ...]
) -> Iterator[Problem]:
    """What is wrong with a page of the editors' own, or with its place in its section."""
    if page.file:
        picture = PlainPicture(file=page.file, alt=page.alt or "")
        yield from _check_picture(issue.root, issue.folder, picture, read, *place, "page")
        if place[-1] == 0 and not page.template and not page.text:
            yield read.problem("warning", "page-first", _PAGE_FIRST, *place, "page")


def _check_accent(accent: str | None, read: strict.Read[Any], *path: str | int) -> Iterator[Problem]:
    if accent is not None and (ratio := contrast(accent)) < ENOUGH:
        message = (
            f"headings in {accent} are hard to read on white, and white letters on it: a contrast of {ratio:.1f}, "
            f"{ENOUGH} is needed; take a darker colour"
        )
        yield read.problem("warning", "low-contrast", message, *path, "accent")


def _check_picture(
    root: Path, folder: Path, picture: PlainPicture, read: strict.Read[Any], *path: str | int
) -> Iterator[Problem]:
    """What is wrong with a picture in the folder of an issue, or of the publication."""
    if not picture.file:
        return  # which could not be read
    target = opening.inside(folder, picture.file)
    place = folder / picture.file
    if target is None and not opening.exists(place):
        names = [entry.name for entry in place.parent.iterdir()] if opening.exists(place.parent) else []
        near = did_you_mean(Path(picture.file).name, names)
        message = f"there is no picture {_file_name(place, root)}{near}"
        yield read.problem("error", "missing-picture", message, *path, "file")
    elif target is None and place.is_dir():
        yield read.problem("error", "picture-type", f"{picture.file} is a folder", *path, "file")
    elif target is None:
        whose = "publication" if folder == root else "issue"
        message = f"the picture {picture.file} is a link that leads out of the {whose}'s folder; copy the file instead"
        yield read.problem("error", "outside", message, *path, "file")
    elif message := picture_file.complaint(target):
        yield read.problem("error", "picture-type", message, *path, "file")


def _odd_identifiers(record: Record, read: strict.Read[Any], *path: str | int) -> Iterable[Problem]:
    yield from _odd_orcids(record.authors, read, *path)
    if record.ids.nbk and record.type == "article":
        message = (
            f"{record.ids.nbk} is a number of NCBI Bookshelf, which holds books, but the record is a journal article; "
            "look whether a PubMed number is meant"
        )
        yield read.problem("note", "odd-identifier", message, *path, "ids", "nbk")


def _odd_orcids(people: Sequence[Person], read: strict.Read[Any], *path: str | int) -> Iterable[Problem]:
    for n, one in enumerate(people):
        if one.orcid and not has_orcid_check(one.orcid):
            message = f"the check digit of {one.orcid} is wrong: it is nobody's ORCID iD"
            yield read.problem("warning", "odd-identifier", message, *path, "authors", n, "orcid")
