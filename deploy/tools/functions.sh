# What the scripts beside this file share. They source it, at the root of the repository:
#
#   cd "$(dirname "$0")/../.."
#   . deploy/tools/functions.sh

has() { # has NAME...: one of them is in PATH
	for name in "$@"; do
		command -v "$name" >/dev/null 2>&1 && return 0
	done
	return 1
}

quietly() { # quietly COMMAND...: its words only where it fails
	log=$(mktemp)
	"$@" >"$log" 2>&1 </dev/null && failed=0 || failed=$?
	[ $failed = 0 ] || tail -n 20 "$log" >&2
	rm -f "$log"
	return $failed
}

may_install() { [ "$(id -u)" = 0 ] && has apt-get; }

install_packages() { # install_packages PACKAGE...: of Debian or Ubuntu, where this may
	echo "$(basename "$0"): apt-get install $*" >&2
	quietly apt-get update &&
		quietly env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends "$@"
}

version() { # what this is called: what VERSION says, or git
	if [ -n "${VERSION:-}" ]; then
		echo "$VERSION"
	else
		git describe --tags --always --dirty 2>/dev/null || echo unknown
	fi
}

revision() { # the commit: what REVISION says, or git
	if [ -n "${REVISION:-}" ]; then
		echo "$REVISION"
	else
		git rev-parse HEAD 2>/dev/null || echo unknown
	fi
}

epoch() { # when this was made, in seconds: what SOURCE_DATE_EPOCH says, or when the commit was
	if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
		echo "$SOURCE_DATE_EPOCH"
	else
		git log -1 --format=%ct 2>/dev/null || echo 0
	fi
}

release_tool() { # release_tool NAME ARGUMENT...: nfpm or cyclonedx-gomod, built so that they are the same bytes everywhere: a bill of materials says of which tool it is
	CGO_ENABLED=0 GOFLAGS='-trimpath -buildvcs=false' go tool -modfile=deploy/tools/release/go.mod "$@"
}

bill_of_materials() { # bill_of_materials BINARY FILE: what a binary is made of, as CycloneDX's JSON
	release_tool cyclonedx-gomod bin -json -std -noserial -notimestamp -output-version 1.6 -version "$(version)" -output "$2" "$1"
}

run_tests() { # run_tests FLAGS-AND-PACKAGES...: of go test. With CI=true a skipped test is a failure
	events=$(mktemp)
	# -count=1: what the tests start is not among the inputs that Go's test cache knows.
	go tool -modfile=deploy/tools/go.mod gotestsum --format standard-quiet --jsonfile "$events" -- -count=1 "$@" && failed=0 || failed=$?
	# A package without tests is "skipped" as well, but names no test.
	if [ "${CI:-}" = true ] && grep -q '"Action":"skip".*"Test":' "$events"; then
		echo "$(basename "$0"): CI=true, and tests were skipped (see above)" >&2
		failed=1
	fi
	rm -f "$events"
	return $failed
}

# A script deploy/tools/e2e-NAME brings a pinned download into the cache, and prints its folder as its last line:
#
#   pinned NAME [FILE...]        ends the script where this very script has run before, with these very files (lock files, say)
#   …                            fills the folder $fresh; with checksums
#   installed                    makes $fresh what is there
#
# It may be run at any time, and by two at once.
pinned() {
	name=$1
	shift
	folder=${XDG_CACHE_HOME:-$HOME/.cache}/itsme-bridge/e2e/$name
	made_by=$(cat "deploy/tools/e2e-$name" "$@" | cksum)
	if [ "$(cat "$folder/.made-by" 2>/dev/null)" = "$made_by" ]; then
		echo "$folder"
		exit 0
	fi
	fresh=$folder.$$
	trap 'rm -rf "$fresh"' EXIT
	rm -rf "$fresh"
	mkdir -p "$fresh"
	echo "e2e-$name: installing" >&2
}

installed() {
	echo "$made_by" >"$fresh/.made-by"
	rm -rf "$folder"
	mv "$fresh" "$folder"
	echo "$folder"
}
