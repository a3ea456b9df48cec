# shellcheck shell=bash disable=SC2154
# Backup and restore, by the commands of docs/operations.md.
backup=$work/backup
install -d -m 0711 "$work" && install -d -o postgres -m 0700 "$backup"

# --- One moment of both databases, without a stop: a base backup of the cluster, taken under load.
load_begin 40 15
copying=$EPOCHREALTIME
(cd / && runuser -u postgres -- pg_basebackup --pgdata="$backup/base" --wal-method=stream --checkpoint=fast) 2>"$work/basebackup"
copied=$?
took=$(seconds_since "$copying")
at_backup=$(sql kassa_orders 'SELECT count(*) FROM orders')
load_end
row 'pg_basebackup under load' $copied "$took, $(du -sh "$backup/base" | cut -f 1), about $at_backup orders by then; $(summary)"
restoring=$EPOCHREALTIME
systemctl stop kassa.target
systemctl stop postgresql@15-main
data=/var/lib/postgresql/15/main
mv "$data" "$data.lost" && cp -a "$backup/base" "$data" && chmod 0700 "$data"
systemctl start postgresql@15-main
# What the broker holds is later than the backup.
rabbitmqctl --quiet delete_vhost kassa
kassa-setup >"$work/setup.log" 2>&1 && kassa-setup check >"$work/check"
row 'restored: PostgreSQL as of then, the broker empty' $? "$(seconds_since "$restoring"), $(sql kassa_orders 'SELECT count(*) FROM orders') orders, $(sql kassa_orders "SELECT count(*) FROM orders WHERE status = 'PENDING'") of them open"
systemctl start kassa.target
until_true 60 serves && until_true 150 no_order_is_open && [[ $(books) == *equal ]]
row '... every open order ends by itself, and the books balance' $? "$(books), after $(seconds_since "$restoring")"
audited
row '... and kassa audit agrees' $? "$audit"

# --- Dumps, which can also go to another version of PostgreSQL. They are of two moments, so the orders end first.
systemctl stop kassa-gateway.socket kassa-gateway && until_true 60 no_order_is_open
systemctl stop kassa.target
before=$(books)
for service in payments orders; do
  (cd / && runuser -u postgres -- pg_dump --format=custom "kassa_$service") >"$backup/$service.dump" || echo "pg_dump failed" >&2
done
sql postgres 'DROP DATABASE kassa_orders' && sql postgres 'DROP DATABASE kassa_payments' &&
  rabbitmqctl --quiet delete_vhost kassa && rm -r /etc/kassa/credentials /etc/kassa/tokens
kassa-setup >"$work/setup.log" 2>&1
for service in payments orders; do
  (cd / && runuser -u postgres -- pg_restore --clean --if-exists --no-owner --role="kassa_${service}_owner" \
    --dbname="kassa_$service") <"$backup/$service.dump" || echo "pg_restore failed" >&2
done
kassa-setup >>"$work/setup.log" 2>&1 && kassa-setup check >"$work/check" && [ "$(books)" = "$before" ] && [[ $before == *equal ]]
row 'pg_dump, all dropped, pg_restore: the books are the same' $? "$(books)"
! may payments kassa_payments 'UPDATE transfers SET amount = 1'
row '... and the ledger is closed again' $? ''
systemctl start kassa.target && until_true 60 serves
call "$gateway/accounts/alice/deposit" -d '{"amount": 2}' >/dev/null
buy 1.25
until_true 30 is_paid
row '... and the next order is paid' $? "$(call "$gateway/accounts/alice/balance")"
audited
row '... and kassa audit agrees' $? "$audit"
