"""This is where it is said which licences a category demands of those who sell in it."""

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field
from shop.catalog.v1 import requirements_pb2 as pb

from gateway.answers import Json, answer
from gateway.described import feature, shown
from gateway.fields import Body, PathCode, Word
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking

router = feature("merchants")
_PATH = "/v1/categories/{category_id}/requirements"
_REQUIREMENT = {
    "kind": "food",
    "title": {"en": "food business permit", "zh": "食品经营许可证"},
    "category": "food",
    "inherited": True,
}
_GOT = {"category": "snacks", "requirements": [_REQUIREMENT]}


class RequirementsBody(Body):
    """Kinds of licences; none for nothing."""

    kinds: Annotated[list[Word], Field(max_length=20)]


def _shown(category: str, rows: Any) -> Json:
    demanded = [
        {
            "kind": row.kind,
            "title": {"en": row.en, "zh": row.zh},
            "category": row.category,
            "inherited": row.category != category,
        }
        for row in rows
    ]
    return {"category": category, "requirements": demanded}


@router.get(_PATH, summary="What a category demands", responses=shown(_GOT, "UNKNOWN_CATEGORY"))
async def get_requirements(request: Request, category_id: PathCode) -> Response:
    """By itself and from above: for who thinks of selling in it."""
    asked = pb.GetRequirementsRequest(category=category_id)
    answered = await ask_again(request.app.state.gateway.neighbours.requirements.GetRequirements, asked)
    return answer(_shown(category_id, answered.requirements))


@router.put(
    _PATH,
    summary="Say what a category demands",
    responses=shown(
        {**_GOT, "job_id": "job_01kb2y5v7g8h9j0kmnpqrstvwx"}, "UNKNOWN_CATEGORY", "INVALID_REQUIREMENTS", body=True
    ),
)
async def put_requirements(request: Request, category_id: PathCode, body: RequirementsBody) -> Response:
    """Of all below it, too. Listings whose merchant lacks it come down: the job shows how far that is."""
    asked = pb.PutRequirementsRequest(category=category_id, kinds=body.kinds, by=asking(request).id)
    answered = await ask(request.app.state.gateway.neighbours.requirements.PutRequirements, asked)
    return answer({**_shown(category_id, answered.requirements), "job_id": answered.job_id})
