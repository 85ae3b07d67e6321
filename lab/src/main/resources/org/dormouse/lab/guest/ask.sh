#!/bin/sh
# Asks the workload's Java process: ask verify, ask status, ask fill BYTES.
echo "$*" | nc 127.0.0.1 7001
