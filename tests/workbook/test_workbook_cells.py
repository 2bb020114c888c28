"""The exact reader: each way of writing a cell gives the cell that it stands for."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workbook_tools import worksheet

from cqp_forms.guide import Guide
from cqp_forms.workbook.cells import Cell, CellKind, column_letters, escaped
from cqp_forms.workbook.sheet_xml import Look, SheetReader, TooLargeError

SHARED = [Cell(CellKind.TEXT, text) for text in ("OUI", "", "Léa & fils", "a\nb")]
LOOKS = [Look(), Look("00000"), Look("dd/mm/yyyy"), Look(struck=True)]
TEXT, NUMBER = CellKind.TEXT, CellKind.NUMBER

texts = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\r"), min_size=1, max_size=12
)


def _xml(text: str) -> str:
    named = escaped(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return named.replace("é", "&#233;").replace("œ", "&#x153;")


@st.composite
def cells(draw: st.DrawFn, ref: str) -> tuple[str, Cell | None]:
    """A cell as a program may write it, and what it stands for."""
    text = draw(texts)
    number = draw(st.sampled_from(["1", "0", "427", "46174.5", "1E-5"]))
    said = Cell(TEXT, text)
    rank = draw(st.integers(0, 3))
    written = _xml(text)
    return draw(
        st.sampled_from(
            [
                (f'<c r="{ref}"/>', None),
                (f'<c r="{ref}" s="2"></c>', None),
                (f'<c r="{ref}"><v>{number}</v></c>', Cell(NUMBER, number)),
                (f'<c r="{ref}" s="1" t="n"><v>{number}</v></c>', Cell(NUMBER, number, "00000")),
                (f'<c s="2" r="{ref}"><v> {number} </v></c>', Cell(NUMBER, number, "dd/mm/yyyy")),
                (f'<c r="{ref}" t="s"><v>{rank}</v></c>', SHARED[rank] if rank != 1 else None),
                (f'<c r="{ref}" t="b"><v>1</v></c>', Cell(CellKind.BOOLEAN, "1")),
                (f'<c r="{ref}" t="b"><v>false</v></c>', Cell(CellKind.BOOLEAN, "0")),
                (f'<c r="{ref}" t="e"><v>#REF!</v></c>', Cell(CellKind.ERROR, "#REF!")),
                (
                    f'<c r="{ref}" t="d"><v>2026-06-01</v></c>',
                    Cell(CellKind.ISO_DATE, "2026-06-01"),
                ),
                (f'<c r="{ref}" t="str"><f>A1</f><v>{written}</v></c>', said),
                (f'<c r="{ref}" t="str"><f>A1</f><v></v></c>', None),
                (f'<c r="{ref}"><f>A1+1</f><v>{number}</v></c>', Cell(NUMBER, number)),
                (f'<c r="{ref}"><f>A1</f></c>', Cell(CellKind.UNCOMPUTED, "")),
                (f'<c r="{ref}"><f/><v>\n</v></c>', Cell(CellKind.UNCOMPUTED, "")),
                (f'<c r="{ref}" t="inlineStr"><is><t>{written}</t></is></c>', said),
                (
                    f'<c r="{ref}" s="3" t="inlineStr"><is><t>{written}</t></is></c>',
                    said._replace(struck=True),
                ),
                (
                    f'<c r="{ref}" t="inlineStr"><is><r><t>{written}</t></r><r><rPr><strike/></rPr>'
                    "<t>é</t></r><rPh><t>x</t></rPh></is></c>",
                    Cell(TEXT, f"{text}é", struck=True),
                ),
                (
                    f'<c r="{ref}" t="inlineStr"><is><r><rPr><strike val="0"/></rPr>'
                    f"<t>{written}</t></r></is></c>",
                    said,
                ),
            ]
        )
    )


@st.composite
def sheets(draw: st.DrawFn) -> tuple[str, dict[int, tuple[dict[str, Cell], bool]]]:
    rows, expected = [], {}
    for number in draw(st.lists(st.integers(1, 99), unique=True, max_size=5).map(sorted)):
        columns = draw(st.lists(st.integers(1, 60), unique=True, max_size=5).map(sorted))
        written = {one: draw(cells(f"{column_letters(one)}{number}")) for one in columns}
        gap = draw(st.sampled_from(["", "\n ", "<!-- x -->"]))
        hidden = draw(st.sampled_from(["", ' ht="15"', ' hidden="0"', ' hidden="1"', ' ht="0"']))
        body = gap.join(xml for xml, _ in written.values())
        rows.append(f'<row r="{number}"{hidden}>{gap}{body}</row>')
        found = {column_letters(one): cell for one, (_, cell) in written.items() if cell}
        if found:
            expected[number] = (found, hidden in (' hidden="1"', ' ht="0"'))
    return worksheet("".join(rows)), expected


@given(sheets())
def test_cells_are_read_however_they_are_written(
    case: tuple[str, dict[int, tuple[dict[str, Cell], bool]]],
) -> None:
    xml, expected = case
    rows = list(SheetReader(io.BytesIO(xml.encode()), SHARED, LOOKS).rows())
    assert {row.number: (dict(row.cells), row.hidden) for row in rows} == expected


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="0"><c r="A0"><v>1</v></c></row>',
        '<row r="1048577"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="$A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>4</v></c></row>',
        '<row r="1"><c r="A1" t="b"><v>2</v></c></row>',
        '<row r="1"><c r="A1" t="zz"><v>2</v></c></row>',
        '<row r="1"><c r="A1" s="4"><v>2</v></c></row>',
        "<row>" + "<c/>" * 16_385 + "</row>",
        "<row>" + "<a>" * 70_000 + "</a>" * 70_000 + "</row>",
        f'<row r="1"><c r="A1" t="str"><v>{"x" * 1_100_000}</v></c></row>',
        f'<row r="1" spans="{"x" * 5_000_000}"/>',
        f"<!--{'x' * 5_000_000}-->",
        "<row>" + f'<c t="str"><v>{"x" * 900_000}</v></c>' * 20 + "</row>",
    ],
    ids=lambda rows: rows[:50],
)
def test_what_no_program_writes_is_not_guessed(rows: str) -> None:
    with pytest.raises((ValueError, LookupError, TooLargeError)):
        list(SheetReader(io.BytesIO(worksheet(rows).encode()), SHARED, LOOKS).rows())


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
