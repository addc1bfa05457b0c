"""Answers questions about a publication's library: which records fit, what is known of one, what was merged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from digest.errors import Problem
from digest.frozen import FrozenWatch
from digest.inputs import publication_around, this_day
from digest.library import Hit
from digest.query import check_query, unknown_fields
from digest.reconcile import open_reconciled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.inputs import Notify
    from digest.library import Library, Merge, Removal, Removed, StoredRecord
    from digest.model import PartialDate


class SearchResult(Struct, frozen=True, kw_only=True):
    """What a search found.

    Attributes:
        query: the query.
        hits: the records that fit, the best first.
        more: whether there are more than were asked for.
        unknown_fields: names before a colon in the query that are not fields; they were searched for as plain words.
        also: other forms of the words that were looked for as well.
        offers: where nothing was found: queries that differ in a word, and how many records each finds.
    """

    query: str
    hits: tuple[Hit, ...]
    more: bool
    unknown_fields: tuple[str, ...]
    also: tuple[str, ...] = ()
    offers: tuple[tuple[str, int], ...] = ()


class SplitRecord(Struct, frozen=True, kw_only=True):
    """What came of undoing the merges of a record.

    Attributes:
        ids: the ids of the records that it is now.
        frozen: warnings about frozen records that hold what now belongs to another record.
    """

    ids: tuple[str, ...]
    frozen: tuple[Problem, ...]


class LibraryCheck(Struct, frozen=True, kw_only=True):
    """Whether a library's file is intact.

    Attributes:
        count: how many records it holds.
        problems: what is wrong with it.
    """

    count: int
    problems: tuple[Problem, ...]


def open_library(*, folder: Path = Path(), library: Path | None = None, make: bool = False) -> Library:
    """The library of a publication, or the one in a file; use it in a ``with``.

    Args:
        folder: a folder in the publication.
        library: the library's file; none: the one in the publication. With one, no publication is needed.
        make: whether to make a library where there is none.

    Raises:
        DigestError: there is no publication or no library, or it cannot be opened.
    """
    root, _ = publication_around(folder, required=library is None)
    return open_reconciled(root, library, make=make)


def search_library(
    query: str,
    *,
    folder: Path = Path(),
    library: Path | None = None,
    limit: int | None = 20,
    since: PartialDate | None = None,
    until: PartialDate | None = None,
    track: str = "",
    source: str = "",
) -> SearchResult:
    """The records of the library that fit a query.

    Args:
        query: words, ``"phrases"``, ``beginnings*``, ``OR``, ``-word``, ``author:saif``, ``number:e15166``,
            ``year:2014``.
        folder: a folder in the publication.
        library: the library's file; with one, no publication is needed.
        limit: how many at most; none: all.
        since: only what was published on this day or later.
        until: only what was published on this day or earlier.
        track: only records of this track or session.
        source: only records of this source.

    Raises:
        DigestError: there is no library, or the query cannot be read.
    """
    check_query(query, fields=False)
    wanted = None if limit is None else limit + 1
    with open_library(folder=folder, library=library) as opened:
        hits = opened.search(query, limit=wanted, since=since, until=until, track=track, source=source)
        also = opened.other_forms(query)
        offers = () if hits else opened.offers(query)
    return SearchResult(
        query=query,
        hits=tuple(hits[:limit]),
        more=limit is not None and len(hits) > limit,
        unknown_fields=tuple(unknown_fields(query)),
        also=also,
        offers=offers,
    )


def get_record(
    name: str, *, folder: Path = Path(), library: Path | None = None, show: Notify | None = None
) -> StoredRecord:
    """What the library knows about a record, which is named by its id, a DOI, a PMID or its abstract number.

    Args:
        name: its id, a DOI, a PMID or its abstract number, whole; or the beginning of an id that only one record has.
        folder: a folder in the publication.
        library: the library's file; with one, no publication is needed.
        show: is given, in words, which record a beginning is taken for; none: beginnings are refused.

    Raises:
        DigestError: there is no library or no such record, or several have this name.
    """
    with open_library(folder=folder, library=library) as opened:
        return opened.get(name, show=show)


def get_record_bytes(
    name: str, *, folder: Path = Path(), library: Path | None = None, show: Notify | None = None
) -> list[bytes]:
    """The bytes that each source gave for a record, in the order of its origins.

    Raises:
        DigestError: as `get_record` does.
    """
    with open_library(folder=folder, library=library) as opened:
        return [opened.raw(origin) for origin in opened.get(name, show=show).origins]


def list_merges(*, folder: Path = Path(), library: Path | None = None) -> list[Merge]:
    """The merges of the library, the latest first.

    Raises:
        DigestError: there is no library.
    """
    with open_library(folder=folder, library=library) as opened:
        return list(opened.merges())


def split_record(name: str, *, folder: Path = Path(), library: Path | None = None) -> SplitRecord:
    """Undoes the merges of a record for good: each of its origins becomes a record again.

    Raises:
        DigestError: there is no library or no such record, or it was not merged.
    """
    root, _ = publication_around(folder, required=library is None)
    with open_reconciled(root, library) as opened:
        ids = opened.split(name)
        frozen = [one for one in FrozenWatch(root).problems(opened) if one.code == "frozen-split"]
    return SplitRecord(ids=tuple(ids), frozen=tuple(frozen))


def remove_records(
    names: str | Sequence[str] = (),
    *,
    source: str = "",
    folder: Path = Path(),
    library: Path | None = None,
    today: PartialDate | None = None,
    show: Notify | None = None,
) -> Removed:
    """Removes records from the library, or all that came from one source, and keeps it out from now on.

    Args:
        names: ids, DOIs, PMIDs or abstract numbers; one or several.
        source: name of a source.
        folder: a folder in the publication.
        library: the library's file; with one, no publication is needed.
        today: the day of the removal; none: today.
        show: is given, in words, which record the beginning of an id is taken for; none: beginnings are refused.

    Raises:
        DigestError: there is no library, no such record or no such source, or several records have a name.
    """
    with open_library(folder=folder, library=library) as opened:
        return opened.remove(_as_texts(names), source=source, today=today or this_day(), show=show)


def restore_records(
    names: str | Sequence[str] = (), *, source: str = "", folder: Path = Path(), library: Path | None = None
) -> Removed:
    """Puts back into the library what was removed: records by the ids or numbers they had, or all of one source.

    Raises:
        DigestError: there is no library, or nothing of the kind was removed.
    """
    with open_library(folder=folder, library=library) as opened:
        return opened.restore(_as_texts(names), source=source)


def list_removed(*, source: str = "", folder: Path = Path(), library: Path | None = None) -> list[Removal]:
    """What was removed from the library, the latest first; of one source, if one is named.

    Raises:
        DigestError: there is no library.
    """
    with open_library(folder=folder, library=library) as opened:
        return list(opened.removed(source))


def _as_texts(names: str | Sequence[str]) -> Sequence[str]:
    """One name, or several, as several."""
    return [names] if isinstance(names, str) else names


def check_library(*, folder: Path = Path(), library: Path | None = None) -> LibraryCheck:
    """Whether the library's file is intact, and how many records it holds.

    Raises:
        DigestError: there is no library.
    """
    with open_library(folder=folder, library=library) as opened:
        return LibraryCheck(count=len(opened), problems=tuple(opened.check()))
