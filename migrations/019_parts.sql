-- A long text is read part by part: each part is kept when it is done, so that running a request again
-- asks only for what is missing. Requests that nobody works on any more are gone on with.

select persona_dashboard.claim_names('{generation_parts}', array['resume_generation(text, text, int)']);

alter table public.generation_requests
  add column if not exists about text not null default '' -- whom the persona is to be about, if it was said
    constraint generation_requests_about_short check (length(about) <= 200),
  add column if not exists resumed int not null default 0; -- how often a dashboard went on with it

create table if not exists public.generation_parts (
  request_id uuid not null references public.generation_requests (id) on delete cascade,
  start_at   int not null, -- code points of the request's text, the end exclusive
  end_at     int not null,
  made_by    text not null, -- model and prompt: what was made otherwise is read again
  claims     jsonb -- [{field, value, quote}]; null: not read
    constraint generation_parts_claims_is_array check (jsonb_typeof(claims) = 'array'),
  usage      jsonb -- tokens
    constraint generation_parts_usage_is_object check (jsonb_typeof(usage) = 'object'),
  cut_at     int, -- tokens after which the server cut the prompt without a word
  error_kind text, -- why it could not be read
  error      text, -- for the user's eyes
  left_out   boolean not null default false, -- on somebody's word
  created_at timestamptz not null default clock_timestamp(),
  primary key (request_id, start_at, end_at, made_by),
  constraint generation_parts_span check (0 <= start_at and start_at < end_at)
);

comment on table public.generation_parts is
  'Parts of long texts as a model read them, until their request is saved.';

alter table public.generation_parts enable row level security;
revoke all on public.generation_parts from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.generation_parts to service_role;

-- Once the draft is saved, its parts stand in it.
create or replace function persona_dashboard.forget_generation_parts() returns trigger
language plpgsql security invoker set search_path = '' as $$
begin
  delete from public.generation_parts where request_id = new.id;
  return null;
end
$$;
revoke execute on function persona_dashboard.forget_generation_parts()
  from public, anon, authenticated, service_role;

create or replace trigger generation_requests_forget_parts
  after update of status on public.generation_requests
  for each row when (new.status = 'saved' and old.status <> 'saved')
  execute function persona_dashboard.forget_generation_parts();

-- One request that was begun or waits, and that nobody works on: handed back by a dashboard that
-- stopped (without a worker), or without a sign of life for so long. Taken for `worker`, once, however
-- many ask; its id, null if there is none. `engines` (a JSON list of names) are those that the worker
-- has. A request that was taken three times without being handed back stays for a person: it may
-- be what ends the dashboards.
create or replace function public.resume_generation(worker text, engines text, stale_after_seconds int)
returns uuid
language sql security invoker set search_path = '' as $$
  update public.generation_requests as request
  set status = 'running',
      worker = resume_generation.worker,
      heartbeat_at = clock_timestamp(),
      resumed = request.resumed + 1,
      error_kind = null,
      error = null
  where request.id = (
    select waiting.id from public.generation_requests as waiting
    where waiting.status in ('queued', 'running')
      and waiting.resumed < 3
      and waiting.engine in (
        select jsonb_array_elements_text(resume_generation.engines::jsonb))
      and (
        waiting.worker is null
        or coalesce(waiting.heartbeat_at, waiting.created_at)
            < clock_timestamp() - make_interval(secs => resume_generation.stale_after_seconds)
      )
    order by waiting.created_at, waiting.id
    limit 1
    for update skip locked
  )
  returning request.id
$$;
revoke execute on function public.resume_generation(text, text, int)
  from public, anon, authenticated, service_role;
grant execute on function public.resume_generation(text, text, int) to service_role;
