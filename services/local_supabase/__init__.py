"""The embedded Supabase of the dashboard, and the supervision of its processes."""
