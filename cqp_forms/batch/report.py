"""``rapport.xlsx``: what a batch did, for the secretariat. Its sheets are written in one pass."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import DataBarRule

from cqp_forms.answers import Result, Verdict
from cqp_forms.batch.outcome import Assessment, Outcome, State, Totals, criterion_counts
from cqp_forms.batch.sheets import (
    ACCENT,
    GOOD,
    POOR,
    WARM,
    CellMark,
    Link,
    SheetColumn,
    SheetStyles,
    TableSheet,
    state_mark,
)
from cqp_forms.batch.sources import REPORT, REPORT_STEM
from cqp_forms.findings import Finding, Severity
from cqp_forms.guide import Guide
from cqp_forms.issuing.history import awaited_signatures
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.storage import make_folder, output_errors
from cqp_forms.issuing.version import IssuedFile
from cqp_forms.progress import FicheState
from cqp_forms.typography import NBSP, spaced

RESULT_LABELS = {
    Result.MAITRISEE: CellMark("maîtrisée", GOOD),
    Result.NON_MAITRISEE: CellMark("non maîtrisée", POOR),
}


@dataclass(frozen=True, slots=True)
class Header:
    """What the report says of the batch itself.

    Attributes:
        folder: the output folder; links are relative to it.
        started: when the batch started, aware.
    """

    guide: Guide
    folder: Path
    started: datetime
    program: str


def write_report(header: Header, outcomes: Iterable[Outcome], totals: Totals) -> Path:
    """Write the report into the output folder, in place of an earlier one.

    The folder is made if need be.

    Args:
        header: the batch.
        outcomes: one a candidate, in the order of the sources; read once.
        totals: what they add up to.

    Returns:
        The report's path. When ``rapport.xlsx`` is held open by another program, it is written
        beside it under a name with the date and time, so that a finished batch keeps its report.

    Raises:
        OutputError: it cannot be written at all.
    """
    with output_errors(header.folder):
        make_folder(header.folder)
    remove_leftovers(header.folder, f".{REPORT_STEM}-*.xlsx", header.started)
    book = _filled(header, outcomes, totals)
    # Not tempfile: its files are for their owner alone, and a report is for the whole office.
    temporary = header.folder / f".{REPORT_STEM}-{os.getpid()}.xlsx"
    with output_errors(header.folder / REPORT):
        try:
            with temporary.open("wb") as file:
                book.save(file)
            return _put(temporary, header)
        finally:
            temporary.unlink(missing_ok=True)


def remove_leftovers(folder: Path, pattern: str, started: datetime) -> None:
    """Remove the temporary files of earlier runs that were killed.

    Args:
        started: when this run started: what is younger may be another's that is still writing.
    """
    for one in folder.glob(pattern):
        with suppress(OSError):
            if one.stat().st_mtime < started.timestamp():
                one.unlink()


def _put(temporary: Path, header: Header) -> Path:
    path = header.folder / REPORT
    try:
        temporary.replace(path)
    except PermissionError:
        path = _free_name(header)
        temporary.replace(path)
    return path


def _free_name(header: Header) -> Path:
    stem = f"{REPORT_STEM}_{header.started:%Y-%m-%d_%Hh%M}"
    path = header.folder / f"{stem}.xlsx"
    rank = 2
    while path.exists():
        path = header.folder / f"{stem}_{rank}.xlsx"
        rank += 1
    return path


def _filled(header: Header, outcomes: Iterable[Outcome], totals: Totals) -> Workbook:
    book = Workbook(write_only=True)
    book.properties.title = "Rapport d’émission"
    book.properties.creator = header.program
    book.properties.language = header.guide.language
    book.properties.created = book.properties.modified = header.started.replace(tzinfo=None)
    sheets = _Sheets(book, header, totals)
    for rank, outcome in enumerate(outcomes, 1):
        sheets.add(rank, outcome)
    sheets.finish()
    return book


def report_json(header: Header, outcomes: Iterable[Outcome], totals: Totals) -> dict[str, Any]:
    """The same as the workbook, as plain values for ``--json``."""
    return {
        "guide": header.guide.id,
        "output": str(header.folder),
        "started": header.started.isoformat(),
        "states": {state.value: totals.states[state] for state in State},
        "complete": totals.complete,
        "candidates": [one.as_json() for one in outcomes],
        "criteria": [one.as_json() for one in criterion_counts(header.guide, totals)],
    }


class _Sheets:
    """The sheets, filled side by side in one pass."""

    def __init__(self, book: Workbook, header: Header, totals: Totals) -> None:
        self._header, self._totals = header, totals
        self._awaited = awaited_signatures(header.folder, header.guide)
        styles = SheetStyles(book)
        lead = [_about(header), _counted(totals)]
        numbers = [one.number for one in header.guide.competences]
        self._summary = TableSheet(
            book, styles, "Synthèse", "Synthèse des résultats", [_about(header), _mastered(totals)],
            _summary_columns(numbers),
        )  # fmt: skip
        self._reminders = TableSheet(
            book, styles, "À relancer", "À relancer : fiches à finir, guides à signer", lead,
            _REMINDER_COLUMNS,
        )  # fmt: skip
        self._problems = TableSheet(
            book, styles, "Problèmes", "Problèmes à régler", lead, _PROBLEM_COLUMNS, frozen=1
        )
        self._issues = TableSheet(
            book, styles, "Émissions", "Émissions", lead, _ISSUE_COLUMNS, frozen=2
        )
        self._criteria = TableSheet(
            book, styles, "Critères", "Réponses par critère", [_about(header), _basis(totals)],
            _CRITERION_COLUMNS, frozen=2,
        )  # fmt: skip

    def add(self, rank: int, one: Outcome) -> None:
        """Add a candidate; ranks count from 1."""
        source = _source_link(self._header, one.source)
        self._issues.add(
            rank,
            one.candidate,
            one.reference,
            state_mark(one.state, one.label),
            one.version,
            _file_link(one.file(Role.DOCX)),
            _file_link(one.file(Role.PDF)),
            source,
            one.row,
            f"{one.seconds:.2f}".replace(".", ",") if one.seconds else None,
        )
        for found in one.told:
            self._problems.add(*_problem_row(self._header, one, found))
        if (progress := one.progress) and progress.state in _UNFINISHED:
            mark = CellMark(progress.label, WARM)
            done = f"{progress.answered} sur {progress.asked}"
            self._reminders.add(one.candidate, one.reference, mark, done, source, one.row, None)
        if one.prepared:
            name = one.prepared.replace("_", " ")
            self._reminders.add(name, "", CellMark("non revenue", WARM), None, source, None, None)
        # What was issued just now has not been sent to anybody yet.
        awaited = self._awaited.get(one.files[0].path) if one.files else None
        if awaited and one.state is State.ALREADY:
            mark = CellMark("signature attendue", WARM)
            self._reminders.add(one.candidate, one.reference, mark, None, source, one.row, awaited)
        if one.assessment is not None:
            self._summary.add(*_summary_row(one, one.assessment))

    def finish(self) -> None:
        """Add what is known at the end, and close the sheets."""
        for count in criterion_counts(self._header.guide, self._totals):
            self._criteria.add(
                count.field,
                count.label,
                count.competence,
                count.yes,
                count.no,
                count.na,
                count.unanswered,
                count.share_of_no,
                CellMark(str(count.rank), POOR) if count.rank and count.rank <= 3 else count.rank,
            )
        bar = DataBarRule("num", 0, "num", 1, color=f"FF{ACCENT}")
        self._criteria.sheet.conditional_formatting.add(self._criteria.cells_of(8), bar)
        tables = (self._summary, self._reminders, self._problems, self._issues, self._criteria)
        for sheet in tables:
            sheet.finish()


#: Fiches that an evaluator has still to send back, or to finish.
_UNFINISHED = (FicheState.NOT_BEGUN, FicheState.UNDER_WAY)

_REMINDER_COLUMNS = (
    SheetColumn("Candidat", 30, "strong"),
    SheetColumn("Référence", 16),
    SheetColumn("Fiche", 18, "centre"),
    SheetColumn("Réponses", 14, "centre"),
    SheetColumn("Source", 44),
    SheetColumn("Ligne", 8, "centre"),
    SheetColumn("Signatures attendues", 44),
)

_ISSUE_COLUMNS = (
    SheetColumn("N°", 6, "centre"),
    SheetColumn("Candidat", 30, "strong"),
    SheetColumn("Référence", 16),
    SheetColumn("État", 14, "centre"),
    SheetColumn("Version", 9, "centre"),
    SheetColumn("DOCX", 38),
    SheetColumn("PDF", 38),
    SheetColumn("Source", 38),
    SheetColumn("Ligne", 8, "centre"),
    SheetColumn("Durée (s)", 10, "centre"),
)

_PROBLEM_COLUMNS = (
    SheetColumn("Candidat", 28, "strong"),
    SheetColumn("Gravité", 16, "centre"),
    SheetColumn("Source", 30),
    SheetColumn("Feuille", 16),
    SheetColumn("Cellule", 10, "centre"),
    SheetColumn("Problème", 62),
    SheetColumn("Que faire", 52),
    SheetColumn("Champ", 20, "plain"),
    SheetColumn("Sorte de problème", 30),
)

_CRITERION_COLUMNS = (
    SheetColumn("Critère", 10, "strong"),
    SheetColumn("Libellé", 74),
    SheetColumn("Compétence", 44),
    SheetColumn("OUI", 8, "centre"),
    SheetColumn("NON", 8, "centre"),
    SheetColumn("NA", 8, "centre"),
    SheetColumn("Sans réponse", 10, "centre"),
    SheetColumn("Part de NON", 14, "percent"),
    SheetColumn("Rang des NON", 10, "centre"),
)


def _summary_columns(numbers: Iterable[int]) -> tuple[SheetColumn, ...]:
    return (
        SheetColumn("Candidat", 28, "strong"),
        SheetColumn("État", 13, "centre"),
        *(SheetColumn(f"C{number}", 13, "centre") for number in numbers),
        SheetColumn("CQP complet", 12, "centre"),
        SheetColumn("OUI", 7, "centre"),
        SheetColumn("NON", 7, "centre"),
        SheetColumn("NA", 7, "centre"),
        SheetColumn(spaced("À reporter dans « Résultats de l’évaluation »"), 76),
        SheetColumn("Avertissements", 50),
    )


def _about(header: Header) -> str:
    guide = header.guide
    return spaced(f"{guide.certificate} – {header.started:%d/%m/%Y à %H:%M} – {header.folder}")


def _plural(number: int, noun: str) -> str:
    shown = f"{number:,}".replace(",", "\u202f")
    return f"{shown}{NBSP}{noun}" + ("s" if number > 1 else "")


def _counted(totals: Totals) -> str:
    return spaced(" ; ".join(totals.counted()) or "aucun candidat")


def _mastered(totals: Totals) -> str:
    return spaced(
        f"{_plural(totals.complete, 'CQP complet')} "
        f"(toutes les compétences maîtrisées) sur {_plural(totals.done, 'guide')}."
    )


def _basis(totals: Totals) -> str:
    return f"Sur {_plural(totals.done, 'guide')} ; le rang 1 est le critère le plus souvent à NON."


_SEVERITY = {Severity.WARNING: "avertissement", Severity.INFORMATION: "information"}


def _problem_row(header: Header, one: Outcome, found: Finding) -> Iterator[object]:
    blocking = found.severity is Severity.ERROR
    sheet = found.sheet.replace("'", "''")
    place = f"'{sheet}'!{found.cell}" if found.cell else ""
    yield one.candidate
    yield CellMark("erreur", POOR) if blocking else CellMark(_SEVERITY[found.severity], WARM)
    yield _source_link(header, one.source, place)
    yield found.sheet
    yield found.cell
    yield found.message
    yield found.remedy
    yield found.field
    yield _in_words(found.code)


def _in_words(code: str) -> str:
    """« critere-sans-reponse » as people write it: « critère sans réponse »."""
    words = " ".join(_ACCENTS.get(word, word) for word in code.split("-"))
    return words.replace("en tête", "en-tête")


_ACCENTS = {
    "critere": "critère",
    "imprevue": "imprévue",
    "reponse": "réponse",
    "reponses": "réponses",
    "resultat": "résultat",
    "incoherente": "incohérente",
    "identite": "identité",
    "incomplete": "incomplète",
    "precision": "précision",
    "caractere": "caractère",
    "na": "NA",
    "maitrise": "maîtrise",
    "deja": "déjà",
    "emis": "émis",
    "masquee": "masquée",
    "barree": "barrée",
    "affichee": "affichée",
    "tete": "tête",
    "remplacee": "remplacée",
    "modifiees": "modifiées",
    "libelle": "libellé",
    "ecriture": "écriture",
    "inadapte": "inadapté",
    "differente": "différente",
    "complementaires": "complémentaires",
    "nommee": "nommée",
    "excel": "Excel",
}


def _summary_row(one: Outcome, known: Assessment) -> Iterator[object]:
    yield one.candidate
    yield state_mark(one.state, one.label)
    for result in known.results:
        yield RESULT_LABELS[result] if result else "–"
    match one.complete:
        case None:
            yield "–"
        case True:
            yield CellMark("oui", GOOD)
        case False:
            yield CellMark("non", POOR)
    yield known.count(Verdict.OUI)
    yield known.count(Verdict.NON)
    yield known.count(Verdict.NA)
    yield "\n".join(
        spaced(f"{note.field} « {note.label} » : {note.comment or '(sans précision)'}")
        for note in known.notes
    )
    yield "\n".join(found.message for found in one.warnings)


def _file_link(file: IssuedFile | None) -> Link | None:
    return Link(file.path.rpartition("/")[2], _encoded(file.path)) if file else None


def _source_link(header: Header, source: str, location: str = "") -> Link | str:
    path = Path(source)
    if not path.exists():
        return source
    try:
        relative = os.path.relpath(path.absolute(), header.folder.absolute())
        target = _encoded(Path(relative).as_posix())
    except ValueError:  # another drive, on Windows
        target = path.absolute().as_uri()
    return Link(path.name, target, location)


def _encoded(path: str) -> str:
    # Only what a URI reserves: spreadsheet programs keep letters with accents as they are.
    return "".join(f"%{ord(char):02X}" if char in _RESERVED else char for char in path)


_RESERVED = frozenset(' %#?"<>[]^`{|}')
