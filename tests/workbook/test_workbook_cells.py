"""The quick reader gives the parser's rows, whatever the XML looks like."""

from __future__ import annotations

import io
import zipfile
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from workbook_tools import complete, worksheet

from cqp_forms.guide import Guide
from cqp_forms.workbook import quick
from cqp_forms.workbook.cells import (
    Cell,
    CellKind,
    Row,
    SheetReader,
    column_letters,
    escaped,
    read_shared_strings,
)
from cqp_forms.workbook.write import fiche_bytes, lot_bytes

SHARED = [Cell(CellKind.TEXT, text) for text in ("OUI", "", "Léa & fils", "a\nb")]
FORMATS = ["General", "00000", "dd/mm/yyyy"]

texts = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\r"), min_size=0, max_size=12
).map(escaped)


def _xml(text: str) -> str:
    named = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return named.replace("é", "&#233;").replace("œ", "&#x153;")


@st.composite
def cells(draw: st.DrawFn, reference: str) -> str:
    style = draw(st.sampled_from(["", ' s="0"', ' s="1"', ' s="2"']))
    text = _xml(draw(texts))
    number = draw(st.sampled_from(["1", "0", "427", "46174.5", "1E-5"]))
    return draw(
        st.sampled_from(
            [
                f'<c r="{reference}"{style}/>',
                f'<c r="{reference}"{style}></c>',
                f'<c r="{reference}"{style}><v>{number}</v></c>',
                f'<c r="{reference}"{style} t="n"><v>{number}</v></c>',
                f'<c {style} r="{reference}"><v> {number} </v></c>',
                f'<c r="{reference}"{style} t="s"><v>{len(text) % 4}</v></c>',
                f'<c r="{reference}" t="b"><v>1</v></c>',
                f'<c r="{reference}" t="e"><v>#REF!</v></c>',
                f'<c r="{reference}" t="d"><v>2026-06-01</v></c>',
                f'<c r="{reference}" t="str"><f>A1</f><v>{text}</v></c>',
                f'<c r="{reference}"><f>A1+1</f><v>{number}</v></c>',
                f'<c r="{reference}"><f>A1</f></c>',
                f'<c r="{reference}"><f/><v></v></c>',
                f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>',
                f'<c r="{reference}"{style} t="inlineStr"><is><t xml:space="preserve">{text}</t>'
                "</is></c>",
                f'<c r="{reference}" t="inlineStr"><is><r><t>{text}</t></r><r><t>é</t></r>'
                "<rPh><t>x</t></rPh></is></c>",
            ]
        )
    )


@st.composite
def sheets(draw: st.DrawFn) -> str:
    rows = []
    for number in draw(st.lists(st.integers(1, 99), unique=True, max_size=5).map(sorted)):
        columns = draw(st.lists(st.integers(1, 60), unique=True, max_size=5).map(sorted))
        body = "".join(draw(cells(f"{column_letters(one)}{number}")) for one in columns)
        gap = draw(st.sampled_from(["", "\n ", "<!-- x -->"]))
        opening = draw(
            st.sampled_from([f'<row r="{number}">', f'<row r="{number}" spans="1:9" ht="15">'])
        )
        rows.append(f"{opening}{gap}{body}</row>")
        rows.append(draw(st.sampled_from(["", gap, f'<row r="{number}" ht="9"/>'])))
    return worksheet("".join(rows))


def _parsed(content: bytes, shared: list[Cell], formats: list[str]) -> list[Row]:
    return list(SheetReader(io.BytesIO(content), shared, formats).rows())


def _quick(content: bytes, shared: list[Cell], formats: list[str]) -> list[Row]:
    return list(quick.read_rows(lambda: nullcontext(io.BytesIO(content)), shared, formats))


@given(sheets())
@example(worksheet('<row r="1"><c r="A1"><f>A1</f><v>\n</v></c></row>'))
@example(worksheet('<row><c t="b"><v>1</v></c></row><row><c><v>2</v></c><c r="F2"/></row>'))
@example(worksheet('<row r="1"/><row r="3"><c r="B3"><v>1</v></c></row>'))
def test_both_readers_give_the_same_rows(xml: str) -> None:
    content = xml.encode()
    assert _quick(content, SHARED, FORMATS) == _parsed(content, SHARED, FORMATS)


@st.composite
def string_tables(draw: st.DrawFn) -> str:
    def item(text: str) -> st.SearchStrategy[str]:
        return st.sampled_from(
            [
                f"<si><t>{text}</t></si>",
                f'<si><t xml:space="preserve">{text}</t></si>',
                "<si/>",
                "<si><t/></si>",
                "<si></si>",
                f"<si>\n <t>{text}</t>\n</si>",
                f"<si><r><rPr><b/></rPr><t>{text}</t></r>\n<r><t>é</t></r></si>",
                f"<si><t>{text}</t><rPh sb='0' eb='1'><t>x</t></rPh></si>",
                f"<si ><t>{text}</t></si >",
                f"<!-- <si/> --><si><t>{text}</t></si>",
            ]
        )

    items = draw(st.lists(texts.map(_xml).flatmap(item), max_size=6))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sst xmlns="x">{"".join(items)}</sst>'


@given(string_tables())
def test_both_ways_give_the_same_shared_strings(xml: str) -> None:
    content = xml.encode()
    expected = read_shared_strings(io.BytesIO(content))
    assert quick.read_strings(io.BytesIO(content)) == expected


@pytest.mark.parametrize("chunk", [1, 2, 7, 64])
def test_rows_that_straddle_chunks(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>é{n}</t></is></c></row>'
        for n in range(1, 30)
    )
    content = worksheet(rows).encode()
    monkeypatch.setattr(quick, "_CHUNK", max(chunk, 120))
    assert len(_quick(content, SHARED, FORMATS)) == 29
    assert _quick(content, SHARED, FORMATS) == _parsed(content, SHARED, FORMATS)


def test_real_workbooks_are_read_the_same_both_ways_and_mostly_quickly(
    guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_over = []
    parsed = quick._QuickReader._parsed

    def counted(self: quick._QuickReader, text: str, before: int) -> Row:
        handed_over.append(text)
        return parsed(self, text, before)

    monkeypatch.setattr(quick._QuickReader, "_parsed", counted)
    answers = complete(guide)
    for content in (fiche_bytes(guide, answers), lot_bytes(guide, [answers] * 3)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                if name.startswith("xl/worksheets/sheet"):
                    xml = archive.read(name)
                    formats = ["General"] * 200
                    assert _quick(xml, SHARED, formats) == _parsed(xml, SHARED, formats)
    # Only the formulas of « Synthèse » go to the parser.
    assert all("<f" in text for text in handed_over)


def test_columns_have_letters() -> None:
    assert [column_letters(n) for n in (1, 26, 27, 702, 703, 16_384)] == [
        "A", "Z", "AA", "ZZ", "AAA", "XFD",
    ]  # fmt: skip


def test_the_examples_are_what_the_tool_makes(guide: Guide, tmp_path: Path) -> None:
    import importlib.util

    root = Path(__file__).parents[2]
    spec = importlib.util.spec_from_file_location("make_examples", root / "tools/make_examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.make(tmp_path, guide)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == [
        "fiche-maitrisee.xlsx", "fiche-non-maitrisee.xlsx", "lot-12-candidats.xlsx",
    ]  # fmt: skip
    for name in made:
        # Member by member: the compressed bytes depend on the zlib at hand.
        with (
            zipfile.ZipFile(tmp_path / name) as new,
            zipfile.ZipFile(root / "examples" / name) as old,
        ):
            assert new.namelist() == old.namelist()
            for member in new.namelist():
                assert new.read(member) == old.read(member), (name, member)
