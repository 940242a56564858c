-- The database and its three roles, none of them a superuser: docs/deploying.md.
CREATE ROLE tracker LOGIN PASSWORD :'owner';
CREATE ROLE tracker_low LOGIN PASSWORD :'low' CONNECTION LIMIT 40;
CREATE ROLE tracker_export LOGIN PASSWORD :'export' CONNECTION LIMIT 20;
GRANT pg_signal_backend TO tracker;
CREATE DATABASE tracker OWNER tracker ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT, TEMPORARY ON DATABASE tracker FROM PUBLIC;
GRANT CONNECT ON DATABASE tracker TO tracker_low, tracker_export;
