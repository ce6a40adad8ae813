"""Review, corrections and samples for acceptance."""

from __future__ import annotations

from pipeline.errors.family import AbhilekhError, Kind
from pipeline.locale import N_


class SampleError(AbhilekhError):
    """A sample cannot be drawn, judged or signed so."""

    kind = Kind.USAGE
    code = "sample"
    message = N_("This cannot be done with the sample: {cause}.")
    advice = N_("Choose other days, another share, or look at the documents that still wait.")


class ReviewBusyError(AbhilekhError):
    """Somebody else corrects the same scan at this moment, or it is being filed anew."""

    kind = Kind.TRANSIENT
    code = "review_busy"
    message = N_("These pages are being filed or corrected by somebody else just now.")
    advice = N_("Nothing was changed. Wait a moment and try again.")


class ReviewStaleError(AbhilekhError):
    """A form was filled in while somebody, or the machine, changed the document."""

    kind = Kind.USAGE
    code = "review_stale"
    message = N_("The document {document} was changed after you opened it; what you wrote was not taken.")
    advice = N_("Look at what stands there now, and save again if you still want to change it.")


class ReviewValueError(AbhilekhError):
    """A value cannot stand in a field."""

    kind = Kind.USAGE
    code = "review_value"
    message = N_("“{value}” cannot stand as {field}: {cause}.")
    advice = N_("Correct it and save again; nothing was changed.")


class ReviewCutError(AbhilekhError):
    """Pages cannot be put together as asked."""

    kind = Kind.USAGE
    code = "review_cut"
    message = N_("The pages cannot be put so: {cause}.")
    advice = N_("Choose another page or another document; nothing was changed.")


class ReviewUndoError(AbhilekhError):
    """What a correction changed was changed again since."""

    kind = Kind.USAGE
    code = "review_undo"
    message = N_(
        "Correction {number} cannot be undone: what it changed was changed again afterwards, or it is undone already."
    )
    advice = N_("Undo the later change first, or correct the document as it stands.")


class SecondPersonError(AbhilekhError):
    """The office wants two persons to check each document, and this is the first of them again."""

    kind = Kind.NOT_ALLOWED
    code = "second_person"
    message = N_("You have accepted this document already; the second check must be another person's.")
    advice = N_("Leave it to a colleague who may review this office's files.")
