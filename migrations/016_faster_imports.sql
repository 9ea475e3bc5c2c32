-- An import of many rows keeps their first versions in one statement, and plans the look at the risk
-- of each row once instead of anew for every row.

-- As in 005, and of a statement that inserts, the first versions of all its rows.
create or replace function persona_dashboard.keep_persona_version() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  kept public.personas;
begin
  if tg_op = 'INSERT' and tg_level = 'ROW' then
    return null; -- 014, run again by hand, would have every row kept twice
  end if;
  if tg_op = 'INSERT' then
    insert into public.persona_versions
        (persona_id, version, operation, persona, evidence, generation, raw_text, status, origins,
         sources, author, origin, at)
      select n.id, n.version, 'insert', n.persona, n.evidence, n.generation, n.raw_text, n.status,
        n.origins, n.sources, n.updated_by, n.origin, pg_catalog.clock_timestamp()
      from new_personas n;
    return null;
  end if;
  kept := case when tg_op = 'DELETE' then old else new end;
  insert into public.persona_versions
      (persona_id, version, operation, persona, evidence, generation, raw_text, status, origins,
       sources, author, origin, at)
    values (
      kept.id,
      case when tg_op = 'DELETE' then old.version + 1 else new.version end,
      lower(tg_op), kept.persona, kept.evidence, kept.generation,
      case when tg_op = 'UPDATE' and new.raw_text is distinct from old.raw_text then new.raw_text end,
      kept.status, kept.origins, kept.sources,
      case when tg_op = 'DELETE' then persona_dashboard.writing_role() else new.updated_by end,
      case when tg_op = 'DELETE' then '{"kind": "deleted"}' else new.origin end,
      pg_catalog.clock_timestamp());
  return null;
end
$$;

create or replace trigger personas_keep_version after update or delete on public.personas
  for each row execute function persona_dashboard.keep_persona_version();
create or replace trigger personas_keep_first_versions after insert on public.personas
  referencing new table as new_personas
  for each statement execute function persona_dashboard.keep_persona_version();

-- It asks no table, so one plan is as good as another.
alter function persona_dashboard.keep_review() set plan_cache_mode = 'force_generic_plan';

-- A session keeps the plan that it made while there were few personas, and would read all of them
-- for every batch.
alter function public.known_import_rows(text, text) set enable_seqscan = off;
