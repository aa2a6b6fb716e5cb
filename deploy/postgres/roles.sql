-- The roles and the database, made once when the server's data is empty. docs/postgres.md shows this file and says why.
--
--   readykit_owner   owns the tables; migrations sign in as it, nothing else does
--   readykit_app     what the application signs in as: it may read and write rows, and row-level security binds it
--   readykit_backup  what pg_dump signs in as, on the server itself: it reads everything and writes nothing
--
-- Run by psql as a superuser; the passwords come from the environment.
\set ON_ERROR_STOP on
\getenv owner_password POSTGRES_OWNER_PASSWORD
\getenv app_password POSTGRES_APP_PASSWORD

CREATE ROLE readykit_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE readykit_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'app_password';

CREATE DATABASE readykit OWNER readykit_owner;
REVOKE ALL ON DATABASE readykit FROM PUBLIC;
GRANT CONNECT ON DATABASE readykit TO readykit_app;

\connect readykit
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO readykit_owner;
GRANT USAGE ON SCHEMA public TO readykit_app;

-- Without a password: nobody signs in as it from elsewhere.
CREATE ROLE readykit_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS;
GRANT CONNECT ON DATABASE readykit TO readykit_backup;
GRANT pg_read_all_data TO readykit_backup;
