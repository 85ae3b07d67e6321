#!/bin/sh
# Counts, once a second, on the terminal.
n=0
while :; do
  n=$((n + 1))
  echo "count $n"
  sleep 1
done
