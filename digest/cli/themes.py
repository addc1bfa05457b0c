"""The commands about themes: list, show, eject, check, review, context."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.options import examples
from digest.cli.program import Commands
from digest.cli.talk import (
    DONE,
    FAILED,
    as_dict,
    print_json,
    print_problems,
    relative,
    talkative,
)
from digest.cli.terminal import echo

if TYPE_CHECKING:
    from digest.cli.talk import Talk


@click.group(
    cls=Commands,
    epilog=examples(
        "digest themes list", "digest themes eject partials/notice.html", "digest themes review --against HEAD"
    ),
)
def themes() -> None:
    """Themes: what the pages of an issue are made of."""


def _origin(*, of_publication: bool) -> str:
    return "this publication" if of_publication else "the program"


@themes.command("list", epilog=examples("digest themes list", "digest themes list --json"))
@click.option("--json", is_flag=True, help="Print the list as JSON.")
@talkative
def list_themes(*, json: bool, talk: Talk) -> None:  # noqa: ARG001 - there is nothing to talk about
    """List the themes of the program and of this publication."""
    from digest.themes import list_themes as find

    found = find()
    if json:
        listed = [
            {
                "name": theme.name,
                "title": theme.title,
                "description": theme.description,
                "from": _origin(of_publication=theme.of_publication),
                "extends": theme.extends,
                "formats": list(theme.formats),
                "used": theme.used,
                "mistake": theme.mistake,
            }
            for theme in found
        ]
        print_json({"themes": listed})
        return
    for theme in found:
        mark = "\tused here" if theme.used else ""
        origin = _origin(of_publication=theme.of_publication)
        facts = f"{theme.title}\tof {origin}\t{', '.join(theme.formats)}"
        echo(f"{theme.name}\t{f'cannot be used: {theme.mistake}' if theme.mistake else facts}{mark}")


@themes.command("show", epilog=examples("digest themes show", "digest themes show highlights -v"))
@click.argument("name", required=False)
@click.option("--json", is_flag=True, help="Print it as JSON.")
@talkative
def show_theme(name: str | None, *, json: bool, talk: Talk) -> None:
    """Show the options, files, blocks and variables of a theme.

    NAME is a theme; by default the one in digest.yaml. For each file, the one that is used comes first.
    """
    from digest.themes import describe_theme

    theme = describe_theme(name)
    if json:
        options = {
            key: {
                "type": o.declared.type,
                "value": o.value,
                "default": o.declared.default,
                "description": o.declared.description,
                **({"choices": list(o.declared.choices)} if o.declared.choices else {}),
            }
            for key, o in theme.options.items()
        }
        files = [
            {
                "name": f.name,
                "file": f.files[0],
                "behind": list(f.files[1:]),
                "blocks": list(f.blocks),
                "variables": list(f.variables),
                "uses": list(f.includes),
            }
            for f in theme.files
        ]
        print_json(
            {
                "name": theme.name,
                "title": theme.title,
                "description": theme.description,
                "from": _origin(of_publication=theme.of_publication),
                "extends": list(theme.extends),
                "formats": list(theme.formats),
                "options": options,
                "files": files,
            }
        )
        return
    facts = {
        "title": theme.title,
        "is": theme.description,
        "from": _origin(of_publication=theme.of_publication),
        "extends": ", ".join(theme.extends),
        "makes": ", ".join(theme.formats),
    }
    echo("\n".join(f"{label + ':':<9}{value}" for label, value in facts.items() if value))
    echo("\noptions")
    for key, option in theme.options.items():
        value, default = (str(v).lower() if isinstance(v, bool) else str(v) for v in (option.value, option.default))
        changed = "" if value == default else f" (without it {default})"
        among = f" {', '.join(option.declared.choices)}" if option.declared.choices else ""
        echo(f"  {key}: {option.declared.type}{among}, {value}{changed}: {option.declared.description}")
    echo("\nfiles")
    for part in theme.files:
        echo(f"  {part.name}: {part.files[0]}")
        if talk.verbose:
            for loser in part.files[1:]:
                echo(f"    before {loser}")
        for label, names in (("blocks", part.blocks), ("uses", part.variables), ("includes", part.includes)):
            if names:
                echo(f"    {label}: {', '.join(names)}")


@themes.command(
    "eject",
    epilog=examples("digest themes eject partials/notice.html", "digest themes eject issue.html --block title"),
)
@click.argument("name")
@click.option("--block", metavar="BLOCK", help="Write a file that changes this block only.")
@click.option("--theme", "theme_name", metavar="NAME", help="Another theme than the one in digest.yaml.")
@talkative
def eject(name: str, block: str | None, theme_name: str | None, *, talk: Talk) -> None:
    """Put a file of the theme into overrides/ for you to change.

    NAME is a file as “digest themes show” lists it.
    """
    from digest.themes import eject_file

    ejected = eject_file(name, block=block, theme=theme_name)
    echo(ejected.shown_as)
    talk.say(
        f"This file builds on {ejected.extends} and follows it in everything that it does not change."
        if ejected.extends
        else f"A copy of {ejected.original}: it no longer follows the theme when that changes."
    )


@themes.command("check", epilog=examples("digest themes check", "digest themes check highlights --strict"))
@click.argument("name", required=False)
@click.option("--json", is_flag=True, help="Print the problems as JSON.")
@click.option("--strict", is_flag=True, help="Exit with 3 when there were warnings.")
@talkative
def check_theme(name: str | None, *, json: bool, strict: bool, talk: Talk) -> int:
    """List what is wrong in a theme and in overrides/.

    Looks at names, blocks, files, styles and fonts. NAME is a theme; by default the one in digest.yaml.
    """
    from digest.themes import check_theme as check

    return print_problems(check(name), talk, json=json, strict=strict)


@themes.command(
    "review",
    epilog=examples(
        "digest themes review --against HEAD", "digest themes review highlights --against v1.2 --out review/"
    ),
)
@click.argument("name", required=False)
@click.option("--against", metavar="REV", required=True, help="A revision of git: a branch, a tag, a commit, HEAD~1.")
@click.option("--issue", metavar="ISSUE", help="An issue, a folder or its name.  [default: the newest]")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Where the sheet goes.  [default: _build/review]"
)
@click.option("--json", is_flag=True, help="Print what changed as JSON.")
@talkative
def review_theme(name: str | None, against: str, issue: str | None, out: Path | None, *, json: bool, talk: Talk) -> int:
    """Show which pages have changed since a revision, side by side.

    Pages change with templates, styles and options. Exits with 1 when pages have changed, as diff does.
    """
    from digest.themes import review_theme as review

    done = review(against, name=name, issue=issue, out=out)
    found, commit, path = done.review, done.revision, done.sheet
    talk.problems(found.problems)
    if json:
        print_json(
            {
                "against": commit.id,
                "sheet": relative(path),
                "documents": [
                    {"document": d.document, "theme": d.theme, "pages": d.pages, "same": d.same}
                    for d in found.documents
                ],
                "changes": [
                    {name: getattr(c, name) for name in c.__struct_fields__ if name != "pictures"}
                    for c in found.changes
                ],
                "problems": [as_dict(problem) for problem in found.problems],
            }
        )
    else:
        for change in found.changes:
            echo(f"{change.theme}: {change.title}: {change.summary}")
        echo(relative(path))
        count = len(found.changes)
        talk.say(
            f"{count} page{'s' if count != 1 else ''} changed since {commit}."
            if count
            else f"No page changed since {commit}."
        )
    return FAILED if found.changes else DONE


@themes.command("context", epilog=examples("digest themes context > context.md", "digest themes context --json"))
@click.option("--json", is_flag=True, help="Print it as JSON.")
@talkative
def context(*, json: bool, talk: Talk) -> None:  # noqa: ARG001 - there is nothing to talk about
    """Print every variable and field that templates see, in Markdown."""
    from digest.render import contract
    from digest.themes import describe_context

    if json:
        print_json(describe_context())
    else:
        echo(contract.markdown(), nl=False)
