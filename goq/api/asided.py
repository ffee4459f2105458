"""Reasons with what the journal knows besides: who held a job, and how its last attempt ended."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from goq.core.values.asides import JOBS_ASKED, Aside, AsidesOf
from goq.core.values.ids import JobId
from goq.core.values.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from goq.api.client import Client

TOLD = ("held", "retry")  # the codes of which the journal knows more


def with_asides(client: "Client", reasons: "Mapping[int, Reason]") -> dict[int, Reason]:
    """The reasons, by jobs that they are of; the first JOBS_ASKED of which something is known say it."""
    asked = [job for job, reason in reasons.items() if reason.code in TOLD][:JOBS_ASKED]
    if not asked:
        return dict(reasons)
    asides = client.asides(AsidesOf(tuple(JobId(job) for job in asked))).rows
    return dict(reasons) | {job: told(reasons[job], aside) for job, aside in zip(asked, asides, strict=True)}


def told(reason: Reason, aside: Aside) -> Reason:
    """The reason with that."""
    if reason.code == "held":
        return replace(reason, hold=aside.hold)
    return replace(reason, again=replace(reason.again, status=aside.status)) if reason.again else reason
