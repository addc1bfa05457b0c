"""Nothing from outside reaches a terminal raw: not in results, messages, names of files or errors about options."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.cli import main
from digest.cli.terminal import Styled, echo, shown, styled
from tests.conftest import ISSUE, ROOT

# Turns text around, sets a title, rings, colours, returns to the start of the line, hides.
HOSTILE = "x\u202egpj.\u2066\u200f\x1b]0;owned\x07\x9b31m\rz\u2028\U000e0041"
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
OURS = re.compile("\x1b\\[[0-9;]*[mK]|\r(?=\x1b\\[K)")  # our own colours, and the line that a sign of life was on


@given(st.text())
@example(HOSTILE)
@example("\ud800\udfff")
def test_what_is_shown_is_safe_and_readable(text: str) -> None:
    """Unsafe signs become escapes in the form of JSON, and everything else stays."""
    safe = shown(text)
    assert not UNSAFE.search(safe)
    assert safe == text or UNSAFE.search(text) or re.search("[\ud800-\udfff]", text)
    safe.encode("utf-8")


def test_json_on_a_terminal_is_still_json() -> None:
    """What is printed of JSON can be copied from a terminal and read."""
    text = json.dumps({"title": HOSTILE}, ensure_ascii=False)
    assert json.loads(shown(text)) == {"title": HOSTILE}


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("kind", "encoding", "text", "written"),
    [
        (io.TextIOWrapper, "utf-8", "\x1b[1ma\u202eb", b"\x1b[1ma\xe2\x80\xaeb\n"),
        (io.TextIOWrapper, "utf-8", "a\udcffb", b"a\xffb\n"),
        (io.TextIOWrapper, "ascii", "a\u2013b", b"a\\u2013b\n"),
        (io.TextIOWrapper, "utf-8", b"\x1b[1m\xff", b"\x1b[1m\xff\n"),
        (_Terminal, "utf-8", "\x1b[1ma\u202eb\udcff", b"\\u001b[1ma\\u202eb\\udcff\n"),
        (_Terminal, "utf-8", b"\x1b[1m\xff", b"\\u001b[1m\xef\xbf\xbd\n"),
        (_Terminal, "utf-8", Styled.of("\x1b", styled("\x07", bold=True)), b"\\u001b\x1b[1m\\u0007\x1b[0m\n"),
        (io.TextIOWrapper, "utf-8", styled("\x07", bold=True), b"\\u0007\n"),
    ],
)
def test_a_program_gets_what_there_is_and_a_person_escapes(
    monkeypatch: pytest.MonkeyPatch, kind: type[io.TextIOWrapper], encoding: str, text: str | bytes, written: bytes
) -> None:
    """Results are exact where they go into a file or a pipe, and escaped on a terminal; colours are ours alone."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    target = io.BytesIO()
    stream = kind(target, encoding=encoding, errors="strict")
    monkeypatch.setattr(sys, "stdout", stream)
    echo(text)
    stream.flush()
    assert target.getvalue() == written


COMMANDS = [
    ("collect", "{file}"),
    ("collect", "{odd}", "-v"),
    ("collect", "{hostile}"),
    ("collect", "--from", "{hostile}", "{file}"),
    ("search", "{hostile}"),
    ("search", "-v"),
    ("search", "--json"),
    ("show", "{hostile}"),
    ("show", "P1"),
    ("show", "P1", "--json"),
    ("show", "P1", "--raw"),
    ("new", "--date", "{hostile}"),
    ("new", "--date", "2015-01-01", "--title", "{hostile}"),
    ("add", "{hostile}"),
    ("refresh", "{hostile}"),
    ("refresh", "2014-07-28"),
    ("status",),
    ("status", "--json"),
    ("check",),
    ("check", "--json"),
    ("check", "{hostile}"),
    ("build", "--to", "html", "-v"),
    ("build", "--theme", "{hostile}"),
    ("build", "--to", "{hostile}"),
    ("curate", "export", "{hostile}"),
    ("curate", "import", "{file}"),
    ("curate", "import", "{odd}"),
    ("cite", "{file}"),
    ("cite", "{odd}", "--style", "{hostile}"),
    ("convert", "{file}"),
    ("convert", "{file}", "--to", "yaml"),
    ("convert", "{file}", "--to", "ris"),
    ("convert", "{odd}", "-v"),
    ("convert", "{odd}", "--debug"),
    ("styles", "list", "--match", "{hostile}"),
    ("styles", "show", "{hostile}"),
    ("themes", "list"),
    ("themes", "show", "mine"),
    ("themes", "show", "mine", "--json"),
    ("themes", "check", "{hostile}"),
    ("themes", "check", "mine"),
    ("themes", "eject", "{hostile}"),
    ("library", "list"),
    ("library", "merges"),
    ("library", "split", "{hostile}"),
    ("library", "remove", "--source", "{hostile}"),
    ("library", "list", "--removed"),
    ("sources", "show", "{hostile}"),
    ("schema", "{hostile}"),
    ("init", "{hostile}"),
    ("help", "{hostile}"),
    ("{hostile}",),
    ("build", "--{hostile}"),
    ("search", "--limit", "{hostile}"),
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A publication in which every text and name that can be hostile is."""
    folder = tmp_path_factory.mktemp("hostile") / HOSTILE
    before = Path.cwd()
    assert main(["init", str(folder)]) == 0
    os.chdir(folder)
    table = f'number,title,authors\nP1,"Of {HOSTILE} ducks","Roe{HOSTILE} J"\n'
    Path(f"{HOSTILE}.csv").write_text(table, encoding="utf-8", newline="")
    Path(f"{HOSTILE}.ris").write_text(f"TY  - {HOSTILE}\nTI  - {HOSTILE}\nZZ  - {HOSTILE}\n{HOSTILE}\n", "utf-8")
    theme = Path("themes/mine/theme.yaml")
    theme.parent.mkdir(parents=True)
    quoted = json.dumps(HOSTILE)
    theme.write_text(f"title: {quoted}\ndescription: {quoted}\nextends: highlights\n", encoding="utf-8")
    Path("themes/mine/issue.html").write_text("{{ isue }}{{ words['" + HOSTILE + "'] }}", encoding="utf-8")
    Path("overrides", f"{HOSTILE}.css").write_text("p { color: red }", encoding="utf-8")
    with Path("digest.yaml").open("a", encoding="utf-8") as file:
        file.write(f"theme_options: {{{quoted}: {quoted}}}\n")
    with Path(ISSUE, "issue.yaml").open("a", encoding="utf-8") as file:
        file.write(f"{quoted}: {quoted}\n")
    Path(ISSUE, "records", f"{HOSTILE}.yaml").write_text(f"title: {quoted}\n", encoding="utf-8")
    main(["collect", f"{HOSTILE}.csv"])
    os.chdir(before)
    return folder, {"hostile": HOSTILE, "file": f"{HOSTILE}.csv", "odd": f"{HOSTILE}.ris"}


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_every_command(
    hostile: tuple[Path, dict[str, str]],
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever a command prints on a terminal, of records, files, options and mistakes, is escaped."""
    folder, names = hostile
    monkeypatch.chdir(folder)
    terminals = {name: _Terminal(io.BytesIO(), encoding="utf-8", write_through=True) for name in ("stdout", "stderr")}
    for name, terminal in terminals.items():
        monkeypatch.setattr(sys, name, terminal)
    main([argument.format(**names) for argument in arguments])
    for terminal in terminals.values():
        text = terminal.buffer.getvalue().decode()  # type: ignore[attr-defined]  # a BytesIO
        assert "this is a bug" not in text
        assert not UNSAFE.search(OURS.sub("", text)), OURS.sub("", text)


def test_there_is_one_way_out() -> None:
    """No module prints but `terminal.py`, and what click asks and says by itself is fixed text or goes through it."""
    for path in sorted((ROOT / "digest").rglob("*.py")):
        if path.name in {"terminal.py", "lenient.py"}:  # the second writes bytes to the process that started it
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in {"print", "click.echo", "click.secho", "click.style", "click.echo_via_pager"}, path
                assert not re.match(r"sys\.(stdout|stderr)\.(buffer\.)?write(lines)?$", called) or (
                    ast.unparse(node.args[0]) == r"'\r\x1b[K'"
                ), path
