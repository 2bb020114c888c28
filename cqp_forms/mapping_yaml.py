"""Mapping files: YAML that a person can read and correct, a line a placement.

::

    c1.1.1.oui: {widget: "c1.1.1.oui", page: 6, rect: [480.10, 512.00, 490.10, 522.00], on: "/Oui"}
    c1.1.1.oui: {control: "c1.1.1.oui"}

A placement that ``map`` could not find is written ``TODO`` until a person completes it; one that it
supposes has ``confirmed: false``, with the numbers of the places that it may be. ``"#37"`` stands
for the place that ``map --list`` and previews number 37.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from cqp_forms import limits, yaml_data
from cqp_forms.errors import MappingError
from cqp_forms.mapping import (
    MAIN_PART,
    AnyMapping,
    DocumentMapping,
    DocxKind,
    DocxLocator,
    Format,
    Locator,
    PageCodes,
    PageTotal,
    PdfKind,
    PdfLocator,
    Rect,
    even_cells,
)
from cqp_forms.yaml_data import Node

TODO = "TODO"

#: What YAML does not take as it is (YAML 1.1, 5.1), or takes for the end of a line.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_PLAIN_KEY = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9_.@]+")
_NUMBER = re.compile(r"#([1-9]\d{0,5})")
_ESCAPED = re.compile("#(23|[89a-f][0-9a-f])")


def read_mapping(path: Path) -> AnyMapping:
    """Read a mapping file.

    Raises:
        MappingError: with the YAML path of what is wrong.
    """
    return _mapping(yaml_data.read(path, MappingError))


def read_mapping_file(path: Path) -> tuple[AnyMapping, bytes]:
    """The same, with the file's bytes, which are read once."""
    content = yaml_data.content_of(path, MappingError)
    return _mapping(yaml_data.parse(content, str(path), MappingError)), content


def parse_mapping(text: str, file: str = "mapping.yaml") -> AnyMapping:
    """The same from text; ``file`` is the name that messages give."""
    return _mapping(yaml_data.load(text, file, MappingError))


def _mapping(root: Node) -> AnyMapping:
    kind = root.choice("format", Format)
    head = (root.text("guide"), kind, root.text("document"), root.text("sha256"))
    total = _total(root.get("page_total")) if root.has("page_total") else None
    codes = _codes(root.get("page_codes")) if root.has("page_codes") else None
    placements = root.get("placements")
    entries = {key: placements.get(key) for key in placements.keys()}  # noqa: SIM118
    todo = tuple(key for key, node in entries.items() if node.value == TODO)
    numbered = {key: _number(one) for key, one in entries.items() if _is_number(one)}
    found = {key: one for key, one in entries.items() if key not in numbered and key not in todo}
    root.done()
    if kind is Format.DOCX:
        docx = {key: _docx_locator(node) for key, node in found.items()}
        return DocumentMapping[DocxLocator](*head, docx, todo, numbered)
    pdf = {key: _pdf_locator(node) for key, node in found.items()}
    return DocumentMapping[PdfLocator](*head, pdf, todo, numbered, total, codes)


def _total(node: Node) -> PageTotal:
    total = PageTotal(node.whole("from"), _rect(node, "rect"))
    node.done()
    return total


def _codes(node: Node) -> PageCodes:
    starts = []
    for one in node.as_list():
        starts.append((one.whole("from"), one.number("x"), one.number("y")))
        one.done()
    if starts != sorted(starts):
        raise node.fail("les pages ne se suivent pas.", "Rangez ces lignes par « from » croissant.")
    return PageCodes(tuple(starts))


def place_number(text: str) -> int | None:
    """37 for ``#37``; ``None`` for what is no number of a place."""
    found = _NUMBER.fullmatch(text.strip())
    return int(found[1]) if found else None


def _is_number(node: Node) -> bool:
    return isinstance(node.value, str) and node.value.startswith("#")


def _number(node: Node) -> int:
    number = place_number(node.as_text())
    if number is None:
        raise node.fail(
            f"« {node.as_text()} » n’est pas un numéro d’emplacement.",
            'Écrivez-le entre guillemets, comme "#37" ; cqp-forms map DOCUMENT --list les donne.',
        )
    return number


def _docx_locator(node: Node) -> DocxLocator:
    kinds = [kind for kind in DocxKind if node.has(kind)]
    if len(kinds) != 1:
        known = ", ".join(DocxKind)
        raise node.fail("un emplacement DOCX a une seule clé de repérage.", f"L’une de : {known}.")
    locator = DocxLocator(
        kinds[0],
        node.text(kinds[0]),
        node.text("part", MAIN_PART),
        node.whole("offset", 0),
        *_certainty(node),
    )
    node.done()
    return locator


def _pdf_locator(node: Node) -> PdfLocator:
    kinds = [kind for kind in PdfKind if node.has(kind)]
    name = ""
    if len(kinds) == 1 and kinds[0] is PdfKind.WIDGET:
        kind, rect, name = PdfKind.WIDGET, _rect(node, "rect"), node.text(PdfKind.WIDGET)
    elif len(kinds) == 1:
        kind, rect = kinds[0], _rect(node, kinds[0])
    else:
        known = ", ".join(PdfKind)
        raise node.fail("un emplacement PDF a une seule clé de repérage.", f"L’une de : {known}.")
    locator = PdfLocator(
        kind,
        node.whole("page"),
        rect,
        name,
        _unescaped(node.text("on", "")),
        node.whole("index", 0),
        *_certainty(node),
        cells=_cells(node) if kind is PdfKind.COMB else (),
    )
    node.done()
    return locator


def _certainty(node: Node) -> tuple[float, str, bool, tuple[int, ...]]:
    """What ends every locator: how sure its place is, why, and where else it may be."""
    candidates = tuple(_number(one) for one in node.items("candidates"))
    return node.number("confidence", 1), node.text("reason", ""), _confirmed(node), candidates


def _cells(node: Node) -> tuple[float, ...]:
    """How many cells of one width a comb has, or where the middle of each is."""
    value = node.get("cells").value
    if type(value) is int and 0 < value <= limits.COMB_CELLS:
        return even_cells(value)
    values = value if isinstance(value, list) else []
    middles = tuple(float(one) for one in values if isinstance(one, int | float))
    rising = all(one < two for one, two in pairwise((0.0, *middles, 1.0)))
    if not middles or len(middles) != len(values) or len(middles) > limits.COMB_CELLS or not rising:
        raise node.get("cells").fail(
            "« cells » est le nombre de cases, ou la liste de leurs milieux.",
            "Écrivez cells: 14, ou des nombres croissants entre 0 (début) et 1 (fin).",
        )
    return middles


def _confirmed(node: Node) -> bool:
    """An entry that says nothing was written or looked at by a person."""
    if not node.has("confirmed"):
        return True
    value = node.get("confirmed").value
    if not isinstance(value, bool):
        raise node.fail("« confirmed » est true ou false.", "Écrivez confirmed: true.")
    return value


def _rect(node: Node, key: str) -> Rect:
    values = [one.value for one in node.items(key)]
    if len(values) != 4 or not all(isinstance(one, int | float) for one in values):
        raise node.fail(
            f"« {key} » doit être [gauche, bas, droite, haut], en points.",
            "Écrivez quatre nombres entre crochets, séparés par des virgules.",
        )
    return Rect(*(float(one) for one in values if isinstance(one, int | float)))


#: Said on top of a mapping with places to confirm.
_CONFIRM = (
    "# « confirmed: false » : emplacement supposé, que rien ne remplit. Est-ce le bon ? Effacez",
    '# « confirmed: false ». Sinon, remplacez tout par le numéro du bon, entre guillemets : "#37".',
    "# Puis : cqp-forms map DOCUMENT --confirm.",
)


def dump_mapping(mapping: AnyMapping, order: Iterable[str] = ()) -> str:
    """The mapping as YAML, a line a placement; :func:`parse_mapping` gives back an equal one.

    Args:
        order: placement ids in the order to write them (the guide's).
    """
    ids = list(dict.fromkeys([*order, *mapping.locators, *mapping.numbered, *mapping.todo]))
    total = mapping.total
    lines = [
        "# Où se trouve chaque case et chaque zone du guide dans le document nommé ci-dessous.",
        "# « TODO » : emplacement à compléter. Coordonnées en points depuis le coin bas gauche.",
        *(_CONFIRM if mapping.unconfirmed else ()),
        f"guide: {mapping.guide}",
        f"format: {mapping.format}",
        f"document: {_quoted(mapping.document)}",
        f"sha256: {_quoted(mapping.sha256)}",
        *([f"page_total: {{from: {total.first}, rect: {_corners(total.rect)}}}"] if total else []),
        *(["page_codes:"] if mapping.codes else []),
        *(
            f"  - {{from: {first}, x: {x:.2f}, y: {y:.2f}}}"
            for first, x, y in (mapping.codes.starts if mapping.codes else ())
        ),
        "placements:" if ids else "placements: {}",
    ]
    todo = set(mapping.todo)
    for placement in ids:
        if placement in mapping.locators:
            entry = ", ".join(_entry(mapping.locators[placement]))
            lines.append(f"  {_key(placement)}: {{{entry}}}")
        elif placement in mapping.numbered:
            lines.append(f'  {_key(placement)}: "#{mapping.numbered[placement]}"')
        elif placement in todo:
            lines.append(f"  {_key(placement)}: {TODO}")
    return "\n".join(lines) + "\n"


def _key(placement: str) -> str:
    """An id that YAML would take for a number (« 1.3 ») or a truth value (« on ») in quotes."""
    return placement if _PLAIN_KEY.fullmatch(placement) else _quoted(placement)


def _corners(rect: Rect) -> str:
    return "[" + ", ".join(f"{one:.2f}" for one in (rect.x0, rect.y0, rect.x1, rect.y1)) + "]"


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _UNPRINTABLE.sub(lambda found: "\\u" + f"{ord(found[0]):04x}", plain) + '"'


def _escaped(name: str) -> str:
    """The name of a PDF state as a PDF writes it: what is no UTF-8 as ``#90`` (7.3.5)."""
    return _NOT_UTF8.sub(lambda found: f"#{ord(found[0]) & 0xFF:02x}", name.replace("#", "#23"))


def _unescaped(name: str) -> str:
    # Bytes that are no UTF-8 are kept as Python keeps them everywhere: half surrogates.
    return _ESCAPED.sub(
        lambda found: bytes.fromhex(found[1]).decode("utf-8", "surrogateescape"), name
    )


def _shown_cells(cells: tuple[float, ...]) -> list[str]:
    if not cells:
        return []
    even = cells == even_cells(len(cells))
    return [f"cells: {len(cells) if even else list(cells)}"]


def _entry(locator: Locator) -> list[str]:
    if isinstance(locator, DocxLocator):
        parts = [f"{locator.kind}: {_quoted(locator.target)}"]
        if locator.part != MAIN_PART:
            parts.append(f"part: {_quoted(locator.part)}")
        if locator.offset:
            parts.append(f"offset: {locator.offset}")
    else:
        rect = _corners(locator.rect)
        if locator.kind is PdfKind.WIDGET:
            parts = [f"widget: {_quoted(locator.name)}", f"page: {locator.page}", f"rect: {rect}"]
        else:
            parts = [f"{locator.kind}: {rect}", f"page: {locator.page}"]
        if locator.on_state:
            parts.append(f"on: {_quoted(_escaped(locator.on_state))}")
        if locator.index:
            parts.append(f"index: {locator.index}")
        parts += _shown_cells(locator.cells)
    if locator.confidence < 1:
        parts.append(f"confidence: {locator.confidence:.2f}")
    if locator.reason:
        parts.append(f"reason: {_quoted(locator.reason)}")
    if not locator.confirmed:
        parts.append("confirmed: false")
    if locator.candidates:
        numbers = ", ".join(f'"#{one}"' for one in locator.candidates)
        parts.append(f"candidates: [{numbers}]")
    return parts
