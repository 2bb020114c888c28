"""The rooms keep their order: imports point one way, and heavy libraries stay where they belong."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

import cqp_forms

PACKAGE = Path(cqp_forms.__file__).parent

#: A room may import rooms of its own height or below; siblings of one height that must not meet are
#: listed in APART.
HEIGHT = {
    "limits": 0,
    "pagecode": 0,
    "typography": 0,
    "errors": 0,
    "answers": 0,
    "findings": 0,
    "guide": 1,
    "blocks": 1,
    "yaml_data": 1,
    "fonts": 1,
    "guide_yaml": 2,
    "guide_edit": 3,
    "plan": 2,
    "rules": 2,
    "progress": 2,
    "mapping": 2,
    "shown": 2,
    "ticksigns": 2,
    "proof": 3,
    "mapping_lint": 3,
    "mapping_yaml": 3,
    "matching": 3,
    "project": 4,
    "files": 1,
    "docx": 5,
    "pdf": 5,
    "workbook": 5,
    "formats": 6,
    "blank_form": 7,
    "issuing": 7,
    "opened_file": 8,
    "examine": 8,
    "returns": 9,
    "batch": 8,
    "app": 9,
    "cli": 10,
}
APART = [("docx", "pdf"), ("docx", "workbook"), ("pdf", "workbook")]
#: What may meet all the same: pages that a word processor laid out are looked at as any others.
MEETINGS = {("docx/prove.py", "cqp_forms.pdf.raster")}

#: What each part of a format may import of the same format's other parts. What reads or detects
#: never knows what stamps: one cannot hide a fault of the other.
PARTS = {
    "docx": {
        "wml": set[str](),
        "opc": {"wml"},
        "detect": {"opc", "wml"},
        "stamp": {"opc", "wml"},
        "read": {"opc", "wml"},
        "looks": {"styles", "wml"},
        "preview": {"opc", "stamp", "wml"},
        "styles": {"wml"},
        "prove": {"looks", "opc", "styles", "wml"},
    },
    "pdf": {
        "geometry": set[str](),
        "layout": set[str](),
        "archive": {"geometry"},
        "raster": {"geometry", "opening"},
        "opening": {"archive"},
        "widgets": {"geometry", "opening"},
        "page": {"geometry", "opening", "widgets"},
        "read": {"geometry", "opening", "page", "widgets"},
        "detect": {"geometry", "opening", "page", "widgets"},
        "stamp": {"archive", "geometry", "layout", "opening", "raster", "widgets"},
        "extras": {"geometry", "widgets"},
        "signatures": {"geometry", "opening"},
        "prove": {"extras", "geometry", "opening", "raster"},
        "lint": {"detect", "geometry"},
        "preview": {"detect", "geometry", "raster"},
        "bundle": {"archive", "geometry", "stamp"},
    },
}

FORMATS = {"docx", "pdf"}
#: Where a format may be named besides its own package: the registry, and the data of mappings.
NAMES_FORMATS = {"formats", "mapping", "mapping_lint", "mapping_yaml"}
#: What makes or looks at a PDF whatever the format of the guide.
ALWAYS_PDF = {
    ("returns.py", "cqp_forms.pdf.signatures"),
    ("cli/returned.py", "cqp_forms.pdf.signatures"),
    ("issuing/changes_pdf.py", "cqp_forms.pdf.archive"),
    ("batch/bundle.py", "cqp_forms.pdf.bundle"),
    ("app/preview.py", "cqp_forms.pdf.raster"),
    ("app/form_pages.py", "cqp_forms.pdf.raster"),
}

#: Which rooms may name which library.
OWNERS = {
    "click": {"cli"},
    "openpyxl": {"workbook", "batch"},
    "python_calamine": {"workbook"},
    "docx": {"docx", "batch"},
    "pikepdf": {"pdf"},
    "pyhanko": {"pdf"},
    "pyhanko_certvalidator": {"pdf"},
    "pypdf": {"pdf"},
    "pypdfium2": {"pdf"},
    "sqlite3": {"issuing"},
    "yaml": {"yaml_data"},
    "starlette": {"app"},
    "uvicorn": {"app"},
    "jinja2": {"app"},
}


def room_of(path: Path) -> str:
    inside = path.relative_to(PACKAGE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imports_of(path: Path) -> set[str]:
    """Full names of what a module imports, at any depth, type checking included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            if node.module == "cqp_forms":
                found.update(f"cqp_forms.{alias.name}" for alias in node.names)
    return found


def own_imports(path: Path, nodes: Iterable[ast.AST] | None = None) -> set[tuple[str, ...]]:
    """The modules of the package that a module imports, as the parts of their paths.

    Args:
        nodes: where to look; the whole module, functions included, where none are given.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[tuple[str, ...]] = set()
    for node in ast.walk(tree) if nodes is None else nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cqp_forms"):
            base = tuple((node.module or "").split(".")[1:])
            found |= {base, *((*base, alias.name) for alias in node.names)}
    return {one for one in found if PACKAGE.joinpath(*one).with_suffix(".py").is_file()} | {
        one for one in found if len(one) > 1 and one[0] in FORMATS and one[1] in PARTS[one[0]]
    }


MODULES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if path.name not in {"__main__.py"} and path.parent != PACKAGE / "data"
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    assert room in HEIGHT, f"the room « {room} » has no place in the house: give it a height"
    for name in imports_of(path):
        if not name.startswith("cqp_forms."):
            continue
        target = name.split(".")[1]
        if target == "__version__":
            continue
        assert HEIGHT[target] <= HEIGHT[room], f"{room} must not import {target}"
        if (path.relative_to(PACKAGE).as_posix(), name) in MEETINGS:
            continue
        assert (room, target) not in APART, f"{room} must not know {target}"
        assert (target, room) not in APART, f"{room} must not know {target}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_parts_of_a_format_keep_apart(path: Path) -> None:
    room, *inside = path.relative_to(PACKAGE).with_suffix("").parts
    if room not in FORMATS or inside[0] in {"__init__", "adapter"}:  # the adapter names them all
        return
    parts, part = PARTS[room], inside[0]
    assert part in parts, f"{room}/{part} has no place in the house"
    for target in own_imports(path):
        other = target[1] if target[0] == room else part
        assert other in parts[part] | {part}, f"{room}/{part} must not import {room}/{other}"


ROOMS = sorted(one.name for one in PACKAGE.iterdir() if (one / "__init__.py").is_file())


@pytest.mark.parametrize("room", ROOMS)
def test_no_two_modules_of_a_room_need_each_other(room: str) -> None:
    needs = {
        path.relative_to(PACKAGE).with_suffix("").parts: own_imports(
            path, ast.parse(path.read_text(encoding="utf-8")).body
        )
        for path in MODULES
        if room_of(path) == room and path.stem != "__init__"
    }
    left = dict(needs)
    while left:
        free = [one for one, others in left.items() if not (others & left.keys()) - {one}]
        assert free, f"these modules import one another in a circle: {sorted(left)}"
        for one in free:
            del left[one]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_format_is_named_only_by_its_package_and_the_registry(path: Path) -> None:
    if room_of(path) in FORMATS | NAMES_FORMATS:
        return
    here = path.relative_to(PACKAGE).as_posix()
    for name in imports_of(path):
        named = name.startswith("cqp_forms.") and name.split(".")[1] in FORMATS
        assert not named or (here, name) in ALWAYS_PDF, f"{here} must not import {name}"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            asks = node.value.id == "Format" and node.attr in {"DOCX", "PDF"}
            assert not asks, f"{here}, line {node.lineno}, asks for a format: give it to the port"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "cast", f"{here}, line {node.lineno}: a cast outside a format"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    for name in imports_of(path):
        library = name.split(".")[0]
        if library in OWNERS:
            assert room_of(path) in OWNERS[library], f"{library} is imported by {room_of(path)}"


def test_help_imports_nothing_heavy() -> None:
    heavy = [
        "openpyxl",
        "lxml",
        "pikepdf",
        "pypdf",
        "pypdfium2",
        "reportlab",
        "docx",
        "yaml",
        "rapidfuzz",
        "sqlite3",
        "starlette",
    ]
    script = (
        "import sys\nfrom click.testing import CliRunner\nfrom cqp_forms.cli import program\n"
        "result = CliRunner().invoke(program, ['--help'])\nassert result.exit_code == 0\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_class_name_stands_once_in_the_package() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for path in PACKAGE.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(path.relative_to(PACKAGE).as_posix())
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


def test_domain_code_neither_prints_nor_reads_the_clock() -> None:
    for path in MODULES:
        if room_of(path) in {"cli", "batch"}:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert not calls & {
            "print",
            "input",
            "datetime.now",
            "date.today",
            "datetime.utcnow",
            "time.time",
            "sys.exit",
        }, path


def test_only_the_console_writes_to_the_terminal() -> None:
    # Elsewhere a name with an ESC in it would reach the terminal as it is: use console.echo.
    for path in MODULES:
        if path.relative_to(PACKAGE) == Path("cli/console.py"):
            continue
        named = {
            node.attr
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute)
        }
        assert not named & {"echo", "secho"}, f"{path}: use cqp_forms.cli.console.echo"
