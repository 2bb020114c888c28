"""The code that issued documents carry: a QR symbol (ISO/IEC 18004) that any phone reads.

It says the version's id, the page and the number of pages: « 7K2M9XW4TABC 3/17 ». The id is random
and says nothing of anybody; the register knows whose it is. A scan can be placed by it.
"""

from __future__ import annotations

import re
import secrets
from typing import NamedTuple

#: The digits and letters that nobody takes for one another (Crockford's base 32).
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 12
_ID = re.compile(f"[{_SIGNS}]{{{_LENGTH}}}")
#: The side of a symbol, in points: 11 mm, without its quiet zone.
SIDE = 11 / 25.4 * 72
#: The free square that a symbol needs, in points: 14 mm.
ROOM = 14 / 25.4 * 72
#: Readers take any mask. To try all eight for the best one takes five times as long.
_MASK = 3


class ModuleRun(NamedTuple):
    """Dark modules side by side: column and row of the first, from the top left, and how many."""

    x: int
    y: int
    length: int


class Symbol(NamedTuple):
    """A symbol: how many modules its side has, and which are dark."""

    modules: int
    runs: tuple[ModuleRun, ...]


def draw_id() -> str:
    """A new random id: 60 bits, so that no two versions of a lifetime have the same."""
    return "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))


def is_id(text: str) -> bool:
    """Whether this can be the id of a version."""
    return _ID.fullmatch(text) is not None


def symbol(code: str, page: int = 0, pages: int = 0) -> Symbol:
    """The symbol of a page.

    Args:
        code: the version's id.
        page: from 1; 0 where pages are not known, as in a Word document.
        pages: how many there are.
    """
    import segno

    said = f"{code} {page}/{pages}" if page else code
    made = segno.make_qr(said, error="m", boost_error=False, mask=_MASK)
    runs = []
    for y, row in enumerate(made.matrix):
        start = -1
        for x, dark in enumerate([*row, 0]):
            if dark and start < 0:
                start = x
            elif not dark and start >= 0:
                runs.append(ModuleRun(start, y, x - start))
                start = -1
    return Symbol(len(made.matrix), tuple(runs))
