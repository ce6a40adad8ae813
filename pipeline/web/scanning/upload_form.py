"""A form with files, without a script: the body is taken apart as it comes, files going straight to the disk.

The fields that describe the files stand before them in the form. Nothing is resumed here; see `tus` for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from email.message import Message
from typing import TYPE_CHECKING

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser
from starlette.requests import ClientDisconnect

from pipeline.errors import RequestError
from pipeline.ingest.uploads import Upload, Writing
from pipeline.web.scanning.upload_rights import UploadApi

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_LONGEST_FIELD = 2000
_MOST_FIELDS = 20

Begin = Callable[[dict[str, str], str], Upload]  # from the fields and the file's name


class UploadForm:
    """A body in work. `fields` are those that have come, `uploads` the files that are whole."""

    def __init__(self, receiving: UploadApi, begin: Begin) -> None:
        self.receiving = receiving
        self.begin = begin
        self.fields: dict[str, str] = {}
        self.uploads: list[Upload] = []
        self.is_whole = False
        self._headers: list[tuple[bytes, bytes]] = []
        self._header, self._value = b"", b""
        self._field, self._text = "", b""
        self._block: object = None
        self._writing: Writing | None = None
        self._upload: Upload | None = None

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._part_begins,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._part_is_known,
            "on_part_data": self._data,
            "on_part_end": self._part_ends,
            "on_end": self._ends,
        }

    def _ends(self) -> None:
        self.is_whole = True

    def _part_begins(self) -> None:
        self._headers, self._field, self._text = [], "", b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        self._headers.append((self._header, self._value))
        self._header, self._value = b"", b""

    def _part_is_known(self) -> None:
        found = {name.lower(): value.decode("utf-8", "replace") for name, value in self._headers}
        disposition = Message()
        disposition["Content-Disposition"] = found.get(b"content-disposition", "")
        self._field = str(disposition.get_param("name", "", header="Content-Disposition"))
        name = disposition.get_param("filename", header="Content-Disposition")
        if name:  # a chooser that was left empty sends an empty name
            self._upload = self.begin(self.fields, name if isinstance(name, str) else str(name[2]))
            self._block = block = self.receiving.uploads.writing(self._upload.id, 0)
            self._writing = block.__enter__()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._writing is not None:
            self._writing.write(data[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > _LONGEST_FIELD:
            raise RequestError(cause="The form holds more than it may.")

    def _part_ends(self) -> None:
        if self._upload is not None:
            self.close()
            self.uploads.append(self.receiving.uploads.seal(self._upload.id))
            self._upload = None
        elif len(self.fields) >= _MOST_FIELDS:
            raise RequestError(cause="The form holds more than it may.")
        elif self._field:
            self.fields[self._field] = self._text.decode("utf-8", "replace")

    def close(self) -> None:
        """Let go of a file that is being written."""
        block, self._block, self._writing = self._block, None, None
        if block is not None:
            block.__exit__(None, None, None)  # type: ignore[attr-defined]

    def forget_torn(self) -> None:
        """Remove a file of which only a part came."""
        self.close()
        if self._upload is not None:
            self.receiving.uploads.remove(self._upload.id)


async def take_apart(request: Request, receiving: UploadApi, begin: Begin) -> UploadForm:
    """Read the body of a form to its end. Raises `RequestError` for one that is none, and what `begin` raises."""
    kind = Message()
    kind["Content-Type"] = request.headers.get("content-type", "")
    boundary = kind.get_param("boundary")
    if kind.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise RequestError(cause="A form with files is multipart/form-data.")
    form = UploadForm(receiving, begin)
    parser = MultipartParser(boundary.encode(), form.callbacks())
    try:
        async for data in request.stream():
            if data:
                await asyncio.to_thread(parser.write, data)
    except MultipartParseError as error:
        raise RequestError(cause="The form is damaged.") from error
    except ClientDisconnect:
        pass  # what is whole of it counts
    finally:
        await asyncio.to_thread(form.forget_torn)
    if not form.is_whole:
        raise RequestError(cause="The form is cut short.")
    return form
