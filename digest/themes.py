"""Lists, describes, copies from, checks and reviews the themes that a publication may use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from digest import opening, worker
from digest.errors import DigestError, ProjectError, did_you_mean
from digest.files import write_files
from digest.project import find_issue, find_publication, read_publication, read_publication_file
from digest.render import inventory
from digest.render.inventory import ThemeFile
from digest.render.theme import Format, Option, OptionValue, Theme, load_theme, themes
from digest.resources import folder as own_folder
from digest.revision import Revision

if TYPE_CHECKING:
    from digest.errors import Problem
    from digest.preview.review import Review  # noqa: TC004 - it needs the extra “preview”, and nothing decodes this type


class ListedTheme(Struct, frozen=True, kw_only=True):
    """A theme in the list.

    Attributes:
        name: the name by which it is used.
        title: its title.
        description: what it is for.
        of_publication: whether it is in ``themes/`` of the publication, and not one of the program.
        extends: name of the theme that it extends; may be empty.
        formats: what it makes.
        used: whether ``digest.yaml`` names it.
        mistake: why it cannot be used; empty where it can.
    """

    name: str
    title: str
    description: str
    of_publication: bool
    extends: str
    formats: tuple[Format, ...]
    used: bool
    mistake: str = ""


class ThemeOption(Struct, frozen=True, kw_only=True):
    """An option of a theme, and what it is set to.

    Attributes:
        declared: what the theme says about it.
        value: its value, from ``digest.yaml`` or else the theme's own.
        default: the theme's own value.
    """

    declared: Option
    value: OptionValue
    default: OptionValue


class ThemeDescription(Struct, frozen=True, kw_only=True):
    """What a theme is made of.

    Attributes:
        name: its name.
        title: its title.
        description: what it is for.
        of_publication: whether it is in ``themes/`` of the publication, and not one of the program.
        extends: names of the themes that it extends, the nearest first.
        formats: what it makes.
        options: its options by name.
        files: its files and those of ``overrides/``.
    """

    name: str
    title: str
    description: str
    of_publication: bool
    extends: tuple[str, ...]
    formats: tuple[Format, ...]
    options: dict[str, ThemeOption]
    files: tuple[ThemeFile, ...]


class EjectedFile(Struct, frozen=True, kw_only=True):
    """A file of a theme that is now in ``overrides/``.

    Attributes:
        file: the file that was written.
        shown_as: its name, as problems show it.
        original: the theme's file, as problems show it.
        extends: the template that it builds on, such as ``highlights:issue.html``; empty: it is a copy.
    """

    file: Path
    shown_as: str
    original: str
    extends: str


class ThemeReview(Struct, frozen=True, kw_only=True):
    """The pages that a change of templates, styles or options has changed.

    Attributes:
        review: the documents that were compared, the pages that differ, and problems.
        revision: the revision that they were compared with.
        sheet: the page that shows before and after side by side.
    """

    review: Review
    revision: Revision
    sheet: Path


def list_themes(*, folder: Path = Path()) -> tuple[ListedTheme, ...]:
    """The themes of the program, then those of the publication that the folder is in, if it is in one.

    Raises:
        ProjectError: ``digest.yaml`` has mistakes.
    """
    root = _root(folder)
    used = read_publication(root).theme if root else ""
    listed = []
    for name, place in themes(root).items():
        try:
            theme = Theme(name, root or _nowhere())
        except DigestError as error:
            mistake = str(error.problems[0]) if isinstance(error, ProjectError) else str(error)
            ours = root is not None and place.is_relative_to(root)
            no = ListedTheme(
                name=name,
                title="",
                description="",
                of_publication=ours,
                extends="",
                formats=(),
                used=name == used,
                mistake=mistake,
            )
            listed.append(no)
            continue
        file = theme.layers[0].file
        listed.append(
            ListedTheme(
                name=name,
                title=file.title,
                description=file.description,
                of_publication=_is_of_publication(theme),
                extends=file.extends or "",
                formats=theme.formats,
                used=name == used,
            )
        )
    return tuple(listed)


def describe_theme(name: str | None = None, *, folder: Path = Path()) -> ThemeDescription:
    """The options, files, blocks and variables of a theme.

    Args:
        name: the theme; none: the one in ``digest.yaml``, and outside of a publication ``highlights``.
        folder: a folder in the publication.

    Raises:
        DigestError: there is no such theme, or it or ``digest.yaml`` has mistakes.
    """
    theme, _ = _theme(name, folder)
    file = theme.layers[0].file
    return ThemeDescription(
        name=theme.name,
        title=file.title,
        description=file.description,
        of_publication=_is_of_publication(theme),
        extends=tuple(layer.name for layer in theme.layers[1:]),
        formats=theme.formats,
        options={
            key: ThemeOption(declared=option, value=theme.options[key], default=option.parse(option.default))
            for key, option in theme.declared.items()
        },
        files=inventory.files(theme),
    )


def eject_file(name: str, *, folder: Path = Path(), block: str | None = None, theme: str | None = None) -> EjectedFile:
    """Puts a file of the theme into ``overrides/`` of the publication, to be changed there.

    Args:
        name: the file, by a name of `ThemeDescription.files` or its last part.
        folder: a folder in the publication.
        block: writes a file that changes this block only.
        theme: another theme than the one in ``digest.yaml``.

    Raises:
        DigestError: there is no publication, theme, file or block of this name, or the file is in ``overrides/``
            already; nothing was written.
    """
    if _root(folder) is None:
        raise DigestError(
            "this folder is not in a publication", expected="a folder with a digest.yaml, or one inside it"
        )
    used, _ = _theme(theme, folder)
    parts = {part.name: part for part in inventory.files(used) if part.name != "theme.yaml"}
    short = [full for full in parts if full.rpartition("/")[2] in {name, f"{name}.html"}]
    wanted = name if name in parts else short[0] if len(short) == 1 else name
    originals = [path for path in used.candidates(wanted) if not path.is_relative_to(used.overrides.resolve())]
    if not originals:
        raise DigestError(
            f"the theme {used.name} has no file “{name}”{did_you_mean(name, parts)}",
            expected="a name that “digest themes show” lists",
        )
    target = used.overrides / wanted
    if target.exists():
        raise DigestError(
            "this file already exists",
            where=used.shown(target),
            expected="a name that no override has yet",
            todo="nothing was written",
        )
    if opening.leads_out(target, used.publication):
        raise DigestError(
            "a link leads out of the publication",
            where=f"{used.overrides.name}/{wanted}",
            expected="files of the publication in its own folder",
            todo="nothing was written",
        )
    owner = next(layer.name for layer in used.layers if originals[0].is_relative_to(layer.folder))
    blocks = inventory.blocks(used, originals[0])
    if block is not None and block not in blocks:
        expected = f"one of {', '.join(blocks)}" if blocks else ""
        raise DigestError(f"{wanted} has no block “{block}”{did_you_mean(block, blocks)}", expected=expected)
    extends = f"{owner}:{wanted}" if blocks else ""
    content = _stub(extends, (block,) if block else (), blocks) if extends else opening.read_file(originals[0])
    (path,) = write_files({target.name: content}, target.parent, was={target.name: None})
    return EjectedFile(file=path, shown_as=used.shown(path), original=used.shown(originals[0]), extends=extends)


def _stub(extends: str, changed: tuple[str, ...], blocks: tuple[str, ...]) -> bytes:
    """A template that builds on another one: with the blocks to change, or with all of them in comments."""
    head = f'{{% extends "{extends}" %}}\n\n'
    if changed:
        bodies = "".join(f"{{% block {name} %}}\n{{{{ super() }}}}\n{{% endblock %}}\n" for name in changed)
        return f"{head}{bodies}".encode()
    listed = "\n".join(f"{{# {{% block {name} %}}{{{{ super() }}}}{{% endblock %}} #}}" for name in blocks)
    hint = "{# Take a line out of its comment, and write before or after super(), or in its place. #}"
    return f"{head}{hint}\n{listed}\n".encode()


def check_theme(name: str | None = None, *, folder: Path = Path()) -> tuple[Problem, ...]:
    """Every mistake of a theme and of ``overrides/`` that can be found without an issue.

    Args:
        name: the theme; none: the one in ``digest.yaml``, and outside of a publication ``highlights``.
        folder: a folder in the publication.

    Raises:
        DigestError: there is no such theme, or ``digest.yaml`` has mistakes.
    """
    from digest.render.check import theme_problems

    theme, language = _theme(name, folder)
    found = theme_problems(theme, language)
    root = _root(folder)
    if root is None or any(problem.level == "error" for problem in found):
        return found
    return (*found, *worker.run(worker.for_issue(0), _unmet_selectors, root, name))


def _unmet_selectors(root: Path, name: str | None) -> tuple[Problem, ...]:
    """The selectors that meet nothing in the gallery; it runs templates, and so belongs in a process of its own."""
    from digest.build import entry_keys
    from digest.cite import Styles
    from digest.render import check, gallery

    read = read_publication_file(root)
    assert read.value is not None
    theme = load_theme(read, root, name)
    documents = gallery.documents(read.value, theme, Styles(root))
    return tuple(check.unmet_selectors(theme, documents, entry_keys(root)))


def review_theme(
    against: str,
    *,
    name: str | None = None,
    issue: str | Path | None = None,
    folder: Path = Path(),
    out: Path | None = None,
) -> ThemeReview:
    """The pages that have changed since a revision of git, and a sheet that shows them.

    Args:
        against: the revision, by any name that git knows.
        name: the theme; none: the one in ``digest.yaml``, and outside of a publication all of the program.
        issue: the issue, a folder or its name; none: the one that `folder` is in, or the newest. Outside of a
            publication: the program's sample.
        folder: a folder in the publication, or in the repository of the program.
        out: where the sheet goes; none: ``_build/review``.

    Raises:
        MissingRequirementError: git, or what the preview needs, is not installed.
        DigestError: there is no repository, revision, issue or theme of this name, or one of both states cannot be
            built.
    """
    from digest.doctor import need_preview

    need_preview("the review")
    from digest.preview import review

    root = _root(folder)
    place = find_issue(issue, folder=folder) if root or issue else None
    if name:
        _theme(name, folder)  # an unknown name is an error before anything else is done
    found, commit = review.against(against, issue=place, themes=(name,) if name else (), folder=folder)
    sheet = review.sheet(
        found, "Pages that changed" if found.changes else "No page changed", f"{commit}: {commit.subject}"
    )
    (path,) = write_files({"index.html": sheet.encode()}, out or (root or commit.repository) / "_build" / "review")
    return ThemeReview(review=found, revision=commit, sheet=path)


def describe_context() -> dict[str, Any]:
    """What templates see, as a value of JSON: ``variables``, and ``types`` with their fields."""
    from digest.render import contract

    return contract.reference()


def _root(folder: Path) -> Path | None:
    try:
        return find_publication(folder)
    except DigestError:
        return None


def _nowhere() -> Path:
    """A folder without overrides, for the program's own themes outside of a publication."""
    return own_folder("templates").parent


def _theme(name: str | None, folder: Path) -> tuple[Theme, str]:
    """A theme with the options of the publication, and the language of its words; the program's outside of one."""
    root = _root(folder)
    if root is None:
        return Theme(name or "highlights", _nowhere()), "en"
    read = read_publication_file(root)
    assert read.value is not None
    return load_theme(read, root, name), read.value.language


def _is_of_publication(theme: Theme) -> bool:
    return theme.layers[0].folder.is_relative_to(theme.publication / "themes")
