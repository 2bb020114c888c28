"""Cell to typed answer, as the public contract (section 3) accepts them. Pure.

A text keeps what its reader can see. What no page can show, and what could therefore not be read
back from one, is made plain on the way in: line ends of all systems become ``\\n``, tabs a space,
accents are composed (NFC); spaces at the end of lines, and spaces and empty lines at both ends of
the text, are dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from cqp_forms.answers import Result, Value, Verdict
from cqp_forms.findings import Code
from cqp_forms.fonts import describe
from cqp_forms.guide import FieldKind
from cqp_forms.typography import folded
from cqp_forms.workbook.cells import Cell, CellKind
from cqp_forms.workbook.formats import Epoch, is_date, moment, shown_date, shown_number


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a cell gives no answer: a code of the contract, what is wrong, what to do; in French."""

    code: Code
    message: str
    remedy: str


_VERDICTS: Mapping[str, Verdict] = {
    **dict.fromkeys(("oui", "o", "x", "1", "vrai", "true"), Verdict.OUI),
    **dict.fromkeys(("non", "n", "0", "faux", "false"), Verdict.NON),
    **dict.fromkeys(("na", "n/a", "non applicable", "sans objet"), Verdict.NA),
}
_RESULTS: Mapping[str, Result] = {
    **dict.fromkeys(("maitrisee", "oui", "acquise"), Result.MAITRISEE),
    **dict.fromkeys(("non maitrisee", "non_maitrisee", "non"), Result.NON_MAITRISEE),
}
_TICKS: Mapping[str, bool] = {
    **dict.fromkeys(("x", "oui", "1", "vrai", "true"), True),
    **dict.fromkeys(("non", "0", "faux", "false"), False),
}

_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")
_EARLIEST, _LATEST = 1900, 9999


def read_value(kind: FieldKind, cell: Cell, epoch: Epoch) -> Value | Trouble | None:
    """The answer that a cell gives.

    Args:
        kind: of the field.
        cell: what the sheet holds; empty cells do not get here.
        epoch: the workbook's date system.

    Returns:
        The typed value; ``None`` when the cell holds nothing that can be seen; or the trouble.
    """
    if kind in CHOICES:
        return _choice(kind, cell, epoch)
    if no_value := _without_value(cell):
        return no_value
    if kind is FieldKind.DATE:
        return _date(cell, epoch)
    text = plain_text(seen(cell, epoch))
    if not text:
        return None
    if kind is FieldKind.SIGNATURE:
        return _unrecognised(text, "Videz cette cellule : on signe sur le document.")
    if kind is FieldKind.LONG_TEXT:
        return text
    if "\n" in text:
        return _unrecognised(
            text, "Écrivez ce texte sur une seule ligne : le guide n’en a qu’une à cet endroit."
        )
    return text


def read_comment(cell: Cell, epoch: Epoch) -> str | Trouble:
    """The text of a « Précision » cell, empty when nothing can be seen in it."""
    if no_value := _without_value(cell):
        return no_value
    return plain_text(seen(cell, epoch))


def seen(cell: Cell, epoch: Epoch) -> str:
    """What a person sees in a cell: VRAI, 01/06/2026, 00123, or the text."""
    match cell.kind:
        case CellKind.NUMBER:
            return shown_number(cell.text, cell.format, epoch)
        case CellKind.BOOLEAN:
            return "VRAI" if cell.text == "1" else "FAUX"
        case CellKind.ISO_DATE:
            day = _iso_day(cell.text)
            return shown_date(day) if day else cell.text
    return cell.text


def plain_text(text: str) -> str:
    """The text in the one form that answers keep; see the module's docstring."""
    if text.isprintable():  # one line, without tabs or unusual spaces: most texts
        return unicodedata.normalize("NFC", text).strip()
    text = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    lines = unicodedata.normalize("NFC", text).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _choice(kind: FieldKind, cell: Cell, epoch: Epoch) -> Value | Trouble | None:
    if no_value := _without_value(cell):
        return no_value
    values, accepted = CHOICES[kind]
    # A number counts for what it is, whatever its format shows: 1 may show as « 1,00 ».
    text = shown_number(cell.text, "General") if cell.kind is CellKind.NUMBER else seen(cell, epoch)
    key = folded(text)
    if not key:
        return None
    value = values.get(key)
    return _unrecognised(seen(cell, epoch), accepted) if value is None else value


#: The kinds of fields that choose among a few values: their folded texts, and what to do.
CHOICES: Mapping[FieldKind, tuple[Mapping[str, Value], str]] = {
    FieldKind.CRITERION: (_VERDICTS, "Choisissez OUI, NON ou NA."),
    FieldKind.RESULT: (_RESULTS, "Choisissez MAÎTRISÉE ou NON MAÎTRISÉE."),
    FieldKind.TICK: (_TICKS, "Mettez X pour cocher, ou videz la cellule."),
}


def _date(cell: Cell, epoch: Epoch) -> date | Trouble | None:
    if cell.kind is CellKind.NUMBER and is_date(cell.format):
        when = moment(cell.text, epoch)
        day = when.date() if when else None
    elif cell.kind in (CellKind.TEXT, CellKind.ISO_DATE):
        if not plain_text(cell.text):
            return None
        day = _written_day(cell.text.strip())
    else:
        day = None
    if day is None or not _EARLIEST <= day.year <= _LATEST:
        return _unrecognised(
            seen(cell, epoch), "Écrivez une date qui existe, sous la forme JJ/MM/AAAA."
        )
    return day


def _written_day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()
    except ValueError:
        return _iso_day(text)


def _iso_day(text: str) -> date | None:
    # The extended form alone: « 20260601 » is as likely a reference number as a date.
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None


def _unrecognised(text: str, accepted: str) -> Trouble:
    shown = " ".join(text.split())
    shown = f"{shown[:57]}…" if len(shown) > 60 else shown
    return Trouble(
        Code.UNRECOGNISED_VALUE, f"« {shown} » n’est pas une valeur admise ici.", accepted
    )


def _without_value(cell: Cell) -> Trouble | None:
    if cell.kind is CellKind.UNCOMPUTED:
        return Trouble(
            Code.FORMULA_WITHOUT_VALUE,
            "cette formule n’a pas encore été calculée.",
            "Ouvrez le classeur dans Excel et enregistrez-le, ou remplacez la formule par sa "
            "valeur.",
        )
    if cell.kind is CellKind.ERROR:
        return Trouble(
            Code.EXCEL_ERROR,
            f"la cellule contient l’erreur Excel {cell.text}.",
            "Corrigez la formule, ou écrivez la valeur à sa place.",
        )
    return None


def unprintable_trouble(characters: tuple[str, ...]) -> Trouble:
    """The trouble of a text that no bundled font can show.

    Args:
        characters: those that cannot be printed, at least one.
    """
    named = ", ".join(describe(char) for char in characters)
    return Trouble(
        Code.UNPRINTABLE_CHARACTER,
        f"ce texte contient ce qui ne peut pas être imprimé : {named}.",
        "Retirez-le, ou écrivez-le autrement.",
    )
