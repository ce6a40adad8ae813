"""Digits of the scripts that our papers use, Western and Devanagari: the one map between them."""

from __future__ import annotations

import unicodedata

WESTERN, DEVANAGARI = "0123456789", "०१२३४५६७८९"
TO_WESTERN, TO_DEVANAGARI = str.maketrans(DEVANAGARI, WESTERN), str.maketrans(WESTERN, DEVANAGARI)


def western(text: str) -> str:
    """The text with Devanagari digits as Western ones, sign by sign: all places in it stay."""
    return text.translate(TO_WESTERN)


def western_of_any(text: str) -> str:
    """The same with the decimal digits of every script that Unicode has."""
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
