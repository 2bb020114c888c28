"""What is to be issued, decided before anything is stamped; and the making of its files.

A version's files are stamped, read back, compared and written under temporary names. The register
is not touched, so that a batch does it in worker processes while its own process alone enters
versions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path

from cqp_forms.answers import Answers
from cqp_forms.errors import DifferenceError
from cqp_forms.formats import PreparedBlank
from cqp_forms.guide import Guide
from cqp_forms.issuing import staging
from cqp_forms.issuing.history import Change, FileState
from cqp_forms.issuing.naming import Role, draft_path, issued_path
from cqp_forms.issuing.staging import Staged
from cqp_forms.issuing.version import IssuedFile, Version, ordered, payload, trail_of
from cqp_forms.mapping import Format
from cqp_forms.plan import Archive, Edition, Plan, Tick, Unsettled, make_plan
from cqp_forms.project import KeptBlank
from cqp_forms.rules import unsettled
from cqp_forms.shown import Difference, differences


class Embedding(Enum):
    """Whether a document carries its answers, so that a lost register can be made again."""

    ANSWERS = "answers"
    NOTHING = "nothing"


class Copies(Enum):
    """Whether a new version may say exactly what the one before says (``reissue --same``)."""

    REFUSED = "refused"
    WANTED = "wanted"


class LackingFormats(Enum):
    """What to do about a format that was asked for and that the version was not issued in."""

    TOLD = "told"
    ADDED = "added"


def pass_by(_step: str) -> None:
    """The checkpoint that does nothing."""


@dataclass(frozen=True)
class Settings:
    """What is the same for every candidate of a run.

    Attributes:
        guide: the guide.
        blanks: one prepared for each format to produce.
        program: the program's version, for the register.
        issuer: the operating system's user, for the register; may be empty.
        author: who issues, for the documents' metadata; may be empty.
        draw_code: gives the random id of a new version; ``None`` for documents without a code.
        archive: whether documents that last say so.
        checkpoint: called with the name of each step just before it; crash tests stop there.
        kept: those of the blanks that are to be kept where they are used.
    """

    guide: Guide
    blanks: tuple[PreparedBlank, ...]
    program: str
    issuer: str = ""
    author: str = ""
    embedding: Embedding = Embedding.ANSWERS
    checkpoint: Callable[[str], None] = pass_by
    draw_code: Callable[[], str] | None = None
    kept: tuple[KeptBlank, ...] = ()
    archive: Archive = Archive.SILENT


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """One version to make; can be sent to another process.

    Attributes:
        version: without files; number 0 for a draft.
        previous: the version that it replaces, if any.
        changes: what differs from it.
        adds: the formats to add to a version that was issued before; empty for a new version.
        added_at: when they are added, aware.
    """

    answers: Answers
    version: Version
    previous: Version | None = None
    changes: tuple[Change, ...] = ()
    adds: tuple[Format, ...] = ()
    added_at: datetime | None = None

    @property
    def is_draft(self) -> bool:
        """Whether it is only a try."""
        return self.version.number == 0


@dataclass(frozen=True, slots=True)
class Issued:
    """A version that has just been issued, or a draft that has just been written.

    Attributes:
        version: with all its files.
        added: those that were added to a version issued before; empty for a new version.
        ticks: how many boxes are ticked, all of them read back.
        texts: how many areas hold text, all of them read back.
        changes: what differs from the version before.
    """

    version: Version
    ticks: int
    texts: int
    changes: tuple[Change, ...] = ()
    added: tuple[IssuedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class AlreadyIssued:
    """The same answers were issued before: nothing was written.

    Attributes:
        version: the version that stands.
        files: its files, and whether they are still as issued.
    """

    version: Version
    files: tuple[FileState, ...]

    def lacks(self, formats: tuple[Format, ...]) -> tuple[Format, ...]:
        """Which of the formats asked for the version was never issued in."""
        have = {one.role for one in self.version.files}
        return tuple(one for one in formats if Role(one.value) not in have)


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
        sure = plan.without(blank.pending)
        content = _stamped(settings, request, blank, sure, known)
        settings.checkpoint(f"read {blank.format}")
        _prove(blank, sure, content)
        content = blank.mark(content)
        contents[Role(blank.format)] = content
        files.append(_file(settings, request, Role(blank.format), content, blank))
    put = plan.without(frozenset().union(*(blank.pending for blank in settings.blanks)))
    tally = (
        sum(tick is Tick.ON for tick in put.ticks.values()),
        sum(bool(text) for text in put.texts.values()),
    )
    version = replace(request.version, files=ordered(files))
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
            replace(trail_of(version, previous), blank=blank.blank_sha256),
            title=settings.guide.document_title(version.candidate),
            issued_at=version.issued_at,
            author=settings.author,
            payload=embedded if settings.embedding is Embedding.ANSWERS else None,
            archive=settings.archive,
            unsettled=_unsettled(settings, request, blank),
        ),
    )


def _unsettled(
    settings: Settings, request: IssueRequest, blank: PreparedBlank
) -> tuple[Unsettled, ...]:
    """What a draft marks: none where it embeds nothing, since it cannot be made again then.

    A document shows NA as NON: what the rules say of it is known from the answers alone.
    """
    if not request.is_draft or settings.embedding is Embedding.NOTHING:
        return ()
    return unsettled(settings.guide, request.answers, blank.pending)


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
