#!/usr/bin/env bash
# Builds the image from the archives in DIR, tries it on both architectures, and pushes it as NAME:VERSION and NAME:latest.
#
# release/image.sh VERSION DIR NAME
#
# Requires Docker with buildx, and QEMU for the other architecture.
set -euo pipefail

version="${1#v}"
archives="$(cd "$2" && pwd -P)"
name="$3"
cd "$(dirname "$0")/.."

context="$(mktemp -d)"
trap 'rm -rf "$context"' EXIT
platforms=""
for pair in amd64:x86_64 arm64:aarch64; do
  architecture="${pair%%:*}"
  archive="controlsync-v$version-${pair#*:}-unknown-linux-musl"
  mkdir "$context/$architecture"
  tar -xzf "$archives/$archive.tar.gz" -C "$context/$architecture" --strip-components 1 "$archive/controlsync"
  platforms+="${platforms:+,}linux/$architecture"
done
build() { docker buildx build --file release/Containerfile "$@" "$context"; }

for architecture in amd64 arm64; do
  build --platform "linux/$architecture" --load --tag "try:$architecture"
  docker run --rm --platform "linux/$architecture" --volume "$PWD:/source:ro" "try:$architecture" \
    sh /source/release/try.sh "$version" controlsync
done
build --platform "$platforms" --tag "$name:$version" --tag "$name:latest" --push
