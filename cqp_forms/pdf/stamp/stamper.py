"""Stamp a blank PDF: compiled once, then a few milliseconds a candidate.

A candidate's file is the blank's fixed bytes, an overlay for each page, the annex, the metadata,
and one cross-reference table over all (see :mod:`cqp_forms.pdf.stamp.objects`): a plain file, in
one revision.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from cqp_forms.errors import MappingError
from cqp_forms.guide import Guide
from cqp_forms.mapping import PdfMapping
from cqp_forms.pdf.stamp import fonts as stamp_fonts
from cqp_forms.pdf.stamp import notes as stamp_notes
from cqp_forms.pdf.stamp.annex import Annex, Entry, lay_out
from cqp_forms.pdf.stamp.areas import Overflow, Setting, draw, set_text
from cqp_forms.pdf.stamp.compiled import Compiled, compile_blank
from cqp_forms.pdf.stamp.form import fill_text, fill_ticks
from cqp_forms.pdf.stamp.ink import Used, draft_mark, state
from cqp_forms.pdf.stamp.metadata import add_information, add_payload, xmp
from cqp_forms.pdf.stamp.objects import Assembly, numbers, stream
from cqp_forms.plan import Edition, Finish, Plan, Stage, Tick

__all__ = ["Finish", "Stamper"]

_FAINT = b"/ExtGState << /CqpFaint << /Type /ExtGState /ca 0.22 /CA 0.22 >> >>"


@dataclass
class _Job:
    """One candidate's file in the making."""

    assembly: Assembly
    edition: Edition
    used: Used = field(default_factory=Used)
    settings: dict[str, Setting] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    annex: Annex | None = None


class Stamper:
    """Stamps one blank for any number of candidates.

    Args:
        document: the blank.
        mapping: where its placements lie.
        guide: what they are.
        finish: ``FLAT`` leaves no field but the signatures; ``EDITABLE`` keeps the form, filled.

    Raises:
        DocumentError: the blank cannot be stamped (not a PDF, password, XFA, signed, a page or a
            field that is not there, a drawn box whose mark cannot be taken away).
        MappingError: the mapping is not this document's.
    """

    def __init__(
        self, document: bytes, mapping: PdfMapping, guide: Guide, finish: Finish = Finish.FLAT
    ) -> None:
        mapping.require_document(document)
        self._guide = guide
        self._blank: Compiled = compile_blank(document, mapping, guide, finish)
        self._strips: tuple[stamp_notes.Strip, list[stamp_notes.Strip]] | None = None

    def stamp(self, plan: Plan, edition: Edition) -> bytes:
        """Make one candidate's document.

        Args:
            plan: what goes into each placement.
            edition: what is printed and stored around it.

        Returns:
            The PDF; equal input gives equal bytes.

        Raises:
            MappingError: the plan fills a placement that the mapping does not place.
            AnswersError: a text has a character that no bundled font shows.
        """
        self._require_places(plan)
        job = _Job(Assembly(self._blank.base), edition)
        overlays: list[list[str]] = [[] for _ in self._blank.sheets]
        self._notes(job, overlays)
        self._set_texts(job, plan)
        self._lay_annex(job)
        self._ticks(job, plan, overlays)
        self._texts(job, plan, overlays)
        for number, parts in enumerate(overlays):
            job.assembly.fill(f"overlay{number}", self._overlay(number, parts))
        return self._finish(job)

    def _require_places(self, plan: Plan) -> None:
        known = self._blank.known
        missing = [key for key in plan.instructions if key not in known]
        if missing:
            raise MappingError(
                f"la correspondance ne place pas « {missing[0]} ».",
                remedy="Complétez-la : cqp-forms map DOCUMENT --check CORRESPONDANCE.",
            )

    def _set_texts(self, job: _Job, plan: Plan) -> None:
        whole: dict[tuple[str, str], int] = {}
        for key, text in plan.texts.items():
            if not text:
                continue
            area = self._blank.areas[key]
            normal = unicodedata.normalize("NFC", text)
            number = whole.get((area.field, normal), len(job.entries) + 1)
            setting = set_text(area, normal, number)
            job.settings[key] = setting
            if setting.overflow is Overflow.NONE or number <= len(job.entries):
                continue
            if setting.overflow is Overflow.REPEATED:
                # A field with two areas needs its text in the annex once.
                whole[area.field, normal] = number
            job.entries.append(Entry(number, area.title, area.page + 1, setting.fitted.rest))

    def _lay_annex(self, job: _Job) -> None:
        if not job.entries:
            return
        sheet = self._blank.sheets[0]
        first = len(self._blank.sheets) + 1
        job.annex = lay_out(
            job.entries, sheet.visible, sheet.rotate, first, job.edition.title, job.used
        )

    def _notes(self, job: _Job, overlays: list[list[str]]) -> None:
        edition = job.edition
        if edition.stage is Stage.DRAFT:
            for sheet, parts in zip(self._blank.sheets, overlays, strict=True):
                parts.append(draft_mark(sheet.visible, sheet.rotate, job.used))
        if not (edition.cover_note or edition.margin_note):
            return
        cover, margins = self._free_strips()
        if edition.margin_note:
            for sheet, strip, parts in zip(self._blank.sheets, margins, overlays, strict=True):
                note = stamp_notes.margin_note(edition.margin_note, strip, sheet, job.used)
                parts.append(state(1) + note)
        if edition.cover_note:
            sheet = self._blank.sheets[0]
            note = stamp_notes.cover_note(edition.cover_note, cover, sheet, job.used)
            overlays[0].append(state(1) + note)

    def _free_strips(self) -> tuple[stamp_notes.Strip, list[stamp_notes.Strip]]:
        if self._strips is None:
            pages = stamp_notes.render(self._blank.document, self._blank.taken)
            margins = [stamp_notes.margin_strip(page) for page in pages]
            # The cover has both mentions: its margin is taken when the larger one looks for room.
            cover = stamp_notes.cover_strip(pages[0])
            self._strips = cover, margins
        return self._strips

    def _ticks(self, job: _Job, plan: Plan, overlays: list[list[str]]) -> None:
        blank = self._blank
        width: dict[int, float] = {}
        live = []
        for key, tick in plan.ticks.items():
            if key in blank.live:
                live.append((blank.live[key], tick is Tick.ON))
            elif tick is Tick.ON:
                page, stroke, path = blank.crosses[key]
                if width.get(page) != stroke:
                    overlays[page].append(state(stroke))
                    width[page] = stroke
                overlays[page].append(path)
        fill_ticks(job.assembly, blank.base, live)

    def _texts(self, job: _Job, plan: Plan, overlays: list[list[str]]) -> None:
        started: set[int] = set()
        for key, text in plan.texts.items():
            setting = job.settings.get(key)
            page = self._annex_page(job, setting)
            if key in self._blank.live:
                shown = setting or set_text(self._blank.areas[key], "", 0)
                normal = unicodedata.normalize("NFC", text)
                live = self._blank.live[key]
                fill_text(job.assembly, self._blank.base, live, normal, shown, page, job.used)
            elif setting is not None:
                area = setting.area
                if area.page not in started:
                    overlays[area.page].append(state(1))
                    started.add(area.page)
                overlays[area.page].append(draw(setting, area.frame, page, job.used))

    def _annex_page(self, job: _Job, setting: Setting | None) -> int:
        if job.annex is None or setting is None or not setting.number:
            return 0
        return len(self._blank.sheets) + 1 + job.annex.starts.get(setting.number, 0)

    def _overlay(self, number: int, parts: list[str]) -> bytes:
        visible = self._blank.sheets[number].visible
        entries = b"/Type /XObject /Subtype /Form /BBox [%s] /Resources %d 0 R" % (
            numbers(visible.x0, visible.y0, visible.x1, visible.y1).encode(),
            self._blank.base.slots["resources"],
        )
        return stream("".join(parts).encode(), entries)

    def _finish(self, job: _Job) -> bytes:
        assembly, base = job.assembly, self._blank.base
        pages = self._annex_pages(job)
        kids = b" ".join(self._blank.kids + [b"%d 0 R" % one for one in pages])
        count = len(self._blank.kids) + len(pages)
        assembly.fill("pages", b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, kids))
        self._resources(job)
        catalog = base.templates["catalog"]
        if job.edition.payload is None:
            for name, key in ((b"EmbeddedFiles", "attachments"), (b"AF", "files")):
                catalog = catalog.replace(b"/%s %d 0 R" % (name, base.slots[key]), b"")
        else:
            add_payload(assembly, job.edition.payload, job.edition.issued_at)
        assembly.fill("catalog", catalog)
        assembly.fill("metadata", xmp(job.edition, self._guide.id, self._guide.language))
        return assembly.file(add_information(assembly, job.edition))

    def _annex_pages(self, job: _Job) -> list[int]:
        if job.annex is None:
            return []
        width, height = job.annex.width, job.annex.height
        base = self._blank.base
        marks = _annex_marks(job, width, height)
        numbers_ = []
        for content in job.annex.pages:
            body = job.assembly.add(stream((marks + content).encode()))
            numbers_.append(
                job.assembly.add(
                    b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %s] /Contents %d 0 R"
                    b" /Resources %d 0 R >>"
                    % (
                        base.slots["pages"],
                        numbers(width, height).encode(),
                        body,
                        base.slots["resources"],
                    )
                )
            )
        return numbers_

    def _resources(self, job: _Job) -> None:
        assembly, base = job.assembly, self._blank.base
        common = stamp_fonts.common()
        if self._blank.live:
            # The form offers the common font to viewers, whether this candidate needs it or not.
            job.used.faces.setdefault(common.key, common)
        fonts = []
        for face in job.used.faces.values():
            own = base.slots["font"] if face.key == common.key else assembly.reserve()
            stamp_fonts.add_font(face, assembly, own)
            fonts.append(b"/%s %d 0 R" % (stamp_fonts.resource_name(face).encode(), own))
        assembly.fill("fonts", b"<< %s >>" % b" ".join(fonts))
        faint = _FAINT if job.edition.stage is Stage.DRAFT else b""
        assembly.fill("resources", b"<< /Font %d 0 R %s >>" % (base.slots["fonts"], faint))


def _annex_marks(job: _Job, width: float, height: float) -> str:
    """What every page carries, for the pages of the annex."""
    sheet = stamp_notes.plain_sheet(width, height)
    marks = ""
    if job.edition.stage is Stage.DRAFT:
        marks += draft_mark(sheet.visible, 0, job.used)
    if job.edition.margin_note:
        strip = stamp_notes.plain_strip(width)
        note = stamp_notes.margin_note(job.edition.margin_note, strip, sheet, job.used)
        marks += state(1) + note
    return marks
