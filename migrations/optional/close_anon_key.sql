-- Undoes allow_anon_key.sql: the publishable (anon) key may do nothing again.

do $$
declare
  made text;
begin
  foreach made in array array['personas', 'generation_requests', 'persona_versions', 'drafts',
      'persona_erasures', 'persona_comments', 'import_jobs', 'import_problems'] loop
    execute format('drop policy if exists %I on public.%I', made || '_anon_trial', made);
    execute format('revoke all on public.%I from anon', made);
  end loop;
  for made in
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
    execute 'revoke execute on function ' || made || ' from anon';
  end loop;
end
$$;

revoke all on public.persona_history, public.persona_list from anon;
