"""Read ``guide.yaml`` into a Guide, text included; refuse what is not one, with the YAML path."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields as dataclass_fields
from pathlib import Path

from cqp_forms import yaml_data
from cqp_forms.answers import Option
from cqp_forms.blocks import (
    Block,
    CommentBox,
    Cover,
    FieldLines,
    SignatureBlock,
    TickList,
    read_blocks,
    wording,
    wordings,
)
from cqp_forms.errors import GuideError
from cqp_forms.guide import (
    FIELD_ID,
    Competence,
    CompetencePhrases,
    DatePart,
    Field,
    FieldGroup,
    FieldKind,
    Guide,
    Requirement,
    Section,
)
from cqp_forms.typography import folded
from cqp_forms.yaml_data import Node

GUIDE_FILE = "guide.yaml"

#: Stands among the sections for one sheet per competence.
_COMPETENCES = "competences"


def read_guide(path: Path) -> Guide:
    """Read a guide.

    Args:
        path: the ``guide.yaml`` file.

    Raises:
        GuideError: with the YAML path of what is wrong.
    """
    return _guide(yaml_data.read(path, GuideError))


def parse_guide(text: str) -> Guide:
    """The same from text."""
    return _guide(yaml_data.load(text, GUIDE_FILE, GuideError))


def _guide(root: Node) -> Guide:
    competences = tuple(
        _competence(node, number) for number, node in enumerate(root.items("competences"), start=1)
    )
    phrases = _phrases(root.get("phrases")) if root.has("phrases") else None
    root.text("comment", "")
    if competences and phrases is None:
        raise root.fail(
            "la clé « phrases » manque : elle donne les titres des compétences.",
            "Ajoutez-la, ou retirez « competences ».",
        )
    guide = Guide(
        id=root.text("id"),
        tool=wording(root, "tool", ""),
        short=root.text("short"),
        title=wording(root, "title"),
        certificate=wording(root, "certificate", ""),
        language=root.text("language", "fr-FR"),
        key=root.text("key", ""),
        candidate=tuple(node.as_text() for node in root.items("candidate")),
        na_limit=root.whole("na_limit", 2),
        sections=_sections(root, competences),
        competences=competences,
        phrases=phrases,
        document=read_blocks(root, "document"),
    )
    root.done()
    _check_fields(root, guide)
    return guide


def _phrases(node: Node) -> CompetencePhrases:
    values: dict[str, str | tuple[str, ...]] = {
        one.name: (wordings if one.name == "instructions" else wording)(node, one.name)
        for one in dataclass_fields(CompetencePhrases)
    }
    node.done()
    return CompetencePhrases(**values)  # type: ignore[arg-type]


def _competence(node: Node, number: int) -> Competence:
    sheet = f"C{number}"
    groups = tuple(
        _criterion_group(group, f"c{number}.{index}", sheet)
        for index, group in enumerate(node.items("groups"), start=1)
    )
    if not groups:
        raise node.fail(
            "une compétence a au moins un groupe de critères (clé « groups »).",
            "Ajoutez un groupe, ou retirez cette compétence.",
        )
    title = wording(node, "title")
    heading = f"Compétence {number} – {title}"
    competence = Competence(
        number=number,
        title=title,
        heading=heading,
        groups=groups,
        result=Field(
            f"c{number}.resultat", FieldKind.RESULT, "Résultat de l’évaluation", heading, sheet
        ),
        modalities=read_blocks(node, "modalities"),
        abilities=wordings(node, "abilities"),
        method=read_blocks(node, "method"),
        documents=wordings(node, "documents"),
        questions=wordings(node, "questions"),
    )
    node.done()
    return competence


def _criterion_group(node: Node, prefix: str, sheet: str) -> FieldGroup:
    title = wording(node, "title")
    criteria = tuple(
        Field(f"{prefix}.{index}", FieldKind.CRITERION, label, title, sheet)
        for index, label in enumerate(wordings(node, "criteria"), start=1)
    )
    if not criteria:
        raise node.fail(
            "un groupe a au moins un critère (clé « criteria »).",
            "Ajoutez un critère, ou retirez ce groupe.",
        )
    node.done()
    return FieldGroup(title, criteria)


def _sections(root: Node, competences: tuple[Competence, ...]) -> tuple[Section, ...]:
    sections: list[Section] = []
    for node in root.items("sections"):
        if node.value == _COMPETENCES:
            sections.extend(
                Section(
                    f"C{one.number}",
                    one.heading,
                    (*one.groups, FieldGroup(one.result.label, (one.result,))),
                )
                for one in competences
            )
            continue
        sheet = node.text("sheet")
        title = wording(node, "title", sheet)
        groups = tuple(_field_group(group, sheet) for group in node.items("groups"))
        node.done()
        sections.append(Section(sheet, title, groups))
    if not sections:
        raise root.fail(
            "la clé « sections » manque : elle donne les champs, feuille par feuille.",
            "Ajoutez-la, avec au moins un champ.",
        )
    return tuple(sections)


def _field_group(node: Node, sheet: str) -> FieldGroup:
    title = wording(node, "title")
    group = FieldGroup(title, tuple(_field(one, title, sheet) for one in node.items("fields")))
    node.done()
    return group


def _field(node: Node, context: str, sheet: str) -> Field:
    field = Field(
        id=node.text("id"),
        kind=node.choice("kind", FieldKind, FieldKind.TEXT.value),
        label=wording(node, "label"),
        context=context,
        sheet=sheet,
        areas=node.whole("areas", 1),
        requirement=node.choice("required", Requirement, Requirement.NONE.value),
        detail=node.text("detail", ""),
        options=_options(node),
        split=_split(node),
    )
    node.done()
    return field


def _options(node: Node) -> tuple[Option, ...]:
    """The options of a choice, or the items of the list that a text goes into.

    At least two, no two of which could be taken for each other. An item is written as it is.
    """
    kind = node.text("kind", FieldKind.TEXT)
    is_text = kind == FieldKind.TEXT
    options = []
    for one in node.items("options"):
        typeset = wording(one, "label")
        label = one.text("label") if is_text else typeset
        options.append(Option(one.text("id"), label))
        one.done()
    wanted = kind == FieldKind.CHOICE or (is_text and bool(options))
    if wanted != bool(options) or len(options) == 1:
        raise node.fail(
            "un choix a au moins deux options, un texte peut en avoir, aucun autre champ n’en a.",
            "Donnez-les sous « options », chacune avec « id » et « label ».",
        )
    for which, keys in (
        ("identifiant", [str(one) for one in options]),
        ("libellé", [folded(one.label) for one in options]),
    ):
        double = next((key for key, count in Counter(keys).items() if count > 1 or not key), None)
        if double is not None:
            raise node.fail(
                f"deux options ont le même {which} « {double} »."
                if double
                else f"une option n’a pas de {which}.",
                "Donnez à chacune le sien : la réponse de la fiche le nomme.",
            )
    return tuple(options)


def _split(node: Node) -> bool:
    """``parts``, of a date: each part in a place of its own, in the one order that there is."""
    parts = [one.as_text() for one in node.items("parts")]
    if not parts:
        return False
    if parts != list(DatePart) or node.text("kind", "") != FieldKind.DATE:
        raise node.fail(
            "« parts » ne va qu’à une date.", f"Écrivez parts: [{', '.join(DatePart)}]."
        )
    return True


def _check_fields(root: Node, guide: Guide) -> None:
    declared = [field.id for section in guide.sections for field in section.fields]
    for field_id, count in Counter(declared).items():
        if not FIELD_ID.fullmatch(field_id):
            raise root.fail(
                f"l’identifiant « {field_id} » n’est pas valable.",
                "Lettres minuscules sans accent, chiffres, « _ » et points seulement.",
            )
        if count > 1:
            raise root.fail(
                f"l’identifiant « {field_id} » est donné {count} fois.",
                "Donnez à chaque champ un identifiant à lui.",
            )
        if any(not FIELD_ID.fullmatch(one) or "." in one for one in guide.fields[field_id].options):
            raise root.fail(
                f"une option de « {field_id} » a un identifiant qui n’est pas valable.",
                "Lettres minuscules sans accent, chiffres et « _ » seulement.",
            )
    places = Counter(one.id for each in guide.placements_by_field.values() for one in each)
    for place, count in places.items():
        if count > 1:
            raise root.fail(
                f"deux champs ont le même emplacement « {place} ».",
                "Changez l’identifiant de l’un d’eux.",
            )
    named = [guide.key, *guide.candidate, *(field.detail for field in guide.fields.values())]
    for field_id in [*named, *_fields_laid_out(guide.document)]:
        if field_id and field_id not in guide.fields:
            raise root.fail(
                f"le champ « {field_id} » est cité mais n’est défini nulle part.",
                "Définissez-le dans « sections », ou corrigez cet identifiant.",
            )
    sheets = Counter(section.sheet.casefold() for section in guide.sections)
    for sheet, count in sheets.items():
        if count > 1 or len(sheet) > 31 or set(sheet) & set("[]:*?/\\"):
            raise root.fail(
                f"« {sheet} » ne peut pas nommer une feuille du classeur.",
                "Un nom par feuille, 31 caractères au plus, sans [ ] : * ? / \\.",
            )


def _fields_laid_out(blocks: tuple[Block, ...]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        match block:
            case Cover() | FieldLines() | TickList():
                found.extend(block.fields)
            case CommentBox():
                found.append(block.field)
            case SignatureBlock():
                found.extend((*block.fields, block.declarant, block.date, block.signature))
            case _:
                pass
    return found
