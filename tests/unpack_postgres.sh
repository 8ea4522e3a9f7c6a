#!/bin/sh
# Unpack Debian's PostgreSQL 15, with the libraries that this machine lacks, into FOLDER/root: nothing is installed, root is not needed.
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
missing=$(apt --simulate --no-install-recommends install postgresql-15)
# LLVM, which takes Z3 along, compiles expressions: the tests leave that off, and it is most of the whole.
libraries=$(echo "$missing" | awk '$1 == "Inst" && $2 ~ /^lib/ && $2 !~ /^lib(llvm|z3)/ && $3 !~ /^\[/ { print $2 }')
# shellcheck disable=SC2086 # one name a word
apt download postgresql-15 postgresql-client-15 $libraries
for package in *.deb; do
    dpkg -x "$package" "$folder/root"
done
rm -rf "$folder/apt"
