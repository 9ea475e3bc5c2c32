"""Whether everything works, and what to do where it does not."""

from __future__ import annotations

import streamlit as st

from pages.ui.drafting.model_trial import model_trial
from pages.ui.inert import code_to_copy, plain
from services import health

SYMBOLS = {
    "ok": ":green[:material/check_circle:] Works",
    "fault": ":red[:material/error:] Does not work",
    "unknown": ":gray[:material/help:] Not fully known",
    "skipped": ":gray[:material/remove_circle:] Not tried",
}


def line(part: health.Part) -> str:
    told = part.summary if part.state != "fault" else ""
    head = f"**{plain(part.name)}** · {SYMBOLS[part.state]}"
    return f"{head} · {plain(told)}" if told else head


def show_trouble(part: health.Part) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(line(part))
        for check in part.troubles:
            named = "" if check.name == part.name else f"**{plain(check.name)}:** "
            st.markdown(named + plain(check.detail))
            if check.advice:
                st.markdown(f":material/lightbulb: {plain(check.advice)}")
            if check.sql:
                code_to_copy("\n".join(check.sql), label="SQL to run")


st.title("Status", anchor=False)
with st.spinner("Checking …"):
    found = health.parts()
faults = sum(part.state == "fault" for part in found)
if faults:
    st.warning(f"{faults} of {len(found)} parts do not work. What to do stands beside each.")
elif all(part.state == "ok" for part in found):
    st.success("Everything works.", icon=":material/check_circle:")
for part in found:
    if part.troubles:
        show_trouble(part)
st.markdown("\n".join(f"- {line(part)}" for part in found if not part.troubles))
with st.container(horizontal=True):
    st.button("Check again", icon=":material/refresh:", key="check-again")
model_trial()
st.markdown(":material/api: Programs use the REST API: [its documentation](api/docs).")
with st.expander("Versions, for a report of a fault"):
    versions = "\n".join(f"{name} {number}" for name, number in health.versions().items())
    code_to_copy(versions, label="Versions")
