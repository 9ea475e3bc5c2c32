"""Where a text comes from when it is not typed: a file (files.py) or a web address (fetch.py).

    fetch.py ── web_address.py (which addresses are written there) ── address_policy.py (which are
       │        allowed) ── pinned_connection.py (to that very address, until the deadline)
       │        ── page_body.py (so many bytes, unpacked)
       └──> files.py ── kinds.py (what it really is) ── plain_text.py
               └──> worker.py, another process ── pdf.py, word.py, web_page.py

Files and pages are other people's: parsers that could be led astray by them run in a process of
their own (services/sandbox.py), with limits of time and memory, without the dashboard's settings.
The modules of that process import nothing of the dashboard, so that it starts in a fraction of a
second.
"""
