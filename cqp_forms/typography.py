"""French typography: the only place that knows about apostrophes and unbreakable spaces."""

from __future__ import annotations

import re
import unicodedata

NBSP = "\u00a0"
_BEFORE = re.compile(r"[ \u00a0\u202f]+(?=[:;?!»])")
_AFTER = re.compile(r"«[ \u00a0\u202f]*")


def spaced(text: str) -> str:
    """Make the spaces that French puts inside « » and before : ; ? ! unbreakable."""
    return _AFTER.sub("«" + NBSP, _BEFORE.sub(NBSP, text))


def typeset(text: str) -> str:
    """Typeset a wording typed with plain keys: curly apostrophes, unbreakable spaces."""
    return spaced(text.replace("'", "’"))


def folded(text: str) -> str:
    """Fold ``text`` for comparison: no accents, no case, single spaces, plain ASCII marks.

    Compatibility forms, ligatures (œ, æ), ß, curly apostrophes and unbreakable spaces compare equal
    to what a person would type for them.
    """
    text = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE")
    text = text.replace("’", "'").replace("–", "-").replace("—", "-")
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.casefold().split())
