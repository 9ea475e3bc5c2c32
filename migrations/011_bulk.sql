-- What is done to many personas at once: `ids` is a JSON array as text, at most 1000 at a time.

-- Moves to the trash what is not there yet; returns how many.
create or replace function public.trash_personas(ids text, author text) returns int
language plpgsql security invoker set search_path = pg_catalog, public as $$
declare
  moved int;
begin
  update public.personas p
    set deleted_at = clock_timestamp(), updated_by = author, origin = '{"kind": "trashed"}'
    where p.deleted_at is null
      and p.id in (select given.id::uuid from jsonb_array_elements_text(ids::jsonb) as given (id) limit 1000);
  get diagnostics moved = row_count;
  return moved;
end
$$;

-- Takes out of the trash what is in it; returns how many.
create or replace function public.restore_personas(ids text, author text) returns int
language plpgsql security invoker set search_path = pg_catalog, public as $$
declare
  moved int;
begin
  update public.personas p
    set deleted_at = null, updated_by = author, origin = '{"kind": "untrashed"}'
    where p.deleted_at is not null
      and p.id in (select given.id::uuid from jsonb_array_elements_text(ids::jsonb) as given (id) limit 1000);
  get diagnostics moved = row_count;
  return moved;
end
$$;

revoke execute on function public.trash_personas(text, text), public.restore_personas(text, text)
  from public, anon;
grant execute on function public.trash_personas(text, text), public.restore_personas(text, text)
  to authenticated, service_role;
