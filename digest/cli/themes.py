"""The commands about themes: which there are, what one is made of, a file to change, what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli.talk import DONE, FAILED, as_dict, lacks_extra, print_json, relative, report, talkative
from digest.errors import DigestError, did_you_mean

if TYPE_CHECKING:
    from digest.cli.talk import Talk
    from digest.model import Publication
    from digest.render.theme import Theme


def add_theme_commands(cli: click.Group) -> None:
    """Adds ``digest themes``."""
    cli.add_command(themes)


@click.group()
def themes() -> None:
    """Themes: what makes pages of an issue, and your own files before it."""


def _root() -> Path | None:
    from digest.project import find_publication

    try:
        return find_publication(Path())
    except DigestError:
        return None


def _nowhere() -> Path:
    """A folder without overrides, from which the program's own themes are named as anywhere."""
    from digest.resources import folder

    return folder("templates").parent


def _publication(root: Path) -> Publication:
    from digest.project import read_publication

    return read_publication(root)


def _theme(name: str | None) -> tuple[Theme, str]:
    """A theme with the options of the publication, and the language of its words; the program's outside of one."""
    from digest.errors import ProjectError
    from digest.render.theme import Theme
    from digest.render.theme import themes as found

    root = _root()
    publication = _publication(root) if root else None
    wanted = name or (publication.theme if publication else "highlights")
    known = found(root)
    if wanted not in known:
        raise DigestError(
            f"there is no theme “{wanted}”{did_you_mean(wanted, known)}", expected=f"one of {', '.join(known)}"
        )
    place = root or _nowhere()
    theme = Theme(wanted, place)
    if publication:
        own = Theme(publication.theme, place) if wanted != publication.theme else theme
        if mistakes := list(theme.set_options(publication.theme_options, own)):
            from digest.errors import Problem

            raise ProjectError(
                [Problem(level="error", code="theme-option", message=message, file="digest.yaml",
                         key=f"theme_options.{key}") for key, message in mistakes]
            )  # fmt: skip
    return theme, publication.language if publication else "en"


def _where(theme: Theme) -> str:
    return "this publication" if theme.layers[0].folder.is_relative_to(theme.publication / "themes") else "the program"


@themes.command("list")
@click.option("--json", is_flag=True, help="Print the list as JSON.")
@talkative
def list_themes(*, json: bool, talk: Talk) -> None:  # noqa: ARG001 - there is nothing to talk about
    """List the themes of the program and of this publication."""
    from digest.render.theme import Theme
    from digest.render.theme import themes as found

    root = _root()
    used = _publication(root).theme if root else ""
    listed: list[dict[str, Any]] = []
    for name in found(root):
        theme = Theme(name, root or _nowhere())
        file = theme.layers[0].file
        listed.append(
            {"name": name, "title": file.title, "description": file.description, "from": _where(theme),
             "extends": file.extends or "", "formats": list(theme.formats), "used": name == used}
        )  # fmt: skip
    if json:
        print_json({"themes": listed})
        return
    for item in listed:
        mark = "\tused here" if item["used"] else ""
        click.echo(f"{item['name']}\t{item['title']}\tof {item['from']}\t{', '.join(item['formats'])}{mark}")


@themes.command("show")
@click.argument("name", required=False)
@click.option("--json", is_flag=True, help="Print it as JSON.")
@talkative
def show_theme(name: str | None, *, json: bool, talk: Talk) -> None:
    """Show what a theme is made of: options, which file wins for each name, blocks, variables."""
    from digest.render import lint

    theme, _ = _theme(name)
    file, parts = theme.layers[0].file, lint.parts(theme)
    if json:
        options = {
            key: {"type": o.type, "value": theme.options[key], "default": o.default, "description": o.description,
                  **({"choices": list(o.choices)} if o.choices else {})}
            for key, o in theme.declared.items()
        }  # fmt: skip
        print_json(
            {"name": theme.name, "title": file.title, "description": file.description, "from": _where(theme),
             "extends": [layer.name for layer in theme.layers[1:]], "formats": list(theme.formats), "options": options,
             "files": [{"name": p.name, "file": p.files[0], "behind": list(p.files[1:]), "blocks": list(p.blocks),
                        "variables": list(p.variables), "uses": list(p.includes)} for p in parts]}
        )  # fmt: skip
        return
    facts = {
        "title": file.title,
        "is": file.description,
        "from": _where(theme),
        "extends": ", ".join(layer.name for layer in theme.layers[1:]),
        "makes": ", ".join(theme.formats),
    }
    click.echo("\n".join(f"{label + ':':<9}{value}" for label, value in facts.items() if value))
    click.echo("\noptions")
    for key, option in theme.declared.items():
        value, default = (
            str(v).lower() if isinstance(v, bool) else str(v)
            for v in (theme.options[key], option.parse(option.default))
        )  # fmt: skip
        changed = "" if value == default else f" (without it {default})"
        among = f" {', '.join(option.choices)}" if option.choices else ""
        click.echo(f"  {key}: {option.type}{among}, {value}{changed}: {option.description}")
    click.echo("\nfiles")
    for part in parts:
        click.echo(f"  {part.name}: {part.files[0]}")
        if talk.verbose:
            for loser in part.files[1:]:
                click.echo(f"    before {loser}")
        for label, names in (("blocks", part.blocks), ("uses", part.variables), ("includes", part.includes)):
            if names:
                click.echo(f"    {label}: {', '.join(names)}")


@themes.command("eject")
@click.argument("name")
@click.option("--block", metavar="BLOCK", help="Write a file that changes this block only.")
@click.option("--theme", "theme_name", metavar="NAME", help="Another theme than the one in digest.yaml.")
@talkative
def eject(name: str, block: str | None, theme_name: str | None, *, talk: Talk) -> None:
    """Put a file of the theme into overrides/, where you may change it: NAME as "digest themes show" lists it."""
    from digest.files import write
    from digest.render import lint

    root = _root()
    if root is None:
        raise DigestError("this folder is in no publication", expected="a folder with a digest.yaml, or one inside it")
    theme, _ = _theme(theme_name)
    parts = {part.name: part for part in lint.parts(theme) if part.name != "theme.yaml"}
    short = [full for full in parts if full.rpartition("/")[2] in {name, f"{name}.html"}]
    wanted = name if name in parts else short[0] if len(short) == 1 else name
    originals = [path for path in theme.candidates(wanted) if not path.is_relative_to(theme.overrides.resolve())]
    if not originals:
        raise DigestError(
            f"the theme {theme.name} has no file “{name}”{did_you_mean(name, parts)}",
            expected="a name that “digest themes show” lists",
        )
    target = theme.overrides / wanted
    if target.exists():
        raise DigestError(
            "this file is there already", where=theme.shown(target), expected="a name that no override has yet",
            todo="nothing was written",
        )  # fmt: skip
    owner = next(layer.name for layer in theme.layers if originals[0].is_relative_to(layer.folder))
    blocks = lint.blocks(theme, originals[0])
    stub = bool(blocks)
    if block is not None and block not in blocks:
        expected = f"one of {', '.join(blocks)}" if blocks else ""
        raise DigestError(f"{wanted} has no block “{block}”{did_you_mean(block, blocks)}", expected=expected)
    if stub:
        head = f'{{% extends "{owner}:{wanted}" %}}\n\n'
        if block is not None:
            text = f"{head}{{% block {block} %}}\n{{{{ super() }}}}\n{{% endblock %}}\n"
        else:
            listed = "\n".join(f"{{# {{% block {b} %}}{{{{ super() }}}}{{% endblock %}} #}}" for b in blocks)
            hint = "{# Take a line out of its comment, and write before or behind super(), or in its place. #}"
            text = f"{head}{hint}\n{listed}\n"
        content = text.encode()
    else:
        content = originals[0].read_bytes()
    (path,) = write({target.name: content}, target.parent)
    click.echo(theme.shown(path))
    talk.say(
        f"This file builds on {owner}:{wanted} and follows it in all that it does not change." if stub
        else f"A copy of {theme.shown(originals[0])}: it no longer follows the theme when that changes."
    )  # fmt: skip


@themes.command("check")
@click.argument("name", required=False)
@click.option("--json", is_flag=True, help="Print the problems as JSON.")
@click.option("--strict", is_flag=True, help="Exit with 3 when there were warnings.")
@talkative
def check_theme(name: str | None, *, json: bool, strict: bool, talk: Talk) -> int:
    """Tell what is wrong in a theme and in overrides/: names, blocks, files, styles, fonts."""
    from digest.render import lint

    theme, language = _theme(name)
    problems = lint.check(theme, language)
    return report(problems, talk, json=json, strict=strict)


@themes.command("review")
@click.argument("name", required=False)
@click.option("--against", metavar="REV", required=True, help="A revision of git: a branch, a tag, a commit, HEAD~1.")
@click.option("--issue", metavar="ISSUE", help="An issue, a folder or its name.  [default: the newest]")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Where the sheet goes.  [default: _build/review]"
)
@click.option("--json", is_flag=True, help="Print what changed as JSON.")
@talkative
def review_theme(
    name: str | None, against: str, issue: str | None, out: Path | None, *, json: bool, talk: Talk
) -> int:  # fmt: skip
    """Show which pages a change of templates, styles or options changed since REV, before and after.

    Exits with 1 when pages changed, as diff does.
    """
    from digest.files import write
    from digest.project import find_issue

    try:
        from digest.preview import review
    except ModuleNotFoundError as error:
        raise lacks_extra("the review", error) from error

    root = _root()
    folder = find_issue(Path(), issue) if root or issue else None
    if name:
        _theme(name)  # tells of a name that is none, before anything else is done
    found, commit = review.against(against, issue=folder, themes=(name,) if name else (), folder=Path())
    sheet = review.sheet(
        found, "Pages that changed" if found.changes else "No page changed", f"{commit}: {commit.subject}"
    )
    place = out or (root or commit.repository) / "_build" / "review"
    (path,) = write({"index.html": sheet.encode()}, place)
    talk.problems(found.problems)
    if json:
        print_json(
            {"against": commit.id, "sheet": relative(path),
             "documents": [{"document": d.document, "theme": d.theme, "pages": d.pages, "same": d.same}
                           for d in found.documents],
             "changes": [{name: getattr(c, name) for name in c.__struct_fields__ if name != "pictures"}
                         for c in found.changes],
             "problems": [as_dict(problem) for problem in found.problems]}
        )  # fmt: skip
    else:
        for change in found.changes:
            click.echo(f"{change.theme}: {change.title}: {change.told}")
        click.echo(relative(path))
        count = len(found.changes)
        talk.say(f"{count} page{'s' if count != 1 else ''} changed since {commit}." if count
                 else f"No page changed since {commit}.")  # fmt: skip
    return FAILED if found.changes else DONE


@themes.command("context")
@click.option("--json", is_flag=True, help="Print it as JSON.")
@talkative
def context(*, json: bool, talk: Talk) -> None:  # noqa: ARG001 - there is nothing to talk about
    """Print what templates see: every variable and field, as a page in Markdown."""
    from digest.render import contract

    if json:
        found: dict[str, Any] = contract.reference()
        print_json(found)
    else:
        click.echo(contract.markdown(), nl=False)
