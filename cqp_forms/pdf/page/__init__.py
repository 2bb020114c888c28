"""What a PDF page shows: the one interpreter of page content, for reading, detection and proof."""

from cqp_forms.pdf.page.items import Drawing, Item, Painting, TextRun, bounds_of
from cqp_forms.pdf.page.pages import Pages, Places, StreamMemo, Touching

__all__ = [
    "Drawing",
    "Item",
    "Pages",
    "Painting",
    "Places",
    "StreamMemo",
    "TextRun",
    "Touching",
    "bounds_of",
]
