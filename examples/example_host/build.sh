#!/bin/sh
# Builds lib/libexample.so; needs a C compiler and nothing else.
set -e
cd "$(dirname "$0")"
mkdir -p lib
${CC:-cc} -shared -fPIC -O2 -Wall -Wextra -o lib/libexample.so src/example.c
