"""Open a fiche or a document, and say what answers it gives."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cqp_forms.alterations import OwnMarks
from cqp_forms.answers import Answers
from cqp_forms.errors import AnswersError, CqpError, DocumentError, UsageError
from cqp_forms.examining.kind import Kind, kind_of
from cqp_forms.findings import Finding, errors
from cqp_forms.formats import format_of
from cqp_forms.guide import Guide
from cqp_forms.issuing.canonical import answers_from_canonical
from cqp_forms.issuing.version import Carried, parse_payload
from cqp_forms.mapping import Format
from cqp_forms.project import DEFAULT_GUIDE, Blank, Project, load_blank
from cqp_forms.shown import Shown, answers_of
from cqp_forms.workbook.opening import guide_of
from cqp_forms.workbook.read import read_fiche

_NAME_BLANK = "Donnez le document vierge d’origine : --document FICHIER --mapping FICHIER."

#: Below this share of the blank's text in its place, a document is another one.
_ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class Blanks:
    """Which blank a document was made from.

    Attributes:
        guide_id: the guide named by the user; empty for the document's own.
        pairs: blanks of the user's own, each with its mapping file.
    """

    guide_id: str = ""
    pairs: tuple[tuple[Path, Path], ...] = ()


@dataclass(frozen=True)
class Document:
    """A guide in DOCX or PDF.

    Attributes:
        content: the file.
        blank: what it was made from.
        shown: what it shows.
        embedded: the answers that it carries; ``None`` when it has none that can be used.
        carried: the version that it says it is; ``None`` likewise.
    """

    content: bytes
    blank: Blank
    shown: Shown
    embedded: Answers | None
    carried: Carried | None

    @property
    def marks(self) -> OwnMarks:
        """The mentions that belong on its pages."""
        if self.carried is None:
            return OwnMarks()
        return OwnMarks(self.carried.version.number, self.carried.version.reason)


@dataclass(frozen=True)
class Source:
    """What was examined.

    Attributes:
        answers: what it says; for a document, what it shows.
        findings: cells that cannot be understood, or boxes in doubt.
        document: ``None`` for a fiche.
    """

    path: Path
    kind: Kind
    guide: Guide
    answers: Answers
    findings: tuple[Finding, ...]
    document: Document | None = None


def guide_id_of(path: Path) -> str:
    """The id of the guide that a file says it is for; empty where it is silent.

    Raises:
        DocumentError: the file cannot be read, or is none that can be examined.
    """
    kind = kind_of(path)
    if kind is Kind.FICHE:
        return guide_of(path)
    carried = _carried(_read_payload(kind, _content(path), path))
    return carried.version.guide if carried else ""


def open_source(path: Path, project: Project, blanks: Blanks) -> Source:
    """Read a fiche or a document.

    Args:
        path: what it is is told by its content.
        project: where guides and blanks are.
        blanks: what the user says of the guide and of its blanks.

    Raises:
        AnswersError: a fiche that cannot be read, or not whole.
        DocumentError: a document that cannot be read, or that comes from another blank.
        UsageError: no blank of the document's format among those that the user named.
    """
    kind = kind_of(path)
    guide = project.guide(blanks.guide_id or guide_id_of(path) or DEFAULT_GUIDE)
    if kind is Kind.FICHE:
        return _fiche(path, guide, project)
    content = _content(path)
    try:
        return _document(path, kind, guide, content, project, blanks)
    except DocumentError as error:
        if error.where:
            raise
        raise type(error)(error.message, where=str(path), remedy=error.remedy) from error


def _fiche(path: Path, guide: Guide, project: Project) -> Source:
    candidate = read_fiche(path, guide, project.known_guides)
    if errors(candidate.findings):
        raise AnswersError(
            "cette fiche ne peut pas être lue en entier.",
            where=str(path),
            remedy="Corrigez les cellules indiquées, puis relancez la commande.",
            findings=candidate.findings,
        )
    return Source(path, Kind.FICHE, guide, candidate.answers, candidate.findings)


def _document(
    path: Path, kind: Kind, guide: Guide, content: bytes, project: Project, blanks: Blanks
) -> Source:
    carried = _carried(_read_payload(kind, content, path))
    if carried is not None and carried.version.guide != guide.id:
        raise DocumentError(
            f"ce document est celui du guide « {carried.version.guide} », pas de « {guide.id} ».",
            remedy=f"Donnez --guide {carried.version.guide}, ou laissez l’option.",
        )
    blank = _blank(guide, Format(kind.value), project, blanks)
    _require_same(content, blank, carried, guide)
    shown = format_of(blank.format).read(content, blank, guide)
    answers, doubts = answers_of(guide, shown, path.name)
    document = Document(content, blank, shown, _embedded(guide, carried), carried)
    return Source(path, kind, guide, answers, doubts, document)


def _blank(guide: Guide, wanted: Format, project: Project, blanks: Blanks) -> Blank:
    if not blanks.pairs:
        return project.blank(guide, wanted)
    own = [load_blank(guide, *pair) for pair in blanks.pairs]
    for one in own:
        if one.format is wanted:
            return one
    raise UsageError(
        f"aucun des documents vierges donnés n’est au format {wanted.upper()}.",
        remedy="Donnez avec --document et --mapping le document vierge du même format.",
    )


def _require_same(content: bytes, blank: Blank, carried: Carried | None, guide: Guide) -> None:
    """Refuse to read places that are another document's."""
    digest = hashlib.sha256(blank.content).hexdigest()
    if carried is not None:
        if carried.blank_sha256 not in ("", digest):
            raise DocumentError(
                "ce document a été fait d’après un autre document vierge que "
                f"« {blank.path.name} » (les empreintes SHA-256 diffèrent).",
                remedy=_NAME_BLANK,
            )
        if carried.blank_sha256:
            return
    if _likeness(content, blank, guide) < _ALIKE:
        raise DocumentError(
            f"ce document n’est pas fait d’après « {blank.path.name} » : ses pages n’y "
            "correspondent pas.",
            remedy=_NAME_BLANK,
        )


def _likeness(content: bytes, blank: Blank, guide: Guide) -> float:
    return format_of(blank.format).likeness(content, blank, guide)


def _read_payload(kind: Kind, content: bytes, path: Path) -> bytes | None:
    try:
        return format_of(Format(kind.value)).payload(content)
    except DocumentError as error:
        raise type(error)(error.message, where=str(path), remedy=error.remedy) from error


def _carried(payload: bytes | None) -> Carried | None:
    try:
        return parse_payload(payload) if payload else None
    except ValueError:
        # Damaged or of a later format: what the document shows still counts.
        return None


def _embedded(guide: Guide, carried: Carried | None) -> Answers | None:
    try:
        return answers_from_canonical(guide, carried.version.canonical()) if carried else None
    except CqpError:
        return None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise DocumentError(
            f"ce fichier ne peut pas être lu ({problem.strerror or problem}).",
            where=str(path),
            remedy="Vérifiez vos droits d’accès, et fermez-le s’il est ouvert ailleurs.",
        ) from problem
