"""The sheets of a fiche that hold answers: one for each section of the guide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from cqp_forms.answers import Answer, Verdict
from cqp_forms.blocks import SignatureBlock, plain
from cqp_forms.guide import Competence, Field, FieldGroup, FieldKind, Guide, Section
from cqp_forms.workbook import style
from cqp_forms.workbook.entries import add_validations, colour_when, is_needed, number_format
from cqp_forms.workbook.fiche import Column
from cqp_forms.workbook.formulas import (
    ANSWER,
    COMMENT,
    HELP,
    ID,
    LABEL,
    NOTES,
    PANEL,
    answered,
    is_verdict,
    text_of,
    unexplained,
    value_of,
    verdicts,
)

TITLE_ROW, BAND_ROW, HEADER_ROW = 1, 2, 3
_TITLES = {
    ID: Column.FIELD,
    LABEL: Column.LABEL,
    ANSWER: Column.ANSWER,
    HELP: "À savoir",
    COMMENT: Column.COMMENT,
    NOTES: "Notes (non imprimées)",
}
_PANEL_TITLE = "Pour l’entretien"
_PANEL_WIDTH = 74.0
_NOTES_WIDTH = 30.0
#: Ids are for the program: too narrow to be read, and not printed.
_ID_WIDTH = 1.8
_COMMENT_LINES = 7
_HINT = style.font("7F7F7F", 10, slant="italic")
_FAINT = style.font("BFBFBF", 6)
_RESULT_HEIGHT = 48.0


@dataclass(frozen=True, slots=True)
class SheetShape:
    """How one kind of sheet is laid out.

    Attributes:
        label, answer, help, comment: widths in characters.
        printed: the letters of the columns that are printed, from the left.
    """

    label: float
    answer: float
    help: float
    comment: float
    printed: str

    @property
    def width(self) -> float:
        """The width in characters of what is printed."""
        widths = (self.label, self.answer, self.help, self.comment)
        return sum(widths[: len(self.printed)])


_CRITERIA = SheetShape(61, 17, 18, 29, LABEL + ANSWER + HELP + COMMENT)
_TEXTS = SheetShape(34, 80, 2, 11, LABEL + ANSWER)
_PROPOSED = SheetShape(34, 52, 28, 11, LABEL + ANSWER + HELP)


@dataclass(frozen=True, slots=True)
class EntryRow:
    """The row of one field."""

    sheet: str
    number: int
    field: Field
    shape: SheetShape

    def cell(self, letters: str) -> str:
        """The reference of a cell of the row."""
        return f"{letters}{self.number}"

    def height(self, answer: Answer | None) -> float:
        """The height in points that the row needs with an answer."""
        one, shape = self.field, self.shape
        text = answer.value if answer and type(answer.value) is str else ""
        needed = [style.lines_of(one.label, shape.label), style.lines_of(text, shape.answer)]
        if answer and answer.comment:
            needed.append(style.lines_of(answer.comment, shape.comment))
        if one.kind is FieldKind.LONG_TEXT:
            needed.append(_COMMENT_LINES)
        return style.height(max(needed), _RESULT_HEIGHT if one.kind is FieldKind.RESULT else 24)


def asked(group: FieldGroup) -> list[Field]:
    """The fields of a group that a workbook asks for: signatures are given on paper."""
    return [one for one in group.fields if one.kind is not FieldKind.SIGNATURE]


def add_section(book: Workbook, guide: Guide, section: Section) -> list[EntryRow]:
    """Add a section's sheet, without answers; gives its rows."""
    return _SectionSheet(book, guide, section).rows()


class _SectionSheet:
    """Writes one section's sheet from top to bottom."""

    def __init__(self, book: Workbook, guide: Guide, section: Section) -> None:
        self._guide, self._section = guide, section
        self._sheet = book.create_sheet(section.sheet)
        self._competence = next(
            (one for one in guide.competences if one.result.sheet == section.sheet), None
        )
        self._proposals = {
            one.id: guide.fields[other]
            for one in section.fields
            if (other := dict(_proposed(guide)).get(one.id))
        }
        texts = _PROPOSED if self._proposals else _TEXTS
        self._shape = _CRITERIA if self._competence else texts
        self._entries: list[EntryRow] = []
        self._blocks: list[range] = []

    def rows(self) -> list[EntryRow]:
        """Write the sheet; gives the rows of its fields."""
        _head(self._sheet, self._section, self._shape)
        self._body()
        self._band()
        add_validations(self._sheet, ((one.field, one.cell(ANSWER)) for one in self._entries))
        self._colour()
        self._propose()
        if self._competence:
            self._help(self._competence)
            self._panel(self._competence)
        self._set_up()
        return self._entries

    def _body(self) -> None:
        row = HEADER_ROW
        for group in self._section.groups:
            if not (fields := asked(group)):
                continue
            row += 1
            first = row
            _group_title(self._sheet, row, group.title, self._shape)
            for one in fields:
                row += 1
                entry = EntryRow(self._sheet.title, row, one, self._shape)
                self._entries.append(entry)
                _lay_out(self._sheet, entry)
            _notes(self._sheet, first + 1, row)
            self._blocks.append(range(first, row + 1))

    def _band(self) -> None:
        """Whose fiche it is, how far the sheet is, and what misses: always in sight."""
        names = [self._guide.fields[one] for one in self._guide.candidate]
        who = "TRIM(" + ('&" "&'.join(text_of(one) for one in names) or '""') + ")"
        unnamed = "Candidat : à renseigner" if names else ""
        sheet, letters = self._sheet, self._shape.printed
        formulas = {LABEL: f'IF({who}="","{unnamed}",{who})'} | self._progress()
        for column in letters:
            sheet[f"{column}{BAND_ROW}"].fill = style.fill(style.PALE)
        for column, formula in formulas.items():
            cell = sheet[f"{column}{BAND_ROW}"]
            cell.value = f"={formula}"
            cell.font = style.font(style.NAVY, weight="bold")
            cell.alignment = style.WRAPPED
        sheet.row_dimensions[BAND_ROW].height = 36
        place = f"{HELP if self._competence else ANSWER}{BAND_ROW}"
        if self._competence:
            sheet[f"{ANSWER}{BAND_ROW}"].alignment = style.CENTRED
            sheet.merge_cells(f"{HELP}{BAND_ROW}:{COMMENT}{BAND_ROW}")
        colour_when(sheet, place, f'ISERROR(SEARCH("complet",{place}))', style.CREAM, style.RED)

    def _progress(self) -> dict[str, str]:
        """The formulas of the band that say how far the sheet is."""
        if self._competence:
            done = f'{answered(self._competence)}&"/{len(self._competence.criteria)}"'
            return {ANSWER: done, HELP: _competence_state(self._competence)}
        needed = [one.field for one in self._entries if is_needed(one.field)]
        if not needed:
            return {ANSWER: '"Facultatif : rien à compléter"'}
        names = "&".join(
            f'IF({text_of(one)}="",", {one.label.replace(chr(34), "")[:60]}","")' for one in needed
        )
        done = "+".join(f"(LEN({text_of(one)})>0)" for one in needed)
        total = len(needed)
        lacking = f'({done})&"/{total} – il manque : "&MID({names},3,200)'
        return {ANSWER: f'IF({done}={total},"{total}/{total} – complet",{lacking})'}

    def _colour(self) -> None:
        """A red frame until answered; then the colour of the answer, to be read at a glance."""
        self._when(
            [one.number for one in self._entries if is_needed(one.field)],
            ANSWER, f"LEN(TRIM(${ANSWER}§))=0", style.CREAM, style.INK,
        )  # fmt: skip
        criteria = self._numbers(FieldKind.CRITERION)
        missing = f"AND({is_verdict(f'${ANSWER}§', Verdict.NA)},LEN(TRIM(${COMMENT}§))=0)"
        self._when(criteria, COMMENT, missing, style.CREAM, style.INK)
        for verdict, ground, ink in style.VERDICTS:
            self._when(criteria, ANSWER, is_verdict(f"${ANSWER}§", verdict), ground, ink)
        if self._competence:
            results = self._numbers(FieldKind.RESULT)
            failed = f"{verdicts(self._competence, Verdict.NON)}>0"
            text = f"TRIM(${ANSWER}§)"
            mastered = f'AND(LEN({text})>0,LEFT({text},3)<>"NON")'
            self._when(results, ANSWER, f"AND({mastered},{failed})", style.CREAM, style.RED)
            self._when(results, ANSWER, mastered, style.GREEN, "375623")
            self._when(results, ANSWER, f'LEFT({text},3)="NON"', style.AMBER, "7F6000")

    def _when(self, rows: list[int], letters: str, formula: str, ground: str, ink: str) -> None:
        if rows:
            cells = " ".join(_spans(rows, letters))
            colour_when(self._sheet, cells, formula.replace("§", str(rows[0])), ground, ink)

    def _numbers(self, kind: FieldKind) -> list[int]:
        return [one.number for one in self._entries if one.field.kind is kind]

    def _help(self, competence: Competence) -> None:
        """Beside each criterion, that its NA lacks its reason; beside the result, what it may be.

        The result's own cell holds no formula: the evaluator alone decides.
        """
        for entry in self._entries:
            answer, comment = entry.cell(ANSWER), entry.cell(COMMENT)
            if entry.field.kind is FieldKind.RESULT:
                no, total = verdicts(competence, Verdict.NON), len(competence.criteria)
                told = f'{no}&" NON : la compétence ne peut pas être maîtrisée"'
                done = f'IF({answered(competence)}<{total},"","Aucun NON")'
                _hint(self._sheet[entry.cell(HELP)], f"IF({no}>0,{told},{done})")
            else:
                lacks = f"AND({is_verdict(answer, Verdict.NA)},LEN(TRIM({comment}))=0)"
                _hint(self._sheet[entry.cell(HELP)], f'IF({lacks},"NA : expliquez →","")')

    def _propose(self) -> None:
        """What a signatory's answer will probably be, in grey beside it."""
        for entry in self._entries:
            if (other := self._proposals.get(entry.field.id)) is None:
                continue
            cell = self._sheet[entry.cell(HELP)]
            given, empty = f"LEN({text_of(entry.field)})>0", f"LEN({text_of(other)})=0"
            # A date stays one: how a formula writes it as text depends on the language.
            is_date = other.kind is FieldKind.DATE
            shown = value_of(other) if is_date else f'"Proposé : "&{value_of(other)}'
            _hint(cell, f'IF(OR({given},{empty}),"",{shown})')
            if is_date:
                cell.number_format = f'"Proposé : "{style.DATE_FORMAT};;;@'

    def _panel(self, competence: Competence) -> None:
        """The documents and questions of the interview, beside the criteria."""
        lists = [
            (self._guide.phrases.documents, competence.documents),
            (self._guide.phrases.questions_title, competence.questions),
        ] if self._guide.phrases else []  # fmt: skip
        text = "\n\n".join(
            "\n".join([plain(title), *(f"• {plain(one)}" for one in items)])
            for title, items in lists
            if items
        )
        if not text:
            return
        sheet, first, last = self._sheet, HEADER_ROW + 1, self._entries[-1].number
        sheet.column_dimensions[PANEL].width = _PANEL_WIDTH
        _title_cell(sheet[f"{PANEL}{HEADER_ROW}"], _PANEL_TITLE)
        style.put(
            sheet[f"{PANEL}{first}"],
            text,
            face=style.font(size=10),
            align=Alignment(wrap_text=True, horizontal="left", vertical="top", indent=1),
        )
        sheet.merge_cells(f"{PANEL}{first}:{PANEL}{last}")
        link = sheet[f"{NOTES}{BAND_ROW}"]
        style.put(link, "Documents et questions →", face=style.font(style.BLUE, weight="bold"))
        style.link(link, sheet.title, f"{PANEL}{first}")

    def _set_up(self) -> None:
        sheet, section = self._sheet, self._section
        style.freeze(sheet, f"{HELP}{HEADER_ROW + 1}", f"{ANSWER}{HEADER_ROW + 2}")
        style.protect(sheet)
        style.print_setup(
            sheet,
            orientation="portrait",
            title=self._guide.certificate or section.title,
        )
        sheet.print_area = f"{LABEL}1:{self._shape.printed[-1]}{self._blocks[-1].stop - 1}"
        sheet.print_title_rows = f"{TITLE_ROW}:{HEADER_ROW}"
        long = self._numbers(FieldKind.LONG_TEXT)
        if long:
            style.paginate(sheet, self._shape.width, _HEAD_HEIGHT, self._blocks)
        else:
            style.fit(sheet)
        sheet.sheet_properties.tabColor = style.BLUE if self._competence else style.NAVY


_HEAD_HEIGHT = 100.0


def _proposed(guide: Guide) -> Iterator[tuple[str, str]]:
    """Fields whose answer another's foretells: the declarant's name; the first one's date."""
    date = ""
    for block in guide.document:
        if isinstance(block, SignatureBlock):
            name = next((one for one in block.fields if one.endswith(".nom")), "")
            if name and block.declarant:
                yield block.declarant, name
            if date and block.date:
                yield block.date, date
            date = date or block.date


def _competence_state(competence: Competence) -> str:
    total, done = len(competence.criteria), answered(competence)
    lacking, reasons = f"({total}-{done})", unexplained(competence)
    return (
        f'IF({lacking}>0,"Il manque "&{lacking}&IF({lacking}>1," réponses"," réponse"),'
        f'IF({reasons}>0,"NA à expliquer : "&{reasons},'
        f'IF({text_of(competence.result)}="","Résultat à choisir","Complet")))'
    )


def _hint(cell: Cell, formula: str) -> None:
    cell.value = f"={formula}"
    cell.font, cell.alignment = _HINT, style.WRAPPED


def _head(sheet: Worksheet, section: Section, shape: SheetShape) -> None:
    widths = {
        ID: _ID_WIDTH,
        LABEL: shape.label,
        ANSWER: shape.answer,
        HELP: shape.help,
        COMMENT: shape.comment,
        NOTES: _NOTES_WIDTH,
    }
    for letters, width in widths.items():
        sheet.column_dimensions[letters].width = width
    style.put(
        sheet[f"{LABEL}{TITLE_ROW}"],
        section.title,
        face=style.font("FFFFFF", 14, weight="bold"),
        ground=style.NAVY,
    )
    for letters in shape.printed:
        sheet[f"{letters}{TITLE_ROW}"].fill = style.fill(style.NAVY)
    sheet.merge_cells(f"{LABEL}{TITLE_ROW}:{shape.printed[-1]}{TITLE_ROW}")
    lines = style.lines_of(section.title, shape.width * 11 / 15)
    sheet.row_dimensions[TITLE_ROW].height = style.height(lines, 33) + 4 * (lines - 1)
    for letters, title in _TITLES.items():
        cell = sheet[f"{letters}{HEADER_ROW}"]
        if letters in (*shape.printed, NOTES):
            _title_cell(cell, title)
        elif letters != HELP:  # read by the program, of no use to people
            style.put(cell, title, face=_FAINT, align=style.RUNNING)
    sheet.row_dimensions[HEADER_ROW].height = 24


def _title_cell(cell: Cell, title: str) -> None:
    style.put(
        cell,
        title,
        face=style.font("FFFFFF", weight="bold"),
        ground=style.BLUE,
        align=style.WRAPPED if cell.column_letter in (LABEL, PANEL) else style.CENTRED,
        boxed=True,
    )


def _group_title(sheet: Worksheet, row: int, title: str, shape: SheetShape) -> None:
    # Not merged, which sorting forbids: it runs on over the empty cells beside it.
    for letters in shape.printed:
        sheet[f"{letters}{row}"].fill = style.fill(style.PALE)
    lines = style.lines_of(title, shape.width * 0.85)
    style.put(
        sheet[f"{LABEL}{row}"],
        title,
        face=style.font(style.NAVY, weight="bold"),
        ground=style.PALE,
        align=style.WRAPPED if lines > 1 else style.RUNNING,
    )
    if lines > 1:
        lines = style.lines_of(title, shape.label * 0.92)
    sheet.row_dimensions[row].height = style.height(lines, 24)


def _lay_out(sheet: Worksheet, entry: EntryRow) -> None:
    one, shape = entry.field, entry.shape
    style.put(
        sheet[entry.cell(ID)],
        one.id,
        face=_FAINT,
        align=Alignment(vertical="center"),
    )
    result = one.kind is FieldKind.RESULT
    label = style.font(style.NAVY, weight="bold") if result else style.font()
    style.put(sheet[entry.cell(LABEL)], one.label, face=label, boxed=True)
    takes_comment = one.kind is FieldKind.CRITERION
    style.share(
        sheet[entry.cell(ANSWER)],
        ("answer", one.kind, shape is _CRITERIA),
        lambda cell: _dress_answer(cell, one.kind, shape),
    )
    style.share(
        sheet[entry.cell(COMMENT)],
        ("comment", takes_comment),
        lambda cell: _dress_comment(cell, takes_comment),
    )
    sheet.row_dimensions[entry.number].height = entry.height(None)


def _dress_answer(cell: Cell, kind: FieldKind, shape: SheetShape) -> None:
    cell.alignment = Alignment(
        wrap_text=True,
        vertical="top" if kind is FieldKind.LONG_TEXT else "center",
        horizontal="center" if shape is _CRITERIA else "left",
        indent=0 if shape is _CRITERIA else 1,
    )
    cell.border, cell.protection = style.BOX, style.UNLOCKED
    chosen = kind not in (FieldKind.TEXT, FieldKind.LONG_TEXT)
    cell.font = style.font(weight="bold" if chosen else "regular")
    cell.number_format = number_format(kind)


def _dress_comment(cell: Cell, takes_comment: bool) -> None:
    cell.alignment, cell.font = style.WRAPPED, style.font(size=10)
    cell.number_format = style.TEXT_FORMAT
    if takes_comment:
        cell.border, cell.protection = style.BOX, style.UNLOCKED


def _notes(sheet: Worksheet, first: int, last: int) -> None:
    """One cell to jot in beside a group: Tab stops there once, and not at each row."""
    for row in range(first, last + 1):
        sheet[f"{NOTES}{row}"].border = style.BOX
    cell = sheet[f"{NOTES}{first}"]
    cell.alignment = Alignment(wrap_text=True, horizontal="left", vertical="top", indent=1)
    cell.font, cell.protection = style.font(size=10), style.UNLOCKED
    cell.number_format = style.TEXT_FORMAT
    if last > first:
        sheet.merge_cells(f"{NOTES}{first}:{NOTES}{last}")


def _spans(rows: list[int], letters: str) -> Iterator[str]:
    """The rows as ranges of one column: 5, 6, 8 gives ``C5:C6`` and ``C8``."""
    start = previous = rows[0]
    for row in [*rows[1:], -1]:
        if row == previous + 1:
            previous = row
            continue
        yield f"{letters}{start}:{letters}{previous}" if start != previous else f"{letters}{start}"
        start = previous = row
