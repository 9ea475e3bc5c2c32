-- Exports: one place that says how a persona becomes a row of a file, used by COPY and by the API.
-- Imports: rows are saved in batches that count themselves, so that a killed import can be run
-- again without saving anything twice.

-- ------------------------------------------------------------------ a cell

-- A text that no spreadsheet runs as a formula: an apostrophe in front where it could, and where
-- it begins with one. The white space is Python's, whatever the locale of the database.
create or replace function public.persona_inert_text(value text) returns text
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  if value ~ ('^[\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f'
    '\u3000]*[-=+@\uff1d\uff0b\uff0d\uff20''\t\r]') then
    return '''' || value;
  end if;
  return value;
end
$$;

-- The text of a cell, as services/personas/export.py writes it. A string that could read as JSON
-- is quoted.
create or replace function public.persona_cell_text(value text, inert boolean)
returns text
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  if value = '' or value ~ (
    '^[ \t\n\r]*(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?|true|false|null|NaN|-?Infinity'
    '|\[.*\]|\{.*\}|".*")[ \t\n\r]*$') then
    return to_json(value)::text;
  end if;
  if inert then
    return public.persona_inert_text(value);
  end if;
  return value;
end
$$;

-- ------------------------------------------------------------------ what is exported

-- Which personas an export holds, as SQL: those of a filter (PersonaQuery.to_request), in `ids` those
-- chosen by hand.
create or replace function public.persona_export_condition(request jsonb) returns text
language sql stable set search_path = '' as $$
  select public.persona_filter(request - 'ids') || case when request ? 'ids' then
    pg_catalog.format(' and p.id = any (%L::uuid[])',
      array(select pg_catalog.jsonb_array_elements_text(request->'ids'))) else '' end
$$;

-- The columns of a file, numbered: from [{"column": "id"} | {"path": ["address", "city"]}, …] to
-- where each stands (`source`) and of what type it is. Raises PT400 for a column personas lack.
create or replace function public.persona_export_columns(columns jsonb)
returns table (number int, name text, kind text, source text)
language plpgsql stable set search_path = '' as $$
begin
  return query
    select given.place::int, given.value->>'column',
      case when given.value ? 'path' then 'path'
        else pg_catalog.format_type(a.atttypid, null) end,
      case when given.value ? 'path' then
          -- by -> and never by #>, which would count into lists
          'p.unpacked' || (
            select pg_catalog.string_agg(pg_catalog.format(' -> %L', part.value), '' order by part.place)
            from pg_catalog.jsonb_array_elements_text(given.value->'path')
              with ordinality as part (value, place))
        else pg_catalog.format('p.%I', a.attname) end
    from pg_catalog.jsonb_array_elements(columns) with ordinality as given (value, place)
    left join pg_catalog.pg_attribute a
      on a.attrelid = 'public.personas'::regclass and a.attname = given.value->>'column'
      and a.attnum > 0 and not a.attisdropped
    order by given.place;
  if exists (
    select from pg_catalog.jsonb_array_elements(columns) as given
    where not given ? 'path' and not exists (
      select from pg_catalog.pg_attribute a
      where a.attrelid = 'public.personas'::regclass and a.attname = given->>'column'
        and a.attnum > 0 and not a.attisdropped)) then
    raise exception 'Personas lack a column of this export.' using errcode = 'PT400';
  end if;
end
$$;

-- The cell of a value (an SQL expression) as an SQL expression; `inert`: for spreadsheets. The
-- functions above are only called where a text does not begin with an ASCII letter that begins no
-- word of JSON.
create or replace function public.persona_cell_expression(value text, kind text, inert boolean)
returns text
language sql immutable set search_path = '' as $$
  select pg_catalog.replace(pg_catalog.replace(case
    when kind = 'path' then
      'case jsonb_typeof(@) when ''string'' then case when ascii(@ #>> ''{}'') between 65 and 122'
      ' and ascii(@ #>> ''{}'') not in (73, 78, 91, 92, 93, 94, 95, 96, 102, 110, 116)'
      ' then @ #>> ''{}'' else public.persona_cell_text(@ #>> ''{}'', ~) end'
      ' when ''object'' then case @ when ''{}'' then ''{}'' end else @::text end'
    when kind = 'text' and inert then
      'case when ascii(@) between 65 and 90 or ascii(@) between 97 and 122 then @'
      ' else public.persona_inert_text(@) end'
    when kind = 'timestamp with time zone' then
      'replace(to_char(@ at time zone ''UTC'', ''YYYY-MM-DD"T"HH24:MI:SS.US'') || ''+00:00'','
      ' ''.000000'', '''')'
    else '@::text' end, '~', inert::text), '@', value)
$$;

-- The rows of an export as SQL that follows "from", newest first if ordered or paged.
--   page  null, or {"until", "place", "size"}: only rows created until then, behind that place (of
--         persona_place in 010; null at the beginning), and at most `size`
create or replace function public.persona_export_rows(request jsonb, page jsonb, ordered boolean)
returns text
language sql stable set search_path = '' as $$
  select pg_catalog.concat('public.personas p where ', public.persona_export_condition(request),
    ' and p.created_at <= ' || pg_catalog.quote_literal(page->>'until') || '::timestamptz',
    ' and public.persona_place(p.created_at, p.id) collate "C" < '
      || pg_catalog.quote_literal(page->>'place'),
    case when ordered or page is not null
      then ' order by public.persona_place(p.created_at, p.id) collate "C" desc' end,
    ' limit ' || (page->>'size')::int)
$$;

-- The statement of an export, newest first.
--   shape  'cells': a text column for each cell; 'sheet': the same, inert in spreadsheets;
--          'cell array', 'sheet array': one JSON array of them; 'object': one JSON object
--   page   as above; the statement then gives the place of each row as well
create or replace function public.persona_export_statement(
  columns jsonb, shape text, request jsonb, page jsonb
) returns text
language sql stable set search_path = '' as $$
  with c as (
    select number, name, kind, source,
      -- A list of more than 1664 columns is none: an array takes its values from where they stand.
      case when shape like '%array' then '(' || source || ')' else 'c' || number end as value
    from public.persona_export_columns(columns)
  ), cells as (
    select *, public.persona_cell_expression(value, kind, shape like 'sheet%') as cell from c
  ), parts as (
    select
      pg_catalog.string_agg(pg_catalog.format('%s as c%s', source, number), ', ' order by number)
        as sources,
      pg_catalog.string_agg(cell, ', ' order by number) as cells,
      pg_catalog.string_agg(pg_catalog.format('%L, %s', name,
        case when kind in ('jsonb', 'integer') then value else cell end), ', ' order by number)
        as members
    from cells
  ), chosen as (
    -- offset 0 keeps the levels apart: a persona is unpacked once, not once for every cell.
    select '(select p.*, p.persona || ''{}'' as unpacked'
      || case when page is not null then ', public.persona_place(p.created_at, p.id) as place'
        else '' end || ' from '
      || public.persona_export_rows(request, page, true) || ' offset 0) p' as chosen_rows
  )
  select pg_catalog.format(
    case when shape like '%array' then 'select to_json(array[%2$s])::text as line%4$s from %5$s'
      when shape = 'object'
        then 'select json_build_object(%3$s)::text as line%4$s from (select %1$s%4$s from %5$s offset 0) c'
      else 'select %2$s%4$s from (select %1$s%4$s from %5$s offset 0) c' end,
    sources, cells, members, case when page is not null then ', place' end, chosen_rows)
  from parts, chosen
$$;

-- Every path of the exported personas that holds a value, as a JSON list of lists of keys. An empty
-- object is a value; lists are not entered. One pass over the rows for each level of objects.
create or replace function public.persona_export_paths(request jsonb, page jsonb) returns jsonb
language plpgsql stable security invoker set search_path = '' as $$
declare
  rows text := '(select p.persona from ' || public.persona_export_rows(request, page, false) || ') p';
  found jsonb := '[]';
  parents jsonb := '[[]]';
  level record;
begin
  while jsonb_array_length(parents) > 0 loop
    execute pg_catalog.format(
      'select coalesce(jsonb_agg(path) filter (where ends), ''[]'') as leaves,'
      ' coalesce(jsonb_agg(path) filter (where goes_on), ''[]'') as objects from ('
      ' select ($1 -> number) || to_jsonb(key) as path, ends, goes_on from ('
      '  select number, e.key,'
      '   bool_or(jsonb_typeof(e.value) <> ''object'' or e.value = ''{}'') as ends,'
      '   bool_or(jsonb_typeof(e.value) = ''object'' and e.value <> ''{}'') as goes_on'
      '  from %s cross join %s as e group by 1, 2) as keys) as paths',
      rows,
      case when parents = '[[]]' then '(select 0) as parent (number) cross join jsonb_each(p.persona)'
        else 'generate_series(0, jsonb_array_length($1) - 1) as parent (number)'
          ' cross join lateral jsonb_each(public.persona_object_at(p.persona, $1 -> number))' end)
      into level using parents;
    found := found || level.leaves;
    parents := level.objects;
  end loop;
  return found;
end
$$;

-- The object at a path of keys, null if something else stands there. A key never counts into a list.
create or replace function public.persona_object_at(persona jsonb, path jsonb) returns jsonb
language plpgsql immutable parallel safe set search_path = '' as $$
declare
  key text;
  value jsonb := persona;
begin
  for key in select * from jsonb_array_elements_text(path) loop
    value := value -> key;
  end loop;
  return case when jsonb_typeof(value) = 'object' then value end;
end
$$;

-- One page of an export through the API: {"lines": […], "place"}, the place of its last
-- row. A line is a list of cells, or the text of an object (as text, so that no client on the
-- way rounds its numbers). It comes as one text, so that the limit of 1000 rows a response does not cut it.
create or replace function public.persona_export_page(
  columns text, shape text, request text, page text
) returns text
language plpgsql stable security invoker set search_path = '' as $$
declare
  lines json;
begin
  execute 'select json_build_object(''lines'', coalesce(json_agg(line'
    || case when shape = 'object' then '' else '::json' end || '), ''[]''),'
    ' ''place'', (array_agg(place))[count(*)])'
    ' from (' || public.persona_export_statement(columns::jsonb, shape, request::jsonb, page::jsonb)
    || ') as rows' into lines;
  return lines::text;
end
$$;

-- What an export needs to know before its first row: the columns there are, the paths if asked, the
-- number of rows, and until when. With a page, of that page alone, with its last place: through the
-- API no statement may run as long as a look at a million personas takes.
create or replace function public.persona_export_start(request text, with_paths boolean, page text)
returns text
language plpgsql stable security invoker set search_path = '' as $$
declare
  asked jsonb := jsonb_build_object('until', clock_timestamp()::text) || page::jsonb;
  counted record;
begin
  execute pg_catalog.format(
    'select count(*) as rows, %s as place from (select p.created_at, p.id from %s) p',
    case when asked is null then 'null'
      else 'public.persona_place((array_agg(created_at))[count(*)], (array_agg(id))[count(*)])' end,
    public.persona_export_rows(request::jsonb, asked, false)) into counted;
  return json_build_object(
    'until', asked->>'until',
    'rows', counted.rows,
    'place', counted.place,
    'paths', case when with_paths then public.persona_export_paths(request::jsonb, asked) end,
    'columns', public.persona_stored_columns())::text;
end
$$;

create or replace function public.persona_stored_columns() returns json
language sql stable set search_path = '' as $$
  select pg_catalog.json_agg(a.attname order by a.attnum) from pg_catalog.pg_attribute a
  where a.attrelid = 'public.personas'::regclass and a.attnum > 0 and not a.attisdropped
$$;

-- ------------------------------------------------------------------ imports

-- Whether a text is stored already is asked of this index.
create index if not exists idx_personas_raw_text_md5 on public.personas (md5(raw_text));

create table if not exists public.import_jobs (
  id           uuid primary key, -- chosen by the client: sending the same job twice stores one
  file_name    text not null,
  file_digest  text not null, -- SHA-256 of the file: a second run of the same file continues it
  status       text not null default 'checking'
    constraint import_jobs_status_known check (
      status in ('checking', 'checked', 'saving', 'saved', 'cancelled', 'failed')),
  rows         int not null default 0, -- read from the file
  good         int not null default 0, -- of them, without a problem
  known        int not null default 0, -- of the good ones, stored already
  faulty       int not null default 0, -- of all, with a problem: they stand in import_problems
  saved        int not null default 0,
  skipped      int not null default 0, -- stored already when their turn came
  error        text, -- for the user's eyes
  worker       text,
  heartbeat_at timestamptz,
  created_by   text,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now()
);

comment on table public.import_jobs is 'One row for each file that was imported; it holds no text of it.';

create index if not exists idx_import_jobs_created_at on public.import_jobs (created_at desc, id);

create or replace trigger import_jobs_set_updated_at before update on public.import_jobs
  for each row execute function public.set_updated_at();

create table if not exists public.import_problems (
  job_id uuid not null references public.import_jobs (id) on delete cascade,
  row    int not null, -- as the file counts, its head being row 1
  reason text not null,
  primary key (job_id, row)
);

alter table public.import_jobs enable row level security;
alter table public.import_problems enable row level security;

drop policy if exists import_jobs_authenticated_all on public.import_jobs;
create policy import_jobs_authenticated_all on public.import_jobs
  for all to authenticated using (true) with check (true);
drop policy if exists import_problems_authenticated_all on public.import_problems;
create policy import_problems_authenticated_all on public.import_problems
  for all to authenticated using (true) with check (true);

revoke all on public.import_jobs, public.import_problems from anon, authenticated, service_role;
grant select, insert, update, delete on public.import_jobs, public.import_problems
  to authenticated, service_role;

-- The numbers of those rows that are stored already. `rows`: [{"row", "id", "md5"}, …]. A row with
-- an id is stored if its id is, or its text by a persona that did not come from this very file (so
-- that two personas of one text survive an export and an import, also one that was interrupted). A
-- row without an id is stored if its text is.
create or replace function public.known_import_rows(rows text, digest text) returns text
language sql stable security invoker set search_path = '' as $$
  select coalesce(pg_catalog.jsonb_agg(given.row), '[]')::text
  from pg_catalog.jsonb_to_recordset(rows::jsonb) as given (row int, id uuid, md5 text)
  where exists (select from public.personas p where p.id = given.id)
    or exists (
      select from public.personas p
      where pg_catalog.md5(p.raw_text) = given.md5 and p.deleted_at is null
        and (given.id is null or p.origin->>'file' is distinct from digest))
$$;

-- Saves one batch and counts it in its job, both or neither. Rows that are stored already are
-- skipped. `rows` are objects with row, md5, raw_text, persona and whichever further columns of
-- personas the file gave. Raises PT409 if the job is not held by this worker (any more).
create or replace function public.save_import(job uuid, worker text, rows text) returns text
language plpgsql security invoker set search_path = '' as $$
declare
  held public.import_jobs;
  given jsonb := rows::jsonb;
  known jsonb;
  new_rows jsonb;
  names text;
begin
  -- One batch at a time: two imports of one text at once would both find it missing.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('persona_dashboard.import'));
  select * into held from public.import_jobs as j where j.id = job for update;
  if held.status is distinct from 'saving' or held.worker is distinct from save_import.worker then
    raise exception 'This import is not held by this worker (any more).' using errcode = 'PT409';
  end if;
  known := public.known_import_rows(rows, held.file_digest)::jsonb;
  with fresh as (
    select distinct on (coalesce(one->>'id', one->>'md5')) one,
      -- without a time of their own, in the order of the file
      now() - interval '1 second' + (one->>'row')::int % 1000000 * interval '1 microsecond' as at
    from jsonb_array_elements(given) as one
    where not known @> (one->'row')
    order by coalesce(one->>'id', one->>'md5'), (one->>'row')::int)
  select coalesce(jsonb_agg(one - 'row' - 'md5' || jsonb_build_object(
      'id', coalesce(one->'id', to_jsonb(gen_random_uuid())),
      'created_at', coalesce(one->'created_at', to_jsonb(at)),
      'updated_at', coalesce(one->'updated_at', one->'created_at', to_jsonb(at)),
      'evidence', coalesce(one->'evidence', '[]'),
      'created_by', coalesce(one->>'created_by', held.created_by, 'import'),
      'updated_by', coalesce(one->>'updated_by', held.created_by, 'import'),
      'origin', jsonb_build_object('kind', 'imported', 'file', held.file_digest, 'row', one->'row')
    )), '[]') into new_rows from fresh;
  -- Columns that no row names keep their defaults.
  select string_agg(format('%I', a.attname), ', ') into names from pg_catalog.pg_attribute a
    where a.attrelid = 'public.personas'::regclass and a.attnum > 0 and not a.attisdropped
      and a.attgenerated = '' and new_rows @? format('$[*].%I', a.attname)::jsonpath;
  if names is not null then
    execute format('insert into public.personas (%1$s) select %1$s '
      'from jsonb_populate_recordset(null::public.personas, $1)', names) using new_rows;
  end if;
  update public.import_jobs as j
    set saved = j.saved + jsonb_array_length(new_rows),
        skipped = j.skipped + jsonb_array_length(given) - jsonb_array_length(new_rows),
        heartbeat_at = clock_timestamp()
    where j.id = job;
  return jsonb_build_object('saved', jsonb_array_length(new_rows),
    'skipped', jsonb_array_length(given) - jsonb_array_length(new_rows))::text;
end
$$;

-- True for the one caller that may now save the job's rows; what was counted begins anew.
create or replace function public.claim_import(job uuid, worker text, stale_after_seconds int)
returns boolean
language sql security invoker set search_path = '' as $$
  with claimed as (
    update public.import_jobs as j
    set status = 'saving', worker = claim_import.worker, heartbeat_at = clock_timestamp(),
        error = null, saved = 0, skipped = 0
    where j.id = job and (
      j.status in ('checked', 'cancelled', 'failed')
      or (j.status = 'saving' and j.heartbeat_at
        < clock_timestamp() - make_interval(secs => stale_after_seconds)))
    returning 1
  )
  select exists (select from claimed)
$$;

do $$
declare
  function_ regprocedure;
begin
  foreach function_ in array array[
    'public.persona_inert_text(text)',
    'public.persona_cell_text(text, boolean)',
    'public.persona_export_condition(jsonb)',
    'public.persona_export_columns(jsonb)',
    'public.persona_cell_expression(text, text, boolean)',
    'public.persona_export_statement(jsonb, text, jsonb, jsonb)',
    'public.persona_export_rows(jsonb, jsonb, boolean)',
    'public.persona_export_paths(jsonb, jsonb)',
    'public.persona_object_at(jsonb, jsonb)',
    'public.persona_export_page(text, text, text, text)',
    'public.persona_export_start(text, boolean, text)',
    'public.persona_stored_columns()',
    'public.known_import_rows(text, text)',
    'public.save_import(uuid, text, text)',
    'public.claim_import(uuid, text, int)'
  ]::regprocedure[] loop
    execute format('revoke execute on function %s from public, anon', function_);
    execute format('grant execute on function %s to authenticated, service_role', function_);
  end loop;
end
$$;
