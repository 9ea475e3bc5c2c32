-- What finding needs: columns to show and sort by, a search document, facts for filters, indexes,
-- and the functions that read one page, count, and list ids.
--
-- The generated columns rewrite the table: on a million personas that takes some minutes, during
-- which personas cannot be read. Run it when nobody waits.
--
-- Limits, so that no text of any length can fail to be stored (a tsvector holds 1 MB):
--   searched are the first 150,000 characters of raw_text and 100,000 of the persona as JSON,
--   75,000 and 25,000 where characters take several bytes;
--   filters on fields reach 4 names deep.
--
-- Words are found as they stand, in any language, and by their stem in one: English, until
--   select public.set_persona_search_language('spanish');
-- which rewrites the table as well. `python -m services.database.migrate` does it as SEARCH_LANGUAGE
-- says.

create schema if not exists extensions;
do $$
begin
  if not exists (select from pg_catalog.pg_extension where extname = 'pg_trgm') then
    create extension pg_trgm with schema extensions; -- where hosted Supabase keeps them
  end if;
end
$$;
grant usage on schema extensions to anon, authenticated, service_role;

-- Normally there since 006 and 009.
alter table public.personas add column if not exists deleted_at timestamptz;
alter table public.personas add column if not exists status text not null default 'draft';

-- ------------------------------------------------------------------ what is derived of a persona

create or replace function public.persona_document(
  language regconfig, raw_text text, persona jsonb
) returns tsvector
language sql immutable parallel safe set search_path = pg_catalog
return to_tsvector(language,
    left(raw_text, case when octet_length(left(raw_text, 150000)) <= 300000 then 150000 else 75000 end))
  || case when octet_length(persona::text) <= 100000
     then jsonb_to_tsvector(language, persona, '["string", "numeric"]')
     else to_tsvector(language, left(persona::text,
       case when octet_length(left(persona::text, 100000)) <= 100000 then 100000 else 25000 end)) end;

-- Replaced by set_persona_search_language(), and left as it is when this file runs again.
do $$
begin
  if to_regprocedure('public.persona_search_language()') is null then
    create function public.persona_search_language() returns regconfig
    language sql immutable parallel safe set search_path = ''
    return 'pg_catalog.english'::regconfig;
  end if;
end
$$;

-- The same by stems: "arrives" and "arriving" are one word. Nothing if the language is `simple`.
create or replace function public.persona_stems(raw_text text, persona jsonb) returns tsvector
language sql immutable parallel safe set search_path = pg_catalog
return case when public.persona_search_language() <> 'pg_catalog.simple'::regconfig
  then public.persona_document(public.persona_search_language(), raw_text, persona) end;

-- One thing that holds of a persona, as a number: 64 bits of a hash keep the index small, whatever
-- the values. '=' says that the value stands at the path, '[' that the list there holds it, '?'
-- that there is something. Upper and lower case are alike.
create or replace function public.persona_fact(path text, kind text, value text) returns bigint
language sql immutable parallel safe set search_path = pg_catalog
return hashtextextended(lower(path || e'\x1e' || kind || value), 0);

-- All facts of a persona, as persona_fact() makes them: written out here, because calls would
-- double the time. Names of a path are joined by the unit separator. PL/pgSQL, because it takes a
-- ninth of the time of the same as a recursive query.
create or replace function public.persona_facts(node jsonb, above text default '', depth int default 1)
returns bigint[]
language plpgsql immutable parallel safe set search_path = pg_catalog, public as $$
declare
  found bigint[] := '{}';
  key text;
  value jsonb;
  item text;
begin
  if jsonb_typeof(node) <> 'object' then -- refused later, by the constraint of 001
    return found;
  end if;
  for key, value in select * from jsonb_each(node) loop
    continue when value in ('null', '""', '[]', '{}');
    key := above || key;
    found := found || hashtextextended(lower(key || e'\x1e?'), 0);
    case jsonb_typeof(value)
      when 'array' then
        for item in
          select distinct e from jsonb_array_elements_text(value) e where e is not null -- null: no fact
        loop
          found := found || hashtextextended(lower(key || e'\x1e[' || item), 0);
        end loop;
      when 'object' then
        if depth < 4 then
          found := found || public.persona_facts(value, key || e'\x1f', depth + 1);
        end if;
      else
        found := found || hashtextextended(lower(key || e'\x1e=' || (value #>> '{}')), 0);
    end case;
  end loop;
  return found;
end
$$;

-- Percent of the claims that have words to rest on; null if nothing is claimed; 0 only if none has,
-- 100 only if all have. Claims are as in services/generation/pointers.py: single values, without
-- the summary.
create or replace function public.persona_coverage(persona jsonb, evidence jsonb) returns smallint
language sql immutable parallel safe set search_path = pg_catalog
begin atomic
  select case when found.claims > 0
    then greatest(1, 100 * least(found.claims, total.claims) / nullif(total.claims, 0))
    else nullif(total.claims, 0) * 0 end::smallint
  from (
    select count(*) as claims from jsonb_path_query(
      case jsonb_typeof(persona) when 'object' then persona - 'summary' end,
      'strict $.** ? (@.type() == "number" || @.type() == "boolean"'
      ' || (@.type() == "string" && @ != ""))')
  ) total, (
    select count(distinct item ->> 'path') as claims
    from jsonb_array_elements(case jsonb_typeof(evidence) when 'array' then evidence end) item
    where item ->> 'path' <> '/summary'
  ) found;
end;

alter table public.personas
  add column if not exists name text
    generated always as (left(persona ->> 'name', 200)) stored,
  add column if not exists role text
    generated always as (left(persona ->> 'role', 200)) stored,
  add column if not exists summary text
    generated always as (left(persona ->> 'summary', 300)) stored,
  add column if not exists engine text
    generated always as (coalesce(generation ->> 'engine', '')) stored,
  add column if not exists name_key text
    generated always as (lower(coalesce(left(persona ->> 'name', 200), ''))) stored,
  add column if not exists coverage smallint
    generated always as (public.persona_coverage(persona, evidence)) stored,
  add column if not exists facts bigint[]
    generated always as (public.persona_facts(persona)) stored,
  add column if not exists document tsvector
    generated always as (public.persona_document('pg_catalog.simple', raw_text, persona)) stored,
  add column if not exists stems tsvector
    generated always as (public.persona_stems(raw_text, persona)) stored;

comment on column public.personas.engine is 'Which engine drafted it; empty if none did.';
comment on column public.personas.name_key is 'What sorting by name goes by; empty without a name.';
comment on column public.personas.coverage is 'Percent of claims with a source; null without claims.';
comment on column public.personas.facts is 'Hashes of what holds of the persona, for filters.';
comment on column public.personas.document is 'Words of raw_text and persona, for the search.';
comment on column public.personas.stems is 'Their stems in the language of the search.';

-- ------------------------------------------------------------------ indexes

-- Where a persona stands in an order of the list, as one text: its value, then its id, which makes
-- every order total. A page begins behind such a place, so that one comparison and one index find
-- it, however many share the value. Places are compared by code points, which every use has to say
-- (collate "C"): a function cannot. No search_path is set: it would hide from the planner what the
-- functions do.
create or replace function public.persona_place(at timestamptz, id uuid) returns text
language sql immutable parallel safe
return -- microseconds since Postgres's first day
  lpad(trunc((extract(epoch from at at time zone 'UTC') + 210866803200) * 1000000)::text, 19, '0')
  || id::text;

-- Letters stand where they would without their accents and strokes. It begins with '=', because the
-- local gateway drops blanks at the beginning of what is asked for.
create or replace function public.persona_place(value text, id uuid) returns text
language sql immutable parallel safe
return '=' || left(translate(
  normalize(regexp_replace(normalize(value, nfd), '[\u0300-\u036f]+', '', 'g'), nfc),
  'øłđæœßðþı', 'oldaosdti'), 200) || e'\t' || id::text;

create index if not exists idx_personas_live_created
  on public.personas (public.persona_place(created_at, id) collate "C") where deleted_at is null;
create index if not exists idx_personas_live_updated
  on public.personas (public.persona_place(updated_at, id) collate "C") where deleted_at is null;
create index if not exists idx_personas_live_name
  on public.personas (public.persona_place(name_key, id) collate "C") where deleted_at is null;
create index if not exists idx_personas_live_status
  on public.personas (public.persona_place(status, id) collate "C") where deleted_at is null;

-- What the list shows, with the places of its orders.
create or replace view public.persona_list with (security_invoker = true) as
select id, name, role, summary, status, engine, coverage, created_at, updated_at,
  public.persona_place(created_at, id) collate "C" as created_place,
  public.persona_place(updated_at, id) collate "C" as updated_place,
  public.persona_place(name_key, id) collate "C" as name_place,
  public.persona_place(status, id) collate "C" as status_place
from public.personas
where deleted_at is null;

comment on view public.persona_list is 'Personas that are not in the trash, as the list shows them.';
revoke all on public.persona_list from public, anon, authenticated, service_role;
grant select on public.persona_list to authenticated, service_role;

-- For filters; those of 001 serve the dates.
create index if not exists idx_personas_filter_status
  on public.personas (status) where deleted_at is null;
create index if not exists idx_personas_filter_engine
  on public.personas (engine) where deleted_at is null;
create index if not exists idx_personas_filter_coverage
  on public.personas (coverage) where deleted_at is null;

-- A short list of what is not sorted in yet: every search reads all of it.
create index if not exists idx_personas_document
  on public.personas using gin (document) with (gin_pending_list_limit = 1024);
create index if not exists idx_personas_stems
  on public.personas using gin (stems) with (gin_pending_list_limit = 1024);
create index if not exists idx_personas_facts
  on public.personas using gin (facts) with (gin_pending_list_limit = 1024);

do $$
begin
  execute pg_catalog.format(
    'create index if not exists idx_personas_name_trigrams on public.personas '
    'using gin (name_key %s.gin_trgm_ops) with (gin_pending_list_limit = 1024)',
    (select extnamespace::regnamespace from pg_catalog.pg_extension where extname = 'pg_trgm'));
end
$$;

-- The planner walks the order of the list for frequent words and uses the index for rare ones. It
-- knows which is which by these statistics.
analyze public.personas;

-- ------------------------------------------------------------------ functions

-- Which words a search asks for, as an SQL condition on public.personas p. Each is found as it
-- stands or by its stem, in "quotes" only as it stands; a word without a stem (Will, it) as well.
-- `roughly`: for the planner to guess by. It takes the ways to find one word for independent and
-- would add them up, so that only the widest of them stands there.
create or replace function public.persona_words_filter(words text, roughly boolean) returns text
language plpgsql stable security invoker set search_path = pg_catalog, public, extensions as $$
declare
  language constant regconfig := public.persona_search_language();
  pattern constant text := regexp_replace(lower(words), '([\\%_])', '\\\1', 'g');
  either text[] := '{}'; -- what stands between the words "or"
  parts text[] := '{}';
  word text;
  plain tsquery;
  stems tsquery;
  found text;
begin
  for word in select given[1] from regexp_matches(words || ' or', '(-?"[^"]*"?|[^\s"]+)', 'g') given loop
    if lower(word) = 'or' then
      if parts <> '{}' then
        either := either || array_to_string(parts, ' and ');
      end if;
      parts := '{}';
      continue;
    end if;
    plain := phraseto_tsquery('simple', word);
    continue when numnode(plain) = 0;
    stems := case when word !~ '"' and language <> 'simple'::regconfig
      then phraseto_tsquery(language, word) end;
    found := format('p.document @@ %L::tsquery', plain);
    if numnode(stems) > 0 then
      found := case when roughly then format('p.stems @@ %L::tsquery', stems)
        else format('(%s or p.stems @@ %L::tsquery)', found, stems) end;
    end if;
    parts := parts || case when word ~ '^-' then format('not (%s)', found) else found end;
  end loop;
  if not roughly and either <> '{}' and words !~* '"|(^|\s)-|(^|\s)or(\s|$)' and length(words) > 1 then
    -- names by the beginning of any of their words
    either := either || format('p.name_key like %L', pattern || '%');
    either := either || format('p.name_key like %L', '% ' || pattern || '%');
  end if;
  return case when either = '{}' then 'false' else '(' || array_to_string(either, ' or ') || ')' end;
end
$$;

-- A request (PersonaQuery.to_request in services/personas/query.py) as an SQL condition on
-- public.personas p, every value quoted. Never null: without filters, what is not in the trash.
create or replace function public.persona_filter(request jsonb, roughly boolean default false)
returns text
language plpgsql stable security invoker set search_path = pg_catalog, public, extensions as $$
declare
  parts text[] := array['p.deleted_at is null'];
  words text := coalesce(request ->> 'words', '');
  condition jsonb;
  place text;
  wanted text;
begin
  if words <> '' then
    parts := parts || public.persona_words_filter(words, roughly);
  end if;
  for condition in select jsonb_array_elements(request -> 'conditions') loop
    place := array_to_string(array(select jsonb_array_elements_text(condition -> 'path')), e'\x1f');
    wanted := coalesce(condition ->> 'value', '');
    parts := parts || case condition ->> 'kind'
      when 'has' then format('p.facts @> %L::bigint[]', array[public.persona_fact(place, '?', '')])
      when 'is' then format('p.facts @> %L::bigint[]', array[public.persona_fact(place, '=', wanted)])
      when 'contains' then
        format('p.facts @> %L::bigint[]', array[public.persona_fact(place, '[', wanted)])
      else format('p.facts && %L::bigint[]', array[
        public.persona_fact(place, '=', wanted), public.persona_fact(place, '[', wanted)]) end;
  end loop;
  if request ? 'status' then
    parts := parts || format('p.status = any (%L::text[])',
      array(select jsonb_array_elements_text(request -> 'status')));
  end if;
  if request ? 'engine' then
    parts := parts || format('p.engine = any (%L::text[])',
      array(select jsonb_array_elements_text(request -> 'engine')));
  end if;
  if request ? 'created_from' then
    parts := parts || format('p.created_at >= %L::timestamptz', request ->> 'created_from');
  end if;
  if request ? 'created_before' then
    parts := parts || format('p.created_at < %L::timestamptz', request ->> 'created_before');
  end if;
  if request ? 'updated_from' then
    parts := parts || format('p.updated_at >= %L::timestamptz', request ->> 'updated_from');
  end if;
  if request ? 'updated_before' then
    parts := parts || format('p.updated_at < %L::timestamptz', request ->> 'updated_before');
  end if;
  if request ? 'coverage' then
    parts := parts || case request ->> 'coverage'
      when 'full' then 'p.coverage = 100'
      when 'none' then 'p.coverage = 0'
      else 'p.coverage between 1 and 99' end;
  end if;
  return array_to_string(parts, ' and ');
end
$$;

-- Where a search may have found its words, as regular expressions: the words as they stand (of a
-- phrase, the first ten), then what begins with their stems. Words that say little ("the") count if
-- there are no others.
create or replace function public.persona_words_patterns(words text) returns text[]
language sql stable parallel safe set search_path = pg_catalog, public as $$
  with given as (
    select word[1] as word, nth,
      tsvector_to_array(to_tsvector(persona_search_language(), word[1])) as stems
    from regexp_matches(words, '(-?"[^"]*"?|[^\s"]+)', 'g') with ordinality as given (word, nth)
    where word[1] !~ '^-' and lower(word[1]) <> 'or'
  ), telling as (
    select * from given where stems <> '{}' or not exists (select from given where stems <> '{}')
  )
  select array(
    select pattern from (
      select false as loose, nth, '\m' || array_to_string(
        (regexp_split_to_array(btrim(regexp_replace(word, '\W+', ' ', 'g')), ' '))[:10], '\W+'
      ) || '\M' as pattern from telling
      union all
      select true, nth, '\m' || regexp_replace(stem, '(\W)', '\\\1', 'g')
      from telling, unnest(stems) stem where word !~ '"'
    ) patterns where pattern <> '\m\M' order by loose, nth limit 12)
$$;

-- What stands up to `around` characters before a place and twice as far behind it, from a whole word
-- on, without the control characters that hits are marked by.
create or replace function public.persona_words_around(searched text, place int, around int)
returns text
language sql immutable parallel safe
return regexp_replace(
  regexp_replace(substr(searched, greatest(1, place - around), 3 * around),
    case when place > around then '^\S{0,70}\s' else '' end, ''),
  '[\x02\x03]', '', 'g');

-- A text cut to the words around a hit, with each hit between the control characters 2 and 3; null
-- without one. Looked at is what stands around the first places of each pattern; the first cut that
-- holds all that is asked for is taken, or else the first that holds some of it. If none does, the
-- first 20,000 characters are looked through, which is slow.
create or replace function public.persona_headline(
  searched text, patterns text[], plain tsquery, stems tsquery
) returns text
language plpgsql stable parallel safe set search_path = pg_catalog, public as $$
declare
  options constant text :=
    e'StartSel=\x02, StopSel=\x03, MaxWords=26, MinWords=12, ShortWord=0, MaxFragments=1';
  language constant regconfig := persona_search_language();
  within constant text := left(searched, 150000); -- what is searched
  tries constant int := 3; -- places of a pattern
  place int;
  part text;
  found text;
  best text;
begin
  for number in 0..tries * cardinality(patterns) loop
    if number < tries * cardinality(patterns) then
      place := regexp_instr(within, patterns[1 + number / tries], 1, 1 + number % tries, 0, 'i');
      continue when place = 0;
      part := persona_words_around(within, place, 100);
    else
      exit when best is not null;
      part := translate(left(within, 20000), e'\x02\x03', '');
    end if;
    found := ts_headline('simple', part, plain, options);
    if position(e'\x02' in found) = 0 then
      found := ts_headline(language, part, stems, options);
    end if;
    continue when position(e'\x02' in found) = 0;
    best := coalesce(best, found);
    if numnode(plain) = 1 or to_tsvector('simple', part) @@ plain
        or to_tsvector(language, part) @@ stems then
      return found;
    end if;
  end loop;
  return best;
end
$$;

-- The words around what was found, in the text or else in the persona; null if it stands too far
-- in, or only in the name. `one_word`: the pattern of the word if one is asked for. Where it stands as
-- it is, the pattern is enough. Few variables, because each takes its time.
create or replace function public.persona_snippet(
  raw_text text, persona jsonb, one_word text, patterns text[], plain tsquery, stems tsquery
) returns text
language plpgsql stable parallel safe set search_path = pg_catalog, public as $$
declare
  place constant int := regexp_instr(left(raw_text, 150000), one_word, 1, 1, 0, 'i');
begin
  if place > 0 then
    return regexp_replace(
      persona_words_around(raw_text, place, 80), one_word, e'\x02\\&\x03', 'gi');
  end if;
  return coalesce(
    persona_headline(raw_text, patterns, plain, stems),
    persona_headline(
      (select string_agg(value #>> '{}', ' · ')
        from jsonb_path_query(persona, 'strict $.** ? (@.type() == "string")') value),
      patterns, plain, stems));
end
$$;

-- How many rows the planner expects a filter to leave.
create or replace function public.expected_personas(filter text) returns bigint
language plpgsql volatile security invoker -- EXPLAIN is refused in others
set search_path = pg_catalog, public, extensions as $$
declare
  plan json;
begin
  execute 'explain (format json) select from public.personas p where ' || filter into plan;
  return (plan -> 0 -> 'Plan' ->> 'Plan Rows')::bigint;
end
$$;

-- The ids of one page of a filtered list, in its order. Either way to find them can be slow: to
-- walk the order until enough rows match, where few do; to collect all that match and sort them,
-- where many do. The planner's guess at a rare word is too high to choose by it, so this goes by
-- what it meets, and each try but the last is bounded.
create or replace function public.filtered_page(
  listed text, filter text, expected bigint, after text, ordered text, size int
)
returns uuid[]
language plpgsql volatile security invoker
set search_path = pg_catalog, public, extensions as $$
declare
  -- expected rows above which walking comes first
  frequent real := least(20000, (
    select c.reltuples / 20 from pg_class c where c.oid = 'public.personas'::regclass));
  walk constant int := 20000;     -- rows walked before the other way is tried
  few constant int := 2000;       -- rows collected and sorted at most
  walked text := format(
    'select array(select p.id from (select * from %s where p.deleted_at is null%s '
    'order by %s limit %s) p where %s order by %s limit %s)',
    listed, after, ordered, walk, filter, ordered, size);
  chosen uuid[];
  collected uuid[];
  often boolean := expected > frequent;
begin
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
      listed, after, ordered, size) into chosen using collected;
    return chosen;
  end if;
  if not often then
    execute walked into chosen;
    if cardinality(chosen) = size then
      return chosen;
    end if;
  end if;
  execute format('select array(select p.id from %s where %s%s order by %s limit %s)',
    listed, filter, after, ordered, size) into chosen;
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
set search_path = pg_catalog, public, extensions set statement_timeout = '5s' as $$
declare
  asked jsonb := request::jsonb;
  words text := coalesce(asked ->> 'words', '');
  backwards boolean := coalesce((asked ->> 'backwards')::boolean, false);
  downwards boolean := coalesce((asked ->> 'descending')::boolean, true) <> backwards;
  listed text := format(
    '(select *, public.persona_place(%I, id) collate "C" as place from public.personas) p',
    case coalesce(asked ->> 'sort', 'created') when 'created' then 'created_at'
    when 'updated' then 'updated_at' when 'name' then 'name_key' when 'status' then 'status' end);
  ordered text := 'p.place ' || case when downwards then 'desc' else 'asc' end;
  size int := least(greatest(coalesce((asked ->> 'size')::int, 25), 1), 1000);
  filter text := public.persona_filter(asked);
  patterns text[] := public.persona_words_patterns(words);
  after text := '';
  one_word text;
  snippet text := 'null';
  shown text; -- what stands around the rows that are chosen
  in_order text;
  chosen uuid[];
  found json;
  met int := 0; -- rows found
begin
  if asked ? 'place' then
    after := format(' and p.place %s %L', case when downwards then '<' else '>' end, asked ->> 'place');
  end if;
  if patterns <> '{}' then
    one_word := case when words ~ '^\s*[[:alpha:]]+\s*$' then patterns[1] end;
    snippet := format('public.persona_snippet(p.raw_text, p.persona, %L, %L, %L, %L)',
      one_word, patterns, websearch_to_tsquery('simple', words),
      websearch_to_tsquery(public.persona_search_language(), words));
  end if;
  shown := 'select coalesce(json_agg(found), ''[]''), count(*) from ('
    'select p.id, p.name, p.role, p.summary, p.status, p.engine, p.coverage, p.created_at, '
    'p.updated_at, p.place, ' || snippet || ' as snippet from (';
  in_order := ') p order by ' || ordered || ') found';
  if words = '' and not asked ? 'conditions' then -- what the planner knows well
    execute shown || format('select * from %s where %s%s order by %s limit %s',
      listed, filter, after, ordered, size) || in_order into found;
    return found::text;
  end if;
  if one_word is not null then -- what is frequent fills the page within the next rows
    execute shown || format(
      'select * from (select * from %s where p.deleted_at is null%s order by %s limit %s) p '
      'where %s order by %s limit %s',
      listed, after, ordered, 3 * size, filter, ordered, size) || in_order into found, met;
  end if;
  if met < size then
    chosen := public.filtered_page(listed, filter,
      public.expected_personas(public.persona_filter(asked, true)), after, ordered, size);
    execute shown || format('select * from %s where p.id = any ($1)', listed) || in_order
      into found using chosen;
  end if;
  return found::text;
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
set search_path = pg_catalog, public, extensions set statement_timeout = '5s' as $$
begin
  perform set_config('pg_trgm.word_similarity_threshold', '0.45', true);
  return query
    select p.id, p.name, p.role, p.summary, p.status, p.engine, p.coverage, p.created_at,
      p.updated_at, null::text, null::text
    from (
      select c.* from public.personas c
      where c.deleted_at is null and lower(similar_personas.words) <% c.name_key limit 2000
    ) p
    order by lower(similar_personas.words) <<-> p.name_key, p.name_key, p.id
    limit least(size, 100);
end
$$;

-- How many rows a filter leaves: counted while that is cheap, else what the planner expects.
create or replace function public.count_personas(request text)
returns table (total bigint, exact boolean)
language plpgsql volatile security invoker
set search_path = pg_catalog, public, extensions set statement_timeout = '5s' as $$
declare
  filter text := public.persona_filter(request::jsonb);
  most bigint := case when filter = 'p.deleted_at is null' then 50000 else 10000 end;
  expected bigint := public.expected_personas(public.persona_filter(request::jsonb, true));
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

-- The ids a filter leaves, in the order of the ids, up to 1000 after the one given. For what is
-- done to all of them: an order that nothing done to them can change.
create or replace function public.matching_personas(request text, after uuid default null)
returns table (id uuid)
language plpgsql stable security invoker
set search_path = pg_catalog, public, extensions as $$
begin
  return query execute format(
    'select p.id from public.personas p where %s and p.id > %L::uuid order by p.id limit 1000',
    public.persona_filter(request::jsonb),
    coalesce(after, '00000000-0000-0000-0000-000000000000'));
end
$$;

-- Sets the language whose stems are searched: one of pg_ts_config, 'simple' for none. Says whether
-- it was another before; then it makes the stems of all personas anew, which takes minutes for a
-- million. For the owner of the table: it defines a function and a column.
create or replace function public.set_persona_search_language(language text) returns boolean
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
  alter table public.personas add column stems tsvector
    generated always as (public.persona_stems(raw_text, persona)) stored;
  comment on column public.personas.stems is 'Their stems in the language of the search.';
  create index idx_personas_stems
    on public.personas using gin (stems) with (gin_pending_list_limit = 1024);
  analyze public.personas;
  return true;
end
$$;
revoke execute on function public.set_persona_search_language(text)
  from public, anon, authenticated, service_role;

do $$
declare
  made text;
begin
  foreach made in array array[
    'persona_document(regconfig, text, jsonb)', 'persona_search_language()',
    'persona_stems(text, jsonb)', 'persona_words_filter(text, boolean)',
    'persona_words_patterns(text)', 'persona_headline(text, text[], tsquery, tsquery)',
    'persona_words_around(text, int, int)',
    'persona_snippet(text, jsonb, text, text[], tsquery, tsquery)',
    'persona_fact(text, text, text)', 'persona_facts(jsonb, text, int)',
    'persona_place(timestamptz, uuid)', 'persona_place(text, uuid)',
    'persona_coverage(jsonb, jsonb)', 'persona_filter(jsonb, boolean)',
    'expected_personas(text)',
    'filtered_page(text, text, bigint, text, text, int)', 'search_personas(text)',
    'similar_personas(text, int)', 'count_personas(text)', 'matching_personas(text, uuid)'
  ] loop
    execute 'revoke execute on function public.' || made || ' from public, anon';
    execute 'grant execute on function public.' || made || ' to authenticated, service_role';
  end loop;
end
$$;
