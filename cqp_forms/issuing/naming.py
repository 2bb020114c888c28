"""Who a candidate is, and what the folder and the files are called. Pure.

Names are ASCII, safe on Windows, and short: a path relative to the output folder never exceeds
:data:`MAX_RELATIVE_PATH` characters, so that the output folder may lie deep on a network drive.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from anyascii import anyascii

from cqp_forms.answers import Answers
from cqp_forms.guide import FieldKind, Guide, Requirement
from cqp_forms.typography import folded

#: Characters of ``NOM_Prenom/OUTIL4_NOM_Prenom_v12_modifications.pdf``; Windows stops at 260.
MAX_RELATIVE_PATH = 120

_MAX_PREFIX = 12
# Twice the stem, once the prefix, and what stands around them:
# « / », « _ » and « _99_brouillon_modifications.pdf ».
_MAX_STEM = (MAX_RELATIVE_PATH - _MAX_PREFIX - len("_99/__99_brouillon_modifications.pdf")) // 2

#: Names that Windows keeps for devices, whatever the extension.
_RESERVED = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN", "CONOUT"}
    | {f"{port}{digit}" for port in ("COM", "LPT") for digit in range(10)}
)

#: The one Greek digraph that a letter-by-letter table gets wrong in nearly every name.
_GREEK_OU = re.compile("ο[υύ]", re.IGNORECASE)
#: Signs of pronunciation, which no one writes in Latin letters.
_SOFT_SIGNS = re.compile("[ьъЬЪʼʹʻ]")


class Role(StrEnum):
    """What a file of a version is; the value ends its name."""

    DOCX = "docx"
    PDF = "pdf"
    CHANGES = "modifications"


@dataclass(frozen=True, slots=True)
class Person:
    """A candidate, as the register knows them.

    Attributes:
        key: ``dossier.reference`` where given, else the identity; folded.
        identity: family name, first name and company, folded.
        name: « DUPONT Jean », for people.
        stem: « DUPONT_Jean », for folders and files.
    """

    key: str
    identity: str
    name: str
    stem: str


def person(guide: Guide, answers: Answers) -> Person:
    """Tell who a fiche is about.

    Args:
        guide: says which fields make the key and the name.
        answers: the fiche. Missing fields count as empty: a draft may lack them.
    """
    names = [_one_line(answers.text(field)) for field in guide.candidate]
    identity = "|".join(folded(answers.text(field)) for field in _identity_fields(guide))
    reference = folded(answers.text(guide.key)) if guide.key else ""
    return Person(
        key=reference or identity,
        identity=identity,
        name=" ".join(one for one in names if one) or "Sans nom",
        stem=file_stem(*names),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _identity_fields(guide: Guide) -> list[str]:
    """The name, then what else the candidate's own block requires (the company)."""
    named = list(guide.candidate)
    for section in guide.sections:
        for group in section.groups:
            if any(field.id in named for field in group.fields):
                named.extend(
                    field.id
                    for field in group.fields
                    if field.requirement is Requirement.IDENTITY
                    and field.kind is FieldKind.TEXT
                    and field.id not in named
                )
                return named
    return named


def file_stem(family_name: str = "", *first_names: str) -> str:
    """« NOM_Prenom »: the family name in capitals, first names capitalised.

    Other scripts are transliterated. A name of signs that have no letters becomes ``X`` and eight
    hexadecimal digits of its SHA-256: the same name always gives the same stem.
    """
    family = _ascii(family_name).upper()
    first = "-".join(
        part.capitalize() for one in first_names for part in _ascii(one).split("-") if part
    )
    room = _MAX_STEM - 1
    family = _cut(family, max(room - len(first), room * 3 // 5))
    first = _cut(first, room - len(family))
    stem = "_".join(part for part in (family, first) if part) or "SANS-NOM"
    return f"{stem}-X" if stem.upper() in _RESERVED else stem


def _ascii(text: str) -> str:
    """ASCII letters and digits, words joined by hyphens; empty only for a text without a sign.

    A decomposed letter is composed first, and what is written over no letter is left out: file
    systems keep neither alike.
    """
    composed = _GREEK_OU.sub("ou", unicodedata.normalize("NFC", text))
    bare = "".join(char for char in composed if not unicodedata.combining(char))
    words = re.findall(r"[A-Za-z0-9]+", anyascii(_SOFT_SIGNS.sub("", bare)))
    if words:
        return "-".join(words)
    return f"X{hashlib.sha256(composed.encode()).hexdigest()[:8]}" if composed.strip() else ""


def _cut(text: str, length: int) -> str:
    return text[:length].strip("-")


def suffixed(stem: str, rank: int) -> str:
    """The folder of the ``rank``-th candidate of one name: « DUPONT_Jean », « DUPONT_Jean_2 »."""
    return stem if rank == 1 else f"{stem}_{rank}"


def choose_folder(stem: str, key: str, owner: Callable[[str], str | None]) -> str:
    """The first folder of that stem that nobody else owns.

    Args:
        stem: « DUPONT_Jean ».
        key: the candidate's.
        owner: gives the key of the candidate who owns a folder, ``None`` when nobody does.
    """
    rank = 1
    while owner(suffixed(stem, rank)) not in (None, key):
        rank += 1
    return suffixed(stem, rank)


def prefix(guide: Guide) -> str:
    """The start of the guide's file names: « OUTIL4 »."""
    return _cut(_ascii(guide.short or guide.id), _MAX_PREFIX)


def issued_path(guide: Guide, folder: str, number: int, role: Role) -> str:
    """A file's path relative to the output folder, with ``/`` between folder and file."""
    return f"{folder}/{prefix(guide)}_{folder}_v{number}{_ending(role)}"


def draft_path(guide: Guide, folder: str, role: Role) -> str:
    """The same for a draft, which has no number."""
    return f"{folder}/{prefix(guide)}_{folder}_brouillon{_ending(role)}"


def _ending(role: Role) -> str:
    return "_modifications.pdf" if role is Role.CHANGES else f".{role}"


#: An issued file's name: prefix and stem, version, and which file it is.
ISSUED_NAME = re.compile(
    r"(?P<stem>[A-Za-z0-9_-]+)_v(?P<number>[1-9][0-9]*)(?P<changes>_modifications)?\.(?P<ext>docx|pdf)"
)
