#!/bin/sh
# Unpack Debian's Ceph, with the libraries that this machine lacks, into FOLDER/root: nothing is installed, root is not needed.
set -eu
mkdir -p "$1"
folder=$(cd "$1" && pwd)
rm -rf "$folder/root" "$folder/apt"
mkdir -p "$folder/root" "$folder/apt/lists/partial" "$folder/apt/archives/partial" "$folder/apt/packages"

# Lists of its own: the system's may be old or empty, and only root may renew them.
apt() {
    apt-get -q -o Dir::State::lists="$folder/apt/lists" -o Dir::Cache="$folder/apt" -o APT::Sandbox::User= \
        -o Acquire::Languages=none -o Acquire::http::Timeout=20 -o APT::Update::Error-Mode=any "$@"
}

cd "$folder/apt/packages"
apt update
missing=$(apt --simulate --no-install-recommends install ceph-mon ceph-osd radosgw)
libraries=$(echo "$missing" | awk '$1 == "Inst" && $2 ~ /^lib/ && $3 !~ /^\[/ { print $2 }')
# shellcheck disable=SC2086 # one name a word
apt download ceph-base ceph-common ceph-mon ceph-osd radosgw $libraries
for package in *.deb; do
    dpkg -x "$package" "$folder/root"
done
rm -rf "$folder/apt"
