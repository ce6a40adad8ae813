"""What a command cost is counted whole, even of what it leaves behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BURN = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
# In a process of its own: the measuring waits for every child there is, and a test run may have others.
MEASURE = """
import json, sys
from pathlib import Path
from bench.usage import measured
try:
    usage = measured(json.loads(sys.argv[1]), Path(sys.argv[2]))
    print(json.dumps({"cpu": usage.cpu, "peak": usage.peak, "seconds": usage.seconds}))
except RuntimeError as error:
    print(json.dumps({"error": str(error)}))
"""


def measure(command: list[str], log: Path) -> dict[str, float | str]:
    given = [sys.executable, "-c", MEASURE, json.dumps(command), str(log)]
    told = subprocess.run(given, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    answer: dict[str, float | str] = json.loads(told.stdout)
    return answer


def test_an_orphan_is_waited_for_and_counted(tmp_path: Path) -> None:
    leave = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BURN!r}], start_new_session=True)"

    told = measure([sys.executable, "-c", leave], tmp_path / "log")

    assert float(told["cpu"]) >= 0.3
    assert float(told["peak"]) > 2**20


def test_a_command_that_fails_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    told = measure([sys.executable, "-c", "raise SystemExit('no such page')"], tmp_path / "log")

    assert "no such page" in str(told["error"])
