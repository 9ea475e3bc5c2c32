"""Who did what: sign-ins, roles, erasures, exports, changes of many; for admins."""

from __future__ import annotations

import csv
import io
import json

import streamlit as st

from pages.ui.clock import when
from pages.ui.identity import shown_author
from pages.ui.plain_table import plain_table
from services import cached
from services.access.audit import ACTIONS, PAGE, AuditEntry

SHOWN = 50
_KEY = "service_role"  # Supabase's name of who comes with the secret key


def line(entry: AuditEntry) -> dict[str, str]:
    return {
        "When": when(entry.at),
        "Who": "the secret key" if entry.actor == _KEY else shown_author(entry.actor),
        "What": entry.action,
        "About": shown_author(entry.subject) if entry.subject else "",
        "Details": ", ".join(f"{name}: {told(value)}" for name, value in entry.detail.items()),
    }


def told(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def as_csv(action: str | None, actor: str | None) -> bytes:
    """Every entry, page by page, as a file that no spreadsheet takes for formulas."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "at", "actor", "name", "action", "subject", "detail"])
    before: int | None = None
    while entries := cached.audit_entries(action, actor, before, PAGE):
        for one in entries:
            name = shown_author(one.actor)
            safe = f"'{name}" if name[:1] in "=+-@\t\r" else name
            detail = json.dumps(one.detail)
            writer.writerow(
                [one.id, one.at.isoformat(), one.actor, safe, one.action, one.subject, detail]
            )
        before = entries[-1].id
    return out.getvalue().encode()


st.title("Audit", anchor=False)
st.write("What people did, newest first. Nothing here can be changed or taken away.")
names = cached.member_names()
with st.container(horizontal=True, vertical_alignment="bottom"):
    action = st.selectbox("What", ACTIONS, index=None, key="audit-action", placeholder="Everything")
    actor = st.selectbox(
        "Who",
        list(names),
        index=None,
        key="audit-actor",
        format_func=lambda one: names[one],
        placeholder="Everybody",
    )
    st.download_button(
        "Export",
        lambda: as_csv(action, actor),
        "audit.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
key = f"audit-shown-{action}-{actor}"
size = st.session_state.setdefault(key, SHOWN)
entries = cached.audit_entries(action, actor, None, size)
if entries:
    plain_table([line(one) for one in entries], label="What people did")
else:
    st.info("Nothing was recorded of this.", icon=":material/history:")
if len(entries) == size < PAGE and st.button("Show more", icon=":material/expand_more:"):
    st.session_state[key] = min(PAGE, size * 4)
    st.rerun()
