#!/bin/sh
# Make the secrets of docker-compose.yml, once: sudo sh deploy/make_secrets.sh
# Nothing is printed, and nothing that is there is touched. Group 10001 is the one of all containers that read them.
set -eu
umask 077
folder=${1:-secrets}
group=${2:-10001}

if [ -e "$folder" ]; then
    echo "$folder/ is there already. Keep it: without its master_key no stored value can be read again." >&2
    exit 1
fi
mkdir -p "$folder"
# Letters and digits only, so that they need no quoting in a URL or a configuration file.
word() { LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 40; }
redis=$(word)
postgres=$(word)
head -c 32 /dev/urandom | base64 >"$folder/master_key"
printf 'requirepass %s\n' "$redis" >"$folder/redis_auth"
printf 'redis://:%s@redis:6379/0\n' "$redis" >"$folder/redis_url"
printf '%s' "$postgres" >"$folder/postgres_password"
printf 'postgresql+psycopg://staffetta:%s@postgres:5432/staffetta\n' "$postgres" >"$folder/database_url"
chmod 0440 "$folder"/*
if ! chgrp "$group" "$folder"/* 2>/dev/null; then
    echo "Group $group could not be set; do it as root: chgrp $group $folder/*" >&2
fi
echo "Made $folder/. Keep a copy of $folder/master_key away from this machine and from backups of the database." >&2
