"""One answer into its cell: joined with what changed in the file meanwhile, asked where both did.

Each edit says what the page showed before it. Where the file still says so, the cell is written,
and nothing else of the file; where it says otherwise, a person decides. While Excel holds the file
the answers wait beside it, in a file of their own, and are put in when it is free.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from cqp_forms import limits
from cqp_forms.answers import COMMENT, Value
from cqp_forms.app.folder import Folder, ListedCandidate, hashed
from cqp_forms.errors import CqpError, OutputError
from cqp_forms.files import Existing, save
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.issuing.version import answers_from_canonical
from cqp_forms.workbook.candidate import waiting_beside
from cqp_forms.workbook.patch import Place, set_cells
from cqp_forms.workbook.values import plain_text

#: An answer as JSON has it (:meth:`Answers.canonical`); ``None`` for none.
Plain = str | bool | None
#: What can be written in place.
_WRITABLE = frozenset({".xlsx", ".xlsm"})


@dataclass(frozen=True, slots=True)
class Edit:
    """An answer that was changed on a page.

    Attributes:
        key: the field's id; with :data:`COMMENT`, of its comment.
        before: what the page showed.
        after: what it is to be.
    """

    key: str
    before: Plain
    after: Plain


@dataclass(frozen=True, slots=True)
class Clash:
    """An answer that was changed on the page and, otherwise, in the file."""

    edit: Edit
    file: Plain


class Hold(Enum):
    """What to do while another program seems to have the file open."""

    RESPECT = "respect"
    IGNORE = "ignore"


@dataclass(frozen=True)
class Saved:
    """What became of some edits.

    Attributes:
        clashes: those that a person has to decide about; they wait beside the file too.
        waiting: those that wait beside the file.
    """

    clashes: tuple[Clash, ...] = ()
    waiting: tuple[Edit, ...] = ()


def who_is(candidate: ListedCandidate) -> str:
    """Tells candidates apart, in a page."""
    return hashed(candidate.key)


def is_writable(candidate: ListedCandidate) -> bool:
    """Whether the fiche's format can be changed in place."""
    return candidate.path.suffix.casefold() in _WRITABLE


def is_held(path: Path) -> bool:
    """Whether Excel or LibreOffice says, by a file beside it, that it has the workbook open."""
    owners = (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#"))
    return any(one.exists() for one in owners)


def waiting_edits(candidate: ListedCandidate) -> tuple[Edit, ...]:
    """The answers that wait beside a candidate's file.

    Raises:
        OutputError: the file that holds them cannot be read.
    """
    path = _beside(candidate)
    if not path.is_file():
        return ()
    try:
        if path.stat().st_size > limits.REQUEST_BYTES:
            raise ValueError("too large")
        found = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Edit(str(key), before, after) for key, before, after in found)
    except (OSError, ValueError, TypeError) as cause:
        raise OutputError(
            "les réponses en attente ne peuvent pas être lues.",
            where=str(path),
            remedy="Reportez-les à la main dans la fiche, puis supprimez ce fichier.",
        ) from cause


def save_edits(
    folder: Folder,
    candidate_id: str,
    who: str,
    edits: Sequence[Edit],
    hold: Hold = Hold.RESPECT,
) -> Saved:
    """Put answers into a candidate's file, those that wait beside it included.

    Args:
        who: :func:`who_is` of the candidate that the page shows: a row that was moved, or a file
            that was replaced, is another one's.
        edits: the newest of one key counts.
        hold: whether to keep them beside the file while another program has it open.

    Raises:
        OutputError: the candidate is gone, a field has no cell, a value is not admitted, or the
            file cannot be written; it is then as it was.
    """
    with folder.lock:
        candidate = folder.candidate(candidate_id)
        if candidate is None:
            raise _gone()
        if who_is(candidate) != who:
            raise OutputError(
                "un autre candidat est maintenant à cette place ; rien n’a été écrit.",
                where=candidate.path.name,
                remedy="Rechargez la page, ou revenez à la liste des candidats.",
            )
        wanted = _joined(candidate.guide, waiting_edits(candidate), edits)
        values = _values(candidate, wanted)
        canonical = candidate.answers.canonical()
        clashes = tuple(
            Clash(one, canonical.get(one.key))
            for one in wanted
            if canonical.get(one.key) not in (one.before, one.after)
        )
        todo = [one for one in wanted if one not in [clash.edit for clash in clashes]]
        undone = [one for one in todo if canonical.get(one.key) != one.after]
        if undone and hold is Hold.RESPECT and is_held(candidate.path):
            _keep(candidate, wanted)
            return Saved(clashes, tuple(undone))
        if undone and not _write(folder, candidate, undone, values):
            _keep(candidate, wanted)
            return Saved(clashes, tuple(undone))
        _keep(candidate, [clash.edit for clash in clashes])
        return Saved(clashes)


def _joined(guide: Guide, waiting: Sequence[Edit], edits: Sequence[Edit]) -> list[Edit]:
    """All edits, one a key: the first that is known of before, the last of after."""
    joined: dict[str, Edit] = {}
    for one in (*waiting, *(_normal(guide, edit) for edit in edits)):
        earlier = joined.get(one.key)
        kept = earlier is not None and one.before == earlier.after
        before = earlier.before if earlier is not None and kept else one.before
        joined[one.key] = Edit(one.key, before, one.after)
    return list(joined.values())


def _normal(guide: Guide, edit: Edit) -> Edit:
    """The edit with its text as reading it back gives it."""
    one = guide.fields.get(edit.key.removesuffix(COMMENT))
    if one is None or one.kind is FieldKind.SIGNATURE:
        raise OutputError(
            f"le champ « {edit.key} » n’existe pas dans ce guide.",
            remedy="Rechargez la page.",
        )
    after = edit.after
    if isinstance(after, str):
        after = plain_text(after) or None
        if one.kind is not FieldKind.LONG_TEXT and edit.key == one.id and after:
            after = " ".join(after.split("\n"))
    return Edit(edit.key, edit.before or None, after or None)


def _values(candidate: ListedCandidate, edits: Sequence[Edit]) -> dict[str, Value | None]:
    """What each key's cell is to hold, typed. Raises :class:`OutputError`: it is not admitted."""
    given = {one.key: one.after for one in edits if one.after is not None}
    try:
        typed = answers_from_canonical(candidate.guide, given, candidate.path.name)
    except CqpError as cause:
        raise OutputError(cause.message, where=cause.where, remedy=cause.remedy) from cause
    values: dict[str, Value | None] = {}
    for one in edits:
        if candidate.answers.place(one.key) is None:
            raise OutputError(
                f"« {one.key} » n’a pas de cellule dans ce classeur ; rien n’a été écrit.",
                where=candidate.path.name,
                remedy="Rétablissez sa ligne ou sa colonne (elle est dans une fiche neuve).",
            )
        field_id = one.key.removesuffix(COMMENT)
        is_comment = one.key != field_id
        value = typed.comment(field_id) or None if is_comment else typed.value(field_id)
        values[one.key] = value
    return values


def _write(
    folder: Folder,
    candidate: ListedCandidate,
    edits: Sequence[Edit],
    values: Mapping[str, Value | None],
) -> bool:
    """Change the file and read it back; ``False`` when another program keeps it."""
    if not is_writable(candidate):
        raise OutputError(
            "ce classeur ne peut pas être modifié ici : il n’est pas au format « .xlsx ».",
            where=candidate.path.name,
            remedy="Enregistrez-le au format « .xlsx » dans Excel ou LibreOffice.",
        )
    places = ((candidate.answers.place(one.key), values[one.key]) for one in edits)
    cells: dict[Place, Value | None] = {
        (place.sheet, place.cell): value for place, value in places if place is not None
    }
    try:
        former = candidate.path.read_bytes()
        save(candidate.path, set_cells(former, cells), Existing.REPLACE)
    except PermissionError:
        return False
    except OutputError as cause:
        if isinstance(cause.__cause__, PermissionError):
            return False
        raise
    expected = candidate.answers.canonical()
    for one in edits:
        expected.pop(one.key, None)
        if one.after is not None:
            expected[one.key] = one.after
    again = folder.candidate(candidate.id)
    if again is None or again.answers.canonical() != expected:
        save(candidate.path, former, Existing.REPLACE)
        raise OutputError(
            "la fiche relue ne dit pas ce qui a été répondu ; elle a été remise comme elle était.",
            where=candidate.path.name,
            remedy="Répondez dans Excel, ou reprenez une fiche neuve.",
        )
    return True


def _beside(candidate: ListedCandidate) -> Path:
    """The file of what waits; hidden, and never taken for a fiche."""
    return waiting_beside(candidate.path, candidate.read.row)


def _keep(candidate: ListedCandidate, edits: Iterable[Edit]) -> None:
    path = _beside(candidate)
    found = [[one.key, one.before, one.after] for one in edits]
    if found:
        save(path, json.dumps(found, ensure_ascii=False).encode(), Existing.REPLACE)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def drop_waiting(folder: Folder, candidate_id: str, keys: frozenset[str]) -> None:
    """Give up answers that wait: the file's were chosen."""
    with folder.lock:
        candidate = folder.candidate(candidate_id)
        if candidate is not None:
            _keep(candidate, [one for one in waiting_edits(candidate) if one.key not in keys])


def _gone() -> OutputError:
    return OutputError(
        "cette fiche n’est plus dans le dossier ; rien n’a été écrit.",
        remedy="Remettez-la, ou revenez à la liste des candidats.",
    )
