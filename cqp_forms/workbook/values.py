"""Cell to typed answer, as a workbook may hold it, and back. Pure.

A text keeps what its reader can see. What no page can show, and what could therefore not be read
back from one, is made plain on the way in: invisible characters are dropped and told, line ends of
all systems become ``\\n``, tabs a space, accents are composed (NFC); spaces at the end of lines,
and spaces and empty lines at both ends of the text, are dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from cqp_forms.answers import Option, Result, Value, Verdict
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.fonts import describe
from cqp_forms.guide import FieldKind
from cqp_forms.typography import folded
from cqp_forms.workbook.cells import Cell, CellKind, quoted_text
from cqp_forms.workbook.formats import (
    GENERAL,
    MONTHS,
    Epoch,
    ShownNumber,
    is_date,
    moment,
    shown_date,
    shown_number,
)


@dataclass(frozen=True, slots=True)
class Understood:
    """What a cell gives: its value, ``None`` when nothing, and what is to be told of it.

    Attributes:
        troubles: without their place; an error means that the cell gives no answer.
    """

    value: Value | None
    troubles: tuple[Finding, ...] = ()


_VERDICTS: Mapping[str, Verdict] = {
    **dict.fromkeys(("oui", "o", "x", "1", "vrai", "true"), Verdict.OUI),
    **dict.fromkeys(("non", "n", "0", "faux", "false"), Verdict.NON),
    **dict.fromkeys(("na", "a", "n/a", "non applicable", "sans objet"), Verdict.NA),
}
_RESULTS: Mapping[str, Result] = {
    **dict.fromkeys(("maitrisee", "oui", "acquise"), Result.MAITRISEE),
    **dict.fromkeys(("non maitrisee", "non_maitrisee", "non"), Result.NON_MAITRISEE),
}
_TICKS: Mapping[str, bool] = {
    **dict.fromkeys(("x", "oui", "1", "vrai", "true"), True),
    **dict.fromkeys(("non", "0", "faux", "false"), False),
}

#: The letter that stands for each verdict: one keystroke in an interview.
SHORT_VERDICTS: Mapping[Verdict, str] = {
    Verdict.OUI: "O",
    Verdict.NON: "N",
    Verdict.NA: "A",
}
#: How results are written.
SHOWN_RESULTS: Mapping[Result, str] = {
    Result.MAITRISEE: "MAÎTRISÉE",
    Result.NON_MAITRISEE: "NON MAÎTRISÉE",
}

_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")
_EARLIEST, _LATEST = 1900, 9999
_KEPT_DIGITS = 15

#: What shows nothing: soft hyphens, joiners, byte order marks, marks of direction, selectors of a
#: glyph's form. The two overrides of direction are not among them: they change what is seen.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202c\u2060-\u2064\u2066-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
#: Marks that draw a line or a stroke over the letter before them.
_OVERLAYS = re.compile("[\u0334-\u0338\u20d2\u20d3\u20d8-\u20da\u20e5\u20e6\u20ea\u20eb]")

_SHORT_MONTHS = (
    "janv", "fevr", "mars", "avr", "mai", "juin", "juil", "aout", "sept", "oct", "nov", "dec",
)  # fmt: skip
_MONTHS: Mapping[str, int] = {
    name: rank
    for names in (map(folded, MONTHS), _SHORT_MONTHS)
    for rank, name in enumerate(names, 1)
}
_NUMERIC_DAY = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_WORDED_DAY = re.compile(r"(\d{1,2})(?:er)?[ .-]+([a-z]+)[ .-]+(\d{4}|\d{2})", re.ASCII)


def visible(text: str) -> str:
    """The text without its invisible characters."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def written(value: Value | None) -> str | date | None:
    """What a workbook's cell holds for an answer, so that reading it gives the same back.

    A day before 1901 is a text: programs differ on the numbers of 1900's days.
    """
    match value:
        case Option():
            return value.label
        case Result():
            return SHOWN_RESULTS[value]
        case bool():
            return "X" if value else None
        case date() if value.year < 1901:
            return shown_date(value)
    return value


def read_value(
    kind: FieldKind, cell: Cell, epoch: Epoch, options: tuple[Option, ...] = ()
) -> Understood:
    """The answer that a cell gives.

    Args:
        kind: of the field.
        options: of a choice, or of a text that goes into a list.
        cell: what the sheet holds; empty cells do not get here.
        epoch: the workbook's date system.
    """
    if no_value := _without_value(cell):
        return Understood(None, (no_value,))
    if options:
        chosen = _choice(*accepted_options(options), cell, epoch)
        if kind is FieldKind.TEXT and isinstance(chosen.value, Option):
            return Understood(chosen.value.label, chosen.troubles)
        return chosen
    if kind in CHOICES:
        return _choice(*CHOICES[kind], cell, epoch)
    if kind is FieldKind.DATE:
        return _date(cell, epoch)
    understood = _text(cell, epoch)
    text = understood.value
    if not text:
        return Understood(None, understood.troubles)
    if kind is FieldKind.SIGNATURE:
        return _unrecognised(str(text), "Videz cette cellule : on signe sur le document.")
    if kind is not FieldKind.LONG_TEXT and "\n" in str(text):
        return _unrecognised(
            str(text),
            "Écrivez ce texte sur une seule ligne : le guide n’en a qu’une à cet endroit.",
        )
    return understood


def read_comment(cell: Cell, epoch: Epoch) -> Understood:
    """The text of a « Précision » cell, empty when nothing can be seen in it."""
    if no_value := _without_value(cell):
        return Understood(None, (no_value,))
    return _text(cell, epoch)


def seen(cell: Cell, epoch: Epoch) -> ShownNumber:
    """What a person sees in a cell: VRAI, 01/06/2026, 00123, 12-mars, or the text."""
    match cell.kind:
        case CellKind.NUMBER:
            return shown_number(cell.text, cell.format, epoch)
        case CellKind.BOOLEAN:
            return ShownNumber("VRAI" if cell.text == "1" else "FAUX")
        case CellKind.ISO_DATE:
            day = _iso_day(cell.text)
            return ShownNumber(shown_date(day) if day else cell.text, False)
    return ShownNumber(cell.text)


def plain_text(text: str) -> str:
    """The text in the one form that answers keep; see the module's docstring."""
    text = visible(text)
    if text.isprintable():  # one line, without tabs or unusual spaces: most texts
        return unicodedata.normalize("NFC", text).strip()
    text = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    lines = unicodedata.normalize("NFC", text).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _text(cell: Cell, epoch: Epoch) -> Understood:
    shown = seen(cell, epoch)
    text = plain_text(shown.text)
    if not text:
        return Understood("")
    if cell.kind is CellKind.NUMBER and _has_lost_digits(shown.text):
        return Understood(None, (_lost_digits(text),))
    troubles = [*_invisible(shown.text)]
    if cell.struck or _OVERLAYS.search(text):
        troubles.append(_struck(text, Severity.WARNING))
    if not shown.certain:
        troubles.append(_uncertain(text))
    return Understood(text, tuple(troubles))


def _has_lost_digits(shown: str) -> bool:
    """Whether a number shows more digits than a cell keeps: those after the 15th are zeros."""
    digits = "".join(char for char in shown if char.isdigit()).lstrip("0")
    return len(digits) > _KEPT_DIGITS or "E+" in shown


def accepted_options(options: tuple[Option, ...]) -> tuple[Mapping[str, Value], str]:
    """What a choice accepts: folded texts, and what to do, in French.

    An option is named by its wording. Its rank names it too where no wording holds a figure, which
    a rank could be taken for; « OUI » and « NON » are understood as they are for a criterion.
    """
    wordings = {folded(one.label): one for one in options}
    values: dict[str, Value] = dict(wordings)
    yes_no = {key: one for key, one in wordings.items() if key in ("oui", "non")}
    if len(yes_no) == 2:
        for text, verdict in _VERDICTS.items():
            if meant := yes_no.get(folded(verdict)):
                values.setdefault(text, meant)
    elif not any(char.isdigit() for key in wordings for char in key):
        for rank, one in enumerate(options, start=1):
            values.setdefault(str(rank), one)
    return values, f"Choisissez l’une des réponses : {', '.join(one.label for one in options)}."


def _choice(values: Mapping[str, Value], accepted: str, cell: Cell, epoch: Epoch) -> Understood:
    # A number counts for what it is, whatever its format shows: 1 may show as « 1,00 ».
    is_number = cell.kind is CellKind.NUMBER
    written = (shown_number(cell.text, GENERAL) if is_number else seen(cell, epoch)).text
    text = visible(written)
    key = folded(text)
    if not key:
        return Understood(None)
    if cell.struck or _OVERLAYS.search(text):
        return Understood(None, (_struck(text, Severity.ERROR),))
    value = values.get(key) if _is_plainly_written(text) else None
    if value is None and is_number:
        # « 50 % » and « 1,5 » are what the cell shows, and may be an option's wording.
        value = values.get(folded(seen(cell, epoch).text))
    if value is None:
        return _unrecognised(seen(cell, epoch).text, accepted)
    return Understood(value, _invisible(written))


def _is_plainly_written(text: str) -> bool:
    """Whether comparing folded texts may overlook how it is written.

    Accents that make a letter of their own (É) are, and full-width letters; marks put over other
    letters, circled digits, ordinals and exponents are not: nobody knows what they mean.
    """
    if text.isascii():
        return True
    composed = unicodedata.normalize("NFC", text)
    return all(
        char.isspace()
        or not (
            unicodedata.category(char)[0] == "M"
            or (
                (found := unicodedata.decomposition(char)).startswith("<")
                and not found.startswith("<wide>")
            )
        )
        for char in composed
    )


#: The kinds of fields that choose among a few values: their folded texts, and what to do.
CHOICES: Mapping[FieldKind, tuple[Mapping[str, Value], str]] = {
    FieldKind.CRITERION: (_VERDICTS, "Choisissez OUI, NON ou NA."),
    FieldKind.RESULT: (_RESULTS, "Choisissez MAÎTRISÉE ou NON MAÎTRISÉE."),
    FieldKind.TICK: (_TICKS, "Mettez X pour cocher, ou videz la cellule."),
}


def _date(cell: Cell, epoch: Epoch) -> Understood:
    day: date | None = None
    if cell.kind is CellKind.NUMBER and is_date(cell.format):
        when = moment(cell.text, epoch)
        day = when.date() if when else None
    elif cell.kind in (CellKind.TEXT, CellKind.ISO_DATE):
        text = plain_text(cell.text)
        if not text:
            return Understood(None)
        day = _written_day(text)
    if day is None or not _EARLIEST <= day.year <= _LATEST:
        return _unrecognised(
            seen(cell, epoch).text, "Écrivez une date qui existe, sous la forme JJ/MM/AAAA."
        )
    struck = [_struck(shown_date(day), Severity.WARNING)] if cell.struck else []
    return Understood(day, (*_invisible(cell.text), *struck))


def _written_day(text: str) -> date | None:
    """A day as people write it: 12/03/2026, 12.3.26, 12 mars 2026, 1er mars 26, or in ISO form."""
    if not _is_plainly_written(text):
        return None
    plain = folded(text)
    if numeric := _NUMERIC_DAY.fullmatch(plain):
        day, month, year = int(numeric[1]), int(numeric[3]), numeric[4]
    elif (worded := _WORDED_DAY.fullmatch(plain)) and worded[2] in _MONTHS:
        day, month, year = int(worded[1]), _MONTHS[worded[2]], worded[3]
    else:
        return _iso_day(text)
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    except ValueError:
        return None


def _iso_day(text: str) -> date | None:
    # The extended form alone: « 20260601 » is as likely a reference number as a date.
    if not re.match(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None


def _unrecognised(text: str, accepted: str) -> Understood:
    message = f"« {quoted_text(text)} » n’est pas une valeur admise ici."
    return Understood(None, (_error(Code.UNRECOGNISED_VALUE, message, accepted),))


def _error(code: Code, message: str, remedy: str) -> Finding:
    return finding(code, Severity.ERROR, message, remedy)


def _invisible(text: str) -> tuple[Finding, ...]:
    if text.isascii() or not (found := _INVISIBLE.findall(text)):
        return ()
    named = ", ".join(describe(char) for char in dict.fromkeys(found))
    return (
        finding(
            Code.INVISIBLE_CHARACTER,
            Severity.INFORMATION,
            f"ce qui ne se voit pas a été retiré : {named}.",
            "Rien à faire.",
        ),
    )


def _struck(text: str, severity: Severity) -> Finding:
    if severity is Severity.ERROR:
        message = f"la réponse « {quoted_text(text)} » est barrée : compte-t-elle ?"
        remedy = "Choisissez de nouveau la réponse, sans la barrer, ou videz la cellule."
    else:
        message = f"« {quoted_text(text)} » est barré dans la fiche et sera imprimé."
        remedy = "Effacez ce qui ne doit pas être imprimé, ou retirez « Barré »."
    return finding(Code.STRUCK_ANSWER, severity, message, remedy)


def _lost_digits(text: str) -> Finding:
    return _error(
        Code.UNRECOGNISED_VALUE,
        f"« {quoted_text(text)} » est un nombre de plus de 15 chiffres : un classeur n’en garde "
        "que 15, les autres sont perdus.",
        "Mettez la cellule au format Texte et écrivez-y de nouveau ce nombre.",
    )


def _uncertain(text: str) -> Finding:
    return finding(
        Code.SHOWN_DATE,
        Severity.WARNING,
        f"ce nombre ou cette date s’imprimera « {quoted_text(text)} », ce qui n’est peut-être pas "
        "ce que la cellule affiche.",
        "Si la cellule affiche autre chose, mettez-la au format Texte et écrivez-y la réponse.",
    )


def _without_value(cell: Cell) -> Finding | None:
    if cell.kind is CellKind.UNCOMPUTED:
        return _error(
            Code.FORMULA_WITHOUT_VALUE,
            "cette formule n’a pas encore été calculée.",
            "Ouvrez le classeur dans Excel et enregistrez-le, ou remplacez la formule par sa "
            "valeur.",
        )
    if cell.kind is CellKind.ERROR:
        return _error(
            Code.EXCEL_ERROR,
            f"la cellule contient l’erreur Excel {quoted_text(cell.text, 20)}.",
            "Corrigez la formule, ou écrivez la valeur à sa place.",
        )
    return None
