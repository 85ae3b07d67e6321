#!/bin/sh
# Runs in the new Debian's root, by chroot, and makes a machine's system of it. In the environment:
#   RELEASE      of the kernel, which lies in /boot already, with its configuration, or in the package /kernel.deb
#   LOADER       systemd-boot or grub
#   ENCRYPTED    yes if the root is below LUKS, else no
#   ROOT_PART, ESP_PART, LUKS    UUIDs: of the two partitions, of the LUKS header
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
# Nothing is started, for there is no machine yet.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d

# One boot loader, as on a person's machine, and none of what unlocks disks where there is nothing to unlock.
case $LOADER in
  systemd-boot) unwanted='grub-pc grub-pc-bin grub2-common grub-common' ;;
  grub) unwanted='systemd-boot systemd-boot-efi' ;;
esac
[ "$ENCRYPTED" = yes ] || unwanted="$unwanted cryptsetup-initramfs cryptsetup cryptsetup-bin"
# shellcheck disable=SC2086
dpkg --purge $unwanted >/dev/null

echo debian >/etc/hostname
echo '127.0.0.1 localhost debian' >/etc/hosts
echo 5f0c4f1b2f0f4b5f9d2c8a7e6b1d3c90 >/etc/machine-id
root=PARTUUID=$ROOT_PART
if [ "$ENCRYPTED" = yes ]; then
  root=/dev/mapper/root
  echo "root UUID=$LUKS none luks,initramfs" >/etc/crypttab
fi
echo "$root / ext4 errors=remount-ro 0 1" >/etc/fstab
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

case $LOADER in
  systemd-boot)
    echo "PARTUUID=$ESP_PART /boot/efi vfat umask=0077 0 1" >>/etc/fstab
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
    ;;
  grub)
    cat >/etc/default/grub <<END
GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX="$words"
GRUB_TERMINAL=serial
GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"
END
    mkdir -p /boot/grub/i386-pc
    cp /usr/lib/grub/i386-pc/*.mod /usr/lib/grub/i386-pc/*.lst /boot/grub/i386-pc/
    grub-editenv /boot/grub/grubenv create
    grub-mkimage -O i386-pc -o /boot/grub/i386-pc/core.img -p '(hd0,gpt2)/boot/grub' biosdisk part_gpt ext2
    # For the first boot. update-grub, which looks at the disks of a machine that runs, makes GRUB's own then.
    cat >/boot/grub/grub.cfg <<END
serial --unit=0 --speed=115200
terminal_output serial
linux /boot/vmlinuz-$RELEASE root=$root ro $words
initrd /boot/initrd.img-$RELEASE
boot
END
    ;;
esac
rm /usr/sbin/policy-rc.d
