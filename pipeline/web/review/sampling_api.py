"""Samples for acceptance as JSON: drawn, judged, signed and read."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from pipeline.model.audit import Action
from pipeline.model.sampling import Sample, sample_json
from pipeline.web.accounts.services import TheAuditLog, ThePeople
from pipeline.web.audited import Recording, audited
from pipeline.web.language import TheLanguage
from pipeline.web.rendering import NO_STORE
from pipeline.web.review import sampling_params, sampling_signature
from pipeline.web.review.sampling_params import TheSampling
from pipeline.web.security.permissions import Reviewer

router = APIRouter(prefix="/api/v1/samples", tags=["samples"])


class ToDrawJson(BaseModel):
    """`percent` of the documents that an office (null: every one) filed on these days; `limit` of a hundred may be wrong."""

    office: str | None = Field(None, max_length=100)
    since: str = Field("", max_length=40)
    until: str = Field("", max_length=40)
    percent: float = Field(gt=0, le=100)
    limit: float = Field(2.0, ge=0, le=100)
    seed: str = Field("", max_length=64)


class VerdictJson(BaseModel):
    document: str = Field(max_length=100)
    right: bool
    remark: str = Field("", max_length=500)


class ToSignJson(BaseModel):
    """The password of the person who signs; who signs in outside has none."""

    password: str = Field("", max_length=1000)


class SampleJson(BaseModel):
    """A sample as it is kept, with what follows from it; shares are of a hundred."""

    sample: dict[str, Any]
    waiting: list[str]
    wrong: int
    share_wrong: float
    at_most_wrong: float
    accepted: bool


class SamplesJson(BaseModel):
    samples: list[SampleJson]


@router.get("")
@audited(Action.VIEW, Recording.COUNTED)
def samples(person: Reviewer, sampling: TheSampling, response: Response) -> SamplesJson:
    """The newest samples."""
    response.headers.update(NO_STORE)
    return SamplesJson(samples=[sample_view(one) for one in sampling.every(person)])


@router.post("", status_code=201)
@audited(Action.REVIEW)
def draw(wanted: ToDrawJson, person: Reviewer, sampling: TheSampling) -> SampleJson:
    """Draw a sample; the same seed draws the same documents from the same ones."""
    scope = sampling_params.scope(wanted.office or "", wanted.since, wanted.until)
    return sample_view(sampling.draw(person, scope, percent=wanted.percent, limit=wanted.limit, seed=wanted.seed))


@router.get("/{sample}")
@audited(Action.VIEW)
def sample(sample: str, person: Reviewer, sampling: TheSampling, response: Response) -> SampleJson:
    """One sample, whole."""
    response.headers.update(NO_STORE)
    return sample_view(sampling.one(person, sample))


@router.post("/{sample}/verdicts")
@audited(Action.REVIEW)
def judge(sample: str, verdict: VerdictJson, person: Reviewer, sampling: TheSampling) -> SampleJson:
    """Say whether a document is as its scan shows it."""
    return sample_view(sampling.judge(person, sample, verdict.document, is_right=verdict.right, remark=verdict.remark))


@router.post("/{sample}/sign")
@audited(Action.REVIEW)
def sign(
    request: Request,
    sample: str,
    wanted: ToSignJson,
    person: Reviewer,
    sampling: TheSampling,
    people: ThePeople,
    audit_log: TheAuditLog,
    code: TheLanguage,
) -> SampleJson:
    """Answer for a sample of which every document was looked at; nothing of it can be changed afterwards. A token alone
    does not do: it takes the person's password."""
    return sample_view(
        sampling_signature.sign(request, person, sample, wanted.password, sampling, people, audit_log, code)
    )


def sample_view(one: Sample) -> SampleJson:
    return SampleJson(
        sample=sample_json(one),
        waiting=list(one.waiting),
        wrong=one.wrong,
        share_wrong=one.share_wrong,
        at_most_wrong=one.at_most_wrong,
        accepted=one.is_accepted,
    )
