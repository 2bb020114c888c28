"""Which files hold candidates: in a folder nothing vanishes, each that could be a fiche is read, or
named with what to do.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cqp_forms.batch.outcome import Outcome, State, findings_of
from cqp_forms.errors import AnswersError, refusal
from cqp_forms.findings import Code, Severity, finding
from cqp_forms.issuing.register import REGISTER

REPORT = "rapport.xlsx"
#: How the report's name starts, whatever it had to be called: sources are never such files.
REPORT_STEM = "rapport"
#: What is read, by the end of its name.
READ = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm", ".ods", ".xls", ".xlsb"})
_SAVE = "Ouvrez-le dans Excel ou LibreOffice, enregistrez-le au format « .xlsx »"
_UNPACK = "S’il contient une fiche, sortez-la de là et mettez-la dans ce dossier"
_NAME = "Si c’est une fiche, donnez-lui un nom qui finit par « .xlsx »"
#: What is a table, but not one that is read: what it is, and what to do.
_OTHER_TABLES: Mapping[str, tuple[str, str]] = {
    ".csv": ("un fichier texte (.csv)", _SAVE),
    ".tsv": ("un fichier texte (.tsv)", _SAVE),
    ".fods": ("un classeur OpenDocument à plat (.fods)", _SAVE),
    ".sxc": ("un classeur d’OpenOffice 1 (.sxc)", _SAVE),
    ".xlt": ("un modèle d’Excel (.xlt)", _SAVE),
    ".numbers": ("un classeur de Numbers", "Dans Numbers : Fichier > Exporter vers > Excel"),
    ".gsheet": (
        "un raccourci vers Google Sheets",
        "Dans Google Sheets : Fichier > Télécharger > Microsoft Excel (.xlsx)",
    ),
}
#: What may hold a fiche, and often stands beside those that were taken out of it.
_CONTAINERS: Mapping[str, tuple[str, str]] = {
    ".zip": ("une archive (.zip)", _UNPACK),
    ".7z": ("une archive (.7z)", _UNPACK),
    ".rar": ("une archive (.rar)", _UNPACK),
    ".eml": ("un message (.eml)", _UNPACK),
    ".msg": ("un message (.msg)", _UNPACK),
    ".crdownload": ("un téléchargement inachevé", "Téléchargez-le de nouveau"),
    ".part": ("un téléchargement inachevé", "Téléchargez-le de nouveau"),
    ".lnk": ("un raccourci", "Si c’est celui d’une fiche, copiez la fiche elle-même ici"),
}
#: Documents and pictures, which no one takes for a fiche.
_OTHERS = frozenset(
    {".docx", ".dotx", ".docm", ".doc", ".odt", ".pdf", ".rtf", ".txt", ".md", ".html", ".htm"}
    | {".pptx", ".ppt", ".odp", ".odg", ".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".bmp"}
    | {".svg", ".heic", ".xml", ".json", ".yaml", ".yml", ".db", ".ini", ".sqlite", ".log", ".tmp"}
)
#: Folders of this program, and of macOS in an archive: they hold no fiche.
_OWN_FOLDERS = frozenset({".emission", ".modeles", "__macosx"})
#: Before Excel's temporary file beside an open workbook, and before what is hidden.
_PASSED_OVER = ("~$", ".")
#: How the names of the blanks end that ``prepare`` puts beside a fiche.
_BLANKS = ("_vierge.docx", "_vierge.pdf")


def find_workbooks(sources: Iterable[Path], output: Path | None) -> Iterator[Path | Outcome]:
    """The workbooks to read: files as they are named, folders searched at any depth.

    Args:
        sources: in the order of the command; a folder's files come sorted by name.
        output: the output folder, if any, whose reports are no sources.

    Yields:
        Paths, each once; and an outcome for each thing that could be a fiche and is not read.
    """
    taken: set[str] = set()
    for source in sources:
        if not _is_folder(source):
            real = os.path.realpath(source)
            if real in taken:
                yield passed_over(source, State.REPEATED, Code.NAMED_TWICE, *_TWICE)
            else:
                taken.add(real)
                yield source
            continue
        empty = True
        for found in _walk(source, output):
            empty = False
            if isinstance(found, Outcome):
                yield found
            elif (real := os.path.realpath(found)) not in taken:
                taken.add(real)
                yield found
        if empty:
            yield nobody(source, "ce dossier ne contient aucune fiche.", _NO_FICHE)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name too long, a folder above that is closed: reading says so
        return False


_TWICE = (
    "ce classeur est nommé deux fois dans la commande ; il n’est lu qu’une fois.",
    "Nommez-le une seule fois.",
)
_NO_FICHE = (
    "Vérifiez le dossier. D’un guide rempli (PDF, DOCX), refaites une fiche : cqp-forms extract "
    "GUIDE -o FICHE.xlsx."
)


def _walk(folder: Path, output: Path | None) -> Iterator[Path | Outcome]:
    seen: set[str] = set()
    pending = [folder]
    while pending:
        path = pending.pop()
        try:
            if not path.is_dir():
                if (found := _file(path, output)) is not None:
                    yield found
                continue
            if path.name.casefold() in _OWN_FOLDERS or (real := os.path.realpath(path)) in seen:
                continue
            seen.add(real)
            inside = sorted(path.iterdir(), key=lambda one: one.name.casefold(), reverse=True)
        except OSError as cause:
            # A folder that cannot be looked into may hold candidates: never passed over in silence.
            yield unread(path, _unopened(cause))
            continue
        pending.extend(inside)
        if _lacks_its_fiche(inside):
            yield replace(nobody(path, *_WITHOUT_FICHE), prepared=path.name)


_WITHOUT_FICHE = (
    "ce dossier préparé n’a plus de fiche.",
    "Remettez-y la fiche du candidat, ou refaites-la d’après le guide rempli : cqp-forms extract "
    "GUIDE -o FICHE.xlsx.",
)


def _unopened(cause: OSError) -> AnswersError:
    return AnswersError(
        f"ce dossier ne peut pas être lu ({refusal(cause)}).",
        remedy="Vérifiez vos droits d’accès.",
    )


def _lacks_its_fiche(inside: Sequence[Path]) -> bool:
    shown = [one for one in inside if not one.name.startswith(_PASSED_OVER)]
    tables = READ | _OTHER_TABLES.keys()
    return any(one.name.casefold().endswith(_BLANKS) for one in shown) and not any(
        one.suffix.casefold() in tables for one in shown
    )


def _file(path: Path, output: Path | None) -> Path | Outcome | None:
    """What a file of a folder is: to be read, to be named, or nothing of ours."""
    name, suffix = path.name.casefold(), path.suffix.casefold()
    if name.startswith(_PASSED_OVER):
        return None
    if suffix in READ:
        return None if _own_report(path, output) else path
    if suffix in _OTHER_TABLES:
        what, remedy = _OTHER_TABLES[suffix]
        return unread(
            path, AnswersError(f"ce fichier n’est pas lu : c’est {what}.", remedy=f"{remedy}.")
        )
    if suffix in _CONTAINERS:
        what, remedy = _CONTAINERS[suffix]
        return passed_over(
            path,
            State.SKIPPED,
            Code.UNREADABLE_SOURCE,
            f"ce fichier n’est pas lu : c’est {what}.",
            f"{remedy}.",
        )
    if suffix not in _OTHERS and (_named_like_a_workbook(name) or _is_workbook(path)):
        message = "ce fichier ressemble à un classeur, mais n’en a pas le nom : il n’est pas lu."
        return passed_over(path, State.SKIPPED, Code.UNREADABLE_SOURCE, message, f"{_NAME}.")
    return None


def _named_like_a_workbook(name: str) -> bool:
    """« fiche.xlsx.bak », « fiche.xlsx~ », « fiche.xlsx (1) »."""
    return ".xls" in name or ".ods" in name


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith("xl/workbook.") for name in archive.namelist())
    except Exception:  # whatever it is, it is no sound workbook
        return False


def is_report(path: Path) -> bool:
    """Whether a workbook has the name of a report that a batch wrote."""
    return path.name.startswith((f"{REPORT_STEM}.", f"{REPORT_STEM}_", f".{REPORT_STEM}-"))


def _own_report(path: Path, output: Path | None) -> bool:
    """Whether a batch wrote it, into this output folder or into one among the sources."""
    here = path.resolve().parent
    return is_report(path) and bool(
        (output and here == output.resolve()) or (here / REGISTER).is_file()
    )


def nobody(source: Path, message: str, remedy: str) -> Outcome:
    """A source in which there is no candidate: what is told of it."""
    return passed_over(source, State.UNREADABLE, Code.NO_CANDIDATE, message, remedy, Severity.ERROR)


def passed_over(
    source: Path,
    state: State,
    code: Code,
    message: str,
    remedy: str,
    severity: Severity = Severity.WARNING,
) -> Outcome:
    """A source that gives nobody, and why."""
    found = (finding(code, severity, message, remedy),)
    return Outcome("", str(source), state, findings=found)


def unread(source: Path, error: AnswersError) -> Outcome:
    """A source that cannot be read."""
    return Outcome("", str(source), State.UNREADABLE, findings=findings_of(error))
