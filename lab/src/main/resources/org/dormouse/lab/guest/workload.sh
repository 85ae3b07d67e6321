#!/bin/sh
# Starts the workload: workload SEED. Ends when all of it runs.
seed=$1
folder=/var/lib/workload
mkdir -p $folder /run/workload
# As distributions have it. Memory in big pages is also faster to fill.
echo always >/sys/kernel/mm/transparent_hugepage/enabled
# The archive of classes is mapped where it was made for; moving it takes an emulated processor two seconds.
java -Xshare:auto -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xmx32m \
  -Djdk.internal.foreign.skipZeroMemory=true --enable-native-access=ALL-UNNAMED \
  -cp /usr/lib/dormouse-lab/classes org.dormouse.lab.workload.Workload "$seed" $folder/lines \
  </dev/null >/dev/console 2>&1 &

# Files on tmpfs, with what they have to hold.
dd if=/dev/urandom of=/run/workload/random bs=256k count=4 2>/dev/null
seq 1 40000 >/run/workload/numbers
(cd /run/workload && md5sum random numbers) >$folder/sums

# A process that is nothing but a shell. It counts too.
/usr/lib/dormouse-lab/counter &
echo $! >/run/workload/counter.pid

tries=0
until ask status >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || { echo "the workload's Java process does not answer" >&2; exit 1; }
  sleep 0.1
done
nc 127.0.0.1 7002 -e /usr/lib/dormouse-lab/peer </dev/null 2>/dev/console &
echo $! >/run/workload/peer.pid
until ask status | grep -q '^conversation=alive'; do sleep 0.1; done
