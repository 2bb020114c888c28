@echo off
rem Double-click: finds Python, makes the environment, puts "Guides CQP" on the desktop, opens the screen.
chcp 65001 >nul
setlocal
cd /d "%~dp0"
title Guides CQP - installation

set "PYTHON="
for %%P in ("py -3" "python" "python3") do (
  if not defined PYTHON (
    %%~P -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>&1 && set "PYTHON=%%~P"
  )
)
if not defined PYTHON (
  echo Python 3.11 ou plus récent n’est pas installé sur cette machine.
  echo Installez-le depuis https://www.python.org/downloads/ puis double-cliquez de nouveau ici.
  pause
  exit /b 1
)

echo Installation, une à deux minutes...
if not exist ".venv\Scripts\python.exe" %PYTHON% -m venv .venv || goto failed
".venv\Scripts\python.exe" -m pip install --quiet --disable-pip-version-check . || goto failed

powershell -NoProfile -ExecutionPolicy Bypass -Command ^
  "$ErrorActionPreference = 'Stop';" ^
  "$here = (Get-Location).Path;" ^
  "$folder = Join-Path ([Environment]::GetFolderPath('MyDocuments')) 'Guides CQP';" ^
  "New-Item -ItemType Directory -Force $folder | Out-Null;" ^
  "$link = (New-Object -ComObject WScript.Shell).CreateShortcut((Join-Path ([Environment]::GetFolderPath('Desktop')) 'Guides CQP.lnk'));" ^
  "$link.TargetPath = Join-Path $here '.venv\Scripts\cqp-forms.exe';" ^
  "$link.Arguments = 'app \"' + $folder + '\"';" ^
  "$link.WorkingDirectory = $folder;" ^
  "$link.WindowStyle = 7;" ^
  "$link.Description = 'Remplir, contrôler et émettre les guides d’évaluation';" ^
  "$link.Save();" ^
  "Start-Process (Join-Path ([Environment]::GetFolderPath('Desktop')) 'Guides CQP.lnk')" || goto failed

echo.
echo C’est fait : « Guides CQP » est sur le bureau, et l’écran s’ouvre dans le navigateur.
echo Vos fiches vont dans Documents\Guides CQP.
pause
exit /b 0

:failed
echo.
echo L’installation n’a pas abouti. Copiez ce qui est écrit au-dessus et transmettez-le.
pause
exit /b 1
