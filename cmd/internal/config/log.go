package config

import (
	"io"
	"log/slog"

	"itsme-bridge/cmd/internal/config/document"
)

// Log says what is logged, and how.
type Log struct {
	Level slog.Level
	Text  bool // as key=value; else JSON
}

func readLog(s document.Section) Log {
	var l Log
	switch s.Value("level").Choice("info", "debug", "info", "warn", "error") {
	case "debug":
		l.Level = slog.LevelDebug
	case "warn":
		l.Level = slog.LevelWarn
	case "error":
		l.Level = slog.LevelError
	}
	l.Text = s.Value("format").Choice("json", "json", "text") == "text"
	return l
}

// Logger writes as the configuration wants.
func (l Log) Logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: l.Level}
	if l.Text {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}
