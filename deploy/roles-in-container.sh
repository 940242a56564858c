#!/bin/sh
# Run once by the image of PostgreSQL, as its superuser, when its volume is empty.
set -eu
psql -v ON_ERROR_STOP=1 -v owner="$TRACKER_OWNER_PASSWORD" -v low="$TRACKER_LOW_PASSWORD" \
    -v export="$TRACKER_EXPORT_PASSWORD" --username postgres < /deploy/roles.sql
psql -v ON_ERROR_STOP=1 --username postgres --dbname tracker < /deploy/rights.sql
