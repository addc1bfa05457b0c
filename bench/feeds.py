"""Feeds to records, compared with feedparser itself: ``python -m bench.feeds``; records per second, ratio, peak memory.

Both read the same bytes, in turn, in one run; each line is the median of the runs. ``cold`` is a process that reads its
first feed: ours loads its tables of societies and journals then, once. What feedparser leaves undone –
several authors, abstracts in parts, identifiers – is done on our side only. Memory is the peak resident set of a
process of its own.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import Final

RUNS: Final = 5
TEXT: Final = " ".join(["Ducks were followed for two years (p &lt; 0.05)."] * 25)
OURS: Final = "from digest.sources import Page, parse\ncount = sum(1 for _ in parse(Page(data, 'feed.xml')))"
THEIRS: Final = "import feedparser, io\ncount = len(feedparser.parse(io.BytesIO(data)).entries)"


def rss(count: int) -> bytes:
    """An e-TOC in RSS 1.0 with PRISM and Dublin Core, as publishers make them."""
    items = "".join(
        f'<item rdf:about="https://d.example/{n}"><title>A trial of &lt;i&gt;ducks&lt;/i&gt;, part {n}</title>'
        f"<link>https://d.example/{n}?af=R</link><description>&lt;p&gt;&lt;b&gt;Background:&lt;/b&gt; {TEXT}&lt;/p&gt;"
        f"&lt;p&gt;&lt;b&gt;Results:&lt;/b&gt; {TEXT}&lt;/p&gt;</description><dc:creator>Jane Roe</dc:creator>"
        "<dc:creator>Ana de la Cruz</dc:creator><dc:creator>John Q. Public</dc:creator><dc:date>2024-07-05</dc:date>"
        f"<dc:identifier>doi:10.1000/d.{n}</dc:identifier><prism:publicationName>Ducks</prism:publicationName>"
        f"<prism:volume>7</prism:volume><prism:number>3</prism:number><prism:startingPage>{n}</prism:startingPage></item>"
        for n in range(count)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rdf:RDF xmlns="http://purl.org/rss/1.0/" '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"><channel rdf:about="https://d.example/">'
        f"<title>Annals of Ducks</title><link>https://d.example/</link></channel>{items}</rdf:RDF>"
    ).encode()


def atom(count: int) -> bytes:
    """An Atom feed with all names in one element, as arXiv makes it."""
    items = "".join(
        f"<entry><id>oai:d.example:{n}</id><title>Ducks, part {n}</title><updated>2024-07-05T00:00:00Z</updated>"
        f'<link href="https://d.example/{n}" rel="alternate"/><summary>{TEXT}</summary><category term="ducks"/>'
        "<dc:creator>Jane Roe, Ana de la Cruz, John Q. Public</dc:creator></entry>"
        for n in range(count)
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"><title>Ducks</title>'
        f"<id>d</id>{items}</feed>"
    ).encode()


def measure(program: str, data: bytes, *, warm: bool) -> tuple[float, float, int]:
    """Seconds of reading, peak MiB and the count of records, of a new process."""
    first = f"whole, data = data, {rss(1)!r}\n{program}\ndata = whole\n" if warm else ""
    code = (
        f"import sys, time\ndata = sys.stdin.buffer.read()\nimport feedparser, digest.sources.formats.feeds\n{first}"
        f"start = time.perf_counter()\n{program}\nprint(time.perf_counter() - start, count)"
    )
    start = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(data)
        process.stdin.close()
        answer = process.stdout.read().split()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"a reader ended with {process.returncode} after {time.perf_counter() - start:.1f} s")
    return float(answer[0]), usage.ru_maxrss / 1024, int(answer[1])


def main() -> None:
    """Prints a table in Markdown."""
    print("| feed | records | ours, records/s | feedparser, records/s | ratio | ours, MiB | feedparser, MiB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    rows = (
        ("RSS 1.0 with PRISM", rss(1000), True),
        ("Atom", atom(1000), True),
        ("RSS 1.0, cold", rss(1000), False),
    )
    for label, data, warm in rows:
        ours, theirs = [], []
        for _ in range(RUNS):
            ours.append(measure(OURS, data, warm=warm))
            theirs.append(measure(THEIRS, data, warm=warm))
        count = ours[0][2]
        assert count == theirs[0][2], "one of the two lost records"
        seconds, peak = (statistics.median(run[n] for run in ours) for n in (0, 1))
        their_seconds, their_peak = (statistics.median(run[n] for run in theirs) for n in (0, 1))
        print(
            f"| {label} | {count} | {count / seconds:.0f} | {count / their_seconds:.0f} | "
            f"{their_seconds / seconds:.1f} | {peak:.0f} | {their_peak:.0f} |"
        )


if __name__ == "__main__":
    main()
