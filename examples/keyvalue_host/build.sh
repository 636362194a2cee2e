#!/bin/sh
# Builds lib/libkeyvalue.so; needs a C compiler and nothing else.
set -e
cd "$(dirname "$0")"
mkdir -p lib
${CC:-cc} -shared -fPIC -O2 -Wall -Wextra -o lib/libkeyvalue.so src/keyvalue.c
