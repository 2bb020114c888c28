"""The bundled fonts: which characters can be printed, how wide they are, and the font files.

Stamped text is set in Noto Sans, cut into *faces*: small fonts that each cover a script, ready to
be put in a PDF as they are (ISO 32000-2, 9.7.4.2, CIDFontType2 with an identity CIDToGIDMap). In a
face the glyph of a character is its rank, and no two characters share one, so that /ToUnicode gives
back exactly the text that was set.

The blanks are set in Carlito, which has Calibri's metrics; :func:`blank_font` gives its files.

Everything is loaded at first use: a weight's table takes about a millisecond.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path

from cqp_forms.errors import AnswersError
from cqp_forms.typography import NBSP

_HERE = Path(__file__).parent


class Weight(StrEnum):
    """A weight of the stamped text; the value names the files."""

    REGULAR = "Regular"
    BOLD = "Bold"


class Style(StrEnum):
    """A style of the blanks' font; the value names the files."""

    REGULAR = "Regular"
    BOLD = "Bold"
    ITALIC = "Italic"
    BOLD_ITALIC = "BoldItalic"


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a /FontDescriptor needs (ISO 32000-2, 9.8.1), in thousandths of an em.

    Attributes:
        bbox: left, bottom, right, top of all the face's glyphs.
        stem_v: thickness of an upright.
        italic_angle: in degrees.
    """

    ascent: int
    descent: int
    cap_height: int
    bbox: tuple[int, int, int, int]
    stem_v: int
    italic_angle: int


@dataclass(frozen=True)
class Face:
    """A font that covers a script, or a set of signs, in one weight.

    Attributes:
        key: unique among all faces, for example ``Regular-latin``.
        name: the PostScript name, with the tag of a subset (ISO 32000-2, 9.9.2).
        chars: its characters; the glyph id of a character is its rank, from 1.
        advances: their advance widths, in thousandths of an em, in the same order.
        length1: size of the font file once decompressed, in bytes (/Length1).
    """

    key: str
    name: str
    chars: str
    advances: tuple[int, ...]
    length1: int
    metrics: Metrics

    @cached_property
    def font_file(self) -> bytes:
        """The font, TrueType, zlib-compressed: the data of a /FontFile2 with /FlateDecode."""
        return _HERE.joinpath(f"NotoSans-{self.key}.z").read_bytes()

    @cached_property
    def glyphs(self) -> dict[str, int]:
        """The glyph id of each character."""
        return {char: rank for rank, char in enumerate(self.chars, start=1)}

    @property
    def to_unicode(self) -> dict[int, str]:
        """The character of each glyph id, for the /ToUnicode CMap."""
        return dict(enumerate(self.chars, start=1))

    def covers(self, text: str) -> bool:
        """Whether the face has every character of the text."""
        glyphs = self.glyphs
        return all(char in glyphs for char in text)


@dataclass(frozen=True, slots=True)
class GlyphRun:
    """A stretch of text in one face.

    Attributes:
        glyphs: glyph ids, one a character of ``text``.
        text: the characters, in form NFC.
    """

    face: Face
    glyphs: tuple[int, ...]
    text: str


def faces(weight: Weight = Weight.REGULAR) -> tuple[Face, ...]:
    """The faces of a weight, the one to prefer first."""
    return _faces(weight)


@cache
def _faces(weight: Weight) -> tuple[Face, ...]:
    table = json.loads(_HERE.joinpath(f"NotoSans-{weight}.json").read_bytes())
    return tuple(
        Face(
            key=f"{weight}-{script}",
            name=f"{_tag(rank, weight)}+{entry['font']}",
            chars=entry["chars"],
            advances=tuple(entry["advances"]),
            length1=entry["length1"],
            metrics=Metrics(
                table["ascent"],
                table["descent"],
                table["cap_height"],
                (entry["bbox"][0], entry["bbox"][1], entry["bbox"][2], entry["bbox"][3]),
                table["stem_v"],
                table["italic_angle"],
            ),
        )
        for rank, (script, entry) in enumerate(table["faces"].items())
    )


def _tag(rank: int, weight: Weight) -> str:
    """Six capitals that tell the subsets of one font apart."""
    return f"CQPN{weight[0]}{chr(ord('A') + rank)}"


def face(key: str) -> Face:
    """The face of that key.

    Raises:
        KeyError: there is none.
    """
    for one in faces(Weight(key.partition("-")[0])):
        if one.key == key:
            return one
    raise KeyError(key)


@cache
def advances(weight: Weight = Weight.REGULAR) -> Mapping[str, int]:
    """The advance of every character that the weight has, in thousandths of an em.

    It is the same in all its faces.
    """
    return {
        char: advance
        for one in faces(weight)
        for char, advance in zip(one.chars, one.advances, strict=True)
    }


#: What most texts are made of, all of it in every weight: told without loading a table.
_UNCOMMON = re.compile("[^\n -~\u00a1-\u00ac\u00ae-\u00ffŒœŸ‘’“”–—…€]")


def unprintable(text: str) -> tuple[str, ...]:
    """The characters that no bundled font shows, each once, in the order of the text.

    The text is taken in form NFC; a new line is no character to print. Control characters and those
    that show nothing (U+200B, U+202E, U+00AD, U+FEFF…) count among them: what the reader of the
    document does not see must not be in it.
    """
    if not _UNCOMMON.search(text):
        return ()
    normal = unicodedata.normalize("NFC", text)
    missing = set(normal).difference(advances(Weight.REGULAR), "\n")
    return tuple(sorted(missing, key=normal.index)) if missing else ()


#: What copying and pasting brings along without its being seen.
_INVISIBLE: Mapping[str, str] = {
    "\u00ad": "une césure invisible",
    "\u200b": "une espace invisible",
    "\ufeff": "une espace invisible",
    "\u200c": "une marque de ligature invisible",
    "\u200d": "une marque de ligature invisible",
    **dict.fromkeys(
        "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
        "une marque invisible de sens d’écriture",
    ),
    **dict.fromkeys(map(chr, (*range(0x20), *range(0x7F, 0xA0))), "un caractère de commande"),
}


def describe(char: str) -> str:
    """Name a character for a message: « 😀 » (U+1F600).

    What does not show is told in French words instead, as far as people meet it.
    """
    code = f"U+{ord(char):04X}"
    if unicodedata.category(char)[0] == "C":
        told = "invisible" if unicodedata.category(char) == "Cf" else "inconnu"
        return f"{_INVISIBLE.get(char, f'un caractère {told}')} ({code})"
    return f"«{NBSP}{char}{NBSP}» ({code})"


def width(text: str, size: float, weight: Weight = Weight.REGULAR) -> float:
    """The width of one line of text, in points.

    Args:
        text: without line breaks.
        size: the font size, in points.

    Raises:
        AnswersError: a character cannot be printed.
    """
    known = advances(weight)
    try:
        return sum(known[one] for one in unicodedata.normalize("NFC", text)) * size / 1000
    except KeyError as missing:
        raise _refusal(str(missing.args[0])) from None


def runs(text: str, weight: Weight = Weight.REGULAR) -> list[GlyphRun]:
    """Split one line of text into stretches of one face each.

    A letter and the marks on it stay together, and a face is kept as long as it serves: a Greek
    name with a space and a Latin initial is one run.

    Args:
        text: without line breaks.

    Raises:
        AnswersError: a character cannot be printed.
    """
    found: list[tuple[Face, list[str]]] = []
    for cluster in clusters(unicodedata.normalize("NFC", text)):
        pieces = [cluster] if _face_for(cluster, weight) else list(cluster)
        for piece in pieces:
            if found and found[-1][0].covers(piece):
                found[-1][1].append(piece)
                continue
            chosen = _face_for(piece, weight)
            if chosen is None:
                raise _refusal(piece)
            found.append((chosen, [piece]))
    return [
        GlyphRun(one, tuple(one.glyphs[char] for char in "".join(pieces)), "".join(pieces))
        for one, pieces in found
    ]


@cache
def _common(weight: Weight) -> tuple[Face, frozenset[str], Mapping[int, str]]:
    """The face that nearly all text is set in, its characters, and the code of each."""
    face = faces(weight)[0]
    codes = {ord(one): f"{rank:04X}" for one, rank in face.glyphs.items()}
    return face, frozenset(face.chars), codes


def coded(text: str, weight: Weight = Weight.REGULAR) -> list[tuple[Face, str]]:
    """A line of text, in form NFC, as stretches of one face with their codes in hexadecimal.

    A code has two bytes: the glyph's id (ISO 32000-2, 9.7.4.2).

    Raises:
        AnswersError: a character cannot be printed.
    """
    face, known, codes = _common(weight)
    if known.issuperset(text):
        return [(face, text.translate(codes))]
    return [
        (one.face, "".join(f"{glyph:04X}" for glyph in one.glyphs)) for one in runs(text, weight)
    ]


def clusters(text: str) -> Iterator[str]:
    """Each letter with the combining marks that follow it."""
    start = 0
    for index, char in enumerate(text):
        if index > start and not unicodedata.combining(char):
            yield text[start:index]
            start = index
    if text:
        yield text[start:]


def _face_for(text: str, weight: Weight) -> Face | None:
    return next((one for one in faces(weight) if one.covers(text)), None)


def _refusal(char: str) -> AnswersError:
    return AnswersError(
        f"{describe(char)} ne peut pas être imprimé.",
        remedy="Remplacez-le : les alphabets latin, grec et cyrillique sont disponibles.",
    )


def blank_font(style: Style) -> bytes:
    """The TrueType file of the blanks' font, Carlito."""
    return _HERE.joinpath(f"Carlito-{style}.ttf").read_bytes()
