"""Mapping files: read as written, and refused where they cannot be trusted."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cqp_forms.errors import ExitCode, MappingError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import (
    AnyMapping,
    DocumentMapping,
    DocxKind,
    DocxLocator,
    Format,
    PdfKind,
    PdfLocator,
    Rect,
    even_cells,
)
from cqp_forms.mapping_lint import lint, require_complete
from cqp_forms.mapping_yaml import dump_mapping, parse_mapping

SHA = hashlib.sha256(b"blank").hexdigest()


def pdf_mapping(**locators: PdfLocator) -> DocumentMapping[PdfLocator]:
    named = {key.replace("__", "."): one for key, one in locators.items()}
    return DocumentMapping("technico-commercial", Format.PDF, "a.pdf", SHA, named)


def complete(guide: Guide) -> dict[str, DocxLocator]:
    return {key: DocxLocator(DocxKind.CONTROL, key) for key in guide.placements}


def docx_mapping(locators: dict[str, DocxLocator], guide: str) -> DocumentMapping[DocxLocator]:
    return DocumentMapping(guide, Format.DOCX, "a.docx", SHA, locators)


names = st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable())
hundredths = st.integers(0, 80_000).map(lambda value: value / 100)
rects = st.builds(Rect, hundredths, hundredths, hundredths, hundredths)
confidences = st.integers(1, 100).map(lambda value: value / 100)
pdf_locators = (
    st.builds(
        PdfLocator,
        st.just(PdfKind.WIDGET),
        st.integers(1, 99),
        rects,
        names,
        names.map(lambda name: "/" + name) | st.just(""),
        st.integers(0, 3),
        confidences,
        names | st.just(""),
    )
    | st.builds(PdfLocator, st.sampled_from([PdfKind.BOX, PdfKind.AREA]), st.integers(1, 99), rects)
    | st.builds(
        PdfLocator,
        st.just(PdfKind.COMB),
        st.integers(1, 99),
        rects,
        cells=st.integers(1, 60).map(even_cells) | st.just((0.1, 0.3, 0.9)),
    )
)
docx_locators = st.builds(
    DocxLocator,
    st.sampled_from(DocxKind),
    names,
    st.sampled_from(["word/document.xml", "word/header1.xml"]),
    st.integers(0, 500),
    confidences,
    names | st.just(""),
)
ids = st.sampled_from(["c1.1.1.oui", "c1.1.1.non", "candidat.nom", "candidat.nom@2"])


@given(
    st.sampled_from(Format).flatmap(
        lambda kind: st.builds(
            DocumentMapping,
            st.just("technico-commercial"),
            st.just(kind),
            names,
            st.just(SHA),
            st.dictionaries(ids, pdf_locators if kind is Format.PDF else docx_locators),
            st.lists(st.sampled_from(["c6.1.1.oui", "c6.1.1.non"]), unique=True).map(tuple),
        )
    )
)
def test_a_mapping_is_read_as_it_was_written(mapping: AnyMapping) -> None:
    assert parse_mapping(dump_mapping(mapping)) == mapping


@pytest.mark.parametrize("state", ["/Resident\udc90s room", "/C#90", "/à#23", "/#", "/n\x07\u2028"])
def test_a_state_that_is_no_text_survives_its_file(state: str) -> None:
    """The names of states are bytes: some programs write « ’ » as Windows does."""
    box = PdfLocator(PdfKind.WIDGET, 1, Rect(1, 2, 3, 4), "a\tb\x85", state)
    mapping = pdf_mapping(c1__1__1__oui=box)
    text = dump_mapping(mapping)
    assert parse_mapping(text.encode().decode()) == mapping


HEAD = f'guide: technico-commercial\nformat: pdf\ndocument: "a.pdf"\nsha256: "{SHA}"\nplacements:\n'


@pytest.mark.parametrize(
    ("line", "path", "message"),
    [
        ("c1.1.1.oui: {box: [1, 2, 3], page: 1}", "c1.1.1.oui", "gauche, bas, droite, haut"),
        ("c1.1.1.oui: {box: [1, 2, 3, 4]}", "c1.1.1.oui", "« page » manque"),
        ("c1.1.1.oui: {box: [1, 2, 3, 4], page: 1, pgae: 2}", "c1.1.1.oui", "« pgae »"),
        ("c1.1.1.oui: {page: 1}", "c1.1.1.oui", "une seule clé"),
        ("c1.1.1.oui: {box: [1, 2, 3, 4], page: 1.5}", "page", "nombre entier"),
        ("c1.1.1.oui: {box: [1, 2, 3, 4], page: '1'}", "page", "nombre est attendu"),
        ("candidat.nom: {comb: [1, 2, 3, 4], page: 1}", "candidat.nom", "« cells » manque"),
        *(
            (f"candidat.nom: {{comb: [1, 2, 3, 4], page: 1, cells: {cells}}}", "cells", "milieux")
            for cells in ("0", "201", "true", "huit", "[]", "[0.5, 0.2]", "[0.2, 1]", "[0.1, true]")
        ),
    ],
)
def test_a_broken_line_is_refused_with_its_path(line: str, path: str, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        parse_mapping(HEAD + "  " + line, "pdf.yaml")
    assert caught.value.exit_code is ExitCode.DOCUMENT
    assert "pdf.yaml" in caught.value.where
    assert path in caught.value.where
    assert message in caught.value.message.replace("\u00a0", " ")


def test_the_same_placement_twice_is_refused() -> None:
    line = "  c1.1.1.oui: {box: [1, 2, 3, 4], page: 1}\n"
    with pytest.raises(MappingError, match="deux fois"):
        parse_mapping(HEAD + line + line)


def test_another_document_is_refused(guide: Guide) -> None:
    mapping = docx_mapping(complete(guide), guide.id)
    mapping.require_document(b"blank")
    with pytest.raises(MappingError, match="SHA-256") as caught:
        mapping.require_document(b"blank ")
    assert "map" in caught.value.remedy


def test_a_complete_mapping_has_nothing_to_say(guide: Guide) -> None:
    mapping = docx_mapping(complete(guide), guide.id)
    assert lint(mapping, guide) == []
    require_complete(mapping, guide)


def test_lint_tells_what_misses_what_is_unknown_and_what_is_shared(guide: Guide) -> None:
    locators = complete(guide)
    del locators["c1.1.1.oui"]
    locators["c9.9.9.oui"] = DocxLocator(DocxKind.CONTROL, "c9")
    locators["c1.1.2.oui"] = locators["c1.1.2.non"]
    problems = " | ".join(lint(docx_mapping(locators, guide.id), guide))
    assert "c1.1.1.oui" in problems
    assert "« c9.9.9.oui » n’est pas" in problems
    assert "« c1.1.2.oui » et « c1.1.2.non » désignent le même endroit" in problems
    with pytest.raises(MappingError, match="pas utilisable"):
        require_complete(docx_mapping(locators, guide.id), guide)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 emplacement manque : c1.1.1.oui"),
        (2, "2 emplacements manquent : c1.1.1.oui, c1.1.1.non"),
        (
            9,
            "9 emplacements manquent : c1.1.1.oui, c1.1.1.non, c1.1.2.oui, c1.1.2.non, "
            "c1.1.3.oui et d’autres",
        ),
    ],
)
def test_lint_counts_what_misses_in_french(guide: Guide, count: int, said: str) -> None:
    locators = complete(guide)
    for one in [one for one in locators if one.startswith("c1.")][:count]:
        del locators[one]
    assert lint(docx_mapping(locators, guide.id), guide) == [said]
    with pytest.raises(MappingError) as caught:
        require_complete(docx_mapping(locators, guide.id), guide, "dossier/docx.yaml")
    assert caught.value.where == "dossier/docx.yaml"


def test_lint_tells_another_guide_and_a_kind_that_cannot_hold(guide: Guide) -> None:
    locators = complete(guide)
    locators["candidat.nom"] = DocxLocator(DocxKind.FORM_CHECKBOX, "x")
    locators["c1.1.1.oui"] = DocxLocator(DocxKind.FORM_TEXT, "y")
    problems = " | ".join(lint(docx_mapping(locators, "autre"), guide))
    assert "« autre »" in problems
    assert "« candidat.nom » est une zone de texte" in problems
    assert "« c1.1.1.oui » est une case" in problems


def test_lint_tells_overlaps_and_empty_rectangles(guide: Guide) -> None:
    mapping = pdf_mapping(
        c1__1__1__oui=PdfLocator(PdfKind.BOX, 1, Rect(10, 10, 20, 20)),
        c1__1__1__non=PdfLocator(PdfKind.BOX, 1, Rect(15, 15, 25, 25)),
        c1__1__2__oui=PdfLocator(PdfKind.BOX, 2, Rect(15, 15, 25, 25)),
        c1__1__2__non=PdfLocator(PdfKind.BOX, 3, Rect(15, 15, 15, 25)),
    )
    problems = " | ".join(lint(mapping, guide))
    assert "« c1.1.1.oui » et « c1.1.1.non » se chevauchent page 1" in problems
    assert "« c1.1.2.oui » et" not in problems
    assert "« c1.1.2.non » a un rectangle vide" in problems


def test_placements_count(guide: Guide) -> None:
    counts = {kind: len(guide.placements_of(kind)) for kind in PlacementKind}
    assert counts == {
        PlacementKind.TICK_BOX: 190,
        PlacementKind.TEXT_AREA: 24,
        PlacementKind.SIGNATURE_AREA: 3,
    }


def test_a_supposed_place_keeps_its_candidates_and_a_number_stands_for_a_place() -> None:
    text = (
        'guide: g\nformat: docx\ndocument: d.docx\nsha256: "00"\nplacements:\n'
        '  a: {cell: "body/tbl/tr/tc", confidence: 0.70, confirmed: false, '
        'candidates: ["#3", "#12"]}\n'
        '  b: "#37"\n  c: {cell: "body/tbl/tr/tc[2]"}\n  d: TODO\n'
    )
    mapping = parse_mapping(text)
    assert mapping.unconfirmed == ("a",)
    assert mapping.locators["a"].candidates == (3, 12)
    assert dict(mapping.numbered) == {"b": 37}
    assert mapping.todo == ("d",)
    assert parse_mapping(dump_mapping(mapping)) == mapping


@pytest.mark.parametrize("wrong", ['"#0"', '"#3a"', "{cell: x, confirmed: peut-être}"])
def test_a_number_or_a_confirmation_that_is_none_is_refused_with_its_place(wrong: str) -> None:
    text = f"guide: g\nformat: docx\ndocument: d\nsha256: x\nplacements:\n  a: {wrong}\n"
    with pytest.raises(MappingError) as raised:
        parse_mapping(text, "docx.yaml")
    assert "placements.a" in str(raised.value.where)
