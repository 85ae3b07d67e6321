#!/bin/sh
# Prints what there is to know about the state of the guest and its workload, as lines NAME=VALUE.
read -r boot_id </proc/sys/kernel/random/boot_id
read -r uptime rest </proc/uptime
read -r online </sys/devices/system/cpu/online
echo "boot_id=$boot_id"
echo "uptime=$uptime"
echo "cpus_online=$online"
echo "cpus=$(nproc)"
read -r counter </run/workload/counter.pid
read -r peer </run/workload/peer.pid
echo "counter_pid=$counter"
echo "peer_pid=$peer"
echo "counter_alive=$([ -d /proc/$counter ] && echo yes || echo no)"
echo "peer_alive=$([ -d /proc/$peer ] && echo yes || echo no)"
echo "shell_count=$(tail -n 1 /run/workload/counts)"
echo "tmpfs_wrong=$(cd /run/workload && md5sum -c /var/lib/workload/sums 2>/dev/null | grep -vc ': OK$')"
echo "file_wrong=$(awk '$1 != NR { wrong++ } END { print wrong + 0 }' /var/lib/workload/lines)"
grep -E '^(MemTotal|MemFree|MemAvailable):' /proc/meminfo | awk '{ sub(":", "", $1); print $1 "=" $2 * 1024 }'
ask status
