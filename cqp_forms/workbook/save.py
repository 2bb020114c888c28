"""Workbook to bytes: the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

from openpyxl import Workbook
from openpyxl.xml.functions import tostring

#: Neither the clock nor the machine shows in a workbook: the same answers give the same bytes.
_MADE = datetime(2026, 1, 1)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_CORE = "docProps/core.xml"


def workbook_bytes(book: Workbook, title: str) -> bytes:
    """Serialise a workbook, reproducibly."""
    book.calculation.fullCalcOnLoad = True
    properties = book.properties
    properties.creator, properties.title, properties.language = "cqp-forms", title, "fr-FR"
    properties.created = _MADE
    first = io.BytesIO()
    book.save(first)
    properties.modified = _MADE  # saving has just put the clock there
    second = io.BytesIO()
    with (
        zipfile.ZipFile(first) as source,
        zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = tostring(properties.to_tree()) if name == _CORE else source.read(name)
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)
    return second.getvalue()
