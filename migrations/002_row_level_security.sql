-- Signed-in users may work on personas; the publishable (anon) key may do nothing.
-- The dashboard's own secret key (service_role) is not subject to these rules.

alter table public.personas enable row level security;

drop policy if exists personas_authenticated_all on public.personas;
create policy personas_authenticated_all on public.personas
  for all to authenticated using (true) with check (true);

grant select, insert, update, delete on public.personas to authenticated, service_role;

-- Supabase grants new tables to anon: without this, anon would read an empty table, not a refusal.
revoke all on public.personas from anon;
