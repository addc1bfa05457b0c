"""The pages of the preview in a browser: on this machine alone, without scripts but its own."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import json
import re
import signal
import socket
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import uvicorn
from markupsafe import Markup
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from digest.ending import SIGNALS
from digest.errors import DigestError
from digest.preview.process import PAGES_LIMIT, SCREEN_LIMIT
from digest.preview.state import LivePreview
from digest.preview.views import View

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STATIC: Final = Path(__file__).resolve().parent / "static"
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FOREVER: Final = {"cache-control": "private, max-age=31536000, immutable"}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_EMPTY: Final = '<!DOCTYPE html><html lang="en"><head><title>Preview</title></head><body></body></html>'
_SCRIPTS: Final = ("paper.js", "preview.js")
Nav = tuple[tuple[str, str], ...]


class Guard:
    """Lets in only requests that this machine's browser makes for the preview's own pages."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        if port == 80:
            self.hosts |= {"127.0.0.1", "localhost"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses a request, or hands it on and adds the headers that every answer has."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if reason := self.refusal(scope["method"], scope["path"], headers):
            await PlainTextResponse(reason, 403)(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message["headers"]}
                for name, value in (
                    (b"content-security-policy", _POLICY.encode()),
                    (b"cache-control", b"no-store"),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                ):
                    if name not in names:
                        message["headers"].append((name, value))
            await send(message)

        await self.app(scope, receive, guarded)

    def refusal(self, method: str, path: str, headers: dict[str, str]) -> str:
        """Why a request is refused; nothing when it is not."""
        if headers.get("host", "").lower() not in self.hosts:
            return "This is a preview for this machine alone: the name of the host is another."
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        own = origin is not None and origin.lower().removeprefix("http://") in self.hosts
        if method not in {"GET", "HEAD"}:
            if not (own or (origin is None and site == "same-origin")) or site not in {None, "same-origin"}:
                return "Only the preview's own pages may change something."
        elif site in {"cross-site", "same-site"} and not (
            path.startswith(("/asset/", "/static/")) or headers.get("sec-fetch-mode") == "navigate"
        ):
            return "Only the preview's own pages may ask for this."
        return ""


def create_app(state: LivePreview, *, port: int, routes: Sequence[BaseRoute] = (), nav: Nav = ()) -> Any:  # noqa: ANN401 - an ASGI application
    """The application.

    Args:
        state: what it shows; whoever serves the application runs it.
        port: the port it is served on.
        routes: of other pages in the same window.
        nav: path and name of each of these pages.
    """
    pages = _Pages(state, (("/", "Preview"), ("/gallery", "Gallery"), *nav))
    app = Starlette(
        routes=[
            Route("/", pages.shell),
            Route("/gallery", pages.shell),
            Route("/screen", pages.screen),
            Route("/events", pages.events),
            Route("/focus", pages.focus, methods=["POST"]),
            Route("/stop", pages.stop, methods=["POST"]),
            Route("/again", pages.again, methods=["POST"]),
            Route("/blocks/{page:int}", pages.blocks),
            Route("/picture/{name:str}.png", pages.picture),
            Route("/asset/{name:str}", pages.asset),
            Route("/static/{name:str}", _static),
            *routes,
        ],
        exception_handlers={404: pages.unknown},
    )
    app.router.redirect_slashes = False
    return Guard(app, port)


class _Pages:
    """The answers to a browser that looks at a running preview."""

    def __init__(self, state: LivePreview, nav: Nav) -> None:
        self.state, self.nav = state, nav
        self.name = f"{state.folder.name} · {state.root.name}"

    async def shell(self, request: Request) -> Response:
        """The page around the HTML and the pages of a view."""
        here = request.url.path
        body = _shell(here == "/gallery")
        return HTMLResponse(page("Preview", body, here=here, nav=self.nav, name=self.name, scripts=_SCRIPTS))

    async def screen(self, request: Request) -> Response:
        """The HTML of a view, with our script and a policy that lets it load nothing else."""
        shown = self.state.shown.get(view_of(request))
        text = _EMPTY if shown is None or not shown.version else shown.html
        host = request.headers["host"]
        script = '<script src="/static/inside.js"></script>'
        # At the very start, where no element that a template left open can swallow it.
        declared = re.match(r"\s*<!DOCTYPE[^>]*>", text, re.IGNORECASE)
        at = declared.end() if declared else 0
        document = text[:at] + script + text[at:]
        policy = (
            f"sandbox allow-scripts; default-src 'none'; script-src http://{host}/static/inside.js; "
            f"style-src 'unsafe-inline'; img-src data: http://{host}/asset/; font-src data: http://{host}/asset/; "
            f"base-uri 'none'; form-action 'none'; frame-ancestors http://{host}"
        )
        return HTMLResponse(document, headers={"content-security-policy": policy})

    async def events(self, request: Request) -> Response:
        """What a view shows, each time it changes."""
        state, view = self.state, view_of(request)

        async def changes() -> AsyncIterator[ServerSentEvent]:
            sent: dict[str, Any] = {}
            step: dict[str, Any] | None = None
            with state.open(view) as event:
                while not state.stopped:
                    await event.wait()
                    event.clear()
                    shown = state.shown[view]
                    if (now := shown.as_json()) != sent:
                        sent = now
                        yield ServerSentEvent(json.dumps(now), event="shown")
                    if (far := shown.how_far()) != step:
                        step = far
                        yield ServerSentEvent(json.dumps(far), event="step")

        return EventSourceResponse(changes(), ping=15)

    async def focus(self, request: Request) -> Response:
        """Takes the number of the page that is looked at."""
        value = await _json(request)
        where = value.get("page")
        if not isinstance(where, int) or isinstance(where, bool) or not 0 <= where < 100_000:
            return JSONResponse({"error": "expected the number of a page"}, 400)
        self.state.look_at(view_of(request), where)
        return Response(status_code=204)

    async def stop(self, _request: Request) -> Response:
        """Gives up what is being made."""
        self.state.give_up()
        return Response(status_code=204)

    async def again(self, _request: Request) -> Response:
        """Makes all again, as if files had changed."""
        self.state.changed()
        return Response(status_code=204)

    async def blocks(self, request: Request) -> Response:
        """What made each box of a page, and where it is."""
        shown = self.state.shown.get(view_of(request))
        return JSONResponse(shown.blocks.get(request.path_params["page"], ()) if shown else ())

    async def unknown(self, request: Request, error: Exception) -> Response:
        """What there is, for somebody who typed an address that there is not; a script gets a line."""
        said = getattr(error, "detail", "")
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse(said, 404)
        path = request.url.path
        entries = [id_.partition("-")[2] for kind, id_, _ in self.state.menu() if kind == "entry"]
        body = _unknown(path, self.nav, entries)
        return HTMLResponse(page("No such page", body, here=path, nav=self.nav, name=self.name, scripts=()), 404)

    async def picture(self, request: Request) -> Response:
        """The picture of a page."""
        content = self.state.pictures.get(request.path_params["name"])
        return _kept(content, "image/png", request, shared=False)

    async def asset(self, request: Request) -> Response:
        """A font or picture of the HTML."""
        media, content = self.state.assets.get(request.path_params["name"], ("", None))
        return _kept(content, media, request, shared=True)


async def _static(request: Request) -> Response:
    """A file of the preview itself."""
    path = _STATIC / request.path_params["name"]
    if path.suffix not in _TYPES or not path.is_file() or path.parent != _STATIC:
        return PlainTextResponse("There is no such file.", 404)
    return Response(path.read_bytes(), media_type=_TYPES[path.suffix], headers={"access-control-allow-origin": "*"})


def _kept(content: bytes | None, media: str, request: Request, *, shared: bool) -> Response:
    """Something whose name is the digest of what it is: a browser may keep it for ever."""
    if content is None:
        return PlainTextResponse("There is no such picture any more.", 404)
    tag = f'"{request.path_params["name"]}"'
    headers = {**_FOREVER, "etag": tag}
    if shared:  # the previewed page has an origin of its own, and fonts are only loaded across origins where allowed
        headers["access-control-allow-origin"] = "*"
        headers["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media, headers=headers)


def view_of(request: Request) -> View:
    """The view that a request is about."""
    query = request.query_params
    for kind in ("entry", "section"):
        if query.get(kind):
            return View(kind, query[kind][:200])
    return View("gallery") if request.url.path == "/gallery" or "gallery" in query else View()


async def _json(request: Request) -> dict[str, Any]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > 10_000:
            return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def page(title: str, body: Markup, *, here: str, nav: Nav, name: str, scripts: Sequence[str]) -> str:
    """A page of the preview: its head, the bar with the other pages, and a body.

    Args:
        title: title of the page.
        body: what is under the bar.
        here: path of the page.
        nav: path and name of all pages.
        name: what the preview is of.
        scripts: files in ``static/``.
    """
    links = Markup("").join(
        Markup('<a href="{}"{}>{}</a>').format(path, Markup(' aria-current="page"') if path == here else "", label)
        for path, label in nav
    )
    loaded = Markup("").join(Markup('<script src="/static/{}" defer></script>').format(script) for script in scripts)
    return Markup(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title} – {name}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="stylesheet" href="/static/preview.css">\n<link rel="icon" href="/static/icon.svg">\n{loaded}\n'
        '</head>\n<body>\n<header class="bar">\n<p class="bar-name">{name}</p>\n'
        '<nav aria-label="Pages">{links}</nav>\n</header>\n'
        "{body}\n</body>\n</html>\n"
    ).format(title=title, name=name, links=links, loaded=loaded, body=body)


def _shell(gallery: bool) -> Markup:
    part = (
        Markup("")
        if gallery
        else Markup(
            '<label for="part">Show</label> <select id="part"><option value="">The whole issue</option></select>'
        )
    )
    return Markup("""<main class="preview" data-gallery="{gallery}">
<h1 class="hidden">{title}</h1>
<div class="tools">
<div class="tool">{part}</div>
<fieldset class="tool sides"><legend class="hidden">Side by side</legend>
<label><input type="radio" name="sides" value="both" checked> Both</label>
<label><input type="radio" name="sides" value="screen"> Web page</label>
<label><input type="radio" name="sides" value="paper"> PDF</label>
</fieldset>
<div class="tool"><label><input type="checkbox" id="origins" checked> Show which file makes what</label></div>
<div class="tool making"><button type="button" id="stop" aria-disabled="true">Stop</button>
<button type="button" id="again">Make again</button></div>
</div>
<div class="report">
<p class="origin"><span id="origin" aria-live="polite"></span> <button type="button" id="copy" hidden>Copy</button></p>
<p class="status"><span id="status" role="status">Starting …</span> <span id="step"></span>
<progress id="bar" aria-label="Pages that are made" hidden></progress></p>
</div>
<section id="problems" class="problems" aria-labelledby="problems-heading" hidden>
<details open><summary><h2 id="problems-heading">Problems</h2></summary>
<p id="stale" class="stale" hidden>Below you see the last version that could be made.</p>
<ul id="problem-list"></ul></details>
</section>
<div class="panes">
<section class="pane" id="screen-pane" aria-labelledby="screen-heading">
<h2 id="screen-heading">Web page <span id="screen-old" class="is-old" hidden>old</span></h2>
<iframe id="screen" title="The web page" sandbox="allow-scripts"></iframe>
</section>
<section class="pane" id="paper-pane" aria-labelledby="paper-heading">
<div class="paper-tools">
<h2 id="paper-heading">PDF <span id="count"></span> <span id="paper-old" class="is-old" hidden></span></h2>
<div class="tool zooms" role="group" aria-label="Size of the pages">
<button type="button" id="smaller" aria-label="Smaller" title="Smaller: −">−</button>
<output id="zoom"></output>
<button type="button" id="larger" aria-label="Larger" title="Larger: +">+</button>
<button type="button" id="fit" title="As wide as there is room: 0" aria-pressed="true">Fit</button>
<button type="button" id="full" title="As large as printed: 1" aria-pressed="false">100 %</button>
</div>
<div class="tool"><label><input type="checkbox" id="spreads"> Spreads</label></div>
<div class="tool"><label><input type="checkbox" id="only"> Only changes</label></div>
</div>
<p id="changes" class="changes"></p>
<div id="paper" class="paper" tabindex="0" role="group" aria-label="Pages of the PDF"><ol id="pages"></ol></div>
</section>
</div>
</main>""").format(gallery=str(gallery).lower(), title="Gallery" if gallery else "Preview", part=part)


_WHERE: Final = {
    "/": "the issue: its web page and the pages of its PDF",
    "/gallery": "every partial of the theme with the hardest content that it may have to print",
    "/curate": "the entries of the issue in their order, and the library to add records from",
}


def _unknown(path: str, nav: Nav, entries: Sequence[str]) -> Markup:
    """The page for an address that there is not: what there is."""
    asked = path.strip("/").rpartition("/")[2]
    near = difflib.get_close_matches(asked, [*entries, *(place.strip("/") for place, _ in nav if place != "/")], 1)
    meant = Markup("")
    if near:
        place = f"/?entry={quote(near[0])}" if near[0] in entries else f"/{near[0]}"
        meant = Markup('<p>Did you mean <a href="{}">{}</a>?</p>').format(place, place)
    items = Markup("").join(
        Markup('<li><a href="{}">{}</a> – {}</li>').format(place, label, _WHERE.get(place, place))
        for place, label in nav
    )
    return Markup(
        '<main class="unknown"><h1>There is no page “{}” in this preview</h1>\n{}\n<p>These are its pages:</p>\n'
        "<ul>{}<li><code>/?entry=LBA7</code> – one entry alone, by its number or key</li>"
        "<li><code>/?section=section-2</code> – one section alone</li></ul></main>"
    ).format(path[:200], meant, items)


class _Server(uvicorn.Server):
    """Ends when asked, without waiting for browsers that still listen."""

    def capture_signals(self) -> Any:  # noqa: ANN401 - a context manager, as uvicorn has it
        return contextlib.nullcontext()


def serve(
    folder: Path,
    *,
    port: int = 0,
    announce: Callable[[str], None],
    open_browser: bool = False,
    extend: Callable[[LivePreview], tuple[Sequence[BaseRoute], Nav]] | None = None,
    limits: tuple[float, float] = (SCREEN_LIMIT, PAGES_LIMIT),
) -> int | None:
    """Serves the preview of an issue until a signal ends it, such as Ctrl-C, and returns the number of that signal.

    Args:
        folder: folder of the issue.
        port: port on 127.0.0.1; 0 takes a free one.
        announce: gets the address.
        open_browser: whether to open it in a browser.
        extend: gives routes and names of other pages.
        limits: seconds of computing for the HTML and for the pages of a view of a small issue.

    Raises:
        DigestError: the port is taken.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen()  # whoever reads the address may ask at once
    except OSError as error:
        listening.close()
        raise DigestError(
            f"port {port} cannot be used: {error.strerror}", todo="leave out --port, or choose another"
        ) from error
    number = listening.getsockname()[1]
    address = f"http://127.0.0.1:{number}/"

    ended_by: list[int] = []

    async def live() -> None:
        state = LivePreview(folder, limits=limits)
        routes, nav = extend(state) if extend else ((), ())
        config = uvicorn.Config(
            create_app(state, port=number, routes=routes, nav=nav),
            log_level="critical",
            lifespan="off",
            access_log=False,
            server_header=False,
        )
        server = _Server(config)
        loop = asyncio.get_running_loop()

        def end() -> None:
            state.stop()
            server.should_exit = server.force_exit = True

        def end_by(number_of_signal: int) -> None:
            ended_by.append(number_of_signal)
            end()

        for number_of_signal in SIGNALS:
            if signal.getsignal(number_of_signal) is not signal.SIG_IGN:
                loop.add_signal_handler(number_of_signal, end_by, number_of_signal)
        living = asyncio.create_task(state.run())
        living.add_done_callback(lambda task: None if task.cancelled() or not task.exception() else end())
        announce(address)
        if open_browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()  # some wait for the browser
        await server.serve(sockets=[listening])
        state.stop()
        await living

    asyncio.run(live())
    return ended_by[0] if ended_by else None
