#!/bin/sh
# Put this copy of CallApp into the menu of the desktop, and open callapp: links with it, for the current user.
# Run it again after moving the folder.
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
  echo "Exec=\"$here/callapp\" %u"
} >"$data/applications/callapp.desktop"
# callapp: links open in it; a desktop without these two finds out by itself
if command -v update-desktop-database >/dev/null 2>&1; then
  update-desktop-database "$data/applications" || true
fi
if command -v xdg-mime >/dev/null 2>&1; then
  xdg-mime default callapp.desktop x-scheme-handler/callapp || true
fi
echo "CallApp is in the menu now: $data/applications/callapp.desktop"
