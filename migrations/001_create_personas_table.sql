-- The personas table. Safe to run again, and to paste into Supabase's SQL editor.
--
-- Everything that the API must not show stands in a schema of its own. The database may be shared
-- with other applications: nothing here or later replaces an object that they made.

create schema if not exists persona_dashboard;
revoke all on schema persona_dashboard from public;

-- What stands outside of the dashboard's own names and was not there before it.
create table if not exists persona_dashboard.brought_along (object text primary key);

do $$
declare
  taken text;
begin
  if exists (select from pg_catalog.pg_trigger
             where tgname = 'personas_set_updated_at' and tgrelid = to_regclass('public.personas')) then
    return; -- the dashboard is here already
  end if;
  if to_regclass('public.personas') is not null and 2 > (
      select count(*) from pg_catalog.pg_attribute
      where attrelid = to_regclass('public.personas') and attname in ('raw_text', 'persona')) then
    taken := 'table public.personas';
  end if;
  select coalesce(taken, min('public.' || name)) into taken
    from unnest(array[
      'generation_requests', 'persona_versions', 'persona_history', 'persona_erasures', 'drafts',
      'persona_comments', 'persona_list', 'import_jobs', 'import_problems']) name
    where to_regclass('public.' || name) is not null;
  select coalesce(taken, min('function public.' || name)) into taken
    from unnest(array[
      'claim_generation(uuid, text, int)', 'heartbeat_generation(uuid, text)',
      'finish_generation(uuid, text, text)', 'finish_generation(uuid, text, text, text, text)',
      'writing_role()', 'generation_origin(jsonb)', 'mark_origin_as_given()',
      'mark_author_as_given()', 'count_persona_version()', 'keep_persona_version()',
      'refuse_rewriting_history()', 'restore_persona_version(uuid, int, int, text)',
      'purge_persona(uuid, text)', 'refuse_drafts_of_erased()', 'model_origins(jsonb)',
      'persona_status_moves()', 'persona_review_facts(jsonb, jsonb, jsonb)',
      'mark_note_as_given()', 'keep_review()', 'review_queue(text, int, bigint, uuid, boolean)',
      'review_queue_length(text, int)', 'set_status(text, text, text, text)',
      'persona_document(regconfig, text, jsonb)', 'persona_search_language()',
      'persona_stems(text, jsonb)', 'persona_fact(text, text, text)',
      'persona_facts(jsonb, text, int)', 'persona_coverage(jsonb, jsonb)',
      'persona_place(timestamptz, uuid)', 'persona_place(text, uuid)',
      'persona_words_filter(text, boolean)', 'persona_filter(jsonb, boolean)',
      'persona_words_patterns(text)', 'persona_words_around(text, int, int)',
      'persona_headline(text, text[], tsquery, tsquery)',
      'persona_snippet(text, jsonb, text, text[], tsquery, tsquery)', 'expected_personas(text)',
      'filtered_page(text, text, bigint, text, text, int)', 'search_personas(text)',
      'similar_personas(text, int)', 'count_personas(text)', 'matching_personas(text, uuid)',
      'set_persona_search_language(text)', 'trash_personas(text, text)',
      'restore_personas(text, text)', 'persona_inert_text(text)',
      'persona_cell_text(text, boolean)', 'persona_export_condition(jsonb)',
      'persona_export_columns(jsonb)', 'persona_cell_expression(text, text, boolean)',
      'persona_export_rows(jsonb, jsonb, boolean)',
      'persona_export_statement(jsonb, text, jsonb, jsonb)', 'persona_export_paths(jsonb, jsonb)',
      'persona_object_at(jsonb, jsonb)', 'persona_export_page(text, text, text, text)',
      'persona_export_start(text, boolean, text)', 'persona_stored_columns()',
      'known_import_rows(text, text)', 'save_import(uuid, text, text)',
      'claim_import(uuid, text, int)']) name
    where to_regprocedure('public.' || name) is not null;
  if taken is not null then
    raise exception 'Another application of this database has a % of its own.', taken
      using hint = 'Rename it, or give the dashboard a Supabase project of its own.';
  end if;
  insert into persona_dashboard.brought_along -- by 010
    select 'schema extensions' where to_regnamespace('extensions') is null
    union all
    select 'extension pg_trgm' where not exists (
      select from pg_catalog.pg_extension where extname = 'pg_trgm')
    on conflict do nothing;
end
$$;

create table if not exists public.personas (
  id         uuid primary key default gen_random_uuid(),
  raw_text   text not null,
  persona    jsonb not null constraint personas_persona_is_object check (jsonb_typeof(persona) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

comment on table public.personas is 'One row a person: the pasted text and the persona drawn from it.';

-- The id makes the order total, so that a list can continue after its last row (keyset paging).
create index if not exists idx_personas_created_at on public.personas (created_at desc, id);
create index if not exists idx_personas_updated_at on public.personas (updated_at desc, id);

-- clock_timestamp() moves inside a transaction, now() does not: every update is visible as one.
create or replace function persona_dashboard.set_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end
$$;

create or replace trigger personas_set_updated_at
  before update on public.personas
  for each row execute function persona_dashboard.set_updated_at();

-- 003, 007 and 012 name it in this schema; 014 gives their triggers the one above and takes this one
-- away. Many applications have a function of this name: theirs stays as it is.
do $$
begin
  if to_regprocedure('public.set_updated_at()') is null then
    create function public.set_updated_at() returns trigger
    language plpgsql set search_path = '' as 'begin new.updated_at := clock_timestamp(); return new; end';
    comment on function public.set_updated_at() is 'Of the persona dashboard, until migration 014.';
  end if;
end
$$;
