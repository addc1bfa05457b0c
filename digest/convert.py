"""Prints the records of any input in another format, or as a bibliography in a citation style."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from digest import opening
from digest.cite.bibliography import Citable, Printed, lines, page
from digest.cite.catalogue import LoadedStyle
from digest.cite.tokens import read_identifier
from digest.errors import DigestError, Problem
from digest.inputs import Inputs, Named, as_names, given_pipe, ignore, is_address, publication_around, read
from digest.languages import did_you_mean_language, tag_of
from digest.lookup import open_library
from digest.model import Record
from digest.project import LIBRARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from digest.inputs import Notify


class Conversion:
    """Records in another format, written while they are read: iterate over it once for the text, in pieces.

    Attributes:
        count: how many records were written so far.
        problems: what is odd about them.
        failures: the errors of inputs that could not be read; the others were.
    """

    def __init__(
        self,
        inputs: Inputs,
        to: str,
        *,
        lines: bool,
        plain: bool,
        on_problems: Callable[[Sequence[Problem]], None],
        on_error: Callable[[DigestError], None],
    ) -> None:
        self.count = 0
        self.problems: list[Problem] = []
        self.failures: list[DigestError] = []
        self._inputs, self._to, self._lines, self._plain = inputs, to, lines, plain
        self._on_problems, self._on_error = on_problems, on_error

    def __iter__(self) -> Iterator[str]:
        from digest.export import write_records

        pieces = write_records(self._records(), self._to, lines=self._lines, plain=self._plain)
        first = next(pieces, "")
        if self.count or not self.failed:  # no empty list where nothing could be read
            yield first
        yield from pieces

    @property
    def failed(self) -> bool:
        """Whether an input, or something in it, could not be read."""
        return bool(self.failures) or any(problem.level == "error" for problem in self.problems)

    def _records(self) -> Iterator[Record]:
        from digest.sources.page import Parsed

        for outcome in read(self._inputs, on_error=self._fail):
            if isinstance(outcome, Parsed):
                self.count += 1
                self._add(outcome.problems)
                yield outcome.record
            elif isinstance(outcome, Problem):
                self._add((outcome,))

    def _add(self, problems: Sequence[Problem]) -> None:
        self.problems.extend(problems)
        self._on_problems(problems)

    def _fail(self, error: DigestError) -> None:
        self.failures.append(error)
        self._on_error(error)


def convert_records(
    inputs: Named,
    *,
    to: str = "json",
    lines: bool = False,
    plain: bool = False,
    input_format: str = "",
    folder: Path = Path(),
    keys: Mapping[str, str] | None = None,
    notify: Notify = ignore,
    on_problems: Callable[[Sequence[Problem]], None] = ignore,
    on_error: Callable[[DigestError], None] = ignore,
    standard_input: bytes = b"",
) -> Conversion:
    """The records of some inputs in another format, read and written as one iterates over the result.

    Args:
        inputs: names of files, folders or addresses, or ``-`` for standard input; one or several.
        to: the format, a key of `digest.export.WRITERS`.
        lines: for JSON: one record on a line.
        plain: whether to leave out what only this program reads back.
        input_format: format of the inputs; empty: it is recognised from their content.
        folder: a folder of the publication whose contact and allowed servers are used, if there is one.
        keys: keys of services, as `digest.inputs.client` takes them.
        notify: is given, in words, what takes long.
        on_problems: is given problems as they are found.
        on_error: is given the error of an input that cannot be read.
        standard_input: what standard input holds.
    """
    asked = Inputs(
        names=as_names(inputs),
        input_format=input_format,
        folder=folder,
        keys=keys,
        notify=notify,
        standard_input=standard_input,
    )
    return Conversion(asked, to, lines=lines, plain=plain, on_problems=on_problems, on_error=on_error)


class Bibliography(Struct, frozen=True, kw_only=True):
    """A list of references in one citation style.

    Attributes:
        style: the style.
        entries: the references in the order of the style; none where an input could not be read.
        problems: what is odd about the inputs and the references.
        count: how many things to cite there were.
    """

    style: LoadedStyle
    entries: tuple[Printed, ...]
    problems: tuple[Problem, ...]
    count: int

    @property
    def text(self) -> str:
        """The list as plain text, a reference on a line, numbered where our styles leave that to the list."""
        return "\n".join(lines(self.style, self.entries))

    @property
    def html(self) -> str:
        """The list as a piece of HTML."""
        return page(self.style, self.entries)


def cite_records(
    inputs: Named | Sequence[Record],
    *,
    style: str | Path = "jop-highlights",
    locale: str | None = None,
    input_format: str = "",
    folder: Path = Path(),
    keys: Mapping[str, str] | None = None,
    notify: Notify = ignore,
    on_count: Callable[[int], None] = ignore,
    standard_input: bytes = b"",
    fetch: bool = False,
    services: Mapping[str, str] | None = None,
) -> Bibliography:
    """The bibliography of records, or of what is in some inputs.

    Args:
        inputs: records; or names of files, folders or addresses, identifiers (``PMID:24857584``) of records in the
            library, or ``-`` for standard input; one or several.
        style: name of a citation style, or the path of its file.
        locale: language, such as ``de-DE`` or ``German``; none: the style's own.
        input_format: format of the inputs; empty: it is recognised from their content.
        folder: a folder of the publication whose contact and allowed servers are used, if there is one.
        keys: keys of services, as `digest.inputs.client` takes them.
        notify: is given, in words, what takes long.
        on_count: is given the number of references before they are formatted.
        standard_input: what standard input holds.
        fetch: whether Crossref, PubMed or Europe PMC is asked for an identifier that is not in the library.
        services: addresses of these, where they are not the usual ones (`digest.sources.network.harvest.BASES`).

    Raises:
        DigestError: there is no such style or language, or an input cannot be read.
    """
    from digest.cite import Styles
    from digest.cite.bibliography import bibliography, read_citables

    found = Styles(folder, anywhere=True).find(str(style))
    language = _language(locale) if locale else None
    records, names = _records_and_names(inputs)
    asked = Inputs(
        names=names, input_format=input_format, folder=folder, keys=keys, notify=notify, standard_input=standard_input
    )
    parts: list[tuple[str, str | Iterable[Citable | Problem]]] = []
    for name in asked.names:
        identifier = _identifier(name)
        if identifier and (known := _in_library(identifier, folder)):
            parts.append((name, [Citable(key=name, value=known)]))
        elif identifier and fetch:
            parts.append(_to_cite(_address_of(name, identifier, services), asked))
        elif identifier and not is_address(name):
            raise DigestError(
                f"“{name}” is not in a library here",
                expected="an identifier of a record that was collected, or a file",
                todo="“--fetch” asks Crossref, PubMed or Europe PMC for it",
            )
        else:
            parts.append(_to_cite(name, asked))
    if records:
        parts.append(("", [Citable(key=record.id or "", value=record) for record in records]))
    sources, problems = read_citables(parts)
    if any(problem.level == "error" for problem in problems):
        return Bibliography(style=found, entries=(), problems=tuple(problems), count=len(sources))
    on_count(len(sources))
    entries, odd = bibliography(found, sources, language)
    return Bibliography(style=found, entries=tuple(entries), problems=(*problems, *odd), count=len(sources))


def _identifier(name: str) -> tuple[str, str] | None:
    """Kind and value of an identifier that somebody typed; nothing where there is a file of this name."""
    if name == "-" or Path(name).exists():
        return None
    try:
        return read_identifier(name)
    except ValueError:
        return None


def _in_library(identifier: tuple[str, str], folder: Path) -> Record | None:
    """The record of an identifier in the publication's library; nothing where it is not there, or there is none."""
    root, publication = publication_around(folder, required=False)
    if publication is None or not (root / LIBRARY).exists():
        return None
    with open_library(folder=root) as library:
        return library.known(":".join(identifier))


def _address_of(name: str, identifier: tuple[str, str], services: Mapping[str, str] | None) -> str:
    """Where the record of an identifier can be fetched."""
    from digest.sources.network.harvest import BASES, address_of

    if address := address_of(*identifier, bases=services or BASES):
        return address
    raise DigestError(
        f"no service is known that has the record of “{name}”",
        expected="a DOI, PMID or PMCID",
        todo="save the record as a file",
    )


def _language(name: str) -> str:
    if tag := tag_of(name):
        return tag
    raise DigestError(
        f"there are no words for the language “{name}”{did_you_mean_language(name)}",
        where="--locale",
        expected="a language such as de, pt-BR or German",
    )


def _records_and_names(inputs: Named | Sequence[Record]) -> tuple[list[Record], tuple[str, ...]]:
    if isinstance(inputs, str | Path):
        return [], as_names(inputs)
    records = [one for one in inputs if isinstance(one, Record)]
    return records, as_names([one for one in inputs if not isinstance(one, Record)])


def show_style(name: str | Path, *, folder: Path = Path()) -> Bibliography:
    """What a citation style is, and two references in it: an article in a journal and a meeting abstract.

    Args:
        name: name of the style, or the path of its file.
        folder: the folder from which a path begins.

    Raises:
        DigestError: there is no such style, or its file is broken.
    """
    from digest.cite import Styles
    from digest.cite.bibliography import bibliography, sample

    found, sources = Styles(folder, anywhere=True).find(str(name)), sample()
    entries, problems = bibliography(found, sources)
    return Bibliography(style=found, entries=tuple(entries), problems=tuple(problems), count=len(sources))


# What `digest.cite.bibliography` reads itself: it knows the line of each item and keeps variables that only CSL has.
_READ_BY_LINE: Final = frozenset({"csl-json", "json", "yaml"})


def _to_cite(name: str, inputs: Inputs) -> tuple[str, str | Iterable[Citable | Problem]]:
    """What problems call the input, and its text, or what was read from it."""
    from digest.sources import Page, recognise

    shown_as = "standard input" if name == "-" else name
    given: bytes | Path | None = None
    if name == "-":
        given = inputs.standard_input
    elif opening.is_given_pipe(name):
        given = given_pipe(name)
    elif not is_address(name) and Path(name).is_file():
        given = Path(name)
    if given is None:
        return shown_as, _sources(name, inputs)
    page = Page(given, shown_as)
    if (inputs.input_format or recognise(page)) in _READ_BY_LINE:
        content = page.content
        try:
            return shown_as, content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise DigestError(
                "this is not text in UTF-8", where=f"{shown_as}:{line}", expected="JSON or YAML"
            ) from error
    if isinstance(given, bytes):  # a pipe can be read only once
        return shown_as, _sources("-", structs.replace(inputs, standard_input=given), shown_as)
    return shown_as, _sources(name, inputs)


def _sources(name: str, inputs: Inputs, shown_as: str = "standard input") -> Iterator[Citable | Problem]:
    from digest.sources.page import Parsed

    for outcome in read(structs.replace(inputs, names=(name,)), shown_as=shown_as):
        if isinstance(outcome, Parsed):
            yield from (structs.replace(problem, level="note") for problem in outcome.problems)
            yield Citable(key=outcome.identifier or outcome.record.id or "", value=outcome.record, file=name)
        elif isinstance(outcome, Problem):
            yield structs.replace(outcome, level="warning")
