-- OPTIONAL, FOR TRIALS ONLY. Opens the dashboard's tables to the publishable (anon) key.
--
-- Everybody who has the project's URL and its publishable key, which is meant to be public, can
-- then read, change and delete every persona. Prefer SUPABASE_SECRET_KEY: the dashboard runs on
-- a server, where a secret key is safe.
--
-- Run it after the numbered migrations. `python -m services.database.migrate` never runs it.
-- To undo it, run close_anon_key.sql.

do $$
declare
  made text;
begin
  foreach made in array array['personas', 'generation_requests', 'persona_versions', 'drafts',
      'persona_erasures', 'persona_comments', 'import_jobs', 'import_problems'] loop
    execute format('drop policy if exists %I on public.%I', made || '_anon_trial', made);
    execute format('create policy %I on public.%I for all to anon using (true) with check (true)',
      made || '_anon_trial', made);
  end loop;
  for made in -- every function of the dashboard's that a signed-in user may call
    select oid::regprocedure from pg_catalog.pg_proc
    where pronamespace = 'public'::regnamespace and prorettype <> 'trigger'::regtype
      and proname ~ '(persona|generation|import|review|status|origins|filtered_page|writing_role)'
      and has_function_privilege('authenticated', oid, 'execute')
  loop
    execute 'grant execute on function ' || made || ' to anon';
  end loop;
end
$$;

grant select, insert, update, delete on public.personas, public.generation_requests, public.drafts,
  public.import_jobs, public.import_problems to anon;
grant select on public.persona_versions, public.persona_history, public.persona_erasures to anon;
grant select, insert, delete on public.persona_comments to anon;
grant update (resolved_at, resolved_by) on public.persona_comments to anon;
