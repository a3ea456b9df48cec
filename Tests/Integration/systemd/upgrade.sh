# shellcheck shell=bash disable=SC2154
# To another version of the package and back, under load.
if [ -z "$newer" ]; then
  echo 'upgrade and rollback: not tried, no second package was given'
else
  # install_under_load PACKAGE NAME
  install_under_load() {
    load_begin 40 25
    changing=$EPOCHREALTIME
    apt-get install --yes --allow-downgrades --no-install-recommends "$1" >"$work/apt" 2>&1
    local changed=$?
    took=$(seconds_since "$changing")
    load_end
    until_true 60 serves
    [ $changed = 0 ] && nobody_was_refused && [ "$(counted open)" = 0 ] && [ "$(systemctl is-active "${daemons[@]}" | sort -u)" = active ] &&
      kassa-setup check >"$work/check"
    row "$2" $? "now $(dpkg-query -Wf '${Version}' kassa), apt took $took; $(summary)"
  }
  install_under_load "$newer" 'upgrade under load: nobody refused, no order lost'
  install_under_load "$package" 'rollback under load: nobody refused, no order lost'
  until_true 60 no_order_is_open && [[ $(books) == *equal ]]
  row '... and the books' $? "$(books)"
fi
