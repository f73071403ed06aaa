//go:build products

package applicationtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"itsme-bridge/deploy/internal/e2e"
)

// everything is all that an application may ask for.
const everything = "profile,email,phone,address"

// Start starts a world with sessions, and puts the application that is to run at URL
// into the bridge's configuration, by `client new --for PRODUCT` with all that it may know.
func Start(t testing.TB, product string, flags ...string) *Application {
	t.Helper()
	port := e2e.Port(t)
	a := &Application{World: e2e.Start(t, "session: {ttl: 1h}"), T: t, Port: port, URL: "http://127.0.0.1:" + port}
	flags = append([]string{"--for", product, "--name", "Example", "--url", a.URL, "--scopes", everything}, flags...)
	a.Client = a.NewClient(flags...)
	return a
}

// Beside copies files and folders of the test's folder to where `client new --out` wrote.
func (a *Application) Beside(names ...string) {
	a.T.Helper()
	for _, name := range names {
		err := fs.WalkDir(os.DirFS("."), name, func(file string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() {
				return os.MkdirAll(a.Client.File(file), 0o700)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			return os.WriteFile(a.Client.File(file), text, 0o600)
		})
		if err != nil {
			a.T.Fatal(err)
		}
	}
}

// Link is Beside for something that is elsewhere, and large.
func (a *Application) Link(file string) {
	a.T.Helper()
	if err := os.Symlink(file, a.Client.File(filepath.Base(file))); err != nil {
		a.T.Fatal(err)
	}
}

// Run does what the guide says under "sh start", in the folder where `client new --out`
// wrote, and waits until the application answers and has said at which port.
func (a *Application) Run(environment ...string) {
	a.T.Helper()
	command := e2e.Guide(a.T, "README.md").Shell("start")
	command.Dir = a.Client.Folder
	command.Env = append(os.Environ(), environment...)
	a.Process = e2e.Run(a.T, "the application", command)
	a.Process.Until(a.URL)
	a.Process.Await(a.Port, 1)
}

// NPM is the folder of the packages that npm installs for these applications.
func NPM(t testing.TB) string {
	t.Helper()
	return filepath.Join(e2e.Tool(t, "npm"), "node_modules")
}

// PythonPath is a PATH whose python has the packages of these applications.
func PythonPath(t testing.TB) string {
	t.Helper()
	return "PATH=" + filepath.Join(e2e.Tool(t, "pip"), "bin") + string(os.PathListSeparator) + os.Getenv("PATH")
}
