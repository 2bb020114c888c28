"""A blank form that comes from outside: what is found in it, and a guide drafted from it.

The command ``map`` and the screen both place fields with what is here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cqp_forms.errors import DocumentError, UsageError
from cqp_forms.files import read_document
from cqp_forms.formats import format_of, lint, recognise
from cqp_forms.guide_yaml import GUIDE_FILE
from cqp_forms.mapping import AnyMapping, Detected, Format
from cqp_forms.mapping_yaml import dump_mapping
from cqp_forms.matching import mapping_of, match
from cqp_forms.matching.drafting import GuideDraft, draft
from cqp_forms.project import MAPPINGS, SOURCE_DOCS


@dataclass(frozen=True)
class BlankForm:
    """A document to place fields in."""

    path: Path
    content: bytes
    kind: Format

    @classmethod
    def read(cls, path: Path) -> BlankForm:
        """Read a document.

        Raises:
            DocumentError: it cannot be read, or is neither a Word document nor a PDF.
        """
        content = read_document(path)
        return cls(path, content, recognise(content, path))

    @cached_property
    def found(self) -> tuple[Detected, ...]:
        """What is detected, what cannot be filled included."""
        return format_of(self.kind).detect(self.content)

    @property
    def closed(self) -> tuple[Detected, ...]:
        """What is detected and cannot be filled."""
        return tuple(one for one in self.found if one.unfillable)

    def boxes(self) -> tuple[Detected, ...]:
        """What can be filled; a document without anything of it is an error, as is a filled one."""
        if format_of(self.kind).trail(self.content) is not None:
            raise DocumentError(
                "ce document a été rempli par cqp-forms : ce n’est pas un formulaire vierge.",
                where=str(self.path),
                remedy="Donnez le formulaire vierge d’origine ; ce qu’un guide rempli dit se relit "
                "avec cqp-forms extract DOCUMENT.",
            )
        found = tuple(one for one in self.found if not one.unfillable)
        if not found:
            raise DocumentError(
                "aucune case ni zone à remplir n’a été trouvée dans ce document.",
                where=str(self.path),
                remedy="Ses cases ne se remplissent pas (cqp-forms map DOCUMENT --list les nomme) "
                ": refaites-les en cases ordinaires."
                if self.closed
                else "Vérifiez que c’est bien le formulaire vierge.",
            )
        return found


@dataclass(frozen=True)
class DraftedGuide:
    """A guide drafted from one form, in one format or two.

    Attributes:
        made: the guide, and the mapping of the first document.
        mappings: one a document, in their order.
        files: what to write, by path from the project's folder.
        problems: by the path of a mapping, what is still wrong with it, in French.
    """

    made: GuideDraft
    mappings: tuple[AnyMapping, ...]
    files: Mapping[Path, bytes]
    problems: Mapping[Path, list[str]]


def draft_guide(forms: Sequence[BlankForm], guide_id: str) -> DraftedGuide:
    """Draft a guide from the first document, and place it in the others.

    Raises:
        UsageError: two documents of one format, or an id that cannot name a guide.
        DocumentError: nothing can be filled in one of them.
    """
    if len({one.kind for one in forms}) < len(forms):
        raise UsageError(
            "deux documents de même format sont donnés.",
            remedy="Donnez le même formulaire une fois en .docx et une fois en .pdf.",
        )
    first = forms[0]
    made = draft(first.boxes(), guide_id, first.kind, f"{guide_id}.{first.kind}", first.content)
    mappings = [made.mapping]
    for one in forms[1:]:
        matched = match(one.boxes(), made.guide)
        name = f"{guide_id}.{one.kind}"
        mappings.append(mapping_of(matched, made.guide, one.kind, name, one.content))
    folder = Path(MAPPINGS) / guide_id
    files = {folder / GUIDE_FILE: made.text.encode()}
    problems: dict[Path, list[str]] = {}
    for one, mapping in zip(forms, mappings, strict=True):
        path = folder / f"{one.kind}.yaml"
        files[path] = dump_mapping(mapping, made.guide.placements).encode()
        files[Path(SOURCE_DOCS) / mapping.document] = one.content
        problems[path] = lint(mapping, made.guide, one.content)
    return DraftedGuide(made, tuple(mappings), files, problems)
