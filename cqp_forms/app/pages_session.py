"""The session: the folder's candidates, a new fiche, and the production of all that are ready."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cqp_forms.answers import Answer, Answers
from cqp_forms.app.folder import IssuedOnly, ListedCandidate, Listing, hashed
from cqp_forms.app.production import BUNDLE, Production
from cqp_forms.app.web import Screen, posted, redirect, screen_of
from cqp_forms.batch.outcome import Outcome
from cqp_forms.batch.sources import REPORT
from cqp_forms.errors import OutputError, UsageError
from cqp_forms.guide import Field, FieldKind, Guide, Requirement
from cqp_forms.issuing.naming import file_stem
from cqp_forms.project import DEFAULT_GUIDE
from cqp_forms.typography import folded
from cqp_forms.workbook.values import plain_text
from cqp_forms.workbook.write import write_fiche

#: Seconds that one page spends on reading workbooks; the rest is read by the next.
_READING = 0.35
#: Findings of a candidate that the page of a production tells; all are in the report.
_TOLD = 4


@dataclass(frozen=True)
class CandidateRow:
    """A line of the list of candidates."""

    href: str
    name: str
    company: str
    reference: str
    file: str
    state: str
    label: str
    answered: int
    asked: int

    @property
    def sought(self) -> str:
        """What the search looks in."""
        return folded(f"{self.name} {self.company} {self.reference} {self.file} {self.label}")


def identity_fields(guide: Guide) -> list[Field]:
    """The fields that say who a candidate is, in the order of the fiche: key, names, company."""
    for section in guide.sections:
        if any(one.id in guide.candidate for one in section.fields):
            return [
                one
                for one in section.fields
                if one.id == guide.key
                or (one.kind is FieldKind.TEXT and one.requirement is Requirement.IDENTITY)
            ]
    return [guide.fields[one] for one in guide.candidate]


def _row(screen: Screen, one: ListedCandidate) -> CandidateRow:
    others = [
        field.id
        for field in identity_fields(one.guide)
        if field.id != one.guide.key and field.id not in one.guide.candidate
    ]
    state, label = one.state
    where = f", ligne {one.read.row}" if one.read.row else ""
    return CandidateRow(
        f"/fiche/{one.id}",
        one.read.label,
        " ".join(filter(None, (one.answers.text(field) for field in others))),
        one.answers.text(one.guide.key) if one.guide.key else "",
        screen.folder.relative(one.path) + where,
        state,
        label,
        one.progress.answered,
        one.progress.asked,
    )


def _issued_row(one: IssuedOnly) -> CandidateRow:
    return CandidateRow(
        f"/emis/{one.id}",
        one.latest.candidate,
        "",
        "",
        "au registre, sans fiche dans le dossier",
        "emise",
        f"{one.signed or 'émise'} v{one.latest.number}",
        1,
        1,
    )


#: In which order states come: what asks something of somebody first.
_STATES = {
    "a-corriger": 0,
    "en-cours": 1,
    "non-commencee": 2,
    "prete": 3,
    "remplacee": 4,
    "emise": 5,
}
_ORDERS: dict[str, Any] = {
    "nom": lambda row: folded(row.name),
    "entreprise": lambda row: (folded(row.company), folded(row.name)),
    "etat": lambda row: (_STATES.get(row.state, 9), row.answered, folded(row.name)),
    "fichier": lambda row: row.file.casefold(),
}


def _home(request: Request) -> Response:
    screen = screen_of(request)
    listing = screen.folder.listing(_READING)
    order = request.query_params.get("tri", "nom")
    rows = [_row(screen, one) for one in listing.candidates]
    rows += map(_issued_row, listing.issued_only)
    rows.sort(key=_ORDERS.get(order, _ORDERS["nom"]))
    output = screen.folder.output
    guides = [screen.folder.guide(one) for one in screen.folder.project.guide_ids()]
    return screen.page(
        "session.html",
        rows=rows,
        order=order if order in _ORDERS else "nom",
        states=Counter(row.state for row in rows),
        ready=_ready(listing),
        listing=listing,
        guides=sorted(guides, key=lambda one: one.id != DEFAULT_GUIDE),
        identity={one.id: identity_fields(one) for one in guides},
        production=screen.producer.last,
        files=[name for name in (REPORT, BUNDLE) if (output / name).is_file()],
    )


def _ready(listing: Listing) -> list[tuple[Guide, int]]:
    """The guides of which somebody is ready, and how many are."""
    counts: dict[str, tuple[Guide, int]] = {}
    for one in listing.candidates:
        if one.is_ready:
            counts[one.guide.id] = (one.guide, counts.get(one.guide.id, (one.guide, 0))[1] + 1)
    return list(counts.values())


def _new(request: Request, form: FormData) -> Response:
    screen = screen_of(request)
    guide = screen.folder.guide(str(form.get("guide", DEFAULT_GUIDE)))
    values = {
        one.id: " ".join(plain_text(str(form.get(one.id, ""))).split())
        for one in identity_fields(guide)
    }
    if not any(values.get(one) for one in guide.candidate):
        raise UsageError("le candidat n’a pas de nom.", remedy="Donnez au moins son nom.")
    answers = Answers({key: Answer(value) for key, value in values.items() if value})
    return redirect(new_fiche(screen, guide, answers))


def new_fiche(screen: Screen, guide: Guide, answers: Answers) -> str:
    """Write a fiche of its own name into the folder; gives its page."""
    stem = file_stem(*(answers.text(one) for one in guide.candidate))
    path = free_name(screen.folder.path, f"{stem}.xlsx")
    write_fiche(path, guide, answers, rooms=screen.folder.rooms(guide.id))
    return f"/fiche/{hashed(screen.folder.relative(path))}"


def free_name(folder: Path, name: str) -> Path:
    """The first of « NOM.xlsx », « NOM_2.xlsx »… that no file of the folder has."""
    path = folder / name
    for rank in range(2, 10_000):
        if not path.exists():
            return path
        path = folder / f"{Path(name).stem}_{rank}{Path(name).suffix}"
    raise OutputError("ce nom est pris trop de fois.", where=name, remedy="Rangez le dossier.")


def _produce(request: Request, form: FormData) -> Response:
    screen = screen_of(request)
    guide_id = screen.folder.guide(str(form.get("guide", DEFAULT_GUIDE))).id
    waiting = sorted(one.name for one in screen.folder.path.rglob(".*.attente.json"))
    if waiting:
        raise OutputError(
            f"des réponses attendent qu’Excel libère leur fiche ({len(waiting)}).",
            remedy="Fermez la fiche dans Excel, ouvrez-la à l’écran, puis recommencez.",
        )
    listing = screen.folder.listing()
    own = {one.path for one in listing.candidates if one.guide.id == guide_id}
    alone = all(one.guide.id == guide_id for one in listing.candidates)
    sources = (screen.folder.path,) if alone else tuple(sorted(own))
    screen.producer.start(guide_id, sources)
    return redirect("/production")


def _production(request: Request) -> Response:
    screen = screen_of(request)
    last = screen.producer.last
    if last is None:
        return redirect("/")
    return screen.page("production.html", **_told(screen, last))


def _told(screen: Screen, one: Production) -> dict[str, Any]:
    done = [_outcome(screen, outcome) for outcome in list(one.outcomes)]
    output = screen.folder.output
    return {
        "production": one,
        "missing": [told for told in done if not told["done"]],
        "issued": [told for told in done if told["done"]],
        "files": [name for name in (REPORT, BUNDLE) if one.ended and (output / name).is_file()],
    }


def _outcome(screen: Screen, one: Outcome) -> dict[str, Any]:
    source = Path(one.source)
    name = screen.folder.relative(source) if source.is_relative_to(screen.folder.path) else ""
    row = f"#{one.row}" if one.row else ""
    return {
        "done": one.state.done,
        "asks": one.state.failed,
        "name": one.candidate or source.name,
        "label": f"{one.label} v{one.version}" if one.version else one.label,
        "file": source.name + (f", ligne {one.row}" if one.row else ""),
        "href": f"/fiche/{hashed(name + row)}" if one.candidate else "",
        "told": [
            {"text": told.message, "remedy": told.remedy, "field": told.field, "where": told.where}
            for told in one.told[:_TOLD]
        ],
        "more": max(0, len(one.told) - _TOLD),
    }


def _progress(request: Request) -> Response:
    last = screen_of(request).producer.last
    if last is None:
        return JSONResponse({"ended": True})
    return JSONResponse(
        {
            "read": last.read_so_far,
            "total": last.total,
            "finished": last.finished,
            "ended": last.ended,
        }
    )


def _stop(request: Request) -> Response:
    last = screen_of(request).producer.last
    if last is not None:
        last.stop()
    return redirect("/production")


ROUTES = [
    Route("/", _home),
    Route("/nouvelle", posted(_new), methods=["POST"]),
    Route("/produire", posted(_produce), methods=["POST"]),
    Route("/production", _production),
    Route("/production/etat", _progress),
    Route("/production/arret", _stop, methods=["POST"]),
]
