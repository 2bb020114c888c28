"""Rebuild the blank documents and their mappings from the guides' text.

For each guide that brings a text: ``source_docs/<id>.pdf`` and ``mappings/<id>/pdf.yaml``, and the
same in DOCX. To be run after a change of a guide's wording or of a builder:

    python tools/blanks/build_blanks.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import docx_blank
import pdf_blank
from cqp_forms.guide_yaml import GUIDE_FILE, read_guide
from cqp_forms.mapping_yaml import dump_mapping
from cqp_forms.project import MAPPINGS, SOURCE_DOCS

BUILDERS = (docx_blank.build, pdf_blank.build)


def main(root: Path) -> None:
    """Rebuild every guide's blanks under ``root``."""
    for path in sorted(root.glob(f"{MAPPINGS}/*/{GUIDE_FILE}")):
        guide = read_guide(path)
        if not guide.document:
            continue
        for build in BUILDERS:
            built = build(guide)
            mapping = built.mapping
            document = root / SOURCE_DOCS / mapping.document
            document.write_bytes(built.content)
            text = dump_mapping(mapping, guide.placements)
            (path.parent / f"{mapping.format}.yaml").write_text(text, "utf-8", newline="\n")
            print(f"{document.name}: {len(built.content)} bytes, {len(mapping.locators)} fields")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2])
