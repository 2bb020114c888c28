"""Decode what is shown with a font: characters and widths (ISO 32000-2, 9.6, 9.7 and 9.10)."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from cqp_forms import limits, ticksigns
from cqp_forms.pdf.opening import unpacked

_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)end(?:bfchar|bfrange)", re.DOTALL)
_ITEM = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])")

_BASE = {"/WinAnsiEncoding": "cp1252", "/MacRomanEncoding": "mac_roman"}
_DEFAULT_WIDTH = 500.0
_LAST_CODE = 0xFFFF
_MOST_CODES = 4 * _LAST_CODE


@dataclass(frozen=True)
class Decoder:
    """A font, as far as reading goes.

    Attributes:
        wide: whether a code takes two bytes.
        chars: by code; a code that is not in it reads as U+FFFD.
        widths: by code, as a character; in thousandths of an em.
        key: tells two decoders that read differently apart.
    """

    wide: bool
    chars: Mapping[int, str]
    widths: Mapping[str, float]
    key: bytes

    def codes(self, data: bytes) -> str:
        """The codes of a string, as characters of those ordinals."""
        if not self.wide:
            return data.decode("latin-1")
        return data[: len(data) // 2 * 2].decode("utf-16-be", "surrogatepass")

    def text(self, codes: str) -> str:
        """The characters shown."""
        return codes.translate(self.chars)

    def width(self, codes: str) -> float:
        """Their width together, in thousandths of an em."""
        return sum(map(self.widths.__getitem__, codes))


class _Chars(dict[int, str]):
    """Reads U+FFFD for a code without character."""

    def __missing__(self, key: int) -> str:
        return "\ufffd"


class _Widths(dict[str, float]):
    """Widths by code, with one for codes that are not listed."""

    def __init__(self, widths: Mapping[int, float], default: float) -> None:
        super().__init__((chr(code), width) for code, width in widths.items())
        self._default = default

    def __missing__(self, key: str) -> float:
        return self._default


#: What stands for a font that is not there.
NOTHING = Decoder(False, _Chars(), _Widths({}, _DEFAULT_WIDTH), b"")

_known: dict[bytes, Decoder] = {}
_KNOWN_LIMIT = 256


def decoder(font: Object) -> Decoder:
    """The decoder of a font dictionary; fonts that read alike share one."""
    key = _identity(font)
    found = _known.get(key)
    if found is None:
        if len(_known) >= _KNOWN_LIMIT:
            _known.clear()
        try:
            found = _made(font, key)
        except (
            pikepdf.PdfError,
            ValueError,
            TypeError,
            AttributeError,
            LookupError,
            ArithmeticError,
        ):
            found = NOTHING
        _known[key] = found
    return found


def _identity(font: Object) -> bytes:
    """All of a font that decides what is read, as bytes."""
    parts = [_unparsed(font.get(key)) for key in (Name.Subtype, Name.BaseFont, Name.Encoding)]
    mapped = font.get(Name.ToUnicode)
    if isinstance(mapped, pikepdf.Stream):
        parts += [mapped.read_raw_bytes(), _unparsed(mapped.get(Name.Filter))]
    descendants = font.get(Name.DescendantFonts)
    if isinstance(descendants, Array) and len(descendants):
        parts += [_unparsed(descendants[0].get(key)) for key in (Name.W, Name.DW)]
    else:
        parts += [_unparsed(font.get(key)) for key in (Name.Widths, Name.FirstChar)]
    return hashlib.blake2b(b"\0".join(parts), digest_size=16).digest()


def _unparsed(value: object) -> bytes:
    if isinstance(value, Object):
        return value.unparse(resolved=True)
    return repr(value).encode()


def _made(font: Object, key: bytes) -> Decoder:
    wide = font.get(Name.Subtype) == Name.Type0
    chars: dict[int, str] = {} if wide else _simple(font)
    mapped = font.get(Name.ToUnicode)
    if isinstance(mapped, pikepdf.Stream):
        chars |= _to_unicode(unpacked(mapped, limits.PDF_CONTENT_BYTES))
    if name := ticksigns.family(_name(font)):
        chars = {
            code: ticksigns.drawn(text, name) or "\ufffd" if len(text) == 1 else text
            for code, text in chars.items()
        }
    if wide:
        descendant = font.DescendantFonts[0]
        widths = _composite_widths(descendant.get(Name.W, []))
        default = float(descendant.get(Name.DW, 1000))
        return Decoder(True, _Chars(chars), _Widths(widths, default), key)
    first = int(font.get(Name.FirstChar, 0))
    listed: Iterable[object] = font.get(Name.Widths, [])
    widths = {first + rank: _real(one) for rank, one in enumerate(listed)}
    return Decoder(False, _Chars(chars), _Widths(widths, _DEFAULT_WIDTH), key)


def _real(value: object) -> float:
    return float(value)  # type: ignore[arg-type]


def _composite_widths(listed: Iterable[object]) -> dict[int, float]:
    """The /W array (9.7.4.3)."""
    widths: dict[int, float] = {}
    pending: list[float] = []
    spent = 0
    for one in listed:
        if isinstance(one, Array):
            start = int(pending.pop())
            widths |= {start + rank: float(width) for rank, width in enumerate(one)}
            continue
        pending.append(float(one))  # type: ignore[arg-type]
        if len(pending) == 3:
            low, high, width = pending
            codes = range(max(int(low), 0), min(int(high), _LAST_CODE) + 1)
            # A table that goes over the codes again and again is made to take for ever.
            spent += len(codes)
            if spent > _MOST_CODES:
                break
            widths |= dict.fromkeys(codes, width)
            pending = []
    return widths


def _name(font: Object) -> str:
    return str(font.get(Name.BaseFont, ""))


def _simple(font: Object) -> dict[int, str]:
    """The characters of a simple font, from its encoding (9.6.5)."""
    encoding = font.get(Name.Encoding)
    if ticksigns.family(_name(font)):
        return {code: chr(code) for code in range(32, 256)}
    base = encoding.get(Name.BaseEncoding) if isinstance(encoding, Dictionary) else encoding
    codec = _BASE.get(str(base), "cp1252")
    chars = {code: bytes([code]).decode(codec, "replace") for code in range(32, 256)}
    if isinstance(encoding, Dictionary):
        chars |= _differences(encoding.get(Name.Differences, []))
    return chars


def _differences(listed: Iterable[object]) -> dict[int, str]:
    # The Adobe glyph list; pypdf keeps it in a module of its own use, hence its upper bound in
    # pyproject.toml. Imported here: few fonts have differences.
    from pypdf._codecs import adobe_glyphs

    chars, code = {}, 0
    for one in listed:
        if isinstance(one, Name):
            chars[code] = adobe_glyphs.get(str(one), "\ufffd")
            code += 1
        else:
            code = int(one)  # type: ignore[call-overload]
    return chars


def _to_unicode(cmap: bytes) -> dict[int, str]:
    """The pairs and ranges of a /ToUnicode CMap (9.10.3)."""
    chars: dict[int, str] = {}
    for kind, block in _BLOCK.findall(cmap):
        items = _ITEM.finditer(block)
        read = _pairs if kind == b"bfchar" else _ranges
        chars |= read(items)
    return chars


def _pairs(items: Iterable[re.Match[bytes]]) -> dict[int, str]:
    values = [bytes.fromhex(one[1].decode()) for one in items if one[1] is not None]
    return {
        int.from_bytes(code, "big"): _utf16(text)
        for code, text in zip(values[::2], values[1::2], strict=False)
    }


def _ranges(items: Iterable[re.Match[bytes]]) -> dict[int, str]:
    chars: dict[int, str] = {}
    ends: list[int] = []
    listed: list[bytes] | None = None
    spent = 0
    for one in items:
        if one[2]:
            listed = []
        elif one[3]:
            chars |= {ends[0] + rank: _utf16(text) for rank, text in enumerate(listed or [])}
            ends, listed = [], None
        elif listed is not None:
            listed.append(bytes.fromhex(one[1].decode()))
        elif len(ends) < 2:
            ends.append(int.from_bytes(bytes.fromhex(one[1].decode()), "big"))
        else:
            start = _utf16(bytes.fromhex(one[1].decode()))
            codes = range(ends[0], min(ends[1], _LAST_CODE) + 1)
            spent += len(codes)
            if spent > _MOST_CODES:
                break
            last = ord(start[-1])
            for code in codes:
                chars[code] = start[:-1] + chr(min(last + code - ends[0], sys.maxunicode))
            ends = []
    return chars


def _utf16(data: bytes) -> str:
    return data.decode("utf-16-be", "replace")


#: Finds the decoder of a font by its resource name.
Fonts = Callable[[str], Decoder]
