-- The roles of a hosted Supabase server (github.com/supabase/postgres, migrations/db), run once as
-- its superuser supabase_admin. What extensions of its own do (supautils, safeupdate) is left out.

create role postgres login nosuperuser createdb createrole replication bypassrls;
alter role postgres set search_path to "$user", public, extensions;

create role anon nologin inherit;
create role authenticated nologin inherit;
create role service_role nologin inherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;

-- service_role has none of its own: the one of authenticator, who logs in, stays.
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';

-- Not of hosted Supabase: who the gateway of the tests logs in as. PostgREST reads the system
-- catalogue; Supabase Lite reads information_schema, which shows only what one may use.
create role gateway login inherit;
grant anon, authenticated, service_role to gateway;
alter role gateway set statement_timeout = '8s';
