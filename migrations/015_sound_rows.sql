-- Whatever is written to a persona can be read again, by whichever program it was written.
--
-- The shape of its JSON columns is described in services/personas/shapes.py. What of it SQL can say
-- cheaply is asked here of every column that a statement sets to something else. A trigger, not
-- check constraints: a row that is bad already must go to the trash, move in review and be repaired
-- all the same, and the message of a constraint puts the row's text into the database's log.

-- A client reads numbers as 64-bit floats and JSON to a certain depth: one row beyond that would fail
-- every list it stands in.
create or replace function persona_dashboard.is_readable(value jsonb) returns boolean
language sql immutable parallel safe
return not coalesce(value @? 'strict $.**{101}'
  or value @? 'strict $.** ? (@ > 1.7e308 || @ < -1.7e308)', false);

-- The value with what cannot be read as the text of it, in its place. Nothing is lost.
create or replace function persona_dashboard.made_readable(value jsonb) returns jsonb
language sql immutable parallel safe set search_path = '' as $$
  select case
    when persona_dashboard.is_readable(value) then value
    when pg_catalog.jsonb_typeof(value) = 'object' then (
      select pg_catalog.jsonb_object_agg(key, case
        when persona_dashboard.is_readable(pg_catalog.jsonb_build_array(part)) then part
        else pg_catalog.to_jsonb(part::text) end)
      from pg_catalog.jsonb_each(value) as parts (key, part))
    when pg_catalog.jsonb_typeof(value) = 'array' then (
      select pg_catalog.jsonb_agg(case
        when persona_dashboard.is_readable(pg_catalog.jsonb_build_array(part)) then part
        else pg_catalog.to_jsonb(part::text) end order by nth)
      from pg_catalog.jsonb_array_elements(value) with ordinality as parts (part, nth))
    else pg_catalog.to_jsonb(value::text) end
$$;

-- Raises PT422 with what is wrong. Of an entry that may not stand there, each path finds the first.
create or replace function persona_dashboard.refuse_unsound_persona() returns trigger
language plpgsql set search_path = '' as $$
declare
  wrong text;
begin
  if new.persona is distinct from old.persona and not persona_dashboard.is_readable(new.persona) then
    wrong := 'persona: a number is too large, or it is nested too deep';
  end if;
  if new.evidence is distinct from old.evidence
     and (new.evidence @? 'strict $[*] ? (@.type() != "object")'
       or new.evidence @? 'strict $.**{101}'
       or new.evidence @? '$[*] ? (!((@.path starts with "/" || @.path == "")
         && @.quote.type() == "string"
         && ((@.start >= 0 && @.end > @.start && @.end <= 2147483647)
           || !(exists(@.start ? (@ != null)) || exists(@.end ? (@ != null))))))') then
    wrong := 'evidence: every entry must be an object with path (a JSON Pointer), quote (text), '
      'start and end (whole numbers, or null)';
  end if;
  if new.sources is distinct from old.sources
     and (new.sources @? 'strict $[*] ? (@.type() != "object")'
       or new.sources @? '$[*] ? (!(@.label.type() == "string"
         && @.start >= 0 && @.end > @.start && @.end <= 2147483647))'
       or not persona_dashboard.is_readable(new.sources)) then
    wrong := 'sources: every entry must be an object with label (text), start and end (whole numbers)';
  end if;
  if new.origins is distinct from old.origins and new.origins @? 'strict $.* ? (@.type() != "string")' then
    wrong := 'origins: every value must be "model" or "human"';
  end if;
  if new.generation is distinct from old.generation
     and not persona_dashboard.is_readable(new.generation) then
    wrong := 'generation: a number is too large, or it is nested too deep';
  end if;
  if new.origin is distinct from old.origin and not persona_dashboard.is_readable(new.origin) then
    wrong := 'origin: a number is too large, or it is nested too deep';
  end if;
  if (new.created_at is distinct from old.created_at or new.deleted_at is distinct from old.deleted_at
      or new.updated_at is distinct from old.updated_at)
     and not (new.created_at between '0001-01-02 UTC' and '9999-12-30 UTC'
       and new.updated_at between '0001-01-02 UTC' and '9999-12-30 UTC'
       and coalesce(new.deleted_at, new.created_at) between '0001-01-02 UTC' and '9999-12-30 UTC') then
    wrong := 'created_at, updated_at, deleted_at: they must lie in the years 1 to 9999';
  end if;
  if wrong is not null then
    raise exception 'What was given cannot be stored. %.', wrong
      using errcode = 'PT422', hint = 'Correct it, or leave it out.';
  end if;
  return new;
end
$$;

revoke execute on function persona_dashboard.is_readable(jsonb),
  persona_dashboard.made_readable(jsonb), persona_dashboard.refuse_unsound_persona()
  from public, anon, authenticated, service_role;
grant execute on function persona_dashboard.is_readable(jsonb),
  persona_dashboard.made_readable(jsonb) to service_role;

-- ------------------------------------------------------------------ what is there already

-- No version is made of it: nothing that a person can see of it changes.
do $$
declare
  kept record;
begin
  for kept in
    select * from (values
      ('personas', array['persona', 'evidence', 'sources', 'origins', 'generation', 'origin']),
      ('persona_versions', array['persona', 'evidence', 'sources', 'origins', 'generation', 'origin']),
      ('generation_requests', array['sources', 'proposal'])) tables (name, columns)
  loop
    execute (
      select format(
        'alter table public.%1$I disable trigger user; update public.%1$I set %2$s where %3$s; '
        'alter table public.%1$I enable trigger user', kept.name,
        string_agg(format('%1$I = persona_dashboard.made_readable(%1$I)', c), ', '),
        string_agg(format('not persona_dashboard.is_readable(%I)', c), ' or '))
      from unnest(kept.columns) c);
  end loop;
end
$$;

-- Its name puts it behind what marks a writer's columns and before what counts versions and risk.
create or replace trigger personas_sound
  before insert or update of persona, evidence, sources, origins, generation, origin,
    created_at, updated_at, deleted_at
  on public.personas
  for each row execute function persona_dashboard.refuse_unsound_persona();
