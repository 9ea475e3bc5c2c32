"""Exports of personas: exactly those of a query, as a file that streams from a route.

options ── what goes into the file, and in which format
sources ── where the rows come from: a snapshot of the database (COPY), or pages of the API
csv_file, json_lines, excel, parquet ── how the rows become a file, piece by piece
export  ── one export: counts its rows, hashes its bytes, tells how far it is
links   ── signed addresses that live for minutes · routes ── what serves them
"""
