-- What a model was paid for a request that failed or was cancelled stays with the request.

alter table public.generation_requests
  add column if not exists spent jsonb -- {usage: {…}, cost}: all tries without a persona
    constraint generation_requests_spent_is_object check (jsonb_typeof(spent) = 'object');
