#!/bin/sh
# Counts five times a second, into a file on tmpfs.
count=0
while :; do
  count=$((count + 1))
  echo $count >>/run/workload/counts
  sleep 0.2
done
