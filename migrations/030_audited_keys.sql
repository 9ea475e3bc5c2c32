-- Keys for programs are in the record of who did what: made, revoked, and used, once a day each. And a key
-- is looked up, with the role that its owner has now, and its use noted, in one call.

select persona_dashboard.claim_names('{}', array['use_api_key(text)']);

alter table public.api_keys add column if not exists revoked_by text check (length(revoked_by) <= 200);
revoke update (used_at) on public.api_keys from service_role; -- noted by use_api_key
grant update (revoked_by) on public.api_keys to service_role;

-- As in 024, and who revoked it stays, too.
create or replace function persona_dashboard.keep_revoked() returns trigger
language plpgsql security invoker set search_path = '' as $$
begin
  if old.revoked_at is not null then
    new.revoked_at := old.revoked_at;
    new.revoked_by := old.revoked_by;
  end if;
  return new;
end
$$;

-- What the command line does, and a key without an owner, is recorded as the dashboard's own; where nobody
-- signs in nothing is.
create or replace function persona_dashboard.note_key() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  dashboard constant text :=
    case when exists (select from public.persona_members) then persona_dashboard.writing_role() end;
begin
  if tg_op = 'INSERT' then
    perform persona_dashboard.note('key made', new.id::text,
      pg_catalog.jsonb_build_object('role', new.role, 'scope', new.scope), coalesce(new.owner_id, dashboard));
  elsif new.revoked_at is not null and old.revoked_at is null then
    perform persona_dashboard.note('key revoked', new.id::text, '{}', coalesce(new.revoked_by, dashboard));
  elsif new.used_at::date > coalesce(old.used_at::date, '-infinity') then
    perform persona_dashboard.note('key used', new.id::text, '{}', coalesce(new.owner_id, dashboard));
  end if;
  return null;
end
$$;
create or replace trigger api_keys_note after insert or update on public.api_keys
  for each row execute function persona_dashboard.note_key();

-- The key with this hash if it may be used now, as JSON, with `owner_role`; null if there is none. That
-- it was used is noted once a minute.
create or replace function public.use_api_key(hash text) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
  moment constant timestamptz := pg_catalog.clock_timestamp();
  k public.api_keys;
begin
  select * into k from public.api_keys a
    where a.hash = use_api_key.hash and a.revoked_at is null and a.expires_at > moment;
  if k.id is null then
    return null;
  end if;
  if k.used_at is null or k.used_at < moment - interval '1 minute' then
    begin
      update public.api_keys a set used_at = moment where a.id = k.id;
    exception when others then null; -- read-only, or full: who may read, reads
    end;
  end if;
  return (pg_catalog.to_jsonb(k) - 'hash' || pg_catalog.jsonb_build_object('owner_role',
    (select m.role from public.persona_members m where m.user_id::text = k.owner_id)))::text;
end
$$;

revoke execute on function persona_dashboard.note_key(), public.use_api_key(text)
  from public, anon, authenticated, service_role;
grant execute on function public.use_api_key(text) to service_role;
