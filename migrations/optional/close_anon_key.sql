-- Undoes allow_anon_key.sql: the publishable (anon) key may do nothing again.

do $$
declare
  made text;
begin
  foreach made in array array['personas', 'generation_requests', 'persona_versions', 'drafts',
      'persona_erasures', 'persona_comments', 'import_jobs', 'import_problems'] loop
    execute format('drop policy if exists %I on public.%I', made || '_anon_trial', made);
    execute format('revoke all on public.%I from anon', made);
  end loop;
  for made in
    select oid::regprocedure from pg_catalog.pg_proc
    where pronamespace = 'public'::regnamespace and prorettype <> 'trigger'::regtype
      and proname ~ '(persona|generation|import|review|status|origins|filtered_page|writing_role)'
      and has_function_privilege('authenticated', oid, 'execute')
  loop
    execute 'revoke execute on function ' || made || ' from anon';
  end loop;
end
$$;

revoke all on public.persona_history from anon;
