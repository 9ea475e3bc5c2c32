-- Drafts of a batch are saved several at once: a request to the database for each takes more of its gateway
-- and of a worker than the saving itself.

select persona_dashboard.claim_names('{}', array['save_generations(text, text)']);

-- As in 026, in two steps: the rows of model servers stand before batches in the order of locks, so that what
-- saves several notes all servers first.
create or replace function public.save_generation(request_id uuid, worker text, result text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  given constant jsonb := save_generation.result::jsonb;
  asked text;
begin
  select r.server into asked from public.generation_requests r where r.id = save_generation.request_id for update;
  perform from persona_dashboard.generation_tries t
    where t.request_id = save_generation.request_id and t.worker = save_generation.worker
      and t.attempt = coalesce((given ->> 'attempt')::int, t.attempt) for update;
  perform persona_dashboard.note_server(asked, true);
  return persona_dashboard.save_try(save_generation.request_id, save_generation.worker, given);
end
$$;

-- Its caller has locked the request and its tries, and noted that the model server works.
create or replace function persona_dashboard.save_try(request_id uuid, worker text, given jsonb) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  tried constant int := (given ->> 'attempt')::int;
  request public.generation_requests;
  saved_id uuid;
begin
  select * into request from public.generation_requests r where r.id = save_try.request_id;
  perform from persona_dashboard.generation_tries t
    where t.request_id = save_try.request_id and t.worker = save_try.worker
      and t.attempt = coalesce(tried, t.attempt);
  if not found and request.status is distinct from 'saved'
     and (request.status is distinct from 'running' or request.worker is distinct from save_try.worker
       or request.batch_id is not null) then
    raise exception 'This generation is not held by this worker (any more).'
      using errcode = 'PT409', hint = 'Claim it again before saving.';
  end if;
  if request.status is distinct from 'saved' then
    saved_id := persona_dashboard.store_draft(request.id, given);
  end if;
  perform persona_dashboard.settle_try(save_try.request_id, save_try.worker, tried,
    (given ->> 'usd')::numeric, (given ->> 'tokens')::bigint);
  return coalesce(saved_id, request.persona_id);
end
$$;

-- As save_generation for each of `results`, a list of its `result` with the id of the request as `request`;
-- all or nothing: when one is refused, the caller saves one by one. Answers the ids of those saved: not of
-- requests that are gone. Locks in the order of 026: requests and tries, model servers, batches by their ids.
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
  perform persona_dashboard.note_server(s.server, true) from (
    select distinct r.server from public.generation_requests r where r.id = any(ids) order by r.server) s;
  perform persona_dashboard.save_try(s.id, save_generations.worker, s.result) from (
    select r.id, g as result from pg_catalog.jsonb_array_elements(given) g
    join public.generation_requests r on r.id = (g ->> 'request')::uuid
    order by r.batch_id, r.id) s;
  return pg_catalog.to_json(coalesce(ids, '{}'))::text;
end
$$;

revoke execute on function persona_dashboard.save_try(uuid, text, jsonb), public.save_generations(text, text)
  from public, anon, authenticated, service_role;
grant execute on function public.save_generations(text, text) to service_role;
