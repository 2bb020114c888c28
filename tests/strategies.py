"""Hypothesis strategies: answers that a fiche may hold, valid or not."""

from __future__ import annotations

import unicodedata
from datetime import date

from hypothesis import strategies as st

from cqp_forms.answers import Answer, Answers, Result, Value, Verdict
from cqp_forms.fonts import unprintable
from cqp_forms.guide import Competence, Field, FieldKind, Guide, Requirement

ALPHABET = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    "éèêëàâçîïôöûüùÿœŒæÆÉÈÀÇ’'«»–—…€°²&<>\"{}[]()/\\=+*%#@_;:!?.,-"
    "ąćęłńóśźżčďěňřšťůžğışİẤắằẵặđươĐαβγδεζηθΩΑЖзийкЛюЯ"
)

#: A NA is rare, as in life; each brings a comment to draw.
VERDICTS = st.sampled_from([*[Verdict.OUI] * 6, *[Verdict.NON] * 3, Verdict.NA])

words = st.text(ALPHABET, min_size=1, max_size=18)
lines = st.lists(words, min_size=1, max_size=8).map(" ".join)
short_texts = st.lists(words, min_size=1, max_size=3).map(" ".join)
long_texts = st.lists(lines | st.just(""), min_size=1, max_size=6).map("\n".join)


def _clean(text: str) -> str:
    """As the workbook reader leaves a text: NFC, nothing invisible at the ends."""
    text = unicodedata.normalize("NFC", text)
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n")).strip()


def texts(long: bool) -> st.SearchStrategy[str]:
    source = long_texts if long else short_texts
    return source.map(_clean).filter(lambda text: bool(text) and not unprintable(text))


@st.composite
def valid_answers(draw: st.DrawFn, guide: Guide) -> Answers:
    """Answers that break no rule (warnings may come)."""
    found: dict[str, Answer] = {}
    for competence in guide.competences:
        found |= draw(_competence(competence))
    for field in guide.fields.values():
        if field.id not in found and (value := draw(_value(field))) is not None:
            found[field.id] = Answer(value)
    return Answers(found)


@st.composite
def _competence(draw: st.DrawFn, competence: Competence) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for criterion in competence.criteria:
        verdict = draw(VERDICTS)
        comment = draw(texts(long=False)) if verdict is Verdict.NA else ""
        found[criterion.id] = Answer(verdict, comment)
    failed = any(answer.value is Verdict.NON for answer in found.values())
    results = [Result.NON_MAITRISEE] if failed else list(Result)
    found[competence.result.id] = Answer(draw(st.sampled_from(results)))
    return found


def _value(field: Field) -> st.SearchStrategy[Value | None]:
    required = field.requirement is not Requirement.NONE
    strategy: st.SearchStrategy[Value | None]
    match field.kind:
        case FieldKind.TICK:
            return st.sampled_from([True, None])
        case FieldKind.DATE:
            strategy = st.dates(date(2000, 1, 1), date(2026, 1, 1))
        case FieldKind.TEXT | FieldKind.LONG_TEXT:
            strategy = texts(long=field.kind is FieldKind.LONG_TEXT)
        case _:
            return st.none()
    return strategy if required else st.none() | strategy
