#!/bin/sh
# The other side of the conversation: answers each "ping N" with a "pong N" of its own count.
got=0
sent=0
while read -r word number; do
  got=$((got + 1))
  if [ "$word" != ping ] || [ "$number" != "$got" ]; then
    echo "broken: expected ping $got, got $word $number"
    exit 1
  fi
  sent=$((sent + 1))
  echo "pong $sent"
done
