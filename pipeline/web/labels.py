"""What the kinds, fields and flags of documents and pages are called; to be translated where they are shown."""

from __future__ import annotations

from pipeline.model.document import DocumentKind, DocumentState
from pipeline.model.register import FileState
from pipeline.web.language import N_

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
FLAGS = {
    "unread": N_("This page could not be read. Only its image can be shown."),
    "unreadable": N_("This page could not be drawn from its scan; an empty sheet keeps its place. Scan it again."),
    "timed_out": N_("Work on this page hit its limit of processor time. It is tried again by itself, alone."),
    "not_all_read_again": N_("So much of this page is unsure that not every unsure line was read a second time."),
    "orientation_doubtful": N_("It is not certain that this page stands upright."),
    "skew_doubtful": N_("It is not certain how far this page is skewed; it was left as scanned."),
    "spread": N_("Two facing pages seem to lie in this one scan. They are kept together."),
    "javascript": N_("The original PDF holds scripts. They are never run, and are not in the PDF/A."),
    "launch_action": N_("The original PDF wants to start a program. It is never started, and is not in the PDF/A."),
    "attachments": N_("The original PDF holds attachments. They are kept in it and are not shown here."),
    "low_confidence": N_("Much of this page was read with doubt."),
    "not_machine_read": N_("This page is handwriting or a picture. It was not read by the machine."),
    "partly_not_machine_read": N_("A part of this page is handwriting. That part was not read by the machine."),
    "separator": N_("This is a separator sheet. It is kept with the pages it opens and is no page of the file."),
    "sheets_disagree": N_("Two different separator sheets lie in this one scan; neither was used."),
    "sheet_unsigned": N_("The separator sheet of these pages carries no signature of this installation."),
    "sheet_office": N_("The separator sheet of these pages names an office that this scan may not be filed for."),
    "signed": N_("There is a signature or other handwriting on this page; it was not read."),
    "text_layer": N_("The words of this page are those of the PDF itself; they were judged right and not read anew."),
    "text_layer_converted": N_("The words of this page are the PDF's own, put from an old Hindi font into Unicode."),
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
