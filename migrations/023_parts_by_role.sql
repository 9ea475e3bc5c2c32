-- The parts of long texts (019) for members: read by all, left out by analysts. Only the work in the
-- background adds any.

select persona_dashboard.open_to_members('generation_parts', 'viewer', 'analyst');
revoke all on public.generation_parts from public, anon, authenticated;
grant select, update, delete on public.generation_parts to authenticated;
