-- Nothing is open by itself any more, but what the API cannot ask for (TRUNCATE, REFERENCES,
-- TRIGGER) was left in the defaults: projects since 2026-05-30, all since 2026-10-30.
alter default privileges for role postgres in schema public
  revoke select, insert, update, delete on tables from anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  revoke execute on functions from anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  revoke usage, select on sequences from anon, authenticated, service_role;
