// Package systemd holds no code: its tests look at the unit, make the packages, and
// install them where nothing of this machine is changed.
package systemd
