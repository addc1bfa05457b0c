"""The commands about citations: cite, styles."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from digest.cli.options import examples, from_option, keys, standard_input, strict_option
from digest.cli.program import Commands
from digest.cli.talk import FAILED, as_dict, exit_code, print_json, talkative
from digest.cli.terminal import echo

if TYPE_CHECKING:
    from digest.cli.talk import Talk

_WORTH_A_NOTE: Final = 500  # references; fewer take less than a second


@click.command(
    epilog=examples(
        "digest cite export.ris",
        "digest cite records/ --style apa --locale de-DE",
        "digest cite 10.1200/jco.2014.32.15_suppl.e15166 --style 'AMA 11' --fetch",
        "digest convert export.nbib --to csl | digest cite - --to html",
    )
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT…")
@click.option("--style", default="jop-highlights", show_default=True, metavar="NAME|FILE", help="Citation style.")
@click.option("--locale", metavar="L", help="Language, such as de-DE.  [default: the style's own]")
@click.option(
    "--to", type=click.Choice(["text", "html", "json"]), default="text", show_default=True, help="What to print."
)
@click.option("--fetch", is_flag=True, help="Ask Crossref, PubMed or Europe PMC for what is not in the library.")
@from_option
@strict_option
@talkative
def cite(
    inputs: tuple[str, ...],
    style: str,
    locale: str | None,
    to: str,
    from_: str,
    *,
    fetch: bool,
    strict: bool,
    talk: Talk,
) -> int:
    """Print a bibliography of files, folders, addresses or identifiers.

    INPUT… may be in any format that the program reads; - is standard input. An identifier, such as PMID:24857584 or
    10.1200/jco.2014.32.15_suppl.e15166, is that of a record in the library.
    """
    from digest.convert import cite_records

    def on_count(count: int) -> None:
        if count >= _WORTH_A_NOTE and sys.stderr.isatty():
            talk.say(f"Formatting {count} references …")

    made = cite_records(
        inputs,
        style=style,
        locale=locale,
        input_format=from_,
        keys=keys(),
        notify=talk.say,
        on_count=on_count,
        standard_input=standard_input(inputs),
        fetch=fetch,
    )
    if made.entries or not any(problem.level == "error" for problem in made.problems):
        if to == "json":
            references = [{"id": e.id, "number": e.number, "text": e.text, "html": str(e.html)} for e in made.entries]
            problems = [as_dict(problem) for problem in made.problems]
            print_json({"style": made.style.name, "references": references, "problems": problems})
        else:
            echo(made.text if to == "text" else made.html)
    talk.problems(made.problems)
    if not made.count and any(problem.level != "note" for problem in made.problems):
        return FAILED
    return exit_code(made.problems, strict=strict)


@click.group(cls=Commands, epilog=examples("digest styles list --match vancouver", "digest styles show apa"))
def styles() -> None:
    """Citation styles: ours, and ten thousand published ones."""


@styles.command("list", epilog=examples("digest styles list", "digest styles list --match 'american medical'"))
@click.option("--match", default="", metavar="WORDS", help="Only styles whose name or title has all these words.")
@click.option("--json", is_flag=True, help="Print the list as JSON.")
@talkative
def list_styles(match: str, *, json: bool, talk: Talk) -> None:
    """List the names of all citation styles, ours first."""
    from digest.cite.catalogue import list_styles as find

    found = find(match)
    if json:
        print_json({"styles": [{"name": s.name, "title": s.title, "ours": s.ours} for s in found]})
    elif found:
        echo("\n".join(f"{style.name}\t{style.title}" for style in found))
    else:
        talk.say(f"No style has “{match}” in its name or title.")


@styles.command("show", epilog=examples("digest styles show jop-highlights", "digest styles show my-style.csl"))
@click.argument("name", metavar="NAME|FILE")
@click.option("--json", is_flag=True, help="Print it as JSON.")
@talkative
def show_style(name: str, *, json: bool, talk: Talk) -> None:
    """Show what a citation style is, and two references in it."""
    from digest.convert import show_style as show

    shown = show(name)
    found = shown.style
    facts = {
        "title": found.title,
        "id": found.id,
        "class": " ".join(part for part in (found.style.class_, found.kind) if part),
        "fields": ", ".join(found.fields),
        "parent": found.parent,
        "language": found.style.default_locale,
    }
    facts = {label: value for label, value in facts.items() if value}
    if json:
        print_json({"name": name, **facts, "sample": shown.text.splitlines()})
    else:
        echo("\n".join(f"{label + ':':<10}{value}" for label, value in facts.items()))
        echo(f"\n{shown.text}")
    talk.problems(shown.problems)
