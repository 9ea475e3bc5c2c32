-- Claims wait for each other, also where a batch is begun at the same moment; and what was claimed for a
-- worker that never heard of it goes back at once.

-- Gives back what `worker` was given by a claim whose answer it never got: what it holds by the database,
-- and not by what it says (a JSON list of ids). A worker claims one after the other, and names a request
-- until its end is stored; so nothing was asked for these, and they cost nothing. The caller has locked
-- the batches, or is the only claim.
create or replace function persona_dashboard.return_tries(worker text, held jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  known constant uuid[] := array(select pg_catalog.jsonb_array_elements_text(held)::uuid);
  t persona_dashboard.generation_tries;
begin
  for t in
    select * from persona_dashboard.generation_tries g
    where g.worker = return_tries.worker and not g.lost and g.request_id <> all (known)
    for update skip locked
  loop
    perform from public.generation_requests r where r.id = t.request_id for update skip locked;
    continue when not found and exists (select from public.generation_requests r where r.id = t.request_id);
    update public.generation_requests r set status = 'queued', worker = null, heartbeat_at = null,
      attempts = r.attempts - 1, resumed = greatest(r.resumed - 1, 0)
      where r.id = t.request_id and r.status = 'running' and r.worker = t.worker and r.attempts = t.attempt;
    perform persona_dashboard.settle_try(t.request_id, t.worker, t.attempt, 0, 0);
  end loop;
end
$$;
revoke execute on function persona_dashboard.return_tries(text, jsonb)
  from public, anon, authenticated, service_role;

-- As in 026, with two more of its reasons:
--   Between its lock of the batches and its look at them, a batch may be begun, which nobody has locked. So
--   claims wait for each other first, and each batch is locked (again) before it is taken from: what fills
--   files for the Batch API locks it as well.
--   `conditions` may have `held`, the requests that the worker knows of, after a claim without an answer.
create or replace function public.claim_generations(
  worker text, engines text, n int, stale_after_seconds int, conditions text
) returns text
language plpgsql security definer set search_path = '' as $$
declare
  told constant jsonb := claim_generations.conditions::jsonb;
  servers constant jsonb := coalesce(told -> 'servers', '{}');
  stale constant interval := pg_catalog.make_interval(secs => greatest(claim_generations.stale_after_seconds, 1));
  able text[] := array(select pg_catalog.jsonb_array_elements_text(claim_generations.engines::jsonb));
  free int := least(claim_generations.n, 500);
  taken uuid[] := '{}';
  more uuid[];
  dry uuid[] := '{}';
  share record;
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('persona_dashboard.claim_generations'));
  able := persona_dashboard.engines_up(able, servers);
  free := persona_dashboard.free_by_breaker(able, servers, free);
  perform from public.generation_batches b
    where b.state = 'running'
      or exists (select from persona_dashboard.generation_tries t where t.batch_id = b.id and not t.lost)
    order by b.id for update;
  if told ? 'held' then
    perform persona_dashboard.return_tries(claim_generations.worker, told -> 'held');
  end if;
  perform persona_dashboard.lose_tries(stale, coalesce((told ->> 'attempts')::int, 5));
  taken := persona_dashboard.claim_singles(claim_generations.worker, able, free, stale, servers);
  while free > pg_catalog.cardinality(taken) loop
    for share in
      select * from persona_dashboard.batch_shares(able, free - pg_catalog.cardinality(taken), dry)
    loop
      perform from public.generation_batches b where b.id = share.batch for update; -- begun just now
      more := persona_dashboard.claim_of_batch(share.batch, share.size, claim_generations.worker, servers);
      taken := taken || more;
      if pg_catalog.cardinality(more) < share.size then
        dry := dry || share.batch;
      end if;
    end loop; -- sets `found`: whether there were any
    exit when not found; -- no batch has anything
  end loop;
  perform persona_dashboard.begin_half_open(able, servers, taken);
  return coalesce((
    select pg_catalog.json_agg(pg_catalog.json_build_object(
      'id', r.id, 'kind', r.kind, 'raw_text', r.raw_text, 'about', r.about, 'sources', r.sources,
      'persona_id', r.persona_id, 'batch_id', r.batch_id, 'engine', r.engine, 'model', r.model,
      'attempts', r.attempts, 'label', r.label, 'spent', r.spent,
      'max_usd', r.max_usd, 'max_tokens', r.max_tokens, 'text_hash', r.text_hash)
      order by r.batch_id nulls first, r.run_after, r.position)
    from public.generation_requests r where r.id = any (taken))::text, '[]');
end
$$;
