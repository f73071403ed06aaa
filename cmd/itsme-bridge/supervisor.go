package main

import (
	"github.com/coreos/go-systemd/v22/daemon"

	"itsme-bridge/cmd/internal/app"
)

// supervisor is systemd, where it has started this process with NOTIFY_SOCKET and, for
// its watchdog, WATCHDOG_USEC in the environment; elsewhere nobody listens.
func supervisor() app.Supervisor {
	watchdog, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		watchdog = 0 // it is not systemd that has set it
	}
	return app.Supervisor{
		Tell:     func(state string) { _, _ = daemon.SdNotify(false, state) }, // who does not listen misses nothing that is ours
		Clock:    daemon.SdNotifyMonotonicUsec,
		Watchdog: watchdog,
	}
}
