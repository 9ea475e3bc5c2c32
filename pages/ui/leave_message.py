"""What has an open page go to another address."""

from __future__ import annotations

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


def leave_message(address: str) -> bytes:
    """The message for its WebSocket that sends the browser there: Streamlit's own, of st.login."""
    message = ForwardMsg()
    message.auth_redirect.url = address
    return bytes(message.SerializeToString())
