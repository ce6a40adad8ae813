"""What the flags of a page mean, for pages and commands alike; to be translated where they are shown."""

from __future__ import annotations

from pipeline.locale.message import N_

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
    "show_through": N_("The writing of the back shows through on this page; parts of it may have been read as text."),
    "unread_ink": N_("Something like writing on this page gave no sure words. Look at it on the scan."),
    "negative": N_("This page was scanned white on black. It is shown and was read as black on white."),
    "separator": N_("This is a separator sheet. It is kept with the pages it opens and is no page of the file."),
    "sheets_disagree": N_("Two different separator sheets lie in this one scan; neither was used."),
    "sheet_unsigned": N_("The separator sheet of these pages carries no signature of this installation."),
    "sheet_office": N_("The separator sheet of these pages names an office that this scan may not be filed for."),
    "signed": N_("There is a signature or other handwriting on this page; it was not read."),
    "text_layer": N_("The words of this page are those of the PDF itself; they were judged right and not read anew."),
    "text_layer_converted": N_("The words of this page are the PDF's own, put from an old Hindi font into Unicode."),
}
