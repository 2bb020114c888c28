"""Blanks and stampers that several tests of this folder share."""

from __future__ import annotations

import pytest
from blanks import form_blank
from edits import BOX
from samples import EDITION, plan_of

from cqp_forms.guide import Guide
from cqp_forms.mapping import Format, PdfMapping
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Finish
from cqp_forms.project import Project

Blank = tuple[bytes, PdfMapping]


@pytest.fixture(scope="module")
def blank(guide: Guide) -> Blank:
    return form_blank(guide)


@pytest.fixture(scope="module")
def real(guide: Guide, project: Project) -> Blank:
    found = project.blank(guide, Format.PDF)
    assert isinstance(found.mapping.format, Format)
    return found.content, found.mapping  # type: ignore[return-value]


@pytest.fixture(scope="module", params=list(Finish))
def finish(request: pytest.FixtureRequest) -> Finish:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def stamper(guide: Guide, blank: Blank, finish: Finish) -> PdfStamper:
    return PdfStamper(*blank, guide, finish)


@pytest.fixture(scope="module")
def flat(guide: Guide, blank: Blank) -> PdfStamper:
    return PdfStamper(*blank, guide)


@pytest.fixture(scope="module")
def one_tick(flat: PdfStamper, guide: Guide) -> bytes:
    return flat.stamp(plan_of(guide, frozenset((BOX,)), {"candidat.nom": "Élodie"}), EDITION)
