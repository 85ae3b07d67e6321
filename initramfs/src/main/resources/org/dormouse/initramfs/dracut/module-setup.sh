#!/bin/bash
# A module of dracut: into each initramfs goes what wakes a machine that sleeps, the script "wake" with the programs
# that it calls. Installed in /usr/lib/dracut/modules.d/45dormouse, with what it installs.
dormouse_home=/usr/lib/dormouse

# Only if a person has said so, and all that it takes is there.
check() {
  # shellcheck source=../into-initramfs
  . "$dormouse_home/into-initramfs"
  dormouse_begin "${kernel:?}"
  dormouse_is_wanted || return 255
  require_binaries busybox kexec || return 1
  # Not by a pipe: dracut has one fail that is left early.
  has=" $(busybox --list | tr '\n' ' ')"
  for applet in $dormouse_applets; do
    [[ $has == *" $applet "* ]] || {
      derror "dormouse: busybox has no '$applet', so this initramfs will not wake a machine that sleeps"
      return 1
    }
  done
}

depends() {
  return 0
}

install() {
  inst_multiple kexec
  inst "$(command -v busybox)" "$dormouse_home/applets/busybox"
  for applet in $dormouse_applets; do
    ln -sf busybox "${initdir:?}$dormouse_home/applets/$applet"
  done
  inst_simple "$dormouse_home/wake"
  said=$(dormouse_tell "$kernel" "$initdir") ||
    dwarn "dormouse: this initramfs does not know where the store is: $said"
  inst_simple "${moddir:?}/dormouse-wake.sh" "$dormouse_home/wake-in-dracut"
  if dracut_module_included systemd; then
    for unit in dormouse-wake.service dormouse-wake-late.service; do
      inst_simple "$moddir/$unit" "${systemdsystemunitdir:?}/$unit"
      ${SYSTEMCTL:-systemctl} -q --root "$initdir" enable "$unit"
    done
  else
    inst_hook pre-mount 05 "$moddir/dormouse-pre-mount.sh"
  fi
}
