"""Lists of one's own, with titles and no ids: read as a lot where they are accepted."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from cqp_forms.errors import AnswersError
from cqp_forms.findings import Code, Severity
from cqp_forms.guide import Guide
from cqp_forms.workbook.read import PlainLists, read_workbook
from cqp_forms.workbook.write import LotExtent, write_lot


def listed(path: Path, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_titles_stand_for_ids_and_the_reader_says_how(guide: Guide, tmp_path: Path) -> None:
    path = listed(
        tmp_path / "liste.xlsx",
        ("Session de juin",),
        ("N°", " NOM : ", "prénom", "Tél.", "Entreprise"),
        (7, "Durand", "Léa", "02 99", "Résines"),
        (8, "Nguyễn", "Minh", None, None),
    )
    found = list(read_workbook(path, guide, lists=PlainLists.ACCEPTED))
    assert [one.answers.canonical() for one in found] == [
        {"dossier.reference": "7", "candidat.nom": "Durand", "candidat.prenom": "Léa",
         "candidat.entreprise": "Résines"},
        {"dossier.reference": "8", "candidat.nom": "Nguyễn", "candidat.prenom": "Minh"},
    ]  # fmt: skip
    assert [one.row for one in found] == [3, 4]
    told = found[0].findings[0]
    assert (told.code, told.severity, told.cell) == (Code.PLAIN_LIST, Severity.INFORMATION, "A2")
    assert "« N° » = Dossier – Référence du dossier" in told.message.replace("\u00a0", " ")
    assert "laissées de côté : « Tél. »" in told.message.replace("\u00a0", " ")


def test_elsewhere_a_list_is_refused_and_sent_to_prepare(guide: Guide, tmp_path: Path) -> None:
    path = listed(tmp_path / "liste.xlsx", ("Nom", "Prénom"), ("Durand", "Léa"))
    with pytest.raises(AnswersError, match=r"cqp-forms prepare"):
        list(read_workbook(path, guide))


@pytest.mark.parametrize("titles", [("Nom",), ("Prénom", "Entreprise"), ("Nom et prénom", "N°")])
def test_a_list_that_does_not_say_who_is_refused(
    guide: Guide, tmp_path: Path, titles: tuple[str, ...]
) -> None:
    path = listed(tmp_path / "liste.xlsx", titles, ("Durand", "Léa"))
    with pytest.raises(AnswersError, match=r"aucune feuille n’a de ligne d’en-tête"):
        list(read_workbook(path, guide, lists=PlainLists.ACCEPTED))


def test_two_columns_of_one_title_are_told(guide: Guide, tmp_path: Path) -> None:
    path = listed(tmp_path / "l.xlsx", ("Nom", "Prénom", "nom"), ("Durand", "Léa", "Martin"))
    (found,) = read_workbook(path, guide, lists=PlainLists.ACCEPTED)
    assert Code.DUPLICATE_FIELD in [one.code for one in found.findings]


def test_the_labels_above_the_ids_of_a_lot_are_not_taken_for_them(
    guide: Guide, tmp_path: Path
) -> None:
    write_lot(tmp_path / "l.xlsx", guide, extent=LotExtent.IDENTITY)
    assert list(read_workbook(tmp_path / "l.xlsx", guide, lists=PlainLists.ACCEPTED)) == []


@pytest.mark.parametrize("lists", PlainLists)
def test_a_lot_that_lost_its_row_of_ids_is_no_list(
    guide: Guide, tmp_path: Path, lists: PlainLists
) -> None:
    """Taken for a list, every answer in it would be lost."""
    path = tmp_path / "lot.xlsx"
    write_lot(path, guide, extent=LotExtent.COMPLETE)
    book = openpyxl.load_workbook(path)
    sheet = book["Candidats"]
    ids = next(row for row in sheet.iter_rows() if "candidat.nom" in [one.value for one in row])
    names = {one.value: one.column for one in ids}
    for key, value in (("candidat.nom", "Durand"), ("candidat.prenom", "Léa"), ("c1.1.1", "OUI")):
        sheet.cell(ids[0].row + 1, names[key], value)
    sheet.delete_rows(ids[0].row)
    book.save(path)
    with pytest.raises(AnswersError, match=r"la ligne des identifiants de ce lot manque"):
        list(read_workbook(path, guide, lists=lists))
