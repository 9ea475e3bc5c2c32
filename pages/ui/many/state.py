"""What is composed of many texts. The address holds it, so that a reload loses nothing:

many=1              the way of many texts is chosen, nothing is given yet
given=…             what was given, held by this process while it is read and looked at
also, title, cap    what was chosen beside it, where it is not as proposed
"""

from __future__ import annotations

from uuid import UUID, uuid4

import streamlit as st

from pages.ui.navigation import GENERATE
from services.errors import InvalidIdError

MANY, GIVEN = "many", "given"


def is_many() -> bool:
    """Whether the address is that of many texts."""
    return MANY in st.query_params or GIVEN in st.query_params


def choose_many(many: bool) -> None:
    """Make the address that of many texts, or of one."""
    st.query_params.from_dict({MANY: "1"} if many else {})


def given_id() -> UUID | None:
    """What was given, by the address. Raises InvalidIdError for nonsense."""
    given = st.query_params.get(GIVEN)
    try:
        return UUID(given) if given else None
    except ValueError:
        raise InvalidIdError from None


def new_id() -> UUID:
    """An id for what is given next; the same for every click until then."""
    found: UUID = st.session_state.setdefault("many-next", uuid4())
    return found


def show_given(intake_id: UUID) -> None:
    """Make the address that of what was given. Only in a callback, or before a rerun."""
    st.session_state.pop("many-next", None)
    st.query_params.from_dict({GIVEN: str(intake_id)})


def open_given(intake_id: UUID) -> None:
    """Go to what was given on another page."""
    st.switch_page(GENERATE, query_params={GIVEN: str(intake_id)})


def also_wanted() -> set[str]:
    """What is drafted beside new texts: "stored", "equal"."""
    return set(st.query_params.get("also", "").split())


def want_also(what: str, wanted: bool) -> None:
    """Note in the address that these are drafted, too."""
    also = also_wanted() | {what} if wanted else also_wanted() - {what}
    keep("also", " ".join(sorted(also)))


def kept(name: str) -> str | None:
    """What was chosen, None where it is as proposed."""
    return st.query_params.get(name) or None


def keep(name: str, value: str) -> None:
    """Note a choice in the address."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)
