-- Names are found without their accents ("jorg" finds Jörg), and short ones that are misspelt; a phrase is
-- found while it is typed.

-- A name in small letters, with letters of ASCII where it has accents.
create or replace function persona_dashboard.plain_name(name text) returns text
language sql immutable strict parallel safe
return case when name ~ '^[\x01-\x7f]*$' then name
  else replace(replace(replace(
    translate(regexp_replace(normalize(name, NFD), '[\u0300-\u036f]', '', 'g'), 'øłđðıħ', 'olddih'),
    'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe') end;
revoke execute on function persona_dashboard.plain_name(text)
  from public, anon, authenticated, service_role;
grant execute on function persona_dashboard.plain_name(text) to service_role, authenticated;

-- Instead of the one of 010.
do $$
begin
  execute pg_catalog.format(
    'create index if not exists idx_personas_plain_name_trigrams on public.personas using gin '
    '(persona_dashboard.plain_name(name_key) %s.gin_trgm_ops) with (gin_pending_list_limit = 1024)',
    (select extnamespace::regnamespace from pg_catalog.pg_extension where extname = 'pg_trgm'));
end
$$;
drop index if exists public.idx_personas_name_trigrams;

-- As in 020, names without their accents, and a phrase that is still open by the beginning of its last word.
create or replace function persona_dashboard.persona_words_filter(words text, roughly boolean) returns text
language plpgsql stable security invoker set search_path = pg_catalog, public as $$
declare
  language constant regconfig := public.persona_search_language();
  pattern constant text :=
    regexp_replace(persona_dashboard.plain_name(lower(words)), '([\\%_])', '\\\1', 'g');
  -- a word of three letters or more, without punctuation: found by its beginning
  whole constant text := '^[^\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]{3,100}$';
  -- closes a phrase that is open yet, and marks it: its last word may not be whole
  still_open constant text := case when length(replace(words, '"', '')) % 2 <> length(words) % 2
    then e'\x01"' else '' end;
  either text[] := '{}'; -- what stands between the words "or"
  parts text[] := '{}';
  word text;
  plain tsquery;
  stems tsquery;
  found text;
begin
  for word in select given[1]
    from regexp_matches(words || still_open || ' or', '(-?"[^"]*"|[^\s"]+)', 'g') given
  loop
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
    if word ~ '[^"\s]{3}\x01"$' or numnode(plain) = 1 and word ~ whole then
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
    either := either || format('persona_dashboard.plain_name(p.name_key) like %L', pattern || '%');
    either := either || format('persona_dashboard.plain_name(p.name_key) like %L', '% ' || pattern || '%');
  end if;
  return case when either = '{}' then 'false' else '(' || array_to_string(either, ' or ') || ')' end;
end
$$;

-- As in 014, names without their accents.
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
          c.updated_at, persona_dashboard.plain_name(c.name_key) as plain
        from public.personas c
        where c.deleted_at is null
          and persona_dashboard.plain_name(lower(words)) <% persona_dashboard.plain_name(c.name_key)
        limit 2000
      ) p
      order by persona_dashboard.plain_name(lower(words)) <<-> p.plain, p.plain, p.id
      limit least(size, 100);
    end
  $sql$;
  perform set_config('search_path', before, true);
end
$$;

-- As in 014; where no name is close, those that are less so: a letter is much of a short name.
create or replace function public.similar_personas(words text, size int)
returns table (
  id uuid, name text, role text, summary text, status text, engine text, coverage smallint,
  created_at timestamptz, updated_at timestamptz, place text, snippet text
)
language plpgsql stable security invoker
set search_path = pg_catalog, public set statement_timeout = '5s' as $$
declare
  likeness text;
begin
  foreach likeness in array array['0.45', '0.35'] loop
    perform set_config('pg_trgm.word_similarity_threshold', likeness, true);
    return query select p.*, null::text, null::text
      from persona_dashboard.persona_names_like(similar_personas.words, similar_personas.size) p;
    exit when found;
  end loop;
end
$$;

analyze public.personas;
