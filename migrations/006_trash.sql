-- Deleting moves to the trash: the row stays, with `deleted_at`. Purging is another step: it
-- erases the persona, its versions and its requests for good, and leaves a note that something
-- was erased, not what.

alter table public.personas add column if not exists deleted_at timestamptz;

comment on column public.personas.deleted_at is 'When it went to the trash; null if it is not there.';

create index if not exists idx_personas_trash
  on public.personas (deleted_at desc, id) where deleted_at is not null;

create table if not exists public.persona_erasures (
  persona_id uuid not null,
  erased_at  timestamptz not null default clock_timestamp(),
  erased_by  text not null,
  primary key (persona_id, erased_at)
);

comment on table public.persona_erasures is 'That a persona was erased, when and by whom; not what.';

alter table public.persona_erasures enable row level security;

drop policy if exists persona_erasures_authenticated_read on public.persona_erasures;
create policy persona_erasures_authenticated_read on public.persona_erasures
  for select to authenticated using (true);

revoke all on public.persona_erasures from anon, authenticated, service_role;
grant select on public.persona_erasures to authenticated, service_role;

-- Erases a persona that is in the trash, or that was deleted by hand and left its history. True if
-- there was something to erase, false if there is nothing, or the persona is not in the trash.
-- Rows of other tables that reference the persona go with it (on delete cascade). Requests
-- without a persona of their own go too if they hold the same text.
-- A migration that stores text of personas without such a reference replaces this function.
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
  delete from public.personas p where p.id = erased;
  perform pg_catalog.set_config('persona_dashboard.rewrite_history', 'on', true);
  delete from public.persona_versions v where v.persona_id = erased;
  perform pg_catalog.set_config('persona_dashboard.rewrite_history', 'off', true);
  insert into public.persona_erasures (persona_id, erased_by)
    values (erased, coalesce(nullif(purge_persona.erased_by, ''), public.writing_role()));
  return true;
end
$$;

revoke execute on function public.purge_persona(uuid, text) from public, anon;
grant execute on function public.purge_persona(uuid, text) to authenticated, service_role;
