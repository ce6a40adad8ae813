"""A file number as JSON: `file-no --json` and the web's."""

from __future__ import annotations

from typing import Any

from pipeline.extract.file_number.grammar import NumberForm
from pipeline.extract.file_number.keys import FileNumber


def file_number_json(number: FileNumber, form: NumberForm | None, fit: float) -> dict[str, Any]:
    """`file-no --json`; `form` is None where the number only looks like one."""
    return {
        "written": number.written,
        "key": number.key,
        "parts": {
            "parts": list(number.parts),
            "core": number.core,
            "ocr": number.ocr,
            "named": [{"role": part.role, "text": part.text} for part in number.named],
            "volume": number.volume,
            "part": number.part,
        },
        "keys": {"strict": number.key, "core": number.core, "ocr": number.ocr, "group": number.group},
        "form": {"name": form.name, "en": form.en, "hi": form.hi, "state": form.state or None} if form else None,
        "fit": fit,
    }
