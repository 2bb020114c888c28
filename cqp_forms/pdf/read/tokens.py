"""Cut a content stream into operators and their operands (ISO 32000-2, 7.2, 7.3 and 7.8.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

Operand: TypeAlias = "float | bytes | list[Operand]"

_TOKEN = re.compile(
    rb"(?:[-+.0-9]+ [-+.0-9]+ [ml]\s)+S(?=\s)"
    rb"|[^\s<>()\[\]{}/%]+"
    rb"|/[^\s<>()\[\]{}/%]*"
    rb"|<<|>>"
    rb"|<[0-9A-Fa-f\s]*>"
    rb"|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))*\)"
    rb"|[\[\]]"
    rb"|%[^\r\n]*",
    re.DOTALL,
)
_INLINE = re.compile(rb"(?:(?<=\s)|^)BI\s.*?\sID\s.*?\sEI(?=\s|$)", re.DOTALL)
_ESCAPE = re.compile(rb"\\(\r\n|[0-7]{1,3}|.)", re.DOTALL)
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_CONSTANTS = frozenset((b"true", b"false", b"null"))
_NUMBER = frozenset(b"0123456789+-.")
#: What names, strings and dictionaries begin or end with.
_AS_WRITTEN = frozenset(b"/(<>")


def operations(data: bytes) -> Iterator[tuple[bytes, list[Operand]]]:
    """Each operator with its operands, in order; what is malformed is passed over, as viewers do.

    Numbers come as such, names and strings as written (see :func:`name_of`, :func:`string_of`). An
    inline image comes as the operator ``INLINE``; a path of lines that is stroked as ``LINES``, as
    written: see :func:`strokes`.
    """
    if b"BI" in data and b"EI" in data:
        data = _INLINE.sub(b" INLINE ", data)
    operands: list[Operand] = []
    outer: list[list[Operand]] = []
    for token in _TOKEN.findall(data):
        first = token[0]
        if first in _NUMBER:
            if token[-1] != 0x53:  # S
                operands.append(_real(token))
            elif operands:
                # What stands before belongs to its first operator, which is then malformed.
                yield from strokes(token, operands)
                operands = []
                outer = []
            else:
                yield b"LINES", [token]
        elif first in _AS_WRITTEN or token in _CONSTANTS:
            operands.append(token)
        elif first == 0x5B:  # [
            outer.append(operands)
            operands = []
        elif first == 0x5D:  # ]
            if outer:
                outer[-1].append(operands)
                operands = outer.pop()
        elif first != 0x25:  # %
            yield token, operands
            operands = []
            outer = []


def strokes(lines: bytes, before: Sequence[Operand] = ()) -> Iterator[tuple[bytes, list[Operand]]]:
    """The operators of what :func:`operations` gives as ``LINES``."""
    operands = list(before)
    for token in lines.split():
        if token[0] in _NUMBER:
            operands.append(_real(token))
        else:
            yield token, operands
            operands = []


def _real(token: bytes) -> float:
    try:
        return float(token)
    except ValueError:
        return 0.0


def name_of(operand: Operand) -> str:
    """A name, without its slash (7.3.5)."""
    raw = operand[1:] if isinstance(operand, bytes) else b""
    return _NAME_ESCAPE.sub(lambda one: bytes([int(one[1], 16)]), raw).decode("utf-8", "replace")


def string_of(token: bytes) -> bytes:
    """The bytes of a string, literal or hexadecimal (7.3.4)."""
    if token[:1] == b"<":
        digits = b"".join(token[1:-1].split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    body = token[1:-1]
    return _ESCAPE.sub(_unescape, body) if b"\\" in body else body


def _unescape(found: re.Match[bytes]) -> bytes:
    escaped = found[1]
    if escaped[:1].isdigit():
        return bytes([int(escaped, 8) & 255])
    if escaped in {b"\n", b"\r", b"\r\n"}:
        return b""
    return _ESCAPED.get(escaped, escaped)
