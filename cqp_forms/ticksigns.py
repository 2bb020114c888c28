"""The characters that stand for a tick box or a mark in one: the only table of them.

Detection, reading and stamping of both formats ask here, so that a sign that one calls empty is
never ticked for another. What is in neither table is no sign: who reads it must say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from cqp_forms.shown import Mark

#: Boxes by themselves, wherever they are printed.
EMPTY_BOXES = "☐□▢▯◻◽⬜⬚❏❐❑❒⎕🔲🔳🗆🗋🗌🗖🞎🞏🞐"
TICKED_BOXES = "☑☒⊠⌧⮽⮾⮿🗵🗷🗹🅇✅❎"
#: A state where a box is known to be, and elsewhere a list's bullet or an icon.
EMPTY_ROUNDS = "○◯⚪❍▫▭"
#: Of these, the circles: as boxes they exclude one another; and what they show when ticked.
ROUNDS = "○◯⚪❍"
TICKED_ROUNDS = "●◉⦿⚫"
#: Filled squares: nothing shows whether one that is printed was ticked.
SOLIDS = "■◼◾⬛"
MARKS = "✓✔✕✖✗✘☓❌🗙🗴🗶🗸⊗■◼◾⬛●⚫◉⦿"
#: Letters typed as a mark.
CROSSES = "xX×"

#: What pictorial fonts draw for a byte; Word adds F000 to it, or does not. After the charts that
#: Adobe (ZapfDingbats) and Unicode (L2/12-368: Wingdings, Webdings) publish.
_FONTS: Mapping[str, Mapping[int, str]] = {
    "wingdings3": {},
    "wingdings2": dict(
        zip(b"\x2a\x2f\x30\x4f\x50\x51\x52\x53\x54\x55\x56\xa3", "🗆🗋🗌🗴✓🗵☑☒☒⮾⮿☐", strict=True)
    ),
    "wingdings": dict(
        zip(
            b"lmnopqrx\xa1\xa4\xa8\xfb\xfc\xfd\xfe",
            "●❍■□🞐❑❒⌧○◉◻🗶✔🗷🗹",
            strict=True,
        )
    ),
    "webdings": dict(zip(b"acgnr", "✔□■⚫🗙", strict=True)),
    "dingbats": dict(zip(b"345678lmnopqr", "✓✔✕✖✗✘●❍■❏❐❑❒", strict=True)),
    "symbol": {0xB4: "×"},
    "mtextra": {},
    "marlett": {},
}
_ALIASES = {"monotypesorts": "dingbats", "d050000l": "dingbats", "symbolmt": "symbol"}
#: « Segoe UI Symbol » and its like hold ordinary characters.
_WHOLE_NAMES = frozenset({"symbol", "mtextra", "marlett"})
#: Private-use characters in an ordinary font are Wingdings that a converter left behind.
_DEFAULT = "wingdings"

#: The empty and the crossed box to write in a font that has both.
PAIRS: Mapping[str, tuple[str, str]] = {
    "wingdings": ("\uf06f", "\uf0fd"),
    "wingdings2": ("\uf0a3", "\uf053"),
}

_BOX_STATES = {**dict.fromkeys(EMPTY_BOXES, Mark.OFF), **dict.fromkeys(TICKED_BOXES, Mark.ON)}
_STATES = {
    **_BOX_STATES,
    **dict.fromkeys(EMPTY_ROUNDS, Mark.OFF),
    **dict.fromkeys(MARKS + CROSSES, Mark.ON),
}


@cache
def family(font: str) -> str:
    """The pictorial font that a name means (« ABCDEF+Wingdings-Regular »); empty for another."""
    name = "".join(char for char in font.rpartition("+")[2].casefold() if char.isalnum())
    name = _ALIASES.get(name, name)
    return next(
        (one for one in _FONTS if name == one or (one in name and one not in _WHOLE_NAMES)), ""
    )


def drawn(character: str, font: str = "") -> str:
    """The Unicode character that a font draws for a character of a text.

    Args:
        character: one character: a letter (« o »), a private one (U+F06F), or a sign as it is.
        font: its font's name, as Word or a PDF gives it.

    Returns:
        The sign, or the character itself in an ordinary font; empty when a pictorial font draws
        something else.
    """
    code, known = ord(character), family(font)
    private = 0xF000 <= code <= 0xF0FF
    if private or (known and 0x20 < code <= 0xFF):
        return _FONTS[known or _DEFAULT].get(code & 0xFF, "")
    return character


def sign(text: str, font: str = "") -> Mark | None:
    """What a text shows where a box is known to be; ``None`` when it is not one such sign."""
    return _STATES.get(drawn(text, font)) if len(text) == 1 else None


def box(text: str, font: str = "") -> Mark | None:
    """What a text shows that is a box by itself; ``None`` when it is not one such sign."""
    return _BOX_STATES.get(drawn(text, font)) if len(text) == 1 else None


#: Every sign but the letters, private ones included: what parts a line of text.
SIGNS = frozenset(
    char
    for char in (*_STATES, *(chr(0xF000 + code) for code in _FONTS[_DEFAULT]))
    if char not in CROSSES
)
