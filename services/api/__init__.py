"""Personas for programs: a REST API beside the pages. It translates and decides nothing.

app.py            the FastAPI application that streamlit_app.py mounts at /api/v1
handling/         what happens around every operation: who asks, may they, once only; faults
routes/           the operations, a noun a file
models/           what they take and give
openapi.py        their description, and documentation.py the page /api/docs that shows it
"""
