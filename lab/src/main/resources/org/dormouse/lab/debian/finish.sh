#!/bin/sh
# Ends the work, and prints how it went, as lines NAME=VALUE, after what the programs say themselves.
lab=/var/lib/lab
cd /tmp
# The signal by which pgbench's own clock ends a run: it reports then.
pkill -ALRM -x pgbench
tries=0
while pgrep -x pgbench >/dev/null && [ $tries -lt 100 ]; do
  tries=$((tries + 1))
  sleep 0.2
done
cat $lab/pgbench
echo "pgbench_failed=$(sed -n 's/^number of failed transactions: \([0-9]*\).*/\1/p' $lab/pgbench)"
echo "pgbench_done=$(sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p' $lab/pgbench)"
systemctl stop lab-dd
# The last line may be half there.
head -n -1 $lab/numbers | awk '$1 != NR { wrong++ } END { print "numbers_wrong=" wrong + 0; print "numbers=" NR }'
runuser -u postgres -- /usr/lib/postgresql/15/bin/pg_amcheck --all --install-missing --heapallindexed
echo "pg_amcheck=$?"
echo "failed_units=$(systemctl list-units --failed --plain --no-legend | wc -l)"
