"""The embedded fonts of stamped text: composite fonts with identity encoding (ISO 32000-2, 9.7)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from functools import cache

from cqp_forms import fonts
from cqp_forms.fonts import Face, Weight
from cqp_forms.pdf.stamp.objects import Assembly, packed_stream


@cache
def advances(weight: Weight = Weight.REGULAR) -> Mapping[str, int]:
    """The advance of every printable character, in thousandths of an em."""
    return {
        char: advance
        for face in fonts.faces(weight)
        for char, advance in zip(face.chars, face.advances, strict=True)
    }


@cache
def common(weight: Weight = Weight.REGULAR) -> Face:
    """The face that nearly all text is set in."""
    return fonts.faces(weight)[0]


@cache
def _shortcut(weight: Weight) -> tuple[Callable[[str], object], dict[int, str]]:
    face = common(weight)
    known = re.compile(f"[{re.escape(face.chars)}]*").fullmatch
    return known, {ord(char): f"{glyph:04X}" for char, glyph in face.glyphs.items()}


def shown(text: str, weight: Weight = Weight.REGULAR) -> list[tuple[Face, str]]:
    """A line of text as stretches of one face, each with its glyphs in hexadecimal.

    Raises:
        AnswersError: a character cannot be printed.
    """
    known, table = _shortcut(weight)
    if known(text):
        return [(common(weight), text.translate(table))]
    return [
        (run.face, "".join(f"{glyph:04X}" for glyph in run.glyphs))
        for run in fonts.runs(text, weight)
    ]


def resource_name(face: Face) -> str:
    """The name of a face in resource dictionaries."""
    return "Cqp" + face.key.replace("-", "")


def add_font(face: Face, assembly: Assembly, own: int) -> None:
    """Add a face's objects to a file, its font dictionary under the number ``own``."""
    name = face.name.encode()
    file = assembly.add(packed_stream(face.font_file, b"/Length1 %d" % face.length1))
    descriptor = assembly.add(_descriptor(face, file))
    to_unicode = assembly.add(packed_stream(_to_unicode(face.key), b""))
    descendant = assembly.add(
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
        b" /CIDToGIDMap /Identity /DW 0 /W [1 [%s]] /FontDescriptor %d 0 R >>"
        % (name, _widths(face.key), descriptor)
    )
    assembly.put(
        own,
        b"<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H"
        b" /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>" % (name, descendant, to_unicode),
    )


@cache
def _widths(key: str) -> bytes:
    return " ".join(map(str, fonts.face(key).advances)).encode()


def _descriptor(face: Face, file: int) -> bytes:
    metrics = face.metrics
    # Flags: nonsymbolic would promise a standard encoding; 4 says symbolic (table 121).
    return (
        b"<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%d %d %d %d]"
        b" /ItalicAngle %d /Ascent %d /Descent %d /CapHeight %d /StemV %d /FontFile2 %d 0 R >>"
        % (
            face.name.encode(),
            *metrics.bbox,
            metrics.italic_angle,
            metrics.ascent,
            metrics.descent,
            metrics.cap_height,
            metrics.stem_v,
            file,
        )
    )


@cache
def _to_unicode(key: str) -> bytes:
    """The /ToUnicode CMap of a face (9.10.3), compressed."""
    pairs = list(fonts.face(key).to_unicode.items())
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <FFFF>",
        "endcodespacerange",
    ]
    # A block holds at most 100 pairs.
    for start in range(0, len(pairs), 100):
        block = pairs[start : start + 100]
        lines.append(f"{len(block)} beginbfchar")
        lines.extend(
            f"<{glyph:04X}> <{text.encode('utf-16-be').hex().upper()}>" for glyph, text in block
        )
        lines.append("endbfchar")
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return zlib.compress("\n".join(lines).encode(), 9)
