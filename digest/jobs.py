"""Builds and checks an issue in a child process with limits on time and memory: what `digest build` calls.

`digest.build` does the work; whoever trusts the templates may call it without a process. An entry with which a format
cannot be made is found, left out of that format and reported; the rest is made.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from digest import build, halving, project, worker
from digest.errors import (
    DigestError,
    DiskError,
    LimitError,
    MissingRequirementError,
    Problem,
    ProjectError,
    TemplateError,
)
from digest.files import LISTING, folder_replaced, write_files
from digest.inputs import ignore_step
from digest.store import Cleaned, publication_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from digest.inputs import Step


class WrittenIssue(Struct, frozen=True, kw_only=True):
    """An issue whose files were written.

    Attributes:
        folder: folder of the issue.
        files: the files that were written.
        problems: warnings and notes, without those about embargoes.
        embargoed: a note for each entry that was left out because it is under embargo.
    """

    folder: Path
    files: tuple[Path, ...]
    problems: tuple[Problem, ...]
    embargoed: tuple[Problem, ...]


def render_issue(
    issue: str | Path | None = None,
    *,
    folder: Path = Path(),
    formats: str | Sequence[str] = (),
    theme: str | None = None,
    scheduler: str = "",
    on_step: Step = ignore_step,
) -> build.BuiltIssue:
    """Makes the files of an issue in memory; nothing is written.

    An entry that cannot be laid out, or takes too long or too much memory, is left out of the format in question, with
    a warning ``unprintable-entry``; at most `halving.MOST` of them.

    Args:
        issue: the issue, a folder or its name; none: the one that `folder` is in, or the newest.
        folder: a folder in the publication.
        formats: what to make: ``html``, ``pdf``, ``text``, ``site``, or names of `digest.outputs.OUTPUTS`; one or
            several; none: what the theme makes.
        theme: a theme instead of the one in ``digest.yaml``.
        scheduler: address of the scheduler of a Dask cluster that makes the pages, such as ``tcp://10.0.0.1:8786``;
            empty: this machine does.
        on_step: is given what is being made, and how many pages have been laid out; in a process of its own.

    Raises:
        ProjectError: the issue has mistakes.
        TemplateError: a template is broken.
        LimitError: it takes too long or too much memory, and not because of a few entries.
        DigestError: there is no such issue, theme or format, or this machine lacks something.
    """
    place = project.find_issue(issue, folder=folder)
    wanted = [formats] if isinstance(formats, str) else list(formats)
    try:
        return worker.run(
            _limits(place), build.build, place, wanted, theme_name=theme, scheduler=scheduler, on_step=on_step
        )
    except SAYS_WHERE:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a library raises
        return _without_failing(place, wanted, theme, error, on_step)


def build_issue(
    issue: str | Path | None = None,
    *,
    folder: Path = Path(),
    formats: str | Sequence[str] = (),
    theme: str | None = None,
    out: Path | None = None,
    scheduler: str = "",
    on_step: Step = ignore_step,
) -> WrittenIssue:
    """Makes the files of an issue and writes them, all or none.

    Args:
        issue: the issue, a folder or its name; none: the one that `folder` is in, or the newest.
        folder: a folder in the publication.
        formats: what to make: ``html``, ``pdf``, ``text``, ``site``, or names of `digest.outputs.OUTPUTS`; one or
            several; none: what the theme makes.
        theme: a theme instead of the one in ``digest.yaml``.
        out: where to write; none: ``_build`` in the issue.
        scheduler: as `render_issue` takes it.
        on_step: as `render_issue` takes it.

    Raises:
        DigestError: as `render_issue` does, or the files cannot be written; nothing was written.
    """
    built = render_issue(issue, folder=folder, formats=formats, theme=theme, scheduler=scheduler, on_step=on_step)
    files = _written(built.files, out or built.issue.folder / "_build")
    return WrittenIssue(
        folder=built.issue.folder,
        files=tuple(files),
        problems=tuple(problem for problem in built.problems if problem not in built.embargoed),
        embargoed=tuple(built.embargoed),
    )


class ListedOutput(Struct, frozen=True, kw_only=True):
    """Something that can be made of an issue.

    Attributes:
        name: what ``digest build --to`` calls it.
        makes: what comes out, in a few words.
        files: the files.
        lacks: what is missing in the publication or on this machine; each with its file.
    """

    name: str
    makes: str
    files: tuple[str, ...]
    lacks: tuple[str, ...]


def list_outputs(issue: str | Path | None = None, *, folder: Path = Path()) -> tuple[ListedOutput, ...]:
    """What can be made of an issue besides HTML, PDF, text and site, and what is missing for it.

    Args:
        issue: the issue, a folder or its name; none: the one that `folder` is in, or the newest.
        folder: a folder in the publication.

    Raises:
        ProjectError: the issue has mistakes.
        DigestError: there is no such issue.
    """
    from digest import outputs

    read = build.read(project.find_issue(issue, folder=folder)).issue
    return tuple(
        ListedOutput(
            name=name,
            makes=row.makes,
            files=row.files,
            lacks=(
                *(f"{lack.file}: {lack.message}" for lack in outputs.lacking(name, read)),
                *(f"{module}, on this machine" for module in outputs.missing_modules(name)),
            ),
        )
        for name, row in outputs.OUTPUTS.items()
    )


def _written(files: Mapping[str, bytes], out: Path) -> list[Path]:
    """Writes files and folders of files, all or none; returns the files, and of each folder its first page or itself.

    Raises:
        DigestError: they cannot be written; nothing was.
    """
    from digest.render.site.plan import HOME

    folders: dict[str, dict[str, bytes]] = {}
    for name, content in files.items():
        folder, slash, rest = name.partition("/")
        if slash:
            folders.setdefault(folder, {})[rest] = content
    single = {name: content for name, content in files.items() if "/" not in name}
    with contextlib.ExitStack() as stack:
        for folder, held in folders.items():
            listing = "".join(f"{name}\n" for name in sorted({*held, LISTING})).encode()
            stack.enter_context(folder_replaced({LISTING: listing, **held}, out / folder))
        written = write_files(single, out)
    return [*written, *(out / folder / HOME if HOME in held else out / folder for folder, held in folders.items())]


def check_issue(issue: str | Path | None = None, *, folder: Path = Path()) -> tuple[Problem, ...]:
    """Every problem of an issue: its files, citations, templates and pages, and its frozen records.

    Args:
        issue: the issue, a folder or its name; none: the one that `folder` is in, or the newest.
        folder: a folder in the publication.

    Raises:
        DigestError: there is no such issue.
    """
    place = project.find_issue(issue, folder=folder)
    return worker.run(_limits(place), _check, place)


def _check(folder: Path) -> tuple[Problem, ...]:
    """The same, in one process that reads the issue once."""
    from digest.frozen import frozen_problems  # loads the library, which a build does not need

    files = project.read_files(folder)
    return (*build.check_files(files), *frozen_problems(folder, files.records))


SAYS_WHERE: Final = (ProjectError, TemplateError, MissingRequirementError, DiskError)
"""Errors that name a place where a person has to fix something, or the machine, whatever the entry."""


def failure_of(
    job: Callable[..., object],
    *args: object,
    of: Sequence[build.EntryName],
    **options: object,
) -> Exception | None:
    """What an attempt to make pages of some entries fails with, in a process of its own; nothing when it went well.

    Args:
        job: makes the pages.
        args: for the job.
        of: the entries.
        options: for the job.
    """
    try:
        worker.run(worker.for_trial(len(of)), job, *args, **options)
    except SAYS_WHERE as error:
        if isinstance(error, TemplateError) and error.problem.code == "template-limit":
            return error  # it loops over these entries, and perhaps not over others
        return None  # such a mistake ends the job in the end, with its own message
    except Exception as error:  # noqa: BLE001 - whatever a library raises
        return error
    return None


def unprintable_entries(
    outline: build.Outline,
    name: str,
    attempt: Callable[[Sequence[build.EntryName], str], Exception | None],
) -> dict[build.EntryName, Problem]:
    """The few entries with which a format cannot be made, each with its warning; empty where they are not at fault.

    Args:
        outline: what the issue consists of.
        name: the format.
        attempt: tries some entries, without one of `build.FIELDS` if it is named; gives the error, or nothing.
    """
    warnings = {}
    for entry, error in halving.failing(outline.entries, lambda entries: attempt(entries, "")).items():
        fields = build.FIELDS if entry.kind == "record" else ()
        field = next((field for field in fields if attempt([entry], field) is None), "")
        why = error.found if isinstance(error, LimitError) else error  # the file that was read last is not at fault
        message = f"{entry} is left out of the {name.upper() if name != 'text' else name}: {why}" + (
            f"; without its {field} it can be printed" if field else ""
        )
        warnings[entry] = Problem(level="warning", code="unprintable-entry", message=message, file=outline.files[entry])
    return warnings


def _without_failing(
    folder: Path, formats: Sequence[str], theme: str | None, error: Exception, on_step: Step
) -> build.BuiltIssue:
    """The files of an issue that could not be made as a whole: each format by itself, without the entries that fail.

    Raises:
        Exception: the error, where it is not about a few entries.
    """
    try:
        outline = worker.run(_limits(folder), build.outline, folder, formats, theme)
    except DigestError:
        raise error from None
    made = [_one_format(folder, outline, name, theme, error, on_step) for name in outline.formats]
    return structs.replace(
        made[-1],
        files={name: content for built in made for name, content in built.files.items()},
        problems=tuple(dict.fromkeys(problem for built in made for problem in built.problems)),
    )


def _one_format(
    folder: Path, outline: build.Outline, name: str, theme: str | None, first: Exception, on_step: Step
) -> build.BuiltIssue:
    """An issue in one format, without the entries that fail."""
    attempts = 0

    def made(only: Sequence[build.EntryName]) -> build.BuiltIssue:
        return worker.run(_limits(folder), build.build, folder, [name], theme_name=theme, only=only, on_step=on_step)

    def attempt(entries: Sequence[build.EntryName], lacking: str) -> Exception | None:
        nonlocal attempts
        attempts += 1
        on_step("Looking for the entry that cannot be printed", attempts, 0)
        return failure_of(build.build, folder, [name], theme_name=theme, only=entries, lacking=lacking, of=entries)

    failed = first
    if len(outline.formats) > 1:  # another one may be the one that failed
        try:
            return made(outline.entries)
        except SAYS_WHERE:
            raise
        except Exception as raised:  # noqa: BLE001 - whatever a library raises
            failed = raised
    warnings = unprintable_entries(_among(outline, failed), name, attempt)
    if not warnings:
        raise first if isinstance(first, LimitError) else failed
    built = made(tuple(entry for entry in outline.entries if entry not in warnings))
    return structs.replace(built, problems=(*built.problems, *warnings.values()))


def _among(outline: build.Outline, error: Exception) -> build.Outline:
    """The entries with which the pages of one sheet could not be made; all where that is not known."""
    ids = {*error.entries} if isinstance(error, DigestError) else set()
    kept = tuple(one for one in outline.entries if one.html_id in ids)
    return structs.replace(outline, entries=kept or outline.entries)


def _limits(folder: Path) -> worker.JobLimits:
    return worker.for_issue(worker.entries(folder))


def clean_store(*, folder: Path = Path()) -> Cleaned:
    """How many files and bytes were removed: all that a publication keeps because it was made before.

    What is removed is made again when it is needed. Pages of sources, the library and issues stay.

    Args:
        folder: a folder in the publication.

    Raises:
        DigestError: the folder is in no publication, or something could not be removed.
    """
    return publication_store(project.find_publication(folder)).clean()
