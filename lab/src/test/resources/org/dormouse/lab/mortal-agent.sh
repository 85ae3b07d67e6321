#!/bin/sh
# Stands where the saver's agent was, starts it, and dies as the plan says, once.
# The plan is a disk with a line of text, STAGE DEED: the stage is one that the agent tells, or "start",
# before there is any Java; then Java does not start at all in this kernel.
agent=/usr/lib/dormouse/bin/agent.real
plan=/dev/vda

# What init asks for after a death.
[ ! -e /run/no-java ] || kill -ILL $$
[ $# -eq 0 ] || exec $agent "$@"

# is_planned STAGE: sets deed. What was planned is done once.
is_planned() {
  read -r stage deed <$plan
  [ "$stage" = "$1" ] || return
  echo none | dd of=$plan conv=notrunc,fsync 2>/dev/null
  echo "mortal: $stage $deed"
}

# A bit more than there is, for a moment: the kernel ends the agent, which is the first to go.
take_memory() {
  while kill -0 $running 2>/dev/null; do
    (
      echo 0 >/proc/self/oom_score_adj
      available=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
      exec busybox dd if=/dev/zero of=/dev/null bs=$((available / 1024 + 24))M count=1 2>/dev/null
    )
  done
}

# provoke CRASHTYPE: by the kernel's own means to test itself, on the first CPU
provoke() {
  busybox mount -t debugfs debugfs /sys/kernel/debug
  busybox taskset 1 sh -c "echo $1 >/sys/kernel/debug/provoke-crash/DIRECT"
}

do_deed() {
  case $deed in
    illegal) kill -ILL $running ;;
    memory) take_memory ;;
    oops) provoke EXCEPTION ;;
    spin) provoke HARDLOCKUP ;;
    panic) busybox taskset 1 sh -c 'echo c >/proc/sysrq-trigger' ;;
  esac
}

until [ -b $plan ]; do sleep 0.1; done
if is_planned start; then
  : >/run/no-java
  running=$$
  do_deed
fi
mkfifo /run/said
$agent >/run/said &
running=$!
while IFS= read -r line; do
  echo "$line"
  case $line in
    'dormouse: stage '*) ! is_planned "${line#dormouse: stage }" || do_deed ;;
  esac
done </run/said
wait $running
