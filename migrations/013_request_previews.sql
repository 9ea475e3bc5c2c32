-- The list of requests without a persona shows how each text begins, without reading it whole.

alter table public.generation_requests
  add column if not exists preview text generated always as (left(raw_text, 160)) stored;
