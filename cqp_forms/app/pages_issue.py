"""Check, issue, and what was issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from cqp_forms.answers import Answers
from cqp_forms.app.folder import ListedCandidate, hashed, issued_id
from cqp_forms.app.pages_fiche import shown_sections
from cqp_forms.app.pages_session import new_fiche
from cqp_forms.app.preview import PagePlace
from cqp_forms.app.saving import waiting_edits
from cqp_forms.app.web import Screen, posted, redirect, screen_of
from cqp_forms.batch.outcome import assess
from cqp_forms.errors import AnswersError, CqpError, OutputError
from cqp_forms.findings import Finding, Severity, errors
from cqp_forms.guide import Guide
from cqp_forms.issuing.history import FileCondition, changes, file_state
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.version import IssuedFile, Version, answers_from_canonical
from cqp_forms.progress import condensed


@dataclass(frozen=True)
class ShownFinding:
    """A finding with the place on the page that it is about, and its place in the fiche."""

    finding: Finding
    spot: PagePlace | None
    anchor: str


def _check(request: Request) -> Response:
    screen = screen_of(request)
    candidate = screen.required(request)
    guide = candidate.guide
    pages, trouble = _pages(screen, candidate)
    spots = screen.previews.spots(guide) if pages else {}
    latest = candidate.latest
    return screen.page(
        "controle.html",
        candidate=candidate,
        guide=guide,
        groups=_grouped(candidate, spots),
        blocked=bool(errors(candidate.findings)),
        waiting=bool(waiting_edits(candidate)),
        latest=latest,
        changes=changes(guide, _answers(guide, latest), candidate.answers) if latest else (),
        issued_id=issued_id(guide.id, candidate.key),
        pages=pages,
        trouble=trouble,
        marks=_marks(candidate, spots),
        revision=hashed(candidate.canonical),
        continued=sorted(screen.previews.continued(candidate)),
    )


def _pages(
    screen: Screen, candidate: ListedCandidate
) -> tuple[tuple[tuple[float, float], ...], str]:
    """The sizes of the draft's pages; or none, and why."""
    try:
        return screen.previews.draft(candidate).sizes, ""
    except CqpError as error:
        return (), str(error)


def _grouped(
    candidate: ListedCandidate, spots: Mapping[str, PagePlace]
) -> list[tuple[str, list[ShownFinding]]]:
    """The findings under the titles of their sections, in the guide's order; others first."""
    guide = candidate.guide
    sections = {one.section.sheet: one for one in shown_sections(guide)}
    groups: dict[str, list[ShownFinding]] = {"La fiche": []}
    groups |= {one.section.title: [] for one in sections.values()}
    findings = condensed(guide, candidate.answers, candidate.findings, candidate.read.row)
    for one in findings:
        field = guide.fields.get(one.field)
        section = sections.get(field.sheet if field else one.sheet)
        anchor = field.id if field else section.anchor if section else ""
        title = section.section.title if section else "La fiche"
        groups[title].append(ShownFinding(one, spots.get(one.field), anchor))
    return [(title, found) for title, found in groups.items() if found]


def _marks(
    candidate: ListedCandidate, spots: Mapping[str, PagePlace]
) -> dict[int, list[tuple[str, PagePlace]]]:
    """The places to mark on each page, with the severity of what is told of them."""
    marks: dict[int, list[tuple[str, PagePlace]]] = {}
    for one in candidate.findings:
        spot = spots.get(one.field)
        if spot is not None and one.severity is not Severity.INFORMATION:
            marks.setdefault(spot.page, []).append((one.severity.value, spot))
    return marks


def _answers(guide: Guide, version: Version) -> Answers:
    return answers_from_canonical(guide, version.canonical(), f"version {version.number}")


def _picture(request: Request) -> Response:
    screen = screen_of(request)
    draft = screen.previews.draft(screen.required(request))
    content = screen.previews.page(draft.content, request.path_params["number"])
    return Response(content, media_type="image/png")


def _issue(request: Request, form: FormData) -> Response:
    screen = screen_of(request)
    candidate = screen.required(request)
    _issued(screen, candidate, str(form.get("revision", "")), str(form.get("motif", "")))
    return redirect(f"/emis/{issued_id(candidate.guide.id, candidate.key)}")


def _issued(screen: Screen, candidate: ListedCandidate, seen: str, reason: str) -> None:
    """Issue what was seen on the page, or say why not."""
    if hashed(candidate.canonical) != seen:
        raise OutputError(
            "la fiche a changé depuis que cette page a été ouverte ; rien n’a été émis.",
            remedy="Revenez au contrôle, relisez, puis émettez.",
        )
    if waiting_edits(candidate):
        raise OutputError(
            "des réponses attendent que la fiche soit libre ; rien n’a été émis.",
            remedy="Fermez la fiche dans Excel, puis recommencez.",
        )
    found = errors(candidate.findings)
    if found:
        raise AnswersError(
            "la fiche a encore des erreurs ; rien n’a été émis.",
            remedy="Corrigez-les, puis recommencez.",
            findings=found,
        )
    if candidate.doubles:
        raise OutputError(
            "ce candidat figure dans plusieurs fiches du dossier ; rien n’a été émis.",
            where=screen.folder.relative(candidate.path),
            remedy="Gardez une seule fiche. Si ce sont deux personnes, donnez à chacune sa "
            "référence de dossier.",
        )
    now = screen.folder.now()
    fiche = candidate.path if candidate.read.row is None else None
    with screen.folder.stamping, screen.folder.issuer(candidate.guide.id) as issuer:
        if candidate.latest is None:
            issuer.issue(candidate.answers, now, fiche)
        else:
            issuer.reissue(candidate.answers, now, reason, fiche=fiche)


# --------------------------------------------------------------------------------- what was issued


#: A file that was signed where it lies still is the one that was issued.
_SOUND = frozenset({FileCondition.INTACT, FileCondition.EXTENDED})


def _versions(request: Request) -> tuple[Version, ...]:
    found = screen_of(request).folder.issued(request.path_params["id"])
    if not found:
        raise HTTPException(404, "Ce guide n’est pas au registre.")
    return found


def _emitted(request: Request) -> Response:
    screen = screen_of(request)
    versions = _versions(request)
    latest = versions[-1]
    guide = screen.folder.guide(latest.guide)
    key = (latest.guide, latest.key)
    fiches = [one for one in screen.folder.listing().candidates if (one.guide.id, one.key) == key]
    return screen.page(
        "emis.html",
        id=request.path_params["id"],
        latest=latest,
        signed=screen.folder.signed(latest.guide, latest.key),
        versions=[
            (one, [(file, file_state(screen.folder.output, file)) for file in one.files])
            for one in reversed(versions)
        ],
        sound=_SOUND,
        names={Role.DOCX: "Word", Role.PDF: "PDF", Role.CHANGES: "Liste des modifications"},
        place=str(screen.folder.output / latest.folder),
        notes=assess(guide, _answers(guide, latest)).notes,
        fiches=fiches,
    )


def _file(request: Request) -> Response:
    """An issued file, as the register names it: no path comes from the request."""
    screen = screen_of(request)
    wanted = (request.path_params["number"], request.path_params["role"])
    for version in _versions(request):
        for file in version.files:
            if (version.number, file.role.value) == wanted:
                return _sent(screen, file)
    raise HTTPException(404, "Ce fichier n’est pas au registre.")


def _sent(screen: Screen, file: IssuedFile) -> Response:
    path = screen.folder.output.joinpath(*file.path.split("/")).resolve()
    inside = path.is_relative_to(screen.folder.output.resolve())
    if not inside or file_state(screen.folder.output, file) not in _SOUND:
        raise HTTPException(404, "Ce fichier n’est plus tel qu’il a été émis, ou il a été déplacé.")
    return FileResponse(path, filename=path.name)


def _correct(request: Request) -> Response:
    """Make a fiche of what was issued, where the folder has none."""
    screen = screen_of(request)
    latest = _versions(request)[-1]
    guide = screen.folder.guide(latest.guide)
    return redirect(new_fiche(screen, guide, _answers(guide, latest)))


ROUTES = [
    Route("/fiche/{id}/controle", _check),
    Route("/fiche/{id}/page/{number:int}.png", _picture),
    Route("/fiche/{id}/emettre", posted(_issue), methods=["POST"]),
    Route("/emis/{id}", _emitted),
    Route("/emis/{id}/corriger", _correct, methods=["POST"]),
    Route("/emis/{id}/{number:int}/{role}", _file),
]
