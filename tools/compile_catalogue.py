"""Compile the French catalogue of click's own sentences (needs Babel, of the ``dev`` extra)."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent.parent / "cqp_forms/cli/locale/fr/LC_MESSAGES"


def main() -> None:
    """Write ``messages.mo`` from ``messages.po``."""
    with (FOLDER / "messages.po").open("rb") as source:
        catalogue = read_po(source)
    with (FOLDER / "messages.mo").open("wb") as target:
        write_mo(target, catalogue)


if __name__ == "__main__":
    main()
