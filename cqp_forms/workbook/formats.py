"""A number as a person sees it in its cell: number formats (ECMA-376 part 1, 18.8.30 and 18.8.31).

What serves identifiers, amounts and dates is applied, as a French Excel does: leading zeros,
literals between digits, a decimal comma, an unbreakable space between thousands, percent, days and
months by number or by name. Anything richer (fractions, conditions) is shown as the General format
does, and said to be uncertain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import Enum
from functools import cache
from typing import NamedTuple

from cqp_forms.typography import NBSP

GENERAL = "General"
#: The format of a number whose reader cannot tell formats.
UNKNOWN = ""

#: Built-in formats (18.8.30): the file gives their number alone.
BUILT_IN: Mapping[int, str] = {
    0: GENERAL,
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    14: "dd/mm/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm",
    19: "h:mm:ss",
    20: "hh:mm",
    21: "hh:mm:ss",
    22: "dd/mm/yyyy hh:mm",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss",
    49: "@",
    # The formats of East Asian editions: dates, and times.
    **dict.fromkeys((*range(27, 32), 34, 35, 36, *range(50, 59)), "dd/mm/yyyy"),
    **dict.fromkeys((32, 33), "hh:mm"),
}

_LAST_DAY = 2_958_465  # 31/12/9999
_LONGEST_CODE = 255  # Excel's limit
#: Doubles have up to 309 digits before the comma; a format adds at most its own length.
_EXACT = Context(prec=1200)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
#: Windows writes a stop after these, and Excel shows it or not, by version.
_SHORT_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
    "déc.",
)  # fmt: skip
_FRENCH_LOCALES = frozenset({"", "40c", "80c", "c0c", "100c", "140c", "180c"})


class Epoch(Enum):
    """The workbook's date system (18.17.4.1)."""

    YEAR_1900 = "1900"
    YEAR_1904 = "1904"


class ShownNumber(NamedTuple):
    """How a cell shows its number, and whether that is certain."""

    text: str
    certain: bool = True


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
    if bare == "general" or "e+" in bare:
        return False
    return bool(set(bare) & set("dy")) or ("m" in bare and not set(bare) & set("hs"))


def is_time(code: str) -> bool:
    """Whether a number format shows hours, minutes or seconds."""
    bare = _bare(code)
    return bare != "general" and bool(set(bare) & set("hs"))


def moment(serial: str, epoch: Epoch) -> datetime | None:
    """The day and time of a serial number, ``None`` when it is none that a cell can show.

    The 1900 system counts 29 February 1900, which never was: day 60 is no day, and the days
    before it are one day later than subtraction gives.
    """
    value = number_of(serial)
    if value is None or not 0 <= value <= _LAST_DAY + 1 - 1_462 * (epoch is Epoch.YEAR_1904):
        return None
    days = int(value)
    seconds = min(round(float(value - days) * 86_400), 86_399)  # never the day after
    if epoch is Epoch.YEAR_1904:
        origin = datetime(1904, 1, 1)
    elif days in (0, 60):
        return None
    else:
        origin = datetime(1899, 12, 30) if days > 60 else datetime(1899, 12, 31)
    try:
        return origin + timedelta(days=days, seconds=seconds)
    except OverflowError:
        return None


def serial(day: date, epoch: Epoch) -> int:
    """The number that a cell keeps for a day from 1 March 1900 on; see :func:`moment`."""
    origin = date(1904, 1, 1) if epoch is Epoch.YEAR_1904 else date(1899, 12, 30)
    return (day - origin).days


def shown_date(day: date) -> str:
    """JJ/MM/AAAA."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def number_of(text: str) -> Decimal | None:
    """The number that a cell keeps: a double, of which 15 digits count; ``None`` for other text."""
    if not _NUMBER.fullmatch(text) or abs(value := float(text)) == float("inf"):
        return None
    return Decimal(f"{value:.15g}")


def shown_number(number: str, code: str, epoch: Epoch = Epoch.YEAR_1900) -> ShownNumber:
    """A number as its cell shows it.

    Args:
        number: as the file writes it: ``12345``, ``1.2E-3``.
        code: the number format.
        epoch: the workbook's date system.
    """
    value = number_of(number)
    if value is None:
        return ShownNumber(number)
    if code == UNKNOWN:
        return ShownNumber(_general(value), False)
    if len(code) > _LONGEST_CODE:
        return ShownNumber(_general(value), False)
    if is_date(code) or is_time(code):
        return _shown_moment(number, value, code, epoch)
    section, shown = _section(code, value)
    applied = _applied(section, shown)
    if applied is not None and any(char.isdigit() for char in applied):
        return ShownNumber(applied)
    plain = section.strip().lower() in (GENERAL.lower(), "@")
    return ShownNumber(_general(shown), plain)


# ------------------------------------------------------------------------------------- dates


def _shown_moment(number: str, value: Decimal, code: str, epoch: Epoch) -> ShownNumber:
    when = moment(number, epoch)
    if when is None and not is_date(code) and 0 <= value < _LAST_DAY:
        when = datetime(1900, 1, 1) + timedelta(seconds=round(float(value % 1) * 86_400))
    return ShownNumber(_general(value), False) if when is None else _moment_text(when, value, code)


_PART = re.compile(r"d+|y+|h+|s+|m+|am/pm|a/p|\.0+|General", re.IGNORECASE)


def _moment_text(when: datetime, value: Decimal, code: str) -> ShownNumber:
    """A date or time in the first section of a format (18.8.31)."""
    pieces: list[str] = []
    certain, french, named = True, True, False
    half_days = "am/pm" in _bare(code) or "a/p" in _bare(code)
    parts = _moment_parts(code)
    for index, (part, literal) in enumerate(parts):
        if not part:
            pieces.append(literal)
        elif part[0] == "[":
            pieces.append(_elapsed(part[1:-1].lower(), value))
            certain = certain and not part.lower().startswith("[$-f")  # as the system has it
            french = french and _is_french(part[1:-1].lower())
        elif part[0] == "m":
            text, known = _month_or_minute(part, when, _is_minute(parts, index))
            certain = certain and known
            pieces.append(text)
        else:
            pieces.append(_day_or_time(part, when, half_days))
            certain = certain and part != "ddd" and part[0] != "a"
        named = named or part in ("mmm", "mmmm", "mmmmm", "ddd", "dddd")
    return ShownNumber("".join(pieces).strip(), certain and (french or not named))


def _moment_parts(code: str) -> list[tuple[str, str]]:
    """The first section of a format as (part, "") and ("", literal), in order."""
    parts: list[tuple[str, str]] = []
    plain = ""

    def flush() -> None:
        nonlocal plain
        end = 0
        for found in _PART.finditer(plain):
            parts.extend([("", plain[end : found.start()])] if found.start() > end else [])
            parts.append((found[0].lower(), ""))
            end = found.end()
        parts.extend([("", plain[end:])] if end < len(plain) else [])
        plain = ""

    for quoted, escaped, _blank, _fill, bracket, char in _TOKEN.findall(code):
        if char == ";":
            break
        if char and char != "@":
            plain += char
            continue
        flush()
        if quoted or escaped:
            parts.append(("", quoted or escaped))
        elif bracket:
            parts.append((f"[{bracket}]", ""))
    flush()
    return parts


def _is_minute(parts: list[tuple[str, str]], index: int) -> bool:
    """Whether an ``m`` stands after hours or before seconds (18.8.31)."""
    before = next((part for part, _ in reversed(parts[:index]) if part), "").strip("[]")
    after = next((part for part, _ in parts[index + 1 :] if part), "").strip("[]")
    return before[:1].lower() == "h" or after[:1].lower() == "s"


def _elapsed(inside: str, value: Decimal) -> str:
    """A part in square brackets as a text: elapsed time; locales and colours show nothing."""
    if not inside or not set(inside) <= set("hms") or len(set(inside)) > 1:
        return ""
    per_day = {"h": 24, "m": 1_440, "s": 86_400}[inside[0]]
    return f"{int(value * per_day + Decimal('1E-9')):0{len(inside)}d}"


def _is_french(inside: str) -> bool:
    """Whether the names of days and months are French: a locale may say otherwise."""
    if not inside.startswith("$") or "-" not in inside:
        return True
    return inside.rpartition("-")[2][-3:].lstrip("0") in _FRENCH_LOCALES


def _month_or_minute(part: str, when: datetime, is_minute: bool) -> tuple[str, bool]:
    if is_minute and len(part) <= 2:
        return f"{when.minute:0{len(part)}d}", True
    match len(part):
        case 1 | 2:
            return f"{when.month:0{len(part)}d}", True
        case 3:
            short = _SHORT_MONTHS[when.month - 1]
            return short, not short.endswith(".")
        case 5:
            return MONTHS[when.month - 1][0], True
    return MONTHS[when.month - 1], True


def _day_or_time(part: str, when: datetime, half_days: bool) -> str:
    match part[0], len(part):
        case "d", 1 | 2:
            return f"{when.day:0{len(part)}d}"
        case "d", 3:
            return f"{_DAYS[when.weekday()][:3]}."
        case "d", _:
            return _DAYS[when.weekday()]
        case "y", 1 | 2:
            return f"{when.year % 100:02d}"
        case "y", _:
            return f"{when.year:04d}"
        case "h", size:
            hour = (when.hour % 12 or 12) if half_days else when.hour
            return f"{hour:0{min(size, 2)}d}"
        case "s", size:
            return f"{when.second:0{min(size, 2)}d}"
        case ".", _:
            return ""
    return "AM" if when.hour < 12 else "PM"


# ----------------------------------------------------------------------------------- numbers


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
    value = _EXACT.multiply(value, Decimal(100) ** kinds.count("percent"))
    places = sum(kind == "digit" for kind, _ in decimals)
    rounded = abs(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
    integer, _, fraction = f"{rounded:f}".partition(".")
    sign = "-" if value < 0 and rounded else ""
    shown = _whole(whole, integer.lstrip("0"))
    tail = _fraction(decimals, fraction)
    if point < len(tokens) and any(kind == "digit" for kind, _ in decimals):
        tail = f",{tail}" if tail[:1].isdigit() else tail
    return (sign + shown + tail).strip()


def _tokens(section: str) -> list[tuple[str, str]] | None:
    tokens: list[tuple[str, str]] = []
    for quoted, escaped, _, _, bracket, plain in _TOKEN.findall(section):
        if quoted or escaped:
            tokens.append(("literal", quoted or escaped))
        elif plain in ("0", "#", "?"):
            tokens.append(("digit", plain))
        elif plain in (".", "%", ","):
            tokens.append(({".": "point", "%": "percent", ",": "comma"}[plain], plain))
        elif plain in (" ", "-", "(", ")", "+", "$", "€", NBSP, "\u202f", ":", "'"):
            tokens.append(("literal", plain))
        elif plain or bracket[:1] in ("<", ">", "="):
            return None  # a letter or a slash: exponents, fractions, General; or a condition
        elif bracket.startswith("$") and (symbol := bracket[1:].partition("-")[0]):
            tokens.append(("literal", symbol))  # a currency (18.8.31)
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
