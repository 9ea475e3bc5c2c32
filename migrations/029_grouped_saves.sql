-- Drafts of a batch are saved several at once: a request to the database for each takes more of its gateway
-- and of a worker than the saving itself.

select persona_dashboard.claim_names('{}', array['save_generations(text, text)']);

-- As save_generation for each of `results`, a list of its `result` with the id of the request as `request`;
-- all or nothing: when one is refused, the caller saves one by one. Answers the ids of those saved: not of
-- requests that are gone. Locks in the order of 026: requests and tries first, then batches by their ids.
create or replace function public.save_generations(worker text, results text) returns text
language plpgsql security definer set search_path = '' as $$
declare
  given constant jsonb := save_generations.results::jsonb;
  ids uuid[];
begin
  select pg_catalog.array_agg(r.id) into ids from (
    select r.id from public.generation_requests r
    where r.id in (select (g ->> 'request')::uuid from pg_catalog.jsonb_array_elements(given) g)
    order by r.id for update) r;
  perform from persona_dashboard.generation_tries t where t.request_id = any(ids)
    order by t.request_id, t.attempt for update;
  perform public.save_generation(s.id, save_generations.worker, s.result::text) from (
    select r.id, g as result from pg_catalog.jsonb_array_elements(given) g
    join public.generation_requests r on r.id = (g ->> 'request')::uuid
    order by r.batch_id, r.id) s;
  return pg_catalog.to_json(coalesce(ids, '{}'))::text;
end
$$;
revoke execute on function public.save_generations(text, text) from public, anon, authenticated, service_role;
grant execute on function public.save_generations(text, text) to service_role;
