#!/bin/sh
export PATH=/usr/lib/dormouse/bin:/usr/lib/dormouse-lab:/usr/lib/dormouse/runtime/bin:/bin:/sbin
export HOME=/root TERM=vt100
export PS1='guest \w # '
