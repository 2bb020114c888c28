"""What a fiche or a document says, whatever its kind: to extract, to compare, to verify."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from cqp_forms.answers import Answers
from cqp_forms.errors import AnswersError, CqpError, DocumentError, UsageError
from cqp_forms.findings import Code, Finding, Severity, errors, finding
from cqp_forms.fonts import unprintable
from cqp_forms.formats import DocumentFormat, DocumentStamper, format_of, rooms
from cqp_forms.guide import Guide
from cqp_forms.issuing.history import Change, changes, entered
from cqp_forms.issuing.naming import Role, person
from cqp_forms.issuing.version import (
    EmbeddedVersion,
    Version,
    answers_from_canonical,
    trail_of,
)
from cqp_forms.mapping import Format
from cqp_forms.opened_file import OpenFile, named, read_file
from cqp_forms.plan import (
    RENDERING,
    Edition,
    Finish,
    Plan,
    Stage,
    Text,
    Trail,
    Unsettled,
    make_plan,
)
from cqp_forms.project import DEFAULT_GUIDE, Blank, Project, load_blank
from cqp_forms.proof import ALIKE, Alteration, Closeness, Proof, Twin, alteration, plan_shown
from cqp_forms.rules import unsettled
from cqp_forms.shown import Difference, Shown, answers_of, differences, restored
from cqp_forms.workbook.cells import Workbook
from cqp_forms.workbook.read import read_fiche

_NAME_BLANK = "Donnez le document vierge d’origine : --document FICHIER --mapping FICHIER."
#: The date of a twin whose document does not say when it was made; it is not seen.
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
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
        shown: what it shows, as it was read.
        embedded: the answers that it carries; ``None`` when it has none that can be used.
        carried: the version that it says it is; ``None`` likewise.
        proof: what it shows otherwise than a document made again from what was read.
    """

    content: bytes
    blank: Blank
    shown: Shown
    embedded: Answers | None
    carried: EmbeddedVersion | None
    proof: Proof


@dataclass(frozen=True)
class OpenedSource:
    """What was examined.

    Attributes:
        answers: what it says; for a document, what it shows.
        findings: cells that cannot be understood, boxes in doubt, what a document shows otherwise
            than it was read.
        document: ``None`` for a fiche.
    """

    path: Path
    guide: Guide
    answers: Answers
    findings: tuple[Finding, ...]
    document: Document | None = None

    @property
    def kind(self) -> str:
        """« fiche », or the document's format."""
        return self.document.blank.format.value if self.document else "fiche"

    def restored(self) -> tuple[Answers, tuple[Finding, ...]]:
        """The answers with what a document carries and cannot show; and all there is to say."""
        document = self.document
        if document is None or document.embedded is None:
            return self.answers, self.findings
        in_doubt = {one.field for one in errors(self.findings)}
        kept = {key: one for key, one in document.embedded.items() if key not in in_doubt}
        answers, notes = restored(self.guide, document.shown, self.answers, Answers(kept))
        return answers, (*self.findings, *notes)


@dataclass
class Run:
    """What one command examines: each guide and blank is read once, and so is each file.

    Args:
        project: where guides and blanks are.
        blanks: what the user says of the guide and of its blanks.
        entries: the register's entry of a file that lies elsewhere, and of the version before.
    """

    project: Project
    blanks: Blanks = Blanks()
    entries: dict[Path, tuple[Version, Version | None]] = field(default_factory=dict)
    _guides: dict[str, Guide] = field(default_factory=dict)
    _blanks: dict[tuple[str, Format, str], Blank | None] = field(default_factory=dict)
    _own: dict[tuple[str, Format], Blank] = field(default_factory=dict)
    _stampers: dict[tuple[str, str, Finish], DocumentStamper] = field(default_factory=dict)

    def open(self, *paths: Path) -> tuple[OpenedSource, ...]:
        """Read fiches and documents of one guide: the one that the user, or the first, names.

        Raises:
            AnswersError: a fiche that cannot be read, or not whole.
            DocumentError: a document that cannot be read, or that comes from another blank.
            UsageError: no blank of the document's format among those that the user named.
        """
        self.project = self.project.knowing(path.absolute().parent.parent for path in paths)
        with ExitStack() as held:
            files = [read_file(path, held) for path in paths]
            named = (one.guide_id for one in files if one.guide_id)
            guide_id = self.blanks.guide_id or next(named, "") or DEFAULT_GUIDE
            if guide_id not in self._guides:
                self._guides[guide_id] = self.project.guide(guide_id)
            guide = self._guides[guide_id]
            return tuple(
                self._open(path, file, guide) for path, file in zip(paths, files, strict=True)
            )

    def _open(self, path: Path, file: OpenFile, guide: Guide) -> OpenedSource:
        if file.book is not None:
            return self._fiche(path, guide, file.book)
        assert file.format is not None
        with named(path):
            return self._document(path, guide, file, format_of(file.format))

    def _fiche(self, path: Path, guide: Guide, book: Workbook) -> OpenedSource:
        candidate = read_fiche(book, guide, self.project.known_guides)
        if errors(candidate.findings):
            raise AnswersError(
                "cette fiche ne peut pas être lue en entier.",
                where=str(path),
                remedy="Corrigez les cellules indiquées, puis relancez la commande.",
                findings=candidate.findings,
            )
        return OpenedSource(path, guide, candidate.answers, candidate.findings)

    def _document(
        self, path: Path, guide: Guide, file: OpenFile, adapter: DocumentFormat
    ) -> OpenedSource:
        carried = file.carried
        if carried is not None and carried.version.guide != guide.id:
            raise DocumentError(
                f"ce document est celui du guide « {carried.version.guide} », pas de "
                f"« {guide.id} ».",
                remedy=f"Donnez --guide {carried.version.guide}, ou laissez l’option.",
            )
        told = adapter.trail(file.content)
        assert file.format is not None
        named = _named_blank(file.format, self._entered(path), carried, told)
        blank = self._blank_of(guide, file, adapter, named)
        shown = adapter.read(file.content, blank, guide)
        if not named:
            _require_alike(adapter.likeness(file.content, blank, guide), blank)
        answers, doubts = answers_of(guide, shown, path.name)
        proof = self._proof(path, guide, file, blank, shown, told)
        answers, doubts = _settled(guide, answers, doubts, proof)
        embedded = _embedded(guide, carried)
        document = Document(file.content, blank, shown, embedded, carried, proof)
        return OpenedSource(path, guide, answers, doubts, document)

    def _blank_of(self, guide: Guide, file: OpenFile, adapter: DocumentFormat, named: str) -> Blank:
        """The blank that a document was made from: the user's, the one named, or the likest."""
        kind = file.format
        assert kind is not None
        if self.blanks.pairs:
            return self._users_own(guide, kind, named)
        if named:
            key = guide.id, kind, named
            if key not in self._blanks:
                self._blanks[key] = self.project.blank_named(guide, kind, named)
            found = self._blanks[key]
            if found is None:
                raise _other_blank(self.project.blank(guide, kind))
            return found
        current = self.project.blank(guide, kind)
        former = (one for one in self.project.former(guide) if one.format == kind)
        known = [current, *(one for one in former if one.sha256 != current.sha256)]
        if len(known) == 1:
            return current
        return max(known, key=lambda one: adapter.likeness(file.content, one, guide))

    def _users_own(self, guide: Guide, kind: Format, named: str) -> Blank:
        if not self._own:
            for one in (load_blank(guide, *pair) for pair in self.blanks.pairs):
                self._own.setdefault((guide.id, one.format), one)
        blank = self._own.get((guide.id, kind))
        if blank is None:
            raise UsageError(
                f"aucun des documents vierges donnés n’est au format {kind.upper()}.",
                remedy="Donnez avec --document et --mapping le document vierge du même format.",
            )
        if named not in ("", blank.sha256):
            raise _other_blank(blank)
        return blank

    def _stamper(self, guide: Guide, blank: Blank, finish: Finish) -> DocumentStamper:
        key = guide.id, blank.sha256, finish
        if key not in self._stampers:
            self._stampers[key] = format_of(blank.format).stamper(blank, guide, finish)
        return self._stampers[key]

    def rooms(self, guide: Guide) -> dict[str, int]:
        """About how many letters of each long text stay on the pages of the guide's blanks."""
        try:
            blanks = [self._at_hand(guide, kind) for kind in self.project.formats(guide)]
            return rooms(guide, [self._stamper(guide, one, Finish.FLAT) for one in blanks])
        except DocumentError:  # told where somebody fills it
            return {}

    def _at_hand(self, guide: Guide, kind: Format) -> Blank:
        """The blank of a format that was opened already, else the guide's own."""
        opened = (one for one in self._blanks.values() if one is not None and one.format == kind)
        return next(opened, None) or self.project.blank(guide, kind)

    def _entered(self, path: Path) -> tuple[Version, Version | None] | None:
        return self.entries.get(path) or entered(path)

    def _proof(
        self,
        path: Path,
        guide: Guide,
        file: OpenFile,
        blank: Blank,
        shown: Shown,
        told: Trail | None,
    ) -> Proof:
        """Make the document again from what was read, and compare."""
        adapter, carried = format_of(blank.format), file.carried
        trail, alterations = _trail(self._entered(path), told, carried)
        plan = plan_shown(guide, shown)
        answers, _ = answers_of(guide, shown)
        edition = Edition.of(
            trail,
            guide.document_title(person(guide, answers).name),
            carried.version.issued_at if carried else _EPOCH,
            payload=file.payload,
            unsettled=_unsettled(guide, trail, carried),
        )
        stamper = self._stamper(guide, blank, adapter.finish(file.content))
        try:
            content = stamper.stamp(_printable(plan), edition)
        except CqpError as error:
            return Proof(alterations, (f"ce document ne peut pas être refait : {error.message}",))
        same = told is not None and told.rendering == RENDERING
        closeness = Closeness.SAME if same else Closeness.LOOSE
        found = adapter.prove(file.content, Twin(content, plan, trail, closeness), blank, guide)
        return replace(found, alterations=(*alterations, *found.alterations))


def _named_blank(
    kind: Format,
    known: tuple[Version, Version | None] | None,
    carried: EmbeddedVersion | None,
    told: Trail | None,
) -> str:
    """The SHA-256 of the blank that a document, or the register at hand, names; else empty."""
    if carried is not None and carried.blank_sha256:
        return carried.blank_sha256
    if told is not None and told.blank:
        return told.blank
    files = known[0].files if known else ()
    return next((one.blank_sha256 for one in files if one.role == Role(kind)), "")


def _other_blank(blank: Blank) -> DocumentError:
    """Places that are another document's are not read."""
    return DocumentError(
        "ce document a été fait d’après un autre document vierge que "
        f"« {blank.mapping.document} » (les empreintes SHA-256 diffèrent).",
        remedy=_NAME_BLANK,
    )


def _require_alike(share: float, blank: Blank) -> None:
    if share < ALIKE:
        raise DocumentError(
            f"ce document n’est pas fait d’après « {blank.mapping.document} » : ses pages n’y "
            "correspondent pas.",
            remedy=_NAME_BLANK,
        )


def _embedded(guide: Guide, carried: EmbeddedVersion | None) -> Answers | None:
    try:
        return answers_from_canonical(guide, carried.version.canonical()) if carried else None
    except CqpError:
        return None


def _unsettled(
    guide: Guide, trail: Trail, carried: EmbeddedVersion | None
) -> tuple[Unsettled, ...]:
    """What a draft was drawn with: of the answers that it carries, which tell NA from NON."""
    answers = _embedded(guide, carried) if trail.stage is Stage.DRAFT else None
    return unsettled(guide, answers) if answers is not None else ()


def _trail(
    known: tuple[Version, Version | None] | None,
    told: Trail | None,
    carried: EmbeddedVersion | None,
) -> tuple[Trail, tuple[Alteration, ...]]:
    """How a document was made: a register at hand decides, then what the document says.

    Args:
        known: what the register says of the document.

    Returns:
        The trail, and where the document contradicts the register or itself.
    """
    rendering = told.rendering if told else 0
    number = carried.version.number if carried else None
    if known is not None:
        named = told.blank if told else ""
        trail = replace(trail_of(*known), rendering=rendering, blank=named)
    elif told is not None and told.rendering:
        trail = told
    elif carried is not None:
        # The first release wrote the stage into a PDF, and the rest with the answers alone.
        stage = Stage.ISSUED if carried.version.number else Stage.DRAFT
        trail = Trail(
            told.stage if told else stage,
            carried.version.number,
            reason=carried.version.reason,
            rendering=0,
        )
    else:
        trail = told or Trail(rendering=0)
    said = {one for one in (number, told.number if told and told.rendering else None) if one}
    if said - {trail.number}:
        what = f"le document se dit de la version {max(said - {trail.number})}"
        return trail, (alteration("document", what, f"version {trail.number}"),)
    return trail, ()


def _printable(plan: Plan) -> Plan:
    """The plan without characters that no face has: a viewer may have let them in."""
    instructions = {}
    for key, one in plan.instructions.items():
        if isinstance(one, Text) and (strange := unprintable(one.text)):
            instructions[key] = Text("".join(sign for sign in one.text if sign not in strange))
    return Plan({**plan.instructions, **instructions})


def _settled(
    guide: Guide, answers: Answers, doubts: tuple[Finding, ...], proof: Proof
) -> tuple[Answers, tuple[Finding, ...]]:
    """Leave without an answer each field whose place shows something else than what was read."""
    told = {one.field for one in doubts}
    fields: dict[str, Alteration] = {}
    others = []
    for one in proof.alterations:
        placement = guide.placements.get(one.placement)
        if placement is None:
            others.append(_elsewhere(one))
        elif placement.field_id not in told:
            fields.setdefault(placement.field_id, one)
    kept = {key: one for key, one in answers.items() if key not in fields}
    found = (_in_doubt(guide, key, one) for key, one in fields.items())
    return Answers(kept, name=answers.name), (*doubts, *found, *others)


def _in_doubt(guide: Guide, field_id: str, one: Alteration) -> Finding:
    shown = f" (« {one.after} »)" if one.after else ""
    read = f"« {one.before} »" if one.before else "rien"
    return finding(
        Code.DOUBTFUL_BOX,
        Severity.ERROR,
        f"{one.where} : {one.what}{shown} ; il y est lu {read} pour {field_id} "
        f"(« {guide.fields[field_id].label} »).",
        "Tranchez d’après l’original, puis complétez la fiche.",
        field=field_id,
    )


def _elsewhere(one: Alteration) -> Finding:
    told = " → ".join(f"« {part} »" for part in (one.before, one.after) if part)
    return finding(
        Code.CHANGED_PAGES,
        Severity.WARNING,
        f"{one.where} : {one.what}{f' ({told})' if told else ''}.",
        "Comparez avec l’original avant de vous servir de cette fiche.",
    )


@dataclass(frozen=True, slots=True)
class Verification:
    """What comparing a document with a fiche gave.

    Attributes:
        plan: what the fiche asks for.
        differences: placements that do not show it.
        alterations: what the document shows otherwise than a document made again.
        unseen: what was not looked at, or not in full.
        stale: where the answers that the document carries are not the fiche's; they are not shown,
            and do not count against the document.
    """

    plan: Plan
    differences: tuple[Difference, ...]
    alterations: tuple[Alteration, ...]
    unseen: tuple[str, ...]
    stale: tuple[Change, ...]

    @property
    def differs(self) -> bool:
        """Whether anything is otherwise than it should be."""
        return bool(self.differences or self.alterations)


def verify(source: OpenedSource, document: Document, fiche: Answers) -> Verification:
    """Compare a document with a fiche, and with the document made again.

    Args:
        source: where the document was read; ``document``: its own.
        fiche: the answers that it should show.
    """
    guide, proof = source.guide, document.proof
    plan = make_plan(guide, fiche)
    found = tuple(differences(plan, document.shown))
    told = {one.placement for one in found}
    return Verification(
        plan,
        found,
        tuple(one for one in proof.alterations if one.placement not in told or not one.placement),
        proof.unseen,
        changes(guide, document.embedded, fiche) if document.embedded is not None else (),
    )
