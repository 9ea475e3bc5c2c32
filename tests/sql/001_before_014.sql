-- The personas table. Safe to run again, and to paste into Supabase's SQL editor.

create table if not exists public.personas (
  id         uuid primary key default gen_random_uuid(),
  raw_text   text not null,
  persona    jsonb not null constraint personas_persona_is_object check (jsonb_typeof(persona) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

comment on table public.personas is 'One row a person: the pasted text and the persona drawn from it.';

-- The id makes the order total, so that a list can continue after its last row (keyset paging).
create index if not exists idx_personas_created_at on public.personas (created_at desc, id);
create index if not exists idx_personas_updated_at on public.personas (updated_at desc, id);

-- clock_timestamp() moves inside a transaction, now() does not: every update is visible as one.
create or replace function public.set_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end
$$;

create or replace trigger personas_set_updated_at
  before update on public.personas
  for each row execute function public.set_updated_at();
