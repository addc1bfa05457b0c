"""Reads sources into a publication's library, each from where it stopped, and reports what came of them."""

from __future__ import annotations

import contextlib
import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from digest.cite.tokens import VolumePart
from digest.errors import DigestError, Level, Problem
from digest.files import write_files
from digest.frozen import FrozenWatch
from digest.inputs import (
    as_names,
    client,
    ignore,
    ignore_step,
    is_address,
    place_of,
    publication_around,
    sources_named,
    this_day,
)
from digest.library import Intake, Run
from digest.library.fitting import Fitting
from digest.project import find_publication
from digest.publication import Source
from digest.reconcile import open_reconciled

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from digest.inputs import Named, Notify, Step
    from digest.library import Library, Reading
    from digest.model import PartialDate, Record
    from digest.publication import Publication
    from digest.sources.limited import PageReader
    from digest.sources.network.fetch import Client
    from digest.sources.page import Outcome, Page
    from digest.sources.presets import ExpandedPreset


class SourcePlan(Struct, frozen=True, kw_only=True):
    """What would be read and requested of one source.

    Attributes:
        source: name of the source.
        requests: the files and addresses; what only an answer can say is “…”.
    """

    source: str
    requests: tuple[str, ...]


class Congress(Struct, frozen=True, kw_only=True):
    """A congress that is to be read, whether or not ``digest.yaml`` has it among its sources.

    Attributes:
        preset: its name, as ``digest sources list`` prints it.
        year: its year.
    """

    preset: str
    year: int


class Collection(Struct, frozen=True, kw_only=True):
    """What came of reading some sources.

    Attributes:
        intakes: what came in from each source, in order.
        failures: the errors of sources, or of files of a folder, that could not be read; the others were.
        frozen: warnings about frozen records that the library now knows otherwise.
    """

    intakes: tuple[Intake, ...]
    failures: tuple[DigestError, ...]
    frozen: tuple[Problem, ...]


def plan_sources(
    sources: Named = (),
    *,
    congress: Congress | None = None,
    match: str = "",
    folder: Path = Path(),
    library: Path | None = None,
    input_format: str = "",
) -> list[SourcePlan]:
    """What `collect_sources` would read and ask for; nothing is read.

    Args:
        sources: as for `collect_sources`.
        congress: as for `collect_sources`.
        match: as for `collect_sources`.
        folder: a folder in the publication.
        library: the library's file; with one, no publication is needed.
        input_format: as for `collect_sources`.

    Raises:
        DigestError: a name is neither a source nor a file.
    """
    from digest.sources.network.harvest import plan

    root, publication = publication_around(folder, required=library is None and congress is None)
    chosen = _chosen(as_names(sources), congress, match, publication, root, input_format)
    return [SourcePlan(source=order.source.name, requests=tuple(plan(order.source))) for order in chosen]


def collect_sources(
    sources: Named = (),
    *,
    congress: Congress | None = None,
    match: str = "",
    folder: Path = Path(),
    library: Path | None = None,
    input_format: str = "",
    services: Mapping[str, str] | None = None,
    fresh: bool = False,
    again: bool = False,
    keys: Mapping[str, str] | None = None,
    today: PartialDate | None = None,
    notify: Notify = ignore,
    on_problems: Callable[[Sequence[Problem]], None] = ignore,
    on_intake: Callable[[Intake], None] = ignore,
    on_step: Step = ignore_step,
) -> Collection:
    """Reads sources into the library, and compares the frozen records of issues with what is new.

    Args:
        sources: names of sources in ``digest.yaml``, files, folders or addresses; one or several; none: all sources
            of ``digest.yaml``.
        congress: a congress to read as well; without sources, nothing else is read. In an empty folder a
            ``digest.yaml`` with it is made first.
        match: only records that fit this query are taken, of all that is read.
        folder: a folder in the publication.
        library: the library's file; none: the one in the publication. With one, no publication is needed.
        input_format: format of files and addresses; empty: it is recognised from their content.
        services: other addresses of services, by their names: ``crossref``, ``europepmc``, ``pubmed``.
        fresh: whether to start from the beginning where an earlier reading did not come to its end.
        again: whether to put back what was removed of these sources, and to read those that were removed.
        keys: keys of services, as `digest.inputs.client` takes them.
        today: the day of the collection; none: today.
        notify: is given, in words, what takes long.
        on_problems: is given the problems of records as they are read.
        on_intake: is given what came in from each source when it has been read.
        on_step: is given the source that is being read, and how many records have been read of it.

    Raises:
        DigestError: a name is neither a source nor a file, or the library cannot be written. A source that fails is
            in `failures`.
    """
    if match:
        Fitting(match)  # before anything is made
    if congress is not None and library is None:
        _begin(folder, congress, match, notify)
    from digest.sources.limited import PageReader

    root, publication = publication_around(folder, required=library is None)
    chosen = _chosen(as_names(sources), congress, match, publication, root, input_format)
    day = today or this_day()
    intakes: list[Intake] = []
    failures: list[DigestError] = []
    watch = FrozenWatch(root)

    def on_part(part: Intake) -> None:
        on_problems(part.problems)
        watch.note(part)

    declared = _expanded(publication.sources if publication else ())
    names = {order.source.name for order in declared}
    with (
        open_reconciled(root, library, make=True) as opened,
        client(root, publication, keys=keys, notify=notify, services=services) as network,
        PageReader() as reader,
    ):
        removed_on = {} if again else opened.removed_sources()
        reader.expect(_expected(chosen, declared, removed_on, opened, root, network, day))
        for order in chosen:
            source = order.source
            is_declared = any(order.place == other.place for other in declared)
            if source.address and not is_declared:
                source = _with_own_name(source, opened, root, names)
            if again:
                if (back := opened.restore(source=source.name)).arrivals:
                    notify(f"{source.name}: {len(back.ids)} of the records that were removed are back")
            elif removed := removed_on.get(source.name):
                intake = Intake(source=source.name, problems=[_not_read(source.name, removed)])
                on_problems(intake.problems)
                intakes.append(intake)
                on_intake(intake)
                continue
            local = bool(source.address) and not is_address(source.address)
            with opened.reading(source.name, today=day, fresh=fresh, whole=local, on_part=on_part) as reading:
                reading.note(*order.doubts)
                _read(source, reading, reader, network, root, day, notify, services or {}, on_step)
                if order.congress and not reading.intake.arrived and not reading.intake.left_out:
                    message = f"nothing was found of the {order.congress}: its abstracts may not be published yet"
                    reading.note(Problem(level="warning", code="nothing-found", message=message, file=source.name))
            if reading.first and reading.is_whole:
                watch.read_first(source.name)
            if reading.failures and not is_declared:
                opened.free_name(source.name)
            if is_declared or opened.holds(source.name):
                failed = reading.failures[0] if reading.failures else None
                opened.note_run(Run.of(reading.intake, day, failed))
            intakes.append(reading.intake)
            failures += reading.failures
            on_intake(reading.intake)
        watch.recognise(opened)
        frozen = tuple(watch.problems(opened))
    return Collection(intakes=tuple(intakes), failures=tuple(failures), frozen=frozen)


def _expected(
    chosen: Sequence[_Order],
    declared: Sequence[_Order],
    removed: Container[str],
    library: Library,
    root: Path,
    network: Client,
    day: PartialDate,
) -> Iterator[Page]:
    """The files that will be read, in order, as far as that can be known beforehand."""
    from digest.sources.network.harvest import pages

    taken = {order.source.name for order in declared}
    for order in chosen:
        source = order.source
        if not source.address or is_address(source.address) or source.name in removed:
            continue
        if not any(order.place == other.place for other in declared):
            name = library.probable_name(place_of(source, root, library.path), source.name, taken)
            taken.add(name)
            source = structs.replace(source, name=name)
        with contextlib.suppress(DigestError):
            for batch in pages(source, network, root=root, tell=ignore, retrieved=day, own=root):
                yield batch.page


def _not_read(source: str, removed: PartialDate) -> Problem:
    message = f"{source} was removed from the library on {removed}, and was not read; --again reads it"
    return Problem(level="warning", code="removed-source", message=message, key=source)


def _with_own_name(source: Source, library: Library, root: Path, declared: set[str]) -> Source:
    """The source under a name that no other file or address has in the library."""
    name = library.name_of(place_of(source, root, library.path), source.name, declared)
    return structs.replace(source, name=name)


def _read(
    source: Source,
    reading: Reading,
    reader: PageReader,
    network: Client,
    root: Path,
    day: PartialDate,
    notify: Notify,
    services: Mapping[str, str],
    on_step: Step,
) -> None:
    """One source into the library, a page at a time."""
    from digest.sources.network.harvest import BASES, pages

    choice = _Choice(source, on_step)
    if reading.resume:
        notify(f"{source.name}: resumes where it stopped last time (--fresh starts from the beginning)")
    batches = pages(
        source,
        network,
        root=root,
        tell=reading.note,
        resume=reading.resume,
        retrieved=day,
        own=root,
        bases={**BASES, **services},
    )
    try:
        for batch in batches:
            reading.take(choice.of(reader.read(batch.page)), part=batch.part, cursor=batch.cursor)
    finally:
        if choice.left_out:
            reading.note(*choice.problems(), left_out=choice.left_out)


_SHOWN_AT: Final = 50  # records after which it is shown again how many there are


class _Choice:
    """What of a source is taken: what fits its ``only`` and its ``match``. The rest is counted, with an example."""

    def __init__(self, source: Source, on_step: Step) -> None:
        self._source, self._on_step = source, on_step
        self._fits = Fitting(source.match) if source.match else None
        self._taken = self._read = 0
        self._others: dict[str, list[str]] = {}

    @property
    def left_out(self) -> int:
        """How many records were not taken."""
        return sum(map(len, self._others.values()))

    def of(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """The outcomes without the records that are not to be taken."""
        from digest.sources import Parsed

        for outcome in outcomes:
            self._read += 1
            if self._read % _SHOWN_AT == 0:
                self._on_step(f"Reading {self._source.name}", self._read, 0)
            reason = self._reason(outcome.record) if isinstance(outcome, Parsed) else ""
            if reason and isinstance(outcome, Parsed):
                record = outcome.record
                self._others.setdefault(reason, []).append(record.ids.doi or record.number or record.title.plain[:80])
            else:
                self._taken += isinstance(outcome, Parsed)
                yield outcome

    def _reason(self, record: Record) -> str:
        """Why a record is not taken; empty where it is."""
        for field, patterns in self._source.only.items():
            text = _text_of(record, field).casefold()
            if not any(fnmatchcase(text, one.strip().casefold()) for one in patterns.split("|")):
                return f"only “{patterns}” is taken ({field})"
        return f"only what fits “{self._source.match}” is taken" if self._fits and not self._fits(record) else ""

    def problems(self) -> Iterator[Problem]:
        """One problem for each reason: a warning where nothing is left of all records."""
        for reason, names in self._others.items():
            count = "one record was" if len(names) == 1 else f"{len(names):,} records were"
            yield Problem(
                level="note" if self._taken else "warning",
                code="left-out",
                message=f"{count} left out, because {reason}: {names[0]}{' is the first' if len(names) > 1 else ''}",
                file=self._source.name,
            )


def _text_of(record: Record, field: str) -> str:
    """A field of a record as text, for a pattern."""
    part = VolumePart.of(record.issue, record.supplement)
    texts = {
        "doi": record.ids.doi or "",
        "title": record.title.plain,
        "supplement": part.supplement or "",
        "issue": part.issue or "",
    }
    return texts[field] if field in texts else str(getattr(record, field))


def _chosen(
    names: Sequence[str],
    congress: Congress | None,
    match: str,
    publication: Publication | None,
    root: Path,
    input_format: str,
) -> list[_Order]:
    """The sources that are read: those that were named and the congress, each with the query, which is read once.

    Raises:
        DigestError: a name, a congress or a query is not right.
    """
    from digest.sources.presets import get_preset

    chosen: list[Source] = []
    if names or congress is None:
        chosen += sources_named(names, publication, root, input_format=input_format)
    if congress is not None:
        chosen.append(Source(preset=get_preset(congress.preset).name, year=congress.year))
    chosen = [structs.replace(source, match=match) if match else source for source in chosen]
    for query in {source.match for source in chosen if source.match}:
        Fitting(query)
    return _expanded(chosen)


class _Order(Struct, frozen=True, kw_only=True):
    """An ordinary source, the congress that it is for, if it is, and what is not sure about how it is asked."""

    source: Source
    congress: str = ""
    doubts: tuple[Problem, ...] = ()

    @property
    def place(self) -> tuple[str, str]:
        """The name and the address, of which there may be one in ``digest.yaml``."""
        return self.source.name, self.source.address


def _expanded(sources: Iterable[Source]) -> list[_Order]:
    """The ordinary sources of these."""
    from digest.sources.presets import expand

    orders: list[_Order] = []
    for source in sources:
        if not source.preset:
            orders.append(_Order(source=source))
            continue
        asked = expand(source)
        level: Level = "note" if asked.is_sure else "warning"
        message = "; ".join(asked.unsure)
        doubts = [Problem(level=level, code="unverified-preset", message=message, file=source.name)] if message else []
        title = f"{asked.preset.title} {asked.year}"
        orders += [
            _Order(source=one, congress=title, doubts=() if n else tuple(doubts)) for n, one in enumerate(asked.sources)
        ]
    return orders


def _begin(folder: Path, congress: Congress, match: str, notify: Notify) -> None:
    """Makes a ``digest.yaml`` with a congress, where a folder is empty and belongs to no publication."""
    from digest.sources.presets import expand_preset

    with contextlib.suppress(DigestError):
        find_publication(folder)
        return
    if any(not path.name.startswith(".") for path in folder.iterdir()):
        raise DigestError(
            "no publication here: there is no digest.yaml, and the folder is not empty",
            where=str(folder),
            expected="a folder with a digest.yaml, or an empty one",
            todo="“mkdir highlights && cd highlights” makes an empty one; --library FILE needs none",
        )
    asked: ExpandedPreset = expand_preset(congress.preset, congress.year)
    lines = [
        f"title: Highlights of the {asked.preset.title} {congress.year}",
        "sources:",
        f"  - preset: {asked.preset.name}",
        f"    year: {congress.year}",
        *([f"    match: {json.dumps(match, ensure_ascii=False)}"] if match else []),
    ]
    write_files({"digest.yaml": ("\n".join(lines) + "\n").encode()}, folder, was={"digest.yaml": None})
    notify("digest.yaml was made: title and sources can be changed there; “digest collect” reads them again")
