#!/bin/sh
# Starts what a machine is used for; "finish" ends it.
set -eu
lab=/var/lib/lab
mkdir -p $lab
cd /tmp
runuser -u postgres -- createdb bench
runuser -u postgres -- /usr/lib/postgresql/15/bin/pgbench --quiet --initialize --scale=1 bench >$lab/pgbench-init 2>&1
# At a rate that leaves an emulated processor to others.
systemd-run --quiet --unit=lab-pgbench --property=User=postgres --property=RemainAfterExit=yes \
  --property=StandardOutput=file:$lab/pgbench --property=StandardError=file:$lab/pgbench-progress \
  /usr/lib/postgresql/15/bin/pgbench --client=2 --rate=5 --time=100000 --progress=1 --failures-detailed bench
systemd-run --quiet --unit=lab-tmux --property=Type=forking tmux new-session -d -s work /usr/lib/dormouse-lab/count
systemd-run --quiet --unit=lab-dd --property=KillMode=mixed /usr/lib/dormouse-lab/write-numbers
