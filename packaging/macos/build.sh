#!/bin/sh
# A signed and notarised disk image, on a Mac:  packaging/macos/build.sh
# Without IDENTITY it is signed for this machine only (ad hoc), and not notarised. See README.md.
#   IDENTITY   name of the certificate, as "Developer ID Application: NAME (TEAM)"
#   PROFILE    of `xcrun notarytool store-credentials`
set -eu
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3.11}
identity=${IDENTITY:--}

"$python" -m venv build/tools
build/tools/bin/python -m pip install --quiet -c packaging/constraints.txt hatchling pillow PySide6-Essentials
mkdir -p dist
rm -f dist/colophon-*.whl
build/tools/bin/python -m hatchling build -t wheel -d dist
build/tools/bin/python packaging/make_icon.py build/colophon.icns
export COLOPHON_ICON="$PWD/build/colophon.icns"
build/tools/bin/python packaging/build_folder.py dist/colophon-*.whl dist

app=build/folder/Colophon.app
version=$("$app/Contents/MacOS/colophon" --version | cut -d' ' -f2)
# From the inside out: libraries first, then the programs, the bundle last.
find "$app/Contents/Frameworks" "$app/Contents/Resources" -type f \( -name '*.so' -o -name '*.dylib' -o -perm -u+x \) \
  -exec codesign --force --timestamp --options runtime --sign "$identity" {} +
codesign --force --timestamp --options runtime --entitlements packaging/macos/entitlements.plist \
  --sign "$identity" "$app/Contents/MacOS/colophon" "$app/Contents/MacOS/colophon-window"
codesign --force --timestamp --options runtime --entitlements packaging/macos/entitlements.plist \
  --sign "$identity" "$app"
codesign --verify --deep --strict "$app"

image=dist/Colophon-$version-macos-$(uname -m).dmg
stage=build/dmg
rm -rf "$stage" "$image"
mkdir -p "$stage"
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
hdiutil create -volname "Colophon $version" -srcfolder "$stage" -format UDZO "$image"
if [ "$identity" != - ]; then
  codesign --timestamp --sign "$identity" "$image"
  xcrun notarytool submit "$image" --keychain-profile "$PROFILE" --wait
  xcrun stapler staple "$image"
  spctl --assess --type open --context context:primary-signature "$image"
fi
build/tools/bin/python packaging/smoke.py --version "$version" "$app/Contents/MacOS/colophon"
