"""Word forms as administrations write them: each place has the label that a person reads for it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

import docx
import pytest
from docx.document import Document
from docx.shared import Pt
from drafted import outline_of

from cqp_forms.answers import Answer, Answers
from cqp_forms.docx.detect import detect
from cqp_forms.docx.read import read
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import DocxMapping, Format
from cqp_forms.matching.drafting import draft
from cqp_forms.plan import Edition, make_plan

Write = Callable[[Document], None]


def saved(write: Write) -> bytes:
    made = docx.Document()
    write(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def outline(write: Write) -> list[tuple[str, str]]:
    """See :func:`drafted.outline_of`."""
    return outline_of(saved(write), Format.DOCX)


def labels(write: Write) -> list[str]:
    return [label for _, label in outline(write)]


def table(made: Document, *rows: str) -> None:
    """A bordered table, its cells parted by « | »; a row of one cell goes across."""
    cells = [row.split("|") for row in rows]
    grid = made.add_table(len(rows), max(map(len, cells)))
    grid.style = "Table Grid"
    for row, words in zip(grid.rows, cells, strict=True):
        if len(words) < len(row.cells):
            row.cells[0].merge(row.cells[-1])
        for cell, text in zip(row.cells, words, strict=False):
            cell.text = text.strip()


def lines(*texts: str) -> Write:
    def write(made: Document) -> None:
        for text in texts:
            made.add_paragraph(text)

    return write


def test_what_introduces_labels_is_no_label() -> None:
    """« Entre les soussignés : » was offered as a text."""
    assert labels(
        lines(
            "Entre les soussignés :",
            "L’entreprise : ..............",
            "Et le stagiaire :",
            "Nom : ..............",
            "Avez-vous reçu :",
            "☐ le règlement",
            "☐ le livret",
        )
    ) == ["L’entreprise", "Nom", "le règlement", "le livret"]
    assert labels(lines("Nom :", "Prénom : ..............")) == ["Nom", "Prénom"]


def test_a_line_of_dots_behind_a_line_break_goes_on_from_its_label() -> None:
    """It took the label of the paragraph before."""
    assert labels(lines("Société : ............", "Adresse : ............\n................")) == [
        "Société",
        "Adresse",
    ]


def test_labels_parted_by_line_breaks_have_a_place_each() -> None:
    assert labels(lines("Cadre réservé\nReçu le :\nN° dossier :")) == [
        "Cadre réservé Reçu le",
        "N° dossier",
    ]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (
            "Avis | ☐ Favorable | ☐ Réservé | ☐ Défavorable",
            "Avis | Favorable | Réservé | Défavorable",
        ),
        (
            "Avis général | Favorable | ☐ | Défavorable | ☐",
            "Avis général | Favorable | Défavorable",
        ),
        ("Présence | ☐ | Oui | ☐ | Non", "Présence | Oui | Non"),
    ],
)
def test_cells_side_by_side_with_a_box_each_are_one_choice(row: str, field: str) -> None:
    """Their question was lost, or a box had the word of the next."""
    assert labels(lambda made: table(made, row, row.replace("A", "B", 1)))[:1] == [field]


def test_boxes_in_cells_that_may_all_be_ticked_keep_their_question() -> None:
    assert labels(lambda made: table(made, "Pièces | ☐ Contrat | ☐ Planning")) == [
        "Pièces : Contrat",
        "Pièces : Planning",
    ]


def test_boxes_are_no_answer_to_the_label_above_their_cell() -> None:
    """They were « en présentiel – Prochaine visite »."""
    assert labels(
        lambda made: table(
            made, "Prochaine visite : |", "Visite : ☐ en présentiel ☐ à distance | Durée :"
        )
    ) == ["Prochaine visite", "Visite : en présentiel", "Visite : à distance", "Durée"]


def test_a_scale_alone_answers_the_question_above_its_table() -> None:
    def write(made: Document) -> None:
        made.add_paragraph("Recommanderiez-vous cette formation ?")
        table(made, "0|1|2|3", "☐|☐|☐|☐")

    assert labels(write) == ["Recommanderiez-vous cette formation ? | 0 | 1 | 2 | 3"]


def test_two_questions_in_a_row_have_the_same_scale_without_a_doubt() -> None:
    assert labels(
        lambda made: table(made, "Critère|OUI|NON|Critère|OUI|NON", "Ponctualité|☐|☐|Tenue|☐|☐")
    ) == ["Ponctualité | OUI | NON", "Tenue | OUI | NON"]


def test_a_list_of_three_answers_is_one_choice_under_each_question() -> None:
    """The third was a tick, and that of the second question stood under the first."""
    texts = [
        each
        for question in ("1. Un projet ?", "2. Un financement ?")
        for each in (question, "☐ Oui", "☐ Non", "☐ En réflexion")
    ]
    assert labels(lines(*texts)) == [
        "1. Un projet ? | Oui | Non | En réflexion",
        "2. Un financement ? | Oui | Non | En réflexion",
    ]


def test_ticks_before_and_behind_a_question_stand_under_their_own_titles() -> None:
    texts = [
        each
        for question in ("1. Un projet ?", "2. Un financement ?")
        for each in (question, "☐ Oui", "☐ Non", "☐ Livret A")
    ]
    assert [title for title, label in outline(lines(*texts)) if label == "Livret A"] == [
        "1. Un projet ?",
        "2. Un financement ?",
    ]


def test_blank_lines_under_a_question_are_its_place() -> None:
    assert labels(lines("Quels sont vos points forts ?", "", "", "", "Fin")) == [
        "Quels sont vos points forts ?"
    ]


def test_a_caption_in_small_type_over_a_blank_line_is_a_place() -> None:
    def write(made: Document) -> None:
        table(made, "Nom de naissance|Nom d’usage")
        for cell in made.tables[0].rows[0].cells:
            cell.paragraphs[0].runs[0].font.size = Pt(7)
            cell.add_paragraph()

    assert labels(write) == ["Nom de naissance", "Nom d’usage"]


def test_the_word_signature_announces_a_space_wherever_it_stands() -> None:
    """In a cell, or under a role, it was passed over in silence."""

    def write(made: Document) -> None:
        table(made, "Apprenti|Formateur", "Signature|Signature")
        for text in ("Le tuteur", "(nom, date et signature)", "", "La signature vaut accord."):
            made.add_paragraph(text)
        made.add_paragraph("Date et signature, précédées de « lu et approuvé »")

    assert labels(write) == [
        "Signature – Apprenti",
        "Signature – Formateur",
        "Le tuteur (nom, date et signature)",
        "Date et signature, précédées de « lu et approuvé »",
    ]


def test_a_column_heading_gives_no_title() -> None:
    assert {title for title, _ in outline(lambda made: table(made, "Thème|A|B", "Accueil||"))} == {
        "Formulaire"
    }


def test_a_form_that_ends_with_a_table_is_read_with_a_paragraph_behind_it() -> None:
    """Word puts one there, and a draft the list of what is left to settle."""
    blank = saved(lambda made: table(made, "Critère|Note", "Contenu|"))
    made = draft(detect(blank), "essai", Format.DOCX, "x.docx", blank)
    (field,) = made.guide.fields
    mapping = cast(DocxMapping, made.mapping)
    plan = make_plan(made.guide, Answers({field: Answer("12")}))
    edition = Edition("Essai", datetime(2026, 1, 5, tzinfo=UTC))
    stamped = docx.Document(
        io.BytesIO(DocxStamper(blank, mapping, made.guide).stamp(plan, edition))
    )
    stamped.add_paragraph()
    out = io.BytesIO()
    stamped.save(out)
    assert read(out.getvalue(), mapping, made.guide, blank).texts == {field: "12"}


def test_answers_before_their_boxes_stay_so_when_a_label_follows() -> None:
    """The box of OUI was named NON."""
    assert labels(
        lines("Le contrat se poursuit : OUI ☐ NON ☐ Si non, date de fin : ..........")
    ) == [
        "Le contrat se poursuit | OUI | NON",
        "Si non, date de fin",
    ]


def test_a_wording_that_begins_with_an_answer_is_one_wording() -> None:
    assert labels(
        lines(
            "Absences : ☐ aucune ☐ justifiées (nombre : ......) ☐ non justifiées (nombre : ......)"
        )
    ) == [
        "Absences : aucune",
        "Absences : justifiées (nombre)",
        "justifiées (nombre)",
        "Absences : non justifiées (nombre)",
        "non justifiées (nombre)",
    ]


def test_a_label_over_a_grid_of_boxes_leads_to_it() -> None:
    def write(made: Document) -> None:
        made.add_paragraph("Disponibilités :")
        table(made, "|Lundi|Mardi", "Matin|☐|☐")

    assert labels(write) == ["Matin – Lundi", "Matin – Mardi"]


def test_how_well_something_was_done_is_a_scale() -> None:
    def write(made: Document) -> None:
        table(made, "Activités|Réalisée seul|Réalisée avec aide|Non réalisée", "Accueil|||")
        made.add_paragraph()
        table(made, "N°|Bloc 1|Bloc 2", "1|☐ V ☐ NV|☐ V ☐ NV")

    assert labels(write) == [
        "Accueil | Réalisée seul | Réalisée avec aide | Non réalisée",
        "1 – Bloc 1 | V | NV",
        "1 – Bloc 2 | V | NV",
    ]


def test_signatures_side_by_side_by_tabs_are_as_many_as_their_roles() -> None:
    """They were one place, named by both roles."""
    assert labels(
        lines("Le tuteur\tL’apprenti", "(date et signature)\t(signature)", "", "", "", "Fin")
    ) == ["Le tuteur (date et signature)", "L’apprenti (signature)"]


def test_a_stamp_is_set_by_hand_in_both_formats() -> None:
    """In a Word form « Cachet » was a text to type."""
    document = saved(lambda made: table(made, "Signature|Cachet de l’entreprise", "|"))
    assert [one.kind for one in detect(document)] == [PlacementKind.SIGNATURE_AREA] * 2


def test_a_heading_of_one_letter_is_not_known_from_any_word_that_has_it() -> None:
    """« A » is in « Accueil » as a letter, not as what heads the box."""
    found = detect(saved(lambda made: table(made, "Poste|A|B", "1|☐ Accueil|☐ Vente")))
    assert [one.column for one in found] == ["A", "B"]


def test_a_row_that_lost_its_boxes_is_named_behind_an_empty_text_too() -> None:
    rows = ("Critère|Remarque|OUI|NON", "Tenue||☐|☐", "Écoute|||")
    found = detect(saved(lambda made: table(made, *rows)))
    assert [one.label for one in found if one.unfillable] == ["Écoute"]
