"""How long `map` takes to find all of a guide in a blank."""

from __future__ import annotations

import time
from collections.abc import Callable

from common import ROOT, Line, guide

from cqp_forms.docx.detect import detect as detect_docx
from cqp_forms.guide import Guide
from cqp_forms.mapping import Detected
from cqp_forms.matching import match
from cqp_forms.pdf.detect import detect as detect_pdf

ROUNDS = 5


def _best(known: Guide, content: bytes, detect: Callable[[bytes], tuple[Detected, ...]]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        matched = match(detect(content), known)
        times.append(time.perf_counter() - start)
        assert len(matched.placed) == len(known.placements)
    return min(times)


def main() -> list[Line]:
    known = guide()
    blanks = ROOT / "source_docs"
    return [
        Line(
            f"`map` of a guide of 217 placements, {kind}",
            "seconds",
            seconds := _best(known, (blanks / f"{known.id}.{ending}").read_bytes(), detect),
            goal,
            False,
            f"{seconds:.2f} s, detection and matching",
        )
        for kind, ending, detect, goal in (
            ("DOCX", "docx", detect_docx, 2),
            ("PDF", "pdf", detect_pdf, 10),
        )
    ]


if __name__ == "__main__":
    print("\n".join(line.row() for line in main()))
