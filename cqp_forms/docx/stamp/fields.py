"""Legacy form fields: FORMCHECKBOX and FORMTEXT (ECMA-376-1, 17.16.7 and 17.16.17)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cqp_forms.docx import wml
from cqp_forms.docx.stamp.runs import (
    Target,
    make,
    properties_of,
    replace,
    run_like,
    shows_nothing,
    text_element,
)
from cqp_forms.docx.stamp.template import Marks

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: What Word puts in a text field that is still empty.
_EMPTY = "\u2002" * 5


def stamp_form_checkbox(target: Target, marks: Marks) -> None:
    """Set ``w:checked``, which wins over ``w:default``; a box ticked beforehand is unticked."""
    box = next(_named(target.element, "checkBox"), None)
    if box is None:
        raise target.unfit("ce n’est pas une case à cocher de formulaire")
    old = [one for one in box if wml.is_word(one, "checked")]
    for one in old:
        box.remove(one)
    looks = [make(box, "checked", val=value) for value in ("0", "1")]
    # Last in the schema's order (17.16.6, CT_FFCheckBox).
    marks.fork(target.key, box, len(box), looks[:1], looks[1:])


def stamp_form_text(target: Target, marks: Marks) -> None:
    """Write between the field's « separate » and « end » marks, in the format that stands there."""
    begin = next((one for one in _named(target.element, "fldChar") if _step(one) == "begin"), None)
    if begin is None or next(_named(begin, "textInput"), None) is None:
        raise target.unfit("ce n’est pas une zone de texte de formulaire")
    separate, end = _bounds(target, begin)
    first, last = separate.getparent(), end.getparent()
    if first is None or last is None or first.getparent() is not last.getparent():
        raise target.unfit("son contenu s’étend sur plusieurs paragraphes")
    parent = first.getparent()
    if parent is None or first is last:
        raise target.unfit("le champ de formulaire est mal construit")
    runs = list(parent)[parent.index(first) + 1 : parent.index(last)]
    shown = next((one for one in runs if wml.is_word(one, "r")), None)
    look = properties_of(shown if shown is not None else first)
    run = run_like(parent, look)
    off = runs
    if not runs or not shows_nothing(runs):
        off = [run_like(parent, look, text_element(parent, _EMPTY))]
    if runs:
        replace(marks, target, parent, runs, off, [run], run)
    else:
        marks.fork(target.key, parent, parent.index(last), off, [run], run)


def _named(element: Element, name: str) -> Iterator[Element]:
    yield from element.iter(wml.w(name), wml.w(name, wml.W_STRICT))


def _step(mark: Element) -> str | None:
    return wml.attribute(mark, "fldCharType")


def _bounds(target: Target, begin: Element) -> tuple[Element, Element]:
    """The field's own « separate » and « end »; fields may be nested (17.16.2)."""
    root = begin.getroottree().getroot()
    depth, separate = 0, None
    found = False
    for mark in _named(root, "fldChar"):
        found = found or mark is begin
        if not found:
            continue
        step = _step(mark)
        if step == "begin":
            depth += 1
        elif step == "separate" and depth == 1:
            separate = mark
        elif step == "end":
            depth -= 1
            if depth == 0:
                if separate is None:
                    separate = _separator(mark)
                return separate, mark
    raise target.unfit("le champ de formulaire n’a pas de fin")


def _separator(end: Element) -> Element:
    """Give a field without a result the mark that its result follows."""
    run = end.getparent()
    assert run is not None
    mark = make(run, "fldChar", fldCharType="separate")
    run.addprevious(run_like(run, properties_of(run), mark))
    return mark
