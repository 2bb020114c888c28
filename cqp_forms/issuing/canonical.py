"""From canonical answers (plain JSON values) back to typed ones. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cqp_forms.answers import COMMENT, Answer, Answers, Option, Result, Value, Verdict
from cqp_forms.errors import DocumentError
from cqp_forms.guide import Field, FieldKind, Guide


def answers_from_canonical(
    guide: Guide, plain: Mapping[str, str | bool], name: str = ""
) -> Answers:
    """Type the answers that a register or a document keeps.

    Args:
        guide: the guide that they answer; says what kind each field is.
        plain: what :meth:`Answers.canonical` gave.
        name: where they were found, kept in the answers.

    Returns:
        Answers whose ``canonical()`` is ``plain`` again.

    Raises:
        DocumentError: a field that the guide does not have, or a value that it does not take.
    """
    values: dict[str, Value] = {}
    comments: dict[str, str] = {}
    for key, value in plain.items():
        field_id = key.removesuffix(COMMENT)
        field = guide.fields.get(field_id)
        if field is None:
            raise DocumentError(
                f"le champ « {field_id} » n’est pas dans le guide « {guide.id} ».",
                where=name,
                remedy="Ces réponses viennent d’une autre édition du guide : reprenez ses fichiers "
                "dans mappings/.",
            )
        if field_id != key:
            comments[field_id] = str(value)
        else:
            values[field_id] = _typed(field, value, name)
    ids = dict.fromkeys([*values, *comments])
    found = {one: Answer(values.get(one), comments.get(one, "")) for one in ids}
    return Answers(found, name=name)


def _typed(field: Field, value: str | bool, name: str) -> Value:
    try:
        match field.kind, value:
            case FieldKind.TICK, True:
                return True
            case FieldKind.CRITERION, str():
                return Verdict(value)
            case FieldKind.RESULT, str():
                return Result(value)
            case FieldKind.CHOICE, str():
                return field.options[field.options.index(Option(value, ""))]
            case FieldKind.DATE, str():
                return date.fromisoformat(value)
            case FieldKind.TEXT | FieldKind.LONG_TEXT, str():
                return value
    except ValueError:
        pass
    raise DocumentError(
        f"« {value} » n’est pas une réponse à « {field.id} ».",
        where=name,
        remedy="Ces réponses ont été modifiées, ou viennent d’une autre édition du guide.",
    )
