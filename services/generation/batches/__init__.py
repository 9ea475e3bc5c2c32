"""Batches: many texts given at once, drafted one by one from the queue in the database.

    preparing ──start──> running <──> paused (pause_reason: user, cap, no_price)
                            │ ├─────> finished  (nothing left to do; more to do: running again)
                            │ └─────> cancelled

Its requests are ordinary generation requests with a `batch_id`; the counts of a batch are kept with
it, exactly. A cap holds for what its calls take at most: see migrations/026_batches.sql.
"""

from services.generation.batches.models import (
    Action,
    Batch,
    BatchChange,
    Failures,
    NewBatch,
    NewItem,
    State,
    Way,
)
from services.generation.batches.repository import TABLE, BatchRepository, get_batches

__all__ = [
    "TABLE",
    "Action",
    "Batch",
    "BatchChange",
    "BatchRepository",
    "Failures",
    "NewBatch",
    "NewItem",
    "State",
    "Way",
    "get_batches",
]
