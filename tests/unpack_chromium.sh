#!/bin/sh
# Unpack Debian's Chromium, with the libraries and fonts that this machine lacks, into FOLDER/root: nothing is installed, root is not needed.
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
missing=$(apt --simulate --no-install-recommends install chromium fonts-dejavu-core fonts-liberation)
packages=$(echo "$missing" | awk '$1 == "Inst" && $3 !~ /^\[/ { print $2 }')
# What this machine has of them is taken as well: a Chromium of its own must not hide the one that tests run.
# shellcheck disable=SC2086 # one name a word
apt download $(printf '%s\n' chromium chromium-common fonts-dejavu-core fonts-liberation $packages | sort -u)
for package in *.deb; do
    dpkg -x "$package" "$folder/root"
done
rm -rf "$folder/apt"
