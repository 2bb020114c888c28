"""The « Synthèse » sheet, live: what is answered, what misses, what contradicts itself.

See :mod:`cqp_forms.workbook.formulas`.
"""

from __future__ import annotations

from collections.abc import Mapping

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from cqp_forms.answers import Verdict
from cqp_forms.guide import Competence, FieldKind, Guide
from cqp_forms.workbook import style
from cqp_forms.workbook.entries import colour_when, is_needed
from cqp_forms.workbook.formulas import answered, text_of, unexplained, verdicts

TITLE = "Synthèse"
_HEADERS = (
    "Compétence",
    "Critères",
    "Répondus",
    "À répondre",
    "OUI",
    "NON",
    "NA",
    "NA sans précision",
    "Résultat",
    "État",
)
_WIDTHS = (90, 9, 9.5, 10, 7, 7, 7, 10, 18, 32)
#: Letters that a new line costs in a long text, about: half a line.
_LINE = 45
_STATE_ROW, _NAME_ROW, _TABLE_ROW = 3, 4, 6
_COMPLETE = "Complète"
_RESULT_MISSING = "Résultat à choisir"


def add_synthesis(book: Workbook, guide: Guide, rooms: Mapping[str, int]) -> Worksheet:
    """Add the sheet; it has no « Champ » header, so that reading leaves it aside.

    Args:
        rooms: about how many letters of a long text stay on the guide's pages, by field.
    """
    sheet = book.create_sheet(TITLE)
    for index, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    columns = len(_WIDTHS)
    style.band(sheet, 1, columns, f"{TITLE} – {guide.tool or guide.title}")
    sheet.row_dimensions[1].height = 33
    style.put(
        sheet.cell(2, 1),
        "Cette feuille se remplit toute seule ; il n’y a rien à y écrire.",
        face=style.font(style.BLUE, 10, slant="italic"),
        align=Alignment(vertical="center", horizontal="left", indent=1),
    )
    row = _TABLE_ROW
    if guide.competences:
        row = _competences(sheet, guide, row) + 2
        row = _details(sheet, guide, row) + 2
    first, last = _other_fields(sheet, guide, row)
    _state(sheet, guide, first, last)
    _long_texts(sheet, guide, rooms, last + 2)
    style.protect(sheet)
    style.print_setup(sheet, orientation="landscape", title=guide.certificate)
    style.fit(sheet)
    sheet.views.sheetView[0].showGridLines = False
    sheet.sheet_properties.tabColor = "70AD47"
    return sheet


def _headers(sheet: Worksheet, row: int, titles: tuple[str, ...]) -> None:
    for column, title in enumerate(titles, start=1):
        style.put(
            sheet.cell(row, column),
            title,
            face=style.font("FFFFFF", 10, weight="bold"),
            ground=style.BLUE,
            align=style.WRAPPED if column == 1 else style.CENTRED,
            boxed=True,
        )
    sheet.row_dimensions[row].height = 33


def _formula(sheet: Worksheet, row: int, column: int, formula: str) -> None:
    cell = sheet.cell(row, column)
    cell.value = f"={formula}"
    cell.font, cell.border = style.font(), style.BOX
    cell.alignment = style.CENTRED


def _competences(sheet: Worksheet, guide: Guide, row: int) -> int:
    """The table of the competences; returns its total row."""
    _headers(sheet, row, _HEADERS)
    first = row + 1
    for competence in guide.competences:
        row += 1
        _competence(sheet, row, competence)
    last, row = row, row + 1
    style.put(
        sheet.cell(row, 1),
        "Total",
        face=style.font(style.NAVY, weight="bold"),
        ground=style.PALE,
        boxed=True,
    )
    for column in range(2, len(_HEADERS) + 1):
        letters = get_column_letter(column)
        if column <= 8:
            _formula(sheet, row, column, f"SUM({letters}{first}:{letters}{last})")
        cell = sheet.cell(row, column)
        cell.fill, cell.border = style.fill(style.PALE), style.BOX
        cell.font = style.font(style.NAVY, weight="bold")
    mastered = f'COUNTIF(I{first}:I{last},"MA*")'
    _formula(sheet, row, 9, f'{mastered}&" / {last - first + 1} maîtrisées"')
    _formula(sheet, row, 10, f'COUNTIF(J{first}:J{last},"{_COMPLETE}*")&" / {last - first + 1}"')
    for column in (9, 10):
        sheet.cell(row, column).font = style.font(style.NAVY, weight="bold")
    for letters in "DH":
        colour_when(sheet, f"{letters}{first}:{letters}{last}", f"{letters}{first}>0", *_RED)
    colour_when(
        sheet, f"J{first}:J{last}", f'LEFT(J{first},{len(_COMPLETE)})="{_COMPLETE}"', *_GREEN
    )
    colour_when(sheet, f"J{first}:J{last}", f"LEN(J{first})>0", *_RED)
    colour_when(sheet, f"I{first}:I{last}", f'LEFT(I{first},3)="NON"', *_AMBER)
    colour_when(sheet, f"I{first}:I{last}", f"LEN(I{first})>0", *_GREEN)
    return row


_RED, _GREEN = (style.CREAM, style.RED), (style.GREEN, "375623")
_AMBER = (style.AMBER, "7F6000")


def _competence(sheet: Worksheet, row: int, competence: Competence) -> None:
    title = sheet.cell(row, 1)
    style.put(title, competence.heading, face=style.font(style.BLUE), boxed=True)
    style.link(title, competence.result.sheet)
    style.put(sheet.cell(row, 2), len(competence.criteria), align=style.CENTRED, boxed=True)
    _formula(sheet, row, 3, answered(competence))
    _formula(sheet, row, 4, f"B{row}-C{row}")
    for column, verdict in enumerate(Verdict, start=5):
        _formula(sheet, row, column, verdicts(competence, verdict))
    _formula(sheet, row, 8, unexplained(competence))
    _formula(sheet, row, 9, text_of(competence.result))
    mastered = f'AND(LEN(I{row})>0,LEFT(I{row},3)<>"NON")'
    _formula(
        sheet,
        row,
        10,
        f'IF(AND({mastered},F{row}>0),"Incohérent : MAÎTRISÉE avec "&F{row}&" NON",'
        f'IF(D{row}>0,"Il manque "&D{row}&IF(D{row}>1," réponses"," réponse"),'
        f'IF(H{row}>0,"NA à expliquer : "&H{row},'
        f'IF(I{row}="","{_RESULT_MISSING}",'
        f'IF(AND(NOT({mastered}),E{row}=B{row}),"{_COMPLETE} (à vérifier : tout est à OUI)",'
        f'"{_COMPLETE}")))))',
    )
    lines = style.lines_of(competence.heading, _WIDTHS[0])
    sheet.row_dimensions[row].height = style.height(lines, 24)


def _details(sheet: Worksheet, guide: Guide, row: int) -> int:
    """Which criteria have no answer, and which are NON or NA, by number; returns the last row."""
    last_column = len(_WIDTHS)
    _headers(sheet, row, ("Numéros des critères", "Sans réponse", *[""] * 6, "À NON ou NA", ""))
    _merge_details(sheet, row, last_column)
    first = row + 1
    for competence in guide.competences:
        row += 1
        style.put(sheet.cell(row, 1), f"Compétence {competence.number}", boxed=True)
        _formula(sheet, row, 2, _listed(competence, '{}=""'))
        _formula(sheet, row, 9, _listed(competence, 'OR(LEFT({0},1)="N",{0}="A")'))
        for column in range(2, last_column + 1):
            sheet.cell(row, column).border = style.BOX
        for column in (2, 9):
            sheet.cell(row, column).alignment = style.WRAPPED
        _merge_details(sheet, row, last_column)
        sheet.row_dimensions[row].height = 33 if len(competence.criteria) > 15 else 20
    colour_when(sheet, f"B{first}:B{row}", f"LEN(B{first})>0", *_RED)
    colour_when(sheet, f"I{first}:I{row}", f"LEN(I{first})>0", *_AMBER)
    return row


def _merge_details(sheet: Worksheet, row: int, last_column: int) -> None:
    sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=8)
    sheet.merge_cells(start_row=row, start_column=9, end_row=row, end_column=last_column)


def _listed(competence: Competence, condition: str) -> str:
    return (
        "TRIM("
        + "&".join(
            f'IF({condition.format(text_of(one))},"{one.id.partition(".")[2]}  ","")'
            for one in competence.criteria
        )
        + ")"
    )


def _other_fields(sheet: Worksheet, guide: Guide, row: int) -> tuple[int, int]:
    """The texts and dates that the rules ask for, one row each; returns the first and last row."""
    needed = [
        one
        for one in guide.fields.values()
        if is_needed(one) and one.kind not in (FieldKind.CRITERION, FieldKind.RESULT)
    ]
    _headers(sheet, row, ("Textes et dates attendus", "État"))
    first = row + 1
    for one in needed:
        row += 1
        title = sheet.cell(row, 1)
        style.put(title, one.title, face=style.font(style.BLUE), boxed=True)
        style.link(title, one.sheet)
        _formula(sheet, row, 2, f'IF(LEN({text_of(one)})>0,"Rempli","À remplir")')
        sheet.row_dimensions[row].height = style.height(style.lines_of(one.title, _WIDTHS[0]), 20)
    if needed:
        cells = f"B{first}:B{row}"
        colour_when(sheet, cells, f'B{first}="Rempli"', *_GREEN)
        colour_when(sheet, cells, f'B{first}<>"Rempli"', *_RED)
    return first, row


def _long_texts(sheet: Worksheet, guide: Guide, rooms: Mapping[str, int], row: int) -> None:
    """Which texts will go on in the annex, and by how much: an estimate, as a formula can give."""
    fields = [one for one in guide.of_kind(FieldKind.LONG_TEXT) if one.id in rooms]
    if not fields:
        return
    _headers(sheet, row, ("Textes longs", "Place sur la page", *[""] * 8))
    _merge_long_text(sheet, row)
    first = row + 1
    for one in fields:
        row += 1
        title = sheet.cell(row, 1)
        # LibreOffice prints a link on one line, whatever its cell says.
        words = one.title if style.lines_of(one.title, _WIDTHS[0]) == 1 else one.label
        style.put(title, words, face=style.font(style.BLUE), boxed=True)
        style.link(title, one.sheet)
        text = text_of(one)
        # A new line costs what is left of the one before.
        letters = f'(LEN({text})+{_LINE}*(LEN({text})-LEN(SUBSTITUTE({text},CHAR(10),""))))'
        beyond = f"{letters}-{rooms[one.id]}"
        told = f'"Environ "&ROUNDUP(({beyond})/10,0)*10&" lettres continueront en annexe"'
        _formula(sheet, row, 2, f'IF({beyond}>0,{told},"Tient sur la page")')
        for column in range(3, len(_WIDTHS) + 1):
            sheet.cell(row, column).border = style.BOX
        _merge_long_text(sheet, row)
        sheet.row_dimensions[row].height = style.height(style.lines_of(words, _WIDTHS[0]), 20)
    colour_when(sheet, f"B{first}:B{row}", f'LEFT(B{first},7)="Environ"', *_AMBER)


def _merge_long_text(sheet: Worksheet, row: int) -> None:
    sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=len(_WIDTHS))


def _state(sheet: Worksheet, guide: Guide, first: int, last: int) -> None:
    """The one line that says where the fiche stands, and whose it is."""
    missing = [f'COUNTIF(B{first}:B{last},"À remplir")'] if last >= first else []
    wrong = "FALSE"
    if guide.competences:
        top, bottom = _TABLE_ROW + 1, _TABLE_ROW + len(guide.competences)
        missing += [
            f"SUM(D{top}:D{bottom})",
            f"SUM(H{top}:H{bottom})",
            f'COUNTIF(I{top}:I{bottom},"")',
        ]
        wrong = f'COUNTIF(J{top}:J{bottom},"Incohérent*")>0'
    total = "+".join(missing) or "0"
    columns = len(_WIDTHS)
    _formula(
        sheet,
        _STATE_ROW,
        1,
        f'IF({wrong},"Un résultat contredit ses critères : voyez la colonne « État ».",'
        f'IF({total}>0,"Il reste "&({total})&" élément"&IF({total}>1,"s","")&" à remplir.",'
        '"Fiche complète : elle est prête pour cqp-forms check, puis cqp-forms fill."))',
    )
    names = [guide.fields[one] for one in guide.candidate]
    joined = '&" "&'.join(text_of(one) for one in names) or '""'
    _formula(sheet, _NAME_ROW, 1, f'"Candidat : "&TRIM({joined})')
    for row in (_STATE_ROW, _NAME_ROW):
        cell = sheet.cell(row, 1)
        cell.alignment = Alignment(vertical="center", horizontal="left", indent=1)
        cell.font = style.font(style.NAVY, 13 if row == _STATE_ROW else 11, weight="bold")
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=columns)
        sheet.row_dimensions[row].height = 27
    cells = f"A{_STATE_ROW}"
    colour_when(sheet, cells, f'LEFT(A{_STATE_ROW},5)="Fiche"', *_GREEN)
    colour_when(sheet, cells, f'LEFT(A{_STATE_ROW},2)="Il"', *_AMBER)
    colour_when(sheet, cells, f"LEN(A{_STATE_ROW})>0", *_RED)
