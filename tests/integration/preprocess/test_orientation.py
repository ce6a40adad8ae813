"""A person says how a page lies: the page is done again as said, and stays so."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.app import Container
from tests.conftest import SCANS, Office
from tests.integration.filled_home import opened

LETTER = SCANS / "letters" / "letter-01-clean.jpg"


def page_image(office: Office, container: Container, batch: str) -> tuple[np.ndarray, dict[str, object]]:
    document = office.json("show", f"{batch}-0001")
    page = document["pages"][0]
    image = cv2.imdecode(np.frombuffer(container.store.get(page["objects"]["image"]), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    return np.asarray(image), page


def test_a_page_turned_by_a_person_stays_as_the_person_said(office: Office) -> None:
    office.env["ABHILEKH_OCR__ENABLED"] = "false"
    with opened(office.home) as container:
        container.store.ping()  # from here on the commands use this store, which saves many starts
        rows, _ = office.ingest(LETTER)
        batch = rows[0]["batch"]
        before, page = page_image(office, container, batch)
        assert (page["rotated"], page["geometry_by"]) == (0, "machine")

        turned = office.call("turn", batch, 1, "--rotate", 90)
        after, page = page_image(office, container, batch)

        assert turned.returncode == 0, turned.stderr
        assert (page["rotated"], page["rotation_confidence"], page["geometry_by"]) == (90, 1.0, "person")
        assert after.shape == before.shape[::-1]
        assert np.abs(after.astype(int) - np.rot90(before, -1)).mean() < 3

        for _ in range(2):
            assert office.call("retry", "--redo", batch).returncode == 0
            again, page = page_image(office, container, batch)
            assert page["geometry_by"] == "person" and (again == after).all()

        assert office.call("reindex", "--force").returncode == 0
        assert page_image(office, container, batch)[1] == page


def test_a_turn_that_cannot_be_is_refused(office: Office) -> None:
    assert office.call("turn", "0" * 20, 1, "--rotate", 90).returncode == 2
    assert office.call("turn", "0" * 20, 1, "--rotate", 45).returncode == 2
