# Everything for Windows, in PowerShell, from the root of a clone:  packaging\windows\build.ps1 [-Sign "NAME"]
# Needs Python 3.11 to 3.13 (from python.org), Inno Setup 6 and, to sign, signtool of the Windows SDK.
param([string]$Sign = "", [string]$TimeStamp = "http://timestamp.digicert.com")
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..")

function Check { if ($LASTEXITCODE -ne 0) { throw "that ended with $LASTEXITCODE" } }
$python = if ($env:PYTHON) { $env:PYTHON } else { "python" }

& $python -m venv build\tools; Check
$tools = "build\tools\Scripts\python.exe"
& $tools -m pip install --quiet -c packaging\constraints.txt hatchling pillow PySide6-Essentials; Check
New-Item -ItemType Directory -Force dist | Out-Null
Remove-Item dist\colophon-*.whl -ErrorAction SilentlyContinue
& $tools -m hatchling build -t wheel -d dist; Check
& $tools packaging\make_icon.py build\colophon.ico; Check
$env:COLOPHON_ICON = (Resolve-Path build\colophon.ico).Path
$wheel = (Get-ChildItem dist\colophon-*.whl | Select-Object -First 1).FullName
& $tools packaging\build_folder.py $wheel dist; Check

$version = ((& build\folder\colophon\colophon.exe --version) -split " ")[1]
if ($Sign) {
    Get-ChildItem build\folder\colophon\*.exe | ForEach-Object {
        & signtool sign /fd sha256 /tr $TimeStamp /td sha256 /n $Sign $_.FullName; Check
    }
    & iscc "/DVersion=$version" /DSign "/Ssigntool=signtool sign /fd sha256 /tr $TimeStamp /td sha256 /n `$q$Sign`$q `$f" packaging\windows\colophon.iss; Check
} else {
    & iscc "/DVersion=$version" packaging\windows\colophon.iss; Check
}
& $tools packaging\smoke.py --version $version build\folder\colophon\colophon.exe; Check
