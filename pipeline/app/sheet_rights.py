"""Which separator sheets of a batch may settle something: checked with the installation's key, the register, and the rights
of whoever brought each page."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

import structlog

from pipeline.errors import PersonUnknownError, SigningKeyError
from pipeline.extract.sheet_trust import SheetCheck
from pipeline.extract.sheets import PURPOSE
from pipeline.ingest.profiles import EVERY_OFFICE, Profile
from pipeline.model.annotation import PageAnnotations
from pipeline.model.batch import Batch
from pipeline.model.roles import Right

if TYPE_CHECKING:
    from pipeline.db.accounts import AccountRepository
    from pipeline.model.signature import Signer

log = structlog.get_logger()

COMMAND = "command"  # in a batch's metadata: it was taken in by a command, and not found in the inbox


class SheetRights:
    """Builds the check of a batch's sheets. `offices` gives the codes of the register, `inbox` those that the inbox may
    scan for where its profile names none."""

    def __init__(
        self,
        signer: Callable[[], Signer | None],
        offices: Callable[[], frozenset[str]],
        people: Callable[[], AccountRepository],
        profiles: Callable[[], list[Profile]],
        inbox: Collection[str],
    ) -> None:
        self.signer = signer
        self.offices = offices
        self.people = people
        self.profiles = profiles
        self.inbox = inbox

    def check(self, batch: Batch, notes: PageAnnotations) -> SheetCheck:
        """How the sheets of the batch are checked; asked about sheets only, so that nothing is looked up without them."""
        return SheetCheck(batch.office, self._verify, partial(self._may_scan, batch, notes))

    def _verify(self, payload: str, signature: str) -> bool:
        try:
            signer = self.signer()
        except SigningKeyError as error:
            log.error("separator sheet", cause=error.text("en"))
            return False
        return signer is not None and signer.verify(PURPOSE, payload, signature)

    def _may_scan(self, batch: Batch, notes: PageAnnotations, page: int, office: str) -> bool:
        """Whether the office is in the register, and whoever brought this page may scan for it."""
        if office not in self.offices():
            return False
        note = notes.replaced(page)
        if note is not None:
            return self._person_may(note.by, office)
        if "upload" in batch.metadata:  # an operator who is signed in; the name of a folder is none
            return self._person_may(batch.metadata.get("operator", ""), office)
        if COMMAND in batch.metadata:  # typed by whoever runs this installation
            return True
        profile = next((one for one in self.profiles() if one.name == batch.profile), None)
        allowed = profile.offices if profile is not None and profile.offices else self.inbox
        return EVERY_OFFICE in allowed or office in allowed

    def _person_may(self, name: str, office: str) -> bool:
        try:
            known = self.people().known(name)
        except PersonUnknownError:
            return False
        return not known.disabled and known.person.may(Right.SCAN, office)
