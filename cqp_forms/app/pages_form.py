"""A form of one's own: dropped, placed on its pages, tried, saved; no YAML is seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cqp_forms.app import form_trial, own_forms
from cqp_forms.app.form_pages import FormPages, drawn_places, drawn_rect, pages_of, sizes_of
from cqp_forms.app.guard import FORM_PATH
from cqp_forms.app.own_forms import OwnForm, OwnForms
from cqp_forms.app.pages_files import safe_name
from cqp_forms.app.preview import PagePlace, picture_of
from cqp_forms.app.web import posted, redirect, screen_of
from cqp_forms.errors import CqpError, UsageError
from cqp_forms.formats import format_of
from cqp_forms.guide import Box, DatePart, FieldKind, Placement, PlacementKind
from cqp_forms.guide_edit import ADDED_KINDS, AREA_KINDS, FieldWords, GuideWords
from cqp_forms.project import DEFAULT_GUIDE
from cqp_forms.workbook.values import plain_text

#: A form of some hundred questions has four inputs each.
_INPUTS = 20_000
#: What a person calls the kinds of answers.
KINDS = {
    FieldKind.TICK: "case à cocher",
    FieldKind.TEXT: "texte court",
    FieldKind.LONG_TEXT: "texte long",
    FieldKind.DATE: "date",
    FieldKind.SIGNATURE: "signature",
    FieldKind.CHOICE: "choix",
}
#: What a person calls the boxes of a criterion and a result, and the parts of a date.
_BOXES: dict[str | None, str] = {
    Box.OUI: "OUI",
    Box.NON: "NON",
    Box.MASTERED: "maîtrisée",
    Box.NOT_MASTERED: "non maîtrisée",
    DatePart.DAY: "jour",
    DatePart.MONTH: "mois",
    DatePart.YEAR: "année",
}


@dataclass(frozen=True)
class PlaceRow:
    """A placement in the list.

    Attributes:
        number: of the place it is at, 0 where it is at none, or at one that was drawn.
        others: the numbers of the other places that it may be.
        state: ``todo``, ``doubt`` or ``sure``.
    """

    key: str
    place: Placement
    label: str
    group: str
    number: int
    others: tuple[int, ...]
    reason: str
    state: str
    drawn: bool

    @property
    def is_box(self) -> bool:
        """Whether a tick box is wanted."""
        return self.place.kind is PlacementKind.TICK_BOX


def _rows(form: OwnForm) -> list[PlaceRow]:
    numbers, rows = form.numbers, []
    for key, place in form.guide.placements.items():
        one = form.mapping.locators.get(key)
        number = numbers.get(key, 0)
        others = tuple(other for other in one.candidates if other != number) if one else ()
        state = "todo" if one is None else "sure" if one.confirmed else "doubt"
        field = form.guide.fields[place.field_id]
        label = form.guide.wording_of(place)
        if named := _BOXES.get(place.part if field.split else place.box):
            label = label if field.options else f"{label} – {named}"
        reason = one.reason if one and state == "doubt" else ""
        drawn = one is not None and not number
        rows.append(
            PlaceRow(key, place, label, field.context, number, others, reason, state, drawn)
        )
    return rows


def _forms(request: Request) -> OwnForms:
    return screen_of(request).forms


def _opened(request: Request) -> OwnForm:
    return _forms(request).open(request.path_params["name"])


def _all(request: Request) -> Response:
    screen = screen_of(request)
    guides = [screen.folder.guide(one) for one in screen.folder.project.guide_ids()]
    shelf = screen.forms.shelf()
    return screen.page(
        "formulaires.html",
        waiting=[one for one in shelf.values() if isinstance(one, OwnForm)],
        damaged={key: one for key, one in shelf.items() if isinstance(one, CqpError)},
        guides=sorted(guides, key=lambda one: one.id != DEFAULT_GUIDE),
        formats={one.id: screen.folder.project.formats(one) for one in guides},
    )


async def _take(request: Request) -> Response:
    screen = screen_of(request)
    async with request.form(max_files=1, max_fields=5) as form:
        file = form.get("formulaire")
        if not isinstance(file, UploadFile) or not file.filename:
            raise UsageError("aucun formulaire n’est arrivé.", remedy="Choisissez un fichier.")
        content = await file.read()
        name = safe_name(file.filename)
        guide_id, title = str(form.get("guide", "")), plain_text(str(form.get("titre", "")))
    key = await run_in_threadpool(screen.forms.start, name, content, guide_id, title)
    return redirect(f"/formulaire/{key}")


def _page(request: Request) -> Response:
    screen = screen_of(request)
    form, pages = _with_pages(request)
    rows = _rows(form)
    spots: dict[int, list[tuple[int, PagePlace]]] = {}
    for number, place in pages.spots.items():
        spots.setdefault(place.page, []).append((number, place))
    drawn: dict[int, list[tuple[str, PagePlace]]] = {}
    for key, place in drawn_places(form, pages).items():
        drawn.setdefault(place.page, []).append((key, place))
    by_number = {one.number: one for one in rows if one.number}
    known = {one.number: one for one in form.form.found if not one.unfillable}
    return screen.page(
        "formulaire.html",
        form=form,
        pages=pages,
        rows=rows,
        todo=[one for one in rows if one.state == "todo"],
        doubts=[one for one in rows if one.state == "doubt"],
        sure=[one for one in rows if one.state == "sure"],
        by_number=by_number,
        known=known,
        unseen={key: one for key, one in known.items() if key not in pages.spots},
        spots=spots,
        drawn=drawn,
        closed=form.form.closed,
        problems=[] if form.waiting else form.problems(),
        groups=_groups(form),
        kinds={one.value: KINDS[one] for one in ADDED_KINDS},
        lost=request.query_params.get("cede", ""),
        following=request.query_params.get("suite", ""),
    )


def _groups(form: OwnForm) -> list[str]:
    return [group.title for section in form.guide.sections for group in section.groups]


def _with_pages(request: Request) -> tuple[OwnForm, FormPages]:
    form = _opened(request)
    pages = screen_of(request).forms.pages
    if form.name not in pages:
        pages.clear()  # one form is looked at at a time
        pages[form.name] = pages_of(form)
    return form, pages[form.name]


def _picture(request: Request) -> Response:
    _, pages = _with_pages(request)
    return Response(pages.picture(request.path_params["number"]), media_type="image/png")


def _decided(request: Request, sent: FormData) -> Response:
    """One thing that a person says of a place."""
    forms, form = _forms(request), _opened(request)
    key = str(sent.get("cle", ""))
    lost: tuple[str, ...] = ()
    match str(sent.get("action", "")):
        case "placer":
            form, lost = own_forms.placed(form, key, _whole(sent, "numero"))
        case "enlever":
            form, _ = own_forms.placed(form, key, None)
        case "confirmer":
            form = own_forms.accepted(form, [key])
        case "tout":
            form = own_forms.accepted(form, form.mapping.unconfirmed)
        case "dessiner":
            _, pages = _with_pages(request)
            shares = _share(sent, "x"), _share(sent, "y"), _share(sent, "l"), _share(sent, "h")
            page = _whole(sent, "page")
            form = own_forms.drawn(form, key, page, drawn_rect(pages, page, shares))
        case "ajouter":
            kind = next((one for one in FieldKind if one == sent.get("nature")), FieldKind.CHOICE)
            label = plain_text(str(sent.get("libelle", "")))
            form, key = own_forms.added(form, _whole(sent, "groupe"), kind, label)
        case _:
            raise UsageError("cette demande n’est pas comprise.", remedy="Rechargez la page.")
    forms.keep(form)
    told = {"suite": _next(form, key)} | ({"cede": lost[0]} if lost else {})
    return redirect(f"/formulaire/{form.name}?{urlencode(told)}")


def _next(form: OwnForm, key: str) -> str:
    """Where to go on: the next placement that waits, else the one that was dealt with."""
    order, waiting = list(form.guide.placements), form.waiting
    rank = order.index(key) if key in order else 0
    following = [one for one in waiting if order.index(one) >= rank]
    return (following or list(waiting) or [key])[0]


def _whole(sent: FormData, name: str) -> int:
    text = str(sent.get(name, "")).strip().removeprefix("n°").strip()
    if not re.fullmatch("0|[1-9][0-9]{0,5}", text) or (name, text) == ("numero", "0"):
        raise UsageError(
            "ce numéro n’en est pas un.",
            remedy="Les numéros sont ceux des pages, comme 37.",
        )
    return int(text)


def _share(sent: FormData, name: str) -> float:
    try:
        value = float(str(sent.get(name, "")))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UsageError("ce rectangle n’est pas sur la page.", remedy="Tracez-le de nouveau.")
    return value


def _questions(request: Request) -> Response:
    form = _opened(request)
    if not form.is_new:
        return redirect(f"/formulaire/{form.name}")
    return screen_of(request).page(
        "questions.html",
        form=form,
        kinds=KINDS,
        areas=AREA_KINDS,
        numbers=form.numbers,
    )


def _reworded(request: Request, sent: FormData) -> Response:
    forms, form = _forms(request), _opened(request)
    form = own_forms.renamed(form, _words(form, sent))
    asked = str(sent.get("retirer", ""))
    if asked in form.guide.fields:
        form = own_forms.removed(form, asked)
    forms.keep(form)
    where = "/questions" if asked else ""
    return redirect(f"/formulaire/{form.name}{where}")


def _words(form: OwnForm, sent: FormData) -> GuideWords:
    def said(name: str) -> str:
        return " ".join(plain_text(str(sent.get(name, ""))).split())

    fields = {}
    for one in form.guide.fields.values():
        if f"libelle-{one.id}" not in sent:
            continue
        kind = next((each for each in AREA_KINDS if each == sent.get(f"nature-{one.id}")), None)
        options = {str(each): said(f"option-{one.id}.{each}") for each in one.options}
        required = bool(sent.get(f"exigee-{one.id}"))
        fields[one.id] = FieldWords(said(f"libelle-{one.id}"), kind, required, options)
    groups = [said(f"groupe-{rank}") for rank, _ in enumerate(_groups(form))]
    named = [str(sent.get("nom", "")), str(sent.get("prenom", ""))]
    candidate = list(dict.fromkeys(one for one in named if one in form.guide.fields))
    return GuideWords(said("titre"), groups, fields, candidate)


def _try(request: Request) -> Response:
    form = _opened(request)
    trouble: CqpError | None = None
    sizes: tuple[tuple[float, float], ...] = ()
    try:
        sizes = sizes_of(_tried(request, form))
    except CqpError as error:
        trouble = error
    return screen_of(request).page("essai.html", form=form, sizes=sizes, trouble=trouble)


def _tried(request: Request, form: OwnForm) -> bytes:
    """The pages of the form filled with an example; empty where it cannot be laid out."""
    screen = screen_of(request)
    key = (
        f"{form.name} {hash((form.guide_text, form.mapping.todo, *form.mapping.locators.items()))}"
    )
    if key not in screen.forms.tried:
        with screen.folder.stamping:
            content = form_trial.tried(form, screen.folder.now())
        screen.forms.tried.clear()
        laid = format_of(form.form.kind).laid_out(content) or b""
        screen.forms.tried[key] = (content, laid)
    return screen.forms.tried[key][1]


def _try_picture(request: Request) -> Response:
    laid = _tried(request, _opened(request))
    return Response(picture_of(laid, request.path_params["number"]), media_type="image/png")


def _try_document(request: Request) -> Response:
    form = _opened(request)
    _tried(request, form)
    ((content, _),) = screen_of(request).forms.tried.values()
    name = f"essai-{form.guide.id}.{form.form.kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _finished(request: Request) -> Response:
    screen, form = screen_of(request), _opened(request)
    files = screen.forms.finish(form)
    screen.previews.forget(form.guide.id)
    root = screen.folder.project_folder
    names = [one.relative_to(root).as_posix() for one in files]
    return screen.page("enregistre.html", form=form, names=names, root=root)


def _drop(request: Request) -> Response:
    _forms(request).drop(request.path_params["name"])
    return redirect("/formulaires")


ROUTES = [
    Route("/formulaires", _all),
    Route(FORM_PATH, _take, methods=["POST"]),
    Route("/formulaire/{name}", _page),
    Route("/formulaire/{name}", posted(_decided, _INPUTS), methods=["POST"]),
    Route("/formulaire/{name}/page/{number:int}.png", _picture),
    Route("/formulaire/{name}/questions", _questions),
    Route("/formulaire/{name}/questions", posted(_reworded, _INPUTS), methods=["POST"]),
    Route("/formulaire/{name}/essai", _try),
    Route("/formulaire/{name}/essai/{number:int}.png", _try_picture),
    Route("/formulaire/{name}/essai/document", _try_document),
    Route("/formulaire/{name}/enregistrer", _finished, methods=["POST"]),
    Route("/formulaire/{name}/oublier", _drop, methods=["POST"]),
]
