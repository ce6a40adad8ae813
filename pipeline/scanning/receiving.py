"""Take whole uploads in, as the inbox does: the same proof, the same intake, the same end. Nothing twice, nothing lost.

A file whose last byte has come stays an upload until its outcome is written; whoever starts later goes on with those that
have none. How bytes come in is in `ingest.uploads`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from pipeline.errors import (
    AbhilekhError,
    HeldElsewhereError,
    InputError,
    InternalError,
    NotANumberError,
    NotFoundError,
    PageMovedError,
    UploadChangedError,
)
from pipeline.errors.disk import disk_error
from pipeline.ingest.intake import Intake, IntakeResult, Places
from pipeline.ingest.leaving import clear_upload
from pipeline.ingest.uploads import Upload, UploadProgress, UploadResult, Uploads
from pipeline.locale import Message
from pipeline.model.accounts import PageOffices
from pipeline.model.annotation import PageAnnotation
from pipeline.model.batch import Batch

log = structlog.get_logger()

_RETRY_SECONDS = 5.0  # until a file is tried again that the store could not take
_SWEEP_SECONDS = 600.0


class _KnownError(InputError):
    """A rejection as it was written down."""

    def text(self, language: str) -> str:
        return str(self.details.get(language, ""))


@dataclass(frozen=True, slots=True)
class UploadChoice:
    """Something to choose from in a form: an office or a scanner profile."""

    code: str
    name_hi: str
    name_en: str


class Replace(Protocol):
    """Have the scan at a path stand for a page of a batch; returns the annotation, and whether it is new."""

    def __call__(
        self, batch: str, page: int, path: Path, *, name: str, by: str, reason: str, token: str
    ) -> tuple[PageAnnotation, bool]: ...


class UploadService:
    """Uploads, and threads of this process that take them in; they start with the first upload, or by `start`.

    `replace` takes a file in that is to replace a page.
    """

    def __init__(
        self,
        uploads: Uploads,
        intake: Callable[[], Intake],
        places: Places,
        batch: Callable[[str], Batch],
        is_number: Callable[[str], bool],
        choices: Callable[[], tuple[Sequence[UploadChoice], Sequence[UploadChoice]]],
        replace: Replace,
        offices_of: Callable[[str], PageOffices],
        *,
        threads: int,
    ) -> None:
        self.uploads = uploads
        self.intake = intake
        self.places = places
        self.batch = batch
        self.is_number = is_number
        self.choices = choices
        self.replace = replace
        self.offices_of = offices_of
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="upload")
        self._under_way: dict[str, str] = {}  # uploads, and what hinders them
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._runner: threading.Thread | None = None

    def begin(self, upload: Upload) -> Upload:
        """Make room for a file. Raises `NotANumberError` for a file number that is none, and what `Uploads.begin` raises."""
        number = upload.metadata.get("file_no")
        if number and not self.is_number(number):
            raise NotANumberError(text=number, cause=Message("it has no number of a file in it"))
        return self.uploads.begin(upload)

    def offices(self) -> Sequence[UploadChoice]:
        return self.choices()[0]

    def profiles(self) -> Sequence[UploadChoice]:
        return self.choices()[1]

    def of(self, by: str) -> list[UploadProgress]:
        """Somebody's uploads, the newest first."""
        return [standing for standing in self.uploads.all() if standing.upload.by == by]

    def hindrance(self, ident: str) -> str:
        """What hinders a whole file from being taken in just now; empty where nothing does."""
        return self._under_way.get(ident, "")

    def start(self) -> None:
        """Take whole files in from now on, those first that were left over."""
        with self._lock:
            if self._runner is None:
                self._runner = threading.Thread(target=self._run, name="uploads", daemon=True)
                self._runner.start()
        self._wake.set()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        since_sweep = _SWEEP_SECONDS
        while not self._stop.is_set():
            self._wake.clear()
            try:
                for standing in self.uploads.all():
                    if standing.is_whole and (standing.result is None or self.uploads.file(standing.upload).exists()):
                        self._submit(standing.upload)
                if since_sweep >= _SWEEP_SECONDS:
                    since_sweep = 0.0
                    for name in self.uploads.sweep():
                        log.info("upload abandoned", file=name)
            except (OSError, AbhilekhError) as error:
                log.warning("uploads", reason=str(error))
            self._wake.wait(_RETRY_SECONDS)
            since_sweep += _RETRY_SECONDS

    def _submit(self, upload: Upload) -> None:
        with self._lock:
            if upload.id in self._under_way and not self._under_way[upload.id]:
                return
            self._under_way[upload.id] = ""
        self._threads.submit(self._finish, upload)

    def _finish(self, upload: Upload) -> None:
        try:
            with self.uploads.alone(upload.id):
                self.take_in(upload)
        except (HeldElsewhereError, NotFoundError):  # another process takes it, or it was cancelled
            self._under_way.pop(upload.id, None)
        except AbhilekhError as error:
            self._under_way[upload.id] = error.reason
            log.warning("upload waits", file=upload.name, reason=error.text("en"))
        except Exception as error:
            if known := disk_error(error, self.places.home):
                self._under_way[upload.id] = known.reason
                log.warning("upload waits", file=upload.name, reason=known.text("en"))
                return
            self._under_way[upload.id] = InternalError(id=upload.id[:8]).reason
            log.exception("upload failed", file=upload.name, id=upload.id[:8])
        else:
            self._under_way.pop(upload.id, None)

    def take_in(self, upload: Upload) -> UploadResult:
        """Take a whole file in, or go on where that broke off; returns the result. Raises what time may heal."""
        standing = self.uploads.standing(upload.id)
        path = self.uploads.file(upload)
        result = standing.result
        if result is None:
            result = self._result(upload, self._taken(upload, path))
            self.uploads.conclude(upload, result)
        if path.exists():
            error = _KnownError(**result) if result["outcome"] == "rejected" else None
            clear_upload(path, IntakeResult(result["outcome"], result["batch"], error), self.places)
        return result

    def _taken(self, upload: Upload, path: Path) -> IntakeResult:
        if upload.replaces is not None:
            return self._replaced(upload, path, upload.replaces)
        metadata = {**upload.metadata, "operator": upload.by, "upload": upload.id}
        intake = self.intake()
        try:
            source = intake.check(path)
            if upload.sha256 and upload.sha256 != source.sha256:
                return IntakeResult("rejected", "", UploadChangedError(name=upload.name))
            taken = intake.keep([path], [source], name=path.name, metadata=metadata, profile=upload.profile)
        except InputError as error:
            return intake.reject(path, error, metadata)
        if taken.outcome == "duplicate" and self.batch(taken.batch).metadata.get("upload") == upload.id:
            return IntakeResult("received", taken.batch)  # it was taken in, and the outcome not written
        return taken

    def _replaced(self, upload: Upload, path: Path, place: Mapping[str, str]) -> IntakeResult:
        """The file stands for a page from now on; it is `duplicate` where it did already."""
        batch, page = place["batch"], int(place["page"])
        if self.offices_of(batch).office(page) != upload.metadata.get("office"):
            return IntakeResult("rejected", "", PageMovedError(name=upload.name))
        try:
            note, is_new = self.replace(
                batch, page, path, name=path.name, by=upload.by, reason=place.get("reason", ""), token=upload.id
            )
        except InputError as error:
            return self.intake().reject(path, error, {**upload.metadata, "operator": upload.by, "upload": upload.id})
        return IntakeResult("received" if is_new or note.token == upload.id else "duplicate", batch)

    def _result(self, upload: Upload, taken: IntakeResult) -> UploadResult:
        result: UploadResult = {"outcome": taken.outcome, "batch": taken.batch}
        if error := taken.error:
            return {**result, "code": error.code, "en": error.text("en"), "hi": error.text("hi")}
        return result
