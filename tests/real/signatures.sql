-- A table that anybody may add a row to and nobody may read, for PostgREST and Supabase. Run it once, as the owner.
create table signatures (
  id uuid primary key, -- made where it was signed: the same signature, sent again, is not stored twice
  campaign text not null,
  lane text,
  name text not null,
  email text not null, -- not unique: being refused would tell strangers who has signed; count each address once later
  postcode text,
  fields jsonb,
  consents jsonb not null,
  source text,
  location text,
  locale text,
  testing boolean not null default false,
  received_on date not null default current_date
);

-- The role of visitors; Supabase has it already, and lets it do more with a new table than this.
do $$ begin create role anon nologin; exception when duplicate_object then null; end $$;
revoke all on signatures from anon;
grant insert on signatures to anon;
alter table signatures enable row level security;
-- A signature of the widget's has a few thousand bytes at most; nobody may fill the disk with more.
create policy "anybody may sign" on signatures for insert to anon
  with check (octet_length(signatures::text) < 32768);
