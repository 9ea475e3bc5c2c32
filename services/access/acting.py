"""Who acts: the person, or the program, that a piece of work is done for.

A context variable, so that nothing has to be handed from a page or a route down to the database.
Threads do not inherit it: what runs in the background names its author from the stored request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from services.access.roles import Role


@dataclass(frozen=True)
class Actor:
    """Who acts. `user_id` is what stored rows name, `name` what people read.

    With an `access_token` the database acts as that person, and decides by their role; without
    one it is asked with the dashboard's own key, and `role` has to be asked before. `role` is None
    for who has none yet: they may do nothing.
    """

    user_id: str
    name: str
    role: Role | None
    access_token: str | None = field(default=None, repr=False)
    key_id: str = ""  # of the key that a program asks with

    def may(self, needed: Role) -> bool:
        """Whether their role allows what `needed` may do."""
        return self.role is not None and self.role.includes(needed)


NOBODY = Actor("", "", None)  # somebody is asked for, and not known: may do nothing
DASHBOARD = Actor(
    "dashboard", "The dashboard", Role.ADMIN
)  # with its own key, whoever asked for it

_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)
_elsewhere: list[Callable[[], Actor | None]] = []


def current_actor() -> Actor | None:
    """Who acts here; None with SIGN_IN=off and in background work: the dashboard itself."""
    actor = _actor.get()
    if actor is None and _elsewhere:
        return _elsewhere[0]()
    return actor


def ask_for_actor(ask: Callable[[], Actor | None]) -> None:
    """Have `ask` tell who acts wherever nothing else does: in the threads that run pages, say."""
    _elsewhere[:] = [ask]


@contextmanager
def acting_as(actor: Actor | None) -> Iterator[None]:
    """Everything within is done for `actor`."""
    before = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(before)
