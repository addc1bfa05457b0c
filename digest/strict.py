"""Strict reading: one YAML or JSON text becomes one typed value, and every mistake in it a `Problem` with line and key.

YAML is read as a tree of nodes, and the *type* decides what a scalar is: ``volume: 15`` is the text ``15`` where a text
is wanted, ``number: 0037`` keeps its zeros, ``NO`` is a country. JSON is read by the same way, being YAML
(1.2, section 1.3).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

import msgspec
from msgspec import inspect

from digest.errors import Level, Problem, ProjectError, did_you_mean, not_utf8
from digest.memo import remembered
from digest.model import InconsistentError, Path

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Hashable


T = TypeVar("T")
Node = Any  # a node of ruamel.yaml: its types know neither `id` nor `style`
_BAD: Final = object()  # what a node gives that was told as a problem: never None, which is a value
# YAML folds and keeps line ends as it is told; a NUL or an escape sequence is nothing a person types.
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_DEPTH: Final = 40  # deeper than any file of ours, far from Python's recursion limit
_NULL: Final = "tag:yaml.org,2002:null"
_PLAIN_TAGS: Final = re.compile(r"tag:yaml\.org,2002:(?:null|bool|int|float|str|seq|map|timestamp|merge|value)$")


class Read(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """What reading a text gave.

    Attributes:
        value: the value, or nothing when there were errors.
        problems: every mistake found.
        file: the name of the text, as problems show it.
        lines: the line of each part of the value, by its path.
        texts: the line on which a text begins that stands below its key (``|`` and ``>``), by its path.
    """

    value: T | None
    problems: tuple[Problem, ...]
    file: str
    lines: Mapping[Path, int]
    texts: Mapping[Path, int]

    def text_line(self, *path: str | int) -> int:
        """The line on which the text of this part begins; 1 when there is none."""
        return self.texts.get(path) or self.lines.get(path, 1)

    def problem(self, level: Level, code: str, message: str, *path: str | int) -> Problem:
        """A problem with the part of the value that `path` leads to, or with the nearest part around it."""
        return _problem(self.file, self.lines, level, code, message, path)


def read_text(path: pathlib.Path, shown: str) -> str:
    """The text of a file.

    Raises:
        ProjectError: it is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProjectError([not_utf8(error, shown)]) from None


@remembered
def read(text: str, type_: type[T], file: str, *, first_line: int = 1) -> Read[T]:
    """The value that a YAML or JSON text holds, checked in every part against `type_`.

    Args:
        text: the text.
        type_: a msgspec Struct of ours, or ``tuple[Struct, ...]``.
        file: how problems name the text.
        first_line: line of `file` on which the text begins.
    """
    reader = _Reader(file, first_line)
    node = reader.compose(text)
    if node is None and not reader.problems:
        reader.tell((), "empty", "the file is empty", line=first_line)
    value = reader.decode(node, _info(cast("Hashable", type_)), (), 0) if node is not None else _BAD
    failed = value is _BAD or any(problem.level == "error" for problem in reader.problems)
    return Read(
        value=None if failed else value,
        problems=tuple(reader.problems),
        file=file,
        lines=reader.lines,
        texts=reader.texts,
    )


@functools.cache
def _info(type_: Hashable) -> inspect.Type:
    return inspect.type_info(type_)


def _problem(file: str, lines: Mapping[Path, int], level: Level, code: str, message: str, path: Path) -> Problem:
    near = path
    while near not in lines and near:
        near = near[:-1]
    return Problem(level=level, code=code, message=message, file=file, line=lines.get(near), key=dotted(path))


def dotted(path: Path) -> str:
    """``sections[0].entries[2].why``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


class _Reader:
    """One reading: the problems and lines gathered while walking nodes and types together."""

    def __init__(self, file: str, first_line: int) -> None:
        self.file = file
        self.offset = first_line
        self.problems: list[Problem] = []
        self.lines: dict[Path, int] = {}
        self.texts: dict[Path, int] = {}
        self.seen: set[int] = set()
        self.source: list[str] = []

    def tell(self, path: Path, code: str, message: str, line: int | None = None) -> Any:  # noqa: ANN401 - whatever value the type tells
        problem = _problem(self.file, self.lines, "error", code, message, path)
        self.problems.append(msgspec.structs.replace(problem, line=line) if line else problem)
        return _BAD

    def compose(self, text: str) -> Node | None:
        from ruamel.yaml import YAML  # 40 ms: only where something is read
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        self.source = text.splitlines()
        if (deep := next((n for n, line in enumerate(self.source) if _opens_deeply(line)), None)) is not None:
            self.tell((), "yaml", "the text is nested too deeply", line=deep + self.offset)
            return None
        yaml = YAML(typ="safe", pure=True)
        yaml.max_depth = _DEPTH + 1  # the first node counts as 1
        try:
            return yaml.compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = (error.problem or error.context or "this is not YAML").replace("\n", " ")
            if what.startswith("maximum depth"):
                what = "the text is nested too deeply"
            self.tell((), "yaml", what + _hint(what), line=mark.line + self.offset if mark else None)
        except YAMLError as error:
            self.tell((), "yaml", str(error).partition("\n")[0])
        except RecursionError:
            self.tell((), "yaml", "the text is nested too deeply")
        except (
            ValueError,
            AttributeError,
            TypeError,
        ) as error:  # ruamel.yaml raises these for malformed escapes and directives
            self.tell((), "yaml", f"this is not YAML: {error}")
        return None

    def decode(self, node: Node, info: inspect.Type, path: Path, depth: int) -> Any:  # noqa: ANN401 - whatever value the type tells
        self.lines.setdefault(path, node.start_mark.line + self.offset)
        if id(node) in self.seen or depth > _DEPTH:
            return self.tell(
                path,
                "yaml",
                "aliases (*name) and deep nesting are not used in these files; write the value out",
            )
        self.seen.add(id(node))
        if not _PLAIN_TAGS.match(str(node.tag)):
            return self.tell(path, "yaml", f"the tag {node.tag} is not used in these files")
        if isinstance(info, inspect.Metadata):
            title = (info.extra_json_schema or {}).get("title", "")
            return self.bare(node, info.type, path, depth, title)
        return self.bare(node, info, path, depth, "")

    def bare(self, node: Node, info: inspect.Type, path: Path, depth: int, title: str) -> Any:  # noqa: ANN401 - whatever value the type tells
        match info:
            case inspect.UnionType(types=types):
                if _is_null(node):
                    return None
                (inner,) = (kind for kind in types if not isinstance(kind, inspect.NoneType))
                self.seen.discard(id(node))
                return self.decode(node, inner, path, depth)
            case inspect.StructType():
                return self.struct(node, info, path, depth)
            case inspect.VarTupleType(item_type=item):
                if node.id != "sequence":
                    return self.tell(
                        path, "type", f"expected a list (lines that begin with “- ”), found {_found(node)}"
                    )
                items = [self.decode(child, item, (*path, n), depth + 1) for n, child in enumerate(node.value)]
                return _BAD if _BAD in items else tuple(items)
            case inspect.DictType(key_type=key_info, value_type=value_info):
                return self.mapping(node, key_info, value_info, path, depth)
            case _:
                return self.scalar(node, info, path, title)

    def scalar(self, node: Node, info: inspect.Type, path: Path, title: str) -> Any:  # noqa: ANN401 - whatever value the type tells
        if node.id != "scalar":
            return self.tell(path, "type", f"expected {title or _noun(info)}, found {_found(node)}")
        text: str = node.value
        if node.style in {"|", ">"}:
            self.texts[path] = node.start_mark.line + self.offset + 1
        if cut := self.cut_off(node):
            return self.tell_cut(cut, path, node.end_mark.line + self.offset)
        match info:
            case inspect.StrType():
                if bad := CONTROL.search(text):
                    return self.tell(
                        path,
                        "control-character",
                        f"the control character U+{ord(bad[0]):04X} stands in the text",
                    )
                if (info.pattern and not re.match(info.pattern, text)) or len(text.strip()) < (info.min_length or 0):
                    return self.tell(path, "value", f"expected {title}, found {_quoted(text)}")
                return text.strip()
            case inspect.IntType():
                if re.fullmatch(r"-?\d{1,9}", text, re.ASCII) and (info.ge is None or int(text) >= info.ge):
                    return int(text)
                return self.tell(path, "value", f"expected {title or 'a number'}, found {_quoted(text)}")
            case inspect.BoolType():
                if text in {"true", "false"}:
                    return text == "true"
                return self.tell(path, "value", f"expected true or false, found {_quoted(text)}")
            case inspect.LiteralType(values=values):
                if text in values:
                    return text
                known = ", ".join(str(value) for value in values if value)
                near = did_you_mean(text, (str(value) for value in values))
                return self.tell(path, "value", f"expected one of {known}; found {_quoted(text)}{near}")
            case inspect.CustomType(cls=cls):
                try:
                    return cls.parse(text)  # type: ignore[attr-defined]  # every custom type of the model has it
                except ValueError as error:
                    return self.tell(path, "value", str(error))
            case _:
                raise AssertionError(f"the model has a type that no file can hold: {info}")

    def cut_off(self, node: Node) -> str:
        """What looks like the end of a text without quotes, such as ``#e15166)``, and is a comment to YAML."""
        if node.style is not None or node.end_mark.line >= len(self.source):
            return ""
        rest = self.source[node.end_mark.line][node.end_mark.column :]
        return rest.strip() if re.match(r"\s+#[^\s#]", rest) else ""

    def tell_cut(self, cut: str, path: Path, line: int) -> Any:  # noqa: ANN401 - whatever value the type tells
        message = (
            f"in YAML “{cut}” is a comment, because “#” follows a blank: put the whole text in quotes, "
            "or a blank behind “#” when a comment is meant"
        )
        return self.tell(path, "comment", message, line)

    def keys(self, node: Node, path: Path) -> list[tuple[str, Node]] | None:
        """The keys of a mapping with their values, each once; nothing when it is none."""
        if node.id != "mapping":
            self.tell(path, "type", f"expected keys with values (“key: value”), found {_found(node)}")
            return None
        found: dict[str, Node] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + self.offset
            if key_node.id != "scalar":
                self.tell(path, "type", "a key must be a word", line=line)
            elif key_node.value in found:
                self.tell(
                    (*path, key_node.value),
                    "duplicate-key",
                    f"the key “{key_node.value}” stands here twice",
                    line=line,
                )
            else:
                found[key_node.value] = value_node
                self.lines[*path, key_node.value] = line
        return list(found.items())

    def mapping(self, node: Node, key_info: inspect.Type, value_info: inspect.Type, path: Path, depth: int) -> Any:  # noqa: ANN401 - whatever value the type tells
        if (pairs := self.keys(node, path)) is None:
            return _BAD
        pattern, title = "", ""
        if isinstance(key_info, inspect.Metadata) and isinstance(key_info.type, inspect.StrType):
            pattern = key_info.type.pattern or ""
            title = (key_info.extra_json_schema or {}).get("title", "")
        result = {}
        for key, child in pairs:
            if pattern and not re.match(pattern, key):
                self.tell((*path, key), "value", f"expected {title}, found {_quoted(key)}")
            result[key] = self.decode(child, value_info, (*path, key), depth + 1)
        return _BAD if any(value is _BAD for value in result.values()) else result

    def struct(self, node: Node, info: inspect.StructType, path: Path, depth: int) -> Any:  # noqa: ANN401 - whatever value the type tells
        if (pairs := self.keys(node, path)) is None:
            return _BAD
        fields = {field.encode_name: field for field in info.fields}
        missing = [name for name, field in fields.items() if field.required]
        values: dict[str, Any] = {}
        for key, child in pairs:
            field = fields.get(key)
            if field is None:
                near = did_you_mean(key, fields) or f"; known here: {', '.join(fields)}"
                self.tell((*path, key), "unknown-key", f"the key “{key}” is not known here{near}")
                values[key] = _BAD
            elif _is_null(child):  # a key without a value says as much as no key
                line = self.source[self.lines[*path, key] - self.offset]
                if cut := re.search(r":\s+(#[^\s#].*)", line):
                    values[key] = self.tell_cut(cut[1], (*path, key), self.lines[*path, key])
            else:
                values[key] = self.decode(child, field.type, (*path, key), depth + 1)
        for name in missing:
            if name not in values:
                self.tell(path, "missing-key", f"the key “{name}” is missing")
                values[name] = _BAD
        if any(value is _BAD for value in values.values()):
            return _BAD
        try:
            return info.cls(**values)
        except InconsistentError as error:
            for part, message in error.mistakes:
                self.tell((*path, *part), "inconsistent", message)
        except ValueError as error:
            self.tell(path, "inconsistent", str(error))
        return _BAD


_QUOTED: Final = re.compile(r"\"(?:[^\"\\]|\\.){0,100000}(?:\"|$)|'[^']{0,100000}'")


def _opens_deeply(line: str) -> bool:
    """Whether more brackets are open on one line than any file of ours has levels.

    The YAML reader looks 1,024 characters ahead for a key, at each bracket through all that are open: half a second
    for each kilobyte of brackets.
    """
    if line.count("[") + line.count("{") <= _DEPTH:
        return False
    depth = 0
    for bracket in re.findall(r"[\[\]{}]", _QUOTED.sub("", line)):
        depth += 1 if bracket in "[{" else -1
        if depth > _DEPTH:
            return True
    return False


def _hint(what: str) -> str:
    """What usually mends a mistake that the YAML reader names in its own words."""
    hints = {
        "mapping values": "in YAML a text that holds “: ” must stand in quotes",
        "<block end>": "this line is indented otherwise than its neighbours, or a blank is missing behind “:” or “-”",
        "could not find expected ':'": "a blank is missing behind “:”, or the line above is not ended",
        "\\t": "a tab stands here; use blanks",
        "end of stream": "a quote or a bracket is opened and never closed, here or above",
        "cannot start any token": "in YAML a text that begins with [ { & * ! % @ ` must stand in quotes",
        "undefined alias": "in YAML a text that begins with * must stand in quotes",
    }
    found = next((hint for words, hint in hints.items() if words in what), "")
    return f" ({found})" if found else ""


def _is_null(node: Node) -> bool:
    return bool(node.id == "scalar" and node.tag == _NULL and node.style is None)


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= 60 else text[:57] + '…'}”" if text else "nothing"


def _found(node: Node) -> str:
    if _is_null(node):
        return "nothing"
    return {"sequence": "a list", "mapping": "keys with values"}.get(node.id) or f"the text {_quoted(str(node.value))}"


def _noun(info: inspect.Type) -> str:
    if isinstance(info, inspect.CustomType):
        return {"PartialDate": "a date such as 2014-07-28"}.get(info.cls.__name__, "a text")
    return {inspect.IntType: "a number", inspect.BoolType: "true or false"}.get(type(info), "a text")
