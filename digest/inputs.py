"""Turns the names that a person types (sources, files, folders, addresses) into sources and the pages they hold."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest import opening
from digest.errors import DigestError, Problem, did_you_mean
from digest.model import PartialDate, Record
from digest.project import find_publication, read_publication

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.publication import Publication, Source
    from digest.sources.limited import PageReader
    from digest.sources.network.fetch import Client
    from digest.sources.page import Outcome, Page

Notify = Callable[[str], None]  # is given a sentence
Step = Callable[[str, int, int], None]
"""Is given what is done, how many are done, and of how many; 0 where unknown. After a tab: what came of it so far."""
Named = str | Path | Sequence[str | Path]  # one or several: files, folders, addresses, “-” for standard input

_CACHE: Final = ".cache"
_NAMED: Final = 12  # deleted records that a problem names


def ignore(_: object) -> None:
    """Does nothing: the default of everything that may be notified."""


def this_day() -> PartialDate:
    """The day that it is, in Greenwich."""
    now = dt.datetime.now(tz=dt.UTC).date()
    return PartialDate(now.year, now.month, now.day)


def ignore_step(_doing: str, _done: int, _total: int) -> None:
    """Does nothing: the default of everything that may show how far it is."""


def raise_error(error: DigestError) -> None:
    """Raises the error: for callers that cannot go on without an input."""
    raise error


def as_names(inputs: Named) -> tuple[str, ...]:
    """The names of one input or of several."""
    return tuple(str(name) for name in ((inputs,) if isinstance(inputs, str | Path) else inputs))


def publication_around(folder: Path, *, required: bool = True) -> tuple[Path, Publication | None]:
    """The publication that a folder belongs to: its root, and what its ``digest.yaml`` says.

    Args:
        folder: the folder.
        required: whether to fail outside of a publication; otherwise the folder itself comes back, and nothing else.

    Raises:
        ProjectError: ``digest.yaml`` has mistakes.
        DigestError: the folder is not in a publication, and one is required.
    """
    try:
        root = find_publication(folder)
    except DigestError:
        if required:
            raise
        return folder, None
    return root, read_publication(root)


def client(
    root: Path,
    publication: Publication | None,
    *,
    keys: Mapping[str, str] | None = None,
    notify: Notify = ignore,
    cache: bool = True,
    services: Mapping[str, str] | None = None,
) -> Client:
    """The way to the network for a publication; use it in a ``with``.

    Args:
        root: folder of the publication, which keeps the cache.
        publication: the publication, which names a contact and the servers that may be asked; none: nobody is named.
        keys: the user's keys, by the name of their service: ``ncbi``, ``crossref``.
        notify: is given, in words, what takes long and what could not be kept.
        cache: whether pages are kept for the next time.
        services: other addresses of services, by their names; who gives one may be asking their own network.
    """
    from digest.sources.network.addresses import WebAddress
    from digest.sources.network.fetch import Client

    own = [WebAddress.read(address).name for address in (services or {}).values()]
    allow = [*(publication.allow if publication else ()), *own]
    return Client(
        contact=publication.contact if publication else "",
        api_keys=keys,
        cache=root / _CACHE if cache else None,
        allow=frozenset(allow) if publication or own else None,
        tell=notify,
    )


def is_address(name: str) -> bool:
    """Whether an input is a web address rather than a file."""
    return re.match(r"https?://", name, re.IGNORECASE) is not None


def sources_named(
    names: Sequence[str], publication: Publication | None, root: Path, *, input_format: str = ""
) -> list[Source]:
    """The sources that were named: those of ``digest.yaml``, files, folders or addresses.

    Args:
        names: the names; none: all sources of ``digest.yaml``.
        publication: the publication.
        root: folder of the publication, from which the paths in sources start.
        input_format: format of the files and addresses; empty: it is recognised from their content.

    Raises:
        DigestError: one of them does not exist, or there are no sources at all.
    """
    known = {source.name: source for source in publication.sources} if publication else {}
    if not names and not known:
        raise DigestError(
            "there are no sources yet",
            where="digest.yaml",
            expected="sources in digest.yaml, or files after the command",
            todo="“digest collect export.ris” reads a file",
        )
    return [
        known[name] if name in known else source_of(name, root, input_format=input_format, known=known)
        for name in names or known
    ]


def source_of(name: str, root: Path, *, input_format: str = "", known: Iterable[str] = ()) -> Source:
    """The source of a file, folder or address.

    Args:
        name: the path, from the current folder, or the address.
        root: the folder from which the address of the source starts.
        input_format: its format; empty: it is recognised from the content.
        known: names of sources, for a suggestion where the name is none of all these.

    Raises:
        DigestError: there is no such file, or addresses of this kind are not read.
    """
    from digest.publication import Source
    from digest.sources.network.addresses import without_secrets

    if scheme := re.match(r"(?!https?:)([a-z][a-z0-9+.-]+)://", name, re.IGNORECASE):
        found = f"addresses of {scheme[1]} are not read"
        raise DigestError(found, where=name, expected="https://…, a file or a folder", todo="save it as a file first")
    if name == "-" and known:
        raise DigestError(
            "standard input cannot be read again",
            where=name,
            expected="a file, a folder, or an address",
            todo="save it as a file: the library names the source of each record",
        )
    if not name:
        raise DigestError("the name of a file is empty", expected="a file, a folder, or an address (https://…)")
    if not is_address(name) and not Path(name).exists():
        found = f"there is no such file{' or source' if known else ''}{did_you_mean(name, known)}"
        raise DigestError(found, where=name, expected="a file, a folder, or an address (https://…)")
    if (last := Path(name).name).startswith("~$") and not is_address(name):
        raise DigestError(
            "this is the lock file that Office keeps while a file is open",
            where=name,
            expected=f"the file itself, such as {last[2:]}",
        )
    known_as = without_secrets(name) if is_address(name) else str(Path(name).resolve())
    last = re.split(r"[/\\]", known_as.rstrip("/\\"))[-1] or name
    slug = re.sub(r"[^A-Za-z0-9_.-]+", "-", last).strip("-._") or "input"
    address = name if is_address(name) or Path(name).is_absolute() else os.path.relpath(name, root)
    return Source(name=slug[:80], address=address, format=input_format)  # type: ignore[arg-type]  # looked up by `named`


def place_of(source: Source, root: Path, library: Path) -> str:
    """Where a source is, relative to the library's file, so that both may be moved together."""
    from digest.sources.network.addresses import without_secrets

    if is_address(source.address):
        return without_secrets(source.address)
    place = Path(os.path.relpath((root / source.address).resolve(), library.resolve().parent)).as_posix()
    return opening.shown_name(place)


class Inputs(Struct, frozen=True, kw_only=True):
    """What a command is asked to read, without a library.

    Attributes:
        names: names of files and folders, addresses, ``-`` for standard input.
        input_format: their format; empty: it is recognised from the content of each.
        folder: a folder of the publication whose contact and allowed servers are used, if there is one.
        keys: the user's keys, as `client` takes them.
        notify: is given, in words, what takes long.
        standard_input: what standard input holds.
    """

    names: Sequence[str]
    input_format: str = ""
    folder: Path = Path()
    keys: Mapping[str, str] | None = None
    notify: Notify = ignore
    standard_input: bytes = b""


def read(
    inputs: Inputs, *, on_error: Callable[[DigestError], None] = raise_error, shown_as: str = "standard input"
) -> Iterator[Outcome]:
    """What is in files, folders, addresses and standard input, in order.

    Args:
        inputs: what to read.
        on_error: is given the error of an input that could not be read; the others are read all the same.
        shown_as: what problems call standard input.

    Yields:
        Records and problems. Records that a source has withdrawn are counted in a warning: there is no library here
        that they could be removed from.

    Raises:
        DigestError: there is no such format, or ``digest.yaml`` has mistakes.
    """
    from digest.sources import Page
    from digest.sources.formats import named
    from digest.sources.limited import PageReader
    from digest.sources.network.harvest import pages

    if inputs.input_format:
        named(inputs.input_format)
    root, publication = publication_around(inputs.folder, required=False)
    odd: list[Problem] = []
    with (
        client(root, publication, keys=inputs.keys, notify=inputs.notify, cache=False) as network,
        PageReader() as reader,
    ):
        reader.expect(_expected(inputs, network))
        for name in inputs.names:
            try:
                if name == "-" or opening.is_given_pipe(name):
                    content, where = (inputs.standard_input, shown_as) if name == "-" else (given_pipe(name), name)
                    yield from _without_deletions(Page(content, where, format=inputs.input_format), reader)
                    continue
                source = source_of(name, Path(), input_format=inputs.input_format)
                for batch in pages(source, network, root=Path(), tell=odd.append):
                    try:
                        yield from _without_deletions(batch.page, reader)
                    except DigestError as error:
                        on_error(error)
            except DigestError as error:
                on_error(error)
            yield from odd
            odd.clear()


def _expected(inputs: Inputs, network: Client) -> Iterator[Page]:
    """The files that will be read, in order."""
    from digest.sources.network.harvest import pages

    for name in inputs.names:
        if name == "-" or is_address(name) or opening.is_given_pipe(name):
            continue
        with contextlib.suppress(DigestError):
            source = source_of(name, Path(), input_format=inputs.input_format)
            for batch in pages(source, network, root=Path(), tell=ignore):
                yield batch.page


def given_pipe(name: str) -> bytes:
    """The bytes of a pipe that the shell of whoever typed its name has opened, as in ``digest cite <(…)``.

    Raises:
        DigestError: there are more bytes than a file may have.
    """
    try:
        return opening.read_given_pipe(name)
    except OSError as error:
        raise DigestError(f"this cannot be read: {error.strerror or error}", where=name) from error


class ReadRecords(Struct, frozen=True, kw_only=True):
    """What was read from some inputs.

    Attributes:
        records: the records, in order.
        problems: what is odd about them; one of level ``error`` is in the place of what could not be read as a record.
    """

    records: tuple[Record, ...]
    problems: tuple[Problem, ...]


def read_records(
    inputs: Named | bytes,
    *,
    input_format: str = "",
    folder: Path = Path(),
    keys: Mapping[str, str] | None = None,
    notify: Notify = ignore,
) -> ReadRecords:
    """The records in bytes, or in files, folders and addresses.

    Args:
        inputs: the bytes of a file, or names of files, folders or addresses.
        input_format: their format; empty: it is recognised from the content of each.
        folder: a folder of the publication whose contact and allowed servers are used, if there is one.
        keys: keys of services, as `client` takes them.
        notify: is given, in words, what takes long.

    Raises:
        DigestError: an input does not exist or is in no known format, or there is no format of this name.
    """
    from digest.sources.page import Parsed

    content = inputs if isinstance(inputs, bytes) else b""
    names = ("-",) if isinstance(inputs, bytes) else as_names(inputs)
    records: list[Record] = []
    problems: list[Problem] = []
    asked = Inputs(
        names=names, input_format=input_format, folder=folder, keys=keys, notify=notify, standard_input=content
    )
    for outcome in read(asked, shown_as="bytes" if isinstance(inputs, bytes) else "standard input"):
        if isinstance(outcome, Problem):
            problems.append(outcome)
        elif isinstance(outcome, Parsed):
            problems += outcome.problems
            records.append(outcome.record)
    return ReadRecords(records=tuple(records), problems=tuple(problems))


def _without_deletions(page: Page, reader: PageReader) -> Iterator[Outcome]:
    """What is on a page, with one warning for all the records that it withdraws."""
    from digest.sources import Deleted

    deleted: list[str] = []
    for outcome in reader.read(page):
        if isinstance(outcome, Deleted):
            deleted.append(outcome.identifier)
        else:
            yield outcome
    if deleted:
        names = ", ".join(deleted[:_NAMED]) + (", …" if len(deleted) > _NAMED else "")
        yield page.problem("warning", "deleted", f"withdrawn by the source, {len(deleted)} in all: {names}")
