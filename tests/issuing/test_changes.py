"""What changed: the list, its wording, and the PDF that comes with a corrected version."""

from __future__ import annotations

import io
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from issuing_fakes import LATER, NOON, fiche
from pypdf import PdfReader
from strategies import short_texts

from cqp_forms.answers import Answer, Answers, Result, Value, Verdict
from cqp_forms.errors import DocumentError, UsageError
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.issuing.changes_pdf import changes_pdf
from cqp_forms.issuing.history import Change, changes
from cqp_forms.issuing.naming import person
from cqp_forms.issuing.version import (
    MAX_REASON,
    Version,
    answers_from_canonical,
    clean_reason,
    trail_of,
)


@st.composite
def some_answers(draw: st.DrawFn, guide: Guide) -> Answers:
    """Answers to a few fields of each kind; cheaper than a whole fiche, and as telling."""
    values: dict[FieldKind, st.SearchStrategy[Value | None]] = {
        FieldKind.CRITERION: st.sampled_from([None, *Verdict]),
        FieldKind.RESULT: st.sampled_from([None, *Result]),
        FieldKind.TICK: st.sampled_from([None, False, True]),
        FieldKind.DATE: st.none() | st.dates(),
        FieldKind.TEXT: st.none() | st.just("") | short_texts,
        FieldKind.LONG_TEXT: st.none() | short_texts,
    }
    fields = [one for one in guide.fields.values() if one.kind in values]
    chosen = draw(st.lists(st.sampled_from(fields), max_size=8, unique=True))
    return Answers(
        {one.id: Answer(draw(values[one.kind]), draw(st.just("") | short_texts)) for one in chosen}
    )


def version(guide: Guide, answers: Answers, number: int, reason: str = "") -> Version:
    return Version.of(
        guide,
        person(guide, answers),
        answers.canonical_json(),
        number=number,
        issued_at=NOON if number == 1 else LATER,
        program="1",
        issuer="u",
        reason=reason,
    )


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def flat(text: str) -> str:
    return "".join(text.split())


def test_each_kind_of_answer_is_said_in_french(guide: Guide) -> None:
    before = fiche(guide, apports__autre=True)
    after = Answers(
        {
            **fiche(
                guide,
                candidat__nom="Durand",
                c1__resultat=Result.NON_MAITRISEE,
                evaluateur_cpne__date=date(2026, 11, 4),
                remarques__autre=None,
            ),
            "c3.1.4": Answer(Verdict.NA, "pas de SAV"),
        }
    )
    found = {one.field: (one.before, one.after) for one in changes(guide, before, after)}
    assert found == {
        "candidat.nom": ("Dupont", "Durand"),
        "c1.resultat": ("MAÎTRISÉE", "NON MAÎTRISÉE"),
        "c3.1.4": ("OUI", "NA (non applicable)"),
        "c3.1.4:précision": ("(vide)", "pas de SAV"),
        "apports.autre": ("coché", "(vide)"),
        "remarques.autre": ("Texte de remarques.autre", "(vide)"),
        "evaluateur_cpne.date": ("03/11/2026", "04/11/2026"),
    }


def test_changes_come_in_the_guides_order_with_their_wording(guide: Guide) -> None:
    found = changes(guide, fiche(guide), Answers({}))
    ids = [one.field for one in found]
    assert ids == [one for one in guide.fields if one in ids]
    assert len(ids) == len(fiche(guide))
    nom = next(one for one in found if one.field == "candidat.nom")
    assert nom.wording == "Candidat – Nom"
    assert nom.as_json() == {
        "field": "candidat.nom",
        "wording": "Candidat – Nom",
        "before": "Dupont",
        "after": "(vide)",
    }


def test_what_looks_the_same_may_still_differ(guide: Guide) -> None:
    before, after = fiche(guide, remarques__autre=None), fiche(guide, remarques__autre="(vide)")
    assert [one.field for one in changes(guide, before, after)] == ["remarques.autre"]


@settings(max_examples=100)
@given(st.data())
def test_changes_are_empty_exactly_when_answers_are_equal(
    guide: Guide, data: st.DataObject
) -> None:
    one = data.draw(some_answers(guide))
    two = data.draw(st.just(one) | some_answers(guide))
    assert (changes(guide, one, two) == ()) == (one == two)
    again = answers_from_canonical(guide, one.canonical())
    assert changes(guide, one, again) == ()


@settings(max_examples=100)
@given(st.data())
def test_one_altered_answer_is_the_one_change(guide: Guide, data: st.DataObject) -> None:
    one = data.draw(some_answers(guide))
    said = sorted({key.removesuffix(":précision") for key in one.canonical()})
    assume(said)
    field = data.draw(st.sampled_from(said))
    rest = {key: answer for key, answer in one.items() if key != field}
    found = changes(guide, one, Answers(rest))
    assert {change.field.removesuffix(":précision") for change in found} == {field}


@settings(max_examples=100)
@given(st.data())
def test_canonical_answers_come_back_typed(guide: Guide, data: st.DataObject) -> None:
    one = data.draw(some_answers(guide))
    again = answers_from_canonical(guide, one.canonical())
    assert again == one
    assert {key: answer.value for key, answer in again.items()} == {
        key: answer.value or None for key, answer in one.items() if answer.value or answer.comment
    }


@pytest.mark.parametrize(
    "plain",
    [
        {"inconnu": "x"},
        {"c1.1.1": "PEUT-ÊTRE"},
        {"c1.1.1": True},
        {"apports.autre": "OUI"},
        {"evaluateur_cpne.date": "hier"},
        {"signature.candidat": "x"},
    ],
)
def test_canonical_answers_that_are_not_the_guides_are_refused(
    guide: Guide, plain: dict[str, str | bool]
) -> None:
    with pytest.raises(DocumentError):
        answers_from_canonical(guide, plain)


def test_mentions_are_those_of_the_contract(guide: Guide) -> None:
    first = version(guide, fiche(guide), 1)
    second = version(guide, fiche(guide), 2, "erreur sur la date")
    alone = trail_of(first, None)
    assert alone.cover_note == alone.margin_note == ""
    margin = "Version 2 – annule et remplace la version 1 du 24/11/2026"
    assert trail_of(second, first).margin_note == margin
    assert trail_of(second, first).cover_note == f"{margin} – motif\u00a0: erreur sur la date"


def test_a_reason_is_one_typeset_line() -> None:
    assert clean_reason("  l'erreur :\n date\tfausse ") == "l’erreur\u00a0: date fausse"


@pytest.mark.parametrize("reason", ["", " \n ", "x" * (MAX_REASON + 1), "bien \u202e mal", "😀"])
def test_a_reason_that_cannot_be_printed_is_refused(reason: str) -> None:
    with pytest.raises(UsageError):
        clean_reason(reason)


def test_few_changes_take_one_page(guide: Guide) -> None:
    before, after = fiche(guide), fiche(guide, candidat__nom="Durand", c1__1__1=Verdict.NON)
    first, second = version(guide, before, 1), version(guide, after, 2, "nom de naissance")
    pdf = changes_pdf(guide, first, second, changes(guide, before, after))
    (page,) = pages(pdf)
    for text in (
        "Liste des modifications",
        "Durand Zoé",
        "2 – annule et remplace la version 1 du 24/11/2026",
        "01/12/2026 à 09:30",
        "nom de naissance",
        "candidat.nom",
        "Candidat – Nom",
        "OUI",
        "NON",
        "page 1 / 1",
    ):
        assert flat(text) in flat(page), text
    assert pdf == changes_pdf(guide, first, second, changes(guide, before, after))
    info = PdfReader(io.BytesIO(pdf)).metadata
    assert info is not None
    assert info.creation_date == LATER
    assert info.title == "Liste des modifications – Durand Zoé – version 2"


def test_long_and_many_changes_take_more_pages_and_lose_nothing(guide: Guide) -> None:
    words = [f"mot{number}" for number in range(3000)]
    before = fiche(guide, commentaires__evaluateur_cpne=" ".join(words[:1500]))
    after = Answers(
        {
            **fiche(guide, commentaires__evaluateur_cpne=" ".join(words[1500:])),
            "c1.1.1": Answer(None),
        }
    )
    first, second = version(guide, before, 1), version(guide, after, 2, "x")
    text = pages(changes_pdf(guide, first, second, changes(guide, before, after)))
    assert len(text) > 3
    whole = flat("".join(text))
    assert [word for word in words if word not in whole] == []
    assert all(f"page{number}/{len(text)}" in flat(one) for number, one in enumerate(text, 1))
    assert all("Avant" in one and "Après" in one for one in text)


def test_hostile_and_foreign_text_is_printed_as_it_is(guide: Guide) -> None:
    text = "<b>&amp;</b> {{x}} Чайковский Παπαδόπουλος Nguyễn ☑ T̈ẍ"
    list_of = [Change("candidat.nom", "Candidat – Nom", "<font>", text)]
    first, second = version(guide, fiche(guide), 1), version(guide, fiche(guide), 2, "a < b & c")
    (page,) = pages(changes_pdf(guide, first, second, list_of))
    assert flat(text) in flat(page)
    assert flat("a < b & c") in flat(page)
    assert "<font>" in page


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "\n" * 239, "mot " * 2500, "a\n" * 300, "  double   espace  "]
)
def test_any_length_and_shape_is_laid_out(guide: Guide, text: str) -> None:
    changed = [Change("candidat.nom", "Nom", text, "(vide)"), Change("c1.1.1", "x", "(vide)", text)]
    answers = fiche(guide, candidat__nom=text, candidat__prenom=text)
    first, second = version(guide, answers, 1), version(guide, answers, 2, "x" * MAX_REASON)
    whole = flat("".join(pages(changes_pdf(guide, first, second, changed))))
    assert whole.count("x") + whole.count("mot") >= text.count("x") * 2 + text.count("mot") * 2


def test_spaces_that_differ_can_be_seen(guide: Guide) -> None:
    first, second = version(guide, fiche(guide), 1), version(guide, fiche(guide), 2, "x")
    (page,) = pages(changes_pdf(guide, first, second, [Change("c1", "w", "a b", "a  b")]))
    assert "a b" in page and "a  b" in page


def test_a_copy_says_that_nothing_differs(guide: Guide) -> None:
    first, second = version(guide, fiche(guide), 1), version(guide, fiche(guide), 2, "duplicata")
    (page,) = pages(changes_pdf(guide, first, second, ()))
    assert flat("aucune réponse ne diffère") in flat(page)
