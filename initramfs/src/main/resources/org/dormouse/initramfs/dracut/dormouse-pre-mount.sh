#!/bin/sh
# In an initramfs of dracut's without systemd: before the root is mounted.
/usr/lib/dormouse/wake-in-dracut now ||
  die 'dormouse: there is an image, and the script that should wake from it died; booting on would ruin it'
