#!/bin/sh
# An AppImage from the one-folder build:  packaging/appimage/build.sh build/folder/colophon dist
# Needs appimagetool and rsvg-convert. See README.md.
set -eu
folder=$(realpath "$1")
dist=$(realpath "$2")
here=$(realpath "$(dirname "$0")")
root=$(realpath "$here/../..")
tree=$root/build/appimage/Colophon.AppDir
version=$("$folder/colophon" --version | cut -d' ' -f2)
arch=$(uname -m)

rm -rf "$tree"
mkdir -p "$tree/usr/lib" "$tree/usr/share/applications" "$tree/usr/share/mime/packages" "$tree/usr/share/metainfo"
cp -a "$folder" "$tree/usr/lib/colophon"
install -m 755 "$here/AppRun" "$tree/AppRun"
install -m 644 "$root/packaging/linux/colophon.desktop" "$tree/colophon.desktop"
install -m 644 "$root/packaging/linux/colophon.desktop" "$tree/usr/share/applications/colophon.desktop"
install -m 644 "$root/packaging/linux/colophon.xml" "$tree/usr/share/mime/packages/colophon.xml"
date=$(date -u -d "@${SOURCE_DATE_EPOCH:-0}" +%F)
sed -e "s/@ID@/colophon/g; s/@DESKTOP@/colophon.desktop/; s/@VERSION@/$version/; s/@DATE@/$date/" \
  "$root/packaging/linux/colophon.metainfo.xml.in" > "$tree/usr/share/metainfo/colophon.appdata.xml"
install -m 644 "$root/resources/icons/mark.svg" "$tree/colophon.svg"
rsvg-convert -w 256 -h 256 -o "$tree/.DirIcon" "$root/resources/icons/mark.svg"
ARCH=$arch appimagetool --no-appstream "$tree" "$dist/Colophon-$version-$arch.AppImage"
