-- What a text costs when it is stored: its stems are made of the words that its document has already,
-- a fifth of the time of parsing the text a second time; the risk of a persona without evidence needs
-- no look at evidence; an import looks up what is stored by index, however many personas there are.

-- ------------------------------------------------------------------ names that others may have

-- What later migrations make in `public`, once they have found that nobody else had it there.
create table if not exists persona_dashboard.claimed_names (object text primary key);
revoke all on persona_dashboard.claimed_names from public, anon, authenticated, service_role;

-- Called by a migration before it makes tables, views and functions of these names in `public`: refuses
-- if another application of this database has one of them. (As 001 does for those of 001 to 017.)
create or replace function persona_dashboard.claim_names(relations text[], functions text[] default '{}')
returns void
language plpgsql volatile security invoker set search_path = '' as $$
declare
  taken text;
begin
  select min(found.object) into taken from (
    select 'table or view public.' || name as object from unnest(relations) name
      where to_regclass('public.' || name) is not null
    union all
    select 'function public.' || name from unnest(functions) name
      where to_regprocedure('public.' || name) is not null) found
    where not exists (select from persona_dashboard.claimed_names c where c.object = found.object);
  if taken is not null then
    raise exception 'Another application of this database has a % of its own.', taken
      using hint = 'Rename it, or give the dashboard a Supabase project of its own.';
  end if;
  insert into persona_dashboard.claimed_names
    select 'table or view public.' || name from unnest(relations) name
    union all select 'function public.' || name from unnest(functions) name
    on conflict do nothing;
end
$$;
revoke execute on function persona_dashboard.claim_names(text[], text[])
  from public, anon, authenticated, service_role;

-- ------------------------------------------------------------------ stems

-- Writes down which dictionary the language has for words of plain letters, and which for others.
create or replace function persona_dashboard.note_stem_dictionaries(language regconfig) returns void
language plpgsql volatile security invoker set search_path = pg_catalog as $$
begin
  execute format('create or replace function persona_dashboard.stem_dictionaries() '
    'returns regdictionary[] language sql immutable parallel safe set search_path = '''' '
    'return %L::regdictionary[]', array(
      select format('%I.%I', n.nspname, d.dictname)
      from pg_ts_config_map m
      join pg_ts_dict d on d.oid = m.mapdict join pg_namespace n on n.oid = d.dictnamespace
      where m.mapcfg = language and m.mapseqno = 1 and m.maptokentype in (1, 2) -- asciiword, word
      order by m.maptokentype));
end
$$;

select persona_dashboard.note_stem_dictionaries(public.persona_search_language());

-- The stems of a document of the configuration `simple`, without places: a phrase is looked for by
-- its words. Numbers and addresses stay what they are, but for an ending that looks like a word's.
create or replace function persona_dashboard.stems_of(document tsvector) returns tsvector
language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
  dictionaries constant regdictionary[] := persona_dashboard.stem_dictionaries();
  plain constant regdictionary := dictionaries[1];
  other constant regdictionary := dictionaries[2];
  stems text[] := '{}';
  word text;
begin
  if public.persona_search_language() = 'pg_catalog.simple'::regconfig then
    return null; -- the document has them all
  end if;
  foreach word in array tsvector_to_array(document) loop
    stems := array_append(stems, (ts_lexize(
      case when octet_length(word) = length(word) then plain else other end, word))[1]);
  end loop;
  return array_to_tsvector(array_remove(array_remove(stems, null), '')); -- null: says little ("the")
end
$$;

create or replace function persona_dashboard.persona_stems(raw_text text, persona jsonb)
returns tsvector
language sql immutable parallel safe set search_path = pg_catalog
return persona_dashboard.stems_of(
  persona_dashboard.persona_document('pg_catalog.simple', raw_text, persona));

create or replace function persona_dashboard.keep_search_words() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.document := persona_dashboard.persona_document('pg_catalog.simple', new.raw_text, new.persona);
  new.stems := persona_dashboard.stems_of(new.document);
  return new;
end
$$;

-- As in 014, with the dictionaries.
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
  perform persona_dashboard.note_stem_dictionaries(public.persona_search_language());
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

-- Each new language makes stem_dictionaries() anew, and create or replace keeps what is granted.
revoke execute on function persona_dashboard.note_stem_dictionaries(regconfig),
  persona_dashboard.stem_dictionaries(), persona_dashboard.stems_of(tsvector)
  from public, anon, authenticated, service_role;
grant execute on function persona_dashboard.stem_dictionaries(), persona_dashboard.stems_of(tsvector)
  to service_role;

-- ------------------------------------------------------------------ risk

-- As in 009; what is not there is not looked through.
create or replace function persona_dashboard.persona_review_facts(
  persona jsonb, evidence jsonb, generation jsonb
) returns table (claims int, unsourced int, unsure int, proposals int, misshapen int, risk int)
language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
  sourced int := 0;
begin
  -- by type: a number compared with "" is unknown, and would not count
  claims := (select count(*) from jsonb_path_query(
    persona_review_facts.persona - 'summary',
    'strict $.** ? (@.type() == "number" || @.type() == "boolean"
                    || (@.type() == "string" && @ != ""))'));
  misshapen := (
    select count(*) from jsonb_each(persona_review_facts.persona) m
    where (m.key = any ('{name,age,role,company,location,years_experience,communication_style}')
           and jsonb_typeof(m.value) in ('object', 'array'))
       or (m.key = any ('{traits,skills,goals,pain_points,motivations,behaviours,interests,values,education,quotes}')
           and jsonb_typeof(m.value) not in ('array', 'null')));
  unsure := 0;
  if evidence <> '[]' then
    with sources as (
      select e.item ->> 'path' as path,
        bool_or(e.item -> 'accepted' = 'true' or e.item ->> 'origin' = 'human'
          or (e.item ->> 'support' = 'stated' and e.item -> 'score' >= '95')) as firm
      from jsonb_array_elements(persona_review_facts.evidence) e (item)
      where e.item ->> 'path' like '/_%'
      group by 1
    ), found as (
      select s.firm,
        persona_review_facts.persona #> string_to_array(substr(s.path, 2), '/') as plain,
        case when s.path like '%~%' then persona_review_facts.persona #> array(
          select replace(replace(t.token, '~1', '/'), '~0', '~')
          from string_to_table(substr(s.path, 2), '/') t (token)) end as unescaped
      from sources s where s.path <> '/summary'
    )
    select count(*), count(*) filter (where not coalesce(f.firm, false)) into sourced, unsure
    from found f
    where jsonb_typeof(coalesce(f.unescaped, f.plain)) in ('string', 'number', 'boolean')
      and coalesce(f.unescaped, f.plain) <> '""';
  end if;
  proposals := 0;
  if jsonb_typeof(generation -> 'rejected') = 'array' then
    proposals := (
      select count(*) from jsonb_array_elements(persona_review_facts.generation -> 'rejected') r (item)
      where r.item ->> 'reason' is distinct from 'taken out');
  end if;
  unsourced := claims - sourced;
  risk := 3 * unsourced + unsure + least(proposals, 10) + 5 * misshapen
    + case when claims = 0 then 20 else 0 end;
  return next;
end
$$;

-- ------------------------------------------------------------------ imports

-- As in 012, each row by one index, whatever the planner believes. It knows nothing of the texts while
-- they are being imported: counting what it finds keeps it from reading all personas for the first
-- that matches, and a plan for each call from going by how few there were.
create or replace function public.known_import_rows(rows text, digest text) returns text
language sql stable security invoker set search_path = ''
set plan_cache_mode = force_custom_plan set enable_seqscan = off set enable_bitmapscan = off as $$
  select coalesce(pg_catalog.jsonb_agg(given.row), '[]')::text
  from pg_catalog.jsonb_to_recordset(rows::jsonb) as given (row int, id uuid, md5 text)
  where (select count(*) from public.personas p where p.id = given.id) > 0
    or (select count(*) from public.personas p
      where pg_catalog.md5(p.raw_text) = given.md5
        and coalesce(p.deleted_at, 'infinity') = 'infinity' -- no index of those out of the trash alone
        and (given.id is null or p.origin->>'file' is distinct from digest)) > 0
$$;

-- As in 012; every row is taken apart once.
create or replace function public.save_import(job uuid, worker text, rows text) returns text
language plpgsql security invoker set search_path = '' as $$
declare
  held public.import_jobs;
  given jsonb := rows::jsonb;
  known jsonb;
  further text;
  stored int;
begin
  -- One batch at a time: two imports of one text at once would both find it missing.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('persona_dashboard.import'));
  select * into held from public.import_jobs as j where j.id = job for update;
  if held.status is distinct from 'saving' or held.worker is distinct from save_import.worker then
    raise exception 'This import is not held by this worker (any more).' using errcode = 'PT409';
  end if;
  known := public.known_import_rows((
    select jsonb_agg(jsonb_build_object('row', one->'row', 'id', one->'id', 'md5', one->'md5'))
    from jsonb_array_elements(given) as one)::text, held.file_digest)::jsonb;
  -- Columns that no row names keep their defaults.
  select string_agg(format(', %I', a.attname), '' order by a.attnum) into further
    from pg_catalog.pg_attribute a
    join (select distinct key.name from jsonb_array_elements(given) as one,
            jsonb_object_keys(one) as key (name)) as named on named.name = a.attname
    where a.attrelid = 'public.personas'::regclass and a.attnum > 0 and not a.attisdropped
      and a.attgenerated = '' and a.attname <> all (
        '{id,created_at,updated_at,evidence,created_by,updated_by,origin}');
  execute format($insert$
    with fresh as (
      select distinct on (coalesce(one->>'id', one->>'md5')) one
      from jsonb_array_elements($1) as one
      where not $2 @> (one->'row')
      order by coalesce(one->>'id', one->>'md5'), (one->>'row')::int
    ), timed as (
      -- without a time of their own, in the order of the file
      select one,
        now() - interval '1 second' + (one->>'row')::int %% 1000000 * interval '1 microsecond' as at
      from fresh
    )
    insert into public.personas
      (id, created_at, updated_at, evidence, created_by, updated_by, origin%1$s)
    select coalesce(p.id, gen_random_uuid()), coalesce(p.created_at, at),
      coalesce(p.updated_at, p.created_at, at), coalesce(p.evidence, '[]'),
      coalesce(p.created_by, $3, 'import'), coalesce(p.updated_by, $3, 'import'),
      jsonb_build_object('kind', 'imported', 'file', $4, 'row', one->'row')%1$s
    from timed, jsonb_populate_record(null::public.personas, one) as p
    $insert$, coalesce(further, '')) using given, known, held.created_by, held.file_digest;
  get diagnostics stored = row_count;
  update public.import_jobs as j
    set saved = j.saved + stored,
        skipped = j.skipped + jsonb_array_length(given) - stored,
        heartbeat_at = clock_timestamp()
    where j.id = job;
  return jsonb_build_object('saved', stored, 'skipped', jsonb_array_length(given) - stored)::text;
end
$$;
