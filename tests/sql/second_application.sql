-- Another application in the same database, made by postgres as its migrations would. It has its
-- own set_updated_at(), a name that many applications use. All people in it are fictional.

create sequence public.crm_contact_numbers start 1001;

create table public.crm_contacts (
  id         bigint primary key default nextval('public.crm_contact_numbers'),
  owner      uuid not null default auth.uid(),
  name       text not null,
  note       text not null default '',
  changed_on timestamptz
);
create table public.crm_visits (
  id         bigint generated always as identity primary key,
  contact    bigint not null references public.crm_contacts (id),
  happened   text not null,
  changed_on timestamptz not null default now()
);
-- What no role of the API has a right to, service_role included.
create table public.crm_ledger (account text primary key, secret text not null);

create function public.set_updated_at() returns trigger language plpgsql as $$
begin
  new.changed_on := clock_timestamp();
  return new;
end
$$;
create trigger crm_contacts_changed before update on public.crm_contacts
  for each row execute function public.set_updated_at();
create trigger crm_visits_changed before update on public.crm_visits
  for each row execute function extensions.moddatetime(changed_on);

create view public.crm_recent with (security_invoker = true) as
  select c.id, c.name, v.happened from public.crm_contacts c
  join public.crm_visits v on v.contact = c.id;
create function public.crm_contact_count() returns bigint language sql stable as $$
  select count(*) from public.crm_contacts
$$;

alter table public.crm_contacts enable row level security;
alter table public.crm_visits enable row level security;
alter table public.crm_ledger enable row level security;
create policy crm_contacts_own on public.crm_contacts for all to authenticated
  using (owner = auth.uid()) with check (owner = auth.uid());
create policy crm_visits_own on public.crm_visits for all to authenticated
  using (exists (select from public.crm_contacts c where c.id = contact));

revoke all on public.crm_contacts, public.crm_visits, public.crm_ledger, public.crm_recent,
  public.crm_contact_numbers from anon, authenticated, service_role;
grant select, insert, update on public.crm_contacts, public.crm_visits to authenticated;
grant select on public.crm_contacts to anon, service_role; -- row level security closes it to anon
grant select on public.crm_recent to authenticated;
grant usage on public.crm_contact_numbers to authenticated;
revoke execute on function public.crm_contact_count() from public, anon;
grant execute on function public.crm_contact_count() to authenticated;
