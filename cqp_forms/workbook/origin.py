"""Which guide a workbook was made for: written by :mod:`cqp_forms.workbook.save`, read here.

It is a custom document property (ECMA-376 part 1, 22.3), which Excel and LibreOffice keep. A
workbook that a person made by hand has none.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

from cqp_forms.errors import AnswersError
from cqp_forms.guide import Guide

#: The property's name.
PROPERTY = "cqp-forms.guide"

_PART = "docProps/custom.xml"
_NAMESPACE = "{http://schemas.openxmlformats.org/officeDocument/2006/custom-properties}"
_LIMIT = 1 << 20


def guide_of(path: Path) -> str:
    """The id of the guide that a workbook was made for, empty where it does not say.

    What is wrong with the file is not told here: reading it will tell.
    """
    try:
        with zipfile.ZipFile(path) as package:
            if package.getinfo(_PART).file_size > _LIMIT:
                return ""
            root = ElementTree.fromstring(package.read(_PART))
    except (OSError, KeyError, zipfile.BadZipFile, ElementTree.ParseError, RuntimeError):
        return ""
    for one in root.iter(f"{_NAMESPACE}property"):
        if one.get("name") == PROPERTY:
            return "".join(one.itertext()).strip()
    return ""


def require_guide(path: Path, guide: Guide) -> None:
    """Refuse a workbook that says it was made for another guide: its ids mean something else.

    Raises:
        AnswersError: naming both.
    """
    made_for = guide_of(path)
    if made_for not in ("", guide.id):
        raise AnswersError(
            f"ce classeur est fait pour le guide « {made_for} », pas pour « {guide.id} ».",
            where=str(path),
            remedy=f"Traitez-le à part, avec --guide {made_for}.",
        )
