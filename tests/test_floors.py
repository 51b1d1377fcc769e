"""The house keeps its floors: `[tool.importlinter]` in pyproject.toml says which."""

import subprocess
import sys
from pathlib import Path


def test_no_room_imports_from_a_floor_above_it():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    linted = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout + linted.stderr
