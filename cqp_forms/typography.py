"""French typography: the only place that knows about apostrophes and unbreakable spaces.

Commands printed inside a French text are made here too, because :func:`spaced` must leave them as
they are.
"""

from __future__ import annotations

import os
import re
import unicodedata

NBSP = "\u00a0"
_BEFORE = re.compile(r"[ \u00a0\u202f]+(?=[:;?!»])")
_AFTER = re.compile(r"«[ \u00a0\u202f]*")


#: A word of a command between the quotation marks that :func:`command_line` gives it.
_QUOTED = re.compile(r"""("[^"\n]*"|(?<= )'[^'\n]*'(?=[ \n.;)]|$))""")


def _unbreakable(text: str) -> str:
    return _AFTER.sub("«" + NBSP, _BEFORE.sub(NBSP, text))


def spaced(text: str) -> str:
    """Make the spaces that French puts inside « » and before : ; ? ! unbreakable.

    What stands between straight quotation marks is a word of a command: it is left as it is.
    """
    if '"' not in text and "'" not in text:
        return _unbreakable(text)
    parts = _QUOTED.split(text)
    parts[::2] = [_unbreakable(one) for one in parts[::2]]
    return "".join(parts)


def typeset(text: str) -> str:
    """Typeset a wording typed with plain keys: curly apostrophes, unbreakable spaces."""
    return _unbreakable(text.replace("'", "’"))


#: Characters that mean nothing to any shell; a word made of them alone needs no quotation marks.
_PLAIN_WORD = re.compile(r"[\w./:=+@-]+", re.ASCII)


def command_line(*words: str | os.PathLike[str], windows: bool = os.name == "nt") -> str:
    """A whole command of this program, quoted for the user's shell, ready to be pasted.

    Args:
        words: what follows « cqp-forms »: the command, paths, options and their values.
        windows: quote for cmd and PowerShell; else for a POSIX shell.

    Returns:
        « cqp-forms fill "fiche Zoé.xlsx" -o output »; plain spaces between the words.
    """
    quote = _quoted_windows if windows else _quoted_posix
    return " ".join(["cqp-forms", *(quote(os.fspath(one)) for one in words)])


def _quoted_posix(word: str) -> str:
    if _PLAIN_WORD.fullmatch(word):
        return word
    if not any(char in word for char in '"$`\\!'):
        return f'"{word}"'
    return "'" + word.replace("'", "'\\''") + "'"


def _quoted_windows(word: str) -> str:
    if _PLAIN_WORD.fullmatch(word.replace("\\", "/")):
        return word
    # A backslash just before a quotation mark would take away its meaning: it is doubled.
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', word)
    return '"' + re.sub(r"(\\+)$", r"\1\1", escaped) + '"'


def folded(text: str) -> str:
    """Fold ``text`` for comparison: no accents, no case, single spaces, plain ASCII marks.

    Compatibility forms, ligatures (œ, æ), ß, curly apostrophes and unbreakable spaces compare equal
    to what a person would type for them.
    """
    if text.isascii():  # most of what is compared, and nothing to fold but its case
        return " ".join(text.lower().split())
    text = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE")
    text = text.replace("’", "'").replace("–", "-").replace("—", "-")
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.casefold().split())
