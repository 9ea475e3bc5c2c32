-- OPTIONAL, FOR TRIALS ONLY. Opens the dashboard's tables to the publishable (anon) key.
--
-- Everybody who has the project's URL and its publishable key, which is meant to be public, can
-- then read, change and delete every persona. Prefer SUPABASE_SECRET_KEY: the dashboard runs on
-- a server, where a secret key is safe.
--
-- Run it after the numbered migrations. `python -m services.database.migrate` never runs it.
--
-- To undo:
--   drop policy if exists personas_anon_trial on public.personas;
--   drop policy if exists generation_requests_anon_trial on public.generation_requests;
--   drop policy if exists persona_versions_anon_trial on public.persona_versions;
--   revoke all on public.persona_versions, public.persona_history from anon;
--   revoke execute on function public.restore_persona_version(uuid, int, int, text) from anon;
--   revoke execute on function public.purge_persona(uuid, text) from anon;
--   drop policy if exists drafts_anon_trial on public.drafts;
--   drop policy if exists persona_comments_anon_trial on public.persona_comments;
--   revoke all on public.personas, public.generation_requests, public.drafts from anon;
--   revoke all on public.persona_comments from anon;
--   revoke execute on function public.model_origins(jsonb) from anon;
--   revoke execute on function public.persona_status_moves() from anon;
--   revoke execute on function public.persona_review_facts(jsonb, jsonb, jsonb) from anon;
--   revoke execute on function public.review_queue(text, int, bigint, uuid, boolean) from anon;
--   revoke execute on function public.review_queue_length(text, int) from anon;
--   revoke execute on function public.set_status(text, text, text, text) from anon;
--   revoke execute on function public.claim_generation(uuid, text, int) from anon;
--   revoke execute on function public.heartbeat_generation(uuid, text) from anon;
--   revoke execute on function public.finish_generation(uuid, text, text, text, text) from anon;
--   revoke execute on function public.persona_document(text, jsonb) from anon;
--   revoke execute on function public.persona_fact(text, text, text) from anon;
--   revoke execute on function public.persona_facts(jsonb, text, int) from anon;
--   revoke execute on function public.persona_coverage(jsonb, jsonb) from anon;
--   revoke execute on function public.persona_filter(jsonb) from anon;
--   revoke execute on function public.persona_snippet(text, jsonb, tsquery) from anon;
--   revoke execute on function public.expected_personas(text) from anon;
--   revoke execute on function public.filtered_page(text, text, text, int) from anon;
--   revoke execute on function public.search_personas(text) from anon;
--   revoke execute on function public.similar_personas(text, int) from anon;
--   revoke execute on function public.count_personas(text) from anon;
--   revoke execute on function public.matching_personas(text, uuid) from anon;
--   revoke execute on function public.trash_personas(text, text) from anon;

drop policy if exists personas_anon_trial on public.personas;
create policy personas_anon_trial on public.personas
  for all to anon using (true) with check (true);

drop policy if exists generation_requests_anon_trial on public.generation_requests;
create policy generation_requests_anon_trial on public.generation_requests
  for all to anon using (true) with check (true);

grant select, insert, update, delete on public.personas, public.generation_requests to anon;
grant execute on function public.claim_generation(uuid, text, int) to anon;
grant execute on function public.heartbeat_generation(uuid, text) to anon;
grant execute on function public.finish_generation(uuid, text, text, text, text) to anon;

drop policy if exists persona_versions_anon_trial on public.persona_versions;
create policy persona_versions_anon_trial on public.persona_versions for select to anon using (true);

grant select on public.persona_versions, public.persona_history to anon;
grant execute on function public.restore_persona_version(uuid, int, int, text) to anon;
grant execute on function public.purge_persona(uuid, text) to anon;

drop policy if exists drafts_anon_trial on public.drafts;
create policy drafts_anon_trial on public.drafts
  for all to anon using (true) with check (true);

grant select, insert, update, delete on public.drafts to anon;
grant execute on function public.model_origins(jsonb) to anon;

drop policy if exists persona_comments_anon_trial on public.persona_comments;
create policy persona_comments_anon_trial on public.persona_comments
  for all to anon using (true) with check (true);

grant select, insert, delete on public.persona_comments to anon;
grant update (resolved_at, resolved_by) on public.persona_comments to anon;
grant execute on function public.persona_status_moves() to anon;
grant execute on function public.persona_review_facts(jsonb, jsonb, jsonb) to anon;
grant execute on function public.review_queue(text, int, bigint, uuid, boolean) to anon;
grant execute on function public.review_queue_length(text, int) to anon;
grant execute on function public.set_status(text, text, text, text) to anon;

grant execute on function public.persona_document(text, jsonb) to anon;
grant execute on function public.persona_fact(text, text, text) to anon;
grant execute on function public.persona_facts(jsonb, text, int) to anon;
grant execute on function public.persona_coverage(jsonb, jsonb) to anon;
grant execute on function public.persona_filter(jsonb) to anon;
grant execute on function public.persona_snippet(text, jsonb, tsquery) to anon;
grant execute on function public.expected_personas(text) to anon;
grant execute on function public.filtered_page(text, text, text, int) to anon;
grant execute on function public.search_personas(text) to anon;
grant execute on function public.similar_personas(text, int) to anon;
grant execute on function public.count_personas(text) to anon;
grant execute on function public.matching_personas(text, uuid) to anon;
grant execute on function public.trash_personas(text, text) to anon;
