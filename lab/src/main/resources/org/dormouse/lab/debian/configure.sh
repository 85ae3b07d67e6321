#!/bin/sh
# Runs in the new Debian's root, by chroot, and makes a machine's system of it. In the environment:
#   RELEASE      of the kernel, which lies in /boot already, with its configuration, or in the package /kernel.deb
#   LAYOUT       uefi: systemd-boot; bios: GRUB; encrypted: GRUB in the EFI system partition, /boot, LVM below LUKS
#   ROOT_PART, LOADER_PART, BOOT_PART, LUKS, SWAP    UUIDs: of partitions, of the LUKS header, of the swap in it
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
# Nothing is started, for there is no machine yet.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d

# One boot loader, as on a person's machine, and none of what unlocks disks where there is nothing to unlock.
unlocks='cryptsetup-initramfs cryptsetup cryptsetup-bin lvm2'
case $LAYOUT in
  uefi) unwanted="$unlocks grub-pc grub-pc-bin grub-efi-amd64-bin grub2-common grub-common" ;;
  bios) unwanted="$unlocks systemd-boot systemd-boot-efi grub-efi-amd64-bin" ;;
  encrypted) unwanted='systemd-boot systemd-boot-efi grub-pc grub-pc-bin' ;;
esac
# shellcheck disable=SC2086
dpkg --purge $unwanted >/dev/null

echo debian >/etc/hostname
echo '127.0.0.1 localhost debian' >/etc/hosts
echo 5f0c4f1b2f0f4b5f9d2c8a7e6b1d3c90 >/etc/machine-id
root=PARTUUID=$ROOT_PART
if [ "$LAYOUT" = encrypted ]; then
  root=/dev/mapper/debian--vg-root
  # "initramfs": the hook cannot see here that the root is on it.
  echo "vda3_crypt UUID=$LUKS none luks,discard,initramfs" >/etc/crypttab
fi
echo "$root / ext4 errors=remount-ro 0 1" >/etc/fstab
if [ "$LAYOUT" = encrypted ]; then
  echo "PARTUUID=$BOOT_PART /boot ext4 defaults 0 2" >>/etc/fstab
  echo "UUID=$SWAP none swap sw 0 0" >>/etc/fstab
fi
if [ "$LAYOUT" != bios ]; then
  echo "PARTUUID=$LOADER_PART /boot/efi vfat umask=0077 0 1" >>/etc/fstab
fi
# no_timer_check: on a host that is busy, an emulated timer may be late when the kernel tries it.
words='console=ttyS0 no_timer_check'

cat >/etc/systemd/network/cable.network <<END
[Match]
Name=e*
[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
LinkLocalAddressing=no
END
systemctl enable --quiet systemd-networkd lab-shell lab-pulse
# Which connection, how many requests came over it, and who answers: a client sees whether they are the same ones.
cat >/etc/nginx/sites-enabled/default <<'END'
server {
  listen 80 default_server;
  client_header_timeout 1h;
  keepalive_timeout 1h;
  keepalive_requests 1000000;
  location / { return 200 "$connection $connection_requests $pid\n"; }
}
END
chmod 700 /root/.ssh
chmod 600 /root/.ssh/authorized_keys

if [ -e /kernel.deb ]; then
  dpkg --install /kernel.deb
fi
# The lab's kernel has no modules; what asks for some finds the lists of none.
if [ ! -e "/lib/modules/$RELEASE" ]; then
  mkdir -p "/lib/modules/$RELEASE"
  (cd "/lib/modules/$RELEASE" && touch modules.order modules.builtin modules.builtin.modinfo)
fi
depmod "$RELEASE"
# An emulated processor takes a minute for the usual level.
sed -i 's/^# COMPRESSLEVEL=.*/COMPRESSLEVEL=1/' /etc/initramfs-tools/initramfs.conf
verb=-c
[ ! -e "/boot/initrd.img-$RELEASE" ] || verb=-u
update-initramfs $verb -k "$RELEASE" 2>/var/log/lab-update-initramfs

if [ "$LAYOUT" = uefi ]; then
  esp=/boot/efi
  mkdir -p $esp/EFI/BOOT $esp/EFI/systemd $esp/loader/entries "$esp/$(cat /etc/machine-id)"
  cp /usr/lib/systemd/boot/efi/systemd-bootx64.efi $esp/EFI/systemd/
  cp /usr/lib/systemd/boot/efi/systemd-bootx64.efi $esp/EFI/BOOT/BOOTX64.EFI
  printf 'timeout 0\n' >$esp/loader/loader.conf
  echo "root=$root ro $words" >/etc/kernel/cmdline
  kernel-install add "$RELEASE" "/boot/vmlinuz-$RELEASE" "/boot/initrd.img-$RELEASE" 2>/dev/null
  # Nothing is mounted here, so it took the partition's mount point for a part of the path.
  sed -i "s,^\\(linux\\|initrd\\)\\( *\\)$esp/,\\1\\2/," $esp/loader/entries/*.conf
  rm -rf /boot/grub
else
  case $LAYOUT in
    bios)
      target=i386-pc
      boot=/boot
      terminal='GRUB_TERMINAL=serial
GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"'
      first='serial --unit=0 --speed=115200
terminal_output serial'
      ;;
    encrypted)
      target=x86_64-efi
      boot=
      # The firmware's own console is on the serial line.
      terminal='GRUB_TERMINAL=console'
      first='terminal_output console'
      ;;
  esac
  cat >/etc/default/grub <<END
GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX="$words"
$terminal
END
  mkdir -p /boot/grub/$target
  cp /usr/lib/grub/$target/*.mod /usr/lib/grub/$target/*.lst /boot/grub/$target/
  grub-editenv /boot/grub/grubenv create
  # For the first boot. update-grub, which looks at the disks of a machine that runs, makes GRUB's own then.
  cat >/boot/grub/grub.cfg <<END
$first
linux $boot/vmlinuz-$RELEASE root=$root ro $words
initrd $boot/initrd.img-$RELEASE
boot
END
  if [ "$LAYOUT" = bios ]; then
    grub-mkimage -O $target -o /boot/grub/$target/core.img -p '(hd0,gpt2)/boot/grub' biosdisk part_gpt ext2
  else
    mkdir -p /boot/efi/EFI/debian /boot/efi/EFI/BOOT
    grub-mkimage -O $target -o /boot/efi/EFI/debian/grubx64.efi -p '(,gpt2)/grub' part_gpt ext2
    cp /boot/efi/EFI/debian/grubx64.efi /boot/efi/EFI/BOOT/BOOTX64.EFI
  fi
fi
rm /usr/sbin/policy-rc.d
