-- What people's sign-in needs besides local_roles.sql. Supabase Lite keeps accounts in these schemas,
-- which it makes and changes by itself: they belong to the role it logs in as, and nothing else does.
-- It says `create schema if not exists` at each start, for which PostgreSQL wants the right to make one.

do $$
declare
  made text;
begin
  foreach made in array array['auth', 'supabase_migrations'] loop
    if to_regnamespace(made) is null then
      execute format('create schema %I authorization authenticator', made);
    end if;
  end loop;
  execute format('grant create on database %I to authenticator', current_database());
end
$$;
