"""The texts and the blocks of a guide, read from its YAML."""

from __future__ import annotations

import re
from collections.abc import Callable

from cqp_forms.blocks import (
    Block,
    BulletItem,
    Bullets,
    Callout,
    CommentBox,
    Competences,
    Cover,
    FieldLines,
    Heading,
    Modalities,
    PageBreak,
    Paragraph,
    SignatureBlock,
    TickList,
)
from cqp_forms.typography import typeset
from cqp_forms.yaml_data import Node

#: What XML cannot hold (XML 1.0, 2.2), tabs and line ends aside.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def wording(node: Node, key: str, default: str | None = None) -> str:
    """The text under ``key``, typeset; ``default`` when the key is optional."""
    text = node.text(key, default)
    _require_shown(node, text)
    return typeset(text)


def wordings(node: Node, key: str) -> tuple[str, ...]:
    """The texts listed under ``key``, typeset; none when the key is absent."""
    items = node.items(key)
    for item in items:
        _require_shown(item, item.as_text())
    return tuple(typeset(item.as_text()) for item in items)


def _require_shown(node: Node, text: str) -> None:
    """Refuse what neither a workbook nor a document can hold."""
    if found := _CONTROL.search(text):
        raise node.fail(
            f"un caractère de contrôle (U+{ord(found[0]):04X}) se cache dans ce texte.",
            "Effacez-le : il ne se voit pas, et ni un classeur ni un document ne le gardent.",
        )


def read_blocks(node: Node, key: str) -> tuple[Block, ...]:
    """The blocks listed under ``key``; none when it is absent.

    Raises:
        GuideError: with the YAML path of what is no block.
    """
    return tuple(_block(one) for one in node.items(key))


def _block(node: Node) -> Block:
    if isinstance(node.value, str) and node.value in _BARE:
        return _BARE[node.value]
    keys = node.keys()
    if len(keys) != 1 or keys[0] not in _MAKERS:
        known = ", ".join([*_MAKERS, *_BARE])
        raise node.fail("ce n’est pas un bloc.", f"Un bloc est l’un de : {known}.")
    return _MAKERS[keys[0]](node)


def _cover(node: Node) -> Block:
    body = node.get("cover")
    cover = Cover(
        wording(body, "certificate"),
        wording(body, "tool"),
        wording(body, "title"),
        wording(body, "fields_title"),
        tuple(one.as_text() for one in body.items("fields")),
    )
    body.done()
    return cover


def _heading(node: Node) -> Block:
    body = node.get("heading")
    heading = Heading(body.whole("level"), wording(body, "text"))
    body.done()
    return heading


def _bullet_item(node: Node) -> BulletItem:
    if isinstance(node.value, str):
        return BulletItem(typeset(node.value))
    item = BulletItem(wording(node, "text"), wordings(node, "items"))
    node.done()
    return item


def _callout(node: Node) -> Block:
    body = node.get("callout")
    callout = Callout(wording(body, "title", ""), wordings(body, "paragraphs"))
    body.done()
    return callout


def _comment_box(node: Node) -> Block:
    body = node.get("comment_box")
    box = CommentBox(body.text("field"), body.whole("lines", 8))
    body.done()
    return box


def _signature(node: Node) -> Block:
    body = node.get("signature")
    block = SignatureBlock(
        wording(body, "title"),
        tuple(one.as_text() for one in body.items("fields")),
        body.text("declarant", ""),
        wording(body, "declaration", ""),
        body.text("date", ""),
        body.text("signature"),
    )
    body.done()
    return block


_MAKERS: dict[str, Callable[[Node], Block]] = {
    "cover": _cover,
    "heading": _heading,
    "paragraph": lambda node: Paragraph(wording(node, "paragraph")),
    "bullets": lambda node: Bullets(tuple(_bullet_item(one) for one in node.items("bullets"))),
    "callout": _callout,
    "field_lines": lambda node: FieldLines(
        tuple(one.as_text() for one in node.items("field_lines"))
    ),
    "tick_list": lambda node: TickList(tuple(one.as_text() for one in node.items("tick_list"))),
    "comment_box": _comment_box,
    "signature": _signature,
}

_BARE: dict[str, Block] = {
    "modalities": Modalities(),
    "competences": Competences(),
    "page_break": PageBreak(),
}
