#!/usr/bin/env bash
# aar.sh LIBRARIES REFERENCE OUT
# The artefact for Android, as Maven Central and Gradle take it, in the repository layout under OUT: an AAR of what the tests ran (target/classes and, of
# target/test-classes, what only Android has), of the libraries that LIBRARIES has in a folder per processor, and of the rules for R8; its POM, its module
# metadata for Gradle, its sources, and REFERENCE as the documentation. `mvn test-compile` comes before it.
source "$(dirname "$0")/../scripts/lib.sh"
[ $# = 3 ] || die "usage: aar.sh LIBRARIES REFERENCE OUT"
libraries="$(cd "$1" && pwd)" reference="$(cd "$2" && pwd)"
mkdir -p "$3"
out="$(cd "$3" && pwd)"
cd "$ROOT/bindings-kotlin"

value() { sed -n "s|^ *<$1>\(.*\)</$1>.*|\1|p" pom.xml | head -n 1; }
group=io.github.pocketkms name=pocketkms-android version="$(value version)"
kotlin="$(value kotlin.stdlib.version)" coroutines="$(value coroutines.version)" jna="$(value jna.version)"
for given in "$version" "$kotlin" "$coroutines" "$jna"; do [ -n "$given" ] || die "pom.xml does not say a version"; done
folder="$out/${group//.//}/$name/$version"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
rm -rf "$folder"
mkdir -p "$folder" "$work"/{aar,classes,sources}

# The same archive whenever it is made: no times of files.
archive() { (cd "$2" && find . -type f | LC_ALL=C sort | sed 's|^\./||' >"$work/list" && jar --create --no-manifest --date=2020-01-01T00:00:00Z --file "$1" "@$work/list"); }

# --- The libraries: one per processor, for that processor, in pages of 16 KiB, without the names and paths of the machine that built them.
abis="arm64-v8a armeabi-v7a x86_64"
for abi in $(ls "$libraries"); do [[ " $abis " == *" $abi "* ]] || die "$libraries/$abi: no such processor ($abis)"; done
for abi in $abis; do
  for library in "$libraries/$abi"/*.so; do
    [ -f "$library" ] || die "no library for $abi"
    case "$abi" in arm64-v8a) machine=AArch64 ;; armeabi-v7a) machine=ARM ;; x86_64) machine='Advanced Micro Devices X86-64' ;; esac
    found="$(readelf --file-header "$library" | sed -n 's/^ *Machine: *//p')"
    [ "$found" = "$machine" ] || die "$library is for $found"
    alignments="$(readelf --program-headers --wide "$library" | awk '$1 == "LOAD" { print $NF }')"
    [ -n "$alignments" ] || die "$library has no segment to be loaded"
    for alignment in $alignments; do ((alignment >= 16384)) || die "$library: a segment is aligned to $alignment, and Android's pages may have 0x4000 (-z max-page-size=16384)"; done
    if readelf --section-headers --wide "$library" | grep -qE ' \.(symtab|debug_info) '; then die "$library is not stripped"; fi
    for path in "$ROOT" "$HOME/" /home/runner/; do
      if grep -aqF "$path" "$library"; then die "$library has a path of this machine in it: $path"; fi
    done
    mkdir -p "$work/aar/jni/$abi"
    cp "$library" "$work/aar/jni/$abi/"
  done
  [ -e "$work/aar/jni/$abi/libpocketkms_uniffi.so" ] || die "no libpocketkms_uniffi.so for $abi"
  [ ! -e "$work/aar/jni/$abi/libjnidispatch.so" ] || die "JNA brings libjnidispatch.so itself: twice would be a conflict"
done

# --- The classes. What lies beside the resources for the JVM (its library) stays out.
[ -e target/classes/pocketkms/Vault.class ] && [ -e target/test-classes/pocketkms/android/AndroidKeystoreRootKey.class ] || die "no classes: mvn test-compile"
cp -R target/classes/pocketkms target/classes/META-INF "$work/classes/"
cp -R target/test-classes/pocketkms/{android,media3} "$work/classes/pocketkms/"
[ -e "$work/classes/META-INF/pocketkms/LICENSE-MIT" ] || die "no licences: build.sh"
archive "$work/aar/classes.jar" "$work/classes"

# --- What else an AAR has.
cp src/android/AndroidManifest.xml "$work/aar/"
cp src/android/consumer-rules.pro "$work/aar/proguard.txt"
: >"$work/aar/R.txt"
metadata="$work/aar/META-INF/com/android/build/gradle"
mkdir -p "$metadata"
printf '%s\n' aarFormatVersion=1.0 aarMetadataVersion=1.0 minCompileSdk=28 minCompileSdkExtension=0 minAndroidGradlePluginVersion=1.0.0 >"$metadata/aar-metadata.properties"
archive "$folder/$name-$version.aar" "$work/aar"

cp -R src/main/kotlin/. src/android/kotlin/. target/generated-sources/uniffi/. "$work/sources/"
archive "$folder/$name-$version-sources.jar" "$work/sources"
[ -n "$(ls "$reference")" ] || die "$reference is empty"
archive "$folder/$name-$version-javadoc.jar" "$reference"

# --- Who depends on what: for Maven, and for Gradle, which learns from the second that the jar for the JVM is the same library.
fill() { sed -e "s|@version@|$version|g; s|@kotlin@|$kotlin|g; s|@coroutines@|$coroutines|g; s|@jna@|$jna|g" "$1"; }
fill src/android/artefact.pom >"$folder/$name-$version.pom"
aar="$folder/$name-$version.aar"
sum() { "$1"sum "$2" | cut -d ' ' -f 1; }
fill src/android/artefact.module | sed -e "s|@size@|$(wc -c <"$aar" | tr -d ' ')|g; s|@sha1@|$(sum sha1 "$aar")|g; s|@sha256@|$(sum sha256 "$aar")|g; s|@md5@|$(sum md5 "$aar")|g" >"$folder/$name-$version.module"
if grep -n '@[a-z0-9]*@' "$folder/$name-$version".{pom,module}; then die "something was not filled in"; fi
for file in "$folder"/*; do for kind in md5 sha1 sha256; do sum "$kind" "$file" >"$file.$kind"; done; done
echo "$folder"
