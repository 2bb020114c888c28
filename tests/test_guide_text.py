"""The technico-commercial guide says what the official one says; what is no guide is refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from cqp_forms.blocks import (
    Block,
    Bullets,
    Callout,
    CommentBox,
    Competences,
    Cover,
    FieldLines,
    Heading,
    Modalities,
    PageBreak,
    Paragraph,
    SignatureBlock,
    TickList,
    plain,
)
from cqp_forms.errors import ExitCode, GuideError
from cqp_forms.guide import (
    Competence,
    FieldKind,
    Guide,
    PlacementKind,
    Requirement,
)
from cqp_forms.guide_yaml import parse_guide, read_guide
from cqp_forms.typography import typeset

GUIDE_PATH = Path(__file__).parents[1] / "mappings" / "technico-commercial" / "guide.yaml"
OFFICIAL_PATH = Path(__file__).parents[2] / "shared" / "official" / "outil4-technico-commercial.txt"

CRITERIA_PER_GROUP = [
    [3, 7, 2, 4, 4],
    [4, 2, 3, 3],
    [6, 2, 1],
    [6, 2, 5],
    [5, 1, 4, 7, 2],
    [6, 1, 2, 2],
]

#: The head of a table whose first cell the scan cut in two around the second one.
HEADER_CELL = [("Évaluation", ""), ("", "Évaluation")]

#: What source_docs/README.md lists as mended, where it changes words: (official, guide), in order.
MENDS = [
    ("Technico- commercial(e)", "Technico-commercial(e)"),
    ("Prospector", "Prospecter"),
    *HEADER_CELL,  # competence 3
    *HEADER_CELL,  # competence 5
    ("Empty dashed box for professional evaluator comments.", ""),
    ("Empty dashed box for CPNE authorized evaluator comments.", ""),
    ("Technico- commercial(e)", "Technico-commercial(e)"),
]

SLIPS = [
    "quelle que soient les modalités",
    "leur évolutions",
    "? A partir de quelles sources",
    "marges,...",
    "Elaboration de fichiers de prospects",
    "Elaboration et renseignement de tableaux",
    "leur signification sont expliqués.",
    "quels média ?",
    "un questionnaire adapté",
    "lors de ses échanges",
    "la politique commerciales",
    "commerciale adapté aux besoins",
    "recherches documentaires réalisée par",
    "en langue française et/ou étrangère)",
    "sont identifiés et à l'aide de média appropriés et vérifiés",
    "L'ensemble de composantes",
    "Les actions correctives et sont suivies",
    "le service commercial ...",
]


@pytest.fixture(scope="module")
def guide() -> Guide:
    return read_guide(GUIDE_PATH)


@pytest.fixture(scope="module")
def official() -> str:
    if not OFFICIAL_PATH.is_file():
        pytest.skip("le texte officiel (shared/official) n’est pas à côté de cette copie")
    return OFFICIAL_PATH.read_text(encoding="utf-8")


# --- the guide's text, in the order of the document, as a reader meets it ---


def reading(guide: Guide) -> Iterator[str]:
    for block in guide.document:
        yield from block_texts(guide, block)


def block_texts(guide: Guide, block: Block) -> Iterator[str]:
    match block:
        case Cover():
            yield from (block.certificate, block.tool, block.title, block.fields_title)
            yield from line_texts(guide, block.fields)
        case Heading() | Paragraph():
            yield block.text
        case Bullets():
            for item in block.items:
                yield from (item.text, *item.children)
        case Callout():
            yield from (block.title, *block.paragraphs)
        case FieldLines():
            yield from line_texts(guide, block.fields)
        case TickList():
            yield from tick_texts(guide, block.fields)
        case CommentBox():
            field = guide.fields[block.field]
            asked = field.requirement is Requirement.COMMENT
            yield f"{field.label} :" if asked else field.label
        case SignatureBlock():
            yield block.title
            yield from line_texts(guide, (*block.fields, block.declarant))
            yield block.declaration
            if block.date:
                yield f"{guide.fields[block.date].label} : / /"
            yield from line_texts(guide, (block.signature,))
        case Modalities():
            for competence in guide.competences:
                yield competence.heading
                for one in competence.modalities:
                    yield from block_texts(guide, one)
        case Competences():
            for competence in guide.competences:
                yield from competence_texts(guide, competence)
        case PageBreak():
            pass


def line_texts(guide: Guide, fields: tuple[str, ...]) -> Iterator[str]:
    return (f"{guide.fields[one].label} :" for one in fields if one)


def tick_texts(guide: Guide, fields: tuple[str, ...]) -> Iterator[str]:
    ticks = (guide.fields[one] for one in fields)
    return (f"{one.label} :" if one.detail else one.label for one in ticks)


def competence_texts(guide: Guide, competence: Competence) -> Iterator[str]:
    phrases = guide.phrases
    assert phrases is not None
    yield from (competence.heading, *competence.abilities, phrases.how)
    for block in competence.method:
        yield from block_texts(guide, block)
    yield from (phrases.documents, *competence.documents)
    yield from (phrases.instruction_title, *phrases.instructions)
    yield from (phrases.legend_yes, phrases.legend_no)
    yield from (phrases.questions_title, phrases.questions_intro, *competence.questions)
    yield from (phrases.criteria, phrases.criteria_question, phrases.evaluation)
    for group in competence.groups:
        yield from (group.title, phrases.yes, phrases.no)
        yield from (criterion.label for criterion in group.fields)
    yield from (phrases.result_title, phrases.mastered, phrases.not_mastered, phrases.reminder)


def without_scan_marks(text: str) -> str:
    """The official text without table markup, list dashes, bullets and pictograms."""
    text = re.sub(r"<[^>]*>", " ", text)
    text = re.sub(r"^ *(?:[-•] *)?[☞👉📄•]* *", "", text, flags=re.MULTILINE)
    return typeset(text)


# --- the wording ---


def test_every_official_word_is_there_in_order(guide: Guide, official: str) -> None:
    expected = plain(without_scan_marks(official)).split()
    actual = plain("\n".join(reading(guide))).split()
    matcher = SequenceMatcher(None, expected, actual, autojunk=False)
    differences = [
        (" ".join(expected[a:b]), " ".join(actual[c:d]))
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    ]
    assert differences == MENDS


def test_what_is_bold_in_the_official_text_is_bold_in_the_guide(
    guide: Guide, official: str
) -> None:
    bold = re.compile(r"\*\*(.+?)\*\*")
    expected = bold.findall(typeset(official))
    assert expected
    assert bold.findall("\n".join(reading(guide))) == expected


@pytest.mark.parametrize("slip", SLIPS)
def test_the_guides_own_slips_are_kept(guide: Guide, slip: str) -> None:
    assert typeset(slip) in plain("\n".join(reading(guide)))


def test_competence_5_repeats_a_criterion_word_for_word(guide: Guide) -> None:
    assert guide.fields["c5.3.1"].label == guide.fields["c5.3.4"].label
    labels = Counter(field.label for field in guide.of_kind(FieldKind.CRITERION))
    assert [label for label, count in labels.items() if count > 1] == [guide.fields["c5.3.1"].label]


def test_method_and_modalities_differ_where_the_guide_does(guide: Guide) -> None:
    differing = [one.number for one in guide.competences if one.method != one.modalities]
    assert differing == [4, 5]


def test_texts_are_typeset(guide: Guide) -> None:
    text = "\n".join(reading(guide))
    assert "'" not in text
    assert "Qu’est-ce qui permet" in text
    assert "COMMENT ÉVALUER\u00a0?" in text


@pytest.mark.parametrize("mark", ["☞", "👉", "📄", "•", "<", ">", "  ", "\t", "- "])
def test_nothing_of_the_scan_is_left(guide: Guide, mark: str) -> None:
    assert mark not in "\n".join(reading(guide))


def test_a_text_is_written_once_as_one_line_but_for_two_bullets(guide: Guide) -> None:
    broken = [text for text in reading(guide) if "\n" in text]
    assert [text.split("\n")[1].split(",")[0] for text in broken] == [
        "Pour obtenir le CQP",
        "L’évaluateur habilité CPNE est obligatoirement présent et mène l’entretien. "
        "L’entretien dure en moyenne 3 heures.",
    ]


# --- the fields ---


def test_criteria_per_group(guide: Guide) -> None:
    assert [
        [len(group.fields) for group in competence.groups] for competence in guide.competences
    ] == CRITERIA_PER_GROUP
    assert len(list(guide.of_kind(FieldKind.CRITERION))) == 84


def test_placements(guide: Guide) -> None:
    assert len(guide.placements) == 217
    assert len(guide.placements_of(PlacementKind.TICK_BOX)) == 190
    assert len(guide.placements_of(PlacementKind.TEXT_AREA)) == 24
    assert len(guide.placements_of(PlacementKind.SIGNATURE_AREA)) == 3


def test_field_ids_are_those_of_the_contract(guide: Guide) -> None:
    expected = [
        "dossier.reference",
        *(f"candidat.{one}" for one in ("nom", "prenom", "entreprise")),
    ]
    for number, groups in enumerate(CRITERIA_PER_GROUP, start=1):
        for group, count in enumerate(groups, start=1):
            expected += [f"c{number}.{group}.{criterion}" for criterion in range(1, count + 1)]
        expected.append(f"c{number}.resultat")
    expected += [
        f"apports.{one}"
        for one in (
            "prise_de_conscience",
            "competences_supplementaires",
            "autonomie",
            "elargir_activites",
            "evoluer",
            "autre",
            "precisez",
        )
    ]
    expected += [
        f"remarques.{one}" for one in ("reperage", "formation", "evaluation_finale", "autre")
    ]
    expected += ["commentaires.evaluateur_metier", "commentaires.evaluateur_cpne"]
    expected.append("signature.candidat")
    common = ("entreprise", "nom", "fonction")
    expected += [f"evaluateur_cpne.{one}" for one in common]
    expected += [f"evaluateur_cpne.{one}" for one in ("numero_habilitation", "soussigne", "date")]
    expected.append("signature.evaluateur_cpne")
    expected += [f"evaluateur_metier.{one}" for one in (*common, "soussigne", "date")]
    expected.append("signature.evaluateur_metier")
    expected += [
        f"documents.{one}"
        for one in ("guide_reperage", "livret_suivi", "dossier_candidat", "autre", "precisez")
    ]
    assert list(guide.fields) == expected


def test_placement_ids(guide: Guide) -> None:
    for placement in (
        "c1.1.1.oui",
        "c1.1.1.non",
        "c1.resultat.maitrisee",
        "c1.resultat.non_maitrisee",
        "candidat.nom",
        "candidat.nom@2",
        "candidat.prenom@2",
        "apports.autre",
        "signature.candidat",
    ):
        assert placement in guide.placements
    assert not guide.fields["dossier.reference"].placements


def test_required_fields(guide: Guide) -> None:
    by_requirement = {
        requirement: [one.id for one in guide.fields.values() if one.requirement is requirement]
        for requirement in (Requirement.IDENTITY, Requirement.COMMENT)
    }
    assert Counter(one.split(".")[0] for one in by_requirement[Requirement.IDENTITY]) == {
        "candidat": 3,
        "evaluateur_cpne": 6,
        "evaluateur_metier": 5,
    }
    assert by_requirement[Requirement.COMMENT] == [
        "commentaires.evaluateur_metier",
        "commentaires.evaluateur_cpne",
    ]


def test_other_boxes_have_their_detail(guide: Guide) -> None:
    details = {one.id: one.detail for one in guide.fields.values() if one.detail}
    assert details == {
        "apports.autre": "apports.precisez",
        "documents.autre": "documents.precisez",
    }


def test_no_two_text_fields_read_alike(guide: Guide) -> None:
    titles = Counter(
        one.title
        for one in guide.fields.values()
        if one.kind not in {FieldKind.CRITERION, FieldKind.RESULT}
    )
    assert [title for title, count in titles.items() if count > 1] == []
    assert not [one.label for one in guide.fields.values() if one.label.endswith(":")]


def test_every_printed_field_is_laid_out_once_for_each_of_its_areas(guide: Guide) -> None:
    laid_out: Counter[str] = Counter()
    for block in guide.document:
        match block:
            case Cover() | FieldLines() | TickList():
                laid_out.update(block.fields)
            case CommentBox():
                laid_out[block.field] += 1
            case SignatureBlock():
                laid_out.update([*block.fields, block.declarant, block.date, block.signature])
            case _:
                pass
    del laid_out[""]
    competences = {FieldKind.CRITERION, FieldKind.RESULT}
    expected = {
        one.id: one.areas
        for one in guide.fields.values()
        if one.kind not in competences and one.placements
    }
    assert laid_out == expected


def test_sheets(guide: Guide) -> None:
    assert [section.sheet for section in guide.sections] == [
        "Candidat",
        *(f"C{number}" for number in range(1, 7)),
        "Observations",
        "Signataires",
    ]


def test_identity_of_the_guide(guide: Guide) -> None:
    assert (guide.id, guide.short, guide.tool) == ("technico-commercial", "OUTIL4", "OUTIL N°4")
    assert guide.key == "dossier.reference"
    assert guide.candidate == ("candidat.nom", "candidat.prenom")
    assert guide.language == "fr-FR"
    assert guide.na_limit == 2


# --- what is no guide is refused ---

SMALL = """\
id: essai
short: ESSAI
title: "Guide d'essai"
key: dossier.reference
candidate: [candidat.nom]
sections:
  - sheet: Candidat
    groups:
      - title: "Candidat"
        fields:
          - id: dossier.reference
            label: "Référence"
            areas: 0
          - id: candidat.nom
            label: "Nom"
document:
  - heading:
      level: 1
      text: "Titre"
  - field_lines: [candidat.nom]
"""


def refusal(text: str) -> GuideError:
    with pytest.raises(GuideError) as caught:
        parse_guide(text)
    assert caught.value.exit_code is ExitCode.DOCUMENT
    return caught.value


def changed(before: str, after: str) -> str:
    assert SMALL.count(before) == 1
    return SMALL.replace(before, after)


def test_the_small_guide_is_one() -> None:
    assert list(parse_guide(SMALL).placements) == ["candidat.nom"]


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ("id: essai\n", "id: essai\ntitre: x\n", "guide.yaml"),
        ("  - sheet: Candidat\n", "  - sheet: Candidat\n    titre: x\n", "guide.yaml, sections[0]"),
        (
            "            areas: 0\n",
            "            titre: x\n",
            "guide.yaml, sections[0].groups[0].fields[0]",
        ),
        ("      level: 1\n", "      level: 1\n      titre: x\n", "guide.yaml, document[0].heading"),
    ],
)
def test_an_unknown_key_is_refused_with_its_path(before: str, after: str, where: str) -> None:
    error = refusal(changed(before, after))
    assert error.where == where
    assert "clé inconnue «\u00a0titre\u00a0»" in error.message
    assert "Clés admises ici" in error.remedy


@pytest.mark.parametrize(
    ("line", "key", "where"),
    [
        ("id: essai\n", "id", "guide.yaml"),
        ('title: "Guide d\'essai"\n', "title", "guide.yaml"),
        ('            label: "Nom"\n', "label", "guide.yaml, sections[0].groups[0].fields[1]"),
        ('      text: "Titre"\n', "text", "guide.yaml, document[0].heading"),
    ],
)
def test_a_missing_key_is_refused_with_its_path(line: str, key: str, where: str) -> None:
    error = refusal(changed(line, ""))
    assert error.where == where
    assert error.message == f"la clé «\u00a0{key}\u00a0» manque."


def test_a_guide_without_fields_is_refused() -> None:
    text = re.sub(r"(?s)sections:.*(?=document:)", "", SMALL)
    assert "sections" in refusal(text).message


def test_a_duplicate_id_is_refused() -> None:
    error = refusal(
        changed("          - id: dossier.reference\n", "          - id: candidat.nom\n")
    )
    assert error.message == "l’identifiant «\u00a0candidat.nom\u00a0» est donné 2 fois."


@pytest.mark.parametrize("field_id", ["Candidat.Nom", "candidat.prénom", "candidat nom", ".nom"])
def test_an_id_that_is_not_ascii_lower_case_is_refused(field_id: str) -> None:
    error = refusal(SMALL.replace("- id: candidat.nom", f'- id: "{field_id}"'))
    assert field_id in error.message
    assert "sans accent" in error.remedy


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("key: dossier.reference", "key: absent"),
        ("candidate: [candidat.nom]", "candidate: [absent]"),
        ('label: "Nom"\n', 'label: "Nom"\n            detail: absent\n'),
        ("field_lines: [candidat.nom]", "field_lines: [absent]"),
        ("field_lines: [candidat.nom]", "tick_list: [absent]"),
        ("field_lines: [candidat.nom]", "comment_box: {field: absent}"),
        ("field_lines: [candidat.nom]", "signature: {title: x, signature: absent}"),
    ],
)
def test_a_field_cited_but_not_defined_is_refused(before: str, after: str) -> None:
    error = refusal(changed(before, after))
    assert error.message == "le champ «\u00a0absent\u00a0» est cité mais n’est défini nulle part."


def test_a_block_that_is_none_is_refused_with_those_that_are() -> None:
    error = refusal(changed("field_lines", "field_line"))
    assert error.where == "guide.yaml, document[1]"
    assert "field_lines" in error.remedy


def test_a_number_where_a_text_is_expected_is_refused() -> None:
    error = refusal(changed("short: ESSAI", "short: 4"))
    assert error.where == "guide.yaml, short"


def test_an_unknown_kind_is_refused_with_those_that_exist() -> None:
    error = refusal(changed("            areas: 0\n", "            kind: texte\n"))
    assert error.where == "guide.yaml, sections[0].groups[0].fields[0]"
    assert "long-text" in error.remedy


def test_what_is_not_yaml_is_refused_with_its_line() -> None:
    error = refusal('id: essai\ntitle: "sans fin\n')
    assert error.where.startswith("guide.yaml, ligne ")
    assert "YAML" in error.message


@pytest.mark.parametrize("text", ["", "- une liste\n", "un texte\n"])
def test_yaml_that_is_not_a_mapping_is_refused(text: str) -> None:
    assert refusal(text).where == "guide.yaml"


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GuideError, match="fichier illisible"):
        read_guide(tmp_path / "guide.yaml")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "guide.yaml"
    path.write_bytes(SMALL.encode("latin-1"))
    with pytest.raises(GuideError, match="fichier illisible"):
        read_guide(path)
