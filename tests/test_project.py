"""Finding guides and blanks: the user's folder first, and nothing taken for what it is not."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from cqp_forms.errors import GuideError, MappingError
from cqp_forms.guide import Guide
from cqp_forms.mapping import Format
from cqp_forms.project import (
    DEFAULT_GUIDE,
    MAPPINGS,
    SOURCE_DOCS,
    Project,
    installed_data,
    load_blank,
)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The guide's folder, copied into a project of one's own."""
    return Path(
        shutil.copytree(
            installed_data() / MAPPINGS / DEFAULT_GUIDE, tmp_path / MAPPINGS / DEFAULT_GUIDE
        )
    )


def test_a_guide_in_the_users_folder_comes_first(own: Path, tmp_path: Path) -> None:
    file = own / "guide.yaml"
    file.write_text(file.read_text("utf-8").replace("short: OUTIL4", "short: MIEN"), "utf-8")
    assert Project.at(tmp_path).guide().short == "MIEN"


def test_a_guide_that_has_another_name_than_its_folder_is_refused(
    own: Path, tmp_path: Path
) -> None:
    own.rename(own.with_name("mon-guide"))
    with pytest.raises(GuideError, match="se nomme") as caught:
        Project.at(tmp_path).guide("mon-guide")
    assert caught.value.where == str(tmp_path / MAPPINGS / "mon-guide" / "guide.yaml")
    assert caught.value.remedy


def test_messages_about_a_pair_name_the_files_that_were_given(
    guide: Guide, own: Path, project: Project, tmp_path: Path
) -> None:
    blank = project.blank(guide, Format.PDF)
    document = tmp_path / "mon document.pdf"
    document.write_bytes(blank.content + b" ")
    with pytest.raises(MappingError, match="SHA-256") as caught:
        load_blank(guide, document, own / "pdf.yaml")
    assert caught.value.where == str(document)
    document.write_bytes(blank.content)
    mapping = own / "pdf.yaml"
    mapping.write_text(
        mapping.read_text("utf-8").replace("  c3.1.4.oui:", "  c3.1.4.ouii:"), "utf-8"
    )
    with pytest.raises(MappingError, match="n’est pas un emplacement") as caught:
        load_blank(guide, document, mapping)
    assert caught.value.where == str(mapping)


@pytest.mark.parametrize("changed", [None, "guide.yaml", "pdf.yaml", "document"])
def test_only_what_is_not_installed_is_kept_where_it_is_used(
    own: Path, tmp_path: Path, changed: str | None
) -> None:
    shutil.copytree(installed_data() / SOURCE_DOCS, tmp_path / SOURCE_DOCS)
    document = tmp_path / SOURCE_DOCS / f"{DEFAULT_GUIDE}.pdf"
    if changed == "document":
        # The mapping is pinned to it: a branch's own blank comes with its own mapping.
        before = hashlib.sha256(document.read_bytes()).hexdigest()
        document.write_bytes(document.read_bytes() + b"\n")
        after = hashlib.sha256(document.read_bytes()).hexdigest()
        text = (own / "pdf.yaml").read_text("utf-8").replace(before, after)
        (own / "pdf.yaml").write_text(text, "utf-8")
    elif changed is not None:
        with (own / changed).open("a", encoding="utf-8") as file:
            file.write("# à nous\n")
    project = Project.at(tmp_path)
    guide = project.guide()
    kept = project.kept(guide, project.blank(guide, Format.PDF))
    assert (kept is not None) == (changed is not None)
    if kept is not None:
        assert kept.files.keys() == {"document.pdf", "pdf.yaml", "guide.yaml"}
