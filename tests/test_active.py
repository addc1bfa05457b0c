"""Pages run nothing and load nothing from elsewhere, whoever wrote the theme; what a publication allows is named."""

from __future__ import annotations

import http.server
import re
import threading
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs

from digest.build import build, load_theme, prepare, read
from digest.build import check as check_issue
from digest.errors import ProjectError, TemplateError
from digest.render import html
from digest.render.active import FILLED, Permits, Scan, script_hash, with_policy
from digest.render.theme import Theme
from tests.conftest import ISSUE, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from digest.errors import Problem
    from digest.render.html import PreparedIssue

    Digest = Callable[[Path], Callable[..., tuple[int, str, str]]]

RUNS = [
    "<script>alert(1)</script>",
    "<SCRIPT>alert(1)</SCRIPT>",
    "<script/x>alert(1)</script>",
    '<script type="module">alert(1)</script>',
    '<script type="importmap">{}</script>',
    '<script type=" text/javascript ">alert(1)</script>',
    '<script src="data:text/javascript,alert(1)"></script>',
    '<script type="text/javascript" type="application/ld+json">alert(1)</script>',
    "<svg><script>alert(1)</script></svg>",
    '<svg><script href="data:text/javascript,alert(1)"></script></svg>',
    "<!-- <script>alert(1)</script> -->",
    "<style><script>alert(1)</script></style>",
    '<a title="--> <script>alert(1)</script>">x</a>',
    "<math><mtext><style><img onerror=alert(1) src=data:></style></mtext></math>",
    '<img src="data:" onerror="alert(1)">',
    "<img/src='data:'/onerror=alert(1)>",
    '<img src="data:"onerror=alert(1)>',
    "<body\nonload\n=\nalert(1)>",
    "<svg onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\tscript:alert(1)">x</a>',
    '<a href="&#106;avascript&colon;alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href="vbscript:x">x</a>',
    '<a href="data:text/html,<p>">x</a>',
    '<a href="blob:x">x</a>',
    '<a href="file:///etc/passwd">x</a>',
    '<a href="ms-msdt:/id">x</a>',
    '<area href="javascript:alert(1)">',
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    '<math href="javascript:alert(1)">x</math>',
    '<meta http-equiv="refresh" content="0; url=https://example.org/">',
    "<meta http-equiv=' Refresh ' content=0>",
    '<meta http-equiv="set-cookie" content="a=b">',
    '<base href="https://example.org/">',
    '<iframe src="data:text/html,x"></iframe>',
    '<iframe srcdoc="x"></iframe>',
    "<object></object>",
    "<embed>",
    "<applet></applet>",
    '<form action="https://example.org/"></form>',
    '<button formaction="https://example.org/">x</button>',
    '<svg><a><set attributeName="href" to="javascript:alert(1)"/></a></svg>',
    '<svg><animate attributeName="xlink:href" values="javascript:alert(1)"/></svg>',
    '<link rel="attachment" href="data:text/plain,x">',
    '<a rel="attachment" href="file:///etc/passwd">x</a>',
    '<p style="width: expression(alert(1))">',
    "<style>p { -moz-binding: url(data:x) }</style>",
    "<style>p { behavior : url(data:x) }</style>",
    "<p " + "a " * 300 + ">",
    "<p " + "a='<p' " * 300,
]
LOADED = [
    '<img src="https://example.org/x.png">',
    '<img src="//example.org/x.png">',
    '<img src="/x.png">',
    '<img src="x.png">',
    '<img src="../../../../etc/passwd">',
    '<img src="file:///etc/passwd">',
    r'<img src="\\example.org\x.png">',
    '<img src="data:,x" srcset="data:,x 1x, https://example.org/x.png 2x">',
    '<source srcset="x.webp 100w">',
    '<video poster="https://example.org/x.png"></video>',
    '<audio src="x.mp3"></audio>',
    '<input type="image" src="x.png">',
    '<body background="x.png">',
    '<a href="https://example.org" ping="https://example.org/ping">x</a>',
    '<link rel="stylesheet" href="https://example.org/x.css">',
    '<link rel="icon" href="icon.png">',
    '<link rel="preconnect" href="https://example.org">',
    '<link rel="canonical stylesheet" href="x.css">',
    '<link href="x.css">',
    '<svg><image href="https://example.org/x.png"/></svg>',
    '<svg><image xlink:href="x.png"/></svg>',
    '<svg><use href="https://example.org/x.svg#a"/></svg>',
    '<svg><feImage href="x.png"/></svg>',
    '<svg><rect fill="url(https://example.org/x.svg#a)"/></svg>',
    r'<svg><rect filter="u\72l(x.svg#a)"/></svg>',
    '<p style="background: url(https://example.org/x.png)">',
    r'<p style="background: u\72 l(//example.org/x.png)">',
    "<p style=\"background: image-set('https://example.org/x.png' 1x)\">",
    "<style>@import 'https://example.org/x.css';</style>",
    "<style>@IMPORT url(data:text/css,x);</style>",
    "<style>@media screen { p { background: url(x.png) } }</style>",
    "<style>@font-face { font-family: x; src: url(https://example.org/x.woff2) }</style>",
    "<style>p { --x: 'https://example.org/x.png'; background: image-set(var(--x) 1x) }</style>",
    "<style>p { background: -webkit-image-set(url(x.png) 1x) }</style>",
    "<style>p { cursor: url(x.cur), auto } p { content: src('x.png') }</style>",
]
HARMLESS = [
    "<p>p &lt; .001, a<b, 1 < 2</p>",
    '<a href="https://example.org/">x</a><a href="#x">x</a><a href="mailto:a@example.org">x</a><a href="../x.html">x</a>',
    '<a href="{{unsubscribe_url}}">x</a>',
    '<script type="application/ld+json">{"a": 1}</script>',
    '<img src="data:image/png;base64,AAAA" srcset="data:image/png;base64,AAAA 2x" alt="on = off">',
    '<link rel="canonical" href="https://example.org/">',
    '<meta http-equiv="X-UA-Compatible" content="IE=edge"><meta name="refresh" content="1">',
    '<svg><use href="#a"/><rect fill="url(#b)"/><image href="data:image/png;base64,AAAA"/></svg>',
    '<svg><animate attributeName="opacity" values="0;1"/></svg>',
    '<p style="color: var(--x); scroll-behavior: smooth; background: url(data:image/png;base64,AAAA)">',
    "<style>p::before { content: 'https://example.org' } a { scroll-behavior: smooth }</style>",
    "<table data-on='1' on-line='2'>",
]


@pytest.mark.parametrize("text", RUNS)
def test_what_runs_is_found(text: str) -> None:
    """Whatever runs a script, sends readers elsewhere or hides something in a file is an error."""
    assert "active-content" in {found.code for found in Scan(f"<p>\n{text}", Permits()).found}


@pytest.mark.parametrize("text", LOADED)
def test_what_is_loaded_is_found(text: str) -> None:
    """Whatever would be loaded from outside of the page is an error."""
    assert {found.code for found in Scan(f"<p>\n{text}", Permits()).found} == {"loads-a-file"}


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_harmless_stays(text: str) -> None:
    """Links, data and what is inside of the page are not errors."""
    assert Scan(text, Permits()).found == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"<a href='{FILLED}'>{FILLED}</a><img src='{FILLED}'><p style='{FILLED}: url({FILLED})'>", False),
        (f"<a {FILLED}href='{FILLED}'{FILLED}>", False),
        (f"<a href='javascript:{FILLED}'>", True),
        (f"<img src='https://example.org/{FILLED}'>", True),
        (f"<p {FILLED}onclick='{FILLED}'>", True),
        (f"<script>{FILLED}</script>", True),
        (f"<style>p {{ background: url(https://example.org/{FILLED}) }}</style>", True),
    ],
)
def test_what_a_template_will_print_is_not_guessed(text: str, found: bool) -> None:
    """In a template, only what it says itself is an error; the finished page is looked at as well."""
    assert bool(Scan(text, Permits()).found) == found


def test_one_error_does_not_become_thousands() -> None:
    """A page that is wrong all over names the first hundred."""
    assert len(Scan("<script>1</script>" * 10_000, Permits()).found) == 100


# -- a theme from a stranger, from whatever file ------------------------------------------------------------------------

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{}</svg>'
COVER = "overrides/partials/cover.html"
STRANGERS: list[tuple[str, str, str, int | None, str]] = [
    (COVER, "<p>\n<script>alert(1)</script>", COVER, 2, "active-content"),
    (COVER, "<p>\n{{ '<script>alert(1)</script>'|safe }}", COVER, 2, "active-content"),
    (COVER, "<p>\n{{ '<scr'|safe }}ipt>alert(1)</script>", COVER, 2, "active-content"),
    (COVER, "<p>\n<img alt=''\n on{{ 'error' }}=alert(1) src=data:>", COVER, 3, "active-content"),
    (COVER, "{% set x = 'java' ~ 'script:alert(1)' %}\n<a href='{{ x }}'>x</a>", COVER, 2, "active-content"),
    (
        COVER,
        "{% macro to() %}{{ 'javascript:' }}{% endmacro %}\n<a href='{{ to() }}x'>x</a>",
        COVER,
        2,
        "active-content",
    ),
    (COVER, "<p>\n<style>\np { background: url(https://example.org/x.png) }</style>", COVER, 3, "loads-a-file"),
    (COVER, "<p>\n\n<p style='background: url({{ '//example.org/x' }})'>", COVER, 3, "loads-a-file"),
    (COVER, "<p>\n<img alt='' src='{{ 'https:' }}//example.org/x.png'>", COVER, 2, "loads-a-file"),
    ("overrides/css/custom.css", "p { color: red }\n@import 'x.css';", "overrides/css/custom.css", 2, "css-address"),
    ("overrides/css/custom.css", "\np { src: url(https://a.example/) }", "overrides/css/custom.css", 2, "css-address"),
    ("overrides/css/custom.css", "\np { width: expression(1) }", "overrides/css/custom.css", 2, "active-content"),
    ("overrides/words/en.yaml", "contents: '<script>'\n", "", None, ""),
    ("overrides/x.svg", SVG.format("<script>alert(1)</script>"), "overrides/x.svg", None, "active-content"),
    (
        "overrides/x.svg",
        SVG.format('<image href="https://example.org/x.png"/>'),
        "overrides/x.svg",
        None,
        "loads-a-file",
    ),
    (
        "overrides/x.svg",
        SVG.format('<use xlink:href="file:///etc/passwd#a"/>'),
        "overrides/x.svg",
        None,
        "loads-a-file",
    ),
    (
        "overrides/x.svg",
        "<?xml-stylesheet href='https://example.org/x.css'?>" + SVG.format(""),
        "overrides/x.svg",
        None,
        "loads-a-file",
    ),
    (
        "overrides/x.svg",
        "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + SVG.format("<text>&x;</text>"),
        "overrides/css/custom.css",
        1,
        "css-address",
    ),
]


def _errors(problems: tuple[Problem, ...]) -> set[tuple[str, int | None, str]]:
    return {(problem.file, problem.line, problem.code) for problem in problems if problem.level == "error"}


@pytest.mark.parametrize(("name", "text", "file", "line", "code"), STRANGERS, ids=range(len(STRANGERS)))
def test_a_theme_from_a_stranger(journal: Path, name: str, text: str, file: str, line: int | None, code: str) -> None:
    """Neither format is written, and file and line of the template or stylesheet are named; the check says it once."""
    path = journal / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if name.endswith(".svg"):
        (journal / "overrides" / "css" / "custom.css").write_text("p { background: url(../x.svg) }", encoding="utf-8")
    if not code:
        assert "<script>contents" not in build(journal / ISSUE, ["html"]).files["issue.html"].decode()
        return
    for formats in (["html"], ["pdf"]):
        with pytest.raises(ProjectError) as failed:
            build(journal / ISSUE, formats)
        assert (file, line, code) in _errors(failed.value.problems)
    found = [problem for problem in check_issue(journal / ISSUE) if (problem.file, problem.code) == (file, code)]
    assert [problem.line for problem in found] == [line]


TRIED = [
    # files outside of the theme and the overrides
    "{% include '../../digest.yaml' %}",
    "{% include '/etc/passwd' %}",
    "{% include 'highlights:../../digest.yaml' %}",
    "{% import '../digest.yaml' as x %}",
    "{% include ['file:///etc/passwd', '//etc/passwd'] %}",
    "{% include 'partials/link.html' %}",
    "{{ asset('../digest.yaml') }}",
    "{{ asset('/etc/passwd') }}",
    "{{ asset('file:///etc/passwd') }}",
    "{{ asset('partials/link.html') }}",
    # Python
    "{{ ''.__class__.__mro__ }}",
    "{{ asset.__globals__ }}",
    "{{ asset.__self__ }}",
    "{{ issue.__init__.__globals__ }}",
    "{{ issue|attr('__class__') }}",
    "{{ [issue]|map(attribute='__class__')|first }}",
    "{{ '{0.__class__}'.format(issue) }}",
    "{{ '{0.__class__}'|safe.format_map({'0': issue}) }}",
    "{{ ''.format.__self__ }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ lipsum.__globals__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ joiner.__call__.__globals__ }}",
    "{% set x = options.__class__ %}{{ x }}",
    "{{ issue.sections.__add__ }}",
    "{{ words.__dict__ }}",
    "{% for x in range(10**9) %}{% endfor %}",
    # what a PDF would load
    "<img alt='' src='file:///etc/x.png'>",
    "<img alt='' src='../../../../etc/x.png'>",
    "<img alt='' src='{{ (stylesheets|string).split('\"')[3].split('/css')[0] }}/../../../../etc/x.png'>",
    "<object data='file:///etc/passwd'></object>",
    "<embed src='https://example.org/x.svg'>",
    "<link rel='attachment' href='{{ (stylesheets|string).split('\"')[3] }}'>",
    "<a rel='attachment' href='file:///etc/passwd'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<style>@import url(file:///etc/passwd);</style>",
    "<p style='background: url(file:///etc/x.png)'>x</p>",
    "<style>p { link: url(file:///etc/x.png) }</style>",
    "<svg><image href='file:///etc/x.png'/></svg>",
    "<svg><style>@import 'file:///etc/x.css';</style></svg>",
]


@pytest.fixture(scope="module")
def prepared() -> PreparedIssue:
    """The sample issue, composed once."""
    issue = read(SAMPLE / ISSUE).issue
    return prepare(issue, load_theme(issue))


@pytest.mark.parametrize("template", TRIED)
def test_a_theme_reaches_nothing(prepared: PreparedIssue, tmp_path: Path, template: str) -> None:
    """Neither files of the machine nor the network nor Python itself: a template that tries is an error in its file."""
    (tmp_path / "overrides" / "partials").mkdir(parents=True)
    (tmp_path / "digest.yaml").write_text("title: x\n", encoding="utf-8")
    (tmp_path / "overrides" / "partials" / "link.html").symlink_to(tmp_path / "digest.yaml")
    (tmp_path / COVER).write_text(template, encoding="utf-8")
    with pytest.raises((ProjectError, TemplateError)) as failed:
        html.render(structs.replace(prepared, theme=Theme("highlights", tmp_path)), "print")
    error = failed.value
    assert isinstance(error, ProjectError | TemplateError)
    errors = [problem for problem in error.problems if problem.level == "error"]
    assert COVER in {problem.file for problem in errors}
    assert "bug" not in str(errors)


def test_a_drawing_of_an_issue(journal: Path) -> None:
    """The drawings of an issue are looked at as those of a theme."""
    cover = journal / ISSUE / "figures" / "cover.svg"
    cover.write_text(SVG.format('<g onload="alert(1)"/>'), encoding="utf-8")
    with pytest.raises(ProjectError) as failed:
        build(journal / ISSUE, ["html"])
    assert (f"{ISSUE}/figures/cover.svg", None, "active-content") in _errors(failed.value.problems)


@pytest.mark.parametrize(("host", "works"), [("pictures.example.org", True), ("tracker.example", False)])
def test_pictures_of_an_email(journal: Path, host: str, works: bool) -> None:
    """An e-mail loads pictures from hosts that digest.yaml names, and from no others."""
    publication = journal / "digest.yaml"
    text = publication.read_text(encoding="utf-8")
    text += "\ntheme: mail\ntheme_options:\n  cover_address: https://pictures.example.org/c.png\n"
    publication.write_text(text, encoding="utf-8")
    (journal / "overrides/partials").mkdir(parents=True, exist_ok=True)
    footer = journal / "overrides/partials/colophon.html"
    footer.write_text(f"<tr><td>\n<img alt='' src='https://{host}/x.png'></td></tr>", encoding="utf-8")
    if works:
        page = build(journal / ISSUE, ["html"]).files["issue.html"].decode()
        assert f"https://{host}/x.png" in page
        assert "Content-Security-Policy" not in page  # no e-mail program reads one
    else:
        with pytest.raises(ProjectError) as failed:
            build(journal / ISSUE, ["html"])
        assert ("overrides/partials/colophon.html", 2, "loads-a-file") in _errors(failed.value.problems)


# -- what a publication allows -----------------------------------------------------------------------------------------

SCRIPT = "\ndocument.title = 'ran';\n"


def test_a_script_that_is_allowed(journal: Path, digest_in: Digest) -> None:
    """A script runs when digest.yaml has its name, which the error prints; build and check say that it does."""
    run = digest_in(journal)
    (journal / "overrides" / "partials").mkdir()
    (journal / COVER).write_text(f"<p>x</p>\n<script>{SCRIPT}</script>", encoding="utf-8")
    code, out, _ = run("themes", "check")
    assert code == 1
    named = re.search(r"allow_scripts: \[(sha256-\S+)\]", out)
    assert named
    assert named[1] == script_hash(SCRIPT)
    with (journal / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\nallow_scripts: [{named[1]}]\n")
    note = f"{COVER}:2: note: the page runs the script {named[1]}, because digest.yaml allows it [allowed-script]"
    code, out, err = run("build", "--to", "html", "--strict")
    assert (code, note in err) == (0, True)
    assert run("themes", "check")[0] == 0
    assert note in run("check")[1]
    page = (journal / ISSUE / "_build" / "issue.html").read_text(encoding="utf-8")
    assert f"script-src '{named[1]}'" in page
    (journal / COVER).write_text(f"<p>x</p>\n<script>{SCRIPT}more()</script>", encoding="utf-8")
    assert run("build", "--to", "html")[0] == 1


def test_a_theme_allows_itself_nothing(journal: Path, digest_in: Digest) -> None:
    """Only digest.yaml allows scripts, and only by their names."""
    theme = journal / "themes" / "mine" / "theme.yaml"
    theme.parent.mkdir(parents=True)
    theme.write_text("title: Mine\ndescription: x\nextends: highlights\nallow_scripts: []\n", encoding="utf-8")
    code, _, err = digest_in(journal)("themes", "check", "mine")
    assert (code, "allow_scripts" in err) == (1, True)
    with (journal / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write("\nallow_scripts: [all]\n")
    code, _, err = digest_in(journal)("build")
    assert (code, "the name of a script" in err) == (1, True)


# -- browsers ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that counts what it is asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - its own signature
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}", asked
        httpd.shutdown()
        thread.join()


INJECTED = """
<script>document.title = 'ran'</script><img src="{0}/img" onerror="document.title = 'ran'">
<style>@import "{0}/import"; p {{ background: url({0}/background) }} @font-face {{ font-family: x; src: url({0}/font) }}
p {{ font-family: x }}</style><link rel="stylesheet" href="{0}/link"><iframe src="{0}/frame"></iframe>
<svg><image href="{0}/svg" width="9" height="9"/><script>document.title = 'ran'</script></svg>
<object data="{0}/object"></object><video src="{0}/video" poster="{0}/poster"></video>
<a id="go" href="javascript:void(document.title='ran')">x</a><p>x</p>
"""


@pytest.mark.parametrize("start", ["<!DOCTYPE html>\n<html lang=en>\n<head>\n", "<!DOCTYPE html>", "<p>"])
def test_the_policy_holds_where_nothing_else_does(
    chromium: Browser, server: tuple[str, list[str]], tmp_path: Path, start: str
) -> None:
    """What would get past our own look at a page neither runs nor loads, and without the policy it would."""
    address, asked = server
    page_text = start + "<title>quiet</title>" + INJECTED.format(address)
    titles, counts = [], []
    for text in (page_text, with_policy(page_text)):
        asked.clear()
        file = tmp_path / "page.html"
        file.write_text(text, encoding="utf-8")
        page = chromium.new_page()
        page.goto(file.as_uri())
        page.locator("#go").click()
        titles.append(page.title())
        counts.append(len(asked))
        page.close()
    assert titles == ["ran", "quiet"]
    assert counts[0] >= 8
    assert counts[1] == 0


def test_only_the_allowed_script_runs(chromium: Browser, tmp_path: Path) -> None:
    """A script that is named runs, also with other line ends, and another one does not."""
    page_text = f"<!DOCTYPE html><html><head><title>x</title></head><body><script>{SCRIPT}</script>"
    page_text += "<script>document.body.id = 'other'</script>"
    file = tmp_path / "page.html"
    file.write_bytes(with_policy(page_text, [script_hash(SCRIPT)]).replace("\n", "\r\n").encode())
    page = chromium.new_page()
    page.goto(file.as_uri())
    assert (page.title(), page.locator("body").get_attribute("id")) == ("ran", None)
    page.close()
