"""A text of the interface, to be put into a language where it is shown."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.locale.catalogues import translations


def N_(text: str) -> str:
    """Mark a string for the catalogues without translating it yet (the customary name, known to translators)."""
    return text


class Message:
    """A text with what fills its braces. As a `str` it is English; a field may be a `Message` itself.

    `text` is the msgid: a literal, so that extraction finds it, or one that was marked with `N_()` in a table. Braces
    are filled only where there are fields.
    """

    def __init__(self, text: str, /, **fields: object) -> None:
        self.msgid = text
        self.fields = fields

    def text(self, language: str) -> str:
        """The text in `language` ("en", "hi" …). A field that was not given shows as a question mark."""
        found = str(translations(language).gettext(self.msgid)) if self.msgid else ""
        return filled(found, self.fields, language) if self.fields else found

    def in_both(self, first: str = "en", second: str = "hi", *, between: str = " / ") -> str:
        """The text in two languages, for places that do not know their reader."""
        return f"{self.text(first)}{between}{self.text(second)}"

    def __str__(self) -> str:
        return self.text("en")

    def __repr__(self) -> str:
        return f"Message({self.msgid!r}, {self.fields!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.msgid, self.fields) == (other.msgid, other.fields)

    def __hash__(self) -> int:
        return hash(self.msgid)


def in_language(value: object, language: str) -> object:
    """A `Message` as its text; anything else as it is."""
    return value.text(language) if isinstance(value, Message) else value


def filled(template: str, fields: Mapping[str, object], language: str) -> str:
    """The template with its braces filled, the fields in the same language."""
    return template.format_map(_Blank({name: in_language(value, language) for name, value in fields.items()}))


class _Blank(dict[str, object]):
    """Fields that were not given show as a question mark instead of breaking the message."""

    def __missing__(self, key: str) -> str:
        return "?"
