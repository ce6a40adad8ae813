"""Signing a sample for acceptance: with one's password once more, by the page and by the API alike."""

from __future__ import annotations

from fastapi import Request

from pipeline.db.accounts import AccountRepository
from pipeline.model.accounts import Person
from pipeline.model.audit import Action
from pipeline.model.sampling import Sample
from pipeline.review.sampling import Sampling
from pipeline.web.accounts.password_check import client_of, verify_password
from pipeline.web.accounts.services import AuditWriter


def sign(
    request: Request,
    person: Person,
    sample: str,
    password: str,
    sampling: Sampling,
    people: AccountRepository,
    audit_log: AuditWriter,
    code: str,
) -> Sample:
    """Sign; the report's SHA-256 goes into the audit log. Raises `NotFoundError`, `SampleError`, and for the password
    `WrongLoginError` and `TooManyTriesError`."""
    sampling.one(person, sample)
    if people.password_of(person.name) is not None:
        verify_password(people, client_of(request, people, person.name), password, code)
    signed = sampling.sign(person, sample)
    if signed.signature is not None:
        audit_log.note(
            person.name, Action.REVIEW, f"/samples/{sample}", {"did": "sign", "sha256": signed.signature.sha256}
        )
    return signed
