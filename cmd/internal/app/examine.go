package app

import (
	"crypto/tls"
	"encoding/hex"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/cmd/internal/echo"
	"itsme-bridge/cmd/internal/machine"
	"itsme-bridge/storage"
)

// textPurpose is what the mark of a configuration's text is made for.
const textPurpose = "text of the configuration"

// TextMark says which text of a configuration a bridge has read, to whoever has the
// master key: it is a MAC under it, since the text may hold secrets.
func TextMark(c *config.Config) string {
	text := c.Text()
	return storage.NewKeyring(c.MasterKey.Current).MAC(textPurpose, hex.EncodeToString(text[:]))
}

// SameText reports whether a bridge has read the text of this configuration.
func SameText(c *config.Config, mark string) bool {
	text := c.Text()
	return storage.NewKeyring(c.MasterKey.Current, c.MasterKey.Accept...).VerifyMAC(mark, textPurpose, hex.EncodeToString(text[:]))
}

// told keeps which configuration was read last.
func (a *App) told(c *config.Config) {
	mark := TextMark(c)
	a.text.Store(&mark)
}

// running is what this process tells a doctor.
func (a *App) running() echo.Running {
	return echo.Running{Version: a.version, Configuration: *a.text.Load(), Machine: machine.Look()}
}

// Certificate is how the public listener serves TLS with these files; nil without any.
func Certificate(files config.CertificateFiles) (*tls.Config, error) {
	if files == (config.CertificateFiles{}) {
		return nil, nil //nolint:nilnil // crypto/tls means "none" by it
	}
	c, err := newCertificate(files)
	if err != nil {
		return nil, err
	}
	return c.config(), nil
}
