-- Two ways not to pay the full price. Batches whose texts are asked in files (OpenAI's Batch API): a file
-- of questions is answered within a day, at a lower price. And what was drafted from an equal text before.
--
--   filling ──> filled ──> sent ──> begun ──> ended ──> done
--   holds requests         the server has it    its answers are there, and are taken in
--
-- A file holds its requests as a worker does, by tries that are never late: the server takes hours. Who
-- works on a file holds it by a lease, one at a time. What it does at the server is stored here before the
-- next step, and carries the file's id there, so that what was begun is found again.

select persona_dashboard.claim_names('{generation_files}', array[
  'fill_file(text)', 'take_file(text, text, int)', 'note_file(uuid, text, text)', 'end_in_file(uuid, text)',
  'close_file(uuid)', 'earlier_drafts(text)']);

create table if not exists public.generation_files (
  id           uuid primary key,
  batch_id     uuid references public.generation_batches (id) on delete set null, -- null: cancel it at the server
  state        text not null default 'filling' constraint generation_files_state_known
    check (state in ('filling', 'filled', 'sent', 'begun', 'ended', 'done')),
  engine       text not null,
  server       text, -- the model server, by the name that workers give it
  input_file   text, -- ids at the server
  server_batch text,
  output_file  text,
  error_file   text,
  server_state text,
  questions    int not null default 0, -- in the file
  answered     int not null default 0, -- as the server counts while it works
  refused      int not null default 0,
  failures     int not null default 0, -- of looking at it, one after the other
  looks        int not null default 0, -- before it is begun: whether something may have happened at the server
  error_kind   text, -- why it does not go on, or was not taken
  error        text, -- for the user's eyes
  worker       text, -- who works on it
  lease_until  timestamptz,
  taken        int not null default 0, -- how often somebody has
  look_after   timestamptz not null default clock_timestamp(),
  created_at   timestamptz not null default clock_timestamp(),
  updated_at   timestamptz not null default clock_timestamp()
);
comment on table public.generation_files is 'Files of questions at a model server, until their answers are taken in.';
create index if not exists idx_generation_files_open on public.generation_files (look_after) where state <> 'done';
create index if not exists idx_generation_files_batch on public.generation_files (batch_id, created_at);
create or replace trigger generation_files_set_updated_at before update on public.generation_files
  for each row execute function persona_dashboard.set_updated_at();
select persona_dashboard.open_to_members('generation_files', 'viewer', 'analyst'); -- who deletes a batch changes its files
revoke all on public.generation_files from public, anon, authenticated, service_role;
grant select on public.generation_files to authenticated, service_role;

-- ------------------------------------------------------------------ files

-- As what a file holds its requests.
create or replace function persona_dashboard.file_worker(file uuid) returns text
language sql immutable set search_path = '' as $$ select 'file:' || file $$;

-- Put at most `n` requests that wait into a file: into `file`, if it is there and being filled, else into a
-- new one of that id, of the running batch of the highest priority. Told {file, worker, lease_seconds,
-- engines, servers, n, price_share}. Answers {"taken": requests, "bytes": of their texts, "engine"}; null
-- where nothing waits.
create or replace function public.fill_file(told text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  given constant jsonb := fill_file.told::jsonb;
  servers constant jsonb := coalesce(given -> 'servers', '{}');
  at constant timestamptz := pg_catalog.clock_timestamp();
  lease constant timestamptz := at + pg_catalog.make_interval(secs => coalesce((given ->> 'lease_seconds')::int, 60));
  able constant text[] := persona_dashboard.engines_up(
    array(select pg_catalog.jsonb_array_elements_text(given -> 'engines')), servers);
  file public.generation_files;
  b public.generation_batches;
  taken uuid[];
begin
  select * into file from public.generation_files f where f.id = (given ->> 'file')::uuid;
  select * into b from public.generation_batches g
    where g.state = 'running' and g.engine = any (able) and (g.id = file.batch_id or file.id is null)
      and g.way = 'batch_api' and exists (
        select from public.generation_requests r
        where r.batch_id = g.id and r.in_file and r.status = 'queued' and r.run_after <= at)
    order by g.priority desc, g.created_at, g.id limit 1 for update;
  if b.id is null or b.state <> 'running' or coalesce(file.state, 'filling') <> 'filling' then
    return null;
  end if;
  taken := persona_dashboard.claim_of_batch(b.id, least((given ->> 'n')::int, 2000),
    persona_dashboard.file_worker((given ->> 'file')::uuid), servers, true,
    coalesce((given ->> 'price_share')::numeric, 1));
  if taken = '{}' then
    return null;
  end if;
  insert into public.generation_files as f (id, batch_id, engine, server, worker, lease_until, taken)
    values ((given ->> 'file')::uuid, b.id, b.engine, servers ->> b.engine, given ->> 'worker', lease, 1)
    on conflict (id) do update set lease_until = lease;
  update public.generation_requests r set file_id = (given ->> 'file')::uuid where r.id = any (taken);
  update persona_dashboard.generation_tries t set beat_at = 'infinity' -- the server takes its time
    where t.request_id = any (taken) and t.worker = persona_dashboard.file_worker((given ->> 'file')::uuid);
  return pg_catalog.json_build_object('taken', pg_catalog.cardinality(taken), 'engine', b.engine,
    'bytes', (select pg_catalog.sum(octet_length(r.raw_text)) from public.generation_requests r
      where r.id = any (taken)));
end
$$;

-- A file to work on: one that is due, and that nobody works on. Its row as JSON, with its batch's state and
-- options; null if there is none.
create or replace function public.take_file(worker text, engines text, lease_seconds int) returns text
language plpgsql security definer set search_path = '' as $$
declare
  at constant timestamptz := pg_catalog.clock_timestamp();
  taken public.generation_files;
begin
  update public.generation_files f set worker = take_file.worker, taken = f.taken + 1,
      lease_until = at + pg_catalog.make_interval(secs => take_file.lease_seconds)
    where f.id = (
      select o.id from public.generation_files o
      where o.state <> 'done' and o.look_after <= at and (o.lease_until is null or o.lease_until < at)
        and o.engine in (select pg_catalog.jsonb_array_elements_text(take_file.engines::jsonb))
      order by o.look_after, o.id limit 1 for update skip locked)
    returning * into taken;
  if taken.id is null then
    return null;
  end if;
  return (select pg_catalog.to_jsonb(taken) || pg_catalog.jsonb_build_object('batch_state', b.state,
      'calls_after_files', coalesce(b.calls_after_files, false))
    from (select 1) one left join public.generation_batches b on b.id = taken.batch_id)::text;
end
$$;

-- Note what is known of a file, by who works on it: columns of `told`, where they are given. Makes the lease
-- longer by "lease_seconds"; with "wait_seconds" lets go of the file, which is due again then. False where
-- somebody else works on it now.
create or replace function public.note_file(file uuid, worker text, told text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  given constant jsonb := note_file.told::jsonb;
  at constant timestamptz := pg_catalog.clock_timestamp();
begin
  update public.generation_files f set
    state = coalesce(given ->> 'state', f.state),
    input_file = coalesce(given ->> 'input_file', f.input_file),
    server_batch = coalesce(given ->> 'server_batch', f.server_batch),
    output_file = coalesce(given ->> 'output_file', f.output_file),
    error_file = coalesce(given ->> 'error_file', f.error_file),
    server_state = coalesce(given ->> 'server_state', f.server_state),
    questions = coalesce((given ->> 'questions')::int, f.questions),
    answered = coalesce((given ->> 'answered')::int, f.answered),
    refused = coalesce((given ->> 'refused')::int, f.refused),
    failures = coalesce((given ->> 'failures')::int, f.failures),
    looks = coalesce((given ->> 'looks')::int, f.looks),
    error_kind = case when given ? 'error_kind' then given ->> 'error_kind' else f.error_kind end,
    error = case when given ? 'error' then given ->> 'error' else f.error end,
    look_after = case when given ? 'wait_seconds'
      then at + pg_catalog.make_interval(secs => (given ->> 'wait_seconds')::float8) else f.look_after end,
    lease_until = case when given ? 'wait_seconds' then null
      else at + pg_catalog.make_interval(secs => coalesce((given ->> 'lease_seconds')::float8, 60)) end,
    worker = case when given ? 'wait_seconds' then null else f.worker end
    where f.id = note_file.file and f.worker = note_file.worker;
  return found;
end
$$;

-- End requests that a file holds, without a persona. `ends` is a list of {"id", and what end_generation
-- (026) is told}; "by_calls": what waits then is asked singly. One that is gone is settled.
create or replace function public.end_in_file(file uuid, ends text) returns int
language plpgsql security definer set search_path = '' as $$
declare
  one jsonb;
  ended int := 0;
begin
  -- All of them before the first batch, in the order of 026.
  perform from public.generation_requests r
    where r.id in (select (value ->> 'id')::uuid from pg_catalog.jsonb_array_elements(end_in_file.ends::jsonb))
    order by r.id for update;
  for one in select value from pg_catalog.jsonb_array_elements(end_in_file.ends::jsonb) order by value ->> 'id' loop
    if coalesce((one ->> 'by_calls')::boolean, false) then
      update public.generation_requests r set in_file = false
        where r.id = (one ->> 'id')::uuid and r.worker = persona_dashboard.file_worker(end_in_file.file);
    end if;
    perform public.end_generation((one ->> 'id')::uuid, persona_dashboard.file_worker(end_in_file.file), one::text);
    ended := ended + 1;
  end loop;
  return ended;
end
$$;

-- Nothing is left to do with a file. Tries whose requests are gone are settled.
create or replace function public.close_file(file uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  t persona_dashboard.generation_tries;
begin
  for t in
    select g.* from persona_dashboard.generation_tries g
    where g.beat_at = 'infinity' and g.worker = persona_dashboard.file_worker(close_file.file)
      and not exists (select from public.generation_requests r where r.id = g.request_id)
    order by g.request_id
  loop
    perform persona_dashboard.settle_try(t.request_id, t.worker, t.attempt, 0, 0);
  end loop;
  update public.generation_files f set state = 'done', worker = null, lease_until = null
    where f.id = close_file.file;
end
$$;

-- ------------------------------------------------------------------ equal texts

create or replace function persona_dashboard.keep_draft_key() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into persona_dashboard.draft_keys (key, persona_id, version, text_hash)
    select pg_catalog.decode(p.generation ->> 'key', 'hex'), p.id, p.version, new.text_hash
    from public.personas p
    where p.id = new.persona_id and p.generation ->> 'key' ~ '^[0-9a-f]{64}$'
    on conflict do nothing;
  return null;
end
$$;
create or replace trigger generation_requests_keep_key
  after update of status on public.generation_requests
  for each row when (new.status = 'saved' and old.status <> 'saved' and new.kind <> 'regenerate')
  execute function persona_dashboard.keep_draft_key();

-- Drafts with these keys, as they were drafted: a list of {key, persona_id, raw_text, persona, evidence,
-- generation}, the newest of each. `asked` is a list of {"key", "request"}; a request that is to be asked
-- anew gets none. What was rejected or thrown away is no draft to take over.
create or replace function public.earlier_drafts(asked text) returns text
language sql stable security definer set search_path = '' as $$
  select coalesce(pg_catalog.json_agg(found.draft), '[]')::text
  from pg_catalog.jsonb_to_recordset(earlier_drafts.asked::jsonb) a (key text, request uuid)
  cross join lateral (
    select pg_catalog.json_build_object('key', a.key, 'persona_id', p.id, 'raw_text', v.raw_text,
      'persona', v.persona, 'evidence', v.evidence, 'generation', v.generation) as draft
    from persona_dashboard.draft_keys k
    join public.personas p on p.id = k.persona_id and p.deleted_at is null and p.status <> 'rejected'
    join public.persona_history v on v.persona_id = k.persona_id and v.version = k.version
    where k.key = pg_catalog.decode(a.key, 'hex')
    order by p.created_at desc limit 1) found
  where a.key ~ '^[0-9a-f]{64}$'
    and not exists (select from public.generation_requests r where r.id = a.request and not r.reuse)
$$;

-- ------------------------------------------------------------------ rights

do $$
declare
  closed constant text := 'public, anon, authenticated, service_role';
  made text;
begin
  foreach made in array array['file_worker(uuid)', 'keep_draft_key()'] loop
    execute format('revoke execute on function persona_dashboard.%s from %s', made, closed);
  end loop;
  foreach made in array array['fill_file(text)', 'take_file(text, text, int)',
    'note_file(uuid, text, text)', 'end_in_file(uuid, text)', 'close_file(uuid)', 'earlier_drafts(text)'] loop
    execute format('revoke execute on function public.%s from %s', made, closed);
    execute format('grant execute on function public.%s to service_role', made);
  end loop;
end
$$;
