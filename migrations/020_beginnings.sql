-- Any word is found by its beginning ("nurs" finds nurses), what is not drafted yet can be asked for,
-- and the list tells who changed a persona last and how a text without a persona begins.

select persona_dashboard.claim_names('{persona_overview}');

-- Beside persona_list, which 010 makes and would not make again if it had more columns.
create or replace view public.persona_overview with (security_invoker = true) as
select id, name, role, summary, status, engine, coverage, created_at, updated_at,
  persona_dashboard.persona_place(created_at, id) collate "C" as created_place,
  persona_dashboard.persona_place(updated_at, id) collate "C" as updated_place,
  persona_dashboard.persona_place(name_key, id) collate "C" as name_place,
  persona_dashboard.persona_place(status, id) collate "C" as status_place,
  updated_by,
  case when coverage is null then left(raw_text, 300) end as beginning -- no other text is fetched
from public.personas
where deleted_at is null;
revoke all on public.persona_overview from public, anon, authenticated, service_role;
grant select on public.persona_overview to service_role;

-- As in 010; a word is found by its beginning too. That finds all that its other ways find but for
-- other forms of it, so that it stands there alone for the planner to guess by.
create or replace function persona_dashboard.persona_words_filter(words text, roughly boolean) returns text
language plpgsql stable security invoker set search_path = pg_catalog, public as $$
declare
  language constant regconfig := public.persona_search_language();
  pattern constant text := regexp_replace(lower(words), '([\\%_])', '\\\1', 'g');
  -- a word of three letters or more, without punctuation: found by its beginning
  whole constant text := '^[^\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]{3,100}$';
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
    if numnode(plain) = 1 and word ~ whole then
      plain := (plain::text || ':*')::tsquery;
    end if;
    found := format('p.document @@ %L::tsquery', plain);
    if numnode(stems) > 0 and not (roughly and word ~ whole) then
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

-- As in 010; 'empty' asks for what claims nothing: it is not drafted yet.
create or replace function persona_dashboard.persona_filter(request jsonb, roughly boolean default false)
returns text
language plpgsql stable security invoker set search_path = pg_catalog, public as $$
declare
  parts text[] := array['p.deleted_at is null'];
  words text := coalesce(request ->> 'words', '');
  condition jsonb;
  place text;
  wanted text;
begin
  if words <> '' then
    parts := parts || persona_dashboard.persona_words_filter(words, roughly);
  end if;
  for condition in select jsonb_array_elements(request -> 'conditions') loop
    place := array_to_string(array(select jsonb_array_elements_text(condition -> 'path')), e'\x1f');
    wanted := coalesce(condition ->> 'value', '');
    parts := parts || case condition ->> 'kind'
      when 'has' then format('p.facts @> %L::bigint[]', array[persona_dashboard.persona_fact(place, '?', '')])
      when 'is' then format('p.facts @> %L::bigint[]', array[persona_dashboard.persona_fact(place, '=', wanted)])
      when 'contains' then
        format('p.facts @> %L::bigint[]', array[persona_dashboard.persona_fact(place, '[', wanted)])
      else format('p.facts && %L::bigint[]', array[
        persona_dashboard.persona_fact(place, '=', wanted), persona_dashboard.persona_fact(place, '[', wanted)]) end;
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
      when 'empty' then 'p.coverage is null'
      else 'p.coverage between 1 and 99' end;
  end if;
  return array_to_string(parts, ' and ');
end
$$;

-- As in 014; the list tells updated_by and, of what claims nothing, the beginning of the text.
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
    -- the whole word that begins so is marked
    one_word := case when words ~ '^\s*[[:alpha:]]{3,}\s*$'
      then regexp_replace(patterns[1], '\\M$', '') || '\w*'
      when words ~ '^\s*[[:alpha:]]+\s*$' then patterns[1] end;
    snippet := format('persona_dashboard.persona_snippet(p.raw_text, p.persona, %L, %L, %L, %L)',
      one_word, patterns,
      regexp_replace(websearch_to_tsquery('simple', words)::text, '(''[^'']{3,}'')', '\1:*', 'g')::tsquery,
      websearch_to_tsquery(public.persona_search_language(), words));
  end if;
  shown := 'select coalesce(json_agg(found), ''[]''), count(*) from ('
    'select p.id, p.name, p.role, p.summary, p.status, p.engine, p.coverage, p.created_at, '
    'p.updated_at, p.updated_by, p.place, '
    'case when p.coverage is null then left(p.raw_text, 300) end as beginning, '
    || snippet || ' as snippet from (';
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
