"""What stands in the log, and that a log which several processes write to is kept small."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from pipeline.logs import turn_over

PROGRAM = """
import subprocess, sys
from pathlib import Path
from pipeline.logs import write_log_to

keep = write_log_to(Path(sys.argv[1]), largest=2000)
child = "import sys\\nfor n in range(100): print('child', n, file=sys.stderr, flush=True)"
for number in range(60):
    print("line", number, "x" * 30, flush=True)
    keep()
subprocess.run([sys.executable, "-c", child], check=True)
"""


def test_a_log_is_turned_over_while_it_is_written_to(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "up.log"

    done = subprocess.run([sys.executable, "-c", PROGRAM, log], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    now, before = log.read_bytes(), (tmp_path / "logs" / "up.log.1").read_bytes()
    assert len(before) < 2100 and len(now) < 4000
    lines = (before + now).decode().splitlines()
    assert [line for line in lines if line.startswith("line")][-1].startswith("line 59 ")
    assert sum(line.startswith("child") for line in lines) == 100
    assert b"\0" not in now, "the processes do not write to the end"


def test_a_log_that_is_not_there_or_cannot_be_copied_is_no_obstacle(tmp_path: Path) -> None:
    turn_over(tmp_path / "nothing", 10)
    log = tmp_path / "up.log"
    log.write_bytes(b"x" * 100)
    (tmp_path / "up.log.1").mkdir()

    turn_over(log, 10)

    assert log.read_bytes() == b""


BOTH = """
import logging, structlog
from pipeline.logs import start_logging

start_logging(verbose=True)
structlog.get_logger().info("पृष्ठ", number=1)
logging.getLogger("library").warning("%s of theirs", "one")
try:
    raise ValueError("why")
except ValueError:
    logging.getLogger("library").exception("went wrong")
"""


def test_what_a_library_says_is_an_event_as_well_and_every_time_has_its_zone() -> None:
    done = subprocess.run([sys.executable, "-c", BOTH], capture_output=True, text=True, check=True)

    own, theirs, wrong = (json.loads(line) for line in done.stderr.splitlines())
    assert (own["event"], own["number"], own["level"]) == ("पृष्ठ", 1, "info")
    assert (theirs["event"], theirs["logger"], theirs["level"]) == ("one of theirs", "library", "warning")
    assert "ValueError: why" in wrong["exception"]
    assert all(datetime.fromisoformat(event["timestamp"]).tzinfo for event in (own, theirs, wrong))
