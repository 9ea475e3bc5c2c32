-- Undoes allow_anon_key.sql: the publishable (anon) key may do nothing again.

do $$
declare
  made text;
  helper regprocedure;
begin
  foreach made in array array['personas', 'generation_requests', 'generation_batches', 'generation_files', 'generation_parts',
    'persona_versions', 'drafts', 'persona_erasures', 'persona_comments', 'import_jobs', 'import_problems'] loop
    execute format('drop policy if exists %I on public.%I', made || '_anon_trial', made);
    execute format('revoke all on public.%I from anon', made);
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
    execute format('revoke execute on function public.%s from anon', made);
  end loop;
  for helper in
    select oid from pg_catalog.pg_proc where pronamespace = 'persona_dashboard'::regnamespace
  loop
    execute format('revoke execute on function %s from anon', helper);
  end loop;
end
$$;

revoke all on public.generation_failures, public.persona_history, public.persona_list, public.persona_overview from anon;
revoke usage on schema persona_dashboard from anon;
