-- Every state a persona ever had, kept by the database itself, whichever client writes.
--
--   personas          the newest state; `version` counts its states from 1
--   persona_versions  one row a state, append-only, written by triggers on personas alone
--   persona_history   the same with the full text in every row; what the dashboard reads
--
-- A writer says who and how in the same statement, by updated_by and origin. An update that says
-- nothing (by hand, say) is recorded as "edited" by the role that ran it.

alter table public.personas
  add column if not exists version int not null default 1,
  add column if not exists created_by text,
  add column if not exists updated_by text,
  add column if not exists origin jsonb
    constraint personas_origin_is_object check (jsonb_typeof(origin) = 'object');

comment on column public.personas.version is 'Counted by a trigger; what a writer gives is ignored.';
comment on column public.personas.origin is
  'How this version came about: {"kind": "generated" | "created" | "edited" | "restored" | …, …}.';

alter table public.generation_requests add column if not exists created_by text;

create table if not exists public.persona_versions (
  persona_id uuid not null, -- no foreign key: the history outlives its persona
  version    int not null,
  operation  text not null
    constraint persona_versions_operation_known check (operation in ('insert', 'update', 'delete')),
  persona    jsonb not null,
  evidence   jsonb not null,
  generation jsonb,
  raw_text   text, -- null if it is that of the version before
  status     text,
  origins    jsonb,
  sources    jsonb,
  author     text not null,
  origin     jsonb not null,
  at         timestamptz not null default clock_timestamp(),
  primary key (persona_id, version)
);

comment on table public.persona_versions is
  'Append-only history of personas. Read it by persona_history; erase it by purge_persona().';

create index if not exists idx_persona_versions_text
  on public.persona_versions (persona_id, version desc) where raw_text is not null;

create or replace view public.persona_history with (security_invoker = true) as
  select
    v.persona_id, v.version, v.operation, v.persona, v.evidence, v.generation,
    coalesce(v.raw_text, (
      select t.raw_text from public.persona_versions t
      where t.persona_id = v.persona_id and t.version < v.version and t.raw_text is not null
      order by t.version desc limit 1
    )) as raw_text,
    v.status, v.origins, v.sources, v.author, v.origin, v.at
  from public.persona_versions v;

-- ------------------------------------------------------------------ who and how

-- PostgREST changes to the API role by `set role`; without that, the role that logged in.
create or replace function public.writing_role() returns text
language sql stable set search_path = '' as $$
  select coalesce(nullif(nullif(pg_catalog.current_setting('role', true), 'none'), ''), session_user)
$$;

create or replace function public.generation_origin(generation jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select case when generation is null then '{"kind": "created"}'::jsonb
    else pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
      'kind', 'generated',
      'engine', generation->'engine',
      'model', generation->'model',
      'prompt_version', generation->'prompt_version'
    )) end
$$;

-- A column that an update leaves alone looks like one that it sets to the same value. These two
-- triggers run only where it is set, before personas_version (the order is alphabetical), and mark
-- it, so that a second restore of version 3 is not mistaken for an edit.
create or replace function public.mark_origin_as_given() returns trigger
language plpgsql set search_path = '' as $$
begin
  if jsonb_typeof(new.origin) = 'object' then
    new.origin := new.origin || '{"given": true}';
  end if;
  return new;
end
$$;

create or replace function public.mark_author_as_given() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_by := '=' || new.updated_by;
  return new;
end
$$;

create or replace function public.count_persona_version() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    -- An id that was there before, deleted by hand, continues its history.
    new.version := 1 + coalesce((
      select max(v.version) from public.persona_versions v where v.persona_id = new.id), 0);
    new.created_by := coalesce(new.created_by, new.updated_by, public.writing_role());
    new.updated_by := coalesce(new.updated_by, new.created_by);
    new.origin := coalesce(new.origin, public.generation_origin(new.generation));
    return new;
  end if;
  new.version := old.version + 1;
  new.created_by := old.created_by;
  new.updated_by := case
    when new.updated_by is distinct from old.updated_by and new.updated_by <> ''
      then substr(new.updated_by, 2)
    else public.writing_role() end;
  new.origin := case
    when new.origin is distinct from old.origin and new.origin is not null
      then new.origin - 'given'
    else '{"kind": "edited"}' end;
  return new;
end
$$;

create or replace trigger personas_mark_author before update of updated_by on public.personas
  for each row execute function public.mark_author_as_given();
create or replace trigger personas_mark_origin before update of origin on public.personas
  for each row execute function public.mark_origin_as_given();
create or replace trigger personas_version before insert or update on public.personas
  for each row execute function public.count_persona_version();

-- ------------------------------------------------------------------ the history

-- security definer, so that no API role needs the right to write history. Columns of later
-- migrations are kept from the moment they exist: plpgsql looks a column up only when it gets there.
create or replace function public.keep_persona_version() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  later name[] := array(
    select a.attname from pg_catalog.pg_attribute a
    where a.attrelid = tg_relid and a.attname in ('status', 'origins', 'sources')
      and not a.attisdropped);
  kept public.personas := case when tg_op = 'DELETE' then old else new end;
  row public.persona_versions;
begin
  row.persona_id := kept.id;
  row.version := kept.version;
  row.operation := lower(tg_op);
  row.persona := kept.persona;
  row.evidence := kept.evidence;
  row.generation := kept.generation;
  row.author := kept.updated_by;
  row.origin := kept.origin;
  row.at := clock_timestamp();
  if 'status' = any (later) then row.status := kept.status; end if;
  if 'origins' = any (later) then row.origins := kept.origins; end if;
  if 'sources' = any (later) then row.sources := kept.sources; end if;
  if tg_op = 'DELETE' then
    row.version := old.version + 1;
    row.author := public.writing_role();
    row.origin := '{"kind": "deleted"}';
  elsif tg_op = 'INSERT' then
    row.raw_text := new.raw_text;
  elsif new.raw_text is distinct from old.raw_text then
    row.raw_text := new.raw_text;
  end if;
  insert into public.persona_versions values (row.*);
  return null;
end
$$;

create or replace trigger personas_keep_version after insert or update or delete on public.personas
  for each row execute function public.keep_persona_version();

-- ------------------------------------------------------------------ append-only

-- The API roles have no right to write; this also stops an owner's slip. Who must rewrite history
-- says so first: set persona_dashboard.rewrite_history = 'on'.
create or replace function public.refuse_rewriting_history() returns trigger
language plpgsql set search_path = '' as $$
begin
  if current_setting('persona_dashboard.rewrite_history', true) = 'on'
     or (tg_op = 'INSERT' and pg_trigger_depth() > 1) then -- from the trigger on personas
    return null;
  end if;
  raise exception 'The history of personas is append-only: % is refused.', tg_op
    using errcode = 'PT403', hint = 'Change personas; their history follows by itself.';
end
$$;

create or replace trigger persona_versions_append_only
  before insert or update or delete or truncate on public.persona_versions
  for each statement execute function public.refuse_rewriting_history();

alter table public.persona_versions enable row level security;

drop policy if exists persona_versions_authenticated_read on public.persona_versions;
create policy persona_versions_authenticated_read on public.persona_versions
  for select to authenticated using (true);

-- Supabase grants everything on new tables to its API roles, TRUNCATE included, which no trigger
-- for rows sees.
revoke all on public.persona_versions, public.persona_history from anon, authenticated, service_role;
grant select on public.persona_versions, public.persona_history to authenticated, service_role;
revoke truncate on public.personas from anon, authenticated, service_role;

revoke execute on function public.writing_role() from public, anon;
revoke execute on function public.generation_origin(jsonb) from public, anon;
revoke execute on function public.mark_origin_as_given() from public, anon, authenticated, service_role;
revoke execute on function public.mark_author_as_given() from public, anon, authenticated, service_role;
revoke execute on function public.count_persona_version() from public, anon, authenticated, service_role;
revoke execute on function public.keep_persona_version() from public, anon, authenticated, service_role;
revoke execute on function public.refuse_rewriting_history() from public, anon, authenticated, service_role;

-- Personas from before this migration begin their history with what they are now.
do $$
begin
  perform set_config('persona_dashboard.rewrite_history', 'on', true);
  insert into public.persona_versions
      (persona_id, version, operation, persona, evidence, generation, raw_text, author, origin, at)
    select p.id, p.version, 'insert', p.persona, p.evidence, p.generation, p.raw_text,
           coalesce(p.updated_by, 'unknown'),
           coalesce(p.origin, public.generation_origin(p.generation)), p.updated_at
    from public.personas p
    where not exists (select from public.persona_versions v where v.persona_id = p.id);
  perform set_config('persona_dashboard.rewrite_history', 'off', true);
end
$$;

-- ------------------------------------------------------------------ writes with a version

-- Makes version `from_version` the newest again: everything it held but its review status. One
-- row if `expected_version` is still the newest, none if somebody was faster. In the database,
-- because JSON that travels through a client may come back with other numbers.
create or replace function public.restore_persona_version(
  persona_id uuid, from_version int, expected_version int, author text
) returns setof public.personas
language plpgsql security invoker set search_path = '' as $$
declare
  -- columns of later migrations, from the moment they exist
  later text := (
    select pg_catalog.string_agg(
      pg_catalog.format('%1$I = coalesce(h.%1$I, p.%1$I), ', a.attname), '')
    from pg_catalog.pg_attribute a
    where a.attrelid = 'public.personas'::regclass and not a.attisdropped
      and a.attname in ('origins', 'sources'));
begin
  return query execute
    'update public.personas p set persona = h.persona, evidence = h.evidence, '
    'generation = h.generation, raw_text = h.raw_text, ' || coalesce(later, '') ||
    'updated_by = $4, origin = jsonb_build_object(''kind'', ''restored'', ''version'', $2) '
    'from public.persona_history h '
    'where p.id = $1 and p.version = $3 and h.persona_id = $1 and h.version = $2 '
    'returning p.*'
    using persona_id, from_version, expected_version, author;
end
$$;

revoke execute on function public.restore_persona_version(uuid, int, int, text) from public, anon;
grant execute on function public.restore_persona_version(uuid, int, int, text)
  to authenticated, service_role;

-- As in 004, and the persona is of whoever asked for it.
create or replace function public.finish_generation(
  request_id uuid, worker text, persona text, evidence text, generation text
) returns uuid
language plpgsql security invoker set search_path = '' as $$
declare
  request public.generation_requests;
  saved_id uuid;
begin
  select * into request from public.generation_requests as r
    where r.id = finish_generation.request_id for update;
  if request.status = 'saved' then
    return request.persona_id;
  end if;
  if request.status is distinct from 'running'
     or request.worker is distinct from finish_generation.worker then
    raise exception 'This generation is not held by this worker (any more).'
      using errcode = 'PT409', hint = 'Claim it again before saving.';
  end if;
  insert into public.personas as p (raw_text, persona, evidence, generation, created_by)
    values (
      request.raw_text,
      finish_generation.persona::jsonb,
      coalesce(finish_generation.evidence, '[]')::jsonb,
      finish_generation.generation::jsonb,
      request.created_by
    )
    returning p.id into saved_id;
  update public.generation_requests as r
    set status = 'saved', persona_id = saved_id, error_kind = null, error = null
    where r.id = request.id;
  return saved_id;
end
$$;
