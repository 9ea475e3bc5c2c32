"""Many texts at once, to be drafted: from files, from a ZIP of files, from a table, or stored ones.

names     ── what a given file is, by its name
archive   ── the files in a ZIP, one after the other, within limits
columns   ── which column of a table holds the texts
worker    ── does these two in the sandbox (services/sandbox.py), and tells of them in frames
held      ── the texts while they wait, in a file without a name
files     ── given files become held texts, or problems with their reasons
stored    ── texts of stored personas become held texts
estimate  ── what drafting them will take
intake    ── one giving: read in the background, looked at, and made a batch
"""
