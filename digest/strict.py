"""Strict reading: one YAML or JSON text becomes one typed value, and every mistake in it a `Problem` with line and key.

YAML is read as a tree of nodes, and the *type* decides what a scalar is: ``volume: 15`` is the text ``15`` where a text
is wanted, ``number: 0037`` keeps its zeros, ``NO`` is a country. JSON is read by the same way, being YAML
(1.2, section 1.3).
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

import msgspec
from msgspec import inspect, structs

from digest import opening, yamlnodes
from digest.errors import DigestError, Level, MissingRequirementError, Problem, ProjectError, did_you_mean, not_utf8
from digest.languages import did_you_mean_language
from digest.memo import remembered
from digest.model import LANGUAGE, InconsistentError, Path
from digest.yamlnodes import DEEPEST, NULL, Node

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Hashable, Iterable, Iterator


T = TypeVar("T")
LARGEST: Final = 2 * 2**20  # bytes of a file that people type; the largest of a real publication seen is below 1 MiB
_BAD: Final = object()  # the value of a node with a problem: never None, which is a value
# YAML folds and keeps line ends as its marks say; a NUL or an escape sequence is nothing a person types.
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_PLAIN_TAGS: Final = re.compile(r"tag:yaml\.org,2002:(?:null|bool|int|float|str|seq|map|timestamp|merge|value)$")


class Read(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """What was read from a text.

    Attributes:
        value: the value, or nothing when there were errors.
        problems: every mistake found.
        file: the name of the text, as problems show it.
        lines: the line of each part of the value, by its path.
        texts: the line on which a text begins that is below its key (``|`` and ``>``), by its path.
        rest: what could be read in spite of errors, unchecked, to look for further mistakes: what has one is as where
            nothing is given, or empty where something must be. The value itself where there were no errors; nothing
            where nothing could be read.
    """

    value: T | None
    problems: tuple[Problem, ...]
    file: str
    lines: Mapping[Path, int]
    texts: Mapping[Path, int]
    rest: T | None = None

    def text_line(self, *path: str | int) -> int:
        """The line on which the text of this part begins; 1 when there is none."""
        return self.texts.get(path) or self.lines.get(path, 1)

    def problem(self, level: Level, code: str, message: str, *path: str | int) -> Problem:
        """A problem with the part of the value that `path` leads to, or with the nearest part around it."""
        return _problem(self.file, self.lines, level, code, message, path)

    @contextlib.contextmanager
    def blamed(self, code: str, *path: str | int) -> Iterator[None]:
        """Reports what the code under it raises at the part of the value that asked for it, such as a theme's name.

        What names a line of another file, such as a style's, is reported there.

        Raises:
            ProjectError: in place of a `DigestError`; one that has problems of its own is raised as it is.
        """
        try:
            yield
        except (ProjectError, MissingRequirementError):
            raise
        except DigestError as error:
            message = "; ".join(part for part in (error.found, error.expected and f"expected {error.expected}") if part)
            problem = self.problem("error", code, message, *path)
            file, _, line = error.where.rpartition(":")
            if file and line.isdecimal():
                problem = structs.replace(problem, file=file, line=int(line), key="")
            raise ProjectError([problem]) from error


def read_text(path: pathlib.Path, shown: str) -> str:
    """The text of a file.

    Raises:
        ProjectError: it is not UTF-8, is larger than `LARGEST`, or cannot be read.
    """
    try:
        return opening.read_text(path, LARGEST)
    except UnicodeDecodeError as error:
        raise ProjectError([not_utf8(error, shown)]) from None
    except OSError as error:
        code = "too-large" if error.errno == errno.EFBIG else "unreadable"
        message = f"the file cannot be read: {error.strerror or error}"
        raise ProjectError([Problem(level="error", code=code, message=message, file=shown)]) from None


@remembered
def read(text: str, type_: type[T], file: str, *, first_line: int = 1) -> Read[T]:
    """The value that a YAML or JSON text holds, checked in every part against `type_`.

    Args:
        text: the text.
        type_: a msgspec Struct of ours, or ``tuple[Struct, ...]``.
        file: how problems name the text.
        first_line: line of `file` on which the text begins.
    """
    reader = _NodeReader(file, first_line)
    node = reader.compose(text)
    if node is None and not reader.problems:
        reader.report((), "empty", "the file is empty", line=first_line)
    value = reader.decode(node, _info(cast("Hashable", type_)), (), 0) if node is not None else _BAD
    rest = value.value if isinstance(value, _Damaged) else None if value is _BAD else value
    failed = _is_bad(value) or any(problem.level == "error" for problem in reader.problems)
    return Read(
        value=None if failed else value,
        rest=rest,
        problems=tuple(reader.problems),
        file=file,
        lines=reader.lines,
        texts=reader.texts,
    )


class _Damaged(msgspec.Struct, frozen=True):
    """What is left of a value in a part of which there is a mistake."""

    value: Any


def _is_bad(value: object) -> bool:
    return value is _BAD or isinstance(value, _Damaged)


def _left(value: Any, info: inspect.Type) -> Any:  # noqa: ANN401 - a value of the type
    """What is left of a value: itself, its sound parts, or an empty one in its place."""
    return _nothing(info) if value is _BAD else value.value if isinstance(value, _Damaged) else value


def _nothing(info: inspect.Type) -> Any:  # noqa: ANN401 - a value of the type
    """An empty value of a type, where one must be."""
    match info:
        case inspect.Metadata(type=inner):
            return _nothing(inner)
        case inspect.UnionType(types=types):
            return None if any(isinstance(one, inspect.NoneType) for one in types) else _nothing(types[0])
        case inspect.StructType():
            return _unchecked(info, {})
        case inspect.VarTupleType():
            return ()
        case inspect.DictType():
            return {}
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.CustomType(cls=cls):
            with contextlib.suppress(ValueError):
                return cls.parse("")  # type: ignore[attr-defined]  # every custom type of the model has it
            return None
    return {inspect.IntType: 0, inspect.BoolType: False}.get(type(info), "")


def _unchecked(info: inspect.StructType, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a value of the type
    """A struct of what is left of its values, by their keys; whether they agree is not asked."""
    left = {}
    for field in info.fields:
        value = values.get(field.encode_name, _BAD)
        if value is not _BAD or field.required:
            left[field.name] = _left(value, field.type)
    return _without_checks(info.cls)(**left)


@functools.cache
def _without_checks(cls: type) -> type:
    return type(cls)(cls.__name__, (cls,), {"__post_init__": lambda _self: None, "__module__": cls.__module__})


def as_texts(text: str, file: str, *, first_line: int = 1) -> tuple[Any, tuple[Problem, ...]]:
    """What a YAML text of no type of ours holds, as mappings, lists and texts; nothing with the problem if it is none.

    Scalars stay as they are written: ``2014-05-30`` and ``007`` are texts, an empty one and ``null`` are “”. Aliases
    are followed, for whoever wrote the text may use all of YAML; what they make too large, or too deep, is refused.
    """
    reader = _NodeReader(file, first_line)
    node = reader.compose(text)
    if node is None:
        return None, tuple(reader.problems)
    try:
        return _texts(node, [_MOST_TEXTS]), tuple(reader.problems)
    except ValueError as error:
        return None, (
            *reader.problems,
            Problem(level="error", code="yaml", message=str(error), file=file, line=first_line),
        )


_MOST_TEXTS: Final = 100_000  # of one document: aliases may repeat each other without end


def _texts(node: Node, left: list[int], depth: int = 0) -> Any:  # noqa: ANN401 - what YAML may hold
    left[0] -= 1
    if left[0] < 0 or depth > DEEPEST:
        most = f"{_MOST_TEXTS:,} values" if left[0] < 0 else f"{DEEPEST} levels"
        raise ValueError(f"with its aliases (*name) written out, this has more than {most}")
    if isinstance(node.value, str):
        return "" if _is_null(node) else node.value
    if node.id == "mapping":
        return {
            str(key.value): _texts(value, left, depth + 1) for key, value in node.value if isinstance(key.value, str)
        }
    return [_texts(one, left, depth + 1) for one in node.value]


@functools.cache
def _info(type_: Hashable) -> inspect.Type:
    return inspect.type_info(type_)


def _problem(file: str, lines: Mapping[Path, int], level: Level, code: str, message: str, path: Path) -> Problem:
    near = path
    while near not in lines and near:
        near = near[:-1]
    sayable = message.encode("utf-8", "backslashreplace").decode()  # half a surrogate pair cannot be printed
    return Problem(level=level, code=code, message=sayable, file=file, line=lines.get(near), key=dotted(path))


def dotted(path: Path) -> str:
    """``sections[0].entries[2].why``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


class _NodeReader:
    """One reading: the problems and lines gathered while walking nodes and types together."""

    def __init__(self, file: str, first_line: int) -> None:
        self.file = file
        self.offset = first_line
        self.problems: list[Problem] = []
        self.lines: dict[Path, int] = {}
        self.texts: dict[Path, int] = {}
        self.seen: set[int] = set()
        self.source: list[str] = []

    def report(self, path: Path, code: str, message: str, line: int | None = None) -> Any:  # noqa: ANN401 - a value of the type
        problem = _problem(self.file, self.lines, "error", code, message, path)
        self.problems.append(msgspec.structs.replace(problem, line=line) if line else problem)
        return _BAD

    def compose(self, text: str) -> Node | None:
        self.source = text.splitlines()
        if (deep := next((n for n, line in enumerate(self.source) if _opens_deeply(line)), None)) is not None:
            self.report((), "yaml", "the text is nested too deeply", line=deep + self.offset)
            return None
        try:
            return yamlnodes.compose(text)
        except yamlnodes.NotYaml as error:
            what = "the text is nested too deeply" if error.what.startswith("maximum depth") else error.what
            line = error.line + self.offset if error.line is not None else None
            self.report((), "yaml", what + (_hint(what) if line else ""), line=line)
        return None

    def decode(self, node: Node, info: inspect.Type, path: Path, depth: int) -> Any:  # noqa: ANN401 - a value of the type
        self.lines.setdefault(path, node.start_mark.line + self.offset)
        if id(node) in self.seen or depth > DEEPEST:
            return self.report(
                path,
                "yaml",
                "aliases (*name) and deep nesting are not used in these files; write the value out",
            )
        self.seen.add(id(node))
        if not _is_plain(str(node.tag)):
            return self.report(path, "yaml", f"the tag {node.tag} is not used in these files")
        if isinstance(info, inspect.Metadata):
            title = (info.extra_json_schema or {}).get("title", "")
            return self.bare(node, info.type, path, depth, title)
        return self.bare(node, info, path, depth, "")

    def bare(self, node: Node, info: inspect.Type, path: Path, depth: int, title: str) -> Any:  # noqa: ANN401 - a value of the type
        match info:
            case inspect.UnionType(types=types):
                kinds = [kind for kind in types if not isinstance(kind, inspect.NoneType)]
                if _is_null(node):
                    return None if len(kinds) < len(types) else ""
                listed, keyed = node.id == "sequence", node.id == "mapping"
                fitting = [  # of a text, a list of texts and keys with texts, what is there decides
                    kind
                    for kind in kinds
                    if isinstance(kind, inspect.VarTupleType) == listed and isinstance(kind, inspect.DictType) == keyed
                ]
                self.seen.discard(id(node))
                return self.decode(node, (fitting or kinds)[0], path, depth)
            case inspect.StructType():
                return self.struct(node, info, path, depth)
            case inspect.VarTupleType(item_type=item):
                if node.id != "sequence":
                    return self.report(
                        path, "type", f"expected a list (lines that begin with “- ”), found {_node_noun(node)}"
                    )
                items = [self.decode(child, item, (*path, n), depth + 1) for n, child in enumerate(node.value)]
                if any(map(_is_bad, items)):
                    return _Damaged(tuple(_left(one, item) for one in items))
                return tuple(items)
            case inspect.DictType(key_type=key_info, value_type=value_info):
                return self.mapping(node, key_info, value_info, path, depth)
            case _:
                return self.scalar(node, info, path, title)

    def scalar(self, node: Node, info: inspect.Type, path: Path, title: str) -> Any:  # noqa: ANN401 - a value of the type
        if node.id != "scalar":
            return self.report(path, "type", f"expected {title or _noun(info)}, found {_node_noun(node)}")
        text: str = node.value
        if node.style in {"|", ">"}:
            self.texts[path] = node.start_mark.line + self.offset + 1
        if cut := self.cut_off(node):
            return self.report_cut(cut, path, node.end_mark.line + self.offset)
        match info:
            case inspect.StrType():
                if bad := CONTROL.search(text):
                    return self.report(
                        path,
                        "control-character",
                        f"the control character U+{ord(bad[0]):04X} is in the text",
                    )
                if (info.pattern and not re.match(info.pattern, text)) or len(text.strip()) < (info.min_length or 0):
                    near = did_you_mean_language(text) if info.pattern == LANGUAGE.pattern else ""
                    return self.report(path, "value", f"expected {title}, found {_quoted(text)}{near}")
                return text.strip()
            case inspect.IntType():
                if re.fullmatch(r"-?\d{1,9}", text, re.ASCII) and (info.ge is None or int(text) >= info.ge):
                    return int(text)
                return self.report(path, "value", f"expected {title or 'a number'}, found {_quoted(text)}")
            case inspect.BoolType():
                if text in {"true", "false"}:
                    return text == "true"
                return self.report(path, "value", f"expected true or false, found {_quoted(text)}")
            case inspect.LiteralType(values=values):
                if text in values:
                    return text
                known = ", ".join(str(value) for value in values if value)
                near = did_you_mean(text, (str(value) for value in values))
                return self.report(path, "value", f"expected one of {known}; found {_quoted(text)}{near}")
            case inspect.CustomType(cls=cls):
                try:
                    return cls.parse(text)  # type: ignore[attr-defined]  # every custom type of the model has it
                except ValueError as error:
                    return self.report(path, "value", str(error))
            case _:
                raise AssertionError(f"the model has a type that no file can hold: {info}")

    def cut_off(self, node: Node) -> str:
        """What looks like the end of a text without quotes, such as ``#e15166)``, and is a comment to YAML."""
        if node.style or node.end_mark.line >= len(self.source):
            return ""
        line = self.source[node.end_mark.line]
        if "#" not in line:
            return ""
        rest = line[node.end_mark.column :]
        return rest.strip() if re.match(r"\s+#[^\s#]", rest) else ""

    def report_cut(self, cut: str, path: Path, line: int) -> Any:  # noqa: ANN401 - a value of the type
        message = (
            f"in YAML “{cut}” is a comment, because “#” follows a space: put the whole text in quotes, "
            "or a space after “#” if you mean a comment"
        )
        return self.report(path, "comment", message, line)

    def keys(self, node: Node, path: Path) -> list[tuple[str, Node]] | None:
        """The keys of a mapping with their values, each once; nothing when it is none."""
        if node.id != "mapping":
            self.report(path, "type", f"expected keys with values (“key: value”), found {_node_noun(node)}")
            return None
        found: dict[str, Node] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + self.offset
            if key_node.id != "scalar":
                self.report(path, "type", "a key must be a word", line=line)
            elif bad := CONTROL.search(key_node.value):
                message = f"the control character U+{ord(bad[0]):04X} is in a key"
                self.report(path, "control-character", message, line=line)
            elif key_node.value in found:
                self.report(
                    (*path, key_node.value),
                    "duplicate-key",
                    f"the key “{key_node.value}” appears here twice",
                    line=line,
                )
            else:
                found[key_node.value] = value_node
                self.lines[*path, key_node.value] = line
        return list(found.items())

    def mapping(self, node: Node, key_info: inspect.Type, value_info: inspect.Type, path: Path, depth: int) -> Any:  # noqa: ANN401 - a value of the type
        if (pairs := self.keys(node, path)) is None:
            return _BAD
        pattern, title = "", ""
        if isinstance(key_info, inspect.Metadata) and isinstance(key_info.type, inspect.StrType):
            pattern = key_info.type.pattern or ""
            title = (key_info.extra_json_schema or {}).get("title", "")
        result = {}
        for key, child in pairs:
            if pattern and not re.match(pattern, key):
                self.report((*path, key), "value", f"expected {title}, found {_quoted(key)}")
            result[key] = self.decode(child, value_info, (*path, key), depth + 1)
        if any(map(_is_bad, result.values())):
            return _Damaged({key: _left(value, value_info) for key, value in result.items()})
        return result

    def struct(self, node: Node, info: inspect.StructType, path: Path, depth: int) -> Any:  # noqa: ANN401 - a value of the type
        if (pairs := self.keys(node, path)) is None:
            return _BAD
        fields = {field.encode_name: field for field in info.fields}
        missing = [name for name, field in fields.items() if field.required]
        values: dict[str, Any] = {}
        for key, child in pairs:
            field = fields.get(key)
            if field is None:
                near = did_you_mean(key, fields) or f"; known here: {', '.join(fields)}"
                own = _own_field(key, fields, near) if _has_own_fields(info) else ""
                self.report((*path, key), "unknown-key", f"the key “{key}” is not known here{near}{own}")
                values[key] = _BAD
            elif _is_null(child):  # a key without a value says as much as no key
                line = self.source[self.lines[*path, key] - self.offset]
                if cut := re.search(r":\s+(#[^\s#].*)", line):
                    values[key] = self.report_cut(cut[1], (*path, key), self.lines[*path, key])
            else:
                values[key] = self.decode(child, field.type, (*path, key), depth + 1)
        for name in missing:
            if name not in values:
                self.report(path, "missing-key", f"the key “{name}” is missing")
                values[name] = _BAD
        if any(map(_is_bad, values.values())):
            return _Damaged(_unchecked(info, values))
        try:
            return info.cls(**{fields[key].name: value for key, value in values.items()})
        except InconsistentError as error:
            for part, message in error.mistakes:
                self.report((*path, *part), "inconsistent", message)
        except ValueError as error:
            self.report(path, "inconsistent", str(error))
        return _Damaged(_unchecked(info, values))


_QUOTED: Final = re.compile(r"\"(?:[^\"\\]|\\.){0,100000}(?:\"|$)|'[^']{0,100000}'")


def _opens_deeply(line: str) -> bool:
    """Whether more brackets are open on one line than any file of ours has levels.

    The YAML reader looks 1,024 characters ahead for a key, at each bracket through all that are open: half a second
    for each kilobyte of brackets.
    """
    if line.count("[") + line.count("{") <= DEEPEST:
        return False
    depth = 0
    for bracket in re.findall(r"[\[\]{}]", _QUOTED.sub("", line)):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST:
            return True
    return False


def _hint(what: str) -> str:
    """What usually fixes a mistake that the YAML reader names in its own words."""
    hints = {
        "mapping values": "in YAML a text that contains “: ” must be in quotes",
        "<block end>": "this line is not indented like its neighbours, or a space is missing after “:” or “-”",
        "could not find expected ':'": "a space is missing after “:”, or the line above is incomplete",
        "\\t": "there is a tab here; use spaces",
        "end of stream": "a quote or a bracket is opened and never closed, here or above",
        "cannot start any token": "in YAML a text that begins with [ { & * ! % @ ` must be in quotes",
        "undefined alias": "in YAML a text that begins with * must be in quotes",
    }
    found = next((hint for words, hint in hints.items() if words in what), "")
    return f" ({found})" if found else ""


def _has_own_fields(info: inspect.StructType) -> bool:
    """Whether ``fields`` holds values here, as in an entry, not declarations."""
    return any(field.encode_name == "fields" and isinstance(field.type, inspect.DictType) for field in info.fields)


def _own_field(key: str, known: Iterable[str], before: str) -> str:
    """How a field of one's own is written, for a key that is not known and hardly a slip of the pen.

    What is said before it may be a question.
    """
    if not re.fullmatch(r"[A-Za-z]\w*", key, re.ASCII) or difflib.get_close_matches(key, known, 1, _SLIP):
        return ""
    begin = " A" if before.endswith("?") else "; a"
    return f"{begin} field of your own is declared under “fields” in digest.yaml, and written as “fields: {{{key}: …}}”"


_SLIP: Final = 0.81  # likeness of `coment` and `comment`; `note` and `notice` have less


@functools.lru_cache(maxsize=64)
def _is_plain(tag: str) -> bool:
    return _PLAIN_TAGS.match(tag) is not None


def _is_null(node: Node) -> bool:
    return bool(node.id == "scalar" and node.tag == NULL and not node.style)


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= 60 else text[:57] + '…'}”" if text else "nothing"


def _node_noun(node: Node) -> str:
    if _is_null(node):
        return "nothing"
    return {"sequence": "a list", "mapping": "keys with values"}.get(node.id) or f"the text {_quoted(str(node.value))}"


def _noun(info: inspect.Type) -> str:
    if isinstance(info, inspect.CustomType):
        return {"PartialDate": "a date such as 2014-07-28"}.get(info.cls.__name__, "a text")
    return {inspect.IntType: "a number", inspect.BoolType: "true or false"}.get(type(info), "a text")
