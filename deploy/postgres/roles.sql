-- The roles and the database, made once when the server's data is empty (docs/deployment.md).
--
--   readykit_owner   owns the tables; migrations sign in as it, nothing else does
--   readykit_app     what the application signs in as: it may read and write rows, and row-level security binds it
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
