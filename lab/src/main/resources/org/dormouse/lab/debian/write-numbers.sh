#!/bin/sh
# Writes the numbers from 1 on to a file on the root, with dd, past the page cache's delay.
from=1
while :; do
  seq $from $((from + 9999))
  from=$((from + 10000))
  sleep 0.2
done | dd of=/var/lib/lab/numbers bs=16k oflag=dsync status=none
