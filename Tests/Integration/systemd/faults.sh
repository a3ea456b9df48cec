# shellcheck shell=bash disable=SC2154
# Parts that die, hang and are started anew, under load.
load_begin 40 30
for daemon in "${daemons[@]}"; do
  before=$(property "$daemon" NRestarts)
  killed=$EPOCHREALTIME
  systemctl kill -s KILL "$daemon"
  until_true 60 restarted_since "$daemon" "$before"
  row "systemctl kill -s KILL $daemon: restarted" $? "ready again after $(seconds_since "$killed")"
done
load_end
[ "$(counted open)" = 0 ]
row '... and no accepted order was lost' $? "$(summary)"

before=$(property kassa-payments NRestarts)
crashed=$EPOCHREALTIME
process=$(property kassa-payments MainPID)
kill -SEGV "$process"
reported() { journalctl -u kassa-payments -o cat --no-pager | grep -q '[0-9] .*0x[0-9a-f]* .* in kassa-payments'; }
until_true 10 reported
row 'a crash leaves its report in the journal' $? "$(journalctl -u kassa-payments -o cat --no-pager | grep -m 1 'Program crashed')"
# Sent from outside, the first is only reported; a fault of one's own comes again at once.
kill -SEGV "$process"
until_true 60 restarted_since kassa-payments "$before"
row '... and the daemon is started anew' $? "ready again after $(seconds_since "$crashed")"

before=$(property kassa-payments NRestarts)
hung=$EPOCHREALTIME
kill -STOP "$(property kassa-payments MainPID)"
until_true 120 restarted_since kassa-payments "$before"
row 'SIGSTOP kassa-payments: the watchdog restarts it' $? \
  "after $(seconds_since "$hung"): $(journalctl -u kassa-payments -o cat --no-pager | grep -m 1 -i 'watchdog timeout')"

until_true 60 serves
load_begin 40 20
for _ in 1 2 3 4; do
  systemctl restart kassa-gateway || break
  sleep 2
done
load_end
nobody_was_refused
row 'systemctl restart kassa-gateway, 4 times under load: nobody refused' $? "$(summary)"

load_begin 40 20
systemctl restart kassa-payments && sleep 2 && systemctl restart kassa-orders && sleep 2 &&
  systemctl restart kassa-payments kassa-orders
load_end
nobody_was_refused
row 'systemctl restart kassa-payments, kassa-orders under load: nobody refused' $? "$(summary)"

load_begin 40 40
restarting=$EPOCHREALTIME
systemctl restart postgresql@15-main
row 'systemctl restart postgresql under load' $? "$(seconds_since "$restarting")"
sleep 5
restarting=$EPOCHREALTIME
systemctl restart rabbitmq-server
row 'systemctl restart rabbitmq-server under load' $? "$(seconds_since "$restarting")"
load_end
until_true 60 serves
[ "$(counted open)" = 0 ] && [ "$(systemctl is-active "${daemons[@]}" | sort -u)" = active ]
row '... and no accepted order was lost, and all is ready' $? "$(summary)"

until_true 60 no_order_is_open && [[ $(books) == *equal ]]
row 'every paid order is charged once, and the money adds up' $? "$(books)"

audited
row 'kassa audit agrees' $? "$audit"

memory=$(for daemon in "${daemons[@]}"; do echo "${daemon#kassa-} $(($(ps -o rss= -p "$(property "$daemon" MainPID)") / 1024)) MB"; done | paste -sd " ")
bytes=$(sql postgres "SELECT (pg_database_size('kassa_orders') + pg_database_size('kassa_payments')) >> 20")
row 'what it takes' 0 "memory: $memory; both databases $bytes MB after $(sql kassa_orders 'SELECT count(*) FROM orders') orders"

journalctl -u kassa-orders -o json --no-pager >"$work/journal"
grep -q '"KASSA_' "$work/journal" && grep -q '"PRIORITY":"4"' "$work/journal" && grep -q '"_TRANSPORT":"journal"' "$work/journal"
row 'the journal has fields and priorities' $? "$(wc -l <"$work/journal") entries, $(journalctl -u kassa-orders -p warning -o cat --no-pager | wc -l) of them warnings"
{
  for url in /etc/kassa/credentials/{orders,payments}/*_URL; do secret_in "$url"; done
  cat /etc/kassa/credentials/gateway/service-token /etc/kassa/credentials/operator/token
} >"$work/secrets"
! journalctl --no-pager -o cat -u 'kassa-*' | grep -qFf "$work/secrets"
row 'no password and no token stands in it' $? "$(wc -l <"$work/secrets") secrets looked for"
echo '  a piece of it:'
journalctl -u kassa-orders -u kassa-payments -p notice --no-pager -o short -n 6 | cut -c 1-150 | sed 's/^/  /'

load_begin 40 15
stopping=$EPOCHREALTIME
systemctl stop kassa.target && until_true 20 eval '! pgrep -f /usr/bin/kassa-'
row 'systemctl stop kassa.target under load, within 15 s' $? "$(seconds_since "$stopping"), result $(property kassa-orders Result) $(property kassa-payments Result) $(property kassa-gateway Result)"
kill "$load" 2>/dev/null
wait "$load" 2>/dev/null
systemctl start kassa.target && until_true 60 serves
