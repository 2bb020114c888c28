"""The « Mode d’emploi » sheet, first of a fiche and of a lot."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from cqp_forms.guide import Guide
from cqp_forms.workbook import style
from cqp_forms.workbook.write_lot import LotExtent

TITLE = "Mode d’emploi"
_WIDTH = 92


class Page:
    """Writes the sheet from top to bottom: a number or a colour, then a text."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.row = 1
        for letters, width in zip("ABC", (3, 19, _WIDTH), strict=True):
            sheet.column_dimensions[letters].width = width

    def title(self, text: str, subtitle: str) -> None:
        """The band, and the line under it."""
        style.band(self.sheet, 1, 3, text, 18)
        self.sheet.row_dimensions[1].height = 45
        self.sheet.merge_cells("A2:C2")
        style.put(
            self.sheet["A2"],
            subtitle,
            face=style.font(style.BLUE, 12, weight="bold"),
            align=style.WRAPPED,
        )
        self.sheet.row_dimensions[2].height = style.height(style.lines_of(subtitle, _WIDTH), 30)
        self.row = 3

    def heading(self, text: str) -> None:
        """A heading, with room above it."""
        self.sheet.row_dimensions[self.row].height = 9
        self.row += 1
        for column in (2, 3):
            self.sheet.cell(self.row, column).fill = style.fill(style.PALE)
        style.put(
            self.sheet.cell(self.row, 2),
            text,
            face=style.font(style.NAVY, 12, weight="bold"),
            ground=style.PALE,
            align=Alignment(vertical="center"),
        )
        self.sheet.row_dimensions[self.row].height = 24
        self.row += 1

    def line(self, mark: str, text: str, *, colour: str = "", link: str = "") -> None:
        """A row: a number, sheet name or colour sample on the left, its text on the right."""
        cell = style.put(
            self.sheet.cell(self.row, 2),
            mark,
            face=style.font(style.BLUE if link else style.NAVY, weight="bold"),
            ground=colour,
            align=style.CENTRED,
            boxed=bool(colour),
        )
        if colour == style.CREAM:
            cell.border = style.ALARM
        if link:
            style.link(cell, link)
        style.put(self.sheet.cell(self.row, 3), text)
        self.sheet.row_dimensions[self.row].height = style.height(style.lines_of(text, _WIDTH), 23)
        self.row += 1

    def finish(self, guide: Guide) -> None:
        """Protection, print set-up, no grid."""
        style.protect(self.sheet)
        style.print_setup(self.sheet, orientation="portrait", title=guide.certificate)
        style.fit(self.sheet)
        self.sheet.views.sheetView[0].showGridLines = False
        self.sheet.sheet_properties.tabColor = "7F7F7F"


_COLOURS = (
    (
        "cadre rouge",
        style.CREAM,
        "Il manque une réponse (ou la précision d’un NA), ou un résultat contredit "
        "ses critères. Le cadre disparaît dès que c’est rempli.",
    ),
    ("OUI", style.GREEN, "Le critère est réalisé correctement ; la compétence est maîtrisée."),
    (
        "NON",
        style.AMBER,
        "Le critère n’est pas réalisé, ou de manière insuffisante : la compétence "
        "ne peut pas être maîtrisée.",
    ),
    (
        "NA",
        style.SLATE,
        "Le critère n’est pas applicable. Il est coché NON sur le guide ; expliquez "
        "pourquoi dans « Précision ».",
    ),
)


def add_fiche_instructions(book: Workbook, guide: Guide, sheets: Sequence[str]) -> Worksheet:
    """Add the sheet of a fiche; ``sheets`` are the names of those that hold answers."""
    sheet = book.create_sheet(TITLE)
    page = Page(sheet)
    page.title(f"Fiche de réponses – {guide.tool or guide.title}", guide.certificate or guide.title)
    page.heading("Remplir la fiche")
    for number, text in enumerate(_fiche_steps(guide), start=1):
        page.line(str(number), text)
    _colours(page, guide)
    page.heading("Ensuite")
    page.line("Vérifier", "cqp-forms check FICHE.xlsx   – signale tout ce qui reste à corriger.")
    page.line(
        "Produire le guide",
        "cqp-forms fill FICHE.xlsx   – écrit le guide rempli, en Word et en PDF, prêt à signer.",
    )
    page.heading("Les feuilles")
    titles = {section.sheet: section.title for section in guide.sections}
    for name in sheets:
        page.line(name, titles[name], link=name)
    page.line(
        "Synthèse", "Ce qui est répondu, ce qui manque, ce qui ne va pas ensemble.", link="Synthèse"
    )
    page.heading("Bon à savoir")
    for text in _GOOD_TO_KNOW:
        page.line("•", text)
    page.finish(guide)
    return sheet


def _fiche_steps(guide: Guide) -> list[str]:
    steps = ["Complétez chaque feuille, de gauche à droite, dans la colonne « Réponse »."]
    if guide.competences:
        steps += [
            "Pour chaque critère, tapez O (OUI), N (NON) ou A (NA), ou choisissez dans la liste ; "
            "Entrée descend à la réponse suivante, Tab passe par « Précision ». En bas de la "
            "feuille, choisissez le résultat de la compétence.",
            "Un critère non applicable (NA) s’explique dans la colonne « Précision ». Le guide en "
            f"admet {guide.na_limit} par compétence.",
            "« Documents et questions », en haut, mène à ce que le guide propose pour l’entretien.",
        ]
    return [
        *steps,
        "Regardez la feuille « Synthèse » : elle dit ce qui manque encore. Enregistrez.",
    ]


_GOOD_TO_KNOW = (
    "Les feuilles sont protégées sans mot de passe, pour éviter les fausses manœuvres. Vous pouvez "
    "élargir lignes et colonnes.",
    "Alt + Entrée va à la ligne dans une cellule. Un long commentaire est repris en entier, au "
    "besoin dans une annexe.",
    "Les « Notes » restent dans la fiche : elles ne sont ni imprimées, ni reprises dans le guide.",
    "La première colonne, étroite, porte les identifiants lus par le programme : n’y touchez pas.",
    "Les dates s’écrivent JJ/MM/AAAA. Les signatures se font sur le document.",
)


def _colours(page: Page, guide: Guide) -> None:
    page.heading("Les couleurs")
    for name, colour, text in _COLOURS:
        if guide.competences or name == "cadre rouge":
            page.line(name, text, colour=colour)


_UNFOLD = (
    "Les signes [+] au-dessus des colonnes ouvrent les champs de chaque rubrique, et les colonnes "
    "« Précision » de chaque compétence (obligatoires pour un NA)."
)
_LOT_STEPS = (
    "Remplissez ce que vous savez : le reste pourra l’être dans la fiche de chaque candidat. Les "
    "lignes vides sont ignorées.",
    "Vous pouvez trier, supprimer ou déplacer des colonnes, en ajouter pour vous ; gardez la ligne "
    "grise des identifiants.",
)


def add_lot_instructions(book: Workbook, guide: Guide, lot: str, extent: LotExtent) -> Worksheet:
    """Add the sheet of a lot; ``lot`` is the name of the one that holds the candidates."""
    sheet = book.create_sheet(TITLE)
    page = Page(sheet)
    page.title(f"Lot de candidats – {guide.tool or guide.title}", guide.certificate or guide.title)
    page.heading("Remplir le lot")
    first = f"Une ligne par candidat dans la feuille « {lot} », sous les identifiants gris."
    complete = extent is LotExtent.COMPLETE
    steps = (first, *_LOT_STEPS, *([_UNFOLD] if complete else []))
    for number, text in enumerate(steps, start=1):
        page.line(str(number), text)
    if complete:
        _colours(page, guide)
    page.heading("Ensuite")
    page.line(
        "Avant l’entretien",
        "cqp-forms prepare LOT.xlsx   – une fiche préremplie et un guide vierge à son nom pour "
        "chaque candidat.",
    )
    if complete:
        page.line("Vérifier", "cqp-forms check LOT.xlsx   – signale ce qui reste à corriger.")
        page.line("Produire", "cqp-forms batch LOT.xlsx   – écrit tous les guides et un rapport.")
    page.heading("La feuille")
    page.line(lot, "Les candidats du lot.", link=lot)
    page.finish(guide)
    return sheet
