-- A POST of the REST API whose answer was lost is done once; what is done through a key stands in the
-- record of who did what; no answer with a person's text outlives its erasure.

select persona_dashboard.claim_names('{}', array['release_request(text, text)']);

-- ------------------------------------------------------------------ once

-- It was begun before, and perhaps done: then its row stays, with the id of what it makes.
alter table persona_dashboard.answered_requests
  add column if not exists perhaps_done boolean not null default false;

-- As in 025, and one that begins anew was perhaps done.
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
  update persona_dashboard.answered_requests r
    set begun_at = pg_catalog.clock_timestamp(), perhaps_done = true
    where r.caller = begin_request.caller and r.key = begin_request.key;
  return pg_catalog.json_build_object('state', 'new', 'made', met.made)::text;
end
$$;

-- Let go of a request that was perhaps done, and is not answered: what may be repeated may begin anew at
-- once, and makes what has the same id.
create or replace function public.release_request(caller text, key text) returns void
language sql volatile security definer set search_path = '' as $$
  update persona_dashboard.answered_requests r
    set begun_at = pg_catalog.clock_timestamp() - interval '5 minutes', perhaps_done = true
    where r.caller = release_request.caller and r.key = release_request.key and r.answer is null
$$;

-- As in 025; without an answer only what cannot have been done by an earlier try is forgotten.
create or replace function public.end_request(caller text, key text, answer text, persona uuid)
returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  if end_request.answer is null then
    delete from persona_dashboard.answered_requests r
      where r.caller = end_request.caller and r.key = end_request.key and r.answer is null
        and not r.perhaps_done;
    if not found then
      perform public.release_request(end_request.caller, end_request.key);
    end if;
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

-- ------------------------------------------------------------------ erasures

-- What an erasure cannot find by the persona is gone after a day, also where nobody asks any more.
create or replace function persona_dashboard.forget_old_answers() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from persona_dashboard.answered_requests r
    where r.begun_at < pg_catalog.clock_timestamp() - interval '24 hours';
  return null;
end
$$;
create or replace trigger persona_erasures_answers after insert on public.persona_erasures
  for each statement execute function persona_dashboard.forget_old_answers();

-- Answers that earlier versions kept without their persona: of comments, and of files for import.
delete from persona_dashboard.answered_requests r
  where r.persona_id is null and (pg_catalog.strpos(r.answer, '\"samples\"') > 0
    or pg_catalog.strpos(r.answer, '\"resolved_at\"') > 0);

-- ------------------------------------------------------------------ who did what

-- The key of the program that a request of the API is done for, as the dashboard names it; null for who
-- does not come with the secret key.
create or replace function persona_dashboard.acting_key() returns uuid
language plpgsql stable set search_path = '' as $$
declare
  headers constant text := nullif(pg_catalog.current_setting('request.headers', true), '');
  key text;
begin
  if headers is null or persona_dashboard.request_role() <> 'service_role' then
    return null;
  end if;
  key := headers::jsonb ->> 'x-persona-key';
  return case when key ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then key::uuid end;
end
$$;

-- As in 021, and what is done through a key is its owner's, with the name of the key; the key's own if
-- it has no owner.
create or replace function persona_dashboard.note(
  action text, subject text, detail jsonb default '{}', actor text default null
) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  who text := coalesce(note.actor, persona_dashboard.acting_member()::text);
  through jsonb := '{}';
begin
  if who is null then
    select coalesce(k.owner_id, 'key:' || k.id), pg_catalog.jsonb_build_object('through', 'key ' || k.name)
      into who, through
      from public.api_keys k where k.id = persona_dashboard.acting_key();
  end if;
  if who is not null then
    insert into public.persona_audit (actor, action, subject, detail)
      values (who, note.action, note.subject, note.detail || through);
  end if;
end
$$;

-- ------------------------------------------------------------------ rights

revoke execute on function public.begin_request(text, text, text, boolean),
  public.end_request(text, text, text, uuid), public.release_request(text, text),
  persona_dashboard.forget_old_answers(), persona_dashboard.acting_key(),
  persona_dashboard.note(text, text, jsonb, text)
  from public, anon, authenticated, service_role;
grant execute on function public.begin_request(text, text, text, boolean),
  public.end_request(text, text, text, uuid), public.release_request(text, text) to service_role;
