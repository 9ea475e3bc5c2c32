"""Personas for programs: a REST API beside the pages. It translates and decides nothing.

app.py            the FastAPI application that streamlit_app.py mounts at /api/v1
operation.py      what happens around every operation: who asks, may they, once, in which thread
routes/           the operations, a noun a file
models/           what they take and give
problems.py       every fault as application/problem+json
documentation.py  the page /api/docs
"""
