"""What the tests of signed copies share: guides issued once, and a way to give one back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from cqp_forms.cli import program
from cqp_forms.issuing.register import Access, Register

EXAMPLES = Path(__file__).parents[1] / "examples"
FICHE, OTHER = (str(EXAMPLES / f"fiche-{one}.xlsx") for one in ("maitrisee", "non-maitrisee"))


#: How the folder of the editable guide begins.
EDITABLE = "NGUYEN"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(program, [str(one) for one in arguments])


def guide_of(out: Path, name: str = "DURAND") -> Path:
    (found,) = out.glob(f"{name}*/*_v1.pdf")
    return found


def returned(out: Path, content: bytes, *more: object, code: int = 0) -> dict[str, Any]:
    """Give a file back; what is said of it."""
    path = out.parent / "rendu.pdf"
    path.write_bytes(content)
    done = run("return", path, "-o", out, "--json", *more)
    assert done.exit_code == code, done.output
    (one,) = json.loads(done.stdout)["returned"]
    return dict(one)


def rows(out: Path) -> list[str]:
    """The signed copies of the register; each is on the disk as it was entered."""
    with Register.open(out, Access.READ) as register:
        found = [copy for one in register.each() for copy in register.signed(one)]
    for copy in found:
        assert (out / copy.path).stat().st_size == copy.size
    on_disk = {one.relative_to(out).as_posix() for one in out.glob("*/*_signe*")}
    assert on_disk == {copy.path for copy in found}
    assert not list(out.glob(".emission/*"))
    return [Path(copy.path).name for copy in found]
