"""A drafted guide's fields and groups, and how they are written: a ``guide.yaml`` (pure)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cqp_forms.answers import Option
from cqp_forms.guide import DatePart, FieldKind
from cqp_forms.mapping import Detected
from cqp_forms.matching.wording import bare

#: The longest prefix of a file name, that of a guide's ``short`` that is cut nowhere.
_SHORT_LENGTH = 12
#: Whom a form is about, and not the firm, the tutor or the evaluator whom it names as well.
_PERSON = (
    r"(?: (?:du|de la|de l) (?:candidate?|salariee?|apprentie?|stagiaire|alternante?|agent"
    r"|collaborat(?:eur|rice)|eleve|etudiante?|beneficiaire|participante?|interessee?))?"
)
_FAMILY = re.compile(
    rf"(?:nom(?: de famille| de naissance| d usage)?(?: et prenoms?| prenoms?)?{_PERSON})"
    r"|last name|name"
)
_FIRST = re.compile(rf"prenoms?{_PERSON}|first name")


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """A field being drafted.

    Attributes:
        places: what was found for each of its placements, in their order.
        longer: its label with the caption beside it, for when another field has the same label.
        id: given when all labels are known.
    """

    kind: FieldKind
    label: str
    places: tuple[Detected, ...]
    longer: str = ""
    options: tuple[Option, ...] = ()
    split: bool = False
    id: str = ""

    @property
    def placements(self) -> dict[str, Detected]:
        """What was found, by placement id."""
        if self.kind is FieldKind.CHOICE:
            names = [f"{self.id}.{one}" for one in self.options]
        elif self.split:
            names = [f"{self.id}.{one}" for one in DatePart]
        else:
            names = [f"{self.id}@{n}" if n > 1 else self.id for n, _ in enumerate(self.places, 1)]
        return dict(zip(names, self.places, strict=True))


@dataclass(frozen=True, slots=True)
class DraftGroup:
    """The fields under one title."""

    title: str
    entries: tuple[DraftEntry, ...]


def guide_text(guide_id: str, title: str, groups: Sequence[DraftGroup]) -> str:
    """The ``guide.yaml`` of a drafted guide, with what its reader may change said in it."""
    lines = [
        "# Ébauche établie d’après les cases et les zones d’un document : relisez les libellés,",
        "# les groupes, la nature des champs (text, long-text, date, tick, choice, signature).",
        "# « required: answer » sous un champ rend sa réponse obligatoire.",
        "# Les identifiants sont ceux de la correspondance : changez-les dans les deux fichiers.",
        f"id: {_quoted(guide_id)}",
        f"short: {_quoted(_short(guide_id))}",
        f"title: {_quoted(clean(title))}",
        "language: fr-FR",
    ]
    if named := _candidate([one for group in groups for one in group.entries]):
        lines += ["candidate:", *(f"  - {_quoted(one)}" for one in named)]
    lines += ["sections:", "  - sheet: Formulaire", "    groups:"]
    for group in groups:
        lines += [f"      - title: {_quoted(group.title or 'Formulaire')}", "        fields:"]
        for entry in group.entries:
            lines += _field_lines(entry)
    return "\n".join(lines) + "\n"


def _short(guide_id: str) -> str:
    """The file names' prefix: as many of the id's words as go in, the first cut if it is longer."""
    return slug(guide_id, _SHORT_LENGTH).replace("_", "").upper()


def _field_lines(entry: DraftEntry) -> Iterator[str]:
    yield f"          - id: {_quoted(entry.id)}"
    yield f"            kind: {entry.kind}"
    yield f"            label: {_quoted(unmarked(entry.label))}"
    if entry.options:
        yield "            options:"
        for one in entry.options:
            yield f"              - {{id: {_quoted(one)}, label: {_quoted(one.label)}}}"
    if entry.split:
        yield f"            parts: [{', '.join(DatePart)}]"
    elif entry.kind is not FieldKind.CHOICE and len(entry.places) > 1:
        yield f"            areas: {len(entry.places)}"


def _candidate(entries: Sequence[DraftEntry]) -> list[str]:
    """The fields that name whom the form is about: they name its files too."""
    texts = [one for one in entries if one.kind is FieldKind.TEXT]
    named = []
    for known in (_FAMILY, _FIRST):
        one = next((each.id for each in texts if known.fullmatch(bare(each.label))), None)
        named += [one] if one else []
    return named or [one.id for one in texts[:1]]


def clean(text: str) -> str:
    """A wording without what no one sees: controls, private characters, runs of spaces."""
    kept = "".join(" " if unicodedata.category(one)[0] == "C" else one for one in text)
    return " ".join(kept.split())


def unmarked(label: str) -> str:
    """« Nom : » is the label « Nom », « , le » behind another area « le », « (nombre : » closed."""
    bared = label.lstrip(" ,;").rstrip(" ,:\u00a0") or label
    return f"{bared})" if bared.count("(") > bared.count(")") else bared


def slug(text: str, length: int) -> str:
    """A wording as a part of an id: its words that go into ``length`` characters, none cut."""
    words: list[str] = []
    for word in bare(text).split():
        if words and len("_".join([*words, word])) > length:
            break
        words.append(word[:length])
    return "_".join(words)


def _quoted(text: str) -> str:
    # A JSON string is a YAML one; forms hold quotes, colons and hashes.
    return json.dumps(text, ensure_ascii=False)
