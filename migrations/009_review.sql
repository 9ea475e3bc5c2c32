-- Review: where a persona stands, who moved it there, comments, and a queue of what needs eyes.
--
--   draft ──> in_review ──> approved
--     ^          │  ^  └──> rejected
--     └──────────┘  └── from approved and rejected, which go back to draft as well
--
-- A move is an update like any other: it makes a version, and the history keeps its status
-- (migration 005). Which moves there are stands in persona_status_moves(), once.

alter table public.personas
  add column if not exists status text not null default 'draft',
  add column if not exists reviewed_by text,
  add column if not exists reviewed_at timestamptz,
  add column if not exists review_note text
    constraint personas_review_note_short check (length(review_note) <= 2000),
  add column if not exists changed_since_review boolean not null default false,
  add column if not exists risk int,
  add column if not exists review_priority bigint;

do $$
begin
  if not exists (select from pg_catalog.pg_constraint where conname = 'personas_status_known') then
    alter table public.personas add constraint personas_status_known
      check (status in ('draft', 'in_review', 'approved', 'rejected'));
  end if;
end
$$;

comment on column public.personas.status is 'draft, in_review, approved or rejected.';
comment on column public.personas.reviewed_by is 'Who moved it to its status; kept by a trigger.';
comment on column public.personas.review_note is 'Given with the last move; null without one.';
comment on column public.personas.changed_since_review is
  'Whether persona or text changed after the last move.';
comment on column public.personas.risk is
  'Points by persona_review_facts(), as of when it last waited for review.';
comment on column public.personas.review_priority is
  'Order of the review queue, highest first; null for what does not wait. See keep_review().';

create or replace function public.persona_status_moves()
returns table (from_status text, to_status text)
language sql immutable parallel safe set search_path = '' as $$
  values ('draft', 'in_review'),
         ('in_review', 'approved'), ('in_review', 'rejected'), ('in_review', 'draft'),
         ('approved', 'in_review'), ('approved', 'draft'),
         ('rejected', 'draft'), ('rejected', 'in_review')
$$;

-- ------------------------------------------------------------------ risk

-- What a reviewer should look at, counted:
--   claims     single values, without the summary (services/generation/pointers.py)
--   unsourced  claims without words to rest on
--   unsure     claims whose words are inferred or approximate only, and that nobody accepted
--   proposals  what was kept out of the persona, unless a person took it out
--   misshapen  known fields that hold something else than the field set says
-- and the points that they make.
create or replace function public.persona_review_facts(
  persona jsonb, evidence jsonb, generation jsonb
) returns table (claims int, unsourced int, unsure int, proposals int, misshapen int, risk int)
language sql immutable parallel safe set search_path = '' as $$
  with sources as (
    select e.item ->> 'path' as path,
      bool_or(e.item -> 'accepted' = 'true' or e.item ->> 'origin' = 'human'
        or (e.item ->> 'support' = 'stated' and e.item -> 'score' >= '95')) as firm
    from pg_catalog.jsonb_array_elements(evidence) e (item)
    where e.item ->> 'path' like '/_%'
    group by 1
  ), sourced as (
    select s.firm,
      persona #> pg_catalog.string_to_array(substr(s.path, 2), '/') as plain,
      case when s.path like '%~%' then persona #> array(
        select replace(replace(t.token, '~1', '/'), '~0', '~')
        from pg_catalog.string_to_table(substr(s.path, 2), '/') t (token)) end as unescaped
    from sources s where s.path <> '/summary'
  ), found as (
    select count(*)::int as sourced, (count(*) filter (where not coalesce(firm, false)))::int as unsure
    from sourced
    where pg_catalog.jsonb_typeof(coalesce(unescaped, plain)) in ('string', 'number', 'boolean')
      and coalesce(unescaped, plain) <> '""'
  ), shape as (
    select count(*)::int as misshapen
    from pg_catalog.jsonb_each(persona) m
    where (m.key = any ('{name,age,role,company,location,years_experience,communication_style}')
           and pg_catalog.jsonb_typeof(m.value) in ('object', 'array'))
       or (m.key = any ('{traits,skills,goals,pain_points,motivations,behaviours,interests,values,education,quotes}')
           and pg_catalog.jsonb_typeof(m.value) not in ('array', 'null'))
  ), proposed as (
    select count(*)::int as proposals
    from pg_catalog.jsonb_array_elements(
      case when pg_catalog.jsonb_typeof(generation -> 'rejected') = 'array'
        then generation -> 'rejected' else '[]' end) r (item)
    where r.item ->> 'reason' is distinct from 'taken out'
  ), total as (
    -- by type: a number compared with "" is unknown, and would not count
    select count(*)::int as claims from pg_catalog.jsonb_path_query(
      persona - 'summary',
      'strict $.** ? (@.type() == "number" || @.type() == "boolean"
                      || (@.type() == "string" && @ != ""))')
  )
  select t.claims, t.claims - f.sourced, f.unsure, p.proposals, s.misshapen,
    3 * (t.claims - f.sourced) + f.unsure + least(p.proposals, 10) + 5 * s.misshapen
      + case when t.claims = 0 then 20 else 0 end
  from total t, found f, proposed p, shape s
$$;

-- ------------------------------------------------------------------ the workflow

-- As in 005: marks a note that is given, so that the same words given twice are not taken for
-- those of the move before.
create or replace function public.mark_note_as_given() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.review_note := e'\x01' || new.review_note;
  return new;
end
$$;

-- Refuses moves that there are not, and keeps the columns of the review; what a writer gives for
-- them is ignored. The order of the queue is risk and waiting in one number that time does not
-- change: a point of risk counts as much as six hours of waiting.
create or replace function public.keep_review() returns trigger
language plpgsql set search_path = '' as $$
declare
  moved boolean := tg_op = 'UPDATE' and new.status is distinct from old.status;
  waits boolean := new.status in ('draft', 'in_review');
  changed boolean;
  note text;
begin
  if tg_op = 'INSERT' then
    if new.status <> 'draft' then
      raise exception 'A new persona is a draft, not %.', new.status
        using errcode = 'PT409', hint = 'Store it, then move it.';
    end if;
    new.reviewed_by := null;
    new.reviewed_at := null;
    new.review_note := null;
    new.changed_since_review := false;
    new.risk := null;
    changed := true;
  else
    changed := (new.persona, new.evidence, new.generation)
      is distinct from (old.persona, old.evidence, old.generation);
    note := case when new.review_note is distinct from old.review_note
      then nullif(pg_catalog.btrim(pg_catalog.ltrim(new.review_note, e'\x01')), '') end;
    new.reviewed_by := old.reviewed_by;
    new.reviewed_at := old.reviewed_at;
    new.review_note := old.review_note;
    new.changed_since_review := old.changed_since_review or (
      old.reviewed_at is not null
      and (new.persona, new.raw_text) is distinct from (old.persona, old.raw_text));
    new.risk := old.risk;
  end if;
  if moved then
    if not exists (select from public.persona_status_moves() m
                   where m.from_status = old.status and m.to_status = new.status)
       and new.status in ('draft', 'in_review', 'approved', 'rejected') then
      raise exception 'A persona cannot move from % to %.', old.status, new.status
        using errcode = 'PT409', hint = (
          select pg_catalog.format('From %s it can move to: %s.', old.status,
                                   pg_catalog.string_agg(m.to_status, ', '))
          from public.persona_status_moves() m where m.from_status = old.status);
    end if;
    new.reviewed_by := new.updated_by;
    new.reviewed_at := pg_catalog.clock_timestamp();
    new.review_note := note;
    new.changed_since_review := false;
    if new.origin = '{"kind": "edited"}' then
      new.origin := pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'kind', 'status', 'from', old.status, 'to', new.status, 'note', note));
    end if;
  end if;
  -- What the constraints refuse anyway is not looked at: they give the better message.
  if waits and (changed or moved or new.risk is null)
     and pg_catalog.jsonb_typeof(new.persona) = 'object'
     and pg_catalog.jsonb_typeof(new.evidence) = 'array' then
    select f.risk into new.risk
      from public.persona_review_facts(new.persona, new.evidence, new.generation) f;
  end if;
  new.review_priority := case when waits and new.deleted_at is null then
    new.risk * 21600::bigint
      - extract(epoch from coalesce(new.reviewed_at, new.created_at))::bigint end;
  return new;
end
$$;

create or replace trigger personas_mark_note before update of review_note on public.personas
  for each row execute function public.mark_note_as_given();
-- Its name makes it the last of all: it needs the author that personas_version settles.
create or replace trigger personas_workflow before insert or update on public.personas
  for each row execute function public.keep_review();

-- Personas from before this migration enter the queue. No version is made of it: nothing that a
-- person sees of them changes.
do $$
begin
  if exists (select from public.personas where risk is null and status in ('draft', 'in_review')) then
    alter table public.personas disable trigger user;
    update public.personas p
      set (risk, review_priority) = (
        select f.risk, case when p.deleted_at is null then f.risk * 21600::bigint
          - extract(epoch from coalesce(p.reviewed_at, p.created_at))::bigint end
        from public.persona_review_facts(p.persona, p.evidence, p.generation) f)
      where p.risk is null and p.status in ('draft', 'in_review');
    alter table public.personas enable trigger user;
  end if;
end
$$;

create index if not exists idx_personas_review_queue
  on public.personas (status, review_priority desc, id desc) where review_priority is not null;

-- ------------------------------------------------------------------ the queue

-- Up to `size` personas of these statuses (a JSON array), the most urgent first; after a place,
-- what follows it; backwards, what stands before it, the nearest first.
create or replace function public.review_queue(
  statuses text, size int, after_priority bigint default null, after_id uuid default null,
  backwards boolean default false
) returns table (
  id uuid, name text, role text, status text, version int, review_priority bigint, risk int,
  claims int, unsourced int, unsure int, proposals int, misshapen int,
  waiting_since timestamptz, changed_since_review boolean, open_comments int
)
language plpgsql stable security invoker set search_path = '' as $$
#variable_conflict use_column
declare
  asked text[] := array(select pg_catalog.jsonb_array_elements_text(statuses::jsonb));
  most int := least(greatest(size, 1), 200);
  place bigint := coalesce(after_priority,
    case when backwards then -9223372036854775808 else 9223372036854775807 end);
  row_id uuid := coalesce(after_id::text, case when backwards
    then '00000000-0000-0000-0000-000000000000' else 'ffffffff-ffff-ffff-ffff-ffffffffffff' end);
  chosen uuid[];
begin
  if backwards then
    chosen := array(
      select q.id from pg_catalog.unnest(asked) s (status) cross join lateral (
        select p.id, p.review_priority from public.personas p
        where p.status = s.status and p.review_priority is not null
          and (p.review_priority, p.id) > (place, row_id)
        order by p.review_priority, p.id limit most) q
      order by q.review_priority, q.id limit most);
  else
    chosen := array(
      select q.id from pg_catalog.unnest(asked) s (status) cross join lateral (
        select p.id, p.review_priority from public.personas p
        where p.status = s.status and p.review_priority is not null
          and (p.review_priority, p.id) < (place, row_id)
        order by p.review_priority desc, p.id desc limit most) q
      order by q.review_priority desc, q.id desc limit most);
  end if;
  return query
    select p.id, left(p.persona ->> 'name', 200), left(p.persona ->> 'role', 200), p.status,
      p.version, p.review_priority, p.risk, f.claims, f.unsourced, f.unsure, f.proposals,
      f.misshapen, coalesce(p.reviewed_at, p.created_at), p.changed_since_review,
      (select count(*)::int from public.persona_comments c
       where c.persona_id = p.id and c.resolved_at is null)
    from pg_catalog.unnest(chosen) with ordinality as o (id, nth)
    join public.personas p on p.id = o.id
    cross join lateral public.persona_review_facts(p.persona, p.evidence, p.generation) f
    order by o.nth;
end
$$;

-- How many wait, counted up to `most`.
create or replace function public.review_queue_length(statuses text, most int) returns int
language sql stable security invoker set search_path = '' as $$
  select count(*)::int from (
    select from public.personas p
    where p.review_priority is not null and p.status = any (
      array(select pg_catalog.jsonb_array_elements_text(statuses::jsonb)))
    limit most) counted
$$;

-- ------------------------------------------------------------------ moves

-- Moves personas to another status. `ids` is a JSON array of ids, or of {"id", "version"} where
-- the move is meant for that version alone. One row for each id: whether it moved, its status and
-- version now, and if it did not move, why:
--   missing      there is no such persona, or it is in the trash
--   changed      it is not at the given version any more
--   same         it has that status already
--   not_allowed  there is no such move
create or replace function public.set_status(
  ids text, new_status text, author text, note text default null
) returns table (id uuid, moved boolean, status text, version int, reason text)
language plpgsql security invoker set search_path = '' as $$
#variable_conflict use_column
declare
  wanted record;
  found record;
begin
  if pg_catalog.jsonb_array_length(ids::jsonb) > 1000 then
    raise exception 'At most 1000 personas are moved at once.'
      using errcode = 'PT400', hint = 'Send them in parts.';
  end if;
  for wanted in -- in the order of the ids, so that two bulk moves cannot block each other
    select coalesce(e.item ->> 'id', e.item #>> '{}')::uuid as id,
      min((e.item ->> 'version')::int) as version
    from pg_catalog.jsonb_array_elements(ids::jsonb) e (item) group by 1 order by 1
  loop
    select p.status, p.version into found from public.personas p
      where p.id = wanted.id and p.deleted_at is null for update;
    id := wanted.id;
    status := found.status;
    version := found.version;
    reason := case
      when found.status is null then 'missing'
      when wanted.version <> found.version then 'changed'
      when found.status = new_status then 'same'
      when not exists (select from public.persona_status_moves() m
                       where m.from_status = found.status and m.to_status = new_status)
        then 'not_allowed' end;
    moved := reason is null;
    if moved then
      update public.personas p
        set status = new_status, review_note = nullif(note, ''), updated_by = nullif(author, '')
        where p.id = wanted.id
        returning p.status, p.version into status, version;
    end if;
    return next;
  end loop;
end
$$;

-- ------------------------------------------------------------------ comments

create table if not exists public.persona_comments (
  id          uuid primary key default gen_random_uuid(),
  persona_id  uuid not null references public.personas (id) on delete cascade,
  path        text not null default ''
    constraint persona_comments_path_is_pointer check (path = '' or path like '/%'),
  about       text, -- the value at the path when the comment was written
  text        text not null
    constraint persona_comments_text_sized check (btrim(text) <> '' and length(text) <= 5000),
  author      text not null,
  created_at  timestamptz not null default clock_timestamp(),
  resolved_at timestamptz,
  resolved_by text
);

comment on table public.persona_comments is
  'Comments on a persona: on the value at a JSON Pointer, or on the whole where the path is empty.';

create index if not exists idx_persona_comments_persona
  on public.persona_comments (persona_id, created_at, id);

alter table public.persona_comments enable row level security;

drop policy if exists persona_comments_authenticated_all on public.persona_comments;
create policy persona_comments_authenticated_all on public.persona_comments
  for all to authenticated using (true) with check (true);

-- Who wrote what does not change: a comment is resolved, opened again or deleted.
revoke all on public.persona_comments from anon, authenticated, service_role;
grant select, insert, delete on public.persona_comments to authenticated, service_role;
grant update (resolved_at, resolved_by) on public.persona_comments to authenticated, service_role;

-- ------------------------------------------------------------------ rights

do $$
declare
  made text;
begin
  foreach made in array array[
    'persona_status_moves()', 'persona_review_facts(jsonb, jsonb, jsonb)',
    'review_queue(text, int, bigint, uuid, boolean)', 'review_queue_length(text, int)',
    'set_status(text, text, text, text)'
  ] loop
    execute 'revoke execute on function public.' || made || ' from public, anon';
    execute 'grant execute on function public.' || made || ' to authenticated, service_role';
  end loop;
end
$$;
revoke execute on function public.mark_note_as_given() from public, anon, authenticated, service_role;
revoke execute on function public.keep_review() from public, anon, authenticated, service_role;
