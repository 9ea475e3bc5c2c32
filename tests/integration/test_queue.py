"""The queue in the database: claims, caps, fairness, retries, what is late, model servers."""

from __future__ import annotations

from services.local_supabase.stack import LocalSupabase
import json
from uuid import uuid4
from services.database import get_supabase_client
from services.generation.batches import NewBatch, NewItem, get_batches

def rpc(name, **arguments):
    data = get_supabase_client().client.rpc(name, {k: json.dumps(v) if isinstance(v,(dict,list)) else v for k,v in arguments.items()}).execute().data
    return json.loads(data) if isinstance(data, str) and data[:1] in "[{" else data

def test_first(database: LocalSupabase) -> None:
    batches = get_batches()
    new = NewBatch(id=uuid4(), name="x", engine="offline", cap_usd=1)
    b = batches.create(new)
    assert batches.enqueue(new.id, [NewItem(position=n, raw_text=f"text {n}", max_usd=0.3, max_tokens=100) for n in range(10)]) == 10
    assert batches.enqueue(new.id, [NewItem(position=n, raw_text=f"text {n}") for n in range(10)]) == 0
    print(batches.read(new.id))
    claim = dict(worker="w", engines=["offline"], n=5, stale_after_seconds=20, conditions={"attempts": 5, "servers": {"offline": "s"}})
    assert rpc("claim_generations", **claim) == []
    print(batches.change(new.id, "start"))
    got = rpc("claim_generations", **claim)
    print(got)
    print(batches.read(new.id))
    assert len(got) == 3
    assert rpc("heartbeat_generations", worker="w", ids=[g["id"] for g in got]) 
    print(rpc("save_generation", request_id=got[0]["id"], worker="w", result={"persona": {"name":"A"}, "evidence": [], "generation": {"engine":"offline"}, "attempt":1, "usd": 0.1, "tokens": 5}))
    print(rpc("end_generation", request_id=got[1]["id"], worker="w", outcome={"status": "queued", "attempt": 1, "kind":"timeout","error":"x","usd":0.2,"tokens":1, "down":1}))
    print(batches.read(new.id))
    print(rpc("take_turns", asked={"server":"s","requests":3,"tokens":100,"wanted":[10,20,50,60]}))
    print(batches.change(new.id, "cancel"))
    print(batches.read(new.id))
    print(batches.items(new.id)[:2], batches.failures(new.id))
