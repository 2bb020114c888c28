"""A guide that comes back, corrected in Word or filled in a viewer: what it says, and what it may.

It is read as ``extract`` reads it. What is in doubt is shown beside the picture of its page, and
stays empty unless a person decides. The document waits in the folder, so that a page that is
loaded again reads it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cqp_forms import __version__, limits
from cqp_forms.answers import Answers
from cqp_forms.app.folder import Folder, ListedCandidate, issued_id
from cqp_forms.app.form_pages import commented
from cqp_forms.app.pages_session import new_fiche
from cqp_forms.app.preview import PagePlace
from cqp_forms.app.saving import Edit, is_writable, save_edits, who_is
from cqp_forms.app.web import Screen, posted, redirect, screen_of
from cqp_forms.errors import CqpError, DocumentError, UsageError
from cqp_forms.examine import OpenedSource, Run
from cqp_forms.files import Existing, save
from cqp_forms.findings import Finding, errors
from cqp_forms.guide import Field, FieldKind
from cqp_forms.issuing.history import changes
from cqp_forms.issuing.naming import Role, person
from cqp_forms.issuing.register import REGISTER, Access, Register
from cqp_forms.issuing.signed import Archivist, area_title
from cqp_forms.issuing.version import answers_from_canonical
from cqp_forms.mapping import Detected, Locator
from cqp_forms.workbook.values import plain_text

if TYPE_CHECKING:
    from cqp_forms.returns import Returned

#: The extensions of guides that are read back.
SUFFIXES = frozenset({"docx", "pdf"})
#: Where documents wait; hidden, and never taken for issued ones.
KEPT = ".recus"


@dataclass(frozen=True)
class Doubt:
    """A field of the document that nobody can be sure of."""

    finding: Finding
    field: Field
    spot: PagePlace | None


def keep(folder: Folder, suffix: str, content: bytes) -> str:
    """Keep a document until it is dealt with; gives what pages call it.

    Raises:
        UsageError: it is too large.
    """
    if len(content) > limits.FILE_BYTES:
        raise UsageError("ce document est trop gros.", remedy="Déposez un guide rempli.")
    name = f"{hashlib.sha256(content).hexdigest()[:24]}{suffix}"
    path = folder.path / KEPT / name
    if not path.is_file():
        save(path, content, Existing.REPLACE)
    return name


def _path(screen: Screen, name: str) -> Path:
    """The document of that name: looked up among those that are there."""
    folder = screen.folder.path / KEPT
    found = {one.name: one for one in folder.iterdir()} if folder.is_dir() else {}
    if name not in found or not found[name].is_file():
        raise HTTPException(404, "Ce document n’attend plus : déposez-le de nouveau.")
    return found[name]


def _examined(screen: Screen, name: str) -> OpenedSource:
    """What the document says; a document is examined once. Raises as :meth:`Run.open`."""
    path = _path(screen, name)
    if name not in screen.examined:
        try:
            with screen.folder.stamping:
                (source,) = Run(screen.folder.project).open(path)
        except CqpError as error:
            error.where = ""  # the name under which it waited says nothing to anybody
            path.unlink(missing_ok=True)
            raise
        if source.document is None:
            raise DocumentError(
                "c’est une fiche, pas un guide.", remedy="Donnez-lui un nom en « .xlsx »."
            )
        screen.examined[name] = source
    return screen.examined[name]


def _doubts(
    screen: Screen, name: str, source: OpenedSource, findings: tuple[Finding, ...]
) -> list[Doubt]:
    in_doubt = {one.field: one for one in reversed(errors(findings))}
    spots = _spots(screen, name, source) if in_doubt else {}
    return [
        Doubt(in_doubt[one.id], one, spots.get(one.id))
        for one in source.guide.fields.values()
        if one.id in in_doubt and one.kind is not FieldKind.SIGNATURE
    ]


def _spots(screen: Screen, name: str, source: OpenedSource) -> dict[str, PagePlace]:
    """Where the first place of each field is on the document's pages, as far as it has them."""
    document = source.document
    if document is None:
        return {}
    if Role(source.kind) is Role.PDF:
        return screen.previews.spots(source.guide) if _has_all_pages(screen, source) else {}
    if name not in screen.laid_out:
        screen.laid_out.clear()  # one document is looked at at a time
        places = source.guide.placements
        locators: Mapping[str, Locator] = document.blank.mapping.locators
        found = tuple(
            Detected(places[key].kind, one, order=order)
            for order, (key, one) in enumerate(locators.items())
        )
        screen.laid_out[name] = commented(document.blank.format, document.content, found)
    spots = screen.laid_out[name].spots
    fields: dict[str, PagePlace] = {}
    for order, key in enumerate(document.blank.mapping.locators):
        if order + 1 in spots:
            fields.setdefault(source.guide.placements[key].field_id, spots[order + 1])
    return fields


def _has_all_pages(screen: Screen, source: OpenedSource) -> bool:
    """Whether a field is on the page of its number: not where pages were added or are gone."""
    document = source.document
    if document is None or Role(source.kind) is not Role.PDF:
        return False
    count = screen.previews.count
    return count(document.content) == count(document.blank.content)


def _known(screen: Screen, source: OpenedSource, answers: Answers) -> ListedCandidate | None:
    """The fiche of the same candidate, if the folder has just one that can be changed."""
    key = person(source.guide, answers).key
    found = [
        one
        for one in screen.folder.listing().candidates
        if (one.guide.id, one.key) == (source.guide.id, key) and is_writable(one)
    ]
    return found[0] if len(found) == 1 else None


def _page(request: Request) -> Response:
    screen, name = screen_of(request), request.path_params["name"]
    source = _examined(screen, name)
    answers, findings = source.restored()
    doubts = _doubts(screen, name, source, findings)
    asked = {one.field.id for one in doubts}
    known = _known(screen, source, answers)
    carried = source.document.carried if source.document else None
    return screen.page(
        "recu.html",
        name=name,
        source=source,
        who=person(source.guide, answers).name,
        version=carried.version.number if carried else 0,
        count=len(answers),
        doubts=doubts,
        others=[one for one in findings if one.field not in asked],
        known=known,
        known_file=screen.folder.relative(known.path) if known else "",
        changes=changes(source.guide, known.answers, answers) if known else (),
        # A copy comes back to the register that issued it.
        returnable=Role(source.kind) is Role.PDF and (screen.folder.output / REGISTER).is_file(),
    )


def _picture(request: Request) -> Response:
    screen, name = screen_of(request), request.path_params["name"]
    content, number = _path(screen, name).read_bytes(), request.path_params["number"]
    if name in screen.laid_out:
        page = screen.laid_out[name].picture(number)
    else:
        page = screen.previews.page(content, number)
    return Response(page, media_type="image/png")


def _accept(request: Request, form: FormData) -> Response:
    """Write what was read and decided into a fiche, and go to its page."""
    screen, name = screen_of(request), request.path_params["name"]
    source = _examined(screen, name)
    answers, findings = source.restored()
    decided = {
        one.field.id: value
        for one in _doubts(screen, name, source, findings)
        if (value := _decision(one.field, form)) is not None
    }
    plain = answers.canonical() | decided
    made = answers_from_canonical(source.guide, plain, name)
    known = _known(screen, source, answers)
    if known is not None and form.get("dans") == known.id:
        _put_into(screen, known, plain)
        href = f"/fiche/{known.id}/controle"
    else:
        href = f"{new_fiche(screen, source.guide, made)}/controle"
    screen.examined.pop(name, None)
    _path(screen, name).unlink(missing_ok=True)
    return redirect(href)


def _decision(field: Field, form: FormData) -> str | bool | None:
    value = plain_text(str(form.get(field.id, "")))
    if not value:
        return None
    return True if field.kind is FieldKind.TICK else value


def _put_into(screen: Screen, known: ListedCandidate, plain: Mapping[str, Any]) -> None:
    """Change what differs in a fiche that is there."""
    before = known.answers.canonical()
    edits = [
        Edit(key, before.get(key), plain.get(key))
        for key in sorted(before.keys() | plain.keys())
        if before.get(key) != plain.get(key)
    ]
    save_edits(screen.folder, known.id, who_is(known), edits)


def _taken_back(request: Request) -> Response:
    """Enter a signed copy, as ``return`` does; gives the page that says what became of it."""
    from cqp_forms.returns import Returns

    screen, name = screen_of(request), request.path_params["name"]
    path, folder = _path(screen, name), screen.folder
    # Reading alone says that there is no register; writing would make one.
    Register.open(folder.output, Access.READ).close()
    with folder.lock, folder.stamping, Register.open(folder.output, Access.WRITE) as register:
        archivist = Archivist(folder.output, register, folder.now(), __version__, folder.user)
        one = Returns(Run(folder.project), folder.guide, archivist).take(path)
    if one.copy is not None:
        screen.examined.pop(name, None)
        path.unlink(missing_ok=True)
    return screen.page("signe.html", one=one, **_told_of(screen, one))


def _told_of(screen: Screen, one: Returned) -> dict[str, Any]:
    """What the page says of a copy: who signed where, and what is still to be signed."""
    from cqp_forms.returns import said_of

    if one.version is None:
        return {"signed": [], "missing": [], "href": "/"}
    guide = screen.folder.guide(one.version.guide)
    return {
        "signed": [(area_title(guide, each.area), said_of(each)) for each in one.signatures],
        "missing": [area_title(guide, each) for each in one.missing],
        "href": f"/emis/{issued_id(one.version.guide, one.version.key)}",
    }


ROUTES = [
    Route("/recu/{name}/signe", _taken_back, methods=["POST"]),
    Route("/recu/{name}", _page),
    Route("/recu/{name}", posted(_accept), methods=["POST"]),
    Route("/recu/{name}/page/{number:int}.png", _picture),
]
