"""Box glyphs: which characters, of which fonts, are printed as a tick box.

Pictorial fonts have encodings of their own: the « o » of Wingdings is a square. Text extraction
gives the code, the code in the private use area (U+F06F), or whatever a wrong ToUnicode table says;
for glyphs that no table knows, :func:`hollow` judges the ink itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cqp_forms.pdf.detect.model import Word
from cqp_forms.shown import Mark

_UNICODE = {
    **dict.fromkeys("☐□▢❏❐❑❒⬜◻◽▯\U0001f78f\U0001f790\U0001f5d6\U0001f532\U0001f533⎕", Mark.OFF),
    **dict.fromkeys("☑☒⊠🗹🗷🗸⮽⮿🅇✅❎", Mark.ON),
}
#: By font, the codes of empty and of ticked boxes (the charts that the fonts' makers publish).
_PICTORIAL: Sequence[tuple[re.Pattern[str], str, str]] = (
    (re.compile(r"wingdings\s*-?2", re.IGNORECASE), "\x2a\x2f\xa3\x30", "\x51\x52\x53\x54"),
    (re.compile(r"wingdings\s*-?3", re.IGNORECASE), "", ""),
    (re.compile(r"wingdings", re.IGNORECASE), "\x6f\x70\x71\x72\xa8", "\xfd\xfe\x78"),
    (re.compile(r"webdings", re.IGNORECASE), "\x63", "\x64"),
    (re.compile(r"dingbats", re.IGNORECASE), "\x6f\x70\x71\x72", ""),
)


def pictorial(font: str) -> bool:
    """Whether a base font name is that of a font with boxes in place of letters."""
    return any(pattern.search(font) for pattern, _, _ in _PICTORIAL)


def glyph_mark(word: Word) -> Mark | None:
    """What a one-character word shows as a tick box; ``None`` when it is none."""
    if len(word.text) != 1:
        return None
    if word.text in _UNICODE:
        return _UNICODE[word.text]
    code = ord(word.text)
    low = chr(code & 0xFF) if code < 0x100 or 0xF000 <= code <= 0xF0FF else ""
    for pattern, empty, ticked in _PICTORIAL:
        if pattern.search(word.font):
            if not low:
                return None
            return Mark.OFF if low in empty else Mark.ON if low in ticked else None
    # A private-use box in an ordinary font is Wingdings by another name (a substituted font).
    if 0xF000 <= code <= 0xF0FF:
        return Mark.OFF if low in "\x6f\x71\xa8" else Mark.ON if low in "\xfd\xfe" else None
    return None


def hollow(rows: Sequence[bytes]) -> bool:
    """Whether a rendered glyph is an empty frame.

    Args:
        rows: one byte a pixel, 0 black to 255 white, cut to the ink; at least 12 by 12.
    """
    height = len(rows)
    width = len(rows[0]) if rows else 0
    if width < 12 or height < 12 or not 0.75 <= width / height <= 1.34:
        return False
    band = max(2, min(width, height) // 4)
    columns = [bytes(row[index] for row in rows) for index in range(width)]
    sides = (rows[:band], rows[-band:], columns[:band], columns[-band:])
    for side in sides:
        # Each side has a line of ink along nearly its whole length.
        if max(sum(pixel < 128 for pixel in line) / len(line) for line in side) < 0.8:
            return False
    inside = [row[band:-band] for row in rows[band:-band]]
    pixels = sum(len(row) for row in inside)
    return sum(pixel < 160 for row in inside for pixel in row) <= 0.04 * pixels
