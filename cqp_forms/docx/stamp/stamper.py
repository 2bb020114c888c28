"""Stamp a plan into a DOCX: prepared once a blank, then a join and a deflate for each candidate."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.opc import open_docx, read_member
from cqp_forms.docx.stamp.content import (
    stamp_cell,
    stamp_drawing,
    stamp_glyph,
    stamp_leader,
    stamp_paragraph,
    stamp_symbol,
    stamp_text_box,
)
from cqp_forms.docx.stamp.controls import stamp_control, stamp_form_checkbox, stamp_form_text
from cqp_forms.docx.stamp.edition import (
    Additions,
    add_edition,
    edition_values,
    has_room_for_code,
)
from cqp_forms.docx.stamp.runs import PlacementTarget
from cqp_forms.docx.stamp.template import Parts, Slots, Template, Value, serialised, write_member
from cqp_forms.errors import AnswersError, DocumentError, MappingError, NotListedError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import DocxKind, DocxLocator, DocxMapping
from cqp_forms.plan import Edition, LeaveBlank, Plan, Text, Tick

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_STAMPERS: Mapping[DocxKind, Callable[[PlacementTarget, Slots], None]] = {
    DocxKind.CONTROL: stamp_control,
    DocxKind.CONTROL_AT: stamp_control,
    DocxKind.FORM_CHECKBOX: stamp_form_checkbox,
    DocxKind.FORM_TEXT: stamp_form_text,
    DocxKind.SYMBOL: stamp_symbol,
    DocxKind.GLYPH: stamp_glyph,
    DocxKind.CELL: stamp_cell,
    DocxKind.PARAGRAPH: stamp_paragraph,
    DocxKind.LEADER: stamp_leader,
    DocxKind.TEXT_BOX: stamp_text_box,
    DocxKind.DRAWING: stamp_drawing,
}

#: What XML 1.0 cannot hold (2.2), and the carriage return, which it would turn into a new line.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


class DocxStamper:
    """A document ready to be stamped.

    Args:
        document: the blank's bytes.
        mapping: where each placement of the guide lies in it; its SHA-256 is not checked here.
        guide: which placements are boxes, areas, or signatures.

    Raises:
        DocumentError: not a DOCX, encrypted, damaged, or a placement that is not where the mapping
            says, or cannot be filled there.
    """

    def __init__(self, document: bytes, mapping: DocxMapping, guide: Guide) -> None:
        self._mapping = mapping
        self._guide = guide
        self._kinds = {key: one.kind for key, one in guide.placements.items()}
        self._lists: dict[str, tuple[str, ...]] = {}
        self._archive = open_docx(document, {one.part for one in mapping.locators.values()})
        self._by_additions: dict[Additions, _Preparation] = {}
        # Most documents are a first version with its answers embedded.
        self._preparation(Additions(draft=False, cover=False, margin=False, payload=True))

    @property
    def uncoded(self) -> tuple[int, ...]:
        """0 where the margins have no room for the code: it has no page of its own in Word."""
        return () if has_room_for_code(Parts(self._archive)) else (0,)

    @property
    def unarchivable(self) -> tuple[str, ...]:
        """Nothing: no Word document says that it is made to last."""
        return ()

    def stamp(self, plan: Plan, edition: Edition) -> bytes:
        """One candidate's document.

        Args:
            plan: an instruction for every placement of the guide.
            edition: what is printed and stored around the answers.

        Raises:
            AnswersError: a text holds a character that a Word document cannot hold, or is none
                of the items of a drop-down list.
            MappingError: the plan has no instruction for a placement of the mapping.
        """
        values: dict[str, Value] = dict(edition_values(edition))
        values |= _values(plan)
        texts = {key: value for key, value in values.items() if isinstance(value, str)}
        if _FORBIDDEN.search("".join(texts.values())):
            raise _forbidden(texts)
        self._require_items(texts)
        prepared = self._preparation(Additions.of(edition))
        try:
            content = prepared.render(values)
        except KeyError as problem:
            raise MappingError(
                f"rien n’est prévu pour l’emplacement « {problem.args[0]} ».",
                where=self._mapping.document,
                remedy="Refaites la correspondance avec le guide tel qu’il est aujourd’hui.",
            ) from problem
        if not edition.unsettled:
            return content
        # Drafts alone need it.
        from cqp_forms.docx.stamp.unsettled import mark_unsettled

        return mark_unsettled(content, self._mapping, edition.unsettled)

    def continued(self, _plan: Plan) -> Mapping[str, int]:
        """See :meth:`cqp_forms.formats.DocumentStamper.continued`; in Word a place grows."""
        return {}

    def _require_items(self, texts: Mapping[str, str]) -> None:
        for key, items in self._lists.items():
            text = texts.get(key, "")
            if text and text not in items:
                title = self._guide.fields[self._guide.placements[key].field_id].title
                locator = self._mapping.locators[key]
                raise NotListedError.of(title, text, items, f"{locator.part}, {locator.target}")

    def _preparation(self, additions: Additions) -> _Preparation:
        if additions not in self._by_additions:
            parts, slots = Parts(self._archive), Slots()
            for target, kind in self._targets(parts):
                _STAMPERS[kind](target, slots)
            add_edition(parts, additions, slots)
            self._by_additions[additions] = _Preparation(self._archive, parts, slots)
        return self._by_additions[additions]

    def _targets(self, parts: Parts) -> list[tuple[PlacementTarget, DocxKind]]:
        """Every box and area, all found before any is changed.

        In a paragraph the last comes first: what is written at one offset moves those after it.
        """
        tagged = {part: _tagged(parts.tree(part)) for part in self._control_parts()}
        found = []
        for key, locator in self._mapping.locators.items():
            kind = self._kinds.get(key)
            if kind is None or kind is PlacementKind.SIGNATURE_AREA:
                _element(key, locator, parts, tagged)
                continue
            element = _element(key, locator, parts, tagged)
            where = f"{locator.part}, {locator.target}"
            ticks = kind is PlacementKind.TICK_BOX
            if items := wml.list_items(element):
                self._lists[key] = items
            found.append(
                (PlacementTarget(key, ticks, element, locator.offset, where), locator.kind)
            )
        return sorted(found, key=lambda one: -one[0].offset)

    def _control_parts(self) -> set[str]:
        locators = self._mapping.locators.values()
        return {one.part for one in locators if one.kind is DocxKind.CONTROL}


def _tagged(root: Element) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for control in wml.all_words(root, "sdt"):
        found.setdefault(wml.tag_of(control), []).append(control)
    return found


def _element(
    key: str,
    locator: DocxLocator,
    parts: Parts,
    tagged: Mapping[str, Mapping[str, list[Element]]],
) -> Element:
    where = f"{locator.part}, {locator.target}"
    if locator.kind is DocxKind.CONTROL:
        controls = tagged[locator.part].get(locator.target, [])
        if len(controls) > 1:
            raise DocumentError(
                f"{len(controls)} contrôles portent la balise « {locator.target} » : "
                f"l’emplacement « {key} » est ambigu.",
                where=where,
                remedy="Donnez à chacun sa balise dans Word (onglet Développeur, Propriétés), ou "
                "repérez-le par « control_at ».",
            )
        element = controls[0] if controls else None
    else:
        element = wml.find_path(parts.tree(locator.part), locator.target)
    if element is None:
        raise DocumentError(
            f"l’emplacement « {key} » est introuvable dans le document.",
            where=where,
            remedy="Reprenez le document d’origine, ou refaites sa correspondance : "
            "cqp-forms map DOCUMENT.",
        )
    return element


def _values(plan: Plan) -> dict[str, Value]:
    return {
        key: instruction.text if isinstance(instruction, Text) else instruction is Tick.ON
        for key, instruction in plan.instructions.items()
        if instruction is not LeaveBlank.SIGN
    }


def _forbidden(texts: Mapping[str, str]) -> AnswersError:
    found = ((key, _FORBIDDEN.search(text)) for key, text in texts.items())
    key, character = next((key, one.group()) for key, one in found if one)
    return AnswersError(
        f"le caractère U+{ord(character):04X} ne peut pas figurer dans un document Word.",
        where=key,
        remedy="Retirez ce caractère de la réponse.",
    )


class _Preparation:
    """A document for one set of additions: an archive of what never changes, and templates.

    For a candidate the archive is copied and the rendered templates are appended to it.
    """

    def __init__(self, archive: zipfile.ZipFile, parts: Parts, slots: Slots) -> None:
        self._templates: dict[str, Template] = {}
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as target:
            for name in dict.fromkeys(parts.names):
                content = _unchanged(name, archive, parts)
                if content is None:
                    template = Template(name, serialised(parts.trees[name]), slots)
                    if not template.is_static:
                        self._templates[name] = template
                        continue
                    content = template.render({})
                write_member(target, name, content)
        self._static = buffer.getvalue()
        done = {key for one in self._templates.values() for key in one.keys}
        if lost := set(slots.keys) - done:
            raise DocumentError(
                f"l’emplacement « {min(lost)} » est recouvert par un autre.",
                remedy="Corrigez le fichier de correspondance : un endroit du document par "
                "emplacement.",
            )

    def render(self, values: Mapping[str, Value]) -> bytes:
        """One candidate's archive."""
        buffer = io.BytesIO()
        buffer.write(self._static)
        with zipfile.ZipFile(buffer, "a") as target:
            for name, template in self._templates.items():
                write_member(target, name, template.render(values))
        return buffer.getvalue()


def _unchanged(name: str, archive: zipfile.ZipFile, parts: Parts) -> bytes | None:
    """The bytes of a part that is still what it was: looking at one changes nothing."""
    if name not in archive.namelist():
        return None
    content = read_member(archive, name)
    tree = parts.trees.get(name)
    same = tree is None or etree.tostring(tree) == etree.tostring(wml.parse(content))
    return content if same else None
