-- Keys for programs that use the REST API. Of a key only the SHA-256 is stored: it is 256 random bits,
-- so nobody finds it by trying, and a slow hash would only cost time.

select persona_dashboard.claim_names('{api_keys}');

create table if not exists public.api_keys (
  id         uuid primary key default gen_random_uuid(),
  name       text not null check (name = btrim(name) and length(name) between 1 and 100),
  hash       text not null unique check (hash ~ '^[0-9a-f]{64}$'),
  hint       text not null check (length(hint) between 1 and 20), -- how it begins, to tell keys apart
  owner      text not null check (length(owner) <= 200),          -- for whom it acts, as people read it
  owner_id   text check (length(owner_id) <= 200),                -- their account, if people sign in
  role       text not null check (role in ('viewer', 'analyst', 'reviewer', 'admin')),
  scope      text not null check (scope in ('read', 'write')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at    timestamptz,                                         -- within a minute
  revoked_at timestamptz
);
create index if not exists api_keys_newest on public.api_keys (created_at desc, id desc);

-- A key that was revoked stays so, whoever writes.
create or replace function persona_dashboard.keep_revoked() returns trigger
language plpgsql security invoker set search_path = '' as $$
begin
  new.revoked_at := coalesce(old.revoked_at, new.revoked_at);
  return new;
end
$$;
create or replace trigger api_keys_keep_revoked before update on public.api_keys
  for each row execute function persona_dashboard.keep_revoked();

alter table public.api_keys enable row level security;
revoke all on public.api_keys from public, anon, authenticated, service_role;
grant select, insert on public.api_keys to service_role;
grant update (used_at, revoked_at) on public.api_keys to service_role;
revoke execute on function persona_dashboard.keep_revoked()
  from public, anon, authenticated, service_role;
