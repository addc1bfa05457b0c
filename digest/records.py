"""A record as JSON, and back: the form that ``digest convert --to json`` prints and that the library keeps."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import json

from digest.model import Origin, PartialDate, Record
from digest.text import RichText


def _from_ours(value: object) -> str:
    if isinstance(value, RichText):
        return value.source
    if isinstance(value, PartialDate):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no form in JSON")  # as msgspec asks for


def _to_ours(type_: type, value: object) -> object:
    if type_ in {RichText, PartialDate}:
        if not isinstance(value, str):
            raise ValueError(f"expected text, found {value!r:.40}")
        return type_.parse(value)
    raise NotImplementedError(f"{type_.__name__} has no form in JSON")  # as msgspec asks for


_ENCODER: Final = json.Encoder(enc_hook=_from_ours)
_DECODER: Final = json.Decoder(Record, dec_hook=_to_ours)


def encode(value: Record | Origin | str) -> bytes:
    """The record, or a part of one, as one line of JSON; empty fields are left out."""
    return _ENCODER.encode(value)


def decode(text: bytes | str) -> Record:
    """The record that `encode` wrote.

    Raises:
        msgspec.DecodeError: this is not JSON, or not a record; the message has the place, such as ``$.ids.doi``.
    """
    return _DECODER.decode(text)


def as_json(record: Record) -> dict[str, Any]:
    """The record as a value of JSON."""
    value: dict[str, Any] = msgspec.to_builtins(record, enc_hook=_from_ours)
    return value


def from_json(value: object) -> Record:
    """The record in a value of JSON.

    Raises:
        msgspec.ValidationError: it is not a record; the message has the place.
    """
    return msgspec.convert(value, Record, dec_hook=_to_ours)
