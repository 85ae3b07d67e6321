#!/bin/sh
# Says on the console, once a second, which boot this is and how far it has counted: so whoever looks from outside
# can tell a machine that goes on from one that was booted anew.
read -r boot </proc/sys/kernel/random/boot_id
n=0
while :; do
  n=$((n + 1))
  echo "lab: pulse $boot $n" >/dev/console
  sleep 1
done
