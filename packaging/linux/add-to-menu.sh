#!/bin/sh
# Put this copy of CallApp into the menu of the desktop, for the current user. Run it again after moving the folder.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
case $here in
*[\"\`\$\\%]*)
  echo "A menu entry cannot hold this path: $here" >&2
  exit 1
  ;;
esac
mkdir -p "$data/applications" "$data/icons"
cp -R "$here/icons/hicolor" "$data/icons/"
{
  grep -v '^Exec=' "$here/callapp.desktop"
  echo "Exec=\"$here/callapp\""
} >"$data/applications/callapp.desktop"
echo "CallApp is in the menu now: $data/applications/callapp.desktop"
