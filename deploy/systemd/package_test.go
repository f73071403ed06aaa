//go:build products

package systemd_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
)

// packages makes those of a version for this machine, of binaries that are built already, and returns the folder.
func packages(t *testing.T, binaries, version string) string {
	t.Helper()
	folder := t.TempDir()
	run(t, []string{"VERSION=" + version, "ARCHITECTURES=amd64", "BINARIES=" + binaries}, "deploy/systemd/build", folder)
	return folder
}

// built are the binary and the manual, made once.
func built(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	run(t, []string{"VERSION=v1.2.3", "GOOS=linux", "GOARCH=amd64"}, "deploy/tools/build", filepath.Join(folder, "linux_amd64"), "./cmd/itsme-bridge")
	run(t, []string{"MAN=" + filepath.Join(folder, "man")}, "go", "test", "-count=1", "-run", "^TestManPages$", "./cmd/itsme-bridge")
	return folder
}

func run(t *testing.T, environment []string, program string, args ...string) {
	t.Helper()
	if strings.HasPrefix(program, "deploy/") {
		program = filepath.Join(e2e.Root(), program)
	}
	command := exec.Command(program, args...)
	command.Dir, command.Env = e2e.Root(), append(os.Environ(), environment...)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// elsewhere runs a script as root, on what looks like this machine and of which nothing stays.
func elsewhere(t *testing.T, script string, files ...string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("NOT TESTED: only root can install a package")
	}
	const around = `mount -t tmpfs none /mnt; mkdir /mnt/upper /mnt/work /mnt/all
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/all
mount -t proc proc /mnt/all/proc
mkdir -p /mnt/all/given; cp "$@" /mnt/all/given
exec chroot /mnt/all sh -euc "cd /given; $SCRIPT"`
	command := exec.Command("unshare", append([]string{"--mount", "--", "sh", "-euc", around, "sh"}, files...)...)
	command.Env = append(os.Environ(), "SCRIPT="+script, "DEBIAN_FRONTEND=noninteractive")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// asUser is a command of the guide, for a machine without sudo.
func asUser(text string) string {
	return strings.ReplaceAll(text, "sudo -u itsme-bridge", "runuser -u itsme-bridge --")
}

func TestThePackagesAreMadeAlikeTwice(t *testing.T) {
	needs(t, "rpm")
	binaries := built(t)
	first, second, next := packages(t, binaries, "v1.2.3"), packages(t, binaries, "v1.2.3"), packages(t, binaries, "v1.2.4")
	for _, name := range []string{"itsme-bridge_1.2.3_amd64.deb", "itsme-bridge_1.2.3_amd64.rpm"} {
		one, err := os.ReadFile(filepath.Join(first, name))
		if err != nil {
			t.Fatal(err)
		}
		other, err := os.ReadFile(filepath.Join(second, name))
		if err != nil || !bytes.Equal(one, other) {
			t.Errorf("%s is another the second time: %v", name, err)
		}
	}
	t.Run("deb", func(t *testing.T) {
		installDeb(t, filepath.Join(first, "itsme-bridge_1.2.3_amd64.deb"), filepath.Join(next, "itsme-bridge_1.2.4_amd64.deb"))
	})
	t.Run("rpm", func(t *testing.T) { installRPM(t, filepath.Join(first, "itsme-bridge_1.2.3_amd64.rpm")) })
}

// installDeb goes the way of a newcomer: install, configure with the guide's commands, upgrade, remove, purge.
func installDeb(t *testing.T, deb, next string) {
	t.Helper()
	configure := asUser(e2e.Guide(t, "README.md").Fence("sh configure"))
	token := filepath.Join(t.TempDir(), "merchant-token")
	if err := os.WriteFile(token, []byte("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	said := elsewhere(t, `dpkg -i itsme-bridge_1.2.3_amd64.deb
echo "== user: $(getent passwd itsme-bridge | cut -d: -f1,6,7)"
echo "== folder: $(stat -c '%U:%G %a' /etc/itsme-bridge)"
echo "== modes: $(stat -c '%n %U:%G %a' /usr/bin/itsme-bridge /usr/lib/systemd/system/itsme-bridge.service | tr '\n' ' ')"
echo "== pages: $(ls /usr/share/man/man1 | grep -c '^itsme-bridge')"
`+configure+`echo "== secrets: $(stat -c '%n %U %a' /etc/itsme-bridge/* | tr '\n' ' ')"
before=$(cat /etc/itsme-bridge/* | sha256sum)
dpkg -i itsme-bridge_1.2.4_amd64.deb
echo "== version: $(dpkg-query --showformat '${Version}' --show itsme-bridge)"
[ "$before" = "$(cat /etc/itsme-bridge/* | sha256sum)" ] && echo '== an upgrade changes nothing'
dpkg -r itsme-bridge; [ ! -e /usr/bin/itsme-bridge ] && echo '== it is gone'
dpkg -P itsme-bridge; [ "$before" = "$(cat /etc/itsme-bridge/* | sha256sum)" ] && echo '== the salt stays'
`, deb, next, token)
	for _, want := range []string{
		"== user: itsme-bridge:/nonexistent:/usr/sbin/nologin\n",
		"== folder: itsme-bridge:itsme-bridge 750\n",
		"== modes: /usr/bin/itsme-bridge root:root 755 /usr/lib/systemd/system/itsme-bridge.service root:root 644 \n",
		"it has no configuration yet",
		"/etc/itsme-bridge/config.yaml is fine",
		"/etc/itsme-bridge/cm-token itsme-bridge 600",
		"/etc/itsme-bridge/master-key itsme-bridge 600",
		"/etc/itsme-bridge/salt itsme-bridge 600",
		"== version: 1.2.4\n",
		"== an upgrade changes nothing\n",
		"== it is gone\n",
		"== the salt stays\n",
		"/etc/itsme-bridge stays, with the salt",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("there is no %q in\n%s", want, said)
		}
	}
	if strings.Contains(said, "== pages: 0\n") || strings.Count(said, "it has no configuration yet") != 1 {
		t.Errorf("it says\n%s", said)
	}
}

// installRPM asks what an rpm says of itself, and lets it make its user.
func installRPM(t *testing.T, file string) {
	t.Helper()
	said := elsewhere(t, `mkdir /db; rpm --dbpath /db --initdb
rpm --dbpath /db --force-debian --nodeps -i itsme-bridge_1.2.3_amd64.rpm
echo "== user: $(getent passwd itsme-bridge | cut -d: -f1,6,7)"
echo "== folder: $(stat -c '%U:%G %a' /etc/itsme-bridge)"
runuser -u itsme-bridge -- itsme-bridge init --issuer https://login.example.be --dir /etc/itsme-bridge
rpm --dbpath /db --force-debian -e itsme-bridge
[ ! -e /usr/bin/itsme-bridge ] && [ -s /etc/itsme-bridge/salt ] && echo '== the salt stays'
`, file)
	for _, want := range []string{"== user: itsme-bridge:/nonexistent:/usr/sbin/nologin\n", "== folder: itsme-bridge:itsme-bridge 750\n", "== the salt stays\n"} {
		if !strings.Contains(said, want) {
			t.Errorf("there is no %q in\n%s", want, said)
		}
	}
}
