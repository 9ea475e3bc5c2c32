"""How often somebody may try to sign in: counted in the database, for all dashboards together."""

from __future__ import annotations

import json

from services.access.as_dashboard import call_as_dashboard
from services.access.sealing import hashed
from services.errors import SignInError

SECONDS = 900
MOST_FOR_ADDRESS = 10
MOST_FROM_SOURCE = 100  # a whole office may come from one address of the network


def count_try(email: str, source: str) -> None:
    """Count a try for this e-mail address and from this place. Raises SignInError once there were
    too many of either; the place is the address of the network that it came from.

    From a place that tried too often, no try counts against anybody else.
    """
    _count(f"from {source}", MOST_FROM_SOURCE)
    _count(f"to {email.lower()}", MOST_FOR_ADDRESS)


def _count(subject: str, most: int) -> None:
    subjects = json.dumps([hashed(subject)])
    if not call_as_dashboard("sign_in_try", subjects=subjects, most=most, seconds=SECONDS):
        raise SignInError("There were too many tries.", "Wait a quarter of an hour and try again.")
