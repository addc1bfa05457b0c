"""The pages of the preview in a browser: on this machine alone, without scripts but its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import socket
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from markupsafe import Markup
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from digest.errors import DigestError
from digest.preview.process import PAGES_LIMIT, SCREEN_LIMIT
from digest.preview.state import State
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


def create_app(state: State, *, port: int, routes: Sequence[BaseRoute] = (), nav: Nav = ()) -> Any:  # noqa: ANN401 - an ASGI application
    """The application.

    Args:
        state: what it shows; whoever serves the application runs it.
        port: the port it is served on.
        routes: of other pages in the same window.
        nav: path and name of each of these pages.
    """
    nav = (("/", "Preview"), ("/gallery", "Gallery"), *nav)
    name = f"{state.folder.name} · {state.root.name}"

    async def shell(request: Request) -> Response:
        return HTMLResponse(
            page("Preview", _shell(request.url.path == "/gallery"), here=request.url.path, nav=nav, name=name)
        )

    async def screen(request: Request) -> Response:
        shown = state.shown.get(view_of(request))
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

    async def events(request: Request) -> Response:
        view = view_of(request)

        async def tell() -> AsyncIterator[ServerSentEvent]:
            with state.open(view) as event:
                while not state.stopped:
                    await event.wait()
                    event.clear()
                    yield ServerSentEvent(json.dumps(state.shown[view].as_json()), event="shown")

        return EventSourceResponse(tell(), ping=15)

    async def focus(request: Request) -> Response:
        value = await _json(request)
        where = value.get("page")
        if not isinstance(where, int) or isinstance(where, bool) or not 0 <= where < 100_000:
            return JSONResponse({"error": "expected the number of a page"}, 400)
        state.look_at(view_of(request), where)
        return Response(status_code=204)

    async def picture(request: Request) -> Response:
        content = state.pictures.get(request.path_params["name"])
        return _kept(content, "image/png", request, shared=False)

    async def asset(request: Request) -> Response:
        media, content = state.assets.get(request.path_params["name"], ("", None))
        return _kept(content, media, request, shared=True)

    async def static(request: Request) -> Response:
        path = _STATIC / request.path_params["name"]
        if path.suffix not in _TYPES or not path.is_file() or path.parent != _STATIC:
            return PlainTextResponse("There is no such file.", 404)
        return Response(path.read_bytes(), media_type=_TYPES[path.suffix], headers={"access-control-allow-origin": "*"})

    app = Starlette(
        routes=[
            Route("/", shell),
            Route("/gallery", shell),
            Route("/screen", screen),
            Route("/events", events),
            Route("/focus", focus, methods=["POST"]),
            Route("/picture/{name:str}.png", picture),
            Route("/asset/{name:str}", asset),
            Route("/static/{name:str}", static),
            *routes,
        ]
    )
    app.router.redirect_slashes = False
    return Guard(app, port)


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


def page(title: str, body: Markup, *, here: str, nav: Nav, name: str, scripts: Sequence[str] = ("preview.js",)) -> str:
    """A page of the preview: its head, the bar with the other pages, and a body.

    Args:
        title: title of the page.
        body: what stands under the bar.
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
<div class="tool"><label><input type="checkbox" id="origins" checked> Tell which file makes what</label></div>
</div>
<div class="told">
<p id="origin" class="origin" aria-live="polite"></p>
<p id="status" class="status" role="status">Starting …</p>
</div>
<section id="problems" class="problems" aria-labelledby="problems-heading" hidden>
<details open><summary><h2 id="problems-heading">Problems</h2></summary>
<p id="stale" class="stale" hidden>Below you see the last version that could be made.</p>
<ul id="problem-list"></ul></details>
</section>
<div class="panes">
<section class="pane" id="screen-pane" aria-labelledby="screen-heading">
<h2 id="screen-heading">Web page</h2>
<iframe id="screen" title="The web page" sandbox="allow-scripts"></iframe>
</section>
<section class="pane" id="paper-pane" aria-labelledby="paper-heading">
<h2 id="paper-heading">PDF <span id="count"></span></h2>
<div id="paper" class="paper" tabindex="0" role="group" aria-label="Pages of the PDF"><ol id="pages"></ol></div>
</section>
</div>
</main>""").format(gallery=str(gallery).lower(), title="Gallery" if gallery else "Preview", part=part)


class _Server(uvicorn.Server):
    """Ends when it is told to, without waiting for browsers that still listen."""

    def capture_signals(self) -> Any:  # noqa: ANN401 - a context manager, as uvicorn has it
        return contextlib.nullcontext()


def serve(
    folder: Path,
    *,
    port: int = 0,
    told: Callable[[str], None],
    open_browser: bool = False,
    extend: Callable[[State], tuple[Sequence[BaseRoute], Nav]] | None = None,
    limits: tuple[float, float] = (SCREEN_LIMIT, PAGES_LIMIT),
) -> None:
    """Serves the preview of an issue until somebody presses Ctrl-C.

    Args:
        folder: folder of the issue.
        port: port on 127.0.0.1; 0 takes a free one.
        told: gets the address.
        open_browser: whether to open it in a browser.
        extend: gives routes and names of other pages.
        limits: seconds for the HTML and for the pages of a view of a small issue.

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
            f"port {port} cannot be had: {error.strerror}", todo="leave --port away, or name another"
        ) from error
    number = listening.getsockname()[1]
    address = f"http://127.0.0.1:{number}/"

    async def live() -> None:
        state = State(folder, limits=limits)
        routes, nav = extend(state) if extend else ((), ())
        config = uvicorn.Config(
            create_app(state, port=number, routes=routes, nav=nav), log_level="critical", lifespan="off",
            access_log=False, server_header=False,
        )  # fmt: skip
        server = _Server(config)
        loop = asyncio.get_running_loop()

        def end() -> None:
            state.stop()
            server.should_exit = server.force_exit = True

        for number_of_signal in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number_of_signal, end)
        living = asyncio.create_task(state.run())
        living.add_done_callback(lambda task: None if task.cancelled() or not task.exception() else end())
        told(address)
        if open_browser:
            loop.run_in_executor(None, webbrowser.open, address)
        await server.serve(sockets=[listening])
        state.stop()
        await living

    asyncio.run(live())
