"""Measures the book of a congress, made by this program and by others: ``./run bench congress --sizes 40,200,1000``.

Without an option: books of 40 and 200 abstracts by all that are installed. ``--edits`` adds what a change costs: in the
largest of these books, and in the sample issue. ``--only-edits`` measures nothing else. ``--steps`` prints where the
time of this program goes until the HTML for paper is there. ``--write FOLDER`` leaves the publication of the first size
there, ``--keep FOLDER`` all that was made. ``--record`` writes the tables into ``bench/RESULTS.md``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.congress import folder, peers, report, steps
from bench.congress.book import another, make, with_author, with_title, with_word
from bench.congress.processes import measured
from bench.congress.report import OURS, Printed
from digest import resources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.congress.book import Book
    from bench.congress.peers import Peer

ROOT: Final = Path(__file__).resolve().parents[2]
_BUILD: Final = (sys.executable, "-m", "digest", "build", "--to", "pdf")


def printed(size: int, who: str, command: Sequence[str], place: Path, pdf: Path) -> Printed:
    """Runs a command that makes a PDF, and looks at that.

    Args:
        size: abstracts of the book.
        who: the program.
        command: the command.
        place: the folder in which it runs.
        pdf: the PDF, or a pattern for its name, relative to this folder.
    """
    import pikepdf

    usage = measured(command, place)
    made = next(iter(place.glob(str(pdf))), None)
    if usage.status or made is None:
        print(f"{who} failed with {size} abstracts: exit status {usage.status}\n{usage.said}", file=sys.stderr)
        return Printed(size=size, who=who, usage=usage)
    with pikepdf.open(made) as opened:
        return Printed(
            size=size,
            who=who,
            usage=usage,
            content=made.stat().st_size,
            pages=len(opened.pages),
            tagged="/StructTreeRoot" in opened.Root,
        )


def ours(size: int, root: Path, *arguments: str) -> Printed:
    """A build of the publication in a folder."""
    for old in root.glob("issues/*/_build/issue.pdf"):
        old.unlink()
    return printed(size, OURS, (*_BUILD, *arguments), root, Path("issues/*/_build/issue.pdf"))


def changes(book: Book) -> Iterator[tuple[str, Callable[[Path], object]]]:
    """What is changed in the middle of a book: in words, and what does it in the folder of its issue."""
    size = len(book.abstracts)
    changed = middle = book.abstracts[size // 2]
    yield "nothing", lambda _: None
    for what, change in (("a word of an abstract", with_word), ("a title", with_title), ("an author", with_author)):
        changed = change(changed)  # so that each differs from the one before it in one place
        yield what, functools.partial(folder.write_record, abstract=changed)
    yield "an abstract added", lambda issue: folder.add(issue, another(book), after=middle)


def edits(book: Book, root: Path) -> Iterator[str]:
    """The rows of changes in a book that was built."""
    size = len(book.abstracts)
    (issue,) = root.glob("issues/*")
    for what, change in changes(book):
        change(issue)
        yield report.edit_row(f"{size:,} abstracts", what, ours(size, root))


def sample_edits(root: Path) -> Iterator[str]:
    """The rows of the sample issue: for the first time, nothing and a word changed."""
    shutil.copytree(resources.folder("seeds") / "sample", root, ignore=shutil.ignore_patterns("_build", ".cache"))
    (article,) = root.glob("issues/*/articles/cachexia.md")
    yield report.edit_row("sample issue", "for the first time", ours(7, root))
    yield report.edit_row("sample issue", "nothing", ours(7, root))
    text = article.read_text(encoding="utf-8")
    article.write_text(text.replace("Three cautions apply.", "Three cautions hold."), encoding="utf-8")
    assert article.read_text(encoding="utf-8") != text
    yield report.edit_row("sample issue", "a word of an article", ours(7, root))


def main() -> None:
    """Prints tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, prog="./run bench congress")
    parser.add_argument("--sizes", type=_numbers, default=[40, 200], metavar="N,N", help="abstracts (40,200)")
    parser.add_argument("--peers", type=_names, metavar="NAME,NAME", help=f"of {', '.join(peers.peers())}; “” for none")
    parser.add_argument("--only-peers", action="store_true", help="not this program")
    parser.add_argument("--edits", action="store_true", help="also what changes cost")
    parser.add_argument("--only-edits", action="store_true", help="only what changes cost, in the largest book")
    parser.add_argument("--steps", action="store_true", help="only the steps before the layout")
    parser.add_argument("--profile", action="store_true", help="only the functions that a build spends its time in")
    parser.add_argument("--plain", action="store_true", help="seven authors, and no tables, figures, references")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="only write the publication of the first size")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where all that is made stays")
    parser.add_argument("--record", action="store_true", help="write the tables into bench/RESULTS.md")
    given = parser.parse_args()
    if given.write:
        print(folder.write_publication(given.write, given.sizes[0], plain=given.plain))
        return
    with tempfile.TemporaryDirectory() as temporary:
        place = given.keep or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        if given.steps:
            for line in steps.table(given.sizes, place, plain=given.plain):
                print(line, flush=True)
            return
        if given.profile:
            print(steps.profile(given.sizes[0], place, plain=given.plain))
            return
        lines = []
        for line in _tables(given, place):
            print(line, flush=True)
            lines.append(line)
    if given.record:
        report.recorded(lines, ROOT / "bench" / "RESULTS.md")


def _tables(given: argparse.Namespace, place: Path) -> Iterator[str]:
    known = peers.peers()
    chosen = [known[name] for name in (known if given.peers is None else given.peers)]
    system = (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the beginning"
    )
    yield f"{dt.date.today().isoformat()}, {system}: `./run bench congress {' '.join(sys.argv[1:])}`."  # noqa: DTZ011 - this machine's day
    yield ""
    for peer in (peer for peer in chosen if peer.lacks):
        yield f"{peer.name} is not installed ({peer.lacks})."
    books: list[Printed] = []
    if not given.only_edits:
        yield from report.HEAD
        for size in given.sizes:
            book = make(size, plain=given.plain)
            own = [] if given.only_peers else [_own(book, place / str(size))]
            books += own
            yield from (report.row(one, one) for one in own)
            yield from _others(book, place / str(size), chosen, books)
        yield ""
        yield from (f"- {line}" for line in report.growth(books))
        yield from (f"- {peer.name}: {peer.note}." for peer in chosen if peer.note and not peer.lacks)
    if (given.edits and not given.only_peers) or given.only_edits:
        size = max(given.sizes)
        book, root = make(size, plain=given.plain), place / str(size) / OURS
        yield ""
        yield from report.EDITS_HEAD
        if given.only_edits:
            folder.write(book, root)
            yield report.edit_row(f"{size:,} abstracts", "for the first time", ours(size, root))
        yield from edits(book, root)
        yield from sample_edits(place / "sample")


def _own(book: Book, place: Path) -> Printed:
    folder.write(book, place / OURS)
    return ours(len(book.abstracts), place / OURS)


def _others(book: Book, place: Path, chosen: Sequence[Peer], books: list[Printed]) -> Iterator[str]:
    """The rows of one book made by others; each is added to those that were made."""
    size = len(book.abstracts)
    own = next((one for one in books if (one.who, one.size) == (OURS, size)), None)
    for peer in (peer for peer in chosen if not peer.lacks):
        sources = place / peer.name.partition(",")[0].replace(" ", "-")
        sources.mkdir(parents=True)
        peer.write(book, sources)
        books.append(printed(size, peer.name, peer.command, sources, Path("book.pdf")))
        yield report.row(books[-1], own)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _names(text: str) -> list[str]:
    names = [part for part in text.split(",") if part]
    if unknown := [name for name in names if name not in peers.peers()]:
        raise argparse.ArgumentTypeError(f"there is no peer “{unknown[0]}”; expected {', '.join(peers.peers())}")
    return names


if __name__ == "__main__":
    main()
