"""A new edition: the mapping is carried over, and the secretariat is told what changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import yaml
from renditions.docx_ways import WAYS

from cqp_forms.docx.detect import detect
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.guide_yaml import parse_guide
from cqp_forms.mapping import Detected, DocxKind, DocxLocator, DocxMapping, Format
from cqp_forms.matching import DOUBT, mapping_of, match
from cqp_forms.matching.editions import ChangeKind, MigratedMapping, carry_over
from cqp_forms.project import installed_data

OLD, NEW = "formcheckbox et formtext", "cellules vides sous NON | OUI"
Edit = Callable[[list[dict[str, Any]]], None]


@pytest.fixture(scope="module")
def former(guide: Guide) -> tuple[DocxMapping, tuple[Detected, ...]]:
    rendition = WAYS[OLD](guide).make()
    found = detect(rendition.content)
    mapping = mapping_of(match(found, guide), guide, Format.DOCX, "ancien.docx", rendition.content)
    return mapping, found


def edition(edit: Edit, way: str = NEW) -> tuple[Detected, ...]:
    """What is detected in the blank of an edited guide."""
    path = installed_data() / "mappings" / "technico-commercial" / "guide.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(data["competences"])
    changed = parse_guide(yaml.safe_dump(data, allow_unicode=True, sort_keys=False))
    return detect(WAYS[way](changed).make().content)


def criteria(competences: list[dict[str, Any]], number: int, group: int) -> list[str]:
    return competences[number - 1]["groups"][group - 1]["criteria"]


def told(carried: MigratedMapping) -> list[tuple[str, str]]:
    return [(one.kind.value, one.field) for one in carried.changes]


def test_the_same_text_in_another_layout_changes_nothing(guide: Guide, former) -> None:
    mapping, found = former
    carried = carry_over(guide, mapping, edition(lambda _: None), found)
    assert carried.changes == ()
    assert len(carried.matched.placed) == 217


@pytest.mark.parametrize("at_hand", [True, False], ids=["document", "guide seul"])
def test_a_reworded_criterion_keeps_its_place_and_both_wordings_are_told(
    guide: Guide, former, at_hand: bool
) -> None:
    def edit(competences: list[dict[str, Any]]) -> None:
        wording = criteria(competences, 1, 1)
        wording[1] = wording[1].replace("pertinent et justifié", "pertinent, justifié et tracé")

    mapping, found = former
    carried = carry_over(guide, mapping, edition(edit), found if at_hand else ())
    assert told(carried) == [("reformulé", "c1.1.2")]
    (change,) = carried.changes
    assert change.before == "Le choix des sources d’information est pertinent et justifié"
    assert change.after == "Le choix des sources d’information est pertinent, justifié et tracé"
    assert change.where == guide.competences[0].groups[0].title
    assert "guide.yaml" in change.action
    assert len(carried.matched.placed) == 217


def test_a_removed_criterion_is_told_and_its_boxes_are_missing(guide: Guide, former) -> None:
    mapping, found = former
    carried = carry_over(guide, mapping, edition(lambda c: criteria(c, 4, 3).pop(2)), found)
    assert told(carried) == [("supprimé", "c4.3.3")]
    assert carried.matched.missing == ("c4.3.3.oui", "c4.3.3.non")
    assert carried.changes[0].before == guide.fields["c4.3.3"].label
    assert carried.changes[0].after == ""


def test_an_added_criterion_is_told_once_with_its_group(guide: Guide, former) -> None:
    text = "Une veille réglementaire sur les substances est organisée"
    mapping, found = former
    carried = carry_over(
        guide, mapping, edition(lambda c: criteria(c, 3, 2).insert(1, text)), found
    )
    assert told(carried) == [("ajouté", "")]
    assert carried.changes[0].after == text
    assert carried.changes[0].where == guide.competences[2].groups[1].title
    assert len(carried.matched.unused) == 2


def test_a_moved_criterion_is_told_and_still_placed(guide: Guide, former) -> None:
    def edit(competences: list[dict[str, Any]]) -> None:
        wording = criteria(competences, 5, 4)
        wording.append(wording.pop(0))

    mapping, found = former
    carried = carry_over(guide, mapping, edition(edit), found)
    assert told(carried) == [("déplacé", "c5.4.1")]
    assert len(carried.matched.placed) == 217


def test_a_criterion_moved_to_the_next_group_is_told(guide: Guide, former) -> None:
    def edit(competences: list[dict[str, Any]]) -> None:
        criteria(competences, 6, 4).insert(0, criteria(competences, 6, 3).pop())

    mapping, found = former
    carried = carry_over(guide, mapping, edition(edit, OLD), found)
    assert told(carried) == [("déplacé", "c6.3.2")]
    assert carried.changes[0].where == guide.competences[5].groups[3].title


def test_all_changes_at_once_in_the_order_of_the_guide(guide: Guide, former) -> None:
    def edit(competences: list[dict[str, Any]]) -> None:
        criteria(competences, 1, 1)[2] += " et datée"
        criteria(competences, 2, 1).pop(0)
        criteria(competences, 3, 1).append("Les échanges sont consignés par écrit")
        wording = criteria(competences, 6, 1)
        wording.insert(0, wording.pop())

    mapping, found = former
    carried = carry_over(guide, mapping, edition(edit), found)
    assert told(carried) == [
        ("reformulé", "c1.1.3"),
        ("supprimé", "c2.1.1"),
        ("déplacé", "c6.1.6"),
        ("ajouté", ""),
    ]
    assert {one.kind for one in carried.changes} == set(ChangeKind)
    assert all(one.as_json()["action"] for one in carried.changes)


def test_where_a_signature_stands_beside_its_lines_is_no_move(guide: Guide, former) -> None:
    mapping, found = former
    new = edition(lambda _: None)
    signature = next(one for one in reversed(new) if one.kind is PlacementKind.SIGNATURE_AREA)
    beside = [replace(one, order=one.order - 3.5) if one is signature else one for one in new]  # type: ignore[arg-type]
    assert carry_over(guide, mapping, beside, found).changes == ()


def test_a_whole_competence_moved_is_found_where_it_went(guide: Guide, former) -> None:
    mapping, found = former
    carried = carry_over(guide, mapping, edition(lambda c: c.insert(1, c.pop(4))), found)
    moved = {one.field.split(".")[0] for one in carried.changes}
    assert {one.kind for one in carried.changes} == {ChangeKind.MOVED}
    assert moved <= {"c2", "c3", "c4", "c5"}
    assert len(carried.matched.placed) == 217


def test_names_of_the_former_mapping_are_believed_in_the_new_document(guide: Guide) -> None:
    """The branch's own field names are not ours: the former mapping knows them."""
    box = Detected(
        PlacementKind.TEXT_AREA, DocxLocator(DocxKind.CONTROL, "Champ12"), 0, label="Zone"
    )
    mapping = DocxMapping(guide.id, Format.DOCX, "a.docx", "0", {"candidat.prenom": box.locator})
    carried = carry_over(guide, mapping, [replace(box, order=5)])
    assert carried.matched.placed["candidat.prenom"].locator.confidence == 1
    assert DOUBT <= 1


def test_what_stood_there_already_is_not_an_addition(guide: Guide, former) -> None:
    mapping, found = former
    stray = Detected(
        PlacementKind.TICK_BOX, DocxLocator(DocxKind.CELL, "body/tc"), 9000, label="Cadre réservé"
    )
    again = carry_over(guide, mapping, [*found, stray], [*found, stray])
    assert again.changes == ()
    assert told(carry_over(guide, mapping, [*found, stray], found)) == [("ajouté", "")]
