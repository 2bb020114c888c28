"""Gather the signed guides that stand, for the platform: the files, and a list of them (.xlsx)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

from cqp_forms.errors import OutputError
from cqp_forms.files import Existing, save
from cqp_forms.issuing import storage
from cqp_forms.issuing.register import Register
from cqp_forms.issuing.signed import Signing
from cqp_forms.issuing.version import SignedCopy, Version

#: The list's name in the folder.
LIST = "liste.xlsx"
_TITLES = ("Candidat", "Référence", "Version", "Signatures", "Fichier", "État", "SHA-256")
_WIDTHS = (30, 18, 8, 58, 44, 44, 68)
#: What Excel would take for a formula.
_FORMULAS = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Deposited:
    """What became of a candidate.

    Attributes:
        copy: the signed copy that was put into the folder; ``None`` when there is none to put.
        why: why not, in French.
    """

    version: Version
    copy: SignedCopy | None
    why: str = ""

    @property
    def name(self) -> str:
        """The file's name in the folder."""
        return Path(self.copy.path).name if self.copy else ""

    def as_json(self) -> dict[str, object]:
        """As ``deposit --json`` prints it."""
        return {
            "candidate": self.version.candidate,
            "version": self.version.number,
            "file": self.name,
            "sha256": self.copy.sha256 if self.copy else "",
            "signatures": _signatures(self.copy) if self.copy else "",
            "why": self.why,
        }


def deposit(
    directory: Path,
    register: Register,
    target: Path,
    areas: Callable[[str], tuple[str, ...]],
    titles: Callable[[str, str], str],
) -> tuple[Deposited, ...]:
    """Copy what is complete, and list everybody.

    Args:
        directory: the output folder.
        target: made if need be; a file that is there already, the same, stays.
        areas: the signature areas of a guide, by its id.
        titles: guide's id and area to its French title.

    Returns:
        One a candidate, in the order of issue.

    Raises:
        OutputError: a name is taken by something else, or the disk refuses.
    """
    standing = register.standing()
    found = []
    for version in register.each():
        if standing[version.guide, version.key] == version.number:
            signing = Signing(register.signed(version), areas(version.guide))
            found.append(_one(directory, version, signing, titles))
    with storage.output_errors(target):
        for folder in storage.make_folder(target):
            storage.sync_folder(folder)
    for one in found:
        if one.copy is not None:
            _copy(directory / one.copy.path, target / one.name, one.copy)
    save(target / LIST, _listed(found), Existing.REPLACE)
    return tuple(found)


def _one(
    directory: Path, version: Version, signing: Signing, titles: Callable[[str, str], str]
) -> Deposited:
    copy = signing.standing
    if not signing.copies:
        return Deposited(version, None, "aucun exemplaire signé n’est revenu")
    if copy is None:
        return Deposited(version, None, "deux exemplaires signés se contredisent")
    if signing.missing:
        left = ", ".join(titles(version.guide, one) for one in signing.missing)
        return Deposited(version, None, f"il manque : {left}")
    if not storage.is_file_with(directory / copy.path, copy.sha256, copy.size):
        return Deposited(version, None, f"{copy.path} est altéré ou manquant")
    return Deposited(version, copy)


def _copy(source: Path, target: Path, copy: SignedCopy) -> None:
    if storage.is_file_with(target, copy.sha256, copy.size):
        return
    with storage.output_errors(target):
        if target.exists():
            raise OutputError(
                "un autre fichier porte déjà ce nom.",
                where=str(target),
                remedy="Déplacez-le, ou choisissez un autre dossier avec -o.",
            )
        content = source.read_bytes()
    save(target, content, Existing.REFUSE)


def _signatures(copy: SignedCopy) -> str:
    """« Jean Dupont (certificat), dessinée », or « scan déclaré »."""
    if copy.is_declared:
        return "scan déclaré"
    return ", ".join(
        f"{one.get('signer') or 'sans nom'} ({one['kind']})" if one["kind"] == "certificat" else
        one["kind"] for one in copy.signatures
    )  # fmt: skip


def _listed(found: Iterable[Deposited]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Dépôt"
    sheet.append(_TITLES)
    for one in found:
        copy, version = one.copy, one.version
        reference = "" if version.key == version.identity else version.key
        sheet.append(
            [version.candidate, reference, version.number, _signatures(copy) if copy else "",
             one.name, one.why or "à déposer", copy.sha256 if copy else ""]
        )  # fmt: skip
    for row in sheet.iter_rows():
        for cell, width in zip(row, _WIDTHS, strict=True):
            if isinstance(cell.value, str) and cell.value.startswith(_FORMULAS):
                cell.data_type = "s"
            sheet.column_dimensions[cell.column_letter].width = width
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    target = BytesIO()
    book.save(target)
    return target.getvalue()
