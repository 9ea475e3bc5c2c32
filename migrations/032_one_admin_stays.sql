-- Two admins who give up their role at the same moment: the second waits for the first, and is refused.

-- As in 021, one change of an admin's role at a time.
create or replace function persona_dashboard.keep_member() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  before constant text := case when tg_op = 'UPDATE' then old.role end;
begin
  if new.role is not distinct from before then
    return new;
  end if;
  if before = 'admin' then
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('persona_dashboard.admins'));
    if not exists (
        select from public.persona_members m where m.role = 'admin' and m.user_id <> new.user_id) then
      raise exception 'This is the only admin.' using errcode = 'PT409', hint = 'Make somebody else an admin first.';
    end if;
  end if;
  new.given_by := persona_dashboard.writing_role();
  new.given_at := clock_timestamp();
  perform persona_dashboard.note(
    case when new.role is null then 'role taken' else 'role given' end, new.user_id::text,
    jsonb_strip_nulls(jsonb_build_object('role', new.role, 'before', before)),
    persona_dashboard.writing_role());
  return new;
end
$$;
