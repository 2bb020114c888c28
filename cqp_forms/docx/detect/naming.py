"""Which words of a paragraph belong to which of its boxes and areas (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from cqp_forms.docx.detect.fields import FoundField, tidy
from cqp_forms.docx.detect.inline import Token, Words
from cqp_forms.guide import DatePart
from cqp_forms.mapping import DocxKind
from cqp_forms.matching.wording import (
    answered,
    asks,
    bare,
    counts_periods,
    is_answer_word,
    is_degree,
)

#: « ND », « NSP »: codes that stand among figures.
_CODE = 3
#: The room between what ends one answer and what asks for the next.
_WIDE = re.compile(r"\t|[ \u00a0]{3,}")
#: A wording before boxes that has fewer letters is a number, and asks nothing.
_ASKS = 3
#: What the three areas of a date share.
_DATE = "date"
_LAST_WORD = re.compile(r"^(?P<before>.*?)[\s:,;(–-]*(?P<word>[^\s:,;(]+)[\s:)]*$", re.DOTALL)
_NEXT = re.compile(r"^(?P<word>[^:?]{1,30}?)(?P<mark>[\s;,.–-]+)(?P<after>\S[^:?]{2,120}[:?])$")
_ANSWERS = re.compile(
    r"(?:la competence |le critere )?(?:est |n est pas |non |pas )?"
    r"(?:maitrise|acquis|valide|conforme|satisfaisant|atteint|realise)e?s?"
)

#: What leads to the labels below it, bare.
_LEADS = re.compile(
    r"(entre|et (le|la|l|les|d)|d une part|d autre part|ci apres|ci joint|il a ete convenu"
    r"|avez vous|veuillez|merci de|coordonnees|informations?|renseignements?|rubrique)\b"
)


def only_leads(label: str) -> bool:
    """Whether « Entre les soussignés : » leads to the labels below it and asks nothing itself."""
    return bool(_LEADS.match(bare(label)))


def signed_parts(text: str, whose: Sequence[str]) -> list[tuple[int, str]]:
    """« (signature)    (signature) », tabs between them: where each space begins, and its label.

    Args:
        whose: the parts of the line above: the roles that « (signature) » stands under.
    """
    parts = text.split("\t")
    roles = list(whose) if len(whose) == sum(map(bool, map(tidy, parts))) else []
    found, start = [], 0
    for part in parts:
        if label := tidy(part):
            role = roles.pop(0) if roles else ""
            label = f"{role} {label}" if role and label.startswith("(") else label
            found.append((start + len(part.rstrip()), label))
        start += len(part) + 1
    return found


def is_answer(text: str) -> bool:
    """Whether a header makes boxes of the empty cells below it: « OUI », « Non acquis »…"""
    return is_answer_word(text) or bool(_ANSWERS.fullmatch(bare(text)))


def answers_in(text: str) -> list[str]:
    """« OUI NON » over two columns of boxes heads both: its words, or none for other headers."""
    words = [one for one in re.split(r"[\s/|·–-]+", text) if one]
    return words if len(words) > 1 and all(is_answer_word(one) for one in words) else []


def heads_boxes(text: str) -> bool:
    """Whether a header makes boxes of what stands below it."""
    return is_answer(text) or bool(answers_in(text))


def _gaps(tokens: Sequence[Token]) -> tuple[list[FoundField], list[str]]:
    """The fields, and the words before the first, between each two, after the last."""
    fields = [one for one in tokens if isinstance(one, FoundField)]
    return fields, [tidy(one) for one in _raw(tokens)]


def _raw(tokens: Sequence[Token]) -> list[str]:
    """The words before the first field, between each two, after the last, as they are spaced."""
    words = [""]
    for one in tokens:
        if isinstance(one, FoundField):
            words.append("")
        elif isinstance(one, Words):
            words[-1] += one.text
    return words


def without_doubles(tokens: list[Token]) -> list[Token]:
    """The same, less the printed box beside each form field's own: « ☐ [☐] Oui ».

    The field is the box. Unless all go by pairs, the same way round, a printed box may stand for
    itself: both are then in doubt.
    """
    shown = [one for one in tokens if not (isinstance(one, Words) and not one.text.strip())]
    boxes = [one for one in shown if isinstance(one, FoundField) and one.ticks]
    doubles = [
        (one, two)
        for one, two in pairwise(shown)
        if isinstance(one, FoundField) and isinstance(two, FoundField)
        if one.ticks and two.ticks and _printed(one) != _printed(two)
    ]
    if not doubles:
        return tokens
    if isinstance(shown[0], Words) and isinstance(shown[-1], Words) and is_degree(shown[0].text):
        return tokens  # « Oui [☐] ☐ Non » has a box of each make
    paired = [one for pair in doubles for one in pair]
    if paired != boxes or len({_printed(one) for one, _ in doubles}) > 1:
        for one in paired:
            one.doubt = "une case imprimée à côté de celle d’un champ : une case, ou deux ?"
        return tokens
    return [one for one in tokens if not (one in paired and _printed(one))]


def one_area_a_label(tokens: list[Token]) -> list[Token]:
    """The same tokens, less the lines that go on from one above in the same paragraph.

    « Adresse : …… », a line break, « …… » is one area of two lines.
    """
    kept: list[Token] = []
    last: FoundField | None = None
    between = ""
    for token in tokens:
        if isinstance(token, FoundField):
            goes_on = last is not None and token.kind is last.kind is DocxKind.LEADER
            if last is not None and goes_on and "\n" in between and not between.strip():
                last.multiline = True
                continue
            last, between = token, ""
        elif isinstance(token, Words):
            between += token.text
        kept.append(token)
    return kept


def _printed(one: Token) -> bool:
    """Whether a box is a character of the text, no form field's."""
    return isinstance(one, FoundField) and one.kind in (DocxKind.GLYPH, DocxKind.SYMBOL)


def caption_boxes(tokens: Sequence[Token], above: str) -> None:
    """Give each tick box of a paragraph its wording.

    The words after a box are its own, unless the paragraph ends with a box. « OUI » and « NON » do
    not name a box: they become its column, and what they answer its label.

    Args:
        above: the wording above the paragraph, that its boxes may answer.
    """
    fields, words = _gaps(tokens)
    ticks = [index for index, one in enumerate(fields) if one.ticks]
    if not ticks:
        return
    before_side = bool(words[ticks[0]]) and not words[ticks[-1] + 1]
    before_side = before_side or _answers_before(fields, words, ticks)
    captions = [words[one] if before_side else words[one + 1] for one in ticks]
    last = ticks[-1] + 1
    if not before_side and last < len(fields):
        # « ☐ sans avis     Motif : ____ »: the label of the area behind is not the box's.
        raw = _raw(tokens)[last]
        own, *rest = (one for one in _WIDE.split(raw.strip()) if one.strip())
        captions[-1] = tidy(own) if rest and raw.rstrip().endswith(":") else captions[-1]
    prompts = [] if before_side else [words[ticks[0]]]
    for rank, caption in enumerate(captions):
        if before_side:
            # « Véhicule : Oui ☐ Non ☐ Permis : Oui ☐ Non ☐ »
            own = not rank or ":" in caption or "?" in caption
            asked, captions[rank] = _prompt(caption, captions[rank + 1 :]) if own else ("", caption)
            prompts.append(asked or (prompts[-1] if rank else ""))
        elif rank < len(captions) - 1 or ticks[rank] < len(fields) - 1:
            # « ☐ Oui ☐ Non Formé : ☐ Oui ☐ Non Si oui, quand ? ____ »: what follows an answer asks
            # what the next place answers.
            found = _NEXT.match(caption)
            asked = tidy(found["after"]) if found and is_degree(found["word"]) else ""
            # « non justifiées (nombre : » is one wording.
            asked = asked if found and (found["mark"].strip() or asked[:1].isupper()) else ""
            captions[rank] = found["word"] if found and asked else caption
            behind = fields[ticks[rank] + 1]
            behind.label = "" if behind.ticks else asked
            if rank < len(captions) - 1:
                prompts.append(asked or prompts[-1])
    rounded = all(fields[one].rounded for one in ticks)
    counted = all(map(str.isdecimal, captions)) and counts_periods(prompts[0] or above)
    scale = len(ticks) > 1 and not counted and (rounded or _is_scale(captions))
    for index, caption, prompt in zip(ticks, captions, prompts, strict=True):
        field = fields[index]
        name_box(field, caption, prompt or above, scale=scale)
        told = sum(map(str.isalpha, prompt)) >= _ASKS and (len(ticks) > 1 or asks(prompt))
        if told and field.label == caption:
            field.label = answered(prompt, caption)


def _answers_before(
    fields: Sequence[FoundField], words: Sequence[str], ticks: Sequence[int]
) -> bool:
    """« Poursuivi : OUI ☐ NON ☐ Si non, date : …… »: each answer stands before its box.

    What follows the last box is then the label of an area.
    """
    if len(ticks) < 2 or ticks[-1] + 1 >= len(fields) or not asks(words[ticks[-1] + 1]):
        return False
    between = [words[rank] for rank in ticks[1:]]
    asked, first = _prompt(words[ticks[0]], between)
    return bool(asked) and is_degree(first) and all(map(is_degree, between))


def _is_scale(captions: Sequence[str]) -> bool:
    """Whether words are degrees of one scale: « 2- ☐ Suffisante ☐ » is a number and its item."""
    words = [bare(one) for one in captions]
    figures = any(one.isdecimal() for one in words)
    items = any(len(one) > _CODE and not one.isdecimal() for one in words)
    return all(is_degree(one) for one in captions) and not (figures and items)


def _prompt(text: str, others: Sequence[str]) -> tuple[str, str]:
    """« La réclamation est traitée : OUI » is a question and its first answer."""
    found = _LAST_WORD.match(text)
    scale = others and _is_scale(others)
    if found and found["before"]:
        word = found["word"]
        if is_answer_word(word) or (scale and is_degree(word)):
            return tidy(found["before"]), word
    return "", text


def name_box(field: FoundField, caption: str, question: str, *, scale: bool = False) -> None:
    """Name a box by the words beside it, or else by what it answers.

    Args:
        scale: whether the words beside it and its neighbours are degrees of one scale.
    """
    field.caption = caption
    if not caption:
        field.label = question
    elif is_answer_word(caption) or (scale and question):
        field.column, field.label = caption, question
    else:
        field.label = caption


def _after_unit(text: str) -> str:
    """« cm     Poids : » between two areas: a unit, and the label of the second."""
    *before, last = (one for one in _WIDE.split(text.strip()) if one.strip())
    return last if before and last.rstrip().endswith(":") else text


def label_areas(tokens: Sequence[Token], above: str) -> None:
    """Give each area of a paragraph the words that lead to it, or else the wording above."""
    tokens = [
        replace(one, text=_after_unit(one.text))
        if isinstance(one, Words) and one.text.strip()
        else one
        for one in tokens
    ]
    fields, words = _gaps(tokens)
    for index, field in enumerate(fields):
        if not field.ticks:
            field.label = field.label or words[index] or above
    places = {id(one): at for at, one in enumerate(tokens)}
    for rank, three in enumerate(zip(fields, fields[1:], fields[2:], strict=False)):
        if _slashes(tokens[places[id(three[0])] : places[id(three[2])] + 1]):
            for one, part in zip(three, DatePart, strict=True):
                one.label, one.row, one.column = words[rank] or above, _DATE, part


def _slashes(tokens: Sequence[Token]) -> bool:
    """Whether three areas have only a slash between each two: a date's day, month and year."""
    if any(isinstance(one, FoundField) and one.ticks for one in tokens):
        return False
    shown = (one.text if isinstance(one, Words) else "|" for one in tokens)
    return "".join("".join(shown).split()) == "|/|/|"
