# shellcheck shell=bash disable=SC2154
# Tokens and certificates that change while the daemons serve. `systemctl reload` returns when the signal is sent, so each
# row waits for its effect.
processes() { for daemon in "${daemons[@]}"; do property "$daemon" MainPID; done | tr '\n' ' '; }
new_token() { (umask 077 && kassa token create --name "$1" --role "$2" --tokens-file "$tokens"); }
digest_of() { printf %s "$1" | sha256sum | cut -c 1-12; }
answers() { [ "$(status_with "$1")" = "$2" ]; }

before=$(processes)
load_begin 60 25
old=$(new_token clerk operator)
systemctl reload "${daemons[@]}" && until_true 5 answers "$old" 200
new=$(new_token clerk operator)
systemctl reload "${daemons[@]}" && until_true 5 answers "$new" 200
kassa token revoke --name clerk --digest "$(digest_of "$old")" --tokens-file "$tokens" >/dev/null
systemctl reload "${daemons[@]}" && until_true 5 answers "$old" 401
[ "$(status_with "$old") $(status_with "$new")" = '401 200' ]
row "systemctl reload rotates a caller's token" $? "old: $(status_with "$old"), new: $(status_with "$new")"

# The gateway's own: the services learn the new one first, and forget the old one last.
file=/etc/kassa/credentials/gateway/service-token
old=$(cat $file)
new=$(new_token gateway service)
systemctl reload kassa-orders kassa-payments && sleep 1
echo "$new" >"$file.new" && chown --reference=$file "$file.new" && chmod 0640 "$file.new" && mv "$file.new" $file
systemctl reload kassa-gateway && sleep 1
kassa token revoke --name gateway --digest "$(digest_of "$old")" --tokens-file "$tokens" >/dev/null
systemctl reload "${daemons[@]}"
at_orders() { curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $1" http://127.0.0.1:8001/orders?limit=1; }
refuses() { [ "$(at_orders "$1")" = 401 ]; }
until_true 5 refuses "$old"
[ "$(at_orders "$old") $(at_orders "$new")" = '401 200' ]
row "... and the gateway's own token" $? "at Orders old: $(at_orders "$old"), new: $(at_orders "$new")"
load_end
nobody_was_refused && [ "$(processes)" = "$before" ]
row '... under load, without a restart and without a failed request' $? "$(summary)"

# TLS at the gateway, by a certificate that is replaced.
certificate() { # certificate NAME
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" -addext subjectAltName=DNS:localhost \
    -keyout /etc/kassa/tls/gateway.key.new -out /etc/kassa/tls/gateway.pem.new 2>/dev/null
  chgrp kassa-gateway /etc/kassa/tls/*.new && chmod 0640 /etc/kassa/tls/*.new
  for name in key pem; do mv /etc/kassa/tls/gateway.$name.new /etc/kassa/tls/gateway.$name; done
}
shown() { openssl s_client -connect 127.0.0.1:8000 </dev/null 2>/dev/null | openssl x509 -noout -subject 2>/dev/null; }
shows() { [ "$(shown)" = "subject=CN = $1" ]; }
install -d -m 0750 -g kassa-gateway /etc/kassa/tls
certificate first
printf 'TLS_CERTIFICATE=/etc/kassa/tls/gateway.pem\nTLS_KEY=/etc/kassa/tls/gateway.key\n' >>/etc/kassa/gateway.env
systemctl restart kassa-gateway && until_true 20 shows first
one=$(shown)
process=$(property kassa-gateway MainPID)
certificate second
systemctl reload kassa-gateway && until_true 5 shows second
row "systemctl reload replaces the gateway's certificate" $? "$one, then $(shown)"
[ "$(property kassa-gateway MainPID)" = "$process" ]
row '... without a restart' $? "main pid $process"
sed -i '/^TLS_/d' /etc/kassa/gateway.env
systemctl restart kassa-gateway && until_true 20 serves
