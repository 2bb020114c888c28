"""Make a version's files: stamp, read back, compare, and write under temporary names.

Nothing here touches the register, so that a batch does it in worker processes while its own process
alone enters versions.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from cqp_forms.errors import DifferenceError
from cqp_forms.formats import PreparedBlank
from cqp_forms.issuing import staging, version_notes
from cqp_forms.issuing.naming import Role, draft_path, issued_path
from cqp_forms.issuing.request import Embedding, IssueRequest, Settings
from cqp_forms.issuing.staging import Staged
from cqp_forms.issuing.version import IssuedFile, payload
from cqp_forms.plan import Edition, Plan, Tick, make_plan
from cqp_forms.shown import Difference, differences


def make_files(settings: Settings, request: IssueRequest, session_folder: Path) -> Staged:
    """Make all the files of one version, proved against the plan.

    Args:
        settings: the run's.
        request: what :class:`Issuer` decided.
        session_folder: the issuer's; files wait there for their names.

    Returns:
        What :meth:`Issuer.release` needs; small, and can be sent to another process.

    Raises:
        DifferenceError: a document does not show what it should; no file is left.
        OutputError: the files cannot be written; none is left.
    """
    plan = make_plan(settings.guide, request.answers)
    contents: dict[Role, bytes] = {}
    if request.previous is not None and not request.adds:
        contents[Role.CHANGES] = _changes(settings, request)
    files = [_file(settings, request, role, content) for role, content in contents.items()]
    # What is added to a version names the list of changes that the version has already.
    known = list(request.version.files) or files
    for blank in settings.blanks:
        if request.adds and blank.format not in request.adds:
            continue
        settings.checkpoint(f"stamp {blank.format}")
        content = _stamped(settings, request, blank, plan, known)
        settings.checkpoint(f"read {blank.format}")
        _prove(blank, plan, content)
        contents[Role(blank.format)] = content
        files.append(_file(settings, request, Role(blank.format), content, blank))
    files.sort(key=lambda one: list(Role).index(one.role))
    tally = (
        sum(tick is Tick.ON for tick in plan.ticks.values()),
        sum(bool(text) for text in plan.texts.values()),
    )
    version = replace(request.version, files=tuple(files))
    return staging.stage(session_folder, version, contents, tally, settings.checkpoint)


def _changes(settings: Settings, request: IssueRequest) -> bytes:
    # reportlab takes a tenth of a second to import: only a corrected version pays for it.
    from cqp_forms.issuing.changes_pdf import changes_pdf

    assert request.previous is not None
    return changes_pdf(settings.guide, request.previous, request.version, request.changes)


def _stamped(
    settings: Settings,
    request: IssueRequest,
    blank: PreparedBlank,
    plan: Plan,
    files: list[IssuedFile],
) -> bytes:
    version, previous = request.version, request.previous
    changes = next((one.sha256 for one in files if one.role is Role.CHANGES), "")
    embedded = payload(version, blank.blank_sha256, blank.mapping_sha256, changes)
    return blank.stamper.stamp(
        plan,
        Edition.of(
            version_notes.trail_of(version, previous),
            title=settings.guide.document_title(version.candidate),
            issued_at=version.issued_at,
            author=settings.author,
            payload=embedded if settings.embedding is Embedding.ANSWERS else None,
        ),
    )


def _file(
    settings: Settings,
    request: IssueRequest,
    role: Role,
    content: bytes,
    blank: PreparedBlank | None = None,
) -> IssuedFile:
    version = request.version
    path = (
        draft_path(settings.guide, version.folder, role)
        if request.is_draft
        else issued_path(settings.guide, version.folder, version.number, role)
    )
    return IssuedFile(
        role=role,
        path=path,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        blank_sha256=blank.blank_sha256 if blank else "",
        mapping_sha256=blank.mapping_sha256 if blank else "",
        added_at=request.added_at.isoformat() if request.added_at else "",
    )


def _prove(blank: PreparedBlank, plan: Plan, content: bytes) -> None:
    found = differences(plan, blank.read(content))
    if found:
        raise DifferenceError(
            f"le document {blank.format.upper()} relu ne dit pas ce que dit la fiche : "
            f"{len(found)} différence{'s' if len(found) > 1 else ''} "
            f"({' ; '.join(_told(one) for one in found[:3])}). "
            "Aucun fichier n’a été écrit.",
            remedy="Vérifiez la correspondance : cqp-forms map DOCUMENT --check CORRESPONDANCE.",
        )


def _told(one: Difference) -> str:
    where = f", {one.place}" if one.place else ""
    return (
        f"{one.placement}{where} : attendu « {_short(one.expected)} », lu « {_short(one.shown)} »"
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
