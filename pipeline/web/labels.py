"""What the kinds, fields and states of documents and files are called; to be translated where they are shown."""

from __future__ import annotations

from pipeline.locale import N_
from pipeline.model.document import DocumentKind, DocumentState
from pipeline.model.register import FileState

KINDS = {
    DocumentKind.COVER: N_("Cover"),
    DocumentKind.NOTING: N_("Note sheet"),
    DocumentKind.LETTER: N_("Letter"),
    DocumentKind.ORDER: N_("Order"),
    DocumentKind.OTHER: N_("Other"),
}
FIELDS = {
    "file_no": N_("File number"),
    "letter_no": N_("Letter number"),
    "date": N_("Date"),
    "subject": N_("Subject"),
    "sender": N_("Sender"),
    "recipient": N_("Recipient"),
}
MORE_FIELDS = {  # named only where they were found
    "reference_no": N_("Number of the letter referred to"),
    "reference_date": N_("Date of the letter referred to"),
    "reference": N_("Reference"),
    "signatory": N_("Signed by"),
    "designation": N_("Designation"),
    "signatory_office": N_("Office of the signatory"),
    "endorsement_no": N_("Number of the endorsement"),
    "endorsement_date": N_("Date of the endorsement"),
    "date_saka": N_("Date in the Saka era"),
    "date_vikram": N_("Date in the Vikram era"),
}
STATES = {
    DocumentState.NEEDS_REVIEW: N_("waits for review"),
    DocumentState.FILED: N_("filed, not yet reviewed"),
    DocumentState.REVIEWED: N_("reviewed"),
}
FILE_STATES = {
    FileState.OPEN: N_("open"),
    FileState.IN_SCANNING: N_("being scanned"),
    FileState.IN_REVIEW: N_("being reviewed"),
    FileState.CLOSED: N_("closed"),
}
