"""A YAML text as a tree of nodes with their lines: by libyaml where it reads as YAML 1.2 does, else by ruamel.yaml."""

from __future__ import annotations

import functools
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

Node = Any  # a node of either library: their types know neither `id` nor `style`
DEEPEST: Final = 40  # deeper than any file of ours, far from the limit of recursion
NULL: Final = "tag:yaml.org,2002:null"

# Where the two do not read alike, or do not refuse alike: marks of the byte order, control characters, line ends of
# YAML 1.1, tabs; several documents, directives; anchors, aliases, tags, complex keys at the beginning of a value; `<<`;
# and lines of blanks alone, which may be deeper than the text after them (YAML 1.2, 8.1.1.1). A test compares the two.
_ODD: Final = re.compile(
    "[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    r"|^(?:---|\.\.\.|%)|^ *(?:[-?] +)*(?:[*!]|&(?!(?:lt|gt|amp);)|\? )|(?:: +|[\[{,] *)[&*!?]|<<|^ +$",
    re.MULTILINE,
)


class NotYaml(Exception):  # noqa: N818 - named for what the text is
    """The text is not YAML.

    Attributes:
        what: what is wrong, in the words of ruamel.yaml.
        line: the line, from 0; nothing where it is not known.
    """

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.what, self.line = what, line


def compose(text: str) -> Node | None:
    """The root of the tree; nothing for a text without any value.

    A scalar has its text in `value`, and its `tag` says whether it is nothing (`NULL`); where its `style` is empty, it
    is not in quotes and no block. Aliases are nodes that are there twice.

    Args:
        text: the text.

    Raises:
        NotYaml: it is not YAML, or is nested more than `DEEPEST` levels.
    """
    node = by_libyaml(text)
    return by_ruamel(text) if node is None else node


def versions() -> tuple[bytes, ...]:
    """What says which versions of both libraries there are; neither is loaded."""
    found = (find_spec("yaml"), find_spec("ruamel.yaml"))
    return tuple(b"" if one is None or one.origin is None else Path(one.origin).read_bytes() for one in found)


def by_libyaml(text: str) -> Node | None:
    """What libyaml makes of a text, ten times as fast; nothing where ruamel.yaml has to read it."""
    if _ODD.search(text) or any(_is_deep(line) for line in text.split("\n")):
        return None
    if (loader := _loader()) is None:
        return None
    from yaml import YAMLError

    reading = loader(text)
    try:
        return reading.get_single_node()
    except YAMLError:
        return None
    finally:
        reading.dispose()


@functools.cache
def _loader() -> Any:  # noqa: ANN401 - PyYAML has no types
    """What makes nodes with libyaml; nothing where this machine's PyYAML comes without it."""
    try:
        from yaml.cyaml import CParser
    except ImportError:
        return None
    from yaml.resolver import BaseResolver

    class Loader(CParser, BaseResolver):  # type: ignore[misc]  # PyYAML has no types
        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            BaseResolver.__init__(self)

    Loader.add_implicit_resolver(NULL, re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
    return Loader


def _is_deep(line: str) -> bool:
    """Whether a line may be nested deeply, or have brackets that other lines close: libyaml knows no limit."""
    opened, closed = line.count("[") + line.count("{"), line.count("]") + line.count("}")
    return opened != closed or opened > DEEPEST or line.count("- ") > DEEPEST or line[: 2 * DEEPEST].isspace()


def by_ruamel(text: str) -> Node | None:
    """What ruamel.yaml makes of a text.

    Raises:
        NotYaml: as for `compose`.
    """
    from ruamel.yaml import YAML  # 40 ms: only where something is read
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = DEEPEST + 1  # the first node counts as 1
    try:
        return yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = (error.problem or error.context or "this is not YAML").replace("\n", " ")
        raise NotYaml(what, mark.line if mark else None) from error
    except YAMLError as error:
        raise NotYaml(str(error).partition("\n")[0]) from error
    except RecursionError as error:
        raise NotYaml("maximum depth") from error
    except (ValueError, AttributeError, TypeError) as error:  # ruamel.yaml raises these for odd escapes and directives
        raise NotYaml(f"this is not YAML: {error}") from error
