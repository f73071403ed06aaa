package config

import "itsme-bridge/cmd/internal/config/document"

// Audit says where the audit stream goes; the zero value: there is none.
type Audit struct {
	Stdout bool
	File   string // its path
}

func readAudit(s document.Section) Audit {
	to := s.Value("to")
	if to.Text() == "stdout" {
		return Audit{Stdout: true}
	}
	return Audit{File: to.NewFile()}
}
