"""Who asks: the key of a request, or a person's own access token, as an Actor."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from services.access.acting import Actor
from services.access.keys.stored import PREFIX, ApiKey, Scope, get_api_keys, hashed
from services.access.people.bearer import member_with_token
from services.access.roles import Role
from services.api.handling.limits import FAILED_TRIES, Rate, too_often
from services.api.handling.problems import RequestProblem
from services.api.handling.shared import Shared
from services.api.handling.threads import in_thread

_ADVICE = "Send “Authorization: Bearer KEY” with a key from the page API keys."
_KNOWN = 1000  # keys that were right before


@dataclass(frozen=True)
class Caller:
    """Who asks, and with which key."""

    actor: Actor
    scope: Scope
    name: str  # under which what they ask is counted and remembered
    key: ApiKey | None = None  # None: a person, with their own access token


class Gate:
    """Finds out who asks, and slows down who tries wrong keys. For one event loop."""

    def __init__(self, a_minute: int, failed_tries: int = FAILED_TRIES) -> None:
        """So many requests of a key and so many wrong keys from an address, in a minute."""
        self._rate = Rate(a_minute)
        self._failed = Rate(failed_tries)
        self._known: OrderedDict[str, Caller] = OrderedDict()
        self._look_up = Shared(_looked_up)

    def known(self, authorization: str) -> Caller | None:
        """Who sent this header before: what is prepared for them may not leave before `caller` has
        found that they still may ask."""
        return self._known.get(hashed(_bearer(authorization)))

    async def caller(self, authorization: str, address: str) -> Caller:
        """Who sends this header from this address. Raises RequestProblem, DatabaseError.

        Asks the database each time, so that a revoked key ends at once.
        """
        text = _bearer(authorization)
        digest = hashed(text)
        # A key that was right before is not kept out by what others at its address try.
        if digest not in self._known and (wait := self._failed.wait(address)):
            raise too_often(wait, "Too many wrong keys came from this address.")
        caller = await self._look_up.ask(text)
        if caller is None:
            self._failed.count(address)
            self._known.pop(digest, None)
            raise _unauthorized("This key or token is unknown, has ended or was revoked.")
        self._remember(digest, caller)
        return caller

    def count(self, caller: Caller) -> None:
        """Count a request of this caller. Raises RequestProblem if they send too many."""
        if wait := self._rate.wait(caller.name):
            raise too_often(wait, "This key sends too many requests.")
        self._rate.count(caller.name)

    def _remember(self, digest: str, caller: Caller) -> None:
        self._known[digest] = caller
        self._known.move_to_end(digest)
        while len(self._known) > _KNOWN:
            self._known.popitem(last=False)


async def _looked_up(text: str) -> Caller | None:
    return await in_thread(_look_up, text)


def _look_up(text: str) -> Caller | None:
    if not text.startswith(PREFIX):
        person = member_with_token(text)
        return Caller(person, "write", f"member {person.user_id}") if person else None
    key = get_api_keys().use(text)
    if key is None:
        return None
    who = key.owner_id or f"key:{key.id}"
    actor = Actor(who, key.author, key.role, key_id=str(key.id))
    return Caller(actor, key.scope, str(key.id), key)


def require(caller: Caller, role: Role, scope: Scope) -> None:
    """Raises RequestProblem unless the caller may do what needs this role and scope."""
    if not caller.actor.may(role):
        raise RequestProblem(
            403,
            "role-missing",
            f"This needs the role {role}; the key has {caller.actor.role}.",
            "Ask an admin for a key with that role.",
            needed_role=role,
        )
    if scope == "write" and caller.scope != "write":
        raise RequestProblem(
            403, "read-only-key", "This key may only read.", "Use a key with the scope write."
        )


def _bearer(authorization: str) -> str:
    scheme, _, text = authorization.partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text:
        raise _unauthorized("This needs a key.")
    return text


def _unauthorized(problem: str) -> RequestProblem:
    headers = {"WWW-Authenticate": 'Bearer realm="personas"'}
    return RequestProblem(401, "unauthorized", problem, _ADVICE, headers=headers)
