"""What the tests of the commands share."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


def files_in(folder: Path) -> list[str]:
    """Every file below, relative, temporaries included."""
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())
