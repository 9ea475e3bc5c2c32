-- What somebody is typing and has not saved yet: kept from shortly after the last keystroke, so
-- that a closed tab, a lost connection or a restart costs nothing.

create table if not exists public.drafts (
  owner        text not null constraint drafts_owner_named check (length(owner) between 1 and 320),
  kind         text not null constraint drafts_kind_is_word check (kind ~ '^[a-z_]{1,40}$'),
  subject      text not null constraint drafts_subject_short check (length(subject) <= 200),
  body         text not null constraint drafts_body_limited check (octet_length(body) <= 16777216),
  base_version int, -- the version of the persona the draft is an edit of
  updated_at   timestamptz not null default now(),
  primary key (owner, kind, subject)
);

comment on table public.drafts is
  'One row a box: whose it is (user or browser), which box, and what it is about (a persona''s id).'
  ' What another tab has typed into the same box is about the same, with # and a mark behind it.';

-- For the erasure of a persona's drafts.
create index if not exists idx_drafts_subject on public.drafts (split_part(subject, '#', 1));

create or replace trigger drafts_set_updated_at
  before update on public.drafts
  for each row execute function public.set_updated_at();

-- What was erased must not come back by somebody who goes on typing.
create or replace function public.refuse_drafts_of_erased() returns trigger
language plpgsql set search_path = '' as $$
begin
  if exists (select from public.persona_erasures e
      where e.persona_id::text = split_part(new.subject, '#', 1)) then
    raise exception 'This persona was erased: no draft of it is kept.' using errcode = 'PT410';
  end if;
  return new;
end
$$;
revoke execute on function public.refuse_drafts_of_erased() from public, anon;

create or replace trigger drafts_of_erased_are_refused
  before insert or update on public.drafts
  for each row execute function public.refuse_drafts_of_erased();

alter table public.drafts enable row level security;

-- A signed-in user of the API reaches their own drafts only; the dashboard's secret key, which is
-- not subject to these rules, asks for one owner's at a time.
drop policy if exists drafts_owner_all on public.drafts;
create policy drafts_owner_all on public.drafts
  for all to authenticated
  using (
    owner in (
      nullif(current_setting('request.jwt.claims', true), '')::json ->> 'email',
      nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub'
    )
  )
  with check (
    owner in (
      nullif(current_setting('request.jwt.claims', true), '')::json ->> 'email',
      nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub'
    )
  );

grant select, insert, update, delete on public.drafts to authenticated, service_role;
revoke all on public.drafts from anon;

-- As in 006, and erases the drafts about the persona, and drafts that hold its very text.
create or replace function public.purge_persona(persona_id uuid, erased_by text) returns boolean
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  erased uuid := purge_persona.persona_id;
begin
  perform from public.personas p where p.id = erased for update;
  if exists (select from public.personas p where p.id = erased and p.deleted_at is null)
     or not exists (select from public.persona_versions v where v.persona_id = erased) then
    return false;
  end if;
  delete from public.generation_requests r
    where r.persona_id is null and r.raw_text in (
      select v.raw_text from public.persona_versions v
      where v.persona_id = erased and v.raw_text is not null);
  delete from public.drafts d
    where pg_catalog.split_part(d.subject, '#', 1) = erased::text or d.body in (
      select v.raw_text from public.persona_versions v
      where v.persona_id = erased and v.raw_text is not null);
  delete from public.personas p where p.id = erased;
  perform pg_catalog.set_config('persona_dashboard.rewrite_history', 'on', true);
  delete from public.persona_versions v where v.persona_id = erased;
  perform pg_catalog.set_config('persona_dashboard.rewrite_history', 'off', true);
  insert into public.persona_erasures (persona_id, erased_by)
    values (erased, coalesce(nullif(purge_persona.erased_by, ''), public.writing_role()));
  return true;
end
$$;
