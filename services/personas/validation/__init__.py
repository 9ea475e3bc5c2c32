"""What may be stored as a persona, and where exactly a text falls short of it.

A persona is a JSON object that comes back from the database as it went in. So, beyond the grammar
of RFC 8259, these are refused, each with its line and column or its path:

- names that stand twice in one object (one of the values would vanish);
- NaN and Infinity (not JSON), NUL characters and lone surrogates (Postgres' jsonb refuses them);
- numbers that a 64-bit float cannot keep (RFC 7493): browsers and the REST gateway read numbers
  as floats, so an id of 19 digits would change silently. Ids of that size belong in quotes;
- more than MAX_DEPTH levels or MAX_BYTES bytes.

`parse_persona` reads a text, `check_persona` looks at a Python object. Both raise
InvalidPersonaError and nothing else. `read_json` reads what may become a part of one.
"""

from services.personas.validation.faults import MAX_BYTES, MAX_DEPTH
from services.personas.validation.texts import parse_persona, read_json
from services.personas.validation.values import check_persona

__all__ = ["MAX_BYTES", "MAX_DEPTH", "check_persona", "parse_persona", "read_json"]
