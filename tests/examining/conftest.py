"""Documents of this room are compared line by line; laying them out has a test of its own."""

from __future__ import annotations

import pytest

from cqp_forms.docx import prove


@pytest.fixture(autouse=True)
def without_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Laying pages out takes seconds each time: :mod:`test_docx_prove` looks at that."""
    monkeypatch.setattr(prove, "office", lambda: None)
