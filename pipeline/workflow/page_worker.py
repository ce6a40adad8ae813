"""What one worker process does with one page: scan to pixels, pixels upright, upright pixels to words.

Runs in a process of its own (`page_process`), for a decoder may take too much memory or crash; only values and file names
come back.
"""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from pipeline.errors import OversizedPageError, SlowPageError, UnreadablePageError
from pipeline.extract.file_number import NO_FORMS, Grammar
from pipeline.extract.reading_vote import NumberJudge
from pipeline.extract.sheets import decode
from pipeline.formats import bilevel, pdf, pdf_text
from pipeline.formats.raster import Raster
from pipeline.formats.rasterise import DRAW_SECONDS, rasterise
from pipeline.model.page import MACHINE, PERSON, SEPARATOR, TIMED_OUT, Geometry, PageImage, ReadPage
from pipeline.model.scan import MediaType
from pipeline.ocr import engines, program
from pipeline.ocr.engine import LINE
from pipeline.ocr.options import OcrOptions, PreparedPage
from pipeline.ocr.read import read_page
from pipeline.ocr.reread import SecondLook
from pipeline.ocr.text import legible
from pipeline.ocr.text_layer import read_layer
from pipeline.ocr.vocabulary import known_words
from pipeline.preprocess.codes import Code, find_codes
from pipeline.preprocess.imaging import Image, blank_sheet, decode_jpeg, one_thread, resized
from pipeline.preprocess.letter_height import letter_height
from pipeline.preprocess.orientation_trial import Tried, TryLines
from pipeline.preprocess.upright import KnownGeometry, Thresholds, preprocess_page
from pipeline.settings import OcrSettings, PageSettings

log = logging.getLogger(__name__)  # to stderr; structlog is not set up in a worker, and would write to stdout

_SHEET_DPI = 100  # of the empty sheet that stands for a page nobody could draw
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class PageJob:
    """One page to be worked on: page `inside` of the file at `original` (from 1), which is page `number` of its batch.

    Images go to `folder`. `known` is what needs no measuring: how the page lies, as found before or as a person set it.
    `numbers` is the grammar of file numbers, `today` the day after which no paper can be dated. `alone` means that the page
    hit a limit before, so that nothing is to be worked on beside it. It is drawn within `draw_seconds` of processor time.
    """

    original: str
    media_type: MediaType
    inside: int
    number: int
    folder: str
    pages: PageSettings
    ocr: OcrSettings
    known: KnownGeometry | None = None
    numbers: Grammar = NO_FORMS
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    alone: bool = False
    draw_seconds: float = DRAW_SECONDS


@dataclass(frozen=True, slots=True)
class PageResult:
    """The page as read, the file that holds its image, processor seconds by stage, and those of all tries together."""

    page: ReadPage
    image: str
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: float = 0.0


class _StageTimer:
    """Processor seconds of this process and the programs it has run, by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = self._now()

    def lap(self, stage: str) -> None:
        now = self._now()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now

    @staticmethod
    def _now() -> float:
        programs = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + programs.ru_utime + programs.ru_stime


def start_worker(memory_mb: int, nice: int = 0) -> None:
    """Prepare a worker process: one thread each, a bound on memory, a place behind those who wait for an answer, and death
    with its parent."""
    os.nice(nice)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    one_thread()
    program.one_thread_each()


def prepare(job: PageJob) -> None:
    """Load what working on such pages needs, so that the processes forked from this one need not. Nothing of the page itself
    is opened here: what comes after it must not depend on it. Raises `MissingPartError`."""
    if job.media_type is MediaType.PDF:
        pdf_text.start()
    options = _options(job)
    if options is None:
        return
    look = options.second_look
    wanted = {options.languages, options.doubtful_languages, options.latin_languages, look and look.languages}
    options.engine.prepare(sorted(name for name in wanted if name))
    known_words()


def work_page(job: PageJob) -> PageResult:
    """Do one page. A page that cannot be drawn comes back as an empty sheet, flagged, with the cause in the log.

    Raises `SlowPageError` when a step took more processor time than it may.
    """
    timer = _StageTimer()
    try:
        raster = _draw(job)
    except SlowPageError:
        raise
    except (UnreadablePageError, OversizedPageError) as error:
        log.warning("%s: filed as an empty sheet: %s", Path(job.original).name[:20], error.text("en"))
        return _with_extras(unreadable(job.number, Path(job.folder)), job)
    timer.lap("raster")
    codes = [code for code in find_codes(raster.pixels) if decode(code.text)]
    timer.lap("codes")
    options = _options(job)
    image, reading = preprocess_page(
        raster.pixels,
        job.number,
        raster.dpi,
        Path(job.folder),
        limits=Thresholds.of(job.pages),
        try_lines=_trial(options, job.number, timer) if options else None,
        known=_known(job, codes),
        bilevel=bilevel.encode_png if raster.is_bilevel else None,
        lap=timer.lap,
    )
    image = _with_codes(image, codes, job)
    page = _read(job, raster, image, None if SEPARATOR in image.flags else reading, options)
    timer.lap("read")
    return _with_extras(PageResult(page, image.viewing_path, timer.seconds), job)


def _draw(job: PageJob) -> Raster:
    """The page's pixels. Raises `UnreadablePageError`, `OversizedPageError` and `SlowPageError`."""
    return rasterise(
        Path(job.original),
        job.media_type,
        job.inside,
        default_dpi=job.pages.default_dpi,
        max_dpi=job.pages.max_dpi,
        max_pixels=int(job.pages.max_megapixels * 1e6),
        cpu_seconds=job.draw_seconds,
        decode=decode_jpeg,
        letters=letter_height,
    )


def _read(
    job: PageJob, raster: Raster, image: PageImage, reading: PreparedPage | None, options: OcrOptions | None
) -> ReadPage:
    """The page with its words: those that the PDF carries where they are right, else as they are recognised."""
    try:
        page = _from_layer(job, raster.pixels.shape, image, reading, options)
    except SlowPageError as error:  # then the page's own pixels are read
        log.warning("text layer not read: %s", error.text("en"))
        image, page = replace(image, flags=(*image.flags, TIMED_OUT)), None
    return page or read_page(image, reading, options)


def _known(job: PageJob, codes: Sequence[Code]) -> KnownGeometry | None:
    """What is known of the page; a sheet's code fixes its turn as surely as a person does."""
    if len(codes) != 1 or _is_turned_by_hand(job):
        return job.known
    by_code = Geometry(rotated=codes[0].turn, rotation_confidence=1.0, set_by=PERSON)
    return KnownGeometry(job.known.measured_from if job.known else "", by_code)


def _is_turned_by_hand(job: PageJob) -> bool:
    return job.known is not None and job.known.geometry is not None and job.known.geometry.set_by == PERSON


def _with_codes(image: PageImage, codes: Sequence[Code], job: PageJob) -> PageImage:
    """A page with one sheet's code is a separator sheet and nothing else; with two sheets' codes, a person decides."""
    texts = tuple(code.text for code in codes)
    if len(texts) == 1:
        geometry = replace(image.geometry, set_by=PERSON if _is_turned_by_hand(job) else MACHINE)
        return replace(image, codes=texts, flags=(SEPARATOR,), blank=False, geometry=geometry)
    return replace(image, codes=texts, flags=(*image.flags, "sheets_disagree")) if texts else image


def _from_layer(
    job: PageJob, drawn: tuple[int, ...], image: PageImage, reading: PreparedPage | None, options: OcrOptions | None
) -> ReadPage | None:
    """The page with the words that the PDF itself carries; None where there are none, or none that are right."""
    if job.media_type is not MediaType.PDF or job.ocr.text_layer == "never" or reading is None or options is None:
        return None
    carried = pdf_text.text_layer(Path(job.original), job.inside, (drawn[1], drawn[0]), image.geometry)
    return read_layer(image, reading, carried, options) if carried is not None else None


def draw_page(job: PageJob) -> PageResult:
    """The page's image without its words, flagged `unread`: of a page whose reading was ended twice.

    How it lies is not measured for good, for no lines are tried.
    """
    known = replace(job.known, measured_from="") if job.known else None
    done = work_page(replace(job, known=known, ocr=job.ocr.model_copy(update={"enabled": False})))
    page = done.page
    if page.blank or {"unreadable", SEPARATOR} & set(page.flags):
        return done
    return replace(done, page=replace(page, flags=(*page.flags, "unread")))


def _options(job: PageJob) -> OcrOptions | None:
    """How pages are to be read; None where recognition is switched off."""
    ocr = job.ocr
    if not ocr.enabled:
        return None
    return OcrOptions(
        engine=engines.chosen(ocr.engine),
        languages=program.resolve_languages(ocr.languages),
        doubtful_languages=program.resolve_languages(ocr.doubtful_languages) if ocr.doubtful_languages else None,
        page_mode=ocr.page_mode,
        doubtful_below=ocr.doubtful_below,
        low_confidence=ocr.low_confidence,
        second_look=_second_look(job),
        latin_languages=program.resolve_languages(ocr.latin_languages) if ocr.latin_languages else None,
    )


def _second_look(job: PageJob) -> SecondLook | None:
    if not job.ocr.number_languages:
        return None
    judge = NumberJudge(job.numbers, job.today)
    return SecondLook(judge, program.resolve_languages(job.ocr.number_languages), resized)


def _with_extras(result: PageResult, job: PageJob) -> PageResult:
    """The first page of a PDF with scripts or attachments is flagged: they stay in the original and are not shown."""
    if job.media_type is not MediaType.PDF or job.inside > 1:
        return result
    flags = (*result.page.flags, *pdf.extras(Path(job.original)))
    return replace(result, page=replace(result.page, flags=flags))


def unreadable(number: int, folder: Path, *, timed_out: bool = False) -> PageResult:
    """An empty sheet that keeps the place of a page which nothing could draw, or not in its time, flagged for a person."""
    width, height, jpeg = blank_sheet(_SHEET_DPI)
    path = folder / f"{number:06d}.jpg"
    path.write_bytes(jpeg)
    page = ReadPage(
        source_page=number,
        text="",
        words=(),
        confidence=0.0,
        language="",
        width=width,
        height=height,
        dpi=_SHEET_DPI,
        geometry=Geometry(),
        blank=False,
        flags=(TIMED_OUT, "unreadable") if timed_out else ("unreadable",),
    )
    return PageResult(page, str(path))


def _trial(options: OcrOptions, number: int, timer: _StageTimer) -> TryLines:
    """Some lines of the page read for a trial, which is a stage of its own; nothing where recognition fails."""

    def read(lines: Sequence[Image], dpi: int) -> Tried:
        timer.lap("measure")
        try:
            found = options.engine.read_pieces(lines, number, languages=options.languages, page_mode=LINE, dpi=dpi)
        except SlowPageError:
            raise
        except UnreadablePageError as error:
            log.warning("turn not tried: %s", error.text("en"))
            found = []
        timer.lap("ask")
        return Tried(*legible([word for words in found for word in words]))

    return read
