"""A source of ``digest.yaml`` (OAI-PMH, Crossref, Europe PMC, PubMed, files) becomes pages in order, with resuming.

Services end their lists in many ways, and some never do: every loop here knows how long the list should be, what it
has seen, and when nothing new has come for too long. What could be fetched is yielded before a `FetchError` is raised.
"""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import html
import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from digest import opening
from digest.errors import Level, Problem
from digest.sources.formats import without_records
from digest.sources.network.addresses import without_secrets
from digest.sources.network.failures import FetchError
from digest.sources.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from digest.model import PartialDate
    from digest.publication import Source
    from digest.sources.network.fetch import Client, Fetched

    Tell = Callable[[Problem], None]

BASES: Final[Mapping[str, str]] = {
    "pubmed": "https://eutils.ncbi.nlm.nih.gov/entrez/eutils",
    "europepmc": "https://www.ebi.ac.uk/europepmc/webservices/rest/search",
    "crossref": "https://api.crossref.org/works",
}
_STEP: Final = 200  # records of one answer: a few megabytes, so that a break costs little
_MOST: Final = 5_000  # answers of one run
_JSON_MOST: Final = 32 * 2**20  # bytes of a JSON answer, which takes twenty times as many when it is decoded
_IDLE: Final = 5  # answers in succession that held nothing new
_OVER: Final = 1_000  # records over twice the announced number: that number may be an estimate
_PUBMED_MOST: Final = 9_999  # PubMed gives no record after this place of a result
_OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
_FEEDS: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml, text/html;q=0.9, */*;q=0.8"
)
_EXPIRED: Final = frozenset({400, 404, 410, 422})  # how services refuse a token that they no longer know


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a harvest.

    Attributes:
        page: the page.
        cursor: the text with which `pages` goes on after this page; empty where it was the last, or is a file.
        part: the file, in a folder of several.
    """

    page: Page
    cursor: str
    part: str = ""


def pages(
    source: Source,
    client: Client,
    *,
    root: Path,
    tell: Tell,
    resume: str = "",
    retrieved: PartialDate | None = None,
    bases: Mapping[str, str] = BASES,
    most: int = _MOST,
    own: Path | None = None,
) -> Iterator[Batch]:
    """The pages of a source in order. When they end without an error the harvest is done, whatever the last cursor.

    Args:
        source: the source.
        client: the way to the network.
        root: the folder of ``digest.yaml``, from which the addresses of files start.
        tell: is called with what is odd about the source as a whole: words it did not know, records it withheld.
        resume: the cursor of the last page that was kept of an unfinished harvest; one that fits no longer is ignored.
        retrieved: the day, for the origin of the records.
        bases: the base addresses of the services.
        most: how many answers of a service are taken in one run.
        own: the folder of a publication, whose issues and other files are not a source.

    Raises:
        FetchError: the source failed; going on later from the last cursor is possible.
    """
    ours = own if own and (own / "digest.yaml").is_file() else None
    harvest = _Harvest(source, client, root, tell, retrieved, bases, most, ours)
    cursor = _Cursor.read(resume, harvest.of)
    if source.oai:
        return harvest.listed(cursor, _Oai(source))
    if source.crossref:
        return harvest.listed(cursor, _Crossref(source, bases["crossref"]))
    if source.europepmc:
        return harvest.listed(cursor, _EuropePmc(source, bases["europepmc"]))
    if source.pubmed:
        return harvest.pubmed(cursor)
    return harvest.address()


def plan(source: Source, *, bases: Mapping[str, str] = BASES) -> list[str]:
    """The requests that `pages` would begin with; a part that only an answer can supply is “…”."""
    asked = [source.address]
    if source.oai:
        asked = [_Oai(source).url("")]
    elif source.crossref:
        asked = [_Crossref(source, bases["crossref"]).url("")]
    elif source.europepmc:
        asked = [_EuropePmc(source, bases["europepmc"]).url("")]
    elif source.pubmed:
        base = bases["pubmed"]
        asked = [_esearch(base, source, _span_of(source)), _efetch(base, "…", "…", 0)]
    return [without_secrets(url) for url in asked]


def address_of(kind: str, value: str, *, bases: Mapping[str, str] = BASES) -> str:
    """The address that gives the record of one identifier; empty where no service is known that has such records.

    Args:
        kind: a field of `digest.model.Ids`.
        value: the identifier in its canonical spelling.
        bases: the base addresses of the services.
    """
    match kind:
        case "doi":
            return f"{bases['crossref']}/{quote(value, safe='')}"
        case "pmid":
            return f"{bases['pubmed']}/efetch.fcgi?db=pubmed&retmode=xml&id={value}"
        case "pmcid":
            return f"{bases['europepmc']}?query=PMCID:{value}&resultType=core&format=json"
    return ""


class _Cursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a harvest is in its list, as a text says it that is kept with the source.

    Attributes:
        of: the question that it belongs to.
        token: the place in the list, in the service's own words.
        done: how many records came so far.
        span: for PubMed: the days that are being fetched,
        at: the place in them,
        count: how many records they had,
        spans: what is to be fetched after them,
        total: how many records there are in all.
    """

    of: str
    token: str = ""
    done: int = 0
    span: tuple[str, str] = ("", "")
    at: int = 0
    count: int = 0
    spans: tuple[tuple[str, str], ...] = ()
    total: int = 0

    @classmethod
    def read(cls, text: str, of: str) -> _Cursor:
        """The cursor that a text holds; the beginning where it is of another question or not a cursor at all."""
        try:
            cursor = msgspec.json.decode(text, type=cls) if text else cls(of=of)
        except (msgspec.DecodeError, UnicodeError):
            return cls(of=of)
        return cursor if cursor.of == of and cursor.at >= 0 else cls(of=of)

    @property
    def text(self) -> str:
        return msgspec.json.encode(self).decode()


class _ListPart(NamedTuple):
    """What one answer says about the list of which it is a part."""

    records: int
    sign: bytes  # the same for the same records
    token: str = ""  # empty: the list is at its end
    total: int | None = None
    broken: str = ""  # the list may go on, but not from here


class _ExpiredError(Exception):
    """The service no longer knows the place in the list."""


class _Harvest:
    """One run."""

    def __init__(
        self,
        source: Source,
        client: Client,
        root: Path,
        tell: Tell,
        retrieved: PartialDate | None,
        bases: Mapping[str, str],
        most: int,
        own: Path | None,
    ) -> None:
        self.source, self.client, self.root, self.retrieved = source, client, root, retrieved
        self.tell, self.bases, self.most, self.own = tell, bases, most, own
        self.spent = 0.0  # seconds that the answers of this run took
        question = [*plan(source, bases=bases), *filter(None, (source.match, *sorted(source.only.values())))]
        self.of = hashlib.sha256("\n".join(question).encode("utf-8", "replace")).hexdigest()[:12]

    def page(self, content: bytes | Path, where: str) -> Page:
        source = self.source
        return Page(
            content,
            where,
            source=source.name,
            format=source.format,
            retrieved=self.retrieved,
            columns=source.columns,
            defaults=source,
        )

    def say(self, level: Level, code: str, message: str, where: str) -> None:
        """Reports something odd."""
        file = opening.shown_name(self.client.plain(where))
        self.tell(Problem(level=level, code=code, message=message, file=file, key=self.source.name))

    def address(self) -> Iterator[Batch]:
        """A file, the files of a folder, or one answer."""
        address = self.source.address
        if re.match(r"(?i)[a-z][a-z0-9+.-]+://", address):
            answer = self.client.fetch(address, accept=_FEEDS)
            yield Batch(page=self.page(answer.content, answer.where), cursor="")
            return
        try:
            path = self.root / (Path(address).expanduser() if address.startswith(("~/", "~\\")) else Path(address))
            folder = path.is_dir()
        except (OSError, ValueError, RuntimeError) as error:
            raise FetchError(f"this is not a path: {error}", where=address) from error
        if not folder:
            if found := _unreadable(path):
                raise FetchError(found, where=address, todo="check “address” in digest.yaml")
            if self.own and _is_own(path.parent.resolve(), path.name, self.own.resolve()):
                found = "this file belongs to the publication itself and is not a source"
                raise FetchError(found, where=address, expected="a file that others have made")
            yield Batch(page=self.page(path, address), cursor="")
            return
        names, own, closed = _files(path, self.own)
        for refused in closed:
            where = f"{address.rstrip('/')}/{Path(refused.filename).relative_to(path).as_posix()}"
            self.say("error", "unreadable", f"this folder cannot be read: {refused.strerror}", where)
        others: dict[str, list[str]] = {}
        for name in names:
            file, where = path / name, f"{address.rstrip('/')}/{name}"
            if found := _unreadable(file):
                self.say("error", "unreadable", found, where)
            elif kind := without_records(file):
                others.setdefault(kind, []).append(name)
            else:
                yield Batch(page=self.page(file, where), cursor="", part=opening.shown_name(name))
        if not names and own:
            self.say("warning", "empty-source", "the folder holds nothing but files of the publication itself", address)
        elif sum(map(len, others.values())) == len(names):
            self.say("warning", "empty-source", "the folder holds no files with records", address)
        if names and own:
            self.say("note", "own-files", f"{own} files of the publication itself were not read", address)
        if others:
            kinds = "; ".join(
                f"{len(found)} {kind} ({', '.join(found[:3])}{', …' if len(found) > 3 else ''})"
                for kind, found in sorted(others.items())
            )
            self.say("warning", "no-records", f"these files hold no records and were not read: {kinds}", address)

    def listed(self, cursor: _Cursor, service: _Service) -> Iterator[Batch]:
        """The answers of a service that gives a list in parts, each with a token for the next."""
        token, done = cursor.token, cursor.done
        seen_tokens, seen_signs = {token}, set[bytes]()
        idle, restarted, fresh_start = 0, False, True
        for _ in range(self.most):
            where = service.url(token)
            try:
                answer = self.fetch_part(where, expired=bool(token) and fresh_start)
                part = service.read(answer, token)
            except _ExpiredError as error:
                if not token or restarted:
                    found = f"the service does not know the place in its own list: {error}"
                    raise FetchError(found, where=self.client.plain(where)) from error
                # Lists need not be ordered by date, so that it is not safe to go on from the last date seen.
                message = "the service no longer knows the place in the list; the list is fetched again from the start"
                self.say("note", "list-anew", message, where)
                token, done, restarted = "", 0, True
                seen_tokens, seen_signs = {""}, set()
                continue
            fresh_start = False
            stale = part.records == 0 or part.sign in seen_signs
            idle = idle + 1 if stale else 0
            done += 0 if stale or part.broken else part.records
            seen_signs.add(part.sign)
            complete = service.counted and part.total is not None and done >= part.total
            at_end = not part.broken and (complete or not part.token)
            if part.records or part.broken:
                following = msgspec.structs.replace(cursor, token=token if part.broken else part.token, done=done)
                page = self.page(answer.content, answer.where)
                page.followed = True
                yield Batch(page=page, cursor="" if at_end else following.text)
            if part.broken:
                raise FetchError(part.broken, where=answer.where, todo="try again later: it goes on from here")
            if at_end:
                if not done and part.sign and part.total is None:
                    self.say("warning", "empty-source", "the list is empty, and the service does not say why", where)
                if part.total is not None and done < part.total:
                    message = f"the service announced {part.total:,} records and gave {done:,}"
                    self.say("warning", "incomplete", message, where)
                return
            if service.unique and part.token in seen_tokens:
                raise FetchError("the list leads back to a part that was already fetched", where=answer.where)
            if part.total is not None and done > 2 * part.total + _OVER:
                found = f"the list announced {part.total:,} records and does not end after {done:,}"
                raise FetchError(found, where=answer.where)
            if idle >= _IDLE:
                raise FetchError(f"{_IDLE} parts of the list in a row held nothing new", where=answer.where)
            seen_tokens.add(part.token)
            token = part.token
        found = f"the list has more than {self.most:,} parts"
        raise FetchError(found, where=self.client.plain(service.url("")), todo="run again: it goes on from here")

    def fetch(self, where: str) -> Fetched:
        """One answer of a service, and never one from the cache.

        Raises:
            FetchError: it could not be fetched, or the answers before it took all the time that a source has.
        """
        if self.spent >= self.client.limits.source:
            found = f"its answers took more than {self.client.limits.source / 60:g} minutes"
            raise FetchError(found, where=self.client.plain(where), todo="run again: it goes on from here")
        begun = self.client.now()
        try:
            return self.client.fetch(where, fresh=True)
        finally:
            self.spent += self.client.now() - begun

    def fetch_part(self, where: str, *, expired: bool) -> Fetched:
        """One answer of a service; never one from the cache, for a token is used once."""
        try:
            return self.fetch(where)
        except FetchError as error:
            if expired and error.status in _EXPIRED:
                raise _ExpiredError(error.found) from error
            raise

    def pubmed(self, cursor: _Cursor) -> Iterator[Batch]:
        """A PubMed query through the history server; cut by date where it has more than PubMed gives at once.

        Every run searches again: a history is kept for hours only. When a span of days has another number of records
        than when its cursor was made, it is fetched from its start, because its order may have changed.
        """
        spans = [*cursor.spans, cursor.span] if cursor.count else [_span_of(self.source)]
        at, before, total, done = cursor.at, cursor.count, cursor.total, cursor.done
        base = self.bases["pubmed"]
        while spans:
            span = spans.pop()
            where = _esearch(base, self.source, span)
            count, environment, key = self.esearch(where)
            total = total or count
            if before and count != before:
                at = 0
            before = 0
            if count > _PUBMED_MOST:
                if halves := _halves(span):
                    spans += reversed(halves)
                    at = 0
                    continue
                message = (
                    f"one day has {count:,} records, and PubMed gives the first {_PUBMED_MOST:,}: narrow the query"
                )
                self.say("error", "incomplete", message, where)
            for start in range(at, min(count, _PUBMED_MOST), _STEP):
                wanted = min(_STEP, min(count, _PUBMED_MOST) - start)
                answer = self.fetch(_efetch(base, environment, key, start, wanted))
                found = _pubmed_records(answer)
                done += found
                if found < wanted:
                    self.say("warning", "incomplete", f"PubMed gave {found} of {wanted} records", answer.where)
                reached = start + wanted
                more = reached < min(count, _PUBMED_MOST)
                following = _Cursor(
                    of=cursor.of, done=done, span=span, at=reached, count=count, spans=tuple(spans), total=total
                )
                if found:
                    reached_text = following.text if more or spans else ""
                    yield Batch(page=self.page(answer.content, answer.where), cursor=reached_text)
            at = 0
        if done < total:
            message = f"PubMed announced {total:,} records and gave {done:,}"
            self.say("warning", "incomplete", message, _esearch(base, self.source, _span_of(self.source)))

    def esearch(self, where: str) -> tuple[int, str, str]:
        """How many records a search has, and under which names the history server keeps it."""
        answer = self.fetch(where)
        found = _json(answer)
        result = found.get("esearchresult")
        said = found.get("error") or (result.get("ERROR") if isinstance(result, dict) else "no result")
        if said or not isinstance(result, dict):
            raise FetchError(f"PubMed says: {_words(said)}", where=answer.where, todo="check the query")
        for lists in (result.get("errorlist"), result.get("warninglist")):
            for kind, words in lists.items() if isinstance(lists, dict) else ():
                if isinstance(words, list) and words and kind != "outputmessages":
                    message = f"PubMed searched without {_words(', '.join(map(str, words[:20])))} ({_words(kind)})"
                    self.say("warning", "query", message, where)
        count, environment, key = (str(result.get(name, "")) for name in ("count", "webenv", "querykey"))
        if not re.fullmatch(r"\d{1,12}", count, re.ASCII) or (count != "0" and not (environment and key)):
            raise FetchError("PubMed did not say how many records there are", where=answer.where)
        return int(count), environment, key


class _Service:
    """How one kind of service is asked for a part of its list, and how its answer is understood."""

    unique = True  # whether each part has a token of its own
    counted = True  # whether the number of records that it announces is exact

    def url(self, token: str) -> str:
        """The request for the part that a token names; the first where it is empty."""
        raise NotImplementedError

    def read(self, answer: Fetched, token: str) -> _ListPart:
        """What the answer says about the list.

        Raises:
            FetchError: it is not an answer of the service.
            _ExpiredError: it does not know the token.
        """
        raise NotImplementedError


class _Oai(_Service):
    """ListRecords of OAI-PMH 2.0.

    Dates are asked for by the day, which every repository must understand (section 2.7.1): nothing need be identified.
    """

    counted = False  # completeListSize may be an estimate (section 3.5.1)

    def __init__(self, source: Source) -> None:
        self.base = source.oai or ""
        self.first = {"verb": "ListRecords", "metadataPrefix": source.prefix}
        since, until = _span_of(source)
        self.first |= {name: value for name, value in (("set", source.set), ("from", since), ("until", until)) if value}

    def url(self, token: str) -> str:
        return _with(self.base, {"verb": "ListRecords", "resumptionToken": token} if token else self.first)

    def read(self, answer: Fetched, token: str) -> _ListPart:
        from lxml import etree

        from digest.sources.shared.xmlpages import strict_walk

        records, token_text, total, sign = 0, "", None, hashlib.sha256()
        try:
            walk = strict_walk(io.BytesIO(answer.content), events=("start", "end"))
            depth = 0
            for n, (event, element) in enumerate(walk):
                if event == "start":
                    depth += 1
                    if depth == 1:
                        _expect_oai(element, answer)
                    if n > _ELEMENTS:
                        raise FetchError(f"more than {_ELEMENTS // 2:,} elements in one answer", where=answer.where)
                    continue
                depth -= 1
                if depth == 1 and element.tag == f"{_OAI}error":
                    code, said = element.get("code", ""), _words(element.text or "")
                    if code == "noRecordsMatch":
                        return _ListPart(0, b"", "", 0)
                    if code == "badResumptionToken" and token:
                        raise _ExpiredError(said or code)
                    raise FetchError(
                        f"the repository says {_words(code)}: {said}", where=answer.where, todo=_OAI_TODO.get(code, "")
                    )
                if depth == 2 and element.tag == f"{_OAI}resumptionToken":
                    token_text = (element.text or "").strip()
                    size = element.get("completeListSize", "")
                    total = int(size) if re.fullmatch(r"\d{1,12}", size, re.ASCII) else None
                elif depth == 3 and element.tag == f"{_OAI}header":
                    records += 1
                elif depth == 4 and element.tag == f"{_OAI}identifier":
                    sign.update((element.text or "").strip().encode("utf-8", "replace") + b"\n")
                if depth > 1:  # nothing is held: an answer may be large, and one record of it too
                    parent = element.getparent()
                    element.clear()
                    while parent is not None and element.getprevious() is not None:
                        del parent[0]
        except etree.XMLSyntaxError as error:
            return _oai_by_pattern(answer, error)
        return _ListPart(records, sign.digest(), token_text, total)


_ELEMENTS: Final = 10_000_000  # of one answer, their ends counted too: half a minute of reading
_OAI_TODO: Final = {
    "cannotDisseminateFormat": "use another “prefix”: verb=ListMetadataFormats lists them",
    "noSetHierarchy": "leave “set” out: the repository has no sets",
    "badArgument": "check “set”, “since” and “until”",
}


def _expect_oai(root: Any, answer: Fetched) -> None:  # noqa: ANN401 - an element of lxml, which is loaded late
    """Refuses what is not OAI-PMH."""
    if root.getroottree().docinfo.doctype:
        raise FetchError("the answer contains a DOCTYPE", where=answer.where, expected="OAI-PMH without one")
    if root.tag != f"{_OAI}OAI-PMH":
        found = f"the answer begins with <{_words(str(root.tag))}>"
        raise FetchError(found, where=answer.where, expected="an answer of OAI-PMH 2.0", todo="check “oai”")


def _oai_by_pattern(answer: Fetched, error: Exception) -> _ListPart:
    """What an answer with a mistake in its XML says: its records are left to the parser, its token is looked for here.

    A bare ampersand in one title must not end a harvest of ten thousand records.
    """
    content = answer.content
    if not re.match(
        rb"(?:\xef\xbb\xbf)?\s{0,200}(?:<\?[^<>]{0,500}\?>\s{0,200}){0,5}<(?:[\w.-]{1,40}:)?OAI-PMH[\s>]", content
    ):
        head = _words(content[:200].decode("utf-8", "replace"))
        raise FetchError(f"the answer is not XML: {head[:60]}", where=answer.where, expected="OAI-PMH 2.0") from error
    if b"<!DOCTYPE" in content[:65536]:
        raise FetchError("the answer contains a DOCTYPE", where=answer.where, expected="OAI-PMH without one") from error
    records = len(re.findall(rb"<(?:[\w.-]{1,40}:)?header[\s>]", content))
    token = ""
    tokens = rb"<(?:[\w.-]{1,40}:)?resumptionToken(?:\s[^<>]{0,500})?>([^<>]{0,8000})</"
    for match in re.finditer(tokens, content):
        token = html.unescape(match[1].decode("utf-8", "replace")).strip()
    whole = re.search(rb"</(?:[\w.-]{1,40}:)?OAI-PMH\s*>\s*\Z", content[-300:])
    broken = "" if whole else f"the answer is cut off or damaged ({_words(str(error))})"
    return _ListPart(records, hashlib.sha256(content).digest(), token if whole else "", None, broken)


class _Crossref(_Service):
    """Works of the Crossref REST API; the cursor may stay the same from part to part."""

    unique = False

    def __init__(self, source: Source, base: str) -> None:
        self.base = base
        self.parameters = dict(source.crossref)
        since, until = _span_of(source)
        filters = [self.parameters.get("filter", "")]
        filters += [f"from-update-date:{since}"] if since else []
        filters += [f"until-update-date:{until}"] if until else []
        if wanted := ",".join(part for part in filters if part):
            self.parameters["filter"] = wanted

    def url(self, token: str) -> str:
        return _with(self.base, {**self.parameters, "rows": str(_STEP), "cursor": token or "*"})

    def read(self, answer: Fetched, token: str) -> _ListPart:
        message = _json(answer).get("message")
        if isinstance(message, list):  # a list of errors, in an answer of 200 or not
            said = _words("; ".join(str(part.get("message", "")) for part in message if isinstance(part, dict)))
            if token and "cursor" in said.lower():
                raise _ExpiredError(said)
            raise FetchError(f"Crossref says: {said}", where=answer.where, todo="check “crossref”")
        items = message.get("items") if isinstance(message, dict) else None
        if not isinstance(message, dict) or not isinstance(items, list):
            raise FetchError("the answer has no list of works", where=answer.where, expected="Crossref's /works")
        following = message.get("next-cursor")
        return _ListPart(
            len(items),
            hashlib.sha256(msgspec.json.encode(items)).digest(),
            following if items and isinstance(following, str) else "",
            _count(message.get("total-results")),
        )


class _EuropePmc(_Service):
    """The search of Europe PMC, with the core of each record."""

    def __init__(self, source: Source, base: str) -> None:
        self.base = base
        since, until = _span_of(source)
        self.query = source.europepmc
        if since or until:
            self.query = f"({self.query}) AND (UPDATE_DATE:[{since or '1800-01-01'} TO {until or '2100-12-31'}])"

    def url(self, token: str) -> str:
        return _with(
            self.base,
            {
                "query": self.query,
                "resultType": "core",
                "format": "json",
                "pageSize": str(_STEP),
                "cursorMark": token or "*",
            },
        )

    def read(self, answer: Fetched, token: str) -> _ListPart:
        found = _json(answer)
        if said := found.get("errMsg"):
            raise FetchError(f"Europe PMC says: {_words(said)}", where=answer.where, todo="check the query")
        holder = found.get("resultList")
        items = holder.get("result") if isinstance(holder, dict) else None
        if not isinstance(items, list):
            raise FetchError("the answer has no list of results", where=answer.where, expected="Europe PMC's search")
        following = found.get("nextCursorMark")
        end = not items or not isinstance(following, str) or following == (token or "*")
        sign = hashlib.sha256(msgspec.json.encode(items)).digest()
        return _ListPart(len(items), sign, "" if end else str(following), _count(found.get("hitCount")))


def _with(base: str, parameters: Mapping[str, str]) -> str:
    """An address with parameters, each escaped whatever it holds."""
    joint = "&" if "?" in base else "?"
    return base + joint + urlencode(parameters, quote_via=quote, safe="")


def _esearch(base: str, source: Source, span: tuple[str, str]) -> str:
    parameters = {"db": "pubmed", "term": source.pubmed, "usehistory": "y", "retmax": "0", "retmode": "json"}
    if any(span):
        # Without a span that was asked for, a long result is cut by the day of entry, which every record has.
        kind = "mdat" if source.since or source.until else "edat"
        first, last = (day.replace("-", "/") for day in span)
        parameters |= {"datetype": kind, "mindate": first or _EARLIEST, "maxdate": last or _LATEST}
    return _with(f"{base}/esearch.fcgi", parameters)


def _efetch(base: str, environment: str, key: str, start: int, step: int = _STEP) -> str:
    parameters = {"db": "pubmed", "WebEnv": environment, "query_key": key, "retmode": "xml"}
    return _with(f"{base}/efetch.fcgi", {**parameters, "retstart": str(start), "retmax": str(step)})


_EARLIEST: Final = "1800/01/01"
_LATEST: Final = "2100/12/31"


def _span_of(source: Source) -> tuple[str, str]:
    """The first and the last day that a source asks for; empty where it does not."""
    since, until = source.since, source.until
    first, last = "", ""
    if since:
        first = f"{since.year:04d}-{since.month or 1:02d}-{since.day or 1:02d}"
    if until:
        month = until.month or 12
        last = f"{until.year:04d}-{month:02d}-{until.day or calendar.monthrange(until.year, month)[1]:02d}"
    return first, last


def _halves(span: tuple[str, str]) -> list[tuple[str, str]]:
    """The two halves of a span of days; nothing where it is one day."""
    first, last = (
        dt.date.fromisoformat((day or edge).replace("/", "-"))
        for day, edge in zip(span, (_EARLIEST, _LATEST), strict=True)
    )
    if first >= last:
        return []
    middle = first + (last - first) // 2
    return [(str(first), str(middle)), (str(middle + dt.timedelta(days=1)), str(last))]


def _pubmed_records(answer: Fetched) -> int:
    """How many records an answer of efetch holds.

    Raises:
        FetchError: it holds an error message, or is cut off; both come with status 200.
    """
    content = answer.content
    if b"<PubmedArticleSet" not in content[:4096]:
        said = re.search(rb"<ERROR>([^<]{0,400})|\"error\"\s{0,9}:\s{0,9}\"([^\"]{0,400})", content[:20_000])
        text = (said[1] or said[2] or b"" if said else content[:200]).decode("utf-8", "replace")
        raise FetchError(
            f"PubMed says: {_words(text)}", where=answer.where, todo="try again later: it goes on from here"
        )
    if not content[-400:].rstrip().endswith((b"</PubmedArticleSet>", b"<PubmedArticleSet/>")):
        todo = "try again later: it goes on from here"
        raise FetchError("the answer is cut off", where=answer.where, expected="</PubmedArticleSet>", todo=todo)
    return len(re.findall(rb"<Pubmed(?:Book)?Article[\s>]", content))


def _json(answer: Fetched) -> dict[str, Any]:
    """The object of a JSON answer."""
    if len(answer.content) > _JSON_MOST:
        found = f"{len(answer.content):,} bytes for {_STEP} records"
        raise FetchError(found, where=answer.where, expected=f"{_JSON_MOST:,} at most")
    try:
        found = msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        head = _words(answer.content[:200].decode("utf-8", "replace"))
        raise FetchError(f"the answer is not JSON: {head[:80]}", where=answer.where) from error
    if not isinstance(found, dict):
        raise FetchError("the answer is not a JSON object", where=answer.where, expected="an object")
    return found


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def _words(value: object) -> str:
    """Words from a server, made safe for a message."""
    return " ".join(re.sub(r"[^ -~\u00a1-\ud7ff\ue000-\ufffd]", " ", str(value)[:800]).split())[:200]


# The files that a publication itself is made of: its issues hold frozen records, which are not a source.
_OWN_FOLDERS: Final = ("issues", "overrides", "themes")
_OWN_FILES: Final = re.compile(r"digest\.yaml|library\.db(?:-wal|-shm|-journal)?|.*\.db")


def _is_own(place: Path, name: str, publication: Path) -> bool:
    """Whether a file in this folder is one of those that the publication is made of."""
    if place == publication:
        return bool(_OWN_FILES.fullmatch(name))
    return any(place.is_relative_to(publication / folder) for folder in _OWN_FOLDERS)


def _files(folder: Path, publication: Path | None) -> tuple[list[str], int, list[OSError]]:
    """The files below a folder by their relative path, in order; how many are the publication's own; what was closed.

    Hidden files and folders are left out, and so are the lock files of Office.
    """
    found, own = [], 0
    closed: list[OSError] = []
    ours = publication.resolve() if publication else None
    for above, folders, names in os.walk(folder, onerror=closed.append):
        place = Path(above).resolve()
        folders[:] = [name for name in folders if not name.startswith(".")]
        here = Path(above).relative_to(folder)
        for name in names:
            if name.startswith((".", "~$")):  # “~$programme.xlsx” is Excel's, while the workbook is open
                continue
            if ours and _is_own(place, name, ours):
                own += 1
            else:
                found.append((here / name).as_posix())
    return sorted(found), own, closed


def _unreadable(file: Path) -> str:
    """Why a file cannot be read; empty where it can."""
    try:
        opening.open_file(file).close()
    except FileNotFoundError:
        return "the file does not exist"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return ""
