package main_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"itsme-bridge/itsme/sandbox"
	"itsme-bridge/storage/storagetest"
)

// systemd is its end of the notification socket (sd_notify(3)).
type systemd struct {
	t    *testing.T
	conn *net.UnixConn
	path string
}

func listensAsSystemd(t *testing.T) systemd {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return systemd{t, conn, path}
}

// hears is the next message that is of a kind, and all before it. Signs of life may come at any time.
func (s systemd) hears(kind string) string {
	s.t.Helper()
	if err := s.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	buffer := make([]byte, 4096)
	for {
		n, err := s.conn.Read(buffer)
		if err != nil {
			s.t.Fatalf("systemd does not hear %s: %v", kind, err)
		}
		message := string(buffer[:n])
		switch {
		case strings.HasPrefix(message, kind):
			return message
		case message != "WATCHDOG=1":
			s.t.Fatalf("systemd hears %q, want %s", message, kind)
		}
	}
}

func (s systemd) wants(kind, status string) {
	s.t.Helper()
	if message := s.hears(kind); !strings.Contains(message, "STATUS="+status) {
		s.t.Errorf("systemd hears %q, want the status %q", message, status)
	}
}

// The real process, as `Type=notify` of the unit has it.
func TestSystemdIsTold(t *testing.T) {
	world, cm, address, folder := storagetest.New(t), sandbox.NewServer(t), free(t), t.TempDir()
	file := filepath.Join(folder, "config.yaml")
	text := fmt.Sprintf(drained, address, cm.URL, world.Address())
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	s := listensAsSystemd(t)
	d, err := begin(folder, []string{"NOTIFY_SOCKET=" + s.path, "WATCHDOG_USEC=900000"}, "serve", "--config", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.kill)
	s.wants("READY=1", "serving http://"+address)
	s.hears("WATCHDOG=1")

	last := int64(0)
	hangup := func() {
		t.Helper()
		if err := d.signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		message := s.hears("RELOADING=1")
		_, at, _ := strings.Cut(message, "\nMONOTONIC_USEC=")
		at, _, _ = strings.Cut(at, "\n")
		when, err := strconv.ParseInt(at, 10, 64)
		if err != nil || when <= last {
			t.Errorf("it says %q, the time before being %d", message, last)
		}
		last = when
	}
	hangup()
	s.wants("READY=1", "serving http://"+address)
	write("nonsense")
	hangup()
	s.wants("READY=1", "serving http://"+address+"; the new configuration was refused")
	s.hears("WATCHDOG=1")

	if err := d.signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.wants("STOPPING=1", "draining")
	if code, err := d.exit(); code != 0 || err != nil {
		t.Errorf("it ends with %d, %v", code, err)
	}
}
