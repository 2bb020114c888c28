"""What is to be copied to « Résultats de l’évaluation »: six results, each NA with its comment."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cqp_forms.answers import Answers, Result, Verdict
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


def results_of(guide: Guide, candidate: str, answers: Answers) -> CandidateResults:
    """Take from a fiche what is to be copied."""
    competences = []
    for competence in guide.competences:
        value = answers.value(competence.result.id)
        notes = tuple(
            spaced(f"{one.id.partition('.')[2]} « {one.label} » : {comment or _UNEXPLAINED}")
            for one in competence.criteria
            if answers.value(one.id) is Verdict.NA
            for comment in [answers.comment(one.id)]
        )
        shown = SHOWN_RESULTS[value] if isinstance(value, Result) else _UNKNOWN
        competences.append(CompetenceResult(competence.heading, shown, notes))
    reference = answers.text(guide.key) if guide.key else ""
    return CandidateResults(candidate, reference, tuple(competences))


def results_xlsx(guide: Guide, found: Sequence[CandidateResults], now: datetime) -> bytes:
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
