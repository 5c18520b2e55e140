#!/bin/bash
# A real PostgreSQL with the table of signatures.sql, for tests/browser/real.rs: postgres.sh FOLDER
# It writes only to FOLDER and listens only on its socket, in FOLDER/data. PostgREST would connect as the role
# authenticator and then act as the role anon.
# Prints "ready" once it answers. Exits when its standard input closes, or on SIGTERM.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
data=$PWD/data
for programs in /usr/lib/postgresql/*/bin; do PATH=$programs:$PATH; done
# PostgreSQL refuses to run as root.
as=()
if [ "$(id -u)" = 0 ]; then
  as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  chmod 711 .
  install -d -o postgres "$data"
fi

server='' reader=''
end() {
  [ -z "$server" ] || kill -INT -- "-$server" 2> /dev/null || true
  [ -z "$reader" ] || kill "$reader" 2> /dev/null || true
  wait
}
trap end EXIT
trap exit TERM INT
exec 3<&0

"${as[@]}" initdb -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync > initdb.log
setsid "${as[@]}" postgres -D "$data" -k "$data" -c listen_addresses= -c fsync=off > postgres.log 2>&1 < /dev/null &
server=$!
until pg_isready -q -h "$data"; do kill -0 $server || { cat postgres.log >&2; exit 1; }; done
psql -X -q -h "$data" -U postgres -v ON_ERROR_STOP=1 -f "$here/signatures.sql" \
  -c 'create role authenticator login noinherit' -c 'grant anon to authenticator'

echo ready
cat <&3 > /dev/null &
reader=$!
wait $reader
