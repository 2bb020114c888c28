"""The port: what a document format does for the program, and which package does it.

A format is a package with an ``adapter`` module, and a line in the registry below. Nothing else in
the program asks which format a document has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cqp_forms.answers import Answer, Answers
from cqp_forms.errors import DocumentError, UsageError
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.mapping import AnyMapping, Format
from cqp_forms.mapping_lint import lint as lint_mapping
from cqp_forms.plan import Edition, Finish, Plan, Trail, make_plan
from cqp_forms.project import Blank, Project
from cqp_forms.shown import Shown

if TYPE_CHECKING:
    from cqp_forms.mapping import Detected, Locator
    from cqp_forms.matching import Matched
    from cqp_forms.proof import Proof, Twin


class DocumentStamper(Protocol):
    """A blank, compiled once, that stamps one candidate after another."""

    @property
    def uncoded(self) -> tuple[int, ...]:
        """The pages, from 1, without room for the code of an issued document; 0 for all of them."""

    @property
    def unarchivable(self) -> tuple[str, ...]:
        """Why its documents cannot say that they are made to last, in French."""

    def stamp(self, plan: Plan, edition: Edition) -> bytes:
        """The filled document; equal input gives equal bytes."""

    def continued(self, plan: Plan) -> Mapping[str, int]:
        """The fields whose text will go on in the annex, each with how many letters do."""


class DocumentFormat(Protocol):
    """What a format does. Every function raises :class:`DocumentError` for what it cannot read."""

    #: File-name extensions, lower case, without the dot.
    SUFFIXES: frozenset[str]

    def recognises(self, content: bytes) -> bool:
        """Whether a file begins as documents of this format do, damaged or locked ones included."""

    def detect(self, content: bytes) -> tuple[Detected, ...]:
        """Every box and area of a document, in reading order."""

    def check(self, content: bytes, mapping: AnyMapping) -> list[str]:
        """What of a mapping does not hold in its document, in French."""

    def preview(self, content: bytes, matched: Matched) -> bytes:
        """The document itself with its placements drawn, numbered and named."""

    def laid_out(self, content: bytes) -> bytes | None:
        """A document's pages as a PDF, to look at; ``None`` where nothing can lay them out."""

    def mark(self, content: bytes, pending: Mapping[str, Locator | None]) -> bytes:
        """A draft with the placements that were left blank marked; ``None``: no place is known."""

    def stamper(self, blank: Blank, guide: Guide, finish: Finish) -> DocumentStamper:
        """Compile a blank."""

    def read(self, content: bytes, blank: Blank, guide: Guide) -> Shown:
        """What a document made from a blank shows, from the document alone."""

    def payload(self, content: bytes) -> bytes | None:
        """The answers that a document embeds; ``None`` when it carries none."""

    def trail(self, content: bytes) -> Trail | None:
        """What a document says of its own making; ``None`` when it says nothing."""

    def likeness(self, content: bytes, blank: Blank, guide: Guide) -> float:
        """How much of the blank a document is, 0 to 1; below ``proof.ALIKE`` it is another."""

    def finish(self, content: bytes) -> Finish:
        """Whether form fields were left in a document."""

    def prove(self, content: bytes, twin: Twin, blank: Blank, guide: Guide) -> Proof:
        """Compare a document with its twin: what both show, carry and do."""


def _docx() -> DocumentFormat:
    from cqp_forms.docx import adapter

    return adapter


def _pdf() -> DocumentFormat:
    from cqp_forms.pdf import adapter

    return adapter


#: Each format's libraries cost start-up time: only what is asked for is loaded.
_ADAPTERS: dict[Format, Callable[[], DocumentFormat]] = {Format.DOCX: _docx, Format.PDF: _pdf}


def format_of(kind: Format) -> DocumentFormat:
    """The package that knows a format."""
    return _ADAPTERS[kind]()


def recognise(content: bytes, path: Path) -> Format:
    """A document's format, by what it holds; where that says nothing, by its name.

    The format itself says what is wrong with a document that is damaged; this only chooses one.

    Raises:
        DocumentError: neither a Word document nor a PDF.
    """
    suffix = path.suffix.casefold().lstrip(".")
    for kind in reversed(Format):
        if format_of(kind).recognises(content):
            return kind
    for kind in Format:
        if suffix in format_of(kind).SUFFIXES:
            return kind
    raise DocumentError(
        "ce fichier n’est ni un document Word ni un PDF.",
        where=str(path),
        remedy="Donnez le guide vierge, en .docx ou en .pdf.",
    )


def lint(mapping: AnyMapping, guide: Guide, content: bytes) -> list[str]:
    """All that is wrong with a mapping, alone and against its document, in French.

    Raises:
        DocumentError: the document is not the mapped one, or cannot be read.
    """
    mapping.require_document(content)
    found = format_of(mapping.format).check(content, mapping)
    return [*lint_mapping(mapping, guide), *found]


def preview(content: bytes, kind: Format, name: str, matched: Matched, suffix: str) -> bytes:
    """A document that shows a mapping: the form with its placements marked, or a list of them.

    Args:
        name: the document's file name.
        suffix: of the file to write, lower case: the form's own, or ``pdf`` for a list.

    Raises:
        DocumentError: the document cannot be read.
        UsageError: a form is not shown in another format, but for the list.
    """
    if suffix == kind:
        return format_of(kind).preview(content, matched)
    if suffix != Format.PDF:
        raise UsageError(
            f"l’aperçu d’un document {kind.upper()} n’est pas un fichier « .{suffix} ».",
            remedy=f"Donnez un nom en .{kind}"
            + ("." if kind is Format.PDF else ", ou en .pdf pour une liste des emplacements."),
        )
    from cqp_forms.pdf.preview import listing

    return listing(name, matched.placed, matched.unused, matched.missing)


def continuations(
    guide: Guide, answers: Answers, stampers: Iterable[DocumentStamper]
) -> tuple[Finding, ...]:
    """Which texts will go on in an annex, and by how much: for information, before issuing."""
    plan = make_plan(guide, answers)
    beyond: dict[str, int] = {}
    for stamper in stampers:
        for field, letters in stamper.continued(plan).items():
            beyond[field] = max(letters, beyond.get(field, 0))
    return tuple(
        finding(
            Code.CONTINUED_TEXT,
            Severity.INFORMATION,
            f"« {guide.fields[field].title} » dépasse sa place d’environ {letters} caractères "
            f"sur {len(answers.text(field))} : la suite ira en annexe du PDF.",
            "Rien ne sera perdu ; raccourcissez le texte si vous voulez éviter l’annexe.",
            field=field,
            source=answers.source(field),
        )
        for field, letters in beyond.items()
    )


#: Ordinary French, longer than any area of a page holds.
_SAMPLE = "Le candidat explique son geste, puis répond aux questions de l’évaluateur. " * 80


def rooms(guide: Guide, stampers: Iterable[DocumentStamper]) -> dict[str, int]:
    """About how many letters of each long text stay on the pages; none where all of them do."""
    fields = [one.id for one in guide.of_kind(FieldKind.LONG_TEXT) if one.areas]
    plan = make_plan(guide, Answers({one: Answer(_SAMPLE) for one in fields}))
    found: dict[str, int] = {}
    for stamper in stampers:
        for field, letters in stamper.continued(plan).items():
            found[field] = min(len(_SAMPLE) - letters, found.get(field, len(_SAMPLE)))
    return found


def rooms_of(project: Project, guide: Guide) -> dict[str, int]:
    """The same of a guide's own blanks; none where one of them cannot be filled."""
    try:
        blanks = [project.blank(guide, kind) for kind in project.formats(guide)]
        return rooms(guide, [prepare_blank(guide, one).stamper for one in blanks])
    except DocumentError:  # told where somebody fills it
        return {}


@dataclass(frozen=True)
class PreparedBlank:
    """A blank ready to be filled, and its documents ready to be read.

    Attributes:
        stamper: compiled from the blank and its mapping.
        read: what a document made from this blank shows, from the document alone.
        payload: what a document of this format embeds, ``None`` when nothing.
        trail: what a document of this format says of its own making, ``None`` when nothing.
        blank_sha256: of the blank, in hexadecimal.
        mapping_sha256: of its mapping.
        pending: for a draft, the placements that stay blank: their places are not known for sure.
        mark: draws those places in a stamped draft.
    """

    format: Format
    stamper: DocumentStamper
    read: Callable[[bytes], Shown]
    payload: Callable[[bytes], bytes | None]
    trail: Callable[[bytes], Trail | None]
    blank_sha256: str
    mapping_sha256: str
    pending: frozenset[str] = frozenset()
    mark: Callable[[bytes], bytes] = bytes


def prepare_blank(guide: Guide, blank: Blank, finish: Finish = Finish.FLAT) -> PreparedBlank:
    """Compile a blank.

    Args:
        guide: what the blank's placements are.
        blank: with its mapping.
        finish: whether the form fields of what is stamped stay, where the format has any.

    Raises:
        DocumentError: the blank cannot be stamped with this mapping.
    """
    adapter = format_of(blank.format)
    return PreparedBlank(
        format=blank.format,
        stamper=adapter.stamper(blank, guide, finish),
        read=partial(adapter.read, blank=blank, guide=guide),
        payload=adapter.payload,
        trail=adapter.trail,
        blank_sha256=blank.sha256,
        mapping_sha256=blank.mapping_sha256,
        pending=frozenset(blank.pending),
        mark=partial(adapter.mark, pending=blank.pending) if blank.pending else bytes,
    )
