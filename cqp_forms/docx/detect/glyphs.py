"""The characters that stand for tick boxes, in Unicode and in the pictorial fonts of Word."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cqp_forms.shown import Mark

_OFF, _ON = Mark.OFF, Mark.ON

#: Box characters of any font.
UNICODE_BOXES: Mapping[str, Mark] = MappingProxyType(
    {
        **dict.fromkeys("☐□▢◻◽⬜❏❐❑❒", _OFF),
        **dict.fromkeys("☑☒🗹🗵⮽⊠", _ON),
    }
)

#: Codes of each pictorial font, as a byte: Word adds F000 to them, or does not.
_FONTS: Mapping[str, Mapping[int, Mark]] = {
    "wingdings": {
        **dict.fromkeys((0x6F, 0x70, 0x71, 0x72, 0xA8), _OFF),
        **dict.fromkeys((0x78, 0xFD, 0xFE), _ON),
    },
    "wingdings 2": {0xA3: _OFF, 0x51: _ON, 0x52: _ON, 0x53: _ON, 0x54: _ON},
    "webdings": {0x63: _OFF, 0x67: _ON},
    "zapfdingbats": {**dict.fromkeys((0x6F, 0x70, 0x71, 0x72), _OFF), 0x6E: _ON},
}
_ALIASES = {
    "zapf dingbats": "zapfdingbats",
    "itc zapf dingbats": "zapfdingbats",
    "monotype sorts": "zapfdingbats",
    "dingbats": "zapfdingbats",
}


#: Fonts with private-use codes of their own, and no box among them.
_OTHER_CODES = frozenset({"symbol", "wingdings 3", "mt extra"})


def box_state(character: str, font: str = "") -> Mark | None:
    """What a character shows as a tick box, ``None`` when it is not one.

    Args:
        character: one character of a run's text, or of a ``w:sym``.
        font: the run's or the symbol's font. A private-use character in an ordinary font is read
            as Wingdings, from which Word's converters leave it behind.
    """
    if character in UNICODE_BOXES:
        return UNICODE_BOXES[character]
    code = ord(character)
    private = 0xF000 <= code <= 0xF0FF
    if not private and code > 0xFF:
        return None
    name = font.strip().casefold()
    table = _FONTS.get(_ALIASES.get(name, name))
    if name in _OTHER_CODES:
        return None
    if table is None:
        table = _FONTS["wingdings"] if private else {}
    return table.get(code & 0xFF)
