"""Every PDF rendition by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cqp_forms.guide import Guide
from renditions.pdf_blocks import Frameless, Merged, SideBySide, TwoColumns
from renditions.pdf_cells import BrokenCells, Cells
from renditions.pdf_flow import Rendition
from renditions.pdf_form import Form
from renditions.pdf_glyphs import Glyphs, Unmapped
from renditions.pdf_squares import Squares
from renditions.pdf_turned import locked, turned_pages

RENDITIONS: Mapping[str, Callable[[Guide], Rendition]] = {
    "squares": lambda guide: Squares(guide).build(),
    "glyphs": lambda guide: Glyphs(guide).build(),
    "unmapped": lambda guide: Unmapped(guide).build(),
    "cells": lambda guide: Cells(guide).build(),
    "broken": lambda guide: BrokenCells(guide).build(),
    "form": lambda guide: Form(guide).build(),
    "turned": turned_pages,
    "locked": locked,
    "columns": lambda guide: TwoColumns(guide).build(),
    "beside": lambda guide: SideBySide(guide).build(),
    "merged": lambda guide: Merged(guide).build(),
    "frameless": lambda guide: Frameless(guide).build(),
}
