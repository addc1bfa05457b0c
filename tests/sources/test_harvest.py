"""Harvests: lists that end, lists that do not, and going on after a break without a record too few."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import InconsistentError, PartialDate
from digest.publication import Source
from digest.sources.network.failures import FetchError
from digest.sources.network.fetch import Client, Fetched
from digest.sources.network.harvest import BASES, Batch, pages, plan
from digest.sources.network.limits import Clock, FetchLimits
from tests.conftest import files_of
from tests.sources.server import Exchange, Server, Striding, client

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.errors import Problem

    Handler = Callable[[Exchange], None]

LIMITS = FetchLimits(connect=60, read=60, total=600, tries=1)
DAY = PartialDate.parse("2026-11-25")


class Run:
    """What came of a harvest: its pages, what it reported, and how it ended."""

    def __init__(
        self,
        source: Source,
        server: Server | None,
        root: Path,
        resume: str = "",
        most: int = 100,
        clock: Clock | None = None,
    ) -> None:
        self.batches: list[Batch] = []
        self.reported: list[Problem] = []
        self.failed = ""
        servers = [server] if server else []
        bases = dict.fromkeys(BASES, server.url + "/api" if server else "")
        with client(*servers, limits=LIMITS, clock=clock) as asking:
            harvest = pages(
                source,
                asking,
                root=root,
                tell=self.reported.append,
                resume=resume,
                retrieved=DAY,
                bases=bases,
                most=most,
            )
            try:
                self.batches.extend(harvest)
            except FetchError as error:
                self.failed = str(error)

    @property
    def cursor(self) -> str:
        return self.batches[-1].cursor if self.batches else ""

    @property
    def codes(self) -> list[str]:
        return [problem.code for problem in self.reported]

    def found(self, pattern: str) -> list[str]:
        """What matches in the pages, in order."""
        return [hit for batch in self.batches for hit in re.findall(pattern, batch.page.content.decode())]


def oai(body: str, token: str | None = None, more: str = "") -> str:
    """An OAI-PMH answer."""
    if token is not None:
        body += f"<resumptionToken {more}>{escape(token)}</resumptionToken>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>2026-11-25T00:00:00Z</responseDate><request/><ListRecords>{body}</ListRecords></OAI-PMH>"
    )


def records(*names: object) -> str:
    return "".join(
        f"<record><header><identifier>oai:x:{name}</identifier><datestamp>2026-01-01</datestamp></header>"
        f"<metadata><dc xmlns='urn:dc'><title>T{name}</title></dc></metadata></record>"
        for name in names
    )


def problem(code: str, said: str = "no") -> str:
    return f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="{code}">{said}</error></OAI-PMH>'


LISTS: dict[str, dict[str, str]] = {
    "one": {"": oai(records(1, 2))},
    "three": {"": oai(records(1, 2), "a"), "a": oai(records(3), "b"), "b": oai(records(4))},
    "empty-token": {"": oai(records(1), "a"), "a": oai(records(2), "")},
    "nothing": {"": problem("noRecordsMatch")},
    "nothing-more": {"": oai(records(1), "a"), "a": problem("noRecordsMatch")},
    "empty-end": {"": oai(records(1), "a"), "a": oai("")},
    "empty-between": {"": oai(records(1), "a"), "a": oai("", "b"), "b": oai(records(2))},
    "nasty": {"": oai(records(1), "a&b=c d+e%20/?#é"), "a&b=c d+e%20/?#é": oai(records(2))},
    "ampersand": {"": oai(records(1) + "<x>A & B</x>", "a"), "a": oai(records(2))},
    "control": {"": oai(records(1) + "<x>\x01</x>", "a&b"), "a&b": oai(records(2))},
    "comment": {"": "<!-- hello -->\n" + oai(records(1), "a")[38:], "a": oai(records(2))},
    "whole-list": {
        "": oai(records(1, 2), "a", 'completeListSize="3" cursor="0"'),
        "a": oai(records(3), "", 'completeListSize="3"'),
    },
    "too-few": {
        "": oai(records(1, 2), "a", 'completeListSize="21"'),
        "a": oai(records(3), "", 'completeListSize="21"'),
    },
    "silence": {"": oai("")},
    "same-token": {"": oai(records(1), "a"), "a": oai(records(2), "a")},
    "cycle": {
        "": oai(records(1), "a"),
        "a": oai(records(2), "b"),
        "b": oai(records(3), "c"),
        "c": oai(records(4), "a"),
    },
    "html": {"": oai(records(1), "a"), "a": "<!DOCTYPE html><html><body>down for maintenance</body></html>"},
    "cut": {"": oai(records(1), "a"), "a": oai(records(2, 3), "b")[:-70]},
    "not-xml": {"": "It works!"},
    "void": {"": ""},
    "atom": {"": "<feed xmlns='http://www.w3.org/2005/Atom'/>"},
    "no-namespace": {"": "<OAI-PMH><ListRecords/></OAI-PMH>"},
    "entities": {"": "<!DOCTYPE x [<!ENTITY a 'b'>]>" + oai(records(1))[38:]},
    "bad-encoding": {"": '<?xml version="1.0" encoding="x-no-such"?>' + oai(records(1))[38:]},
    "bad-argument": {"": problem("badArgument", "set &lt;b&gt; unknown")},
    "bad-prefix": {"": problem("cannotDisseminateFormat")},
    "expired": {"": oai(records(1), "a"), "a": problem("badResumptionToken")},
    "deep": {"": oai("<record><header><identifier>1</identifier></header>" + "<a>" * 5000)},
}


def repository(name: str) -> Handler:
    def answer(exchange: Exchange) -> None:
        assert exchange.query["verb"] == "ListRecords"
        token = exchange.query.get("resumptionToken", "")
        assert bool(token) is (set(exchange.query) == {"verb", "resumptionToken"})
        number = int(token[1:] or 0) if token[:1] == "n" else 0
        if name == "endless":
            exchange.reply(oai(records(number), f"n{number + 1}"))
        elif name == "endless-announced":
            names = range(200 * number, 200 * number + 200)
            exchange.reply(oai(records(*names), f"n{number + 1}", 'completeListSize="500"'))
        elif name == "endless-empty":
            exchange.reply(oai("", f"n{number + 1}"))
        elif name == "endless-same":
            exchange.reply(oai(records(1, 2), f"n{number + 1}"))
        else:
            exchange.reply(LISTS[name][token])

    return answer


@pytest.mark.parametrize(
    ("name", "titles", "failed", "codes"),
    [
        ("one", "T1 T2", "", []),
        ("three", "T1 T2 T3 T4", "", []),
        ("empty-token", "T1 T2", "", []),
        ("nothing", "", "", []),
        ("nothing-more", "T1", "", []),
        ("empty-end", "T1", "", []),
        ("empty-between", "T1 T2", "", []),
        ("nasty", "T1 T2", "", []),
        ("ampersand", "T1 T2", "", []),
        ("control", "T1 T2", "", []),
        ("comment", "T1 T2", "", []),
        ("whole-list", "T1 T2 T3", "", []),
        ("too-few", "T1 T2 T3", "", ["incomplete"]),
        ("silence", "", "", ["empty-source"]),
        ("same-token", "T1 T2", "the list leads back to a part that was already fetched", []),
        ("cycle", "T1 T2 T3 T4", "the list leads back to a part that was already fetched", []),
        ("endless", " ".join(f"T{n}" for n in range(20)), "the list has more than 20 parts; run again", []),
        ("endless-empty", "", "5 parts of the list in a row held nothing new", []),
        ("endless-same", "T1 T2 " * 6, "5 parts of the list in a row held nothing new", []),
        ("html", "T1", "expected an answer of OAI-PMH 2.0|the answer contains a DOCTYPE|the answer is not XML", []),
        ("cut", "T1 T2 T3", "the answer is cut off or damaged", []),
        ("not-xml", "", "the answer is not XML: It works!; expected OAI-PMH 2.0", []),
        ("void", "", "the answer is not XML", []),
        ("atom", "", "the answer begins with <{http://www.w3.org/2005/Atom}feed>", []),
        ("no-namespace", "", "the answer begins with <OAI-PMH>; expected an answer of OAI-PMH 2.0", []),
        ("entities", "", "the answer contains a DOCTYPE", []),
        ("bad-encoding", "T1", "", []),
        ("bad-argument", "", "the repository says badArgument: set <b> unknown; check “set”", []),
        ("bad-prefix", "", "the repository says cannotDisseminateFormat: no; use another “prefix”", []),
        ("expired", "T1 T1", "the service does not know the place in its own list: no", ["list-anew"]),
        ("deep", "", "", []),
    ],
)
def test_oai(name: str, titles: str, failed: str, codes: list[str], tmp_path: Path) -> None:
    """Every record that a repository gives comes in order, and a list that goes wrong ends with its reason."""
    with Server(repository(name)) as server:
        run = Run(Source(name="x", oai=f"{server.url}/oai"), server, tmp_path, most=20)
    assert run.found("<title>(T[0-9]+)</title>") == titles.split()
    assert bool(run.failed) is bool(failed)
    assert re.search("|".join(re.escape(part) for part in failed.split("|")), run.failed), run.failed
    assert run.codes == codes
    assert all(batch.page.source == "x" and batch.page.retrieved == DAY for batch in run.batches)


def test_a_list_that_does_not_end_where_it_said(tmp_path: Path) -> None:
    """A list far longer than announced is left, with what came; an announced number may be an estimate."""
    with Server(repository("endless-announced")) as server:
        run = Run(Source(name="x", oai=f"{server.url}/oai"), server, tmp_path)
    assert len(run.found("<title>(T[0-9]+)</title>")) == 2200
    assert "the list announced 500 records and does not end after 2,200" in run.failed


def test_a_source_has_a_limit(tmp_path: Path) -> None:
    """A list without end takes a quarter of an hour at most; what came is kept, and the next run goes on from there."""
    with Server(repository("endless")) as server:
        source = Source(name="x", oai=f"{server.url}/oai")
        first = Run(source, server, tmp_path, clock=Striding(20))
        second = Run(source, server, tmp_path, resume=first.cursor, clock=Striding(20))
    assert "its answers took more than 15 minutes; run again: it goes on from here" in first.failed
    came = [*first.found("<title>T([0-9]+)</title>"), *second.found("<title>T([0-9]+)</title>")]
    assert [int(number) for number in came] == list(range(len(came)))
    assert first.batches
    assert second.batches


def test_oai_asks_for_what_the_source_says(tmp_path: Path) -> None:
    """Set, metadata format and days go into the first request, and only there."""
    source = Source(
        name="x",
        oai="https://example.org/?page=oai",
        set="a b&c",
        prefix="jats",
        since=PartialDate.parse("2014"),
        until=PartialDate.parse("2016-02"),
    )
    assert plan(source) == [
        "https://example.org/?page=oai&verb=ListRecords&metadataPrefix=jats&set=a%20b%26c&from=2014-01-01&until=2016-02-29"
    ]
    with Server(lambda exchange: exchange.reply(oai(records(1)))) as server:
        Run(msgspec.structs.replace(source, oai=f"{server.url}/?page=oai"), server, tmp_path)
    assert server.requests[0].query["set"] == "a b&c"


@pytest.mark.parametrize("kind", ["oai", "crossref", "europepmc", "pubmed"])
def test_going_on_after_a_break(kind: str, tmp_path: Path) -> None:
    """Broken at whatever request, a harvest goes on exactly after the last page that it gave."""
    service = {"oai": OaiList, "crossref": CrossrefList, "europepmc": EuropePmcList, "pubmed": PubMed}[kind](450)
    with Server(service.answer) as server:
        source = service.source(server)
        whole = Run(source, server, tmp_path)
        assert not whole.failed
        assert whole.cursor == ""
        assert service.names(whole) == service.all
        for breaks in range(1, len(server.requests)):
            service.breaks = breaks
            first = Run(source, server, tmp_path)
            assert "answers 500" in first.failed
            service.breaks = 0
            second = Run(source, server, tmp_path, resume=first.cursor)
            assert not second.failed
            assert service.names(first) + service.names(second) == service.all
        other = Run(
            msgspec.structs.replace(source, **service.other(server)), server, tmp_path, resume=whole.batches[0].cursor
        )
        assert service.names(other) == service.all, "a cursor of another question is none"
        for rubbish in ("{", "x" * 1000, '{"of": 1}', "\ud800"):
            assert service.names(Run(source, server, tmp_path, resume=rubbish)) == service.all


class Fake:
    """A service with so many records, 200 or 100 to a part, that fails at the n-th request when it is asked to."""

    step = 200

    def __init__(self, size: int) -> None:
        self.size = size
        self.breaks = 0
        self.all = [f"T{n}" for n in range(size)]

    def answer(self, exchange: Exchange) -> None:
        if self.breaks:
            self.breaks -= 1
            if not self.breaks:
                exchange.reply("broken", status=500)
                return
        self.part(exchange)

    def part(self, exchange: Exchange) -> None:
        raise NotImplementedError

    def source(self, server: Server) -> Source:
        raise NotImplementedError

    def other(self, server: Server) -> dict[str, Any]:
        raise NotImplementedError

    def names(self, run: Run) -> list[str]:
        return run.found(r"\bT[0-9]+\b")


class OaiList(Fake):
    step = 100

    def part(self, exchange: Exchange) -> None:
        start = int(exchange.query.get("resumptionToken", "0"))
        following = start + self.step
        exchange.reply(
            oai(records(*range(start, min(following, self.size))), str(following) if following < self.size else "")
        )

    def source(self, server: Server) -> Source:
        return Source(name="x", oai=f"{server.url}/oai")

    def other(self, server: Server) -> dict[str, Any]:
        return {"oai": f"{server.url}/other"}


class CrossrefList(Fake):
    def part(self, exchange: Exchange) -> None:
        assert exchange.query["rows"] == "200"
        cursor = exchange.query["cursor"]
        start = 0 if cursor == "*" else int(cursor.rpartition("=")[2])
        items = [{"title": [name]} for name in self.all[start : start + self.step]]
        message = {"items": items, "next-cursor": f"a+b/c={start + len(items)}", "total-results": self.size}
        exchange.reply(json.dumps({"status": "ok", "message": message}))

    def source(self, server: Server) -> Source:
        del server
        return Source(name="x", crossref={"query.bibliographic": "pancreas", "filter": "issn:1590-8577"})

    def other(self, server: Server) -> dict[str, Any]:
        del server
        return {"crossref": {"query": "liver"}}


class EuropePmcList(Fake):
    def part(self, exchange: Exchange) -> None:
        assert exchange.query["resultType"] == "core"
        mark = exchange.query["cursorMark"]
        start = 0 if mark == "*" else int(mark.rpartition("=")[2])
        items = [{"title": name} for name in self.all[start : start + self.step]]
        following = f"AoI+/={start + len(items)}" if items else mark
        exchange.reply(
            json.dumps({"hitCount": self.size, "nextCursorMark": following, "resultList": {"result": items}})
        )

    def source(self, server: Server) -> Source:
        del server
        return Source(name="x", europepmc="pancreas & liver")

    def other(self, server: Server) -> dict[str, Any]:
        del server
        return {"europepmc": "liver"}


class PubMed(Fake):
    """E-utilities over records that were entered one a day from 2000-01-01, several on a day where `a_day` says so."""

    a_day = 1

    def days(self, query: dict[str, str]) -> list[str]:
        first, last = (date.fromisoformat(query[name].replace("/", "-")) for name in ("mindate", "maxdate"))
        begin, end = ((day - date(2000, 1, 1)).days * self.a_day for day in (first, last + timedelta(days=1)))
        return self.all[max(begin, 0) : max(end, 0)]

    def part(self, exchange: Exchange) -> None:
        query = exchange.query
        if exchange.path.endswith("/esearch.fcgi"):
            assert query["usehistory"] == "y"
            names = self.days(query) if "mindate" in query else self.all
            history = "|".join([query.get("mindate", ""), query.get("maxdate", "")])
            result = {"count": str(len(names)), "webenv": history, "querykey": "1"}
            exchange.reply(json.dumps({"esearchresult": result}))
            return
        first, _, last = query["WebEnv"].partition("|")
        names = self.days({"mindate": first, "maxdate": last}) if first else self.all
        start = int(query["retstart"])
        assert start <= 9_998
        found = names[start : min(start + int(query["retmax"]), 9_999)]
        body = "".join(f"<PubmedArticle><Title>{name}</Title></PubmedArticle>\n" for name in found)
        exchange.reply(f"<?xml version='1.0'?><PubmedArticleSet>{body}</PubmedArticleSet>\n")

    def source(self, server: Server) -> Source:
        del server
        return Source(name="x", pubmed="pancreas[ti] AND 2014[dp]")

    def other(self, server: Server) -> dict[str, Any]:
        del server
        return {"pubmed": "liver"}


def test_more_than_pubmed_gives_at_once(tmp_path: Path) -> None:
    """A query with more records than PubMed gives is cut by date until each part has few enough; none is lost."""
    service = PubMed(12_000)
    with Server(service.answer) as server:
        run = Run(service.source(server), server, tmp_path, most=1000)
        assert not run.failed
        assert sorted(service.names(run)) == sorted(service.all)
        assert run.reported == []
        half = len(run.batches) // 2
        rest = Run(service.source(server), server, tmp_path, resume=run.batches[half].cursor)
        assert [batch.page.content for batch in rest.batches] == [
            batch.page.content for batch in run.batches[half + 1 :]
        ]


def test_more_than_pubmed_gives_of_one_day(tmp_path: Path) -> None:
    """Records of one day that are more than PubMed gives are reported."""
    service = PubMed(10_500)
    service.a_day = 20_000
    with Server(service.answer) as server:
        run = Run(service.source(server), server, tmp_path)
    assert len(service.names(run)) == 9_999
    assert run.codes == ["incomplete", "incomplete"]
    assert "one day has 10,500 records, and PubMed gives the first 9,999" in run.reported[0].message


@pytest.mark.parametrize(
    ("search", "fetched", "said"),
    [
        ({"error": "API rate limit exceeded", "count": "11"}, "", "PubMed says: API rate limit exceeded"),
        ({"esearchresult": {"ERROR": "Search Backend failed"}}, "", "PubMed says: Search Backend failed"),
        ({"esearchresult": {"count": "3"}}, "", "PubMed did not say how many"),
        ({"esearchresult": {"count": "many", "webenv": "a", "querykey": "1"}}, "", "PubMed did not say how many"),
        ({"esearchresult": []}, "", "PubMed says"),
        ([], "", "the answer is not a JSON object"),
        ("<html>", "", "the answer is not a JSON object"),
        (
            None,
            "<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>",
            "PubMed says: Unable to obtain query #1",
        ),
        (None, '{"error":"API rate limit exceeded"}', "PubMed says: API rate limit exceeded"),
        (None, "<html><body>maintenance</body></html>", "PubMed says: <html><body>maintenance"),
        (None, "<PubmedArticleSet><PubmedArticle><x>", "the answer is cut off; expected </PubmedArticleSet>"),
        (None, "", "PubMed says"),
    ],
)
def test_pubmed_complaints(search: Any, fetched: str, said: str, tmp_path: Path) -> None:  # noqa: ANN401 - any JSON
    """Complaints come with status 200, and are heard."""
    good = {"esearchresult": {"count": "3", "webenv": "a", "querykey": "1"}}

    def answer(exchange: Exchange) -> None:
        exchange.reply(fetched if "efetch" in exchange.path else json.dumps(good if search is None else search))

    with Server(answer) as server:
        run = Run(Source(name="x", pubmed="pancreas"), server, tmp_path)
    assert said in run.failed
    assert not run.batches


def test_pubmed_words_that_were_not_found(tmp_path: Path) -> None:
    """Words of a query that PubMed left out are reported, and so are records that it withheld."""
    result = {
        "count": "2",
        "webenv": "a",
        "querykey": "1",
        "errorlist": {"phrasesnotfound": ["pancreaz"], "fieldsnotfound": []},
        "warninglist": {"outputmessages": ["whatever"], "quotedphrasesnotfound": ['"a b"']},
    }

    def answer(exchange: Exchange) -> None:
        one = "<PubmedArticleSet><PubmedArticle></PubmedArticle></PubmedArticleSet>"
        exchange.reply(one if "efetch" in exchange.path else json.dumps({"esearchresult": result}))

    with Server(answer) as server:
        run = Run(Source(name="x", pubmed="pancreaz"), server, tmp_path)
    assert len(run.batches) == 1
    assert run.codes == ["query", "query", "incomplete", "incomplete"]
    assert "PubMed searched without pancreaz (phrasesnotfound)" in run.reported[0].message


@pytest.mark.parametrize(
    ("kind", "answer", "said", "codes"),
    [
        ("crossref", {"message": {"items": [], "total-results": 0}}, "", []),
        ("crossref", {"message": {"items": [], "total-results": 7}}, "", ["incomplete"]),
        ("crossref", {"message": [{"message": "Filter foo is unknown"}]}, "Crossref says: Filter foo is unknown", []),
        ("crossref", {"message": {}}, "the answer has no list of works", []),
        ("crossref", {"message": {"items": [1], "next-cursor": "a"}}, "5 parts of the list in a row", []),
        ("crossref", {"message": {"items": [1], "next-cursor": "a", "total-results": 3}}, "5 parts of the list", []),
        ("crossref", {"message": {"items": [1], "next-cursor": 5}}, "", []),
        ("crossref", "[" * 100_000, "the answer is not JSON", []),
        ("crossref", b"\xff\xfe", "the answer is not JSON", []),
        ("europepmc", {"errCode": 404, "errMsg": "Invalid\nquery"}, "Europe PMC says: Invalid query", []),
        ("europepmc", {"hitCount": 0, "resultList": {"result": []}}, "", []),
        ("europepmc", {"hitCount": 3, "nextCursorMark": "*", "resultList": {"result": [1]}}, "", ["incomplete"]),
        ("europepmc", {"hitCount": 9, "nextCursorMark": "a", "resultList": {"result": [1]}}, "", ["incomplete"]),
        ("europepmc", {"resultList": []}, "the answer has no list of results", []),
    ],
)
def test_json_services(kind: str, answer: Any, said: str, codes: list[str], tmp_path: Path) -> None:  # noqa: ANN401 - any JSON
    """A service that complains, stops early or repeats itself is heard."""
    source = Source(name="x", **{kind: {"query": "x"} if kind == "crossref" else "x"})  # type: ignore[arg-type]  # one of two kinds
    body = answer if isinstance(answer, str | bytes) else json.dumps(answer)
    with Server(lambda exchange: exchange.reply(body)) as server:
        run = Run(source, server, tmp_path)
    assert said in run.failed
    assert bool(said) is bool(run.failed)
    assert run.codes == codes


def test_an_answer_that_was_cut_off_is_asked_for_again(tmp_path: Path) -> None:
    """The next run begins with the part that came cut off, and not before it."""
    with Server(repository("cut")) as server:
        source = Source(name="x", oai=f"{server.url}/oai")
        first = Run(source, server, tmp_path)
        again = Run(source, server, tmp_path, resume=first.cursor)
    assert again.found("<title>(T[0-9]+)</title>") == ["T2", "T3"]


def test_a_query_that_has_changed_meanwhile(tmp_path: Path) -> None:
    """A result that has grown between two runs is taken from its beginning: its order may be another."""
    service = PubMed(450)
    with Server(service.answer) as server:
        source = service.source(server)
        cursor = Run(source, server, tmp_path).batches[0].cursor
        service.all.insert(0, "T999")
        assert service.names(Run(source, server, tmp_path, resume=cursor)) == service.all


def test_a_place_that_has_expired(tmp_path: Path) -> None:
    """A place in a list that the service has forgotten is reported, and the list is fetched again from the start."""
    service = CrossrefList(450)
    with Server(service.answer) as server:
        source = service.source(server)
        cursor = Run(source, server, tmp_path).batches[0].cursor
        service.part = lambda exchange: (  # type: ignore[method-assign]  # a service that forgets
            exchange.reply("cursor is gone", status=404)
            if exchange.query["cursor"] != "*" and len(server.requests) < 6
            else CrossrefList.part(service, exchange)
        )
        run = Run(source, server, tmp_path, resume=cursor)
    assert run.codes == ["list-anew"]
    assert service.names(run) == service.all


def test_dates_of_services() -> None:
    """What a span of time means is written into the request of each service."""
    span = {"since": PartialDate.parse("2014-05-20"), "until": PartialDate.parse("2014-06")}
    (crossref,) = plan(Source(name="x", crossref={"filter": "issn:1590-8577"}, **span))  # type: ignore[arg-type]  # two of its fields
    assert "filter=issn%3A1590-8577%2Cfrom-update-date%3A2014-05-20%2Cuntil-update-date%3A2014-06-30" in crossref
    (europe,) = plan(Source(name="x", europepmc="a OR b", **span))  # type: ignore[arg-type]  # two of its fields
    assert "query=%28a%20OR%20b%29%20AND%20%28UPDATE_DATE%3A%5B2014-05-20%20TO%202014-06-30%5D%29" in europe
    search, fetched = plan(Source(name="x", pubmed="a b", **span))  # type: ignore[arg-type]  # two of its fields
    assert "term=a%20b" in search
    assert "datetype=mdat&mindate=2014%2F05%2F20&maxdate=2014%2F06%2F30" in search
    assert "retmax=200" in fetched
    assert plan(Source(name="x", address="inbox")) == ["inbox"]


def test_files(tmp_path: Path) -> None:
    """A folder gives its files in order, each by its own name, hidden ones left out."""
    for name in ("b.ris", "a.xml", ".hidden", "sub/c.bib", "sub/.git/x"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(name)
    (tmp_path / "in" / "gone.xml").symlink_to("nowhere")
    source = Source(name="x", address="in", format="ris", columns={"Title": "title"})
    run = Run(source, None, tmp_path)
    assert [batch.page.where for batch in run.batches] == ["in/a.xml", "in/b.ris", "in/sub/c.bib"]
    assert [batch.page.content for batch in run.batches] == [b"a.xml", b"b.ris", b"sub/c.bib"]
    assert run.batches[0].page.format == "ris"
    assert run.batches[0].page.columns == {"Title": "title"}
    assert [batch.part for batch in run.batches] == ["a.xml", "b.ris", "sub/c.bib"]
    assert run.cursor == ""
    assert run.codes == ["unreadable"]
    one = Run(Source(name="x", address="in/a.xml"), None, tmp_path)
    assert [(batch.page.where, batch.cursor) for batch in one.batches] == [("in/a.xml", "")]


def test_a_folder_that_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in a folder that may not be read is missing: it is named, and the others are read."""
    for name in ("a.ris", "locked/b.ris"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(name)
    look = os.scandir

    def refuse(path: str | os.PathLike[str]) -> object:  # whoever runs the tests may read everything
        if os.fspath(path).endswith("locked"):
            raise PermissionError(errno.EACCES, "Permission denied", os.fspath(path))
        return look(path)

    monkeypatch.setattr(os, "scandir", refuse)
    run = Run(Source(name="x", address="in", format="ris"), None, tmp_path)
    assert [batch.part for batch in run.batches] == ["a.ris"]
    assert [str(problem) for problem in run.reported] == [
        "in/locked, x: error: this folder cannot be read: Permission denied [unreadable]"
    ]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nowhere.xml", "the file does not exist"),
        ("/dev/null", "this is a device, not a file"),
        ("a\0b", "not "),
        ("file:///etc/passwd", "the scheme “file:” is not supported"),
        ("ftp://example.org/x", "the scheme “ftp:” is not supported"),
    ],
)
def test_addresses_that_give_nothing(address: str, said: str, tmp_path: Path) -> None:
    """A missing file, or an address of another kind, is reported."""
    run = Run(Source(name="x", address=address), None, tmp_path)
    assert said in run.failed
    assert not run.batches


def test_an_empty_folder_is_reported(tmp_path: Path) -> None:
    """A folder without files gives nothing, and says so."""
    assert Run(Source(name="x", address="."), None, tmp_path).codes == ["empty-source"]


def test_an_address_on_the_web(tmp_path: Path) -> None:
    """An address gives one page, whatever its format."""
    with Server(lambda exchange: exchange.reply("<rss/>")) as server:
        run = Run(Source(name="x", address=f"{server.url}/feed?key=HIDDEN"), server, tmp_path)
    ((page, cursor),) = ((batch.page, batch.cursor) for batch in run.batches)
    assert (page.content, page.where, cursor) == (b"<rss/>", f"{server.url}/feed?key=***", "")
    assert "application/rss+xml" in server.requests[0].headers["accept"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "exactly one of address, pubmed, europepmc, crossref, oai, preset; found none"),
        ({"address": "a", "pubmed": "b"}, "found address and pubmed"),
        ({"address": "a", "since": DAY}, "cannot be asked for a span of time"),
        ({"pubmed": "a", "since": DAY, "until": PartialDate.parse("2014")}, "since (2026-11-25) is after until (2014)"),
        ({"pubmed": "a", "set": "b"}, "only an OAI-PMH repository has sets"),
        ({"crossref": {"rows": "5"}}, "the parameter “rows” is set by the program"),
    ],
)
def test_sources_that_contradict_themselves(fields: dict[str, Any], said: str) -> None:
    """A source that cannot be meant is refused with the reason."""
    with pytest.raises(InconsistentError, match=re.escape(said)):
        Source(name="x", **fields)


def test_answers_of_repositories(tmp_path: Path) -> None:
    """Our, real and hostile answers of repositories give a page and the token they hold, or a reason; never a traceback."""
    files = files_of("oai-pmh", "records/more/oai_pmh/**/*.xml", "hostile/made/oai/*.xml")
    given = 0
    for file in files:
        content = file.read_bytes()

        def answer(exchange: Exchange, content: bytes = content) -> None:
            exchange.reply(problem("noRecordsMatch") if "resumptionToken" in exchange.query else content)

        with Server(answer) as server:
            run = Run(Source(name="x", oai=server.url), server, tmp_path)
        given += len(run.batches)
        listed = b"<ListRecords" in content and b"<header" in content
        assert run.batches or run.failed or run.reported or not listed, file.name
        token = re.search(rb"<resumptionToken[^>]*>\s*([^<\s][^<]*)<", content)
        if token and not run.failed:
            assert len(server.requests) == 2, file.name
            assert escape(server.requests[1].query["resumptionToken"]) == token[1].decode().strip(), file.name
    assert given >= (6 if len(files) > 10 else 1)


@given(st.data())
def test_any_answer(data: st.DataObject) -> None:
    """Whatever bytes a service answers with, the harvest ends with pages or a reason, and never loops for ever."""
    kind = data.draw(st.sampled_from(["oai", "crossref", "europepmc", "pubmed"]))
    good = {
        "oai": oai(records(1, 2), "a").encode(),
        "crossref": b'{"message": {"items": [{"a": 1}, null], "next-cursor": "c", "total-results": 9}}',
        "europepmc": b'{"hitCount": 9, "nextCursorMark": "c", "resultList": {"result": [{"a": 1}, 5]}}',
        "pubmed": b'{"esearchresult": {"count": "9", "webenv": "a", "querykey": "1", "errorlist": {"a": ["b"]}}}',
    }[kind]
    start = data.draw(st.integers(0, len(good)))
    stop = data.draw(st.integers(start, min(start + 20, len(good))))
    body = (
        good[:start] + data.draw(st.binary(max_size=12) | st.sampled_from([b"null", b"[]", b"<a>", b"&"])) + good[stop:]
    )
    source = {
        "oai": {"oai": "http://127.0.0.1:8080/"},
        "crossref": {"crossref": {"query": "a"}},
        "europepmc": {"europepmc": "a"},
        "pubmed": {"pubmed": "a"},
    }[kind]

    class Parrot(Client):
        def fetch(self, url: str, *, accept: str = "", fresh: bool = False) -> Fetched:
            del accept, fresh
            return Fetched(content=body, where=url)

    reported: list[Problem] = []
    with contextlib.suppress(FetchError), Parrot() as parrot:
        harvest = pages(Source(name="x", **source), parrot, root=Path(), tell=reported.append)  # type: ignore[arg-type]  # one of four kinds
        assert len(list(harvest)) <= 60
