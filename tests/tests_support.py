"""Load the project's own tools, which are no package."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

TOOLS = Path(__file__).parents[1] / "tools"


def _tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def command_reference() -> ModuleType:
    """``tools/make_command_reference.py``."""
    return _tool("make_command_reference")


def pdfa_validator() -> ModuleType:
    """``tools/validate_pdfa.py``."""
    return _tool("validate_pdfa")


def profile_maker() -> ModuleType:
    """``tools/make_profile.py``."""
    return _tool("make_profile")
