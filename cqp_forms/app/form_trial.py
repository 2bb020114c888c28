"""A form of one's own filled with an example: a person sees where everything goes (pure)."""

from __future__ import annotations

from datetime import date, datetime

from cqp_forms.answers import Answer, Answers, Result, Value, Verdict
from cqp_forms.app.own_forms import OwnForm
from cqp_forms.errors import DocumentError, NoRoomError, NotListedError
from cqp_forms.formats import prepare_blank
from cqp_forms.guide import Field, FieldKind, Guide
from cqp_forms.plan import Edition, Stage, Trail, make_plan
from cqp_forms.project import Blank

#: The wording itself, three letters, one, none: of each a stamping may refuse.
_TURNS = 4


def example(guide: Guide, today: date) -> Answers:
    """Answers that show where each question is: boxes ticked, areas with their own wording."""
    fields = (one for one in guide.fields.values() if one.areas)
    return Answers({one.id: Answer(_example(one, today)) for one in fields})


def _example(field: Field, today: date) -> Value:
    match field.kind:
        case FieldKind.CRITERION:
            return Verdict.OUI
        case FieldKind.RESULT:
            return Result.MAITRISEE
        case FieldKind.CHOICE:
            return field.options[0]
        case FieldKind.TICK:
            return True
        case FieldKind.DATE:
            return today
    return field.label


def tried(form: OwnForm, now: datetime) -> bytes:
    """The form filled with an example, what is not placed yet marked.

    Raises:
        DocumentError: the document cannot be filled so.
    """
    waiting = {one: form.mapping.locators.get(one) for one in form.waiting}
    mapping = form.mapping.without(waiting)
    blank = Blank(form.form.content, mapping, form.form.path, b"", waiting)
    prepared = prepare_blank(form.guide, blank)
    title = form.guide.document_title("essai")
    edition = Edition.of(Trail(stage=Stage.DRAFT), title, now)
    answers = example(form.guide, now.date())
    # A field may need each of the shorter examples.
    for _ in range(_TURNS * len(form.guide.fields)):
        plan = make_plan(form.guide, answers).without(frozenset(waiting))
        try:
            return prepared.mark(prepared.stamper.stamp(plan, edition))
        except NotListedError as error:
            listed = next((one for one in error.listed if one.strip()), "")
            answers = _instead(answers, error.text, listed)
        except NoRoomError as error:
            answers = _instead(answers, error.text, _shorter(error.text))
    raise DocumentError(
        "l’essai n’a pas pu être fait.", remedy="Ouvrez le document, et regardez-le."
    )


def _shorter(text: str) -> str:
    """An example for a place that is too narrow for its own wording; in the end nothing."""
    return text[:3] if len(text) > 3 else text[: len(text) // 2]


def _instead(answers: Answers, refused: str, text: str) -> Answers:
    """The example with another answer in every field that gave the one refused."""
    return Answers(
        {
            key: Answer(text) if one.value == refused else one
            for key, one in answers.by_field.items()
        }
    )
