"""What a persona claims, the words it rests on, and the proposals that were kept out."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.access.roles import Role
from services.api.answers import persona_out
from services.api.given import ONCE, Author, Expected, PersonaId
from services.api.handling.operation import Operation, Rules, needs, reads
from services.api.models.claims import (
    ClaimIn,
    ClaimOut,
    ClaimPlace,
    EvidenceOut,
    ProposalNumber,
    ProposalOut,
)
from services.api.models.personas import PersonaOut
from services.errors import NotFoundError
from services.evidence.claims import Rejected
from services.evidence.pointers import claims_of_persona, tokens
from services.evidence.review import (
    Review,
    accept,
    accept_proposal,
    add_claim,
    dismiss_proposal,
    take_out,
)
from services.personas import Persona, get_persona_repository
from services.personas.reviewing.claims import ReviewChange, review_claims

router = APIRouter(
    route_class=Operation, tags=["Evidence and claims"], prefix="/personas/{persona_id}"
)


def _reviews() -> Rules:
    return needs(Role.ANALYST, 404, 409, 412, 413, 428)


def _review(persona: Persona) -> Review:
    return Review.of(persona.raw_text, persona.persona, persona.evidence, persona.generation)


def _read(persona_id: PersonaId, response: Response) -> Review:
    persona = get_persona_repository().read(persona_id)
    persona_out(persona, response)
    return _review(persona)


@router.get("/evidence", summary="The words that claims rest on", **reads(Role.VIEWER, 404))
def list_evidence(persona_id: PersonaId, response: Response) -> list[EvidenceOut]:
    """Every located quote, in Unicode code points of `raw_text`, end exclusive."""
    return [EvidenceOut.model_validate(item) for item in _read(persona_id, response).evidence]


@router.get("/claims", summary="What the persona claims", **reads(Role.VIEWER, 404))
def list_claims(persona_id: PersonaId, response: Response) -> list[ClaimOut]:
    """Every single value of the persona, each with the words it rests on."""
    review = _read(persona_id, response)
    words: dict[str, list[EvidenceOut]] = {}
    for item in review.evidence:
        words.setdefault(item.path, []).append(EvidenceOut.model_validate(item))
    return [
        ClaimOut(path=path, value=value, evidence=words.get(path, []))
        for path, value in claims_of_persona(review.persona)
    ]


@router.post("/claims", summary="Add a claim", status_code=201, dependencies=[ONCE], **_reviews())
def add(
    persona_id: PersonaId, claim: ClaimIn, expected: Expected, author: Author, response: Response
) -> PersonaOut:
    """A new claim from words of the text."""

    def change(review: Review) -> Review:
        return add_claim(review, claim.field, claim.value, claim.start, claim.end)

    return _changed(persona_id, change, author, "added", claim.field, expected, response)


@router.post("/claims/accept", summary="Accept a claim", dependencies=[ONCE], **_reviews())
def accept_claim(
    persona_id: PersonaId, where: ClaimPlace, expected: Expected, author: Author, response: Response
) -> PersonaOut:
    """Note that a person looked at the claim and its words, and agreed."""

    def change(review: Review) -> Review:
        return accept(review, where.path)

    return _changed(persona_id, change, author, "accepted", _field(where.path), expected, response)


@router.post("/claims/reject", summary="Reject a claim", dependencies=[ONCE], **_reviews())
def reject_claim(
    persona_id: PersonaId, where: ClaimPlace, expected: Expected, author: Author, response: Response
) -> PersonaOut:
    """Take the claim out of the persona. It stays as a proposal, so that it can come back."""

    def change(review: Review) -> Review:
        return take_out(review, where.path)

    return _changed(persona_id, change, author, "took out", _field(where.path), expected, response)


@router.get("/proposals", summary="Claims that were kept out", **reads(Role.VIEWER, 404))
def list_proposals(persona_id: PersonaId, response: Response) -> list[ProposalOut]:
    """Claims without enough support in the text, and those that a person took out."""
    review = _read(persona_id, response)
    return [
        ProposalOut(
            number=number,
            field=one.field,
            value=one.value,
            quote=one.quote,
            reason=one.reason.value,
            explanation=one.explanation,
            start=one.start,
            end=one.end,
        )
        for number, one in enumerate(review.proposals)
    ]


@router.post("/proposals/accept", summary="Accept a proposal", dependencies=[ONCE], **_reviews())
def take_proposal(
    persona_id: PersonaId,
    which: ProposalNumber,
    expected: Expected,
    author: Author,
    response: Response,
) -> PersonaOut:
    """Put a proposal into the persona as a person's claim."""

    def change(review: Review) -> Review:
        return accept_proposal(review, _proposal(review, which.number))

    return _changed(persona_id, change, author, "accepted", "proposal", expected, response)


@router.post("/proposals/dismiss", summary="Dismiss a proposal", dependencies=[ONCE], **_reviews())
def forget_proposal(
    persona_id: PersonaId,
    which: ProposalNumber,
    expected: Expected,
    author: Author,
    response: Response,
) -> PersonaOut:
    """Forget a proposal for good."""

    def change(review: Review) -> Review:
        return dismiss_proposal(review, _proposal(review, which.number))

    return _changed(persona_id, change, author, "dismissed", "proposal", expected, response)


def _proposal(review: Review, number: int) -> Rejected:
    try:
        return review.proposals[number]
    except IndexError:
        raise NotFoundError("There is no such proposal (any more).", "List them again.") from None


def _field(path: str) -> str:
    return next(iter(tokens(path)), "")


def _changed(
    persona_id: PersonaId,
    change: ReviewChange,
    author: str,
    did: str,
    field: str,
    expected: int,
    response: Response,
) -> PersonaOut:
    return persona_out(review_claims(persona_id, change, author, did, field, expected), response)
