"""Names: ASCII, safe on Windows, short, and telling people apart."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from issuing_fakes import fiche

from cqp_forms.guide import Guide
from cqp_forms.issuing.naming import (
    ISSUED_NAME,
    MAX_RELATIVE_PATH,
    Role,
    choose_folder,
    draft_path,
    file_stem,
    issued_path,
    person,
    suffixed,
)


@pytest.mark.parametrize(
    ("family", "first", "stem"),
    [
        ("Dupont", "jean-pierre", "DUPONT_Jean-Pierre"),
        ("DE LA TOUR", "MARIE CLAIRE", "DE-LA-TOUR_Marie-Claire"),
        ("D’Angelo", "Anaïs", "D-ANGELO_Anais"),
        ("Łukasiewicz", "Ørjan", "LUKASIEWICZ_Orjan"),
        ("Nguyễn", "Đức", "NGUYEN_Duc"),
        ("Strauß", "Cœlia", "STRAUSS_Coelia"),
        ("Yılmaz", "Çağrı", "YILMAZ_Cagri"),
        ("İnönü", "Þór", "INONU_Thor"),
        ("Чайковский", "Пётр", "CHAYKOVSKIY_Petr"),
        ("Παπαδοπούλου", "Γιώργος", "PAPADOPOULOU_Giorgos"),
        ("王", "小龙", "WANG_Xiaolong"),
        ("Горький", "Мария", "GORKIY_Mariya"),
        ("e\u0301te\u0301", "Noe\u0308l", "ETE_Noel"),
        ("../../etc", "a/b\\c:d", "ETC_A-B-C-D"),
        ("", "", "SANS-NOM"),
        ("CON", "", "CON-X"),
        ("lpt1", "", "LPT1-X"),
        ("Nul.", "", "NUL-X"),
    ],
)
def test_stem(family: str, first: str, stem: str) -> None:
    assert file_stem(family, first) == stem


def test_a_name_that_folding_leaves_nothing_of_is_told_from_another() -> None:
    one, two = file_stem("\ue000", "\ue001"), file_stem("\ue002", "\ue001")
    assert re.fullmatch(r"X[0-9A-F]{8}_X[0-9a-f]{8}", one)
    assert one != two
    assert one == file_stem("\ue000", "\ue001")


@given(st.text(max_size=200), st.text(max_size=200), st.integers(1, 9999))
def test_any_name_gives_a_safe_path(family: str, first: str, number: int) -> None:
    folder = suffixed(file_stem(family, first), 12)
    guide = Guide("g", "", "Outil très long n°4", "", "", "fr", "", (), 2, ())
    for role in Role:
        for path in (issued_path(guide, folder, number, role), draft_path(guide, folder, role)):
            assert len(path) <= MAX_RELATIVE_PATH
            assert re.fullmatch(r"[A-Za-z0-9_-]+/[A-Za-z0-9_-]+\.(docx|pdf)", path)
            for part in path.split("/"):
                assert part.split(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1"}


def test_paths_are_those_of_the_contract(guide: Guide) -> None:
    folder = "DUPONT_Zoe"
    assert issued_path(guide, folder, 1, Role.DOCX) == "DUPONT_Zoe/OUTIL4_DUPONT_Zoe_v1.docx"
    assert issued_path(guide, folder, 12, Role.PDF) == "DUPONT_Zoe/OUTIL4_DUPONT_Zoe_v12.pdf"
    changes = issued_path(guide, folder, 2, Role.CHANGES)
    assert changes == "DUPONT_Zoe/OUTIL4_DUPONT_Zoe_v2_modifications.pdf"
    assert draft_path(guide, folder, Role.PDF) == "DUPONT_Zoe/OUTIL4_DUPONT_Zoe_brouillon.pdf"
    assert ISSUED_NAME.fullmatch(changes.split("/")[1])
    assert not ISSUED_NAME.fullmatch("OUTIL4_DUPONT_Zoe_brouillon.pdf")
    assert not ISSUED_NAME.fullmatch("OUTIL4_DUPONT_Zoe_v1 - Copie.pdf")


def test_the_key_is_the_reference_where_given(guide: Guide) -> None:
    with_reference = person(guide, fiche(guide, dossier__reference=" Dossier  É-12 "))
    assert with_reference.key == "dossier e-12"
    plain = person(guide, fiche(guide))
    assert plain.key == plain.identity == "dupont|zoe|chimie & cie"
    assert plain.name == "Dupont Zoé"
    accented = person(guide, fiche(guide, candidat__nom="DUPÖNT"))
    assert accented.key == plain.key


def test_the_key_tells_companies_apart_and_keeps_the_parts_apart(guide: Guide) -> None:
    keys = {
        person(guide, fiche(guide, candidat__nom=a, candidat__prenom=b, candidat__entreprise=c)).key
        for a, b, c in [("Le", "Roy", "X"), ("Le Roy", None, "X"), ("Le", "Roy", "Y")]
    }
    assert len(keys) == 3


def test_a_folder_is_never_another_candidates() -> None:
    owners = {"DUPONT_Zoe": "a", "DUPONT_Zoe_2": "b"}
    assert choose_folder("DUPONT_Zoe", "a", owners.get) == "DUPONT_Zoe"
    assert choose_folder("DUPONT_Zoe", "b", owners.get) == "DUPONT_Zoe_2"
    assert choose_folder("DUPONT_Zoe", "c", owners.get) == "DUPONT_Zoe_3"
