-- What the API can reach is closed unless it is opened here by name, and no function executes SQL
-- that a caller wrote.
--
--   public             tables, views and the functions that the API may call:
--                      services/database/contract.py lists them
--   persona_dashboard  everything else: helpers, trigger functions, the record of the migrations
--
-- Until people sign in, only the secret key (service_role) may do anything. The publishable key
-- (anon) and whoever has an account (authenticated: hosted Supabase lets everybody make one) have no
-- right at all.
--
-- Helpers of 005 to 012 move with all that depends on them; what they do stands there. Only the schema
-- of the names they call changes. Restart the dashboards after it: an older one can no longer export
-- by SUPABASE_DB_URL.

create schema if not exists persona_dashboard;
revoke all on schema persona_dashboard from public;
create table if not exists persona_dashboard.brought_along (object text primary key); -- see 001

-- ------------------------------------------------------------------ helpers move

do $$
declare
  helpers constant text[] := array[
    'writing_role()', 'generation_origin(jsonb)', 'mark_origin_as_given()', 'mark_author_as_given()',
    'count_persona_version()', 'keep_persona_version()', 'refuse_rewriting_history()',
    'refuse_drafts_of_erased()', 'model_origins(jsonb)', 'persona_status_moves()',
    'persona_review_facts(jsonb, jsonb, jsonb)', 'mark_note_as_given()', 'keep_review()',
    'persona_document(regconfig, text, jsonb)', 'persona_stems(text, jsonb)',
    'persona_fact(text, text, text)', 'persona_facts(jsonb, text, int)',
    'persona_coverage(jsonb, jsonb)', 'persona_place(timestamptz, uuid)', 'persona_place(text, uuid)',
    'persona_words_filter(text, boolean)', 'persona_filter(jsonb, boolean)',
    'persona_words_patterns(text)', 'persona_words_around(text, int, int)',
    'persona_headline(text, text[], tsquery, tsquery)',
    'persona_snippet(text, jsonb, text, text[], tsquery, tsquery)',
    'set_persona_search_language(text)', 'persona_inert_text(text)', 'persona_cell_text(text, boolean)',
    'persona_export_condition(jsonb)', 'persona_export_columns(jsonb)',
    'persona_cell_expression(text, text, boolean)', 'persona_export_rows(jsonb, jsonb, boolean)',
    'persona_export_statement(jsonb, text, jsonb, jsonb)', 'persona_export_paths(jsonb, jsonb)',
    'persona_object_at(jsonb, jsonb)', 'persona_stored_columns()'];
  -- where one of their names is called: behind public., or behind nothing
  called constant text := format('(public\.|(?<![\w.]))(%s)\(', (
    select string_agg(distinct split_part(helper, '(', 1), '|') from unnest(helpers) helper));
  helper text;
  body text;
begin
  foreach helper in array helpers loop
    if to_regprocedure('persona_dashboard.' || helper) is null then
      execute format('alter function public.%s set schema persona_dashboard', helper);
    end if;
  end loop;
  for body in -- those whose names were looked up when they were made have moved along
    select pg_get_functiondef(f.oid) from pg_proc f
    where f.pronamespace in ('public'::regnamespace, 'persona_dashboard'::regnamespace)
      and f.prokind = 'f' and f.prosqlbody is null and f.prosrc ~ called
      and (f.pronamespace = 'persona_dashboard'::regnamespace or f.oid = any (array(
        select to_regprocedure('public.' || mine) from unnest(array[
          'finish_generation(uuid, text, text, text, text)', 'purge_persona(uuid, text)',
          'review_queue(text, int, bigint, uuid, boolean)', 'set_status(text, text, text, text)',
          'matching_personas(text, uuid)', 'persona_export_page(text, text, text, text)',
          'persona_export_start(text, boolean, text)']) mine)))
  loop
    execute regexp_replace(body, called, 'persona_dashboard.\2(', 'g');
  end loop;
end
$$;

-- ------------------------------------------------------------------ triggers

create or replace function persona_dashboard.set_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end
$$;

do $$
declare
  common constant regprocedure := to_regprocedure('public.set_updated_at()');
  -- 001 made it, as it is now or as it was before this migration: then its own trigger used it
  ours constant boolean := obj_description(common, 'pg_proc') = 'Of the persona dashboard, until migration 014.'
    or exists (
      select from pg_trigger t join pg_proc f on f.oid = t.tgfoid
      where t.tgrelid = 'public.personas'::regclass and t.tgname = 'personas_set_updated_at'
        and f.oid = common and f.prosrc like '%new.updated_at := clock_timestamp()%');
  made text;
begin
  foreach made in array array['personas', 'generation_requests', 'drafts', 'import_jobs'] loop
    execute format('create or replace trigger %I before update on public.%I '
      'for each row execute function persona_dashboard.set_updated_at()', made || '_set_updated_at', made);
  end loop;
  if ours and not exists (select from pg_trigger where tgfoid = common) then
    drop function public.set_updated_at(); -- else another application uses it by now
  end if;
end
$$;

create or replace trigger personas_mark_author before update of updated_by on public.personas
  for each row execute function persona_dashboard.mark_author_as_given();
create or replace trigger personas_mark_origin before update of origin on public.personas
  for each row execute function persona_dashboard.mark_origin_as_given();
create or replace trigger personas_version before insert or update on public.personas
  for each row execute function persona_dashboard.count_persona_version();
create or replace trigger personas_keep_version after insert or update or delete on public.personas
  for each row execute function persona_dashboard.keep_persona_version();
create or replace trigger personas_mark_note before update of review_note on public.personas
  for each row execute function persona_dashboard.mark_note_as_given();
create or replace trigger personas_workflow before insert or update on public.personas
  for each row execute function persona_dashboard.keep_review();
create or replace trigger persona_versions_append_only
  before insert or update or delete or truncate on public.persona_versions
  for each statement execute function persona_dashboard.refuse_rewriting_history();
create or replace trigger drafts_of_erased_are_refused before insert or update on public.drafts
  for each row execute function persona_dashboard.refuse_drafts_of_erased();

-- ------------------------------------------------------------------ the list

create or replace view public.persona_list with (security_invoker = true) as
select id, name, role, summary, status, engine, coverage, created_at, updated_at,
  persona_dashboard.persona_place(created_at, id) collate "C" as created_place,
  persona_dashboard.persona_place(updated_at, id) collate "C" as updated_place,
  persona_dashboard.persona_place(name_key, id) collate "C" as name_place,
  persona_dashboard.persona_place(status, id) collate "C" as status_place
from public.personas
where deleted_at is null;

-- ------------------------------------------------------------------ search

drop function if exists public.expected_personas(text);
drop function if exists public.filtered_page(text, text, bigint, text, text, int);

-- How many rows the planner expects a request to leave.
create or replace function persona_dashboard.expected_personas(request jsonb) returns bigint
language plpgsql volatile security invoker -- EXPLAIN is refused in others
set search_path = pg_catalog, public as $$
declare
  plan json;
begin
  execute 'explain (format json) select from public.personas p where '
    || persona_dashboard.persona_filter(request, true) into plan;
  return (plan -> 0 -> 'Plan' ->> 'Plan Rows')::bigint;
end
$$;

-- The order that a request asks for, as SQL: `listed` gives personas with their place in it,
-- `after` what stands behind the place of the request, `ordered` how they are sorted.
create or replace function persona_dashboard.persona_order(
  request jsonb, out listed text, out after text, out ordered text
)
language plpgsql immutable security invoker set search_path = pg_catalog as $$
declare
  backwards constant boolean := coalesce((request ->> 'backwards')::boolean, false);
  downwards constant boolean := coalesce((request ->> 'descending')::boolean, true) <> backwards;
  sorted constant text := case coalesce(request ->> 'sort', 'created')
    when 'created' then 'created_at' when 'updated' then 'updated_at'
    when 'name' then 'name_key' when 'status' then 'status' end;
begin
  if sorted is null then
    raise exception 'The list has no such order.' using errcode = 'PT400';
  end if;
  listed := format(
    '(select *, persona_dashboard.persona_place(%I, id) collate "C" as place from public.personas) p',
    sorted);
  after := case when request ? 'place' then
    format(' and p.place %s %L', case when downwards then '<' else '>' end, request ->> 'place')
    else '' end;
  ordered := 'p.place ' || case when downwards then 'desc' else 'asc' end;
end
$$;

-- The ids of one page of a filtered list, in its order. Either way to find them can be slow: to
-- walk the order until enough rows match, where few do; to collect all that match and sort them,
-- where many do. The planner's guess at a rare word is too high to choose by it, so this goes by
-- what it meets, and each try but the last is bounded.
create or replace function persona_dashboard.filtered_page(request jsonb, size int) returns uuid[]
language plpgsql volatile security invoker
set search_path = pg_catalog, public as $$
declare
  walk constant int := 20000;     -- rows walked before the other way is tried
  few constant int := 2000;       -- rows collected and sorted at most
  filter constant text := persona_dashboard.persona_filter(request);
  -- rows expected, and above how many walking comes first
  often constant boolean := persona_dashboard.expected_personas(request) > least(20000, (
    select c.reltuples / 20 from pg_class c where c.oid = 'public.personas'::regclass));
  asked record;
  walked text;
  chosen uuid[];
  collected uuid[];
begin
  select * into asked from persona_dashboard.persona_order(request);
  walked := format(
    'select array(select p.id from (select * from %s where p.deleted_at is null%s '
    'order by %s limit %s) p where %s order by %s limit %s)',
    asked.listed, asked.after, asked.ordered, walk, filter, asked.ordered, size);
  if often then
    execute walked into chosen;
    if cardinality(chosen) = size then
      return chosen;
    end if;
  end if;
  perform set_config('enable_seqscan', 'off', true);
  execute format('select array(select p.id from public.personas p where %s limit %s)',
    filter, few + 1) into collected;
  perform set_config('enable_seqscan', 'on', true);
  if cardinality(collected) <= few then
    execute format('select array(select p.id from %s where p.id = any ($1)%s order by %s limit %s)',
      asked.listed, asked.after, asked.ordered, size) into chosen using collected;
    return chosen;
  end if;
  if not often then
    execute walked into chosen;
    if cardinality(chosen) = size then
      return chosen;
    end if;
  end if;
  execute format('select array(select p.id from %s where %s%s order by %s limit %s)',
    asked.listed, filter, asked.after, asked.ordered, size) into chosen;
  return chosen;
end
$$;

-- One page of the list. The request is a filter and
--   sort        created, updated, name or status    descending  true or false
--   size        rows, at most 1000                  backwards   true: walk towards the beginning
--   place       to begin behind, as the list gives it; without, at the end one walks from
-- The answer is a JSON list of {id, name, role, summary, status, engine, coverage, created_at,
-- updated_at, place, snippet} as one text, which costs a gateway less than rows. They come in the order
-- of the walk: reversed if backwards.
-- PostgREST applies the time limit before it calls; the local gateway has its own.
create or replace function public.search_personas(request text) returns text
language plpgsql volatile security invoker
set search_path = pg_catalog, public set statement_timeout = '5s' as $$
declare
  wanted constant jsonb := request::jsonb;
  words constant text := coalesce(wanted ->> 'words', '');
  size constant int := least(greatest(coalesce((wanted ->> 'size')::int, 25), 1), 1000);
  filter constant text := persona_dashboard.persona_filter(wanted);
  patterns constant text[] := persona_dashboard.persona_words_patterns(words);
  asked record;
  one_word text;
  snippet text := 'null';
  shown text; -- what stands around the rows that are chosen
  in_order text;
  chosen uuid[];
  found json;
  met int := 0; -- rows found
begin
  select * into asked from persona_dashboard.persona_order(wanted);
  if patterns <> '{}' then
    one_word := case when words ~ '^\s*[[:alpha:]]+\s*$' then patterns[1] end;
    snippet := format('persona_dashboard.persona_snippet(p.raw_text, p.persona, %L, %L, %L, %L)',
      one_word, patterns, websearch_to_tsquery('simple', words),
      websearch_to_tsquery(public.persona_search_language(), words));
  end if;
  shown := 'select coalesce(json_agg(found), ''[]''), count(*) from ('
    'select p.id, p.name, p.role, p.summary, p.status, p.engine, p.coverage, p.created_at, '
    'p.updated_at, p.place, ' || snippet || ' as snippet from (';
  in_order := ') p order by ' || asked.ordered || ') found';
  if words = '' and not wanted ? 'conditions' then -- what the planner knows well
    execute shown || format('select * from %s where %s%s order by %s limit %s',
      asked.listed, filter, asked.after, asked.ordered, size) || in_order into found;
    return found::text;
  end if;
  if one_word is not null then -- what is frequent fills the page within the next rows
    execute shown || format(
      'select * from (select * from %s where p.deleted_at is null%s order by %s limit %s) p '
      'where %s order by %s limit %s',
      asked.listed, asked.after, asked.ordered, 3 * size, filter, asked.ordered, size) || in_order
      into found, met;
  end if;
  if met < size then
    chosen := persona_dashboard.filtered_page(wanted, size);
    execute shown || format('select * from %s where p.id = any ($1)', asked.listed) || in_order
      into found using chosen;
  end if;
  return found::text;
end
$$;

-- The words of a persona are looked for when its text or its persona is written, and not with every
-- change: a generated column beside triggers that run before is made anew each time, 40 ms for a
-- long text that only changes its status.
create or replace function persona_dashboard.keep_search_words() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.document := persona_dashboard.persona_document('pg_catalog.simple', new.raw_text, new.persona);
  new.stems := persona_dashboard.persona_stems(new.raw_text, new.persona);
  return new;
end
$$;

alter table public.personas
  alter column document drop expression if exists,
  alter column stems drop expression if exists;

create or replace trigger personas_search_words before insert or update of raw_text, persona
  on public.personas for each row execute function persona_dashboard.keep_search_words();

-- As in 010; the column of the stems is not generated any more.
create or replace function persona_dashboard.set_persona_search_language(language text) returns boolean
language plpgsql volatile security invoker set search_path = pg_catalog, public as $$
begin
  if not exists (select from pg_ts_config
      where cfgname = language and cfgnamespace = 'pg_catalog'::regnamespace) then
    raise exception 'Postgres knows no search language %.', quote_literal(language)
      using errcode = 'PT400', hint = 'It knows those of: select cfgname from pg_ts_config';
  end if;
  if public.persona_search_language() = format('pg_catalog.%I', language)::regconfig then
    return false;
  end if;
  execute format('create or replace function public.persona_search_language() returns regconfig '
    'language sql immutable parallel safe set search_path = '''' '
    'return %L::regconfig', 'pg_catalog.' || language);
  alter table public.personas drop column stems;
  alter table public.personas add column stems tsvector -- rewrites the table without its triggers
    generated always as (persona_dashboard.persona_stems(raw_text, persona)) stored;
  alter table public.personas alter column stems drop expression;
  comment on column public.personas.stems is 'Their stems in the language of the search.';
  create index idx_personas_stems
    on public.personas using gin (stems) with (gin_pending_list_limit = 1024);
  analyze public.personas;
  return true;
end
$$;

-- Those whose names look like the words: see similar_personas(). Its operators are looked up here,
-- in whichever schema pg_trgm stands, so that nobody who asks needs a right on that schema.
do $$
declare
  before constant text := current_setting('search_path');
begin
  perform set_config('search_path', 'pg_catalog, ' || (
    select extnamespace::regnamespace from pg_extension where extname = 'pg_trgm'), true);
  execute $sql$
    create or replace function persona_dashboard.persona_names_like(words text, size int)
    returns table (
      id uuid, name text, role text, summary text, status text, engine text, coverage smallint,
      created_at timestamptz, updated_at timestamptz
    )
    language sql stable security invoker
    begin atomic
      select p.id, p.name, p.role, p.summary, p.status, p.engine, p.coverage, p.created_at, p.updated_at
      from (
        select c.id, c.name, c.role, c.summary, c.status, c.engine, c.coverage, c.created_at,
          c.updated_at, c.name_key
        from public.personas c
        where c.deleted_at is null and lower(words) <% c.name_key limit 2000
      ) p
      order by lower(words) <<-> p.name_key, p.name_key, p.id
      limit least(size, 100);
    end
  $sql$;
  perform set_config('search_path', before, true);
end
$$;

-- Personas whose names look like the words: the closest first, at most 100. To be fast with any
-- number of names it chooses among the first 2000 that look alike.
create or replace function public.similar_personas(words text, size int)
returns table (
  id uuid, name text, role text, summary text, status text, engine text, coverage smallint,
  created_at timestamptz, updated_at timestamptz, place text, snippet text
)
language plpgsql stable security invoker
set search_path = pg_catalog, public set statement_timeout = '5s' as $$
begin
  perform set_config('pg_trgm.word_similarity_threshold', '0.45', true);
  return query select p.*, null::text, null::text
    from persona_dashboard.persona_names_like(similar_personas.words, similar_personas.size) p;
end
$$;

-- How many rows a filter leaves: counted while that is cheap, else what the planner expects.
create or replace function public.count_personas(request text)
returns table (total bigint, exact boolean)
language plpgsql volatile security invoker
set search_path = pg_catalog, public set statement_timeout = '5s' as $$
declare
  filter constant text := persona_dashboard.persona_filter(request::jsonb);
  most constant bigint := case when filter = 'p.deleted_at is null' then 50000 else 10000 end;
  expected constant bigint := persona_dashboard.expected_personas(request::jsonb);
begin
  if expected > most then
    return query select expected, false;
    return;
  end if;
  execute format('select count(*) from (select from public.personas p where %s limit %s) counted',
    filter, most + 1) into total;
  exact := total <= most;
  total := case when exact then total else greatest(total, expected) end;
  return next;
end
$$;

-- ------------------------------------------------------------------ many at once

-- A change of a row keeps a version and makes its search document anew, so that it takes as long as
-- its text is long. Hosted Supabase ends a statement after 8 s: what changes many rows stops by
-- itself long before, and its caller asks again for the rest.
create or replace function persona_dashboard.has_time_left() returns boolean
language sql volatile set search_path = '' as $$
  select clock_timestamp() < statement_timestamp() + interval '3 seconds'
$$;

-- Moves to the trash what is not there yet, as many as the time allows and at least one; returns
-- how many. None: nothing is left to move.
create or replace function public.trash_personas(ids text, author text) returns int
language plpgsql security invoker set search_path = pg_catalog, public as $$
declare
  one uuid;
  moved int := 0;
begin
  for one in
    select p.id from public.personas p where p.deleted_at is null
      and p.id in (select given.id::uuid from jsonb_array_elements_text(ids::jsonb) as given (id) limit 1000)
    order by p.id
  loop
    update public.personas p
      set deleted_at = clock_timestamp(), updated_by = author, origin = '{"kind": "trashed"}'
      where p.id = one and p.deleted_at is null;
    moved := moved + found::int;
    exit when not persona_dashboard.has_time_left();
  end loop;
  return moved;
end
$$;

-- Takes out of the trash what is in it; as above.
create or replace function public.restore_personas(ids text, author text) returns int
language plpgsql security invoker set search_path = pg_catalog, public as $$
declare
  one uuid;
  moved int := 0;
begin
  for one in
    select p.id from public.personas p where p.deleted_at is not null
      and p.id in (select given.id::uuid from jsonb_array_elements_text(ids::jsonb) as given (id) limit 1000)
    order by p.id
  loop
    update public.personas p
      set deleted_at = null, updated_by = author, origin = '{"kind": "untrashed"}'
      where p.id = one and p.deleted_at is not null;
    moved := moved + found::int;
    exit when not persona_dashboard.has_time_left();
  end loop;
  return moved;
end
$$;

-- Moves personas to another status. `ids` is a JSON array of ids, or of {"id", "version"} where
-- the move is meant for that version alone. One row for each id that the time allows, at least one, in
-- the order of the ids: whether it moved, its status and version now, and if it did not move, why:
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
      when not exists (select from persona_dashboard.persona_status_moves() m
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
    exit when not persona_dashboard.has_time_left();
  end loop;
end
$$;

-- ------------------------------------------------------------------ exports

-- As in 012, and a page may be bounded in bytes: {"until", "place", "size", "bytes"}. It ends with the
-- row that reaches them, so that it holds at least one.
create or replace function persona_dashboard.persona_export_rows(
  request jsonb, page jsonb, ordered boolean
) returns text
language sql stable set search_path = '' as $$
  with chosen as (
    select pg_catalog.concat('public.personas p where ',
      persona_dashboard.persona_export_condition(request),
      ' and p.created_at <= ' || pg_catalog.quote_literal(page->>'until') || '::timestamptz',
      ' and persona_dashboard.persona_place(p.created_at, p.id) collate "C" < '
        || pg_catalog.quote_literal(page->>'place'),
      case when ordered or page is not null
        then ' order by persona_dashboard.persona_place(p.created_at, p.id) collate "C" desc' end,
      ' limit ' || (page->>'size')::int) as rows
  )
  select case when page ? 'bytes' then pg_catalog.format(
    '(select *, sum(bytes) over (order by nth desc) - bytes as bytes_before from (select p.*,'
    ' persona_dashboard.persona_place(p.created_at, p.id) collate "C" as nth, octet_length(p.raw_text)'
    ' + pg_column_size(p.persona) + pg_column_size(p.evidence) as bytes from %s) p) p'
    ' where bytes_before < %s order by nth desc', rows, (page->>'bytes')::bigint) else rows end
  from chosen
$$;

-- ------------------------------------------------------------------ rights

-- What rerunning an older file may have left in the exposed schema.
do $$
declare
  left_behind constant text := (
    select string_agg(older.oid::regprocedure::text, ', ') from pg_proc helper
    join pg_proc older on older.proname = helper.proname and older.proargtypes = helper.proargtypes
    where helper.pronamespace = 'persona_dashboard'::regnamespace
      and older.pronamespace = 'public'::regnamespace and helper.proname <> 'set_updated_at');
begin
  if left_behind is not null then
    execute 'drop function ' || left_behind; -- at once, because some call others
  end if;
end
$$;

do $$
declare
  closed constant text := 'public, anon, authenticated, service_role';
  permission record;
begin
  -- Tables and views: what the dashboard does with them, and nothing else (TRUNCATE, say).
  for permission in
    select * from (values
      ('personas', 'select, insert, update, delete'),
      ('generation_requests', 'select, insert, update, delete'),
      ('drafts', 'select, insert, update, delete'),
      ('import_jobs', 'select, insert, update, delete'),
      ('import_problems', 'select, insert, update, delete'),
      ('persona_comments', 'select, insert, delete, update (resolved_at, resolved_by)'),
      ('persona_versions', 'select'),
      ('persona_erasures', 'select'),
      ('persona_history', 'select'),
      ('persona_list', 'select')) given (relation, privileges)
  loop
    execute format('revoke all on public.%I from %s', permission.relation, closed);
    execute format('grant %s on public.%I to service_role', permission.privileges, permission.relation);
  end loop;
  -- Policies: none until people sign in; service_role is not subject to them.
  for permission in
    select policyname, tablename from pg_policies where schemaname = 'public' and policyname = any (array[
      'personas_authenticated_all', 'generation_requests_authenticated_all',
      'persona_versions_authenticated_read', 'persona_erasures_authenticated_read',
      'drafts_owner_all', 'persona_comments_authenticated_all', 'import_jobs_authenticated_all',
      'import_problems_authenticated_all'])
  loop
    execute format('drop policy %I on public.%I', permission.policyname, permission.tablename);
  end loop;
  -- Functions. Trigger functions are called by nobody; the language is set by the owner alone.
  for permission in
    select f.oid::regprocedure as signature, f.prorettype <> 'trigger'::regtype
      and f.proname <> 'set_persona_search_language' as callable
    from pg_proc f
    where f.pronamespace = 'persona_dashboard'::regnamespace
      or f.oid = any (array(select to_regprocedure('public.' || mine) from unnest(array[
        'claim_generation(uuid, text, int)', 'claim_import(uuid, text, int)', 'count_personas(text)',
        'finish_generation(uuid, text, text, text, text)', 'heartbeat_generation(uuid, text)',
        'known_import_rows(text, text)', 'matching_personas(text, uuid)',
        'persona_export_page(text, text, text, text)', 'persona_export_start(text, boolean, text)',
        'persona_search_language()', 'purge_persona(uuid, text)',
        'restore_persona_version(uuid, int, int, text)', 'restore_personas(text, text)',
        'review_queue(text, int, bigint, uuid, boolean)', 'review_queue_length(text, int)',
        'save_import(uuid, text, text)', 'search_personas(text)', 'set_status(text, text, text, text)',
        'similar_personas(text, int)', 'trash_personas(text, text)']) mine))
  loop
    execute format('revoke execute on function %s from %s', permission.signature, closed);
    if permission.callable then
      execute format('grant execute on function %s to service_role', permission.signature);
    end if;
  end loop;
end
$$;

grant usage on schema persona_dashboard to service_role;
