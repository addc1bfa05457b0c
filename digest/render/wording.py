"""What is wrong in a template, in words of people who edit them: what Python and Jinja say, without their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.errors import did_you_mean
from digest.render import contract

if TYPE_CHECKING:
    from collections.abc import Callable

_NOUNS: Final = {
    "str": "a text",
    "Markup": "a text (HTML)",
    "RichText": "a text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "NoneType": "nothing",
    "None": "nothing",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "generator": "a list",
    "range": "a list",
    "dict": "a table",
    "mappingproxy": "a table",
    "PartialDate": "a date",
    "IssueContext": "the issue",
    "ArticleEntry": "an article",
    "DigestEntry": "a digest",
    "NoticeEntry": "a notice",
    "PageEntry": "a page",
    "Words": "“words”",
    "LoopContext": "“loop”",
    "Macro": "a macro",
    "function": "a function",
    "method": "a function",
    "builtin_function_or_method": "a function",
}


def noun(name: str) -> str:
    """What messages call a value of a class: “a text”, “an article”, “an index line”.

    Args:
        name: the name of the class, with or without its module.
    """
    last = name.rpartition(".")[2]
    if last in _NOUNS:
        return _NOUNS[last]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", last.removesuffix("Context")).lower()
    return f"{'an' if words[:1] in 'aeio' else 'a'} {words}"


def of_error(error: Exception) -> str:
    """What went wrong in a template.

    Args:
        error: what Jinja or an expression has raised.
    """
    said = getattr(error, "message", None) or str(error)
    for pattern, message in _MESSAGES:
        if match := re.search(pattern, said):
            return message(match)
    if isinstance(error, (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)):
        return f"this cannot be computed: {_QUOTED.sub(lambda match: noun(match[1]), said)}"
    return said


_QUOTED: Final = re.compile(r"'((?:[a-z_]+\.)*(?:[A-Z]\w*|str|int|float|bool|list|tuple|dict))'")


def _lacks(match: re.Match[str]) -> str:
    """A value without the field that is asked for, with the nearest that it has."""
    what, name = match[1], match[2]
    known = next((kind for kind in contract.seen_types() if kind.__name__ == what.rpartition(".")[2]), None)
    near = did_you_mean(name, contract.fields(known)) if known and issubclass(known, msgspec.Struct) else ""
    return f"this is {noun(what)} and has no “{name}”{near}"


def _added(match: re.Match[str]) -> str:
    sign = match[1].partition(" ")[0]
    if sign == "+":
        return _not_added(match[2], match[3])
    return f"“{sign}” is not possible between {noun(match[2])} and {noun(match[3])}"


def _not_added(left: str, right: str) -> str:
    both = noun(left), noun(right)
    todo = "; write ~ instead of +, which makes a text of both" if "a text" in both else ""
    return f"{both[0]} and {both[1]} cannot be added{todo}"


def _is_no(what: str) -> Callable[[re.Match[str]], str]:
    return lambda match: f"this is {noun(match[1])}, {what}"


_MESSAGES: Final[tuple[tuple[str, Callable[[re.Match[Any]], str]], ...]] = (
    (r"^'([\w.]+)(?: object)?' has no attribute '(\w+)'", _lacks),
    (r"^'(\w+)' is undefined", lambda match: f"“{match[1]}” is not defined here"),
    (r"^([\w.]+)(?: object)? has no element slice", lambda match: f"{noun(match[1])} has no parts that can be cut out"),
    (r"^([\w.]+)(?: object)? has no element (.+)", lambda match: f"{noun(match[1])} has no part {match[2]} here"),
    (r"unsupported operand type\(s\) for (.+?): '([\w.]+)' and '([\w.]+)'", _added),
    (r"can only concatenate ([\w.]+) \(not \"([\w.]+)\"", lambda match: _not_added(match[1], match[2])),
    (r"can't multiply sequence by non-int of type '([\w.]+)'", _is_no("not a whole number")),
    (r"bad operand type for unary .+: '([\w.]+)'", _is_no("not a number")),
    (
        r"'(.+?)' not supported between instances of '([\w.]+)' and '([\w.]+)'",
        lambda match: f"{noun(match[2])} and {noun(match[3])} cannot be put in order",
    ),
    (r"object of type '([\w.]+)' has no len\(\)", _is_no("which has no length")),
    (r"'([\w.]+)' object is not (?:iterable|reversible)", _is_no("not a list")),
    (r"argument of type '([\w.]+)' is not iterable", _is_no("in which nothing can be looked for")),
    (r"'([\w.]+)' object is not callable", _is_no("not a function; remove the brackets")),
    (r"'([\w.]+)' object is not subscriptable", _is_no("which has no parts")),
    (r"'([\w.]+)' object cannot be interpreted as an integer", _is_no("not a whole number")),
    (r"^(\w+) indices must be", lambda match: f"a part of {noun(match[1])} is asked for by its number, counted from 0"),
    (r"index out of range|out of bounds", lambda _: "there is no part of this number here"),
    (r"(?:division|modulo) by zero|division or modulo", lambda _: "this divides by zero"),
    (
        r"(\w+)\(\) missing \d+ required .*?: (.+)",
        lambda match: f"“{_filter(match[1])}” needs {match[2].replace(chr(39), chr(34))} as well",
    ),
    (
        r"(\w+)\(\) got an unexpected keyword argument '(\w+)'",
        lambda match: f"“{_filter(match[1])}” takes no “{match[2]}”",
    ),
    (r"(\w+)\(\) takes .*", lambda match: f"“{_filter(match[1])}” is given too many or too few values"),
    (r"invalid literal for int\(\)[^:]*: (.+)", lambda match: f"{match[1]} is not a number"),
    (r"could not convert string to float: (.+)", lambda match: f"{match[1]} is not a number"),
    (
        r"not enough values to unpack|too many values to unpack",
        lambda _: "there are more or fewer names than values here",
    ),
    (r"^No (filter|test) named '(\w+)'(?: found)?\.?$", lambda match: f"there is no {match[1]} “{match[2]}”"),
    (r"'?([\w.]+)'? object has no attribute '(\w+)'", _lacks),
)


def _filter(name: str) -> str:
    """The name of a filter whose function Jinja calls ``do_upper`` or ``sync_do_map``."""
    return re.sub(r"^(?:sync_)?(?:async_)?do_", "", name)
