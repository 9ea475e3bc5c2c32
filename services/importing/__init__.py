"""Import of personas from files.

reading  ── a file of any of the formats as rows of cells
mapping  ── which column becomes what
checking ── a row becomes a persona to store, or a problem with its reason
jobs     ── import_jobs and import_problems in the database (migration 012)
runner   ── checks and saves in the background, in batches that count themselves
"""
