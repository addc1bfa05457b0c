"""Rich text in expressions of templates: it is cut, measured and added as other texts are, and keeps its markup."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from jinja2 import filters, pass_environment
from markupsafe import Markup, escape

from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment

# Filters that look at letters, or ask for what only a plain text has; what they give is plain.
_OF_LETTERS: Final = frozenset(
    """
    length count first last reverse list batch slice random indent wordwrap urlencode tojson center sum unique
    """.split()
)


def as_filter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of Jinja that takes rich text as well, where it takes a text."""
    if name == "truncate":
        return _truncated
    if name not in _OF_LETTERS:
        return function

    @functools.wraps(function)  # keeps the marks by which Jinja gives it the environment
    def of_letters(*args: Any, **values: Any) -> Any:  # noqa: ANN401 - whatever the filter takes
        return function(*(arg.plain if isinstance(arg, RichText) else arg for arg in args), **values)

    return of_letters


@pass_environment
def _truncated(environment: Environment, text: Any, *args: Any, **values: Any) -> Any:  # noqa: ANN401 - as Jinja has it
    """``truncate``: of rich text its first characters with their markup, and the end that Jinja puts."""
    if not isinstance(text, RichText):
        return filters.do_truncate(environment, text, *args, **values)
    end = values.get("end", args[2] if len(args) > 2 else "...")
    cut = filters.do_truncate(environment, text.plain, *args, **values)
    return text if cut == text.plain else _sum(text.part(0, len(cut) - len(end)), end)


def _sum(left: RichText | str, right: RichText | str) -> Markup:
    return Markup(escape(left)) + escape(right)  # noqa: S704 - both are escaped


def added(left: Any, right: Any) -> Markup | None:  # noqa: ANN401 - any values
    """Two texts one after the other where one of them is rich; nothing where that is not so."""
    if not any(isinstance(one, RichText) for one in (left, right)):
        return None
    return _sum(left, right) if all(isinstance(one, RichText | str) for one in (left, right)) else None


def item(text: RichText, wanted: Any) -> Any:  # noqa: ANN401 - whatever is between the brackets
    """``title[:40]`` with its markup, ``title[0]`` and ``title["plain"]``; a step makes the text plain."""
    if isinstance(wanted, slice):
        return text.part(wanted.start, wanted.stop) if wanted.step in {None, 1} else text.plain[wanted]
    return text.plain[wanted]
