"""What the library gives out: records with their origins, what a search found, and what a source brought in."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from digest.errors import DigestError, Problem
from digest.model import PartialDate, Record


class Arrival(Struct, frozen=True, kw_only=True):
    """One origin of a record: what one source says, and when it was seen there.

    Attributes:
        n: its number in the library, for `Library.raw`.
        source: name of the source.
        identifier: the name that the source gives the record, or else what it is known by.
        where: file or address.
        format: format that it was read from.
        sha256: checksum of its bytes.
        first_seen: day of the first arrival.
        last_seen: day on which it was last seen.
        withdrawn: whether the source has taken it back.
        gone: whether it was missing when the source was last read to its end.
        record: the record as this source has it.
    """

    n: int
    source: str
    identifier: str
    where: str
    format: str
    sha256: str
    first_seen: PartialDate
    last_seen: PartialDate
    withdrawn: bool
    gone: bool
    record: Record


class Merge(Struct, frozen=True, kw_only=True):
    """A merge that was made.

    Attributes:
        id: id of the record.
        joined: what was joined to it: ``source identifier`` of an arrival, or the former id of a record.
        reason: why, for people.
        key: what they share.
        fields: fields of the record that changed by it; only while the merge is being made.
        day: when.
        undone: whether somebody has split them again.
        former_id: the id that the record had before, where the merge changed it; only while the merge is being made.
        within: whether one file held both; only while the merge is being made.
    """

    id: str
    joined: str
    reason: str
    key: str
    fields: tuple[str, ...] = ()
    day: PartialDate | None = None
    undone: bool = False
    former_id: str = ""
    within: bool = False


class Change(Struct, frozen=True, kw_only=True):
    """A record that one of its sources has changed.

    Attributes:
        id: id of the record.
        fields: fields of the merged record that changed; none where other sources take precedence.
        former_id: the id that it had before, where that changed.
    """

    id: str
    fields: tuple[str, ...]
    former_id: str = ""


class StudyLink(Struct, frozen=True, kw_only=True):
    """Two records that report on the same study, and are not merged.

    Attributes:
        id: one of them.
        other: the other one.
        reason: why, for people.
    """

    id: str
    other: str
    reason: str


class Highlight(Struct, frozen=True, kw_only=True):
    """An issue that a record is in.

    Attributes:
        issue: name of the issue.
        date: its date.
    """

    issue: str
    date: PartialDate


class Run(Struct, frozen=True, kw_only=True):
    """The last reading of a source, as `Intake` counts it.

    Attributes:
        source: name of the source.
        day: when.
        new: how many records were new.
        merged: how many arrivals were joined to a record that was there.
        changed: how many arrivals had changed.
        unchanged: how many had not.
        deleted: how many names the source had taken back.
        gone: how many arrivals it did not have any longer.
        refused: how many could not be read as records.
        problems: how many errors and warnings there were, of the first 1,000.
        failed: the error that ended the reading; empty where it came to its end.
    """

    source: str
    day: PartialDate
    new: int = 0
    merged: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    gone: int = 0
    refused: int = 0
    problems: int = 0
    failed: str = ""

    @classmethod
    def of(cls, intake: Intake, day: PartialDate, failed: DigestError | None) -> Run:
        """What is remembered of a reading."""
        counted = "new", "merged", "changed", "unchanged", "deleted", "gone", "refused"
        return cls(
            source=intake.source,
            day=day,
            problems=sum(problem.level != "note" for problem in intake.problems),
            failed=str(failed) if failed else "",
            **{name: getattr(intake, name) for name in counted},
        )


class Counts(Struct, frozen=True, kw_only=True):
    """How much a library holds.

    Attributes:
        records: records.
        arrivals: arrivals, of which the records were made.
        withdrawn: records that were withdrawn.
        gone: records that no source has any longer.
        frozen: records that are in an issue.
        sources: arrivals by the name of their source.
    """

    records: int
    arrivals: int
    withdrawn: int
    gone: int
    frozen: int
    sources: dict[str, int]


class StoredRecord(Struct, frozen=True, kw_only=True):
    """Everything that the library knows about one record.

    Attributes:
        record: the record, merged from its origins.
        origins: its arrivals, the first one first.
        merges: the merges that made it.
        links: other records of the same study.
        highlighted: issues that it is in.
        former_ids: ids that it had before; they still lead to it.
    """

    record: Record
    origins: tuple[Arrival, ...]
    merges: tuple[Merge, ...] = ()
    links: tuple[StudyLink, ...] = ()
    highlighted: tuple[Highlight, ...] = ()
    former_ids: tuple[str, ...] = ()


class Removal(Struct, frozen=True, kw_only=True):
    """What one source said about a record, and somebody has removed from the library.

    Attributes:
        id: the id that the record had.
        source: name of the source.
        day: when it was removed.
        record: the record as this source has it.
    """

    id: str
    source: str
    day: PartialDate
    record: Record


class Removed(Struct, frozen=True, kw_only=True):
    """What was removed from the library, or put back into it.

    Attributes:
        arrivals: how many arrivals.
        ids: ids of the records that are no longer there, or are there again.
        kept: ids of the records that stay with what other sources say, or have only got more sources again.
        issues: names of the issues that hold some of them frozen.
    """

    arrivals: int
    ids: tuple[str, ...]
    kept: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()


class Hit(Struct, frozen=True, kw_only=True):
    """One record that was found.

    Attributes:
        id: its id.
        record: the record.
        score: how well it fits; more is better.
        gone: whether no source has it any longer.
        snippet: the part of the abstract around the first word of the query, as plain text.
        highlighted: issues that it is in already.
    """

    id: str
    record: Record
    score: float
    gone: bool
    snippet: str
    highlighted: tuple[Highlight, ...] = ()


MOST_LISTED: Final = 1000


class Intake(Struct, kw_only=True):
    """What came in from one source, and what became of each arrival.

    Attributes:
        source: name of the source.
        new: how many records are new.
        merged: how many arrivals were joined to a record that was there.
        changed: how many arrivals differ from what their source said before.
        unchanged: how many arrivals say what they said before.
        removed: how many arrivals stay out, because somebody has removed them from the library.
        deleted: how many names their source has taken back.
        unknown: how many were taken back that never came in.
        refused: how many could not be read as records (problems of level ``error``).
        gone: how many arrivals a source that was read to its end does not have any longer.
        left_out: how many records did not fit what is to be taken of the source.
        new_ids: ids of the first 1,000 new records.
        merges: the first 1,000 merges that were made, with their reasons.
        changes: the first 1,000 records that changed, with their fields.
        deletions: ids of the first 1,000 records that were taken back.
        gone_ids: ids of the first 1,000 records that no source has any longer.
        links: the first 1,000 pairs of records of the same study that were found.
        problems: the first 1,000 problems, including those of records that came in.
        levels: the levels of all problems.
        stopped: the error that ended the reading early; what came before it is stored.
    """

    source: str
    new: int = 0
    merged: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    deleted: int = 0
    unknown: int = 0
    refused: int = 0
    gone: int = 0
    left_out: int = 0
    new_ids: list[str] = []
    merges: list[Merge] = []
    changes: list[Change] = []
    deletions: list[str] = []
    gone_ids: list[str] = []
    links: list[StudyLink] = []
    problems: list[Problem] = []
    levels: set[str] = set()
    stopped: DigestError | None = None

    @property
    def arrived(self) -> int:
        """How many arrivals there were, whatever became of them."""
        counted = self.new, self.merged, self.changed, self.unchanged, self.removed, self.deleted, self.unknown
        return sum(counted) + self.refused

    def add(self, other: Intake) -> None:
        """Adds what another part of the same source brought in."""
        for name in (
            "new",
            "merged",
            "changed",
            "unchanged",
            "removed",
            "deleted",
            "unknown",
            "refused",
            "gone",
            "left_out",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("new_ids", "gone_ids", "merges", "changes", "deletions", "links", "problems"):
            ours = getattr(self, name)
            ours += getattr(other, name)[: MOST_LISTED - len(ours)]
        self.levels |= {problem.level for problem in other.problems} | other.levels
