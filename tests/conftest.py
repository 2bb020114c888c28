"""What several tests share: the guide, its blanks, and answers drawn at random."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from returns_support import FICHE, OTHER, run

from cqp_forms.guide import Guide
from cqp_forms.project import Project, installed_data

# The time that one example takes depends on the machine; a test must not fail for it.
settings.register_profile(
    "explore",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# The same examples at each run: what a run says of a change does not hang on luck. Look for new
# examples with HYPOTHESIS_PROFILE=explore; what they find becomes a test of its own.
settings.register_profile("fixed", settings.get_profile("explore"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture(scope="session")
def project() -> Project:
    return Project((installed_data(),))


@pytest.fixture(scope="session")
def guide(project: Project) -> Guide:
    return project.guide()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of material that lies beside some checkouts, not in the project."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("the folder « shared » does not lie beside this checkout")
    return folder


@pytest.fixture(scope="session")
def issued_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two candidates' guides, one of them editable."""
    out = tmp_path_factory.mktemp("issued")
    assert run("fill", FICHE, "-o", out, "--format", "pdf").exit_code == 0
    assert run("fill", OTHER, "-o", out, "--format", "pdf", "--editable").exit_code == 0
    return out


@pytest.fixture
def out(issued_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(issued_folder, tmp_path / "out"))
