-- A table to which any visitor can add a row and that no visitor can read, for PostgREST and Supabase. Run it once, as
-- the owner.
create table signatures (
  id uuid primary key, -- made by the widget: a signature that is sent again is not stored twice
  campaign text not null,
  lane text,
  name text not null,
  email text not null, -- not unique: a refusal would reveal who has signed; count each address once later
  postcode text,
  fields jsonb,
  consents jsonb not null,
  source text,
  location text,
  locale text,
  testing boolean not null default false,
  received_on date not null default current_date
);

-- The role of visitors. Supabase has it already, and gives it more rights to a new table than it needs.
do $$ begin create role anon nologin; exception when duplicate_object then null; end $$;
revoke all on signatures from anon;
grant insert on signatures to anon;
alter table signatures enable row level security;
-- A signature from the widget has a few thousand bytes at most; the limit stops anyone from filling the disk.
create policy "anyone may sign" on signatures for insert to anon
  with check (octet_length(signatures::text) < 32768);
