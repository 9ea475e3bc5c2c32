-- OPTIONAL. Takes the dashboard out of the database, WITH EVERY PERSONA IN IT. There is no way back:
-- export first, or take a backup.
--
-- Only what the dashboard made goes. If something of yours rests on it (a view on personas, say), the
-- file stops there and changes nothing. The schema `extensions` and the extension pg_trgm go only
-- if the dashboard brought them along and nothing uses them.

begin;

do $$
declare
  made text;
  brought text[] := '{}';
begin
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
    'purge_persona(uuid, text)',
    'restore_persona_version(uuid, int, int, text)', 'restore_personas(text, text)',
    'resume_generation(text, text, int)',
    'review_queue(text, int, bigint, uuid, boolean)', 'review_queue_length(text, int)',
    'save_import(uuid, text, text)', 'search_personas(text)', 'set_status(text, text, text, text)',
    'similar_personas(text, int)', 'trash_personas(text, text)', 'note_export(text)',
    'session_begin(text)', 'session_read(text, int, int)', 'session_claim_renewal(text, text)',
    'session_renew(text, text, text, int)', 'session_end(text, boolean)', 'sign_in_try(text, int, int)',
    'sign_in_link_make(text, text, int)', 'sign_in_link_take(text)', 'member_sessions()',
    'end_member_sessions(uuid)', 'use_api_key(text)'
  ] loop
    execute format('drop function if exists public.%s', made);
  end loop;
  drop function if exists persona_dashboard.persona_names_like(text, int); -- rests on the table
  drop view if exists public.generation_failures, public.persona_list, public.persona_overview, public.persona_history;
  drop table if exists persona_dashboard.draft_keys, persona_dashboard.generation_tries, persona_dashboard.answered_requests, persona_dashboard.sessions,
    public.persona_members, public.persona_audit;
  drop table if exists public.api_keys, public.import_problems, public.import_jobs, public.persona_comments,
    public.drafts, public.persona_erasures, public.persona_versions, public.generation_parts,
    public.generation_requests, public.generation_files, public.generation_batches, public.personas;
  if to_regclass('persona_dashboard.brought_along') is not null then
    brought := array(select object from persona_dashboard.brought_along order by object); -- extension first
  end if;
  drop schema if exists persona_dashboard cascade; -- holds nothing but the dashboard's helpers
  drop function if exists public.persona_search_language();
  foreach made in array brought loop
    begin
      execute 'drop ' || made;
    exception when dependent_objects_still_exist then
      raise notice 'The % stays: something else uses it.', made;
    end;
  end loop;
end
$$;

notify pgrst, 'reload schema';
commit;
