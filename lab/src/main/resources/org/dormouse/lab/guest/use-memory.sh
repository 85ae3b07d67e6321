#!/bin/sh
# Fills that much memory with random bytes and frees it again: use-memory BYTES.
echo always >/sys/kernel/mm/transparent_hugepage/enabled
exec java -Xshare:auto -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xmx32m \
  -Djdk.internal.foreign.skipZeroMemory=true --enable-native-access=ALL-UNNAMED \
  -cp /usr/lib/dormouse-lab/classes org.dormouse.lab.workload.UsedMemory "$1"
