"""What needs which role, said where it is done. The database decides too; this tells it sooner, and
covers what background work then does with the dashboard's own key."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from services.access.acting import current_actor
from services.access.roles import Role
from services.errors import NotSignedInError, RoleError

_P = ParamSpec("_P")
_R = TypeVar("_R")


def require(role: Role) -> None:
    """Raises RoleError unless who acts may do what this role may; NotSignedInError for nobody."""
    actor = current_actor()
    if actor is None or actor.may(role):
        return
    if actor.role is None:
        raise NotSignedInError
    raise RoleError(refusal(role), None)


def refusal(role: Role) -> str:
    """What is said to who lacks this role."""
    article = "an" if role in (Role.ANALYST, Role.ADMIN) else "a"
    return f"Your role does not allow this: it takes {article} {role.value}."


def needs(role: Role) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Marks an action with the role it needs, and asks for it first."""

    def mark(action: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(action)
        def asked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            require(role)
            return action(*args, **kwargs)

        asked.needs = role  # type: ignore[attr-defined]
        return asked

    return mark
