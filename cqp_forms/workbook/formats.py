"""A number as a person sees it in its cell: number formats (ECMA-376 part 1, 18.8.30 and 18.8.31).

What serves identifiers and amounts is applied: leading zeros, literals between digits, decimals,
thousands, percent. Anything richer (fractions, conditions) is shown as the General format does.
French conventions: a decimal comma, an unbreakable space between thousands, JJ/MM/AAAA.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import Enum
from functools import cache

from cqp_forms.typography import NBSP

GENERAL = "General"

#: Built-in formats (18.8.30): the file gives their number alone.
BUILT_IN: Mapping[int, str] = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    49: "@",
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), *range(34, 37), *range(50, 59)), "dd/mm/yyyy"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 45, 46, 47), "hh:mm"),
    22: "dd/mm/yyyy hh:mm",
}

_LAST_DAY = 2_958_465  # 31/12/9999


class Epoch(Enum):
    """The workbook's date system (18.17.4.1)."""

    YEAR_1900 = "1900"
    YEAR_1904 = "1904"


_TOKEN = re.compile(r'"([^"]*)"|\\(.)|_(.)|\*(.)|\[([^\]]*)\]|(.)', re.DOTALL)


@cache
def _bare(code: str) -> str:
    """The first section of a format, without literals, colours and locales."""
    kept = []
    for quoted, escaped, blank, fill, bracket, plain in _TOKEN.findall(code):
        if plain == ";":
            break
        if bracket and set(bracket.lower()) <= set("hms"):
            kept.append(bracket)
        elif plain and not (quoted or escaped or blank or fill or bracket):
            kept.append(plain)
    return "".join(kept).lower()


def is_date(code: str) -> bool:
    """Whether a number format shows days, months or years."""
    bare = _bare(code)
    return bare != "general" and bool(set(bare) & set("dy")) and "e+" not in bare


def is_time(code: str) -> bool:
    """Whether a number format shows hours, minutes or seconds."""
    bare = _bare(code)
    return bare != "general" and bool(set(bare) & set("hs"))


def moment(serial: str, epoch: Epoch) -> datetime | None:
    """The date and time of a serial number, ``None`` when it has none.

    The 1900 system counts a 29 February 1900 that never was: the serial 60 has no date, and those
    before it are one day later than subtraction gives.
    """
    try:
        value = Decimal(serial)
        days = int(value)
    except (InvalidOperation, ValueError, OverflowError):
        return None
    seconds = min(round(float(value - days) * 86_400), 86_399)  # never the day after
    if epoch is Epoch.YEAR_1904:
        origin = datetime(1904, 1, 1)
    elif days in (0, 60):
        return None
    else:
        origin = datetime(1899, 12, 30) if days > 60 else datetime(1899, 12, 31)
    if not 0 <= days <= _LAST_DAY - 1_462 * (epoch is Epoch.YEAR_1904):
        return None
    return origin + timedelta(days=days, seconds=seconds)


def shown_date(day: date) -> str:
    """JJ/MM/AAAA."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def shown_number(number: str, code: str, epoch: Epoch = Epoch.YEAR_1900) -> str:
    """A number as its cell shows it.

    Args:
        number: as the file writes it: ``12345``, ``1.2E-3``.
        code: the number format.
        epoch: the workbook's date system.
    """
    try:
        value = Decimal(number)
        if not value.is_finite():
            return number
    except InvalidOperation:
        return number
    if is_date(code) or is_time(code):
        return _shown_moment(number, code, epoch)
    section, value = _section(code, value)
    applied = _applied(section, value)
    shows_digits = applied is not None and any(char.isdigit() for char in applied)
    return applied if applied is not None and shows_digits else _general(value)


def _shown_moment(number: str, code: str, epoch: Epoch) -> str:
    if not is_date(code):
        minutes = round(float(Decimal(number) % 1) * 1_440)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    when = moment(number, epoch)
    if when is None:
        return _general(Decimal(number))
    time = f" {when.hour:02d}:{when.minute:02d}" if is_time(code) else ""
    return shown_date(when) + time


def _general(value: Decimal) -> str:
    """General: no exponent up to 15 digits, which is all that a cell keeps."""
    value = value.normalize()
    if -10 <= value.adjusted() <= 14:
        # A double carries noise beyond 15 digits (0.1 + 0.2); no cell shows it.
        digits = max(0, 14 - value.adjusted())
        plain = f"{round(value, digits):f}"
        if "." in plain:
            plain = plain.rstrip("0").rstrip(".")
        return plain.replace(".", ",") if plain != "-0" else "0"
    mantissa, _, exponent = f"{value:.5E}".partition("E")
    mantissa = mantissa.rstrip("0").rstrip(".").replace(".", ",")
    return f"{mantissa}E{int(exponent):+03d}"


def _section(code: str, value: Decimal) -> tuple[str, Decimal]:
    """The section of the format that applies (positive; negative; zero), and what it shows."""
    sections = re.findall(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])+', code) or [GENERAL]
    if value < 0 and len(sections) > 1:
        return sections[1], -value
    if value == 0 and len(sections) > 2:
        return sections[2], value
    return sections[0], value


def _applied(section: str, value: Decimal) -> str | None:
    """The section applied to the value, ``None`` when it is richer than what is known here."""
    tokens = _tokens(section)
    if tokens is None or not any(kind == "digit" for kind, _ in tokens):
        return None
    kinds = [kind for kind, _ in tokens]
    point = kinds.index("point") if "point" in kinds else len(tokens)
    whole, decimals = tokens[:point], tokens[point + 1 :]
    value *= 100 ** kinds.count("percent")
    places = sum(kind == "digit" for kind, _ in decimals)
    rounded = abs(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    integer, _, fraction = f"{rounded:f}".partition(".")
    sign = "-" if value < 0 and rounded else ""
    shown = _whole(whole, integer.lstrip("0"))
    tail = _fraction(decimals, fraction)
    if point < len(tokens) and any(kind == "digit" for kind, _ in decimals):
        tail = f",{tail}" if tail[:1].isdigit() else tail
    return (sign + shown + tail).strip()


def _tokens(section: str) -> list[tuple[str, str]] | None:
    tokens: list[tuple[str, str]] = []
    for quoted, escaped, _, _, _, plain in _TOKEN.findall(section):
        if quoted or escaped:
            tokens.append(("literal", quoted or escaped))
        elif plain in ("0", "#", "?"):
            tokens.append(("digit", plain))
        elif plain in (".", "%", ","):
            tokens.append(({".": "point", "%": "percent", ",": "comma"}[plain], plain))
        elif plain in (" ", "-", "(", ")", "+", "$", "€", NBSP, "\u202f", ":", "'"):
            tokens.append(("literal", plain))
        elif plain:
            return None  # a letter or a slash: exponents, fractions, the General format
        # What is left takes no room in a text: blanks (_x), fillers (*x), colours, locales.
    return tokens


def _whole(tokens: list[tuple[str, str]], digits: str) -> str:
    """Spread the digits over their places, from the right; the first place takes what is left."""
    grouped = any(kind == "comma" for kind, _ in tokens)
    places = [index for index, (kind, _) in enumerate(tokens) if kind == "digit"]
    shown: list[str] = []
    rest, count = digits, 0
    for index in range(len(tokens) - 1, -1, -1):
        kind, text = tokens[index]
        if kind == "digit":
            first = index == places[0]
            taken = rest if first else rest[-1:]
            rest = "" if first else rest[:-1]
            for char in reversed(taken or ("0" if text == "0" else "")):
                if grouped and count and count % 3 == 0:
                    shown.append(NBSP)
                shown.append(char)
                count += 1
        elif kind in ("literal", "percent"):
            shown.append(text[::-1] if kind == "literal" else f"%{NBSP}")
    return "".join(shown)[::-1]


def _fraction(tokens: list[tuple[str, str]], digits: str) -> str:
    significant = digits.rstrip("0")
    shown, position = "", 0
    for kind, text in tokens:
        if kind == "digit":
            if text == "0" or position < len(significant):
                shown += digits[position : position + 1]
            position += 1
        elif kind in ("literal", "percent"):
            shown += text if kind == "literal" else f"{NBSP}%"
    return shown
