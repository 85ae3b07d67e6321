#!/bin/sh
# In an initramfs of dracut's: wakes the machine if it sleeps. wake-in-dracut early|late|now: early, before any disk
# is unlocked, if it is known where the image is; else late, when the root's device is there, and then again for a disk
# that was not there in time; now, in any case. If it fails, the boot must not go on: there is an image, and the script
# that should wake from it died.
home=/usr/lib/dormouse
named=late
[ -s "$home/store" ] && named=early
for word in $(cat /proc/cmdline); do
  case $word in
    dormouse.resume=*) named=early ;;
  esac
done
# Not in /run, which has a part of the memory: the saver's files come here.
WAKE_FOLDER=/dormouse
export WAKE_FOLDER
if [ "$1" = late ] && [ -e "$WAKE_FOLDER/not-seen" ]; then
  WAKE_DEVICE_WAIT=0
  export WAKE_DEVICE_WAIT
else
  [ "$1" = now ] || [ "$1" = "$named" ] || exit 0
fi
PATH=$home/applets:$PATH "$home/applets/sh" "$home/wake" && exit 0
[ ! -e "$WAKE_FOLDER/has-image" ]
