#!/bin/sh
# Prints what there is to know about the machine and its work, as lines NAME=VALUE.
lab=/var/lib/lab
cd /tmp
say() { echo "$1=$2"; }
pid_of() { systemctl show --property=MainPID --value "$1"; }
say boot_id "$(cat /proc/sys/kernel/random/boot_id)"
say system "$(systemctl is-system-running)"
say failed_units "$(systemctl list-units --failed --plain --no-legend | wc -l)"
say cpus "$(nproc)"
say postgres_pid "$(pid_of postgresql@15-main)"
say nginx_pid "$(pid_of nginx)"
say sshd_pid "$(pid_of ssh)"
say pgbench_pid "$(pid_of lab-pgbench)"
say pgbench_transactions "$(runuser -u postgres -- psql -qAt -c 'select count(*) from pgbench_history' bench)"
say tmux_pid "$(pgrep -f '^/bin/sh /usr/lib/dormouse-lab/count')"
say tmux_count "$(tmux capture-pane -p -t work | sed -n 's/^count //p' | tail -n 1)"
say dd_pid "$(pgrep -x dd)"
say dd_bytes "$(stat -c %s $lab/numbers)"
if [ -d /sys/firmware/efi/efivars ]; then
  say efi_variables "$(ls /sys/firmware/efi/efivars | wc -l)"
  say efi_language "$(cat /sys/firmware/efi/efivars/PlatformLang-* | tail -c +5 | tr -d '\000')"
fi
