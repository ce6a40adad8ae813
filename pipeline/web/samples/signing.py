"""Signing a sample for acceptance: with one's password once more, by the page and by the API alike."""

from __future__ import annotations

from fastapi import Request

from pipeline.index.people import People
from pipeline.people.deeds import Action
from pipeline.people.model import Person
from pipeline.review.sample_model import Sample
from pipeline.review.sampling import Sampling
from pipeline.web.people.access import Notes
from pipeline.web.people.checking import client_of, fitting


def sign(
    request: Request, person: Person, sample: str, password: str, sampling: Sampling, people: People, deeds: Notes,
    code: str,
) -> Sample:  # fmt: skip
    """Sign; the report's SHA-256 goes into the record of deeds. Raises `NotFoundError`, `SampleError`, and for the password
    `WrongLoginError` and `TooManyTriesError`."""
    sampling.one(person, sample)
    if people.password_of(person.name) is not None:
        fitting(people, client_of(request, people, person.name), password, code)
    signed = sampling.sign(person, sample)
    if signed.signature is not None:
        deeds.note(person.name, Action.REVIEW, f"/samples/{sample}", {"did": "sign", "sha256": signed.signature.sha256})
    return signed
