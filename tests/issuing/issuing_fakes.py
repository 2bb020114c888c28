"""Doors made of JSON, so that issuing is tested without a document format; and a fiche."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from cqp_forms.answers import Answer, Answers, Result, Value, Verdict
from cqp_forms.formats import PreparedBlank
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.issuing.request import Embedding, Settings, pass_by
from cqp_forms.mapping import Format
from cqp_forms.plan import Edition, Plan, Trail
from cqp_forms.shown import Mark, Shown

PARIS = timezone(timedelta(hours=1))
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=PARIS)
LATER = datetime(2026, 12, 1, 9, 30, tzinfo=PARIS)


@dataclass(frozen=True)
class FakeStamper:
    """Writes the plan as JSON; ``slip`` is applied to what is written."""

    format: Format
    slip: Callable[[dict[str, object]], None] | None = None
    uncoded: tuple[int, ...] = ()
    unarchivable: tuple[str, ...] = ()

    def stamp(self, plan: Plan, edition: Edition) -> bytes:
        plain: dict[str, object] = {
            "format": self.format,
            "ticks": {key: tick.value for key, tick in plan.ticks.items()},
            "texts": plan.texts,
            "stage": edition.stage,
            "cover": edition.cover_note,
            "margin": edition.margin_note,
            "title": edition.title,
            "trail": edition.trail.properties(),
            "payload": base64.b64encode(edition.payload).decode() if edition.payload else None,
        }
        if self.slip:
            self.slip(plain)
        return json.dumps(plain, ensure_ascii=False).encode()


def read(document: bytes) -> Shown:
    plain = json.loads(document)
    ticks = {key: Mark.ON if on else Mark.OFF for key, on in plain["ticks"].items()}
    return Shown(ticks, plain["texts"])


def read_payload(document: bytes) -> bytes | None:
    payload = json.loads(document)["payload"]
    return base64.b64decode(payload) if payload else None


def read_trail(document: bytes) -> Trail | None:
    return Trail.of_properties(json.loads(document)["trail"])


def prepared(
    kind: Format, slip: Callable[[dict[str, object]], None] | None = None
) -> PreparedBlank:
    return PreparedBlank(
        format=kind,
        stamper=FakeStamper(kind, slip),
        read=read,
        payload=read_payload,
        trail=read_trail,
        blank_sha256=hashlib.sha256(kind.encode()).hexdigest(),
        mapping_sha256=hashlib.sha256(b"mapping " + kind.encode()).hexdigest(),
    )


def settings(
    guide: Guide,
    formats: tuple[Format, ...] = (Format.DOCX, Format.PDF),
    embedding: Embedding = Embedding.ANSWERS,
    checkpoint: Callable[[str], None] = pass_by,
) -> Settings:
    blanks = tuple(prepared(one) for one in formats)
    return Settings(guide, blanks, "1.0.0", "secretariat", "", embedding, checkpoint)


def fiche(guide: Guide, **changes: Value | None) -> Answers:
    """A fiche in order. Keyword ``candidat__nom`` replaces ``candidat.nom``; ``None`` empties."""
    found: dict[str, Value] = {}
    for field in guide.fields.values():
        match field.kind:
            case FieldKind.CRITERION:
                found[field.id] = Verdict.OUI
            case FieldKind.RESULT:
                found[field.id] = Result.MAITRISEE
            case FieldKind.DATE:
                found[field.id] = date(2026, 11, 3)
            case FieldKind.TEXT | FieldKind.LONG_TEXT:
                found[field.id] = f"Texte de {field.id}"
            case _:
                pass
    found["candidat.nom"], found["candidat.prenom"] = "Dupont", "Zoé"
    found["candidat.entreprise"] = "Chimie & Cie"
    del found["dossier.reference"]
    for key, value in changes.items():
        name = key.replace("__", ".")
        found.pop(name, None)
        if value is not None:
            found[name] = value
    return Answers({key: Answer(value) for key, value in found.items()}, name="fiche.xlsx")


V1 = ["DUPONT_Zoe/OUTIL4_DUPONT_Zoe_v1.docx", "DUPONT_Zoe/OUTIL4_DUPONT_Zoe_v1.pdf"]
V2 = [
    "DUPONT_Zoe/OUTIL4_DUPONT_Zoe_v2.docx",
    "DUPONT_Zoe/OUTIL4_DUPONT_Zoe_v2.pdf",
    "DUPONT_Zoe/OUTIL4_DUPONT_Zoe_v2_modifications.pdf",
]


def tree(directory: Path) -> dict[str, bytes]:
    """Every file under a folder, hidden ones included, but for the register."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != "registre.sqlite"
    }
