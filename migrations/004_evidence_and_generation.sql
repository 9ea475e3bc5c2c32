-- What every claim of a persona rests on, and how the persona was made.

alter table public.personas
  add column if not exists evidence jsonb not null default '[]'
    constraint personas_evidence_is_array check (jsonb_typeof(evidence) = 'array'),
  add column if not exists generation jsonb
    constraint personas_generation_is_object check (jsonb_typeof(generation) = 'object');

comment on column public.personas.evidence is
  'List of {path, quote, start, end, support}: JSON Pointer into persona, code points of raw_text.';
comment on column public.personas.generation is
  'Engine, model, prompt version, usage, cost and latency; null for personas written by hand.';

drop function if exists public.finish_generation(uuid, text, text);

-- As in 003, and stores evidence and generation in the same insert. JSON comes as text: some
-- gateways encode a jsonb argument twice. A null generation stays null, null evidence is none.
create or replace function public.finish_generation(
  request_id uuid, worker text, persona text, evidence text, generation text
) returns uuid
language plpgsql security invoker set search_path = '' as $$
declare
  request public.generation_requests;
  saved_id uuid;
begin
  select * into request from public.generation_requests as r
    where r.id = finish_generation.request_id for update;
  if request.status = 'saved' then
    return request.persona_id;
  end if;
  if request.status is distinct from 'running'
     or request.worker is distinct from finish_generation.worker then
    raise exception 'This generation is not held by this worker (any more).'
      using errcode = 'PT409', hint = 'Claim it again before saving.';
  end if;
  insert into public.personas as p (raw_text, persona, evidence, generation)
    values (
      request.raw_text,
      finish_generation.persona::jsonb,
      coalesce(finish_generation.evidence, '[]')::jsonb,
      finish_generation.generation::jsonb
    )
    returning p.id into saved_id;
  update public.generation_requests as r
    set status = 'saved', persona_id = saved_id, error_kind = null, error = null
    where r.id = request.id;
  return saved_id;
end
$$;

revoke execute on function public.finish_generation(uuid, text, text, text, text) from public, anon;
grant execute on function public.finish_generation(uuid, text, text, text, text)
  to authenticated, service_role;
