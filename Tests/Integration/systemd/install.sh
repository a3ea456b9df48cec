# shellcheck shell=bash disable=SC2154
# From an empty Debian to the README's order, by the package.
systemctl start postgresql rabbitmq-server
first=$EPOCHREALTIME
apt-get install --yes --no-install-recommends "$package" >"$work/apt" 2>&1
row 'apt install ./kassa.deb' $? "$(dpkg-query -Wf '${Version}, ${Installed-Size} kB' kassa), $(seconds_since "$first")"
state=$(systemctl is-enabled kassa.target "${daemons[@]}" "${daemons[@]/%/.socket}" 2>&1 | sort -u | tr '\n' ' ')
[ "$state" = 'disabled ' ] && ! pgrep -f /usr/bin/kassa- >/dev/null
row 'nothing is enabled, nothing runs' $? "$state"

kassa-setup --dry-run >"$work/dry" 2>"$work/noise" && [ ! -s "$work/noise" ] && [ ! -e /etc/kassa/credentials ] &&
  [ -z "$(sql postgres "SELECT 1 FROM pg_roles WHERE rolname LIKE 'kassa%'")" ]
row 'kassa-setup --dry-run says it all, quietly, and does nothing' $? "$(grep -c 'would do' "$work/dry") steps"
kassa-setup check >"$work/check"
[ $? = 1 ] && tail -n 1 "$work/check" | grep -q missing
row 'kassa-setup check tells that all is missing, exit status 1' $? "$(tail -n 1 "$work/check")"
began_setup=$EPOCHREALTIME
kassa-setup >"$work/setup.log" 2>&1 && ! grep -q 'would do\|FAILED' "$work/setup.log"
row 'kassa-setup prepares PostgreSQL, RabbitMQ and the tokens' $? "$(grep -c ' done ' "$work/setup.log") steps, $(seconds_since "$began_setup")"
began_setup=$EPOCHREALTIME
kassa-setup >"$work/again" && ! grep -q ' done ' "$work/again" && kassa-setup check >"$work/check"
row 'a second time changes nothing, and check agrees' $? "$(grep -c ' ok ' "$work/again") steps, both in $(seconds_since "$began_setup")"

# may ROLE DATABASE SQL: whether the daemon's role may.
may() { PGPASSWORD=$(secret_in "/etc/kassa/credentials/$1/DATABASE_URL") psql -h localhost -U "kassa_$1" -d "$2" -qc "$3" >/dev/null 2>&1; }
refused=0
while IFS='|' read -r role database statement; do
  if may "$role" "$database" "$statement"; then echo "kassa_$role may: $statement"; else refused=$((refused + 1)); fi
done <<'REFUSED'
payments|kassa_payments|UPDATE transfers SET amount = 1
payments|kassa_payments|DELETE FROM transfers
payments|kassa_payments|TRUNCATE transfers
payments|kassa_payments|DELETE FROM accounts
payments|kassa_payments|UPDATE outcomes SET is_paid = true
payments|kassa_payments|CREATE TABLE mine ()
payments|kassa_payments|DELETE FROM schema_migrations
payments|kassa_orders|SELECT 1
orders|kassa_orders|DELETE FROM orders
orders|kassa_orders|UPDATE order_history SET status = 'PAID'
orders|kassa_orders|DROP TABLE orders
orders|kassa_payments|SELECT 1
REFUSED
[ $refused = 12 ] && may payments kassa_payments 'SELECT 1 FROM transfers'
row "the daemons' roles may not change what has happened, nor the schema" $? "$refused of 12 statements refused"

starting=$EPOCHREALTIME
systemctl enable --now --quiet kassa.target && until_true 60 serves
row 'systemctl enable --now kassa.target' $? "ready in $(seconds_since "$starting"); $(seconds_since "$first") since apt"
for daemon in "${daemons[@]}"; do
  score=$(systemd-analyze security --no-pager "$daemon" 2>/dev/null | sed -n 's/.*Overall exposure level.*: \([0-9.]*\).*/\1/p')
  awk -v score="$score" 'BEGIN { exit !(score != "" && score <= 1.2) }' &&
    [ "$(ps -o user:20= -p "$(property "$daemon" MainPID)")" = "$daemon" ]
  row "systemd-analyze security $daemon" $? "$score; status: $(property "$daemon" StatusText); as $(ps -o user:20= -p "$(property "$daemon" MainPID)")"
done

[ "$(status_with nothing)" = 401 ]
row 'the gateway asks for a token' $? "without one: $(status_with nothing)"
call -X POST "$gateway/accounts?user_id=alice" >/dev/null
call "$gateway/accounts/alice/deposit" -d '{"amount": 100.50}' >/dev/null
buy 42.50
until_true 20 is_paid
row "the README's order is paid" $? "$(call "$gateway/accounts/alice/balance")"
