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
  for made in -- the dashboard's functions, and no others
    select oid::regprocedure from pg_catalog.pg_proc
    where pronamespace = 'public'::regnamespace and prorettype <> 'trigger'::regtype
      and proname = any (array[
        'claim_generation', 'claim_import', 'count_personas', 'expected_personas',
        'filtered_page', 'finish_generation', 'generation_origin', 'heartbeat_generation',
        'known_import_rows', 'matching_personas', 'model_origins',
        'persona_cell_expression', 'persona_cell_text', 'persona_coverage',
        'persona_document', 'persona_export_columns', 'persona_export_condition',
        'persona_export_page', 'persona_export_paths', 'persona_export_rows',
        'persona_export_start', 'persona_export_statement', 'persona_fact', 'persona_facts',
        'persona_filter', 'persona_headline', 'persona_inert_text', 'persona_object_at',
        'persona_place', 'persona_review_facts', 'persona_search_language', 'persona_snippet',
        'persona_status_moves', 'persona_stems', 'persona_stored_columns', 'persona_words_around',
        'persona_words_filter', 'persona_words_patterns', 'purge_persona',
        'restore_persona_version', 'restore_personas', 'review_queue', 'review_queue_length',
        'save_import', 'search_personas', 'set_status', 'similar_personas', 'trash_personas',
        'writing_role'])
      and has_function_privilege('authenticated', oid, 'execute')
  loop
    execute 'grant execute on function ' || made || ' to anon';
  end loop;
end
$$;

grant select, insert, update, delete on public.personas, public.generation_requests, public.drafts,
  public.import_jobs, public.import_problems to anon;
grant select on public.persona_versions, public.persona_history, public.persona_erasures,
  public.persona_list to anon;
grant select, insert, delete on public.persona_comments to anon;
grant update (resolved_at, resolved_by) on public.persona_comments to anon;
