-- Who is signed in. The dashboard's server keeps it with the secret key; no other role reaches any of it.
--
-- A cookie holds a random id, this its hash. The tokens of Supabase Auth are encrypted with a key that
-- the database does not have.

select persona_dashboard.claim_names('{}', array[
  'session_begin(text)', 'session_read(text, int, int)', 'session_claim_renewal(text, text)',
  'session_renew(text, text, text, int)', 'session_end(text, boolean)', 'sign_in_try(text, int, int)',
  'sign_in_link_make(text, text, int)', 'sign_in_link_take(text)', 'member_sessions()',
  'end_member_sessions(uuid)']);

create table if not exists persona_dashboard.sessions (
  hash           text primary key, -- SHA-256 of what the cookie holds
  user_id        uuid not null references public.persona_members (user_id) on delete cascade,
  began_at       timestamptz not null default clock_timestamp(),
  seen_at        timestamptz not null default clock_timestamp(),
  access         text not null,
  refresh        text not null,
  access_until   timestamptz not null,
  renewing_until timestamptz -- one process fetches new tokens, until then at the longest
);
create index if not exists idx_sessions_member on persona_dashboard.sessions (user_id);

create table if not exists persona_dashboard.sign_in_tries (
  subject text not null, -- a hash: of an address, or of where a try came from
  at      timestamptz not null default clock_timestamp()
);
create index if not exists idx_sign_in_tries on persona_dashboard.sign_in_tries (subject, at);

create table if not exists persona_dashboard.sign_in_links (
  hash  text primary key, -- SHA-256 of what the link holds
  body  text not null,    -- encrypted: what it signs in with
  until timestamptz not null
);

alter table persona_dashboard.sessions enable row level security;
alter table persona_dashboard.sign_in_tries enable row level security;
alter table persona_dashboard.sign_in_links enable row level security;

-- Begins a session: {"hash", "user_id", "email", "name", "access", "refresh", "seconds"}; seconds until
-- the access token ends. Whoever is new becomes a member without a role.
create or replace function public.session_begin(given text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  wanted constant jsonb := given::jsonb;
  member constant uuid := (wanted ->> 'user_id')::uuid;
begin
  insert into public.persona_members as m (user_id, email, name, seen_at)
    values (member, wanted ->> 'email', left(wanted ->> 'name', 200), clock_timestamp())
    on conflict (user_id) do update set email = excluded.email, seen_at = excluded.seen_at,
      name = case when m.name = '' then excluded.name else m.name end;
  insert into persona_dashboard.sessions (hash, user_id, access, refresh, access_until)
    values (wanted ->> 'hash', member, wanted ->> 'access', wanted ->> 'refresh',
      clock_timestamp() + make_interval(secs => (wanted ->> 'seconds')::int));
  perform persona_dashboard.note('signed in', member::text, '{}', member::text);
end
$$;

-- The session and its member as JSON; null if there is none, or it has been idle or lasted too long.
create or replace function public.session_read(hash text, idle_seconds int, longest_seconds int)
returns text
language plpgsql security definer set search_path = '' as $$
declare
  found persona_dashboard.sessions;
  moment constant timestamptz := clock_timestamp();
begin
  select * into found from persona_dashboard.sessions s where s.hash = session_read.hash;
  if found.hash is null then
    return null;
  end if;
  if found.seen_at < moment - make_interval(secs => idle_seconds)
     or found.began_at < moment - make_interval(secs => longest_seconds) then
    delete from persona_dashboard.sessions s where s.hash = found.hash;
    return null;
  end if;
  if found.seen_at < moment - interval '30 seconds' then
    update persona_dashboard.sessions s set seen_at = moment where s.hash = found.hash;
    update public.persona_members m set seen_at = moment where m.user_id = found.user_id;
  end if;
  return (
    select json_build_object('user_id', m.user_id, 'email', m.email, 'name', m.name, 'role', m.role,
      'access', found.access, 'refresh', found.refresh,
      'seconds', extract(epoch from found.access_until - moment)::int)
    from public.persona_members m where m.user_id = found.user_id)::text;
end
$$;

-- True for the one caller that may now fetch new tokens for the session.
create or replace function public.session_claim_renewal(hash text, refresh text) returns boolean
language sql security definer set search_path = '' as $$
  with claimed as (
    update persona_dashboard.sessions s set renewing_until = clock_timestamp() + interval '20 seconds'
    where s.hash = session_claim_renewal.hash and s.refresh = session_claim_renewal.refresh
      and coalesce(s.renewing_until, '-infinity') < clock_timestamp()
    returning 1)
  select exists (select from claimed)
$$;

create or replace function public.session_renew(hash text, access text, refresh text, seconds int)
returns boolean
language sql security definer set search_path = '' as $$
  with renewed as (
    update persona_dashboard.sessions s set access = session_renew.access,
      refresh = session_renew.refresh, renewing_until = null,
      access_until = clock_timestamp() + make_interval(secs => session_renew.seconds)
    where s.hash = session_renew.hash returning 1)
  select exists (select from renewed)
$$;

-- Ends a session, or all of its member; how many.
create or replace function public.session_end(hash text, everywhere boolean) returns int
language plpgsql security definer set search_path = '' as $$
declare
  member uuid;
  ended int;
begin
  select s.user_id into member from persona_dashboard.sessions s where s.hash = session_end.hash;
  delete from persona_dashboard.sessions s
    where s.hash = session_end.hash or (everywhere and s.user_id = member);
  get diagnostics ended = row_count;
  if ended > 0 then
    perform persona_dashboard.note(case when everywhere then 'signed out everywhere' else 'signed out' end,
      member::text, '{}', member::text);
  end if;
  return ended;
end
$$;

-- Counts a try to sign in for each subject (a JSON array of hashes); false, and counts nothing, if one
-- of them has had `most` within so many seconds.
create or replace function public.sign_in_try(subjects text, most int, seconds int) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  tried constant text[] := array(select jsonb_array_elements_text(subjects::jsonb));
  since constant timestamptz := clock_timestamp() - make_interval(secs => sign_in_try.seconds);
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('persona_dashboard.sign_in'));
  delete from persona_dashboard.sign_in_tries t where t.at < since;
  if exists (select from persona_dashboard.sign_in_tries t where t.subject = any (tried)
      group by t.subject having count(*) >= most) then
    return false;
  end if;
  insert into persona_dashboard.sign_in_tries (subject) select * from unnest(tried);
  return true;
end
$$;

create or replace function public.sign_in_link_make(hash text, body text, seconds int) returns void
language sql security definer set search_path = '' as $$
  delete from persona_dashboard.sign_in_links l where l.until < clock_timestamp();
  insert into persona_dashboard.sign_in_links (hash, body, until)
    values (sign_in_link_make.hash, sign_in_link_make.body,
      clock_timestamp() + make_interval(secs => sign_in_link_make.seconds));
$$;

-- What the link signs in with, once; null if there is none (any more).
create or replace function public.sign_in_link_take(hash text) returns text
language sql security definer set search_path = '' as $$
  delete from persona_dashboard.sign_in_links l
    where l.hash = sign_in_link_take.hash and l.until > clock_timestamp() returning l.body
$$;

-- ------------------------------------------------------------------ for members

-- How many sessions each member has; for admins.
create or replace function public.member_sessions() returns table (user_id uuid, sessions int)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform persona_dashboard.require_role('admin');
  return query select s.user_id, count(*)::int from persona_dashboard.sessions s group by s.user_id;
end
$$;

-- Ends all sessions of a member: one's own, or as an admin anybody's; how many.
create or replace function public.end_member_sessions(member uuid) returns int
language plpgsql security definer set search_path = '' as $$
declare
  ended int;
begin
  if persona_dashboard.acting_member() is distinct from member then
    perform persona_dashboard.require_role('admin');
  end if;
  delete from persona_dashboard.sessions s where s.user_id = member;
  get diagnostics ended = row_count;
  if ended > 0 then
    perform persona_dashboard.note('sessions ended', member::text, jsonb_build_object('sessions', ended));
  end if;
  return ended;
end
$$;

-- ------------------------------------------------------------------ rights

revoke all on persona_dashboard.sessions, persona_dashboard.sign_in_tries,
  persona_dashboard.sign_in_links from public, anon, authenticated, service_role;

do $$
declare
  made record;
begin
  for made in
    select * from (values
      ('session_begin(text)', false), ('session_read(text, int, int)', false),
      ('session_claim_renewal(text, text)', false), ('session_renew(text, text, text, int)', false),
      ('session_end(text, boolean)', false), ('sign_in_try(text, int, int)', false),
      ('sign_in_link_make(text, text, int)', false), ('sign_in_link_take(text)', false),
      ('member_sessions()', true), ('end_member_sessions(uuid)', true)) functions (signature, of_members)
  loop
    execute format('revoke execute on function public.%s from public, anon, authenticated', made.signature);
    execute format('grant execute on function public.%s to service_role', made.signature);
    if made.of_members then
      execute format('grant execute on function public.%s to authenticated', made.signature);
    end if;
  end loop;
end
$$;
