"""A DOCX a candidate: ours, docxtpl, a deep copy of the tree, and what deflating alone costs."""

from __future__ import annotations

import copy
import io
import zipfile
import zlib
from typing import cast

from common import EDITION, ROOT, Line, compare, guide, milliseconds, plans
from lxml import etree

from cqp_forms.docx.read import read
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.mapping import MAIN_PART, DocxMapping, Format
from cqp_forms.plan import Plan
from cqp_forms.project import Project
from cqp_forms.shown import differences

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
ON, OFF = "☒", "☐"


class Controls:
    """The content controls of a document's tree, by tag."""

    def __init__(self, root: etree._Element) -> None:
        self._found: dict[str, etree._Element] = {}
        for control in root.iter(f"{W}sdt"):
            tag = control.find(f"{W}sdtPr/{W}tag")
            if tag is not None:
                self._found[tag.get(f"{W}val")] = control

    def check(self, tag: str, flag: str, glyph: str) -> None:
        control = self._found[tag]
        control.find(f"{W}sdtPr/{W14}checkbox/{W14}checked").set(f"{W14}val", flag)
        next(control.find(f"{W}sdtContent").iter(f"{W}t")).text = glyph

    def write(self, tag: str, text: str) -> None:
        control = self._found[tag]
        placeholder = control.find(f"{W}sdtPr/{W}showingPlcHdr")
        if placeholder is not None:
            placeholder.getparent().remove(placeholder)
        runs = list(control.find(f"{W}sdtContent").iter(f"{W}r"))
        for extra in runs[1:]:
            extra.getparent().remove(extra)
        run = runs[0]
        for old in [one for one in run if one.tag != f"{W}rPr"]:
            run.remove(old)
        style = run.find(f"{W}rPr/{W}rStyle")
        if style is not None and style.get(f"{W}val") == "PlaceholderText":
            run.find(f"{W}rPr").remove(style)
        for number, line in enumerate(text.split("\n")):
            if number:
                etree.SubElement(run, f"{W}br")
            element = etree.SubElement(run, f"{W}t")
            element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            element.text = line


def main() -> list[Line]:
    known = guide()
    blank = Project.at(ROOT).blank(known, Format.DOCX)
    mapping = cast(DocxMapping, blank.mapping)
    stamper = DocxStamper(blank.content, mapping, known)
    archive = zipfile.ZipFile(io.BytesIO(blank.content))
    members = {name: archive.read(name) for name in archive.namelist()}
    tree = etree.fromstring(members[MAIN_PART])
    tag = {key: one.target for key, one in mapping.locators.items()}
    wanted = plans(96)

    def zipped(main_part: bytes) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
            for name, content in members.items():
                package.writestr(name, main_part if name == MAIN_PART else content)
        return target.getvalue()

    def ours(plan: Plan) -> bytes:
        return stamper.stamp(plan, EDITION)

    def deep_copy(plan: Plan) -> bytes:
        root = copy.deepcopy(tree)
        controls = Controls(root)
        for key, tick in plan.ticks.items():
            controls.check(tag[key], "1" if tick.value else "0", ON if tick.value else OFF)
        for key, text in plan.texts.items():
            if text:
                controls.write(tag[key], text)
        return zipped(etree.tostring(root, encoding="UTF-8", standalone=True))

    template = _template(copy.deepcopy(tree), wanted[0], tag)
    template_file = zipped(etree.tostring(template, encoding="UTF-8", standalone=True))

    def docxtpl(plan: Plan) -> bytes:
        from docxtpl import DocxTemplate

        document = DocxTemplate(io.BytesIO(template_file))
        context: dict[str, object] = {"f": {}, "g": {}, "t": plan.texts}
        for key, tick in plan.ticks.items():
            context["f"][key], context["g"][key] = (1, ON) if tick.value else (0, OFF)
        document.render(context, autoescape=True)
        target = io.BytesIO()
        document.save(target)
        return target.getvalue()

    stamped = [zipfile.ZipFile(io.BytesIO(ours(plan))).read(MAIN_PART) for plan in wanted]
    ready = {id(plan): content for plan, content in zip(wanted, stamped, strict=True)}

    def deflate(plan: Plan) -> bytes:
        return zlib.compress(ready[id(plan)], 6)

    for name, method in (("ours", ours), ("deep copy", deep_copy), ("docxtpl", docxtpl)):
        for plan in wanted[:3]:
            wrong = differences(plan, read(method(plan), mapping, known, blank.content))
            if wrong:
                raise SystemExit(f"DOCX, {name}: not a correct document: {wrong[:3]}")

    seconds = compare(
        {"ours": ours, "docxtpl": docxtpl, "deep copy": deep_copy, "deflate": deflate},
        wanted,
        {"docxtpl": 4},
    )
    own = seconds["ours"]

    def line(against: str, peer: str, goal: float, at_least: bool) -> Line:
        other = seconds[peer]
        ratio = other / own if at_least else own / other
        detail = f"{milliseconds(own)} against {milliseconds(other)}"
        return Line("DOCX stamped", against, ratio, goal, at_least, detail)

    return [
        line("docxtpl on an equivalent template", "docxtpl", 80, True),
        line("deep copy of the parsed tree, then zip", "deep copy", 3.5, True),
        line("deflating document.xml alone", "deflate", 1.3, False),
    ]


def _template(root: etree._Element, plan: Plan, tag: dict[str, str]) -> etree._Element:
    """The same document as a docxtpl template: each control's flag and text are expressions."""
    controls = Controls(root)
    for key in plan.ticks:
        controls.check(tag[key], f"{{{{ f['{key}'] }}}}", f"{{{{ g['{key}'] }}}}")
    for key in plan.texts:
        controls.write(tag[key], f"{{{{ t['{key}'] }}}}")
    return root


if __name__ == "__main__":
    print("\n".join(line.row() for line in main()))
