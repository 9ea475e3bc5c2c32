-- What was answered to a POST of the REST API that came with an Idempotency-Key. The same request again
-- within a day gets the same answer, and is not done twice, however many of them come at once.

select persona_dashboard.claim_names('{}', array[
  'begin_request(text, text, text, boolean)', 'end_request(text, text, text, uuid)']);

create table if not exists persona_dashboard.answered_requests (
  caller      text not null,        -- whose key: two callers may choose the same
  key         text not null,
  fingerprint text not null,        -- of method, address and body
  made        uuid not null default gen_random_uuid(), -- the id of what it makes, if it makes anything
  answer      text,                 -- JSON; null while it is being done
  persona_id  uuid references public.personas on delete cascade, -- an erasure takes the answer along
  begun_at    timestamptz not null default clock_timestamp(),
  primary key (caller, key)
);
create index if not exists answered_requests_old on persona_dashboard.answered_requests (begun_at);
create index if not exists answered_requests_persona
  on persona_dashboard.answered_requests (persona_id) where persona_id is not null;
alter table persona_dashboard.answered_requests enable row level security;
revoke all on persona_dashboard.answered_requests from public, anon, authenticated, service_role;

-- Begin a request. What it says is JSON, as one text: {"state": …, "made": …, "answer": …}
--   new       do it, and end it; `made` is the id of what it makes, however often it begins
--   done      here is what was answered
--   running   somebody is doing it just now
--   unknown   it was begun and never ended: whoever did it is gone
--   other     the key was used for another request
-- What may be done twice without doing it twice (`repeatable`) is never unknown: it begins anew.
create or replace function public.begin_request(
  caller text, key text, fingerprint text, repeatable boolean
) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
  met persona_dashboard.answered_requests;
  inserted boolean;
  lost constant interval := interval '5 minutes'; -- longer than any request takes
begin
  if begin_request.key = '' then
    raise exception 'A request needs a key.' using errcode = 'PT400';
  end if;
  delete from persona_dashboard.answered_requests r
    where r.begun_at < pg_catalog.clock_timestamp() - interval '24 hours';
  insert into persona_dashboard.answered_requests (caller, key, fingerprint)
    values (begin_request.caller, begin_request.key, begin_request.fingerprint)
    on conflict do nothing;
  inserted := found;
  select * into met from persona_dashboard.answered_requests r
    where r.caller = begin_request.caller and r.key = begin_request.key for update;
  if inserted then
    return pg_catalog.json_build_object('state', 'new', 'made', met.made)::text;
  elsif met.fingerprint is distinct from begin_request.fingerprint then
    return '{"state": "other"}';
  elsif met.answer is not null then
    return pg_catalog.json_build_object('state', 'done', 'answer', met.answer)::text;
  elsif met.begun_at > pg_catalog.clock_timestamp() - lost then
    return '{"state": "running"}';
  elsif not begin_request.repeatable then
    return '{"state": "unknown"}';
  end if;
  update persona_dashboard.answered_requests r set begun_at = pg_catalog.clock_timestamp()
    where r.caller = begin_request.caller and r.key = begin_request.key;
  return pg_catalog.json_build_object('state', 'new', 'made', met.made)::text;
end
$$;

-- Keep the answer of a request, about this persona if it is about one; without an answer forget it, so
-- that it can be sent again.
create or replace function public.end_request(caller text, key text, answer text, persona uuid)
returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  if end_request.answer is null then
    delete from persona_dashboard.answered_requests r
      where r.caller = end_request.caller and r.key = end_request.key and r.answer is null;
    return;
  end if;
  update persona_dashboard.answered_requests r
    set answer = end_request.answer,
      persona_id = coalesce(end_request.persona,
        (select p.id from public.personas p where p.id = r.made))
    where r.caller = end_request.caller and r.key = end_request.key and r.answer is null
      -- erased meanwhile: then nothing of it is kept
      and (end_request.persona is null
        or exists (select from public.personas p where p.id = end_request.persona));
end
$$;

revoke execute on function public.begin_request(text, text, text, boolean),
  public.end_request(text, text, text, uuid) from public, anon, authenticated, service_role;
grant execute on function public.begin_request(text, text, text, boolean),
  public.end_request(text, text, text, uuid) to service_role;
