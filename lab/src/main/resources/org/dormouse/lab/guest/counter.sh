#!/bin/sh
# Counts five times a second, into a file on tmpfs.
count=0
while :; do
  count=$((count + 1))
  echo $count >/run/workload/count.new
  mv /run/workload/count.new /run/workload/count
  sleep 0.2
done
