# shellcheck shell=bash disable=SC2154
# Uninstalling leaves data; a purge leaves them, too, and says so.
kept() { sql kassa_orders 'SELECT count(*) FROM orders'; sql kassa_payments 'SELECT count(*) FROM transfers'; }
until_true 60 no_order_is_open
before=$(kept)
apt-get remove --yes kassa >"$work/apt" 2>&1 && ! pgrep -f /usr/bin/kassa- >/dev/null && [ "$(kept)" = "$before" ] &&
  [ -s /etc/kassa/credentials/orders/DATABASE_URL ] && [ ! -e /usr/bin/kassa-orders ]
row 'apt remove kassa: stopped; data, settings, credentials stay' $? "orders, transfers: $(kept | tr '\n' ' ')"
apt-get install --yes --no-install-recommends "$package" >"$work/apt" 2>&1 && kassa-setup check >"$work/check" &&
  systemctl start kassa.target && until_true 60 serves && [ "$(kept)" = "$before" ]
row '... and installed again it goes on' $? "$(systemctl is-active "${daemons[@]}" | sort -u | tr '\n' ' ')"
apt-get purge --yes kassa >"$work/apt" 2>&1 && grep -q "data stay" "$work/apt" && [ "$(kept)" = "$before" ] && [ ! -e /etc/kassa/tokens ]
row 'apt purge kassa: credentials and tokens go, data stay' $? "left in /etc/kassa: $(find /etc/kassa 2>/dev/null | wc -l) files"
