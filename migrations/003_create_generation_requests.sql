-- A request to generate is stored before the work begins, so that no pasted text is ever lost.
--
--   queued ──claim──> running ──finish──> saved
--     │                  └──> failed, cancelled ──claim (run again)──> running
--     └──> cancelled

create table if not exists public.generation_requests (
  id           uuid primary key, -- chosen by the client: sending the same request twice stores one
  raw_text     text not null,
  status       text not null default 'queued'
    constraint generation_requests_status_known
    check (status in ('queued', 'running', 'saved', 'failed', 'cancelled')),
  engine       text not null,
  model        text,
  error_kind   text,
  error        text, -- for the user's eyes
  persona_id   uuid references public.personas (id) on delete cascade, -- and its text
  worker       text, -- who holds the request while it runs
  heartbeat_at timestamptz, -- a running request without a recent heartbeat may be claimed by another
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now()
);

create index if not exists idx_generation_requests_created_at
  on public.generation_requests (created_at desc, id);
create index if not exists idx_generation_requests_open
  on public.generation_requests (status, created_at desc) where status <> 'saved';
create index if not exists idx_generation_requests_persona_id
  on public.generation_requests (persona_id);

create or replace trigger generation_requests_set_updated_at
  before update on public.generation_requests
  for each row execute function public.set_updated_at();

alter table public.generation_requests enable row level security;

drop policy if exists generation_requests_authenticated_all on public.generation_requests;
create policy generation_requests_authenticated_all on public.generation_requests
  for all to authenticated using (true) with check (true);

grant select, insert, update, delete on public.generation_requests to authenticated, service_role;
revoke all on public.generation_requests from anon;

-- True for the one caller that may now work on the request. One conditional update decides, so
-- any number of workers may ask at once. The database's clock judges what is stale.
create or replace function public.claim_generation(
  request_id uuid, worker text, stale_after_seconds int
) returns boolean
language sql security invoker set search_path = '' as $$
  with claimed as (
    update public.generation_requests as request
    set status = 'running',
        worker = claim_generation.worker,
        heartbeat_at = clock_timestamp(),
        error_kind = null,
        error = null
    where request.id = claim_generation.request_id
      and (
        request.status in ('queued', 'failed', 'cancelled')
        or (
          request.status = 'running'
          and coalesce(request.heartbeat_at, request.updated_at)
              < clock_timestamp() - make_interval(secs => claim_generation.stale_after_seconds)
        )
      )
    returning 1
  )
  select exists (select from claimed)
$$;

-- Keeps a claim alive. False means that it is lost (cancelled, or taken over): stop working.
create or replace function public.heartbeat_generation(request_id uuid, worker text)
returns boolean
language sql security invoker set search_path = '' as $$
  with alive as (
    update public.generation_requests as request
    set heartbeat_at = clock_timestamp()
    where request.id = heartbeat_generation.request_id
      and request.worker = heartbeat_generation.worker
      and request.status in ('queued', 'running')
    returning 1
  )
  select exists (select from alive)
$$;

-- Saves the persona and closes its request, both or neither. Returns the persona's id; called
-- again for a saved request, the same id. Raises PT409 (HTTP 409) without a live claim.
create or replace function public.finish_generation(request_id uuid, worker text, persona text)
returns uuid
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
  insert into public.personas as p (raw_text, persona)
    values (request.raw_text, finish_generation.persona::jsonb)
    returning p.id into saved_id;
  update public.generation_requests as r
    set status = 'saved', persona_id = saved_id, error_kind = null, error = null
    where r.id = request.id;
  return saved_id;
end
$$;

revoke execute on function public.claim_generation(uuid, text, int) from public, anon;
revoke execute on function public.heartbeat_generation(uuid, text) from public, anon;
revoke execute on function public.finish_generation(uuid, text, text) from public, anon;
grant execute on function public.claim_generation(uuid, text, int) to authenticated, service_role;
grant execute on function public.heartbeat_generation(uuid, text) to authenticated, service_role;
grant execute on function public.finish_generation(uuid, text, text) to authenticated, service_role;
