-- OPTIONAL, FOR TRIALS ONLY. Opens the dashboard to the publishable (anon) key.
--
-- Everybody who has the project's URL and its publishable key, which is meant to be public, can
-- then read, change and erase every persona. Prefer SUPABASE_SECRET_KEY: the dashboard runs on
-- a server, where a secret key is safe.
--
-- What it opens to anon, beside nothing of other applications:
--   the tables personas, generation_requests, generation_batches, generation_files, generation_parts, persona_versions, drafts,
--     persona_erasures, persona_comments, import_jobs and import_problems, each by a policy <table>_anon_trial
--   the views persona_history, persona_list and persona_overview
--   the functions listed below, and the helpers in schema persona_dashboard that they call
--
-- Run it after the numbered migrations, and again after new ones. `python -m
-- services.database.migrate` never runs it. To undo it, run close_anon_key.sql.

do $$
declare
  made text;
  helper regprocedure;
begin
  foreach made in array array['personas', 'generation_requests', 'generation_batches', 'generation_files', 'generation_parts',
    'persona_versions', 'drafts', 'persona_erasures', 'persona_comments', 'import_jobs', 'import_problems'] loop
    execute format('drop policy if exists %I on public.%I', made || '_anon_trial', made);
    execute format('create policy %I on public.%I for all to anon using (true) with check (true)',
      made || '_anon_trial', made);
  end loop;
  foreach made in array array[
    'batch_quality(uuid)', 'begin_request(text, text, text, boolean)', 'end_request(text, text, text, uuid)', 'release_request(text, text)',
    'fill_file(text)', 'take_file(text, text, int)',
    'note_file(uuid, text, text)', 'end_in_file(uuid, text)', 'close_file(uuid)', 'earlier_drafts(text)',
    'create_batch(text)', 'change_batch(uuid, text)', 'enqueue_generations(uuid, text)',
    'claim_generations(text, text, int, int, text)', 'heartbeat_generations(text, text)',
    'save_generation(uuid, text, text)', 'save_generations(text, text)', 'end_generation(uuid, text, text)', 'take_turns(text)',
    'claim_generation(uuid, text, int)', 'claim_import(uuid, text, int)', 'count_personas(text)',
    'finish_generation(uuid, text, text, text, text)', 'heartbeat_generation(uuid, text)',
    'known_import_rows(text, text)', 'matching_personas(text, uuid)',
    'persona_export_page(text, text, text, text)', 'persona_export_start(text, boolean, text)',
    'persona_search_language()', 'purge_persona(uuid, text)',
    'restore_persona_version(uuid, int, int, text)', 'restore_personas(text, text)',
    'resume_generation(text, text, int)',
    'review_queue(text, int, bigint, uuid, boolean)', 'review_queue_length(text, int)',
    'save_import(uuid, text, text)', 'search_personas(text)', 'set_status(text, text, text, text)',
    'similar_personas(text, int)', 'trash_personas(text, text)'
  ] loop
    execute format('grant execute on function public.%s to anon', made);
  end loop;
  for helper in
    select oid from pg_catalog.pg_proc where pronamespace = 'persona_dashboard'::regnamespace
      and has_function_privilege('service_role', oid, 'execute')
  loop
    execute format('grant execute on function %s to anon', helper);
  end loop;
end
$$;

grant usage on schema persona_dashboard to anon;
grant select, insert, update, delete on public.personas, public.generation_requests,
  public.generation_parts, public.drafts,
  public.import_jobs, public.import_problems to anon;
grant select, delete on public.generation_batches to anon;
grant select on public.generation_files, public.generation_failures, public.persona_versions, public.persona_history, public.persona_erasures,
  public.persona_list, public.persona_overview to anon;
grant select, insert, delete on public.persona_comments to anon;
grant update (resolved_at, resolved_by) on public.persona_comments to anon;
