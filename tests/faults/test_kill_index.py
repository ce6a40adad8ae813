"""SIGKILL in the middle of indexing, again and again: rows and full text agree, nothing put right by hand."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlmodel import select

from pipeline.db.database import Database
from pipeline.db.tables import DocumentRow
from pipeline.index import consistency
from pipeline.index.engines import engine_for
from pipeline.index.textindex import TextIndex
from tests.integration.index.test_search import make, put_document

# Files, corrects and takes away the same few pages for ever.
_WORK = """
import random, sys
from pipeline.db.database import Database
from pipeline.index.engines import engine_for
from pipeline.db.tables import DocumentRow, PageRow
from pipeline.index.textindex import TextIndex

database = Database(sys.argv[1])
index = TextIndex(engine_for(database))
words = "ग्राम सोनपुरा सीमांकन नामांतरण पंचायत भूमि राजस्व कर निगम नगर".split()
print("working", flush=True)
while True:
    page = random.randint(1, 6)
    with database.write() as session:
        row = session.get_one(PageRow, page)
        row.corrected = " ".join(random.choices(words, k=60)) + str(random.random())
        index.put(session, [(row, session.get_one(DocumentRow, row.document_id))])
    with database.write() as session:
        index.take(session, [page])
        row = session.get_one(PageRow, page)
        index.put(session, [(row, session.get_one(DocumentRow, row.document_id))])
"""


def test_killed_while_indexing_rows_and_full_text_agree(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    kills = 30 if request.config.getoption("--long") else 5
    chance = random.Random(kills)
    database, _ = make(tmp_path)
    index = TextIndex(engine_for(database))
    with database.write() as session:  # by the same rules as the process below
        for document in session.exec(select(DocumentRow)).all():
            put_document(session, index, document)
    url = str(database.url)
    database.close()

    for _ in range(kills):
        work = subprocess.Popen([sys.executable, "-c", _WORK, url], stdout=subprocess.PIPE)
        assert work.stdout is not None and work.stdout.readline() == b"working\n"
        time.sleep(chance.uniform(0.05, 0.6))
        work.send_signal(signal.SIGKILL)
        work.wait()
        work.stdout.close()
        after = Database(url)
        found = consistency.check(after, index)
        after.close()
        assert found.is_well and found.pages == 6, found
