"""Whether everything works, and what to do where it does not."""

from __future__ import annotations

import streamlit as st

from pages.ui.inert import plain
from services import health

SYMBOLS = {
    "ok": ":green[:material/check_circle:] Works",
    "fault": ":red[:material/error:] Does not work",
    "unknown": ":gray[:material/help:] Not known",
}


def show(check: health.Check) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(check.name)}** · {SYMBOLS[check.state]}")
        st.write(plain(check.detail))
        if check.advice:
            st.markdown(f":material/lightbulb: {plain(check.advice)}")


st.title("Status", anchor=False)
with st.spinner("Checking …"):
    found = health.checks()
faults = sum(check.state == "fault" for check in found)
if faults:
    st.warning(f"{faults} of {len(found)} parts do not work. What to do stands beside each.")
for check in found:
    show(check)
with st.container(horizontal=True):
    st.button("Check again", icon=":material/refresh:", key="check-again")
with st.expander("Versions, for a report of a fault"):
    st.code(
        "\n".join(f"{name} {number}" for name, number in health.versions().items()), language=None
    )
