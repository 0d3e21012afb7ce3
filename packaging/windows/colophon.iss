; The installer for Windows, with Inno Setup 6:  iscc /DVersion=X.Y.Z packaging\windows\colophon.iss
; It packs build\folder\colophon (PyInstaller); build.ps1 does everything in order.

#ifndef Version
  #error Give the version: iscc /DVersion=X.Y.Z
#endif

[Setup]
AppId={{8E0C5B1E-5B0B-4F5C-9C86-1C0F0C3A2D61}
AppName=Colophon
AppVersion={#Version}
AppPublisher=The Colophon authors
DefaultDirName={autopf}\Colophon
DefaultGroupName=Colophon
DisableProgramGroupPage=yes
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename=colophon-{#Version}-windows-setup
SetupIconFile=..\..\build\colophon.ico
UninstallDisplayIcon={app}\colophon-window.exe
Compression=lzma2/max
SolidCompression=yes
; For one user without an administrator's password, or for all.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
ChangesAssociations=yes
ChangesEnvironment=yes
#ifdef Sign
; iscc "/Ssigntool=signtool sign /fd sha256 /tr http://TIME-STAMP-SERVER /td sha256 /n NAME $f" /DSign ...
SignTool=signtool
SignedUninstaller=yes
#endif

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"
Name: "es"; MessagesFile: "compiler:Languages\Spanish.isl"
Name: "fr"; MessagesFile: "compiler:Languages\French.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "path"; Description: "Let the command line find colophon (PATH)"; Flags: unchecked

[Files]
Source: "..\..\build\folder\colophon\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{group}\Colophon"; Filename: "{app}\colophon-window.exe"
Name: "{autodesktop}\Colophon"; Filename: "{app}\colophon-window.exe"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "Software\Classes\.colophon\OpenWithProgids"; ValueType: string; ValueName: "Colophon.Certificate"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.colophon"; ValueType: string; ValueName: "Content Type"; ValueData: "application/vnd.colophon.certificate+json"; Flags: uninsdeletevalue uninsdeletekeyifempty
Root: HKA; Subkey: "Software\Classes\Colophon.Certificate"; ValueType: string; ValueData: "Colophon certificate"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Colophon.Certificate\DefaultIcon"; ValueType: string; ValueData: "{app}\colophon-window.exe,0"
Root: HKA; Subkey: "Software\Classes\Colophon.Certificate\shell\open\command"; ValueType: string; ValueData: """{app}\colophon-window.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\colophon"; ValueType: string; ValueData: "URL:Colophon"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\colophon"; ValueType: string; ValueName: "URL Protocol"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\colophon\shell\open\command"; ValueType: string; ValueData: """{app}\colophon-window.exe"" ""%1"""
Root: HKCU; Subkey: "Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: NotInPath

[Run]
Filename: "{app}\colophon-window.exe"; Description: "{cm:LaunchProgram,Colophon}"; Flags: nowait postinstall skipifsilent

[Code]
function NotInPath(): Boolean;
var
  Path: string;
begin
  if not RegQueryStringValue(HKCU, 'Environment', 'Path', Path) then
    Path := '';
  Result := (not IsAdminInstallMode()) and (Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Path) + ';') = 0);
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Path, Folder: string;
  At: Integer;
begin
  // What the user keeps in %LOCALAPPDATA%\colophon is never touched. Only our own entry leaves the PATH.
  if (Step <> usPostUninstall) or not RegQueryStringValue(HKCU, 'Environment', 'Path', Path) then
    exit;
  Folder := ';' + ExpandConstant('{app}');
  At := Pos(Uppercase(Folder) + ';', Uppercase(Path) + ';');
  if At > 0 then
  begin
    Delete(Path, At, Length(Folder));
    RegWriteExpandStringValue(HKCU, 'Environment', 'Path', Path);
  end;
end;
