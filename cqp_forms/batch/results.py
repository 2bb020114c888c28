"""What is to be copied to « Résultats de l’évaluation »: six results, each NA with its comment."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cqp_forms.batch.outcome import Assessment, Outcome
from cqp_forms.errors import UsageError
from cqp_forms.files import Existing, require_free, save
from cqp_forms.guide import Guide
from cqp_forms.typography import spaced
from cqp_forms.workbook.values import SHOWN_RESULTS

TITLE = "Résultats de l’évaluation"
_UNKNOWN = "pas encore de résultat"
_UNEXPLAINED = "(sans précision)"


@dataclass(frozen=True, slots=True)
class CompetenceResult:
    """One competence of one candidate.

    Attributes:
        result: « MAÎTRISÉE », « NON MAÎTRISÉE », or that there is none.
        notes: a line a NA: its number, its wording and its comment.
    """

    heading: str
    result: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CandidateResults:
    """What is to be copied for one candidate."""

    candidate: str
    reference: str
    competences: tuple[CompetenceResult, ...]

    def as_json(self) -> dict[str, object]:
        """One candidate of ``results --json``."""
        return {
            "candidate": self.candidate,
            "reference": self.reference,
            "competences": [
                {"competence": one.heading, "result": one.result, "notes": list(one.notes)}
                for one in self.competences
            ],
        }


def results_of(guide: Guide, candidate: str, reference: str, known: Assessment) -> CandidateResults:
    """Take from what is known of a fiche what is to be copied."""
    competences = []
    for competence, result in zip(guide.competences, known.results, strict=True):
        own = {one.id for one in competence.criteria}
        notes = tuple(
            spaced(f"{one.field.partition('.')[2]} « {one.label} » : {one.comment or _UNEXPLAINED}")
            for one in known.notes
            if one.field in own
        )
        shown = SHOWN_RESULTS[result] if result is not None else _UNKNOWN
        competences.append(CompetenceResult(competence.heading, shown, notes))
    return CandidateResults(candidate, reference, tuple(competences))


def results_of_batch(guide: Guide, outcomes: Iterable[Outcome]) -> list[CandidateResults]:
    """The same of each candidate of a batch who has the guide that was asked for."""
    return [
        results_of(guide, one.candidate, one.reference, one.assessment)
        for one in outcomes
        if one.state.done and one.assessment is not None
    ]


def require_target(path: Path) -> None:
    """Refuse a file that could not be written, before anything is done.

    Raises:
        UsageError: its suffix is not of a workbook or a Word document.
        OutputError: it is there already.
    """
    if path.suffix.casefold() not in (".xlsx", ".docx"):
        raise UsageError(
            "le fichier à créer est un classeur .xlsx ou un document .docx.",
            where=str(path),
            remedy="Donnez-lui un nom comme resultats.docx.",
        )
    require_free(path)


def write_results(
    path: Path, guide: Guide, found: Iterable[CandidateResults], now: datetime
) -> None:
    """Write the workbook or the document, by the suffix; arguments as for :func:`results_xlsx`.

    Raises:
        OutputError: the file is there already, or cannot be written.
    """
    made = results_docx if path.suffix.casefold() == ".docx" else results_xlsx
    save(path, made(guide, found, now), Existing.REFUSE)


def results_xlsx(guide: Guide, found: Iterable[CandidateResults], now: datetime) -> bytes:
    """The workbook: a row a competence, candidate after candidate.

    Args:
        now: for the document's metadata.
    """
    from openpyxl import Workbook

    from cqp_forms.batch.sheets import SheetColumn, SheetStyles, TableSheet

    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = TITLE, "cqp-forms"
    book.properties.created = book.properties.modified = now.replace(tzinfo=None)
    columns = (
        SheetColumn("Candidat", 28, "strong"),
        SheetColumn("Référence", 16),
        SheetColumn("Compétence", 56),
        SheetColumn("Résultat", 20, "centre"),
        SheetColumn("Critères non applicables (NA)", 76),
    )
    lead = [guide.certificate or guide.title, "À recopier dans le document de ce nom."]
    table = TableSheet(book, SheetStyles(book), "Résultats", TITLE, lead, columns)
    for one in found:
        for each in one.competences:
            notes = "\n".join(each.notes)
            table.add(one.candidate, one.reference, each.heading, each.result, notes)
    table.finish()
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def results_docx(guide: Guide, found: Iterable[CandidateResults], now: datetime) -> bytes:
    """The document: a page a candidate; arguments as for :func:`results_xlsx`."""
    import docx
    from docx.enum.text import WD_BREAK

    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.language = TITLE, "cqp-forms", guide.language
    properties.created = properties.modified = now.replace(tzinfo=None)
    for rank, one in enumerate(found):
        if rank:
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        document.add_heading(f"{TITLE} – {one.candidate}", 1)
        document.add_paragraph(
            " – ".join(part for part in (guide.certificate, one.reference) if part)
        )
        for each in one.competences:
            paragraph = document.add_paragraph(f"{each.heading}{spaced(' : ')}")
            paragraph.paragraph_format.keep_with_next = bool(each.notes)
            paragraph.add_run(each.result).bold = True
            for note in each.notes:
                document.add_paragraph(f"NA – {note}", style="List Bullet")
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()
