"""Stamp a blank PDF: prepared once and held open, then a few milliseconds a candidate.

For each candidate the text and marks are composed first; then they are written into the prepared
document, over those of the candidate before, and it is saved: a plain file, in one revision.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from cqp_forms.errors import MappingError
from cqp_forms.guide import Guide
from cqp_forms.mapping import PdfMapping, Rect
from cqp_forms.pagecode import symbol
from cqp_forms.pdf.geometry import View
from cqp_forms.pdf.stamp import notes
from cqp_forms.pdf.stamp.annex import Annex, AnnexEntry, lay_out
from cqp_forms.pdf.stamp.editable import fill_text, fill_ticks
from cqp_forms.pdf.stamp.edition import EditionWriter
from cqp_forms.pdf.stamp.overlay import QUIET, FontUsage, draft_mark, frame, mention, outline, state
from cqp_forms.pdf.stamp.prepare import prepare
from cqp_forms.pdf.stamp.text import Overflow, Setting, draw, letters_beyond, set_text
from cqp_forms.plan import Edition, Finish, Plan, Stage, Tick, Unsettled


@dataclass
class _Job:
    """One candidate's document, as composed.

    Attributes:
        overlays: what is drawn over each page, in order.
        settings: the texts as laid out, by placement.
        entries: what goes on in the annex.
    """

    plan: Plan
    edition: Edition
    overlays: list[list[str]]
    usage: FontUsage = field(default_factory=FontUsage)
    settings: dict[str, Setting] = field(default_factory=dict)
    entries: list[AnnexEntry] = field(default_factory=list)
    annex: Annex | None = None


class PdfStamper:
    """Stamps one blank for any number of candidates, one at a time.

    Args:
        document: the blank.
        mapping: where its placements lie.
        guide: what they are.
        finish: ``FLAT`` leaves no field but the signatures; ``EDITABLE`` keeps the form, filled.

    Raises:
        DocumentError: the blank cannot be stamped (not a PDF, password, XFA, signed, a page or a
            field that is not there, a drawn box that comes ticked).
        MappingError: the mapping is not this document's.
    """

    def __init__(
        self, document: bytes, mapping: PdfMapping, guide: Guide, finish: Finish = Finish.FLAT
    ) -> None:
        mapping.require_document(document)
        self._total = mapping.total
        self._codes_at = mapping.codes
        self._finish = finish
        self._places = mapping.locators
        self._blank = prepare(document, mapping, guide, finish)
        self._edition = EditionWriter(self._blank.pdf, guide.id, guide.language, document)
        self._annex = _AnnexPages(self._blank.pdf, self._blank.stamped.dictionary)
        self._bookmark = _AnnexBookmark(self._blank.pdf)
        self._spaces: list[notes.FreeSpace] = []
        self._rooms: dict[bool, notes.Room] = {}

    @property
    def uncoded(self) -> tuple[int, ...]:
        """The pages, from 1, that have no room for a code."""
        return tuple(number for number, one in enumerate(self._squares(), start=1) if not one)

    @property
    def unarchivable(self) -> tuple[str, ...]:
        """Why its documents cannot say that they are PDF/A, in French."""
        return self._edition.obstacles

    def stamp(self, plan: Plan, edition: Edition) -> bytes:
        """Make one candidate's document.

        Args:
            plan: what goes into each placement.
            edition: what is printed and stored around it.

        Returns:
            The PDF; equal input gives equal bytes, whatever was stamped before.

        Raises:
            MappingError: the plan fills a placement that the mapping does not place.
            AnswersError: a text has a character that no bundled font shows.
        """
        self._require_places(plan)
        job = _Job(plan, edition, [[] for _ in self._blank.views])
        for key, (page, shown) in self._blank.kept.items():
            if not plan.texts.get(key):
                job.overlays[page].append(shown)
        self._notes(job)
        self._set_texts(job)
        self._lay_annex(job)
        self._unsettled(job)
        self._totals(job)
        self._codes(job)
        self._ticks(job)
        self._texts(job)
        appearances = self._fill_form(job)
        annex = self._annex_contents(job)
        for overlay, parts in zip(self._blank.overlays, job.overlays, strict=True):
            _write(overlay, "".join(parts).encode())
        for appearance, content in appearances:
            _write(appearance, content)
        self._write_pages(job, annex)
        self._blank.stamped.write(job.usage, edition.stage)
        self._edition.write(edition)
        target = BytesIO()
        self._blank.save(target)
        return target.getvalue()

    def continued(self, plan: Plan) -> Mapping[str, int]:
        """See :meth:`cqp_forms.formats.DocumentStamper.continued`."""
        found: dict[str, int] = {}
        for key, text in plan.texts.items():
            area = self._blank.areas.get(key)
            if text and area is not None:
                beyond = letters_beyond(set_text(area, unicodedata.normalize("NFC", text), 1))
                if beyond:
                    found[area.field] = max(beyond, found.get(area.field, 0))
        return found

    def _require_places(self, plan: Plan) -> None:
        known = self._blank.known
        missing = [key for key in plan.instructions if key not in known]
        if missing:
            raise MappingError(
                f"la correspondance ne place pas « {missing[0]} ».",
                remedy="Complétez-la : cqp-forms map DOCUMENT --check CORRESPONDANCE.",
            )

    def _notes(self, job: _Job) -> None:
        edition, views = job.edition, self._blank.views
        if edition.stage is Stage.DRAFT:
            for view, parts in zip(views, job.overlays, strict=True):
                parts.append(draft_mark(view, job.usage))
        if not (edition.cover_note or edition.margin_note):
            return
        room = self._room(coded=bool(edition.trail.code))
        if edition.margin_note:
            for view, strip, parts in zip(views, room.margins, job.overlays, strict=True):
                note = notes.margin_note(edition.margin_note, strip, view, job.usage)
                parts.append(state(1) + note)
        if edition.cover_note:
            note = notes.cover_note(edition.cover_note, room.cover, views[0], job.usage)
            job.overlays[0].append(state(1) + note)

    def _room(self, coded: bool) -> notes.Room:
        if coded not in self._rooms:
            if not self._spaces:
                self._spaces = notes.free_spaces(self._blank.document, self._blank.taken)
            self._rooms[coded] = notes.room(self._spaces, coded)
        return self._rooms[coded]

    def _squares(self) -> Sequence[Rect | None]:
        """The square of each page's code: said by the mapping, or looked for."""
        if self._codes_at is None:
            return self._room(coded=True).codes
        corners = (self._codes_at.corner(one) for one in range(1, len(self._blank.views) + 1))
        return [one and notes.code_at(*one) for one in corners]

    def _totals(self, job: _Job) -> None:
        """« / 22 » after each page's number, the annex counted."""
        total = self._total
        # A form that says nothing of its making was filled in the blank itself: none were drawn.
        by_hand = self._finish is Finish.EDITABLE and not job.edition.trail.rendering
        if total is None or by_hand:
            return
        pages = len(self._blank.views) + (len(job.annex.pages) if job.annex else 0)
        for view, parts in list(zip(self._blank.views, job.overlays, strict=True))[
            total.first - 1 :
        ]:
            where = frame(view.rect(total.rect), 0)
            shown = mention(f" / {pages}", total.rect.height, where, 0, 0, job.usage, "Artifact")
            parts.append(f"q {QUIET} rg {shown}Q\n")

    def _codes(self, job: _Job) -> None:
        code = job.edition.trail.code
        if not code:
            return
        pages = len(self._blank.views) + (len(job.annex.pages) if job.annex else 0)
        places = zip(self._blank.views, self._squares(), job.overlays, strict=True)
        for number, (view, square, parts) in enumerate(places, start=1):
            if square is not None:
                parts.append(notes.page_code(symbol(code, number, pages), square, view))

    def _set_texts(self, job: _Job) -> None:
        whole: dict[tuple[str, str], int] = {}
        # A value that the blank has no appearance for is shown as an answer is.
        answered = {key: text for key, text in job.plan.texts.items() if text}
        for key, text in {**self._blank.unseen, **answered}.items():
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
            job.entries.append(AnnexEntry(number, area.title, area.page + 1, setting.fitted.rest))

    def _lay_annex(self, job: _Job) -> None:
        unsettled = job.edition.unsettled
        if job.entries or unsettled:
            views = self._blank.views
            first, title = len(views) + 1, job.edition.title
            listed = sorted(
                ((one, self._page(one)) for one in unsettled),
                key=lambda item: item[1] or first,
            )
            job.annex = lay_out(job.entries, views[0], first, title, job.usage, listed)

    def _page(self, one: Unsettled) -> int:
        """The page, from 1, of what is not settled; 0 where its place is not known."""
        places = (self._places.get(key) for key in one.placements)
        return next((place.page for place in places if place), 0)

    def _unsettled(self, job: _Job) -> None:
        """A thin amber frame around each place that cannot be taken for an answer."""
        framed = dict.fromkeys(key for one in job.edition.unsettled for key in one.placements)
        for key in framed:
            if place := self._places.get(key):
                job.overlays[place.page - 1].append(outline(place.rect))

    def _ticks(self, job: _Job) -> None:
        width: dict[int, float] = {}
        for key, tick in job.plan.ticks.items():
            if tick is Tick.ON and key in self._blank.crosses:
                page, stroke, path = self._blank.crosses[key]
                if width.get(page) != stroke:
                    job.overlays[page].append(state(stroke))
                    width[page] = stroke
                job.overlays[page].append(path)

    def _texts(self, job: _Job) -> None:
        started: set[int] = set()
        for key, setting in job.settings.items():
            if key in self._blank.live.texts:
                continue
            area = setting.area
            if area.page not in started:
                job.overlays[area.page].append(state(1))
                started.add(area.page)
            shown = draw(setting, area.frame, self._annex_page(job, setting), job.usage)
            job.overlays[area.page].append(shown)

    def _annex_page(self, job: _Job, setting: Setting) -> int:
        if job.annex is None or not setting.number:
            return 0
        return len(self._blank.views) + 1 + job.annex.starts.get(setting.number, 0)

    def _fill_form(self, job: _Job) -> list[tuple[Object, bytes]]:
        """Give the fields that stay their values; gives the content of their appearances."""
        live, ticks, texts = self._blank.live, job.plan.ticks, job.plan.texts
        # Every field, whether the plan has it or not: none keeps another candidate's value.
        fill_ticks([(one, ticks.get(key) is Tick.ON) for key, one in live.ticks.items()])
        appearances = []
        for key, one in live.texts.items():
            text = unicodedata.normalize("NFC", texts.get(key, ""))
            setting = job.settings.get(key) or set_text(self._blank.areas[key], "", 0)
            page = self._annex_page(job, setting)
            appearances.append((one.appearance, fill_text(one, text, setting, page, job.usage)))
        if live.texts or live.ticks:
            # The form offers the common font to viewers, whether this candidate needs it or not.
            common = self._blank.stamped.common
            job.usage.faces.setdefault(common.key, common)
        return appearances

    def _annex_contents(self, job: _Job) -> list[str]:
        """The pages of the annex, with what every page carries."""
        if job.annex is None:
            return []
        width, height = job.annex.width, job.annex.height
        view = View(Rect(0, 0, width, height), 0)
        marks = ""
        if job.edition.stage is Stage.DRAFT:
            marks += draft_mark(view, job.usage)
        if job.edition.margin_note:
            strip = notes.plain_strip(width)
            note = notes.margin_note(job.edition.margin_note, strip, view, job.usage)
            marks += state(1) + note
        first = len(self._blank.views) + 1
        last = first + len(job.annex.pages) - 1
        return [
            marks + self._annex_code(job, number, last, view) + content
            for number, content in enumerate(job.annex.pages, start=first)
        ]

    def _annex_code(self, job: _Job, number: int, last: int, view: View) -> str:
        code = job.edition.trail.code
        if not code:
            return ""
        return notes.page_code(symbol(code, number, last), notes.plain_square(view), view)

    def _write_pages(self, job: _Job, annex: list[str]) -> None:
        tree = self._blank.pdf.Root.Pages
        more = self._annex.write(annex, tree, job.annex) if job.annex else []
        self._bookmark.write(more[:1], "Annexe" if job.entries else "À régler")
        tree.Kids = Array([*self._blank.kids, *more])
        tree.Count = len(self._blank.kids) + len(more)


class _AnnexBookmark:
    """The last entry of the outline (ISO 32000-2, 12.3.3), there where there is an annex."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        found = pdf.Root.get(Name.Outlines)
        self._pdf = pdf
        self._outlines = found if isinstance(found, Dictionary) else None
        self._last = self._outlines.get(Name.Last) if self._outlines is not None else None
        self._count = int(self._outlines.get(Name.Count, 0)) if self._outlines is not None else 0
        self._item = pdf.make_indirect(Dictionary())

    def write(self, pages: Sequence[Object], title: str) -> None:
        """Make it lead to the annex's first page, or take it away."""
        self._item.Title = String(title)
        outlines, last, item = self._outlines, self._last, self._item
        if not pages:
            if last is not None and outlines is not None:
                if Name.Next in last:
                    del last.Next
                outlines.Last, outlines.Count = last, self._count
            elif Name.Outlines in self._pdf.Root:
                del self._pdf.Root.Outlines
            return
        if outlines is None or last is None:
            outlines = self._pdf.make_indirect(Dictionary(Type=Name.Outlines, First=item))
            self._pdf.Root.Outlines = outlines
        else:
            item.Prev, last.Next = last, item
        item.Parent, item.Dest = outlines, Array([pages[0], Name.Fit])
        # A count below 0 is that of an outline shown closed.
        outlines.Last = item
        outlines.Count = self._count + (1 if self._count >= 0 else -1)


class _AnnexPages:
    """The pages of the annex, made as they are needed and used again for the next candidate."""

    def __init__(self, pdf: pikepdf.Pdf, resources: Object) -> None:
        self._pdf, self._resources = pdf, resources
        self._made: list[Object] = []

    def write(self, contents: list[str], tree: Object, annex: Annex) -> list[Object]:
        """Write one page for each content; gives their dictionaries."""
        while len(self._made) < len(contents):
            made = Dictionary(
                Type=Name.Page,
                Parent=tree,
                MediaBox=Array([0, 0, round(annex.width, 2), round(annex.height, 2)]),
                Contents=self._pdf.make_stream(b""),
                Resources=self._resources,
            )
            self._made.append(self._pdf.make_indirect(made))
        pages = self._made[: len(contents)]
        for page, content in zip(pages, contents, strict=True):
            _write(page.Contents, content.encode())
        return pages


def _write(stream: Object, content: bytes) -> None:
    stream.write(zlib.compress(content, 6), filter=Name.FlateDecode)
