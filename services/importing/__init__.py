"""Import of personas from files.

reading   ── a file of any of the formats as rows of cells, by one of readers/, within limits.py
mapping   ── which column becomes what
checking  ── a row becomes a persona to store, or a problem with its reason
worker    ── does these in the sandbox (services/sandbox.py), and tells of the rows in frames
held_file ── the file while it waits, and what the worker tells of it
holding   ── which files this process holds, and for how long
jobs      ── import_jobs and import_problems in the database (migration 012)
counting  ── what a check finds, counted
saving    ── checked rows into the database
runner    ── checks and saves in the background, in batches that count themselves
"""
