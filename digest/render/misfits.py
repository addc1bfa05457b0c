"""Where what does not fit on the pages was typed, and what to do about it: problems of a finished layout."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest import opening, prose, tabular
from digest.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.errors import Level
    from digest.project import Issue
    from digest.publication import Entry
    from digest.render.fitting import Help, Misfit, Outcome

_MM: Final = 25.4 / 96  # of a CSS pixel
_FEW: Final = 3  # letters of a word that is looked for
_TODO: Final = {
    "table": "take columns out, or shorten the longest words in them",
    "picture": "make the picture smaller",
    "code": "break the line",
    "text": "give it places to break, or look at the styles that you changed last",
}


def problems(outcome: Outcome, issue: Issue) -> Iterator[Problem]:
    """A warning for each thing that is cut or runs into another, and for each table that the program changed much.

    Args:
        outcome: what came of fitting the pages.
        issue: the issue that is printed.
    """
    places = _Places(issue)
    for misfit in outcome.misfits:
        what = f"“{misfit.text}”" if misfit.text else f"a {misfit.kind}"
        if misfit.kind in {"table", "code"}:
            what = f"the {misfit.kind} {what}"
        if misfit.high:
            message = f"{what} is {misfit.over * _MM:.0f} mm too high for the page; {_TODO['picture']}"
            yield places.problem(misfit, "warning", "too-high", message)
        else:
            where = "its cell or column" if misfit.kind == "table" else "its column"
            message = f"{what} is {max(1.0, misfit.over * _MM):.0f} mm wider than {where}; {_TODO[misfit.kind]}"
            yield places.problem(misfit, "warning", "too-wide", message)
    left = {misfit.number for misfit in outcome.misfits if not misfit.high}
    for number, misfit in sorted(outcome.were.items()):
        if number not in left and (help_ := outcome.helps.get(number)):
            if "squeezed" in help_.classes:
                message = f"{_wider(misfit)}, however small: its words are broken anywhere; {_TODO['table']}"
                yield places.problem(misfit, "warning", "too-wide", message)
            else:
                level, message = _done(misfit, help_)
                yield places.problem(misfit, level, "fitted", message)


def _wider(misfit: Misfit) -> str:
    return f"the table “{misfit.text}” is wider than its column"


def _done(misfit: Misfit, help_: Help) -> tuple[Level, str]:
    """Level and message about the help that made a table fit."""
    what = _wider(misfit)
    if help_.parts:
        message = f"{what}: it is printed in {len(help_.parts)} parts that repeat its first column; {_TODO['table']}"
        return "warning", message
    if "turned" in help_.classes:
        message = f"{what}: it is printed on a turned page; write {{landscape}} after its caption to say so yourself"
        return "warning", message
    if "whole" in help_.classes:
        return "warning", f"{what}: it is printed after its entry, as wide as the page; {_TODO['table']}"
    how = ["over all columns"] if "wide" in help_.classes else []
    how += ["in smaller letters"] if {"small", "smallest"} & set(help_.classes) else []
    return "note", f"{what}: it is printed {' and '.join(how) or 'narrower'}"


class _Places:
    """Finds file and line of what is on a page, by the HTML ids around it and by its words."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        self.entries: dict[str, tuple[int, int, Entry]] = {
            entry.record: (s, e, entry)
            for s, section in enumerate(issue.head.sections)
            for e, entry in enumerate(section.entries)
            if entry.record
        }

    def problem(self, misfit: Misfit, level: Level, code: str, message: str) -> Problem:
        file, line = self.place(misfit)
        return Problem(level=level, code=code, message=message, file=file, line=line)

    def place(self, misfit: Misfit) -> tuple[str, int | None]:
        """File and line; what is in no entry is looked for in all files."""
        issue = self.issue
        for name in misfit.ids:
            kind, _, key = name.partition("-")
            if kind == "article" and (article := issue.articles.get(key.partition("-figure-")[0])):
                if figure := key.partition("-figure-")[2]:
                    return article.file, issue.reads[article.file].lines.get(("figures", figure), 1)
                if misfit.kind == "table":
                    return article.file, _table_line(article.text, misfit.nth, article.first_line)
                line = _line_of(misfit.text, article.text)
                return article.file, line + article.first_line if line is not None else 1
            if kind == "abstract" and key in self.entries:
                s, e, entry = self.entries[key]
                file = issue.shown("issue.yaml")
                at = issue.reads[file].text_line("sections", s, "entries", e, "comment")
                if misfit.kind == "table":
                    return file, _table_line(entry.comment, misfit.nth, at)
                if (line := _line_of(misfit.text, entry.comment)) is not None:
                    return file, at + line
                record = issue.shown("records", f"{key}.yaml")
                return record, (_line_of(misfit.text, opening.read_text(issue.root / record)) or 0) + 1
            if kind in {"notice", "page"} and (match := re.fullmatch(r"(\d+)-(\d+)", key)):
                file = issue.shown("issue.yaml")
                return file, issue.reads[file].lines.get(
                    ("sections", int(match[1]) - 1, "entries", int(match[2]) - 1), 1
                )
        file = issue.shown("issue.yaml")
        line = _line_of(misfit.text, opening.read_text(issue.root / file))
        return (file, line + 1) if line is not None else ("", None)


def _table_line(text: str, nth: int, first_line: int) -> int:
    lines = tabular.lines(prose.parse(text, "").tokens)
    return lines[nth] + first_line if nth < len(lines) else first_line


def _line_of(shown: str, text: str) -> int | None:
    """The line of a text, counted from 0, that holds the longest word of what is shown."""
    words = sorted(shown.replace("\u200b", "").split(), key=len, reverse=True)
    for word in [shown, *(word for word in words if len(word) > _FEW)]:
        if word and word in text:
            return text[: text.index(word)].count("\n")
    return None
