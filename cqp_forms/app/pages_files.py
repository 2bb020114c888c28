"""Files that come in by a drop, and the files of the folder that go out."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from cqp_forms import limits
from cqp_forms.app.folder import Folder, hashed
from cqp_forms.app.pages_received import SUFFIXES, keep
from cqp_forms.app.pages_session import free_name
from cqp_forms.app.production import BUNDLE
from cqp_forms.app.web import Screen, redirect, screen_of
from cqp_forms.batch.sources import READ, REPORT
from cqp_forms.errors import AnswersError, CqpError, UsageError
from cqp_forms.files import Existing, save
from cqp_forms.project import DEFAULT_GUIDE
from cqp_forms.workbook.opening import guide_of
from cqp_forms.workbook.read import read_workbook

#: What Windows takes for a device, whatever its extension.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST = 100


@dataclass(frozen=True)
class Received:
    """What became of a file that was dropped.

    Attributes:
        href: the page to go on with; empty when there is none.
        trouble: why it was not taken, and what to do; empty when it was.
    """

    name: str
    said: str = ""
    href: str = ""
    trouble: str = ""
    remedy: str = ""


def safe_name(given: str) -> str:
    """A file name of this folder from what a browser calls a file: never a path, never hidden."""
    last = re.split(r"[\\/]", given)[-1]
    kept = re.sub(r"[^\w .()+-]", "_", last).strip(" .")
    stem, suffix = Path(kept).stem[:_LONGEST].strip(" .~$"), Path(kept).suffix.casefold()
    if not stem or _DEVICES.match(stem):
        stem = f"fiche_{stem}"
    return stem + suffix


async def _upload(request: Request) -> Response:
    screen = screen_of(request)
    async with request.form(max_files=limits.UPLOADS, max_fields=10) as form:
        files = [one for one in form.getlist("fichiers") if isinstance(one, UploadFile)]
        received = [
            await run_in_threadpool(_received, screen.folder, one.filename or "", await one.read())
            for one in files
            if one.filename
        ]
    if len(received) == 1 and received[0].href:
        return redirect(received[0].href)
    return screen.page("depose.html", received=received)


def _received(folder: Folder, given: str, content: bytes) -> Received:
    name = safe_name(given)
    suffix = Path(name).suffix
    try:
        if suffix in READ:
            return _workbook(folder, name, content)
        if suffix.lstrip(".") in SUFFIXES:
            return Received(name, "à relire", f"/recu/{keep(folder, suffix, content)}")
    except CqpError as error:
        return Received(name, trouble=error.message, remedy=error.remedy)
    return Received(
        name,
        trouble="ce fichier n’est ni une fiche ni un guide.",
        remedy="Déposez un classeur Excel (.xlsx), ou un guide en Word (.docx) ou en PDF.",
    )


def _workbook(folder: Folder, name: str, content: bytes) -> Received:
    """Take a fiche or a lot in, if it can be read."""
    if len(content) > limits.WORKBOOK_BYTES:
        raise UsageError(
            "ce classeur est trop gros.", remedy="Une fiche fait moins d’un mégaoctet."
        )
    with folder.lock:
        same = _same(folder, name, content)
        if same is not None:
            return Received(name, "est déjà dans le dossier", _page_of(folder, same))
        temporary = folder.path / f".depot-{secrets.token_hex(4)}{Path(name).suffix}"
        try:
            save(temporary, content, Existing.REFUSE)
            count = _candidates(folder, temporary)
            path = free_name(folder.path, name)
            save(path, content, Existing.REFUSE)
        finally:
            temporary.unlink(missing_ok=True)
    said = f"ajouté : {count} candidats" if count > 1 else "ajouté"
    renamed = f", sous le nom {path.name} (l’autre nom était pris)" if path.name != name else ""
    return Received(name, said + renamed, _page_of(folder, path) if count == 1 else "")


def _same(folder: Folder, name: str, content: bytes) -> Path | None:
    """The file of that name, if it holds just that already."""
    path = folder.path / name
    if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
        return path
    return None


def _candidates(folder: Folder, path: Path) -> int:
    """How many candidates a workbook gives. Raises :class:`AnswersError`: none."""
    guide = folder.guide(guide_of(path) or DEFAULT_GUIDE)
    count = sum(1 for _ in read_workbook(path, guide, folder.project.known_guides))
    if not count:
        raise AnswersError(
            "il n’y a aucun candidat dans ce classeur.",
            remedy="Vérifiez que c’est le bon fichier, et que ses lignes sont remplies.",
        )
    return count


def _page_of(folder: Folder, path: Path) -> str:
    return f"/fiche/{hashed(folder.relative(path))}"


def _download(request: Request) -> Response:
    """The report or the bundle: no other name is known here."""
    screen: Screen = screen_of(request)
    path = screen.folder.output / request.path_params["name"]
    if request.path_params["name"] not in (REPORT, BUNDLE) or not path.is_file():
        raise HTTPException(404, "Ce fichier n’est plus dans le dossier.")
    return FileResponse(path, filename=path.name)


ROUTES = [
    Route("/deposer", _upload, methods=["POST"]),
    Route("/fichier/{name}", _download),
]
