package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"itsme-bridge/cmd/internal/config"
	"itsme-bridge/storage"
)

const (
	configID    = "config"
	configTitle = "the configuration has no problem"
)

// unread is why there is no configuration to look at.
func unread(err error) (found []Finding) {
	invalid, ok := errors.AsType[*config.InvalidError](err)
	if !ok {
		found = one(bad(err.Error(), "name the file by --config, and let this user read it"))
	} else {
		for _, problem := range invalid.Problems {
			saw, advice, _ := strings.Cut(problem.String(), "; ")
			found = append(found, bad(saw, orElse(advice, "correct that line")))
		}
	}
	for i := range found {
		found[i].ID, found[i].Title = configID, configTitle
	}
	return found
}

func checkConfig(_ context.Context, p *patient) []Finding {
	var found []Finding
	for _, warning := range p.settings.Warnings() {
		saw, advice, _ := strings.Cut(warning.String(), "; ")
		found = append(found, warn(saw, orElse(advice, "look at that line")))
	}
	if len(found) == 0 {
		return one(fine("%s has no problem", p.File))
	}
	return found
}

// checkFiles looks at who else could change what the bridge reads. Who else can read it
// is a warning of the configuration.
func checkFiles(_ context.Context, p *patient) []Finding {
	files := append([]config.NamedFile{{Name: p.File, Private: true}}, p.settings.Files()...)
	var found []Finding
	for _, f := range files {
		if saw, advice := exposed(f.Name); saw != "" {
			found = append(found, bad(saw, advice).about(f.Name))
		}
	}
	if len(found) == 0 {
		return one(fine("nobody but their owner can change what is read (files: %d)", len(files)))
	}
	return found
}

// exposed says who else could change a file, if anybody; a link counts as what it leads to.
func exposed(name string) (saw, advice string) {
	for _, of := range []string{name, filepath.Dir(name)} {
		info, err := os.Stat(of)
		if err != nil {
			return err.Error(), "let this user read it"
		}
		mode := info.Mode().Perm()
		if info.IsDir() && info.Mode()&fs.ModeSticky != 0 { // as /tmp is: others can add, and not replace
			continue
		}
		if mode&0o022 != 0 {
			return fmt.Sprintf("%s: other users can change it (mode %04o)", of, mode), "chmod go-w " + of
		}
		if whose := strangers(info); whose != "" {
			return of + ": it belongs to " + whose, "chown it to root or to the user of the bridge"
		}
	}
	return "", ""
}

func checkSecrets(_ context.Context, p *patient) []Finding {
	var found []Finding
	for _, example := range p.settings.Examples() {
		found = append(found, warn(example.Path+" "+example.Text, "make your own before others than this machine can reach the bridge: itsme-bridge init"))
	}
	if len(found) > 0 {
		return found
	}
	ids := storage.NewKeyring(p.settings.MasterKey.Current, p.settings.MasterKey.Accept...).IDs()
	accepts := ""
	if len(ids) > 1 {
		accepts = ", and accepts " + strings.Join(ids[1:], ", ")
	}
	return one(fine("the master key is %s%s; the fingerprint of the salt is %s", ids[0], accepts, config.Fingerprint(p.settings.Salt)))
}
