"""The preview of a Word form: each comment stands at its own box, however many a line has."""

from __future__ import annotations

import io
from functools import partial
from itertools import takewhile
from operator import is_not
from zipfile import ZipFile

import docx
import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from cqp_forms.docx.preview import preview
from cqp_forms.errors import DocumentError
from cqp_forms.formats import format_of
from cqp_forms.mapping import Detected, Format

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
#: The main part of a document, of a template, and of either with macros ([MS-OE376]).
OTHER_MAINS = (
    f"{WORD}.document.main+xml",
    f"{WORD}.template.main+xml",
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
)


def of_kind(main: str, strict: bool) -> bytes:
    """A form with two boxes and a macro, of a kind of Word document, in a dialect."""
    document, out, made = docx.Document(), io.BytesIO(), io.BytesIO()
    document.add_paragraph("Avis : ☐ Oui   ☐ Non")
    macros = Part(
        PackURI("/word/vbaProject.bin"),
        "application/vnd.ms-office.vbaProject",
        b"macros",
        document.part.package,
    )
    document.part.relate_to(
        macros, "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
    )
    document.save(out)
    with ZipFile(out) as old, ZipFile(made, "w") as new:
        for name in old.namelist():
            member = old.read(name).replace(OTHER_MAINS[0].encode(), main.encode())
            if strict:
                for area in (b"wordprocessingml", b"officeDocument", b"drawingml"):
                    plain = b"http://schemas.openxmlformats.org/" + area + b"/2006/"
                    member = member.replace(plain, b"http://purl.oclc.org/ooxml/" + area + b"/")
            new.writestr(name, member)
    return made.getvalue()


def legacy_box(paragraph: Paragraph, name: str, after: str) -> None:
    """A FORMCHECKBOX field, with the text that follows it (ECMA-376-1, 17.16.17)."""
    begin = OxmlElement("w:fldChar")
    begin.set(qn("w:fldCharType"), "begin")
    data, named = OxmlElement("w:ffData"), OxmlElement("w:name")
    named.set(qn("w:val"), name)
    data.extend([named, OxmlElement("w:checkBox")])
    begin.append(data)
    paragraph.add_run()._r.append(begin)
    code = OxmlElement("w:instrText")
    code.text = " FORMCHECKBOX "
    paragraph.add_run()._r.append(code)
    for kind in ("separate", "end"):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        paragraph.add_run()._r.append(mark)
    paragraph.add_run(after)


def commented(document: docx.document.Document) -> tuple[list[Detected], dict[int, str]]:
    """What is found, and by number the text of its paragraph that stands before its comment."""
    out = io.BytesIO()
    document.save(out)
    found = format_of(Format.DOCX).detect(out.getvalue())
    shown = docx.Document(io.BytesIO(preview(out.getvalue(), {}, found)))
    numbers = {one.comment_id: int(one.text.split()[1].rstrip(",.")) for one in shown.comments}
    before = {}
    for start in shown.element.iter(qn("w:commentRangeStart")):
        paragraph = next(start.iterancestors(qn("w:p")))
        earlier = takewhile(partial(is_not, start), paragraph.iter())
        texts = [one.text or "" for one in earlier if one.tag == qn("w:t")]
        before[numbers[int(start.get(qn("w:id")))]] = "".join(texts)
    return list(found), before


@pytest.mark.parametrize("split", [False, True])
def test_boxes_of_one_line_each_have_their_comment(split: bool) -> None:
    document = docx.Document()
    words = ["Le client est-il satisfait ?   ", "☐ Oui   ", "☐ Non   ", "☐ Ne sait pas"]
    paragraph = document.add_paragraph("" if split else "".join(words))
    for word in words if split else ():
        paragraph.add_run(word)
    document.add_paragraph("Le : ....................")
    found, before = commented(document)
    assert [one.option or "" for one in found] == ["Oui", "Non", "Ne sait pas", ""]
    expected = ["".join(words[:1]), "".join(words[:2]), "".join(words[:3]), "Le : "]
    assert before == {one.number: text for one, text in zip(found, expected, strict=True)}


def test_form_fields_of_one_line_each_have_their_comment() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Visite : ")
    for name in ("faite ", "remise ", "sans suite "):
        legacy_box(paragraph, name.strip().replace(" ", "_"), name)
    found, before = commented(document)
    expected = ["Visite : ", "Visite : faite ", "Visite : faite remise "]
    assert before == {one.number: text for one, text in zip(found, expected, strict=True)}


def damaged(member: str) -> bytes:
    """A form of which a part that nobody fills is no XML."""
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph("Avis : ☐ Oui   ☐ Non")
    document.add_comment(document.paragraphs[0].runs, "vu", "A", "A")
    document.save(out)
    broken = io.BytesIO()
    with ZipFile(out) as old, ZipFile(broken, "w") as new:
        assert member in old.namelist()
        for name in old.namelist():
            new.writestr(name, b"<cut" if name == member else old.read(name))
    return broken.getvalue()


@pytest.mark.parametrize(
    "member",
    ["[Content_Types].xml", "docProps/core.xml", "word/settings.xml", "word/comments.xml"],
)
def test_a_document_with_a_damaged_part_is_told_not_to_be_commented(member: str) -> None:
    content = damaged(member)
    found = format_of(Format.DOCX).detect(content)
    assert [one.option for one in found] == ["Oui", "Non"]
    with pytest.raises(DocumentError, match="ne se commente pas"):
        preview(content, {}, found)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("main", OTHER_MAINS)
def test_templates_macros_and_strict_documents_are_commented_as_a_plain_document(
    main: str, strict: bool
) -> None:
    content = of_kind(main, strict)
    found = format_of(Format.DOCX).detect(content)
    shown = docx.Document(io.BytesIO(preview(content, {}, found)))
    assert [one.text.rpartition(" – ")[2] for one in shown.comments] == ["Oui", "Non"]
    assert not any("vba" in part.partname for part in shown.part.package.iter_parts())
    fills = [one.get(qn("w:fill")) for one in shown.element.iter(qn("w:shd"))]
    assert len(fills) == 2
