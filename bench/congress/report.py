"""The figures of a measurement as tables in Markdown, and how time grows with the size."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from bench.congress.processes import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

OURS: Final = "digest"
BEGIN: Final = "<!-- congress: written by ./run bench congress --record -->"
END: Final = "<!-- end of congress -->"
HEAD: Final = (
    "| abstracts | who | CPU, s | times digest | wall, s | times digest | peak, MiB | PDF, MiB | pages | tagged |",
    "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
)
EDITS_HEAD: Final = (
    "| what | changed | wall, s | CPU, s | peak, MiB | pages |",
    "| --- | --- | ---: | ---: | ---: | ---: |",
)


class Printed(Struct, frozen=True, kw_only=True):
    """A book that was made.

    Attributes:
        size: abstracts.
        who: the program.
        usage: what it took.
        content: bytes of the PDF; 0 where it failed.
        pages: pages of it.
        tagged: whether it has a structure tree.
    """

    size: int
    who: str
    usage: Usage
    content: int = 0
    pages: int = 0
    tagged: bool = False


def row(one: Printed, ours: Printed | None) -> str:
    """A line of the table of books.

    Args:
        one: the book.
        ours: the same made by this program, where that was measured.
    """
    if not one.content:
        return f"| {one.size:,} | {one.who} | failed ({one.usage.status}) | | | | | | | |"
    used = one.usage
    ratios = (
        [f"{used.cpu / ours.usage.cpu:.2f}", f"{used.wall / ours.usage.wall:.2f}"]
        if ours and ours.content
        else ["", ""]
    )
    return (
        f"| {one.size:,} | {one.who} | {used.cpu:.1f} | {ratios[0]} | {used.wall:.1f} | {ratios[1]} | {used.peak:,.0f} "
        f"| {one.content / 2**20:.1f} | {one.pages:,} | {'yes' if one.tagged else 'no'} |"
    )


def edit_row(what: str, changed: str, one: Printed) -> str:
    """A line of the table of changes."""
    used = one.usage
    if not one.content:
        return f"| {what} | {changed} | failed ({used.status}) | | | |"
    return f"| {what} | {changed} | {used.wall:.2f} | {used.cpu:.2f} | {used.peak:,.0f} | {one.pages:,} |"


def exponent(seconds: Mapping[int, float]) -> float | None:
    """How seconds grow with the size: 1 is linear, 2 quadratic; none for fewer than two sizes.

    The slope of the line through the logarithms that is nearest to them.
    """
    points = [(math.log(size), math.log(value)) for size, value in seconds.items() if size > 0 and value > 0]
    if len(points) < 2:
        return None
    mean_x, mean_y = (sum(column) / len(points) for column in zip(*points, strict=True))
    return math.fsum((x - mean_x) * (y - mean_y) for x, y in points) / math.fsum((x - mean_x) ** 2 for x, _ in points)


def growth(books: Sequence[Printed], *, least: int = 200) -> Iterator[str]:
    """For each program a line that says how its seconds of computing grow, from a size on."""
    for who in dict.fromkeys(one.who for one in books):
        made = {one.size: one.usage.cpu for one in books if one.who == who and one.content and one.size >= least}
        if (found := exponent(made)) is not None:
            sizes = f"from {min(made):,} to {max(made):,} abstracts"
            yield f"{who}: CPU grows as the size to the power of {found:.2f}, {sizes}."


def recorded(lines: Iterable[str], results: Path) -> None:
    """Writes lines into the file of results, in the place of those of the last time."""
    text = results.read_text(encoding="utf-8")
    begin, end = re.escape(BEGIN), re.escape(END)
    block = "\n".join([BEGIN, "", *lines, "", END])
    written, found = re.subn(rf"{begin}.*?{end}", lambda _: block, text, flags=re.DOTALL)
    assert found == 1, f"{results.name} has one place for these tables"
    results.write_text(written, encoding="utf-8")
