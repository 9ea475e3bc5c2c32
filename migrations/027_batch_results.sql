-- What came of a batch: the list and the review queue filtered by it, and its quality.

select persona_dashboard.claim_names('{}', array['batch_quality(uuid)']);

-- As in 020; `batch` asks for the personas that came of a batch.
create or replace function persona_dashboard.persona_filter(request jsonb, roughly boolean default false)
returns text
language plpgsql stable security invoker set search_path = pg_catalog, public as $$
declare
  parts text[] := array['p.deleted_at is null'];
  words text := coalesce(request ->> 'words', '');
  condition jsonb;
  place text;
  wanted text;
begin
  if words <> '' then
    parts := parts || persona_dashboard.persona_words_filter(words, roughly);
  end if;
  for condition in select jsonb_array_elements(request -> 'conditions') loop
    place := array_to_string(array(select jsonb_array_elements_text(condition -> 'path')), e'\x1f');
    wanted := coalesce(condition ->> 'value', '');
    parts := parts || case condition ->> 'kind'
      when 'has' then format('p.facts @> %L::bigint[]', array[persona_dashboard.persona_fact(place, '?', '')])
      when 'is' then format('p.facts @> %L::bigint[]', array[persona_dashboard.persona_fact(place, '=', wanted)])
      when 'contains' then
        format('p.facts @> %L::bigint[]', array[persona_dashboard.persona_fact(place, '[', wanted)])
      else format('p.facts && %L::bigint[]', array[
        persona_dashboard.persona_fact(place, '=', wanted), persona_dashboard.persona_fact(place, '[', wanted)]) end;
  end loop;
  if request ? 'status' then
    parts := parts || format('p.status = any (%L::text[])',
      array(select jsonb_array_elements_text(request -> 'status')));
  end if;
  if request ? 'engine' then
    parts := parts || format('p.engine = any (%L::text[])',
      array(select jsonb_array_elements_text(request -> 'engine')));
  end if;
  if request ? 'created_from' then
    parts := parts || format('p.created_at >= %L::timestamptz', request ->> 'created_from');
  end if;
  if request ? 'created_before' then
    parts := parts || format('p.created_at < %L::timestamptz', request ->> 'created_before');
  end if;
  if request ? 'updated_from' then
    parts := parts || format('p.updated_at >= %L::timestamptz', request ->> 'updated_from');
  end if;
  if request ? 'updated_before' then
    parts := parts || format('p.updated_at < %L::timestamptz', request ->> 'updated_before');
  end if;
  if request ? 'batch' then -- an array: the planner then always begins with these
    parts := parts || format('p.id = any (array(select r.persona_id from public.generation_requests r '
      'where r.batch_id = %L::uuid and r.status = ''saved''))', request ->> 'batch');
  end if;
  if request ? 'coverage' then
    parts := parts || case request ->> 'coverage'
      when 'full' then 'p.coverage = 100'
      when 'none' then 'p.coverage = 0'
      when 'empty' then 'p.coverage is null'
      else 'p.coverage between 1 and 99' end;
  end if;
  return array_to_string(parts, ' and ');
end
$$;

-- As in 009; `statuses` may be {"statuses": [...], "batch": id} as well, for what came of one batch.
create or replace function public.review_queue(
  statuses text, size int, after_priority bigint default null, after_id uuid default null,
  backwards boolean default false
) returns table (
  id uuid, name text, role text, status text, version int, review_priority bigint, risk int,
  claims int, unsourced int, unsure int, proposals int, misshapen int,
  waiting_since timestamptz, changed_since_review boolean, open_comments int
)
language plpgsql stable security invoker set search_path = '' as $$
#variable_conflict use_column
declare
  given constant jsonb := statuses::jsonb;
  asked text[] := array(select pg_catalog.jsonb_array_elements_text(coalesce(given -> 'statuses', given)));
  of_batch uuid[] := array(select r.persona_id from public.generation_requests r
    where r.batch_id = (given ->> 'batch')::uuid and r.status = 'saved');
  most int := least(greatest(size, 1), 200);
  place bigint := coalesce(after_priority,
    case when backwards then -9223372036854775808 else 9223372036854775807 end);
  row_id uuid := coalesce(after_id::text, case when backwards
    then '00000000-0000-0000-0000-000000000000' else 'ffffffff-ffff-ffff-ffff-ffffffffffff' end);
  chosen uuid[];
begin
  if given ? 'batch' then
    chosen := array(
      select p.id from public.personas p
      where p.id = any (of_batch) and p.status = any (asked) and p.review_priority is not null
        and case when backwards then (p.review_priority, p.id) > (place, row_id)
          else (p.review_priority, p.id) < (place, row_id) end
      order by case when backwards then p.review_priority end, case when backwards then p.id end,
        p.review_priority desc, p.id desc limit most);
  elsif backwards then
    chosen := array(
      select q.id from pg_catalog.unnest(asked) s (status) cross join lateral (
        select p.id, p.review_priority from public.personas p
        where p.status = s.status and p.review_priority is not null
          and (p.review_priority, p.id) > (place, row_id)
        order by p.review_priority, p.id limit most) q
      order by q.review_priority, q.id limit most);
  else
    chosen := array(
      select q.id from pg_catalog.unnest(asked) s (status) cross join lateral (
        select p.id, p.review_priority from public.personas p
        where p.status = s.status and p.review_priority is not null
          and (p.review_priority, p.id) < (place, row_id)
        order by p.review_priority desc, p.id desc limit most) q
      order by q.review_priority desc, q.id desc limit most);
  end if;
  return query
    select p.id, left(p.persona ->> 'name', 200), left(p.persona ->> 'role', 200), p.status,
      p.version, p.review_priority, p.risk, f.claims, f.unsourced, f.unsure, f.proposals,
      f.misshapen, coalesce(p.reviewed_at, p.created_at), p.changed_since_review,
      (select count(*)::int from public.persona_comments c
       where c.persona_id = p.id and c.resolved_at is null)
    from pg_catalog.unnest(chosen) with ordinality as o (id, nth)
    join public.personas p on p.id = o.id
    cross join lateral persona_dashboard.persona_review_facts(p.persona, p.evidence, p.generation) f
    order by o.nth;
end
$$;

-- As above.
create or replace function public.review_queue_length(statuses text, most int) returns int
language sql stable security invoker set search_path = '' as $$
  with given as (select statuses::jsonb as asked)
  select count(*)::int from (
    select from public.personas p, given g
    where p.review_priority is not null
      and p.status = any (array(
        select pg_catalog.jsonb_array_elements_text(coalesce(g.asked -> 'statuses', g.asked))))
      and (not g.asked ? 'batch' or p.id = any (array(
        select r.persona_id from public.generation_requests r
        where r.batch_id = (g.asked ->> 'batch')::uuid and r.status = 'saved')))
    limit most) counted
$$;

-- How good the drafts of a batch are: personas that are stored and not in the trash (the first 2000),
-- their claims, those with a source, and personas with fewer than three claims.
create or replace function public.batch_quality(batch uuid)
returns table (personas int, claims int, sourced int, few int)
language sql stable security invoker set search_path = '' set statement_timeout = '5s' as $$
  select count(*)::int, coalesce(sum(f.claims), 0)::int, coalesce(sum(f.claims - f.unsourced), 0)::int,
    (count(*) filter (where f.claims < 3))::int
  from public.personas p
  cross join lateral persona_dashboard.persona_review_facts(p.persona, p.evidence, p.generation) f
  where p.deleted_at is null and p.id = any (array(
    select r.persona_id from public.generation_requests r
    where r.batch_id = batch_quality.batch and r.status = 'saved' and r.kind <> 'regenerate'
    order by r.position limit 2000))
$$;

revoke execute on function public.batch_quality(uuid) from public, anon, authenticated, service_role;
grant execute on function public.batch_quality(uuid) to authenticated, service_role;
