-- Batches: many requests that were given at once. The queue is generation_requests itself: one kind of
-- request, alone or in a batch.
--
--   queued ──claim_generations──> running ──save_generation──> saved
--     ^                             │ end_generation
--     └── to be tried again ────────┴──> failed, cancelled
--
-- Who works on a request holds a try of it (persona_dashboard.generation_tries): its lease, and what it
-- may cost at most. A try ends once, whoever ends it: its row goes in the transaction that counts its
-- cost. So nothing is counted twice, also where a call is repeated because its answer was lost.
--
-- Locks are always taken in this order, so that no two calls wait for each other:
--   a request and its try · the row of a model server · batches, in the order of their ids
-- What has locked a batch takes requests and tries only with `skip locked`, and never waits for one.

select persona_dashboard.claim_names('{generation_batches,generation_failures}', array[
  'create_batch(text)', 'change_batch(uuid, text)', 'enqueue_generations(uuid, text)',
  'claim_generations(text, text, int, int, text)', 'heartbeat_generations(text, text)',
  'save_generation(uuid, text, text)', 'end_generation(uuid, text, text)', 'take_turns(text)']);

create table if not exists public.generation_batches (
  id              uuid primary key, -- chosen by the client: sending the same batch twice makes one
  name            text not null default '' constraint generation_batches_name_short check (length(name) <= 200),
  created_by      text,
  state           text not null default 'preparing' constraint generation_batches_state_known
    check (state in ('preparing', 'running', 'paused', 'cancelled', 'finished')),
  pause_reason    text, -- user; cap: the next call might exceed it; no_price: a cap, and no price for a call
  engine          text not null,
  model           text,
  about           text not null default '' constraint generation_batches_about_short check (length(about) <= 200),
  way             text not null default 'calls' constraint generation_batches_way_known
    check (way in ('calls', 'batch_api')),
  calls_after_files boolean not null default true, -- what a file does not bring is asked singly
  reuse           boolean not null default true, -- an earlier draft of an equal text is taken over
  priority        int not null default 0, -- batches of a higher one go first
  cap_usd         numeric constraint generation_batches_cap_usd check (cap_usd >= 0),
  cap_tokens      bigint constraint generation_batches_cap_tokens check (cap_tokens >= 0),
  reserved_usd    numeric not null default 0, -- what the calls under way cost at most
  reserved_tokens bigint not null default 0,
  spent_usd       numeric not null default 0, -- and what those of lost workers may have cost
  spent_tokens    bigint not null default 0,
  queued          int not null default 0, -- its requests by status, kept by triggers: exact
  running         int not null default 0,
  saved           int not null default 0,
  failed          int not null default 0,
  cancelled       int not null default 0,
  total           int not null generated always as (queued + running + saved + failed + cancelled) stored,
  created_at      timestamptz not null default clock_timestamp(),
  updated_at      timestamptz not null default clock_timestamp()
);
comment on table public.generation_batches is
  'Requests to generate that were given at once, with their cap, what they cost, and how far they are.';

create index if not exists idx_generation_batches_created_at
  on public.generation_batches (created_at desc, id);
create index if not exists idx_generation_batches_running
  on public.generation_batches (id) where state = 'running';
create or replace trigger generation_batches_set_updated_at before update on public.generation_batches
  for each row execute function persona_dashboard.set_updated_at();

-- A request of kind "fill" is about a stored text without a persona; if it has one when the draft is
-- there, the draft becomes a proposal, as of kind "regenerate".
alter table public.generation_requests
  add column if not exists batch_id uuid references public.generation_batches (id) on delete cascade,
  add column if not exists position int, -- its place in the batch
  add column if not exists label text not null default '' -- the file or row it is from
    constraint generation_requests_label_short check (length(label) <= 300),
  add column if not exists run_after timestamptz not null default 'epoch',
  add column if not exists attempts int not null default 0, -- tries that were begun
  add column if not exists server text, -- the model server that its last try asks
  add column if not exists text_hash text, -- SHA-256 of the normalised text, in hex
  add column if not exists in_file boolean not null default false, -- to be asked in a file (028)
  add column if not exists file_id uuid, -- the last one it was in; no reference: files come and go
  add column if not exists reuse boolean not null default true, -- an earlier draft may be there
  add column if not exists max_usd numeric, -- what one try costs at most; null: the prices are not known
  add column if not exists max_tokens bigint;
alter table public.generation_requests drop constraint if exists generation_requests_kind_known;
alter table public.generation_requests add constraint generation_requests_kind_known
  check (kind in ('generate', 'regenerate', 'fill'));

create unique index if not exists idx_generation_requests_place
  on public.generation_requests (batch_id, position) where batch_id is not null;
create index if not exists idx_generation_requests_waiting -- claims
  on public.generation_requests (batch_id, in_file, run_after, position)
  where status = 'queued' and batch_id is not null;
create index if not exists idx_generation_requests_file
  on public.generation_requests (file_id, id) where status = 'running' and file_id is not null;
create index if not exists idx_generation_requests_open_singles -- claims
  on public.generation_requests (created_at, id)
  where batch_id is null and status in ('queued', 'running');
create index if not exists idx_generation_requests_failed -- reasons
  on public.generation_requests (batch_id, error_kind, position)
  where status = 'failed' and batch_id is not null;
create index if not exists idx_generation_requests_text_hash
  on public.generation_requests (text_hash) where text_hash is not null;

-- A try under way: who holds the request, and what was reserved for it. `lost`: its worker gave no sign
-- of life; its cost is not known, so the most is counted as spent until its worker tells.
create table if not exists persona_dashboard.generation_tries (
  request_id      uuid not null, -- no reference: a deleted request must still be settled
  worker          text not null,
  attempt         int not null,
  batch_id        uuid references public.generation_batches (id) on delete cascade,
  reserved_usd    numeric not null,
  reserved_tokens bigint not null,
  lost            boolean not null default false,
  beat_at         timestamptz not null default clock_timestamp(),
  primary key (request_id, worker, attempt)
);
create index if not exists generation_tries_batch on persona_dashboard.generation_tries (batch_id);
create index if not exists generation_tries_beat on persona_dashboard.generation_tries (beat_at);

-- Which draft came of which question: text, engine, model, prompt, fields and settings, as one hash.
create table if not exists persona_dashboard.draft_keys (
  key        bytea not null,
  persona_id uuid not null references public.personas (id) on delete cascade, -- an erasure takes it along
  version    int not null, -- as it was drafted, before anybody changed it
  text_hash  text, -- of the request
  primary key (key, persona_id)
);
create index if not exists draft_keys_text on persona_dashboard.draft_keys (text_hash) where text_hash is not null;
create index if not exists draft_keys_persona on persona_dashboard.draft_keys (persona_id);

-- A model server, by the name that workers give it: whether it is down, and who was let through lately.
create table if not exists persona_dashboard.model_servers (
  server       text primary key,
  failures     int not null default 0, -- one after the other
  opened       int not null default 0, -- how often without an answer in between
  open_until   timestamptz, -- nobody asks it before; after it, one tries
  trying_until timestamptz
);
create table if not exists persona_dashboard.model_turns (
  id     bigint generated always as identity primary key,
  server text not null references persona_dashboard.model_servers (server) on delete cascade,
  at     timestamptz not null,
  tokens bigint not null
);
create index if not exists model_turns_at on persona_dashboard.model_turns (server, at);

do $$
declare
  made text;
begin
  foreach made in array array['generation_tries', 'draft_keys', 'model_servers', 'model_turns'] loop
    execute format('alter table persona_dashboard.%I enable row level security', made);
    execute format('revoke all on persona_dashboard.%I from public, anon, authenticated, service_role', made);
  end loop;
end
$$;

-- Members read batches and delete them; everything else goes through the functions below.
select persona_dashboard.open_to_members('generation_batches', 'viewer', 'analyst');
revoke all on public.generation_batches from public, anon, authenticated, service_role;
grant select, delete on public.generation_batches to authenticated, service_role;

-- Why requests of a batch came to no persona, with one message of each kind.
create or replace view public.generation_failures with (security_invoker = true) as
  select batch_id, error_kind, count(*)::int as requests, min(error) as example
  from public.generation_requests where status = 'failed' and batch_id is not null
  group by batch_id, error_kind;
revoke all on public.generation_failures from public, anon, authenticated, service_role;
grant select on public.generation_failures to authenticated, service_role;

-- ------------------------------------------------------------------ counts

-- Once a statement, however many rows it changes. The batch is locked from here to the end of the
-- transaction, so that a count is never written over: what takes long has been done before.
create or replace function persona_dashboard.count_batch_requests() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  changes jsonb;
  change record;
begin
  if tg_op = 'INSERT' then
    select pg_catalog.jsonb_agg(c) into changes from (
      select n.batch_id, n.status, pg_catalog.count(*)::int as by from new_rows n
      where n.batch_id is not null group by 1, 2) c;
  elsif tg_op = 'DELETE' then
    select pg_catalog.jsonb_agg(c) into changes from (
      select o.batch_id, o.status, -pg_catalog.count(*)::int as by from old_rows o
      where o.batch_id is not null group by 1, 2) c;
  else
    select pg_catalog.jsonb_agg(c) into changes from (
      select b.batch_id, b.status, pg_catalog.sum(b.by)::int as by from (
        select n.batch_id, n.status, 1 as by from new_rows n where n.batch_id is not null
        union all select o.batch_id, o.status, -1 from old_rows o where o.batch_id is not null) b
      group by 1, 2 having pg_catalog.sum(b.by) <> 0) c;
  end if;
  for change in
    select c.batch_id,
      coalesce(pg_catalog.sum(c.by) filter (where c.status = 'queued'), 0)::int as queued,
      coalesce(pg_catalog.sum(c.by) filter (where c.status = 'running'), 0)::int as running,
      coalesce(pg_catalog.sum(c.by) filter (where c.status = 'saved'), 0)::int as saved,
      coalesce(pg_catalog.sum(c.by) filter (where c.status = 'failed'), 0)::int as failed,
      coalesce(pg_catalog.sum(c.by) filter (where c.status = 'cancelled'), 0)::int as cancelled
    from pg_catalog.jsonb_to_recordset(coalesce(changes, '[]')) c (batch_id uuid, status text, by int)
    group by 1 order by 1
  loop
    update public.generation_batches b set
      queued = b.queued + change.queued, running = b.running + change.running,
      saved = b.saved + change.saved, failed = b.failed + change.failed,
      cancelled = b.cancelled + change.cancelled,
      state = persona_dashboard.batch_state(b.state,
        b.queued + change.queued + b.running + change.running)
      where b.id = change.batch_id;
  end loop;
  return null;
end
$$;

-- A running batch with nothing left to do is finished; one that gets something to do again goes on.
create or replace function persona_dashboard.batch_state(state text, open int) returns text
language sql immutable set search_path = '' as $$
  select case when state = 'running' and open = 0 then 'finished'
    when state = 'finished' and open > 0 then 'running' else state end
$$;

create or replace trigger generation_requests_count_insert after insert on public.generation_requests
  referencing new table as new_rows
  for each statement execute function persona_dashboard.count_batch_requests();
create or replace trigger generation_requests_count_update after update on public.generation_requests
  referencing old table as old_rows new table as new_rows
  for each statement execute function persona_dashboard.count_batch_requests();
create or replace trigger generation_requests_count_delete after delete on public.generation_requests
  referencing old table as old_rows
  for each statement execute function persona_dashboard.count_batch_requests();

-- ------------------------------------------------------------------ batches

-- A batch, to be filled by enqueue_generations and begun by change_batch. `given` is an object of its
-- columns; the same id again changes nothing.
create or replace function public.create_batch(given text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  batch constant jsonb := create_batch.given::jsonb;
begin
  perform persona_dashboard.require_role('analyst');
  insert into public.generation_batches
      (id, name, created_by, engine, model, about, way, calls_after_files, reuse, priority, cap_usd, cap_tokens)
    values ((batch ->> 'id')::uuid, coalesce(batch ->> 'name', ''),
      coalesce(persona_dashboard.acting_member()::text, batch ->> 'created_by'),
      batch ->> 'engine', batch ->> 'model', coalesce(batch ->> 'about', ''),
      coalesce(batch ->> 'way', 'calls'), coalesce((batch ->> 'calls_after_files')::boolean, true),
      coalesce((batch ->> 'reuse')::boolean, true), coalesce((batch ->> 'priority')::int, 0),
      (batch ->> 'cap_usd')::numeric, (batch ->> 'cap_tokens')::bigint)
    on conflict (id) do nothing;
end
$$;

-- Add requests to a batch: a list of {position, raw_text, label, kind, persona_id, sources, about,
-- text_hash, max_usd, max_tokens}, all but the first two optional. A place that is taken stays as it is,
-- so a call may be repeated. An earlier draft is looked for only where an equal text has been drafted: workers
-- do not look for all. Returns how many were added.
create or replace function public.enqueue_generations(batch uuid, rows text) returns int
language plpgsql security definer set search_path = '' as $$
declare
  found_batch public.generation_batches;
  added int;
begin
  perform persona_dashboard.require_role('analyst');
  select * into found_batch from public.generation_batches b where b.id = enqueue_generations.batch;
  if found_batch.id is null or found_batch.state = 'cancelled' then
    raise exception 'This batch does not exist, or was cancelled.' using errcode = 'PT409';
  end if;
  insert into public.generation_requests (id, batch_id, position, raw_text, label, kind, persona_id,
      sources, about, text_hash, max_usd, max_tokens, engine, model, created_by, in_file, reuse)
    select pg_catalog.gen_random_uuid(), found_batch.id, r.position, r.raw_text, coalesce(r.label, ''),
      coalesce(r.kind, 'generate'), r.persona_id, coalesce(r.sources, '[]'),
      coalesce(r.about, found_batch.about), r.text_hash, r.max_usd, r.max_tokens,
      found_batch.engine, found_batch.model, found_batch.created_by,
      found_batch.way = 'batch_api', found_batch.reuse and (r.text_hash is null or exists (
        select from persona_dashboard.draft_keys k where k.text_hash = r.text_hash))
    from pg_catalog.jsonb_to_recordset(enqueue_generations.rows::jsonb) r (position int, raw_text text,
      label text, kind text, persona_id uuid, sources jsonb, about text, text_hash text,
      max_usd numeric, max_tokens bigint)
    on conflict (batch_id, position) where batch_id is not null do nothing;
  get diagnostics added = row_count;
  return added;
end
$$;

-- Change a batch: {"action": start, resume, pause, cancel, run_again or set}, and with it
--   cap_usd, cap_tokens, name   new values, where the key is there
--   reason                      of a pause; "user" if not given
--   ids, kinds                  of run_again: only these requests, only these error kinds
-- Answers {"state", "changed": requests, "left": whether there are more: call again}.
-- What it says holds for every claim from its commit on, because a claim locks the batch as well.
create or replace function public.change_batch(batch uuid, change text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  wanted constant jsonb := change_batch.change::jsonb;
  action constant text := coalesce(wanted ->> 'action', 'set');
  b public.generation_batches;
  changed int := 0;
  step int := 1;
begin
  perform persona_dashboard.require_role('analyst');
  if action not in ('start', 'resume', 'pause', 'cancel', 'run_again', 'set') then
    raise exception 'A batch has no such action.' using errcode = 'PT400';
  end if;
  select * into b from public.generation_batches g where g.id = change_batch.batch for update;
  if b.id is null then
    raise exception 'This batch does not exist (any more).' using errcode = 'PT404';
  end if;
  update public.generation_batches g set
    name = coalesce(wanted ->> 'name', g.name),
    cap_usd = case when wanted ? 'cap_usd' then (wanted ->> 'cap_usd')::numeric else g.cap_usd end,
    cap_tokens = case when wanted ? 'cap_tokens' then (wanted ->> 'cap_tokens')::bigint else g.cap_tokens end,
    state = case
      when action in ('start', 'resume') and g.state in ('preparing', 'paused')
        then persona_dashboard.batch_state('running', g.queued + g.running)
      when action = 'pause' and g.state in ('preparing', 'running') then 'paused'
      when action = 'cancel' and g.state <> 'finished' then 'cancelled'
      when action = 'run_again' and g.failed + g.cancelled > 0 then 'running'
      else g.state end
    where g.id = b.id returning * into b;
  update public.generation_batches g set pause_reason =
    case when g.state = 'paused' then coalesce(wanted ->> 'reason', g.pause_reason, 'user') end
    where g.id = b.id;
  while step > 0 and persona_dashboard.has_time_left()
    and ((action = 'cancel' and b.state = 'cancelled') or action = 'run_again')
  loop
    step := persona_dashboard.move_requests(b.id, wanted);
    changed := changed + step;
  end loop;
  update public.generation_batches g set state = persona_dashboard.batch_state(g.state, g.queued + g.running)
    where g.id = b.id returning * into b;
  return pg_catalog.json_build_object('state', b.state, 'changed', changed, 'left', step > 0 and changed > 0);
end
$$;

-- Some of the requests that an action is about: queued ones end with their batch, those that ended
-- without a persona wait again. Those that somebody changes just now are left: the batch is locked.
create or replace function persona_dashboard.move_requests(batch uuid, wanted jsonb) returns int
language plpgsql security definer set search_path = '' as $$
declare
  again constant boolean := wanted ->> 'action' = 'run_again';
  ids constant uuid[] := array(select pg_catalog.jsonb_array_elements_text(wanted -> 'ids')::uuid);
  kinds constant text[] := array(select pg_catalog.jsonb_array_elements_text(wanted -> 'kinds'));
  moved int;
begin
  update public.generation_requests r set
      status = case when again then 'queued' else 'cancelled' end,
      attempts = case when again then 0 else r.attempts end, run_after = 'epoch',
      worker = null, heartbeat_at = null, error_kind = null, error = null
    where r.id in (
      select q.id from public.generation_requests q
      where q.batch_id = move_requests.batch
        and case when again then q.status in ('failed', 'cancelled') else q.status = 'queued' end
        and (not wanted ? 'ids' or q.id = any (ids))
        and (not wanted ? 'kinds' or q.error_kind = any (kinds))
      order by q.position limit 1000 for update skip locked);
  get diagnostics moved = row_count;
  return moved;
end
$$;

-- ------------------------------------------------------------------ tries

-- Ends a try, once: false if there is none (any more). Of a try that was lost, its reservation was
-- counted as spent; now it is what it was. Without `attempt`, the newest of this worker.
create or replace function persona_dashboard.settle_try(
  request uuid, worker text, attempt int, usd numeric, tokens bigint
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  t persona_dashboard.generation_tries;
begin
  delete from persona_dashboard.generation_tries g
    where g.request_id = settle_try.request and g.worker = settle_try.worker
      and g.attempt = coalesce(settle_try.attempt, (
        select max(n.attempt) from persona_dashboard.generation_tries n
        where n.request_id = settle_try.request and n.worker = settle_try.worker))
    returning * into t;
  if t.request_id is null then
    return false;
  end if;
  update public.generation_batches b set
    reserved_usd = b.reserved_usd - case when t.lost then 0 else t.reserved_usd end,
    reserved_tokens = b.reserved_tokens - case when t.lost then 0 else t.reserved_tokens end,
    spent_usd = b.spent_usd + greatest(coalesce(usd, 0), 0) - case when t.lost then t.reserved_usd else 0 end,
    spent_tokens = b.spent_tokens + greatest(coalesce(tokens, 0), 0)
      - case when t.lost then t.reserved_tokens else 0 end
    where b.id = t.batch_id;
  return true;
end
$$;

-- Takes what lost workers held away from them. Its caller has locked their batches. After a restart of
-- the database nobody could give a sign of life: live workers get one lease time first.
create or replace function persona_dashboard.lose_tries(stale interval, most_attempts int) returns void
language plpgsql security definer set search_path = '' as $$
declare
  at constant timestamptz := pg_catalog.clock_timestamp();
  t persona_dashboard.generation_tries;
begin
  if pg_catalog.pg_postmaster_start_time() + stale > at then
    return;
  end if;
  for t in
    select * from persona_dashboard.generation_tries g where g.beat_at < at - stale and not g.lost
    order by g.beat_at limit 200 for update skip locked
  loop
    perform from public.generation_requests r where r.id = t.request_id for update skip locked;
    if not found and exists (select from public.generation_requests r where r.id = t.request_id) then
      continue; -- it is just being saved or ended
    end if;
    update persona_dashboard.generation_tries g set lost = true
      where g.request_id = t.request_id and g.worker = t.worker and g.attempt = t.attempt;
    update public.generation_batches b set
      reserved_usd = b.reserved_usd - t.reserved_usd, spent_usd = b.spent_usd + t.reserved_usd,
      reserved_tokens = b.reserved_tokens - t.reserved_tokens, spent_tokens = b.spent_tokens + t.reserved_tokens
      where b.id = t.batch_id;
    update public.generation_requests r set worker = null, heartbeat_at = null,
      status = case when b.state = 'cancelled' then 'cancelled'
        when r.attempts >= most_attempts then 'failed' else 'queued' end,
      error_kind = 'interrupted',
      error = 'Whoever worked on this stopped in the middle. Run it again.'
      from public.generation_batches b
      where r.id = t.request_id and b.id = r.batch_id and r.status = 'running'
        and r.worker = t.worker and r.attempts = t.attempt;
  end loop;
  delete from persona_dashboard.generation_tries g where g.lost and g.beat_at < at - interval '7 days';
end
$$;

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

-- ------------------------------------------------------------------ claims

-- Take at most `n` requests to work on, of these engines (a JSON list): first single ones that nobody
-- works on, then those of batches: of higher priority first, else where the fewest are under way.
-- `conditions` is {"attempts": tries a request has at most, "servers": {engine: model server}, "held": after
-- a claim without an answer, the requests that the worker knows of}.
-- Answers a JSON list of the requests, with their texts.
--
-- One claim at a time, by a lock of its own; and it locks every batch that it may take from, in the order of
-- their ids, before it looks at one, since saving and ending settle there. So what it reads of caps, counts
-- and reservations is what holds until it commits, and the sum of spent and reserved never exceeds a cap,
-- however many claim. A batch that is begun in between is locked before it is taken from. One that is
-- finished or paused, and holds nothing, is not locked, however many there are.
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
      'max_usd', r.max_usd, 'max_tokens', r.max_tokens, 'text_hash', r.text_hash,
      'reuse', r.reuse)
      order by r.batch_id nulls first, r.run_after, r.position)
    from public.generation_requests r where r.id = any (taken))::text, '[]');
end
$$;

-- Which batches give how many of `free`: one slot after the other goes to the batch of the highest
-- priority, and among equals to that with the fewest requests under way. Of batches that are asked in files,
-- what is to be asked singly.
create or replace function persona_dashboard.batch_shares(able text[], free int, dry uuid[])
returns table (batch uuid, size int)
language sql stable security definer set search_path = '' as $$
  select slots.id, pg_catalog.count(*)::int from (
    select b.id, b.created_at from public.generation_batches b
    cross join lateral (
      select case when b.way = 'calls' then b.queued else (
        select pg_catalog.count(*)::int from (
          select from public.generation_requests r
          where r.batch_id = b.id and not r.in_file and r.status = 'queued'
            and r.run_after <= pg_catalog.clock_timestamp() limit free) few) end as waiting) w
    cross join lateral pg_catalog.generate_series(b.running + 1, b.running + least(w.waiting, free)) slot
    where b.state = 'running' and b.engine = any (able) and b.queued > 0 and b.id <> all (dry)
    order by b.priority desc, slot, b.created_at, b.id limit free) slots
  group by slots.id, slots.created_at order by slots.created_at, slots.id
$$;

-- Single requests that were handed back, or whose dashboard is gone. One that was taken three times
-- without being handed back stays for a person: it may be what ends the dashboards.
create or replace function persona_dashboard.claim_singles(
  worker text, able text[], n int, stale interval, servers jsonb
) returns uuid[]
language plpgsql security definer set search_path = '' as $$
declare
  at constant timestamptz := pg_catalog.clock_timestamp();
  judged constant boolean := pg_catalog.pg_postmaster_start_time() + stale < at;
  taken uuid[];
begin
  with waiting as (
    select r.id from public.generation_requests r
    where r.batch_id is null and r.status in ('queued', 'running') and r.resumed < 3
      and r.engine = any (able) and r.run_after <= at
      and (r.worker is null or (judged and coalesce(r.heartbeat_at, r.created_at) < at - stale))
    order by r.created_at, r.id limit n for update skip locked),
  begun as (
    update public.generation_requests r set status = 'running', worker = claim_singles.worker,
      heartbeat_at = at, resumed = r.resumed + 1, attempts = r.attempts + 1,
      server = servers ->> r.engine, error_kind = null, error = null
    from waiting where r.id = waiting.id returning r.id, r.attempts),
  held as (
    insert into persona_dashboard.generation_tries
        (request_id, worker, attempt, reserved_usd, reserved_tokens)
      select begun.id, claim_singles.worker, begun.attempts, 0, 0 from begun)
  select coalesce(pg_catalog.array_agg(begun.id), '{}') into taken from begun;
  return taken;
end
$$;

-- At most `n` requests of one batch, as far as its cap lets: single ones or, for `files`, those that are to be
-- asked in a file, with this share of the price reserved. Its caller has locked the batch, so what is
-- spent and reserved is what every other claim and every settlement has left there. At a cap the batch
-- pauses once nothing of it is under way: until then a call may turn out cheaper than its most.
create or replace function persona_dashboard.claim_of_batch(
  batch uuid, n int, worker text, servers jsonb, files boolean default false, price_share numeric default 1
) returns uuid[]
language plpgsql security definer set search_path = '' as $$
declare
  at constant timestamptz := pg_catalog.clock_timestamp();
  most_bytes constant bigint := 8000000; -- of texts in one answer
  b public.generation_batches;
  found_rows int;
  unpriced boolean;
  usd numeric;
  tokens bigint;
  taken uuid[];
begin
  select * into b from public.generation_batches g where g.id = claim_of_batch.batch;
  with waiting as (
    select r.id, r.run_after, r.position, r.max_usd * price_share as max_usd, r.max_tokens,
      octet_length(r.raw_text) as bytes
    from public.generation_requests r
    where r.batch_id = b.id and r.in_file = files and r.status = 'queued' and r.run_after <= at
    order by r.run_after, r.position limit claim_of_batch.n for update skip locked),
  summed as (
    select w.id, row_number() over places as number, sum(w.bytes) over places as bytes,
      sum(w.max_usd) over places as usd, sum(w.max_tokens) over places as tokens,
      (b.cap_usd is not null and bool_or(w.max_usd is null) over places)
        or (b.cap_tokens is not null and bool_or(w.max_tokens is null) over places) as unpriced
    from waiting w window places as (order by w.run_after, w.position)),
  fitting as (
    select * from summed s where not s.unpriced and (s.bytes <= most_bytes or s.number = 1)
      and (b.cap_usd is null or b.spent_usd + b.reserved_usd + s.usd <= b.cap_usd)
      and (b.cap_tokens is null or b.spent_tokens + b.reserved_tokens + s.tokens <= b.cap_tokens))
  select (select count(*) from summed), (select bool_or(s.unpriced and s.number = 1) from summed s),
      coalesce((select pg_catalog.array_agg(f.id) from fitting f), '{}'),
      coalesce((select max(f.usd) from fitting f), 0), coalesce((select max(f.tokens) from fitting f), 0)
    into found_rows, unpriced, taken, usd, tokens;
  if found_rows > 0 and taken = '{}' and not exists (
      select from persona_dashboard.generation_tries t where t.batch_id = b.id and not t.lost) then
    update public.generation_batches g set state = 'paused',
      pause_reason = case when unpriced then 'no_price' else 'cap' end where g.id = b.id;
  end if;
  if taken = '{}' then
    return taken;
  end if;
  update public.generation_requests r set status = 'running', worker = claim_of_batch.worker,
    heartbeat_at = at, attempts = r.attempts + 1, server = servers ->> r.engine,
    error_kind = null, error = null
    where r.id = any (taken);
  insert into persona_dashboard.generation_tries
      (request_id, worker, attempt, batch_id, reserved_usd, reserved_tokens)
    select r.id, claim_of_batch.worker, r.attempts, b.id, coalesce(r.max_usd * price_share, 0),
      coalesce(r.max_tokens, 0)
    from public.generation_requests r where r.id = any (taken);
  update public.generation_batches g set
    reserved_usd = g.reserved_usd + usd, reserved_tokens = g.reserved_tokens + tokens where g.id = b.id;
  return taken;
end
$$;

-- Tell that `worker` still works on these requests (a JSON list of ids). Answers those it still holds:
-- stop the work on the others, which were cancelled, saved or taken over. Waits for nobody: what is being
-- saved or ended at this moment needs no sign of life.
create or replace function public.heartbeat_generations(worker text, ids text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  asked constant uuid[] := array(select pg_catalog.jsonb_array_elements_text(heartbeat_generations.ids::jsonb)::uuid);
  held uuid[];
begin
  select coalesce(pg_catalog.array_agg(r.id), '{}') into held
    from persona_dashboard.generation_tries t
    join public.generation_requests r on r.id = t.request_id
    left join public.generation_batches b on b.id = r.batch_id
    where t.worker = heartbeat_generations.worker and not t.lost and t.request_id = any (asked)
      and r.status = 'running' and r.worker = t.worker and r.attempts = t.attempt
      and b.state is distinct from 'cancelled';
  update persona_dashboard.generation_tries t set beat_at = pg_catalog.clock_timestamp()
    where (t.request_id, t.worker, t.attempt) in (
      select l.request_id, l.worker, l.attempt from persona_dashboard.generation_tries l
      where l.worker = heartbeat_generations.worker and not l.lost and l.request_id = any (asked)
      for update skip locked);
  update public.generation_requests r set heartbeat_at = pg_catalog.clock_timestamp()
    where r.id in (select l.id from public.generation_requests l
      where l.id = any (held) and l.batch_id is null for update skip locked);
  return pg_catalog.to_json(held)::text;
end
$$;

-- ------------------------------------------------------------------ ends

-- Saves the draft of a request, closes the request and settles what it cost, all or nothing. Called
-- again, it gives the same persona. `result` is {persona, evidence, generation, attempt, usd, tokens},
-- the last two what this try alone took. Who has a try of the request may save it, also when the request
-- was given to somebody else meanwhile, or ended: a paid answer is never thrown away, and whoever works
-- on the request then finds it saved. Without a try or a claim: PT409 (HTTP 409).
create or replace function public.save_generation(request_id uuid, worker text, result text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  given constant jsonb := save_generation.result::jsonb;
  tried constant int := (given ->> 'attempt')::int;
  request public.generation_requests;
  saved_id uuid;
begin
  select * into request from public.generation_requests r where r.id = save_generation.request_id for update;
  perform from persona_dashboard.generation_tries t
    where t.request_id = save_generation.request_id and t.worker = save_generation.worker
      and t.attempt = coalesce(tried, t.attempt) for update;
  if not found and request.status is distinct from 'saved'
     and (request.status is distinct from 'running' or request.worker is distinct from save_generation.worker
       or request.batch_id is not null) then
    raise exception 'This generation is not held by this worker (any more).'
      using errcode = 'PT409', hint = 'Claim it again before saving.';
  end if;
  perform persona_dashboard.note_server(request.server, true);
  if request.status is distinct from 'saved' then
    saved_id := persona_dashboard.store_draft(request.id, given);
  end if;
  perform persona_dashboard.settle_try(save_generation.request_id, save_generation.worker, tried,
    (given ->> 'usd')::numeric, (given ->> 'tokens')::bigint);
  return coalesce(saved_id, request.persona_id);
end
$$;

-- The draft as a persona, as that of a stored text, or as a proposal; the id of the persona.
-- Its caller has locked the request.
create or replace function persona_dashboard.store_draft(request_id uuid, given jsonb)
returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  drafted constant jsonb := given -> 'persona';
  found_in constant jsonb := coalesce(nullif(given -> 'evidence', 'null'), '[]');
  made_by constant jsonb := nullif(given -> 'generation', 'null');
  by_model constant jsonb := persona_dashboard.model_origins(drafted);
  request public.generation_requests;
  saved_id uuid;
  proposed boolean;
begin
  select * into request from public.generation_requests r where r.id = store_draft.request_id;
  saved_id := request.persona_id;
  proposed := request.kind = 'regenerate';
  if request.kind = 'generate' then
    insert into public.personas as p
        (raw_text, persona, evidence, generation, sources, origins, created_by)
      values (request.raw_text, drafted, found_in, made_by, request.sources, by_model, request.created_by)
      returning p.id into saved_id;
  elsif request.kind = 'fill' then
    -- only as long as nobody has written one: the row is locked while it is looked at
    update public.personas p set persona = drafted, evidence = found_in, generation = made_by,
        origins = by_model, origin = persona_dashboard.generation_origin(made_by),
        updated_by = coalesce(request.created_by, persona_dashboard.writing_role())
      where p.id = request.persona_id and p.persona = '{}' and p.raw_text = request.raw_text
        and p.deleted_at is null;
    proposed := not found;
  end if;
  update public.generation_requests r set status = 'saved', persona_id = saved_id,
    kind = case when proposed then 'regenerate' else r.kind end, error_kind = null, error = null,
    proposal = case when proposed then pg_catalog.jsonb_build_object(
      'persona', drafted, 'evidence', found_in, 'generation', made_by) else r.proposal end
    where r.id = request.id;
  return saved_id;
end
$$;

-- As in 008, by the same way as above.
create or replace function public.finish_generation(
  request_id uuid, worker text, persona text, evidence text, generation text
) returns uuid
language sql volatile security invoker set search_path = '' as $$
  select public.save_generation(request_id, worker, pg_catalog.jsonb_build_object(
    'persona', persona::jsonb, 'evidence', evidence::jsonb, 'generation', generation::jsonb)::text)
$$;

-- Ends a try without a persona, and settles it. `outcome` is
--   status         queued: to be tried again; failed, cancelled
--   after_seconds  of queued: not before
--   attempts       of queued: tries a request has at most; then it has failed
--   returned       of queued: handed back, which counts as no try
--   kind, error    why
--   attempt        which try, as it was claimed
--   usd, tokens    what this try took; spent: what all tries took, as it is stored
--   down           0: the model server answered; 1: it is at fault, not the text; 2: it refuses everybody
-- Answers the status of the request then; null if it is gone. What another worker holds, or what ended
-- meanwhile, is left as it is. While the server is down its failures count as no try of the text.
create or replace function public.end_generation(request_id uuid, worker text, outcome text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  told constant jsonb := end_generation.outcome::jsonb;
  tried constant int := (told ->> 'attempt')::int;
  at constant timestamptz := pg_catalog.clock_timestamp();
  request public.generation_requests;
  batch_is_cancelled boolean;
  open_until timestamptz;
  uncounted boolean;
  final text := told ->> 'status';
begin
  if final is null or final not in ('queued', 'failed', 'cancelled') then
    raise exception 'A try ends queued, failed or cancelled.' using errcode = 'PT400';
  end if;
  select * into request from public.generation_requests r where r.id = end_generation.request_id for update;
  perform from persona_dashboard.generation_tries t
    where t.request_id = end_generation.request_id and t.worker = end_generation.worker
      and t.attempt = tried for update;
  if found and told ? 'down' then
    open_until := persona_dashboard.note_server(
      request.server, (told ->> 'down')::int = 0, (told ->> 'down')::int > 1);
  end if;
  if request.status = 'running' and request.worker = end_generation.worker and request.attempts = tried then
    uncounted := coalesce((told ->> 'returned')::boolean, false) or coalesce(open_until > at, false);
    batch_is_cancelled := exists (select from public.generation_batches b
      where b.id = request.batch_id and b.state = 'cancelled');
    final := case
      when batch_is_cancelled then 'cancelled'
      when final = 'failed' and open_until > at then 'queued'
      when final = 'queued' and not uncounted and (
        tried >= coalesce((told ->> 'attempts')::int, 5) or (request.batch_id is null and request.resumed >= 3))
        then 'failed'
      else final end;
    update public.generation_requests r set status = final, worker = null, heartbeat_at = null,
      attempts = r.attempts - case when uncounted then 1 else 0 end,
      resumed = case when uncounted then 0 else r.resumed end,
      run_after = case when final <> 'queued' then r.run_after else greatest(open_until,
        at + pg_catalog.make_interval(secs => coalesce((told ->> 'after_seconds')::float8, 0))) end,
      error_kind = told ->> 'kind', error = told ->> 'error', spent = coalesce(nullif(told -> 'spent', 'null'), r.spent)
      where r.id = request.id;
  else
    final := request.status;
  end if;
  perform persona_dashboard.settle_try(end_generation.request_id, end_generation.worker, tried,
    (told ->> 'usd')::numeric, (told ->> 'tokens')::bigint);
  return final;
end
$$;

-- ------------------------------------------------------------------ model servers

-- After an answer (`works`) or a failure of a model server; until when nobody asks it, if it is down.
-- Five failures one after the other, or one that everybody would meet, open the breaker: for 5 s, then
-- twice as long after each try that fails, at most 5 minutes. Failures of calls that were under way when
-- it opened do not make it longer.
create or replace function persona_dashboard.note_server(server text, works boolean, hard boolean default false)
returns timestamptz
language plpgsql security definer set search_path = '' as $$
declare
  at constant timestamptz := pg_catalog.clock_timestamp();
  s persona_dashboard.model_servers;
begin
  if note_server.server is null then
    return null;
  end if;
  if works then
    update persona_dashboard.model_servers m
      set failures = 0, opened = 0, open_until = null, trying_until = null
      where m.server = note_server.server and (m.failures > 0 or m.open_until is not null);
    return null;
  end if;
  insert into persona_dashboard.model_servers as m (server, failures) values (note_server.server, 1)
    on conflict on constraint model_servers_pkey do update set failures = m.failures + 1
    returning * into s;
  if s.open_until > at or (s.open_until is null and s.failures < 5 and not hard) then
    return s.open_until;
  end if;
  update persona_dashboard.model_servers m set opened = m.opened + 1, trying_until = null,
    open_until = at + pg_catalog.make_interval(secs => least(300, 5 * 2 ^ least(m.opened, 10)))
    where m.server = note_server.server returning m.open_until into s.open_until;
  return s.open_until;
end
$$;

-- The engines whose model server may be asked. Locks servers that are down, until the claim ends: of all
-- that ask at once after the pause, one gets a request.
create or replace function persona_dashboard.engines_up(able text[], servers jsonb) returns text[]
language plpgsql security definer set search_path = '' as $$
declare
  at constant timestamptz := pg_catalog.clock_timestamp();
  shut text[];
begin
  perform from persona_dashboard.model_servers m
    where m.open_until is not null and m.server in (select value from pg_catalog.jsonb_each_text(servers))
    order by m.server for update;
  shut := array(select m.server from persona_dashboard.model_servers m
    where m.open_until > at or m.trying_until > at);
  return array(select e from pg_catalog.unnest(able) e where (servers ->> e) is null or servers ->> e <> all (shut));
end
$$;

-- How many may be claimed: one, if a server of these engines is to be tried after it was down.
create or replace function persona_dashboard.free_by_breaker(able text[], servers jsonb, n int) returns int
language sql stable security definer set search_path = '' as $$
  select case when exists (
      select from persona_dashboard.model_servers m
      where m.open_until <= pg_catalog.clock_timestamp()
        and coalesce(m.trying_until, 'epoch') <= pg_catalog.clock_timestamp()
        and m.server in (select servers ->> e from pg_catalog.unnest(able) e))
    then least(n, 1) else n end
$$;

-- What was claimed of a server that was down is the one that tries it; if its worker is lost, another
-- may after a minute.
create or replace function persona_dashboard.begin_half_open(able text[], servers jsonb, taken uuid[])
returns void
language sql volatile security definer set search_path = '' as $$
  update persona_dashboard.model_servers m
    set trying_until = pg_catalog.clock_timestamp() + interval '1 minute'
    where m.open_until is not null and m.server in (
      select r.server from public.generation_requests r where r.id = any (taken))
$$;

-- Leave to send requests to a model server: `asked` is
--   server, requests, tokens   its limits a minute, null for none
--   share                      of the limits that may be used, 0 to 1
--   wanted                     for each request the tokens it takes at most, the most urgent first
--   used                       [{turn, tokens}]: what requests that were let through did take
-- Answers {"turns": a number for each that is let through, in their order, "wait": seconds}.
--
-- Exact in every window of 60 s at the server: who is let through sends within 2 s or asks again, so
-- what arrives in 60 s was let through in 62 s, and no 62 s hold more than the limit. One asks at a
-- time (the row of the server is locked), and the clock is read after the lock is there.
create or replace function public.take_turns(asked text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  told constant jsonb := take_turns.asked::jsonb;
  named constant text := told ->> 'server';
  share constant float8 := least(coalesce((told ->> 'share')::float8, 1), 1);
  most_requests constant bigint := case when told ->> 'requests' is not null
    then greatest(1, floor((told ->> 'requests')::int * share)) end;
  most_tokens constant bigint := floor((told ->> 'tokens')::bigint * share);
  kept constant interval := interval '62 seconds';
  moment timestamptz;
  requests bigint;
  tokens bigint;
  wanted bigint;
  turn bigint;
  turns bigint[] := '{}';
  wait float8 := 0;
begin
  if named is null or named = '' then
    raise exception 'A model server has a name.' using errcode = 'PT400';
  end if;
  insert into persona_dashboard.model_servers (server) values (named) on conflict do nothing;
  perform from persona_dashboard.model_servers m where m.server = named for update;
  moment := pg_catalog.clock_timestamp();
  delete from persona_dashboard.model_turns t where t.server = named and t.at < moment - kept;
  update persona_dashboard.model_turns t set tokens = u.tokens
    from pg_catalog.jsonb_to_recordset(coalesce(told -> 'used', '[]')) u (turn bigint, tokens bigint)
    where t.id = u.turn and t.server = named;
  select pg_catalog.count(*), coalesce(pg_catalog.sum(t.tokens), 0) into requests, tokens
    from persona_dashboard.model_turns t where t.server = named;
  for wanted in
    select least(w.value::bigint, coalesce(most_tokens, w.value::bigint))
    from pg_catalog.jsonb_array_elements_text(coalesce(told -> 'wanted', '[]')) with ordinality w (value, place)
    order by w.place
  loop
    if requests + 1 > most_requests or tokens + wanted > most_tokens then
      select greatest(0.05, extract(epoch from min(t.at) + kept - moment)) into wait
        from persona_dashboard.model_turns t where t.server = named;
      exit;
    end if;
    insert into persona_dashboard.model_turns as t (server, at, tokens) values (named, moment, wanted)
      returning t.id into turn;
    turns := turns || turn;
    requests := requests + 1;
    tokens := tokens + wanted;
  end loop;
  return pg_catalog.json_build_object('turns', turns, 'wait', wait);
end
$$;

-- ------------------------------------------------------------------ requests that are alone

-- As in 003 and 019, for requests of no batch: those of a batch have a cap to keep.
create or replace function public.claim_generation(
  request_id uuid, worker text, stale_after_seconds int
) returns boolean
language sql security invoker set search_path = '' as $$
  with claimed as (
    update public.generation_requests as request
    set status = 'running',
        worker = claim_generation.worker,
        heartbeat_at = clock_timestamp(),
        error_kind = null,
        error = null
    where request.id = claim_generation.request_id
      and request.batch_id is null
      and (
        request.status in ('queued', 'failed', 'cancelled')
        or (
          request.status = 'running'
          and coalesce(request.heartbeat_at, request.updated_at)
              < clock_timestamp() - make_interval(secs => claim_generation.stale_after_seconds)
        )
      )
    returning 1
  )
  select exists (select from claimed)
$$;

create or replace function public.resume_generation(worker text, engines text, stale_after_seconds int)
returns uuid
language sql security invoker set search_path = '' as $$
  update public.generation_requests as request
  set status = 'running',
      worker = resume_generation.worker,
      heartbeat_at = clock_timestamp(),
      resumed = request.resumed + 1,
      error_kind = null,
      error = null
  where request.id = (
    select waiting.id from public.generation_requests as waiting
    where waiting.status in ('queued', 'running')
      and waiting.batch_id is null
      and waiting.resumed < 3
      and waiting.engine in (
        select jsonb_array_elements_text(resume_generation.engines::jsonb))
      and (
        waiting.worker is null
        or coalesce(waiting.heartbeat_at, waiting.created_at)
            < clock_timestamp() - make_interval(secs => resume_generation.stale_after_seconds)
      )
    order by waiting.created_at, waiting.id
    limit 1
    for update skip locked
  )
  returning request.id
$$;

-- ------------------------------------------------------------------ rights

do $$
declare
  closed constant text := 'public, anon, authenticated, service_role';
  made text;
begin
  foreach made in array array['count_batch_requests()', 'batch_state(text, int)',
    'move_requests(uuid, jsonb)', 'settle_try(uuid, text, int, numeric, bigint)',
    'lose_tries(interval, int)', 'batch_shares(text[], int, uuid[])',
    'return_tries(text, jsonb)',
    'claim_singles(text, text[], int, interval, jsonb)', 'claim_of_batch(uuid, int, text, jsonb, boolean, numeric)',
    'store_draft(uuid, jsonb)', 'note_server(text, boolean, boolean)',
    'engines_up(text[], jsonb)', 'free_by_breaker(text[], jsonb, int)',
    'begin_half_open(text[], jsonb, uuid[])'] loop
    execute format('revoke execute on function persona_dashboard.%s from %s', made, closed);
  end loop;
  foreach made in array array['create_batch(text)', 'change_batch(uuid, text)',
    'enqueue_generations(uuid, text)', 'claim_generations(text, text, int, int, text)',
    'heartbeat_generations(text, text)', 'save_generation(uuid, text, text)',
    'end_generation(uuid, text, text)', 'take_turns(text)'] loop
    execute format('revoke execute on function public.%s from %s', made, closed);
    execute format('grant execute on function public.%s to service_role', made);
  end loop;
end
$$;
grant execute on function public.create_batch(text), public.change_batch(uuid, text),
  public.enqueue_generations(uuid, text) to authenticated;
