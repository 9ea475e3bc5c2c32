-- Who set each field, which texts a persona was drawn from, and generations that only propose.

alter table public.personas
  add column if not exists origins jsonb not null default '{}'
    constraint personas_origins_is_object check (jsonb_typeof(origins) = 'object'),
  add column if not exists sources jsonb not null default '[]'
    constraint personas_sources_is_array check (jsonb_typeof(sources) = 'array');

comment on column public.personas.origins is
  'JSON Pointer into persona → "model" or "human"; what it leaves out is not known.';
comment on column public.personas.sources is
  'List of {label, added_at, start, end}: code points of raw_text; none means one text.';

-- A request of kind "regenerate" has the persona it is about from the start, and ends with a
-- proposal that somebody takes over, field by field, or not; it changes no persona.
alter table public.generation_requests
  add column if not exists kind text not null default 'generate'
    constraint generation_requests_kind_known check (kind in ('generate', 'regenerate')),
  add column if not exists sources jsonb not null default '[]'
    constraint generation_requests_sources_is_array check (jsonb_typeof(sources) = 'array'),
  add column if not exists proposal jsonb
    constraint generation_requests_proposal_is_object check (jsonb_typeof(proposal) = 'object');

do $$
begin
  if not exists (
    select from pg_catalog.pg_constraint where conname = 'generation_requests_regenerate_has_persona'
  ) then
    alter table public.generation_requests add constraint generation_requests_regenerate_has_persona
      check (kind = 'generate' or persona_id is not null);
  end if;
end
$$;

-- As in 005, and a value that an engine drafted says so. A request of kind "regenerate" keeps the
-- result as its proposal and leaves the persona alone.
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
  if request.kind = 'regenerate' then
    update public.generation_requests as r
      set status = 'saved', error_kind = null, error = null,
          proposal = jsonb_build_object(
            'persona', finish_generation.persona::jsonb,
            'evidence', coalesce(finish_generation.evidence, '[]')::jsonb,
            'generation', finish_generation.generation::jsonb)
      where r.id = request.id;
    return request.persona_id;
  end if;
  insert into public.personas as p
      (raw_text, persona, evidence, generation, sources, origins, created_by)
    values (
      request.raw_text,
      finish_generation.persona::jsonb,
      coalesce(finish_generation.evidence, '[]')::jsonb,
      finish_generation.generation::jsonb,
      request.sources,
      public.model_origins(finish_generation.persona::jsonb),
      request.created_by
    )
    returning p.id into saved_id;
  update public.generation_requests as r
    set status = 'saved', persona_id = saved_id, error_kind = null, error = null
    where r.id = request.id;
  return saved_id;
end
$$;

-- Every single value of a persona as "model", by its JSON Pointer (RFC 6901).
create or replace function public.model_origins(persona jsonb) returns jsonb
language sql immutable security invoker set search_path = '' as $$
  with recursive places (path, value) as (
    select ''::text, persona
    union all
    select p.path || '/' || child.step, child.value
    from places p
    cross join lateral (
      select replace(replace(m.key, '~', '~0'), '/', '~1') as step, m.value
      from jsonb_each(case when jsonb_typeof(p.value) = 'object' then p.value else '{}' end) m
      union all
      select (i.position - 1)::text, i.value
      from jsonb_array_elements(case when jsonb_typeof(p.value) = 'array' then p.value else '[]' end)
        with ordinality i (value, position)
    ) child
  )
  select coalesce(jsonb_object_agg(path, 'model'), '{}') from places
  where jsonb_typeof(value) not in ('object', 'array')
$$;

revoke execute on function public.model_origins(jsonb) from public, anon;
grant execute on function public.model_origins(jsonb) to authenticated, service_role;
