# shellcheck shell=bash disable=SC2154
# The alerts, brought to Debian's prometheus by the commands of docs/operations.md.
if ! systemctl cat prometheus >/dev/null 2>&1; then
  echo 'alerts: not tried, Debian'\''s prometheus is not installed'
else
  (umask 077 && kassa token create --name prometheus --role viewer --tokens-file "$tokens" >/etc/prometheus/kassa-token)
  chown prometheus /etc/prometheus/kassa-token
  systemctl reload "${daemons[@]}"
  cat >/etc/prometheus/prometheus.yml <<'YAML'
global: { scrape_interval: 2s, evaluation_interval: 2s }
rule_files: [/usr/share/kassa/prometheus/kassa.rules.yaml]
scrape_configs:
  - job_name: kassa
    authorization: { credentials_file: /etc/prometheus/kassa-token }
    static_configs: [{ targets: ["127.0.0.1:8000", "127.0.0.1:8001", "127.0.0.1:8002"] }]
YAML
  systemctl restart prometheus
  asked() { # asked QUERY: the values, on one line
    curl -sG --max-time 5 http://127.0.0.1:9090/api/v1/query --data-urlencode "query=$1" | jq -r '.data.result | map(.value[1]) | join(" ")'
  }
  says() { [ "$(asked "$1")" = "$2" ]; }
  loaded() { curl -s --max-time 5 http://127.0.0.1:9090/api/v1/rules | jq '[.data.groups[].rules[] | select(.health == "ok")] | length'; }
  all_loaded() { [ "$(loaded)" = "$(grep -c alert: /usr/share/kassa/prometheus/kassa.rules.yaml)" ]; }
  until_true 60 says 'sum(up{job="kassa"})' 3 && until_true 20 all_loaded && says 'count(ALERTS)' ''
  row "Prometheus fetches with a viewer's token, and no alert rings" $? "up: $(asked 'up{job="kassa"}'); $(loaded) rules without a fault"
  stopping=$EPOCHREALTIME
  systemctl stop kassa-payments.socket kassa-payments
  until_true 150 says 'ALERTS{alertname="KassaDown", alertstate="firing"}' 1
  row 'KassaDown rings when Payments is stopped' $? "after $(seconds_since "$stopping")"
  starting=$EPOCHREALTIME
  systemctl start kassa-payments.socket kassa-payments && until_true 60 serves &&
    until_true 60 says 'ALERTS{alertname="KassaDown"}' ''
  row '... and is silent when it is back' $? "after $(seconds_since "$starting")"
  systemctl stop prometheus
fi
