"""The fiche: every question of the guide, answered one by one, each saved as it is given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cqp_forms.answers import COMMENT
from cqp_forms.app.folder import ListedCandidate, hashed
from cqp_forms.app.saving import (
    Clash,
    Edit,
    Hold,
    Saved,
    drop_waiting,
    is_held,
    is_writable,
    save_edits,
    waiting_edits,
    who_is,
)
from cqp_forms.app.web import Screen, screen_of
from cqp_forms.errors import UsageError
from cqp_forms.findings import INCOMPLETENESS, Code, Severity
from cqp_forms.guide import Competence, FieldKind, Guide, Requirement, Section


@dataclass(frozen=True)
class ShownSection:
    """A section with the competence that it is, if it is one."""

    section: Section
    competence: Competence | None

    @property
    def anchor(self) -> str:
        """Its name in addresses."""
        return self.section.sheet.replace(" ", "_")


def shown_sections(guide: Guide) -> list[ShownSection]:
    """The sections that a fiche asks for, in order."""
    by_result = {one.result.id: one for one in guide.competences}
    return [
        ShownSection(
            section,
            next((by_result[one.id] for one in section.fields if one.id in by_result), None),
        )
        for section in guide.sections
        if any(one.kind is not FieldKind.SIGNATURE for one in section.fields)
    ]


def _page(request: Request) -> Response:
    screen = screen_of(request)
    candidate = screen.required(request)
    saved = Saved()
    if is_writable(candidate) and waiting_edits(candidate):
        saved = save_edits(screen.folder, candidate.id, who_is(candidate), ())
        candidate = screen.required(request)
    return screen.page(
        "fiche.html",
        candidate=candidate,
        guide=candidate.guide,
        sections=shown_sections(candidate.guide),
        state=fiche_state(screen, candidate, saved),
        writable=is_writable(candidate),
        file=screen.folder.relative(candidate.path),
    )


def _state(request: Request) -> Response:
    screen = screen_of(request)
    candidate = screen.required(request)
    saved = Saved()
    if waiting_edits(candidate):
        saved = save_edits(screen.folder, candidate.id, who_is(candidate), ())
        candidate = screen.required(request)
    state = fiche_state(screen, candidate, saved)
    if request.query_params.get("revision") == state["revision"]:
        return JSONResponse({"revision": state["revision"]})
    return JSONResponse(state)


async def _answer(request: Request) -> Response:
    """Save answers: ``{"who", "edits": [{"key", "before", "after"}], "force", "drop": [key]}``."""
    screen = screen_of(request)
    try:
        asked = json.loads(await request.body())
        edits = [Edit(str(one["key"]), one["before"], one["after"]) for one in asked["edits"]]
        who, force = str(asked["who"]), asked.get("force") is True
        drop = frozenset(map(str, asked.get("drop", ())))
        if not all(_is_plain(value) for one in edits for value in (one.before, one.after)):
            raise TypeError("no answer")
    except (ValueError, KeyError, TypeError, RecursionError) as cause:
        raise UsageError("cette demande n’est pas une réponse.", remedy="Rechargez la page.") from (
            cause
        )
    hold = Hold.IGNORE if force else Hold.RESPECT

    def saved() -> dict[str, Any]:
        if drop:
            drop_waiting(screen.folder, request.path_params["id"], drop)
        done = save_edits(screen.folder, request.path_params["id"], who, edits, hold)
        return fiche_state(screen, screen.required(request), done)

    return JSONResponse(await run_in_threadpool(saved))


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | bool)


def fiche_state(screen: Screen, candidate: ListedCandidate, saved: Saved) -> dict[str, Any]:
    """All that the page shows of a fiche and that may change, as JSON."""
    answers = dict(candidate.answers.canonical())
    for one in saved.waiting:
        answers.pop(one.key, None)
        if one.after is not None:
            answers[one.key] = one.after
    state, label = candidate.state
    plain: dict[str, Any] = {
        "who": who_is(candidate),
        "name": candidate.read.label,
        "file": screen.folder.relative(candidate.path),
        "answers": answers,
        "findings": _findings(candidate),
        "sections": [_progress(one, answers) for one in shown_sections(candidate.guide)],
        "state": state,
        "label": label,
        "answered": candidate.progress.answered,
        "asked": candidate.progress.asked,
        "waiting": [one.key for one in saved.waiting],
        "held": is_held(candidate.path),
        "clashes": [_clash(one) for one in saved.clashes],
        "annex": sorted(screen.previews.continued(candidate)),
        "unplaced": [one for one in candidate.guide.fields if candidate.answers.place(one) is None],
    }
    return plain | {"revision": hashed(json.dumps(plain, ensure_ascii=False, sort_keys=True))}


def _clash(one: Clash) -> dict[str, Any]:
    return {
        "key": one.edit.key,
        "before": one.edit.before,
        "after": one.edit.after,
        "file": one.file,
    }


def _findings(candidate: ListedCandidate) -> list[dict[str, str]]:
    """What is told beside the fields: what only is not answered yet shows by itself."""
    return [
        {"field": one.field, "severity": one.severity.value, "text": one.message, "do": one.remedy}
        for one in candidate.findings
        if one.field
        and one.severity is not Severity.INFORMATION
        and (one.code not in INCOMPLETENESS or one.code is Code.NA_WITHOUT_COMMENT)
    ]


def _progress(shown: ShownSection, answers: dict[str, str | bool]) -> dict[str, Any]:
    """How many of a section's questions that need an answer have one."""
    wanted = [
        one.id
        for one in shown.section.fields
        if one.kind in (FieldKind.CRITERION, FieldKind.RESULT, FieldKind.CHOICE)
        or (one.requirement is not Requirement.NONE and one.kind is not FieldKind.SIGNATURE)
    ]
    lacking = sum(
        answers.get(one) == "NA" and not answers.get(one + COMMENT)
        for one in wanted
        if shown.competence is not None
    )
    answered = sum(one in answers for one in wanted) - lacking
    return {"anchor": shown.anchor, "answered": answered, "asked": len(wanted)}


ROUTES = [
    Route("/fiche/{id}", _page),
    Route("/fiche/{id}/etat", _state),
    Route("/fiche/{id}/reponses", _answer, methods=["POST"]),
]
