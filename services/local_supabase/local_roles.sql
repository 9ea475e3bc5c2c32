-- Makes a plain PostgreSQL database look like a hosted Supabase one: the roles of its API and
-- what new tables and functions grant them. Run before the migrations, safe to run again.

do $$
begin
  perform pg_advisory_xact_lock(hashtext('persona_dashboard.roles')); -- roles belong to the server
  if to_regrole('anon') is null then
    create role anon nologin noinherit;
  end if;
  if to_regrole('authenticated') is null then
    create role authenticated nologin noinherit;
  end if;
  if to_regrole('service_role') is null then
    create role service_role nologin noinherit bypassrls;
  end if;
  -- The gateway logs in as this role and takes on one of the three for each request. It owns
  -- nothing, so it cannot widen what the migrations grant. Other than in hosted Supabase it
  -- inherits: the gateway reads information_schema, which shows only what one may use.
  if to_regrole('authenticator') is null then
    create role authenticator login inherit;
  end if;
  grant anon, authenticated, service_role to authenticator;
  alter role authenticator set statement_timeout = '8s'; -- as hosted Supabase has it
end
$$;

grant usage on schema public to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
