#!/bin/sh
# Makes the environment, puts « Guides CQP » among the applications, opens the screen.
# Usage: sh installer.sh [--no-open]
set -eu
cd "$(dirname "$0")"
here=$(pwd)

python=
for one in python3 python3.13 python3.12 python3.11; do
  if "$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$one; break; fi
done
if [ -z "$python" ]; then
  echo "Python 3.11 ou plus récent n’est pas installé. Installez-le, puis recommencez." >&2
  exit 1
fi

echo "Installation, une à deux minutes…"
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check .

documents=$(xdg-user-dir DOCUMENTS 2>/dev/null || echo "$HOME/Documents")
folder="$documents/Guides CQP"
mkdir -p "$folder" "$HOME/.local/share/applications"
entry="$HOME/.local/share/applications/guides-cqp.desktop"
cat > "$entry" <<END
[Desktop Entry]
Type=Application
Name=Guides CQP
Comment=Remplir, contrôler et émettre les guides d’évaluation
Exec="$here/.venv/bin/cqp-forms" app "$folder"
Path=$folder
Icon=$here/cqp_forms/app/static/icone.svg
Terminal=true
Categories=Office;
END
chmod +x "$entry"
echo "C’est fait : « Guides CQP » est parmi les applications. Vos fiches vont dans $folder."
if [ "${1:-}" != --no-open ]; then cd "$folder" && exec "$here/.venv/bin/cqp-forms" app .; fi
