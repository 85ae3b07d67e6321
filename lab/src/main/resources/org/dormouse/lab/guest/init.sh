#!/bin/sh
# The first process of a guest: mounts what a system needs, then keeps a shell on the second serial port.
. /etc/profile
mount -t proc proc /proc 2>/dev/null
mount -t sysfs sysfs /sys 2>/dev/null
[ -c /dev/ttyS1 ] || mount -t devtmpfs dev /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts 2>/dev/null
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
ifconfig lo 127.0.0.1 up
hostname guest

# One of several kernels says that it is there, before anything else is mounted.
if grep -q dormouse.kernel= /proc/cmdline; then
  dormouse kernel arrive >/dev/console 2>&1
fi

# This keeps the port open, so that what is typed before the shell reads is not lost.
exec 3<>/dev/ttyS1
echo "guest: ready" >/dev/console
while :; do
  setsid -c sh -l -i </dev/ttyS1 >/dev/ttyS1 2>&1
done
