"""The help of the program: commands in the order of the work, whole sentences, examples, the right word for a wrong one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
import pytest

from digest.cli import cli, main
from digest.cli.program import SECTIONS, SYNONYMS
from digest.export import WRITERS

if TYPE_CHECKING:
    from collections.abc import Iterator

Capture = pytest.CaptureFixture[str]


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command of the program, with what one types to run it."""
    for name, command in group.commands.items():
        yield f"{path}{name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")


COMMANDS = dict(commands(cli))


def test_commands_in_the_order_of_the_work(capsys: Capture) -> None:
    """The list of commands has all of them, in the order in which an editor needs them."""
    assert main(["--help"]) == 0
    listed = re.findall(r"^  ([a-z]+)  ", capsys.readouterr().out, re.MULTILINE)
    assert listed == [name for names in SECTIONS.values() for name in names]
    assert sorted(listed) == sorted(cli.commands)


@pytest.mark.parametrize(
    "path", ["", *(name for name, command in COMMANDS.items() if isinstance(command, click.Group))]
)
def test_short_help_fits_its_line(path: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """No sentence in a list of commands is cut, on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*path.split(), "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if line.endswith("...") and not line.startswith("Usage")]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("path", COMMANDS)
def test_every_help_has_examples(path: str, capsys: Capture) -> None:
    """The help of each command ends with command lines to copy, which are of this command."""
    assert main(["help", *path.split()]) == 0
    whole = capsys.readouterr().out
    assert main([*path.split(), "--help"]) == 0
    assert capsys.readouterr().out == whole
    before, _, examples = whole.partition("\n  Examples:\n")
    assert before
    assert f"digest {path}" in examples


def test_help_of_the_program(capsys: Capture) -> None:
    """``digest help`` is ``digest --help``."""
    assert main(["help"]) == 0
    whole = capsys.readouterr().out
    assert main(["-h"]) == 0
    assert capsys.readouterr().out == whole


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("validate", "did you mean “digest check”?"),
        ("watch", "did you mean “digest preview”?"),
        ("serve", "did you mean “digest preview”?"),
        ("open", "did you mean “digest preview”?"),
        ("export", "did you mean “digest convert” or “digest curate export”?"),
        ("list", "did you mean “digest search” or “digest themes list” or “digest styles list”?"),
        ("biuld", "did you mean “digest build”?"),
        ("help validate", "there is no command “digest validate”; did you mean “digest check”?"),
        ("curate exprot", "did you mean “digest curate export”?"),
        ("library qwertz", "“digest library --help” lists the commands"),
        ("help build more", "there is no command “digest build more”"),
        ("qwertz", "“digest --help” lists the commands"),
    ],
)
def test_a_wrong_word_names_the_right_one(typed: str, meant: str, capsys: Capture) -> None:
    """A word that is not a command ends with 2 and names the command that is meant."""
    assert main(typed.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert meant in err


def test_formats_to_choose_from() -> None:
    """The formats that `convert` offers are those that can be written."""
    (to,) = [parameter for parameter in cli.commands["convert"].params if parameter.name == "to"]
    assert isinstance(to.type, click.Choice)
    assert tuple(to.type.choices) == tuple(WRITERS)


def test_synonyms_are_not_commands() -> None:
    """Each synonym leads to a command that exists, and none hides one."""
    assert not SYNONYMS.keys() & cli.commands.keys()
    for meant in SYNONYMS.values():
        assert all(name in COMMANDS or name == "--version" for name in meant)


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_version(option: str, capsys: Capture) -> None:
    """The version is on one line of standard output."""
    assert main([option]) == 0
    assert re.fullmatch(r"digest(,? .+)\n", capsys.readouterr().out)
